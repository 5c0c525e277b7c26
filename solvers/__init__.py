"""The optimiser: sends drawn people to visits. It knows AssignmentProblem, and nothing of files.

In: a problem and a budget. Out: an outcome. May import: ``scheduler.domain`` (not its codec), OR-Tools.
Importing this package is cheap; OR-Tools is loaded by the first solve.
"""

from scheduler.domain.ports import Progress
from scheduler.domain.problem import AssignmentProblem, Outcome
from scheduler.domain.settings import Budget

__all__ = ["coverage", "solve"]


def solve(problem: AssignmentProblem, budget: Budget, *, progress: Progress | None = None) -> Outcome:
    """Sends drawn people to visits: same problem and budget, same outcome, byte for byte.

    Small campaigns are solved whole and exactly, larger ones in blocks. Placements are sorted by visit; a
    visit that is not placed stands in ``unplaced`` with its reason. An empty problem gives an empty outcome.

    Errors: ``UsageError`` ``solve.version`` where the installed solver is not the committed one;
    ``solve.model`` or ``solve.contradiction`` (bugs) where CP-SAT refuses a model that has a solution.
    """
    from solvers.solving import solve_problem  # noqa: PLC0415 - OR-Tools takes a second to load

    return solve_problem(problem, budget, progress)


def coverage() -> dict[str, str]:
    """Rule id to how rosters are kept inside it: ``constraint: <method>`` or ``absent: <why nothing else
    can be expressed>``."""
    from solvers.model.model import coverage as rules  # noqa: PLC0415 - OR-Tools takes a second to load

    return rules()
