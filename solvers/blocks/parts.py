"""Which visits make a block: those that share pools, once the few pools that join everything are set aside;
or those of a span of days.

In: a land. Out: lists of visits, a fixed partition whatever runs them. May import: ``solvers.blocks.land``,
NumPy.

In a city most departments belong to one district; a municipal department or the experts are asked for
everywhere. Visits that need one of those few make a block of their own, worked on when the others rest. In a
long campaign most visits are far from each other in time: then spans of days hold everything that meets, and
nothing has to rest.
"""

from itertools import pairwise

import numpy as np

from solvers.blocks.cut import spans
from solvers.blocks.land import (
    ANY_LONG,
    BODY,
    DAY,
    DAY_AT,
    DAY_END,
    GROUP_AT,
    GROUP_END,
    POOL_AT,
    POOL_END,
    Ints,
    Land,
    State,
    X,
    Y,
)

SMALL = 1_000
"""A campaign of fewer visits is one block: cutting it would save no time and cost some travel."""
MOST_SET_ASIDE = 4
"""At most one visit in so many may be set aside with the pools that join."""
ENOUGH = 6
"""Blocks are small enough once the largest holds at most one visit in so many."""
SPANS = 4
"""A long campaign is searched in so many spans of days side by side."""
LONG = 3
"""It is long if a span has so many times the days of the longest window: few windows are cut."""

Span = tuple[int, int]


def spans_of_days(land: Land, *, between: bool = False) -> list[Span]:
    """Half-open spans of about equally many visits, ``between`` those of the other cut; none where the
    campaign is too short, or limits by week or campaign tie days together."""
    n_days, windows = len(land.works), land.visits[land.visits[:, DAY_END] > land.visits[:, DAY_AT]]
    if not len(windows) or land.scale[ANY_LONG]:
        return []
    first, last = land.lists[windows[:, DAY_AT]], land.lists[windows[:, DAY_END] - 1]
    if SPANS * LONG * int((last - first).max() + 1) > n_days:
        return []
    middles = np.sort((first + last) // 2)
    places = [len(middles) * (2 * at + between) // (2 * SPANS) for at in range(1 - between, SPANS)]
    ends = np.unique([0, *middles[places].tolist(), n_days]).tolist()
    return list(pairwise(ends))


def within(land: Land, state: State, span: Span) -> Ints:
    """Visits that are in the span, or have no place and may be there from its first days on."""
    windows = land.visits
    opens = np.where(windows[:, DAY_END] > windows[:, DAY_AT], land.lists[windows[:, DAY_AT]], 0)
    day = np.where(state.plan[:, DAY] >= 0, state.plan[:, DAY], opens)
    return np.flatnonzero((day >= span[0]) & (day < span[1]))


def parts(land: Land) -> tuple[list[Ints], Ints]:
    """Visits by block, each ascending, the largest block first; and the visits set aside."""
    n = len(land.visits)
    asks = _asks(land)
    aside = np.zeros(len(land.pools), bool)
    if n >= SMALL:
        aside = _joining(land, asks)
    apart = np.zeros(n, bool)
    apart[asks[aside[asks[:, 1]], 0]] = True
    label = _components(land, asks, aside)
    first = np.full(n, -1, np.int64)
    first[asks[::-1, 0]] = label[asks[::-1, 1]]
    inside = ~apart & (first >= 0)
    blocks = [np.flatnonzero(inside & (first == at)) for at in np.unique(first[inside])]
    blocks.sort(key=lambda block: (-len(block), int(block[0])))
    return blocks, np.flatnonzero(apart | (first < 0))


def _asks(land: Land) -> Ints:
    """(visit, pool) for every pool that a visit asks for, by visit."""
    n_groups = land.visits[:, GROUP_END] - land.visits[:, GROUP_AT]
    owner = np.repeat(np.arange(len(land.visits)), n_groups)
    n_pools = land.groups[:, POOL_END] - land.groups[:, POOL_AT]
    pools = land.lists[spans(land.groups[:, POOL_AT], land.groups[:, POOL_END])]
    pairs: Ints = np.unique(np.stack((np.repeat(owner, n_pools), pools.astype(np.int64)), axis=1), axis=0)
    return pairs


def _joining(land: Land, asks: Ints) -> "np.typing.NDArray[np.bool_]":
    """The pools with the widest spread, until no block holds too much; none where that would set too many
    visits aside."""
    n = len(land.visits)
    spread = [_spread(land, asks[asks[:, 1] == pool, 0]) for pool in range(len(land.pools))]
    aside = np.zeros(len(land.pools), bool)
    for pool in sorted(range(len(spread)), key=lambda pool: (-spread[pool], pool)):
        label = _components(land, asks, aside)
        apart = np.unique(asks[aside[asks[:, 1]], 0])
        if MOST_SET_ASIDE * len(apart) > n:
            break
        rest = asks[~np.isin(asks[:, 0], apart)]
        first = rest[np.unique(rest[:, 0], return_index=True)[1], 1]
        if ENOUGH * np.bincount(label[first]).max(initial=0) <= n:
            return aside
        aside[pool] = True
    return np.zeros(len(land.pools), bool)


def _spread(land: Land, visits: Ints) -> int:
    """Mean metres east-west and north-south from the median of the visits' sites."""
    sites = land.visits[visits][:, [X, Y]]
    if not len(sites):
        return 0
    middle = np.sort(sites, axis=0)[len(sites) // 2]
    return int(np.abs(sites - middle).sum()) // len(sites)


def _components(land: Land, asks: Ints, aside: "np.typing.NDArray[np.bool_]") -> Ints:
    """The smallest pool that each pool hangs together with, by visits and by people of several pools; pools
    set aside join nothing."""
    parent = list(range(len(land.pools)))

    def root(pool: int) -> int:
        while parent[pool] != pool:
            parent[pool] = parent[parent[pool]]
            pool = parent[pool]
        return pool

    def join(one: int, other: int) -> None:
        a, b = sorted((root(one), root(other)))
        parent[b] = a

    apart = np.zeros(len(land.visits), bool)
    apart[asks[aside[asks[:, 1]], 0]] = True
    rows = asks[~apart[asks[:, 0]]]
    same = rows[1:, 0] == rows[:-1, 0]
    for one, other in np.unique(np.stack((rows[:-1, 1][same], rows[1:, 1][same]), axis=1), axis=0).tolist():
        join(one, other)
    pool_of = np.full(len(land.people), -1, np.int64)
    sizes = land.pools[:, 1] - land.pools[:, 0]
    pool_of[land.lists[spans(land.pools[:, 0], land.pools[:, 1])]] = np.repeat(np.arange(len(parent)), sizes)
    twins = np.flatnonzero(land.people[:, BODY] != np.arange(len(land.people)))
    for person in twins.tolist():
        one, other = int(pool_of[person]), int(pool_of[land.people[person, BODY]])
        if not aside[one] and not aside[other]:
            join(one, other)
    return np.array([root(pool) for pool in range(len(parent))], np.int64)
