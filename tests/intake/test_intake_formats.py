"""Whatever the platform exports is read for what it is, and gives the same rows."""

import hashlib
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pytest
from oldxls import error, formula, hidden_columns, hidden_row, merged, record, xls_bytes
from small import settings

from scheduler.domain.errors import InputError
from scheduler.intake import read_campaign, registers_from_frames

SOFFICE = shutil.which("soffice")

ML = """<?xml version="1.0" encoding="{encoding}"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel">
 <Worksheet ss:Name="人员"><Table>{rows}</Table></Worksheet>
 <Worksheet ss:Name="藏"><Table/>
 <x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions></Worksheet>
</Workbook>"""


def ml_rows(rows: list[list[str]]) -> str:
    """As exports write them: empty cells left out, the next one with its index."""
    out = ""
    for row in rows:
        cells = "".join(
            f'<Cell ss:Index="{place}"><Data ss:Type="String">{text}</Data></Cell>'
            for place, text in enumerate(row, start=1)
            if text
        )
        out += f"<Row>{cells}</Row>"
    return out


def put(campaign: Any, name: str, file: str, content: bytes) -> Path:
    campaign.folder.mkdir(parents=True, exist_ok=True)
    path: Path = campaign.folder / file
    path.write_bytes(content)
    campaign.entries[name] = f'"{file}"'
    return path


def notes(intake: Any, table: str) -> dict[str, str]:
    return {line.code: line.detail for line in intake.report.warnings if line.table == table and not line.row}


def codes(campaign: Any) -> list[str]:
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    return [problem.code for problem in error.value.problems]


@pytest.mark.parametrize("separator", [",", "\t", ";", "，"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_whatever_parts_its_cells_and_encodes_its_text(
    campaign: Any, separator: str, encoding: str
) -> None:
    wanted = read_campaign(campaign.write()).registers
    for name, rows in campaign.tables.items():
        quoted = [[f'"{cell}"' if separator in cell else cell for cell in row] for row in rows]
        campaign.raw[name] = "\r\n".join(separator.join(row) for row in quoted).encode(encoding)
    assert read_campaign(campaign.write()).registers == wanted


def test_a_title_with_many_commas_does_not_hide_the_tabs_below_it(campaign: Any) -> None:
    wanted = read_campaign(campaign.write()).registers
    rows = campaign.tables["inspectors"]
    title = "执法检查人员名录，共,十,二,人,导,出,于,二,月,的,全,部,人,员,表"
    campaign.raw["inspectors"] = "\n".join([title, *("\t".join(row) for row in rows)]).encode()
    intake = read_campaign(campaign.write())
    assert intake.registers == wanted
    assert next(table.heads for table in intake.report.tables if table.table == "inspectors") == 2


def test_an_old_xls_is_read_and_its_oddities_are_told(campaign: Any) -> None:
    wanted = read_campaign(campaign.write()).registers
    rows = [list(row) for row in campaign.tables["inspectors"]]
    place = rows[0].index("每日次数上限")
    for row in rows[1:]:
        row[place] = 3.0 if row is rows[1] else None
    rows[2][place] = None
    odd = formula(3, place, 5.0) + hidden_row(1) + hidden_columns(2, 2) + merged(1, 1, 3, 4)
    odd += error(4, place) + record(0x0006, struct.pack("<HHHHIHHIH", 5, place, 0, 2, 0x2A, 0xFFFF, 0, 0, 0))
    content = xls_bytes({"人员": rows, "旧表": [["x"]]}, hidden=["旧表"], extra=odd)
    put(campaign, "inspectors", "人员.xls", content)
    intake = read_campaign(campaign.write())
    found = intake.registers.inspectors
    assert [row.inspector_id for row in found] == [row.inspector_id for row in wanted.inspectors]
    assert sorted(row.max_visits_day or 0 for row in found)[-2:] == [3, 5]
    told = notes(intake, "inspectors")
    names = ("formulas", "cells_error", "cells_merged", "rows_hidden")
    assert {name: told[f"intake.{name}"] for name in names} == {
        "formulas": "2",
        "cells_error": "2",
        "cells_merged": "1",
        "rows_hidden": "1",
    }
    assert (told["intake.columns_hidden"], told["intake.sheets_hidden"]) == ("1", "旧表")


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "utf-16"])
@pytest.mark.parametrize("file", ["人员.xlsx", "人员.xls"])
def test_xml_of_2003_is_read_under_any_name(campaign: Any, file: str, encoding: str) -> None:
    wanted = read_campaign(campaign.write()).registers
    text = ML.format(encoding=encoding, rows=ml_rows(campaign.tables["inspectors"]))
    put(campaign, "inspectors", file, text.encode(encoding.lower()))
    intake = read_campaign(campaign.write())
    assert intake.registers == wanted
    assert notes(intake, "inspectors")["intake.sheets_hidden"] == "藏"


