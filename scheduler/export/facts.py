"""Look-ups over what is exported, made once for all departments.

In: registers, merge result, schedule, what the output may show. Out: dictionaries by id, and each placed
visit with its people and items. May import: :mod:`scheduler.domain`.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from scheduler.domain.plan import Plan
from scheduler.domain.registers import (
    RISK_CLASSES,
    Department,
    Enterprise,
    Expert,
    Inspector,
    Item,
    Registers,
    RiskClass,
    Task,
)
from scheduler.domain.schedule import Schedule, Seat, Unscheduled
from scheduler.domain.visits import MergeResult, Requirement, Visit
from scheduler.export.fields import ROSTERS, Shows
from scheduler.export.redact import only


@dataclass(frozen=True, kw_only=True)
class Placed:
    """One visit with its day and team, every id looked up.

    ``departments`` are those that take part, by id; ``issuer`` is the one that gives the notice. ``items``
    pairs each item with its department's id, by code; ``risk_class`` is the highest of its requirements.
    """

    visit: Visit
    day: dt.date
    start_min: int
    end_min: int
    enterprise: Enterprise
    departments: tuple[Department, ...]
    issuer: Department
    items: tuple[tuple[Item, str], ...]
    tasks: tuple[Task, ...]
    seats: tuple[Seat, ...]
    officers: tuple[tuple[Inspector, str], ...]
    experts: tuple[Expert, ...]
    risk_class: RiskClass

    def items_of(self, department_id: str) -> tuple[Item, ...]:
        """What this department checks there, by code."""
        return tuple(item for item, owner in self.items if owner == department_id)

    def officers_of(self, department_id: str) -> tuple[Inspector, ...]:
        """Whom this department sends, by id."""
        return tuple(who for who, seat in self.officers if seat == department_id)


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

    @cached_property
    def entries(self) -> dict[str, Placed]:
        """Every placed visit by id, in the schedule's order."""
        return {visit_id: self._entry(visit_id) for visit_id in self.seats}

    def entries_of(self, department_id: str) -> list[Placed]:
        """A department's visits in the schedule's order; empty where it has none."""
        return [self.entries[visit_id] for visit_id in self.placed.get(department_id, [])]

    @cached_property
    def entries_by_person(self) -> dict[str, list[Placed]]:
        """Each seated person's visits in the schedule's order, by person's id."""
        found: defaultdict[str, list[Placed]] = defaultdict(list)
        for entry in self.entries.values():
            for person_id in dict.fromkeys(seat.person_id for seat in entry.seats):
                found[person_id].append(entry)
        return {person_id: found[person_id] for person_id in sorted(found)}

    def tasks_of(self, visit: Visit) -> tuple[Task, ...]:
        """The tasks and orders that the visit serves, by id."""
        names = {self.requirements[name].task_id for name in visit.requirement_ids}
        return tuple(self.tasks[name] for name in sorted(names))

    def issuer_of(self, visit: Visit) -> Department:
        """The department that gives the visit's notice: the lead of its first task by id, where that takes
        part, else the first that does."""
        taking_part = sorted(set(visit.department_ids))
        leads = [task.lead_id for task in self.tasks_of(visit) if task.lead_id in taking_part]
        return self.departments[(leads or taking_part)[0]]

    def _entry(self, visit_id: str) -> Placed:
        visit, seats = self.visits[visit_id], self.seats[visit_id]
        needs = [self.requirements[name] for name in visit.requirement_ids]
        taking_part = sorted(set(visit.department_ids))
        pairs = sorted(zip(visit.item_codes, visit.department_ids, strict=True))
        return Placed(
            visit=visit,
            day=seats[0].day,
            start_min=seats[0].start_min,
            end_min=seats[0].end_min,
            enterprise=self.enterprises[visit.enterprise_id],
            departments=tuple(self.departments[name] for name in taking_part),
            issuer=self.issuer_of(visit),
            items=tuple((self.items[code], owner) for code, owner in pairs),
            tasks=self.tasks_of(visit),
            seats=seats,
            officers=tuple(
                (self.inspectors[seat.person_id], seat.department_id)
                for seat in seats
                if seat.role == "officer"
            ),
            experts=tuple(self.experts[seat.person_id] for seat in seats if seat.role == "expert"),
            risk_class=max((need.risk_class for need in needs), key=RISK_CLASSES.index),
        )


def gather(
    plan: Plan, registers: Registers, merged: MergeResult, schedule: Schedule, shows: Shows = ROSTERS
) -> Facts:
    """The look-ups; only enterprises with a visit are kept, and of every row only what ``shows`` names."""
    visits = {row.visit_id: row for row in merged.visits}
    requirements = {row.requirement_id: row for row in merged.requirements}
    concerned = {row.enterprise_id for row in merged.visits}
    seats = _seats_by_visit(schedule)
    enterprises = (row for row in registers.enterprises if row.enterprise_id in concerned)
    tasks = registers.tasks_and_orders().values()
    return Facts(
        enterprises={row.enterprise_id: row for row in only("enterprises", enterprises, shows)},
        departments={row.department_id: row for row in only("departments", registers.departments, shows)},
        inspectors={row.inspector_id: row for row in only("inspectors", registers.inspectors, shows)},
        experts={row.expert_id: row for row in only("experts", registers.experts, shows)},
        items={row.item_code: row for row in only("items", registers.items, shows)},
        tasks={row.task_id: row for row in only("tasks", tasks, shows)},
        requirements=requirements,
        visits=visits,
        seats=seats,
        placed=_placed(visits, seats),
        left_out=_left_out(requirements, schedule),
        working_min=working_minutes(plan, registers, {seat.person_id for seat in schedule.seats}),
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


def working_minutes(plan: Plan, registers: Registers, people: set[str]) -> dict[str, int]:
    """Each of these inspectors' minutes: working days in the window less leave and expired certificate,
    times the day's minutes, with the committed floor (DESIGN §11)."""
    settings = plan.settings
    per_day = sum(end - start for start, end in settings.hours.pieces)
    days = [
        row.day for row in registers.calendar if row.is_working and settings.start <= row.day < settings.end
    ]
    away = {
        (row.person_id, day)
        for row in registers.leave
        if row.person_id in people
        for day in days
        if row.start <= day < row.end
    }
    return {
        who.inspector_id: max(
            settings.goals.capacity_floor_min,
            per_day
            * sum(day <= who.certificate_expires and (who.inspector_id, day) not in away for day in days),
        )
        for who in registers.inspectors
        if who.inspector_id in people
    }
