"""An attempt after a void is compared with the void run, a day the checker brings, anchors after a void."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from small import CEREMONY, END, registers, settings
from small_files import write_small

import cli
import solvers
from scheduler import draw as draw_room
from scheduler import pipeline
from scheduler.domain.errors import InputError, OneDoorError, SealError, UsageError
from scheduler.domain.settings import Entropy, Settings
from scheduler.pipeline import before
from scheduler.verify import succession_fault, verify_run, with_date, with_previous

VOID = {
    "approver": "纪检组长",
    "organ": "青石县纪委监委",
    "document": "青纪〔2026〕7号",
    "reason": "名录有误",
}


def write(folder: Path, more: str = "", entropy: str = "") -> Path:
    """The small campaign as a rehearsal; ``more`` stands in ``[campaign]``."""
    path = write_small(folder)
    text = path.read_text(encoding="utf-8").replace("[campaign]\n", f"[campaign]\n{more}")
    path.write_text(f"{text}\n{entropy}", encoding="utf-8")
    return path


def head(run: Path) -> str:
    lines = (run / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    return str(json.loads(lines[-1])["hash"])


def refused(call: object, *words: object, **named: object) -> str:
    with pytest.raises(OneDoorError) as error:
        call(*words, **named)  # type: ignore[operator]
    return error.value.problems[0].code


def voided(folder: Path) -> Path:
    """Attempt 1 of the slot, committed and declared void."""
    run = folder / "first"
    pipeline.import_campaign(write(folder / "first-input"), run)
    pipeline.commit(run)
    pipeline.void(run, **VOID)
    return run


@pytest.fixture
def void(tmp_path: Path) -> Path:
    return voided(tmp_path)


def later(folder: Path, previous_head: str, attempt: int) -> Path:
    more = f'previous_head = "{previous_head}"\nattempt = {attempt}\n'
    run = folder / f"run-{attempt}"
    pipeline.import_campaign(write(folder / f"input-{attempt}", more), run)
    return run


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A void run and the finished second attempt of its slot."""
    folder = tmp_path_factory.mktemp("second")
    void = voided(folder)
    run = later(folder, head(void), 2)
    assert pipeline.commit(run, previous=void).fresh
    pipeline.run_all(folder / "input-2/campaign.toml", run, solvers.solve, CEREMONY)
    return void, run


def test_the_next_attempt_is_committed_and_certified_beside_the_void_run(second: tuple[Path, Path]) -> None:
    void, run = second
    certificate = verify_run(run)
    assert certificate.verdict == "certified"
    assert with_previous(certificate, run, void) == certificate
    assert with_previous(certificate, run, void / "ledger.jsonl") == certificate
    assert with_previous(certificate, run, None) == certificate
    assert cli.call(["verify", str(run), "--previous", str(void), "--json"]) == 0


@pytest.mark.parametrize("attempt", [1, 3])
def test_an_attempt_that_is_not_the_next_is_refused_and_fails(
    tmp_path: Path, void: Path, second: tuple[Path, Path], attempt: int
) -> None:
    run = later(tmp_path, head(void), attempt)
    assert refused(pipeline.commit, run, previous=void) == "verify.previous_attempt"
    assert not (run / "plan").exists()
    pipeline.commit(run)
    failed = with_previous(verify_run(second[1]), run, void)
    assert failed.verdict == "failed"
    assert [(one.rule, one.code) for one in failed.violations] == [("plan", "verify.previous_attempt")]
    assert {row.rule: row.violations for row in failed.rules}["plan"] == 1


def test_a_run_that_was_not_void_has_no_second_attempt(tmp_path: Path) -> None:
    first = tmp_path / "first"
    pipeline.import_campaign(write(tmp_path / "first-input"), first)
    pipeline.commit(first)
    run = later(tmp_path, head(first), 2)
    pipeline.void(first, **VOID)  # after the head that was named
    assert refused(pipeline.commit, run, previous=first) == "verify.previous_not_void"
    once_more = later(tmp_path, head(first), 1)
    assert refused(pipeline.commit, once_more, previous=first) == "verify.previous_attempt"


