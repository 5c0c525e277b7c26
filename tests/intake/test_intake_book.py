"""The workbook of problems, read with another program's eyes: each problem at its cell, in words."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from scheduler.domain.messages import Language
from scheduler.intake import annotated, examine, pages, write_problem_book
from scheduler.intake.pages import Page, cell_name, sheet_names, write_pages

RED, YELLOW = "FFF9D9D9", "FFFFF2CC"


def written(campaign: Any, language: Language = "zh", name: str = "problems.xlsx") -> Path:
    path: Path = campaign.folder / name
    write_problem_book(path, examine(campaign.write()), language)
    return path


def rows_of(sheet: Worksheet) -> list[list[str]]:
    return [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]


def listing(path: Path) -> list[dict[str, str]]:
    """The lines of the first sheet by heading."""
    rows = rows_of(openpyxl.load_workbook(path).worksheets[0])
    head = next(n for n, row in enumerate(rows) if row[0] in {"序号", "No."})
    return [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]


@pytest.fixture
def broken(campaign: Any) -> Any:
    """One rejected cell, one notice, one title row above the heading."""
    campaign.tables["enterprises"].insert(
        0, ["青石县名录"] + [""] * (len(campaign.tables["enterprises"][0]) - 1)
    )
    lines = campaign.tables["enterprises"]
    lines[5][lines[1].index("信用风险等级")] = "E"
    lines[6][lines[1].index("经度")] = lines[6][lines[1].index("纬度")] = "0"
    return campaign


def test_every_problem_is_listed_with_place_reason_and_remedy(broken: Any) -> None:
    lines = [line for line in listing(written(broken)) if line["表"] == "检查对象名录库"]
    assert [(line["后果"], line["表"], line["原行号"], line["列"], line["内容"]) for line in lines] == [
        ("退回", "检查对象名录库", "6", "信用风险等级", "E"),
        ("提示", "检查对象名录库", "7", "经度", "0.000000,0.000000"),
    ]
    assert lines[0]["问题"] == "不是可用的值（低/一般/较高/高）。"
    assert lines[0]["怎么改"] == "请从中选一个。"
    assert lines[0]["问题代码"] == "intake.choice"


def test_the_copy_has_the_same_rows_and_the_problem_stands_at_its_cell(broken: Any) -> None:
    path = written(broken)
    book = openpyxl.load_workbook(path)
    sheet = book["检查对象名录库"]
    rows = rows_of(sheet)
    lines = broken.tables["enterprises"]
    width = len(lines[1])
    assert [row[:width] for row in rows] == lines
    column = lines[1].index("信用风险等级") + 1
    assert sheet.cell(6, column).fill.start_color.rgb == RED
    assert sheet.cell(7, lines[1].index("经度") + 1).fill.start_color.rgb == YELLOW
    assert sheet.cell(5, column).fill.fill_type is None
    assert rows[1][width:] == ["原行号", "问题", "怎么改", "问题代码"]
    assert rows[5][width:] == [
        "6",
        "信用风险等级：不是可用的值（低/一般/较高/高）。",
        "请从中选一个。",
        "intake.choice",
    ]
    assert rows[4][width:] == [""] * 4


def test_a_line_of_the_list_leads_to_the_cell(broken: Any) -> None:
    sheet = openpyxl.load_workbook(written(broken)).worksheets[0]
    column = broken.tables["enterprises"][1].index("信用风险等级")
    links = [cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert links[0] == f"'检查对象名录库'!{cell_name(5, column)}"


def test_what_stops_the_import_comes_first_and_the_rest_is_told_in_the_same_go(broken: Any) -> None:
    broken.change("tasks", 2, "抽查事项", "NOTHING")
    lines = listing(written(broken))
    assert list(dict.fromkeys(line["后果"] for line in lines)) == ["阻止导入", "退回", "提示"]
    assert "NOTHING" in lines[0]["问题"]


def test_a_table_that_cannot_be_read_does_not_hide_the_problems_of_the_others(broken: Any) -> None:
    broken.tables["inspectors"][0][0] = "别的"
    path = written(broken)
    lines = listing(path)
    assert [line["问题代码"] for line in lines][:2] == ["intake.column_missing", "intake.choice"]
    notes = [row[0] for row in rows_of(openpyxl.load_workbook(path).worksheets[0])[:4]]
    assert "有的表读不出来，因此各表之间的引用这次没有核对。" in notes


def test_sums_stand_on_the_second_sheet(broken: Any) -> None:
    rows = rows_of(openpyxl.load_workbook(written(broken)).worksheets[1])
    figures = {row[0]: dict(zip(rows[1], row, strict=True)) for row in rows[2:]}["检查对象名录库"]
    number = {name: int(text) for name, text in figures.items() if text.isdigit()}
    assert (
        number["总行数"]
        == number["表头"] + number["说明"] + number["示例"] + number["空行"] + number["数据行"]
    )
    assert number["数据行"] == number["接受"] + number["退回"] + number["合并"] == 12


def test_the_same_files_give_the_same_bytes(broken: Any) -> None:
    first, second = written(broken, name="a.xlsx"), written(broken, name="b.xlsx")
    assert first.read_bytes() == second.read_bytes()


def test_the_workbook_speaks_english_too(broken: Any) -> None:
    rows = rows_of(openpyxl.load_workbook(written(broken, "en")).worksheets[0])
    assert any("Choose one of them." in row for row in rows)


def test_what_looks_like_a_formula_stays_text(broken: Any) -> None:
    lines = broken.tables["enterprises"]
    lines[8][lines[1].index("名称")] = "=HYPERLINK(1)"
    sheet = openpyxl.load_workbook(written(broken))["检查对象名录库"]
    cell = sheet.cell(9, lines[1].index("名称") + 1)
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_of_a_long_table_only_the_rows_with_problems_are_copied(
    broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotated, "WHOLE", 4)
    path = written(broken)
    book = openpyxl.load_workbook(path)
    rows = rows_of(book["检查对象名录库"])
    width = len(broken.tables["enterprises"][1])
    assert [row[width] for row in rows] == ["", "原行号", "6", "7"]
    assert any("只抄了表头和有问题的行" in row[0] for row in rows_of(book.worksheets[0]))
    link = next(cell.hyperlink for row in book.worksheets[0].iter_rows() for cell in row if cell.hyperlink)
    assert link.location.endswith("3")


def test_personal_data_that_the_import_drops_is_not_handed_on(broken: Any) -> None:
    lines = broken.tables["enterprises"]
    for number, line in enumerate(lines):
        line.append("联系电话" if number == 1 else f"1380000{number:04d}" if number > 1 else "")
    sheet = rows_of(openpyxl.load_workbook(written(broken))["检查对象名录库"])
    assert "联系电话" in sheet[1]
    assert not any("1380000" in cell for row in sheet for cell in row)


def test_personal_data_is_emptied_under_a_second_heading_and_in_a_row_that_slipped(broken: Any) -> None:
    lines = broken.tables["enterprises"]
    lines[0] += ["", ""]
    lines[1] += ["联系电话", "联系电话"]
    for number, line in enumerate(lines[2:]):
        line.extend([f"1380000{number:04d}"] * 2)
    lines[4].insert(3, "一格太多")
    lines[7].insert(0, "一格太多")
    del lines[8][2]
    sheet = rows_of(openpyxl.load_workbook(written(broken))["检查对象名录库"])
    assert sheet[4][3] == "一格太多"
    assert not any("1380000" in cell for row in sheet for cell in row)


def test_a_row_is_as_tall_as_the_lines_that_its_texts_break_into(tmp_path: Path) -> None:
    rows = [["甲", "乙"], ["短", "字" * 40], ["短", "one\ntwo\nthree"], ["x" * 8, "y" * 18]]
    write_pages(tmp_path / "x.xlsx", [Page(name="p", rows=rows, n_head=1, widths=(10, 20))])
    heights = openpyxl.load_workbook(tmp_path / "x.xlsx")["p"].row_dimensions
    assert [heights[row].height for row in (2, 3, 4)] == [75, 45, None]


def test_a_file_that_ends_in_an_error_is_copied_as_far_as_it_goes(broken: Any) -> None:
    data = broken.text("enterprises")
    broken.raw["enterprises"] = data + b'x,"never closed\n' + b"y,z\n" * 3
    path = written(broken)
    assert listing(path)[0]["后果"] == "阻止导入"


def test_sheets_are_split_where_one_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SHEET_ROWS", 4)
    rows = [["题"], ["列"], *([str(n)] for n in range(5))]
    page = Page(name="表", rows=rows, n_head=2, widths=(8,), colours={(0, 0): "title", (4, 0): "reject"})
    write_pages(tmp_path / "p.xlsx", [page])
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert [rows_of(sheet) for sheet in book.worksheets] == [
        [["题"], ["列"], ["0"], ["1"]],
        [["题"], ["列"], ["2"], ["3"]],
        [["题"], ["列"], ["4"]],
    ]
    assert book.worksheets[1].cell(3, 1).fill.start_color.rgb == RED


def test_names_of_sheets_are_lawful_and_different() -> None:
    faces = sheet_names(["😀" * 16, "😀" * 16])
    assert faces == ["😀" * 15, "😀" * 14 + " 2"]
    names = sheet_names(["表", "表", "a/b:c", "", "长" * 40, "长" * 40])
    assert len(set(names)) == len(names)
    assert all(0 < len(name) <= 31 and "/" not in name for name in names)


def test_notices_beyond_the_limit_are_counted_and_not_listed(
    broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.intake.book.LISTED", 2)
    lines = broken.tables["enterprises"]
    for line in lines[2:8]:
        line[lines[1].index("经度")] = line[lines[1].index("纬度")] = "0"
    path = written(broken)
    assert sum(line["问题代码"] == "intake.place_zero" for line in listing(path)) == 2
    assert any(
        "另有 3 条没有逐条列出" in row[0] for row in rows_of(openpyxl.load_workbook(path).worksheets[0])
    )


@pytest.mark.parametrize(
    ("row", "column", "name"), [(0, 0, "A1"), (4, 25, "Z5"), (9, 26, "AA10"), (0, 701, "ZZ1")]
)
def test_cells_are_named_as_spreadsheets_name_them(row: int, column: int, name: str) -> None:
    assert cell_name(row, column) == name


def test_a_row_without_a_cell_does_not_mend_itself_in_the_copy(broken: Any, campaign: Any) -> None:
    lines = broken.tables["enterprises"]
    lines[7].pop()
    path = written(broken)
    width = len(lines[1])
    assert rows_of(openpyxl.load_workbook(path)["检查对象名录库"])[7][:width] == [*lines[7], "？"]
    before = {line.row for line in examine(broken.write()).rejected if line.table == "enterprises"}
    campaign.tables.pop("enterprises")
    campaign.entries["enterprises"] = f'{{ file = "{path}", sheet = "检查对象名录库" }}'
    again = {line.row for line in examine(campaign.write()).rejected if line.table == "enterprises"}
    assert 8 in before == again
