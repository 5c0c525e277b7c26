"""A bare roster against its problem: a lawful one has no broken rule, each broken rule is found."""

from dataclasses import replace

import pytest
from plain_roster import broken, need, person, place, random_tiny, tiny, values

from scheduler.domain.problem import Outcome, Placement, SeatGroup
from scheduler.verify.roster import broken_rules, goal_values


def told(*placements: Placement, unplaced: tuple[int, ...] = ()) -> Outcome:
    return Outcome(
        placements=placements,
        unplaced=tuple((idx, "no_room") for idx in unplaced),
        goals=(),
        method="blocks",
        solver="ortools",
        solver_version="0",
    )


def test_a_lawful_roster_breaks_nothing() -> None:
    assert broken_rules(tiny(), told(place(0, 0, 540, (0, 1)))) == {}


@pytest.mark.parametrize(
    ("placement", "rule"),
    [
        (place(0, 5, 540, (0, 1)), "R12"),
        (place(0, 0, 690, (0, 1)), "R12"),
        (place(0, 0, 550, (0, 1)), "R12"),
        (place(0, 0, 540, (0,)), "R03"),
        (place(0, 0, 540), "R03"),
        (place(0, 0, 540, (0, 0)), "R09"),
    ],
)
def test_a_placement_that_breaks_a_rule_is_found(placement: Placement, rule: str) -> None:
    assert rule in broken_rules(tiny(), told(placement))


def test_people_who_may_not_sit_there_are_found() -> None:
    group = SeatGroup(
        department_idx=0, n_seats=2, pools=(0,), barred=(2,), skills=(0,), leader=True, senior=True
    )
    people = (
        person("P0", days=(1,), is_newcomer=True),
        person("P1", is_newcomer=True, fixed_idx=0),
        person("P2", fixed_idx=0),
        person("P3", pool_idx=1),
    )
    problem = tiny(
        people=people, visits=(need("V0", groups=(group,)),), skills=("k0",), barred_pairs=((0, 1),)
    )
    assert set(broken_rules(problem, told(place(0, 0, 540, (0, 1))))) == {"R05", "R07", "R11", "R15", "R16"}
    assert {"R07", "R08"} <= set(broken_rules(problem, told(place(0, 1, 540, (2, 3)))))


def test_limits_and_ways_between_visits_are_found() -> None:
    people = tuple(
        person(f"P{at}", max_visits_day=1, max_minutes_day=60, max_visits_week=1) for at in range(2)
    )
    problem = tiny(people=people, visits=(need("V0"), need("V1", site_idx=3)))
    found = broken_rules(problem, told(place(0, 0, 540, (0, 1)), place(1, 0, 600, (0, 1))))
    assert found == {"R09": 2, "R10": 6}


def test_a_visit_told_twice_or_not_at_all_is_found() -> None:
    lawful = place(0, 0, 540, (0, 1))
    assert broken_rules(tiny(), told()) == {"R18": 1}
    assert broken_rules(tiny(), told(lawful, unplaced=(0,))) == {"R18": 1}


def test_one_person_does_not_cover_two_skills_where_covers_are_distinct() -> None:
    group = SeatGroup(department_idx=0, n_seats=2, pools=(0,), skills=(0, 1))
    people = (person("P0", skills=3), person("P1"))
    problem = tiny(people=people, visits=(need("V0", groups=(group,)),), skills=("k0", "k1"))
    outcome = told(place(0, 0, 540, (0, 1)))
    assert broken_rules(problem, outcome) == {}
    assert broken_rules(replace(problem, distinct_cover=True), outcome) == {"R05": 1}


@pytest.mark.parametrize("seed", range(6))
def test_it_agrees_with_the_plain_reading_in_the_solvers_tests(seed: int) -> None:
    problem = random_tiny(seed)
    placements: tuple[Placement, ...] = ()
    for idx, visit in enumerate(problem.visits):
        for day in visit.days:
            option = place(idx, day, 540, *(tuple(range(group.n_seats)) for group in visit.groups))
            alone = told(option, unplaced=tuple(i for i, _ in enumerate(problem.visits) if i != idx))
            assert bool(broken_rules(problem, alone)) == bool(broken(problem, (option,)))
            if not broken(problem, (*placements, option)):
                placements = (*placements, option)
                break
    left = tuple({*range(len(problem.visits))} - {placement.visit_idx for placement in placements})
    outcome = told(*placements, unplaced=left)
    assert broken_rules(problem, outcome) == {}
    mine = goal_values(problem, outcome)
    assert {goal: values(problem, placements)[goal] for goal in mine} == mine
