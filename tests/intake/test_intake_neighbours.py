"""The table of neighbours who help: whom it may name, when it counts, and that it is asked for."""

from typing import Any

import openpyxl
import pytest
from intake.conftest import table
from intake.test_intake_template import BASE, fill_settings
from near import near_registers

from scheduler.domain.errors import InputError
from scheduler.domain.registers import Neighbour
from scheduler.intake import read_campaign, write_template
from scheduler.intake.columns import find
from scheduler.intake.template import sheet_name
from scheduler.intake.templaterows import EXAMPLES

HEADS = ["受助部门", "协助部门", "依据文号"]
ON = "[teams]\nneighbours_help = true"


def read(campaign: Any, rows: list[list[str]], sections: str = ON) -> Any:
    for name in ("departments", "inspectors", "recusals"):
        campaign.tables[name] = table(name, near_registers(4))
    campaign.tables["neighbours"] = [HEADS, *rows]
    campaign.sections = sections
    return read_campaign(campaign.write())


def refused(campaign: Any, rows: list[list[str]], sections: str = ON) -> list[tuple[str, object]]:
    with pytest.raises(InputError) as error:
        read(campaign, rows, sections)
    return [(problem.code, problem.place.get("row")) for problem in error.value.problems]


def test_departments_are_named_by_number_or_by_name_and_one_row_is_one_direction(campaign: Any) -> None:
    rows = [
        ["D-food", "山后县市场监管局", "青市监〔2026〕3号"],
        ["D-food", "D-hill", "青市监〔2026〕3号"],
        ["D-hill", "D-food", ""],
    ]
    intake = read(campaign, rows)
    assert intake.registers.neighbours == (
        Neighbour(department_id="D-food", helper_id="D-hill", document="青市监〔2026〕3号"),
        Neighbour(department_id="D-hill", helper_id="D-food"),
    )
    assert intake.settings.teams.neighbours_help
    assert intake.rejected == ()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["D-food", "D-vale", ""], "intake.reference_unknown"),
        (["D-vale", "D-food", ""], "intake.reference_unknown"),
        (["D-food", "D-food", ""], "intake.neighbour_self"),
        (["D-food", "D-fire", ""], "intake.neighbour_field"),
        (["D-food", "", ""], "intake.empty"),
    ],
)
def test_a_row_that_names_no_two_departments_of_one_field_stops_the_import(
    campaign: Any, row: list[str], code: str
) -> None:
    assert refused(campaign, [["D-food", "D-hill", ""], row]) == [(code, 3)]


def test_neighbours_help_without_a_row_is_refused(campaign: Any) -> None:
    campaign.sections = ON
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert [problem.code for problem in error.value.problems] == ["intake.neighbours_missing"]


def test_a_table_that_nothing_reads_is_told(campaign: Any) -> None:
    intake = read(campaign, [["D-food", "D-hill", ""]], "")
    assert "intake.neighbours_unused" in {line.code for line in intake.report.warnings}


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("受援部门", "department_id"),
        ("helper_id", "helper_id"),
        ("支援部门", "helper_id"),
        ("Neighbour", "helper_id"),
        ("协议文号", "document"),
    ],
)
def test_headings_of_others_are_understood(head: str, field: str) -> None:
    found = find("neighbours", head)
    assert found is not None
    assert found[0].field == field


def test_the_template_carries_table_and_setting(tmp_path: Any) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path)
    book = openpyxl.load_workbook(path)
    fill_settings(book, **{**BASE, "teams.neighbours_help": "是"})
    for name, examples in EXAMPLES.items():
        if name != "calendar":
            for row in range(3, 3 + len(examples)):
                book[sheet_name(name)].cell(row, 1).value = None
    book.save(path)
    intake = read_campaign(path)
    assert intake.settings.teams.neighbours_help
    assert [(row.department_id, row.helper_id) for row in intake.registers.neighbours] == [
        ("D-bm", "D-sg"),
        ("D-sg", "D-bm"),
    ]
