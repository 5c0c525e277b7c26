"""A part of a large register as lines and cells by their places, found by set operations on its bytes.

In: a :class:`scheduler.intake.bulktext.Part`. Out: :class:`Lines`. May import: the standard library, numpy,
the room's parts.

Nothing is decoded here but what is asked for as text: line ends and separators are the same bytes in every
encoding there is, and part of no other character.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scheduler.intake.bulktext import STRETCH, Part, decoded

Places = NDArray[np.int64]
Holds = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Sizes = NDArray[np.int64] | NDArray[np.int32]
Numbers64 = NDArray[np.uint64]

NEW_LINE = ord("\n")

LONGEST = 512
"""Most bytes of a plain text or word."""

WINDOW = LONGEST * 3 // 2
"""Most bytes of :func:`letters` and :func:`words`: as many are those texts in UTF-8."""

WORD = np.dtype("<u8")
EACH = WORD.itemsize
"""Bytes that one number of 64 bits holds."""

_FULL = np.arange(WINDOW + 1)[:, None] - np.arange(0, WINDOW, EACH)
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(EACH + 1)], dtype=WORD)[np.clip(_FULL, 0, EACH)]
"""By length of a cell what of each of its numbers belongs to it."""


class Lines:
    """The lines of a part, numbered from 0; ``padded`` are its bytes with :data:`WINDOW` zeros more."""

    def __init__(self, part: Part, width: int) -> None:
        self.part = part
        self._width = width
        self._tail = len(part.line_end) - 1
        self.padded = padded(part.data)
        self._bounds = _bounds(self.padded[:-WINDOW], part.separator)
        lasts = np.flatnonzero(self.padded[self._bounds[1:]] == NEW_LINE) + 1
        self._lines = np.concatenate((np.array([0]), lasts))

    def records(self, numbers: Places) -> list[list[str]]:
        """The cells of these lines. Errors: :class:`scheduler.intake.bulktext.DeclinedError` for bytes that
        are no text."""
        starts = (self._bounds[self._lines[numbers]] + 1).tolist()
        ends = (self._bounds[self._lines[numbers + 1]] - self._tail).tolist()
        asides = self.part.asides
        return [
            asides[at] if at in asides else self._cut(start, end)
            for at, start, end in zip(numbers.tolist(), starts, ends, strict=True)
        ]

    def _cut(self, start: int, end: int) -> list[str]:
        line = decoded(self.part.data[start:end], self.part.encoding)
        return line.split(self.part.separator) if line else []

    def cells(self, numbers: Places, position: int | None) -> tuple[Places, Places]:
        """Where the cells of a column begin in these lines and how many bytes they have; a column that the
        source has not is empty."""
        if position is None:
            none = np.zeros(len(numbers), dtype=np.int64)
            return none, none
        ends = self._lines[numbers + 1] - (self._width - 1 - position)
        starts = self._bounds[ends - 1] + 1
        return starts, self._bounds[ends] - self._tail * (position == self._width - 1) - starts

    def whole(self, n_lines: int) -> Iterator["Whole"]:
        """The lines of as many cells as there are columns, so many at a time."""
        return self.some(np.flatnonzero(np.diff(self._lines) == self._width), n_lines)

    def some(self, numbers: Places, n_lines: int) -> Iterator["Whole"]:
        """These of them, in this order, so many at a time."""
        n_bounds = self._width + 1
        for at in range(0, len(numbers), n_lines):
            some = numbers[at : at + n_lines]
            found = _from(self._bounds, self._lines[some + 1] - self._width, n_bounds)
            bounds = np.ascontiguousarray(found.view(np.int64).reshape(-1, n_bounds).T)
            bounds[-1] -= self._tail
            yield Whole(numbers=some, part=self.part, padded=self.padded, bounds=bounds)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Some lines with a cell for each column, by their ``numbers``. ``padded`` are the bytes of the ``part``;
    of ``bounds`` the first row is before the first column, the others are where the columns' cells end."""

    numbers: Places
    part: Part
    padded: Bytes
    bounds: Places

    def cells(self, position: int | None) -> tuple[Places, Places]:
        """As :meth:`Lines.cells`."""
        if position is None:
            none = np.zeros(len(self.numbers), dtype=np.int64)
            return none, none
        return self.span(position, position)

    def span(self, first: int, last: int) -> tuple[Places, Places]:
        """As :meth:`cells`, of several columns side by side with the separators between them."""
        starts = self.bounds[first] + 1
        return starts, self.bounds[last + 1] - starts

    def text(self, at: int, position: int) -> str:
        """One cell of a column. Errors: as :meth:`Lines.records`."""
        start, end = self.bounds[position : position + 2, at].tolist()
        return decoded(self.part.data[start + 1 : end], self.part.encoding)


