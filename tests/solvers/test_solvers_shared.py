"""Seats that people of several departments may take: exactly solved, and no bound is ever above a roster."""

from dataclasses import replace
from random import Random

import pytest
from plain_roster import broken, every_roster, goal_key, need, person, random_tiny, tiny, values
from town import in_small_blocks
from town import town as big_town

from scheduler.domain.problem import AssignmentProblem, SeatGroup
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules, goal_values
from solvers import solve
from solvers.bounds import load_bound, travel_bound
from solvers.facts import Facts


def shared(seed: int) -> AssignmentProblem:
    """A tiny problem in which the second department helps the first: evened out together, as the problem
    builder makes them, or each by itself, as a library user might."""
    dice = Random(seed)  # noqa: S311 - makes problems, decides nothing
    base = random_tiny(seed, 3)
    visits = tuple(
        replace(
            visit,
            groups=tuple(
                replace(group, pools=(0, 1)) if group.department_idx == 0 else group for group in visit.groups
            ),
        )
        for visit in base.visits
    )
    people = base.people
    if dice.random() < 0.6:
        people = tuple(replace(one, department_idx=0) for one in people)
    return replace(base, people=people, visits=visits)


@pytest.mark.parametrize("seed", range(8))
def test_helpers_make_the_roster_that_enumeration_finds_best(seed: int) -> None:
    problem = shared(seed)
    outcome = solve(problem, Budget(exact_units=200))
    assert not broken(problem, outcome.placements)
    best = min(every_roster(problem), key=lambda placements: goal_key(problem, placements))
    assert values(problem, outcome.placements) == values(problem, best)
    told = {goal.goal: goal for goal in outcome.goals}
    assert told[1].value == values(problem, best)[1]


def helped(problem: AssignmentProblem) -> AssignmentProblem:
    """Every second department helps the one before it and is evened out with it."""
    pool_of = {one.department_idx: one.pool_idx for one in problem.people if one.department_idx >= 0}
    more = {at: pool_of[at + 1] for at in pool_of if at % 2 == 0 and at + 1 in pool_of}
    visits = tuple(
        replace(
            visit,
            groups=tuple(
                replace(
                    group,
                    pools=(*group.pools, more[group.department_idx]),
                    skills=(),
                    lottery=(),
                    wishes=(),
                )
                if group.department_idx in more
                else group
                for group in visit.groups
            ),
        )
        for visit in problem.visits
    )
    people = tuple(
        replace(one, department_idx=one.department_idx - 1) if one.department_idx - 1 in more else one
        for one in problem.people
    )
    return replace(problem, people=people, visits=visits)


def test_a_large_roster_with_helpers_is_lawful_and_within_its_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_small_blocks(monkeypatch)
    problem = helped(big_town(80))
    outcome = solve(problem, Budget(rounds=1, block_units=1))
    assert outcome.method == "blocks"
    assert outcome.unplaced == ()
    assert broken_rules(problem, outcome) == {}
    told = {goal.goal: goal for goal in outcome.goals}
    for number, value in goal_values(problem, outcome).items():
        assert told[number].value == value
        assert number == 1 or told[number].bound <= value
    pools = {person: one.pool_idx for person, one in enumerate(problem.people)}
    assert any(
        pools[person] != group.pools[0]
        for placement in outcome.placements
        for group, team in zip(problem.visits[placement.visit_idx].groups, placement.teams, strict=True)
        for person in team
        if len(group.pools) > 1
    )


def town(n_shared: int, **own: object) -> AssignmentProblem:
    """One visit of the first department and some that both may serve, all at one far place."""
    first = SeatGroup(department_idx=0, n_seats=1, pools=(0,))
    both = SeatGroup(department_idx=0, n_seats=1, pools=(0, 1))
    people = (
        person("P0", max_visits_day=3, **own),
        person("P1", pool_idx=1, department_idx=1, max_visits_day=3, **own),
    )
    visits = [need("V0", duration_min=30, groups=(first,))]
    visits += [need(f"V{1 + n}", duration_min=30, groups=(both,)) for n in range(n_shared)]
    return tiny(
        people=people,
        visits=tuple(replace(visit, site_idx=3) for visit in visits),
        departments=("D0", "D1"),
        pools=("D0/pool", "D1/pool"),
        grid_min=15,
    )


def test_one_day_of_both_departments_visits_travels_no_less_than_its_bound() -> None:
    problem = town(2)
    outcome = solve(problem, Budget())
    travelled = values(problem, outcome.placements)[3][0]
    assert len(outcome.placements) == 3
    assert travel_bound(Facts(problem), (0, 1, 2))[0] <= travelled


def test_people_whom_few_may_replace_bound_the_load_by_themselves() -> None:
    """Who helps is evened out with those he helps; his own seats nobody else may take."""
    people = tuple(
        person(f"P{n}", pool_idx=int(n > 0), days=(0, 1), capacity_min=780, department_idx=0)
        for n in range(4)
    )
    own = SeatGroup(department_idx=0, n_seats=1, pools=(0,))
    visits = tuple(need(f"V{n}", groups=(own,)) for n in range(2))
    problem = tiny(people=people, visits=visits, departments=("D0", "D1"), pools=("D0/pool", "D1/pool"))
    assert load_bound(Facts(problem), (0, 1), all_sure=True)[0] == -(-1000 * 120 // 780)
