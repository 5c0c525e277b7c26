"""Every command and every exit code, called as a person calls them."""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small import CEREMONY
from small_files import write_small

import cli
import instances
import solvers
from scheduler.domain.errors import NoAnswerError, Problem
from scheduler.domain.problem import Outcome
from scheduler.pipeline.results import Solved

Capture = pytest.CaptureFixture[str]


def told(capsys: Capture) -> dict[str, Any]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def codes(data: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in data["error"]["problems"]]


def nobody(problem: Any, budget: Any, executor: Any = None, **given: Any) -> Outcome:
    del budget, executor, given
    return Outcome(
        placements=(),
        unplaced=tuple((number, "unstaffable") for number in range(len(problem.visits))),
        goals=(),
        method="exact",
        solver="nobody",
        solver_version="1",
    )


@pytest.fixture
def copied(finished_run: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished_run, tmp_path / "copy")
    return tmp_path / "copy"


def test_the_stages_one_by_one(campaign: Path, tmp_path: Path, capsys: Capture) -> None:
    run = str(tmp_path / "run")
    ceremony = tmp_path / "c.txt"
    ceremony.write_bytes(f"\ufeff{CEREMONY}\r\n".encode())
    steps: list[tuple[list[str], str]] = [
        (["import", str(campaign), "--run", run], "Imported"),
        (["commit", run], "Committed"),
        (["draw", run, "--entropy", str(ceremony)], "Drawn"),
        (["merge", run], "Merged"),
        (["solve", run], "Solved"),
        (["verify", run, "--seal"], "Certified"),
        (["publish", run], "publish/"),
        (["export", run], "export/"),
    ]
    for words, expected in steps:
        assert cli.call(words) == 0
        shown = capsys.readouterr()
        assert expected in shown.out
        assert "already" not in shown.err
    for words, expected in steps:
        assert cli.call(words) == 0
        shown = capsys.readouterr()
        assert expected in shown.out
        assert "sealed already" in shown.err


def test_run_stops_for_the_ceremony_and_says_what_to_enter(tmp_path: Path, capsys: Capture) -> None:
    campaign, run = write_small(tmp_path / "c", rehearsal=False), tmp_path / "run"
    words = ["run", str(campaign), "--run", str(run)]
    assert cli.call(words) == 0
    shown = capsys.readouterr().out
    assert "exactly 40 characters out of 0123456789" in shown
    digest = re.search(r"[0-9a-f]{64}", shown)
    assert digest is not None
    assert cli.call([*words, "--json"]) == 0
    waiting = told(capsys)
    assert (waiting["waiting"], waiting["exit_code"]) == (True, 0)
    assert waiting["committed"]["plan_sha256"] == digest.group()
    assert cli.call([*words, "--entropy", str(campaign.parent / "later.txt"), "--json"]) == 0
    assert told(capsys)["certified"]["certificate"]["verdict"] == "certified"
    assert cli.call([*words, "--entropy", str(campaign)]) == 3
    (tmp_path / "other.txt").write_text(CEREMONY[::-1], encoding="utf-8")
    capsys.readouterr()
    assert cli.call([*words, "--entropy", str(tmp_path / "other.txt"), "--json"]) == 2
    assert codes(told(capsys)) == ["pipeline.second_draw"]


@pytest.mark.parametrize(("language", "expected"), [("zh", "核验通过"), ("en", "Certified")])
def test_verify_speaks_the_language_asked_for_and_writes_nothing(
    language: str, expected: str, finished_run: Path, capsys: Capture
) -> None:
    before = {path: path.stat().st_mtime_ns for path in [finished_run, *finished_run.rglob("*")]}
    assert cli.call(["verify", str(finished_run), "--lang", language]) == 0
    assert expected in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in [finished_run, *finished_run.rglob("*")]} == before


