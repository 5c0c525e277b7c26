"""Study: small campaigns to their proof, beside one model as one would write it first.

In: which campaigns, seconds for the other one. Out: values, proofs and seconds of both, a row each. May
import: ``instances``, ``solvers``, the baselines.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Any

from benchmarks.baselines import NO_ANSWER, figures_of
from benchmarks.measuring import Stopwatch, measured
from benchmarks.monolith import monolith
from instances.roster import make_roster
from instances.roster_sizes import ROSTERS, RosterSize
from scheduler.domain.problem import AssignmentProblem
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules
from solvers import solve
from solvers.facts import Facts

MILLI = 3
"""Digits of seconds: milliseconds count here."""
STREET = ROSTERS["street"]
PLACES: dict[str, tuple[RosterSize, tuple[int, ...], tuple[int, ...]]] = {
    "street": (STREET, (4, 6, 8, 10, 12, 15), (1, 2, 3)),
    "one-department": (
        replace(STREET, per_district=1, n_officers=4, n_experts=1, n_tasks=2),
        (5, 8, 10, 12),
        (1, 2),
    ),
    "two-departments": (
        replace(STREET, per_district=2, n_officers=8, n_experts=1, n_tasks=3),
        (8, 10),
        (1,),
    ),
    "one-week": (
        replace(STREET, per_district=2, n_officers=6, n_experts=1, n_tasks=3, n_days=5),
        (8, 10),
        (1,),
    ),
}
"""Shape, visits, seeds; a case is named after the three: ``street-8-1``."""
CASES = {
    f"{name}-{n_visits}-{seed}": (replace(size, n_visits=n_visits), seed)
    for name, (size, counts, seeds) in PLACES.items()
    for n_visits in counts
    for seed in seeds
}


def measure_small(cases: Iterable[str], seconds: float) -> Iterator[dict[str, Any]]:
    """Each in a process of its own, that has solved another campaign before the clock is started."""
    for case in cases:
        ours = measured(_ours, case)
        try:
            other = measured(_monolith, case, seconds)
        except BrokenProcessPool:
            other = {"state": NO_ANSWER}
        yield {"case": case, "machine": ours.pop("machine"), "ours": ours, "monolith": other}
        other.pop("machine", None)


def _problem(case: str) -> AssignmentProblem:
    return make_roster(*CASES[case])


def _ours(case: str) -> dict[str, Any]:
    solve(_problem(next(iter(CASES))), Budget())
    problem, watch = _problem(case), Stopwatch()
    outcome = solve(problem, Budget())
    return {
        **watch.seconds(MILLI),
        "state": "proved" if all(goal.proved for goal in outcome.goals) else "found",
        "goals": {str(goal.goal): goal.value for goal in outcome.goals},
        "bounds": {str(goal.goal): goal.bound for goal in outcome.goals},
        "violations": sum(broken_rules(problem, outcome).values()),
    }


def _monolith(case: str, limit: float) -> dict[str, Any]:
    monolith(Facts(_problem(next(iter(CASES)))), limit)
    problem, watch = _problem(case), Stopwatch()
    found = monolith(Facts(problem), limit)
    return {**watch.seconds(MILLI), **figures_of(problem, found)}
