"""One certified run of the small campaign, made once; tests that change it take a copy."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_files import write_small

import solvers
from scheduler import pipeline


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("campaign"))


@pytest.fixture(scope="session")
def finished_run(campaign: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read it, never change it."""
    run = tmp_path_factory.mktemp("finished") / "run"
    result = pipeline.run_all(campaign, run, solvers.solve)
    assert result.certified is not None
    assert result.certified.certificate.verdict == "certified", result.certified.certificate.violations
    return run


@pytest.fixture
def copied_run(finished_run: Path, tmp_path: Path) -> Callable[[], Path]:
    """A fresh copy at every call."""

    def copy() -> Path:
        target = tmp_path / "copy"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(finished_run, target)
        return target

    return copy
