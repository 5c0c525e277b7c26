"""Baselines and the comparison of executors measure what they say, on rosters small enough to see."""

import os
import signal
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from plain_roster import broken, random_tiny

from benchmarks import __main__ as command
from benchmarks import baselines, monolith
from benchmarks.micro import executors
from benchmarks.mip import mip
from scheduler.domain.problem import AssignmentProblem
from scheduler.domain.settings import Budget
from solvers import solve
from solvers.facts import Facts
from solvers.goals import goal_values

SECONDS = 60.0


def plain(seed: int) -> AssignmentProblem:
    """A random problem as far as the linear and the interval form go: no leaders, only a day's limits."""
    problem = random_tiny(seed, 5)
    none = {"max_visits_week": 0, "max_minutes_week": 0, "max_visits": 0, "max_minutes": 0, "fixed_idx": -1}
    return replace(
        problem,
        people=tuple(replace(person, **none) for person in problem.people),
        visits=tuple(
            replace(
                visit,
                leader=False,
                senior=False,
                groups=tuple(replace(group, leader=False, senior=False) for group in visit.groups),
            )
            for visit in problem.visits
        ),
    )


PLAIN = range(5)


@pytest.mark.parametrize("seed", PLAIN)
def test_the_monolith_with_circuits_agrees_with_our_proved_goals(seed: int) -> None:
    problem = plain(seed)
    found = monolith.monolith(Facts(problem), SECONDS)
    assert found.form == "circuit"
    assert found.placements is not None
    assert not broken(problem, found.placements)
    if found.proved:
        ours = {goal.goal: goal for goal in solve(problem, Budget()).goals}
        values = goal_values(Facts(problem), found.placements)
        assert values[1] == ours[1].value
        if len(found.placements) == len(problem.visits):  # else the order of giving up counts with us
            same = [goal for goal in (2, 3) if ours[goal].proved]
            assert [values[goal] for goal in same] == [ours[goal].value for goal in same]


@pytest.mark.parametrize("seed", PLAIN)
def test_the_interval_form_is_lawful(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monolith, "MOST_LITERALS", -1)
    problem = plain(seed)
    found = monolith.monolith(Facts(problem), SECONDS)
    assert found.form == "interval"
    assert found.placements is not None
    assert not broken(problem, found.placements)


@pytest.mark.parametrize("seed", PLAIN)
def test_the_linear_form_is_lawful_and_serves_as_many(seed: int) -> None:
    problem = plain(seed)
    found = mip(Facts(problem), SECONDS)
    assert found.placements is not None
    assert not broken(problem, found.placements)
    if found.proved:
        assert goal_values(Facts(problem), found.placements)[1] == solve(problem, Budget()).goals[0].value


def test_what_does_not_load_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.mip.MOST_BINARIES", 3)
    found = mip(Facts(plain(0)), SECONDS)
    assert found.placements is None
    assert "not loaded" in found.note


def test_a_baseline_tells_values_and_broken_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = plain(0)
    monkeypatch.setattr(baselines, "roster", lambda _size, seed: problem if seed else None)
    monkeypatch.setattr(baselines, "resource", SimpleNamespace(setrlimit=lambda *_limit: None, RLIMIT_AS=0))
    told = baselines._run("monolith", "tiny", 1, 0, SECONDS)
    assert told["broken"] == {}
    assert told["state"] in {"proved", "found"}
    assert set(told["goals"]) >= {"1", "2", "3"}
    monkeypatch.setattr("benchmarks.mip.MOST_BINARIES", 3)
    assert "not loaded" in baselines._run("mip", "tiny", 1, 0, SECONDS)["state"]


def test_baselines_run_at_our_time_and_for_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []

    def measured(_function: object, *args: object) -> dict[str, Any]:
        asked.append(args)
        if args[0] == "mip":
            raise baselines.BrokenProcessPool
        return {}

    monkeypatch.setattr(baselines, "measured", measured)
    told = baselines.measure_baselines(("round_robin", "monolith", "mip"), "street", 1, 0, 12.5)
    assert [args[-1] for args in asked] == [12.5, 300.0, 12.5, 300.0]
    assert set(told) == {"monolith", "mip"}
    assert "crashed" in told["mip"][0]["state"]


def test_an_unknown_baseline_is_refused() -> None:
    result = CliRunner().invoke(command.main, ["roster", "--size", "street", "--baselines", "magic"])
    assert result.exit_code == 2


@pytest.mark.slow
def test_each_mode_tells_its_bytes_and_who_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_tiny(17, 9)
    monkeypatch.setattr(executors, "roster", lambda _size, seed: problem if seed else None)
    told = [executors._mode("tiny", 1, kind, count, 0) for kind, count in (("local", 1), ("local", 2))]
    assert told[0]["sha256"] == told[1]["sha256"]
    assert [row["mode"] for row in told] == ["1 process", "2 processes"]
    killed: list[int] = []
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: calls.append((pid, number)))
    executors._kill_one(lambda: (77, 78), 0, killed)
    executors._kill_one(tuple, 0, killed)
    assert (killed, calls) == ([77], [(77, signal.SIGKILL)])


def test_speed_up_and_overhead_are_against_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def measured(_size: str, _seed: int, kind: str, count: int, kill_after: float) -> dict[str, Any]:
        mode = executors._name(kind, count, killed=bool(kill_after))
        return {"mode": mode, "seconds": 10.0 / count, "processor_seconds": 10.0 + count}

    monkeypatch.setattr(executors, "_measured", measured)
    monkeypatch.setattr(executors, "compile_loops", lambda: None)
    told = executors.measure_executors("street", 1)
    assert [row["mode"] for row in told] == [
        "1 process",
        "2 processes",
        "4 processes",
        "2 processes, one killed half-way",
        "dask, 2 workers",
        "dask, 2 workers, one killed half-way",
    ]
    assert [row["speed_up"] for row in told[:3]] == [1.0, 2.0, 4.0]
    assert told[2]["overhead_percent"] == 27
