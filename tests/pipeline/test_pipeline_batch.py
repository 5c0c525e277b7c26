"""Many campaigns: each on its own, one summary, and the next call does what is not done yet."""

import csv
import json
from pathlib import Path

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

    with (out / "summary.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["name"] for row in rows] == ["a-rehearsal", "b-broken", "c-real"]
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


def test_campaigns_are_found_by_file_and_by_folder_once_each(tmp_path: Path) -> None:
    write_small(tmp_path / "x")
    write_small(tmp_path / "y")
    named = tmp_path / "x" / "campaign.toml"
    other = tmp_path / "z.toml"
    other.write_bytes(named.read_bytes())
    found = pipeline.campaign_files([named, tmp_path, other])
    assert found == (named, tmp_path / "y" / "campaign.toml", other)


def test_places_without_a_campaign_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as error:
        pipeline.campaign_files([tmp_path / "empty", tmp_path / "nowhere"])
    assert [problem.code for problem in error.value.problems] == ["pipeline.no_campaign"] * 2


def test_two_campaigns_of_one_name_are_refused_before_anything_runs(tmp_path: Path) -> None:
    files = [write_small(tmp_path / "p" / "same"), write_small(tmp_path / "q" / "same")]
    with pytest.raises(UsageError) as error:
        pipeline.run_batch(files, tmp_path / "out", buggy)
    assert error.value.problems[0].code == "pipeline.same_name"
    assert not (tmp_path / "out").exists()
