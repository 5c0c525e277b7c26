"""Plain rows as lines of the canonical CSV, put together thousands at a time.

In: what is known of the rows, their names and addresses, the canonical words. Out: UTF-8. May import: the
standard library, numpy, the room's plain rows and words, :mod:`scheduler.domain`.

Every cell has as many bytes in each line as the longest has, zeros behind it; in the end what is zero is left
out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from string import digits

import numpy as np
from numpy.typing import NDArray

from scheduler.domain.registers import Enterprise
from scheduler.intake import uscc
from scheduler.intake.bulklines import Bytes, Places, Sizes, always, side_by_side, texts
from scheduler.intake.bulkplain import Numbers
from scheduler.intake.bulkruns import Plains, letters, spelt
from scheduler.intake.bulkscreen import GROUPS, STRETCHES
from scheduler.intake.bulkwords import Texts

FIELDS = tuple(field.name for field in fields(Enterprise))

TOGETHER = 2_048
"""Lines put together at once: their bytes stay near the processor."""

_FIGURES = 12
"""Room for a comma and the nine digits that micro-degrees have at most."""

_OF_GROUP = [[some for some in STRETCHES if some[0] in names] for names in GROUPS]
_PLACES = {some: (n, at) for n, runs in enumerate(_OF_GROUP) for at, some in enumerate(runs)}
"""Of a stretch of words its group, and which of this group's stretches it is."""


def form(rows: Plains, text: Bytes, starts: Places, known: Sequence[Texts]) -> Iterator[bytes]:
    """The canonical lines of the rows, some thousand at a time. In the padded ``text`` their names and
    addresses begin at ``starts``, a line each; ``known`` are the words by group."""
    for first in range(0, len(starts), TOGETHER):
        some = slice(first, first + TOGETHER)
        yield side_by_side(list(_cells(rows.some(some), text, starts[some], known)))


def _cells(rows: Plains, text: Bytes, starts: Places, known: Sequence[Texts]) -> Iterator[NDArray[np.void]]:
    """The bytes of lines from left to right."""
    commas = rows.commas.astype(np.int64)
    one, other = commas & 1, commas >> 1
    yield letters(rows.high, rows.low).view(f"V{uscc.LENGTH}").ravel()
    yield _chosen(one, b",uscc,", b',uscc,"')
    yield texts(text, starts, rows.names)
    yield _chosen(commas, b",", b'",', b',"', b'","')
    yield texts(text, starts + rows.names + 1, rows.addresses)
    yield _chosen(other, b"", b'"')
    for stretch in STRETCHES:
        if stretch in _PLACES:
            group, place = _PLACES[stretch]
            yield _rows(known[group][place], rows.codes[group])
        else:
            yield _figures(rows.lon)
            yield _figures(rows.lat)
    yield always(b",\n")


def _chosen(which: Places, *choices: bytes) -> NDArray[np.void]:
    """One of these for each row; no wider than those that are chosen."""
    return _rows(np.array(choices[: int(which.max()) + 1]), which)


def _rows(cells: NDArray[np.bytes_], at: Sizes) -> NDArray[np.void]:
    """Those cells, in half the time in which numpy finds texts."""
    found: NDArray[np.void] = cells.view(f"V{cells.itemsize}")[at]
    return found


def _figures(values: Numbers) -> NDArray[np.void]:
    """A comma, and digits where there are any."""
    signs = spelt(values, digits, _FIGURES, 4)
    first = _FIGURES - 1 - np.where(values, 7 + (values >= 10**7) + (values >= 10**8), 0)
    signs[np.arange(_FIGURES) <= first[:, None]] = 0
    signs[np.arange(len(values)), first] = ord(",")
    return signs.view(f"V{_FIGURES}").ravel()
