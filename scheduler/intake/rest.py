"""The plain rows of a large register that are kept elsewhere, as the checks between tables see them.

In: nothing. Out: :class:`Rest`. May import: the standard library, numpy for types, :mod:`scheduler.domain`.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from numpy import int32
from numpy.typing import NDArray

from scheduler.domain.hashes import Profile
from scheduler.domain.registers import Enterprise

if TYPE_CHECKING:
    from scheduler.intake.places import Centre


class Rest(Protocol):
    """Accepted enterprises of which no check between rows or tables has anything to say, but for what is
    asked here. ``names`` are those identifiers of theirs that other tables use."""

    names: frozenset[str]

    @property
    def n_rows(self) -> int:
        """How many there are at present."""
        ...

    def districts(self) -> frozenset[str]:
        """Their division codes."""
        ...

    def points(self) -> Iterator[tuple[str, NDArray[int32], NDArray[int32]]]:
        """Per district longitudes and latitudes in micro-degrees, of those that have any."""
        ...

    def not_near(self, centres: "Mapping[str, Centre]", km: int) -> list[tuple[int, Enterprise]]:
        """Hand over those without coordinates or not surely within ``km`` of their district's centre, with
        their numbers, in the order of their identifiers: they are not among the rest any more."""
        ...

    def write(self, path: Path, others: Iterable[Enterprise], profile: Profile) -> str:
        """Write the register's canonical CSV: the rest and the others, sorted by identifier. Returns its
        digest, taken as it is written."""
        ...

    def close(self) -> None:
        """Forget everything and remove what was kept."""
        ...
