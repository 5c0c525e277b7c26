"""The table of travel times: districts or places, minutes checked, contradictions shown, gaps told."""

from typing import Any

import openpyxl
import pandas as pd
import pytest
from small import registers, settings

from scheduler.domain.errors import InputError
from scheduler.domain.registers import TravelTime
from scheduler.domain.settings import Travel
from scheduler.intake import read_campaign, registers_from_frames, write_template
from scheduler.intake.cells import read_minutes
from scheduler.intake.celltext import BadCellError
from scheduler.intake.columns import find

HEADS = ["起点", "终点", "分钟"]
DISTRICTS = '[travel]\nsource = "districts"'
MATRIX = '[travel]\nsource = "matrix"'
ALL_NAMED = ["330182", "330182", "20"]


def read(campaign: Any, rows: list[list[str]], sections: str = MATRIX) -> Any:
    campaign.tables["travel"] = [HEADS, *rows]
    campaign.sections = sections
    return read_campaign(campaign.write())


def refused(campaign: Any, rows: list[list[str]], sections: str = MATRIX) -> dict[str, list[Any]]:
    with pytest.raises(InputError) as error:
        read(campaign, rows, sections)
    found: dict[str, list[Any]] = {}
    for problem in error.value.problems:
        found.setdefault(problem.code, []).append(problem.place.get("row"))
    return found


def warned(intake: Any, code: str) -> list[tuple[int, str, str]]:
    lines = [line for line in intake.report.warnings if line.table == "travel" and line.code == code]
    return [(line.row, line.value, line.detail) for line in lines]


def test_places_are_divisions_offices_by_name_enterprises_and_experts(campaign: Any) -> None:
    rows = [ALL_NAMED, ["青石县消防救援大队", "330182", "25.2"], ["E01", "e02", "7"], ["EX1", "E01", "８"]]
    rows[2][1] = "E02"
    found = read(campaign, rows).registers.travel
    assert found == (
        TravelTime(from_place="330182", to_place="330182", minutes=20),
        TravelTime(from_place="D-fire", to_place="330182", minutes=26),
        TravelTime(from_place="E01", to_place="E02", minutes=7),
        TravelTime(from_place="EX1", to_place="E01", minutes=8),
    )


def test_every_wrong_row_is_told_with_its_reason(campaign: Any) -> None:
    rows = [
        ALL_NAMED,
        ["城关区", "330182", "10"],
        ["E01", "E02", "-1"],
        ["E01", "E02", "1441"],
        ["E01", "E02", "很久"],
        ["E01", "E01", "5"],
        ["E03", "E04", "11"],
        ["E03", "E04", "12"],
    ]
    found = refused(campaign, rows)
    assert found == {
        "intake.travel_name": [3],
        "intake.number": [4, 6],
        "intake.travel_long": [5],
        "intake.travel_self": [7],
        "intake.travel_twice": [8, 9],
    }


def test_a_contradicting_row_names_the_other_with_its_minutes(campaign: Any) -> None:
    with pytest.raises(InputError) as error:
        read(campaign, [["E03", "E04", "11"], ["E03", "E04", "12"], ["E03", "E04", "11"]])
    assert {p.params["detail"] for p in error.value.problems if p.code == "intake.travel_twice"} == {
        "3（12）",
        "2（11）",
    }


def test_an_unknown_place_is_reported_and_stops_nothing(campaign: Any) -> None:
    intake = read(campaign, [ALL_NAMED, ["E99", "E01", "9"], ["330199", "330182", "30"]])
    assert [(line.row, line.code, line.value) for line in intake.rejected] == [
        (3, "intake.reference_unknown", "E99"),
        (4, "intake.reference_unknown", "330199"),
    ]
    assert len(intake.registers.travel) == 1


def test_nothing_is_stated_by_no_minutes_from_a_place_to_itself(campaign: Any) -> None:
    intake = read(campaign, [["330182", "330182", "0"], ["E01", "E02", "0"]])
    assert [(line.row, line.code) for line in intake.rejected] == [(2, "intake.travel_nothing")]
    assert [row.minutes for row in intake.registers.travel] == [0]


def test_equal_rows_are_one_and_the_slower_direction_is_told(campaign: Any) -> None:
    intake = read(campaign, [["E01", "E02", "9"], ["E01", "E02", "9"], ["E02", "E01", "12"], ALL_NAMED])
    assert len(intake.registers.travel) == 3
    assert warned(intake, "intake.travel_directions") == [(2, "9", "12")]
    report = next(table for table in intake.report.tables if table.table == "travel")
    assert (report.rows_read, report.accepted, report.merged) == (4, 3, 1)


