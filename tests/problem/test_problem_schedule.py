"""From a solver's positions back to the campaign's ids, with nothing lost."""

import datetime as dt
from dataclasses import replace

import pytest
from drawn import SEED, draw, plan
from small import registers

from scheduler.domain.errors import OneDoorError
from scheduler.domain.problem import AssignmentProblem, GoalResult, Outcome, Placement
from scheduler.domain.registers import Registers
from scheduler.domain.schedule import Schedule, Unscheduled
from scheduler.merge import merge
from scheduler.problem import build_problem, problem_sha256, to_schedule

ROWS = ("T-fire:E01", "T-food:E01", "T-food:E03", "T-work:E02")
KNOWN = registers()
PLAN, DRAW = plan(KNOWN), draw(KNOWN, ROWS)
MERGED = merge(PLAN, KNOWN, DRAW)


def problem() -> AssignmentProblem:
    return build_problem(PLAN, KNOWN, DRAW, MERGED, draw_sha256="d" * 64, seed=SEED)


def place(made: AssignmentProblem, visit_idx: int, day: int, start: int) -> Placement:
    groups = made.visits[visit_idx].groups
    teams = tuple(made.candidates(group)[: group.n_seats] for group in groups)
    return Placement(visit_idx=visit_idx, day_idx=day, start_min=start, teams=teams)


def outcome(made: AssignmentProblem) -> Outcome:
    return Outcome(
        placements=(place(made, 1, 3, 540), place(made, 2, 0, 810)),
        unplaced=((0, "no_room"),),
        goals=(GoalResult(goal=1, value=(1, 1, 0, 0), bound=(1, 1, 2, 0), proved=False),),
        method="exact",
        solver="ortools",
        solver_version="9.15.6755",
        work_units=7,
        notes=("solve.note",),
    )


def schedule(made: AssignmentProblem, given: Outcome, known: Registers = KNOWN) -> Schedule:
    return to_schedule(made, PLAN, known, MERGED, given, attempt=2, discretionary=True)


def test_seats_are_named_dated_and_sorted() -> None:
    made = problem()
    seats = schedule(made, outcome(made)).seats
    told = [
        (seat.visit_id, seat.day, seat.start_min, seat.end_min, seat.department_id, seat.person_id)
        for seat in seats
    ]
    assert told == [
        ("V-E03-1", dt.date(2026, 3, 2), 810, 850, "D-food", "food-1"),
        ("V-E03-1", dt.date(2026, 3, 2), 810, 850, "D-food", "food-2"),
        ("V-E02-1", dt.date(2026, 3, 5), 540, 595, "D-work", "work-1"),
        ("V-E02-1", dt.date(2026, 3, 5), 540, 595, "D-work", "work-2"),
    ]


def test_an_expert_sits_for_no_department() -> None:
    made = problem()
    placements = (place(made, 0, 0, 540), place(made, 1, 3, 540), place(made, 2, 0, 810))
    seats = schedule(made, replace(outcome(made), placements=placements, unplaced=())).seats
    first = [(seat.department_id, seat.person_id, seat.role) for seat in seats if seat.visit_id == "V-E01-1"]
    assert first == [
        ("", "EX1", "expert"),
        ("D-fire", "fire-1", "officer"),
        ("D-fire", "fire-2", "officer"),
        ("D-food", "food-1", "officer"),
        ("D-food", "food-2", "officer"),
    ]


def test_every_requirement_of_an_unplaced_visit_is_told_with_the_reason() -> None:
    made = problem()
    assert schedule(made, outcome(made)).unscheduled == (
        Unscheduled(requirement_id="T-fire:E01", visit_id="V-E01-1", reason="no_room"),
        Unscheduled(requirement_id="T-food:E01", visit_id="V-E01-1", reason="no_room"),
    )


def test_the_report_repeats_the_outcome_and_names_the_problem() -> None:
    made = problem()
    report = schedule(made, outcome(made)).report
    assert (report.attempt, report.discretionary, report.reproducible) == (2, True, True)
    assert (report.draw_sha256, report.problem_sha256) == ("d" * 64, problem_sha256(made))
    assert (report.method, report.solver, report.solver_version) == ("exact", "ortools", "9.15.6755")
    assert (report.work_units, report.goals) == (7, outcome(made).goals)
    assert report.notes == ("solve.note", "problem.homes_at_centre")  # an expert of the small campaign


def test_a_problem_without_lottery_weights_says_so() -> None:
    made = problem()
    bare = replace(
        made,
        visits=tuple(
            replace(need, groups=tuple(replace(group, lottery=()) for group in need.groups))
            for need in made.visits
        ),
    )
    assert schedule(bare, outcome(bare)).report.notes == (
        "solve.note",
        "problem.lottery_left_out",
        "problem.homes_at_centre",
    )


def test_a_visit_without_coordinates_is_told() -> None:
    made, known = problem(), registers()
    assert "problem.places_at_centre" not in schedule(made, outcome(made)).report.notes
    lost = tuple(replace(row, lon_udeg=None) for row in known.enterprises)
    report = schedule(made, outcome(made), known=replace(known, enterprises=lost)).report
    assert "problem.places_at_centre" in report.notes


@pytest.mark.parametrize("fault", ["twice", "lost", "both", "in part"])
def test_a_visit_answered_twice_not_at_all_or_in_part_is_a_bug_and_named(fault: str) -> None:
    made = problem()
    good = outcome(made)
    first = good.placements[0]
    wrong = {
        "twice": replace(good, placements=(first, *good.placements)),
        "lost": replace(good, placements=good.placements[1:]),
        "both": replace(good, unplaced=(*good.unplaced, (1, "unstaffable"))),
        "in part": replace(good, placements=(replace(first, teams=()), good.placements[1])),
    }[fault]
    with pytest.raises(OneDoorError) as error:
        schedule(made, wrong)
    assert [(one.code, one.params) for one in error.value.problems] == [
        ("problem.not_conserved", {"visit": "V-E02-1"})
    ]
    assert error.value.exit_code == 1
