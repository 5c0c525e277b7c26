"""The workbook a planner fills in: one sheet per table, with drop-down lists, notes and example rows.

In: a path. Out: an .xlsx that :func:`scheduler.intake.read_campaign` reads as a whole campaign. May import:
the standard library, xlsxwriter, the rest of the room, :mod:`scheduler.domain`. The same bytes every time.
"""

import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from scheduler.domain.messages import catalogue
from scheduler.domain.registers import TABLES
from scheduler.intake.aliases import AVAILABLE, AVAILABLE_HEADING
from scheduler.intake.columns import COLUMNS, Column, Kind
from scheduler.intake.pages import write_whole
from scheduler.intake.templaterows import (
    EXAMPLE_MARK,
    EXAMPLES,
    GUIDE_SHEET,
    HINT_MARK,
    MARK_HEAD,
    SETTING_HEADS,
    SETTINGS_ROWS,
    SETTINGS_SHEET,
)

REQUIRED = frozenset({"departments", "enterprises", "inspectors", "items", "tasks"})
LAST_ROW = 20_000
"""Down to this row cells have lists and formats; longer tables are better exported than typed."""

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook's properties know no zone; fixed for fixed bytes

KIND_WORDS: Mapping[Kind, str] = {
    "id": "编号：英文字母、数字与 . _ -",
    "ids": "编号，多个用“；”隔开",
    "department": "部门编号或部门名称",
    "departments": "部门编号或部门名称，多个用“；”隔开",
    "place": "区划代码、主体代码、部门编号（或名称）、专家编号",
    "scopes": "事项编号，多个用“；”隔开；SC* 表示以 SC 开头",
    "label": "短文字",
    "labels": "短文字，多个用“；”隔开",
    "text": "文字",
    "quota": "5%、8‰、30家，或 A:1%;B:3%;C:5%;D:10%",
    "date": "日期，如 2026-03-02",
    "last_day": "最后一天（含当日），如 2026-03-31",
    "moment": "日期与时刻，如 2026-02-20 09:30",
    "count": "整数",
    "minutes": "分钟，0 至 1440；小数进位为整数",
    "degree": "十进制度，如 120.153576",
    "micro": "整数，百万分之一度",
    "flag": "是 / 否",
    "choice": "从下拉列表中选择",
    "hours": "09:00-12:00，多段用“；”隔开",
}

AVAILABLE_WORDS = "选填；只在这些日期工作：2026-03-02；2026-03-05至2026-03-09；空着表示不限"

GUIDE = (
    "一、在“设置”表的“值”列填写本批次的设置；其余各表一表一类数据。",
    "二、带 * 的列必填。第 2 行是填写说明，其下是案例，导入时自动识别、不当作数据，也可以删去。",
    "三、编号一律按文本填写，不要让表格软件改成数字；统一社会信用代码、注册号尤其如此。",
    "四、不要填写电话、身份证号等不需要的个人信息：导入时会丢弃并在报告中说明。",
    "五、用不到的表留空即可（部门、检查对象、执法检查人员、事项、任务五张表必填）。",
    "六、导入：onedoor import 本文件.xlsx --run 运行文件夹。",
)


def sheet_name(table: str) -> str:
    """The sheet that holds a table: its Chinese name."""
    return catalogue()[f"table.{table}"]["zh"]


