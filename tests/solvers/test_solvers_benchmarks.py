"""The benchmarks' own arithmetic: what is compared with must be right, too."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from plain_roster import need, person, tiny

from benchmarks.__main__ import main
from benchmarks.measuring import machine, measured
from benchmarks.micro.roster import outcome_figures
from benchmarks.round_robin import round_robin
from benchmarks.study.growth import exponent
from scheduler.domain.problem import SeatGroup
from scheduler.domain.settings import Budget
from solvers import solve
from solvers.facts import Facts


def test_round_robin_deals_in_turn_and_counts_what_it_breaks() -> None:
    barred = SeatGroup(department_idx=0, n_seats=2, pools=(0,), barred=(2,), skills=(0,))
    people = (person("P0"), person("P1", days=(0,)), person("P2"), person("P3"))
    problem = tiny(people=people, visits=(need("V0"), need("V1", groups=(barred,))), skills=("k0",))
    told = round_robin(Facts(problem))
    assert told["dates_by_list"]["travel"] == 4 * 2 * 7
    assert told["dates_by_list"]["R07"] == 1
    assert told["dates_by_list"]["R05"] == 1
    assert told["own_list"]["travel"] == 4 * 2 * 7


def test_round_robin_with_own_lists_makes_teams_miss_each_other() -> None:
    people = (person("P0"), person("P1", days=(1,)))
    told = round_robin(Facts(tiny(people=people)))
    assert told["own_list"]["R13"] == 1
    assert told["dates_by_list"]["R13"] == 0


def test_an_outcome_is_told_with_its_digest_and_its_distance_from_the_bounds() -> None:
    problem = tiny()
    figures = outcome_figures(problem, solve(problem, Budget(rounds=1)))
    near = {"within_1_percent": 1, "within_3_percent": 1, "within_5_percent": 1}
    load = figures["load"]
    assert {name: load[name] for name in ("departments", "proved", *near)} == {
        "departments": 1,
        "proved": 1,
        **near,
    }
    assert load["dense"] == {"departments": 0, **dict.fromkeys(near, 0)}
    assert load["minutes_above_bound"] == 0
    assert [(row["gap"], row["proved"]) for row in load["by_department"]] == [(0, True)]
    assert len(figures["sha256"]) == 64
    assert json.loads(json.dumps(figures))["n_unplaced"] == 0


def test_goals_are_told_as_a_list_by_class_and_then_as_numbers() -> None:
    problem = tiny()
    served, load, travel = outcome_figures(problem, solve(problem, Budget(rounds=1)))["goals"]
    assert [len(served[name]) for name in ("value", "bound", "gap")] == [4, 4, 4]
    assert all(goal["value"] - goal["bound"] == goal["gap"] for goal in (load, travel))
    excess = load["excess_min"]
    assert excess["value"] - excess["bound"] == excess["gap"]


def test_a_measurement_in_a_process_of_its_own_tells_memory_and_versions() -> None:
    told = measured(machine)
    assert told["peak_mb"] > 0
    assert told["machine"]["ortools"] == Budget().solver_version


def test_the_command_names_its_measurements() -> None:
    told = CliRunner().invoke(main, ["--help"])
    assert told.exit_code == 0
    assert all(name in told.output for name in ("roster", "exact-limit", "growth"))


@pytest.mark.parametrize(
    ("argv", "word"),
    [(["smptsp"], "bounds.csv"), (["reviewers"], "scores.npy")],
)
def test_data_that_is_not_there_is_told_in_one_line_and_nothing_goes_to_stdout(
    argv: list[str], word: str, tmp_path: Path
) -> None:
    told = CliRunner().invoke(main, [*argv, "--data", str(tmp_path), "--json"])
    assert (told.exit_code, told.stdout, told.stderr.count("\n")) == (1, "", 1)
    assert word in told.stderr


def test_the_exponent_of_growth_is_the_slope_through_the_logarithms() -> None:
    assert exponent([(5_000, 10.0), (10_000, 20.0), (40_000, 80.0)]) == 1.0
    assert exponent([(10, 3.0), (20, 12.0), (40, 48.0)]) == 2.0


def test_the_study_of_small_campaigns_names_values_and_seconds_of_both() -> None:
    told = CliRunner().invoke(main, ["small", "--only", "street-4-1", "--seconds", "20", "--json"])
    (row,) = json.loads(told.stdout)
    assert (row["case"], row["ours"]["violations"]) == ("street-4-1", 0)
    assert row["ours"]["state"] == row["monolith"]["state"] == "proved"
    assert row["ours"]["goals"] == row["monolith"]["goals"] == row["ours"]["bounds"]
    assert row["ours"]["processor_seconds"] > 0


def test_a_campaign_that_the_study_does_not_know_is_refused() -> None:
    told = CliRunner().invoke(main, ["small", "--only", "village-1-1"])
    assert (told.exit_code, told.stdout) == (2, "")
    assert "street-4-1" in told.stderr
