"""Broken files, each by its name: what cannot be read is refused with its place, nothing is swallowed."""

import datetime as dt
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from scheduler.domain.errors import InputError
from scheduler.intake import read_campaign


def refused(campaign: Any) -> list[tuple[str, object, object]]:
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    return [(p.code, p.place.get("file"), p.place.get("row")) for p in error.value.problems]


BROKEN_CSV = {
    "empty": (b"", "intake.file_empty", None),
    "nul": ("工号,姓名\nP1,\0\n".encode(), "intake.nul", 2),
    "utf-16": ("工号,姓名\n".encode("utf-16"), "intake.encoding_utf16", None),
    "neither encoding": (b"\xb9\xa4\xba\xc5,a\nP1,\xff\xff\n", "intake.encoding", 2),
    "cut inside a character": ("工号,姓名\nP1,张".encode()[:-1], "intake.encoding", 2),
    "cut inside a character of gb18030": ("工号,姓名\nP1,张".encode("gb18030")[:-1], "intake.encoding", 2),
    "text after a quote": ('工号,姓名\nP1,"张"三\n'.encode(), "intake.csv_after_quote", 2),
    "quote never closed": ('工号,姓名\nP1,"张三\nP2,李四\n'.encode(), "intake.csv_quote", 2),
    "quote closed rows later": ('工号,姓名\nP1,"张三\nP2,李四"\nP3,王\n'.encode(), "intake.csv_quote", 2),
    "html under a csv name": (b"<html><table></table></html>", "intake.workbook_html", None),
    "xml workbook": (b'<?xml version="1.0"?><Workbook/>', "intake.workbook_xml", None),
    "old xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "intake.workbook_broken", None),
    "zip that is none": (b"PK\x03\x04" + bytes(60), "intake.workbook_broken", None),
}


@pytest.mark.parametrize("name", BROKEN_CSV)
def test_a_broken_file_is_refused_by_name_and_row(campaign: Any, name: str) -> None:
    content, code, row = BROKEN_CSV[name]
    path = campaign.write()
    (path.parent / "inspectors.csv").write_bytes(content)
    with pytest.raises(InputError) as error:
        read_campaign(path)
    found = [(p.code, p.place.get("file"), p.place.get("row")) for p in error.value.problems]
    assert found == [(code, "inspectors.csv", row)]


def test_a_stray_pair_of_quotes_deep_in_a_file_swallows_no_rows(campaign: Any) -> None:
    text = campaign.text("enterprises").decode()
    lines = text.split("\r\n")
    lines[4] = lines[4].replace("青石县第", '"青石县第', 1)
    lines[7] = lines[7].replace("商行", '商行"', 1)
    campaign.raw["enterprises"] = "\r\n".join(lines).encode()
    assert refused(campaign) == [("intake.csv_quote", "enterprises.csv", 5)]


def test_a_line_break_inside_a_quoted_address_is_lawful(campaign: Any) -> None:
    campaign.change("enterprises", 3, "住所", "文三路1号\n2楼, 东")
    assert read_campaign(campaign.write()).registers.enterprises[1].address == "文三路1号 2楼, 东"


def test_a_row_with_cells_too_many_or_too_few_is_rejected(campaign: Any) -> None:
    text = campaign.text("enterprises").decode().split("\r\n")
    text[1] += ",多"
    text[2] = text[2].rpartition(",")[0]
    campaign.raw["enterprises"] = "\r\n".join(text).encode()
    intake = read_campaign(campaign.write())
    assert [(line.row, line.code) for line in intake.rejected] == [
        (2, "intake.row_width"),
        (3, "intake.row_width"),
    ]


def test_one_damaged_byte_in_a_utf8_file_is_not_taken_for_gb18030(campaign: Any) -> None:
    data = bytearray(campaign.text("inspectors"))
    place = data.index("官2".encode())
    data[place] = 0xFF
    campaign.raw["inspectors"] = bytes(data)
    assert refused(campaign) == [("intake.encoding", "inspectors.csv", 3)]


