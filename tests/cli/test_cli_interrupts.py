"""Ctrl-C, SIGTERM, clocks and former rosters at the command line: what is sealed says what it is."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from ortools.sat.python import cp_model
from small_files import write_small

import cli
import instances
from scheduler import pipeline
from scheduler.domain.schedule import Certificate
from scheduler.verify import verify_run
from solvers import watch as watch_room

Capture = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[2]


def street(folder: Path) -> Path:
    """Some seconds of solving, most of them after the first roster."""
    instances.write_campaign("street", folder)
    campaign = folder / "campaign.toml"
    text = campaign.read_text(encoding="utf-8")
    assert "[budget]" not in text
    campaign.write_text(f"{text}\n[budget]\nexact_units = 8\n", encoding="utf-8")
    return campaign


@pytest.fixture(scope="module")
def merged_street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A street as far as its visits."""
    folder = tmp_path_factory.mktemp("street")
    campaign, run = street(folder / "input"), folder / "run"
    ceremony = (folder / "input/ceremony.txt").read_text(encoding="utf-8")
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run)
    pipeline.draw(run, ceremony)
    pipeline.merge(run)
    return run


@pytest.fixture
def run(merged_street: Path, tmp_path: Path) -> Path:
    shutil.copytree(merged_street, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture(scope="module")
def merged_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    campaign, run = write_small(folder / "input"), folder / "run"
    pipeline.import_campaign(campaign, run)
    pipeline.commit(run)
    pipeline.draw(run, (folder / "input/ceremony.txt").read_text(encoding="utf-8"))
    pipeline.merge(run)
    return run


@pytest.fixture
def small(merged_small: Path, tmp_path: Path) -> Path:
    shutil.copytree(merged_small, tmp_path / "small")
    return tmp_path / "small"


class Ended:
    """A call of the program that was signalled once its stderr held ``at`` for the ``times``-th time."""

    def __init__(self, argv: list[str], at: str, signals: tuple[signal.Signals, ...], times: int = 1) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", "import cli; cli.main()", *argv, "--lang", "en", "--json"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"},
            preexec_fn=_hearing,  # noqa: PLW1509 - whoever runs the tests may ignore SIGINT
        ) as process:
            assert process.stderr is not None
            watchdog = threading.Timer(120, process.kill)
            watchdog.start()
            self.heard: list[str] = []
            for line in process.stderr:
                self.heard.append(line)
                if at in line:
                    times -= 1
                    if not times:
                        for number in signals:
                            process.send_signal(number)
            assert process.stdout is not None
            self.out = process.stdout.read()
            watchdog.cancel()
        self.exit_code = process.returncode

    @property
    def told(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    def codes(self) -> list[str]:
        return [problem["code"] for problem in self.told["error"]["problems"]]


def _hearing() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def ledger(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]


def stages(run: Path) -> set[str]:
    return {path.name for path in run.iterdir()} - {"ledger.jsonl"}


def certified(run: Path, number: int) -> Certificate:
    certificate = verify_run(run, attempt=number)
    assert not certificate.violations
    return certificate


BEFORE = {"intake", "plan", "draw", "merge"}
SO_FAR = "so far:"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["int", "term"])
def test_an_interrupt_seals_the_best_roster_so_far_and_the_next_call_solves_as_committed(
    run: Path, number: signal.Signals
) -> None:
    ended = Ended(["solve", str(run), "--processes", "1"], SO_FAR, (number,))
    assert ended.exit_code == 5, ended.heard
    assert ended.codes() == ["attempt.interrupted"]
    assert (ended.told["attempt"], ended.told["discretionary"], ended.told["stopped"]) == (
        1,
        True,
        "interrupt",
    )
    assert stages(run) == {*BEFORE, "solve-001"}
    assert ledger(run)[-1]["facts"]["stopped"] == "interrupt"
    first = certified(run, 1)
    assert (first.discretionary, first.reproducible) == (True, False)
    if number == signal.SIGINT:
        assert cli.call(["solve", str(run), "--processes", "1"]) == 0
        second = certified(run, 2)
        assert (second.discretionary, second.reproducible) == (False, True)
        assert cli.call(["verify", str(run), "--seal", "--attempt", "2"]) == 0


