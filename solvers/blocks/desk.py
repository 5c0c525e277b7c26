"""The desk of a search over team-days, and who is near whom.

In: a land, a state, tours. Out: a :class:`~solvers.blocks.slots.Desk`. May import: ``solvers.blocks`` (ruin,
slots, tours, jit), NumPy.
"""

# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
import numpy as np

from solvers.blocks.jit import jit
from solvers.blocks.land import (
    DAY,
    DAY_AT,
    DAY_END,
    GROUP_AT,
    GROUP_END,
    HOME,
    POOL_AT,
    POOL_END,
    Ints,
    Land,
    Shorts,
    State,
    X,
    Y,
)
from solvers.blocks.ruin import keep_near
from solvers.blocks.slots import MOST_SLOTS, Desk
from solvers.blocks.tours import I_KEY, I_VISIT, MOST_SIZE, MOVES, Tours

N_NEAR = 24
"""Neighbours looked at per visit and group: 40 took a tenth longer for a quarter of a percent of travel
(docs/adr/0026)."""


def desk_of(land: Land, state: State, tours: Tours) -> Desk:
    """A desk large enough for every visit of the land, with neighbours of all groups."""
    groups = max(1, int((land.visits[:, GROUP_END] - land.visits[:, GROUP_AT]).max(initial=0)))
    seats = int(tours.counts[MOST_SIZE])

    def ints(*shape: int) -> Ints:
        return np.zeros(shape, np.int64)

    return Desk(
        slots=ints(groups, MOST_SLOTS, 10),
        head=np.full((groups, len(land.works)), -1, np.int32),
        group=ints(groups, 6),
        choice=ints(groups, 2),
        team=ints(groups, seats),
        tried=ints(groups, seats),
        fit=ints(groups, max(1, len(land.people)), 3),
        seen=ints(len(tours.rows)),
        homes=_homes(land, tours),
        near=near_items(land, state, tours),
        best=ints(5),
        hope=ints(max(1, int((land.visits[:, DAY_END] - land.visits[:, DAY_AT]).max(initial=0)))),
        ranked=land.lists.copy(),
    )


def _homes(land: Land, tours: Tours) -> Ints:
    """Per key one of its people if all start from one home, else -1."""
    found = np.full(int(tours.items[:, I_KEY].max(initial=0)) + 1, -1, np.int64)
    keys, groups = np.unique(tours.items[: len(land.groups), I_KEY], return_index=True)
    for key, group in zip(keys.tolist(), groups.tolist(), strict=True):
        people = np.concatenate(
            [
                land.lists[land.pools[pool, 0] : land.pools[pool, 1]]
                for pool in land.lists[land.groups[group, POOL_AT] : land.groups[group, POOL_END]].tolist()
            ]
            or [np.zeros(0, np.int32)]
        )
        if len(people) and len(np.unique(land.people[people, HOME])) == 1:
            found[key] = people[0]
    return found


def near_items(land: Land, state: State, tours: Tours) -> Shorts:
    """Per group the nearest items of its key whose windows overlap its own, nearest first; none for a group
    that does not move."""
    visit = tours.items[:, I_VISIT]
    spans = np.zeros((len(visit), 2), np.int64)
    windows = land.visits[visit]
    some = windows[:, DAY_END] > windows[:, DAY_AT]
    if len(land.lists):
        spans[some, 0] = land.lists[windows[some, DAY_AT]]
        spans[some, 1] = land.lists[windows[some, DAY_END] - 1]
    spans[~some, 1] = -1
    still = tours.kind[visit, MOVES] == 0
    spans[still] = state.plan[visit[still], DAY, None]
    east, key = land.visits[visit, X], tours.items[:, I_KEY]
    listed = np.flatnonzero(~still | (np.arange(len(visit)) >= len(land.groups)))
    order = listed[np.lexsort((listed, east[listed], key[listed]))]
    key_at = np.searchsorted(key[order], np.arange(int(key.max(initial=0)) + 2)).astype(np.int64)
    near = np.full((len(land.groups), N_NEAR), -1, np.int32)
    find_near(land, tours, order.astype(np.int64), key_at, spans, near, np.zeros(N_NEAR, np.int64))
    return near


@jit
def find_near(
    land: Land, tours: Tours, order: Ints, key_at: Ints, spans: Ints, near: Shorts, far: Ints
) -> None:
    """Fill ``near``. ``order`` has the items of each key from west to east, ``spans`` first and last day of
    each item, ``far`` is scratch as wide as ``near``."""
    k = len(far)
    for item in range(len(near)):
        visit, key, n = tours.items[item, I_VISIT], tours.items[item, I_KEY], 0
        if not tours.kind[visit, MOVES]:
            continue
        x, y = land.visits[visit, X], land.visits[visit, Y]
        low, high = key_at[key], key_at[key + 1]
        while low < high:
            middle = (low + high) // 2
            if land.visits[tours.items[order[middle], I_VISIT], X] < x:
                low = middle + 1
            else:
                high = middle
        for way in range(2):
            at = low - 1 if way else low
            while key_at[key] <= at < key_at[key + 1]:
                other = order[at]
                at += -1 if way else 1
                stop = tours.items[other, I_VISIT]
                dx = land.visits[stop, X] - x
                if n == k and dx * dx >= far[k - 1]:
                    break
                dy = land.visits[stop, Y] - y
                square = dx * dx + dy * dy
                if stop == visit or (n == k and square >= far[k - 1]):
                    continue
                if spans[other, 0] > spans[item, 1] or spans[other, 1] < spans[item, 0]:
                    continue
                n = keep_near(near, item, far, n, other, square)
