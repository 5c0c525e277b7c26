"""Which lines of a part are plainly good by their own cells, said by set operations on their characters.

In: lines, the screening. Out: :class:`Plain`. May import: numpy, the room's codes, lines and screening.

Nothing is judged here. A condition that is too strict costs time, for the row then goes to the record
reader; one that is too wide would be a fault, and ``tests/intake/test_intake_bulk.py`` compares both ways.
"""

from dataclasses import dataclass, fields
from functools import reduce
from operator import and_

import numpy as np
from numpy.typing import NDArray

from scheduler.intake import uscc
from scheduler.intake.asides import EXAMPLE_SIGN
from scheduler.intake.bulklines import NEW_LINE, Holds, Lines, Places, Whole
from scheduler.intake.bulkscreen import Screen
from scheduler.intake.celltext import MAX_TEXT

PLAIN = (
    (0x20, 0x21),
    (0x23, 0x7E),
    (0x3001, 0x3002),
    (0x3008, 0x3011),
    (0x4E00, 0x9FA5),
    (0xFF01, 0xFF5E),
)
"""Characters of plain texts: ASCII but for quotes, Chinese punctuation, the ideographs of Unicode 1.1 in
their first block, full-width forms. All are printable, in NFC alone and side by side, and none but U+0020 is
a blank."""

_USUAL = (PLAIN[1], PLAIN[4])
"""Those that nearly all characters are."""

BOX = {"lon_udeg": (73_000_000, 136_000_000), "lat_udeg": (3_000_000, 54_000_000)}
"""Longitudes and latitudes of plain points in micro-degrees: around China, where no two can be swapped."""

DECIMALS = 15
"""Most decimals of a plain coordinate."""

KEPT = 6
"""Decimals that micro-degrees hold."""

HIGH = 12
"""Characters of an identifier that are its first number; those of the second are the rest."""

BLOCK = 1 << 18
"""Characters looked at together: so few stay near the processor."""

NEAR = 8_192
"""Lines looked at together: their characters stay near the processor."""

_POWERS = 10 ** np.arange(8, -1, -1, dtype=np.int32)
_N_UNITS = 1 << 16
_NO_VALUE = 255
_BLANK = ord(" ")
_PLACE_WORDS = 4
_FACTOR = np.uint64(0x9E37_79B9_7F4A_7C15)  # 2**64 by the golden ratio, odd: it spreads what it multiplies

Numbers = NDArray[np.int32]
Keys = NDArray[np.uint64]

_TYPES = {
    "ok": np.bool_,
    "high": np.uint64,
    "low": np.uint32,
    "place": np.uint64,
    "lon": np.int32,
    "lat": np.int32,
}


@dataclass(frozen=True, kw_only=True)
class Plain:
    """By line of a part: whether it is plain but for its words, its identifier as two numbers in the order of
    identifiers, a number that is the same for the same name and address and seldom for others, its point in
    micro-degrees, 0 for none."""

    ok: Holds
    high: Keys
    low: NDArray[np.uint32]
    place: Keys
    lon: Numbers
    lat: Numbers


def look(lines: Lines, screen: Screen) -> Plain:
    """Look at every line of a part."""
    odd, sign = map(lines.holding, _odd_places(lines))
    n_lines = lines.part.n_records
    found = Plain(**{field.name: np.zeros(n_lines, dtype=_TYPES[field.name]) for field in fields(Plain)})
    for some in lines.whole(NEAR):
        _look(_Texts(lines=some, odd=odd, sign=sign), screen, found)
    return found


