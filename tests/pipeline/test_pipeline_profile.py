"""A whole run under SM3: every hash in it, what a checker believes and finds, machines without SM3."""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small import CEREMONY
from small_files import write_small
from witnessed import ORGANS, Witness, openssl

import solvers
from instances import write_campaign
from scheduler import pipeline
from scheduler.domain.canonical import canonical_json
from scheduler.domain.errors import OneDoorError, SealError, UsageError
from scheduler.domain.hashes import PROFILES, Profile, digest_hex, file_digest
from scheduler.verify import check_draw, verify_order, verify_run

ROOT = Path(__file__).parents[2]


def under(campaign: Path, profile: Profile) -> Path:
    """The same campaign.toml with a profile."""
    text = campaign.read_text(encoding="utf-8")
    line = f'profile = "{profile}"\n'
    text = re.sub(r'(?m)^profile = ".*"\n', "", text).replace("[campaign]\n", f"[campaign]\n{line}")
    campaign.write_text(text, encoding="utf-8")
    return campaign


def certified(campaign: Path, run: Path) -> Path:
    result = pipeline.run_all(campaign, run, solvers.solve)
    assert result.certified is not None
    assert result.certified.certificate.violations == ()
    assert result.failure() is None
    return run


@pytest.fixture(scope="module")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read it, never change it."""
    folder = tmp_path_factory.mktemp("sm3")
    return certified(under(write_small(folder / "in"), "sm3"), folder / "run")


@pytest.fixture
def copied(small_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_run, tmp_path / "copy"))


@pytest.fixture(scope="module")
def street_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A street from its raw files to the certificate, the public pages and the workbooks."""
    folder = tmp_path_factory.mktemp("street-sm3")
    campaign = under(write_campaign("street", folder / "in"), "sm3")
    text = campaign.read_text(encoding="utf-8")
    campaign.write_text(f"{text}\n[budget]\nexact_units = 2\n", encoding="utf-8")
    return certified(campaign, folder / "run")


def ledger(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "ledger.jsonl").read_bytes().splitlines()]


def rewritten(run: Path, lines: list[dict[str, Any]], profile: Profile) -> None:
    """The ledger with these lines, chained anew with that hash."""
    before, rows = "0" * 64, b""
    for line in lines:
        body = {**{key: value for key, value in line.items() if key != "hash"}, "prev": before}
        before = digest_hex(canonical_json(body), profile)
        rows += canonical_json({**body, "hash": before}) + b"\n"
    (run / "ledger.jsonl").write_bytes(rows)


def violations(run: Path) -> set[tuple[str, str]]:
    return {(found.rule, found.code) for found in verify_run(run).violations}


# --- the whole way ------------------------------------------------------------------------------------------


def test_a_street_under_sm3_is_certified_from_its_raw_files(street_run: Path) -> None:
    certificate = verify_run(street_run)
    assert (certificate.verdict, certificate.profile) == ("certified", "sm3")
    assert certificate.n_served > 0
    assert check_draw(street_run) == ()
    assert certificate.plan_sha256 == file_digest(street_run / "plan/plan.json", "sm3")


@pytest.mark.parametrize(
    "name", ["draw/people.csv", "draw/seed.txt", "plan/plan.json", "ledger.jsonl", "intake/report.json"]
)
def test_one_flipped_byte_of_a_street_under_sm3_is_found_and_named(street_run: Path, name: str) -> None:
    path = street_run / name
    data = path.read_bytes()
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    try:
        path.write_bytes(bytes(changed))
        failure = pipeline.failure_of(verify_run(street_run))
    finally:
        path.write_bytes(data)
    assert failure is not None
    assert failure.exit_code == 7
    assert name in {problem.params.get("file") for problem in failure.problems}


