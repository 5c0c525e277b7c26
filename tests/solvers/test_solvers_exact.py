"""The exact solver against brute force, goal by goal, and what it says about it."""

from dataclasses import replace

import pytest
from plain_roster import (
    broken,
    every_place,
    every_roster,
    goal_key,
    need,
    person,
    place,
    random_tiny,
    tiny,
    values,
)

from scheduler.domain.errors import OneDoorError, UsageError
from scheduler.domain.problem import AssignmentProblem, GoalResult, Outcome, SeatGroup
from scheduler.domain.rules import GOALS
from scheduler.domain.settings import Budget
from solvers import solve
from solvers.facts import Facts
from solvers.goals import goal_values
from solvers.model.exact import Levels
from solvers.size import estimated_literals, is_small

SENSE = {goal.goal: goal.sense for goal in GOALS}


def told(outcome: Outcome) -> dict[int, GoalResult]:
    return {goal.goal: goal for goal in outcome.goals}


def truthful(problem: AssignmentProblem, outcome: Outcome) -> bool:
    """Lawful, values as recomputed, every bound on the right side in every component."""
    recomputed = values(problem, outcome.placements)
    for goal in outcome.goals:
        pairs = list(zip(goal.bound, goal.value, strict=True))
        right = all(b >= v for b, v in pairs) if SENSE[goal.goal] == "max" else all(b <= v for b, v in pairs)
        if not right or recomputed.get(goal.goal, goal.value) != goal.value:
            return False
        if goal.proved and goal.value != goal.bound and not problem.load_tolerance_permille:
            return False
    return not broken(problem, outcome.placements)


@pytest.mark.parametrize("seed", range(24))
def test_brute_force_on_four_visits_finds_nothing_better(seed: int) -> None:
    problem = random_tiny(seed)
    outcome = solve(problem, Budget())
    best = min(goal_key(problem, roster) for roster in every_roster(problem))
    assert goal_key(problem, outcome.placements) == best
    assert truthful(problem, outcome)
    assert all(goal.proved for goal in outcome.goals)
    assert outcome.method == "exact"


@pytest.mark.parametrize("seed", [101, 111, 113])
def test_brute_force_on_five_visits_finds_nothing_better(seed: int) -> None:
    problem = random_tiny(seed, n_visits=5)
    outcome = solve(problem, Budget())
    best = min(goal_key(problem, roster) for roster in every_roster(problem))
    assert goal_key(problem, outcome.placements) == best


@pytest.mark.parametrize("seed", range(24, 40))
def test_what_is_left_out_has_the_reason_that_enumeration_finds(seed: int) -> None:
    problem = random_tiny(seed)
    outcome = solve(problem, Budget())
    placed = {placement.visit_idx for placement in outcome.placements}
    assert placed.isdisjoint(visit for visit, _ in outcome.unplaced)
    assert len(placed) + len(outcome.unplaced) == len(problem.visits)
    for visit, reason in outcome.unplaced:
        options = list(every_place(problem, visit))
        assert reason == ("no_room" if options else "unstaffable")
        assert all(broken(problem, (*outcome.placements, option)) for option in options)


def test_the_lottery_decides_what_is_otherwise_equal() -> None:
    group = SeatGroup(department_idx=0, n_seats=2, pools=(0,), lottery=(900, 10, 20))
    problem = tiny(visits=(need("V0", groups=(group,)),))
    outcome = solve(problem, Budget())
    assert outcome.placements[0].teams == ((1, 2),)
    assert told(outcome)[6] == GoalResult(goal=6, value=(30,), bound=(30,), proved=True)


def test_without_weights_nothing_is_told_about_the_lottery() -> None:
    assert sorted(told(solve(tiny(), Budget()))) == [1, 2, 3]


def test_a_problem_without_visits_has_an_empty_outcome() -> None:
    outcome = solve(tiny(visits=()), Budget())
    assert (outcome.placements, outcome.unplaced) == ((), ())
    assert [(goal.value, goal.proved) for goal in outcome.goals] == [
        ((0, 0, 0, 0), True),
        ((0, 0), True),
        ((0,), True),
    ]


