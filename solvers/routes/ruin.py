"""Compiled: routes of one officer and day each, made shorter by taking strings of visits out and back in.

In: tables of a campaign, a budget of steps. Out: the tables changed in place. May import: NumPy, the compiled
dice. Integers only, nothing allocated, one stream of dice: the same bytes everywhere.

Slack induction by string removals (Christiaens and Vanden Berghe, Transportation Science 54, 2020): some
neighbouring routes lose a string of visits each, the lost ones come back one by one where they cost least,
now and then not at the best place; simulated annealing decides. Every visit starts as early as it can:
waiting costs nothing, so nothing that fits later would not fit then.
"""

# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from typing import NamedTuple

from solvers.blocks.dice import below
from solvers.blocks.jit import jit
from solvers.blocks.land import Flags, Ints, Shorts

NOWHERE = -1
FAR = 1 << 40
ABSENT_COST = 1 << 24
"""Minutes that a visit without a place stands for: more than all travel of a campaign of this shape."""
LONGEST_STRING, AVERAGE_LOST = 10, 10
"""Visits of one string at most; visits that one step takes out on average."""
BLINK_PERMILLE = 10
"""A place is overlooked that often."""
N_LOGS = 1024
SCALE = 1000
"""Temperatures and logarithms are in thousandths."""

SITE, ON_SITE, PIECE_AT, PIECE_END, FIRST_START, WIDTH = range(6)
"""Columns of ``Map.visits``; the last two are for the orders in which lost visits come back."""
OFFICE, MOST_VISITS, MOST_MINUTES, KIND = range(4)
"""Columns of ``Map.days``; limits are FAR where there are none. Empty days of one kind are all the same."""
COUNT, WAY, TIME = range(3)
"""Columns of ``Routes.sums``: visits, minutes under way, minutes on site."""
N_ABSENT, COST, BEST, N_TOUCHED, N_STRINGS = range(5)
"""Places in ``Routes.tally``."""


class Map(NamedTuple):
    """What never changes. ``legs`` in minutes by site; ``able[visit, day]``; ``near[visit]`` all others,
    nearest first; a day is one officer's day."""

    grid: int
    legs: Shorts
    visits: Ints
    pieces: Ints
    days: Ints
    able: Flags
    near: Shorts
    logs: Ints


class Routes(NamedTuple):
    """Stops of each day in order; ``where`` each visit is. The ``kept`` and ``best`` tables are copies."""

    stops: Shorts
    sums: Ints
    where: Shorts
    absent: Shorts
    kept_stops: Shorts
    kept_sums: Ints
    touched: Shorts
    is_touched: Flags
    best_stops: Shorts
    best_sums: Ints
    kinds: Shorts
    keys: Ints
    tally: Ints
    dice: Ints