def test_every_digest_of_the_run_is_one_of_sm3(small_run: Path) -> None:
    lines = ledger(small_run)
    assert lines[0]["facts"]["profile"] == "sm3"
    before = "0" * 64
    for line in lines:
        body = {key: value for key, value in line.items() if key != "hash"}
        assert (line["prev"], line["hash"]) == (before, digest_hex(canonical_json(body), "sm3"))
        assert line["files"] == {name: file_digest(small_run / name, "sm3") for name in line["files"]}
        before = line["hash"]
    facts = {line["stage"]: line["facts"] for line in lines}
    campaign = small_run.parent / "in/campaign.toml"
    assert facts["intake"]["campaign_sha256"] == file_digest(campaign, "sm3")
    plan = json.loads((small_run / "plan/plan.json").read_bytes())
    page = (ROOT / "docs/draw-spec.md").read_bytes()
    assert (plan["settings"]["profile"], plan["spec_sha256"]) == ("sm3", digest_hex(page, "sm3"))
    assert plan["digests"]["plan/frame.csv"] == file_digest(small_run / "plan/frame.csv", "sm3")
    for table in json.loads((small_run / "intake/report.json").read_bytes())["tables"]:
        assert table["sha256"] == file_digest(campaign.parent / table["file"], "sm3")
    text = (small_run / "draw/seed.txt").read_text(encoding="utf-8")
    assert text.splitlines()[1] == "profile=sm3"
    seed = digest_hex(text.encode(), "sm3")
    assert facts["draw"]["seed_commitment"] == digest_hex(f"onedoor-seed-commit|{seed}".encode(), "sm3")
    report = json.loads((small_run / "solve-001/solve.json").read_bytes())
    draw = next(line for line in lines if line["stage"] == "draw")
    assert report["draw_sha256"] == digest_hex(canonical_json(draw["files"]), "sm3")


def test_no_digest_of_the_run_is_sha256_of_anything_in_it(small_run: Path) -> None:
    files = [path for path in small_run.rglob("*") if path.is_file()]
    wrong = {file_digest(path, "sha256") for path in files}
    wrong |= {file_digest(path, "sha256") for path in (small_run.parent / "in").iterdir()}
    wrong |= {digest_hex(line, "sha256") for line in (small_run / "ledger.jsonl").read_bytes().splitlines()}
    wrong.add(file_digest(ROOT / "docs/draw-spec.md", "sha256"))
    wrong.discard(digest_hex(b"", "sha256"))
    for path in files:
        assert not wrong & set(re.findall("[0-9a-f]{64}", path.read_text(encoding="utf-8", errors="ignore")))


def test_the_pages_tell_the_hash_and_how_to_check_with_it(street_run: Path, tmp_path: Path) -> None:
    page = (street_run / "publish/draw.html").read_text(encoding="utf-8")
    assert "profile=sm3" in page
    assert page.count("| openssl dgst -sm3 -r") == 2
    shown, script, _ = page.partition("<script")  # the script knows both hashes
    assert script
    assert not [word for word in ("sha256sum", "SHA-256") if word in shown]
    (told,) = json.loads((street_run / "publish/draw.json").read_bytes())["commitment"]
    assert (told["profile"], told["plan_sha256"]) == (
        "sm3",
        file_digest(street_run / "plan/plan.json", "sm3"),
    )
    run = tmp_path / "run"
    pipeline.import_campaign(write_small(tmp_path / "in"), run)
    pipeline.commit(run)
    pipeline.publish(run, stage="commit")
    plain = (run / "publish-commit/commit.html").read_text(encoding="utf-8")
    assert "profile=sha256" in plain
    assert "SM3" not in plain.partition("<script")[0]


OTHERS = {
    "scheduler/verify/folder.py": "two spellings of a table are compared, nothing is sealed",
    "scheduler/verify/crowd.py": "the same, for the register of enterprises",
    "scheduler/publish/outputs.py": "the page's Content-Security-Policy names its style so",
    "scheduler/export/report.py": "the same, for the planner's report",
}
"""Who may ask for SHA-256 under SM3, and why."""


def test_nobody_asks_for_sha256_under_sm3_but_where_anothers_protocol_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = under(write_small(tmp_path / "in"), "sm3")
    asked: set[str] = set()
    real = hashlib.sha256

    def watched(*words: Any, **named: Any) -> Any:
        frame = sys._getframe(1)
        while frame.f_code.co_filename.endswith(("domain/canonical.py", "domain/hashes.py", "hashlib.py")):
            assert frame.f_back is not None
            frame = frame.f_back
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT / "scheduler"):
            asked.add(path.relative_to(ROOT).as_posix())
        return real(*words, **named)

    monkeypatch.setattr(hashlib, "sha256", watched)
    run = certified(campaign, tmp_path / "run")
    pipeline.publish(run, stage="commit")
    pipeline.prove(run, "E04", tmp_path / "proof.json")
    pipeline.check_proof(tmp_path / "proof.json")
    pipeline.close(run)
    pipeline.publish(run, stage="close")
    assert check_draw(run) == ()
    assert verify_run(run).verdict == "certified"
    assert asked <= set(OTHERS)
    assert "scheduler/publish/outputs.py" in asked  # the watch sees what it has to see


