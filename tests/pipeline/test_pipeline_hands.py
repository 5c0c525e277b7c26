"""How many processes a frame is worth, and that their number changes nothing that is sealed."""

from pathlib import Path

import pytest
from small import CEREMONY
from small_files import write_small

import cli
from scheduler import pipeline
from scheduler.domain import hands
from scheduler.domain.hands import hands_for


def test_a_small_frame_takes_one_process_and_a_large_one_those_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = tmp_path / "frame.csv"
    frame.write_bytes(b"x" * 100)
    monkeypatch.setattr(hands, "_cores", lambda: 16)
    assert hands_for(frame, 0) == 1
    assert hands_for(frame, 3) == 3
    assert hands_for(tmp_path / "nowhere", 0) == 1
    monkeypatch.setattr(hands, "WORTH_BYTES", 100)
    assert hands_for(frame, 0) == hands.MOST
    monkeypatch.setattr(hands, "_cores", lambda: 2)
    assert hands_for(frame, 0) == 2


def test_the_cores_are_counted() -> None:
    assert hands._cores() >= 1


def test_the_command_line_seals_the_same_draw_with_two_processes(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text(CEREMONY, encoding="utf-8")
    campaign, found = write_small(tmp_path / "input"), []
    for processes in ("0", "2"):
        run = tmp_path / f"run-{processes}"
        pipeline.import_campaign(campaign, run)
        pipeline.commit(run)
        words = ["draw", str(run), "--entropy", str(tmp_path / "c.txt"), "--processes", processes]
        assert cli.call(words) == 0
        found.append({path.name: path.read_bytes() for path in sorted((run / "draw").iterdir())})
    assert found[0] == found[1]
    assert cli.call(["draw", str(tmp_path / "run-0"), "--processes", "-1"]) == 2
