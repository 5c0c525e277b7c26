"""A large campaign: a first roster of the whole, then blocks deepened wherever there is room, in fixed order.

In: facts, the budget, an executor or none. Out: placements. May import: ``solvers`` below blocks.

The order of blocks, their seeds and their steps depend on the problem and the budget alone; answers are
written back in the blocks' order. So the roster is the same for any number of processes.
"""

from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial

import numpy as np

from scheduler.domain.ports import Progress
from scheduler.domain.problem import Placement
from scheduler.domain.settings import Budget
from solvers.blocks.bench import bench_of
from solvers.blocks.crowd import run_all
from solvers.blocks.cut import cut, write_back
from solvers.blocks.deepen import Outing, Pass, deepen
from solvers.blocks.desk import desk_of
from solvers.blocks.land import (
    DAY,
    IS_OFFICER,
    SEAT_AT,
    SEAT_END,
    START,
    TARGET,
    Ints,
    Land,
    State,
    empty,
    land_of,
)
from solvers.blocks.parts import Span, parts, spans_of_days, within
from solvers.blocks.ruin import fill
from solvers.blocks.stops import rebuild
from solvers.blocks.strings import fill_tours
from solvers.blocks.teamdays import suited, tours_of, write_tours
from solvers.bounds import department_ratios
from solvers.facts import NO_LIMIT, Facts
from solvers.goals import department_members
from solvers.watch import keep

STEPS = 900_000
"""Search steps per round for the whole campaign, between the two bounds below per visit."""
FEWEST, MOST = 60, 320
"""Steps per visit and round: a metropolis and its year takes the first, a county the second."""
OUTINGS: tuple[tuple[Outing, ...], ...] = (
    (Outing(0, 45, 0, 100, 5, 0), Outing(4, 10, 100, 10, 5, 4)),
    (Outing(4, 10, 50, 10, 5, 4), Outing(4, 10, 25, 10, 5, 4)),
    (Outing(4, 10, 10, 10, 5, 4), Outing(8, 15, 0, 5, 1, 8)),
)
"""Per turn over all blocks, with a share of the steps in percent for their number. First travel alone, then
the load targets close in: a search that has them narrow from the start ends with more travel at the same load
(measured: docs/adr/0026)."""
DENSE = 16
"""Seats per officer from which on a load is made of so many tours that exchanging people evens it out."""
DENSE_OUTINGS: tuple[tuple[Outing, ...], ...] = (
    (Outing(0, 45, 0, 100, 5, 0),),
    (Outing(0, 43, 0, 15, 1, 0),),
    (Outing(4, 6, 0, 4, 1, 8, names_before=60), Outing(8, 6, 0, 2, 1, 8)),
)
"""The same where it is so: travel alone to its end, then people are exchanged, which costs no travel, and a
few steps for the loads that are left (measured: docs/adr/0035)."""
PASSES: tuple[tuple[Pass, ...], ...] = ((Pass(1, 8, 20, 10),), (Pass(4, 5, 20, 10),), (Pass(20, 5, 20, 0),))
"""The same over single people, in percent of the steps of the visits that team-days cannot serve."""
ONLY_ALONE = 3
"""So many times as much where team-days serve nothing and take no time."""
POLISH = Pass(20, 1, 0, 0)
"""Then over all visits, in percent of all steps."""
CHUNK = 2_000

Part = tuple[Ints, Span | None]
"""Visits of a block and its days, None for all."""


def first_roster(
    facts: Facts, land: Land, progress: Progress | None, former: tuple[Placement, ...] = ()
) -> State:
    """Visit after visit at its cheapest place, the hardest first: many groups, many seats, few days. What a
    ``former`` roster placed stays where it was."""
    order = np.array(sorted(range(len(facts.visits)), key=lambda visit: _hardness(facts, visit)), np.int64)
    if former:
        state = _sent(land, former)
        fill(land, state, bench_of(land, 1), order[state.plan[order, DAY] < 0])
        return state
    state, loads = empty(land), empty(land)
    tours = tours_of(land, state, np.arange(len(order)), loads)
    desk, bench = desk_of(land, loads, tours), bench_of(land, 1)
    for done in range(0, len(order), CHUNK):
        fill_tours(land, loads, tours, desk, bench, order[done : done + CHUNK])
        if progress is not None:
            progress("solve.construct", done=min(len(order), done + CHUNK), total=len(order))
    write_tours(land, tours, loads, state)
    state = _again(land, state)
    fill(land, state, bench, order)
    return state


def _sent(land: Land, former: tuple[Placement, ...]) -> State:
    """The roster of lawful placements."""
    state = empty(land)
    for placement in former:
        first = int(land.visits[placement.visit_idx, SEAT_AT])
        people = [person for team in placement.teams for person in team]
        state.plan[placement.visit_idx] = placement.day_idx, placement.start_min
        state.team[first : first + len(people)] = people
    rebuild(land, state)
    return state


def _hardness(facts: Facts, visit: int) -> tuple[int, ...]:
    need = facts.visits[visit]
    seats = sum(group.n_seats for group in need.groups)
    return (-len(need.groups), -seats, len(need.days), need.rank, visit)


