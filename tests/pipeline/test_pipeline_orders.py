"""Exclusions, ordered visits and real quota forms all the way from the files to a certified run."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from small import END, registers
from small_files import write_small

import solvers
from scheduler import pipeline
from scheduler.domain.codec import read_csv, read_json
from scheduler.domain.errors import UsageError
from scheduler.domain.plan import Exclusion, OrderTicket, Plan
from scheduler.domain.registers import Order, PastInspection
from scheduler.domain.schedule import Seat
from scheduler.domain.visits import Requirement

ORDER = Order(
    order_id="ZL-1",
    enterprise_id="E10",
    department_id="D-fire",
    item_codes=("X01",),
    start=dt.date(2026, 3, 4),
    end=END,
    approver="局长",
    document="消指〔2026〕1号",
    approved_at="2026-02-25T09:30",
    reason="群众举报",
)


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = registers()
    tasks = {"T-fire": "20%-30%;1次/年", "T-work": "20%(2户)"}
    known = replace(
        base,
        tasks=tuple(replace(task, quota=tasks.get(task.task_id, task.quota)) for task in base.tasks),
        history=(
            PastInspection(
                enterprise_id="E02", inspector_id="work-1", day=dt.date(2026, 2, 20), items=("R01",)
            ),
        ),
        orders=(ORDER,),
    )
    path = write_small(tmp_path_factory.mktemp("ordered"), tables=known)
    text = path.read_text(encoding="utf-8")
    more = '[exclusions]\ncool_off_days = 30\nannual_cap = 9\n\n[quotas]\nrange = "high"\n\n'
    path.write_text(text.replace("[tables]", f"{more}[tables]"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(campaign: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("finished") / "run"
    result = pipeline.run_all(campaign, run, solvers.solve)
    assert result.certified is not None
    assert result.certified.certificate.verdict == "certified", result.certified.certificate.violations
    assert result.exported is not None
    return run


def test_the_certificate_looked_at_the_cap_and_at_every_visit(run: Path) -> None:
    certificate = pipeline.certify(run).certificate
    checked = {row.rule: row.checked for row in certificate.rules}
    assert checked["R14"]
    assert checked["R01"]


def test_the_ordered_visit_is_in_the_roster_with_its_own_ticket(run: Path) -> None:
    (ticket,) = read_csv(OrderTicket, run / "draw/orders.csv")
    needs = {row.requirement_id: row for row in read_csv(Requirement, run / "merge/requirements.csv")}
    assert needs["ZL-1:E10"].ticket == ticket.ticket
    seats = list(read_csv(Seat, run / "solve-001/schedule.csv"))
    assert any(seat.visit_id.startswith("V-E10-") and seat.department_id == "D-fire" for seat in seats)


def test_the_plan_shows_the_exclusion_and_the_committed_end_of_the_range(run: Path) -> None:
    excluded = list(read_csv(Exclusion, run / "plan/excluded.csv"))
    assert ("E02", "T-work", "excluded.cool_off") in {(e.subject_id, e.task_id, e.reason) for e in excluded}
    plan = read_json(Plan, run / "plan/plan.json")
    assert "intake/orders.csv" in plan.digests
    assert sum(s.quota for s in plan.strata if s.task_id == "T-fire") == 4
    assert sum(s.quota for s in plan.strata if s.task_id == "T-work") == 2


def test_the_commitment_lists_the_strata_that_are_certain(run: Path) -> None:
    committed = pipeline.commit(run)
    plan = read_json(Plan, run / "plan/plan.json")
    assert committed.certain == tuple(s.stratum_id for s in plan.strata if s.quota == s.size)
    assert "T-food/D" in committed.certain
    assert committed.impossible == tuple(s.stratum_id for s in plan.strata if not s.quota)


def test_why_tells_of_the_order_beside_the_draw(run: Path) -> None:
    told = [case for case in pipeline.why(run, "E10").cases if case.code == "why.ordered"]
    assert [(case.params["order"], case.params["document"]) for case in told] == [("ZL-1", ORDER.document)]


def test_an_order_made_after_the_draw_is_refused_by_name(run: Path, campaign: Path) -> None:
    table = campaign.parent / "指令检查.csv"
    before = table.read_bytes()
    try:
        table.write_bytes(before.replace(b"ZL-1", b"ZL-2"))
        with pytest.raises(UsageError) as caught:
            pipeline.import_campaign(campaign, run)
    finally:
        table.write_bytes(before)
    assert [problem.code for problem in caught.value.problems] == ["pipeline.order_late"]
