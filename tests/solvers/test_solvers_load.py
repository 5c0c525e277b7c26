"""Even load: bounds that lengths and names force, and dates that give way where they forbid evenness."""

import itertools
import random
from dataclasses import replace

import pytest
from plain_roster import broken, need, person, place, planted, tiny
from town import constructed

from scheduler.domain.problem import AssignmentProblem, SeatGroup
from scheduler.domain.settings import Budget
from solvers import size, solve
from solvers.blocks import dating, dating_model, proofs
from solvers.blocks.assign import assign, proved_ratios
from solvers.bounds import department_ratios
from solvers.facts import Facts
from solvers.goals import department_members, largest_ratios
from solvers.roster import Roster

ALONE = SeatGroup(department_idx=0, n_seats=1, pools=(0,))


def least_by_enumeration(facts: Facts) -> int:
    """The least largest per mille of one department over all who-goes-where, dates left out."""
    best = 1 << 30
    seats = [
        list(itertools.combinations(facts.candidates(g), g.n_seats)) for v in facts.visits for g in v.groups
    ]
    minutes = [facts.duration[v] for v, need_ in enumerate(facts.visits) for _ in need_.groups]
    for teams in itertools.product(*seats):
        load = [0] * len(facts.people)
        for team, length in zip(teams, minutes, strict=True):
            for who in team:
                load[who] += length
        best = min(best, largest_ratios(facts, load)[0])
    return best


def crowd(seed: int) -> AssignmentProblem:
    dice = random.Random(seed)  # noqa: S311 - makes problems, decides nothing
    people = tuple(person(f"P{at}", capacity_min=dice.choice((390, 780, 1170))) for at in range(3))
    visits = tuple(
        need(
            f"V{at}",
            duration_min=dice.choice((60, 75, 90, 105)),
            groups=(replace(ALONE, n_seats=dice.choice((1, 2)), barred=(0,) if dice.random() < 0.2 else ()),),
        )
        for at in range(5)
    )
    return tiny(people=people, visits=visits)


@pytest.mark.parametrize("seed", range(30))
def test_a_raised_bound_is_the_least_that_enumeration_finds(seed: int) -> None:
    facts = Facts(crowd(seed))
    least, sure = least_by_enumeration(facts), range(len(facts.visits))
    ratios = department_ratios(facts, sure)
    assert ratios[0] <= least
    assert proofs.raised_ratios(facts, sure, ratios, {0: least + 40}, 5, None) == {0: least}


@pytest.mark.parametrize("seed", range(30))
def test_lengths_alone_never_refute_what_enumeration_finds(seed: int) -> None:
    facts = Facts(crowd(seed))
    least = least_by_enumeration(facts)
    asked = proofs._groups(facts, range(len(facts.visits)))[0]
    question = proofs.LoadQuestion(
        people=tuple(range(3)), capacities=facts.capacity, asked=asked, proved=0, reached=least
    )
    model = proofs._packing(question, proofs._caps(question, least))
    assert model is not None
    assert not proofs.cpsat.run(model, 5).infeasible


