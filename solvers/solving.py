"""From a problem to an outcome: exact where small, blocks where large, reasons for what is left out.

In: an AssignmentProblem and a Budget. Out: an Outcome. May import: ``scheduler.domain``, all of ``solvers``.
"""

from collections.abc import Iterable
from concurrent.futures import Executor
from importlib.metadata import version
from typing import Literal

from scheduler.domain.errors import UsageError, refuse
from scheduler.domain.ports import Progress
from scheduler.domain.problem import AssignmentProblem, GoalResult, Outcome
from scheduler.domain.settings import Budget
from solvers.blocks.assign import assign
from solvers.blocks.proofs import raised_ratios
from solvers.blocks.run import solve_blocks
from solvers.bounds import (
    department_ratios,
    load_bound,
    lottery_bound,
    officers_bound,
    served_bound,
    sure_visits,
    travel_bound,
    wishes_bound,
)
from solvers.company import only_lawful_company
from solvers.facts import Facts
from solvers.goals import Vector, goal_values, largest_ratios, served
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


def solve_problem(
    problem: AssignmentProblem,
    budget: Budget,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Outcome:
    """The best outcome found within the budget; see :func:`solvers.solve`."""
    check_solver(budget)
    facts = Facts(problem)
    if is_small(facts):
        return _exact(facts, staffable(facts), budget, progress)
    return _blocks(facts, budget, progress, executor)


def _exact(facts: Facts, able: tuple[bool, ...], budget: Budget, progress: Progress | None) -> Outcome:
    """The blocks' roster is the first incumbent: the exact model only ever makes it better."""
    roster, before = solve_blocks(facts, able, budget, progress)
    if not any(able):
        return _outcome(roster, able, _results(facts, able, roster, None), budget, before, "exact")
    settle(roster, able)
    start = only_lawful_company(facts, roster.placements())
    solved = Levels(facts, able, start, budget.exact_units, progress).run()
    roster = Roster(facts)
    for placement in solved.placements:
        roster.put(placement)
    moved = settle(roster, able)
    results = _results(facts, able, roster, None if moved else solved)
    return _outcome(roster, able, results, budget, before + solved.work_units, "exact")


def _blocks(facts: Facts, budget: Budget, progress: Progress | None, executor: Executor | None) -> Outcome:
    """What found a place can be staffed; of the rest that is looked into one by one."""
    from solvers.blocks.large import solve_large  # noqa: PLC0415 - small campaigns need no compiled loops

    roster = Roster(facts)
    for placement in solve_large(facts, budget, progress, executor):
        roster.put(placement)
    able = staffable(facts, frozenset(placement.visit_idx for placement in roster.placements()))
    settle(roster, able)
    work_units = assign(roster, able, budget, progress, executor)
    raised = _raised(facts, able, roster, budget, executor)
    return _outcome(roster, able, _results(facts, able, roster, None, raised), budget, work_units, "blocks")


def _raised(
    facts: Facts, able: tuple[bool, ...], roster: Roster, budget: Budget, executor: Executor | None
) -> int:
    """Per mille by which CP-SAT raises the arithmetic bound of the largest loads, over all departments."""
    sure = sure_visits(facts, able, served(facts, roster.placements()))
    ratios = department_ratios(facts, sure)
    reached = largest_ratios(facts, roster.load)
    raised = raised_ratios(facts, sure, ratios, reached, budget.block_units, executor)
    return sum(raised.values()) - sum(ratios.values())


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