def test_xml_of_2003_keeps_types_skips_comments_and_counts_gaps(campaign: Any) -> None:
    head = "".join(
        f'<Cell><Data ss:Type="String">{text}</Data></Cell>'
        for text in ("人员编号", "开始日期", "截止日期", "类型")
    )
    row = (
        '<Row ss:Index="4" ss:Hidden="1"><Cell><Data ss:Type="String">food-1</Data><Comment><Data '
        'ss:Type="String">批注</Data></Comment></Cell><Cell><Data ss:Type="DateTime">2026-03-04T00:00:00.000'
        '</Data></Cell><Cell ss:Formula="=B4"><Data ss:Type="Number">46085</Data></Cell>'
        '<Cell><Data ss:Type="Error">#N/A</Data></Cell></Row>'
    )
    put(campaign, "leave", "请假.xls", ML.format(encoding="UTF-8", rows=f"<Row>{head}</Row>{row}").encode())
    intake = read_campaign(campaign.write())
    leave = intake.registers.leave[0]
    assert (leave.person_id, str(leave.start), str(leave.end)) == ("food-1", "2026-03-04", "2026-03-05")
    assert leave.kind != "#N/A"
    report = next(table for table in intake.report.tables if table.table == "leave")
    assert (report.lines, report.heads, report.blank, report.rows_read) == (4, 1, 2, 1)
    assert notes(intake, "leave") == {
        "intake.formulas": "1",
        "intake.cells_error": "1",
        "intake.rows_hidden": "1",
        "intake.sheets_hidden": "藏",
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<Cell ss:Index="2">', '<Cell ss:Index="2" ss:MergeAcross="-1">'),
        ('<Cell ss:Index="2">', '<Cell ss:Index="1">'),
        ("</Row><Row>", '</Row><Row ss:Index="1">'),
    ],
)
def test_xml_of_2003_whose_cells_overwrite_each_other_is_refused(campaign: Any, old: str, new: str) -> None:
    text = ML.format(encoding="UTF-8", rows=ml_rows(campaign.tables["inspectors"]))
    assert old in text
    put(campaign, "inspectors", "人员.xml", text.replace(old, new, 1).encode())
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert [problem.code for problem in error.value.problems] == ["intake.workbook_broken"]


def test_a_parquet_file_gives_the_same_rows(campaign: Any) -> None:
    wanted = read_campaign(campaign.write()).registers
    for name, rows in campaign.tables.items():
        frame = pd.DataFrame(rows[1:], columns=pd.Index(rows[0]))  # noqa: F841 - DuckDB finds it by its name
        path = campaign.folder / f"{name}.parquet"
        duckdb.sql("SELECT * FROM frame").write_parquet(str(path))
        campaign.entries[name] = f'"{name}.parquet"'
    intake = read_campaign(campaign.write())
    assert intake.registers == wanted
    digest = hashlib.sha256((campaign.folder / "tasks.parquet").read_bytes()).hexdigest()
    assert next(table.sha256 for table in intake.report.tables if table.table == "tasks") == digest


def test_typed_columns_of_parquet_are_read_for_what_they_are(campaign: Any) -> None:
    path = campaign.folder / "请假.parquet"
    duckdb.sql(
        "SELECT 'food-1' AS 人员编号, DATE '2026-03-04' AS 开始日期, "
        "TIMESTAMP '2026-03-05 00:00:00' AS 截止日期"
    ).write_parquet(str(path))
    campaign.entries["leave"] = '"请假.parquet"'
    leave = read_campaign(campaign.write()).registers.leave[0]
    assert (str(leave.start), str(leave.end)) == ("2026-03-04", "2026-03-06")


def test_binary_columns_and_damaged_parquet_are_refused_by_name(campaign: Any) -> None:
    path = campaign.folder / "leave.parquet"
    campaign.entries["leave"] = '"leave.parquet"'
    duckdb.sql("SELECT 'a'::BLOB AS 人员编号, 1 AS 开始日期, 2 AS 截止日期").write_parquet(str(path))
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert [(p.code, p.params["heads"]) for p in error.value.problems] == [
        ("intake.value_binary", "人员编号")
    ]
    path.write_bytes(path.read_bytes()[:-40])
    assert codes(campaign) == ["intake.parquet_broken"]
    campaign.entries["leave"] = '{ file = "leave.parquet", sheet = "x" }'
    assert codes(campaign) == ["intake.sheet_missing"]


