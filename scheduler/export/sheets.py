"""Sheets as data and the workbook made of them: text stays text, the same rows give the same bytes.

In: headings with widths, rows of strings, integers and dates. Out: the bytes of an .xlsx file.
May import: :mod:`scheduler.domain`, xlsxwriter.
"""

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from scheduler.domain.canonical import nfc
from scheduler.domain.errors import InputError, refuse
from scheduler.domain.spreadsheets import LONGEST_NAME, LONGEST_TEXT, cut, holdable, line_feeds

Tone = Literal["", "D", "C", "B", "bad", "good", "quiet"]
"""A cell's colour by what it means; the cell's text says the same in words."""

Row = TypeVar("Row")

MOST_ROWS = 1_048_574
"""Data rows of a sheet: a sheet's 1,048,576 less title and headings (Excel specifications and limits)."""

EXACT = 2**53
"""Above it a spreadsheet's numbers are no longer exact: such integers are written as text."""

FILLS: dict[Tone, str] = {
    "D": "#F4B6A6",
    "C": "#FBD9A5",
    "B": "#FFF3C4",
    "bad": "#F4B6A6",
    "good": "#CFE8CF",
    "quiet": "#E4E7EB",
}
"""Light enough that black text on them prints and copies well."""

PAPERS = {"A3": 8, "A4": 9}
"""The format's own numbers of paper sizes."""

LINE, TALLEST = 16, 409
"""Points: a line of Chinese at 11 points where LibreOffice stands in with its own face, which needs most, and
the tallest row there may be."""

SAMPLE = 500
"""Rows whose texts a column's width is taken from."""

# What turns round all text after it: behind a name stand codes and figures.
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001  # the file format has no zone; fixed: no clock in stage files


@dataclass(frozen=True, kw_only=True, slots=True)
class Toned:
    """A value with the colour of its meaning; ``sheet`` names a sheet of the workbook that it leads to."""

    value: str | int | dt.date
    tone: Tone = ""
    sheet: str = ""


Cell = str | int | dt.date | Toned


@dataclass(frozen=True, kw_only=True, slots=True)
class Column(Generic[Row]):
    """A heading, what stands under it, and the width in characters (a Chinese character counts two) beyond
    which its text is wrapped. A heading cannot drift from its cells: both stand here. ``left`` puts numbers
    to the left, too, where they stand among texts."""

    heading: str
    width: int
    cell: Callable[[Row], Cell] = str
    left: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet: ``title`` stands above the headings; every row has as many cells as there are columns.
    ``rule_by`` is the column where a change of value begins a new block, with a line above it; None for
    none. ``notes`` stand under the rows. ``paper`` is what it is printed on, landscape."""

    name: str
    title: str
    columns: Sequence[Column[Any]]
    rows: Sequence[tuple[Cell, ...]]
    rule_by: int | None = None
    notes: tuple[str, ...] = ()
    paper: Literal["A3", "A4"] = "A4"


def laid_out(
    name: str, title: str, columns: Sequence[Column[Row]], rows: Iterable[Row], **more: Any
) -> Sheet:
    """A sheet with a line for each row, made by the columns."""
    lines = [tuple(column.cell(row) for column in columns) for row in rows]
    return Sheet(name=name, title=title, columns=columns, rows=lines, **more)


def workbook_bytes(sheets: Iterable[Sheet]) -> bytes:
    """An .xlsx file with the sheets in their order.

    Errors: :class:`~scheduler.domain.errors.InputError` ``export.too_many_rows``.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_urls": False})
    book.set_properties({"created": _CREATED, "author": "OneDoor"})
    formats = Formats(book)
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, formats)
    book.close()
    return stream.getvalue()


def clean(value: str) -> str:
    """Text that a cell can hold and that turns nothing around it: NFC, line feeds only, � for what XML
    forbids, without embeddings, overrides and isolates of direction, cut at the cell's limit."""
    if value.isascii() and value.isprintable() and len(value) <= LONGEST_TEXT:
        return value
    return holdable(_TURNING.sub("", line_feeds(nfc(value))))