def steps_per_visit(n_visits: int, rounds: int) -> int:
    """How often each visit is looked at on average; falls with the size of the campaign."""
    return rounds * max(FEWEST, min(MOST, STEPS // max(1, n_visits)))


def solve_large(
    facts: Facts,
    budget: Budget,
    progress: Progress | None,
    executor: Executor | None,
    former: tuple[Placement, ...] = (),
) -> tuple[Placement, ...]:
    """Lawful placements of a large campaign; which visits can be staffed at all is settled afterwards."""
    land = land_of(facts)
    state = first_roster(facts, land, progress, former)
    keep(partial(_placements, facts, state))
    state.people[:, TARGET] = load_targets(facts, state)
    halves = [half for half in _halves(land) if half]
    effort, seed, done = steps_per_visit(len(facts.visits), budget.rounds), 0, 0
    outings = DENSE_OUTINGS if is_dense(land) else OUTINGS
    n_blocks = sum(len(half) for half in halves)
    total = sum(len(_in_spans(land, state, turn, plan)) or n_blocks for turn, plan in enumerate(outings))
    for turn, plan in enumerate(outings):
        in_spans = _in_spans(land, state, turn, plan)
        for half in [in_spans] if in_spans else halves:
            tasks = [
                (cut(land, state, block, span), *_plans(turn, plan, land, block, effort), seed + at)
                for at, (block, span) in enumerate(half, start=1)
            ]
            seed += len(tasks)
            for moved in run_all(executor, deepen, tasks):
                write_back(land, state, moved)
                done += 1
                if progress is not None:
                    progress("solve.search", done=done, total=total)
            state = _again(land, state)
            keep(partial(_placements, facts, state))
    return tuple(_placements(facts, state))


def _halves(land: Land) -> list[list[Part]]:
    """Blocks that hang together by pools, then what they share."""
    blocks, aside = parts(land)
    return [[(block, None) for block in blocks if len(block)], [(aside, None)] if len(aside) else []]


def is_dense(land: Land) -> bool:
    """Whether officers have enough seats each for loads to even out by names alone."""
    n_seats = int((land.visits[:, SEAT_END] - land.visits[:, SEAT_AT]).sum())
    return n_seats >= DENSE * int(land.people[:, IS_OFFICER].sum())


def _in_spans(land: Land, state: State, turn: int, outings: tuple[Outing, ...]) -> list[Part]:
    """Blocks of a turn by spans of days, cut elsewhere in every other turn; none where the turn asks for
    loads, which are those of all days, and where single people have to be searched, which always does."""
    served = len(suited(land, np.arange(len(land.visits))))
    if served < len(land.visits) or any(outing.weight for outing in outings):
        return []
    found = [(within(land, state, span), span) for span in spans_of_days(land, between=turn % 2 > 0)]
    return sorted(found, key=lambda part: -len(part[0]))


def _plans(
    turn: int, outings: tuple[Outing, ...], land: Land, block: Ints, effort: int
) -> tuple[tuple[Outing, ...], tuple[Pass, ...]]:
    """A turn's plans for a block with so many steps per visit."""
    served = len(suited(land, block))
    plan = tuple(one._replace(steps=one.steps * effort * served // 100) for one in outings)
    alone = effort * (len(block) - served) * (1 if served else ONLY_ALONE)
    passes = tuple(one._replace(steps=one.steps * alone // 100) for one in PASSES[turn])
    if turn == len(PASSES) - 1:
        passes += (POLISH._replace(steps=POLISH.steps * effort * len(block) // 100),)
    return plan, passes


def _again(land: Land, state: State) -> State:
    """The same roster with its routes walked anew."""
    fresh = empty(land)
    fresh.plan[:], fresh.team[:] = state.plan, state.team
    fresh.people[:, TARGET] = state.people[:, TARGET]
    rebuild(land, fresh)
    return fresh


def load_targets(facts: Facts, state: State) -> Ints:
    """Load of each person at his department's bound, widened by the committed tolerance; experts have no
    target."""
    placed = np.flatnonzero(state.plan[:, DAY] >= 0)
    ratios = department_ratios(facts, tuple(int(visit) for visit in placed))
    widened = 1000 + facts.problem.load_tolerance_permille
    target = np.full(len(facts.people), NO_LIMIT, np.int64)
    for department, members in department_members(facts).items():
        for person in members:
            target[person] = ratios[department] * widened * facts.capacity[person] // 1_000_000
    return target


def _placements(facts: Facts, state: State) -> Iterator[Placement]:
    seat, plan, team = 0, state.plan.tolist(), state.team.tolist()
    for idx, visit in enumerate(facts.visits):
        teams = []
        for group in visit.groups:
            teams.append(tuple(sorted(team[seat : seat + group.n_seats])))
            seat += group.n_seats
        if plan[idx][DAY] >= 0:
            yield Placement(
                visit_idx=idx, day_idx=plan[idx][DAY], start_min=plan[idx][START], teams=tuple(teams)
            )
