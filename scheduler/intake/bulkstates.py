"""Cells read by a machine of few states, thousands at a time: which are plain texts, and which hold a comma.

In: lines. Out: of which kind each cell of a column is. May import: the standard library, numpy, the room's
lines and asides.

The machine is made from Python's own codec and the list of plain characters: it takes no bytes that the codec
would not decode to these.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduler.intake.asides import EXAMPLE_SIGN
from scheduler.intake.bulklines import EACH, LONGEST, Bytes, Whole, words

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

OTHER, TEXT, COMMA = range(3)
"""Kinds of texts: not plain; empty or of plain characters alone, no blank at either end, without the sign of
an example; the same with a comma."""

AT_ONCE = 4 * EACH
"""Bytes of each cell that are read at once."""

_N_BYTES = 256


class _State(NamedTuple):
    """``kind`` of a cell that ends here; whether a blank may follow, and a comma has been; ``rest`` are the
    bytes of which some must follow."""

    kind: int
    blank: bool
    comma: bool
    rest: frozenset[bytes]


def kinds(lines: Whole, position: int | None) -> Bytes:
    """The kind of each cell of a column; one of more than :data:`LONGEST` bytes is :data:`OTHER`."""
    steps, kind_of = _machine(lines.part.encoding)
    starts, sizes = lines.cells(position)
    states = np.zeros(len(starts), dtype=np.int64)
    left, done = np.flatnonzero((sizes > 0) & (sizes <= LONGEST)), 0
    while len(left):
        found = words(lines.padded, starts[left] + done, sizes[left] - done, AT_ONCE // EACH)
        some = states[left]
        for signs in np.ascontiguousarray(found.view(np.uint8).T):
            some = steps.take(some + signs, mode="clip")  # it does not look for places outside
        states[left] = some
        done += AT_ONCE
        left = left[sizes[left] > done]
    found_kinds: Bytes = np.where(sizes <= LONGEST, kind_of[states // _N_BYTES], OTHER)
    return found_kinds


@cache
def _machine(encoding: str) -> tuple[NDArray[np.int64], Bytes]:
    """By state and byte the next state, both as places in this array; by state the kind of a cell that ends
    in it. The first state is that of no byte at all; a zero, which stands behind cells alone, changes
    nothing."""
    letters = [chr(code) for low, high in PLAIN for code in range(low, high + 1)]
    every = frozenset(letter.encode(encoding) for letter in letters if letter not in f" ,{EXAMPLE_SIGN}")
    fault = _State(OTHER, blank=False, comma=False, rest=frozenset())
    numbers = {_State(TEXT, blank=False, comma=False, rest=every): 0, fault: 1}
    steps, waiting = {}, list(numbers)
    for state in waiting:
        steps[state] = _following(state, every)
        new = [one for one in dict.fromkeys(steps[state].values()) if one not in numbers]
        numbers |= {one: len(numbers) + n for n, one in enumerate(new)}
        waiting += new
    places = np.full((len(numbers), _N_BYTES), numbers[fault] * _N_BYTES)
    for state, number in numbers.items():
        places[number, 0] = number * _N_BYTES
        for sign, one in steps[state].items():
            places[number, sign] = numbers[one] * _N_BYTES
    return places.ravel(), np.array([state.kind for state in numbers], dtype=np.uint8)


def _following(state: _State, every: frozenset[bytes]) -> dict[int, _State]:
    """The states after each byte that may follow."""
    text = _State(COMMA if state.comma else TEXT, blank=True, comma=state.comma, rest=every)
    found = {
        sign: text if rest == {b""} else _State(OTHER, blank=False, comma=state.comma, rest=rest)
        for sign, rest in _by_first(state.rest).items()
    }
    if state.rest == every:
        found[ord(",")] = text._replace(kind=COMMA, comma=True)
    if state.blank:
        found[ord(" ")] = text._replace(kind=OTHER)
    return found


@cache
def _by_first(letters: frozenset[bytes]) -> dict[int, frozenset[bytes]]:
    """By first byte what follows it."""
    found: dict[int, set[bytes]] = {}
    for letter in letters:
        found.setdefault(letter[0], set()).add(letter[1:])
    return {sign: frozenset(rest) for sign, rest in found.items()}
