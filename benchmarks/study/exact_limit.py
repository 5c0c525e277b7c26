"""Study: what the exact model still proves as campaigns grow.

In: nothing. Out: figures for streets of 8 to 60 visits, one row for each way to solve them. May import:
``instances``, ``solvers``.
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
from solvers.model import outings

VISITS = (8, 15, 25, 40, 60)
NONE, ALL = -1, 1 << 60
MODELS = {"columns": (ALL, outings.MOST_OUTINGS), "circuits": (ALL, NONE), "blocks": (NONE, NONE)}
"""Most literals of the exact model, most outings of its columns."""


def measure_exact_limit() -> list[dict[str, Any]]:
    """The same campaigns by the exact model with days as columns (circuits where there are too many), with
    circuits, and in blocks."""
    return [measured(_one, n_visits, model) for n_visits in VISITS for model in MODELS]


def _one(n_visits: int, model: str) -> dict[str, Any]:
    problem = make_roster(replace(ROSTERS["street"], n_visits=n_visits), 1)
    sizes.EXACT_LITERALS, outings.MOST_OUTINGS = MODELS[model]
    watch = Stopwatch()
    outcome = solve(problem, Budget())
    return {
        "n_visits": n_visits,
        "model": model,
        "literals": sizes.estimated_literals(Facts(problem)),
        **watch.seconds(),
        **outcome_figures(problem, outcome),
    }
