"""Plain rows as lines of the canonical CSV, put together from stretches of characters.

In: what is known of the rows, their names and addresses, the canonical words. Out: UTF-8. May import: the
standard library, numpy, the room's plain rows and words, :mod:`scheduler.domain`.

A line is a chain of stretches that stand somewhere already: among names, words, figures. Where each begins
and how long it is becomes one array of places for thousands of lines, read at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from string import digits

import numpy as np

from scheduler.domain.registers import Enterprise
from scheduler.intake import uscc
from scheduler.intake.bulklines import UNIT, Places, Units
from scheduler.intake.bulkplain import Numbers
from scheduler.intake.bulkruns import Plains, letters, spelt
from scheduler.intake.bulkscreen import GROUPS, STRETCHES
from scheduler.intake.bulkwords import Texts

FIELDS = tuple(field.name for field in fields(Enterprise))

TOGETHER = 2_048
"""Lines put together at once: their characters stay near the processor."""

_SIGNS = ',uscc,"' + '","' + ",\n"
_QUOTE, _COMMA, _END = 6, 8, 10
"""Where these stand among the signs: with a quote before or behind where a cell has to have it."""

_FIGURES = 12
"""Room for a comma and the nine digits that micro-degrees have at most."""

_OF_GROUP = [[some for some in STRETCHES if some[0] in names] for names in GROUPS]
_PLACES = {some: (n, at) for n, runs in enumerate(_OF_GROUP) for at, some in enumerate(runs)}
"""Of a stretch of words its group, and which of this group's stretches it is."""

Segment = tuple[Places | int, Places | Numbers | int]
"""Where a stretch of each line begins and how long it is."""


def form(rows: Plains, text: Units, starts: Places, words: Sequence[Texts]) -> Iterator[bytes]:
    """The canonical lines of the rows, some thousand at a time; in ``text`` they begin at ``starts``."""
    pools = [text, *(texts.units for texts in words), np.frombuffer(_SIGNS.encode("utf-16-le"), dtype=UNIT)]
    ends = np.cumsum(list(map(len, pools))).tolist()
    room = np.empty(ends[-1] + TOGETHER * (uscc.LENGTH + 2 * _FIGURES), dtype=UNIT)
    np.concatenate(pools, out=room[: ends[-1]])
    for first in range(0, len(starts), TOGETHER):
        some = slice(first, first + TOGETHER)
        forming = _Forming(rows=rows.some(some), room=room, starts=starts[some], words=words, ends=ends)
        yield chained(room, list(forming.segments())).tobytes().decode("utf-16-le").encode()


@dataclass(frozen=True, kw_only=True)
class _Forming:
    """A few lines. ``room`` holds all characters that they need: up to ``ends`` those of names and addresses,
    of the ``words`` by group, of signs; behind them those of identifiers and figures."""

    rows: Plains
    room: Units
    starts: Places
    words: Sequence[Texts]
    ends: Sequence[int]

    def segments(self) -> Iterator[Segment]:
        """The chain of each line."""
        rows, signs = self.rows, self.ends[-2]
        commas = rows.commas.astype(np.int64)
        one, other = commas & 1, commas >> 1
        yield self._put(letters(rows.high, rows.low), 0), uscc.LENGTH
        yield signs, _QUOTE + one
        yield self.starts, rows.names
        yield signs + _COMMA - one, 1 + one + other
        yield self.starts + rows.names, rows.addresses
        yield signs + _QUOTE, other
        for stretch in STRETCHES:
            if stretch in _PLACES:
                group, place = _PLACES[stretch]
                texts, codes = self.words[group], rows.codes[group]
                yield self.ends[group] + texts.starts[place][codes], texts.sizes[place][codes]
            else:
                yield self._figures(rows.lon, uscc.LENGTH)
                yield self._figures(rows.lat, uscc.LENGTH + _FIGURES)
        yield signs + _END, 2

    def _put(self, units: Units, column: int) -> Places:
        """Where these stand, once they are there: each row's behind those of all rows that stand before."""
        first = self.ends[-1] + column * TOGETHER
        self.room[first : first + units.size] = units.ravel()
        found: Places = first + np.arange(len(units)) * units.shape[1]
        return found

    def _figures(self, values: Numbers, column: int) -> Segment:
        """A comma, and digits where there are any."""
        units = spelt(values, digits, _FIGURES, 4)
        n_digits = np.where(values, 7 + (values >= 10**7) + (values >= 10**8), 0)
        first = _FIGURES - 1 - n_digits
        units[np.arange(len(values)), first] = ord(",")
        return self._put(units, column) + first, n_digits + 1


def chained(source: Units, segments: Sequence[Segment]) -> Units:
    """The stretches of one line after the other."""
    n_lines = max(map(np.size, (start for start, _ in segments)))
    starts, sizes = np.empty((2, n_lines, len(segments)), dtype=np.int64)
    for n, segment in enumerate(segments):
        starts[:, n], sizes[:, n] = segment
    filled = sizes > 0
    starts, sizes = starts[filled], sizes[filled]
    steps = np.ones(int(sizes.sum()), dtype=np.int64)
    steps[:1] = starts[:1]
    steps[np.cumsum(sizes)[:-1]] = starts[1:] - starts[:-1] - sizes[:-1] + 1
    return source.take(np.cumsum(steps, out=steps), mode="clip")  # it does not look for places outside