def _look(texts: "_Texts", screen: Screen, found: Plain) -> None:
    """Write down what is found of the lines of these texts."""
    lines = texts.lines
    good, high, low = _identifiers(lines, screen.position("enterprise_id"))
    placed, lon, lat = _points(lines, screen, texts)
    name, address = (screen.position(field) for field in ("name", "address"))
    oks = [good, placed, texts.are_plain(name), ~texts.empty(name), texts.are_plain(address)]
    oks += [texts.length(name) + texts.length(address) < MAX_TEXT]
    oks += [texts.empty(screen.position("legacy_id"))]
    oks += [texts.are_plain(position) for position in screen.personal]
    oks += [~texts.hold_sign(position) for position in screen.others]
    found.ok[lines.numbers] = reduce(and_, oks)
    found.high[lines.numbers], found.low[lines.numbers] = high, low
    found.place[lines.numbers] = place_marks(lines, name, address)
    found.lon[lines.numbers], found.lat[lines.numbers] = lon, lat


@dataclass(frozen=True, kw_only=True)
class _Texts:
    """Cells of whole lines as texts."""

    lines: Whole
    odd: Holds
    sign: Holds

    def length(self, position: int | None) -> Places:
        """Characters of the cells."""
        starts, ends = self.lines.cells(position)
        return ends - starts

    def empty(self, position: int | None) -> Holds:
        """Which cells have no character."""
        found: Holds = self.length(position) == 0
        return found

    def are_plain(self, position: int | None) -> Holds:
        """Which cells are empty or hold plain characters alone, no blank at either end, and not the sign of
        an example."""
        if position is None:
            return self.empty(None)
        starts, ends = self.lines.cells(position)
        units = self.lines.padded
        edge = (units[starts] == _BLANK) | (units[ends - 1] == _BLANK)
        unlike: Holds = edge & (ends > starts)
        return ~(unlike | self.lines.column(self.odd, position) | self.hold_sign(position))

    def hold_sign(self, position: int) -> Holds:
        """Which cells hold the sign of an example."""
        return self.lines.column(self.sign, position)


def _odd_places(lines: Lines) -> tuple[Places, Places]:
    """Where characters stand that are in no plain text and end neither cell nor line; where the sign of an
    example stands."""
    odd = np.ones(_N_UNITS, dtype=np.bool_)
    for low, high in PLAIN:
        odd[low : high + 1] = False
    odd[[ord(lines.part.separator), NEW_LINE, ord("\r")]] = False
    odds, signs = [], []
    for start in range(0, len(lines.units), BLOCK):
        units = lines.units[start : start + BLOCK]
        unusual = reduce(and_, (units - np.uint16(low) > np.uint16(high - low) for low, high in _USUAL))
        places = np.flatnonzero(unusual)
        odds.append(places[odd[units[places]]] + start)
        signs.append(np.flatnonzero(units == ord(EXAMPLE_SIGN)) + start)
    return np.concatenate(odds), np.concatenate(signs)


def _identifiers(lines: Whole, position: int | None) -> tuple[Holds, Keys, Keys]:
    """Which cells are a 统一社会信用代码 in upper case with the right check character (GB 32100-2015), no
    zero in front: one that lost its zeros elsewhere is looked for among those that have some. With it what
    :class:`Plain` says of identifiers."""
    good = np.zeros(len(lines.numbers), dtype=np.bool_)
    high, low = np.zeros(len(good), dtype=np.uint64), np.zeros(len(good), dtype=np.uint64)
    if position is None:
        return good, high, low
    starts, ends = lines.cells(position)
    at = np.flatnonzero(ends - starts == uscc.LENGTH)
    letters = lines.windows(starts[at], uscc.LENGTH)
    values = _values()[letters]
    total = np.array(uscc.WEIGHTS, dtype=np.int32) @ values.astype(np.int32)
    good[at] = (values[0] > 0) & (values.max(axis=0) < _NO_VALUE) & (total % len(uscc.ALPHABET) == 0)
    high[at], low[at] = _joined(values[:HIGH]), _joined(values[HIGH:])
    return good, high, low


def _joined(digits: NDArray[np.uint8]) -> Keys:
    """Numbers of these digits, the first row the highest."""
    number = np.zeros(digits.shape[1], dtype=np.uint64)
    for digit in digits:
        number = number * np.uint64(len(uscc.ALPHABET)) + digit
    return number


