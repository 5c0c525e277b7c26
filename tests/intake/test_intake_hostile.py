"""Files made to harm: refused by name before they cost memory; limits are settings, tested with low ones."""

import io
import re
import resource
import struct
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from oldxls import number, record, xls_bytes

from scheduler.domain.errors import InputError
from scheduler.intake import read_campaign
from scheduler.intake.csvfile import CsvFile
from scheduler.intake.limits import DEFAULT
from scheduler.intake.sheetscan import scan
from scheduler.intake.workbook import XlsxBook

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def xlsx_bytes(rows: list[list[Any]], *, sheets: int = 1) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for place in range(1, sheets):
        book.create_sheet(f"s{place}")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def shared_bytes(rows: list[list[str]]) -> bytes:
    """A workbook whose texts stand in the shared string table."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for place, row in enumerate(rows):
            for column, text in enumerate(row):
                page.write_string(place, column, text)
    return out.getvalue()


def altered(
    content: bytes, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None
) -> bytes:
    """The archive with its parts changed, and some added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(entry.filename, old.read(entry)))
        for name, data in (more or {}).items():
            new.writestr(name, data)
    return out.getvalue()


def replaced(content: bytes, part: str, old: bytes, new: bytes) -> bytes:
    def change(name: str, data: bytes) -> bytes:
        if name == part:
            assert old in data
            return data.replace(old, new)
        return data

    return altered(content, change)


def refused(campaign: Any, content: bytes, file: str = "人员.xlsx", **limits: int) -> list[str]:
    campaign.folder.mkdir(parents=True, exist_ok=True)
    path: Path = campaign.folder / file
    path.write_bytes(content)
    campaign.entries["inspectors"] = f'"{file}"'
    if limits:
        said = "\n".join(f"{name} = {value}" for name, value in limits.items())
        campaign.sections = f"[import]\n{said}"
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert path.read_bytes() == content
    return [problem.code for problem in error.value.problems if problem.place.get("file") == file]


@pytest.fixture
def rows(campaign: Any) -> list[list[Any]]:
    found: list[list[Any]] = campaign.tables["inspectors"]
    return found


@pytest.mark.parametrize(
    "spelling", [b'r="XFD1048576"', b"r='XFD1048576'", b'r = "XFD1048576"', b'r="xfd1048576"']
)
def test_a_lone_cell_far_away_is_refused_before_a_rectangle_is_allotted(
    campaign: Any, rows: list[list[Any]], spelling: bytes
) -> None:
    content = replaced(xlsx_bytes(rows), SHEET, b'r="B2"', spelling)
    assert refused(campaign, content, columns=20_000) == ["intake.sheet_giant"]


@pytest.mark.parametrize("reference", [b'r="A4294967290"', b'r="ZZZZZZZ2"'])
def test_references_beyond_any_sheet_are_refused(
    campaign: Any, rows: list[list[Any]], reference: bytes
) -> None:
    content = replaced(xlsx_bytes(rows), SHEET, b'r="B2"', reference)
    assert refused(campaign, content)[0] in {"intake.sheet_giant", "intake.columns_many"}


def test_a_row_number_beyond_any_sheet_is_refused(campaign: Any, rows: list[list[Any]]) -> None:
    content = replaced(xlsx_bytes(rows), SHEET, b'<row r="2"', b'<row r="4294967295"')
    assert refused(campaign, content) == ["intake.sheet_giant"]


def test_a_wide_sheet_with_all_its_cells_near_is_measured_and_read(rows: list[list[Any]]) -> None:
    wide = [[*row, *[""] * 40, "x"] for row in rows]
    facts = scan(xlsx_bytes(wide), "x", DEFAULT)
    assert facts[SHEET].columns == len(wide[0])
    low = scan(xlsx_bytes(wide), "x", DEFAULT.__class__(cells=10_000))
    assert (low[SHEET].rows, low[SHEET].columns) == (len(wide), len(wide[0]))


def test_a_tag_cut_by_the_end_of_a_piece_is_still_seen(
    monkeypatch: pytest.MonkeyPatch, rows: list[list[Any]]
) -> None:
    content = replaced(xlsx_bytes(rows), SHEET, b'r="B2"', b'r="BZ2"')
    for piece in (61, 97, 1 << 20):
        monkeypatch.setattr("scheduler.intake.sheetscan.PIECE", piece)
        assert scan(content, "x", DEFAULT)[SHEET].columns == 78


def test_limits_of_size_and_packing_are_settings(campaign: Any, rows: list[list[Any]]) -> None:
    content = xlsx_bytes(rows)
    padded = altered(content, lambda _, data: data, {"xl/media/zeros.bin": bytes(11_000_000)})
    assert refused(campaign, padded, unpacked_mb=5) == ["intake.workbook_bomb"]
    assert refused(campaign, padded, unpacked_mb=50) == ["intake.workbook_ratio"]
    assert refused(campaign, content, columns=5) == ["intake.columns_many"]
    assert refused(campaign, content, cells=100) == ["intake.sheet_giant"]
    assert refused(campaign, content, rows=3) == ["intake.rows_many"]
    assert refused(campaign, content, cell_chars=5) == ["intake.cell_giant"]
    assert refused(campaign, xlsx_bytes(rows, sheets=4), sheets=3) == ["intake.sheets_many"]


