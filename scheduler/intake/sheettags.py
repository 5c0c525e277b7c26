"""The tags of a worksheet in their usual spelling, ``<row r="2">`` and ``<c r="A2">``, by set operations.

In: the XML of a sheet, piece by piece. Out: which pieces hold anything else and need a closer look, and
whether the sheet can be cut between its rows. May import: the standard library, numpy.

Regular expressions over every tag take longer and hold Python's lock all the while.
"""

import codecs
import re

import numpy as np
from numpy.typing import NDArray

AHEAD = 24
"""Bytes behind a ``<`` by which a tag is told."""

CELL = int.from_bytes(b'c r="', "little")
ROW = int.from_bytes(b'row r="', "little")
PREFIXED = re.compile(rb"</?[^\s<>:/]*:(?:c|row|sheetData)[\s/>]")
"""Tags of a sheet under a prefix: lawful, and of no program that is known."""

MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
"""The first n bytes of a word of eight."""

MARKED = np.isin(np.arange(256), list(b"!fm"))
"""How tags begin that are looked at: declarations, formulas, merged cells."""

NEAR = 999_999
"""The last row that needs no closer look for its number alone."""

ENDED = np.isin(np.arange(256), list(b" \t\r\n/>"))
"""What follows a tag's name."""

CAPITAL = np.isin(np.arange(256), np.arange(ord("A"), ord("Z") + 1))

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Words = NDArray[np.uint64]


class Tags:
    """What has been fed. ``columns`` is the farthest column named, ``last_row`` the last row's number.
    ``is_plain`` stays true while every row and cell has its number in the usual spelling, rows ascend, cells
    name the row they stand in, and nothing is declared, commented or prefixed: such a sheet can be cut."""

    def __init__(self) -> None:
        self.columns = 0
        self.last_row = 0
        self.is_plain = True
        self._is_first = True
        self._row_word = np.uint64(0)
        self._row_length = 0

    def feed(self, piece: bytes) -> bool:
        """Whether the piece, which has to end where a tag ends or its text, needs a closer look."""
        return self._is_odd(piece + bytes(AHEAD), len(piece))

    def _is_odd(self, data: bytes, end: int) -> bool:
        """Look at the tags that begin before ``end``."""
        signs = np.frombuffer(data, dtype=np.uint8)
        at = np.flatnonzero(signs[:end] == ord("<"))
        if self._is_first and data[:8].removeprefix(codecs.BOM_UTF8).startswith(b"<?xml"):
            at = at[1:]
        self._is_first = False
        first, second = signs[at + 1], signs[at + 2]
        cells, rows = at[first == ord("c")], at[(first == ord("r")) & (second == ord("o"))]
        is_cell = _words(signs, cells + 1) & MASKS[5] == CELL
        is_row = _words(signs, rows + 1) & MASKS[7] == ROW
        n_usual = int(np.count_nonzero(is_cell)) + int(np.count_nonzero(is_row))
        ordered = self._are_in_order(signs, cells[is_cell], rows[is_row])
        prefixed = _is_prefixed(signs[:end])
        usual = ordered and not prefixed and _n_references(signs, end) == n_usual
        loose = ENDED[signs[cells[~is_cell] + 2]].any() or ENDED[signs[rows[~is_row] + 4]].any()
        told = ((first == ord("!")) | (first == ord("?"))).any()
        self.is_plain &= bool(ordered and not loose and not told)
        self.is_plain &= not prefixed or PREFIXED.search(data) is None
        marked = MARKED[first] | ((first == ord("/")) & (second == ord("f")))
        return bool(not usual or n_usual < len(cells) + len(rows) or marked.any() or self.last_row > NEAR)

    def _are_in_order(self, signs: Bytes, cells: Places, rows: Places) -> bool:
        """Whether the rows ascend and each cell names its row, in references of at most two capitals and
        seven digits."""
        digits = signs[rows[:, None] + np.arange(8, 16)]
        lengths = (digits == ord('"')).argmax(axis=1)
        words = _words(signs, rows + 8) & MASKS[lengths + 1]
        numbers = np.zeros(len(rows), dtype=np.int64)
        good = bool(np.all(lengths > 0))
        for place in range(7):
            digit = digits[:, place].astype(np.int64) - ord("0")
            inside = place < lengths
            good &= bool(np.all((digit[inside] >= 0) & (digit[inside] <= 9)))
            numbers = np.where(inside, numbers * 10 + digit, numbers)
        good &= bool(np.all(np.diff(numbers, prepend=self.last_row) > 0))
        letter, other = signs[cells + 6], signs[cells + 7]
        two = CAPITAL[other]
        good &= bool(np.all(CAPITAL[letter]))
        words = np.concatenate(([self._row_word], words))
        lengths = np.concatenate(([self._row_length], lengths))
        row = np.searchsorted(rows, cells)
        good &= bool(np.all(_words(signs, cells + 7 + two) & MASKS[lengths[row] + 1] == words[row]))
        good &= bool(self._row_length or not len(row) or row[0])
        if len(rows):
            self.last_row = int(numbers[-1])
            self._row_word, self._row_length = words[-1], int(lengths[-1])
        if len(cells):
            column = letter.astype(np.int64) - 64
            column = np.where(two, column * 26 + other - 64, column)
            self.columns = max(self.columns, int(column.max()))
        return good


def _words(signs: Bytes, at: Places) -> Words:
    """The eight bytes from each place on as one number, the first byte lowest."""
    windows = np.lib.stride_tricks.sliding_window_view(signs, 8)
    return windows[at].view("<u8")[:, 0] if len(at) else np.zeros(0, dtype=np.uint64)


def _is_prefixed(signs: Bytes) -> bool:
    """Whether a colon stands before a name that may be that of a row or a cell."""
    after = signs[1:][signs[:-1] == ord(":")]
    return bool(np.any((after == ord("c")) | (after == ord("r"))))


def _n_references(signs: Bytes, end: int) -> int:
    """How often ``r=`` stands before ``end``; -1 where an ``r`` and a ``=`` may be apart."""
    letters, after = signs[:end] == ord("r"), signs[1 : end + 1]
    apart = signs[np.flatnonzero(letters & (after <= ord(" "))) + 2]
    if np.any((apart == ord("=")) | (apart <= ord(" "))):
        return -1
    return int(np.count_nonzero(letters & (after == ord("="))))