def padded(data: bytes) -> Bytes:
    """The bytes with :data:`WINDOW` zeros behind them."""
    return np.frombuffer(data + bytes(WINDOW), dtype=np.uint8)


def letters(source: Bytes, starts: Places, width: int) -> Bytes:
    """``width`` bytes from each of these places on; a row holds those of one distance."""
    return np.ascontiguousarray(_from(source, starts, width).view(np.uint8).reshape(-1, width).T)


def texts(source: Bytes, starts: Places, sizes: Sizes) -> NDArray[np.void]:
    """Such stretches, zeros behind them, as wide as the longest needs."""
    found = words(source, starts, sizes, -(-int(sizes.max(initial=1)) // EACH))
    return found.view(f"V{found.shape[1] * EACH}").ravel()


def words(source: Bytes, starts: Places, sizes: Sizes, width: int) -> Numbers64:
    """Stretches from ``starts`` on of these ``sizes`` (at most :data:`WINDOW`, more count as so many), as
    ``width`` numbers each that are the same for the same bytes alone: zeros stand behind them."""
    masks = _masks(width)[np.minimum(sizes, WINDOW)]
    return (_from(source, starts, width * EACH).view(WORD) & masks.view(WORD)).reshape(-1, width)


def _from(source: Bytes | Places, starts: Places, n_each: int) -> NDArray[np.void]:
    """``n_each`` items from each of these places on."""
    size = source.itemsize
    every = np.ndarray(len(source) - n_each + 1, f"V{n_each * size}", source, strides=size)
    found: NDArray[np.void] = every[starts]
    return found


def always(sign: bytes) -> NDArray[np.void]:
    """A column that is the same in every row, for :func:`side_by_side`."""
    return np.frombuffer(sign, dtype=f"V{len(sign)}")


def side_by_side(columns: Sequence[NDArray[np.void]]) -> bytes:
    """The rows of these columns, one after the other, without zeros."""
    names = [f"column {n}" for n in range(len(columns))]
    dtype = [(name, column.dtype) for name, column in zip(names, columns, strict=True)]
    rows = np.empty(max(map(len, columns)), dtype=dtype)
    for name, column in zip(names, columns, strict=True):
        rows[name] = column
    signs = rows.view(np.uint8)
    return bytes(signs[signs != 0].data)


@cache
def _masks(width: int) -> NDArray[np.void]:
    """The first ``width`` masks by length, each row as one."""
    return np.ascontiguousarray(_MASKS[:, :width]).view(f"V{width * WORD.itemsize}").ravel()


def _bounds(signs: Bytes, separator: str) -> Places:
    """-1 and the places where cells end. A stretch at a time: what is made for the whole and thrown away
    costs more than the work."""
    found = [np.array([-1])]
    for at in range(0, len(signs), STRETCH):
        stretch = signs[at : at + STRETCH]
        found.append(np.flatnonzero((stretch == ord(separator)) | (stretch == NEW_LINE)) + at)
    return np.concatenate(found)
