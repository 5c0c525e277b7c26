"""The study's bound of travel: true beside enumeration, and closer than the radial one."""

import json
import random
from itertools import combinations, permutations

import pytest
from click.testing import CliRunner
from plain_roster import minutes, need, person, tiny

from benchmarks.__main__ import main
from benchmarks.study.travel_bound import _groups, asked_of, travel_of
from scheduler.domain.problem import AssignmentProblem, SeatGroup
from solvers.blocks.land import land_of
from solvers.bounds import travel_bound
from solvers.facts import Facts


def scattered(seed: int) -> AssignmentProblem:
    """Five visits of one officer each, who has the time for two or three a day."""
    dice = random.Random(seed)  # noqa: S311 - makes problems, decides nothing
    sites = ((0, 0), *((dice.randrange(-9_000, 9_000), dice.randrange(-9_000, 9_000)) for _ in range(5)))
    visits = tuple(
        need(
            f"V{at}",
            site_idx=at + 1,
            duration_min=dice.choice((60, 90, 120)),
            days=dice.choice(((0,), (1,), (0, 1))),
            groups=(SeatGroup(department_idx=0, n_seats=1, pools=(0,)),),
        )
        for at in range(5)
    )
    people = tuple(person(f"P{at}", max_visits_day=3, max_minutes_day=330) for at in range(5))
    return tiny(people=people, visits=visits, sites=sites)


def way(problem: AssignmentProblem, order: tuple[int, ...]) -> int | None:
    """Minutes under way of a day of one officer with the visits in this order; None where that is no day."""
    here, now, total, days = 0, 0, 0, {0, 1}
    for idx in order:
        visit = problem.visits[idx]
        leg = minutes(problem, here, visit.site_idx)
        free = [
            start
            for first, end in visit.pieces
            for start in range(first, end - visit.duration_min + 1, problem.grid_min)
            if start >= (now + leg if now else 0)
        ]
        days &= set(visit.days)
        if not free or not days:
            return None
        here, now, total = visit.site_idx, min(free) + visit.duration_min, total + leg
    total += minutes(problem, here, 0)
    on_site = sum(problem.visits[idx].duration_min for idx in order)
    return total if len(order) <= 3 and on_site + total <= 330 else None


def least_travel(problem: AssignmentProblem) -> int:
    """The least over all ways to share the visits out among days, by subsets."""
    everything = range(len(problem.visits))
    cost: dict[frozenset[int], int] = {}
    for order in (o for size in (1, 2, 3) for o in permutations(everything, size)):
        minutes_of = way(problem, order)
        if minutes_of is not None:
            key = frozenset(order)
            cost[key] = min(cost.get(key, minutes_of), minutes_of)
    best = {frozenset[int](): 0}
    for size in range(1, len(everything) + 1):
        for rest in map(frozenset, combinations(everything, size)):
            best[rest] = min(best[rest - day] + cost[day] for day in cost if day <= rest)
    return best[frozenset(everything)]


def bound_of(problem: AssignmentProblem) -> int:
    facts = Facts(problem)
    land = land_of(facts)
    return sum(travel_of(asked_of(facts, land, groups)).proved for groups in _groups(facts).values())


@pytest.mark.parametrize("seed", range(12))
def test_no_way_to_share_out_days_is_shorter_than_the_bound(seed: int) -> None:
    problem = scattered(seed)
    bound, least = bound_of(problem), least_travel(problem)
    assert travel_bound(Facts(problem), range(5))[0] <= bound <= least
    assert 10 * bound >= 8 * least


def test_who_meets_nobody_is_bounded_by_his_own_way() -> None:
    problem = tiny()
    assert bound_of(problem) == 2 * 2 * Facts(problem).leg(0, 1)


def test_the_study_tells_departments_and_round_robin() -> None:
    done = CliRunner().invoke(main, ["travel-bound", "--size", "street", "--departments", "2", "--json"])
    told = json.loads(done.stdout)
    assert told["departments"] == 2
    assert told["bound"] == sum(row["bound"] for row in told["by_department"])
    assert told["percent_of_round_robin"]["dates_by_list"] > 0
