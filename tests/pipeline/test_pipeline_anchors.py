"""Proofs from outside, attached: what is sealed, what is refused, and what ``verify`` says in the end."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from witnessed import (
    ORGANS,
    Authority,
    Witness,
    committed,
    head,
    hours_from_now,
    imported,
    openssl,
    statement,
)

import cli
from scheduler import pipeline
from scheduler.domain.errors import OneDoorError
from scheduler.domain.messages import render
from scheduler.pipeline import folder as folder_module
from scheduler.verify import verify_order, verify_run


class Town:
    """An earlier run with two registered witnesses, and a campaign committed on its head."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder = folder
        self.earlier = imported(folder)
        self.witnesses = [Witness(organ, folder) for organ in ORGANS]
        for witness in self.witnesses:
            pipeline.register_witness(self.earlier, witness.key, witness.organ)
        self.run = committed(folder, head(self.earlier), **changes)
        self.campaign = folder / "input/campaign.toml"

    def sign(self, witness: Witness, said: bytes = b"", organ: str = "") -> pipeline.Anchored:
        signature = witness.signed(said or statement(self.run))
        path = self.folder / "said.txt"
        path.write_bytes(said)
        return pipeline.attach_signature(
            self.run,
            signature,
            organ=organ or witness.organ,
            previous=self.earlier,
            statement=path if said else None,
        )


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def refusal(call: Any, *words: Any, **named: Any) -> str:
    """The code of what the call refuses; every message of it can be told."""
    with pytest.raises(OneDoorError) as caught:
        call(*words, **named)
    assert all(render(problem, "zh") and render(problem, "en") for problem in caught.value.problems)
    return caught.value.problems[0].code


def ledger(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "ledger.jsonl").read_bytes().splitlines()]


def called(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, dict[str, Any]]:
    """One call of the program with --json: exit code and result."""
    capsys.readouterr()
    exit_code = cli.call([*map(str, words), "--json"])
    return exit_code, json.loads(capsys.readouterr().out)


# --- witnesses ---------------------------------------------------------------------------------------------


def test_a_signature_is_sealed_in_a_folder_of_its_own(town: Town) -> None:
    result = town.sign(town.witnesses[0])
    assert (result.folder, result.kind, result.what) == ("anchor-001", "witness", ORGANS[0])
    assert town.sign(town.witnesses[1]).folder == "anchor-002"
    line = ledger(town.run)[-1]
    assert (line["kind"], line["stage"], line["facts"]) == (
        "anchor",
        "anchor-002",
        {"kind": "witness", "organ": ORGANS[1]},
    )
    assert sorted(line["files"]) == ["anchor-002/signature.bin", "anchor-002/statement.txt"]
    assert verify_order(town.run, previous=town.earlier).order == "proven"


def test_the_request_tells_the_statement_and_both_commands(town: Town) -> None:
    before = (town.run / "ledger.jsonl").read_bytes()
    request = pipeline.anchor_request(town.run)
    digest = ledger(town.run)[-1]["files"]["plan/plan.json"]
    assert request.statement == f"onedoor-witness/1|small-2026-01|2026-01|{digest}"
    assert (town.run / "ledger.jsonl").read_bytes() == before


def test_the_same_organ_does_not_sign_twice(town: Town) -> None:
    town.sign(town.witnesses[0])
    assert refusal(town.sign, town.witnesses[0]) == "anchor.organ_twice"
    assert (
        refusal(town.sign, town.witnesses[0], organ=f"{ORGANS[0][:3]} {ORGANS[0][3:]}")
        == "anchor.organ_twice"
    )


def test_what_a_witness_signed_for_something_else_is_refused_by_name(town: Town) -> None:
    good = statement(town.run).split(b"|")
    for part, value, code in (
        (1, b"small-2026-02", "anchor.other_campaign"),
        (2, b"2026-02", "anchor.other_slot"),
        (3, b"0" * 64, "anchor.other_plan"),
        (0, b"onedoor-witness/0", "anchor.statement_bad"),
    ):
        said = b"|".join([*good[:part], value, *good[part + 1 :]])
        assert refusal(town.sign, town.witnesses[0], said) == code
    assert not (town.run / "anchor-001").exists()


