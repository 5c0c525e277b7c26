"""Many campaigns: each on its own, one summary, and the next call does what is not done yet."""

import csv
import json
import os
import signal
from codecs import BOM_UTF8
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from small import CEREMONY
from small_files import write_small

import solvers
from scheduler import pipeline
from scheduler.domain.errors import InputError, UsageError
from scheduler.domain.ports import Progress
from scheduler.domain.problem import AssignmentProblem, Outcome
from scheduler.domain.settings import Budget
from scheduler.pipeline.told import lines
from solvers.executors import Processes


def buggy(problem: AssignmentProblem, budget: Budget, *, progress: Progress | None = None) -> Outcome:
    raise ZeroDivisionError((problem, budget, progress) and "a bug")


def three(folder: Path) -> tuple[Path, ...]:
    """A rehearsal, a campaign that cannot be read, a real one that waits."""
    write_small(folder / "a-rehearsal", campaign_id="a")
    broken = write_small(folder / "b-broken", campaign_id="b")
    next(broken.parent.glob("部门*.csv")).unlink()
    write_small(folder / "c-real", campaign_id="c", rehearsal=False)
    return pipeline.campaign_files([folder])


def test_one_failing_campaign_does_not_stop_the_rest_and_the_next_call_carries_on(tmp_path: Path) -> None:
    files, out = three(tmp_path / "in"), tmp_path / "out"
    first = pipeline.run_batch(files, out, solvers.solve)
    assert [(row.name, row.state, row.exit_code) for row in first.rows] == [
        ("a-rehearsal", "certified", 0),
        ("b-broken", "failed", 3),
        ("c-real", "waiting", 0),
    ]
    assert first.exit_code == 3
    assert list(first.problems) == ["b-broken"]
    assert not (out / "b-broken").exists()

    ledger = (out / "a-rehearsal" / "ledger.jsonl").read_bytes()
    write_small(tmp_path / "in" / "b-broken", campaign_id="b")
    pipeline.draw(out / "c-real", CEREMONY)
    second = pipeline.run_batch(files, out, solvers.solve)
    assert [row.state for row in second.rows] == ["certified"] * 3
    assert second.exit_code == 0
    assert (out / "a-rehearsal" / "ledger.jsonl").read_bytes() == ledger

    with (out / "summary.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["name"] for row in rows] == ["a-rehearsal", "b-broken", "c-real"]
    assert (out / "summary.csv").read_bytes().startswith(BOM_UTF8), "Excel takes it for another encoding"
    told = json.loads((out / "summary.json").read_bytes())
    assert [row["n_served"] for row in told] == [row.n_served for row in second.rows]


def test_each_campaign_with_problems_gets_its_workbook_beside_its_run(tmp_path: Path) -> None:
    files, out = three(tmp_path / "in"), tmp_path / "out"
    result = pipeline.run_batch(files[1:2], out, solvers.solve, language="en")
    assert list(result.problems) == ["b-broken"]
    book = openpyxl.load_workbook(out / "b-broken-问题清单.xlsx")
    assert "intake.file_missing" in {cell.value for row in book.worksheets[0].iter_rows() for cell in row}


def test_a_bug_in_one_campaign_is_told_with_code_1(tmp_path: Path) -> None:
    files = [write_small(tmp_path / "in" / "a")]
    result = pipeline.run_batch(files, tmp_path / "out", buggy)
    assert (result.rows[0].state, result.exit_code) == ("failed", 1)
    assert result.rows[0].codes == ("pipeline.bug",)
    assert "ZeroDivisionError" in str(result.problems["a"][0].params["detail"])


def full(problem: AssignmentProblem, budget: Budget, *, progress: Progress | None = None) -> Outcome:
    raise OSError(28, (problem, budget, progress) and "No space left on device", "solve-001")


def test_a_full_disk_is_no_fault_of_the_program(tmp_path: Path) -> None:
    files = [write_small(tmp_path / "in" / "a")]
    result = pipeline.run_batch(files, tmp_path / "out", full)
    assert (result.rows[0].codes, result.exit_code) == (("pipeline.os_error",), 3)
    assert result.problems["a"][0].place == {"file": "solve-001"}
    assert pipeline.run_batch(files, tmp_path / "out", solvers.solve).exit_code == 0


def clocked(problem: AssignmentProblem, budget: Budget, *, progress: Progress | None = None) -> Outcome:
    """A solver that its clock ended."""
    outcome = solvers.solve(problem, budget, progress=progress)
    return replace(outcome, reproducible=False, notes=("solve.by_clock",))


def test_a_roster_that_a_clock_ended_is_called_not_reproducible(tmp_path: Path) -> None:
    files = [write_small(tmp_path / "in" / "a"), write_small(tmp_path / "in" / "b", rehearsal=False)]
    result = pipeline.run_batch(files, tmp_path / "out", clocked)
    assert [(row.state, row.stopped) for row in result.rows] == [("certified", "clock"), ("waiting", "")]
    assert json.loads((tmp_path / "out/summary.json").read_bytes())[0]["stopped"] == "clock"
    told = [line for line in lines(result, "en") if "Not reproducible" in line]
    assert [line.partition(":")[0] for line in told] == ["a"]


def test_campaigns_are_found_by_file_and_by_folder_once_each(tmp_path: Path) -> None:
    write_small(tmp_path / "x")
    write_small(tmp_path / "y")
    named = tmp_path / "x" / "campaign.toml"
    other = tmp_path / "z.toml"
    other.write_bytes(named.read_bytes())
    again = tmp_path / "y" / ".." / "y" / "campaign.toml"
    found = pipeline.campaign_files([named, tmp_path, other, again])
    assert found == (named, tmp_path / "y" / "campaign.toml", other)


def test_places_without_a_campaign_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as error:
        pipeline.campaign_files([tmp_path / "empty", tmp_path / "nowhere"])
    assert [problem.code for problem in error.value.problems] == ["pipeline.no_campaign"] * 2


def test_a_place_that_cannot_hold_the_runs_is_told_before_anything_is_solved(tmp_path: Path) -> None:
    files = [write_small(tmp_path / "in" / "a")]
    with pytest.raises(FileExistsError):
        pipeline.run_batch(files, files[0], buggy)


def test_two_campaigns_of_one_name_are_refused_before_anything_runs(tmp_path: Path) -> None:
    files = [write_small(tmp_path / "p" / "same"), write_small(tmp_path / "q" / "same")]
    with pytest.raises(UsageError) as error:
        pipeline.run_batch(files, tmp_path / "out", buggy)
    assert error.value.problems[0].code == "pipeline.same_name"
    assert not (tmp_path / "out").exists()


# --- side by side ------------------------------------------------------------------------------------------


def killed_once(
    problem: AssignmentProblem, budget: Budget, /, *, progress: Progress | None = None
) -> Outcome:
    """A solver whose process is killed in the middle of its first solve."""
    mark = Path(os.environ["ONEDOOR_TEST_MARK"])
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return solvers.solve(problem, budget, progress=progress)


def deadly(problem: AssignmentProblem, budget: Budget, /, *, progress: Progress | None = None) -> Outcome:
    del problem, budget, progress
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_campaigns_side_by_side_end_as_those_one_by_one(tmp_path: Path) -> None:
    files = three(tmp_path / "in")
    alone = pipeline.run_batch(files, tmp_path / "alone", solvers.solve)
    heard: list[str] = []

    def listen(code: str, /, **params: str | int) -> None:
        heard.append(f"{code} {params.get('name')} {params.get('done')}")

    with Processes(2) as pool:
        beside = pipeline.run_batch(
            files, tmp_path / "out", solvers.solve, executor=pool, language="en", progress=listen
        )
    assert beside.out == str(tmp_path / "out")
    assert [replace(row, run="") for row in beside.rows] == [replace(row, run="") for row in alone.rows]
    assert [row.run for row in beside.rows] == [str(tmp_path / "out" / row.name) for row in alone.rows]
    assert list(beside.problems) == ["b-broken"]
    assert (tmp_path / "out/b-broken-问题清单.xlsx").exists()
    assert not list((tmp_path / "out").glob(".batch-*"))
    assert sorted(line.split()[2] for line in heard if line.startswith("pipeline.batch_done")) == [
        "1",
        "2",
        "3",
    ]
    assert "pipeline.batch_waits c-real None" in heard
    first, second = (tmp_path / place / "a-rehearsal/solve-001/schedule.csv" for place in ("alone", "out"))
    assert first.read_bytes() == second.read_bytes()


def test_a_worker_killed_in_the_middle_of_a_campaign_costs_nothing_that_was_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEDOOR_TEST_MARK", str(tmp_path / "mark"))
    files = [write_small(tmp_path / "in" / name, campaign_id=name) for name in ("a", "b")]
    with Processes(2) as pool:
        result = pipeline.run_batch(files, tmp_path / "out", killed_once, executor=pool)
    assert [row.state for row in result.rows] == ["certified"] * 2
    assert (tmp_path / "mark").exists()


def test_a_campaign_that_kills_every_worker_is_told_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    files = [
        write_small(tmp_path / "in" / "a", campaign_id="a"),
        write_small(tmp_path / "in" / "b", campaign_id="b", rehearsal=False),
    ]
    with Processes(1) as pool:
        result = pipeline.run_batch(files, tmp_path / "out", deadly, executor=pool)
    assert [(row.state, row.codes) for row in result.rows] == [
        ("failed", ("pipeline.worker_lost",)),
        ("waiting", ()),
    ]
    assert result.exit_code == 1
    again = pipeline.run_batch(files, tmp_path / "out", solvers.solve)
    assert [row.state for row in again.rows] == ["certified", "waiting"]


class Elsewhere(Executor):
    """A worker on a machine with other folders."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        job, solver, mark = args
        future.set_result(fn(job, solver, mark.with_name("not-there"), **kwargs))
        return future


class Torn(Executor):
    """A cluster that answers the first campaign with an error of its own kind, and runs the others."""

    def __init__(self) -> None:
        self.n_asked = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        self.n_asked += 1
        if self.n_asked == 1:
            future.set_exception(ValueError("a message that nobody understands"))
        else:
            future.set_result(fn(*args, **kwargs))
        return future


def test_whatever_a_cluster_raises_costs_one_campaign_alone(tmp_path: Path) -> None:
    files = [
        write_small(tmp_path / "in" / "a", campaign_id="a"),
        write_small(tmp_path / "in" / "b", campaign_id="b", rehearsal=False),
    ]
    result = pipeline.run_batch(files, tmp_path / "out", solvers.solve, executor=Torn())
    assert [(row.state, row.codes) for row in result.rows] == [
        ("failed", ("pipeline.bug",)),
        ("waiting", ()),
    ]
    assert (tmp_path / "out/summary.json").exists()


def test_a_worker_that_does_not_see_the_folder_is_refused_by_name(tmp_path: Path) -> None:
    files = [write_small(tmp_path / "in")]
    result = pipeline.run_batch(files, tmp_path / "out", solvers.solve, executor=Elsewhere())
    assert [(row.state, row.codes, row.exit_code) for row in result.rows] == [
        ("failed", ("pipeline.not_shared",), 2)
    ]
