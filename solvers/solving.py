"""From a problem to an outcome: exact where small, blocks where large, reasons for what is left out.

In: an AssignmentProblem and a Budget. Out: an Outcome. May import: ``scheduler.domain``, all of ``solvers``.
"""

import time
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from importlib.metadata import version
from typing import Literal

from scheduler.domain.errors import NoAnswerError, UsageError, refuse
from scheduler.domain.ports import Progress
from scheduler.domain.problem import AssignmentProblem, GoalResult, Outcome, Placement
from scheduler.domain.settings import Budget
from solvers.blocks.assign import assign
from solvers.blocks.construct import construct
from solvers.blocks.run import solve_blocks
from solvers.bounds import (
    load_bound,
    lottery_bound,
    officers_bound,
    served_bound,
    sure_visits,
    travel_bound,
    wishes_bound,
)
from solvers.company import only_lawful_company
from solvers.cpsat import SolverFailedError
from solvers.facts import Facts
from solvers.fixed.way import solve_fixed
from solvers.former import roster_of
from solvers.goals import Vector, goal_values, is_better, served
from solvers.memory import refuse_too_large
from solvers.model.exact import Levels, Solved
from solvers.reasons import reasons, settle, staffable
from solvers.roster import Roster
from solvers.sense import refuse_senseless
from solvers.shortcuts import possible
from solvers.size import is_small
from solvers.terms import Terms
from solvers.watch import Cause, Stopped, Watch, keep, watching

SOLVER = "ortools"
SERVED, LOAD, TRAVEL, LOTTERY = 1, 2, 3, 6
STOPPING: dict[Cause, str] = {
    "clock": "solve.stopping_by_clock",
    "interrupt": "solve.stopping_by_interrupt",
    "failure": "solve.stopping_by_failure",
}
ENDED: dict[Cause, str] = {
    "clock": "solve.by_clock",
    "interrupt": "solve.by_interrupt",
    "failure": "solve.by_failure",
}
"""What progress and the outcome say of a solve that was ended early."""
DEAR_S, DEAR_SHARE = 0.5, 20
"""Counting goals at a metropolis takes seconds: what took longer than the first is told again only after so
many times as long."""
ANY_LOAD = 1_000_000
"""A load tolerance of a thousand times the target: where load is no goal, nobody's is too much."""


def solver_in_force(budget: Budget, *, other_version: bool = False) -> Budget:
    """The budget with the solver that will be used: the committed one, or the installed one if told so.

    Errors: ``solve.version`` where another is installed and nobody told so.
    """
    installed = version(SOLVER)
    same = budget.solver_version == installed or other_version
    if budget.solver != SOLVER or not same:
        raise refuse(
            UsageError,
            "solve.version",
            solver=budget.solver,
            version=budget.solver_version,
            installed=f"{SOLVER} {installed}",
        )
    return replace(budget, solver_version=installed)


def solve_problem(
    problem: AssignmentProblem,
    budget: Budget,
    progress: Progress | None = None,
    executor: Executor | None = None,
    start: tuple[Placement, ...] = (),
    terms: Terms | None = None,
) -> Outcome:
    """The best outcome found within the budget; see :func:`solvers.solve`."""
    listens = terms is not None or progress is not None
    terms = terms or Terms()
    used = solver_in_force(budget, other_version=terms.other_version)
    refuse_senseless(problem)
    facts = Facts(problem if LOAD in problem.goals else replace(problem, load_tolerance_permille=ANY_LOAD))
    watch = Watch(terms.stop, terms.seconds, progress, _Teller(facts, progress), listens=listens)
    notes = (*(("solve.other_version",) if used != budget else ()), *(("solve.warm_start",) if start else ()))
    try:
        with watching(watch):
            refuse_too_large(facts, terms.memory_mb, getattr(executor, "count", 1), watch)
            outcome = _solved(facts, used, watch, executor, start)
    except Stopped as stopped:
        outcome = _cut_short(facts, used, watch, stopped.cause, progress)
    except SolverFailedError as failure:
        if watch.best is None:
            raise
        outcome = _cut_short(facts, used, watch, "failure", progress, str(failure))
    return replace(outcome, notes=outcome.notes + notes)


def _solved(
    facts: Facts, budget: Budget, progress: Progress, executor: Executor | None, start: tuple[Placement, ...]
) -> Outcome:
    """Each size by its way."""
    former = _former(facts, start) if start else None
    if is_small(facts):
        return _exact(facts, budget, progress, former)
    special = solve_fixed(facts, budget, progress) or _routes(facts, budget)
    if special is not None:
        return _special(facts, special, budget)
    return _blocks(facts, budget, progress, executor, former)


