"""A part of a large register as lines and cells by their places, found by set operations on its characters.

In: a :class:`scheduler.intake.bulktext.Part`. Out: :class:`Lines`. May import: the standard library, numpy,
the room's parts.

Characters are counted in UTF-16, two bytes each (one beyond the first plane is two that no plain text holds),
so that a place in the text is a place in an array.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scheduler.intake.bulktext import STRETCH, Part

Places = NDArray[np.int64]
Holds = NDArray[np.bool_]
Units = NDArray[np.uint16]
Numbers64 = NDArray[np.uint64]

UNIT = np.dtype("<u2")
NEW_LINE = ord("\n")

WINDOW = 128
"""Most characters of :meth:`Whole.windows` and :meth:`Whole.words`."""

WORD = np.dtype("<u8")
EACH = WORD.itemsize // UNIT.itemsize
"""Characters that one number of 64 bits holds."""

_FULL = np.arange(WINDOW + 1)[:, None] - np.arange(0, WINDOW, EACH)
_MASKS = np.array([0, 0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF], dtype=WORD)[
    np.clip(_FULL, 0, EACH)
]
"""By length of a cell what of each of its numbers belongs to it."""


class Lines:
    """The lines of a part, numbered from 0; ``units`` are the characters of its text, ``padded`` with
    :data:`WINDOW` more behind them."""

    def __init__(self, part: Part, width: int) -> None:
        self.part = part
        self._width = width
        self.padded, self._bounds = _units(part)
        self.units = self.padded[:-WINDOW]
        lasts = np.flatnonzero(self.units[self._bounds[1:]] == NEW_LINE) + 1
        self._lines = np.concatenate((np.array([0]), lasts))

    def records(self, numbers: Places) -> list[list[str]]:
        """The cells of these lines."""
        starts = (self._bounds[self._lines[numbers]] + 1).tolist()
        ends = (self._bounds[self._lines[numbers + 1]] - len(self.part.line_end) + 1).tolist()
        asides = self.part.asides
        return [
            asides[at] if at in asides else self._cut(start, end)
            for at, start, end in zip(numbers.tolist(), starts, ends, strict=True)
        ]

    def _cut(self, start: int, end: int) -> list[str]:
        line = self.units[start:end].tobytes().decode("utf-16-le")
        return line.split(self.part.separator) if line else []

    def holding(self, found: Places) -> Holds:
        """Which cells hold one of these characters, given by their places; for :meth:`Whole.column`."""
        held = np.zeros(len(self._bounds), dtype=np.bool_)
        held[np.searchsorted(self._bounds, found)] = True
        return held

    def whole(self, n_lines: int) -> Iterator["Whole"]:
        """The lines of as many cells as there are columns, so many at a time."""
        return self.some(np.flatnonzero(np.diff(self._lines) == self._width), n_lines)

    def some(self, numbers: Places, n_lines: int) -> Iterator["Whole"]:
        """These of them, in this order, so many at a time."""
        return (self.these(numbers[at : at + n_lines]) for at in range(0, len(numbers), n_lines))

    def these(self, numbers: Places) -> "Whole":
        """These of them, in this order."""
        return Whole(
            numbers=numbers,
            padded=self.padded,
            bounds=self._bounds,
            lasts=self._lines[numbers + 1],
            width=self._width,
            tail=len(self.part.line_end) - 1,
        )


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Some lines of ``width`` cells each, by their ``numbers``. ``padded`` are the characters of the part,
    ``bounds`` where its cells end, ``lasts`` which of these are the ends of the lines, ``tail`` how many
    characters more a line's end has than a cell's."""

    numbers: Places
    padded: Units
    bounds: Places
    lasts: Places
    width: int
    tail: int

    def cells(self, position: int | None) -> tuple[Places, Places]:
        """Where the cells of a column begin and end; a column that the source has not is empty."""
        if position is None:
            none = np.zeros(len(self.numbers), dtype=np.int64)
            return none, none
        at = self.lasts - (self.width - 1 - position)
        ends = self.bounds[at] - (self.tail if position == self.width - 1 else 0)
        return self.bounds[at - 1] + 1, ends

    def column(self, held: Holds, position: int) -> Holds:
        """What :meth:`Lines.holding` says of a column's cells."""
        return held[self.lasts - (self.width - 1 - position)]

    def windows(self, starts: Places, width: int) -> Units:
        """``width`` characters from each of these places on; a row holds those of one distance."""
        return np.ascontiguousarray(self._from(starts, width).view(UNIT).reshape(-1, width).T)

    def words(self, starts: Places, sizes: Places, width: int) -> Numbers64:
        """Cells from ``starts`` on of these ``sizes`` (at most :data:`WINDOW`, more count as so many), as
        ``width`` numbers each that are the same for the same characters alone."""
        masks = _masks(width)[np.minimum(sizes, WINDOW)]
        return (self._from(starts, width * EACH).view(WORD) & masks.view(WORD)).reshape(-1, width)

    def _from(self, starts: Places, width: int) -> NDArray[np.void]:
        size = width * UNIT.itemsize
        every = np.ndarray(len(self.padded) - width + 1, f"V{size}", self.padded, strides=UNIT.itemsize)
        found: NDArray[np.void] = every[starts]
        return found

    def text(self, at: int, position: int) -> str:
        """One cell of a column."""
        starts, ends = self.cells(position)
        return self.padded[starts[at] : ends[at]].tobytes().decode("utf-16-le")


@cache
def _masks(width: int) -> NDArray[np.void]:
    """The first ``width`` masks by length, each row as one."""
    return np.ascontiguousarray(_MASKS[:, :width]).view(f"V{width * WORD.itemsize}").ravel()


def _units(part: Part) -> tuple[Units, Places]:
    """The characters with :data:`WINDOW` more behind them; -1 and the places where cells end. A stretch at a
    time: what is made for the whole and thrown away costs more than the work."""
    units = np.empty(2 * len(part.text) + WINDOW, dtype=UNIT)
    bounds, at = [np.array([-1])], 0
    for start in range(0, len(part.text), STRETCH):
        stretch = np.frombuffer(part.text[start : start + STRETCH].encode("utf-16-le"), dtype=UNIT)
        bounds.append(np.flatnonzero((stretch == ord(part.separator)) | (stretch == NEW_LINE)) + at)
        units[at : at + len(stretch)] = stretch
        at += len(stretch)
    units[at : at + WINDOW] = 0
    return units[: at + WINDOW], np.concatenate(bounds)