def test_a_solver_that_fails_leaves_the_best_roster_so_far_as_a_discretionary_attempt(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(cp_model.CpSolver, "solve", lambda _solver, _model: cp_model.MODEL_INVALID)
        assert cli.call(["solve", str(run), "--processes", "1", "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in told["error"]["problems"]] == ["attempt.failed"]
    assert ledger(run)[-1]["facts"]["stopped"] == "failure"
    first = certified(run, 1)
    assert (first.discretionary, first.reproducible) == (True, False)


@pytest.mark.slow
def test_an_interrupt_before_any_roster_seals_nothing(run: Path) -> None:
    ended = Ended(["solve", str(run), "--processes", "1"], "of memory", (signal.SIGINT,))
    if ended.exit_code == 5 and "attempt" in ended.told:
        pytest.skip("the first roster was there before the signal")
    assert ended.exit_code in {5, 130}
    assert stages(run) == BEFORE
    assert len(ledger(run)) == 6


@pytest.mark.slow
@pytest.mark.parametrize(("at", "times"), [("of memory", 1), (SO_FAR, 1), (SO_FAR, 3)])
def test_two_interrupts_give_up_and_leave_nothing_half_written(run: Path, at: str, times: int) -> None:
    ended = Ended(["solve", str(run), "--processes", "1"], at, (signal.SIGINT, signal.SIGINT), times)
    assert ended.exit_code in {5, 130}
    assert not [path for path in run.iterdir() if path.name.startswith(".")]
    assert {*stages(run)} in ({*BEFORE}, {*BEFORE, "solve-001"})
    assert cli.call(["solve", str(run), "--rounds", "2", "--time-limit", "0.000001"]) == 5


@pytest.mark.slow
def test_an_interrupt_outside_a_solve_ends_the_call_and_nothing_is_half_written(tmp_path: Path) -> None:
    campaign = write_small(tmp_path / "input")
    ended = Ended(["run", str(campaign), "--run", str(tmp_path / "run")], "", (signal.SIGINT,))
    assert ended.exit_code in {130, 5, -signal.SIGINT}
    if (tmp_path / "run").exists():
        assert not [path for path in (tmp_path / "run").iterdir() if path.name.startswith(".")]
    assert cli.call(["run", str(campaign), "--run", str(tmp_path / "run")]) == 0


@pytest.mark.slow
def test_an_interrupted_run_ends_with_its_roster_and_goes_on_as_committed(tmp_path: Path) -> None:
    argv = ["run", str(street(tmp_path / "input")), "--run", str(tmp_path / "run"), "--processes", "1"]
    ended = Ended(argv, SO_FAR, (signal.SIGTERM,))
    assert ended.exit_code == 5, ended.heard
    assert ended.codes() == ["attempt.interrupted"]
    assert stages(tmp_path / "run") == {*BEFORE, "solve-001"}
    assert cli.call(argv) == 0
    assert ledger(tmp_path / "run")[-1]["stage"] == "export"
    assert certified(tmp_path / "run", 2).attempt == 2


# --- clocks, former rosters, versions, memory --------------------------------------------------------------


def test_a_clock_that_ends_a_solve_before_any_roster_seals_nothing(small: Path, capsys: Capture) -> None:
    assert cli.call(["solve", str(small), "--time-limit", "0.000001", "--json"]) == 5
    told = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in told["error"]["problems"]] == ["solve.nothing_by_clock"]
    assert stages(small) == BEFORE


def test_a_clock_that_ends_a_solve_is_told_in_ledger_report_and_certificate(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("solvers.watch.Watch.check", _clock_after_the_first_roster)
    assert cli.call(["solve", str(small), "--time-limit", "60", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["stopped"], told["discretionary"]) == ("clock", True)
    assert cli.call(["solve", str(small), "--time-limit", "60", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fresh"] is False
    assert cli.call(["verify", str(small), "--seal"]) == 0
    assert "Not reproducible" in capsys.readouterr().out
    certificate = json.loads((small / "certificate/certificate.json").read_bytes())
    assert (certificate["reproducible"], certificate["discretionary"]) == (False, True)
    report = json.loads((small / "solve-001/solve.json").read_bytes())
    assert (report["reproducible"], report["notes"][0]) == (False, "solve.by_clock")
    assert ledger(small)[6]["facts"]["stopped"] == "clock"
    assert cli.call(["solve", str(small), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fresh"] is False


def _clock_after_the_first_roster(watch: Any) -> None:
    if watch.best is not None:
        raise watch_room.Stopped("clock")


def test_a_start_from_a_sealed_attempt_is_a_further_discretionary_one(small: Path, capsys: Capture) -> None:
    assert cli.call(["solve", str(small), "--warm-start", "1"]) == 3
    assert cli.call(["solve", str(small)]) == 0
    capsys.readouterr()
    assert cli.call(["solve", str(small), "--warm-start", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["attempt"], told["discretionary"], told["fresh"]) == (2, True, True)
    assert cli.call(["solve", str(small), "--warm-start", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["fresh"] is False
    assert ledger(small)[-1]["facts"]["warm_start"] == 1
    assert json.loads((small / "solve-002/solve.json").read_bytes())["notes"][0] == "solve.warm_start"
    certificate = certified(small, 2)
    assert (certificate.discretionary, certificate.reproducible) == (True, True)
    served = [json.loads((small / f"solve-00{n}/solve.json").read_bytes())["goals"][0] for n in (1, 2)]
    assert served[0] == served[1]


def test_a_memory_limit_refuses_by_name(small: Path, capsys: Capture) -> None:
    assert cli.call(["solve", str(small), "--memory-limit", "1", "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in told["error"]["problems"]] == ["solve.too_large"]


def test_an_address_of_no_executor_is_refused_before_anything(small: Path, capsys: Capture) -> None:
    assert cli.call(["solve", str(small), "--executor", "dask://10.0.0.9:8786", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in told["error"]["problems"]] == ["executor.not_loopback"]


@pytest.mark.parametrize("told_so", [False, True], ids=["refused", "told"])
def test_a_plan_with_another_solver_version(tmp_path: Path, capsys: Capture, *, told_so: bool) -> None:
    campaign = write_small(tmp_path / "input")
    text = campaign.read_text(encoding="utf-8").replace("[budget]", '[budget]\nsolver_version = "9.0.1"')
    campaign.write_text(text, encoding="utf-8")
    argv = ["run", str(campaign), "--run", str(tmp_path / "run")]
    if not told_so:
        assert cli.call([*argv, "--json"]) == 2
        told = json.loads(capsys.readouterr().out)
        assert [problem["code"] for problem in told["error"]["problems"]] == ["solve.version"]
        return
    assert cli.call([*argv, "--other-solver"]) == 0
    assert "not the version that was committed" in capsys.readouterr().out
    certificate = json.loads((tmp_path / "run/certificate/certificate.json").read_bytes())
    assert certificate["other_solver"].startswith("ortools 9.")
    assert certificate["discretionary"] is True
