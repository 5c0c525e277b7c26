"""What a forger with his own program would try: evidence whole in itself, a ledger whose chain holds."""

import csv
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from verify.changes import FIRE, idle, officer, with_registers, with_seats, with_settings
from verify.evidence import evidence, failing, five_of_six, refreshed, roster, wide_registers
from verify.folders import Writer, write_attempt, write_run
from verify.mutations import lawful

from scheduler.domain.canonical import canonical_json, file_sha256
from scheduler.domain.codec import to_json
from scheduler.domain.registers import Expert
from scheduler.domain.schedule import Certificate
from scheduler.domain.settings import Merging, Pools, Teams
from scheduler.domain.visits import SecondDoor, Visit
from scheduler.verify import Evidence, check, exit_code, verify_run
from scheduler.verify.facts import local_departments


@pytest.fixture(scope="module")
def given() -> Evidence:
    return lawful()


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, given: Evidence) -> Path:
    run = tmp_path_factory.mktemp("runs") / "run"
    write_run(run, given)
    return run


@pytest.fixture
def run(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "run")
    return tmp_path / "run"


def codes(given: Evidence) -> set[str]:
    return {violation.code for violation in check(given).violations}


def told(certificate: Certificate) -> set[str]:
    return {violation.code for violation in certificate.violations}


def split(given: Evidence) -> tuple[Visit, list[Visit]]:
    """A visit of two requirements, and the two visits it could be cut into."""
    whole = next(visit for visit in given.visits if len(visit.requirement_ids) > 1)
    needs = {need.requirement_id: need for need in given.requirements}
    items = {item.item_code: item for item in given.registers.items}
    parts = []
    for number, ident in enumerate(whole.requirement_ids, start=1):
        need = needs[ident]
        minutes: dict[str, int] = {}
        for code, department in zip(need.item_codes, need.department_ids, strict=True):
            spent = items[code].duration_min or 30
            minutes[department] = minutes.get(department, 10) + spent
        part = replace(
            whole,
            visit_id=f"V-{whole.enterprise_id}-{number}",
            requirement_ids=(ident,),
            item_codes=need.item_codes,
            department_ids=need.department_ids,
            start=need.start,
            end=need.end,
            duration_min=max(minutes.values()),
        )
        parts.append(part)
    return whole, parts


@pytest.mark.parametrize("proof", ["open", "exhaustive", "pairwise"])
def test_one_door_cut_into_two_is_found_whatever_the_report_says(given: Evidence, proof: str) -> None:
    whole, parts = split(given)
    visits = sorted([v for v in given.visits if v != whole] + parts, key=lambda v: v.visit_id)
    report = given.merge_report
    row = SecondDoor(
        enterprise_id=whole.enterprise_id,
        n_visits=2,
        reason="merge.reason_several",
        proof=proof,
        witness=whole.requirement_ids if proof == "pairwise" else (),
    )
    forged = replace(
        report,
        n_visits=report.n_visits + 1,
        doors=report.doors + 1,
        n_fewest_proved=report.n_fewest_proved - 1,
        second_doors=(*report.second_doors, row),
    )
    cut = replace(given, visits=tuple(visits), merge_report=forged, seats=())
    cut = refreshed(replace(cut, seats=roster(cut)))
    assert failing(cut) == {"merge"}
    assert {"verify.needless_split", "verify.fewest_doors"} <= codes(cut)


def test_more_people_than_a_merged_visit_may_have_are_found(given: Evidence) -> None:
    merged = next(visit for visit in given.visits if len(visit.requirement_ids) > 1)
    seat = officer(given, merged.visit_id)
    prefix = seat.person_id.partition("-")[0]
    more = idle(given, prefix, seat.day)[-1]
    own = [s.person_id for s in given.seats if s.visit_id == merged.visit_id]
    crowd = replace(given, seats=(*given.seats, replace(seat, person_id=more)))
    assert "merge" not in failing(crowd)
    assert "merge" in failing(with_settings(crowd, merging=Merging(max_officers=len(own))))


