"""Larger campaigns in blocks: lawful, everything planted is found, reasons hold, bounds are true."""

from dataclasses import replace

import pytest
from plain_roster import broken, every_place, need, person, place, planted, random_tiny, tiny, values
from town import constructed, in_small_blocks

from scheduler.domain.problem import AssignmentProblem, Outcome, Placement, SeatGroup
from scheduler.domain.settings import Budget
from solvers import size, solve
from solvers.blocks import naming, seating
from solvers.bounds import department_ratios, load_bound, served_bound, sure_visits, travel_bound
from solvers.facts import Facts
from solvers.goals import department_members, goal_values
from solvers.reasons import settle, staffable
from solvers.roster import Roster

SMALL_BUDGET = Budget(block_units=1, rounds=1)


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


def test_room_that_the_last_dealing_of_seats_makes_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only one who can go to the second visit sits at the first until seats are dealt out evenly."""
    in_small_blocks(monkeypatch)
    one = SeatGroup(department_idx=0, n_seats=1, pools=(0,))
    people = (
        person("P0", capacity_min=420, max_visits_day=1, max_visits_week=1, days=(0,), skills=1),
        person("P1", max_visits_day=1, days=(0,)),
    )
    visits = (
        need("V0", duration_min=90, days=(0,), groups=(one,), served=(0, 1, 0, 0)),
        need("V1", duration_min=75, days=(0,), groups=(replace(one, skills=(0,)),)),
    )
    problem = tiny(people=people, visits=visits, skills=("k0",), load_tolerance_permille=300)
    outcome = solve(problem, SMALL_BUDGET)
    for visit, _ in outcome.unplaced:
        assert all(broken(problem, (*outcome.placements, option)) for option in every_place(problem, visit))
    assert not outcome.unplaced


def test_two_who_change_places_at_one_door_are_seated_at_once() -> None:
    group = SeatGroup(department_idx=0, n_seats=1, pools=(0,))
    facts = Facts(tiny(visits=(need("V0", groups=(group, group)),)))
    roster = Roster(facts)
    roster.put(place(0, 0, 540, (0,), (1,)))
    block = seating.seating_block(roster, (0, 1), range(2), 1000)
    seating.apply(roster, block, seating.Seated(teams=((1,), (0,)), work_units=0))
    assert roster.placements() == (place(0, 0, 540, (1,), (0,)),)


def test_a_block_in_which_nobody_is_drawn_places_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_blocks(monkeypatch)
    nobody = SeatGroup(department_idx=1, n_seats=1, pools=(2,))
    problem = tiny(
        visits=tuple(need(f"V{at}", groups=(nobody,)) for at in range(3)),
        departments=("D", "E"),
        pools=("D/pool", "expert/pool", "E/pool"),
    )
    assert {reason for _, reason in solve(problem, SMALL_BUDGET).unplaced} == {"unstaffable"}


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
