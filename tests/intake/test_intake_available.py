"""可用日期: a person works on these days alone; the others are sealed as leave and bind like it."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from scheduler.domain.codec import read_csv
from scheduler.domain.layout import intake_table
from scheduler.domain.registers import Leave
from scheduler.intake import Intake, read_campaign
from scheduler.intake.availability import UNAVAILABLE, read_days
from scheduler.intake.celltext import BadCellError
from scheduler.pipeline import import_campaign

HEAD = "可用日期"


def with_days(campaign: Any, days: dict[int, str], table: str = "inspectors", head: str = HEAD) -> Any:
    rows = campaign.tables[table]
    rows[0].append(head)
    for place, row in enumerate(rows[1:], start=2):
        row.append(days.get(place, ""))
    return campaign


def made(intake: Intake) -> list[tuple[str, str, str]]:
    return [
        (row.person_id, row.start.isoformat(), row.end.isoformat())
        for row in intake.registers.leave
        if row.kind == UNAVAILABLE
    ]


def person(campaign: Any, row: int, table: str = "inspectors") -> str:
    return str(campaign.tables[table][row - 1][0])


def test_days_that_are_not_given_are_days_of_leave(campaign: Any) -> None:
    intake = read_campaign(with_days(campaign, {3: "2026-03-04；2026/3/9至2026年3月11日"}).write())
    who = person(campaign, 3)
    assert made(intake) == [
        (who, "2026-03-02", "2026-03-04"),
        (who, "2026-03-05", "2026-03-09"),
        (who, "2026-03-12", "2026-03-14"),
    ]
    told = [line for line in intake.report.warnings if line.code == "intake.available_used"]
    assert [(line.table, line.column, line.detail) for line in told] == [("inspectors", HEAD, "1")]


def test_an_empty_cell_means_any_day(campaign: Any) -> None:
    before = read_campaign(campaign.write()).registers.leave
    assert read_campaign(with_days(campaign, {}).write()).registers.leave == before


def test_days_outside_the_campaign_leave_no_day_of_it(campaign: Any) -> None:
    intake = read_campaign(with_days(campaign, {2: "2026-02-01~2026-02-28;2026-05-01"}).write())
    assert made(intake) == [(person(campaign, 2), "2026-03-02", "2026-03-14")]


def test_an_expert_has_days_of_his_own_under_a_heading_of_the_users_own(campaign: Any) -> None:
    campaign.sections = '[aliases.experts]\n"到岗日" = "可用日期"\n'
    intake = read_campaign(with_days(campaign, {2: "2026-03-02至长期"}, "experts", "到岗日").write())
    assert made(intake) == []
    with_days(campaign, {}, "inspectors", "到岗日")
    intake = read_campaign(campaign.write())
    assert ("inspectors", "intake.column_unknown") in {(w.table, w.code) for w in intake.report.warnings}


@pytest.mark.parametrize(
    "cell", ["周一", "2026-03-09至2026-03-02", "2026-02-30", "1~2~3", "至", "2026-03-02~"]
)
def test_days_that_cannot_be_read_reject_the_person(campaign: Any, cell: str) -> None:
    intake = read_campaign(with_days(campaign, {4: cell}).write())
    lines = [line for line in intake.rejected if line.table == "inspectors"]
    assert [(line.row, line.column, line.value, line.code) for line in lines] == [
        (4, HEAD, cell, "intake.available_dates")
    ]
    assert made(intake) == []


def test_rows_of_one_person_with_different_days_are_all_rejected(campaign: Any) -> None:
    with_days(campaign, {4: "2026-03-04"})
    for days in ("2026-03-04", "2026-03-05"):
        rows = campaign.tables["inspectors"]
        campaign.tables["inspectors"] = [*rows, [*rows[3][:-1], days]]
        intake = read_campaign(campaign.write())
        lost = [line.code for line in intake.rejected if line.table == "inspectors"]
        assert lost == ([] if days == "2026-03-04" else ["intake.duplicate"])
        assert bool(made(intake)) == (days == "2026-03-04")


def test_the_figures_of_leave_tell_rows_that_no_file_says(campaign: Any) -> None:
    campaign = with_days(campaign, {2: "2026-03-04", 3: "2026-03-05"})
    for given in (True, False):
        if not given:
            del campaign.tables["leave"]
        intake = read_campaign(campaign.write())
        leave = next(table for table in intake.report.tables if table.table == "leave")
        assert (leave.added, leave.accepted + leave.added) == (4, len(intake.registers.leave))
        assert leave.lines == leave.heads + leave.rows_read
        assert bool(leave.rows_read) == given


def test_the_days_are_sealed_and_the_person_is_never_drawn_for_others(campaign: Any, tmp_path: Path) -> None:
    path = with_days(campaign, {2: "2026-03-04"}).write()
    import_campaign(path, tmp_path / "run")
    sealed = read_csv(Leave, tmp_path / "run" / intake_table("leave"))
    assert {row.kind for row in sealed if row.person_id == person(campaign, 2)} >= {UNAVAILABLE}


def test_ranges_that_touch_are_one() -> None:
    day = dt.date(2026, 3, 2)
    assert read_days("2026-03-03, 2026-03-02、20260302") == ((day, day + dt.timedelta(days=2)),)
    assert read_days("") == ()
    with pytest.raises(BadCellError):
        read_days("2026-03-02 ~ x")


def test_a_person_without_any_day_stops_nothing_by_himself(campaign: Any) -> None:
    intake = read_campaign(with_days(campaign, dict.fromkeys((2, 3), "2026-01-01")).write())
    assert len(made(intake)) == 2