def write_template(path: Path) -> None:
    """Write the workbook. Errors: ``OSError`` where the path cannot be written; nothing stands there then."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": CREATED, "author": "OneDoor", "title": "OneDoor 批次填报模板"})
        looks = _looks(book)
        _guide(book.add_worksheet(GUIDE_SHEET), looks)
        _settings(book.add_worksheet(SETTINGS_SHEET), looks)
        for table in TABLES:
            _table(book.add_worksheet(sheet_name(table)), table, looks)
    write_whole(path, buffer.getvalue())


def _looks(book: xlsxwriter.Workbook) -> dict[str, Any]:
    return {
        "head": book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True}),
        "needed": book.add_format(
            {"bold": True, "bg_color": "#FCE4D6", "border": 1, "text_wrap": True, "font_color": "#C00000"}
        ),
        "hint": book.add_format(
            {"italic": True, "font_color": "#7F7F7F", "text_wrap": True, "num_format": "@"}
        ),
        "example": book.add_format({"font_color": "#2E75B6", "num_format": "@"}),
        "text": book.add_format({"num_format": "@"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _guide(page: Any, looks: Mapping[str, Any]) -> None:
    page.set_column(0, 0, 100, looks["wrap"])
    for row, line in enumerate(GUIDE):
        page.write_string(row, 0, line)


def _settings(page: Any, looks: Mapping[str, Any]) -> None:
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 36, looks["text"])
    page.set_column(2, 2, 28, looks["example"])
    page.set_column(3, 3, 60)
    page.set_column(4, 4, 24)
    page.freeze_panes(1, 0)
    for column, head in enumerate(SETTING_HEADS):
        page.write_string(0, column, head, looks["head"])
    for row, line in enumerate(SETTINGS_ROWS, start=1):
        page.write_string(row, 0, line.label)
        page.write(row, 1, line.value or None, looks["text"])
        for column, text in ((2, line.example), (3, line.note), (4, line.key)):
            page.write_string(row, column, text)
        if line.words:
            page.data_validation(row, 1, row, 1, {"validate": "list", "source": list(line.words)})


def _table(page: Any, table: str, looks: Mapping[str, Any]) -> None:
    page.freeze_panes(1, 0)
    if table in REQUIRED:
        page.set_tab_color("#C00000")
    page.set_column(0, 0, 16)
    page.write_string(0, 0, MARK_HEAD, looks["head"])
    page.write_string(1, 0, HINT_MARK, looks["hint"])
    for row in range(2, 2 + len(EXAMPLES[table])):
        page.write_string(row, 0, EXAMPLE_MARK, looks["example"])
    for place, column in enumerate(COLUMNS[table], start=1):
        _column(page, place, column, looks)
        for row, example in enumerate(EXAMPLES[table], start=2):
            page.write_string(row, place, example.get(column.field, ""), looks["example"])
    if table in AVAILABLE:
        _available(page, 1 + len(COLUMNS[table]), looks)


def _available(page: Any, place: int, looks: Mapping[str, Any]) -> None:
    """The days on which a person works: no field of the register, so that its table has no column of it."""
    page.set_column(place, place, 26, looks["text"])
    page.write_string(0, place, AVAILABLE_HEADING, looks["head"])
    page.write_string(1, place, AVAILABLE_WORDS, looks["hint"])
    page.write_comment(0, place, AVAILABLE_WORDS, {"x_scale": 2})


def _column(page: Any, place: int, column: Column, looks: Mapping[str, Any]) -> None:
    width = max(
        14,
        2 * len(column.heading) + 6,
        22 if column.kind in {"id", "ids", "department", "departments", "place", "text"} else 0,
    )
    page.set_column(place, place, width, looks["date" if column.kind in {"date", "last_day"} else "text"])
    mark = "*" if column.needed else ""
    page.write_string(0, place, column.heading + mark, looks["needed" if mark else "head"])
    words = _words(column)
    said = f"{'必填' if column.filled else '选填'}；{KIND_WORDS[column.kind]}"
    page.write_string(1, place, said, looks["hint"])
    others = "、".join((*column.aliases, *column.weak))
    page.write_comment(0, place, said + (f"\n也可写作：{others}" if others else ""), {"x_scale": 2})
    if words:
        lists = {"validate": "list", "source": words, "error_title": column.heading, "ignore_blank": True}
        page.data_validation(4, place, LAST_ROW, place, {**lists, "error_message": "请从列表中选择。"})


def _words(column: Column) -> list[str]:
    """The drop-down list: the first word for each meaning."""
    if column.kind == "flag":
        return ["是", "否"]
    first: dict[str, str] = {}
    for word, meaning in column.choices.items():
        first.setdefault(meaning, word)
    return list(first.values())
