"""Look-ups over what is exported, made once for all departments.

In: registers, merge result, schedule. Out: dictionaries by id. May import: :mod:`scheduler.domain`.
"""

from collections import defaultdict
from dataclasses import dataclass

from scheduler.domain.plan import Plan
from scheduler.domain.registers import Department, Enterprise, Expert, Inspector, Item, Registers, Task
from scheduler.domain.schedule import Schedule, Seat, Unscheduled
from scheduler.domain.visits import MergeResult, Requirement, Visit


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Rows by id; ``placed`` are each department's visits in the schedule's order, ``left_out`` its
    unscheduled requirements; both lack departments that have none."""

    enterprises: dict[str, Enterprise]
    departments: dict[str, Department]
    inspectors: dict[str, Inspector]
    experts: dict[str, Expert]
    items: dict[str, Item]
    tasks: dict[str, Task]
    requirements: dict[str, Requirement]
    visits: dict[str, Visit]
    seats: dict[str, tuple[Seat, ...]]
    placed: dict[str, list[str]]
    left_out: dict[str, list[Unscheduled]]
    working_min: dict[str, int]


def gather(plan: Plan, registers: Registers, merged: MergeResult, schedule: Schedule) -> Facts:
    """The look-ups; only enterprises with a visit are kept."""
    visits = {row.visit_id: row for row in merged.visits}
    requirements = {row.requirement_id: row for row in merged.requirements}
    concerned = {row.enterprise_id for row in merged.visits}
    seats = _seats_by_visit(schedule)
    inspectors = {row.inspector_id: row for row in registers.inspectors}
    return Facts(
        enterprises={e.enterprise_id: e for e in registers.enterprises if e.enterprise_id in concerned},
        departments={row.department_id: row for row in registers.departments},
        inspectors=inspectors,
        experts={row.expert_id: row for row in registers.experts},
        items={row.item_code: row for row in registers.items},
        tasks=registers.tasks_and_orders(),
        requirements=requirements,
        visits=visits,
        seats=seats,
        placed=_placed(visits, seats),
        left_out=_left_out(requirements, schedule),
        working_min=_working_minutes(plan, registers, {seat.person_id for seat in schedule.seats}),
    )


def _seats_by_visit(schedule: Schedule) -> dict[str, tuple[Seat, ...]]:
    seats: defaultdict[str, list[Seat]] = defaultdict(list)
    for seat in sorted(
        schedule.seats, key=lambda s: (s.day, s.start_min, s.visit_id, s.department_id, s.person_id)
    ):
        seats[seat.visit_id].append(seat)
    return {visit_id: tuple(rows) for visit_id, rows in seats.items()}


def _placed(visits: dict[str, Visit], seats: dict[str, tuple[Seat, ...]]) -> dict[str, list[str]]:
    placed: defaultdict[str, list[str]] = defaultdict(list)
    for visit_id in seats:
        for department_id in sorted(set(visits[visit_id].department_ids)):
            placed[department_id].append(visit_id)
    return dict(placed)


def _left_out(requirements: dict[str, Requirement], schedule: Schedule) -> dict[str, list[Unscheduled]]:
    left_out: defaultdict[str, list[Unscheduled]] = defaultdict(list)
    for row in sorted(schedule.unscheduled, key=lambda row: row.requirement_id):
        for department_id in sorted(set(requirements[row.requirement_id].department_ids)):
            left_out[department_id].append(row)
    return dict(left_out)


def _working_minutes(plan: Plan, registers: Registers, people: set[str]) -> dict[str, int]:
    """Each seated inspector's minutes: working days in the window less leave and expired certificate,
    times the day's minutes, with the committed floor (DESIGN §11)."""
    settings = plan.settings
    per_day = sum(end - start for start, end in settings.hours.pieces)
    days = [
        row.day for row in registers.calendar if row.is_working and settings.start <= row.day < settings.end
    ]
    away = {(row.person_id, day) for row in registers.leave for day in days if row.start <= day < row.end}
    return {
        who.inspector_id: max(
            settings.goals.capacity_floor_min,
            per_day
            * sum(day <= who.certificate_expires and (who.inspector_id, day) not in away for day in days),
        )
        for who in registers.inspectors
        if who.inspector_id in people
    }
