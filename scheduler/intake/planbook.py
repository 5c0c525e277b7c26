"""A single workbook as the campaign: the sheet 设置 instead of campaign.toml, a sheet for each table.

In: the path of a workbook made from ``onedoor template``. Out: what campaign.toml would have said. May
import: the standard library, the rest of the room, :mod:`scheduler.domain`.
"""

import dataclasses
import datetime as dt
import re
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from scheduler.domain.errors import InputError, Value, refuse
from scheduler.domain.registers import TABLES
from scheduler.domain.settings import Settings
from scheduler.intake.books import open_book
from scheduler.intake.celldates import day_after, read_date
from scheduler.intake.cells import read_flag
from scheduler.intake.celltext import BadCellError, clean
from scheduler.intake.headings import bind
from scheduler.intake.limits import DEFAULT
from scheduler.intake.source import Format
from scheduler.intake.template import REQUIRED, sheet_name
from scheduler.intake.templaterows import SETTING_HEADS, SETTINGS_SHEET
from scheduler.intake.workbook import Book, WorkbookSheet

VALUE, KEY = SETTING_HEADS[1], SETTING_HEADS[4]


def workbook_data(path: Path, kind: Format) -> dict[str, Any]:
    """The sections of a campaign.toml.

    Errors: ``intake.template_untouched`` where the tables hold nothing but examples,
    ``intake.settings_sheet`` where there is no sheet 设置 with 值 and 键; those of the book.
    """
    book = open_book(path, path.name, kind, DEFAULT)
    data = _settings(book)
    used, n_data, n_examples = _tables(book)
    if not n_data:
        place: dict[str, Value] = {"file": path.name}
        raise refuse(InputError, "intake.template_untouched", place, n=n_examples)
    data["tables"] = {name: {"file": path.name, "sheet": sheet} for name, sheet in used.items()}
    return data


def _tables(book: Book) -> tuple[dict[str, str], int, int]:
    """Sheets of tables with at least one record that is no example, of tables that are needed, and of those
    whose heading does not hold (their reader says what lacks); how many have records; the examples found."""
    used: dict[str, str] = {}
    n_data = n_examples = 0
    there = (*book.visible, *book.hidden)
    for table in TABLES:
        sheet = next((name for name in (sheet_name(table), table) if name in there), None)
        if sheet is None:
            continue
        bound, problems = bind(table, WorkbookSheet(book, sheet))
        if problems or bound is None:
            used[table] = sheet
            continue
        has_data = next(bound.records, None) is not None
        if has_data or table in REQUIRED:
            used[table] = sheet
        n_data += has_data
        n_examples += bound.sieve.counts["example"]
    return used, n_data, n_examples


def _settings(book: Book) -> dict[str, Any]:
    """Sections and keys of the sheet; a line without a key or without a value says nothing."""
    place: dict[str, Value] = {"file": book.file}
    if SETTINGS_SHEET not in book.visible:
        raise refuse(InputError, "intake.settings_sheet", place)
    lines = [[clean(cell) for cell in cells] for _, cells in WorkbookSheet(book, SETTINGS_SHEET).records()]
    start = next((n for n, cells in enumerate(lines) if VALUE in cells and KEY in cells), None)
    if start is None:
        raise refuse(InputError, "intake.settings_sheet", {**place, "sheet": SETTINGS_SHEET})
    at_value, at_key = lines[start].index(VALUE), lines[start].index(KEY)
    data: dict[str, Any] = {"campaign": {}}
    for cells in lines[start + 1 :]:
        if cells[at_key] and cells[at_value]:
            _put(data, cells[at_key], cells[at_value])
    return data


def _put(data: dict[str, Any], key: str, text: str) -> None:
    section, _, name = key.rpartition(".")
    section = section or "campaign"
    hint = _hint(section, name)
    value = _typed(hint, text)
    if key == "end" and isinstance(value, dt.date):
        value = day_after(value)  # people write the last day
    data.setdefault(section, {})[name] = value


def _hint(section: str, name: str) -> Any:
    if section == "import":
        return int
    hints = get_type_hints(Settings)
    if section != "campaign":
        cls = hints.get(section)
        hints = get_type_hints(cls) if isinstance(cls, type) and dataclasses.is_dataclass(cls) else {}
    return hints.get(name, str)


def _typed(hint: Any, text: str) -> Any:
    """The value that TOML would have given; what cannot be one stays text, and is told as such later."""
    try:
        if hint is dt.date:
            return read_date(text)
        if hint is bool:
            return read_flag(text)
    except BadCellError:
        return text
    if hint is int and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if get_origin(hint) is tuple:
        parts = [part.strip() for part in re.split(r"[;；、]", text) if part.strip()]
        return [int(part) if get_args(hint)[0] is int and part.isdigit() else part for part in parts]
    return text
