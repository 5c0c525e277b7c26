"""The sealed register: runs of plain rows, each in order, and the other rows in one order.

In: runs, words, the rows of the record reader. Out: the canonical CSV. May import: the standard library,
numpy, the room's runs and lines, :mod:`scheduler.domain`.
"""

import os
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from scheduler.domain.codec import csv_bytes
from scheduler.domain.hashes import Hash, Profile, hasher
from scheduler.domain.registers import Enterprise
from scheduler.intake.bulkform import TOGETHER, form
from scheduler.intake.bulklines import NEW_LINE, WINDOW
from scheduler.intake.bulkruns import Run, before, in_order, numbers_of, together
from scheduler.intake.bulkwords import Texts

SORTERS = 2
"""Pieces sorted at the same time."""

BYTES = 4_000
"""Memory that a row takes at most while its piece is sorted or waits, those sorted beside it included."""

SAMPLED = 200
"""Rows of each piece by which the bounds of all are found."""

Span = tuple[Run, int, int]
"""Some rows of a run: the first, and the one behind the last."""

Added = tuple[tuple[int, int], bytes]
"""The numbers of a row's identifier with its line."""


def write_sorted(
    path: Path,
    runs: Sequence[Run],
    words: Sequence[Texts],
    others: Sequence[Enterprise],
    memory_mb: int,
    profile: Profile,
) -> str:
    """Write the canonical CSV, sorted by identifier: pieces of it are put in order in about ``memory_mb``
    while those before them go to the disk. Returns the file's digest."""
    state = hasher(profile)()
    rows = sorted(others, key=lambda row: row.enterprise_id)
    head, *lines, _ = csv_bytes(Enterprise, rows).split(b"\n")
    added = [(numbers_of(row.enterprise_id), line + b"\n") for row, line in zip(rows, lines, strict=True)]
    bounds = _bounds(runs, max(1, memory_mb * 1_000_000 // BYTES))
    cuts = [[0] * len(runs), *([run.cut(*bound) for run in runs] for bound in bounds)]
    cuts.append([len(run.here) for run in runs])
    firsts = [0, *(bisect_left(added, (bound,)) for bound in bounds), len(added)]
    with path.open("wb") as stream, ThreadPoolExecutor(SORTERS) as sorters:
        _append([head + b"\n"], stream, state)
        waiting: deque[Future[list[bytes]]] = deque()
        for both, (first, last) in zip(pairwise(cuts), pairwise(firsts), strict=True):
            spans = list(zip(runs, *both, strict=True))
            waiting.append(sorters.submit(_piece, spans, words, added[first:last]))
            while len(waiting) > SORTERS:
                _append(waiting.popleft().result(), stream, state)
        for job in waiting:
            _append(job.result(), stream, state)
    return state.hexdigest()


def _piece(spans: Sequence[Span], words: Sequence[Texts], added: Sequence[Added]) -> list[bytes]:
    """The lines of the rows in these spans that are here, and those added, in order: some together."""
    if not spans:
        return [line for _, line in added]
    texts = [run.text(first, last) for run, first, last in spans]
    bases = np.cumsum([0, *map(len, texts)])
    here = np.concatenate([run.here[first:last] for run, first, last in spans])
    starts = [
        run.starts[first:last] - run.starts[first] + base
        for (run, first, last), base in zip(spans, bases[:-1], strict=True)
    ]
    rows = together([run.rows.some(slice(first, last)) for run, first, last in spans])
    order = np.flatnonzero(here)
    order = order[in_order(rows.high[order], rows.low[order])]
    rows = rows.some(order)
    text = np.concatenate([*texts, np.zeros(WINDOW, dtype=np.uint8)])
    formed = form(rows, text, np.concatenate(starts)[order], words)
    return list(_with(formed, [(before(rows.high, rows.low, *numbers), line) for numbers, line in added]))


def _with(formed: Iterable[bytes], added: Sequence[tuple[int, bytes]]) -> Iterator[bytes]:
    """The lines, :data:`TOGETHER` at a time, with others, each behind so many of them."""
    waiting, n_lines = deque(added), 0
    for lines in formed:
        start = 0
        while waiting and waiting[0][0] < n_lines + TOGETHER:
            n_before, line = waiting.popleft()
            ends = np.flatnonzero(np.frombuffer(lines, dtype=np.uint8) == NEW_LINE)
            end = int(ends[n_before - n_lines - 1]) + 1 if n_before > n_lines else 0
            yield lines[start:end]
            yield line
            start = end
        yield lines[start:]
        n_lines += TOGETHER
    yield from (line for _, line in waiting)


def _bounds(runs: Sequence[Run], most: int) -> list[tuple[int, int]]:
    """Identifiers, as their two numbers, that cut the rows into pieces of about so many at most."""
    n_rows = sum(len(run.here) for run in runs)
    if not n_rows:
        return []
    n_pieces = n_rows // most + 1
    step = max(1, n_rows // (n_pieces * SAMPLED))
    sample = together([run.rows.some(slice(0, None, step)) for run in runs])
    order = in_order(sample.high, sample.low)
    at = order[[n * len(order) // n_pieces for n in range(1, n_pieces)]]
    return list(zip(sample.high[at].tolist(), sample.low[at].tolist(), strict=True))


def _append(piece: Iterable[bytes], stream: BinaryIO, state: Hash) -> None:
    """Move a piece onto the disk, which is the slowest part of sealing it."""
    for lines in piece:
        state.update(lines)
        stream.write(lines)
    stream.flush()
    os.fsync(stream.fileno())