@jit
def start_of(ground: Map, visit: int, ready: int) -> int:
    """The first minute of the grid at which the visit may start, not before ``ready``; FAR for none."""
    row = ground.visits[visit]
    for at in range(row[PIECE_AT], row[PIECE_END]):
        start = max(ground.pieces[at, 0], ready)
        start = -(-start // ground.grid) * ground.grid
        if start + row[ON_SITE] <= ground.pieces[at, 1]:
            return start
    return FAR


@jit
def fits(ground: Map, routes: Routes, day: int, visit: int, spot: int) -> bool:
    """Whether all can be on time with the visit before the stop at ``spot``."""
    stops, count = routes.stops[day], routes.sums[day, COUNT]
    now, here = 0, NOWHERE
    for at in range(count + 1):
        stop = visit if at == spot else stops[at if at < spot else at - 1]
        site = ground.visits[stop, SITE]
        ready = now + ground.legs[here, site] if here >= 0 else 0
        start = start_of(ground, stop, ready)
        if start >= FAR:
            return False
        now, here = start + ground.visits[stop, ON_SITE], site
    return True


@jit
def detour(ground: Map, routes: Routes, day: int, visit: int, spot: int) -> int:
    """Minutes that the visit before the stop at ``spot`` adds to the way."""
    count, home = routes.sums[day, COUNT], ground.days[day, OFFICE]
    site = ground.visits[visit, SITE]
    before = home if spot == 0 else ground.visits[routes.stops[day, spot - 1], SITE]
    after = home if spot == count else ground.visits[routes.stops[day, spot], SITE]
    return ground.legs[before, site] + ground.legs[site, after] - ground.legs[before, after]


@jit
def touch(routes: Routes, day: int) -> None:
    """Remember that the day is not as it was kept."""
    if not routes.is_touched[day]:
        routes.is_touched[day] = 1
        routes.touched[routes.tally[N_TOUCHED]] = day
        routes.tally[N_TOUCHED] += 1


@jit
def insert(ground: Map, routes: Routes, day: int, visit: int, spot: int) -> None:
    """Put a visit without a place before the stop at ``spot``."""
    touch(routes, day)
    extra = detour(ground, routes, day, visit, spot)
    stops, sums = routes.stops[day], routes.sums[day]
    for at in range(sums[COUNT], spot, -1):
        stops[at] = stops[at - 1]
    stops[spot] = visit
    sums[COUNT] += 1
    sums[WAY] += extra
    sums[TIME] += ground.visits[visit, ON_SITE]
    routes.where[visit] = day
    routes.tally[COST] += extra - ABSENT_COST


@jit
def remove(ground: Map, routes: Routes, day: int, spot: int) -> None:
    """Take the visit at ``spot`` out; it is absent then."""
    touch(routes, day)
    stops, sums = routes.stops[day], routes.sums[day]
    visit = stops[spot]
    for at in range(spot, sums[COUNT] - 1):
        stops[at] = stops[at + 1]
    sums[COUNT] -= 1
    sums[TIME] -= ground.visits[visit, ON_SITE]
    less = detour(ground, routes, day, visit, spot)
    sums[WAY] -= less
    routes.where[visit] = NOWHERE
    routes.absent[routes.tally[N_ABSENT]] = visit
    routes.tally[N_ABSENT] += 1
    routes.tally[COST] += ABSENT_COST - less


@jit
def spot_of(routes: Routes, day: int, visit: int) -> int:
    """Where in its day a visit stands."""
    spot = 0
    while routes.stops[day, spot] != visit:
        spot += 1
    return spot


@jit
def ruin(ground: Map, routes: Routes) -> None:
    """A string of visits out of the days of some visits near a thrown one, a day once only."""
    dice, n_visits = routes.dice, len(ground.visits)
    seed = below(dice, n_visits)
    n_strings = 1 + below(dice, max(1, routes.tally[N_STRINGS]))
    at = 0
    while n_strings > 0 and at < n_visits:
        visit = seed if at == 0 else ground.near[seed, at - 1]
        at += 1
        day = routes.where[visit]
        if day == NOWHERE or routes.is_touched[day]:
            continue
        count = routes.sums[day, COUNT]
        length = 1 + below(dice, min(count, LONGEST_STRING))
        spot = spot_of(routes, day, visit)
        first = max(0, spot - length + 1)
        first += below(dice, min(spot, count - length) - first + 1)
        for _ in range(length):
            remove(ground, routes, day, first)
        n_strings -= 1


@jit
def order(ground: Map, routes: Routes) -> None:
    """The absent visits in the order in which they come back: thrown, longest first, farthest or nearest to
    the first office, shortest window, earliest or latest start."""
    dice, n_absent = routes.dice, routes.tally[N_ABSENT]
    kind, office = below(dice, 14), ground.days[0, OFFICE]
    for at in range(n_absent):
        visit = routes.absent[at]
        row = ground.visits[visit]
        key = below(dice, 1 << 20)
        if 4 <= kind < 8:
            key = -row[ON_SITE]
        elif 8 <= kind < 10:
            key = -ground.legs[office, row[SITE]]
        elif kind == 10:
            key = ground.legs[office, row[SITE]]
        elif kind == 11:
            key = row[WIDTH]
        elif kind == 12:
            key = row[FIRST_START]
        elif kind == 13:
            key = -row[FIRST_START]
        spot = at
        while spot > 0 and routes.keys[spot - 1] > key:
            routes.keys[spot] = routes.keys[spot - 1]
            routes.absent[spot] = routes.absent[spot - 1]
            spot -= 1
        routes.keys[spot], routes.absent[spot] = key, visit


@jit
def put_back(ground: Map, routes: Routes, visit: int, stamp: int) -> bool:
    """The visit to where it costs least, a place now and then overlooked; whether there was one."""
    dice, row = routes.dice, ground.visits[visit]
    least, best_day, best_spot = FAR, NOWHERE, 0
    for day in range(len(ground.days)):
        if not ground.able[visit, day]:
            continue
        count, limits = routes.sums[day, COUNT], ground.days[day]
        if count >= limits[MOST_VISITS]:
            continue
        if count == 0:
            # One empty day of a kind is as good as another.
            if routes.kinds[limits[KIND]] == stamp:
                continue
            routes.kinds[limits[KIND]] = stamp
        room = limits[MOST_MINUTES] - routes.sums[day, WAY] - routes.sums[day, TIME] - row[ON_SITE]
        for spot in range(count + 1):
            extra = detour(ground, routes, day, visit, spot)
            if extra >= least or extra > room or below(dice, 1000) < BLINK_PERMILLE:
                continue
            if fits(ground, routes, day, visit, spot):
                least, best_day, best_spot = extra, day, spot
    if best_day == NOWHERE:
        return False
    insert(ground, routes, best_day, visit, best_spot)
    return True


@jit
def recreate(ground: Map, routes: Routes, stamp: int) -> int:
    """Every absent visit back where that is possible; the stamp after the last one used."""
    order(ground, routes)
    tally, left = routes.tally, 0
    for at in range(tally[N_ABSENT]):
        visit = routes.absent[at]
        stamp += 1
        if not put_back(ground, routes, visit, stamp):
            routes.absent[left] = visit
            left += 1
    tally[N_ABSENT] = left
    return stamp


@jit
def settle(ground: Map, routes: Routes, before: int, worse: int) -> None:
    """Keep the touched days where the cost is below ``before`` and ``worse`` thousandths, else undo them."""
    tally = routes.tally
    keep = (tally[COST] - before) * SCALE < worse
    for at in range(tally[N_TOUCHED]):
        day = routes.touched[at]
        routes.is_touched[day] = 0
        if keep:
            copy_day(routes.stops, routes.sums, routes.kept_stops, routes.kept_sums, day)
    if not keep:
        undo(ground, routes)
        tally[COST] = before
    tally[N_TOUCHED] = 0
    if tally[COST] < tally[BEST]:
        tally[BEST] = tally[COST]
        for day in range(len(ground.days)):
            copy_day(routes.stops, routes.sums, routes.best_stops, routes.best_sums, day)


@jit
def copy_day(stops: Shorts, sums: Ints, to_stops: Shorts, to_sums: Ints, day: int) -> None:
    """One day from one pair of tables to another."""
    for at in range(sums[day, COUNT]):
        to_stops[day, at] = stops[day, at]
    for at in range(3):
        to_sums[day, at] = sums[day, at]


@jit
def undo(ground: Map, routes: Routes) -> None:
    """The touched days as they were kept; absent are then those who are on no day."""
    tally = routes.tally
    for at in range(tally[N_TOUCHED]):
        day = routes.touched[at]
        for spot in range(routes.sums[day, COUNT]):
            routes.where[routes.stops[day, spot]] = NOWHERE
    for at in range(tally[N_TOUCHED]):
        day = routes.touched[at]
        copy_day(routes.kept_stops, routes.kept_sums, routes.stops, routes.sums, day)
        for spot in range(routes.sums[day, COUNT]):
            routes.where[routes.stops[day, spot]] = day
    tally[N_ABSENT] = 0
    for visit in range(len(ground.visits)):
        if routes.where[visit] == NOWHERE:
            routes.absent[tally[N_ABSENT]] = visit
            tally[N_ABSENT] += 1


@jit
def search(ground: Map, routes: Routes, steps: int, heat: Ints) -> None:
    """So many steps; ``heat`` holds the temperatures, in thousandths of a minute, each for an equal share."""
    stamp = recreate(ground, routes, 0)
    settle(ground, routes, routes.tally[COST] + 1, FAR)
    for step in range(steps):
        before = routes.tally[COST]
        ruin(ground, routes)
        stamp = recreate(ground, routes, stamp)
        temperature = heat[step * len(heat) // steps]
        worse = temperature * ground.logs[below(routes.dice, N_LOGS)] // SCALE
        settle(ground, routes, before, worse)