def test_the_profiles_draw_different_lists_of_the_same_campaign_and_both_hold(tmp_path: Path) -> None:
    drawn = {}
    for profile in PROFILES:
        campaign, run = under(write_small(tmp_path / profile), profile), tmp_path / f"run-{profile}"
        pipeline.import_campaign(campaign, run)
        pipeline.commit(run)
        pipeline.draw(run, CEREMONY)
        assert check_draw(run) == ()
        drawn[profile] = (run / "draw/enterprises.csv").read_bytes()
    assert drawn["sm3"] != drawn["sha256"]
    frames = [(tmp_path / f"run-{profile}/plan/frame.csv").read_bytes() for profile in PROFILES]
    assert frames[0] == frames[1]


def test_the_same_campaign_twice_under_sm3_gives_the_same_bytes_and_a_sealed_stage_stands(
    small_run: Path, tmp_path: Path
) -> None:
    campaign = small_run.parent / "in/campaign.toml"
    again = certified(campaign, tmp_path / "again")
    for path in small_run.rglob("*"):
        if path.is_file() and path.name != "ledger.jsonl":
            assert (again / path.relative_to(small_run)).read_bytes() == path.read_bytes()
    assert not pipeline.import_campaign(campaign, again).fresh
    assert not pipeline.draw(again, CEREMONY).fresh


def test_in_memory_and_in_a_folder_sm3_gives_one_plan_and_one_draw(small_run: Path) -> None:
    from scheduler.intake import read_campaign  # noqa: PLC0415 - only this test reads the raw files itself

    intake = read_campaign(small_run.parent / "in/campaign.toml")
    made = pipeline.solve_in_memory(intake.registers, intake.settings, CEREMONY, solvers.solve)
    plan = json.loads((small_run / "plan/plan.json").read_bytes())
    assert made.plan.digests == plan["digests"]
    assert made.plan.frame_root == plan["frame_root"]
    report = json.loads((small_run / "solve-001/solve.json").read_bytes())
    told = made.schedule.report
    assert (told.draw_sha256, told.problem_sha256) == (report["draw_sha256"], report["problem_sha256"])


# --- a machine without SM3 ----------------------------------------------------------------------------------


@pytest.fixture
def without_sm3(monkeypatch: pytest.MonkeyPatch) -> None:
    real = hashlib.new

    def refused(name: str, *words: Any, **named: Any) -> Any:
        if name == "sm3":
            raise ValueError("unsupported hash type sm3")
        return real(name, *words, **named)

    monkeypatch.setattr(hashlib, "new", refused)


@pytest.mark.usefixtures("without_sm3")
def test_a_machine_whose_openssl_has_no_sm3_still_verifies(small_run: Path, copied: Path) -> None:
    assert verify_run(small_run).verdict == "certified"
    path = copied / "merge/visits.csv"
    path.write_bytes(path.read_bytes().replace(b"V-", b"W-", 1))
    assert ("digest", "verify.changed_file") in violations(copied)


