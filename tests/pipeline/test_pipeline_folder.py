"""A stage is sealed wholly or not at all, whatever moment the process ends at."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scheduler.domain.errors import InputError, OneDoorError, SealError, UsageError
from scheduler.pipeline import folder as folder_module
from scheduler.pipeline.folder import opened

STAGES = ("intake", "plan")


class Killed(BaseException):
    """Stands for SIGKILL: nothing may clean up after it."""


def write(temp: Path) -> dict[str, str]:
    (temp / "sub").mkdir()
    (temp / "a.csv").write_bytes(b"1\n")
    (temp / "sub" / "b.json").write_bytes(b"{}\n")
    return {"fact": "x"}


def build(run: Path, *, said: list[str] | None = None) -> None:
    """Open a run and seal what is not sealed yet: intake, plan, entropy, draw."""
    tell = said if said is not None else []

    def progress(code: str, /, **_params: str | int) -> None:
        tell.append(code)

    with opened(run, create=True, progress=progress) as book:
        book.open({"campaign_id": "C", "version": "0"})
        for stage in STAGES:
            if not book.sealed(stage):
                book.seal(stage, write)
        if not book.entropy():
            book.append("entropy", facts={"seed_commitment": "s"})
        if not book.sealed("draw"):
            book.seal("draw", write, unlisted=frozenset({"sub/b.json"}))


def content(run: Path) -> dict[str, bytes]:
    files = (path for path in run.rglob("*") if path.is_file() and path.name != "ledger.jsonl")
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in files}


def code_of(error: pytest.ExceptionInfo[OneDoorError]) -> str:
    return error.value.problems[0].code


@contextmanager
def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let ``step`` operations on the disk happen, then end the process, so to speak."""
    done: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if len(done) == step:
                raise Killed
            done.append(name)
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", counted("mkdir", Path.mkdir))
        patch.setattr(Path, "rename", counted("rename", Path.rename))
        patch.setattr(Path, "write_bytes", counted("write", Path.write_bytes))
        patch.setattr(Path, "touch", counted("touch", Path.touch))
        patch.setattr(os, "fsync", counted("fsync", os.fsync))
        patch.setattr(folder_module, "line_of", counted("line", folder_module.line_of))
        patch.setattr(shutil, "rmtree", lambda _path: None)
        yield done


def test_a_run_killed_at_any_step_is_carried_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "whole")
    whole = content(tmp_path / "whole")
    for step in range(1000):
        run = tmp_path / f"run-{step}"
        try:
            with killed_at(step, monkeypatch):
                build(run)
        except Killed:
            build(run)
            assert content(run) == whole
            with opened(run) as book:
                assert [entry.kind for entry in book.entries] == [
                    "open",
                    "stage",
                    "stage",
                    "entropy",
                    "stage",
                ]
                book.check([*STAGES, "draw"])
        else:
            break
    assert step > 30


@pytest.mark.parametrize("step", range(0, 200, 7))
def test_a_ledger_line_written_in_part_is_cut_off_and_written_again(tmp_path: Path, step: int) -> None:
    run, said = tmp_path / "run", list[str]()
    build(run)
    ledger = run / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes()[: -1 - step] if step else ledger.read_bytes()[:-1])
    build(run, said=said)
    told = [code for code in said if code.startswith("pipeline.tail")]
    assert told == ["pipeline.tail_cut" if step else "pipeline.tail_ended"]
    assert ("pipeline.cleared" in said) == bool(step)
    with opened(run) as book:
        assert len(book.entries) == 5
        book.check([*STAGES, "draw"])


def test_the_seed_text_stays_out_of_the_ledger(tmp_path: Path) -> None:
    build(tmp_path / "run")
    with opened(tmp_path / "run") as book:
        assert sorted(book.require("draw").files) == ["draw/a.csv"]


def test_a_stage_whose_writing_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(temp: Path) -> dict[str, str]:
        write(temp)
        raise KeyboardInterrupt

    with opened(tmp_path / "run", create=True) as book, pytest.raises(KeyboardInterrupt):
        book.seal("intake", fail)
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["ledger.jsonl"]


def test_an_unsealed_stage_that_no_kill_explains_is_refused_and_kept(tmp_path: Path) -> None:
    run = tmp_path / "run"
    build(run)
    for name in ("certificate", "solve-002", "publish", "solve"):
        (run / name).mkdir()
        with pytest.raises(SealError) as error, opened(run):
            pass
        assert (code_of(error), error.value.problems[0].place) == ("pipeline.stray", {"file": f"{name}/"})
        assert (run / name).is_dir()
        (run / name).rmdir()


def test_a_draw_without_a_line_of_entropy_is_refused(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with opened(run, create=True) as book:
        book.open({"campaign_id": "C"})
        for stage in STAGES:
            book.seal(stage, write)
    (run / "draw").mkdir()
    with pytest.raises(SealError) as error, opened(run):
        pass
    assert code_of(error) == "pipeline.stray"


def test_a_folder_with_something_else_in_it_is_refused_by_name_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"x")
    with pytest.raises(UsageError) as error, opened(tmp_path, create=True):
        pass
    assert code_of(error) == "pipeline.not_a_run"
    assert error.value.problems[0].params == {"found": "thesis.docx"}
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").write_bytes(b"x")
    with pytest.raises(UsageError) as error, opened(tmp_path / "run", create=True):
        pass
    assert code_of(error) == "pipeline.not_a_run"


def test_a_folder_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error, opened(tmp_path / "run"):
        pass
    assert code_of(error) == "pipeline.no_run"
    assert not (tmp_path / "run").exists()


def test_changed_and_missing_files_are_named_all_at_once(tmp_path: Path) -> None:
    run = tmp_path / "run"
    build(run)
    (run / "intake" / "a.csv").write_bytes(b"2\n")
    (run / "plan" / "sub" / "b.json").unlink()
    with opened(run) as book, pytest.raises(SealError) as error:
        book.check(STAGES)
    found = [(problem.code, problem.place["file"]) for problem in error.value.problems]
    assert found == [
        ("pipeline.changed_file", "intake/a.csv"),
        ("pipeline.missing_file", "plan/sub/b.json"),
    ]


def test_a_run_is_written_by_one_at_a_time(tmp_path: Path) -> None:
    build(tmp_path / "run")
    with (
        opened(tmp_path / "run"),
        pytest.raises(UsageError) as error,
        opened(tmp_path / "run"),
    ):
        pass
    assert code_of(error) == "pipeline.locked"


def test_a_read_only_ledger_is_read_but_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tmp_path / "run"
    build(run)

    def read_only(path: Path) -> Any:
        return path.open("rb")

    monkeypatch.setattr(folder_module, "_ledger", read_only)
    with opened(run) as book:
        book.check(STAGES)
        for action in (lambda: book.seal("merge", write), lambda: book.append("entropy")):
            with pytest.raises(InputError) as error:
                action()
            assert code_of(error) == "pipeline.unwritable"
