"""Small campaigns: least loads counted before any model is made, starts put in order, no search where none is
needed."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any, NoReturn

import pytest
from plain_roster import broken, every_roster, goal_key, need, person, place, random_tiny, tiny

from instances.roster import make_roster
from instances.roster_sizes import ROSTERS
from scheduler.domain.problem import SeatGroup
from scheduler.domain.settings import Budget
from solvers import solve
from solvers.cpsat import Answer
from solvers.facts import Facts
from solvers.goals import goal_values, is_better, load_value
from solvers.model import loads
from solvers.model.exact import ALL, Levels
from solvers.model.outings import MOST_STOPS, Columns, outings_of
from solvers.model.starts import best_starts

ALONE = SeatGroup(department_idx=0, n_seats=1, pools=(0,))


def all_loads(facts: Facts) -> Iterator[list[int]]:
    """Everybody's load for each choice of teams with the skills, whatever the time."""
    groups = [(visit, group) for visit, need_ in enumerate(facts.visits) for group in need_.groups]
    teams = [
        [team for team in combinations(facts.candidates(group), group.n_seats) if facts.covers(group, team)]
        for _, group in groups
    ]
    for chosen in product(*teams):
        load = [0] * len(facts.people)
        for (visit, _), team in zip(groups, chosen, strict=True):
            for who in team:
                load[who] += facts.duration[visit]
        yield load


def counted(facts: Facts) -> tuple[int, int] | None:
    least = loads.least_loads(facts, tuple(range(len(facts.visits))), all_sure=True)
    return None if least is None else (sum(one.ratio for one in least), sum(one.excess for one in least))


@pytest.mark.parametrize("seed", range(20))
def test_the_least_loads_are_those_of_the_best_of_all_choices_of_teams(seed: int) -> None:
    facts = Facts(random_tiny(seed))
    best = min((load_value(facts, load) for load in all_loads(facts)), default=None)
    assert counted(facts) == best


@pytest.mark.parametrize("seed", range(12))
def test_no_roster_that_serves_all_has_less(seed: int) -> None:
    problem = random_tiny(seed, 3)
    facts = Facts(problem)
    whole = [roster for roster in every_roster(problem) if len(roster) == len(problem.visits)]
    least = counted(facts)
    assert least is None or all(goal_values(facts, roster)[2] >= least for roster in whole)


def test_loads_that_hang_on_what_is_left_out_or_take_too_long_are_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts = Facts(random_tiny(3))
    everything = tuple(range(len(facts.visits)))
    assert loads.least_loads(facts, everything[1:], all_sure=False) is None
    assert counted(facts) is not None
    monkeypatch.setattr(loads, "MOST_SUMS", 1)
    assert counted(facts) is None
    monkeypatch.undo()
    monkeypatch.setattr(loads, "MOST_TEAMS", 0)
    assert counted(facts) is None