@pytest.mark.usefixtures("without_sm3")
def test_a_machine_whose_openssl_has_no_sm3_draws_the_same(small_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    pipeline.import_campaign(small_run.parent / "in/campaign.toml", run)
    pipeline.commit(run)
    pipeline.draw(run, CEREMONY)
    for name in ("plan/plan.json", "draw/enterprises.csv", "draw/people.csv", "draw/cutoffs.csv"):
        assert (run / name).read_bytes() == (small_run / name).read_bytes()


# --- what a checker believes --------------------------------------------------------------------------------


def test_a_ledger_that_names_the_other_profile_than_its_plan_is_found(copied: Path) -> None:
    lines = ledger(copied)
    lines[0]["facts"]["profile"] = "sha256"
    for line in lines:
        line["files"] = {name: file_digest(copied / name, "sha256") for name in line["files"]}
    rewritten(copied, lines, "sha256")
    assert ("draw", "verify.other_profile") in violations(copied)
    assert "verify.other_profile" in {found.code for found in check_draw(copied)}


def test_a_ledger_that_names_no_profile_means_sha256(copied: Path) -> None:
    lines = ledger(copied)
    del lines[0]["facts"]["profile"]
    rewritten(copied, lines, "sha256")
    found = violations(copied)
    assert ("draw", "verify.other_profile") in found
    assert ("digest", "verify.changed_file") in found


@pytest.mark.parametrize("name", ["md5", "SM3", "", 3, ["sm3"]])
def test_an_unknown_profile_is_refused_and_found(copied: Path, name: object) -> None:
    lines = ledger(copied)
    lines[0]["facts"]["profile"] = name
    rewritten(copied, lines, "sm3")
    assert ("ledger", "verify.ledger_profile") in violations(copied)
    with pytest.raises(SealError) as caught:
        pipeline.merge(copied)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place["row"]) == ("pipeline.ledger_broken", 1)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_seed_text_of_another_profile_is_found(profile: Profile, tmp_path: Path) -> None:
    """The right digests over a text that names the other hash."""
    other = "sha256" if profile == "sm3" else "sm3"
    run = certified(under(write_small(tmp_path / "in"), profile), tmp_path / "run")
    path = run / "draw/seed.txt"
    path.write_text(path.read_text().replace(f"profile={profile}", f"profile={other}"), newline="")
    seed = file_digest(path, profile)
    commitment = digest_hex(f"onedoor-seed-commit|{seed}".encode(), profile)
    lines = ledger(run)
    for line in lines:
        if "seed_commitment" in line["facts"]:
            line["facts"]["seed_commitment"] = commitment
    rewritten(run, lines, profile)
    assert ("draw", "verify.seed_text") in violations(run)


def test_an_import_killed_before_its_seal_takes_no_other_profile(tmp_path: Path) -> None:
    campaign, run = under(write_small(tmp_path / "in"), "sm3"), tmp_path / "run"
    pipeline.import_campaign(campaign, run)
    first = (run / "ledger.jsonl").read_bytes().split(b"\n")[0] + b"\n"
    (run / "ledger.jsonl").write_bytes(first)
    shutil.rmtree(run / "intake")
    with pytest.raises(UsageError) as caught:
        pipeline.import_campaign(under(campaign, "sha256"), run)
    assert caught.value.problems[0].code == "pipeline.other_campaign"
    assert pipeline.import_campaign(under(campaign, "sm3"), run).fresh


def test_campaign_toml_takes_no_other_name(tmp_path: Path) -> None:
    campaign = under(write_small(tmp_path / "in"), "md5")  # type: ignore[arg-type]
    with pytest.raises(OneDoorError) as caught:
        pipeline.import_campaign(campaign, tmp_path / "run")
    assert caught.value.exit_code == 3
    assert not (tmp_path / "run").exists()


# --- what stands beside the stages --------------------------------------------------------------------------


def test_secret_close_and_reveal_hold_under_sm3(tmp_path: Path) -> None:
    campaign = under(write_small(tmp_path / "in"), "sm3")
    with campaign.open("a", encoding="utf-8") as stream:
        stream.write('\n[entropy]\nsources = ["secret", "ceremony"]\n')
    run, escrow = tmp_path / "run", tmp_path / "escrow.txt"
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run, escrow=escrow)
    plan = json.loads((run / "plan/plan.json").read_bytes())
    secret = escrow.read_text().splitlines()[-1].removeprefix("secret=")
    assert plan["entropy"][0]["secret_commitment"] == digest_hex(
        f"onedoor-secret-commit|{secret}".encode(), "sm3"
    )
    pipeline.run_all(campaign, run, solvers.solve, secret=escrow.read_text())
    closed = pipeline.close(run)
    assert closed.secret == secret
    assert closed.seed == file_digest(run / "draw/seed.txt", "sm3")
    pipeline.publish(run, stage="close")
    assert violations(run) == set()
    reveal = run / "close/reveal.json"
    reveal.write_bytes(reveal.read_bytes().replace(secret.encode(), b"0" * 64))
    lines = ledger(run)
    for line in lines:
        line["files"] = {name: file_digest(run / name, "sm3") for name in line["files"]}
    rewritten(run, lines, "sm3")
    assert ("draw", "verify.reveal_secret") in violations(run)


