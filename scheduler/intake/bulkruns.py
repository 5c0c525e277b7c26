"""Plain rows of a part in the order of their identifiers: names and addresses in a file, the rest as numbers.

In: what is known of each row. Out: :class:`Run`, :class:`Plains`; orders and searches among identifiers. May
import: the standard library, numpy, the room's plain rows.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import product
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scheduler.intake import uscc
from scheduler.intake.bulklines import Bytes, Holds, Places, words
from scheduler.intake.bulkplain import HIGH, Keys, Numbers

_BASE = len(uscc.ALPHABET)
LOWER: int = _BASE ** (uscc.LENGTH - HIGH)
"""How many second numbers there are to a first one."""

_PLACE_WORDS = 4
_FACTOR = np.uint64(0x9E37_79B9_7F4A_7C15)  # 2**64 by the golden ratio, odd: it spreads what it multiplies

_TOLD = 20
_LAST = np.uint64((1 << _TOLD) - 1)
"""Bits by which most marks tell that they are not among those looked for."""


@dataclass(frozen=True, kw_only=True)
class Plains:
    """What is known of some plain rows, by row: their ``numbers`` in the source, identifiers as ``high`` and
    ``low``, marks of places, points, ``codes`` of words by group, lengths of ``names`` and ``addresses``, and
    which of these hold a comma (1 the name, 2 the address). ``names`` and ``addresses`` are their bytes in
    UTF-8."""

    numbers: NDArray[np.uint32]
    high: Keys
    low: NDArray[np.uint32]
    place: Keys
    lon: Numbers
    lat: Numbers
    codes: NDArray[np.int32]
    names: NDArray[np.int32]
    addresses: NDArray[np.int32]
    commas: NDArray[np.uint8]

    def some(self, rows: Places | Holds | slice) -> Self:
        """Those of these rows."""
        return type(self)(**{field.name: getattr(self, field.name)[..., rows] for field in fields(self)})

    def marks(self) -> Keys:
        """Numbers that are the same for the same identifiers and hardly ever for others."""
        return self.high * np.uint64(LOWER) + self.low


def together(parts: Sequence[Plains]) -> Plains:
    """The rows of several, at least one, one after the other."""
    names = [field.name for field in fields(Plains)]
    return Plains(**{name: np.concatenate([getattr(one, name) for one in parts], axis=-1) for name in names})


@dataclass(frozen=True, kw_only=True)
class Run:
    """``rows`` in the order of their identifiers. Name and address of row ``i``, a line each, begin at place
    ``starts[i]`` of the padded file at ``path``; the last of ``starts`` is where they end. ``here`` is set to
    false for rows handed over."""

    path: Path
    rows: Plains
    starts: Places
    here: Holds

    def text(self, first: int, last: int) -> Bytes:
        """The bytes of the rows in ``[first, last)``."""
        start, end = int(self.starts[first]), int(self.starts[last])
        return np.fromfile(self.path, dtype=np.uint8, count=end - start, offset=start)

    def with_numbers(self, wanted: NDArray[np.uint32]) -> Places:
        """Rows that are here with one of these numbers, which ascend."""
        first, last = self.rows.numbers.min(), self.rows.numbers.max()
        own = wanted[slice(*np.searchsorted(wanted, [first, last + np.uint32(1)]))]
        sought = np.zeros(int(last - first) + 1, dtype=np.bool_)
        sought[own - first] = True
        return np.flatnonzero(sought[self.rows.numbers - first] & self.here)

    def cut(self, high: int, low: int) -> int:
        """How many rows stand before this identifier."""
        return before(self.rows.high, self.rows.low, high, low)


def before(highs: Keys, lows: NDArray[np.uint32], high: int, low: int) -> int:
    """How many of these identifiers, which are in order, stand before another."""
    first = int(np.searchsorted(highs, np.uint64(high), "left"))
    last = int(np.searchsorted(highs, np.uint64(high), "right"))
    return first + int(np.searchsorted(lows[first:last], np.uint32(low)))


def numbers_of(ident: str) -> tuple[int, int]:
    """The two numbers of an identifier; of any other text those of the next that one may have."""
    number = 0
    for place in range(uscc.LENGTH):
        letter = ident[place : place + 1]
        value = bisect_left(uscc.ALPHABET, letter)
        number = number * _BASE + value
        if uscc.ALPHABET[value : value + 1] != letter:
            rest: int = _BASE ** (uscc.LENGTH - 1 - place)
            return divmod(number * rest, LOWER)
    return divmod(number + (len(ident) > uscc.LENGTH), LOWER)


def marks_of(idents: Iterable[str]) -> Keys:
    """The marks of these identifiers; of any other text that of some identifier."""
    numbers = (high * LOWER + low for high, low in map(numbers_of, idents))
    return np.array([number % (1 << 64) for number in numbers], dtype=np.uint64)


def place_marks(text: Bytes, starts: Places, names: Places, addresses: Places) -> Keys:
    """Numbers that are the same for the same names and addresses, which are two lines of a padded ``text``
    from each of ``starts`` on and of these lengths, and seldom for others: of lengths and first bytes."""
    mark = np.zeros(len(starts), dtype=np.uint64)
    for first, sizes in ((starts, names), (starts + names + 1, addresses)):
        mark = mark * _FACTOR + sizes.astype(np.uint64)
        for word in words(text, first, sizes, _PLACE_WORDS).T:
            mark = mark * _FACTOR + word
    return mark ^ (mark >> np.uint64(32))


def letters(high: Keys, low: NDArray[np.uint32]) -> Bytes:
    """The letters of the identifiers; a row holds one."""
    first, last = spelt(high, uscc.ALPHABET, HIGH, 2), spelt(low, uscc.ALPHABET, uscc.LENGTH - HIGH, 2)
    return np.concatenate((first, last), axis=1)


def spelt(numbers: Keys | NDArray[np.uint32] | Numbers, alphabet: str, n_digits: int, n_each: int) -> Bytes:
    """Numbers in these digits, zeros in front; a row holds one. ``n_each`` digits are found at once, two or
    four; ``n_digits`` is a multiple of it."""
    every = _every(alphabet, n_each)
    found = np.empty((len(numbers), n_digits // n_each), dtype=every.dtype)
    left = numbers
    for place in range(n_digits // n_each - 1, -1, -1):
        higher = left // len(every)
        found[:, place] = every[left - higher * len(every)]
        left = higher
    return found.view(np.uint8)


@cache
def _every(alphabet: str, n_digits: int) -> NDArray[np.unsignedinteger]:
    """All numbers of so many digits in their order, the letters of each as one number."""
    texts = "".join(map("".join, product(alphabet, repeat=n_digits))).encode()
    return np.frombuffer(texts, dtype=f"<u{n_digits}")


def in_order(high: Keys, low: NDArray[np.uint32]) -> Places:
    """The order of these identifiers: by the first number, and where that is the same by the
    second. Two searches by one number are quicker than one by two."""
    order: Places = np.argsort(high)
    ranked = high[order]
    ranks = np.cumsum(np.diff(ranked, prepend=ranked[:1]) != 0).astype(np.uint64)
    return order[np.argsort((ranks << np.uint64(32)) + low[order])]


class Sought:
    """Marks that are looked for among millions."""

    def __init__(self, marks: Keys) -> None:
        self._marks = np.sort(marks)
        self._told = np.zeros(1 << _TOLD, dtype=np.bool_)
        self._told[self._marks & _LAST] = True

    def rows(self, marks: Keys) -> Places:
        """Where one of them stands."""
        at = np.flatnonzero(self._told[marks & _LAST])
        places = np.searchsorted(self._marks, marks[at])
        found: Places = at[self._marks[np.minimum(places, len(self._marks) - 1)] == marks[at]]
        return found
