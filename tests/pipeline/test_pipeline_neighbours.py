"""Neighbours who help, from files to certificate, books and report; and nothing new where nobody does."""

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from near import FOOD, HILL, HILL_POOL, near_registers
from reported import data_in
from small import CEREMONY, END
from small_files import write_small

import cli
import solvers
from instances.tables import write_rows
from scheduler import pipeline
from scheduler.domain.codec import read_csv, read_json
from scheduler.domain.errors import StaffingError
from scheduler.domain.plan import Plan
from scheduler.domain.registers import Order
from scheduler.domain.schedule import Seat
from scheduler.intake import read_campaign
from scheduler.verify import verify_run

TABLE = "intake/neighbours.csv"
HELP = {"neighbours_help": True}


def imported(folder: Path, teams: dict[str, object]) -> Path:
    pipeline.import_campaign(
        write_small(folder / "input", tables=near_registers(), teams=teams), folder / "run"
    )
    return folder / "run"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certified and exported, the bureau of one served with its neighbours. Never change it."""
    folder = tmp_path_factory.mktemp("near")
    path = write_small(folder / "input", tables=near_registers(), teams=HELP)
    assert cli.call(["run", str(path), "--run", str(folder / "run")]) == 0
    return folder / "run"


def test_a_campaign_that_cannot_be_staffed_alone_is_served_and_certified(
    finished: Path, tmp_path: Path
) -> None:
    with pytest.raises(StaffingError) as error:
        pipeline.commit(imported(tmp_path, {}))
    assert [problem.code for problem in error.value.problems] == ["draw.too_few_officers"]
    certificate = verify_run(finished)
    assert (certificate.verdict, certificate.n_unscheduled) == ("certified", 0)
    seats = read_csv(Seat, finished / "solve-001/schedule.csv")
    assert {seat.department_id for seat in seats if seat.person_id.startswith("hill-")} == {FOOD}
    plan = json.loads((finished / "plan/plan.json").read_text(encoding="utf-8"))
    assert plan["digests"][TABLE]
    assert HILL_POOL in {pool["pool_id"] for pool in plan["pools"]}


def test_a_run_without_neighbours_has_no_such_file_and_names_none(tmp_path: Path) -> None:
    pipeline.import_campaign(write_small(tmp_path / "input"), tmp_path / "run")
    pipeline.commit(tmp_path / "run")
    assert not (tmp_path / "run" / TABLE).exists()
    plan = json.loads((tmp_path / "run/plan/plan.json").read_text(encoding="utf-8"))
    assert TABLE not in plan["digests"]


def test_a_changed_table_is_found_and_a_missing_one_too(finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "run"))
    (run / TABLE).write_bytes((run / TABLE).read_bytes() + b"D-food,D-work,\n")
    assert TABLE in {
        str(one.params.get("file")) for one in verify_run(run).violations if one.rule == "digest"
    }
    (run / TABLE).unlink()
    assert TABLE in {str(value) for one in verify_run(run).violations for value in one.params.values()}


def test_the_books_of_both_departments_show_who_helps(finished: Path) -> None:
    names = {path.name: path for path in (finished / "export").iterdir() if path.suffix == ".xlsx"}
    own = next(path for name, path in names.items() if "青石县市场监管局" in name)
    other = next(path for name, path in names.items() if "山后县市场监管局" in name)
    for path in (own, other):
        people = openpyxl.load_workbook(path)["人员"]
        found = {str(row[0].value) for row in people.iter_rows(min_row=3)}
        assert any(one.startswith("hill-") for one in found), path.name
    sheet = openpyxl.load_workbook(other)["排期"]
    assert not any(str(cell.value).startswith("V-") for row in sheet.iter_rows() for cell in row)


def test_the_report_tells_who_may_take_whose_seats(finished: Path, tmp_path: Path) -> None:
    assert cli.call(["export", str(finished), "--to", str(tmp_path / "out"), "--report"]) == 0
    page = next((tmp_path / "out").rglob("report.html")).read_bytes()
    told = data_in(page)
    place = told["departments"]["id"]
    assert told["helpers"] == {"department": [place.index(FOOD)], "helper": [place.index(HILL)]}


def test_an_order_after_the_draw_may_be_served_by_helpers(tmp_path: Path) -> None:
    run = imported(tmp_path, HELP)
    pipeline.commit(run)
    pipeline.draw(run, CEREMONY)
    pipeline.merge(run)
    pipeline.solve(run, solvers.solve)
    order = Order(
        order_id="ZL-1",
        enterprise_id="E10",
        department_id=FOOD,
        item_codes=("S02",),
        start=dt.date(2026, 3, 4),
        end=END,
        approver="局长",
        document="监指〔2026〕7号",
        approved_at="2026-03-03T16:00",
    )
    write_rows(tmp_path / "指令.csv", "orders", [order])
    pipeline.order(run, tmp_path / "指令.csv")
    seats = read_csv(Seat, run / "order-001/schedule.csv")
    people = {seat.person_id for seat in seats}
    assert len(people) == 2
    assert people <= {"food-1", *(f"hill-{n}" for n in range(1, 5))}
    certified = pipeline.certify(run).certificate
    assert certified.violations == ()
    assert verify_run(run).verdict == "certified"


def test_memory_and_folder_commit_the_same_plan(tmp_path: Path) -> None:
    path = write_small(tmp_path / "input", tables=near_registers(), teams=HELP)
    pipeline.import_campaign(path, tmp_path / "run")
    pipeline.commit(tmp_path / "run")
    intake = read_campaign(path)
    made = pipeline.solve_in_memory(
        intake.registers, intake.settings, CEREMONY, solvers.solve, rejected_rows=1
    )
    sealed = read_json(Plan, tmp_path / "run/plan/plan.json")
    assert replace(made.plan, digests={}) == replace(sealed, digests={})
    assert made.plan.digests[TABLE] == sealed.digests[TABLE]
