"""A roster just large enough to be solved in blocks, with as little search as there can be."""

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from instances.roster import make_roster
from instances.roster_sizes import RosterSize
from scheduler.domain.problem import AssignmentProblem
from solvers import size
from solvers.blocks import large, parts
from solvers.blocks.construct import construct, targets
from solvers.facts import Facts
from solvers.reasons import staffable
from solvers.roster import Roster

ROOT = Path(__file__).parents[1]
PATHS = 'import sys\nsys.path[:0] = ["tests", "tests/solvers", "."]\n'

TOWN = RosterSize(
    name="test-town",
    n_visits=160,
    n_officers=144,
    n_experts=6,
    n_districts=8,
    per_district=3,
    municipal=1,
    n_days=10,
    n_tasks=60,
    start=dt.date(2026, 3, 2),
    side_m=6_000,
)


def town(n_visits: int = 60) -> AssignmentProblem:
    return make_roster(replace(TOWN, n_visits=n_visits), 3)


def few_steps(put: Callable[[object, str, object], None] = setattr) -> None:
    """Blocks also where a campaign is small, few steps in each; for good, unless ``put`` takes it back."""
    put(large, "FEWEST", 1)
    put(large, "MOST", 2)
    put(parts, "SMALL", 100)
    put(size, "EXACT_LITERALS", -1)


def in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for one test."""
    few_steps(monkeypatch.setattr)


def constructed(problem: AssignmentProblem) -> tuple[Facts, Roster, tuple[bool, ...]]:
    """A first roster by hand, and which visits can be staffed."""
    facts = Facts(problem)
    able = staffable(facts)
    roster = Roster(facts, targets(facts, able))
    construct(roster, able)
    return facts, roster, able


def without_compiling(program: str) -> str:
    """What a program that may import the solvers' tests prints where the inner loops run as plain Python."""
    done = subprocess.run(
        [sys.executable, "-c", PATHS + program],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
