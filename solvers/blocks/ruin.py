"""Compiled ruin and recreate: take a few visits out that belong together, put them back where it is cheapest.

In: a lawful state and its neighbourhoods. Out: the same state, never serving less, with less travel and
strain. It prepares dates, routes and hints; who goes is decided afterwards by CP-SAT. May import:
``solvers.blocks`` (kernel parts), NumPy. Source of the idea: Schrimpf et al. 2000,
https://doi.org/10.1006/jcph.1999.6413.
"""

# ruff: noqa: C901, PLR0912, PLR0913, PLR0917 - compiled loops: plain and whole, generators are not compiled
# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from typing import NamedTuple

import numpy as np

from solvers.blocks.bench import Bench
from solvers.blocks.detours import all_hold
from solvers.blocks.dice import below
from solvers.blocks.jit import jit
from solvers.blocks.land import (
    BODY,
    DAY,
    DAY_AT,
    DAY_END,
    FIRST_STOP,
    G_SEAT_END,
    GROUP_AT,
    GROUP_END,
    LOAD,
    N_STOPS,
    PENALTY,
    POOL_AT,
    POOL_END,
    SEAT_AT,
    SEAT_END,
    START,
    TARGET,
    TRAVEL,
    WORTH,
    Ints,
    Land,
    Shorts,
    State,
    X,
    Y,
)
from solvers.blocks.places import find_place, settle_in
from solvers.blocks.stops import put, take
from solvers.blocks.teams import NONE
from solvers.facts import NO_LIMIT

MOST_TAKEN = 12
LOOKS = 12
"""Visits looked at for one whose team is above its target."""


class Notes(NamedTuple):
    """What one step takes out, and where it was."""

    taken: Ints
    days: Ints
    starts: Ints
    teams: Ints


def notes_of(bench: Bench) -> Notes:
    """Empty notes."""
    taken, days, starts = (np.zeros(MOST_TAKEN, np.int64) for _ in range(3))
    return Notes(taken, days, starts, np.zeros((MOST_TAKEN, bench.seats.shape[1]), np.int64))


@jit
def fill(land: Land, state: State, bench: Bench, order: Ints) -> int:
    """Place the visits in their order where there is room; how many found none."""
    missing = 0
    for visit in order:
        if state.plan[visit, DAY] < 0:
            if find_place(land, state, bench, visit, 0, -1) < NONE:
                settle_in(land, state, bench, visit)
                put(land, state, visit)
            else:
                missing += 1
    return missing


@jit
def strained(land: Land, state: State, bench: Bench, free: Ints) -> int:
    """A free visit without a place or with somebody above his target, -1 if a few looks find none."""
    for _ in range(LOOKS):
        visit = free[below(bench.dice, len(free))]
        if state.plan[visit, DAY] < 0:
            return visit
        first, end = land.visits[visit, SEAT_AT], land.visits[visit, SEAT_END]
        for seat in range(first, end):
            person = state.team[seat]
            if person >= 0 and state.people[person, LOAD] > state.people[person, TARGET]:
                return visit
    return -1


@jit
def take_note(taken: Ints, n: int, visit: int) -> int:
    """Add the visit to the first ``n`` of ``taken`` unless it is there or they are full; how many then."""
    if n >= MOST_TAKEN:
        return n
    for at in range(n):
        if taken[at] == visit:
            return n
    taken[n] = visit
    return n + 1


@jit
def overloaded_seat(land: Land, state: State, visit: int) -> int:
    """A seat of the visit whose holder is above his target, -1 if there is none."""
    if state.plan[visit, DAY] >= 0:
        for seat in range(land.visits[visit, SEAT_AT], land.visits[visit, SEAT_END]):
            person = state.team[seat]
            if person >= 0 and state.people[person, LOAD] > state.people[person, TARGET]:
                return seat
    return -1