def test_keys_that_no_earlier_head_holds_are_refused_by_name(town: Town, tmp_path: Path) -> None:
    stranger = Witness("无名局", tmp_path)
    assert refusal(town.sign, stranger) == "anchor.key_unknown"
    assert refusal(town.sign, stranger, organ=ORGANS[0]) == "anchor.signature_wrong"
    pipeline.register_witness(town.earlier, stranger.key, stranger.organ)
    assert refusal(town.sign, stranger) == "anchor.key_late"


def test_a_key_registered_in_the_runs_own_ledger_does_not_count(town: Town, tmp_path: Path) -> None:
    own = Witness("自家局", tmp_path)
    pipeline.register_witness(town.run, own.key, own.organ)
    signature = own.signed(statement(town.run))
    call = {"organ": own.organ, "previous": town.run}
    assert refusal(pipeline.attach_signature, town.run, signature, **call) == "anchor.previous_other"


def test_a_signature_comes_before_the_entropy_or_never(town: Town) -> None:
    town.sign(town.witnesses[0])
    assert cli.call(["draw", str(town.run), "--entropy", str(town.folder / "input/later.txt")]) == 0
    assert refusal(town.sign, town.witnesses[1]) == "anchor.late"


def test_a_key_is_registered_once_and_only_where_a_campaign_is(town: Town, tmp_path: Path) -> None:
    witness = town.witnesses[0]
    register = pipeline.register_witness
    assert refusal(register, town.earlier, witness.key, "又一局") == "anchor.key_registered"
    assert refusal(register, town.earlier, witness.key, " ") == "anchor.organ_bad"
    assert refusal(register, town.earlier, witness.key, "a\nb") == "anchor.organ_bad"
    assert refusal(register, town.earlier, town.campaign, "局") == "anchor.key_bad"
    assert refusal(register, town.earlier, tmp_path / "nowhere", "局") == "anchor.file_unreadable"
    assert refusal(register, tmp_path / "no-run", witness.key, "局") == "pipeline.no_run"


