"""The optimiser: sends drawn people to visits. It knows AssignmentProblem, and nothing of files.

In: a problem and a budget. Out: an outcome. May import: ``scheduler.domain`` (not its codec), OR-Tools.
Importing this package is cheap; OR-Tools is loaded by the first solve.
"""

from concurrent.futures import Executor

from scheduler.domain.ports import Progress
from scheduler.domain.problem import AssignmentProblem, Outcome, Placement
from scheduler.domain.settings import Budget, Settings
from solvers.executors import executor_of, local_processes
from solvers.signals import stopping_on_signals
from solvers.terms import Terms
from solvers.watch import Stop

__all__ = ["Stop", "Terms", "coverage", "executor_of", "local_processes", "solve", "stopping_on_signals"]


def solve(
    problem: AssignmentProblem,
    settings: Settings | Budget,
    executor: Executor | None = None,
    *,
    progress: Progress | None = None,
    start: tuple[Placement, ...] = (),
    terms: Terms | None = None,
) -> Outcome:
    """Sends drawn people to visits: same problem and budget, same outcome, byte for byte.

    Small campaigns are solved whole and exactly, larger ones in blocks; where only who goes is open, or only
    the routes of single officers, a way made for that shape answers (docs/adr/0028-fixed-starts.md).
    Placements are sorted by visit; a visit that is not placed stands in ``unplaced`` with its reason. An
    empty problem gives an empty outcome.
    Of ``settings`` the budget counts; all else stands in the problem. ``executor`` runs the blocks of a large
    campaign, each a pure function of plain arrays: a process pool, a cluster's (:func:`executor_of`), or none
    for this process alone; the outcome is the same. The caller makes it and shuts it down. ``start`` is a
    former roster to begin with: what of it is not lawful here is left out. Another start may give another
    outcome, so it belongs to the input. ``terms`` hold the clock, the wish to stop, memory: where they end
    the solve early, the outcome is not ``reproducible``; nor is it where CP-SAT failed and the best roster so
    far is given (``solve.by_failure`` in ``notes``).

    Errors: ``solve.version`` (:class:`UsageError`) where the installed solver is not the committed one;
    ``solve.too_large``; ``solve.no_minutes`` and ``solve.no_seats`` for visits and groups that ask for none
    (:class:`InputError`); ``solve.nothing_by_clock``, ``solve.nothing_by_interrupt``
    (:class:`NoAnswerError`) where it was ended before there was any roster; ``solve.model`` or
    ``solve.contradiction`` (bugs) where CP-SAT refuses a model that has a solution, and there was no roster.
    """
    from solvers.solving import solve_problem  # noqa: PLC0415 - OR-Tools takes a second to load

    budget = settings.budget if isinstance(settings, Settings) else settings
    return solve_problem(problem, budget, progress, executor, start, terms)


def coverage() -> dict[str, str]:
    """Rule id to how rosters are kept inside it: ``constraint: <method>`` or ``absent: <why nothing else
    can be expressed>``."""
    from solvers.model.model import coverage as rules  # noqa: PLC0415 - OR-Tools takes a second to load

    return rules()
