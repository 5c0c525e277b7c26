"""``prove`` and ``why`` as a person calls them, and proofs that were tampered with."""

import csv
import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small import END, START, registers
from small_files import write_small

import cli
from scheduler import pipeline, verify
from scheduler.domain.codec import to_json
from scheduler.domain.errors import InputError, OneDoorError, VerificationError
from scheduler.domain.registers import Order
from scheduler.draw import seed_of

Capture = pytest.CaptureFixture[str]


def rows(run: Path, name: str) -> list[dict[str, str]]:
    with (run / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that stands committed and not yet drawn, a real one."""
    folder = tmp_path_factory.mktemp("waiting")
    assert (
        cli.call(["run", str(write_small(folder / "c", rehearsal=False)), "--run", str(folder / "run")]) == 0
    )
    return folder / "run"


@pytest.fixture
def proof(finished_run: Path, tmp_path: Path, capsys: Capture) -> dict[str, Any]:
    assert cli.call(["prove", str(finished_run), "E01", "--out", str(tmp_path / "proof.json")]) == 0
    capsys.readouterr()
    found = json.loads((tmp_path / "proof.json").read_bytes())
    assert isinstance(found, dict)
    return found


def test_a_proof_is_made_shown_and_checked(finished_run: Path, tmp_path: Path, capsys: Capture) -> None:
    file, run = tmp_path / "proof.json", str(finished_run)
    assert cli.call(["prove", run, "E01", "--out", str(file)]) == 0
    shown = capsys.readouterr().out
    plan = json.loads((finished_run / "plan/plan.json").read_bytes())
    assert plan["frame_root"] in shown
    assert "row 1 of 12" in shown
    assert "[rehearsal]" in shown
    assert cli.call(["prove", "--check", str(file)]) == 0
    assert "Right: E01 is row 1 of 12" in capsys.readouterr().out
    digest = json.loads(file.read_bytes())["plan_sha256"]
    assert cli.call(["prove", "--check", str(file), "--plan-digest", digest, "--json", "--lang", "zh"]) == 0
    assert json.loads(capsys.readouterr().out)["enterprise_id"] == "E01"
    assert cli.call(["prove", "--check", str(file), "--plan-digest", "0" * 64]) == 6


def test_every_row_of_the_frame_can_be_proved_with_the_tickets_of_the_draw(finished_run: Path) -> None:
    listed = {(r["stratum_id"], r["enterprise_id"]): r for r in rows(finished_run, "draw/enterprises.csv")}
    seen = set()
    for row in rows(finished_run, "plan/frame.csv"):
        ident = row["enterprise_id"]
        found = pipeline.prove(finished_run, ident).proof
        checked = verify.check_proof(to_json(found))
        assert checked.enterprise_id == ident
        for shown in checked.tickets:
            told = listed.get((shown.stratum_id, ident))
            assert told is None or (told["ticket"], told["drawn"]) == (shown.ticket, str(int(shown.drawn)))
            assert told is not None or not shown.drawn
            seen.add((shown.stratum_id, ident))
    assert set(listed) <= seen


def test_a_proof_holds_neither_the_seed_nor_the_key_nor_another_enterprise(finished_run: Path) -> None:
    text = to_json(pipeline.prove(finished_run, "E01").proof).decode()
    key = (finished_run / "plan/frame-key.txt").read_text(encoding="utf-8").strip()
    ceremony = (finished_run / "draw/seed.txt").read_text(encoding="utf-8").splitlines()[-1].split("=")[1]
    for secret in (key, ceremony, verify_seed(finished_run), "E02", "E12"):
        assert secret not in text


def verify_seed(run: Path) -> str:
    return seed_of((run / "draw/seed.txt").read_text(encoding="utf-8"))


def test_tickets_may_be_left_out_and_are_empty_before_the_draw(finished_run: Path, waiting: Path) -> None:
    assert pipeline.prove(finished_run, "E01", tickets=False).proof.tickets == ()
    early = pipeline.prove(waiting, "E01").proof
    assert early.tickets
    assert {(one.ticket, one.cutoff, one.drawn) for one in early.tickets} == {("", "", False)}
    assert early.seed_commitment == ""
    assert verify.check_proof(to_json(early)).tickets == early.tickets


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("plan", lambda text: text.replace('"frame_size":12', '"frame_size":13'), "verify.proof_other_plan"),
        ("plan_sha256", lambda _: "0" * 64, "verify.proof_other_plan"),
        ("frame_root", lambda _: "0" * 64, "verify.proof_other_root"),
        ("frame_size", lambda _: 13, "verify.proof_other_root"),
        ("campaign_id", lambda _: "other", "verify.proof_other_root"),
        ("rehearsal", lambda _: False, "verify.proof_other_root"),
        ("index", lambda n: n + 1, "verify.proof_not_included"),
        ("row", lambda text: text.replace(",B,", ",D,"), "verify.proof_not_included"),
        ("salt", lambda _: "0" * 64, "verify.proof_not_included"),
        ("salt", lambda _: "Z", "verify.proof_not_included"),
        ("path", lambda path: path[1:], "verify.proof_not_included"),
        ("path", lambda path: [*path, "x"], "verify.proof_not_included"),
        ("enterprise_id", lambda _: "E02", "verify.proof_other_row"),
        ("row", lambda _: '"', "verify.proof_other_row"),
        ("tickets", lambda all_: [{**all_[0], "drawn": not all_[0]["drawn"]}], "verify.proof_ticket"),
        ("tickets", lambda all_: [{**all_[0], "ticket": "0"}], "verify.proof_ticket"),
        ("tickets", lambda all_: [{**all_[0], "stratum_id": "T"}], "verify.proof_other_stratum"),
        ("tickets", lambda all_: [{**all_[0], "quota": 99}], "verify.proof_other_stratum"),
    ],
)
def test_a_proof_that_was_tampered_with_is_refused_by_name(
    proof: dict[str, Any], name: str, value: Any, code: str
) -> None:
    changed = {**proof, name: value(proof[name])}
    assert changed != proof
    with pytest.raises(VerificationError) as caught:
        verify.check_proof(json.dumps(changed).encode(), file="p.json")
    assert code in {problem.code for problem in caught.value.problems}
    assert all(problem.place == {"file": "p.json"} for problem in caught.value.problems)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1]", b"\xff", b"null", b'{"form":"onedoor.inclusion/2"}', b"[" * 10**5]
)
def test_what_is_no_proof_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        verify.check_proof(data)
    assert [problem.code for problem in caught.value.problems] == ["verify.proof_unreadable"]


def test_any_flipped_byte_of_a_proof_is_refused_or_changes_nothing_that_is_shown(finished_run: Path) -> None:
    data = to_json(pipeline.prove(finished_run, "E01").proof)
    right = verify.check_proof(data)
    for at in range(0, len(data), 7):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        try:
            told = verify.check_proof(changed, plan_sha256=right.plan_sha256)
        except OneDoorError:
            continue
        assert (told.enterprise_id, told.index, told.frame_size) == ("E01", 0, 12)


@pytest.mark.parametrize(
    "words",
    [
        ["prove"],
        ["prove", "RUN"],
        ["prove", "RUN", "E01", "--check", "x"],
        ["prove", "RUN", "E01", "--plan-digest", "0"],
    ],
)
def test_prove_put_wrongly_ends_with_2(words: list[str], finished_run: Path) -> None:
    assert cli.call([str(finished_run) if word == "RUN" else word for word in words]) == 2


def test_prove_of_someone_outside_the_frame_ends_with_3(finished_run: Path, capsys: Capture) -> None:
    assert cli.call(["prove", str(finished_run), "E99", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["problems"][0]["code"] == "pipeline.not_in_frame"
    assert cli.call(["prove", "--check", "nowhere.json"]) == 3


def outcomes(run: Path) -> dict[str, str]:
    known = registers()
    ids = [row.enterprise_id for row in known.enterprises]
    ids += [row.inspector_id for row in known.inspectors] + [row.expert_id for row in known.experts]
    return {ident: pipeline.why(run, ident).outcome for ident in ids}


def test_why_tells_of_everybody_what_the_sealed_draw_says(finished_run: Path) -> None:
    drawn: dict[str, str] = {}
    for name, column in (("enterprises", "enterprise_id"), ("people", "person_id")):
        for row in rows(finished_run, f"draw/{name}.csv"):
            outcome = "drawn" if row["drawn"] == "1" else "reserve"
            drawn[row[column]] = min(outcome, drawn.get(row[column], outcome))
    found = outcomes(finished_run)
    for ident, outcome in found.items():
        assert outcome == drawn.get(ident, outcome)
        assert ident in drawn or outcome in {"not_drawn", "in_no_draw"}


def test_why_before_the_draw_says_that_there_was_none(waiting: Path) -> None:
    assert set(outcomes(waiting).values()) == {"not_yet_drawn"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_why_is_one_paragraph_in_both_languages(finished_run: Path, language: str, capsys: Capture) -> None:
    for ident in ("E01", "food-1", "EX1", "E99"):
        assert cli.call(["why", str(finished_run), ident, "--lang", language]) == 0
        shown = capsys.readouterr().out
        assert shown.count("\n") == 1
        assert ident in shown
        assert ("演练" if language == "zh" else "rehearsal") in shown


def test_why_tells_the_reason_of_an_exclusion(tmp_path: Path, capsys: Capture) -> None:
    base = registers()
    gone = replace(base.enterprises[1], status="revoked")
    untagged = replace(base.enterprises[2], tags=(), industry="")
    late = replace(base.inspectors[0], certificate_expires=dt.date(2026, 1, 1))
    tables = replace(
        base,
        enterprises=(base.enterprises[0], gone, untagged, *base.enterprises[3:]),
        inspectors=(late, *base.inspectors[1:]),
        tasks=tuple(replace(task, tags=()) if task.task_id == "T-food" else task for task in base.tasks),
    )
    run = tmp_path / "run"
    campaign = write_small(tmp_path / "c", tables=tables)
    assert cli.call(["import", str(campaign), "--run", str(run)]) == 0
    assert cli.call(["commit", str(run)]) == 0
    capsys.readouterr()
    for ident, outcome, reason in (
        ("E02", "excluded", "not active: revoked"),
        ("E03", "not_yet_drawn", "none of the task's items applies"),
        ("fire-1", "excluded", "the certificate expires before the campaign begins: 2026-01-01"),
    ):
        answer = pipeline.why(run, ident)
        assert answer.outcome == outcome
        assert reason in " ".join(answer.lines("en"))
    assert pipeline.why(run, "E99").outcome == "unknown"


def test_the_same_key_gives_the_same_plan_and_another_one_does_not(tmp_path: Path, capsys: Capture) -> None:
    campaign = write_small(tmp_path / "campaign", rehearsal=False)
    plans = []
    for name in "abc":
        run = tmp_path / name
        assert cli.call(["import", str(campaign), "--run", str(run)]) == 0
        given = ["--frame-key", str(tmp_path / "a/plan/frame-key.txt")] if name == "b" else []
        assert cli.call(["commit", str(run), *given]) == 0
        plans.append((run / "plan/plan.json").read_bytes())
    assert plans[0] == plans[1] != plans[2]
    (tmp_path / "key").write_text("ä" * 64, encoding="utf-8")
    assert cli.call(["import", str(campaign), "--run", str(tmp_path / "d")]) == 0
    capsys.readouterr()
    assert cli.call(["commit", str(tmp_path / "d"), "--frame-key", str(tmp_path / "key"), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["problems"][0]["code"] == "pipeline.frame_key_form"


def test_a_plan_whose_root_is_another_is_found(finished_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished_run, run)
    (run / "plan/frame-key.txt").write_text("0" * 64 + "\n", encoding="utf-8")
    codes = {(v.rule, v.code) for v in verify.verify_run(run).violations}
    assert {("plan", "verify.frame_root"), ("digest", "verify.changed_file")} <= codes


@pytest.mark.parametrize("ident", ["\udcff", "", " E01 ", "E01|", "é", "'; --", "a\nb"])
def test_any_text_may_be_asked_for(finished_run: Path, ident: str) -> None:
    known = ident.strip() == "E01"
    assert pipeline.why(finished_run, ident).outcome in (
        {"drawn", "reserve", "not_drawn"} if known else {"unknown"}
    )
    if not known:
        with pytest.raises(InputError):
            pipeline.prove(finished_run, ident)


@pytest.mark.parametrize("row", ["E01,a,b", 'E01,"', "E01,1,2,3,4,5,6,7,8", "E01,a,b,c,d,Z,"])
def test_a_frame_forged_under_a_whole_ledger_is_refused_by_name(
    finished_run: Path, tmp_path: Path, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    shutil.copytree(finished_run, run)
    for text in (row.encode(), row.encode() + b"\xff"):
        (run / "plan/frame.csv").write_bytes(b"head\n" + text + b"\n")
        monkeypatch.setattr("scheduler.pipeline.folder.RunFolder.check", lambda *_: None)
        for ask in (pipeline.why, pipeline.prove):
            with pytest.raises(OneDoorError):
                ask(run, "E01")


def test_why_tells_of_an_ordered_visit_that_it_bypasses_the_draw(tmp_path: Path) -> None:
    base = registers()
    order = Order(
        order_id="O1",
        enterprise_id="E02",
        department_id="D-work",
        item_codes=("R01",),
        start=START,
        end=END,
        approver="局长",
        document="举〔2026〕1号",
        approved_at="2026-02-20T09:30",
    )
    tables = replace(base, orders=(order,), tasks=base.tasks[1:2])
    run = tmp_path / "run"
    pipeline.import_campaign(write_small(tmp_path / "c", tables=tables), run)
    pipeline.commit(run)
    answer = pipeline.why(run, "E02")
    assert answer.outcome == "ordered"
    assert "举〔2026〕1号" in answer.lines("en")[0]
    assert "举〔2026〕1号" in answer.lines("zh")[0]