def test_one_shared_string_named_by_many_cells_is_a_bomb(campaign: Any, rows: list[list[Any]]) -> None:
    long = "长" * 30_000
    content = shared_bytes([*rows, *[[long] * 13 for _ in range(20)]])
    assert len(content) < 30_000
    assert refused(campaign, content, unpacked_mb=10) == ["intake.workbook_bomb"]


def test_shared_strings_of_ordinary_length_are_weighed_one_by_one(rows: list[list[Any]]) -> None:
    content = shared_bytes([*rows, ["长" * 30_000], *[["短"] * 13 for _ in range(200)]])
    assert scan(content, "x", DEFAULT.__class__(unpacked_mb=1))


def test_declared_entities_are_refused_in_every_part(campaign: Any, rows: list[list[Any]]) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    for part in (SHEET, STRINGS, "xl/workbook.xml"):
        content = replaced(shared_bytes(rows), part, b"?>", b"?>" + bomb)
        assert refused(campaign, content) == ["intake.workbook_dtd"]


def test_xml_of_2003_with_entities_depth_or_gaps_is_refused(campaign: Any) -> None:
    urn = "urn:schemas-microsoft-com:office:spreadsheet"
    ns = f'xmlns="{urn}" xmlns:ss="{urn}"'

    def book(inside: str, before: str = "") -> bytes:
        sheet = f'<Worksheet ss:Name="a"><Table>{inside}</Table></Worksheet>'
        return f'<?xml version="1.0"?>{before}<Workbook {ns}>{sheet}</Workbook>'.encode()

    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    cell = '<Row><Cell ss:Index="{}"><Data ss:Type="String">x</Data></Cell></Row>'
    for content, code in (
        (book(cell.format(1).replace("x<", "&b;<"), laughs), "intake.workbook_dtd"),
        (book(cell.format(1), outside), "intake.workbook_dtd"),
        (book(cell.format(99_999)), "intake.columns_many"),
        (book(cell.format(0)), "intake.columns_many"),
        (book(cell.format("x")), "intake.workbook_broken"),
        (book('<Row ss:Index="9999999"/>'), "intake.sheet_giant"),
        (book('<Row ss:Index="99999999999"/>'), "intake.rows_many"),
        (book("<a>" * 100 + "</a>" * 100), "intake.workbook_broken"),
        (book(cell.format(1).replace("x<", "x" * 40_000 + "<")), "intake.cell_giant"),
        (book(cell.format(1))[:-30], "intake.workbook_broken"),
    ):
        assert refused(campaign, content, "人员.xls") == [code], content[:200]