def test_another_slot_may_follow_a_void_run_with_its_first_attempt(void: Path) -> None:
    own = settings(previous_head=head(void), slot="2026-02")
    assert succession_fault(own, void) is None
    # From the ledger alone the slot cannot be seen.
    assert succession_fault(settings(previous_head=head(void)), void / "ledger.jsonl") is None
    fault = succession_fault(settings(previous_head=head(void)), void)
    assert fault is not None
    assert (fault.code, fault.params["due"]) == ("verify.previous_attempt", 2)


def test_a_ledger_without_the_head_is_refused_and_fails_a_later_attempt(
    tmp_path: Path, void: Path, second: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run = later(tmp_path, "5a" * 32, 2)
    assert refused(pipeline.commit, run, previous=void) == "anchor.previous_other"
    failed = with_previous(verify_run(second[1]), second[1], void)
    assert {one.code for one in failed.violations} == {"anchor.previous_other"}
    assert cli.call(["verify", str(second[1]), "--previous", str(void), "--json"]) == 6
    assert "anchor.previous_other" in capsys.readouterr().out
    # Of a first attempt it only says that the order is not proven.
    first = later(tmp_path, "5a" * 32, 1)
    pipeline.commit(first)
    certificate = verify_run(second[1])
    assert with_previous(certificate, first, void) == certificate


def test_after_its_end_a_campaign_must_have_revealed_its_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = write(tmp_path / "input", entropy='[entropy]\nsources = ["secret", "ceremony"]\n')
    run, escrow = tmp_path / "run", tmp_path / "escrow.txt"
    pipeline.run_all(campaign, run, solvers.solve, CEREMONY, escrow=escrow)
    certificate = verify_run(run)
    assert (certificate.verdict, certificate.secret) == ("certified", "unrevealed")
    assert with_date(certificate, run, END - dt.timedelta(days=1)) == certificate
    assert with_date(certificate, run, None) == certificate
    late = with_date(certificate, run, END)
    assert late.verdict == "failed"
    assert [(one.rule, one.code) for one in late.violations] == [("draw", "verify.secret_overdue")]
    assert cli.call(["verify", str(run), "--as-of", END.isoformat(), "--lang", "en"]) == 6
    assert "was not revealed" in capsys.readouterr().err
    assert cli.call(["verify", str(run), "--as-of", "tomorrow"]) == 2
    pipeline.close(run)
    closed = verify_run(run)
    assert with_date(closed, run, END) == closed
    assert closed.verdict == "certified"


def test_a_void_campaign_takes_no_anchor(tmp_path: Path, void: Path) -> None:
    stamp = tmp_path / "stamp.tsr"
    stamp.write_bytes(b"whatever it is")
    assert refused(pipeline.attach_stamp, void, stamp, stamp) == "pipeline.voided"
    named = {"organ": "乙", "previous": void}
    assert refused(pipeline.attach_signature, void, stamp, **named) == "pipeline.voided"


def test_the_draw_compares_the_plans_digests_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = before.committed_digests

    def forged(*given: object) -> dict[str, str]:
        return {**honest(*given), "intake/leave.csv": "0" * 64}  # type: ignore[arg-type]

    run = tmp_path / "run"
    pipeline.import_campaign(write(tmp_path / "input"), run)
    with monkeypatch.context() as patch:
        patch.setattr(before, "committed_digests", forged)
        pipeline.commit(run)
    ledger = (run / "ledger.jsonl").read_bytes()
    with pytest.raises(SealError) as error:
        pipeline.draw(run, CEREMONY)
    assert [(one.code, one.place) for one in error.value.problems] == [
        ("pipeline.plan_digest", {"file": "intake/leave.csv"})
    ]
    assert (run / "ledger.jsonl").read_bytes() == ledger  # not even the seed is fixed


def secretive(**changes: object) -> Settings:
    return settings(entropy=Entropy(sources=("secret", "ceremony")), **changes)


def test_a_campaign_in_memory_takes_a_secret() -> None:
    own = replace(secretive(), budget=replace(settings().budget, exact_units=2))
    secret = draw_room.make_secret()
    made = pipeline.solve_in_memory(registers(), own, CEREMONY, solvers.solve, secret=secret)
    source = made.plan.entropy[0]
    assert source.secret_commitment == draw_room.secret_commitment(secret)
    assert f"secret={secret}\n" in made.seed_text
    assert made.schedule.report.attempt == 1
    assert refused(pipeline.solve_in_memory, registers(), own, CEREMONY, solvers.solve) == (
        "draw.source_missing"
    )
    open_draw = settings()
    code = refused(pipeline.solve_in_memory, registers(), open_draw, CEREMONY, solvers.solve, secret=secret)
    assert code == "draw.source_unasked"


def batch_of(folder: Path) -> tuple[Path, ...]:
    """A real campaign with secret and ceremony."""
    path = write_small(folder / "real", rehearsal=False, campaign_id="real")
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}\n[entropy]\nsources = ["secret", "ceremony"]\n', encoding="utf-8")
    return pipeline.campaign_files([folder])


