"""Fixed dates and starts, only goal 5 open: brute force agrees, the bound is true, the shape's edges."""

import random
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from plain_roster import broken, need, person, place, tiny, wishes

from scheduler.domain.problem import AssignmentProblem, SeatGroup
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules
from solvers import solve, solving
from solvers.facts import Facts
from solvers.fixed.jobs import jobs_of
from solvers.fixed.way import solve_fixed
from solvers.fixed.wishes import Net, least_penalty, priced_bound

QUICK = Budget(exact_units=1)
N_DAYS = 4


def papers(seed: int, **changes: object) -> AssignmentProblem:
    """Four visits on a day each, four people with at most three visits, wishes and bars thrown."""
    dice = random.Random(seed)  # noqa: S311 - instances, nothing secret
    visits = []
    for idx in range(N_DAYS):
        barred = tuple(p for p in range(4) if dice.random() < 0.2)
        group = SeatGroup(
            department_idx=0,
            n_seats=dice.choice((1, 2)),
            pools=(0,),
            barred=barred,
            wishes=tuple(dice.randrange(20) for _ in range(4 - len(barred))),
        )
        visits.append(need(f"V{idx}", days=(idx,), pieces=((540, 600),), groups=(group,), day_wishes=(idx,)))
    given: dict[str, object] = {
        "people": tuple(person(f"P{idx}", days=range(N_DAYS), max_visits=3) for idx in range(4)),
        "days": tuple(f"2026-03-0{2 + idx}" for idx in range(N_DAYS)),
        "weeks": (10,) * N_DAYS,
        "visits": tuple(visits),
        "least_visits": tuple((p, 1 + p % 2, 7) for p in range(4)),
        "goals": (1, 5),
    }
    return tiny(**(given | changes))


@pytest.mark.parametrize("seed", range(30))
def test_the_least_penalty_is_that_of_brute_force_and_proved(seed: int) -> None:
    problem = papers(seed)
    teams = [
        list(combinations(problem.candidates(visit.groups[0]), visit.groups[0].n_seats))
        for visit in problem.visits
    ]
    lawful = []
    for chosen in product(*teams):
        roster = tuple(place(idx, idx, 540, team) for idx, team in enumerate(chosen))
        if not broken(problem, roster):
            lawful.append(wishes(problem, roster))
    found = solve_fixed(Facts(problem), QUICK)
    if not lawful:
        # Either some visit has too few people at all, and the others are served, or the ordinary way answers.
        assert found is None or len(found.placements) < len(problem.visits)
        return
    assert found is not None
    assert not broken(problem, found.placements)
    assert wishes(problem, found.placements) == min(lawful)
    assert found.bounds[5] == (min(lawful),)
    assert found.proved == {1: True, 5: True}


def test_the_entry_gives_the_same_penalty_exactly_and_by_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = papers(3)
    exact = solve(problem, Budget())
    monkeypatch.setattr(solving, "is_small", lambda _facts: False)
    flowing = solve(problem, QUICK)
    assert broken_rules(problem, flowing) == {}
    assert [(goal.goal, goal.value, goal.proved) for goal in flowing.goals] == [
        (goal.goal, goal.value, goal.proved) for goal in exact.goals
    ]
    assert flowing == solve(problem, QUICK)


def test_whatever_the_prices_no_flow_costs_less_than_the_bound() -> None:
    facts = Facts(papers(5))
    jobs = jobs_of(facts)
    assert jobs is not None
    dealt = least_penalty(facts, jobs, 1)
    assert dealt is not None
    assert dealt.bound == dealt.value
    two_ways = Net(
        tail=np.array([0, 0]),
        head=np.array([1, 1]),
        capacity=np.array([1, 1]),
        cost=np.array([3, 5]),
        supply=np.array([1, -1]),
        who=np.array([0]),
        what=np.array([0]),
    )
    bounds = [priced_bound(two_ways, np.array([0, price])) for price in range(-10, 11)]
    assert max(bounds) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"goals": (1, 2, 5)},
        {"pair_wishes": ((0, 1, 3),)},
        {"people": tuple(person(f"P{idx}", days=range(N_DAYS), max_visits_day=2) for idx in range(4))},
        {"people": tuple(person(f"P{idx}", days=range(N_DAYS), max_visits=1) for idx in range(4))},
        {"visits": tuple(need(f"V{idx}", days=(0,), pieces=((540, 600),)) for idx in range(2))},
    ],
)
def test_any_other_shape_goes_the_ordinary_way(changes: dict[str, object]) -> None:
    problem = papers(1)
    assert solve_fixed(Facts(problem), QUICK) is not None
    assert solve_fixed(Facts(replace(problem, **changes)), QUICK) is None  # type: ignore[arg-type]


def test_least_visits_are_paid_for_in_the_exact_model_too() -> None:
    for least in (0, 1):
        visits = tuple(
            replace(visit, groups=(replace(visit.groups[0], barred=(), wishes=(0, 1, 2, 9), n_seats=1),))
            for visit in papers(2).visits
        )
        problem = papers(2, visits=visits, least_visits=tuple((p, least, 10) for p in range(4)))
        outcome = solve(problem, Budget())
        sent = {p for placement in outcome.placements for team in placement.teams for p in team}
        assert len(sent) == (4 if least else 2)
        assert outcome.goals[-1].value == (wishes(problem, outcome.placements),)