def test_a_visit_without_people_days_or_opening_hours_cannot_be_staffed() -> None:
    nobody = SeatGroup(department_idx=0, n_seats=2, pools=())
    problem = tiny(visits=(need("V0", groups=(nobody,)), need("V1", days=()), need("V2", pieces=())))
    assert solve(problem, Budget()).unplaced == ((0, "unstaffable"), (1, "unstaffable"), (2, "unstaffable"))


def test_a_window_without_working_days_staffs_nothing() -> None:
    nowhere = tuple(person(f"P{at}", days=()) for at in range(2))
    problem = tiny(days=(), weeks=(), people=nowhere, visits=(need("V0", days=()),))
    assert solve(problem, Budget()).unplaced == ((0, "unstaffable"),)


def test_where_nothing_can_be_staffed_the_empty_roster_is_proved_in_every_goal() -> None:
    group = SeatGroup(department_idx=0, n_seats=2, pools=(0,), lottery=(5, 6, 7))
    visits = (need("V0", pieces=(), groups=(group,)),)
    problem = tiny(visits=visits, goals=(1, 2, 3, 4, 5, 6), least_visits=((0, 1, 7),))
    assert [(goal.value, goal.bound, goal.proved) for goal in solve(problem, Budget()).goals] == [
        ((0, 0, 0, 0), (0, 0, 0, 0), True),
        ((0, 0), (0, 0), True),
        ((0,), (0,), True),
        ((0,), (0,), True),
        ((7,), (7,), True),
        ((0,), (0,), True),
    ]


def test_the_smaller_rank_stays_within_a_class_and_the_higher_class_before_all() -> None:
    once = tuple(person(f"P{at}", max_visits=1) for at in range(2))
    problem = tiny(people=once, visits=(need("V0", rank=5), need("V1", rank=3), need("V2", rank=4)))
    assert [p.visit_idx for p in solve(problem, Budget()).placements] == [1]
    risky = replace(problem.visits[2], served=(0, 1, 0, 0))
    problem = replace(problem, visits=(*problem.visits[:2], risky))
    assert [p.visit_idx for p in solve(problem, Budget()).placements] == [2]


def test_load_may_be_given_up_for_travel_within_its_tolerance_only() -> None:
    visits = tuple(
        need(
            f"V{at}",
            site_idx=3,
            duration_min=60,
            groups=(SeatGroup(department_idx=0, n_seats=1, pools=(0,)),),
        )
        for at in range(2)
    )
    strict = tiny(people=(person("P0"), person("P1")), visits=visits)
    loose = replace(strict, load_tolerance_permille=1000)
    even, short = told(solve(strict, Budget())), told(solve(loose, Budget()))
    assert short[3].value < even[3].value
    assert even[2].value < short[2].value
    assert even[2].proved
    assert short[2].proved
    assert short[2].value[0] <= 2 * short[2].bound[0]
    assert truthful(loose, solve(loose, Budget()))


def test_another_solver_or_version_is_refused_by_name() -> None:
    for budget in (Budget(solver="other"), Budget(solver_version="9.14.6206")):
        with pytest.raises(UsageError) as caught:
            solve(tiny(), budget)
        assert [problem.code for problem in caught.value.problems] == ["solve.version"]


def test_infeasible_beside_a_lawful_roster_is_called_a_bug() -> None:
    facts = Facts(tiny(goals=(1, 3)))
    unlawful = (place(0, 0, 540, (0, 0)),)
    levels = Levels(facts, (True,), unlawful, 10)
    levels.model.model.add_bool_or([])
    with pytest.raises(OneDoorError) as caught:
        levels.run()
    assert caught.value.exit_code == 1
    assert [problem.code for problem in caught.value.problems] == ["solve.contradiction"]


def test_small_means_few_literals() -> None:
    facts = Facts(tiny())
    assert is_small(facts)
    assert estimated_literals(facts) == 3 * (4 + 3)


def test_goal_values_follow_the_register() -> None:
    problem = random_tiny(3)
    outcome = solve(problem, Budget())
    assert goal_values(Facts(problem), outcome.placements) == values(problem, outcome.placements)
