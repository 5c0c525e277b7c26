"""A long campaign is searched in spans of days side by side; dense loads even out by names alone."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from plain_roster import need, tiny
from town import in_small_blocks, town

from instances.roster import make_roster
from instances.roster_sizes import RosterSize
from scheduler.domain.problem import AssignmentProblem
from scheduler.domain.settings import Budget
from scheduler.verify.roster import broken_rules
from solvers import local_processes, solve
from solvers.blocks import parts
from solvers.blocks.bench import bench_of
from solvers.blocks.cut import cut, moves, write_back
from solvers.blocks.desk import desk_of
from solvers.blocks.land import DAY, DAY_AT, DAY_END, LOAD, TARGET, TRAVEL, empty, land_of
from solvers.blocks.large import first_roster, is_dense, load_targets
from solvers.blocks.names import exchange_names
from solvers.blocks.stops import aim
from solvers.blocks.teamdays import tours_of
from solvers.facts import Facts

YEAR = RosterSize(
    name="test-year",
    n_visits=150,
    n_officers=24,
    n_experts=2,
    n_districts=2,
    per_district=2,
    municipal=1,
    n_days=240,
    n_tasks=24,
    start=dt.date(2025, 3, 3),
    side_m=6_000,
)
BUDGET = Budget(rounds=1, block_units=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_blocks(monkeypatch)


def year() -> AssignmentProblem:
    return make_roster(YEAR, 4)


@pytest.mark.parametrize("between", [False, True])
def test_spans_share_all_days_out_and_every_visit_is_in_one(*, between: bool) -> None:
    facts = Facts(year())
    land = land_of(facts)
    state = first_roster(facts, land, None)
    state.plan[3, DAY] = -1
    found = parts.spans_of_days(land, between=between)
    assert [found[0][0], found[-1][1]] == [0, len(land.works)]
    assert all(one[1] == other[0] for one, other in pairwise(found))
    assert len(found) == parts.SPANS + between
    inside = np.concatenate([parts.within(land, state, span) for span in found])
    assert sorted(inside.tolist()) == list(range(len(land.visits)))


def test_a_short_campaign_and_one_with_weekly_limits_are_not_cut_into_spans() -> None:
    assert parts.spans_of_days(land_of(Facts(town()))) == []
    problem = year()
    weekly = replace(problem, people=tuple(replace(who, max_visits_week=5) for who in problem.people))
    assert parts.spans_of_days(land_of(Facts(weekly))) == []


def test_a_span_written_back_unchanged_changes_nothing_and_knows_no_other_day() -> None:
    facts = Facts(year())
    land = land_of(facts)
    state = first_roster(facts, land, None)
    plan, team = state.plan.copy(), state.team.copy()
    for span in parts.spans_of_days(land):
        block = cut(land, state, parts.within(land, state, span), span)
        assert len(block.land.works) == span[1] - span[0]
        for at, end in block.land.visits[:, [DAY_AT, DAY_END]].tolist():
            assert all(0 <= day < len(block.land.works) for day in block.land.lists[at:end].tolist())
        write_back(land, state, moves(block, block.state()))
    assert (state.plan == plan).all()
    assert (state.team == team).all()


def test_a_year_in_spans_is_lawful_and_the_same_with_one_and_with_two_processes() -> None:
    problem = year()
    land = land_of(Facts(problem))
    assert is_dense(land)
    assert not is_dense(land_of(Facts(town())))
    with local_processes(2) as executor:
        outcome = solve(problem, BUDGET, executor=executor)
    assert outcome == solve(problem, BUDGET)
    assert broken_rules(problem, outcome) == {}


def test_names_alone_bring_loads_down_and_no_travel_up() -> None:
    facts = Facts(year())
    land = land_of(facts)
    roster = first_roster(facts, land, None)
    target, free, state = load_targets(facts, roster), np.arange(len(land.visits)), empty(land)
    tours = tours_of(land, roster, free, state)
    state.people[:, TARGET] = target
    aim(state, 4)
    travel = int(state.total[TRAVEL])

    def above() -> int:
        return int(np.maximum(0, state.people[:, LOAD] - target).sum())

    before = above()
    exchange_names(land, state, tours, desk_of(land, state, tours), bench_of(land, 1), free, 60 * len(free))
    assert above() < before // 2
    assert state.total[TRAVEL] <= travel


def test_a_campaign_without_anybody_has_no_blocks_to_fear() -> None:
    problem = tiny(people=(), visits=(need("V0"),))
    land = land_of(Facts(problem))
    block = cut(land, empty(land), np.arange(1))
    assert len(block.people) == 0
    assert (moves(block, block.state()).plan[:, DAY] == -1).all()