@pytest.mark.parametrize(
    ("environment", "locale_name", "words", "expected"),
    [
        ("zh_CN.UTF-8", "en_US", [], "zh"),
        ("", "zh_CN", [], "zh"),
        ("", "Chinese (Simplified)_China", [], "zh"),
        ("", "de_DE", [], "en"),
        ("", None, [], "en"),
        ("zh", "zh_CN", ["--lang=en"], "en"),
        ("en", "en_US", ["run", "--lang", "zh"], "zh"),
    ],
)
def test_the_language_is_the_option_else_the_environment_else_the_locale(
    environment: str,
    locale_name: str | None,
    words: list[str],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ONEDOOR_LANG", environment)
    monkeypatch.setattr("locale.getlocale", lambda: (locale_name, "UTF-8"))
    assert cli._language(words) == expected


def test_verify_names_a_changed_file_and_ends_with_7(copied: Path, capsys: Capture) -> None:
    path = copied / "merge" / "visits.csv"
    path.write_bytes(path.read_bytes().replace(b"V-", b"W-", 1))
    assert cli.call(["verify", str(copied)]) == 7
    shown = capsys.readouterr()
    assert "failed" in shown.out
    assert "merge/visits.csv" in shown.err
    assert cli.call(["verify", str(copied), "--json"]) == 7
    assert told(capsys)["verdict"] == "failed"


def test_a_failed_verdict_ends_with_6_and_a_run_stops_there(
    campaign: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solvers, "solve", nobody)
    run = tmp_path / "run"
    assert cli.call(["run", str(campaign), "--run", str(run), "--json"]) == 6
    found = told(capsys)
    assert (found["exit_code"], found["certified"]["sealed"]) == (6, False)
    assert "published" not in found
    assert cli.call(["verify", str(run), "--seal"]) == 6
    assert not (run / "certificate").exists()


def test_nothing_served_ends_with_4_and_the_attempt_stays_sealed(
    campaign: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = str(tmp_path / "run")
    (tmp_path / "c.txt").write_text(CEREMONY, encoding="utf-8")
    for words in (["import", str(campaign), "--run", run], ["commit", run]):
        assert cli.call(words) == 0
    assert cli.call(["draw", run, "--entropy", str(tmp_path / "c.txt")]) == 0
    assert cli.call(["merge", run]) == 0
    monkeypatch.setattr(solvers, "solve", nobody)
    capsys.readouterr()
    for _ in range(2):
        assert cli.call(["solve", run, "--json"]) == 4
        found = told(capsys)
        assert (found["n_served"], codes(found)) == (0, ["pipeline.nothing_served"])


def test_no_answer_within_the_limit_ends_with_5_and_nothing_is_sealed(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(*_args: Any, **_kwargs: Any) -> Outcome:
        raise NoAnswerError(Problem(code="pipeline.not_certified"))

    monkeypatch.setattr(solvers, "solve", no_answer)
    run = tmp_path / "run"
    assert cli.call(["run", str(campaign), "--run", str(run)]) == 5
    assert not list(run.glob("*solve*"))


def test_bad_input_ends_with_3_and_all_its_problems(tmp_path: Path, capsys: Capture) -> None:
    campaign = write_small(tmp_path / "c")
    for stem in ("部门", "检查对象"):
        next(campaign.parent.glob(f"{stem}*.csv")).unlink()
    assert cli.call(["run", str(campaign), "--run", str(tmp_path / "run"), "--json"]) == 3
    found = told(capsys)
    assert len(found["error"]["problems"]) >= 2
    assert all(problem["message"] for problem in found["error"]["problems"])
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["run"],
        ["demo", "--size", "moon"],
        ["solve", "x", "--rounds", "-1"],
        ["draw", "x"],
        ["--lang", "fr", "demo"],
        ["instance", "wake", "--out", "x"],
        ["instance", "street", "--out", "x", "--data", "y"],
        ["commit", "does-not-exist"],
    ],
)
def test_wrong_usage_ends_with_2_in_words_and_in_json(words: list[str], capsys: Capture) -> None:
    assert cli.call(words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.strip()
    assert cli.call([*words, "--json"]) == 2
    assert told(capsys)["exit_code"] == 2


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("--time-limit=nan", "cli.no_seconds"),
        ("--time-limit=inf", "cli.no_seconds"),
        ("--time-limit=0", "cli.no_seconds"),
        ("--processes=-1", "cli.no_whole_number"),
        ("--memory-limit=0", "cli.no_whole_number"),
        ("--rounds=1.5", "cli.no_whole_number"),
    ],
)
def test_a_number_that_is_none_is_refused_in_the_language_of_the_call(
    word: str, code: str, capsys: Capture
) -> None:
    assert cli.call(["solve", "run", word, "--json", "--lang", "zh"]) == 2
    data = told(capsys)
    assert codes(data) == [code]
    assert "须为" in data["error"]["problems"][0]["message"]


def test_no_command_at_all_shows_the_help_and_ends_with_2(capsys: Capture) -> None:
    assert cli.call([]) == 2
    assert "demo" in capsys.readouterr().err