def test_a_number_of_two_kinds_is_nobodys_place(campaign: Any) -> None:
    campaign.change("experts", 2, "专家编号", "E01")
    assert refused(campaign, [["E01", "E02", "9"], ALL_NAMED]) == {"intake.travel_ambiguous": [2]}


def test_a_table_of_districts_holds_divisions_and_offices_only(campaign: Any) -> None:
    assert len(read(campaign, [ALL_NAMED, ["D-food", "330182", "9"]], DISTRICTS).registers.travel) == 2
    assert refused(campaign, [["E01", "330182", "9"], ALL_NAMED], DISTRICTS) == {"intake.travel_place": [2]}


@pytest.mark.parametrize("sections", [DISTRICTS, MATRIX])
def test_a_plan_that_wants_a_table_has_one(campaign: Any, sections: str) -> None:
    campaign.sections = sections
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert [problem.code for problem in error.value.problems] == ["intake.travel_missing"]
    assert refused(campaign, [["E98", "E99", "9"]], sections) == {"intake.travel_missing": [None]}


def test_a_table_that_nothing_reads_is_told(campaign: Any) -> None:
    intake = read(campaign, [ALL_NAMED], "")
    assert len(warned(intake, "intake.travel_unused")) == 1


def test_districts_and_offices_that_the_table_does_not_name_are_told(campaign: Any) -> None:
    intake = read(campaign, [["D-fire", "D-food", "9"]])
    assert [detail for _, _, detail in warned(intake, "intake.travel_uncovered")] == ["330182", "D-work"]
    assert warned(read(campaign, [ALL_NAMED]), "intake.travel_uncovered") == []


def test_abolished_divisions_and_old_numbers_are_followed(campaign: Any) -> None:
    campaign.tables["divisions"] = [
        ["原区划代码", "现区划代码", "变更日期"],
        ["330125", "330182", "2021-04-09"],
    ]
    intake = read(campaign, [["330125", "D-fire", "9"], ["330182", "D-fire", "9"]])
    assert intake.registers.travel == (TravelTime(from_place="330182", to_place="D-fire", minutes=9),)
    assert warned(intake, "intake.division_changed") == [(2, "330125", "330182")]


def test_data_frames_and_a_workbook_sheet_hold_the_same_table(tmp_path: Any) -> None:
    rows = [(row.department_id, "330182", 20) for row in registers().departments]
    frames = {
        name: pd.DataFrame([{key: getattr(row, key) for key in row.__slots__} for row in table])
        for name in ("departments", "enterprises", "inspectors", "items", "tasks", "experts")
        if (table := getattr(registers(), name))
    }
    frames["travel"] = pd.DataFrame(rows, columns=["from_place", "to_place", "minutes"])
    found, rejected = registers_from_frames(frames, settings(travel=Travel(source="districts")))
    assert not rejected
    assert [(row.from_place, row.to_place, row.minutes) for row in found.travel] == rows
    write_template(tmp_path / "t.xlsx")
    page = openpyxl.load_workbook(tmp_path / "t.xlsx")["路程时间"]
    heads = [cell.value for cell in page[1]]
    assert heads == ["说明", "起点*", "终点*", "分钟*"]


@pytest.mark.parametrize("head", ["起点", "出发地", "起点编号", "from_place", "Origin"])
def test_platforms_names_of_the_columns_are_known(head: str) -> None:
    found = find("travel", head)
    assert found is not None
    assert found[0].field == "from_place"


@pytest.mark.parametrize(
    ("cell", "minutes"), [("12", 12), ("12.0", 12), ("12.01", 13), ("０", 0), ("0.5", 1), ("", None)]
)
def test_minutes_are_rounded_up(cell: str, minutes: int | None) -> None:
    assert read_minutes(cell) == minutes


@pytest.mark.parametrize("cell", ["-3", "1e3", "12分", "1.2.3"])
def test_what_is_no_number_of_minutes_is_refused(cell: str) -> None:
    with pytest.raises(BadCellError):
        read_minutes(cell)


def test_no_coordinates_anywhere_is_told_and_answered(campaign: Any) -> None:
    for row in campaign.tables["enterprises"]:
        del row[11:13]
    intake = read_campaign(campaign.write())
    assert "intake.places_nowhere" in {line.code for line in intake.report.warnings}
