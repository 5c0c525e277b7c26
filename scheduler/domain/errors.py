"""Errors a person can act on: a code, parameters, a place; the words stand in the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass, field

Value = str | int


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong: ``code`` names the message, ``params`` fill it.

    ``place`` is where to look (``file``, ``sheet``, ``row``, ``column``, ``value`` where they apply);
    rows count from 1 as a spreadsheet shows them.
    """

    code: str
    params: dict[str, Value] = field(default_factory=dict)
    place: dict[str, Value] = field(default_factory=dict)


class OneDoorError(Exception):
    """All that the program refuses; carries every problem at once, never the first one only."""

    exit_code = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(", ".join(problem.code for problem in self.problems))

    def __reduce__(self) -> tuple[type["OneDoorError"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class UsageError(OneDoorError):
    """The command or the call was put wrongly."""

    exit_code = 2


class InputError(OneDoorError):
    """What came in cannot be used as it is."""

    exit_code = 3


class StaffingError(OneDoorError):
    """The people there are cannot do what the plan asks."""

    exit_code = 4


class NoAnswerError(OneDoorError):
    """No answer within the committed limit."""

    exit_code = 5


class VerificationError(OneDoorError):
    """The checker found a broken rule or a wrong figure."""

    exit_code = 6


class SealError(OneDoorError):
    """The ledger's chain or a sealed file's digest is broken."""

    exit_code = 7


def refuse(
    error: type[OneDoorError],
    code: str,
    /,
    place: dict[str, Value] | None = None,
    **params: Value,
) -> OneDoorError:
    """An error with a single problem, ready to be raised, for example ``draw.quota`` with ``n=3``."""
    return error(Problem(code=code, params=params, place=place or {}))
