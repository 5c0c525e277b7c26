"""Which lines of a part are plainly good by their own cells, said by set operations on their bytes.

In: lines, the screening. Out: :class:`Plain`. May import: numpy, the room's codes, lines, states and
screening.

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
from scheduler.intake.bulklines import Bytes, Holds, Lines, Places, Whole, letters
from scheduler.intake.bulkscreen import Screen
from scheduler.intake.bulkstates import COMMA, OTHER, kinds

BOX = {"lon_udeg": (73_000_000, 136_000_000), "lat_udeg": (3_000_000, 54_000_000)}
"""Longitudes and latitudes of plain points in micro-degrees: around China, where no two can be swapped."""

DECIMALS = 15
"""Most decimals of a plain coordinate."""

KEPT = 6
"""Decimals that micro-degrees hold."""

HIGH = 12
"""Characters of an identifier that are its first number; those of the second are the rest."""

NEAR = 16_384
"""Lines looked at together: their bytes stay near the processor."""

_POWERS = 10 ** np.arange(8, -1, -1, dtype=np.int32)
_N_BYTES = 256
_NO_VALUE = 255

Numbers = NDArray[np.int32]
Keys = NDArray[np.uint64]

_TYPES = {
    "ok": np.bool_,
    "high": np.uint64,
    "low": np.uint32,
    "lon": np.int32,
    "lat": np.int32,
    "commas": np.uint8,
}


@dataclass(frozen=True, kw_only=True)
class Plain:
    """By line of a part: whether it is plain but for its words, its identifier as two numbers in the order of
    identifiers, its point in micro-degrees, 0 for none, which of its texts hold a comma (1 the name, 2 the
    address)."""

    ok: Holds
    high: Keys
    low: NDArray[np.uint32]
    lon: Numbers
    lat: Numbers
    commas: Bytes


def look(lines: Lines, screen: Screen) -> Plain:
    """Look at every line of a part. Errors: :class:`scheduler.intake.bulktext.DeclinedError` for bytes that
    are no text in cells that nobody reads."""
    n_lines = lines.part.n_records
    found = Plain(**{field.name: np.zeros(n_lines, dtype=_TYPES[field.name]) for field in fields(Plain)})
    for some in lines.whole(NEAR):
        _look(some, screen, found)
    return found


def _look(lines: Whole, screen: Screen, found: Plain) -> None:
    """Write down what is found of these lines."""
    good, high, low = _identifiers(lines, screen.position("enterprise_id"))
    placed, lon, lat = _points(lines, screen)
    places = [screen.position(field) for field in ("name", "address")]
    name, address = (kinds(lines, position) for position in places)
    oks = [good, placed, name != OTHER, address != OTHER, ~_empty(lines, places[0])]
    oks += [_empty(lines, screen.position("legacy_id"))]
    oks += [kinds(lines, position) != OTHER for position in screen.personal]
    oks += [_unread(lines, position) for position in screen.others]
    found.ok[lines.numbers] = reduce(and_, oks)
    found.high[lines.numbers], found.low[lines.numbers] = high, low
    found.lon[lines.numbers], found.lat[lines.numbers] = lon, lat
    found.commas[lines.numbers] = (name == COMMA) + 2 * (address == COMMA)


def _empty(lines: Whole, position: int | None) -> Holds:
    """Which cells of a column have nothing in them."""
    found: Holds = lines.cells(position)[1] == 0
    return found


def _unread(lines: Whole, position: int) -> Holds:
    """Which cells of a column that nobody reads do not hold the sign of an example. All must be text."""
    good: Holds = kinds(lines, position) != OTHER
    for at in np.flatnonzero(~good).tolist():
        good[at] = EXAMPLE_SIGN not in lines.text(at, position)
    return good


def _identifiers(lines: Whole, position: int | None) -> tuple[Holds, Keys, Keys]:
    """Which cells are a 统一社会信用代码 in upper case with the right check character (GB 32100-2015), no
    zero in front: one that lost its zeros elsewhere is looked for among those that have some. With it what
    :class:`Plain` says of identifiers."""
    good = np.zeros(len(lines.numbers), dtype=np.bool_)
    high, low = np.zeros(len(good), dtype=np.uint64), np.zeros(len(good), dtype=np.uint64)
    if position is None:
        return good, high, low
    starts, sizes = lines.cells(position)
    at = np.flatnonzero(sizes == uscc.LENGTH)
    values = _values().take(letters(lines.padded, starts[at], uscc.LENGTH))
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


def _values() -> NDArray[np.uint8]:
    """By byte its value in a 统一社会信用代码."""
    values = np.full(_N_BYTES, _NO_VALUE, dtype=np.uint8)
    values[[ord(letter) for letter in uscc.ALPHABET]] = range(len(uscc.ALPHABET))
    return values


def _points(lines: Whole, screen: Screen) -> tuple[Holds, Numbers, Numbers]:
    """Which lines have both coordinates empty, or both plain and inside the box; the coordinates."""
    none = np.zeros(len(lines.numbers), dtype=np.int32)
    positions = {name: screen.position(name) for name in BOX}
    empty = reduce(and_, [_empty(lines, position) for position in positions.values()])
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
    starts, length = lines.cells(position)
    good, digits = _digits(lines, starts + length - 9, np.arange(9)[:, None] >= 9 - length)
    good &= (length >= 7) & (length <= 9) & (lines.padded[starts] != ord("0"))
    return good, _POWERS @ digits


def _degrees(lines: Whole, position: int) -> tuple[Holds, Numbers]:
    """Decimal degrees of one to three digits, the first no zero, and up to :data:`DECIMALS` decimals that no
    rounding half to even decides, in micro-degrees."""
    starts, length = lines.cells(position)
    point = length.copy()
    for place, signs in zip((3, 2, 1), letters(lines.padded, starts, 4)[:0:-1], strict=True):
        point[(place < length) & (signs == ord("."))] = place
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
    digits = letters(lines.padded, starts, len(within)) - np.uint8(ord("0"))
    good: Holds = np.logical_and.reduce((digits <= 9) | ~within)
    return good, (digits * within).astype(np.int32)
