"""One certified run for the commands that only read."""

from pathlib import Path

import pytest
from small_files import write_small

import cli


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEDOOR_LANG", "en")


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("campaign"))


@pytest.fixture(scope="session")
def finished_run(campaign: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("finished") / "run"
    assert cli.call(["run", str(campaign), "--run", str(run)]) == 0
    return run
