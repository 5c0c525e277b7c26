"""The real Wake County records: what is read, which rules are applied, what intake then reports."""

import dataclasses
import datetime as dt
import json
import os
from collections import Counter
from pathlib import Path

import holidays
import pytest

from instances import wake_rules as rules
from instances import write_wake
from instances.wake_source import (
    INSPECTIONS,
    NEEDED,
    RESTAURANTS,
    SAMPLE,
    Visited,
    read_establishments,
    read_inspections,
)
from scheduler.domain.errors import InputError
from scheduler.intake import Intake, read_campaign


def _record(
    hsisid: str, day: str, inspector: str = "INS-1", score: int = 970, *, again: bool = False
) -> Visited:
    return Visited(
        source=INSPECTIONS,
        hsisid=hsisid,
        day=dt.date.fromisoformat(day),
        score_tenths=score,
        again=again,
        inspector=inspector,
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Four establishments and a handful of inspections, with every defect of the real files."""
    data = tmp_path / "data"
    data.mkdir()
    (data / RESTAURANTS).write_text(
        "OBJECTID,HSISID,NAME,ADDRESS1,ADDRESS2,CITY,STATE,POSTALCODE,FACILITYTYPE,X,Y\n"
        '1,04001,"CAFE, ""ONE"" ",1 MAIN ST ,STE 2,CARY,NC,27511,Restaurant,-78.77802091,35.78798563\n'
        "2,04002,=STAND,2 MAIN ST,,CARY,NC,27511,Food Stand,-78.7,35.7\n"
        "3,04003,SCHOOL,3 MAIN ST,,CARY,NC,27511,Public School Lunchrooms,-78.6,35.6\n"
        "4,04004,NOWHERE,4 MAIN ST,,CARY,NC,27511,Restaurant,0,0\n",
        "utf-8",
    )
    (data / INSPECTIONS).write_text(
        "OBJECTID,HSISID,SCORE,DATE,TYPE,INSPECTOR\n"
        "1,4001,98.5,2020-01-10,Inspection,INS-1\n"
        "2,4001,97,2021-01-10,Inspection,INS-2\n"
        "3,4002,90.5,2021-02-10,Inspection,INS-2\n"
        "4,4003,99,2021-03-10,Inspection,INS-3\n"
        "5,4999,91,2021-03-11,Inspection,INS-3\n",
        "utf-8",
    )
    (data / SAMPLE).write_text(
        "HSISID,SCORE,DATE_,TYPE,INSPECTOR\n"
        "04001,97,2021-01-10T05:00:00Z,Inspection,INS-2\n"
        "04001,96,2022-01-31T05:00:00Z,Inspection,INS-9\n",
        "utf-8",
    )
    return data


def test_a_lost_leading_zero_is_mended_only_where_the_register_has_it() -> None:
    known = frozenset({"04001", "5001"})
    assert rules.mended("4001", known) == "04001"
    assert rules.mended("5001", known) == "5001"
    assert rules.mended("4999", known) == "4999"


def test_a_time_in_utc_is_the_local_day(small: Path) -> None:
    days = [row.day for row in read_inspections(small) if row.source == SAMPLE]
    assert days == [dt.date(2021, 1, 10), dt.date(2022, 1, 31)]


def test_names_go_through_as_they_are(small: Path) -> None:
    assert [place.name for place in read_establishments(small)] == [
        'CAFE, "ONE" ',
        "=STAND",
        "SCHOOL",
        "NOWHERE",
    ]


def test_what_both_files_have_counts_once(small: Path) -> None:
    records = rules.by_establishment(read_inspections(small), frozenset({"04001", "04002", "04003"}))
    assert [(r.day.year, r.inspector) for r in records["04001"]] == [
        (2020, "INS-1"),
        (2021, "INS-2"),
        (2022, "INS-9"),
    ]
    assert "4999" not in records


@pytest.mark.parametrize(
    ("scores", "again", "expected"),
    [
        ((970, 970, 970), False, "A"),
        ((1000, 969, 970, 970), False, "B"),
        ((949, 950, 950), False, "C"),
        ((930, 930, 930), False, "C"),
        ((929, 930, 930), False, "D"),
        ((1000, 1000, 1000), True, "D"),
        ((), False, "C"),
    ],
)
def test_risk_follows_the_mean_of_the_last_three_scores(
    scores: tuple[int, ...], expected: str, *, again: bool
) -> None:
    records = [_record("04001", f"2021-0{n + 3}-01", score=s, again=again) for n, s in enumerate(scores)]
    assert rules._risk(records) == expected


def test_a_re_inspection_more_than_a_year_ago_is_forgotten() -> None:
    assert rules._risk([_record("04001", "2020-03-01", score=990, again=True)]) == "A"


def test_departments_follow_what_an_inspector_does_oftener_than_others() -> None:
    kinds = {
        "a": Counter({"Restaurant": 100, "Food Stand": 10}),
        "b": Counter({"Restaurant": 60, "Public School Lunchrooms": 20}),
        "c": Counter({"Restaurant": 60, "Mobile Food Units": 40}),
        "few": Counter({"Restaurant": 9, "Meat Market": 10}),
    }
    found = rules.departments_of(["a", "b", "c", "few", "none"], kinds)
    assert found == {"a": "WR", "b": "WI", "c": "WS", "few": "WS", "none": "WR"}


def test_the_last_inspector_rotates_and_the_frequent_one_is_barred() -> None:
    rows = [_record("04001", f"2020-0{n}-01", "INS-1") for n in range(1, 7)]
    rows += [_record("04001", "2021-01-01", "INS-2"), _record("04001", "2020-12-01", "INS-3")]
    records = rules.by_establishment(rows, frozenset({"04001"}))
    found = rules.recusals_of(records, ["INS-1", "INS-2", "INS-3"])
    assert [(row.inspector_id, row.kind) for row in found] == [("INS-1", "多次检查"), ("INS-2", "轮换")]
    assert rules.recusals_of(records, ["INS-3"]) == []


def test_every_facility_type_has_one_department_and_minutes() -> None:
    kinds = [kind for group in rules.GROUPS for kind in group.kinds]
    assert len(kinds) == len(set(kinds)) == 10
    assert all(10 < minutes <= 170 for group in rules.GROUPS for minutes in group.kinds.values())


def test_the_holidays_are_those_of_the_united_states() -> None:
    official = holidays.country_holidays("US", years=2022, categories=holidays.PUBLIC)
    near = {day for day in official if dt.date(2022, 1, 15) <= day <= dt.date(2022, 5, 31)}
    assert near == set(rules.FEDERAL_HOLIDAYS)
    days = [rules.START + dt.timedelta(days=n) for n in range((rules.END - rules.START).days)]
    working = [day for day in days if day.weekday() < 5 and day not in rules.FEDERAL_HOLIDAYS]
    assert len(working) == 20


def test_a_small_folder_becomes_a_campaign_whose_defects_intake_reports(small: Path, tmp_path: Path) -> None:
    found: dict[str, str | int] = {}

    def progress(code: str, /, **params: str | int) -> None:
        assert code == "instance.wake_defects"
        found.update(params)

    campaign = write_wake(small, tmp_path / "out", progress=progress)
    assert (found["mended"], found["zeros"]) == (4, 1)
    intake = read_campaign(campaign)
    assert intake.settings.timezone == "America/New_York"
    assert [(r.table, r.value) for r in intake.rejected] == [("history", "4999"), ("history", "INS-9")]
    tables = {report.table: report for report in intake.report.tables}
    assert (tables["history"].merged, tables["enterprises"].warnings) == (1, 1)
    names = [enterprise.name for enterprise in intake.registers.enterprises]
    assert names[1] == "=STAND"
    defects = json.loads((campaign.parent / "defects.json").read_text("utf-8"))
    assert defects["lost_leading_zero"]["mended"] == 4
    assert defects["never_inspected"]["rows"] == 1


def test_the_same_files_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_wake(small, tmp_path / name)
    first, second = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in "ab")
    assert first == second


def test_a_missing_file_is_refused_before_anything_is_written(small: Path, tmp_path: Path) -> None:
    (small / INSPECTIONS).unlink()
    with pytest.raises(InputError) as refused:
        write_wake(small, tmp_path / "out")
    assert refused.value.problems[0].code == "instance.source_missing"
    assert all(name in str(refused.value.problems[0].params["needed"]) for name in NEEDED)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("SCORE,DATE,", "POINTS,DATE,", "instance.source_column"),
        ("98.5,2020-01-10", "n/a,2020-01-10", "instance.source_value"),
        ("98.5,2020-01-10", "98.5,2020-13-10", "instance.source_value"),
    ],
)
def test_a_column_or_value_that_cannot_be_used_is_named(small: Path, old: str, new: str, code: str) -> None:
    path = small / INSPECTIONS
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(InputError) as refused:
        read_inspections(small)
    assert refused.value.problems[0].code == code
    assert refused.value.problems[0].place["file"] == INSPECTIONS


def test_an_unknown_facility_type_or_another_encoding_is_named(small: Path, tmp_path: Path) -> None:
    path = small / RESTAURANTS
    good = path.read_text("utf-8")
    path.write_text(good.replace("Food Stand", "Space Station"), "utf-8")
    with pytest.raises(InputError) as refused:
        write_wake(small, tmp_path / "out")
    assert refused.value.problems[0].params["value"] == "Space Station"
    assert refused.value.problems[0].place["row"] == 3
    path.write_bytes(good.replace("CAFE", "CAFÉ").encode("latin-1"))
    with pytest.raises(InputError) as refused:
        read_establishments(small)
    assert refused.value.problems[0].code == "instance.source_unreadable"


def test_a_coordinate_that_is_no_place_is_left_to_intake(small: Path) -> None:
    places = read_establishments(small)
    assert places[0].point == (-78_778_021, 35_787_986)
    assert places[3].point is None
    assert dataclasses.replace(places[0], lon="east").point is None


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Intake]:
    root = os.environ.get("ONEDOOR_EXTERNAL")
    if not root:
        pytest.skip("ONEDOOR_EXTERNAL is not set")
    data = Path(root) / "data" / "wake_food"
    if not data.is_dir():
        pytest.skip(f"{data} is not there")
    campaign = write_wake(data, tmp_path_factory.mktemp("wake") / "w")
    return campaign.parent, read_campaign(campaign)


@pytest.mark.external
def test_the_real_files_have_the_defects_that_are_counted(real: tuple[Path, Intake]) -> None:
    folder, intake = real
    defects = json.loads((folder / "defects.json").read_text("utf-8"))
    tables = {report.table: report for report in intake.report.tables}
    assert defects["lost_leading_zero"]["mended"] == 35_633
    assert tables["enterprises"].warnings == defects["zero_coordinates"]["rows"] == 42
    orphans = sum(defects["orphan_inspections"]["rows"].values())
    assert orphans == 1_024 + 352
    unknown = defects["unknown_inspectors"]["rows"]
    assert tables["history"].rejected == orphans + unknown
    assert tables["history"].merged == defects["repeated_inspections"]["rows"]
    assert tables["history"].rows_read == 36_657 + 3_875


@pytest.mark.external
def test_the_real_campaign_has_every_establishment_and_inspector(real: tuple[Path, Intake]) -> None:
    registers = real[1].registers
    assert (len(registers.enterprises), len(registers.inspectors)) == (3_635, 61)
    staff = Counter(inspector.department_id for inspector in registers.inspectors)
    assert min(staff.values()) >= 8
    assert len(staff) == 3
    held = {
        q: d for d in staff for i in registers.inspectors if i.department_id == d for q in i.qualifications
    }
    assert {item.qualification for item in registers.items} <= set(held)
    working = [day for day in registers.calendar if day.is_working]
    assert len(working) == 20


@pytest.mark.external
def test_a_tenth_of_the_real_establishments_is_asked_for(real: tuple[Path, Intake]) -> None:
    rows = real[1].registers.enterprises
    ratios = {"A": 7, "B": 11, "C": 17, "D": 28}
    assert ";".join(f"{name}:{percent}%" for name, percent in ratios.items()) == rules.QUOTA
    asked = sum(ratios[row.risk_class] for row in rows) / 100
    assert asked == pytest.approx(len(rows) / 10, rel=0.02)
