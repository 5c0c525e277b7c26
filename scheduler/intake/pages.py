"""Sheets of text for people: colours, links, split where a sheet is full, always the same bytes.

In: rows of text. Out: an .xlsx file. May import: the standard library, xlsxwriter, :mod:`scheduler.domain`.

Every cell is written as text: what looks like a formula stays what it is.
"""

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from scheduler.domain.canonical import nfc
from scheduler.domain.spreadsheets import LONGEST_NAME, cut, holdable, line_feeds

Colour = Literal["", "head", "stop", "reject", "notice", "title", "note"]
"""``stop`` and ``reject`` are red, ``notice`` yellow; ``title`` and ``note`` run over what is beside."""

SHEET_ROWS = 1_048_576
"""Rows of a sheet (Excel specifications and limits)."""

LINE_HEIGHT, TALLEST = 15, 409
"""Points of one line in the usual font, and of the tallest row (Excel specifications and limits)."""

SHEET_LINKS = 65_530
"""Links of a sheet (Excel specifications and limits)."""

_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no zone; fixed, or two runs would differ
_UNSAFE = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_FORMATS: Mapping[Colour, Mapping[str, object]] = {
    "": {},
    "title": {"bold": True, "font_size": 13, "text_wrap": False},
    "head": {"bold": True, "bg_color": "#E8EEF4", "border": 1},
    "stop": {"bg_color": "#F4B6B6", "border": 1},
    "reject": {"bg_color": "#F9D9D9", "border": 1},
    "notice": {"bg_color": "#FFF2CC", "border": 1},
    "note": {"text_wrap": False},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One sheet, or several where its rows fill more: ``rows`` begin with ``n_head`` that stand on each.

    ``colours`` maps (row, column) to a cell's colour, both from 0; ``links`` maps a row to the sheet and the
    cell that its last column leads to.
    """

    name: str
    rows: Sequence[Sequence[str]]
    n_head: int
    widths: Sequence[int]
    colours: Mapping[tuple[int, int], Colour] = field(default_factory=dict)
    links: Mapping[int, tuple[str, str]] = field(default_factory=dict)


def sheet_names(wanted: Sequence[str]) -> list[str]:
    """Names that a workbook can hold: at most 31 UTF-16 units, none twice, nothing that no name may have."""
    names: list[str] = []
    for text in wanted:
        base = cut(_UNSAFE.sub("_", nfc(text)).strip("'"), LONGEST_NAME) or "_"
        name, n = base, 1
        while name.lower() in {other.lower() for other in names}:
            n += 1
            name = f"{cut(base, LONGEST_NAME - len(str(n)) - 1)} {n}"
        names.append(name)
    return names


def write_pages(path: Path, pages: Sequence[Page]) -> None:
    """Write the workbook; the same pages give the same bytes. Errors: ``OSError``, and then nothing stands
    there."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": _CREATED, "author": "OneDoor"})
    formats = {
        colour: book.add_format({"num_format": "@", "valign": "top", "text_wrap": True, **look})
        for colour, look in _FORMATS.items()
    }
    parts = [part for page in pages for part in _parts(page)]
    for name, part in zip(sheet_names([part.name for part in parts]), parts, strict=True):
        _write(book.add_worksheet(name), part, formats)
    book.close()
    write_whole(path, buffer.getvalue())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that stands there whole or not at all: xlsxwriter, given a path, leaves half of one on a
    full disk, and raises an error of its own kind. Errors: ``OSError``."""
    try:
        path.write_bytes(data)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


def _parts(page: Page) -> Iterator[Page]:
    """The page, cut where a sheet is full; each part has the head."""
    room = SHEET_ROWS - page.n_head
    if len(page.rows) <= SHEET_ROWS:
        yield page
        return
    head = list(page.rows[: page.n_head])
    for first in range(page.n_head, len(page.rows), room):
        last = min(first + room, len(page.rows))
        shift = first - page.n_head
        moved = range(first, last)
        yield Page(
            name=page.name,
            rows=[*head, *page.rows[first:last]],
            n_head=page.n_head,
            widths=page.widths,
            colours={
                (row - shift if row in moved else row, column): colour
                for (row, column), colour in page.colours.items()
                if row in moved or row < page.n_head
            },
            links={row - shift: link for row, link in page.links.items() if row in moved},
        )


def _write(sheet: Any, page: Page, formats: Mapping[Colour, Any]) -> None:
    for column, width in enumerate(page.widths):
        sheet.set_column(column, column, width)
    n_links = 0
    for number, cells in enumerate(page.rows):
        n_lines = 1 if number < page.n_head - 1 else _lines(cells, page.widths)
        if n_lines > 1:
            sheet.set_row(number, min(LINE_HEIGHT * n_lines, TALLEST))
        for column, cell in enumerate(cells):
            colour: Colour = page.colours.get((number, column), "head" if number == page.n_head - 1 else "")
            if cell or colour:
                sheet.write_string(number, column, holdable(line_feeds(nfc(cell))), formats[colour])
        link = page.links.get(number)
        if link is not None and n_links < SHEET_LINKS:
            n_links += 1
            name, cell = link
            sheet.write_url(number, len(cells) - 1, f"internal:'{name}'!{cell}", string=cell)
    sheet.freeze_panes(page.n_head, 0)
    if len(page.rows) > page.n_head:
        sheet.autofilter(page.n_head - 1, 0, len(page.rows) - 1, max(0, len(page.widths) - 1))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _lines(cells: Sequence[str], widths: Sequence[int]) -> int:
    """Lines that the fullest cell of a row breaks into. Excel finds out by itself when it opens a workbook,
    LibreOffice does not: without a height it prints the lines over the next row."""
    pairs = zip(cells, widths, strict=False)
    return max((_wrapped(cell, width) for cell, width in pairs if len(cell) * 2 > width), default=1)


def _wrapped(cell: str, width: int) -> int:
    """Lines of a text in a column so wide: an ideograph takes two characters' room, words break early."""
    room = max(1, width - 2)
    return sum(max(1, -(-_room(line) // room)) for line in cell.split("\n"))


def _room(line: str) -> int:
    return len(line) if line.isascii() else sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line)


def cell_name(row: int, column: int) -> str:
    """``C5`` of row 4 and column 2, both from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"
