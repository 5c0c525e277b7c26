"""Reads a sealed ``plan/frame.csv`` into columns, about ten times as fast as row by row.

In: a canonical CSV. Out: :class:`FrameColumns`. May import: the domain.
"""

import csv
from collections.abc import Iterator
from dataclasses import fields
from operator import lt
from pathlib import Path

from scheduler.domain.codec import LIST_MARK, from_plain, read_csv
from scheduler.domain.errors import InputError
from scheduler.domain.frame import FrameColumns, frame_columns
from scheduler.domain.plan import FrameRow

PIECE = 1 << 24
"""Bytes read at a time: the lines of one piece are all that is held beside the result."""

HEADER = ",".join(field.name for field in fields(FrameRow)).encode() + b"\n"
"""The first line of every frame."""

_N_COLUMNS = len(fields(FrameRow))


def read_frame(path: Path) -> FrameColumns:
    """The frame of a canonical CSV. Errors: those of :func:`scheduler.domain.codec.read_csv`.

    Where a line needs more than cutting at commas, the codec reads the file instead and tells what is wrong.
    """
    found = _plain_lines(path)
    return frame_columns(read_csv(FrameRow, path)) if found is None else found


class _Filing:
    """Ids by the text of all that follows the id in their lines."""

    def __init__(self) -> None:
        self.texts: dict[bytes, bytearray] = {}
        self.count = 0
        self.ascending = True
        self._last: bytes | None = None

    def add(self, lines: list[bytes]) -> bool:
        """File the lines; False where one of them has no comma."""
        found: dict[bytes, list[bytes]] = {}
        ids: list[bytes] = []
        for line in lines:
            ident, comma, rest = line.partition(b",")
            if not comma:
                return False
            ids.append(ident)
            try:
                found[rest].append(ident)
            except KeyError:
                found[rest] = [ident]
        for rest, alike in found.items():
            self.texts.setdefault(rest, bytearray()).extend(b"\n".join([*alike, b""]))
        # Bytes of UTF-8 sort as the characters do, so this is the order of the texts.
        if self.ascending:
            before = [] if self._last is None else [self._last]
            self.ascending = all(map(lt, [*before, *ids[:-1]], ids if before else ids[1:]))
        self._last = ids[-1]
        self.count += len(ids)
        return True


def _plain_lines(path: Path) -> FrameColumns | None:
    """The frame where its lines can be cut at commas and every cell is sound, else None."""
    filing = _Filing()
    for lines in _pieces(path):
        if lines is None or not filing.add(lines):
            return None
    ids: dict[FrameRow, bytes] = {}
    for text, joined in filing.texts.items():
        profile = profile_of(text)
        if profile is None or profile in ids or not joined.isascii():
            return None
        ids[profile] = bytes(joined)
    return FrameColumns(ids=ids, n_rows=filing.count, ascending=filing.ascending)


def _pieces(path: Path) -> Iterator[list[bytes] | None]:
    """Whole lines without the header, never an empty list; None for what only the codec can read."""
    with path.open("rb") as stream:
        if stream.readline() != HEADER:
            yield None
            return
        rest = b""
        while piece := stream.read(PIECE):
            whole, end, tail = (rest + piece).rpartition(b"\n")
            rest = tail
            if b'"' in whole or b"\r" in whole:
                yield None
                return
            if end:
                yield whole.split(b"\n")
        if rest:
            yield None


def profile_of(text: bytes) -> FrameRow | None:
    """The row without its id, from all that follows the id's comma in its line; None where it is none."""
    try:
        cells = next(csv.reader([text.decode()], strict=True))
    except (UnicodeDecodeError, csv.Error, StopIteration):
        return None
    if len(cells) != _N_COLUMNS - 1:
        return None
    names = [field.name for field in fields(FrameRow)]
    tags = tuple(cells[-1].split(LIST_MARK)) if cells[-1] else ()
    try:
        return from_plain(FrameRow, {**dict(zip(names, ["", *cells], strict=True)), "tags": tags})
    except InputError:
        return None
