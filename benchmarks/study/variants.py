"""Study: the decomposition with one of its parts left out or moved (docs/adr/0007-first-decomposition.md).

In: a size. Out: figures per variant. May import: ``instances``, ``solvers``.
"""

from typing import Any

from benchmarks.measuring import Stopwatch, measured
from instances import roster
from scheduler.domain.settings import Budget
from solvers.blocks import run
from solvers.facts import Facts
from solvers.goals import goal_values
from solvers.reasons import staffable

VARIANTS: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "no search: construct, name, seat": {"FREE_STEPS": 0, "EVEN_STEPS": ()},
    "travel only: nobody's load in the search": {"FREE_STEPS": 9, "EVEN_STEPS": ()},
    "load from the first step": {"FREE_STEPS": 0, "EVEN_STEPS": ((6, 9),)},
    "no light load first": {"EVEN_STEPS": ((6, 5),)},
}


def measure_variants(size: str) -> list[dict[str, Any]]:
    """All variants, each in a process of its own, with the same number of search steps where it searches."""
    return [measured(_one, size, name) for name in VARIANTS]


def _one(size: str, name: str) -> dict[str, Any]:
    for constant, value in VARIANTS[name].items():
        setattr(run, constant, value)
    facts = Facts(roster(size))
    able = staffable(facts)
    watch = Stopwatch()
    finished, work_units = run.solve_blocks(facts, able, Budget())
    return {
        "variant": name,
        **watch.seconds(),
        "work_units": work_units,
        "n_unplaced": len(finished.unplaced()),
        "goals": goal_values(facts, finished.placements()),
    }
