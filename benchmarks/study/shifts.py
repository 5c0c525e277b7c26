"""The public personnel task scheduling instances through the program's own solver: fewest officers.

In: the folder of the instances. Out: one row per instance. May import: ``instances``, ``scheduler``,
``solvers``.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measuring import Stopwatch
from instances.shifts import Listed, instance_names, listed_bounds, read_instance
from scheduler.domain.codec import to_json
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules
from solvers import solve

OFFICERS = 4


def measure_shifts(folder: Path, only: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Value, bound and seconds of each instance (all, or those of ``only``), in the library's order.

    ``seconds`` are from the problem in memory to the roster, ``value`` is 0 where a job was left out.
    """
    listed = listed_bounds(folder)
    for name in only or instance_names(folder):
        yield _row(folder, name, listed.get(name, Listed(lower=0, upper=0)))


def _row(folder: Path, name: str, listed: Listed) -> dict[str, Any]:
    problem = read_instance(folder, name)
    watch = Stopwatch()
    outcome = solve(problem, Budget())
    seconds = watch.seconds()
    goal = next(goal for goal in outcome.goals if goal.goal == OFFICERS)
    sent = {person for placement in outcome.placements for team in placement.teams for person in team}
    return {
        "instance": name,
        "value": len(sent) if not outcome.unplaced else 0,
        "bound": goal.bound[0],
        **seconds,
        "proved": goal.proved,
        "listed_lower": listed.lower,
        "listed_upper": listed.upper,
        "n_jobs": len(problem.visits),
        "n_workers": len(problem.people),
        "violations": sum(broken_rules(problem, outcome).values()),
        "work_units": outcome.work_units,
        "sha256": hashlib.sha256(to_json(outcome)).hexdigest(),
    }