def test_a_truncated_or_twice_packed_workbook_is_broken(campaign: Any, rows: list[list[Any]]) -> None:
    content = xlsx_bytes(rows)
    for cut in (len(content) // 2, len(content) - 10, 200):
        assert refused(campaign, content[:cut])[0] in {"intake.workbook_broken", "intake.workbook_other"}
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = altered(content, lambda _, data: data, {SHEET: b"<x/>"})
    assert refused(campaign, twice) == ["intake.workbook_broken"]


def test_passwords_are_told_by_name(campaign: Any) -> None:
    sealed = xls_bytes({"EncryptedPackage": [["x"]]})
    assert refused(campaign, sealed) == ["intake.workbook_password"]
    old = xls_bytes({"人员": [["工号"]]}, globals_extra=record(0x002F, struct.pack("<HHHH", 0, 0, 1, 2)))
    assert refused(campaign, old, "人员.xls") == ["intake.workbook_password"]


def test_a_damaged_old_workbook_is_broken_and_not_a_crash(campaign: Any, rows: list[list[Any]]) -> None:
    content = xls_bytes({"人员": rows})
    for cut in (100, 600, len(content) // 2):
        assert refused(campaign, content[:cut], "人员.xls") == ["intake.workbook_broken"]


def test_an_old_workbook_that_asks_for_too_much_memory_ends_alone(campaign: Any) -> None:
    long = "长" * 30_000
    content = xls_bytes({"人员": [[long] * 100 for _ in range(100)]})
    assert len(content) < 300_000
    assert refused(campaign, content, "人员.xls", unpacked_mb=300) == ["intake.workbook_bomb"]
    many = xls_bytes({f"s{place}": [["a"]] for place in range(4)})
    assert refused(campaign, many, "人员.xls", unpacked_mb=300, sheets=3) == ["intake.sheets_many"]
    far = xls_bytes({"人员": [["a"]]}, extra=number(65_535, 255, 1.0))
    assert refused(campaign, far, "人员.xls", unpacked_mb=300) == ["intake.workbook_bomb"]


def test_limits_bind_a_csv_too(campaign: Any) -> None:
    text = campaign.text("inspectors")
    assert refused(campaign, text, "人员.csv", rows=3) == ["intake.rows_many"]
    assert refused(campaign, text, "人员.csv", columns=5) == ["intake.columns_many"]
    assert refused(campaign, text, "人员.csv", cell_chars=4) == ["intake.cell_giant"]
    assert refused(campaign, text, "人员.csv", line_chars=50) == ["intake.line_giant"]


def test_a_line_without_an_end_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "人员.csv"
    with path.open("wb") as stream:
        stream.write("工号,姓名\n".encode())
        for _ in range(300):
            stream.write(b"a" * 1_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError) as error:
        list(CsvFile(path, path.name).records())
    assert [(p.code, p.place["row"]) for p in error.value.problems] == [("intake.line_giant", 2)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


MIXED = {
    "gb18030 in utf-8": ("utf-8", "gb18030"),
    "utf-8 in gb18030": ("gb18030", "utf-8"),
}


@pytest.mark.parametrize("name", MIXED)
def test_two_encodings_in_one_file_are_named_with_the_line(campaign: Any, name: str) -> None:
    usual, other = MIXED[name]
    lines = campaign.text("enterprises").decode().split("\r\n")
    content = b"\r\n".join(line.encode(other if place == 6 else usual) for place, line in enumerate(lines))
    campaign.raw["enterprises"] = content
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert [(p.code, p.place["row"]) for p in error.value.problems] == [("intake.encoding_mixed", 7)]


def test_a_short_gb18030_text_that_is_also_valid_utf8_is_no_mixture(campaign: Any) -> None:
    name = "中文".encode().decode("gb18030")
    campaign.change("enterprises", 3, "名称", name)
    campaign.encoding = "gb18030"
    assert name in {row.name for row in read_campaign(campaign.write()).registers.enterprises}


FAR_AWAY = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'


@pytest.mark.parametrize(
    "part", ["xl/odd/sheet.xml", "xl/worksheets/deep/sheet.xml", "xl/worksheets\\sheet.xml"]
)
def test_a_sheet_is_weighed_wherever_the_workbook_keeps_it(rows: list[list[Any]], part: str) -> None:
    moved = re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData>" + FAR_AWAY + b"</sheetData>", sheet_of(rows))
    content = altered(
        xlsx_bytes(rows),
        lambda name, data: (
            data.replace(b"worksheets/sheet1.xml", part.removeprefix("xl/").encode())
            if name.endswith(".rels")
            else data
        ),
        {part: moved},
    )
    assert "intake.columns_many" in opened(content)


def sheet_of(rows: list[list[Any]]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(rows))) as archive:
        return archive.read(SHEET)


def opened(content: bytes, **limits: int) -> list[str]:
    """What the opening refuses, nothing where the workbook is opened."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsx"
        path.write_bytes(content)
        try:
            XlsxBook(path, "x.xlsx", replace(DEFAULT, **limits))
        except InputError as error:
            return [problem.code for problem in error.problems]
    return []


LOOSE = {
    "cells": (b"<row>" + b"<c><v>1</v></c>" * 900 + b'</row><row r="999999"><c><v>1</v></c></row>', "cells"),
    "cells with a style": (b"<row>" + b'<c\ns="1"><v>1</v></c>' * 1_100 + b"</row>", "columns"),
    "cells of a prefix": (b"<x:row>" + b"<x:c><x:v>1</x:v></x:c>" * 1_100 + b"</x:row>", "columns"),
    "cells behind a far one": (b'<row r="1"><c r="ALK1"><v>1</v></c>' + b"<c/>" * 5 + b"</row>", "columns"),
    "rows": (b"<row/>" * 1_100_000 + b'<row><c r="Z1"><v>1</v></c></row>', "cells"),
}


@pytest.mark.parametrize("name", LOOSE)
def test_cells_and_rows_without_a_reference_are_counted(rows: list[list[Any]], name: str) -> None:
    body, limit = LOOSE[name]
    content = altered(
        xlsx_bytes(rows),
        lambda part, data: (
            re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData>" + body + b"</sheetData>", data)
            if part == SHEET
            else data
        ),
    )
    expected = {"cells": "intake.sheet_giant", "columns": "intake.columns_many"}[limit]
    assert opened(content, cells=28_000_000, ratio=1_000) == [expected]


def test_a_sheet_whose_cells_have_no_references_is_read(campaign: Any, rows: list[list[Any]]) -> None:
    good = read_campaign(campaign.write()).registers.inspectors
    content = altered(
        xlsx_bytes(rows),
        lambda part, data: re.sub(rb' r="[A-Z]*[0-9]+"', b"", data) if part == SHEET else data,
    )
    (campaign.folder / "人员.xlsx").write_bytes(content)
    campaign.entries["inspectors"] = '"人员.xlsx"'
    assert read_campaign(campaign.write()).registers.inspectors == good


def test_a_workbook_that_is_also_another_format_is_refused(rows: list[list[Any]]) -> None:
    content = altered(xlsx_bytes(rows), lambda _, data: data, {"content.xml": b"<office/>"})
    assert opened(content) == ["intake.workbook_broken"]
