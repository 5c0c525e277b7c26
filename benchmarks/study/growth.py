"""Study: seconds of a whole roster from 5,000 to 80,000 visits at equal quality, and the exponent that fits.

In: a number of processes. Out: figures per size, the exponent. May import: ``instances``, ``solvers``.

Every size has the officers, districts and days of the metropolis and as many visits per task, so that the
places around a visit look alike; the search takes equally many steps per visit. Quality is the travel as a
multiple of its bound.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmarks.compiled import compile_loops
from benchmarks.measuring import Stopwatch, measured
from instances.roster import make_roster
from instances.roster_sizes import ROSTERS
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules
from solvers import local_processes, solve
from solvers.blocks import large

VISITS = (5_000, 10_000, 20_000, 40_000, 80_000)


def measure_growth(processes: int, visits: Sequence[int] = VISITS) -> dict[str, Any]:
    """Each size in a process of its own; ``exponent`` fits the wall clock, ``processor_exponent`` the
    processor's seconds."""
    compile_loops()
    rows = [measured(_one, n_visits, processes) for n_visits in visits]
    return {
        "rows": rows,
        "exponent": exponent([(row["n_visits"], row["seconds"]) for row in rows]),
        "processor_exponent": exponent([(row["n_visits"], row["processor_seconds"]) for row in rows]),
    }


def _one(n_visits: int, processes: int) -> dict[str, Any]:
    large.MOST = large.FEWEST
    metro = ROSTERS["metro-year"]
    n_tasks = max(metro.n_districts, metro.n_tasks * n_visits // metro.n_visits)
    problem = make_roster(replace(metro, n_visits=n_visits, n_tasks=n_tasks), 1)
    watch = Stopwatch()
    with local_processes(processes) as executor:
        outcome = solve(problem, Budget(), executor=executor)
    seconds = watch.seconds()
    travel = next(goal for goal in outcome.goals if goal.goal == 3)
    return {
        "n_visits": n_visits,
        "processes": processes,
        **seconds,
        "n_unplaced": len(outcome.unplaced),
        "violations": sum(broken_rules(problem, outcome).values()),
        "travel": travel.value[0],
        "travel_bound": travel.bound[0],
        "travel_over_bound": round(travel.value[0] / travel.bound[0], 3),
    }


def exponent(points: Sequence[tuple[int, float]]) -> float:
    """The slope of the line of least squares through the logarithms."""
    logs = [(math.log(size), math.log(max(seconds, 0.1))) for size, seconds in points]
    x, y = math.fsum(a for a, _ in logs) / len(logs), math.fsum(b for _, b in logs) / len(logs)
    return round(math.fsum((a - x) * (b - y) for a, b in logs) / math.fsum((a - x) ** 2 for a, _ in logs), 3)
