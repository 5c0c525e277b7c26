"""Sheets as data and the workbook made of them: text stays text, the same rows give the same bytes.

In: headings with widths, rows of strings, integers and dates. Out: the bytes of an .xlsx file.
May import: :mod:`scheduler.domain`, xlsxwriter.
"""

import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

from scheduler.domain.canonical import nfc
from scheduler.domain.errors import InputError, refuse

Cell = str | int | dt.date

MOST_ROWS = 1_048_574
"""Data rows of a sheet: a sheet's 1,048,576 less title and headings (Excel specifications and limits)."""

LONGEST_TEXT = 32_767
"""UTF-16 units in a cell (Excel specifications and limits)."""

EXACT = 2**53
"""Above it a spreadsheet's numbers are no longer exact: such integers are written as text."""

# What XML 1.0 cannot hold, and what spreadsheets change on their own (carriage returns).
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001  # the file format has no zone; fixed: no clock in stage files


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A heading and its width in characters (a Chinese character counts two)."""

    heading: str
    width: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One sheet: ``title`` stands above the headings; every row has as many cells as there are columns."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Cell, ...]]


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    """An .xlsx file with the sheets in their order.

    Errors: :class:`~scheduler.domain.errors.InputError` ``export.too_many_rows``.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": _CREATED, "author": "OneDoor"})
    formats = {
        "title": book.add_format({"bold": True, "font_size": 13}),
        "heading": book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1, "text_wrap": True}),
        "text": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        "date": book.add_format({"valign": "top", "num_format": "yyyy-mm-dd"}),
        "int": book.add_format({"valign": "top", "num_format": "0"}),
    }
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, formats)
    book.close()
    return stream.getvalue()


def clean(value: str) -> str:
    """Text that a cell can hold: NFC, line feeds only, � for what XML forbids, cut at the cell's limit."""
    text = _ILLEGAL.sub("�", nfc(value).replace("\r\n", "\n").replace("\r", "\n"))
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    return units[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", errors="ignore") + "…"


def _write(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, formats: dict[str, object]) -> None:
    if len(sheet.rows) > MOST_ROWS:
        raise refuse(
            InputError, "export.too_many_rows", sheet=sheet.name, rows=len(sheet.rows), most=MOST_ROWS
        )
    page.write_string(0, 0, clean(sheet.title), formats["title"])
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, column.width)
        page.write_string(1, position, column.heading, formats["heading"])
    for number, row in enumerate(sheet.rows, start=2):
        for position, cell in enumerate(row):
            _write_cell(page, number, position, cell, formats)
    _set_up(page, sheet)


def _write_cell(
    page: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell, formats: dict[str, object]
) -> None:
    if isinstance(cell, dt.date):
        page.write_datetime(row, column, cell, formats["date"])
    elif isinstance(cell, int) and abs(cell) <= EXACT:
        page.write_number(row, column, cell, formats["int"])
    elif cell != "":
        page.write_string(row, column, clean(str(cell)), formats["text"])


def _set_up(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet) -> None:
    """Headings stay in sight and on every printed page; A4 landscape, one page wide."""
    page.freeze_panes(2, 0)
    page.autofilter(1, 0, 1 + len(sheet.rows), len(sheet.columns) - 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 1)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer("&C&P / &N")
