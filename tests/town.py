"""A roster just large enough to be solved in blocks, with as little search as there can be."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from instances.roster import make_roster
from instances.roster_sizes import RosterSize
from scheduler.domain.problem import AssignmentProblem
from solvers import size
from solvers.blocks import large, parts

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
