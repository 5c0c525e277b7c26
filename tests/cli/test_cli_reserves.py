"""``onedoor reserve``: words and options in, exit codes out."""

import json
from pathlib import Path

import pytest
from small import CEREMONY
from small_files import write_small
from verify.evidence import wide_registers

import cli
from scheduler import pipeline
from scheduler.pipeline.reserving import REASONS

TWO = '[pools]\ninspectors = "2人"\nk_max = 1\n\n'


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    path = write_small(tmp_path / "input", tables=wide_registers())
    path.write_text(path.read_text(encoding="utf-8").replace("[tables]", f"{TWO}[tables]"), encoding="utf-8")
    run = tmp_path / "run"
    pipeline.import_campaign(path, run)
    pipeline.commit(run)
    pipeline.draw(run, CEREMONY)
    pipeline.merge(run)
    return run


def someone(run: Path) -> str:
    rows = (run / "draw/people.csv").read_text(encoding="utf-8").splitlines()[1:]
    return next(cells[2] for cells in (row.split(",") for row in rows) if cells[4] == "1")


def test_nothing_to_call_is_a_usage_error_with_its_way_out(
    merged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.call(["reserve", str(merged)]) == 2
    assert "no reserve may be called" in capsys.readouterr().err


def test_a_replacement_is_told_in_json(merged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = someone(merged)
    words = ["--reason", "certificate", "--evidence", "公告2号", "--decider", "局长", "--json"]
    assert cli.call(["reserve", str(merged), "--replace", gone, *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["replaced"], told["folder"]) == ("replacement", gone, "reserve-001")
    assert len(told["called"]) == 1


def test_what_is_missing_or_unknown_is_refused(merged: Path) -> None:
    assert cli.call(["reserve", str(merged), "--replace", someone(merged)]) == 2
    grounds = ["--evidence", "公告2号", "--decider", "局长"]
    assert cli.call(["reserve", str(merged), "--replace", "nobody", "--reason", "leave", *grounds]) == 3
    assert cli.call(["reserve", str(merged), "--replace", "nobody", "--reason", "mood", *grounds]) == 2


def test_the_reasons_offered_are_those_the_pipeline_takes() -> None:
    assert cli.REASONS == REASONS
