"""Readers of public benchmark formats: small files of our own, damaged ones, and the real ones."""

import os
from fractions import Fraction
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from instances import reviewers, shifts
from scheduler.domain.errors import InputError
from scheduler.domain.settings import Budget
from solvers import solve

TINY = """# two workers, three jobs
Type = 1
Jobs = 3
  10  20
  20  30
  15  25
Qualifications = 2
  2:  0  1
  3:  2 0 1
"""


def test_a_job_becomes_a_visit_of_one_seat_with_one_start() -> None:
    problem = shifts.problem_of("tiny", TINY)
    assert [visit.pieces for visit in problem.visits] == [((10, 20),), ((20, 30),), ((15, 25),)]
    assert [visit.groups[0].barred for visit in problem.visits] == [(), (), (0,)]
    assert problem.goals == (1, 4)
    outcome = solve(problem, Budget())
    assert [(goal.value, goal.bound, goal.proved) for goal in outcome.goals] == [
        ((0, 0, 0, 3), (0, 0, 0, 3), True),
        ((2,), (2,), True),
    ]


def test_instances_are_found_in_folders_and_archives_by_number(tmp_path: Path) -> None:
    (tmp_path / "data_10_2_3_66.dat").write_text(TINY, encoding="utf-8")
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("inside/data_2_2_3_66.dat", TINY)
    (tmp_path / "bounds.csv").write_text("instance,LB,UB\ndata_2_2_3_66,2,\n", encoding="utf-8")
    assert shifts.instance_names(tmp_path) == ("data_2_2_3_66", "data_10_2_3_66")
    both = [shifts.read_instance(tmp_path, name) for name in shifts.instance_names(tmp_path)]
    assert both[0] == both[1]
    assert shifts.listed_bounds(tmp_path) == {"data_2_2_3_66": shifts.Listed(lower=2, upper=0)}
    with pytest.raises(InputError, match=r"instance\.shifts"):
        shifts.read_instance(tmp_path, "data_3_2_3_66")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Type = 1", "Kind = 1"),
        ("Jobs = 3", "Jobs = x"),
        ("  15  25", "  25  15"),
        ("  15  25", "  15"),
        ("  2:  0  1", "  2:  0  3"),
        ("  2:  0  1", "  3:  0  1"),
        ("  3:  2 0 1\n", ""),
    ],
)
def test_what_is_not_of_the_format_is_refused_with_its_line(old: str, new: str) -> None:
    with pytest.raises(InputError, match=r"instance\.shifts"):
        shifts.problem_of("tiny", TINY.replace(old, new))


def midl_files(folder: Path) -> None:
    np.save(folder / "scores.npy", np.array([[0.5, -1.0], [0.25, 0.75], [-0.5, 1.0]]))
    np.save(folder / "covs.npy", np.array([1, 2]))
    np.save(folder / "loads.npy", np.array([1, 2, 1]))
    np.save(folder / "loads-lb.npy", np.array([0, 1, 1]))


def test_a_score_of_minus_one_bars_and_other_scores_count_as_they_stand(tmp_path: Path) -> None:
    midl_files(tmp_path)
    case = reviewers.read_midl(tmp_path, least=True)
    assert case.likes[1] == (None, 75 * 10**10, 10**12)
    assert case.likes[0][2] == -5 * 10**11
    problem = reviewers.problem_of(case)
    assert problem.visits[1].groups[0].barred == (0,)
    outcome = solve(problem, Budget())
    assert reviewers.liked_by(case, outcome) == Fraction(9, 4)
    assert reviewers.liked(case, outcome.goals[-1].value[0]) == Fraction(9, 4)
    assert reviewers.loads_kept(case, outcome)


def test_bids_of_nought_bar_nobody(tmp_path: Path) -> None:
    path = tmp_path / "preflib1.in"
    path.write_text("1 3\n0.0 0.5 1.0\n", encoding="utf-8")
    case = reviewers.read_bids(path, 1)
    outcome = solve(reviewers.problem_of(case), Budget())
    assert reviewers.liked_by(case, outcome) == Fraction(3, 2)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"instance\.source_missing"):
        reviewers.cases(tmp_path)


def _external(name: str) -> Path:
    root = os.environ.get("ONEDOOR_EXTERNAL")
    folder = Path(root or "") / "data" / name
    if not root or not folder.is_dir():
        pytest.skip(f"ONEDOOR_EXTERNAL names no data/{name}")
    return folder


@pytest.mark.external
def test_the_published_sums_of_scores_are_reached_and_proved() -> None:
    wanted = {"midl": "201.88488", "midl-least": "150.043125", "preflib1": "124.25", "preflib2": "141.5"}
    for case in reviewers.cases(_external("reviewers")):
        outcome = solve(reviewers.problem_of(case), Budget())
        value = reviewers.liked_by(case, outcome)
        assert abs(value - Fraction(wanted[case.name])) <= Fraction(5, 10**6)
        assert all(goal.proved for goal in outcome.goals)


@pytest.mark.external
@pytest.mark.parametrize("name", ["data_9_49_104_33", "data_69_148_614_33", "data_137_245_2105_33"])
def test_a_listed_lower_bound_is_reached(name: str) -> None:
    folder = _external("smptsp")
    outcome = solve(shifts.read_instance(folder, name), Budget())
    assert outcome.goals[-1].value == (shifts.listed_bounds(folder)[name].lower,)
    assert outcome.goals[-1].proved