def test_per_visit_every_department_with_an_item_still_owes_a_seat() -> None:
    made = evidence(plan_settings=five_of_six(teams=Teams(per="visit")))
    assert failing(made) == set()
    gone = with_seats(made, lambda s: None if s.visit_id == FIRE and s.department_id == "D-food" else s)
    assert "verify.too_few_officers" in codes(gone)


def specialists() -> Evidence:
    """Every expert holds both specialties; one each is drawn for them, and they are two people."""
    known = wide_registers()
    both = tuple(Expert(expert_id=f"EX{n}", name="专家", specialties=("特种", "电气")) for n in (1, 2, 3))
    items = tuple(replace(i, expert="特种") if i.item_code == "R01" else i for i in known.items)
    own = replace(known, experts=both, items=items)
    made = evidence(own, five_of_six(pools=Pools(inspectors="5人", experts="1人", k_max=1)))
    drawn = {row.pool_id: row.person_id for row in made.people if row.drawn}
    assert drawn["expert/特种"] != drawn["expert/电气"]
    wanted = {v.visit_id: "expert/特种" if "R01" in v.item_codes else "expert/电气" for v in made.visits}
    return with_seats(
        made, lambda s: replace(s, person_id=drawn[wanted[s.visit_id]]) if s.role == "expert" else s
    )


def test_an_expert_drawn_for_another_specialty_does_not_count() -> None:
    made = specialists()
    assert "R06" not in failing(made)
    other = next(row.person_id for row in made.people if row.drawn and row.pool_id == "expert/特种")
    swapped = with_seats(
        made, lambda s: replace(s, person_id=other) if s.role == "expert" and s.visit_id == FIRE else s
    )
    assert {"verify.expert_missing", "verify.expert_unasked"} <= codes(swapped)


def test_two_spellings_of_an_id_are_no_second_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.draw.commitment.campaign_problems", lambda *_: [])
    known = wide_registers()
    twin = replace(known.enterprises[0], enterprise_id="Ｅ01")
    made = evidence(replace(known, enterprises=(*known.enterprises, twin)))
    assert codes(made) == {"verify.name_form"}


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"slot": "2026\nceremony=1"}, "slot"),
        ({"campaign_id": "a|b"}, "campaign_id"),
        ({"previous_head": "0"}, "previous_head"),
    ],
)
def test_a_plan_with_a_forbidden_name_is_found(given: Evidence, changes: dict[str, str], column: str) -> None:
    found = check(with_settings(given, **changes)).violations
    assert {v.params["column"] for v in found if v.code == "verify.name_form"} == {column}


def test_one_officer_alone_is_never_a_lawful_team(given: Evidence) -> None:
    assert codes(with_settings(given, teams=Teams(officers=1))) == {"verify.setting_bad"}


def test_a_plan_of_another_page_is_found(given: Evidence) -> None:
    assert codes(replace(given, plan=replace(given.plan, spec_sha256="0" * 64))) == {"verify.spec_unknown"}


@pytest.mark.parametrize("quota", ["A:5%", "150%", "0%", "99家", "3"])
def test_a_quota_that_no_plan_may_be_made_from_is_found(given: Evidence, quota: str) -> None:
    tasks = tuple(replace(t, quota=quota) if t.task_id == "T-work" else t for t in given.registers.tasks)
    assert "verify.task_refused" in codes(with_registers(given, tasks=tasks))


@pytest.mark.parametrize(
    ("table", "change", "code"),
    [
        ("tasks", {"item_codes": ("R01", "S02")}, "verify.no_department"),
        ("tasks", {"item_codes": ("R01", "Z99")}, "verify.task_names"),
        ("tasks", {"cooperating_ids": ("D-none",)}, "verify.task_names"),
        ("items", {"qualification": "焊接"}, "verify.nobody_able"),
        ("items", {"expert": "锅炉"}, "verify.pool_too_small"),
    ],
)
def test_a_plan_that_had_to_be_refused_is_found(
    given: Evidence, table: str, change: dict[str, Any], code: str
) -> None:
    rows = tuple(
        replace(row, **change)
        if getattr(row, "task_id", getattr(row, "item_code", "")) in {"T-work", "R01"}
        else row
        for row in getattr(given.registers, table)
    )
    assert code in codes(with_registers(given, **{table: rows}))


