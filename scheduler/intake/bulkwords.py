"""The words of a large register's columns: each combination is read once, and found again by its bytes.

In: lines, the screening. Out: by line the codes of its words; what they are, raw and in the canonical CSV.
May import: the standard library, numpy, the room's lines and screening.

A combination is found by a sum over its bytes and then compared byte by byte: two that have the same sum are
told apart, and the row of the later one goes to the record reader. Columns of a group that stand side by side
in the source are taken as one stretch, with the separators between them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from scheduler.intake.bulklines import EACH, LONGEST, Holds, Numbers64, Places, Whole, words
from scheduler.intake.bulkscreen import GROUPS, STRETCHES, Screen

WORDS_MOST = 300_000
"""Most combinations of words learnt per group; rows with others go to the record reader."""

SPARE = 8
"""Slots of a table for each of its combinations, at least."""

PROBES = 64
"""Slots that are looked at for a combination: enough for all but words made to fall into one place."""

NONE = 0
"""The code of a combination that is not plain, or not known."""

_FREE = -1

Codes = NDArray[np.int32]

_FACTORS = np.cumprod(np.full(LONGEST, 0x9E37_79B9_7F4A_7C15, dtype=np.uint64)).reshape(-1, LONGEST // EACH)
_N_BITS = 64


Texts = tuple[NDArray[np.bytes_], ...]
"""Canonical cells of a group by code in UTF-8, with a comma before each, for each of its
:data:`~scheduler.intake.bulkscreen.STRETCHES`."""


@dataclass(frozen=True, kw_only=True)
class _Table:
    """What a group knows so far. ``words`` has by stretch of columns one line of numbers for each code,
    ``sums`` what is looked for, ``slots`` the code by place; ``is_plain`` and ``texts`` are by code. No slot
    is of :data:`NONE`."""

    words: tuple[Numbers64, ...]
    sums: Numbers64
    slots: Codes
    is_plain: Holds
    texts: Texts

    def find(self, sums: Numbers64, words: Sequence[Numbers64]) -> Codes:
        """Codes of combinations; :data:`NONE` for those not known."""
        codes = np.full(len(sums), NONE, dtype=np.int32)
        left, places = np.arange(len(sums)), _place(sums, len(self.slots))
        for _ in range(PROBES):
            if not len(left):
                break
            found = self.slots[places]
            hit = (found != _FREE) & (self.sums[found] == sums[left])
            codes[left[hit]] = found[hit]
            on = ~hit & (found != _FREE)
            left, places = left[on], (places[on] + 1) % len(self.slots)
        same = codes != NONE
        for known, asked in zip(self.words, words, strict=True):
            width = max(known.shape[1], asked.shape[1])
            for one, other in zip(_wide(known, width).T, _wide(asked, width).T, strict=True):
                same &= one[codes] == other
        codes[~same] = NONE
        return codes


class Words:
    """What has been read so far; several threads may ask at the same time."""

    def __init__(self, screen: Screen) -> None:
        self._groups = [_Words(screen, names) for names in GROUPS]

    def codes(self, lines: Whole) -> NDArray[np.int32]:
        """By group and line the code of the line's words, :data:`NONE` where they are not plain."""
        return np.stack([group.codes(lines) for group in self._groups])

    def texts(self) -> list[Texts]:
        """By group the canonical cells of all codes given so far."""
        return [group.table.texts for group in self._groups]

    def raw(self, codes: Sequence[int]) -> dict[str, str]:
        """A line's words as they stood in the source."""
        pairs: dict[str, str] = {}
        for group, code in zip(self._groups, codes, strict=True):
            pairs |= zip(group.fields, group.raw[code], strict=True)
        return pairs

    def districts(self) -> list[str]:
        """The division code of each code of the group that has it, canonical; empty for what is not plain."""
        return self._groups[0].districts


