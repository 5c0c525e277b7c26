"""A large sheet cut between its rows into workbooks of their own, parsed side by side.

In: a workbook's bytes, what the scan found in a sheet. Out: the sheet's rows as the parser would give them in
one. May import: the standard library, python-calamine, the room's scan.

The parser holds a sheet's cells as one rectangle and works on one core. Only sheets are cut whose every row
and cell is spelt as usual (``SheetFacts.is_plain``) and whose texts stand in the sheet: a table of shared
texts would be read again with every piece. Each piece is parsed without Python's lock held.
"""

import io
import zipfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any

from python_calamine import CalamineSheet, CalamineWorkbook

from scheduler.intake.sheetscan import SHARED_PART, SheetFacts, plain_part

CUT_FROM = 30_000_000
"""Bytes of a sheet from which it is cut: below, the parts of each piece are not worth their making."""

FIRST, PIECE = 1 << 20, 12 << 20
"""Bytes of the first piece, which shows how wide the sheet is, and of the others."""

READ = 1 << 20
"""Bytes unpacked at once."""

SMALL = 1 << 20
"""Most bytes of a part that is copied into every piece."""

HANDS = 2
"""Pieces parsed at the same time."""

COPIED = frozenset(
    {
        "[content_types].xml",
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        SHARED_PART,
    }
)
"""Parts that tell the parser how to read a sheet."""

BODY, END, ROW = b"<sheetData>", b"</sheetData>", b"<row "

Row = list[Any]


class CutSheet:
    """A sheet in ``part`` of a workbook, called ``name`` there, with what the scan found in it."""

    def __init__(self, data: bytes, name: str, part: str, facts: SheetFacts) -> None:
        self._data = data
        self._name = name
        self._part = part
        self._facts = facts

    def rows(self) -> Iterator[Row] | None:
        """The rows from row 1 to the last that is filled, all of one width; ``None`` where the sheet has to
        be read in one. Errors: those of the parser."""
        facts = self._facts
        if not facts.is_plain or facts.n_bytes < CUT_FROM or not self._is_simple():
            return None
        pieces = self._pieces()
        first = self._parsed(next(pieces, b""))
        # a column beside those of the first piece may be empty, or not: only the whole would tell
        if first is None or first.start is None or first.end is None:
            return None
        if first.start[1] or first.end[1] + 1 != facts.last_column:
            return None
        return self._joined(first, pieces)

    def _is_simple(self) -> bool:
        with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
            return all(
                entry.file_size <= SMALL
                for entry in archive.infolist()
                if plain_part(entry.filename) in COPIED
            )

    def _joined(self, first: CalamineSheet, pieces: Iterator[bytes]) -> Iterator[Row]:
        """Rows in order, with the blank ones between them; pieces without a filled cell add nothing."""
        width, done = self._facts.last_column, 0
        for sheet in chain([first], self._ahead(pieces)):
            if sheet.start is None or sheet.end is None:
                continue
            top, left = sheet.start
            for _ in range(done, top):
                yield [""] * width
            before, after = [""] * left, [""] * (width - sheet.end[1] - 1)
            found = sheet.to_python(skip_empty_area=True)
            if before or after:
                yield from ([*before, *cells, *after] for cells in found)
            else:
                yield from found
            done = top + len(found)

    def _ahead(self, pieces: Iterator[bytes]) -> Iterator[CalamineSheet]:
        waiting: deque[Future[CalamineSheet | None]] = deque()
        with ThreadPoolExecutor(HANDS) as parsers:
            for piece in pieces:
                waiting.append(parsers.submit(self._parsed, piece))
                if len(waiting) > HANDS:
                    yield from _there(waiting.popleft().result())
            while waiting:
                yield from _there(waiting.popleft().result())

    def _parsed(self, piece: bytes) -> CalamineSheet | None:
        """A workbook of this piece; ``None`` where there is none."""
        if not piece:
            return None
        return CalamineWorkbook.from_filelike(io.BytesIO(piece)).get_sheet_by_name(self._name)

    def _pieces(self) -> Iterator[bytes]:
        """Small workbooks, one after the other; none at all where the rows are not found."""
        with zipfile.ZipFile(io.BytesIO(self._data)) as archive:
            parts = {plain_part(entry.filename): entry for entry in archive.infolist()}
            copied = [
                (entry.filename, archive.read(entry)) for part, entry in parts.items() if part in COPIED
            ]
            sheet = parts[self._part]
            with archive.open(sheet) as stream:
                head, body, rest = stream.read(READ).partition(BODY)
                if not body or END in rest:
                    return
                for rows in _bodies(chain([rest], iter(lambda: stream.read(READ), b""))):
                    yield _workbook(
                        copied, sheet.filename, b"".join((head, BODY, rows, END, b"</worksheet>"))
                    )


def _there(sheet: CalamineSheet | None) -> Iterator[CalamineSheet]:
    if sheet is not None:
        yield sheet


def _bodies(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Whole rows in pieces of about the sizes wanted."""
    kept: list[bytes] = []
    size, wanted = 0, FIRST
    for piece in pieces:
        tail = (kept[-1][-len(END) :] if kept else b"") + piece
        kept.append(piece)
        size += len(piece)
        ended = END in tail
        if size < wanted and not ended:
            continue
        data = b"".join(kept)
        end = data.find(END, max(0, len(data) - len(tail))) if ended else data.rfind(ROW)
        if end > 0:
            yield data[:end]
        if ended:
            return
        kept, wanted = [data[max(0, end) :]], PIECE + (size if end <= 0 else 0)
        size = len(kept[0])


def _workbook(copied: list[tuple[str, bytes]], part: str, sheet: bytes) -> bytes:
    """An archive without packing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in [*copied, (part, sheet)]:
            archive.writestr(name, data)
    return out.getvalue()
