"""A run folder is judged as it lies there: whatever is changed in it is found and named."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from verify.changes import vanished
from verify.evidence import refreshed
from verify.folders import Writer, seal_certificate, write_attempt, write_run
from verify.mutations import lawful

from scheduler.domain.canonical import file_sha256
from scheduler.domain.codec import read_json, to_json
from scheduler.domain.errors import InputError, OneDoorError, SealError
from scheduler.domain.schedule import Certificate
from scheduler.verify import Evidence, exit_code, verify_run

SEALED = "certificate/certificate.json"


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


def writer_of(run: Path) -> Writer:
    writer = Writer(run)
    lines = (run / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    writer.lines = [json.loads(line) for line in lines]
    return writer


def named(certificate: Certificate) -> set[str]:
    return {str(violation.params.get("file", "")) for violation in certificate.violations}


def codes(certificate: Certificate) -> set[str]:
    return {violation.code for violation in certificate.violations}


def all_files(run: Path) -> list[str]:
    return sorted(path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file())


def test_a_lawful_run_is_certified_and_says_that_it_is_a_rehearsal(run: Path) -> None:
    certificate = verify_run(run)
    assert certificate.violations == ()
    assert (certificate.verdict, certificate.rehearsal, certificate.order) == ("certified", True, "unproven")
    assert (certificate.n_requirements, certificate.n_served, certificate.n_unscheduled) == (11, 11, 0)
    assert exit_code(certificate) == 0
    assert certificate.digests["plan/plan.json"] == certificate.plan_sha256
    assert not any(path.startswith("certificate/") for path in certificate.digests)


def test_checking_changes_nothing_and_gives_the_sealed_bytes(run: Path) -> None:
    before = {name: file_sha256(run / name) for name in all_files(run)}
    assert to_json(verify_run(run)) == (run / SEALED).read_bytes()
    assert {name: file_sha256(run / name) for name in all_files(run)} == before


def test_later_stages_do_not_change_the_certificate(run: Path) -> None:
    writer = writer_of(run)
    for stage in ("publish", "export"):
        (run / stage).mkdir()
        (run / stage / "page.html").write_text("<p>", encoding="utf-8")
        writer.line("stage", stage, facts={})
    assert to_json(verify_run(run)) == (run / SEALED).read_bytes()
    (run / "publish/page.html").write_text("<b>", encoding="utf-8")
    certificate = verify_run(run)
    assert (named(certificate), exit_code(certificate)) == ({"publish/page.html"}, 7)


def flips(data: bytes) -> Iterator[bytes]:
    """One byte changed at the start, at the end, and once in each class of bytes the file has."""
    classes: dict[str, int] = {}
    for at, byte in enumerate(data):
        kind = "digit" if 48 <= byte <= 57 else "letter" if chr(byte).isalpha() else chr(byte)
        classes[kind] = at
    for at in sorted({0, len(data) // 2, len(data) - 1, *classes.values()}):
        for other in (data[at] ^ 1, 0xFF, 0x31):
            if other != data[at]:
                yield data[:at] + bytes([other]) + data[at + 1 :]


def truncations(data: bytes) -> Iterator[bytes]:
    yield from (b"", data[:-1], data[: len(data) // 2], data + b"\n", data + b"x", data + data)


def judged(run: Path) -> Certificate | OneDoorError:
    try:
        return verify_run(run)
    except OneDoorError as error:
        return error


def assert_found(run: Path, name: str) -> None:
    """Either a failed certificate or a coded error, and both name the file."""
    outcome = judged(run)
    if isinstance(outcome, OneDoorError):
        assert isinstance(outcome, SealError)
        assert [problem.place.get("file") for problem in outcome.problems] == [name]
        return
    assert (outcome.verdict, exit_code(outcome)) == ("failed", 7)
    assert name in named(outcome)


FILES = {
    "intake": "calendar.csv departments.csv enterprises.csv experts.csv history.csv inspectors.csv",
    "intake/": "items.csv leave.csv orders.csv quiet.csv recusals.csv rejected.csv report.json settings.json",
    "intake//": "divisions.csv tasks.csv travel.csv",
    "plan": "excluded.csv frame-key.txt frame.csv plan.json",
    "draw": "cutoffs.csv enterprises.csv orders.csv people.csv seed.txt",
    "merge": "report.json requirements.csv visits.csv",
    "solve-001": "schedule.csv solve.json unscheduled.csv",
    "certificate": "certificate.json",
}
NAMES = [f"{stage.rstrip('/')}/{name}" for stage, names in FILES.items() for name in names.split()]
each_sealed_file = pytest.mark.parametrize("sealed_name", [*NAMES, "ledger.jsonl"])


def test_the_list_of_files_to_damage_is_complete(original: Path) -> None:
    assert all_files(original) == sorted([*NAMES, "ledger.jsonl"])


@each_sealed_file
def test_any_changed_byte_or_length_is_found_and_named(run: Path, sealed_name: str) -> None:
    path = run / sealed_name
    data = path.read_bytes()
    for changed in (*flips(data), *truncations(data)):
        path.write_bytes(changed)
        assert_found(run, sealed_name)
    path.write_bytes(data)
    assert verify_run(run).verdict == "certified"


@each_sealed_file
def test_a_deleted_file_is_found_and_named(run: Path, sealed_name: str) -> None:
    (run / sealed_name).unlink()
    assert_found(run, sealed_name)


@each_sealed_file
def test_a_file_replaced_by_a_folder_or_link_is_found_and_named(run: Path, sealed_name: str) -> None:
    path = run / sealed_name
    path.rename(run.parent / "outside")
    path.symlink_to(run.parent / "outside")
    assert_found(run, sealed_name)
    path.unlink()
    path.mkdir()
    assert_found(run, sealed_name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("extra.txt", "verify.unlisted_file"),
        ("plan/extra.csv", "verify.unlisted_file"),
        ("solve-002/schedule.csv", "verify.unlisted_file"),
        (".tmp-publish/page.html", "verify.leftover"),
        (".hidden", "verify.unlisted_file"),
    ],
)
def test_a_file_that_the_ledger_does_not_list_is_named(run: Path, name: str, code: str) -> None:
    (run / name).parent.mkdir(exist_ok=True)
    (run / name).write_text("x", encoding="utf-8")
    certificate = verify_run(run)
    assert name in named(certificate)
    assert (code in codes(certificate), exit_code(certificate)) == (True, 7)


@pytest.mark.parametrize("name", ["empty", ".tmp-merge"])
def test_an_empty_folder_is_named_too(run: Path, name: str) -> None:
    (run / name).mkdir()
    assert named(verify_run(run)) == {name}


def test_a_pipe_is_named_and_not_read(run: Path) -> None:
    os.mkfifo(run / "pipe")
    assert (named(verify_run(run)), codes(verify_run(run))) == ({"pipe"}, {"verify.strange_file"})


def test_a_folder_that_is_a_link_is_named(run: Path) -> None:
    (run / "merge").rename(run.parent / "merge")
    (run / "merge").symlink_to(run.parent / "merge")
    certificate = verify_run(run)
    assert {"merge", "merge/visits.csv"} <= named(certificate)


Forgery = Callable[[Writer], None]


def swap_lines(writer: Writer) -> None:
    writer.lines[2], writer.lines[3] = writer.lines[3], writer.lines[2]


def second_entropy(writer: Writer) -> None:
    writer.lines.insert(4, dict(writer.lines[3]))


def no_entropy(writer: Writer) -> None:
    del writer.lines[3]


def no_opening(writer: Writer) -> None:
    del writer.lines[0]


def other_clock(writer: Writer) -> None:
    writer.lines[1]["at"] = "2026-02-20T09:00:00"


def foreign_path(writer: Writer) -> None:
    writer.lines[1]["files"]["../outside"] = "0" * 64


def path_of_another_stage(writer: Writer) -> None:
    writer.lines[1]["files"]["plan/plan.json"] = writer.lines[2]["files"].pop("plan/plan.json")


def unknown_kind(writer: Writer) -> None:
    writer.lines[3]["kind"] = "event"


def skipped_attempt(writer: Writer) -> None:
    line = next(line for line in writer.lines if line["stage"] == "solve-001")
    (writer.run / "solve-001").rename(writer.run / "solve-002")
    line["files"] = {name.replace("001", "002"): digest for name, digest in line["files"].items()}
    line["stage"] = "solve-002"


@pytest.mark.parametrize(
    "forge",
    [
        swap_lines,
        second_entropy,
        no_entropy,
        no_opening,
        other_clock,
        foreign_path,
        path_of_another_stage,
        unknown_kind,
        skipped_attempt,
    ],
)
def test_a_ledger_that_tells_another_story_is_refused_even_if_its_chain_is_whole(
    run: Path, forge: Forgery
) -> None:
    writer = writer_of(run)
    forge(writer)
    writer.rechain()
    certificate = verify_run(run)
    assert exit_code(certificate) == 7
    assert codes(certificate) & {"verify.ledger_order", "verify.ledger_line"}


def test_another_seed_under_a_whole_chain_is_found(run: Path) -> None:
    path = run / "draw/seed.txt"
    path.write_bytes(path.read_bytes().replace(b"slot=2026-01", b"slot=2026-02"))
    assert "verify.seed_changed" in codes(verify_run(run))


def test_a_plan_that_commits_to_other_files_is_found(run: Path) -> None:
    writer = writer_of(run)
    table = run / "intake/history.csv"
    table.write_bytes(table.read_bytes().replace(b"2025-09-01", b"2025-09-02"))
    writer.lines[1]["files"]["intake/history.csv"] = file_sha256(table)
    writer.rechain()
    certificate = verify_run(run)
    plan = [v for v in certificate.violations if v.rule == "plan"]
    assert [(v.code, v.params) for v in plan] == [("verify.plan_digest", {"file": "intake/history.csv"})]
    assert exit_code(certificate) == 6


def test_settings_that_differ_from_the_imported_ones_are_found(given: Evidence, tmp_path: Path) -> None:
    writer = write_run(tmp_path / "run", given, certified=False)
    path = tmp_path / "run/intake/settings.json"
    path.write_bytes(path.read_bytes().replace(b'"detour_permille":1300', b'"detour_permille":1301'))
    writer.lines[1]["files"]["intake/settings.json"] = file_sha256(path)
    writer.rechain()
    assert {"verify.plan_settings", "verify.plan_digest"} == codes(verify_run(tmp_path / "run"))


@pytest.mark.parametrize("shuffled", ["intake/tasks.csv", "merge/visits.csv", "solve-001/schedule.csv"])
def test_a_table_in_another_order_is_found(run: Path, shuffled: str) -> None:
    head, *rows = (run / shuffled).read_text(encoding="utf-8").splitlines(keepends=True)
    (run / shuffled).write_text("".join([head, *reversed(rows)]), encoding="utf-8")
    found = [v.code for v in verify_run(run).violations if v.params.get("file") == shuffled]
    assert {"verify.changed_file", "verify.unsorted"} <= set(found)


def test_a_repeated_row_is_found(run: Path) -> None:
    path = run / "solve-001/schedule.csv"
    head, first, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([head, first, first, *rows]), encoding="utf-8")
    assert "verify.repeated" in codes(verify_run(run))


def test_a_broken_rule_alone_gives_six(given: Evidence, tmp_path: Path) -> None:
    write_run(tmp_path / "run", vanished(given), certified=False)
    certificate = verify_run(tmp_path / "run")
    assert (certificate.verdict, exit_code(certificate)) == ("failed", 6)
    assert codes(certificate) == {"verify.vanished"}


def test_a_certificate_of_another_verdict_is_found(run: Path) -> None:
    writer = writer_of(run)
    sealed = read_json(Certificate, run / SEALED)
    (run / SEALED).write_bytes(to_json(replace(sealed, n_served=12)))
    line = next(line for line in writer.lines if line["stage"] == "certificate")
    line["files"][SEALED] = file_sha256(run / SEALED)
    writer.rechain()
    certificate = verify_run(run)
    assert [(v.code, v.params) for v in certificate.violations] == [
        ("verify.certificate_differs", {"file": SEALED})
    ]
    assert exit_code(certificate) == 7


def test_without_a_certificate_the_latest_attempt_is_judged_and_one_may_be_named(
    given: Evidence, tmp_path: Path
) -> None:
    writer = write_run(tmp_path / "run", given, certified=False)
    write_attempt(writer, vanished(given), 2)
    assert (verify_run(tmp_path / "run").attempt, verify_run(tmp_path / "run").verdict) == (2, "failed")
    assert verify_run(tmp_path / "run", attempt=1).verdict == "certified"


def test_with_a_certificate_its_attempt_is_judged(given: Evidence, tmp_path: Path) -> None:
    writer = write_run(tmp_path / "run", given, certified=False)
    report = replace(given.solve_report, discretionary=True)
    write_attempt(writer, refreshed(replace(given, solve_report=report)), 2)
    seal_certificate(writer, attempt=1)
    certificate = verify_run(tmp_path / "run")
    assert (certificate.attempt, certificate.discretionary, certificate.violations) == (1, False, ())
    assert verify_run(tmp_path / "run", attempt=2).discretionary is True


@pytest.mark.parametrize("attempt", [0, 2, -1])
def test_an_attempt_that_was_never_made_is_an_error_with_a_code(run: Path, attempt: int) -> None:
    with pytest.raises(InputError) as error:
        verify_run(run, attempt=attempt)
    assert [problem.code for problem in error.value.problems] == ["verify.no_attempt"]


def test_no_ledger_at_all_is_an_error_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(SealError) as error:
        verify_run(tmp_path)
    assert [problem.code for problem in error.value.problems] == ["verify.no_ledger"]