def test_a_void_campaign_is_judged_under_sm3(tmp_path: Path) -> None:
    run = tmp_path / "run"
    pipeline.import_campaign(under(write_small(tmp_path / "in"), "sm3"), run)
    pipeline.commit(run)
    pipeline.draw(run, CEREMONY)
    pipeline.void(
        run, approver="纪检组长", organ="青石县纪委监委", document="青纪〔2026〕7号", reason="名录有误"
    )
    pipeline.close(run)
    pipeline.publish(run, stage="close")
    certificate = verify_run(run)
    assert (certificate.violations, certificate.voided, certificate.profile) == ((), True, "sm3")


def test_a_proof_under_sm3_is_checked_without_the_run_and_a_changed_row_is_found(
    small_run: Path, tmp_path: Path
) -> None:
    file = tmp_path / "proof.json"
    proof = pipeline.prove(small_run, "E04", file).proof
    digest = file_digest(small_run / "plan/plan.json", "sm3")
    assert proof.plan_sha256 == digest
    assert pipeline.check_proof(file, digest).enterprise_id == "E04"
    data = json.loads(file.read_bytes())
    file.write_bytes(canonical_json({**data, "row": data["row"].replace("零售", "餐饮")}))
    with pytest.raises(OneDoorError) as caught:
        pipeline.check_proof(file, digest)
    assert "verify.proof_not_included" in {problem.code for problem in caught.value.problems}
    plan = data["plan"].replace('"profile":"sm3"', '"profile":"sha256"')
    file.write_bytes(canonical_json({**data, "plan": plan}))
    with pytest.raises(OneDoorError) as caught:
        pipeline.check_proof(file, digest)
    assert "verify.proof_other_plan" in {problem.code for problem in caught.value.problems}


class Sm2Witness(Witness):
    """A witness whose key is SM2, signing with the openssl program."""

    def __init__(self, organ: str, folder: Path) -> None:
        self.organ = organ
        self.key = folder / f"{organ}.pem"
        self.secret_key = folder / f"{organ}.key"
        openssl("genpkey", "-algorithm", "SM2", "-out", self.secret_key)
        openssl("pkey", "-in", self.secret_key, "-pubout", "-out", self.key)

    def signed(self, statement: bytes) -> Path:
        path, words = self.key.with_suffix(".bin"), self.key.with_suffix(".txt")
        words.write_bytes(statement)
        user = ("-sigopt", "distid:1234567812345678")
        openssl("dgst", "-sm3", "-sign", self.secret_key, *user, "-out", path, words)
        return path


@pytest.mark.parametrize("earlier_profile", PROFILES)
def test_two_witnesses_with_sm2_prove_the_order_of_a_run_under_sm3(
    earlier_profile: Profile, tmp_path: Path
) -> None:
    earlier = tmp_path / "earlier"
    source = write_small(tmp_path / "earlier-in", campaign_id="small-2025-12")
    pipeline.import_campaign(under(source, earlier_profile), earlier)
    witnesses = [Sm2Witness(organ, tmp_path) for organ in ORGANS]
    for witness in witnesses:
        pipeline.register_witness(earlier, witness.key, witness.organ)
    head = ledger(earlier)[-1]["hash"]
    campaign = under(write_small(tmp_path / "in", rehearsal=False), "sm3")
    text = campaign.read_text(encoding="utf-8")
    campaign.write_text(
        text.replace("[campaign]\n", f'[campaign]\nprevious_head = "{head}"\n'), encoding="utf-8"
    )
    run = tmp_path / "run"
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run)
    said = pipeline.anchor_request(run).statement
    assert said.endswith(file_digest(run / "plan/plan.json", "sm3"))
    for witness in witnesses:
        signature = witness.signed(said.encode())
        pipeline.attach_signature(run, signature, organ=witness.organ, previous=earlier)
    assert verify_order(run, previous=earlier).order == "proven"
    pipeline.draw(run, CEREMONY)
    assert verify_order(run, previous=earlier).order == "proven"


def lines_of(run: Path) -> Iterator[bytes]:
    yield from (run / "ledger.jsonl").read_bytes().splitlines()


def test_a_run_that_names_no_profile_in_campaign_toml_says_sha256_everywhere(tmp_path: Path) -> None:
    run = tmp_path / "run"
    pipeline.import_campaign(write_small(tmp_path / "in"), run)
    pipeline.commit(run)
    assert b'"profile":"sha256"' in next(lines_of(run))
    assert json.loads((run / "plan/plan.json").read_bytes())["settings"]["profile"] == "sha256"
