"""From a problem to an outcome: exact where small, blocks where large, reasons for what is left out.

In: an AssignmentProblem and a Budget. Out: an Outcome. May import: ``scheduler.domain``, all of ``solvers``.
"""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Literal

from scheduler.domain.errors import UsageError, refuse
from scheduler.domain.ports import Progress
from scheduler.domain.problem import AssignmentProblem, GoalResult, Outcome
from scheduler.domain.settings import Budget
from solvers.blocks.run import solve_blocks
from solvers.bounds import load_bound, lottery_bound, served_bound, sure_visits, travel_bound
from solvers.facts import Facts
from solvers.goals import Vector, goal_values
from solvers.model.exact import Levels, Solved
from solvers.reasons import reasons, settle, staffable
from solvers.roster import Roster
from solvers.size import is_small

SOLVER = "ortools"
SERVED, LOAD, LOTTERY = 1, 2, 6


def check_solver(budget: Budget) -> None:
    """Refuses any solver but the one that the plan was committed with.

    Errors: ``solve.version``.
    """
    installed = version(SOLVER)
    if budget.solver != SOLVER or budget.solver_version != installed:
        raise refuse(
            UsageError,
            "solve.version",
            solver=budget.solver,
            version=budget.solver_version,
            installed=f"{SOLVER} {installed}",
        )


def solve_problem(problem: AssignmentProblem, budget: Budget, progress: Progress | None = None) -> Outcome:
    """The best outcome found within the budget; see :func:`solvers.solve`."""
    check_solver(budget)
    facts = Facts(problem)
    able = staffable(facts)
    return (
        _exact(facts, able, budget, progress) if is_small(facts) else _blocks(facts, able, budget, progress)
    )


def _exact(facts: Facts, able: tuple[bool, ...], budget: Budget, progress: Progress | None) -> Outcome:
    """The blocks' roster is the first incumbent: the exact model only ever makes it better."""
    roster, before = solve_blocks(facts, able, budget, progress)
    if not any(able):
        return _outcome(roster, able, _results(facts, able, roster, None), budget, before, "exact")
    settle(roster, able)
    solved = Levels(facts, able, roster.placements(), budget.exact_units, progress).run()
    roster = Roster(facts)
    for placement in solved.placements:
        roster.put(placement)
    moved = settle(roster, able)
    results = _results(facts, able, roster, None if moved else solved)
    return _outcome(roster, able, results, budget, before + solved.work_units, "exact")


def _blocks(facts: Facts, able: tuple[bool, ...], budget: Budget, progress: Progress | None) -> Outcome:
    roster, work_units = solve_blocks(facts, able, budget, progress)
    settle(roster, able)
    return _outcome(roster, able, _results(facts, able, roster, None), budget, work_units, "blocks")


def _results(
    facts: Facts, able: tuple[bool, ...], roster: Roster, solved: Solved | None
) -> tuple[GoalResult, ...]:
    """Value, bound and proof per goal: the exact levels' where they hold, else by arithmetic.

    The load's proof stands although its value gave up some of its tolerance to the travel.
    """
    values = goal_values(facts, roster.placements())
    bounds = _static_bounds(facts, able, values)
    found, chain = [], True
    for goal in sorted(values):
        value, bound = values[goal], bounds[goal]
        proved = value == bound
        if solved is not None:
            bound = _stronger(goal, bound, solved.bounds[goal], value)
            within = value == bound or (goal == LOAD and facts.problem.load_tolerance_permille > 0)
            proved = proved or (solved.proved[goal] and within)
        if goal == LOTTERY:
            proved = proved and chain and solved is not None
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


def _static_bounds(facts: Facts, able: tuple[bool, ...], values: dict[int, Vector]) -> dict[int, Vector]:
    sure = sure_visits(facts, able, values[1])
    return {
        SERVED: served_bound(facts, able),
        LOAD: load_bound(facts, sure, all_sure=len(sure) == sum(able)),
        3: travel_bound(facts, sure),
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
