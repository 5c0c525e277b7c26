"""Writes a table as a platform would export it: Chinese headings, GB18030 CSV or a workbook.

In: domain rows, or columns of text. Out: one file per table, the same bytes for the same rows. May
import: the domain and intake's table of headings.
"""

import csv
import dataclasses
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from scheduler.domain.registers import TABLES
from scheduler.intake.columns import COLUMNS, heading

NAMES = {
    "departments": "部门名录",
    "enterprises": "检查对象名录库",
    "inspectors": "执法检查人员名录库",
    "experts": "专家名录",
    "items": "随机抽查事项清单",
    "tasks": "抽查任务",
    "recusals": "回避登记",
    "leave": "请假值班",
    "history": "既往检查",
    "calendar": "日历",
    "quiet": "安静生产期",
    "orders": "指令检查",
    "divisions": "区划变更",
    "travel": "路程时间",
    "neighbours": "邻近协助",
}
"""Table to the stem of its file."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "level": {"municipal": "市级", "district": "区县级"},
    "method": {"onsite": "现场", "offsite": "非现场"},
    "mode": {"municipal": "市抽市查", "municipal_to_district": "市抽县查", "district": "区抽区查"},
    "state": {"applied": "已申请", "granted": "已批准", "rejected": "已驳回"},
    "status": {"active": "存续", "cancelled": "注销", "revoked": "吊销", "moved": "迁出"},
    "id_kind": {"uscc": "统一社会信用代码", "legacy": "注册号", "other": "其他"},
}
"""Field to the domain's word to the export's."""

ENCODING = "gb18030"
MADE_ON = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
"""Creation date inside every workbook, fixed so that its bytes are."""

Columns = Mapping[str, Sequence[str]]
"""Field name to cells; every column as long."""


def fields_of(table: str) -> tuple[str, ...]:
    """A table's fields in the order of its row class."""
    return tuple(field.name for field in dataclasses.fields(TABLES[table]))


def headings_of(table: str) -> list[str]:
    """The canonical headings in the same order."""
    return [heading(table, name) for name in fields_of(table)]


def cells_of(table: str, row: Any) -> list[str]:
    """A domain row as an export shows it: inclusive last days, decimal degrees, 是/否, ``；`` in lists."""
    kinds = {column.field: column.kind for column in COLUMNS[table]}
    return [_cell(name, kinds[name], getattr(row, name)) for name in fields_of(table)]


def _cell(name: str, kind: str, value: Any) -> str:
    if value is None:
        text = ""
    elif kind == "last_day":
        text = (value - dt.timedelta(days=1)).isoformat()
    elif kind == "degree":
        text = degrees(value)
    elif isinstance(value, bool):
        text = "是" if value else "否"
    elif isinstance(value, tuple):
        text = "；".join(value)
    else:
        text = WORDS.get(name, {}).get(str(value), str(value))
    return text


def degrees(micro: int) -> str:
    """Decimal degrees of integer micro-degrees, six places."""
    sign = "-" if micro < 0 else ""
    whole, rest = divmod(abs(micro), 1_000_000)
    return f"{sign}{whole}.{rest:06d}"


def write_rows(path: Path, table: str, rows: Iterable[Any]) -> int:
    """Write domain rows, as a workbook where the name ends in ``.xlsx``, else as CSV; returns how many."""
    lines = [cells_of(table, row) for row in rows]
    if path.suffix == ".xlsx":
        _write_workbook(path, table, lines)
    else:
        write_lines(path, table, iter(lines))
    return len(lines)


def write_lines(path: Path, table: str, lines: Iterator[Sequence[str]], encoding: str = ENCODING) -> None:
    """Write rows of text as CSV with CRLF, as office programs do."""
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(headings_of(table))
        writer.writerows(lines)


def write_chunks(path: Path, table: str, chunks: Iterable[Columns]) -> int:
    """Write columns of text chunk by chunk as GB18030 CSV; returns how many rows.

    No cell may hold a comma, a quote or a line break: millions of rows are joined without looking.
    """
    names, count = fields_of(table), 0
    with path.open("wb") as stream:
        stream.write((",".join(headings_of(table)) + "\r\n").encode(ENCODING))
        for chunk in chunks:
            lines = map(",".join, zip(*(chunk[name] for name in names), strict=True))
            text = "\r\n".join(lines)
            stream.write((text + "\r\n").encode(ENCODING))
            count += len(chunk[names[0]])
    return count


def _write_workbook(path: Path, table: str, lines: Sequence[Sequence[str]]) -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": MADE_ON})
    sheet = book.add_worksheet(NAMES[table])
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    dated = {i for i, column in enumerate(COLUMNS[table]) if column.kind in {"date", "last_day"}}
    sheet.write_row(0, 0, headings_of(table), book.add_format({"bold": True}))
    for number, line in enumerate(lines, start=1):
        for place, cell in enumerate(line):
            if cell and place in dated:
                # A real date cell, as a person's workbook has it; intake must read both.
                sheet.write_datetime(number, place, dt.datetime.fromisoformat(cell), dates)
            elif cell:
                sheet.write_string(number, place, cell)
    book.close()
    path.write_bytes(buffer.getvalue())
