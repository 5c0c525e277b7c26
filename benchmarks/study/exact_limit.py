"""Study: what the exact model still proves as campaigns grow.

In: nothing. Out: figures for streets of 8 to 60 visits. May import: ``instances``, ``solvers``.
"""

from dataclasses import replace
from typing import Any

from benchmarks.measuring import Stopwatch, measured
from benchmarks.micro.roster import outcome_figures
from instances.roster import make_roster
from instances.roster_sizes import ROSTERS
from scheduler.domain.settings import Budget
from solvers import size as sizes
from solvers import solve
from solvers.facts import Facts

VISITS = (8, 15, 25, 40, 60)


def measure_exact_limit() -> list[dict[str, Any]]:
    """Both methods on the same campaigns: the exact one without its size limit, and blocks."""
    return [measured(_one, n_visits, limit) for n_visits in VISITS for limit in (1 << 60, -1)]


def _one(n_visits: int, limit: int) -> dict[str, Any]:
    problem = make_roster(replace(ROSTERS["street"], n_visits=n_visits), 1)
    sizes.EXACT_LITERALS = limit
    watch = Stopwatch()
    outcome = solve(problem, Budget())
    return {
        "n_visits": n_visits,
        "literals": sizes.estimated_literals(Facts(problem)),
        **watch.seconds(),
        **outcome_figures(problem, outcome),
    }
