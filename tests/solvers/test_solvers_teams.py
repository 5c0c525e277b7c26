"""Leaders, seniors, fixed groups and wishes in the exact model, against brute force and planted rosters.

The model starts from an empty roster: nothing but its constraints keeps it inside the rules.
"""

import random
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

from scheduler.domain.problem import AssignmentProblem, Placement, SeatGroup
from scheduler.domain.settings import Budget
from solvers import solve
from solvers.bounds import officers_bound, sure_visits, wishes_bound
from solvers.company import in_lawful_company, only_lawful_company
from solvers.facts import Facts
from solvers.goals import goal_values, served
from solvers.model.exact import Levels, Solved
from solvers.reasons import staffable

ALL_GOALS = (1, 2, 3, 4, 5, 6)


def random_staffed(seed: int, n_visits: int = 3) -> AssignmentProblem:
    """A tiny problem with leaders, newcomers, fixed pairs and penalties of every kind."""
    problem, dice = random_tiny(seed, n_visits), random.Random(f"staffed {seed}")  # noqa: S311 - makes problems
    fixed = dice.choice((None, (0, 1), (3, 5)))
    people = tuple(
        replace(
            who,
            is_leader=dice.random() < 0.5,
            is_newcomer=dice.random() < 0.5,
            fixed_idx=0 if fixed is not None and at in fixed else -1,
            max_minutes=0,
        )
        for at, who in enumerate(problem.people)
    )
    problem = replace(problem, people=people, goals=ALL_GOALS)
    per_visit = dice.random() < 0.4
    visits = []
    for visit in problem.visits:
        groups = tuple(
            replace(
                group,
                leader=not per_visit and dice.random() < 0.5,
                senior=not per_visit and dice.random() < 0.5,
                wishes=tuple(dice.choice((0, 0, 1, 4)) for _ in problem.candidates(group)),
            )
            for group in visit.groups
        )
        flags = {"leader": per_visit and dice.random() < 0.5, "senior": per_visit and dice.random() < 0.5}
        wishes = tuple(dice.choice((0, 1, 3)) for _ in visit.days)
        visits.append(replace(visit, groups=groups, day_wishes=wishes, **flags))
    return replace(
        problem,
        visits=tuple(visits),
        pair_wishes=dice.choice(((), ((0, 2, 2),), ((0, 1, 1), (1, 4, 3)))),
        spaced=dice.choice(((), ((0, 1, 1, 5),), ((0, 2, 2, 2),))),
    )


def solved(problem: AssignmentProblem, units: int = 60) -> Solved:
    """The exact model's answer from an empty start."""
    able = tuple(next(every_place(problem, visit), None) is not None for visit in range(len(problem.visits)))
    return Levels(Facts(problem), able, (), units).run()


@pytest.mark.parametrize("seed", range(20))
def test_brute_force_finds_nothing_better_in_any_of_the_five_goals(seed: int) -> None:
    problem = random_staffed(seed)
    found = solved(problem)
    assert not broken(problem, found.placements)
    best = min(goal_key(problem, roster) for roster in every_roster(problem))
    assert goal_key(problem, found.placements) == best
    assert found.proved == dict.fromkeys((1, 2, 3, 4, 5), True)
    assert {goal: found.bounds[goal] for goal in (3, 4, 5)} == {
        goal: values(problem, found.placements)[goal] for goal in (3, 4, 5)
    }


@pytest.mark.parametrize("seed", [201, 206])
def test_brute_force_on_five_visits_finds_nothing_better(seed: int) -> None:
    problem = random_staffed(seed, n_visits=5)
    best = min(goal_key(problem, roster) for roster in every_roster(problem))
    assert goal_key(problem, solved(problem).placements) == best


@pytest.mark.parametrize("seed", range(20, 40))
def test_bounds_by_arithmetic_are_never_better_than_the_truth(seed: int) -> None:
    problem = random_staffed(seed)
    facts = Facts(problem)
    able = tuple(next(every_place(problem, visit), None) is not None for visit in range(len(problem.visits)))
    for roster in every_roster(problem):
        sure = sure_visits(facts, able, served(facts, roster))
        found = goal_values(facts, roster)
        assert officers_bound(facts, sure) <= found[4][0]
        assert wishes_bound(facts, sure) <= found[5][0]
        assert {goal: found[goal] for goal in (4, 5)} == {g: values(problem, roster)[g] for g in (4, 5)}


@pytest.mark.parametrize("seed", range(8))
def test_a_planted_roster_with_leaders_and_fixed_pairs_is_found(seed: int) -> None:
    problem = planted(seed)
    found = solved(problem, 8)
    assert len(found.placements) == len(problem.visits)
    assert not broken(problem, found.placements)


def planted(seed: int) -> AssignmentProblem:
    """Every visit needs the one leader of its pool or the fixed pair, each once a day: all of them fit."""
    dice = random.Random(f"planted {seed}")  # noqa: S311 - makes problems, decides nothing
    people = (
        person("P0", is_leader=True, is_newcomer=True, max_visits_day=1),
        person("P1", max_visits_day=1),
        person("P2", fixed_idx=0, is_leader=True, max_visits_day=1),
        person("P3", fixed_idx=0, is_newcomer=True, max_visits_day=1),
    )
    group = SeatGroup(department_idx=0, n_seats=2, pools=(0,), leader=True, senior=True)
    plan = [(day, dice.choice((540, 600, 660))) for day in (0, 0, 1, 1)]
    dice.shuffle(plan)
    visits = tuple(
        need(
            f"V{at}", site_idx=dice.randrange(4), days=(day,), pieces=((start, start + 60),), groups=(group,)
        )
        for at, (day, start) in enumerate(plan)
    )
    return tiny(people=people, visits=visits, goals=ALL_GOALS)