def sheet_name(taken: set[str], wanted: str) -> str:
    """A name that a sheet may have (31 UTF-16 units at most, no bracket, colon, star, question mark or slash,
    no apostrophe at an end), unlike those taken."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f\x7f]", "_", clean(wanted)).strip("' ")
    base = cut(plain, LONGEST_NAME).rstrip("' ") or "_"
    name, number = base, 1
    while name.lower() in taken or name.lower() == "history":
        number += 1
        name = f"{cut(base, LONGEST_NAME - 1 - len(str(number)))}~{number}"
    taken.add(name.lower())
    return name


@lru_cache(maxsize=50_000)
def display_width(line: str) -> int:
    """Characters that a line of text takes: East Asian wide ones count two."""
    if line.isascii():
        return len(line)
    return sum(1 + (unicodedata.east_asian_width(char) in "WFA") for char in line)


class Formats:
    """The workbook's cell formats, each made when first asked for."""

    _KINDS: Mapping[str, Mapping[str, object]] = {
        "title": {"bold": True, "font_size": 13},
        "heading": {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "vcenter"},
        "text": {"text_wrap": True, "valign": "top", "num_format": "@"},
        "date": {"valign": "top", "align": "left", "num_format": "yyyy-mm-dd"},
        "int": {"valign": "top", "align": "right", "indent": 1, "num_format": "#,##0"},
        "left": {"valign": "top", "align": "left", "num_format": "#,##0"},
        "link": {
            "text_wrap": True,
            "valign": "top",
            "num_format": "@",
            "font_color": "#1F4E99",
            "underline": 1,
        },
        "note": {"italic": True, "font_color": "#555555"},
    }

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, Tone, bool], object] = {}

    def get(self, kind: str, tone: Tone = "", *, ruled: bool = False) -> object:
        """The format of a kind of cell, in a colour, with a line above it."""
        key = (kind, tone, ruled)
        if key not in self._made:
            look = dict(self._KINDS[kind])
            if kind not in {"title", "heading", "note"}:
                look |= {"bottom": 1, "bottom_color": "#D5D9DF"}
            if tone:
                look["bg_color"] = FILLS[tone]
            if ruled:
                look |= {"top": 1, "top_color": "#5B7083"}
            self._made[key] = self._book.add_format(look)
        return self._made[key]


def _write(page: Worksheet, sheet: Sheet, formats: Formats) -> None:
    if len(sheet.rows) > MOST_ROWS:
        raise refuse(
            InputError, "export.too_many_rows", sheet=sheet.name, rows=len(sheet.rows), most=MOST_ROWS
        )
    page.write_string(0, 0, clean(sheet.title), formats.get("title"))
    page.set_row(1, 2 * LINE + 4)
    widths = [_width(position, sheet) for position in range(len(sheet.columns))]
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, widths[position])
        page.write_string(1, position, column.heading, formats.get("heading"))
    before: object = None
    for number, row in enumerate(sheet.rows, start=2):
        block = None if sheet.rule_by is None else row[sheet.rule_by]
        ruled = before is not None and block != before
        before = block
        lines = max(map(_lines, row, widths), default=1)
        if lines > 1:
            # Not every program makes room for wrapped text when it opens a file.
            page.set_row(number, min(TALLEST, LINE * lines + 2))
        for position, cell in enumerate(row):
            left = sheet.columns[position].left
            _write_cell(page, (number, position), cell, formats, ruled=ruled, left=left)
    for number, note in enumerate(sheet.notes, start=3 + len(sheet.rows)):
        page.write_string(number, 0, clean(note), formats.get("note"))
    _set_up(page, sheet)


def _width(position: int, sheet: Sheet) -> int:
    """Wide enough for the texts of the first rows, never under the heading nor over the column's limit."""
    column = sheet.columns[position]
    texts = (_plain(row[position]) for row in sheet.rows[:SAMPLE])
    needed = max((display_width(line) for text in texts for line in text.split("\n")), default=0)
    # A heading may take two lines, with three characters for the filter's arrow; a text gets one of air.
    heading = -(-display_width(column.heading) // 2) + 3
    return max(heading, min(needed + 1, column.width))


def _lines(cell: Cell, width: int) -> int:
    """Lines that the cell's text takes in a column so wide."""
    value = cell.value if isinstance(cell, Toned) else cell
    if not isinstance(value, str) or (len(value) * 2 < width and "\n" not in value):
        return 1
    return sum(max(1, -(-display_width(line) // max(1, width - 1))) for line in value.split("\n"))


def _plain(cell: Cell) -> str:
    value = cell.value if isinstance(cell, Toned) else cell
    return f"{value:,}" if isinstance(value, int) else str(value)


def _write_cell(
    page: Worksheet, place: tuple[int, int], cell: Cell, formats: Formats, *, ruled: bool, left: bool
) -> None:
    toned = cell if isinstance(cell, Toned) else Toned(value=cell)
    value, tone = toned.value, toned.tone
    if isinstance(value, dt.date):
        page.write_datetime(*place, value, formats.get("date", tone, ruled=ruled))
    elif isinstance(value, int) and abs(value) <= EXACT:
        page.write_number(*place, value, formats.get("left" if left else "int", tone, ruled=ruled))
    elif toned.sheet and value != "":
        target = "internal:'" + toned.sheet.replace("'", "''") + "'!A1"
        page.write_url(*place, target, formats.get("link", tone, ruled=ruled), clean(str(value)))
    elif value != "":
        page.write_string(*place, clean(str(value)), formats.get("text", tone, ruled=ruled))
    else:
        page.write_blank(*place, None, formats.get("text", tone, ruled=ruled))


def _set_up(page: Worksheet, sheet: Sheet) -> None:
    """Headings stay in sight and on every printed page; A4 landscape, one page wide."""
    page.freeze_panes(2, 0)
    page.autofilter(1, 0, 1 + len(sheet.rows), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(PAPERS[sheet.paper])
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 1)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&L&A&C&P / &N")
