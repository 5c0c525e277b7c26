"""Days that a vehicle routing solver can play, too: our travel beside PyVRP's at equal time.

In: which days. Out: one row per day. May import: ``instances``, ``scheduler``, ``solvers``; PyVRP through
:mod:`benchmarks.pyvrp_peer`.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.measuring import Stopwatch
from instances.days import SIZES, day
from scheduler.domain.problem import AssignmentProblem, Outcome
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules, goal_values
from solvers import solve

SERVED, TRAVEL = 1, 3


def measure_travel(sizes: Sequence[int] = SIZES, rounds: int = Budget().rounds) -> Iterator[dict[str, Any]]:
    """Travel of both, in person-minutes, and the bound that we proved, day after day.

    PyVRP gets as many processor seconds as our solver took on that day, on one core, like ours. Both answers
    go through the same checker, which knows neither solver; a day on which one of them left a visit out has
    no value for it.
    """
    from benchmarks.pyvrp_peer import ProcessorTime, play  # noqa: PLC0415 - only this measurement needs the extra

    solve(day(sizes[0], seed=0), Budget(rounds=1))  # so that no day pays for loading the compiled loops
    for seed, n_visits in enumerate(sizes, start=1):
        problem = day(n_visits, seed=seed)
        watch, before = Stopwatch(), time.process_time()
        ours = solve(problem, replace(Budget(), rounds=rounds))
        spent = time.process_time() - before
        seconds = watch.seconds()
        theirs = play(problem, ProcessorTime(time.process_time() + spent))
        bound = next(goal.bound[0] for goal in ours.goals if goal.goal == TRAVEL)
        told = {name: told_of(problem, outcome) for name, outcome in (("ours", ours), ("pyvrp", theirs))}
        yield {
            "day": f"{n_visits}-{seed}",
            **{name: figures["travel"] for name, figures in told.items()},
            "bound": bound,
            **seconds,
            "n_officers": len(problem.people),
            "unplaced": {name: figures["unplaced"] for name, figures in told.items()},
            "violations": {name: figures["violations"] for name, figures in told.items()},
        }


def told_of(problem: AssignmentProblem, outcome: Outcome) -> dict[str, Any]:
    """Travel, broken rules and visits left out, counted by the checker alone."""
    broken = broken_rules(problem, outcome)
    return {
        "travel": goal_values(problem, outcome)[TRAVEL][0] if not outcome.unplaced else None,
        "unplaced": len(outcome.unplaced),
        "violations": sum(broken.values()),
    }