class _Teller:
    """Tells how good a kept roster is: goal values, bounds for the visits that it serves, gaps."""

    def __init__(self, facts: Facts, progress: Progress | None) -> None:
        self._facts = facts
        self._progress = progress
        self._bounds: tuple[frozenset[int], Vector, Vector] | None = None
        self._quiet_until = 0.0

    def __call__(self, watch: Watch) -> None:
        if self._progress is None or watch.best is None or time.monotonic() < self._quiet_until:
            return
        began = time.monotonic()
        facts, placed = self._facts, frozenset(placement.visit_idx for placement in watch.best)
        if self._bounds is None or self._bounds[0] != placed:
            sure = tuple(sorted(placed))
            bounds = load_bound(facts, sure, all_sure=False), travel_bound(facts, sure)
            self._bounds = placed, *bounds
        _, load, travel = self._bounds
        values = goal_values(facts, watch.best)
        told = {"n_placed": len(placed), "n_visits": len(facts.visits)}
        for name, value, bound in (("load", values.get(LOAD), load), ("travel", values.get(TRAVEL), travel)):
            told[name], told[f"{name}_bound"] = (value or bound)[0], bound[0]
            told[f"{name}_gap"] = 100 * (told[name] - bound[0]) // max(1, bound[0])
        self._progress("solve.so_far", **told)
        spent = time.monotonic() - began
        if spent > DEAR_S:
            self._quiet_until = time.monotonic() + DEAR_SHARE * spent


def _former(facts: Facts, start: tuple[Placement, ...]) -> tuple[Placement, ...]:
    """What of a former roster is lawful here, filled up where there is room."""
    roster = roster_of(facts, start)
    if is_small(facts):
        settle(roster, staffable(facts))
    keep(roster.placements)
    return roster.placements()


def _cut_short(
    facts: Facts, budget: Budget, watch: Watch, cause: Cause, progress: Progress | None, detail: str = ""
) -> Outcome:
    """The latest roster that was kept, filled up where there is room; no clock and no wish counts any more.
    ``detail`` names what failed.

    Errors: ``solve.nothing_by_clock``, ``solve.nothing_by_interrupt`` (:class:`NoAnswerError`).
    """
    if watch.best is None:
        code = "solve.nothing_by_clock" if cause == "clock" else "solve.nothing_by_interrupt"
        raise refuse(NoAnswerError, code)
    if progress is not None:
        progress(STOPPING[cause], detail=detail)
    roster = Roster(facts)
    for placement in only_lawful_company(facts, watch.best):
        roster.put(placement)
    able = staffable(facts, frozenset(placement.visit_idx for placement in roster.placements()))
    settle(roster, able)
    method: Literal["exact", "blocks"] = "exact" if is_small(facts) else "blocks"
    outcome = _outcome(roster, able, _results(facts, able, roster, None), budget, 0, method)
    return replace(outcome, reproducible=False, notes=(ENDED[cause],))


def _exact(facts: Facts, budget: Budget, progress: Progress, former: tuple[Placement, ...] | None) -> Outcome:
    """The exact model from a first roster or a former one; a search only where it does not answer at once."""
    able, units = staffable(facts), 0
    roster = Roster(facts)
    construct(roster, able, progress)
    if former is not None and is_better(facts, former, roster.placements()):
        places = {placement.visit_idx: placement for placement in former}
        roster.restore([places.get(visit) for visit in range(len(facts.visits))])
    if not possible(facts, able):
        values = goal_values(facts, ())  # of the one lawful roster
        empty = Solved(placements=(), bounds=values, proved=dict.fromkeys(values, True), work_units=0)
        return _outcome(roster, able, _results(facts, able, roster, empty), budget, 0, "exact")
    settle(roster, able)
    start = only_lawful_company(facts, roster.placements())
    keep(lambda: start)

    def search(best: tuple[Placement, ...]) -> tuple[Placement, ...]:
        nonlocal units
        searched, units = solve_blocks(facts, able, budget, progress)
        settle(searched, able)
        found = only_lawful_company(facts, searched.placements())
        return found if is_better(facts, found, best) else best

    solved = Levels(facts, able, start, budget.exact_units, progress, search).run()
    roster = Roster(facts)
    for placement in solved.placements:
        roster.put(placement)
    moved = settle(roster, able)
    results = _results(facts, able, roster, None if moved else solved)
    return _outcome(roster, able, results, budget, units + solved.work_units, "exact")