def test_within_the_tolerance_nothing_is_asked() -> None:
    facts = Facts(crowd(1))
    sure = range(len(facts.visits))
    ratios = department_ratios(facts, sure)
    reached = {0: ratios[0] * 1050 // 1000}
    assert proofs.raised_ratios(facts, sure, ratios, reached, 5, None, 50) == ratios


def at_once() -> tuple[AssignmentProblem, Roster]:
    """Two officers, two visits of one person each at the same hours of two days: one of the two has both."""
    people = (person("P0", days=(0,)), person("P1"))
    first = need("V0", groups=(ALONE,), days=(1,))
    free, late = replace(first, visit_id="V1", days=(0, 1)), replace(first, visit_id="V2", days=(0, 1))
    problem = tiny(people=people, visits=(first, free, late))
    roster = Roster(Facts(problem))
    roster.put(place(0, 1, 540, (1,)))
    roster.put(place(1, 1, 660, (1,)))
    return problem, roster


def test_a_date_gives_way_where_it_forbids_an_even_load() -> None:
    problem, roster = at_once()
    block = dating.dating_block(roster, (0, 1), 77, 0)
    assert dating_model.date(block, 2).when == ()
    block = dating.dating_block(roster, (0, 1), 77, 1)
    dated = dating_model.date(block, 2)
    assert dating.apply(roster, block, dated)
    assert [(p.day_idx, p.teams) for p in roster.placements()] == [(1, ((1,),)), (0, ((0,),))]
    assert not broken(problem, roster.placements())


def test_an_answer_to_a_roster_that_has_changed_is_not_taken() -> None:
    _, roster = at_once()
    block = dating.dating_block(roster, (0, 1), 77, 1)
    dated = dating_model.date(block, 2)
    roster.put(place(2, *dated.when[1], (0,)))
    before = roster.placements()
    assert not dating.apply(roster, block, dated)
    assert roster.placements() == before


def test_nothing_found_changes_nothing() -> None:
    _, roster = at_once()
    before = roster.placements()
    block = dating.dating_block(roster, (0, 1), 1, 1)
    assert not dating.apply(roster, block, dating_model.date(block, 1))
    assert roster.placements() == before


@pytest.mark.parametrize("limit", [{"max_visits_day": 1}, {"max_minutes_day": 140}, {"max_visits_week": 2}])
def test_days_and_weeks_keep_their_limits_when_dates_move(limit: dict[str, int]) -> None:
    people = tuple(person(f"P{at}", **limit) for at in range(2))
    visits = tuple(need(f"V{at}", groups=(ALONE,)) for at in range(4))
    problem = tiny(people=people, visits=visits)
    roster = Roster(Facts(problem))
    for visit, (day, who) in enumerate(((0, 0), (1, 0), (0, 1), (1, 1))):
        roster.put(place(visit, day, 540, (who,)))
    for turn in range(3):
        block = dating.dating_block(roster, (0, 1), 160, turn)
        dating.apply(roster, block, dating_model.date(block, 2))
        assert not broken(problem, roster.placements())
        assert len(roster.placements()) == len(visits)


@pytest.mark.parametrize("seed", range(4))
def test_dealing_seats_with_dates_keeps_the_rules_and_every_other_load(seed: int) -> None:
    problem = planted(seed)
    facts, roster, able = constructed(problem)
    bounds = proved_ratios(roster, able, Budget(block_units=1), None)
    for department, people in department_members(facts).items():
        for turn in range(3):
            before, load = largest_ratios(facts, roster.load), list(roster.load)
            block = dating.dating_block(roster, people, max(bounds[department], before[department] - 1), turn)
            taken = dating.apply(roster, block, dating_model.date(block, 1))
            after = largest_ratios(facts, roster.load)
            assert after[department] <= (block.ratio if taken else before[department])
            others = [p for p in range(len(facts.people)) if p not in people]
            assert [roster.load[p] for p in others] == [load[p] for p in others]
            assert not broken(problem, roster.placements())
    assert all(bounds[d] <= reached for d, reached in largest_ratios(facts, roster.load).items())


@pytest.mark.parametrize("seed", range(3))
def test_assigning_never_makes_the_largest_load_larger(seed: int) -> None:
    problem = planted(seed)
    facts, roster, able = constructed(problem)
    before = largest_ratios(facts, roster.load)
    assign(roster, able, Budget(block_units=1), None, None)
    after = largest_ratios(facts, roster.load)
    assert all(after[department] <= before[department] for department in before)
    assert not broken(problem, roster.placements())


def test_the_bound_that_an_outcome_tells_is_the_sum_of_the_departments(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(size, "EXACT_LITERALS", -1)
    problem = planted(5)
    outcome = solve(problem, Budget(rounds=1, block_units=1))
    facts = Facts(problem)
    roster = Roster(facts)
    for placement in outcome.placements:
        roster.put(placement)
    able = tuple(item is not None for item in roster.placed)
    bounds = proved_ratios(roster, able, Budget(block_units=1), None)
    load = next(goal for goal in outcome.goals if goal.goal == 2)
    assert load.bound[0] >= sum(department_ratios(facts, range(len(facts.visits))).values())
    assert sum(bounds.values()) <= load.value[0]
    assert load.bound[0] <= load.value[0]