def test_every_ratio_tried_costs_a_look_at_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of ten may do all six: each step of sixty minutes is a try."""
    mine = replace(ALONE, barred=tuple(range(1, 10)))
    people = tuple(person(f"P{at}") for at in range(10))
    facts = Facts(tiny(people=people, visits=tuple(need(f"V{at}", groups=(mine,)) for at in range(6))))
    assert counted(facts) == (462, 324)
    monkeypatch.setattr(loads, "MOST_SUMS", 40)
    assert counted(facts) is None


def test_rare_skills_in_large_teams_are_not_looked_for_among_all_teams() -> None:
    people = tuple(person(f"P{at}", skills=1 << at >> 26) for at in range(30))
    pair, five = (
        SeatGroup(department_idx=0, n_seats=n, pools=(0,), skills=tuple(range(n - 1))) for n in (2, 5)
    )
    assert counted(Facts(tiny(people=people, visits=(need("V0", groups=(pair,)),)))) == (77, 112)
    assert counted(Facts(tiny(people=people, visits=(need("V0", groups=(five,)),)))) is None


def test_minutes_counted_beside_the_least_ratios_bound_nothing_beside_larger_ones() -> None:
    """Nobody can have the counted (165, 75) on the days there are; at (180, 75) less is above the targets."""
    may, minutes = ((0, 1), (0, 2), (0, 1), (2,), (1, 2)), (120, 150, 45, 30, 15)
    days = tuple(range(5))
    people = tuple(person(f"P{at}", capacity_min=1000, days=days if at else (0, 2, 3, 4)) for at in range(3))
    visits = tuple(
        need(
            f"V{at}",
            site_idx=0,
            duration_min=minutes[at],
            days=(at,),
            groups=(replace(ALONE, barred=tuple(sorted({0, 1, 2} - set(may[at])))),),
        )
        for at in range(5)
    )
    named = tuple(f"2026-03-{2 + day:02d}" for day in days)
    problem = tiny(days=named, weeks=(10,) * 5, people=people, visits=visits, grid_min=30)
    start = tuple(place(at, at, 540, (who,)) for at, who in enumerate((1, 2, 0, 2, 1)))
    facts = Facts(problem)
    assert counted(facts) == (165, 75)
    assert goal_values(facts, start)[2] == (180, 75)
    solved = Levels(facts, (True,) * 5, start, 100).run()
    assert goal_values(facts, solved.placements)[2] == solved.bounds[2] == (180, 60)
    assert solved.proved[2]


@pytest.mark.parametrize("goals", [(1, 2, 3), (2, 3), (3,)])
def test_a_roster_that_serves_fewer_is_not_better_even_where_serving_is_no_goal(
    goals: tuple[int, ...],
) -> None:
    facts = Facts(tiny(goals=goals))
    served = (place(0, 0, 540, (0, 1)),)
    assert is_better(facts, served, ())
    assert not is_better(facts, (), served)


@pytest.mark.parametrize("goals", [(1, 2, 3), (2, 3), (3,)])
def test_who_has_to_be_left_out_first_is_no_matter_of_travel(goals: tuple[int, ...]) -> None:
    facts = Facts(tiny(goals=goals, visits=(need("V0", site_idx=3), need("V1", site_idx=1))))
    far, near = (place(0, 0, 540, (0, 1)),), (place(1, 0, 540, (0, 1)),)
    assert goal_values(facts, near)[3] < goal_values(facts, far)[3]
    assert is_better(facts, far, near)
    assert not is_better(facts, near, far)


def test_of_rosters_that_serve_the_same_the_goals_decide_and_a_load_with_tolerance_does_not() -> None:
    visits = tuple(need(f"V{at}", groups=(ALONE,)) for at in range(2))
    near, even = (
        (place(0, 0, 540, (0,)), place(1, 0, 660, (who,))) for who in range(2)
    )  # one way for both, or a way each
    strict = Facts(tiny(visits=visits, goals=(2, 3)))
    loose = Facts(tiny(visits=visits, goals=(2, 3), load_tolerance_permille=10))
    assert is_better(strict, even, near)
    assert is_better(loose, near, even)
    assert not is_better(strict, even, even)


def test_days_of_many_stops_are_not_told_apart_order_by_order(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(Columns, "tell_apart", lambda _self, outing: told.append(len(outing)))
    sites = tuple((3_000 * (at % 3), 3_000 * (at // 3)) for at in range(9))
    visits = tuple(
        need(f"V{at}", site_idx=at + 1, duration_min=15, days=(0,), groups=(ALONE,)) for at in range(8)
    )
    problem = tiny(people=(person("P0"),), visits=visits, sites=sites, grid_min=15)
    outcome = solve(problem, Budget(exact_units=5))
    assert len(outcome.placements) == 8
    assert not broken(problem, outcome.placements)
    assert all(n <= MOST_STOPS for n in told)


def test_where_orders_alone_are_left_to_be_found_out_they_get_all_that_is_left_of_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []
    solve_level = Levels._solve

    def spy(self: Levels, *given: Any, **named: Any) -> Answer:
        asked.append(named.get("share"))
        return solve_level(self, *given, **named)

    monkeypatch.setattr(Levels, "_solve", spy)
    outcome = solve(make_roster(replace(ROSTERS["street"], n_visits=8), 1), Budget())
    assert all(goal.proved for goal in outcome.goals)
    assert ALL in asked[1:]
    assert asked[0] not in {ALL, None}


def test_what_is_proved_at_once_needs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def searched(*_given: object) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr("solvers.solving.solve_blocks", searched)
    outcome = solve(tiny(visits=tuple(need(f"V{at}") for at in range(3))), Budget())
    assert all(goal.proved for goal in outcome.goals)


def test_the_least_loads_are_given_up_where_days_forbid_them() -> None:
    """Counted, each of the two has one visit; on the day of both visits only one of them works."""
    people = (person("P0", days=(0,)), person("P1", days=(1,)))
    visits = tuple(need(f"V{at}", days=(0,), groups=(ALONE,)) for at in range(2))
    problem = tiny(people=people, visits=visits)
    outcome = solve(problem, Budget())
    assert counted(Facts(problem)) < goal_values(Facts(problem), outcome.placements)[2]
    assert all(goal.proved for goal in outcome.goals)
    best = min(goal_key(problem, roster) for roster in every_roster(problem))
    assert goal_key(problem, outcome.placements) == best


def test_a_day_begins_anew_in_the_order_of_its_shortest_way() -> None:
    sites = ((0, 0), (2_000, 0), (4_000, 0), (6_000, 0))
    visits = tuple(need(f"V{at}", site_idx=at + 1, days=(0,), groups=(ALONE,)) for at in range(3))
    problem = tiny(people=(person("P0", days=(0,)),), visits=visits, sites=sites, grid_min=15)
    facts = Facts(problem)
    outings = outings_of(facts)
    assert outings is not None
    detour = (place(0, 0, 660, (0,)), place(1, 0, 540, (0,)), place(2, 0, 810, (0,)))
    found = best_starts(facts, detour, outings)
    assert not broken(problem, found)
    assert [p.teams for p in found] == [p.teams for p in detour]
    (shortest,) = goal_values(facts, found)[3]
    assert shortest == outings[0][0, 1, 2] < goal_values(facts, detour)[3][0]
    assert best_starts(facts, detour[:2], outings) == detour[:2]


def test_where_the_order_is_forced_the_starts_stay_lawful() -> None:
    """The middle one first: its hours leave nothing else."""
    sites = ((0, 0), (2_000, 0), (4_000, 0), (6_000, 0))
    pieces = (((540, 1020),), ((540, 600),), ((540, 1020),))
    visits = tuple(
        need(f"V{at}", site_idx=at + 1, days=(0,), groups=(ALONE,), duration_min=60, pieces=pieces[at])
        for at in range(3)
    )
    problem = tiny(people=(person("P0", days=(0,)),), visits=visits, sites=sites, grid_min=15)
    outcome = solve(problem, Budget())
    assert outcome.placements[1].start_min == 540
    best = min(goal_key(problem, roster) for roster in every_roster(replace(problem, grid_min=60)))
    assert goal_key(problem, outcome.placements) <= best
    assert all(goal.proved for goal in outcome.goals)