def _routes(facts: Facts, budget: Budget) -> Solved | None:
    from solvers.routes.way import solve_routes  # noqa: PLC0415 - small campaigns need no compiled loops

    return solve_routes(facts, budget)


def _special(facts: Facts, solved: Solved, budget: Budget) -> Outcome:
    """A shape with a way of its own: everything that can be staffed is placed."""
    roster = Roster(facts)
    for placement in solved.placements:
        roster.put(placement)
    able = staffable(facts, frozenset(placement.visit_idx for placement in solved.placements))
    results = _results(facts, able, roster, None if settle(roster, able) else solved)
    method: Literal["exact", "blocks"] = "exact" if all(goal.proved for goal in results) else "blocks"
    return _outcome(roster, able, results, budget, solved.work_units, method)


def _blocks(
    facts: Facts,
    budget: Budget,
    progress: Progress,
    executor: Executor | None,
    former: tuple[Placement, ...] | None,
) -> Outcome:
    """What found a place can be staffed; of the rest that is looked into one by one."""
    from solvers.blocks.large import solve_large  # noqa: PLC0415 - small campaigns need no compiled loops

    roster = Roster(facts)
    for placement in solve_large(facts, budget, progress, executor, former or ()):
        roster.put(placement)
    able = staffable(facts, frozenset(placement.visit_idx for placement in roster.placements()))
    settle(roster, able)
    keep(roster.placements)
    assigned = assign(roster, able, budget, progress, executor)
    # Other people at other doors may have made room; what was proved holds for the visits placed before.
    raised = 0 if settle(roster, able) else assigned.raised
    keep(roster.placements)
    results = _results(facts, able, roster, None, raised)
    return _outcome(roster, able, results, budget, assigned.work_units, "blocks")


def _results(
    facts: Facts, able: tuple[bool, ...], roster: Roster, solved: Solved | None, raised: int = 0
) -> tuple[GoalResult, ...]:
    """Value, bound and proof per goal: the exact levels' where they hold, else by arithmetic, the largest
    loads' by what CP-SAT ``raised`` above it.

    The load's proof stands although its value gave up some of its tolerance to the travel.
    """
    values = goal_values(facts, roster.placements())
    bounds = _static_bounds(facts, able, served(facts, roster.placements()))
    bounds[LOAD] = (bounds[LOAD][0] + raised, *bounds[LOAD][1:])
    found, chain = [], True
    for goal in sorted(values):
        value, bound = values[goal], bounds[goal]
        proved = value == bound
        if solved is not None:
            bound = _stronger(goal, bound, solved.bounds[goal], value)
            within = value == bound or (goal == LOAD and facts.problem.load_tolerance_permille > 0)
            proved = proved or (solved.proved[goal] and within)
        if goal == LOTTERY:
            proved = proved and chain
        chain = chain and proved
        found.append(GoalResult(goal=goal, value=value, bound=bound, proved=proved))
    return tuple(found)


def _stronger(goal: int, static: Vector, solved: Vector, value: Vector) -> Vector:
    """The better of both for the first component; the solver's of the next only while those before it
    are reached."""
    better_of = min if goal == SERVED else max
    bound: list[int] = []
    for at, (known, better) in enumerate(zip(static, solved, strict=True)):
        reached = bound == list(value[:at])
        bound.append(better_of(known, better) if reached else known)
    return tuple(bound)


def _static_bounds(facts: Facts, able: tuple[bool, ...], value: Vector) -> dict[int, Vector]:
    """``value`` is that of goal 1."""
    sure = sure_visits(facts, able, value)
    return {
        SERVED: served_bound(facts, able),
        LOAD: load_bound(facts, sure, all_sure=len(sure) == sum(able)),
        3: travel_bound(facts, sure),
        4: (officers_bound(facts, sure),),
        5: (wishes_bound(facts, sure),),
        LOTTERY: (lottery_bound(facts, sure),),
    }


def _outcome(
    roster: Roster,
    able: tuple[bool, ...],
    goals: Iterable[GoalResult],
    budget: Budget,
    work_units: int,
    method: Literal["exact", "blocks"],
) -> Outcome:
    return Outcome(
        placements=roster.placements(),
        unplaced=reasons(roster, able),
        goals=tuple(goals),
        method=method,
        solver=budget.solver,
        solver_version=budget.solver_version,
        work_units=work_units,
    )
