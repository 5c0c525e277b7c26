"""The three benchmarks beside peers, on problems of our own: what is compared must be the same problem."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.micro.travel import told_of
from benchmarks.study.reviewers import measure_reviewers
from benchmarks.study.shifts import measure_shifts
from instances.days import HALVES, N_SKILLS, SIZES, day
from scheduler.domain.problem import Outcome
from scheduler.domain.settings import Budget
from solvers import solve
from solvers.facts import Facts
from solvers.reasons import staffable

SHIFTS = """Type = 1
Jobs = 4
  10  20
  20  30
  15  25
  25  40
Qualifications = 3
  4:  0  1 2 3
  4:  2 0 1 3
  1:  3
"""


@pytest.fixture
def shifts(tmp_path: Path) -> Path:
    (tmp_path / "data_1_3_4_66.dat").write_text(SHIFTS, encoding="utf-8")
    (tmp_path / "bounds.csv").write_text("instance,LB,UB\ndata_1_3_4_66,2,3\n", encoding="utf-8")
    return tmp_path


def test_a_row_of_shifts_tells_value_bound_and_what_is_listed(shifts: Path) -> None:
    (row,) = measure_shifts(shifts)
    told = {key: row[key] for key in ("instance", "value", "bound", "proved", "violations")}
    assert told == {
        "instance": "data_1_3_4_66",
        "value": 2,
        "bound": 2,
        "proved": True,
        "violations": 0,
    }
    assert (row["listed_lower"], row["listed_upper"]) == (2, 3)


def test_the_commands_print_json_alone(shifts: Path) -> None:
    told = CliRunner().invoke(main, ["smptsp", "--data", str(shifts), "--only", "data_1_3_4_66", "--json"])
    assert told.exit_code == 0
    assert [row["value"] for row in json.loads(told.stdout)] == [2]


def test_a_row_of_reviewers_counts_the_scores_itself(tmp_path: Path) -> None:
    np.save(tmp_path / "scores.npy", np.array([[0.5, -1.0], [0.25, 0.75], [-0.5, 1.0]]))
    np.save(tmp_path / "covs.npy", np.array([1, 2]))
    np.save(tmp_path / "loads.npy", np.array([1, 2, 1]))
    np.save(tmp_path / "loads-lb.npy", np.array([0, 2, 1]))
    for name in ("preflib1.in", "preflib2.in"):
        (tmp_path / name).write_text("1 3\n0.0 0.5 1.0\n", encoding="utf-8")
    rows = {row["case"]: row for row in measure_reviewers(tmp_path)}
    assert {name: row["value"] for name, row in rows.items()} == {
        "midl": 2.25,
        "midl-least": 2.0,
        "preflib1": 1.5,
        "preflib2": 1.5,
    }
    assert all(row["value"] == row["bound"] and row["proved"] for row in rows.values())
    assert not any(row["violations"] for row in rows.values())
    assert all(row["loads_kept"] for row in rows.values())


def test_a_day_is_the_same_for_the_same_seed_and_can_be_staffed_visit_by_visit() -> None:
    assert len(SIZES) >= 10
    assert day(60, seed=3) == day(60, seed=3)
    assert day(60, seed=3) != day(60, seed=4)
    problem = day(60, seed=3)
    assert all(staffable(Facts(problem)))
    for visit in problem.visits:
        ((begin, end),) = visit.pieces
        assert any(first <= begin and end <= last for first, last in HALVES)
        assert [group.n_seats for group in visit.groups] == [1]
    assert {visit.groups[0].skills for visit in problem.visits} == {(), *((s,) for s in range(N_SKILLS))}


def test_travel_is_told_only_for_a_day_without_gaps() -> None:
    problem = day(12, seed=1)
    outcome = solve(problem, Budget(rounds=1))
    told = told_of(problem, outcome)
    assert told["violations"] == told["unplaced"] == 0
    assert told["travel"] == next(goal.value[0] for goal in outcome.goals if goal.goal == 3)
    first, *others = outcome.placements
    gap = replace(outcome, placements=tuple(others), unplaced=((first.visit_idx, "no_room"),))
    assert told_of(problem, gap) == {"travel": None, "unplaced": 1, "violations": 0}


def test_where_load_is_no_goal_it_costs_no_travel() -> None:
    problem = day(50, seed=1)
    alone = solve(problem, Budget(rounds=1))
    with_load = solve(replace(problem, goals=(1, 2, 3)), Budget(rounds=1))
    assert _travel(alone) < _travel(with_load)


def _travel(outcome: Outcome) -> int:
    return next(goal.value[0] for goal in outcome.goals if goal.goal == 3)


def test_pyvrp_plays_the_same_day() -> None:
    """Its distance is our travel and the minutes on site; its routes keep our rules."""
    pyvrp = pytest.importorskip("pyvrp", reason="PyVRP (the benchmark extra) is not installed")
    from benchmarks import pyvrp_peer as peer  # noqa: PLC0415 - after the skip

    problem = day(20, seed=2)
    told = told_of(problem, peer.play(problem, pyvrp.stop.MaxIterations(300)))
    assert told["violations"] == told["unplaced"] == 0
    crews = peer.crews_of(problem)
    assert sum(len(people) for people in crews.values()) == len(problem.people)
    stop = pyvrp.stop.MaxIterations(300)
    best = pyvrp.solve(peer.translated(problem, crews), stop, seed=peer.SEED, collect_stats=False).best
    assert best.distance() == told["travel"] + sum(visit.duration_min for visit in problem.visits)
    assert peer.ProcessorTime(0)(1)
