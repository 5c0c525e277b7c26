"""The life of a campaign: a secret in escrow, a void, the close, and what is published when."""

import datetime as dt
import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small import CEREMONY, registers
from small_files import write_small

import solvers
from scheduler import pipeline
from scheduler.domain.canonical import canonical_json, sha256_hex
from scheduler.domain.errors import InputError, OneDoorError, SealError, UsageError
from scheduler.pipeline import ledger as ledger_room
from scheduler.verify import verify_run

ROUND = 123
SIGNATURE = "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92"
BEACON = json.dumps({"round": ROUND, "signature": SIGNATURE})
VOID = {
    "approver": "纪检组长",
    "organ": "青石县纪委监委",
    "document": "青纪〔2026〕7号",
    "reason": "名录有误",
}


def write(folder: Path, *sources: str, more: str = "", rehearsal: bool = True) -> Path:
    """The small campaign with these sources; ``more`` stands in ``[campaign]``."""
    path = write_small(folder, rehearsal=rehearsal)
    text = path.read_text(encoding="utf-8").replace("[campaign]\n", f"[campaign]\n{more}")
    named = ", ".join(f'"{one}"' for one in sources)
    path.write_text(f"{text}\n[entropy]\nsources = [{named}]\n[drand]\nround = {ROUND}\n", encoding="utf-8")
    return path


def code_of(error: pytest.ExceptionInfo[OneDoorError]) -> str:
    return error.value.problems[0].code


def codes(run: Path) -> set[str]:
    return {violation.code for violation in verify_run(run).violations}