def test_a_batch_stops_after_the_commitment_and_goes_on_with_what_is_entered(tmp_path: Path) -> None:
    files, out, desk = batch_of(tmp_path / "in"), tmp_path / "out", tmp_path / "desk"
    told: list[tuple[str, dict[str, object]]] = []

    def listen(code: str, /, **params: object) -> None:
        told.append((code, params))

    first = pipeline.run_batch(files, out, solvers.solve, entropy=desk, progress=listen)
    assert [(row.state, row.waits_for) for row in first.rows] == [("waiting", ("ceremony",))]
    assert first.exit_code == 0
    assert ("pipeline.batch_waits", {"name": "real", "sources": "ceremony"}) in told
    secret = (desk / "real/secret.txt").read_bytes()
    (desk / "real/ceremony.txt").write_text(f"{CEREMONY}\n", encoding="utf-8")
    second = pipeline.run_batch(files, out, solvers.solve, entropy=desk)
    assert [(row.state, row.waits_for) for row in second.rows] == [("certified", ())]
    assert (desk / "real/secret.txt").read_bytes() == secret
    assert verify_run(out / "real").secret not in (None, "revealed")


def test_a_batch_without_a_folder_of_entropy_says_what_a_secret_needs(tmp_path: Path) -> None:
    result = pipeline.run_batch(batch_of(tmp_path / "in"), tmp_path / "out", solvers.solve)
    assert [(row.state, row.codes) for row in result.rows] == [("failed", ("pipeline.no_escrow",))]
    assert not (tmp_path / "out/real").exists()


def test_a_text_that_was_there_before_the_commitment_is_refused_as_for_one_run(tmp_path: Path) -> None:
    files, desk = batch_of(tmp_path / "in"), tmp_path / "desk"
    (desk / "real").mkdir(parents=True)
    (desk / "real/ceremony.txt").write_text(CEREMONY, encoding="utf-8")
    result = pipeline.run_batch(files, tmp_path / "out", solvers.solve, entropy=desk)
    assert result.rows[0].codes == ("pipeline.ceremony_early",)


def test_a_folder_of_entropy_among_the_runs_or_with_unreadable_files_is_refused(tmp_path: Path) -> None:
    files, out = batch_of(tmp_path / "in"), tmp_path / "out"
    for inside in (out, out / "desk"):
        with pytest.raises(UsageError) as error:
            pipeline.run_batch(files, out, solvers.solve, entropy=inside)
        assert error.value.problems[0].code == "pipeline.entropy_inside"
    desk = tmp_path / "desk"
    (desk / "real").mkdir(parents=True)
    (desk / "real/ceremony.txt").write_bytes(b"\xff\xfe")
    (desk / "real/beacon.json").mkdir()
    result = pipeline.run_batch(files, out, solvers.solve, entropy=desk)
    assert isinstance(InputError(result.problems["real"]), InputError)
    assert [one.code for one in result.problems["real"]] == ["pipeline.entropy_unreadable"] * 2
    assert cli.call(["batch", str(tmp_path / "in"), "--out", str(out), "--entropy-dir", str(out)]) == 2