def reopened(run: Path) -> Writer:
    writer = Writer(run)
    text = (run / "ledger.jsonl").read_text(encoding="utf-8")
    writer.lines = [json.loads(line) for line in text.splitlines()]
    return writer


def line_of(writer: Writer, stage: str) -> dict[str, Any]:
    return next(line for line in writer.lines if line["stage"] == stage)


@pytest.mark.parametrize(
    "facts",
    [{}, {"attempt": 1}, {"attempt": 1, "verdict": "failed"}, {"attempt": 9, "verdict": "certified"}],
    ids=["none", "no verdict", "failed", "no such attempt"],
)
def test_a_certificate_line_that_says_something_else_is_found(run: Path, facts: Mapping[str, Any]) -> None:
    writer = reopened(run)
    line_of(writer, "certificate")["facts"] = facts
    writer.rechain()
    assert told(verify_run(run)) == {"verify.certificate_differs"}


@pytest.mark.parametrize("stage", ["certificate", "plan", "solve-001"])
def test_a_sealed_file_that_no_stage_has_is_found(run: Path, stage: str) -> None:
    writer = reopened(run)
    name = f"{stage}/more.json"
    (run / name).write_bytes(b"{}\n")
    line_of(writer, stage)["files"][name] = file_sha256(run / name)
    writer.rechain()
    certificate = verify_run(run)
    assert exit_code(certificate) == 7
    assert told(certificate) <= {"verify.stray_file", "verify.certificate_differs"}


def test_the_digest_of_the_seed_in_the_ledger_is_found(run: Path) -> None:
    writer = reopened(run)
    line_of(writer, "draw")["files"]["draw/seed.txt"] = file_sha256(run / "draw/seed.txt")
    writer.rechain()
    assert "verify.ledger_order" in told(verify_run(run))


def test_a_further_attempt_that_claims_the_committed_budget_is_found(given: Evidence, tmp_path: Path) -> None:
    writer = write_run(tmp_path / "run", given, certified=False)
    write_attempt(writer, given, 2)
    assert told(verify_run(tmp_path / "run")) == set()
    solve = tmp_path / "run/solve-002/solve.json"
    plain = json.loads(solve.read_bytes())
    solve.write_bytes(canonical_json({**plain, "discretionary": False}) + b"\n")
    line = line_of(writer, "solve-002")
    line["facts"]["discretionary"] = False
    line["files"]["solve-002/solve.json"] = file_sha256(solve)
    writer.rechain()
    assert told(verify_run(tmp_path / "run")) == {"verify.not_discretionary"}


@pytest.mark.parametrize(
    "change", [{"solver": "by hand"}, {"solver_version": "0"}, {"reproducible": False}], ids=str
)
def test_another_solver_or_an_interrupted_one_is_discretionary(
    given: Evidence, tmp_path: Path, change: dict[str, object]
) -> None:
    run = tmp_path / "run"
    writer = write_run(run, given, certified=False)
    solve = run / "solve-001/solve.json"
    solve.write_bytes(canonical_json({**json.loads(solve.read_bytes()), **change}) + b"\n")
    line_of(writer, "solve-001")["files"]["solve-001/solve.json"] = file_sha256(solve)
    writer.rechain()
    assert told(verify_run(run)) == {"verify.not_discretionary"}


def test_other_rounds_than_committed_are_discretionary(given: Evidence, tmp_path: Path) -> None:
    writer = write_run(tmp_path / "run", given, certified=False)
    line_of(writer, "solve-001")["facts"]["rounds"] = 77
    writer.rechain()
    assert told(verify_run(tmp_path / "run")) == {"verify.not_discretionary"}


