"""Days as columns: every possible day with its shortest way, and what its order makes longer."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from plain_roster import broken, goal_key, need, person, place, random_tiny, tiny

from scheduler.domain.problem import Placement, SeatGroup
from scheduler.domain.settings import Budget
from solvers import cpsat, solve
from solvers.facts import Facts
from solvers.goals import goal_values
from solvers.model import exact, outings
from solvers.model.model import RosterModel

ALONE = SeatGroup(department_idx=0, n_seats=1, pools=(0,))


def row(n_visits: int = 3) -> Facts:
    """One officer, visits on a line: the order of a day decides its way."""
    sites = ((0, 0), *((2_000 * at, 0) for at in range(1, n_visits + 1)))
    visits = tuple(need(f"V{at}", site_idx=at + 1, days=(0,), groups=(ALONE,)) for at in range(n_visits))
    return Facts(tiny(people=(person("P0", days=(0,)),), visits=visits, sites=sites, grid_min=15))


@pytest.mark.parametrize("seed", range(12))
def test_outings_are_the_days_that_the_checker_allows(seed: int) -> None:
    problem = random_tiny(seed)
    facts = Facts(problem)
    found = outings.outings_of(facts)
    assert found is not None
    for body, own in found.items():
        alone = [visit for visit in range(len(facts.visits)) if any(visit in outing for outing in own)]
        for outing in (o for n in (1, 2) for o in itertools.combinations(alone, n)):
            ways = list(possible_ways(facts, body, outing))
            assert own.get(outing) == (min(ways) if ways else None)


def possible_ways(facts: Facts, body: int, outing: tuple[int, ...]) -> Iterator[int]:
    """Minutes of way of all orders, days and starts of these visits for one person."""
    problem = facts.problem
    groups = (replace(ALONE, pools=(facts.people[body].pool_idx,), department_idx=0),)
    bare = tuple(replace(v, groups=groups, leader=False, senior=False) for v in facts.visits)
    for day in facts.people[body].days:
        starts = [
            [step * facts.grid for step in range(96 * 15 // facts.grid) if facts.starts[visit] >> step & 1]
            for visit in outing
        ]
        for chosen in itertools.product(*starts):
            placements = tuple(place(v, day, start, (body,)) for v, start in zip(outing, chosen, strict=True))
            rules = set(broken(replace(problem, visits=bare), placements)) - {"R05", "R18"}
            if not rules:
                order = [v for _, v in sorted(zip(chosen, outing, strict=True))]
                stops = [facts.home[body], *(facts.visit_site[v] for v in order), facts.home[body]]
                yield sum(facts.leg(a, b) for a, b in itertools.pairwise(stops))


@pytest.mark.parametrize("units", [0, 60], ids=["no time to learn", "time"])
def test_an_order_too_long_for_the_day_is_not_taken(units: int) -> None:
    """Three visits on a line: in their order a day has 130 minutes; as the starts are held here, 142."""
    visits = tuple(
        need(f"V{at}", site_idx=1 + at, days=(0,), groups=(ALONE,), duration_min=30) for at in range(3)
    )
    people = (person("P0", days=(0,), max_minutes_day=140),)
    sites = ((0, 0), (2_000, 0), (4_000, 0), (6_000, 0))
    problem = tiny(people=people, visits=visits, sites=sites, grid_min=30, goals=(1,))
    levels = exact.Levels(Facts(problem), (True, True, True), (), units)
    start = levels.model.variables.start
    levels.model.model.add(start(1) < start(0))
    levels.model.model.add(start(0) < start(2))
    found = levels.run()
    assert not broken(problem, found.placements)
    assert len(found.placements) == 2
    assert found.proved[1] == (units > 0)


def test_too_many_outings_leave_the_work_to_circuits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outings, "MOST_OUTINGS", 3)
    assert outings.outings_of(row()) is None
    problem = random_tiny(5)
    with_circuits = solve(problem, Budget())
    monkeypatch.setattr(outings, "MOST_OUTINGS", 20_000)
    assert goal_key(problem, solve(problem, Budget()).placements) == goal_key(
        problem, with_circuits.placements
    )


def test_a_way_that_another_visit_makes_shorter_leaves_the_work_to_circuits() -> None:
    facts = row()
    assert outings.outings_of(facts) is not None
    nothing = tuple(replace(visit, duration_min=0) for visit in facts.visits)
    detour = Facts(replace(facts.problem, visits=nothing, least_min=0))
    legs = {(2, 3): 99, (3, 2): 99}
    plain = detour.leg
    detour.leg = lambda a, b: legs.get((a, b), plain(a, b))  # type: ignore[method-assign]
    assert outings.outings_of(detour) is None


def test_a_longer_order_is_told_apart_and_then_costs_its_own_minutes() -> None:
    facts = row()
    detour = (place(0, 0, 660, (0,)), place(1, 0, 540, (0,)), place(2, 0, 810, (0,)))
    assert not broken(facts.problem, detour)
    model = RosterModel(facts, outings=outings.outings_of(facts))
    assert model.columns is not None
    assert model.columns.misjudged(detour) == [(0, 1, 2)]
    assert least_travel(model, detour) < goal_values(facts, detour)[3][0]
    model = RosterModel(facts, outings=outings.outings_of(facts))
    assert model.columns is not None
    model.columns.tell_apart((0, 1, 2))
    assert model.columns.misjudged(detour) == []
    assert least_travel(model, detour) == goal_values(facts, detour)[3][0]


def least_travel(model: RosterModel, placements: tuple[Placement, ...]) -> int:
    """What the model thinks of these placements."""
    model.fix(placements)
    model.hint(placements)
    model.model.minimize(model.objectives.travel)
    answer = cpsat.run(model.model, 10)
    assert answer.optimal
    return answer.at_least()


@pytest.mark.parametrize("seed", range(6))
def test_a_proof_with_columns_is_a_proof_with_circuits(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_tiny(seed, 6)
    columns = solve(problem, Budget())
    monkeypatch.setattr(exact, "outings_of", lambda _: None)
    circuits = solve(problem, Budget())
    for one, other in zip(columns.goals, circuits.goals, strict=True):
        if one.proved and other.proved:
            assert one.value == other.value
