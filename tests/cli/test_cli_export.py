"""``onedoor export`` with its options: what stands where, what is told, how it ends."""

import json
from pathlib import Path

import pytest

import cli

Capture = pytest.CaptureFixture[str]


def a_visit(run: Path) -> str:
    return (run / "solve-001/schedule.csv").read_text(encoding="utf-8").split("\n")[1].split(",")[0]


def test_what_is_asked_for_is_written_and_told(finished_run: Path, tmp_path: Path, capsys: Capture) -> None:
    words = ["export", str(finished_run), "--to", str(tmp_path), "--calendars", "--tables", "--json"]
    assert cli.call(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(part["folder"]).name for part in told["parts"]] == ["日历", "数据"]
    assert all(part["n_files"] > 1 for part in told["parts"])


def test_by_default_the_folder_lies_beside_the_run(finished_run: Path, capsys: Capture) -> None:
    assert cli.call(["export", str(finished_run), "--visit", a_visit(finished_run)]) == 0
    folder = finished_run.with_name("run-导出") / "单张" / a_visit(finished_run)
    assert (folder / "检查通知书.html").is_file()
    assert f"Wrote {folder}/" in capsys.readouterr().out


def test_a_database_is_told_without_its_password(finished_run: Path, tmp_path: Path, capsys: Capture) -> None:
    words = ["export", str(finished_run), "--sql", f"sqlite:///{tmp_path}/p.db"]
    assert cli.call(words) == 0
    assert "Wrote to sqlite:///p.db: certificate 1," in capsys.readouterr().out
    assert cli.call([*words[:2], "--sql", "postgresql://me:hush@127.0.0.1:1/x"]) == 3
    shown = capsys.readouterr()
    assert "refused, or cannot be reached" in shown.err
    assert "hush" not in shown.err + shown.out


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (["--visit", "V-none-1"], 2, "no visit V-none-1"),
        (["--calendars", "--to", "{run}/x"], 2, "only what is sealed"),
        (["--to", "{tmp}"], 2, "Nothing was asked for. Give --report"),
        (["--sql", ""], 3, "no address of a database"),
        (["--calendars", "--templates", "{tmp}"], 2, "--papers or --visit"),
        (["--papers", "--templates", "{tmp}/none"], 3, "no such folder of templates"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    finished_run: Path, tmp_path: Path, capsys: Capture, words: list[str], exit_code: int, said: str
) -> None:
    given = [word.format(run=finished_run, tmp=tmp_path) for word in words]
    assert cli.call(["export", str(finished_run), *given]) == exit_code
    assert said in capsys.readouterr().err
    assert not (finished_run / "x").exists()