@pytest.mark.parametrize("figure", ["accepted", "rejected", "rows_read", "added"])
def test_rows_that_the_intake_report_lost_are_found(given: Evidence, tmp_path: Path, figure: str) -> None:
    run = tmp_path / "run"
    writer = write_run(run, given, certified=False)
    path = run / "intake/report.json"
    report = json.loads(path.read_bytes())
    report["tables"][0][figure] += 1
    path.write_bytes(canonical_json(report) + b"\n")
    line_of(writer, "intake")["files"]["intake/report.json"] = file_sha256(path)
    writer.rechain()
    assert "verify.intake_figures" in told(verify_run(run))


@pytest.mark.parametrize("digests", [{"messages": ""}, {"note": "0" * 64}, {"intake/report.json": "real"}])
def test_a_plan_commits_to_what_is_read_and_to_nothing_else(
    given: Evidence, tmp_path: Path, digests: dict[str, str]
) -> None:
    run = tmp_path / "run"
    writer = write_run(run, given, certified=False)
    path = run / "plan/plan.json"
    plan = json.loads(path.read_bytes())
    plan["digests"] |= {k: file_sha256(run / k) if v == "real" else v for k, v in digests.items()}
    path.write_bytes(canonical_json(plan) + b"\n")
    line_of(writer, "plan")["files"]["plan/plan.json"] = file_sha256(path)
    writer.rechain()
    assert told(verify_run(run)) == {"verify.plan_digest"}


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line | {"stage": "solve-" + "1" * 5000, "files": {}},
        lambda line: line | {"files": {"solve-001/\ud800": "0" * 64}},
        lambda line: line | {"facts": {"x": "\udfff"}},
    ],
    ids=["a number of 5,000 digits", "half a character in a path", "half a character in a fact"],
)
def test_a_hostile_ledger_line_gives_a_verdict_and_no_traceback(
    run: Path, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    last = reopened(run).lines[-1]
    with (run / "ledger.jsonl").open("ab") as stream:
        stream.write(json.dumps(change(last)).encode() + b"\n")
    certificate = verify_run(run)
    assert exit_code(certificate) == 7
    assert to_json(certificate)


def test_a_file_name_that_is_no_text_is_told_and_gives_no_traceback(run: Path) -> None:
    with open(os.fsencode(run) + b"/\xff\xfe", "wb"):  # noqa: PTH123 - a Path holds no such bytes
        pass
    certificate = verify_run(run)
    assert told(certificate) == {"verify.unlisted_file"}
    assert to_json(certificate)


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("intake/inspectors.csv", "is_leader", "true"),
        ("intake/enterprises.csv", "status", ""),
        ("intake/recusals.csv", "end", "0"),
        ("merge/visits.csv", "on_site", "yes"),
    ],
)
def test_a_second_spelling_of_the_same_content_is_found(
    given: Evidence, tmp_path: Path, name: str, column: str, value: str
) -> None:
    run = tmp_path / "run"
    writer = write_run(run, given, certified=False)
    with (run / name).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[0][column] = value
    with (run / name).open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    line_of(writer, name.partition("/")[0])["files"][name] = file_sha256(run / name)
    writer.rechain()
    assert "verify.not_canonical" in told(verify_run(run))


def test_an_expert_sits_for_no_department(given: Evidence) -> None:
    other = with_seats(given, lambda s: replace(s, department_id="D-fire") if s.role == "expert" else s)
    assert codes(other) == {"verify.expert_unasked"}


def test_a_desk_of_a_district_department_that_names_no_district_covers_all() -> None:
    wide = {row.department_id: replace(row, districts=()) for row in wide_registers().departments}
    assert [d.department_id for d in local_departments(wide, "消防", "330199")] == ["D-fire"]
    named = {row.department_id: row for row in wide_registers().departments}
    assert local_departments(named, "消防", "330199") == ()


@pytest.mark.parametrize("text", ["150%", "0%", "0人", "1 0%", "many"])
def test_a_size_of_pools_that_no_plan_may_have_is_found(given: Evidence, text: str) -> None:
    assert "verify.pool" in codes(with_settings(given, pools=Pools(inspectors="5人", experts=text, k_max=1)))
