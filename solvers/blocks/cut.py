"""A block: some visits that are free to move, the people who may go there, and nothing else.

In: the whole land, where every visit is, which visits are free. Out: a :class:`Block`, small enough to be
sent to another process, and its answer written back. May import: ``solvers.blocks.land``, NumPy.

Visits that are not free but keep people of the block busy stay in it as mere stops, without groups.
"""

from dataclasses import dataclass

import numpy as np

from solvers.blocks.land import (
    BAR_AT,
    BAR_END,
    BODY,
    DAY,
    DAY_AT,
    DAY_END,
    FOE_AT,
    FOE_END,
    G_SEAT_AT,
    G_SEAT_END,
    GROUP_AT,
    GROUP_END,
    POOL_AT,
    POOL_END,
    SEAT_AT,
    SEAT_END,
    TARGET,
    Ints,
    Land,
    Shorts,
    State,
    empty,
)
from solvers.blocks.stops import rebuild


@dataclass(frozen=True, kw_only=True)
class Block:
    """Plain arrays. ``free`` are the block's own positions of the visits that may move, ``visits`` and
    ``people`` the positions that the block's have in the whole; its day 0 is ``first_day`` there."""

    land: Land
    plan: Shorts
    team: Shorts
    target: Ints
    free: Ints
    visits: Ints
    people: Ints
    first_day: int

    def state(self) -> State:
        """The block's part of the roster."""
        state = empty(self.land)
        state.plan[:] = self.plan
        state.team[:] = self.team
        state.people[:, TARGET] = self.target
        rebuild(self.land, state)
        return state


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Where a block's free visits are now, in the positions of the whole: day and start of each, and the
    people of their seats one after the other."""

    visits: Ints
    plan: Shorts
    team: Shorts


def spans(at: Ints, end: Ints) -> Ints:
    """All positions of the spans ``[at, end)``, one span after the other."""
    length = end - at
    first = np.cumsum(length) - length
    positions: Ints = np.repeat(at - first, length) + np.arange(int(length.sum()))
    return positions


def cut(land: Land, state: State, free: Ints, span: tuple[int, int] | None = None) -> Block:
    """The block of the free visits (ascending): every candidate of theirs, and whatever these now do.

    With a half-open ``span`` of days there are no others: free visits that have a place have it there, and
    windows end at its ends. Loads are then those of the span alone.
    """
    first, end = span or (0, len(land.works))
    groups = spans(land.visits[free, GROUP_AT], land.visits[free, GROUP_END])
    pools = np.unique(land.lists[spans(land.groups[groups, POOL_AT], land.groups[groups, POOL_END])])
    people = _people(land, pools.astype(np.int64))
    # One place more than there are: nobody and no day, -1, have the last and stay what they are.
    new_person = np.full(len(land.people) + 1, -1, np.int64)
    new_person[people] = np.arange(len(people))
    new_day = np.full(len(land.works) + 1, -1, np.int64)
    new_day[first:end] = np.arange(end - first)
    visits = _visits(land, state, new_person, new_day, free)
    seats = spans(land.visits[visits, SEAT_AT], land.visits[visits, SEAT_END])
    plan = state.plan[visits]
    plan[:, DAY] = new_day[plan[:, DAY]]
    return Block(
        land=_land(land, visits, free, groups, people, new_person, new_day),
        plan=plan,
        team=new_person[state.team[seats]].astype(np.int32),
        target=state.people[people, TARGET],
        free=np.searchsorted(visits, free).astype(np.int64),
        visits=visits,
        people=people,
        first_day=first,
    )


def _people(land: Land, pools: Ints) -> Ints:
    """Members of the pools, and whoever else is the same human being."""
    members = land.lists[spans(land.pools[pools, 0], land.pools[pools, 1])]
    inside = np.zeros(len(land.people), bool)
    inside[land.people[members, BODY]] = True
    return np.flatnonzero(inside[land.people[:, BODY]])


def _visits(land: Land, state: State, new_person: Ints, new_day: Ints, free: Ints) -> Ints:
    wanted = np.zeros(len(land.visits), bool)
    length = land.visits[:, SEAT_END] - land.visits[:, SEAT_AT]
    owner = np.repeat(np.arange(len(land.visits)), length)
    wanted[owner[new_person[state.team] >= 0]] = True
    wanted &= new_day[state.plan[:, DAY]] >= 0
    wanted[free] = True
    return np.flatnonzero(wanted)


def _land(
    land: Land, visits: Ints, free: Ints, groups: Ints, people: Ints, new_person: Ints, new_day: Ints
) -> Land:
    lists = _Lists()
    own_visits, own_groups, own_people = land.visits[visits], land.groups[groups], land.people[people]
    own_pools = np.zeros_like(land.pools)
    lists.move(land, own_visits, DAY_AT, DAY_END, new_day)
    lists.move(land, own_groups, POOL_AT, POOL_END, None)
    lists.move(land, own_groups, BAR_AT, BAR_END, new_person)
    lists.move(land, own_people, FOE_AT, FOE_END, new_person)
    own_pools[:] = land.pools
    lists.move(land, own_pools, 0, 1, new_person)
    _renumber_seats(land, visits, free, own_visits, own_groups)
    own_people[:, BODY] = new_person[own_people[:, BODY]]
    return land._replace(
        visits=own_visits,
        groups=own_groups,
        people=own_people,
        pools=own_pools,
        lists=np.concatenate(lists.parts).astype(np.int32),
        works=np.ascontiguousarray(land.works[new_day[:-1] >= 0][:, people]),
        week=land.week[new_day[:-1] >= 0],
    )


def _renumber_seats(land: Land, visits: Ints, free: Ints, own_visits: Ints, own_groups: Ints) -> None:
    """Groups and seats count from 0; a visit that is not free keeps its seats and has no groups."""
    is_free = np.isin(visits, free)
    n_groups = np.where(is_free, own_visits[:, GROUP_END] - own_visits[:, GROUP_AT], 0)
    n_seats = own_visits[:, SEAT_END] - own_visits[:, SEAT_AT]
    own_visits[:, GROUP_END] = np.cumsum(n_groups)
    own_visits[:, GROUP_AT] = own_visits[:, GROUP_END] - n_groups
    shift = np.cumsum(n_seats) - n_seats - own_visits[:, SEAT_AT]
    moved = np.repeat(shift[is_free], land.visits[free, GROUP_END] - land.visits[free, GROUP_AT])
    own_groups[:, G_SEAT_AT] += moved
    own_groups[:, G_SEAT_END] += moved
    own_visits[:, SEAT_AT] += shift
    own_visits[:, SEAT_END] += shift


class _Lists:
    """The block's own ``lists``, grown table by table."""

    def __init__(self) -> None:
        self.parts: list[Ints] = [np.zeros(0, np.int64)]
        self.length = 0

    def move(self, land: Land, rows: Ints, at: int, end: int, renamed: Ints | None) -> None:
        """Copy what the rows' spans hold, under new names; what has none is left out."""
        items = land.lists[spans(rows[:, at], rows[:, end])].astype(np.int64)
        row = np.repeat(np.arange(len(rows)), rows[:, end] - rows[:, at])
        if renamed is not None:
            items = renamed[items]
            row, items = row[items >= 0], items[items >= 0]
        rows[:, end] = self.length + np.cumsum(np.bincount(row, minlength=len(rows)))
        rows[:, at] = rows[:, end] - np.bincount(row, minlength=len(rows))
        self.parts.append(items)
        self.length += len(items)


def moves(block: Block, state: State) -> Moves:
    """What a block's search made of it."""
    visits, plan = block.land.visits[block.free], state.plan[block.free]
    plan[plan[:, DAY] >= 0, DAY] += block.first_day
    team = state.team[spans(visits[:, SEAT_AT], visits[:, SEAT_END])]
    team[team >= 0] = block.people[team[team >= 0]]
    return Moves(
        visits=block.visits[block.free],
        plan=plan,
        team=team,
    )


def write_back(land: Land, state: State, moved: Moves) -> None:
    """Plan and teams of the whole; the routes of ``state`` are stale until rebuilt."""
    state.plan[moved.visits] = moved.plan
    visits = land.visits[moved.visits]
    state.team[spans(visits[:, SEAT_AT], visits[:, SEAT_END])] = moved.team