def test_ascii_headings_with_gb18030_rows_are_read(campaign: Any) -> None:
    campaign.tables["history"][0] = ["enterprise_id", "inspector_id", "day", "items"]
    campaign.tables["leave"][0] = ["person_id", "start", "截止日期", "kind"]
    campaign.tables["leave"][1][3] = "年休假"
    campaign.encoding = "gb18030"
    assert read_campaign(campaign.write()).registers.leave[0].kind == "年休假"


def test_missing_files_and_missing_columns_of_all_tables_come_together(campaign: Any) -> None:
    for name, gone in (("enterprises", (0, 6)), ("tasks", (4,))):
        for position in gone:
            campaign.tables[name][0][position] = f"别的{position}"
    campaign.entries["items"] = '"nowhere.csv"'
    campaign.entries["departments"] = '"."'
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    found = {(p.code, p.place["file"]): p.params for p in error.value.problems}
    assert found[("intake.column_missing", "enterprises.csv")]["missing"] == "主体代码、区划代码"
    assert found[("intake.column_missing", "tasks.csv")]["missing"] == "抽查事项"
    assert ("intake.file_missing", "nowhere.csv") in found
    assert ("intake.file_unreadable", ".") in found


def test_a_column_given_twice_is_refused_and_an_unknown_one_is_reported(campaign: Any) -> None:
    for row in campaign.tables["leave"]:
        row.append("x")
    campaign.tables["leave"][0][-1] = "天气"
    intake = read_campaign(campaign.write())
    assert [(w.column, w.row) for w in intake.report.warnings if w.code == "intake.column_unknown"] == [
        ("天气", 0)
    ]
    campaign.tables["leave"][0][-1] = "工号"
    assert refused(campaign)[0][0] == "intake.column_twice"


# workbooks


