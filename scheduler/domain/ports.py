"""What the pipeline asks of the outside: a solver, and somebody to tell how far it is."""

from typing import Protocol

from scheduler.domain.problem import AssignmentProblem, Outcome, Placement
from scheduler.domain.settings import Budget


class Progress(Protocol):
    """Receives talk while long work runs; never decides anything."""

    def __call__(self, code: str, /, **params: str | int) -> None:
        """``code`` names a message; ``done``/``total`` where a share is known."""
        ...


class AssignmentSolver(Protocol):
    """Sends drawn people to visits. Same problem and budget, same outcome, byte for byte."""

    def __call__(
        self,
        problem: AssignmentProblem,
        budget: Budget,
        /,
        *,
        progress: Progress | None = None,
        start: tuple[Placement, ...] = (),
    ) -> Outcome:
        """The best lawful outcome within the budget. ``start`` is a former roster to begin with; it is given
        only where one was asked for.

        Errors: :class:`scheduler.domain.errors.UsageError` ``solve.version`` where the installed solver is
        not the committed one.
        """
        ...