def test_nobody_comes_without_the_rest_of_his_group_on_a_day_that_one_of_them_is_away() -> None:
    people = (person("P0", fixed_idx=0), person("P1", fixed_idx=0, days=(1,)), person("P2", days=(0,)))
    problem = tiny(people=people, visits=(need("V0"),))
    assert [p.day_idx for p in solved(problem).placements] == [1]


def test_fewer_officers_come_before_wishes_and_after_travel() -> None:
    one = SeatGroup(department_idx=0, n_seats=1, pools=(0,), wishes=(0, 0, 9))
    visits = tuple(need(f"V{at}", site_idx=0, groups=(one,)) for at in range(2))
    problem = tiny(visits=visits, goals=(1, 3, 4, 5))
    teams = [placement.teams for placement in solved(problem).placements]
    assert teams[0] == teams[1] != ((2,),)


def test_an_officer_who_comes_as_an_expert_only_does_not_count() -> None:
    people = (person("P0"), person("P1"), person("P0", department_idx=-1, pool_idx=1))
    groups = (
        SeatGroup(department_idx=0, n_seats=1, pools=(0,), barred=(0,)),
        SeatGroup(department_idx=-1, n_seats=1, pools=(1,)),
    )
    visits = (need("V0", groups=groups),)
    problem = tiny(people=people, visits=visits, goals=(1, 4, 5), pair_wishes=((1, 2, 3),))
    outcome = solve(problem, Budget())
    assert [(goal.value, goal.proved) for goal in outcome.goals[1:]] == [((1,), True), ((3,), True)]


def test_goals_that_are_not_pursued_are_not_told() -> None:
    found = solved(tiny(goals=(1, 4)))
    assert set(found.bounds) == {1, 4}
    assert found.bounds[4] == (2,)
    assert goal_values(Facts(tiny(goals=(4,))), found.placements) == {4: (2,)}


def test_nobody_is_kept_at_home_where_goal_one_is_not_told() -> None:
    assert len(solved(tiny(goals=(4,))).placements) == 1


def test_visits_of_one_enterprise_are_spaced_where_that_costs_nothing_else() -> None:
    visits = (need("V0", site_idx=0), need("V1", site_idx=0))
    problem = tiny(visits=visits, goals=(1, 5), spaced=((0, 1, 1, 3),))
    days = [placement.day_idx for placement in solved(problem).placements]
    assert len(set(days)) == 2


def test_only_placements_in_lawful_company_are_trusted() -> None:
    people = (person("P0", is_leader=True), person("P1", is_newcomer=True), person("P2", is_newcomer=True))
    group = SeatGroup(department_idx=0, n_seats=2, pools=(0,), leader=True, senior=True)
    facts = Facts(tiny(people=people, visits=(need("V0", groups=(group,)), need("V1"))))
    lawful, unled = place(0, 0, 540, (0, 1)), place(0, 0, 540, (1, 2))
    free = place(1, 1, 540, (1, 2))
    assert in_lawful_company(facts, (lawful, free))
    assert not in_lawful_company(facts, (unled, free))
    assert only_lawful_company(facts, (unled, free)) == (free,)


@pytest.mark.parametrize("seed", range(12))
def test_company_is_judged_as_brute_force_does(seed: int) -> None:
    problem = random_staffed(seed)
    facts = Facts(problem)
    loose = replace(
        problem,
        people=tuple(replace(who, fixed_idx=-1) for who in problem.people),
        visits=tuple(
            replace(
                v,
                leader=False,
                senior=False,
                groups=tuple(replace(g, leader=False, senior=False) for g in v.groups),
            )
            for v in problem.visits
        ),
    )
    for visit in range(len(problem.visits)):
        for placement in every_place(loose, visit):
            alone: tuple[Placement, ...] = (placement,)
            assert in_lawful_company(facts, alone) == (not broken(problem, alone) & {"R15", "R16"})


@pytest.mark.parametrize("seed", range(100, 120))
def test_the_whole_solver_gives_what_brute_force_gives_with_its_reasons(seed: int) -> None:
    problem = random_staffed(seed)
    outcome = solve(problem, Budget())
    assert not broken(problem, outcome.placements)
    best = min(goal_key(problem, roster) for roster in every_roster(problem))
    assert goal_key(problem, outcome.placements) == best
    for visit, reason in outcome.unplaced:
        assert reason == ("no_room" if next(every_place(problem, visit), None) else "unstaffable")
    for goal in outcome.goals[1:]:
        assert goal.bound <= goal.value


@pytest.mark.parametrize("seed", range(60))
def test_the_insertion_finds_a_place_exactly_where_brute_force_does(seed: int) -> None:
    problem = random_staffed(seed)
    for visit, able in enumerate(staffable(Facts(problem))):
        assert able == any(True for _ in every_place(problem, visit))
