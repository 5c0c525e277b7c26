"""The planner's report as data: sections of columns, every column a list of the same length.

In: plan, registers, draw, merge result, schedule, certificate. Out: plain integers and strings, positions
instead of ids wherever one row names another. May import: :mod:`scheduler.domain`, this room.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.domain.plan import DrawResult, Plan
from scheduler.domain.problem import GoalResult
from scheduler.domain.registers import Department, Enterprise, Expert, Inspector, Item, Registers, Task
from scheduler.domain.rules import GOALS, RULES
from scheduler.domain.schedule import Certificate, Schedule, Seat
from scheduler.domain.visits import MergeResult, Requirement
from scheduler.export.report_fields import REPORT_FIELDS
from scheduler.export.report_places import Plane, plane_of

View = dict[str, dict[str, list[Any]]]

LEAN_ABOVE = 20_000
"""Visits above which the report leaves out addresses, items and tasks of the single visit, which then stand
in the workbooks alone: a metropolis and its year stays below 20 MB (docs/benchmarks-outputs.md)."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Whole rows by id, of enterprises only those with a visit; ``seats`` are a placed visit's, in order.

    They hold more than the report may show: only what :func:`select` lets through reaches it.
    """

    departments: dict[str, Department]
    enterprises: dict[str, Enterprise]
    inspectors: dict[str, Inspector]
    experts: dict[str, Expert]
    items: dict[str, Item]
    tasks: dict[str, Task]
    requirements: dict[str, Requirement]
    seats: dict[str, list[Seat]]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What all sections are made from; the dictionaries give each id its position in its section."""

    plan: Plan
    registers: Registers
    draw: DrawResult
    merged: MergeResult
    schedule: Schedule
    certificate: Certificate
    rows: Rows
    plane: Plane
    departments: Mapping[str, int]
    districts: Mapping[str, int]
    enterprises: Mapping[str, int]
    people: Mapping[str, int]
    tasks: Mapping[str, int]
    items: Mapping[str, int]
    orders: frozenset[str]
    lean: bool

    def offset(self, day: dt.date) -> int:
        """Days from the campaign's first, within its bounds."""
        settings = self.plan.settings
        return (min(max(day, settings.start), settings.end) - settings.start).days


def ground_of(
    plan: Plan,
    registers: Registers,
    draw: DrawResult,
    merged: MergeResult,
    schedule: Schedule,
    certificate: Certificate,
) -> Ground:
    """Positions by id: departments as in the register, people by department, all others by id."""
    rows = _rows(registers, merged, schedule)
    present = {row.person_id for row in draw.people if row.drawn} | {s.person_id for s in schedule.seats}
    departments = _numbered(row.department_id for row in registers.departments)
    officers = sorted(
        (departments[row.department_id], ident) for ident, row in rows.inspectors.items() if ident in present
    )
    experts = sorted(ident for ident in rows.experts if ident in present)
    return Ground(
        plan=plan,
        registers=registers,
        draw=draw,
        merged=merged,
        schedule=schedule,
        certificate=certificate,
        rows=rows,
        plane=plane_of(plan, registers),
        departments=departments,
        districts=_numbered(sorted({row.district for row in rows.enterprises.values()})),
        enterprises=_numbered(sorted(rows.enterprises)),
        people=_numbered((*(ident for _, ident in officers), *experts)),
        tasks=_numbered(sorted(rows.tasks)),
        items=_numbered(sorted({code for visit in merged.visits for code in visit.item_codes})),
        orders=frozenset(row.order_id for row in registers.orders),
        lean=len(merged.visits) > LEAN_ABOVE,
    )


def _rows(registers: Registers, merged: MergeResult, schedule: Schedule) -> Rows:
    visited = {visit.enterprise_id for visit in merged.visits}
    seats: defaultdict[str, list[Seat]] = defaultdict(list)
    for seat in schedule.seats:
        seats[seat.visit_id].append(seat)
    return Rows(
        departments={row.department_id: row for row in registers.departments},
        enterprises={row.enterprise_id: row for row in registers.enterprises if row.enterprise_id in visited},
        inspectors={row.inspector_id: row for row in registers.inspectors},
        experts={row.expert_id: row for row in registers.experts},
        items={row.item_code: row for row in registers.items},
        tasks=registers.tasks_and_orders(),
        requirements={row.requirement_id: row for row in merged.requirements},
        seats=dict(seats),
    )


def select(view: View) -> View:
    """The view cut down to the declared fields, in their order; a name that the view lacks is a bug."""
    chosen: defaultdict[str, dict[str, list[Any]]] = defaultdict(dict)
    for path in REPORT_FIELDS:
        section, _, column = path.partition(".")
        chosen[section][column] = view[section][column]
    return dict(chosen)


def campaign_sections(ground: Ground) -> View:
    """What concerns the campaign as a whole: figures, goals, rules, tasks, pools, time and plane."""
    return {
        "campaign": _one(_campaign(ground)),
        "solved": _one(_solved(ground)),
        "merging": _one(_merging(ground)),
        "second_doors": _second_doors(ground.merged),
        "goals": _goals(ground.certificate.goals),
        "rules": _rules(ground.certificate),
        "time": _one(_time(ground)),
        "tasks": _tasks(ground),
        "pools": _pools(ground),
    }