class _Words:
    """Those of one group."""

    def __init__(self, screen: Screen, names: Sequence[str]) -> None:
        self.fields = names
        self.raw: list[tuple[str, ...]] = [()]
        self.districts = [""]
        self._screen = screen
        self._positions = [screen.position(name) for name in names]
        self._spans = _spans(place for place in self._positions if place is not None)
        self._stretches = [list(map(names.index, some)) for some in STRETCHES if some[0] in names]
        self._known: set[tuple[str, ...]] = set()
        self._lock = Lock()
        self.table = _Table(
            words=(np.zeros((1, 1), dtype=np.uint64),) * len(self._spans),
            sums=np.zeros(1, dtype=np.uint64),
            slots=_slots(np.zeros(1, dtype=np.uint64)),
            is_plain=np.zeros(1, dtype=np.bool_),
            texts=tuple(np.array([b""]) for _ in self._stretches),
        )

    def codes(self, lines: Whole) -> Codes:
        """As :meth:`Words.codes`; combinations that are new are read."""
        asked, fits = self._numbers(lines)
        sums = np.zeros(len(fits), dtype=np.uint64)
        for word, factors in zip(asked, _FACTORS, strict=False):
            sums += word @ factors[: word.shape[1]]
        table = self.table
        codes = table.find(sums, asked)
        new = np.flatnonzero(fits & (codes == NONE))
        if len(new):
            _, first = np.unique(sums[new], return_index=True)
            table = self._learn(lines, new[first], sums, asked)
            codes[new] = table.find(sums[new], [word[new] for word in asked])
        codes[~fits | ~table.is_plain[codes]] = NONE
        return codes

    def _numbers(self, lines: Whole) -> tuple[list[Numbers64], Holds]:
        """The cells of each stretch of columns as numbers; which lines have none too long for that."""
        fits = np.ones(len(lines.numbers), dtype=np.bool_)
        found = []
        for first, last in self._spans:
            starts, sizes = lines.span(first, last)
            width = -(-min(LONGEST, int(sizes.max(initial=1))) // EACH)
            found.append(words(lines.padded, starts, sizes, width or 1))
            fits &= sizes <= LONGEST
        return found, fits

    def _learn(self, lines: Whole, at: Places, sums: Numbers64, asked: Sequence[Numbers64]) -> _Table:
        """Read the words of these lines, where nobody has by now; side by side with another separator between
        them they are other bytes, and learnt once more."""
        with self._lock:
            taken, cells = [], []
            for one, raw in zip(at.tolist(), self._raw(lines, at), strict=True):
                key = lines.part.separator, *raw
                if key not in self._known and len(self.raw) <= WORDS_MOST:
                    self._known.add(key)
                    self.raw.append(raw)
                    found = self._screen.words(self.fields, raw)
                    self.districts.append(
                        dict(zip(self.fields, found or (), strict=False)).get("district", "")
                    )
                    taken.append(one)
                    cells.append(found)
            if taken:
                self.table = self._more(sums[taken], [word[taken] for word in asked], cells)
            return self.table

    def _raw(self, lines: Whole, at: Places) -> Iterator[tuple[str, ...]]:
        for one in at.tolist():
            yield tuple("" if place is None else lines.text(one, place) for place in self._positions)

    def _more(
        self, sums: Numbers64, asked: Sequence[Numbers64], cells: Sequence[tuple[str, ...] | None]
    ) -> _Table:
        """The table with these combinations more; ``cells`` are canonical, ``None`` where not plain."""
        old = self.table
        every = np.concatenate((old.sums, sums))
        widths = [max(known.shape[1], new.shape[1]) for known, new in zip(old.words, asked, strict=True)]
        return replace(
            old,
            words=tuple(
                np.concatenate((_wide(known, width), _wide(new, width)))
                for known, new, width in zip(old.words, asked, widths, strict=True)
            ),
            sums=every,
            slots=_slots(every),
            is_plain=np.concatenate((old.is_plain, [found is not None for found in cells])),
            texts=tuple(
                np.concatenate((text, [b"" if one is None else _cells(one, stretch) for one in cells]))
                for text, stretch in zip(old.texts, self._stretches, strict=True)
            ),
        )


def _cells(words: Sequence[str], stretch: Sequence[int]) -> bytes:
    """Some of a combination's canonical words as cells."""
    return "".join(f",{words[n]}" for n in stretch).encode()


def _spans(positions: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of those that stand side by side in this order."""
    found: list[tuple[int, int]] = []
    for place in positions:
        if found and found[-1][1] + 1 == place:
            found[-1] = found[-1][0], place
        else:
            found.append((place, place))
    return found


def _wide(numbers: Numbers64, width: int) -> Numbers64:
    """The same with zeros behind them, which no character is."""
    lack = width - numbers.shape[1]
    return np.pad(numbers, ((0, 0), (0, lack))) if lack else numbers


def _place(sums: Numbers64, n_slots: int) -> Places:
    """Where to look first: the highest bits, which all characters reach."""
    spread = (sums ^ (sums >> np.uint64(_N_BITS // 2))) * _FACTORS[0, 0]
    found: Places = (spread >> np.uint64(_N_BITS + 1 - n_slots.bit_length())).astype(np.int64)
    return found


def _slots(sums: Numbers64) -> Codes:
    """The codes, each in the first free slot from its place on; of equal sums the first is found. One that
    finds no slot is never found, and its rows go to the record reader."""
    n_slots = 1 << (len(sums) * SPARE).bit_length()
    slots = np.full(n_slots, _FREE, dtype=np.int32)
    left = np.arange(1, len(sums), dtype=np.int32)
    places = _place(sums[1:], n_slots)
    for _ in range(PROBES):
        if not len(left):
            break
        free = slots[places] == _FREE
        slots[places[free][::-1]] = left[free][::-1]  # of several in one slot the first stays
        out = slots[places] != left
        left, places = left[out], (places[out] + 1) % n_slots
    return slots
