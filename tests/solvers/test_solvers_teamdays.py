"""Team-days: starts that move, steps that are taken back whole, people exchanged, nothing lost on the way."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from plain_roster import broken, every_roster, need, person, random_tiny, tiny, values

from instances.roster import make_roster
from instances.roster_sizes import RosterSize
from scheduler.domain.problem import AssignmentProblem, SeatGroup
from solvers.blocks.bench import Bench, bench_of
from solvers.blocks.cut import cut, write_back
from solvers.blocks.deepen import Outing, deepen
from solvers.blocks.desk import desk_of
from solvers.blocks.land import DUR, LOAD, START, TARGET, TRAVEL, Land, State, empty, land_of
from solvers.blocks.large import _again, _placements, load_targets
from solvers.blocks.slots import Desk
from solvers.blocks.stops import aim, rebuild
from solvers.blocks.strings import cut_strings, fill_tours, notes_of
from solvers.blocks.teamdays import heats, logs, suited, tours_of, write_tours
from solvers.blocks.tours import (
    BEFORE,
    EARLY,
    ITEM,
    LATE,
    MOST_SIZE,
    N_COLUMNS,
    T_MEMBERS,
    T_N,
    VISIT,
    Tours,
    begin_step,
    retime,
    take_back,
    take_out,
)
from solvers.facts import NO_LIMIT, Facts

TOWN = RosterSize(
    name="test-tours",
    n_visits=90,
    n_officers=60,
    n_experts=4,
    n_districts=2,
    per_district=3,
    municipal=1,
    n_days=6,
    n_tasks=14,
    start=dt.date(2026, 3, 2),
    side_m=8_000,
)
Made = tuple[Facts, Land, State, Tours, Desk, Bench]


def made(problem: AssignmentProblem) -> Made:
    """All visits put where it was cheapest one after the other."""
    facts = Facts(problem)
    land = land_of(facts)
    state, order = empty(land), np.arange(len(problem.visits))
    tours = tours_of(land, empty(land), order, state)
    desk, bench = desk_of(land, state, tours), bench_of(land, 5)
    fill_tours(land, state, tours, desk, bench, order)
    return facts, land, state, tours, desk, bench


def searched(parts: Made, weight: int, steps: int, names: int = 3) -> None:
    facts, land, state, tours, desk, bench = parts
    targets = load_targets(facts, state)
    state.people[:, TARGET] = targets if weight else NO_LIMIT
    aim(state, max(1, weight))
    order = suited(land, np.arange(len(state.plan)))
    plan = np.array([steps, 10, names], np.int64)
    cut_strings(land, state, tours, desk, bench, order, plan, heats(20, 1), logs(), notes_of())


def roster_of(parts: Made) -> State:
    _, land, state, tours, _, _ = parts
    roster = empty(land)
    write_tours(land, tours, state, roster)
    roster.people[:, TARGET] = state.people[:, TARGET]
    return _again(land, roster)


def town() -> AssignmentProblem:
    return make_roster(TOWN, 2)


def stops(tours: Tours) -> Iterator[tuple[int, int, int, int, int, int, int]]:
    """(tour, place, item, visit, earliest, latest, leg before) of every stop."""
    first = T_MEMBERS + int(tours.counts[MOST_SIZE])
    for tour in np.flatnonzero(tours.rows[:, T_N] > 0).tolist():
        row = tours.rows[tour].tolist()
        for place in range(row[T_N]):
            at = first + N_COLUMNS * place
            yield (
                tour,
                place,
                row[at + ITEM],
                row[at + VISIT],
                row[at + EARLY],
                row[at + LATE],
                row[at + BEFORE],
            )


@pytest.mark.parametrize("weight", [0, 4])
def test_loads_and_travel_are_those_of_the_roster_written_down(weight: int) -> None:
    parts = made(town())
    searched(parts, weight, 300)
    state, roster = parts[2], roster_of(parts)
    assert state.total[TRAVEL] == roster.total[TRAVEL]
    assert (state.people[:, LOAD] == roster.people[:, LOAD]).all()
    assert broken(parts[0].problem, tuple(_placements(parts[0], roster))) == set()


def test_earliest_and_latest_starts_are_those_that_enumeration_finds() -> None:
    parts = made(town())
    searched(parts, 4, 200)
    facts, land, _, tours, _, _ = parts
    rows = list(stops(tours))
    early, late = ({visit: bound for *_, visit, bound, _, _ in rows} for _ in range(2))
    grid, problem = facts.grid, facts.problem
    starts = {
        visit: [
            minute
            for begin, end in problem.visits[visit].pieces
            for minute in range(begin, end)
            if minute % grid == 0 and minute + facts.duration[visit] <= end
        ]
        for visit in early
    }
    after = [
        (one[3], other[3], int(land.visits[one[3], DUR]) + other[6])
        for one, other in pairwise(rows)
        if one[0] == other[0]
    ]
    early, late = ({visit: found[0] for visit, found in starts.items()} for _ in range(2))
    late = {visit: found[-1] for visit, found in starts.items()}
    for _ in rows:
        for one, other, least in after:
            early[other] = max(early[other], next(s for s in starts[other] if s >= early[one] + least))
            late[one] = min(late[one], max(s for s in starts[one] if s <= late[other] - least))
    assert {(visit, begin, end) for _, _, _, visit, begin, end, _ in rows} == {
        (visit, early[visit], late[visit]) for visit in early
    }


def test_a_step_taken_back_leaves_no_trace() -> None:
    parts = made(town())
    searched(parts, 4, 100)
    _, land, state, tours, _, _ = parts
    before = [np.copy(table) for table in (tours.items, tours.where, state.people, state.total)]
    rows = {row.tobytes() for row in tours.rows if row[T_N] > 0}
    plan = state.plan.copy()
    begin_step(tours)
    for visit in range(0, len(plan), 3):
        if plan[visit, 0] >= 0:
            take_out(land, state, tours, visit, int(land.visits[visit, 7]), int(land.visits[visit, 8]))
    retime(land, state, tours)
    assert state.total[TRAVEL] < before[3][TRAVEL]
    take_back(land, state, tours)
    state.plan[:] = plan
    after = (tours.items, tours.where, state.people, state.total)
    assert all((one == other).all() for one, other in zip(before, after, strict=True))
    assert {row.tobytes() for row in tours.rows if row[T_N] > 0} == rows


def test_what_is_there_gives_way_in_time_to_what_can_come_only_early() -> None:
    early = need("V1", pieces=((540, 600),), days=(0,))
    problem = tiny(
        people=(person("P0", days=(0,)), person("P1", days=(0,))), visits=(need("V0", days=(0,)), early)
    )
    parts = made(problem)
    placed = {p.visit_idx: p.start_min for p in _placements(parts[0], roster_of(parts))}
    assert placed == {0: 600, 1: 540}


def test_joint_visits_give_way_with_all_their_teams() -> None:
    two = tuple(SeatGroup(department_idx=d, n_seats=1, pools=(d,)) for d in range(2))
    problem = tiny(
        people=(person("P0", days=(0,)), person("Q0", days=(0,), pool_idx=1, department_idx=1)),
        visits=(
            need("V0", groups=two, days=(0,)),
            need("V1", groups=two[1:], pieces=((540, 600),), days=(0,)),
        ),
        departments=("D", "E"),
        pools=("D/pool", "E/pool", "expert/pool"),
    )
    parts = made(problem)
    placements = tuple(_placements(parts[0], roster_of(parts)))
    assert {p.visit_idx: p.start_min for p in placements} == {0: 600, 1: 540}
    assert broken(problem, placements) == set()


@pytest.mark.parametrize("seed", range(6))
def test_team_days_of_a_tiny_campaign_come_near_the_least_travel_of_all_rosters(seed: int) -> None:
    problem = replace(random_tiny(seed), goals=(1, 2, 3))
    parts = made(problem)
    searched(parts, 0, 200, names=0)
    placements = tuple(_placements(parts[0], roster_of(parts)))
    assert broken(problem, placements) == set()
    found = values(problem, placements)
    best = min(
        values(problem, roster)[3] for roster in every_roster(problem) if len(roster) == len(placements)
    )
    assert best <= found[3]


def test_loads_come_down_to_their_targets() -> None:
    parts = made(town())
    facts, state = parts[0], parts[2]
    targets = load_targets(facts, state)

    def above() -> int:
        return int(np.maximum(0, state.people[:, LOAD] - targets).sum())

    searched(parts, 0, 200, names=0)
    before = above()
    searched(parts, 8, 1_000)
    assert above() < before // 2


def test_nothing_is_lost_on_the_way_through_a_block() -> None:
    parts = made(town())
    searched(parts, 4, 100)
    land, roster = parts[1], roster_of(parts)
    travel, served = roster.total[TRAVEL], int((roster.plan[:, 0] >= 0).sum())
    free = np.arange(0, len(roster.plan), 2)
    outings = (Outing(0, 150, 0, 5, 1, 0),)
    write_back(land, roster, deepen(cut(land, roster, free), outings, (), 3))
    fresh = _again(land, roster)
    assert broken(parts[0].problem, tuple(_placements(parts[0], fresh))) == set()
    assert int((fresh.plan[:, 0] >= 0).sum()) >= served
    assert fresh.total[TRAVEL] < travel + 50


def test_teams_that_part_during_the_day_stay_as_they_are() -> None:
    pair = (SeatGroup(department_idx=0, n_seats=2, pools=(0,)),)
    alone = (SeatGroup(department_idx=0, n_seats=1, pools=(0,)),)
    problem = tiny(visits=(need("V0", groups=pair), need("V1", groups=alone)))
    land = land_of(Facts(problem))
    roster = empty(land)
    roster.plan[:] = [[0, 540], [0, 840]]
    roster.team[:] = [0, 1, 1]
    rebuild(land, roster)
    state = empty(land)
    tours = tours_of(land, roster, np.arange(2), state)
    assert tours.kind[:, 0].tolist() == [0, 0]
    assert state.people[:, LOAD].tolist() == [60, 120, 0]
    write_tours(land, tours, state, roster)
    assert roster.plan[:, START].tolist() == [540, 840]


def test_a_leader_of_the_whole_visit_is_left_to_the_search_over_single_people() -> None:
    problem = tiny(visits=(need("V0"), need("V1", leader=True)))
    assert suited(land_of(Facts(problem)), np.arange(2)).tolist() == [0]


def test_temperatures_fall_and_chance_is_exponential() -> None:
    falling = heats(30, 1).tolist()
    assert [round(heat / 256) for heat in (falling[0], falling[-1])] == [30, 1]
    assert falling == sorted(falling, reverse=True)
    assert abs(int(logs().sum()) - 1024 * 256) < 1024