@jit
def relief(land: Land, state: State, bench: Bench, seat: int, visit: int) -> int:
    """A visit of somebody of the same pools who has more room below his target, -1 if a few looks find
    none."""
    group = land.visits[visit, GROUP_AT]
    while land.groups[group, G_SEAT_END] <= seat:
        group += 1
    pools = land.groups[group, POOL_END] - land.groups[group, POOL_AT]
    pool = land.lists[land.groups[group, POOL_AT] + below(bench.dice, pools)]
    first, n = land.pools[pool, 0], land.pools[pool, 1] - land.pools[pool, 0]
    best, room = -1, NO_LIMIT
    for _ in range(3):
        person = land.lists[first + below(bench.dice, n)]
        over = state.people[person, LOAD] - state.people[person, TARGET]
        if over < room and person != state.team[seat]:
            best, room = person, over
    if best < 0:
        return -1
    n_days, body = len(land.works), land.people[best, BODY]
    turn = below(bench.dice, n_days)
    for step in range(n_days):
        day = (turn + step) % n_days
        if state.busy[day, body]:
            return state.routes[day, body, FIRST_STOP + below(bench.dice, state.routes[day, body, N_STOPS])]
    return -1


@jit
def choose(
    land: Land,
    state: State,
    bench: Bench,
    free: Ints,
    is_free: Ints,
    near_at: Ints,
    near: Shorts,
    taken: Ints,
) -> int:
    """Visits that belong together: somebody overloaded and somebody with room; a team's day; or neighbours.
    Neighbours of the first one are added in every case. How many."""
    kind, first, second = below(bench.dice, 6), -1, -1
    if kind <= 2:
        first = strained(land, state, bench, free)
        if first >= 0 and kind <= 1:
            seat = overloaded_seat(land, state, first)
            if seat >= 0:
                second = relief(land, state, bench, seat, first)
    if first < 0:
        first = free[below(bench.dice, len(free))]
    n = take_note(taken, 0, first)
    if second >= 0 and is_free[second]:
        n = take_note(taken, n, second)
        if below(bench.dice, 2):
            return n
    elif kind <= 3 and state.plan[first, DAY] >= 0:
        seat, end = land.visits[first, SEAT_AT], land.visits[first, SEAT_END]
        person = state.team[seat + below(bench.dice, end - seat)] if end > seat else -1
        if person >= 0:
            day, body = state.plan[first, DAY], land.people[person, BODY]
            for at in range(state.routes[day, body, N_STOPS]):
                if is_free[state.routes[day, body, FIRST_STOP + at]]:
                    n = take_note(taken, n, state.routes[day, body, FIRST_STOP + at])
    most = 3 + below(bench.dice, MOST_TAKEN - 5)
    for at in range(near_at[first], near_at[first + 1]):
        if n >= most:
            break
        if below(bench.dice, 3):
            n = take_note(taken, n, near[at])
    return n


@jit
def arrange(land: Land, bench: Bench, taken: Ints, n: int) -> None:
    """The order in which they go back: chance, or in half of the cases the most teams first."""
    for at in range(n - 1, 0, -1):
        other = below(bench.dice, at + 1)
        taken[at], taken[other] = taken[other], taken[at]
    if below(bench.dice, 2):
        for at in range(1, n):
            visit, place = taken[at], at
            width = land.visits[visit, GROUP_END] - land.visits[visit, GROUP_AT]
            while place > 0:
                other = taken[place - 1]
                if land.visits[other, GROUP_END] - land.visits[other, GROUP_AT] >= width:
                    break
                taken[place] = other
                place -= 1
            taken[place] = visit


