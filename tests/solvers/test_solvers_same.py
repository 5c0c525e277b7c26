"""Same problem, same budget, same outcome; in this process, in another, whatever strings hash to."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from plain_roster import random_tiny, tiny

from scheduler.domain.messages import catalogue, text
from scheduler.domain.settings import Budget
from solvers import size, solve

ROOT = Path(__file__).parents[2]
PROGRAM = """
import hashlib, sys
sys.path[:0] = ["tests", "."]
from plain_roster import random_tiny
from scheduler.domain.settings import Budget
from solvers import size, solve
size.EXACT_LITERALS = int(sys.argv[1])
print(hashlib.sha256(repr(solve(random_tiny(17, 9), Budget(rounds=1, block_units=1))).encode()).hexdigest())
"""


@pytest.mark.parametrize("limit", [10_000, -1], ids=["exact", "blocks"])
def test_the_outcome_is_the_same_in_every_process(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "EXACT_LITERALS", limit)
    budget = Budget(rounds=1, block_units=1)
    here = [hashlib.sha256(repr(solve(random_tiny(17, 9), budget)).encode()).hexdigest() for _ in range(2)]
    there = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM, str(limit)],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert len({*here, *there}) == 1


def test_importing_solvers_does_not_load_the_solver() -> None:
    program = "import sys, solvers; sys.exit('ortools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_progress_is_told_in_codes_that_the_catalogue_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def progress(code: str, /, **params: str | int) -> None:
        heard.append(text(code, "zh", **params) and text(code, "en", **params) and code)

    solve(random_tiny(4), Budget(), progress=progress)
    monkeypatch.setattr(size, "EXACT_LITERALS", -1)
    solve(tiny(), Budget(rounds=200, block_units=1), progress=progress)
    steps = {"solve.construct", "solve.goal", "solve.search", "solve.block"}
    assert set(heard) == {*steps, "solve.memory", "solve.so_far"}
    assert set(heard) < set(catalogue())
