"""One block's turn: the compiled search over its free visits, as a pure function that any process may run.

In: a block and a plan of outings and passes. Out: moves. May import: ``solvers.blocks`` (kernel), NumPy.

Outings search over team-days, what a team does together on one day; passes over single people, for the visits
and the last minutes of evenness that team-days cannot say.
"""

from typing import NamedTuple

import numpy as np

from solvers.blocks.bench import bench_of
from solvers.blocks.cut import Block, Moves, moves, spans
from solvers.blocks.desk import desk_of
from solvers.blocks.land import (
    DAY_AT,
    DAY_END,
    GROUP_AT,
    GROUP_END,
    POOL_AT,
    POOL_END,
    TARGET,
    Ints,
    Land,
    Shorts,
    State,
    X,
    empty,
)
from solvers.blocks.names import exchange_names
from solvers.blocks.ruin import neighbours, notes_of, ruin
from solvers.blocks.stops import aim, rebuild
from solvers.blocks.strings import cut_strings
from solvers.blocks.strings import notes_of as tour_notes_of
from solvers.blocks.teamdays import heats, logs, tours_of, write_tours
from solvers.blocks.tours import MOVES
from solvers.facts import NO_LIMIT

N_NEAR = 24
"""Neighbours looked at per visit."""
STRETCH = 32
"""Days that are near each other."""
BLINK = 10
"""Of 1024 people under way so many are overlooked: greedy choices that are always the same get stuck."""


class Pass(NamedTuple):
    """``steps`` takes and put-backs with a minute above the load target weighing ``weight`` minutes of
    travel, 0 for no targets at all; a step may be worse by ``worse`` at first and ``worse_last`` at last."""

    weight: int
    steps: int
    worse: int
    worse_last: int


class Outing(NamedTuple):
    """``steps`` of ruin and recreate over team-days; the weight as in :class:`Pass`, of a minute more than
    ``slack`` permille above the target. ``heat`` and ``heat_last`` are minutes, temperatures of simulated
    annealing; ``names`` changes of people are tried after each step, ``names_before`` per visit before the
    first: they cost no travel where a team starts from one office."""

    weight: int
    steps: int
    slack: int
    heat: int
    heat_last: int
    names: int
    names_before: int = 0


def deepen(block: Block, outings: tuple[Outing, ...], passes: tuple[Pass, ...], seed: int) -> Moves:
    """The block after its outings and passes: nothing less served, travel and strain searched down."""
    state = block.state()
    if len(block.free) and any(turn.steps for turn in outings):
        state = _outings(block, state, outings, seed)
    if len(block.free) and any(turn.steps for turn in passes):
        _passes(block, state, passes, seed)
    return moves(block, state)


def _outings(block: Block, roster: State, outings: tuple[Outing, ...], seed: int) -> State:
    land, state = block.land, empty(block.land)
    tours = tours_of(land, roster, block.free, state)
    desk, bench = desk_of(land, state, tours), bench_of(land, seed)
    moving = side_by_side(land, block.free[tours.kind[block.free, MOVES] != 0])
    for turn in outings:
        slackened = np.minimum(block.target * (1000 + turn.slack) // 1000, NO_LIMIT)
        state.people[:, TARGET] = slackened if turn.weight else NO_LIMIT
        aim(state, max(1, turn.weight))
        plan = np.array([turn.steps, BLINK, turn.names], np.int64)
        if len(moving) and turn.steps:
            heat = heats(turn.heat, turn.heat_last)
            exchange_names(land, state, tours, desk, bench, moving, turn.names_before * len(moving))
            cut_strings(land, state, tours, desk, bench, moving, plan, heat, logs(), tour_notes_of())
    write_tours(land, tours, state, roster)
    fresh = empty(land)
    fresh.plan[:], fresh.team[:] = roster.plan, roster.team
    rebuild(land, fresh)
    return fresh


def side_by_side(land: Land, visits: Ints) -> Ints:
    """The visits in an order in which neighbours have much in common: time, then the first pool asked for."""
    windows, groups = land.visits[visits], land.groups[land.visits[visits, GROUP_AT]]
    opens, closes = land.lists[windows[:, DAY_AT]], land.lists[windows[:, DAY_END] - 1]
    pool = land.lists[groups[:, POOL_AT]]
    order: Ints = visits[np.lexsort((visits, opens, pool, (opens + closes) // (2 * STRETCH)))]
    return order


def _passes(block: Block, state: State, passes: tuple[Pass, ...], seed: int) -> None:
    bench = bench_of(block.land, seed)
    near_at, near = near_visits(block.land, block.free)
    is_free = np.zeros(len(state.plan), np.int64)
    is_free[block.free] = 1
    for turn in passes:
        state.people[:, TARGET] = block.target if turn.weight else NO_LIMIT
        aim(state, max(1, turn.weight))
        plan = np.array([turn.steps, turn.worse, turn.worse_last, BLINK], np.int64)
        if len(block.free) and turn.steps:
            ruin(block.land, state, bench, block.free, is_free, near_at, near, plan, notes_of(bench))


def near_visits(land: Land, free: Ints) -> tuple[Ints, Shorts]:
    """Per visit of the land the nearest free visits with a common pool and window: offsets and visits;
    none for a visit that is not free."""
    n_groups = land.visits[free, GROUP_END] - land.visits[free, GROUP_AT]
    groups = spans(land.visits[free, GROUP_AT], land.visits[free, GROUP_END])
    owner = np.repeat(np.repeat(free, n_groups), land.groups[groups, POOL_END] - land.groups[groups, POOL_AT])
    pool = land.lists[spans(land.groups[groups, POOL_AT], land.groups[groups, POOL_END])].astype(np.int64)
    east = land.visits[owner, X]
    order = np.lexsort((owner, east, pool))
    pool_at = np.searchsorted(pool[order], np.arange(len(land.pools) + 1)).astype(np.int64)
    found = np.full((len(free), N_NEAR), -1, np.int32)
    neighbours(land, free, pool_at, owner[order].astype(np.int32), found, np.zeros(N_NEAR, np.int64))
    n_found = np.zeros(len(land.visits) + 1, np.int64)
    n_found[free + 1] = (found >= 0).sum(axis=1)
    return np.cumsum(n_found), found[found >= 0]