def test_a_file_too_large_to_be_a_signature_is_not_read_whole(town: Town, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as stream:
        stream.truncate(1 << 30)
    call = {"organ": ORGANS[0], "previous": town.earlier}
    assert refusal(pipeline.attach_signature, town.run, large, **call) == "anchor.file_unreadable"


def test_before_the_commitment_there_is_nothing_to_anchor(town: Town) -> None:
    assert refusal(pipeline.anchor_request, town.earlier) == "pipeline.stage_missing"


def test_a_killed_attachment_leaves_nothing_and_is_brought_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_words: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(folder_module.RunFolder, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            town.sign(town.witnesses[0])
    assert (town.run / "anchor-001").is_dir()
    assert town.sign(town.witnesses[0]).folder == "anchor-001"
    assert verify_order(town.run, previous=town.earlier).reasons[0].params["n"] == 1


# --- time stamps -------------------------------------------------------------------------------------------


def test_a_stamp_is_sealed_with_the_time_it_proves(tmp_path: Path) -> None:
    town = Town(tmp_path, at=hours_from_now(2))
    authority = Authority(tmp_path / "tsa")
    result = pipeline.attach_stamp(town.run, authority.stamp(town.run / "plan/plan.json"), authority.root)
    assert (result.folder, result.kind) == ("anchor-001", "stamp")
    assert ledger(town.run)[-1]["facts"]["stamped_before"] == result.what
    verdict = verify_order(town.run, roots=authority.root)
    assert (verdict.order, verdict.reasons[0].code) == ("proven", "anchor.stamp_before")


def test_stamps_that_prove_nothing_are_refused_by_name(town: Town, tmp_path: Path) -> None:
    good, other = Authority(tmp_path / "good"), Authority(tmp_path / "other")
    old = Authority(tmp_path / "old", since=-30, until=-10)
    plan = town.run / "plan/plan.json"
    attach = pipeline.attach_stamp
    assert refusal(attach, town.run, good.stamp(plan), other.root) == "anchor.root_unknown"
    assert refusal(attach, town.run, old.stamp(plan), old.root) == "anchor.root_expired"
    assert refusal(attach, town.run, good.stamp(town.campaign), good.root) == "anchor.stamp_other"
    assert refusal(attach, town.run, plan, good.root) == "anchor.stamp_bad"
    assert refusal(attach, town.run, good.stamp(plan), plan) == "anchor.roots_bad"


def test_a_stamp_may_be_brought_after_the_draw_for_its_own_time_counts(tmp_path: Path) -> None:
    town = Town(tmp_path, at=hours_from_now(2))
    authority = Authority(tmp_path / "tsa")
    stamp = authority.stamp(town.run / "plan/plan.json")
    openssl("version")
    assert cli.call(["draw", str(town.run), "--entropy", str(town.folder / "input/later.txt")]) == 0
    pipeline.attach_stamp(town.run, stamp, authority.root)
    # The ledger tells that the entropy came two hours before its announced time.
    assert verify_order(town.run, roots=authority.root).reasons[0].code == "anchor.entropy_early"


def test_a_ceremonys_time_without_its_zone_is_refused(tmp_path: Path) -> None:
    assert refusal(committed, tmp_path, at="2026-03-01T09:00:00") == "intake.setting_moment"


# --- the whole way -----------------------------------------------------------------------------------------


def test_the_verdict_of_a_whole_run_with_and_without_its_proofs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = Town(tmp_path, at=hours_from_now(-1))
    for witness in town.witnesses:
        town.sign(witness)
    campaign, run, later = town.campaign, town.run, tmp_path / "input/later.txt"
    assert cli.call(["run", str(campaign), "--run", str(run), "--entropy", str(later)]) == 0
    code, told = called(capsys, "verify", run)
    assert (code, told["verdict"], told["order"]) == (0, "certified", "unproven")
    assert told["order_reasons"][0]["code"] == "anchor.no_previous"
    code, told = called(capsys, "verify", run, "--require-anchor")
    assert code == 6
    assert [problem["code"] for problem in told["error"]["problems"]] == [
        "anchor.required",
        "anchor.no_previous",
    ]
    code, told = called(capsys, "verify", run, "--require-anchor", "--previous", town.earlier)
    assert (code, told["order"], told["order_reasons"][0]["code"]) == (0, "proven", "anchor.two_witnesses")
    sealed = json.loads((run / "certificate/certificate.json").read_bytes())
    assert sealed["order"] == "unproven"
    assert "order_reasons" not in sealed
    assert not any(path.startswith("anchor") for path in sealed["digests"])


def test_what_comes_after_the_certificate_does_not_change_it(
    copied_run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = copied_run()
    witness = Witness(ORGANS[0], tmp_path)
    code, told = called(capsys, "witness", run, "--key", witness.key, "--organ", witness.organ)
    assert (code, told["head"]) == (0, head(run))
    authority = Authority(tmp_path / "tsa")
    stamp = authority.stamp(run / "plan/plan.json")
    code, told = called(capsys, "anchor", run, "--stamp", stamp, "--roots", authority.root)
    assert (code, told["folder"]) == (0, "anchor-001")
    assert verify_run(run).verdict == "certified"
    path = run / "anchor-001/response.tsr"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    found = verify_run(run)
    assert [(v.rule, v.code, v.params) for v in found.violations] == [
        ("digest", "verify.changed_file", {"file": "anchor-001/response.tsr"})
    ]
    shutil.rmtree(run / "anchor-001")
    assert {v.code for v in verify_run(run).violations} == {"verify.missing_file"}


@pytest.mark.parametrize(
    "words",
    [
        ["--witness", "a"],
        ["--witness", "a", "--organ", "b"],
        ["--stamp", "a"],
        ["--roots", "a"],
        ["--stamp", "a", "--roots", "b", "--organ", "c"],
    ],
)
def test_half_an_anchor_is_a_wrong_call(
    town: Town, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = called(capsys, "anchor", town.run, *words)
    assert (code, told["error"]["problems"][0]["code"]) == (2, "anchor.usage")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_program_says_what_to_sign_and_then_whether_the_order_is_proven(
    town: Town, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    assert cli.call(["anchor", str(town.run), "--lang", language]) == 0
    shown = capsys.readouterr().out
    assert statement(town.run).decode() in shown
    assert "openssl ts -query" in shown
    for witness in town.witnesses:
        words = ["--witness", str(witness.signed(statement(town.run))), "--organ", witness.organ]
        call = ["anchor", str(town.run), *words, "--previous", str(town.earlier), "--lang", language]
        assert cli.call(call) == 0
