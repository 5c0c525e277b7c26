"""Fixed dates and starts, only goal 4 open: brute force agrees, planted crews are found."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from plain_roster import broken, need, person, place, tiny

from scheduler.domain.problem import AssignmentProblem, Outcome, Placement, SeatGroup, VisitNeed
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules
from solvers import solve, solving
from solvers.facts import Facts
from solvers.fixed.way import solve_fixed

QUICK = Budget(exact_units=1)
DAYS = ("2026-03-02", "2026-03-03")


def at(visit_id: str, begin: int, minutes: int = 60, **changes: object) -> VisitNeed:
    """A visit with one start and one seat."""
    given: dict[str, object] = {
        "days": (0,),
        "duration_min": minutes,
        "pieces": ((begin, begin + minutes),),
        "groups": (SeatGroup(department_idx=0, n_seats=1, pools=(0,)),),
    }
    return need(visit_id, **(given | changes))


def fixed(*visits: VisitNeed, n_people: int = 4, **changes: object) -> AssignmentProblem:
    given: dict[str, object] = {
        "people": tuple(person(f"P{idx}") for idx in range(n_people)),
        "visits": visits,
        "sites": ((0, 0), (0, 0), (3_000, 0)),
        "grid_min": 15,
        "goals": (1, 4),
    }
    return tiny(**(given | changes))


def thrown(seed: int, n_visits: int = 5, n_people: int = 4) -> AssignmentProblem:
    """Some visits at some times, each with some people barred."""
    dice = random.Random(seed)  # noqa: S311 - instances, nothing secret
    visits = []
    for idx in range(n_visits):
        barred = tuple(p for p in range(n_people) if dice.random() < 0.4)
        group = SeatGroup(department_idx=0, n_seats=dice.choice((1, 1, 2)), pools=(0,), barred=barred)
        changes = {"days": (dice.randrange(2),), "groups": (group,), "site_idx": dice.choice((1, 1, 2))}
        visits.append(at(f"V{idx}", 540 + 15 * dice.randrange(8), dice.choice((30, 60, 90)), **changes))
    return fixed(*visits, n_people=n_people)


def every_full_roster(problem: AssignmentProblem) -> Iterator[tuple[Placement, ...]]:
    """All rosters that serve every visit, lawful or not."""
    choices = []
    for idx, visit in enumerate(problem.visits):
        able = problem.candidates(visit.groups[0])
        pairs = [(a,) for a in able] if visit.groups[0].n_seats == 1 else []
        pairs += [(a, b) for a in able for b in able if a < b] if visit.groups[0].n_seats > 1 else []
        choices.append([place(idx, visit.days[0], visit.pieces[0][0], team) for team in pairs])
    return product(*choices)


def n_sent(placements: tuple[Placement, ...]) -> int:
    return len({person for placement in placements for team in placement.teams for person in team})


@pytest.mark.parametrize("seed", range(40))
def test_the_fewest_officers_are_those_of_brute_force(seed: int) -> None:
    problem = thrown(seed)
    lawful = [roster for roster in every_full_roster(problem) if not broken(problem, roster)]
    found = solve_fixed(Facts(problem), QUICK)
    if not lawful:
        # Either some visit has nobody at all, and the others are served, or the ordinary way has to answer.
        assert found is None or len(found.placements) < len(problem.visits)
        return
    assert found is not None
    assert not broken(problem, found.placements)
    assert n_sent(found.placements) == min(map(n_sent, lawful))
    assert found.bounds[4][0] <= n_sent(found.placements)
    assert not found.proved[4] or found.bounds[4][0] == n_sent(found.placements)


def planted(seed: int, n_people: int = 12, extra: int = 8) -> AssignmentProblem:
    """Everybody of a crew of ``n_people`` is at work without a pause; beside them stand ``extra`` others."""
    dice = random.Random(seed)  # noqa: S311 - instances, nothing secret
    spans, owners = [], []
    for owner in range(n_people):
        now = 480
        while now < 1_080:
            length = min(1_080 - now, 15 * dice.randrange(2, 9))
            spans.append((now, now + length))
            owners.append(owner)
            now += length
    visits = []
    for idx, ((begin, end), owner) in enumerate(zip(spans, owners, strict=True)):
        barred = tuple(p for p in range(n_people + extra) if p != owner and dice.random() < 0.3)
        group = SeatGroup(department_idx=0, n_seats=1, pools=(0,), barred=barred)
        visits.append(at(f"V{idx}", begin, end - begin, groups=(group,)))
    return fixed(*visits, n_people=n_people + extra)


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_crew_without_a_pause_is_found_and_proved(seed: int) -> None:
    problem = planted(seed)
    outcome = solve(problem, Budget(exact_units=5))
    assert broken_rules(problem, outcome) == {}
    officers = outcome.goals[-1]
    assert (officers.value, officers.bound, officers.proved) == ((12,), (12,), True)
    assert (outcome.method, outcome.unplaced) == ("exact", ())


def test_the_same_campaign_gives_the_same_outcome_byte_for_byte() -> None:
    problem = planted(7)
    assert solve(problem, QUICK) == solve(problem, QUICK)


def whole(problem: AssignmentProblem, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """By the entry everybody uses, with the exact model out of the way."""
    monkeypatch.setattr(solving, "is_small", lambda _facts: False)
    return solve(problem, QUICK)


def test_what_nobody_can_staff_is_left_out_and_the_others_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nobody = SeatGroup(department_idx=0, n_seats=1, pools=(0,), barred=(0, 1, 2, 3))
    problem = fixed(at("V0", 540), at("V1", 600, groups=(nobody,)), at("V2", 600))
    outcome = whole(problem, monkeypatch)
    assert outcome.unplaced == ((1, "unstaffable"),)
    assert [goal.value for goal in outcome.goals] == [(0, 0, 0, 2), (1,)]
    assert all(goal.proved for goal in outcome.goals)


def test_where_not_everybody_can_be_served_the_ordinary_way_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = fixed(at("V0", 540), at("V1", 540), at("V2", 540), n_people=2)
    assert solve_fixed(Facts(problem), QUICK) is None
    outcome = whole(problem, monkeypatch)
    assert [reason for _, reason in outcome.unplaced] == ["no_room"]


def test_the_way_between_two_places_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    near = fixed(at("V0", 540), at("V1", 600))
    far = fixed(at("V0", 540), at("V1", 600, site_idx=2))
    assert whole(near, monkeypatch).goals[-1].value == (1,)
    assert whole(far, monkeypatch).goals[-1].value == (2,)
    assert broken_rules(far, whole(far, monkeypatch)) == {}


def test_a_stated_way_counts_though_the_places_are_near() -> None:
    problem = replace(
        fixed(at("V0", 540), at("V1", 615, site_idx=2)),
        sites=((0, 0), (0, 0), (100, 0)),
        zones=(-1, 0, 1),
        legs=((0, 90), (90, 0)),
    )
    found = solve_fixed(Facts(problem), QUICK)
    assert found is not None
    assert not broken(problem, found.placements)
    assert n_sent(found.placements) == 2


def test_two_seats_of_one_visit_take_two_officers_and_a_skill_is_held() -> None:
    pair = SeatGroup(department_idx=0, n_seats=2, pools=(0,))
    skilled = SeatGroup(department_idx=0, n_seats=1, pools=(0,), skills=(0,))
    people = (person("P0"), person("P1"), person("P2", skills=1))
    problem = fixed(
        at("V0", 540, groups=(pair,)), at("V1", 600, groups=(skilled,)), people=people, skills=("k0",)
    )
    found = solve_fixed(Facts(problem), QUICK)
    assert found is not None
    assert len(found.placements[0].teams[0]) == 2
    assert found.placements[1].teams == ((2,),)
    assert n_sent(found.placements) == 2


def test_experts_do_not_count() -> None:
    expert = SeatGroup(department_idx=-1, n_seats=1, pools=(1,))
    officer = SeatGroup(department_idx=0, n_seats=1, pools=(0,))
    people = (person("P0"), person("E0", department_idx=-1, pool_idx=1))
    found = solve_fixed(Facts(fixed(at("V0", 540, groups=(officer, expert)), people=people)), QUICK)
    assert found is not None
    assert found.bounds[4] == (1,)
    assert found.proved[4]


@pytest.mark.parametrize(
    "changes",
    [
        {"goals": (1, 3, 4)},
        {"goals": (1,)},
        {"barred_pairs": ((0, 1),)},
        {"people": (person("P0", max_visits_day=4), person("P1"))},
        {"people": (person("P0", max_minutes=400), person("P1"))},
        {"people": (person("P0"), person("P0"))},
        {"people": (person("P0", fixed_idx=0), person("P1", fixed_idx=0))},
        {"visits": (at("V0", 540, days=(0, 1)),)},
        {"visits": (at("V0", 540, pieces=((540, 660),)),)},
        {"visits": (at("V0", 540, leader=True),)},
        {
            "visits": (
                at("V0", 540, groups=(SeatGroup(department_idx=0, n_seats=2, pools=(0,), skills=(0,)),)),
            )
        },
        {"visits": ()},
    ],
)
def test_any_other_shape_goes_the_ordinary_way(changes: dict[str, object]) -> None:
    problem = replace(fixed(at("V0", 540), skills=("k0",)), **changes)  # type: ignore[arg-type]
    assert solve_fixed(Facts(problem), QUICK) is None