@jit
def ruin(
    land: Land,
    state: State,
    bench: Bench,
    free: Ints,
    is_free: Ints,
    near_at: Ints,
    near: Shorts,
    plan: Ints,
    notes: Notes,
) -> None:
    """Take and put back ``plan[0]`` times; a step may be worse by up to ``plan[1]`` minutes at first and
    ``plan[2]`` at last; ``plan[3]`` of 1024 routes are overlooked."""
    n_steps, worse_first, worse_last, blink = plan[0], plan[1], plan[2], plan[3]
    taken, days, starts, teams = notes.taken, notes.days, notes.starts, notes.teams
    for step in range(n_steps):
        n = choose(land, state, bench, free, is_free, near_at, near, taken)
        arrange(land, bench, taken, n)
        cost, worth = state.total[TRAVEL] + state.total[PENALTY], 0
        for at in range(n):
            visit = taken[at]
            days[at], starts[at] = state.plan[visit, DAY], state.plan[visit, START]
            if days[at] >= 0:
                first, end = land.visits[visit, SEAT_AT], land.visits[visit, SEAT_END]
                for seat in range(first, end):
                    teams[at, seat - first] = state.team[seat]
                worth -= land.visits[visit, WORTH]
                take(land, state, visit)
        for at in range(n):
            visit = taken[at]
            hint = days[at if below(bench.dice, 2) else below(bench.dice, n)]
            if find_place(land, state, bench, visit, blink, max(hint, 0)) < NONE:
                settle_in(land, state, bench, visit)
                put(land, state, visit)
                worth += land.visits[visit, WORTH]
        if worth >= 0 and not all_hold(land, state, taken, n, days, teams):
            worth = -1
        worse = (worse_first * (n_steps - step) + worse_last * step) // n_steps
        worse = worse * below(bench.dice, 1024) * below(bench.dice, 1024) >> 20
        cost = state.total[TRAVEL] + state.total[PENALTY] - cost
        if worth < 0 or (worth == 0 and cost > worse):
            for at in range(n):
                if state.plan[taken[at], DAY] >= 0:
                    take(land, state, taken[at])
            for at in range(n):
                if days[at] >= 0:
                    visit = taken[at]
                    state.plan[visit, DAY], state.plan[visit, START] = days[at], starts[at]
                    first, end = land.visits[visit, SEAT_AT], land.visits[visit, SEAT_END]
                    for seat in range(first, end):
                        state.team[seat] = teams[at, seat - first]
                    put(land, state, visit)


@jit
def keep_near(near: Shorts, row: int, far: Ints, n: int, other: int, square: int) -> int:
    """Put somebody ``square`` away among the ``n`` of ``near[row]``, nearest first, ``far`` their distances;
    where all places are taken the farthest drops out. How many there are then."""
    k = len(far)
    place = n if n < k else k - 1
    while place > 0 and far[place - 1] > square:
        far[place], near[row, place] = far[place - 1], near[row, place - 1]
        place -= 1
    far[place], near[row, place] = square, other
    return min(n + 1, k)


@jit
def neighbours(
    land: Land, visits: Ints, pool_at: Ints, pool_visits: Shorts, found: Shorts, far: Ints
) -> None:
    """Fill ``found``: per visit of ``visits`` the nearest others that share a pool and overlapping windows,
    nearest first; where there are fewer, -1 stays. ``far`` is scratch of the same width.
    ``pool_visits`` are the free visits of each pool from west to east."""
    k = len(far)
    for row in range(len(visits)):
        visit, n = visits[row], 0
        x, y = land.visits[visit, X], land.visits[visit, Y]
        if land.visits[visit, DAY_AT] == land.visits[visit, DAY_END]:
            continue
        opens, closes = land.lists[land.visits[visit, DAY_AT]], land.lists[land.visits[visit, DAY_END] - 1]
        for group in range(land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]):
            for place in range(land.groups[group, POOL_AT], land.groups[group, POOL_END]):
                pool = land.lists[place]
                low, high = pool_at[pool], pool_at[pool + 1]
                while low < high:
                    middle = (low + high) // 2
                    if land.visits[pool_visits[middle], X] < x:
                        low = middle + 1
                    else:
                        high = middle
                for way in range(2):
                    at = low - 1 if way else low
                    while pool_at[pool] <= at < pool_at[pool + 1]:
                        other = pool_visits[at]
                        at += -1 if way else 1
                        dx = land.visits[other, X] - x
                        if n == k and dx * dx >= far[k - 1]:
                            break
                        dy = land.visits[other, Y] - y
                        square = dx * dx + dy * dy
                        if other == visit or (n == k and square >= far[k - 1]):
                            continue
                        if land.visits[other, DAY_AT] == land.visits[other, DAY_END]:
                            continue
                        if land.lists[land.visits[other, DAY_AT]] > closes:
                            continue
                        if land.lists[land.visits[other, DAY_END] - 1] < opens:
                            continue
                        known = 0
                        for earlier in range(n):
                            known |= found[row, earlier] == other
                        if known:
                            continue
                        n = keep_near(found, row, far, n, other, square)
