"""The options of an import from the command line: what a planner sees, in files, words and exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import cli
from instances import write_damaged


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("damaged")
    return {
        "rows": write_damaged("street", folder / "rows"),
        "plan": write_damaged("street", folder / "plan", extent="plan"),
    }


@pytest.fixture
def onedoor(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*words: object) -> tuple[int, str, str]:
        code = cli.call([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def codes(path: Path) -> set[str]:
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return {str(row[10]) for row in sheet.iter_rows(values_only=True) if len(row) > 10 and row[10]}


def test_an_import_says_where_the_list_of_problems_is_and_what_is_wrong(
    damaged: dict[str, Path], tmp_path: Path, onedoor: Any
) -> None:
    run = tmp_path / "run"
    code, out, err = onedoor("import", damaged["rows"], "--run", run, "--lang", "zh")
    book = tmp_path / "run-问题清单.xlsx"
    assert code == 0
    assert str(book) in out
    assert "把字母误作数字" in err
    assert {"intake.uscc_letters", "intake.place_swapped", "intake.duplicate"} <= codes(book)
    assert sorted(path.name for path in run.iterdir()) == ["intake", "ledger.jsonl"]


def test_a_refused_import_leaves_the_list_and_nothing_else(
    damaged: dict[str, Path], tmp_path: Path, onedoor: Any
) -> None:
    book = tmp_path / "mend.xlsx"
    code, out, err = onedoor(
        "import", damaged["plan"], "--run", tmp_path / "run", "--problems", book, "--lang", "en", "--json"
    )
    assert code == json.loads(out)["exit_code"] == 3
    assert str(book) in err
    assert [path.name for path in tmp_path.iterdir()] == ["mend.xlsx"]
    assert {"intake.task_window", "intake.uscc_letters"} <= codes(book)


def test_json_has_the_counts_of_what_changed_since_the_import_before(
    damaged: dict[str, Path], tmp_path: Path, onedoor: Any
) -> None:
    first = tmp_path / "first"
    assert onedoor("import", damaged["rows"], "--run", first)[0] == 0
    code, out, _ = onedoor(
        "import", damaged["rows"], "--run", tmp_path / "second", "--previous", first, "--json"
    )
    since = json.loads(out)["since"]
    assert code == 0
    assert (since["mended"], since["new"]) == (0, 0)
    assert since["left"] > 40
    assert since["registers"]["inspectors"] == {"changed": 0, "entered": 0, "left": 0}


@pytest.mark.parametrize(
    ("limit", "exit_code", "code"),
    [
        ("3", 3, "intake.too_many_rejects"),
        ("many", 2, "intake.max_rejects"),
        ("", 2, "intake.max_rejects"),
        ("100%", 0, ""),
    ],
)
def test_too_many_rejected_rows_end_with_3_and_a_wrong_limit_with_2(
    damaged: dict[str, Path], tmp_path: Path, onedoor: Any, limit: str, exit_code: int, code: str
) -> None:
    words = ("import", damaged["rows"], "--run", tmp_path / "run", "--max-rejects", limit, "--json")
    found, out, _ = onedoor(*words)
    assert found == exit_code
    problems = json.loads(out).get("error", {}).get("problems", [])
    assert {problem["code"] for problem in problems} == ({code} if code else set())


def test_the_generator_damages_on_request(tmp_path: Path, onedoor: Any) -> None:
    assert onedoor("instance", "street", "--out", tmp_path / "d", "--damage", "plan")[0] == 0
    planted = json.loads((tmp_path / "d/damage.json").read_text(encoding="utf-8"))["planted"]
    assert {one["effect"] for one in planted} == {"rejected", "notice", "stops"}
    code, out, _ = onedoor(
        "instance", "wake", "--data", tmp_path, "--out", tmp_path / "w", "--damage", "rows", "--json"
    )
    assert code == 2
    assert json.loads(out)["error"]["problems"][0]["code"] == "cli.data_for_wake"
