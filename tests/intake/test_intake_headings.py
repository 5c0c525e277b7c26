"""A heading in two rows: 坐标 over 经度 and 纬度, as a platform merges its cells."""

from typing import Any

import openpyxl
import pytest

from scheduler.domain.errors import InputError
from scheduler.intake import examine, read_campaign
from scheduler.intake.book import write_problem_book


def in_two_rows(campaign: Any, over: str = "坐标") -> Any:
    """经度 and 纬度 under one merged cell, all others above a blank one."""
    head, *rows = campaign.tables["enterprises"]
    upper = [over if cell == "经度" else "" if cell == "纬度" else cell for cell in head]
    lower = [cell if cell in {"经度", "纬度"} else "" for cell in head]
    campaign.tables["enterprises"] = [["检查对象名录", *[""] * (len(head) - 1)], upper, lower, *rows]
    return campaign


def test_sub_headings_below_a_merged_cell_are_read(campaign: Any) -> None:
    before = read_campaign(campaign.write())
    after = read_campaign(in_two_rows(campaign).write())
    assert after.registers.enterprises == before.registers.enterprises
    report = next(table for table in after.report.tables if table.table == "enterprises")
    assert (report.heads, report.lines - report.heads) == (3, report.rows_read)
    assert not [line for line in after.report.warnings if line.code == "intake.column_unknown"]


def test_a_group_that_is_itself_a_heading_gives_way_to_those_below_it(campaign: Any) -> None:
    before = read_campaign(campaign.write()).registers.enterprises
    assert read_campaign(in_two_rows(campaign, over="经度").write()).registers.enterprises == before


def test_a_sub_heading_that_is_there_already_is_refused_and_not_guessed(campaign: Any) -> None:
    in_two_rows(campaign)
    head = campaign.tables["enterprises"][1]
    campaign.tables["enterprises"][2][head.index("登记机关")] = "名称"
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert {problem.code for problem in error.value.problems} == {
        "intake.column_twice",
        "intake.column_missing",
    }


def test_a_first_record_is_no_second_heading(campaign: Any) -> None:
    head = campaign.tables["enterprises"][0]
    campaign.tables["enterprises"][1] = ["经度" if cell == "名称" else "" for cell in head]
    intake = read_campaign(campaign.write())
    report = next(table for table in intake.report.tables if table.table == "enterprises")
    assert report.heads == 1


def test_a_problem_is_shown_at_its_cell_under_a_sub_heading(campaign: Any, tmp_path: Any) -> None:
    in_two_rows(campaign)
    campaign.tables["enterprises"][4][campaign.tables["enterprises"][2].index("纬度")] = "北"
    out = tmp_path / "problems.xlsx"
    write_problem_book(out, examine(campaign.write()), "zh")
    listing = openpyxl.load_workbook(out).worksheets[0]
    (row,) = [row for row in listing.values if "intake.coordinate" in row]
    column = openpyxl.utils.get_column_letter(campaign.tables["enterprises"][2].index("纬度") + 1)
    assert (row[5], row[6], row[-1]) == ("5", "纬度", f"{column}5")


@pytest.mark.parametrize("head", ["坐标", "经纬度", "坐标（经度，纬度）"])
def test_coordinates_in_one_cell_are_read_where_neither_has_a_column(campaign: Any, head: str) -> None:
    wanted = read_campaign(campaign.write()).registers.enterprises
    rows = campaign.tables["enterprises"]
    lon, lat = rows[0].index("经度"), rows[0].index("纬度")
    for row in rows:
        row[lon] = head if row is rows[0] else f"{row[lon]}，{row[lat]}"
        row.pop(lat)
    rows[2][lon] = f"POINT({rows[2][lon].replace('，', ' ')})"
    intake = read_campaign(campaign.write())
    assert intake.registers.enterprises == wanted
    rows[3][lon], rows[4][lon] = "120.1", "无"
    intake = read_campaign(campaign.write())
    told = [(line.row, line.column, line.code) for line in intake.rejected if line.table == "enterprises"]
    assert told == [(4, head, "intake.coordinate")]
    missing = [line for line in intake.report.warnings if line.code == "intake.place_missing"]
    assert [line.row for line in missing if line.table == "enterprises"] == [5]
