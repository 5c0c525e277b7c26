"""Registers from DataFrames: the same checks, without touching the disk."""

import dataclasses
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from small import registers, settings

from scheduler.domain.errors import InputError
from scheduler.domain.registers import TABLES, CalendarDay
from scheduler.intake import read_campaign, registers_from_frames


def english_frames() -> dict[str, pd.DataFrame]:
    """The small campaign's dataclasses as they are, under their fields' names."""
    source = registers()
    return {
        name: pd.DataFrame(
            [{item.name: getattr(row, item.name) for item in dataclasses.fields(cls)} for row in rows],
            columns=[item.name for item in dataclasses.fields(cls)],
        )
        for name, cls in TABLES.items()
        if (rows := getattr(source, name))
    }


def test_frames_under_field_names_give_back_the_dataclasses() -> None:
    found, rejected = registers_from_frames(english_frames(), settings(calendar="file"))
    assert rejected == ()
    assert found == registers()


def test_frames_under_chinese_headings_read_as_files_do(campaign: Any) -> None:
    frames = {
        name: pd.DataFrame(rows[1:], columns=pd.Index(rows[0])) for name, rows in campaign.tables.items()
    }
    found, rejected = registers_from_frames(frames, settings())
    assert (found, rejected) == (read_campaign(campaign.write()).registers, ())


def test_missing_values_and_timestamps_are_understood() -> None:
    frames = english_frames()
    people = frames["inspectors"]
    people["certificate_expires"] = pd.to_datetime(people["certificate_expires"])
    people["max_visits_day"] = [3.0, None, *[float("nan")] * 10]
    found, _ = registers_from_frames(frames, settings(calendar="file"))
    wanted = (replace(registers().inspectors[0], max_visits_day=3), *registers().inspectors[1:])
    assert found.inspectors == wanted


def test_rejected_rows_are_numbered_as_in_a_spreadsheet() -> None:
    frames = english_frames()
    frames["enterprises"].loc[1, "risk_class"] = "Z"
    _, rejected = registers_from_frames(frames, settings(calendar="file"))
    assert [(line.table, line.row, line.column, line.code) for line in rejected] == [
        ("enterprises", 3, "risk_class", "intake.choice")
    ]


def test_wrong_frames_are_refused_all_at_once() -> None:
    frames = english_frames()
    frames["way"] = frames["enterprise"] = frames.pop("leave")
    del frames["items"]
    frames["tasks"] = frames["tasks"].drop(columns="quota")
    with pytest.raises(InputError) as error:
        registers_from_frames(frames, settings(calendar="file"))
    assert sorted(problem.code for problem in error.value.problems) == [
        "intake.column_missing",
        "intake.table_missing",
        "intake.table_unknown",
        "intake.table_unknown",
    ]


def test_the_state_calendar_serves_frames_too() -> None:
    frames = english_frames()
    del frames["calendar"]
    found, _ = registers_from_frames(frames, settings())
    assert all(isinstance(day, CalendarDay) for day in found.calendar)
    assert len(found.calendar) == 12
