"""The solver's inner loops, compiled before anything is measured.

In: nothing. Out: nothing. May import: ``instances``, ``solvers``, ``benchmarks.measuring``.

The first solve of an installation compiles them, and so does the first one after a change of their sources:
70 seconds of a processor, and 450 MB in each process that runs a block then (docs/benchmarks.md).
"""

from typing import Any

from benchmarks.measuring import measured
from instances import roster
from scheduler.domain.settings import Budget
from solvers.blocks.large import solve_large
from solvers.facts import Facts


def compile_loops() -> None:
    """Compile what is not kept on disk yet, in a process of its own; two seconds where all of it is."""
    measured(_compile)


def _compile() -> dict[str, Any]:
    solve_large(Facts(roster("street", seed=1)), Budget(rounds=1), None, None)
    return {}
