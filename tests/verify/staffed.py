"""A small campaign with leaders, newcomers, fixed groups, history and a pair cap, staffed by the exact model.

The model starts from nothing, so that only it stands between the rules and the roster.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from plain_roster import every_place
from verify.evidence import evidence, failing, five_of_six, refreshed, wide_registers

from scheduler import problem
from scheduler.domain.plan import DrawResult
from scheduler.domain.problem import AssignmentProblem, GoalResult, Outcome
from scheduler.domain.registers import PastInspection, Registers
from scheduler.domain.settings import Pairs, Pools, Settings, Teams
from scheduler.domain.visits import MergeResult
from scheduler.verify import Evidence
from scheduler.verify.census import seed_of
from solvers.facts import Facts
from solvers.goals import goal_values
from solvers.model.exact import Levels

LEADERS = ("fire-1", "fire-2", "food-1", "food-4", "work-1", "work-6")
NEWCOMERS = ("fire-5", "fire-6", "food-2", "food-5", "work-2", "work-5")
GROUPS = {"fire-1": "FG-1", "fire-3": "FG-1", "work-1": "FG-2", "work-2": "FG-2"}
ALL_TEAMS = Teams(leader_required=True, newcomer_with_senior=True, fixed_groups=True)
LONG_AGO = dt.date(2025, 6, 2)


def staffed_registers(**changes: object) -> Registers:
    """Two leaders and two newcomers a department, a fixed pair in two of them, a history with habits."""
    base = wide_registers()
    people = tuple(
        replace(
            row,
            is_leader=row.inspector_id in LEADERS,
            is_newcomer=row.inspector_id in NEWCOMERS,
            fixed_group=GROUPS.get(row.inspector_id, ""),
        )
        for row in base.inspectors
    )
    history = tuple(
        PastInspection(enterprise_id=f"E{n:02d}", inspector_id=person, day=LONG_AGO + dt.timedelta(days=n))
        for n in range(1, 13)
        for person in ("food-3", "food-4", "fire-2", "fire-4", "work-3", "work-6")
    )
    return replace(base, **{"inspectors": people, "history": history, **changes})  # type: ignore[arg-type]


def staffed_settings(**changes: object) -> Settings:
    return five_of_six(
        **{
            "teams": ALL_TEAMS,
            "pools": Pools(inspectors="3人", k_max=1),
            "pairs": Pairs(cap_permille=700),
            **changes,
        }
    )


def problem_of(given: Evidence) -> AssignmentProblem:
    """What the solver is given."""
    return problem.build_problem(
        given.plan,
        given.registers,
        drawn_of(given),
        merged_of(given),
        draw_sha256="0" * 64,
        seed=seed_of(given.seed_text),
    )


def drawn_of(given: Evidence) -> DrawResult:
    return DrawResult(
        seed_commitment="",
        enterprises=given.drawn_enterprises,
        cutoffs=given.cutoffs,
        people=given.people,
    )


def merged_of(given: Evidence) -> MergeResult:
    return MergeResult(requirements=given.requirements, visits=given.visits, report=given.merge_report)


def rostered(given: Evidence, made: AssignmentProblem, outcome: Outcome) -> Evidence:
    """The evidence with this outcome in place of its roster."""
    schedule = problem.to_schedule(
        made, given.plan, given.registers, merged_of(given), outcome, attempt=1, discretionary=False
    )
    return replace(
        given, seats=schedule.seats, unscheduled=schedule.unscheduled, solve_report=schedule.report
    )


def by_the_model(made: AssignmentProblem, units: int = 20) -> Outcome:
    """The exact model's answer from an empty start; its bounds are not told."""
    facts = Facts(made)
    able = tuple(next(every_place(made, visit), None) is not None for visit in range(len(made.visits)))
    placements = Levels(facts, able, (), units).run().placements
    placed = {placement.visit_idx for placement in placements}
    goals = goal_values(facts, placements).items()
    return Outcome(
        placements=placements,
        unplaced=tuple((v, "unstaffable") for v in range(len(made.visits)) if v not in placed),
        goals=tuple(GoalResult(goal=goal, value=value, bound=value, proved=False) for goal, value in goals),
        method="exact",
        solver="ortools",
        solver_version="9.15.6755",
    )


@cache
def staffed(kind: str, units: int = 4) -> Evidence:
    """Lawful evidence: ``led`` with leaders, seniors and fixed groups, ``capped`` with a pair cap, or
    ``both``."""
    settings = {
        "led": staffed_settings(pairs=Pairs()),
        "capped": staffed_settings(teams=Teams()),
        "both": staffed_settings(),
    }[kind]
    given = evidence(staffed_registers(), settings)
    made = problem_of(given)
    return rostered(given, made, by_the_model(made, units))


def swapped(rule: str) -> Callable[[Evidence], Evidence]:
    """A change that puts one drawn officer in another's seat so that this rule alone is broken."""

    def change(given: Evidence) -> Evidence:
        drawn = {row.person_id for row in given.people if row.drawn}
        own = {row.inspector_id: row.department_id for row in given.registers.inspectors}
        for seat in given.seats:
            for person in sorted(drawn):
                if seat.role == "officer" and own.get(person) == seat.department_id:
                    seats = tuple(replace(s, person_id=person) if s is seat else s for s in given.seats)
                    other = refreshed(replace(given, seats=seats))
                    if failing(other) == {rule}:
                        return other
        raise LookupError(rule)

    return change


def only_newcomers(given: Evidence) -> Evidence:
    """Everybody of one team that holds nobody of a fixed group is a newcomer."""
    groups = {row.inspector_id: row.fixed_group for row in given.registers.inspectors}
    teams: dict[tuple[str, str], set[str]] = {}
    for seat in given.seats:
        if seat.role == "officer":
            teams.setdefault((seat.visit_id, seat.department_id), set()).add(seat.person_id)
    team = next(people for people in teams.values() if not any(groups[person] for person in people))
    people = tuple(
        replace(row, is_newcomer=True) if row.inspector_id in team else row
        for row in given.registers.inspectors
    )
    return replace(given, registers=replace(given.registers, inspectors=people))


def with_pairs(pairs: Pairs) -> Callable[[Evidence], Evidence]:
    """The same roster under another pair cap."""

    def change(given: Evidence) -> Evidence:
        settings = replace(given.plan.settings, pairs=pairs)
        return replace(given, plan=replace(given.plan, settings=settings))

    return change


def cap_told(**changes: object) -> Callable[[Evidence], Evidence]:
    """Another result of the pair cap in the solve report."""

    def change(given: Evidence) -> Evidence:
        told = given.solve_report.pair_cap
        assert told is not None
        report = replace(given.solve_report, pair_cap=replace(told, **changes))  # type: ignore[arg-type]
        return replace(given, solve_report=report)

    return change
