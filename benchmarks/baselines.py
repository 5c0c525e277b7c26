"""What else a roster could be made with, on request: one CP-SAT model, one linear model.

In: a roster problem, seconds. Out: goal values, broken rules, or why there is nothing. May import:
``scheduler.domain``, ``scheduler.verify``, ``solvers``.

Each runs in a process of its own with a limit of memory: what does not load is told, it does not take the
measurement down with it.
"""

import resource
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from typing import Any

from benchmarks.measuring import measured
from instances import roster
from scheduler.domain.problem import AssignmentProblem, Outcome, Placement
from scheduler.verify.roster import broken_rules
from solvers.facts import Facts
from solvers.goals import goal_values
from solvers.reasons import staffable

BASELINES = ("round_robin", "monolith", "mip")
LONG_S = 300
"""The long run of DESIGN's comparison."""
MEMORY_GB = 12
"""Of one baseline's process."""
NO_ANSWER = f"its process ended without an answer: the solver crashed, or wanted more than {MEMORY_GB} GB"

Search = Callable[[Facts, float], "Found"]


class Found:
    """A baseline's answer: placements or none, whether all of its levels were proved, what it is."""

    def __init__(
        self, form: str, placements: tuple[Placement, ...] | None, *, proved: bool, note: str = ""
    ) -> None:
        self.form = form
        self.placements = placements
        self.proved = proved
        self.note = note


def measure_baselines(
    names: tuple[str, ...], size: str, seed: int, tolerance: int, seconds: float
) -> dict[str, list[dict[str, Any]]]:
    """Per name the figures at ``seconds`` (ours) and at 300 s; ``round_robin`` is measured elsewhere."""
    limits = sorted({max(1.0, seconds), float(LONG_S)})
    return {
        name: [_measured(name, size, seed, tolerance, limit) for limit in limits]
        for name in names
        if name != "round_robin"
    }


def _measured(name: str, size: str, seed: int, tolerance: int, limit: float) -> dict[str, Any]:
    try:
        return measured(_run, name, size, seed, tolerance, limit)
    except BrokenProcessPool:
        return {"limit_seconds": limit, "state": NO_ANSWER}


def _run(name: str, size: str, seed: int, tolerance: int, limit: float) -> dict[str, Any]:
    bytes_ = MEMORY_GB << 30
    resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))
    problem = replace(roster(size, seed=seed), load_tolerance_permille=tolerance)
    began, spent = time.perf_counter(), time.process_time()
    found = _search(name)(Facts(problem), limit)
    return {
        "limit_seconds": round(limit, 1),
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(time.process_time() - spent, 1),
        **figures_of(problem, found),
    }


def _search(name: str) -> Search:
    if name == "mip":
        from benchmarks.mip import mip  # noqa: PLC0415 - a solver of its own

        return mip
    from benchmarks.monolith import monolith  # noqa: PLC0415 - a solver of its own

    return monolith


def figures_of(problem: AssignmentProblem, found: Found) -> dict[str, Any]:
    """What a baseline's answer is worth, and what it breaks."""
    if found.placements is None:
        return {"form": found.form, "state": found.note or "no roster"}
    facts = Facts(problem)
    placed = {placement.visit_idx for placement in found.placements}
    able = staffable(facts, frozenset(placed))
    outcome = Outcome(
        placements=found.placements,
        unplaced=tuple(
            (visit, "no_room" if able[visit] else "unstaffable")
            for visit in range(len(problem.visits))
            if visit not in placed
        ),
        goals=(),
        method="exact",
        solver=found.form,
        solver_version="",
    )
    broken = {rule: count for rule, count in broken_rules(problem, outcome).items() if count}
    return {
        "form": found.form,
        "state": "proved" if found.proved else "found",
        "n_unplaced": len(outcome.unplaced),
        "goals": {str(goal): value for goal, value in goal_values(facts, found.placements).items()},
        "broken": broken,
    }
