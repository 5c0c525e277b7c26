"""A foreign file under the headings of a table."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from scheduler.domain.errors import InputError
from scheduler.intake import examine, read_campaign
from scheduler.intake.book import write_problem_book

COLUMNS = """
[columns.enterprises]
enterprise_id = "ID"
id_kind = { value = "其他" }
name = "Name"
address = { join = ["Street", "Town"] }
authority = { value = "青石县市场监督管理局" }
unit = { value = "城关所" }
district = { value = "330182" }
risk_class = { from = "Score", words = { "5" = "A", "0" = "D" }, other = "B" }
status = { from = "Open", words = { "yes" = "存续" } }
lon_udeg = "Long"
lat_udeg = "Lat"
"""
HEAD = ["Note", "ID", "Name", "Street", "Town", "Score", "Open", "Long", "Lat", "Phone"]


@pytest.fixture
def foreign(campaign: Any) -> Any:
    rows = [
        [
            "",
            f"E{n:02d}",
            f"Shop {n}",
            "High St",
            "Sutton" if n % 2 else "",
            str(n % 6),
            "yes",
            "120.2",
            "30.2",
            "1",
        ]
        for n in range(1, 13)
    ]
    campaign.tables["enterprises"] = [["Export of yesterday", *[""] * 9], list(HEAD), *rows]
    campaign.sections = COLUMNS
    return campaign


def problems(campaign: Any) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    return [(p.code, str(p.params.get("field") or p.params.get("missing"))) for p in error.value.problems]


@pytest.mark.parametrize("separator", [";", "\t", "，"])
def test_the_separator_is_found_by_the_headings_of_the_mapping(foreign: Any, separator: str) -> None:
    text = foreign.text("enterprises").decode()
    foreign.raw["enterprises"] = text.replace(",", separator).encode()
    assert len(read_campaign(foreign.write()).registers.enterprises) == 12


def test_columns_are_renamed_joined_filled_and_translated(foreign: Any) -> None:
    intake = read_campaign(foreign.write())
    first, second, fifth, sixth = (intake.registers.enterprises[n] for n in (0, 1, 4, 5))
    assert (first.enterprise_id, first.name, first.address) == ("E01", "Shop 1", "High St Sutton")
    assert second.address == "High St"
    assert (first.risk_class, fifth.risk_class, sixth.risk_class) == ("B", "A", "D")
    assert (first.authority, first.status, first.lon_udeg) == ("青石县市场监督管理局", "active", 120_200_000)
    report = next(table for table in intake.report.tables if table.table == "enterprises")
    assert (report.lines, report.heads, report.rows_read) == (14, 2, 12)


def test_a_word_that_is_not_listed_is_reported_at_its_row_and_not_guessed(foreign: Any) -> None:
    foreign.tables["enterprises"][4][6] = "perhaps"
    intake = read_campaign(foreign.write())
    lines = [line for line in intake.rejected if line.table == "enterprises"]
    assert [(line.row, line.column, line.value, line.code) for line in lines] == [
        (5, "Open", "perhaps", "intake.choice")
    ]


def test_a_blank_row_stays_blank_whatever_every_row_is_given(foreign: Any) -> None:
    foreign.tables["enterprises"].append([""] * len(HEAD))
    report = next(
        table for table in read_campaign(foreign.write()).report.tables if table.table == "enterprises"
    )
    assert (report.blank, report.rows_read) == (1, 12)


def test_every_heading_that_the_file_lacks_is_named(foreign: Any) -> None:
    foreign.tables["enterprises"][1][3] = foreign.tables["enterprises"][1][8] = "?"
    assert problems(foreign) == [("intake.columns_missing", "Lat、Street")]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("nonsense = 'ID'", ("intake.columns_field", "columns.enterprises.nonsense")),
        ("tags = 5", ("intake.columns_part", "columns.enterprises.tags")),
        ("tags = { join = [] }", ("intake.columns_part", "columns.enterprises.tags")),
        ("tags = { value = 'a', join = ['b'] }", ("intake.columns_part", "columns.enterprises.tags")),
        ("tags = { from = 'Note' }", ("intake.columns_part", "columns.enterprises.tags")),
        ("tags = { from = 'Note', words = { a = 1 } }", ("intake.columns_part", "columns.enterprises.tags")),
        ("[columns.firms]", ("intake.table_unknown", "columns.firms")),
    ],
)
def test_what_is_no_mapping_is_refused_by_name(foreign: Any, line: str, found: tuple[str, str]) -> None:
    foreign.sections += line + "\n"
    assert problems(foreign) == [found]


def test_a_section_that_is_no_table_is_refused(foreign: Any) -> None:
    foreign.sections = ""
    foreign.flat = ""
    path = foreign.write()
    path.write_text("columns = 3\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_campaign(path)
    assert ("intake.setting_type", "columns") in [
        (problem.code, problem.params.get("field")) for problem in error.value.problems
    ]


def test_columns_that_no_field_is_taken_from_are_named_and_personal_ones_counted(foreign: Any) -> None:
    intake = read_campaign(foreign.write())
    found = {
        (line.column, line.code, line.detail)
        for line in intake.report.warnings
        if line.table == "enterprises" and not line.row
    }
    assert ("Note", "intake.column_unmapped", "") in found
    assert ("Phone", "intake.column_personal", "12") in found
    assert not any(column in {"ID", "Street"} for column, _, _ in found)


def test_the_annotated_copy_shows_the_users_own_columns(foreign: Any, tmp_path: Path) -> None:
    foreign.tables["enterprises"][4][5] = ""
    foreign.tables["enterprises"][4][8] = "east"
    out = tmp_path / "problems.xlsx"
    write_problem_book(out, examine(foreign.write()), "en")
    book = openpyxl.load_workbook(out)
    copies = [list(sheet.values) for sheet in book.worksheets]
    rows = next(rows for rows in copies if len(rows) > 1 and list(rows[1][: len(HEAD)]) == HEAD)
    assert (rows[2][1], rows[2][9]) == ("E01", None)  # personal data are not handed on
    listed = [row for row in book.worksheets[0].values if "intake.coordinate" in row]
    assert [(row[5], row[6], row[7]) for row in listed] == [("5", "Lat", "east")]
    assert listed[0][-1] == "I5"