def test_formulas_merged_and_hidden_cells_of_a_workbook_are_told(campaign: Any) -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = "人员"
    for row in campaign.tables["inspectors"]:
        page.append(row)
    page["M3"] = "=1+1"
    page["M4"] = "#N/A"
    page["A20"] = ""
    page.merge_cells("B2:C2")
    page.row_dimensions[4].hidden = True
    page.column_dimensions["E"].hidden = True
    book.create_sheet("藏").sheet_state = "hidden"
    path = campaign.folder / "人员.xlsx"
    book.save(path)
    campaign.entries["inspectors"] = '"人员.xlsx"'
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    told = notes(read_campaign(campaign.write()), "inspectors")
    assert {code.removeprefix("intake."): detail for code, detail in told.items()} == {
        "formulas": "1",
        "formulas_unknown": "1",
        "cells_error": "1",
        "cells_merged": "1",
        "rows_hidden": "1",
        "columns_hidden": "1",
        "sheets_hidden": "藏",
    }
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_files_of_other_kinds_are_refused_by_name(campaign: Any) -> None:
    rows = "<table><tr><td>工号</td></tr></table>"
    for content, code in (
        (f"<html><body>{rows}</body></html>".encode(), "intake.workbook_html"),
        (rows.encode("gb18030"), "intake.workbook_html"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "intake.workbook_html"),
        (b'<?xml version="1.0"?><data/>', "intake.workbook_xml"),
    ):
        put(campaign, "inspectors", "人员.xls", content)
        assert codes(campaign) == [code]


def test_a_zip_that_is_no_workbook_is_refused_by_name(campaign: Any) -> None:
    path = put(campaign, "inspectors", "人员.xlsx", b"")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert codes(campaign) == ["intake.workbook_other"]


def test_frames_of_every_table_read_as_files_do(campaign: Any) -> None:
    campaign.tables["quiet"] = [["区划代码", "开始日期", "截止日期"], ["330182", "2026-03-05", "2026-03-06"]]
    campaign.tables["divisions"] = [
        ["原区划代码", "现区划代码", "变更日期"],
        ["330125", "330182", "2001-02-02"],
    ]
    frames = {
        name: pd.DataFrame(rows[1:], columns=pd.Index(rows[0])) for name, rows in campaign.tables.items()
    }
    found, rejected = registers_from_frames(frames, settings())
    assert (found, rejected) == (read_campaign(campaign.write()).registers, ())
    assert (len(found.quiet), len(found.divisions)) == (1, 1)


def test_frames_with_lists_arrays_and_numbers_read_and_bytes_are_refused(campaign: Any) -> None:
    frames = {
        name: pd.DataFrame(rows[1:], columns=pd.Index(rows[0])) for name, rows in campaign.tables.items()
    }
    wanted, _ = registers_from_frames(frames, settings())
    people = frames["inspectors"]
    people["资质"] = [np.array(cell.split("；")) if cell else None for cell in people["资质"]]
    people["每日次数上限"] = np.full(len(people), 4, dtype=np.int64)
    found, _ = registers_from_frames(frames, settings())
    assert [row.qualifications for row in found.inspectors] == [
        row.qualifications for row in wanted.inspectors
    ]
    assert {row.max_visits_day for row in found.inspectors} == {4}
    people["组长"] = [b"\1", *[bytearray(b"\0")] * (len(people) - 1)]
    found, _ = registers_from_frames(frames, settings())
    assert [row.is_leader for row in found.inspectors].count(True) == 1
    people["姓名"] = b"x"
    with pytest.raises(InputError) as error:
        registers_from_frames(frames, settings())
    assert [(p.code, p.place["row"]) for p in error.value.problems] == [("intake.value_binary", 2)]


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_workbooks_that_libreoffice_saved_again_are_read_the_same(campaign: Any) -> None:
    good = read_campaign(campaign.write()).registers
    book = openpyxl.Workbook()
    for name, rows in campaign.tables.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.remove(book.worksheets[0])
    book.save(campaign.folder / "全部.xlsx")
    for ending in ("xlsx", "xls"):
        saved = campaign.folder / "again"
        profile = f"-env:UserInstallation=file://{campaign.folder}/profile"
        subprocess.run(
            [
                str(SOFFICE),
                profile,
                "--headless",
                "--convert-to",
                ending,
                "--outdir",
                str(saved),
                str(campaign.folder / "全部.xlsx"),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
        for name in campaign.tables:
            campaign.entries[name] = f'{{ file = "again/全部.{ending}", sheet = "{name}" }}'
        assert read_campaign(campaign.write()).registers == good
