"""The optimiser: sends drawn people to visits. It knows AssignmentProblem, and nothing of files.

In: a problem and a budget. Out: an outcome. May import: ``scheduler.domain`` (not its codec), OR-Tools.
Importing this package is cheap; OR-Tools is loaded by the first solve.
"""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from scheduler.domain.ports import Progress
from scheduler.domain.problem import AssignmentProblem, Outcome
from scheduler.domain.settings import Budget

__all__ = ["coverage", "local_processes", "solve"]


def solve(
    problem: AssignmentProblem,
    budget: Budget,
    *,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Outcome:
    """Sends drawn people to visits: same problem and budget, same outcome, byte for byte.

    Small campaigns are solved whole and exactly, larger ones in blocks. Placements are sorted by visit; a
    visit that is not placed stands in ``unplaced`` with its reason. An empty problem gives an empty outcome.
    ``executor`` runs the blocks of a large campaign, each a pure function of plain arrays: a process pool, a
    cluster's, or none for this process alone; the outcome is the same. The caller makes it and shuts it down.

    Errors: ``UsageError`` ``solve.version`` where the installed solver is not the committed one;
    ``solve.model`` or ``solve.contradiction`` (bugs) where CP-SAT refuses a model that has a solution.
    """
    from solvers.solving import solve_problem  # noqa: PLC0415 - OR-Tools takes a second to load

    return solve_problem(problem, budget, progress, executor)


@contextmanager
def local_processes(count: int) -> Iterator[Executor | None]:
    """An executor of so many processes of this machine for :func:`solve`; nothing for one: that is this one.

    The processes are spawned, so a script that uses them guards its start with ``__name__ == "__main__"``.
    """
    if count <= 1:
        yield None
        return
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        yield pool


def coverage() -> dict[str, str]:
    """Rule id to how rosters are kept inside it: ``constraint: <method>`` or ``absent: <why nothing else
    can be expressed>``."""
    from solvers.model.model import coverage as rules  # noqa: PLC0415 - OR-Tools takes a second to load

    return rules()