def place_marks(lines: Whole, *positions: int | None) -> Keys:
    """A number by line that is the same where the cells of these columns are, and seldom where they are not:
    of their lengths and first characters."""
    mark = np.zeros(len(lines.numbers), dtype=np.uint64)
    for position in positions:
        mark *= _FACTOR
        starts, ends = lines.cells(position)
        sizes = ends - starts
        mark += sizes.astype(np.uint64)
        for word in lines.words(starts, sizes, _PLACE_WORDS).T:
            mark = mark * _FACTOR + word
    return mark ^ (mark >> np.uint64(32))


def _values() -> NDArray[np.uint8]:
    """By character its value in a 统一社会信用代码."""
    values = np.full(_N_UNITS, _NO_VALUE, dtype=np.uint8)
    values[[ord(letter) for letter in uscc.ALPHABET]] = range(len(uscc.ALPHABET))
    return values


def _points(lines: Whole, screen: Screen, texts: _Texts) -> tuple[Holds, Numbers, Numbers]:
    """Which lines have both coordinates empty, or both plain and inside the box; the coordinates."""
    none = np.zeros(len(lines.numbers), dtype=np.int32)
    positions = {name: screen.position(name) for name in BOX}
    empty = reduce(and_, [texts.empty(position) for position in positions.values()])
    oks, found = [], []
    for name, position in positions.items():
        if position is None:
            return empty, none, none
        read = _micro if screen.kind(name) == "micro" else _degrees
        good, value = read(lines, position)
        low, high = BOX[name]
        oks.append(good & (low <= value) & (value <= high))
        found.append(value)
    full = reduce(and_, oks)
    lon, lat = (np.where(full, value, none) for value in found)
    return empty | full, lon, lat


def _micro(lines: Whole, position: int) -> tuple[Holds, Numbers]:
    """Integer micro-degrees of seven to nine digits, the first no zero."""
    starts, ends = lines.cells(position)
    length = ends - starts
    good, digits = _digits(lines, ends - 9, np.arange(9)[:, None] >= 9 - length)
    good &= (length >= 7) & (length <= 9) & (lines.padded[starts] != ord("0"))
    return good, _POWERS @ digits


def _degrees(lines: Whole, position: int) -> tuple[Holds, Numbers]:
    """Decimal degrees of one to three digits, the first no zero, and up to :data:`DECIMALS` decimals that no
    rounding half to even decides, in micro-degrees."""
    starts, ends = lines.cells(position)
    length = ends - starts
    point = length.copy()
    for place, units in zip((3, 2, 1), lines.windows(starts, 4)[:0:-1], strict=True):
        point[(place < length) & (units == ord("."))] = place
    decimals = length - np.minimum(point + 1, length)
    good = (point >= 1) & (point <= 3) & (decimals <= DECIMALS) & ((decimals > 0) | (point == length))
    good &= lines.padded[starts] != ord("0")
    most = max(KEPT, min(DECIMALS, int(decimals.max(initial=0))))
    good_whole, whole = _digits(lines, starts + point - 3, np.arange(3)[:, None] >= 3 - point)
    good_decimals, digits = _digits(lines, starts + point + 1, np.arange(most)[:, None] < decimals)
    value = _POWERS @ np.concatenate((whole, digits[:KEPT]))
    if most > KEPT:
        next_digit, more = digits[KEPT], digits[KEPT + 1 :].any(axis=0)
        value += next_digit >= 5
        good &= (next_digit != 5) | more
    return good & good_whole & good_decimals, value


def _digits(lines: Whole, starts: Places, within: Holds) -> tuple[Holds, Numbers]:
    """As many digits from these places on as ``within`` has rows, 0 where it does not hold; where all that
    are within are digits."""
    digits = lines.windows(starts, len(within)) - np.uint16(ord("0"))
    good: Holds = np.logical_and.reduce((digits <= 9) | ~within)
    return good, (digits * within).astype(np.int32)