@pytest.fixture(scope="session")
def with_secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certified run with a secret and a ceremony, published and not closed; the escrow beside it."""
    folder = tmp_path_factory.mktemp("secret")
    campaign = write(folder / "input", "secret", "ceremony")
    run = folder / "run"
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run, escrow=folder / "escrow.txt")
    pipeline.publish(run, stage="commit")
    result = pipeline.run_all(campaign, run, solvers.solve, secret=(folder / "escrow.txt").read_text())
    assert result.certified is not None
    assert result.certified.certificate.verdict == "certified", result.certified.certificate.violations
    return run


@pytest.fixture
def copied(with_secret: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(with_secret, tmp_path / "copy"))


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    """A plan with a secret, not drawn; the escrow file is ``escrow.txt`` beside the run."""
    run = tmp_path / "run"
    pipeline.import_campaign(write(tmp_path / "input", "secret", "ceremony"), run)
    pipeline.commit(run, escrow=tmp_path / "escrow.txt")
    return run


def secret_of(run: Path) -> str:
    lines = (run.parent / "escrow.txt").read_text().splitlines()
    return lines[-1].removeprefix("secret=")


def published(run: Path) -> Iterator[Path]:
    for stage in ("publish-commit", "publish"):
        yield from sorted(path for path in (run / stage).rglob("*") if path.is_file())


def test_the_secret_is_certified_unrevealed_and_revealed_at_the_close(copied: Path) -> None:
    before = verify_run(copied)
    assert (before.verdict, before.secret) == ("certified", "unrevealed")
    closed = pipeline.close(copied)
    text = (copied / "draw/seed.txt").read_bytes()
    assert closed.seed == hashlib.sha256(text).hexdigest()
    assert f"secret={closed.secret}\n".encode() in text
    after = verify_run(copied)
    assert (after.verdict, after.secret, after.violations) == ("certified", "revealed", ())
    assert not pipeline.close(copied).fresh


def test_nothing_written_before_the_close_holds_seed_secret_or_ceremony(with_secret: Path) -> None:
    run = with_secret
    seed_text = (run / "draw/seed.txt").read_bytes()
    seed, secret = hashlib.sha256(seed_text).digest(), secret_of(run)
    # The seed's text, its parts, and every digest from which the seed could be had.
    wanted = [seed, bytes.fromhex(secret)]
    wanted += [part.encode() for part in (seed.hex(), secret, CEREMONY, f"secret={secret}")]
    wanted += [hashlib.sha256(text).hexdigest().encode() for text in (secret.encode(), CEREMONY.encode())]
    wanted += [one.upper() for one in wanted if one.isascii()]
    files = [path for path in run.rglob("*") if path.is_file() and path.name != "seed.txt"]
    assert len(files) > 20
    for path in files:
        data = path.read_bytes()
        assert not [one for one in wanted if one in data], path
    assert seed_text.count(b"\n") == 6


def test_who_is_drawn_cannot_be_computed_from_what_is_published_before_the_close(with_secret: Path) -> None:
    """Whoever saw the ceremony knows every line of the seed's text but the secret's: he tries whatever is
    published in its place, as it is, hashed, and as the seed itself."""
    run = with_secret
    seed_text = (run / "draw/seed.txt").read_text()
    words = {CEREMONY, "0" * 64, ""}
    tickets: set[str] = set()
    for path in published(run):
        if path.suffix == ".json":
            data = json.loads(path.read_bytes())
            words |= {str(value) for value in _leaves(data)}
            tickets |= {ticket for row in data["strata"] for ticket in row.get("tickets", ())}
    words |= {sha256_hex(word.encode()) for word in tuple(words)}
    secret = secret_of(run)
    assert secret not in words
    assert len(tickets) > 3
    texts = {seed_text.replace(secret, word) for word in words}
    texts |= {seed_text.replace(f"secret={secret}\n", "")}
    seeds = {sha256_hex(text.encode()) for text in texts} | words
    ids = [row.enterprise_id for row in registers().enterprises]
    for seed, ident, group in itertools.product(seeds, ids, ("group:G1", "task:T-work")):
        assert sha256_hex(f"{seed}|E|{group}|{ident}".encode()) not in tickets
    # The same attempt with the true secret succeeds: it is the secret that stands in the way.
    true_seed = sha256_hex(seed_text.encode())
    found = {sha256_hex(f"{true_seed}|E|group:G1|{ident}".encode()) for ident in ids}
    assert found & tickets
    for path in published(run):
        assert not [ident for ident in ids if ident.encode() in path.read_bytes()], path


def _leaves(data: object) -> Iterator[object]:
    if isinstance(data, dict):
        for value in data.values():
            yield from _leaves(value)
    elif isinstance(data, list):
        for value in data:
            yield from _leaves(value)
    else:
        yield data


def test_everything_is_published_at_the_close(copied: Path) -> None:
    with pytest.raises(UsageError) as error:
        pipeline.publish(copied, stage="close")
    assert code_of(error) == "pipeline.stage_missing"
    closed = pipeline.close(copied)
    written = pipeline.publish(copied, stage="close")
    assert written.files == tuple(f"publish-close/{n}" for n in ("close.html", "close.json", "drawn.csv"))
    told = json.loads((copied / "publish-close/close.json").read_bytes())
    assert (told["reveal"][0]["seed"], told["reveal"][0]["secret"]) == (closed.seed, closed.secret)
    names = {row.enterprise_id: row.name for row in registers().enterprises}
    assert told["drawn"]
    assert all(names[row["enterprise_id"]] == row["name"] for row in told["drawn"])
    everything = b"".join(path.read_bytes() for path in (copied / "publish-close").iterdir())
    assert not [row.name for row in registers().inspectors if row.name.encode() in everything]
    assert verify_run(copied).verdict == "certified"


def test_each_step_of_disclosure_has_its_time(committed: Path) -> None:
    assert pipeline.publish(committed, stage="commit").fresh
    assert not pipeline.publish(committed, stage="commit").fresh
    with pytest.raises(UsageError) as error:
        pipeline.publish(committed)
    assert code_of(error) == "pipeline.stage_missing"
    told = json.loads((committed / "publish-commit/commit.json").read_bytes())
    assert [source["kind"] for source in told["entropy"]] == ["secret", "ceremony"]
    assert sum(row["quota"] for row in told["strata"]) == pipeline.commit(committed).n_draws


def test_the_escrow_lies_outside_is_never_overwritten_and_taken_up_after_a_kill(tmp_path: Path) -> None:
    run, escrow = tmp_path / "run", tmp_path / "escrow.txt"
    pipeline.import_campaign(write(tmp_path / "input", "secret", "ceremony"), run)
    for path, code in (
        (None, "no_escrow"),
        (run / "e.txt", "escrow_inside"),
        (run / "a/../e", "escrow_inside"),
    ):
        with pytest.raises(UsageError) as error:
            pipeline.commit(run, escrow=path)
        assert code_of(error) == f"pipeline.{code}"
    with pytest.raises(InputError) as refused:
        pipeline.commit(run, escrow=tmp_path / "none" / "e.txt")
    assert code_of(refused) == "pipeline.escrow_unwritable"
    escrow.write_text("somebody's letter")
    with pytest.raises(UsageError) as error:
        pipeline.commit(run, escrow=escrow)
    assert code_of(error) == "pipeline.escrow_exists"
    assert escrow.read_text() == "somebody's letter"
    escrow.write_text("")  # a call killed before it wrote
    pipeline.commit(run, escrow=escrow)
    secret = secret_of(run)
    # A call killed before it sealed the plan: the same file is taken up, for the ledger head is the same.
    lines = (run / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    (run / "ledger.jsonl").write_bytes(b"".join(lines[:2]))
    assert pipeline.commit(run, escrow=escrow).fresh
    assert secret_of(run) == secret
    again = write(tmp_path / "input-2", "secret", "ceremony", more="attempt = 1\n")
    with pytest.raises(UsageError) as error:
        pipeline.run_all(again, tmp_path / "second", solvers.solve, escrow=escrow)
    assert code_of(error) == "pipeline.escrow_exists"


def test_a_campaign_with_a_secret_waits_for_it_and_refuses_another(committed: Path) -> None:
    waiting = pipeline.run_all(committed.parent / "input/campaign.toml", committed, solvers.solve)
    assert waiting.waiting
    assert waiting.committed.sources == ("secret", "ceremony")
    true = (committed.parent / "escrow.txt").read_text()
    other = true.replace(secret_of(committed), "0" * 64)
    for text in (other, true.replace("slot=2026-01", "slot=2026-02")):
        with pytest.raises(InputError) as error:
            pipeline.draw(committed, CEREMONY, secret=text)
        assert code_of(error) == "draw.secret_other"
    with pytest.raises(InputError) as error:
        pipeline.draw(committed, CEREMONY)
    assert code_of(error) == "draw.source_missing"
    assert not (committed / "draw").exists()


@pytest.mark.parametrize(
    "sources", [("ceremony",), ("secret", "ceremony"), ("secret", "drand"), ("ceremony", "drand")]
)
def test_no_plan_is_drawn_twice_whatever_its_sources(tmp_path: Path, sources: tuple[str, ...]) -> None:
    run, escrow = tmp_path / "run", tmp_path / "escrow.txt"
    pipeline.import_campaign(write(tmp_path / "input", *sources), run)
    pipeline.commit(run, escrow=escrow if "secret" in sources else None)
    secret = escrow.read_text() if "secret" in sources else ""
    beacon = BEACON if "drand" in sources else ""
    ceremony = CEREMONY if "ceremony" in sources else ""
    drawn = pipeline.draw(run, ceremony, secret=secret, beacon=beacon)
    assert not pipeline.draw(run, ceremony, secret=secret, beacon=beacon).fresh
    before = (run / "ledger.jsonl").read_bytes()
    with pytest.raises((UsageError, InputError)) as error:
        pipeline.draw(run, CEREMONY[::-1], secret=secret, beacon=beacon)
    assert code_of(error) in {"pipeline.second_draw", "draw.source_unasked"}
    assert (run / "ledger.jsonl").read_bytes() == before
    assert pipeline.draw(run, "").seed_commitment == drawn.seed_commitment


def test_a_real_campaign_names_a_round_to_come(tmp_path: Path) -> None:
    campaign = write(tmp_path / "input", "ceremony", "drand", rehearsal=False)
    with pytest.raises(InputError) as error:
        pipeline.run_all(campaign, tmp_path / "run", solvers.solve)
    assert code_of(error) == "pipeline.round_passed"
    assert not (tmp_path / "run").exists()
    campaign.write_text(campaign.read_text(encoding="utf-8").replace("round = 123", "round = 9000000000"))
    waiting = pipeline.run_all(campaign, tmp_path / "run", solvers.solve)
    assert (waiting.waiting, waiting.committed.round) == (True, 9_000_000_000)


def test_a_void_needs_somebody_from_outside_and_every_word(committed: Path) -> None:
    for organ in ("青石县市场监督管理局", "青石县消防救援大队", " 青石县市场监督管理局 "):
        with pytest.raises(InputError) as error:
            pipeline.void(committed, **{**VOID, "organ": organ})
        assert code_of(error) == "pipeline.void_organ"
    for name in VOID:
        with pytest.raises(InputError) as error:
            pipeline.void(committed, **{**VOID, name: " "})
        assert "pipeline.void_fact" in {problem.code for problem in error.value.problems}
    assert pipeline.void(committed, **VOID).attempt == 1
    with pytest.raises(UsageError) as again:
        pipeline.void(committed, **VOID)
    assert code_of(again) == "pipeline.voided_already"


def test_a_void_list_is_drawn_closed_and_published_all_the_same_and_nothing_else(committed: Path) -> None:
    pipeline.void(committed, **VOID)
    assert codes(committed) == {"verify.secret_unrevealed"}
    pipeline.draw(committed, CEREMONY, secret=(committed.parent / "escrow.txt").read_text())
    for call in (pipeline.merge, pipeline.export):
        with pytest.raises(UsageError) as error:
            call(committed)
        assert code_of(error) in {"pipeline.voided", "pipeline.stage_missing"}
    assert codes(committed) == {"verify.secret_unrevealed"}
    closed = pipeline.close(committed)
    assert (closed.voided, closed.drawn) == (True, True)
    pipeline.publish(committed, stage="close")
    told = json.loads((committed / "publish-close/close.json").read_bytes())
    assert told["void"] == [VOID]
    assert told["drawn"]
    certificate = verify_run(committed)
    assert (certificate.verdict, certificate.voided, certificate.secret) == ("certified", True, "revealed")
    assert certificate.attempt == 0
    page = (committed / "publish-close/close.html").read_text(encoding="utf-8")
    assert all(value in page for value in VOID.values())


def test_a_campaign_void_before_its_ceremony_reveals_its_secret(committed: Path) -> None:
    pipeline.void(committed, **VOID)
    with pytest.raises(InputError) as error:
        pipeline.close(committed)
    assert code_of(error) == "draw.source_missing"
    closed = pipeline.close(committed, secret=(committed.parent / "escrow.txt").read_text())
    assert (closed.drawn, closed.seed, closed.secret) == (False, "", secret_of(committed))
    pipeline.publish(committed, stage="close")
    assert codes(committed) == set()


def test_a_void_after_the_certificate_is_told_by_the_verdict(copied: Path) -> None:
    pipeline.void(copied, **VOID)
    assert codes(copied) == {"verify.secret_unrevealed"}
    pipeline.close(copied)
    certificate = verify_run(copied)
    assert (certificate.verdict, certificate.voided) == ("certified", True)


def test_a_closed_campaign_cannot_be_made_void_and_an_unfinished_one_not_closed(
    copied: Path, committed: Path
) -> None:
    pipeline.close(copied)
    with pytest.raises(UsageError) as error:
        pipeline.void(copied, **VOID)
    assert code_of(error) == "pipeline.closed"
    with pytest.raises(UsageError) as error:
        pipeline.close(committed)
    assert code_of(error) == "pipeline.stage_missing"


def test_a_void_run_whose_beacon_has_spoken_is_drawn_before_its_close(tmp_path: Path) -> None:
    run, escrow = tmp_path / "run", tmp_path / "escrow.txt"
    pipeline.import_campaign(write(tmp_path / "input", "secret", "drand"), run)
    pipeline.commit(run, escrow=escrow)
    pipeline.void(run, **VOID)
    with pytest.raises(UsageError) as error:
        pipeline.close(run, secret=escrow.read_text())
    assert code_of(error) == "pipeline.draw_first"


def rechained(run: Path, change: Callable[[list[dict[str, object]]], None]) -> None:
    """What a forger would do: change lines and make the chain whole again."""
    lines = [json.loads(line) for line in (run / "ledger.jsonl").read_bytes().splitlines()]
    change(lines)
    before = "0" * 64
    for number, line in enumerate(lines):
        line.pop("hash")
        line.update(seq=number, prev=before)
        line["hash"] = before = sha256_hex(canonical_json(line))
    (run / "ledger.jsonl").write_bytes(b"".join(canonical_json(line) + b"\n" for line in lines))


def test_a_reveal_of_another_secret_or_seed_is_found(copied: Path) -> None:
    pipeline.close(copied)
    path = copied / "close/reveal.json"
    true = json.loads(path.read_bytes())
    for name, value, code in (
        ("secret", "0" * 64, "verify.reveal_secret"),
        ("seed", "0" * 64, "verify.reveal_differs"),
        ("seed_text", "x", "verify.reveal_differs"),
        ("voided", True, "verify.reveal_differs"),
        ("attempt", 2, "verify.reveal_differs"),
    ):
        path.write_bytes(canonical_json({**true, name: value}) + b"\n")
        digest = sha256_hex(path.read_bytes())
        rechained(copied, lambda lines, found=digest: lines[-1].update(files={"close/reveal.json": found}))
        assert code in codes(copied), name


@pytest.mark.parametrize("facts", [{"organ": "青石县市场监督管理局"}, {"approver": ""}, {"attempt": 2}])
def test_a_void_line_forged_afterwards_is_found(copied: Path, facts: dict[str, object]) -> None:
    pipeline.void(copied, **VOID)
    rechained(copied, lambda lines: lines[-1].update(facts={**lines[-1]["facts"], **facts}))  # type: ignore[dict-item]
    assert "verify.void_line" in codes(copied)


def test_a_stage_after_a_void_is_out_of_order(copied: Path) -> None:
    pipeline.void(copied, **VOID)

    def earlier(lines: list[dict[str, object]]) -> None:
        lines.insert(-2, lines.pop())

    rechained(copied, earlier)
    assert "verify.ledger_order" in codes(copied)


def test_clocks_that_run_backwards_are_refused_and_found(
    committed: Path, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Behind(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Behind":  # type: ignore[override]
            return cls(2020, 1, 1, tzinfo=tz)

    with monkeypatch.context() as patch:
        patch.setattr(ledger_room.dt, "datetime", Behind)
        with pytest.raises(InputError) as error:
            pipeline.void(committed, **VOID)
    assert code_of(error) == "pipeline.clock_backwards"
    rechained(copied, lambda lines: lines[3].update(at="2020-01-01T00:00:00+00:00"))
    with pytest.raises(SealError) as broken:
        pipeline.publish(copied)
    assert code_of(broken) == "pipeline.ledger_clock"
    assert "verify.ledger_clock" in codes(copied)


def test_the_next_campaign_of_the_slot_names_the_void_one_and_counts_on(
    committed: Path, tmp_path: Path
) -> None:
    pipeline.void(committed, **VOID)
    closed = pipeline.close(committed, secret=(committed.parent / "escrow.txt").read_text())
    run = tmp_path / "next"
    more = f'previous_head = "{closed.head}"\nattempt = {closed.attempt + 1}\n'
    pipeline.import_campaign(write(tmp_path / "input-2", "ceremony", more=more), run)
    pipeline.commit(run)
    told = json.loads((run / "plan/plan.json").read_bytes())["settings"]
    assert (told["attempt"], told["previous_head"]) == (2, closed.head)
