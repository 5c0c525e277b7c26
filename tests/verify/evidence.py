"""A lawful small campaign as evidence, from plan to seats, for the checker's tests.

Plan, draw and merge come from their rooms; the roster is made here, one visit per person and day, so that
no solver is needed. Every department has more officers than are drawn, and food has unqualified ones.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from typing import Literal

from small import AUTHORITY, CEREMONY, UNIT, registers, settings

from scheduler import draw, merge
from scheduler.domain.problem import GoalResult
from scheduler.domain.registers import Inspector, Registers
from scheduler.domain.schedule import Seat, SolveReport, Unscheduled
from scheduler.domain.settings import Pools, Settings
from scheduler.domain.visits import Visit
from scheduler.verify import Evidence, Findings, check
from scheduler.verify.census import take_census
from scheduler.verify.facts import facts_of
from scheduler.verify.goals import recompute

Reason = Literal["unstaffable", "no_room"]
STARTS = (540, 840)
FRIDAY = dt.date(2026, 3, 6)


def wide_registers(**changes: object) -> Registers:
    """The small registers with six officers per department, three of food's unqualified."""
    base = registers()
    more = tuple(
        Inspector(
            inspector_id=f"{code}-{n}",
            name=f"{code}官{n}",
            department_id=f"D-{code}",
            authority=AUTHORITY,
            unit=UNIT,
            certificate_no=f"ZF{code}{n}",
            certificate_expires=dt.date(2028, 1, 1),
        )
        for code in ("fire", "food", "work")
        for n in (5, 6)
    )
    people = tuple(sorted((*base.inspectors, *more), key=lambda row: row.inspector_id))
    return replace(base, **{"inspectors": people, **changes})  # type: ignore[arg-type]


def five_of_six(**changes: object) -> Settings:
    return settings(**{"pools": Pools(inspectors="5人", k_max=1), **changes})


def evidence(own: Registers | None = None, plan_settings: Settings | None = None) -> Evidence:
    """Evidence in which every rule is kept and every visit is placed."""
    known = own or wide_registers()
    commitment = draw.commit(known, plan_settings or five_of_six(), {}, 0)
    plan = commitment.plan
    text = draw.seed_text(plan, CEREMONY)
    drawn = draw.draw(plan, commitment.frame, commitment.excluded, known, draw.seed_of(text))
    merged = merge.merge(plan, known, drawn)
    made = Evidence(
        plan=plan,
        registers=known,
        frame=commitment.frame,
        excluded=commitment.excluded,
        drawn_enterprises=drawn.enterprises,
        cutoffs=drawn.cutoffs,
        people=drawn.people,
        orders=drawn.orders,
        seed_text=text,
        requirements=merged.requirements,
        visits=merged.visits,
        merge_report=merged.report,
        seats=(),
        unscheduled=(),
        solve_report=report(),
    )
    return refreshed(replace(made, seats=roster(made)))


def report(**changes: object) -> SolveReport:
    base = SolveReport(
        attempt=1,
        draw_sha256="0" * 64,
        problem_sha256="0" * 64,
        method="exact",
        solver="by hand",
        solver_version="0",
        reproducible=True,
        discretionary=False,
        work_units=0,
        goals=(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def refreshed(given: Evidence) -> Evidence:
    """The same evidence, its goals told as they now are: a change is then no wrong figure as well."""
    values = recompute(facts_of(given, take_census(given)))
    goals = tuple(GoalResult(goal=n, value=v, bound=v, proved=False) for n, v in values.items())
    return replace(given, solve_report=replace(given.solve_report, goals=goals))


def failing(given: Evidence) -> set[str]:
    return failed(check(given))


def failed(findings: Findings) -> set[str]:
    return {row.rule for row in findings.rules if row.violations}


def roster(given: Evidence, visits: Iterable[Visit] = ()) -> tuple[Seat, ...]:
    """One visit per person and day, the first lawful team each; the visits in the order given."""
    seats: list[Seat] = []
    for visit in visits or given.visits:
        seats += _place(given, visit, seats)
    return tuple(sorted(seats, key=lambda s: (s.day, s.start_min, s.visit_id, s.department_id, s.person_id)))


def squeezed(given: Evidence, order: Iterable[Visit], reason: Reason) -> Evidence:
    """Placed in that order as long as there is room; what is left is unscheduled for the reason."""
    seats = roster(given, order)
    placed = {seat.visit_id for seat in seats}
    left = [
        Unscheduled(requirement_id=need, visit_id=visit.visit_id, reason=reason)
        for visit in given.visits
        if visit.visit_id not in placed
        for need in visit.requirement_ids
    ]
    rows = tuple(sorted(left, key=lambda row: row.requirement_id))
    return refreshed(replace(given, seats=seats, unscheduled=rows))


def _place(given: Evidence, visit: Visit, before: list[Seat]) -> list[Seat]:
    for row in given.registers.calendar:
        if not (row.is_working and visit.start <= row.day < visit.end):
            continue
        for start in STARTS:
            busy = {seat.person_id for seat in before if seat.day == row.day}
            teams = [_team(given, visit, name, row.day, busy) for name in sorted(set(visit.department_ids))]
            expert = _expert(given, visit, row.day, busy)
            if all(teams) and expert is not None:
                people = [
                    (name, person)
                    for name, team in zip(sorted(set(visit.department_ids)), teams, strict=True)
                    for person in team
                ]
                return [
                    Seat(
                        visit_id=visit.visit_id,
                        day=row.day,
                        start_min=start,
                        end_min=start + visit.duration_min,
                        department_id=name,
                        person_id=person,
                        role="officer" if name else "expert",
                    )
                    for name, person in (*people, *(("", person) for person in expert))
                ]
    return []


def _team(given: Evidence, visit: Visit, department: str, day: dt.date, busy: set[str]) -> tuple[str, ...]:
    """Two free officers who hold all that the department's items ask for; nothing where there are none."""
    items = {item.item_code: item for item in given.registers.items}
    codes = [c for c, d in zip(visit.item_codes, visit.department_ids, strict=True) if d == department]
    drawn = {row.person_id for row in given.people if row.drawn}
    able = [
        row
        for row in given.registers.inspectors
        if row.department_id == department
        and row.inspector_id in drawn - busy
        and row.certificate_expires >= day
        and not _is_away(given, row.inspector_id, day)
        and not _is_barred(given, row.inspector_id, visit.enterprise_id)
    ]
    for pair in combinations(able, 2):
        held = {name for row in pair for name in row.qualifications} | {""}
        ids = tuple(row.inspector_id for row in pair)
        apart = any({r.inspector_id, r.other_inspector_id} == set(ids) for r in given.registers.recusals)
        if all(items[code].qualification in held for code in codes) and not apart:
            return ids
    return ()


def _expert(given: Evidence, visit: Visit, day: dt.date, busy: set[str]) -> tuple[str, ...] | None:
    items = {item.item_code: item for item in given.registers.items}
    wanted = {items[code].expert for code in visit.item_codes} - {""}
    found = [
        row.expert_id
        for row in given.registers.experts
        if wanted & set(row.specialties)
        and row.expert_id not in busy
        and not _is_away(given, row.expert_id, day)
    ]
    if not wanted:
        return ()
    return (found[0],) if found else None


def _is_away(given: Evidence, person: str, day: dt.date) -> bool:
    return any(row.person_id == person and row.start <= day < row.end for row in given.registers.leave)


def _is_barred(given: Evidence, person: str, enterprise: str) -> bool:
    return any(
        row.inspector_id == person and row.enterprise_id == enterprise for row in given.registers.recusals
    )