def workbook(campaign: Any, name: str, file: str, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path: Path = campaign.folder / file
    campaign.folder.mkdir(parents=True, exist_ok=True)
    book.save(path)
    campaign.entries[name] = f'"{file}"'
    return path


def test_a_workbook_gives_the_same_rows_as_a_csv(campaign: Any) -> None:
    wanted = read_campaign(campaign.write()).registers
    for name in list(campaign.tables):
        workbook(campaign, name, f"{name}.xlsx", 数据=campaign.tables[name])
    assert read_campaign(campaign.write()).registers == wanted


def test_typed_cells_of_a_workbook_are_read_for_what_they_are(campaign: Any) -> None:
    rows: list[list[Any]] = [list(row) for row in campaign.tables["inspectors"]]
    head = rows[0]
    rows[1][head.index("执法证有效期至")] = dt.date(2028, 1, 1)
    rows[2][head.index("执法证有效期至")] = dt.datetime(2028, 1, 1, 8, 30)  # noqa: DTZ001 - Excel knows no zone
    rows[3][head.index("执法证有效期至")] = 46753
    rows[4][head.index("组长")] = True
    rows[4][head.index("每日次数上限")] = 3
    workbook(campaign, "inspectors", "人员.xlsx", 人员=rows)
    found = read_campaign(campaign.write()).registers.inspectors
    assert [row.certificate_expires for row in found[:3]] == [dt.date(2028, 1, 1)] * 3
    assert (found[3].is_leader, found[3].max_visits_day) == (True, 3)


def test_a_code_that_excel_rounded_is_rejected_and_a_short_number_warned_about(campaign: Any) -> None:
    rows: list[list[Any]] = [list(row) for row in campaign.tables["enterprises"]]
    rows[1][0] = 913301821234567890
    rows[2][0] = 330182600123456
    workbook(campaign, "enterprises", "名录库.xlsx", 检查对象=rows)
    intake = read_campaign(campaign.write())
    assert [(line.row, line.sheet, line.value, line.code) for line in intake.rejected] == [
        (2, "检查对象", "9.13301821234568E+17", "intake.code_damaged")
    ]
    assert any(row.enterprise_id == "330182600123456" for row in intake.registers.enterprises)
    warned = [w for w in intake.report.warnings if w.code == "intake.code_as_number"]
    assert [(w.column, w.detail) for w in warned] == [("主体代码", "2")]


def test_a_sheet_is_named_or_the_only_visible_one(campaign: Any) -> None:
    rows = campaign.tables["inspectors"]
    workbook(campaign, "inspectors", "库.xlsx", 说明=[["填表说明"]], 人员=rows)
    assert refused(campaign)[0][0] == "intake.sheet_choose"
    campaign.entries["inspectors"] = '{ file = "库.xlsx", sheet = "人员" }'
    intake = read_campaign(campaign.write())
    assert {entry.sheet for entry in intake.report.tables if entry.table == "inspectors"} == {"人员"}
    campaign.entries["inspectors"] = '{ file = "库.xlsx", sheet = "专家" }'
    assert refused(campaign)[0][0] == "intake.sheet_missing"
    campaign.entries["inspectors"] = '{ file = "inspectors.csv", sheet = "人员" }'
    assert refused(campaign)[0][0] == "intake.sheet_missing"


def test_a_workbook_under_another_name_is_still_a_workbook(campaign: Any) -> None:
    workbook(campaign, "inspectors", "人员.xlsx", 人员=campaign.tables["inspectors"])
    (campaign.folder / "人员.xlsx").rename(campaign.folder / "人员.xls")
    campaign.entries["inspectors"] = '"人员.xls"'
    assert len(read_campaign(campaign.write()).registers.inspectors) == 12


def test_a_workbook_that_lies_about_its_size_is_not_opened(campaign: Any) -> None:
    path = workbook(campaign, "inspectors", "人员.xlsx", 人员=campaign.tables["inspectors"])
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    data = bytearray(path.read_bytes())
    right = struct.pack("<L", entry.file_size)
    while right in data:
        place = data.index(right)
        data[place : place + 4] = struct.pack("<L", 5)
    path.write_bytes(bytes(data))
    assert refused(campaign)[0][0] == "intake.workbook_broken"


TITLE = "执法检查人员名录库\r\n"

HARMLESS = {
    "a heading with a line break below a title": lambda text: TITLE + text.replace("工号", '"工\n号"', 1),
    "a note of several lines above": lambda text: f'"填写说明：\n1. 如实填写\n2. 勿改表头"\r\n{text}',
    "a cell of several lines below a title": lambda text: TITLE + text.replace("fire官1", '"fire\n官1"', 1),
    "a carriage return in a cell below a title": lambda text: (
        TITLE + text.replace("fire官1", '"fire官\r1"', 1)
    ),
    "a separator behind each cell of the data": lambda text: text.replace("\r\n", ",\r\n").replace(
        ",\r\n", "\r\n", 1
    ),
    "separators behind the heading alone": lambda text: text.replace("\r\n", ",,\r\n", 1),
    "separators behind each line": lambda text: text.replace("\r\n", ",,\r\n"),
    "a numbered page at the end": lambda text: (
        f"{text},,第1页 共3页\r\n- 2/3页 -\r\n导出时间：2026-02-01\r\n"
    ),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_programs_leave_around_a_table_loses_no_row(campaign: Any, case: str) -> None:
    text = campaign.text("inspectors").decode()
    campaign.raw["inspectors"] = HARMLESS[case](text).encode()
    intake = read_campaign(campaign.write())
    table = next(entry for entry in intake.report.tables if entry.table == "inspectors")
    assert (table.rows_read, table.accepted) == (12, 12)


@pytest.mark.parametrize("place", [3, 12])
def test_a_row_that_swallowed_others_is_found_below_a_title_too(campaign: Any, place: int) -> None:
    lines = (TITLE + campaign.text("inspectors").decode()).split("\r\n")
    lines[place - 1] = lines[place - 1].replace(",", ',"', 1)
    lines[place] = lines[place].replace(",", '",', 3).replace('",', ",", 2)
    campaign.raw["inspectors"] = "\r\n".join(lines).encode()
    assert refused(campaign) == [("intake.csv_quote", "inspectors.csv", place)]


def test_blank_cells_too_many_in_some_rows_may_be_a_shift_and_reject_them(campaign: Any) -> None:
    lines = campaign.text("inspectors").decode().split("\r\n")
    lines[4] += ","
    campaign.raw["inspectors"] = "\r\n".join(lines).encode()
    campaign.tables["recusals"] = campaign.tables["recusals"][:1]
    assert [(line.row, line.code) for line in read_campaign(campaign.write()).rejected][:1] == [
        (5, "intake.row_width")
    ]