def columns(names: str, rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    """Rows as columns; names without rows give empty columns."""
    kept = list(rows)
    parts = zip(*kept, strict=True) if kept else ([] for _ in names.split())
    return {name: list(part) for name, part in zip(names.split(), parts, strict=True)}


def _numbered(idents: Iterable[str]) -> dict[str, int]:
    return {ident: position for position, ident in enumerate(idents)}


def _one(record: dict[str, Any]) -> dict[str, list[Any]]:
    return {name: [value] for name, value in record.items()}


def _campaign(ground: Ground) -> dict[str, Any]:
    settings, plan = ground.plan.settings, ground.plan
    drawn = [row for row in ground.draw.enterprises if row.drawn]
    return {
        "campaign_id": settings.campaign_id,
        "name": settings.name,
        "authority": settings.authority,
        "slot": settings.slot,
        "start": settings.start.isoformat(),
        "end": (settings.end - dt.timedelta(days=1)).isoformat(),
        "rehearsal": settings.rehearsal,
        "rejected_rows": plan.rejected_rows,
        "frame_size": plan.frame_size,
        "strata": len(plan.strata),
        "draws": len(drawn),
        "n_enterprises": len({row.enterprise_id for row in drawn}),
        "n_people": len({row.person_id for row in ground.draw.people if row.drawn}),
        "n_called": ground.certificate.n_called,
        "n_officers": len({seat.person_id for seat in ground.schedule.seats if seat.role == "officer"}),
        "n_visits": len(ground.merged.visits),
        "n_placed": len(ground.rows.seats),
        "n_late_orders": ground.certificate.n_late_orders,
        "n_late_placed": ground.certificate.n_late_placed,
    }


def _solved(ground: Ground) -> dict[str, Any]:
    certificate, report = ground.certificate, ground.schedule.report
    return {
        "attempt": certificate.attempt,
        "method": report.method,
        "solver": report.solver,
        "solver_version": report.solver_version,
        "discretionary": certificate.discretionary,
        "reproducible": certificate.reproducible,
        "other_solver": certificate.other_solver,
        "verdict": certificate.verdict,
        "order": certificate.order,
        "profile": certificate.profile,
        "plan_sha256": certificate.plan_sha256,
        "seed_commitment": certificate.seed_commitment,
        "pair_cap": report.pair_cap.bound_permille if report.pair_cap else 0,
        "notes": list(report.notes),
    }


def _merging(ground: Ground) -> dict[str, Any]:
    names = "n_requirements n_onsite_requirements n_enterprises n_visits doors doors_unmerged n_fewest_proved"
    certificate = ground.certificate
    return {name: getattr(ground.merged.report, name) for name in names.split()} | {
        "n_served": certificate.n_served,
        "n_unscheduled": certificate.n_unscheduled,
    }


def _second_doors(merged: MergeResult) -> dict[str, list[Any]]:
    reasons = Counter(row.reason for row in merged.report.second_doors)
    return columns("reason n_enterprises", sorted(reasons.items()))


def _goals(told: tuple[GoalResult, ...]) -> dict[str, list[Any]]:
    known = {row.goal: row for row in told}
    rows = [
        (goal.goal, component, value, bound, known[goal.goal].proved, goal.sense)
        for goal in GOALS
        if goal.goal in known
        for component, value, bound in zip(
            goal.components, known[goal.goal].value, known[goal.goal].bound, strict=True
        )
    ]
    return columns("goal component value bound proved sense", rows)


def _rules(certificate: Certificate) -> dict[str, list[Any]]:
    later = {rule.rule_id for rule in RULES if rule.state == "later"}
    rows = []
    for verdict in certificate.rules:
        state = "held" if verdict.checked else "no_case"
        if verdict.violations:
            state = "broken"
        elif verdict.rule in later:
            state = "later"
        rows.append((verdict.rule, verdict.checked, verdict.violations, state))
    return columns("rule checked violations state", rows)


def _time(ground: Ground) -> dict[str, Any]:
    settings = ground.plan.settings
    working = sorted(
        ground.offset(row.day)
        for row in ground.registers.calendar
        if row.is_working and settings.start <= row.day < settings.end
    )
    lon, lat = ground.plane.centres.get("", (0, 0))
    return {
        "days": (settings.end - settings.start).days,
        "working": working,
        "pieces": [list(piece) for piece in settings.hours.pieces],
        "lon_udeg": lon,
        "lat_udeg": lat,
        "cosine_ppm": ground.plane.cosine_ppm,
        "lean": ground.lean,
    }


def _tasks(ground: Ground) -> dict[str, list[Any]]:
    """Every task and every order; an order has neither frame nor quota."""
    sizes: Counter[str] = Counter()
    quotas: Counter[str] = Counter()
    for stratum in ground.plan.strata:
        sizes[stratum.task_id] += stratum.size
        quotas[stratum.task_id] += stratum.quota
    asked = Counter(row.task_id for row in ground.merged.requirements)
    needs = ground.rows.requirements
    left = Counter(needs[row.requirement_id].task_id for row in ground.schedule.unscheduled)
    rows = [
        (
            ident,
            ground.rows.tasks[ident].name,
            "order" if ident in ground.orders else "task",
            ground.departments[ground.rows.tasks[ident].lead_id],
            ground.offset(ground.rows.tasks[ident].start),
            ground.offset(ground.rows.tasks[ident].end),
            sizes[ident],
            quotas[ident],
            asked[ident],
            left[ident],
        )
        for ident in ground.tasks
    ]
    return columns("id name kind lead from to size quota requirements unscheduled", rows)


def _pools(ground: Ground) -> dict[str, list[Any]]:
    sent = Counter(row.pool_id for row in ground.draw.people if row.drawn)
    rows = [
        (
            pool.role,
            ground.departments.get(pool.department_id, -1),
            pool.specialty or pool.unit,
            pool.size,
            pool.quota,
            # Of fixed groups all numbers count groups, of whom the draw lists the people.
            0 if pool.stratum == "fixed" else max(0, sent[pool.pool_id] - pool.quota),
        )
        for pool in ground.plan.pools
    ]
    return columns("role department label size quota called", rows)
