"""Same campaign, same bytes; one changed byte anywhere is found and named; a kill loses nothing."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import solvers
from instances import write_campaign
from scheduler import pipeline
from scheduler.verify import verify_run

ROOT = Path(__file__).parents[2]


def content(run: Path) -> dict[str, bytes]:
    files = (path for path in run.rglob("*") if path.is_file())
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in files}


def stage_files(run: Path) -> dict[str, bytes]:
    return {name: data for name, data in content(run).items() if name != "ledger.jsonl"}


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_campaign("street", tmp_path_factory.mktemp("street") / "in")
    path.write_text(path.read_text(encoding="utf-8") + "\n[budget]\nexact_units = 2\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def street_run(street: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("street") / "run"
    result = pipeline.run_all(street, run, solvers.solve)
    assert result.failure() is None
    return run


def test_the_same_campaign_twice_gives_the_same_bytes_in_every_stage_file(
    street: Path, street_run: Path, tmp_path: Path
) -> None:
    pipeline.run_all(street, tmp_path / "again", solvers.solve)
    assert stage_files(tmp_path / "again") == stage_files(street_run)


def test_any_one_changed_byte_in_any_file_is_found_with_6_or_7_and_named(
    finished_run: Path, copied_run: Callable[[], Path]
) -> None:
    run = copied_run()
    assert pipeline.failure_of(verify_run(run)) is None
    files = content(run)
    assert {"ledger.jsonl", "draw/seed.txt", "certificate/certificate.json"} <= set(files)
    for name, data in files.items():
        somewhere = int(hashlib.sha256(name.encode()).hexdigest(), 16) % len(data)
        for position in {0, somewhere, len(data) - 1}:
            changed = bytearray(data)
            changed[position] ^= 1
            (run / name).write_bytes(bytes(changed))
            failure = pipeline.failure_of(verify_run(run))
            assert failure is not None, (name, position)
            assert failure.exit_code in (6, 7)
            named = {problem.params.get("file") for problem in failure.problems}
            assert name in named, (name, position, failure.problems)
        (run / name).write_bytes(data)
    assert content(run) == content(finished_run)


def test_a_file_too_many_or_too_few_is_found_and_named(copied_run: Callable[[], Path]) -> None:
    run = copied_run()
    (run / "draw" / "extra.csv").write_bytes(b"")
    (run / "publish").rename(run.parent / "gone")
    failure = pipeline.failure_of(verify_run(run))
    assert failure is not None
    named = {str(problem.params.get("file")) for problem in failure.problems}
    assert "draw/extra.csv" in named
    assert any(name.startswith("publish/") for name in named)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
@pytest.mark.parametrize(
    "seen", ["intake", "plan", "draw", "merge", "solve-001", ".tmp-certificate", "publish"]
)
def test_a_run_that_is_really_killed_is_carried_on_to_the_same_bytes(
    seen: str, street: Path, street_run: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    command = [sys.executable, "-c", "import cli; cli.main()", "run", str(street), "--run", str(run)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not (run / seen).exists():
            time.sleep(0.0005)
        process.send_signal(signal.SIGKILL)
    result = pipeline.run_all(street, run, solvers.solve)
    assert result.failure() is None
    assert stage_files(run) == stage_files(street_run)
    assert pipeline.failure_of(verify_run(run)) is None


@pytest.mark.skipif(
    sys.platform == "win32" or (os.getuid() == 0 and not shutil.which("setpriv")),
    reason="nothing is read-only to this user",
)
def test_a_finished_run_is_verified_and_called_again_in_a_read_only_folder(
    campaign: Path, copied_run: Callable[[], Path]
) -> None:
    run = copied_run()
    for path in [run, *run.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    code = (
        "import sys, cli\ncampaign, run = sys.argv[1:]\n"
        "calls = (['verify', run], ['merge', run], ['run', campaign, '--run', run])\n"
        "sys.exit(max(cli.call(words) for words in calls))"
    )
    # Root may write anything; without that one right it is an ordinary owner.
    ordinary = ["setpriv", "--bounding-set=-dac_override", "--"] if os.getuid() == 0 else []
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*ordinary, sys.executable, "-c", code, campaign, run],
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    for path in [run, *run.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert done.returncode == 0, done.stderr