def test_a_bug_is_told_in_one_line_and_ends_with_1(
    campaign: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> Outcome:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(solvers, "solve", broken)
    words = ["run", str(campaign), "--run", str(tmp_path / "run")]
    assert cli.call(words) == 1
    shown = capsys.readouterr().err
    assert "ZeroDivisionError: of all things" in shown
    assert "Traceback" not in shown
    monkeypatch.setenv("ONEDOOR_DEBUG", "1")
    assert cli.call(words) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_key_pressed_ends_with_130_and_the_next_call_carries_on(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_args: Any, **_kwargs: Any) -> Outcome:
        raise KeyboardInterrupt

    words = ["run", str(campaign), "--run", str(tmp_path / "run")]
    with monkeypatch.context() as patch:
        patch.setattr(solvers, "solve", interrupted)
        assert cli.call(words) == 130
    assert cli.call(words) == 0


def test_a_file_that_cannot_be_written_ends_with_3(
    copied: Path, campaign: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_kwargs: Any) -> None:
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("scheduler.pipeline.after.verify_room.verify_run", full)
    shutil.rmtree(copied)
    assert cli.call(["run", str(campaign), "--run", str(copied), "--json"]) == 3
    found = told(capsys)["error"]["problems"][0]
    assert (found["code"], found["place"]["file"]) == ("cli.os_error", "somewhere")


def test_require_all_makes_an_unscheduled_requirement_an_error(
    finished_run: Path, campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["run", str(campaign), "--run", str(finished_run)]
    assert cli.call([*words, "--require-all"]) == 0
    asked: list[bool] = []

    def shortfall(_self: Solved, *, require_all: bool) -> None:
        asked.append(require_all)

    monkeypatch.setattr(Solved, "shortfall", shortfall)
    cli.call([*words, "--require-all"])
    cli.call(["solve", str(finished_run), "--require-all"])
    assert asked == [True, True]


def test_batch_tells_all_and_ends_with_the_worst(tmp_path: Path, capsys: Capture) -> None:
    write_small(tmp_path / "in" / "a")
    broken = write_small(tmp_path / "in" / "b")
    next(broken.parent.glob("部门*.csv")).unlink()
    words = ["batch", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert cli.call(words) == 3
    shown = capsys.readouterr()
    assert re.search(r"(?m)^a\tcertified\t0\t", shown.out)
    assert re.search(r"(?m)^b\tfailed\t3\t", shown.out)
    assert "b is not fine" in shown.err
    assert cli.call([*words, "--json"]) == 3
    found = told(capsys)
    assert [row["state"] for row in found["rows"]] == ["certified", "failed"]


def test_demo_runs_whole_and_names_what_to_look_at(tmp_path: Path, capsys: Capture) -> None:
    run = tmp_path / "street"
    words = ["demo", "--size", "street", "--run", str(run)]
    assert cli.call(words) == 0
    shown = capsys.readouterr()
    assert "Rehearsal" in shown.out
    assert f"{run}/certificate/certificate.json" in shown.err
    assert str(tmp_path / "street-input") in shown.err
    for name in ("日历", "文书", "数据"):
        assert f"{tmp_path}/street-导出/{name}/" in shown.err
        assert (tmp_path / "street-导出" / name / "清单.json").is_file()
    assert cli.call(["verify", str(run)]) == 0
    assert cli.call(words) == 0


def test_instance_says_where_the_campaign_is(tmp_path: Path, capsys: Capture) -> None:
    words = ["instance", "street", "--out", str(tmp_path / "s"), "--seed", "7", "--json"]
    assert cli.call(words) == 0
    campaign = Path(told(capsys)["campaign"])
    assert campaign == tmp_path / "s" / "campaign.toml"
    assert campaign.is_file()
    assert cli.call(words) == 2


def test_every_size_of_the_generator_can_be_asked_for() -> None:
    assert set(cli.SIZES) == {*instances.SIZES, "wake"}


def test_progress_tells_the_time_left_where_a_share_is_known(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 10.0, 10.5, 20.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    monkeypatch.setattr(cli, "text", lambda code, _language, **params: f"{code}{params}")
    voice = cli.Voice("en", as_json=False)
    for done in (0, 5, 6, 10):
        voice("x.y", done=done, total=10)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "'seconds': 10" in lines[0]
    assert "cli.time_left" not in lines[1]


def test_what_ended_is_told_at_once_and_nothing_twice_in_a_row(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 0.0)
    monkeypatch.setattr(cli, "text", lambda code, _language, **params: f"{code}{params}")
    voice = cli.Voice("en", as_json=False)
    for done, name in enumerate("abc", start=1):
        voice("x.ended", done=done, total=3, name=name)
    for value in (1, 1, 2, 1):
        voice("x.so_far", value=value)
    told = [line.partition("{")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == ["x.ended"] * 3 + ["x.so_far"] * 3


def test_a_console_that_lacks_characters_shows_question_marks(
    finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "out.txt"
    monkeypatch.setattr(sys, "argv", ["onedoor", "verify", str(finished_run), "--lang", "zh"])
    with written.open("w", encoding="cp1252") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    assert ended.value.code == 0
    assert "????" in written.read_text(encoding="cp1252")


def test_json_stays_json_where_the_console_lacks_characters(
    finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = tmp_path / "out.txt"
    monkeypatch.setattr(sys, "argv", ["onedoor", "merge", str(finished_run), "--json"])
    with written.open("w", encoding="gbk") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(SystemExit):
            cli.main()
    assert json.loads(written.read_text(encoding="gbk"))["exit_code"] == 0


def test_whoever_closes_the_pipe_early_sees_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def closed(*_args: Any, **_kwargs: Any) -> None:
        raise BrokenPipeError

    made: list[Callable[..., None]] = [closed]
    monkeypatch.setattr("click.echo", made[0])
    monkeypatch.setattr("os.dup2", lambda *_args: None)
    assert cli.call(["instance", "street", "--out", str(tmp_path / "x")]) == 0


@pytest.mark.parametrize("content", ["", "\n", "\ufeff\r\n"])
def test_an_empty_ceremony_is_not_taken_for_none(content: str, tmp_path: Path, capsys: Capture) -> None:
    campaign, run = write_small(tmp_path / "c", rehearsal=False), tmp_path / "run"
    words = ["run", str(campaign), "--run", str(run)]
    assert cli.call(words) == 0
    empty = tmp_path / "empty.txt"
    empty.write_text(content, encoding="utf-8")
    capsys.readouterr()
    assert cli.call([*words, "--entropy", str(empty), "--json"]) == 3
    assert codes(told(capsys)) == ["cli.entropy_empty"]
    assert not (run / "draw").exists()


def test_only_one_line_end_after_the_ceremony_is_dropped(tmp_path: Path, capsys: Capture) -> None:
    campaign, run = write_small(tmp_path / "c", rehearsal=False), tmp_path / "run"
    words = ["run", str(campaign), "--run", str(run)]
    assert cli.call(words) == 0
    entered = tmp_path / "entered.txt"
    entered.write_text(CEREMONY + "\n\n", encoding="utf-8")
    capsys.readouterr()
    assert cli.call([*words, "--entropy", str(entered), "--json"]) == 3
    assert codes(told(capsys)) == ["draw.ceremony_length"]


def test_what_has_to_be_typed_next_is_quoted(tmp_path: Path, capsys: Capture) -> None:
    campaign, run = write_small(tmp_path / "my files", rehearsal=False), tmp_path / "my run"
    assert cli.call(["run", str(campaign), "--run", str(run)]) == 0
    assert f"onedoor run '{campaign}' --run '{run}' --entropy FILE" in capsys.readouterr().out


def test_the_first_rejected_rows_are_told_in_words_and_the_file_is_named(
    tmp_path: Path, capsys: Capture
) -> None:
    campaign, run = instances.write_campaign("street", tmp_path / "c"), tmp_path / "run"
    words = ["import", str(campaign), "--run", str(run), "--lang", "zh"]
    assert cli.call(words) == 0
    shown = capsys.readouterr()
    assert "intake/rejected.csv" in shown.out
    assert "文件 检查对象名录库.csv 第 70 行 “信用风险等级”列 值“E”：" in shown.err


def test_time_left_begins_anew_when_the_same_work_begins_once_more(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    clock = iter([0.0, 10.0, 1000.0, 1005.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    voice = cli.Voice("en", as_json=False)
    for done in (0, 50, 0, 50):
        voice("instance.progress", table="items", done=done, total=100)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("(")[2] for line in lines] == ["about 10 s left)", "about 5 s left)"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["frobnicate"], "没有命令 frobnicate。"),
        (["run"], "缺少 CAMPAIGN。"),
        (["run", "x"], "缺少 --run。"),
        (["run", "x", "--run", "y", "--seed", "3"], "没有选项 --seed。"),
        (["demo", "--size", "moon"], "--size 只能是 street/county 之一。"),
    ],
)
def test_the_usual_slips_are_told_in_chinese_too(words: list[str], expected: str, capsys: Capture) -> None:
    assert cli.call([*words, "--lang", "zh"]) == 2
    assert capsys.readouterr().err.startswith(expected)
