"""Public reviewer assignments through the program's own solver: recusal, loads and wishes, no time.

In: the folder of the cases. Out: one row per case. May import: ``instances``, ``scheduler``, ``solvers``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measuring import Stopwatch
from instances.reviewers import Case, cases, liked, liked_by, loads_kept, problem_of
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules
from solvers import solve

WISHES = 5


def measure_reviewers(folder: Path) -> Iterator[dict[str, Any]]:
    """Sum of scores, its proven upper bound and seconds of each case.

    ``seconds`` are from the problem in memory to the roster; ``value`` is counted from the teams, once more
    than the solver does.
    """
    for case in cases(folder):
        yield _row(case)


def _row(case: Case) -> dict[str, Any]:
    problem = problem_of(case)
    watch = Stopwatch()
    outcome = solve(problem, Budget())
    seconds = watch.seconds()
    goal = next(goal for goal in outcome.goals if goal.goal == WISHES)
    value = liked_by(case, outcome)
    return {
        "case": case.name,
        "value": float(value),
        "bound": float(liked(case, goal.bound[0])),
        **seconds,
        "proved": goal.proved and value == liked(case, goal.value[0]),
        "loads_kept": loads_kept(case, outcome),
        "violations": sum(broken_rules(problem, outcome).values()),
    }
