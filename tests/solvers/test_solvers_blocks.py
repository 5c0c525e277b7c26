"""Larger campaigns in blocks: lawful, everything planted is found, reasons hold, bounds are true."""

import random
from dataclasses import replace

import pytest
from plain_roster import PIECES, broken, every_place, need, person, place, random_tiny, tiny, values

from scheduler.domain.problem import AssignmentProblem, Outcome, Placement, SeatGroup
from scheduler.domain.settings import Budget
from solvers import size, solve
from solvers.blocks import naming, seating
from solvers.blocks.construct import construct, targets
from solvers.bounds import department_ratios, load_bound, served_bound, sure_visits, travel_bound
from solvers.facts import Facts
from solvers.goals import department_members, goal_values
from solvers.reasons import settle, staffable
from solvers.roster import Roster

SMALL_BUDGET = Budget(block_units=1, rounds=1)


def planted(seed: int, n_days: int = 5, n_visits: int = 36) -> AssignmentProblem:
    """A problem made around a lawful roster: each visit's window and team surround where it was put."""
    dice = random.Random(seed)  # noqa: S311 - makes problems, decides nothing
    people = tuple(
        person(
            f"P{at:02d}",
            pool_idx=at // 8,
            department_idx=at // 8,
            site_idx=at // 8,
            days=tuple(range(n_days)),
            skills=dice.randrange(4),
            capacity_min=390 * n_days,
            max_visits_day=4,
            max_minutes_day=420,
        )
        for at in range(16)
    )
    sites = [(dice.randrange(8_000), dice.randrange(8_000)) for _ in range(n_visits + 2)]
    frame = tiny(
        days=tuple(f"2026-03-{2 + day:02d}" for day in range(n_days)),
        weeks=(0,) * n_days,
        grid_min=15,
        people=people,
        visits=(),
        sites=tuple(sites),
        departments=("D", "E"),
        pools=("D/pool", "E/pool"),
        skills=("k0", "k1"),
    )
    visits, roster = [], ()
    while len(visits) < n_visits:
        joint = dice.random() < 0.25
        teams = tuple(
            tuple(sorted(dice.sample(range(8 * d, 8 * d + 8), 2)))
            for d in ((0, 1) if joint else (dice.randrange(2),))
        )
        groups = tuple(
            SeatGroup(
                department_idx=team[0] // 8,
                n_seats=2,
                pools=(team[0] // 8,),
                skills=tuple(k for k in (0, 1) if any(people[p].skills >> k & 1 for p in team)),
            )
            for team in teams
        )
        at, day = len(visits), dice.randrange(n_days)
        duration = dice.choice((40, 70, 100))
        begin, end = dice.choice(PIECES)
        start = dice.randrange(begin, end - duration + 1, 15)
        visit = need(
            f"V{at}",
            site_idx=2 + at,
            duration_min=duration,
            days=tuple(sorted({day, dice.randrange(n_days)})),
            groups=groups,
            served=dice.choice(((0, 0, 0, 1), (0, 0, 1, 0), (1, 0, 0, 0))),
        )
        grown = (*roster, place(at, day, start, *teams))
        if not broken(replace(frame, visits=(*visits, visit)), grown):
            visits.append(visit)
            roster = grown
    return replace(frame, visits=tuple(visits))


def in_blocks(problem: AssignmentProblem, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    monkeypatch.setattr(size, "EXACT_LITERALS", -1)
    return solve(problem, SMALL_BUDGET)


@pytest.mark.parametrize("seed", range(4))
def test_all_of_a_planted_roster_is_served(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = planted(seed)
    outcome = in_blocks(problem, monkeypatch)
    assert outcome.method == "blocks"
    assert outcome.unplaced == ()
    assert not broken(problem, outcome.placements)
    recomputed = values(problem, outcome.placements)
    assert {goal.goal: goal.value for goal in outcome.goals} == recomputed
    assert outcome.goals[0].proved
    assert all(b <= v for goal in outcome.goals[1:] for b, v in zip(goal.bound, goal.value, strict=True))


@pytest.mark.parametrize("seed", range(12))
def test_blocks_keep_the_rules_and_give_true_reasons_and_bounds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = random_tiny(seed)
    outcome = in_blocks(problem, monkeypatch)
    assert not broken(problem, outcome.placements)
    for visit, reason in outcome.unplaced:
        options = list(every_place(problem, visit))
        assert reason == ("no_room" if options else "unstaffable")
        assert all(broken(problem, (*outcome.placements, option)) for option in options)
        assert not may_take_a_place(problem, outcome, visit)
    assert all(b >= v for b, v in zip(outcome.goals[0].bound, outcome.goals[0].value, strict=True))
    for goal in outcome.goals[1:]:
        assert all(b <= v for b, v in zip(goal.bound, goal.value, strict=True))


def may_take_a_place(problem: AssignmentProblem, outcome: Outcome, visit: int) -> bool:
    """Whether removing one visit of the same class with a larger rank that serves no more lets it in."""
    mine = problem.visits[visit]
    for given_up in outcome.placements:
        other = problem.visits[given_up.visit_idx]
        if other.rank < mine.rank or sum(other.served) > sum(mine.served):
            continue
        if [bool(n) for n in other.served] != [bool(n) for n in mine.served]:
            continue
        rest = tuple(p for p in outcome.placements if p != given_up)
        if any(not broken(problem, (*rest, option)) for option in every_place(problem, visit)):
            return True
    return False


@pytest.mark.parametrize("seed", range(6))
def test_static_bounds_hold_for_the_best_roster(seed: int) -> None:
    problem = random_tiny(seed)
    facts = Facts(problem)
    able = staffable(facts)
    outcome = solve(problem, Budget())
    best = values(problem, outcome.placements)
    sure = sure_visits(facts, able, best[1])
    assert all(b >= v for b, v in zip(served_bound(facts, able), best[1], strict=True))
    assert all(
        b <= v for b, v in zip(load_bound(facts, sure, all_sure=len(sure) == sum(able)), best[2], strict=True)
    )
    assert travel_bound(facts, sure) <= best[3]


def test_too_few_days_bound_what_can_be_served() -> None:
    people = tuple(person(f"P{at}", max_visits_day=1) for at in range(2))
    problem = tiny(people=people, visits=tuple(need(f"V{at}") for at in range(4)))
    facts = Facts(problem)
    assert served_bound(facts, staffable(facts)) == (0, 0, 0, 2)
    outcome = solve(problem, Budget())
    assert len(outcome.placements) == 2
    assert outcome.goals[0].proved


def test_one_place_is_given_to_the_visit_that_must_stay() -> None:
    people = (person("P0", max_visits=1), person("P1", max_visits=1))
    problem = tiny(people=people, visits=(need("V0", rank=9), need("V1", rank=2)))
    roster = Roster(Facts(problem))
    roster.put(place(0, 0, 540, (0, 1)))
    assert settle(roster, (True, True))
    assert [p.visit_idx for p in roster.placements()] == [1]
    assert not settle(roster, (True, True))


def constructed(problem: AssignmentProblem) -> tuple[Facts, Roster, tuple[bool, ...]]:
    facts = Facts(problem)
    able = staffable(facts)
    roster = Roster(facts, targets(facts, able))
    construct(roster, able)
    return facts, roster, able


@pytest.mark.parametrize("seed", range(3))
def test_naming_and_seating_move_people_only_and_never_make_loads_less_even(seed: int) -> None:
    problem = planted(seed)
    facts, roster, able = constructed(problem)
    ratios = department_ratios(facts, tuple(v for v, can in enumerate(able) if can))
    when = [(p.visit_idx, p.day_idx, p.start_min) for p in roster.placements()]
    for department, people in department_members(facts).items():
        before = goal_values(facts, roster.placements())
        block = naming.naming_block(roster, people, ratios[department])
        naming.apply(roster, block, naming.name(block, 1))
        named = goal_values(facts, roster.placements())
        assert named[2] <= before[2]
        assert named[3] == before[3]
        for days in seating.days_of(roster, people, ratios[department]):
            dealt = seating.seating_block(roster, people, days, ratios[department])
            if dealt.stops:
                seating.apply(roster, dealt, seating.seat(dealt, 1, 0))
        assert goal_values(facts, roster.placements())[2] <= named[2]
        assert not broken(problem, roster.placements())
    assert [(p.visit_idx, p.day_idx, p.start_min) for p in roster.placements()] == when


def test_a_roster_counts_the_same_after_putting_and_taking() -> None:
    problem = planted(7)
    facts, roster, _ = constructed(problem)
    kept: list[Placement | None] = list(roster.placed)
    travel, penalty, load = roster.travel, roster.penalty, list(roster.load)
    for placement in roster.placements():
        roster.take(placement.visit_idx)
    assert (roster.travel, roster.penalty, set(roster.load), roster.served) == (0, 0, {0}, [0, 0, 0, 0])
    roster.restore(kept)
    assert (roster.travel, roster.penalty, roster.load) == (travel, penalty, load)
    assert goal_values(facts, roster.placements())[3] == (travel,)
