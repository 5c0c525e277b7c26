"""The planner's report as bytes: what is in it, what is not, and that its figures are those of the roster."""

import base64
import datetime as dt
import hashlib
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from reported import campaign, data_in, many
from small import END, START, registers
from small_files import write_small

import solvers
from scheduler import pipeline
from scheduler.domain.errors import InputError, UsageError
from scheduler.domain.messages import catalogue
from scheduler.domain.registers import Inspector, Item, Leave, Recusal, TravelTime
from scheduler.export import report
from scheduler.export.report import SCRIPTS
from scheduler.export.report_fields import SECTIONS
from scheduler.export.report_view import LEAN_ABOVE


def data(**changes: Any) -> dict[str, Any]:
    return data_in(report(**campaign() | changes))


def rows(section: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(section, row, strict=True)) for row in zip(*section.values(), strict=True)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certified and exported run of the small campaign. Read it, never change it."""
    folder = tmp_path_factory.mktemp("report")
    ways = (TravelTime(from_place="D-fire", to_place="E03", minutes=37),)
    campaign_file = write_small(folder / "in", tables=registers(travel=ways))
    text = campaign_file.read_text(encoding="utf-8")
    campaign_file.write_text(f'{text}\n[travel]\nsource = "matrix"\n', encoding="utf-8")
    assert pipeline.run_all(campaign_file, folder / "run", solvers.solve).failure() is None
    return folder / "run"


# --- what is in it ---------------------------------------------------------------------------------------


def test_the_same_campaign_gives_the_same_bytes() -> None:
    assert report(**campaign()) == report(**campaign())


def test_every_section_has_exactly_the_declared_columns_all_of_one_length() -> None:
    found = data()
    assert set(found) == {*SECTIONS, "words"}
    for name, columns in SECTIONS.items():
        assert set(found[name]) == set(columns.split())
        assert len({len(column) for column in found[name].values()}) == 1


def test_every_visit_is_there_once_with_its_team_and_work() -> None:
    case = campaign()
    found = data()
    assert sorted(found["visits"]["id"]) == sorted(visit.visit_id for visit in case["merged"].visits)
    assert sum(found["visits"]["n_seats"]) == len(found["seats"]["person"]) == len(case["schedule"].seats)
    assert sum(found["visits"]["n_work"]) == sum(len(visit.item_codes) for visit in case["merged"].visits)
    placed = [day >= 0 for day in found["visits"]["day"]]
    assert placed == sorted(placed, reverse=True)
    first = rows(found["visits"])[0]
    seat = next(seat for seat in case["schedule"].seats if seat.visit_id == first["id"])
    assert (START + dt.timedelta(days=first["day"]), first["start"]) == (seat.day, seat.start_min)


def test_what_is_left_out_names_its_reason_and_its_visit() -> None:
    case = campaign()
    found = data()
    for row in rows(found["unscheduled"]):
        told = next(one for one in case["schedule"].unscheduled if one.requirement_id == row["requirement"])
        assert row["reason"] == told.reason
        assert found["visits"]["id"][row["visit"]] == told.visit_id
        assert found["visits"]["day"][row["visit"]] == -1


def test_an_order_is_marked_and_stands_among_the_tasks() -> None:
    case = campaign()
    found = data()
    assert set(found["visits"]["ordered"]) == {0}
    known = case["registers"]
    moved = tuple(task for task in known.tasks if task.task_id != "T-work")
    order = replace(known.tasks[-1], task_id="T-work")
    from scheduler.domain.registers import Order  # noqa: PLC0415 - beside its only use

    late = Order(
        order_id="T-work",
        enterprise_id="E01",
        department_id="D-work",
        item_codes=order.item_codes,
        start=START,
        end=END,
        approver="甲",
        document="令1",
        approved_at="2026-02-20T09:30",
    )
    found = data(registers=replace(known, tasks=moved, orders=(late,)))
    kinds = dict(zip(found["tasks"]["id"], found["tasks"]["kind"], strict=True))
    assert kinds["T-work"] == "order"
    assert set(found["visits"]["ordered"]) == {0, 1}


def test_barred_pairs_are_those_that_bind_and_days_away_are_joined() -> None:
    known = campaign()["registers"]
    recusals = (
        Recusal(inspector_id="fire-1", enterprise_id="E03", kind="亲属", state="applied"),
        Recusal(inspector_id="fire-2", enterprise_id="E03", kind="亲属", state="rejected"),
        Recusal(inspector_id="nobody", enterprise_id="E03", kind="亲属"),
    )
    leave = (
        Leave(person_id="fire-2", start=START, end=dt.date(2026, 3, 4)),
        Leave(person_id="fire-2", start=dt.date(2026, 3, 3), end=dt.date(2026, 3, 6)),
        Leave(person_id="fire-2", start=dt.date(2025, 3, 3), end=dt.date(2025, 3, 6)),
    )
    found = data(registers=replace(known, recusals=recusals, leave=leave))
    where = dict(enumerate(found["people"]["id"]))
    visited = "E03" in found["enterprises"]["id"]
    assert [where[row["person"]] for row in rows(found["barred"])] == (["fire-1"] if visited else [])
    away = {(where[row["person"]], row["from"], row["to"]) for row in rows(found["away"])}
    assert away == {("fire-2", 0, 4), ("work-3", 8, 12)}  # the certificate of work-3 ends on the 9th


def test_a_very_large_campaign_leaves_address_and_items_to_the_workbooks() -> None:
    page = report(**many(LEAN_ABOVE + 1))
    found = data_in(page)
    assert found["time"]["lean"] == [True]
    assert found["work"]["item"] == found["asked"]["task"] == []
    assert set(found["enterprises"]["address"]) == {""}
    assert len(found["visits"]["id"]) == LEAN_ABOVE + 1


def test_a_campaign_without_any_visit_still_has_its_report() -> None:
    found = data_in(report(**many(0)))
    assert found["visits"]["id"] == found["seats"]["person"] == []
    assert len(found["departments"]["id"]) == 3


def test_a_roster_that_is_not_the_committed_one_says_so() -> None:
    case = campaign()
    plain = report(**case).decode()
    changes = {"discretionary": True, "reproducible": False, "other_solver": "ortools 9.14"}
    odd = report(**case | {"certificate": replace(case["certificate"], **changes)}).decode()
    for word in ("酌定排期", "不可复现", "ortools 9.14"):
        assert word not in plain
        assert word in odd


def test_a_certificate_of_another_attempt_is_refused() -> None:
    case = campaign()
    with pytest.raises(InputError, match=r"export\.mismatch"):
        report(**case | {"certificate": replace(case["certificate"], attempt=2)})


# --- what is not in it -----------------------------------------------------------------------------------


def test_nothing_personal_but_what_is_declared_reaches_the_page() -> None:
    case = campaign()
    known = case["registers"]
    marked = replace(
        known,
        inspectors=tuple(_marked(row) for row in known.inspectors),
        experts=tuple(replace(row, specialties=("MARK-specialty",)) for row in known.experts),
        enterprises=tuple(
            replace(row, tags=("MARK-tag",), legacy_id="MARK-legacy") for row in known.enterprises
        ),
        leave=tuple(replace(row, kind="MARK-leave") for row in known.leave),
        recusals=tuple(
            replace(row, kind="MARK-kind", evidence="MARK-evidence", decider="MARK-decider")
            for row in known.recusals
        ),
        items=tuple(_item(row) for row in known.items),
        history=(),
    )
    page = report(**case | {"registers": marked}).decode()
    assert re.findall(r"MARK-\w+", page) == []
    assert known.inspectors[0].name in page
    for row in case["draw"].enterprises:
        assert row.ticket not in page
    for person in case["draw"].people:
        assert person.ticket not in page


def _marked(row: Inspector) -> Inspector:
    return replace(row, certificate_no="MARK-number", qualifications=("MARK-held",), fixed_group="MARK-group")


def _item(row: Item) -> Item:
    return replace(row, basis="MARK-basis", qualification="")


def test_the_page_names_no_address_and_its_policy_admits_its_own_script_and_style_alone() -> None:
    page = report(**campaign()).decode()
    assert re.findall(r"(?i)(?:src|href)=\"(?!#)[^\"]*", page) == []
    assert re.findall(r"(?i)\son[a-z]+=|\sstyle=|javascript:|@import|url\(", page) == []
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    style = page.partition("<style>")[2].partition("</style>")[0]
    script = page.rpartition("<script>")[2].partition("</script>")[0]
    for kind, source in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy[1]
    assert policy[1].startswith("default-src 'none'")


def test_no_text_of_the_campaign_can_end_the_data_element() -> None:
    case = campaign()
    known = case["registers"]
    bad = "</script><script>alert(1)</script><!--"
    named = replace(known, enterprises=tuple(replace(row, name=bad) for row in known.enterprises))
    page = report(**case | {"registers": named})
    assert bad.encode() not in page
    assert set(data_in(page)["enterprises"]["name"]) == {bad}


# --- words -----------------------------------------------------------------------------------------------


def test_the_scripts_words_are_all_in_the_catalogue_and_none_is_left_over() -> None:
    folder = files("scheduler.export") / "templates"
    script = "".join((folder / f"report_{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    used = set(re.findall(r'\bt\("([A-Za-z_]+)"', script))
    starts = set(re.findall(r"\bt\(`([a-z]+_)\$", script))
    used |= {"department", "inspector", "district"}  # t(kind())
    known = {code.removeprefix("report.js_") for code in catalogue() if code.startswith("report.js_")}
    assert used <= known
    assert [name for name in known - used if not name.startswith(tuple(starts))] == []
    assert set(data()["words"]) == known


# --- figures ---------------------------------------------------------------------------------------------


def test_the_legs_of_all_routes_add_up_to_the_travel_that_the_checker_counted(run: Path) -> None:
    found = data_in((run / "export/report.html").read_bytes())
    told = {row["component"]: row["value"] for row in rows(found["goals"])}
    legs = sum(found["seats"]["leg"]) + sum(back for back in found["seats"]["back"] if back > 0)
    assert legs == told["travel_person_min"]
    loads: dict[int, int] = {}
    at = 0
    for visit in rows(found["visits"]):
        for person in found["seats"]["person"][at : at + visit["n_seats"]]:
            loads[person] = loads.get(person, 0) + visit["minutes"]
        at += visit["n_seats"]
    largest: dict[int, int] = {}
    for person, minutes in loads.items():
        department = found["people"]["department"][person]
        if department >= 0:
            ratio = -(-1000 * minutes // found["people"]["capacity"][person])
            largest[department] = max(largest.get(department, 0), ratio)
    assert sum(largest.values()) == told["sum_of_largest_permille"]


# --- handing it out --------------------------------------------------------------------------------------


def test_the_report_is_sealed_with_the_workbooks_and_handed_out_with_the_same_bytes(
    run: Path, tmp_path: Path
) -> None:
    pipeline.hand_out(run, pipeline.Wanted(to=tmp_path / "stick", report=True))
    sealed = (run / "export/report.html").read_bytes()
    assert (tmp_path / "stick/报告/report.html").read_bytes() == sealed
    assert pipeline.export(run).files[0].startswith("export/")
    assert "export/report.html" in pipeline.export(run).files


def test_a_folder_with_something_else_in_it_is_left_alone(run: Path, tmp_path: Path) -> None:
    place = tmp_path / "stick/报告"
    place.mkdir(parents=True)
    (place / "photo.jpg").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"export\.folder_foreign"):
        pipeline.hand_out(run, pipeline.Wanted(to=tmp_path / "stick", report=True))
    assert [path.name for path in place.iterdir()] == ["photo.jpg"]


def test_where_nothing_can_be_written_the_report_is_refused_by_name(run: Path, tmp_path: Path) -> None:
    (tmp_path / "stick").write_bytes(b"a file, no folder")
    with pytest.raises(InputError, match=r"export\.folder_unwritable"):
        pipeline.hand_out(run, pipeline.Wanted(to=tmp_path / "stick", report=True))


def test_a_full_disk_leaves_nothing_behind(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match=r"export\.folder_unwritable"):
        pipeline.hand_out(run, pipeline.Wanted(to=tmp_path / "stick", report=True))
    assert list((tmp_path / "stick").iterdir()) == []
