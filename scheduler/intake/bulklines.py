"""A part of a large register as lines and cells by their places, found by set operations on its characters.

In: a :class:`scheduler.intake.bulktext.Part`. Out: :class:`Lines`. May import: the standard library, numpy,
the room's parts.

Characters are counted in UTF-16, two bytes each (one beyond the first plane is two that no plain text holds),
so that a place in the text is a place in an array.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduler.intake.bulktext import BLANK, STRETCH, Part

Places = NDArray[np.int64]
Holds = NDArray[np.bool_]
Units = NDArray[np.uint16]

UNIT = np.dtype("<u2")
NEW_LINE = ord("\n")

WINDOW = 20
"""Most characters of :meth:`Whole.windows`."""


class Lines:
    """The lines of a part, numbered from 0; ``units`` are the characters of its text."""

    def __init__(self, part: Part, width: int) -> None:
        self.part = part
        self._width = width
        self._padded, self._bounds = _units(part)
        self.units = self._padded[:-WINDOW]
        lasts = np.flatnonzero(self.units[self._bounds[1:]] == NEW_LINE) + 1
        self._lines = np.concatenate((np.array([0]), lasts))

    def has_empty(self) -> bool:
        """Whether some line has nothing in it, not even a blank."""
        line_end = len(self.part.line_end)
        return bool((np.diff(self._bounds[self._lines]) == line_end).any())

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
        return line.split(self.part.separator) if line not in {"", BLANK} else []

    def holding(self, found: Places) -> Holds:
        """Which cells hold one of these characters, given by their places; for :meth:`Whole.column`."""
        held = np.zeros(len(self._bounds), dtype=np.bool_)
        held[np.searchsorted(self._bounds, found)] = True
        return held

    def whole(self, n_lines: int) -> Iterator["Whole"]:
        """The lines of as many cells as there are columns, so many at a time."""
        numbers = np.flatnonzero(np.diff(self._lines) == self._width)
        for start in range(0, len(numbers), n_lines):
            some = numbers[start : start + n_lines]
            yield Whole(
                numbers=some,
                padded=self._padded,
                bounds=self._bounds,
                lasts=self._lines[some + 1],
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

    def cells(self, position: int) -> tuple[Places, Places]:
        """Where the cells of a column begin and end."""
        at = self.lasts - (self.width - 1 - position)
        ends = self.bounds[at] - (self.tail if position == self.width - 1 else 0)
        return self.bounds[at - 1] + 1, ends

    def column(self, held: Holds, position: int) -> Holds:
        """What :meth:`Lines.holding` says of a column's cells."""
        return held[self.lasts - (self.width - 1 - position)]

    def windows(self, starts: Places, width: int) -> Units:
        """``width`` characters from each of these places on; a row holds those of one distance."""
        size = width * UNIT.itemsize
        every = np.ndarray(len(self.padded) - width + 1, f"V{size}", self.padded, strides=UNIT.itemsize)
        return np.ascontiguousarray(every[starts].view(UNIT).reshape(-1, width).T)


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
