"""``onedoor order``: words in, exit codes out."""

import json
from pathlib import Path

import pytest
from pipeline.test_pipeline_late_orders import order, rostered, written

import cli


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rostered(tmp_path_factory.mktemp("solved"))


def test_an_order_is_told_in_json_and_a_second_time_refused(
    solved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, order())
    assert cli.call(["order", str(solved), str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["folder"], told["attempt"], told["placed"], told["left"]) == ("order-001", 1, ["ZL-1"], [])
    assert cli.call(["order", str(solved), str(file)]) == 3
    assert "ZL-1" in capsys.readouterr().err


def test_a_missing_file_is_bad_input(solved: Path, tmp_path: Path) -> None:
    assert cli.call(["order", str(solved), str(tmp_path / "nothing.csv")]) == 3


def test_without_a_run_it_is_a_usage_error(tmp_path: Path) -> None:
    assert cli.call(["order", str(tmp_path / "none"), str(written(tmp_path, order()))]) == 2
