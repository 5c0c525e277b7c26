"""Compiled: team-days. A tour is what one team of one department does together on one day.

In: a land and a state. Out: tours, kept with the state's loads, counts and travel. May import:
``solvers.blocks`` (land, stops, teams, times, jit), NumPy.

A visit has one tour per group and starts when all of them can be there. Nothing that moves has a start of its
own: what precedes what gives each stop an earliest and a latest one, through all tours that meet. With every
stop at its earliest the tours are lawful, and a visit fits between two stops exactly if it fits between the
earliest of the one and the latest of the other.
"""

# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from typing import NamedTuple

from solvers.blocks.jit import jit
from solvers.blocks.land import (
    ANY_LONG,
    BODY,
    DAY,
    DAY_MIN,
    DAY_MINUTES,
    DAY_VISITS,
    DUR,
    GROUP_AT,
    GROUP_END,
    HOME,
    HOME_X,
    HOME_Y,
    IS_LEADER,
    IS_NEW,
    IS_OFFICER,
    LOAD,
    MINUTES,
    PENALTY,
    SKILLS,
    START,
    TRAVEL,
    VISITS,
    Flags,
    Ints,
    Land,
    Shorts,
    State,
    X,
    Y,
)
from solvers.blocks.stops import strain
from solvers.blocks.times import first_start, last_start, leg

T_KEY, T_DAY, T_N, T_ON_SITE, T_LONGEST, T_TRAVEL, T_HELD, T_ONE_HOME, T_VISITS, T_MINUTES, T_FIXED = range(
    11
)
T_LED, T_GUIDED, T_OUT, T_OUT_FAR, T_BACK, T_BACK_FAR, T_SIZE, T_MEMBERS = range(11, 19)
"""Columns of ``Tours.rows``: key, day, stops (-1 for no tour), minutes on site, the longest way of a member,
person-minutes under way, skills held together, whether all start from one site, least limits of visits and
minutes, stops that do not move; whether a leader is among them, whether no newcomer is without a senior; the
legs out and back, of all together and of the farthest; how many they are; then the members, and per stop its
item, visit, earliest and latest start, leg before it."""
I_VISIT, I_KEY, I_TOUR = range(3)
"""Columns of ``Tours.items``: a group's visit and key, the tour that serves it or -1. Items beyond the groups
are stops that do not move."""
MOVES = 0
"""Column of ``Tours.kind``: whether the visit is the tours' to move."""
N_IDLE, N_TOUCHED, STEP, MOST_STOPS, MOST_SIZE, QUEUE_AT, QUEUE_END = range(7)
"""Places in ``Tours.counts``: unused rows, rows changed in this step and its number, widths, who is next to
be timed and where the queue ends."""


class Tours(NamedTuple):
    """``where[day, body]`` is the tour somebody is on, -1 for nobody sent anywhere, -2 for busy otherwise.
    ``idle`` is a stack of unused rows; ``touched``, ``before`` and ``stamp`` remember what rows were;
    ``queue`` has the tours whose starts are out of date."""

    rows: Ints
    items: Ints
    kind: Flags
    where: Shorts
    idle: Ints
    counts: Ints
    touched: Ints
    before: Ints
    stamp: Ints
    queue: Ints
    queued: Flags


ITEM, VISIT, EARLY, LATE, BEFORE = range(5)
"""A stop's columns, :data:`N_COLUMNS` apart."""
N_COLUMNS = 5


@jit
def legs_home(land: Land, tours: Tours, tour: int, visit: int) -> tuple[int, int]:
    """Minutes from the members' homes to the visit: of all together, and of the farthest."""
    row, total, longest, home, minutes = tours.rows[tour], 0, 0, -1, 0
    x, y = land.visits[visit, X], land.visits[visit, Y]
    if row[T_ONE_HOME]:
        person = row[T_MEMBERS]
        minutes = leg(land, land.people[person, HOME_X], land.people[person, HOME_Y], x, y)
        return minutes * row[T_SIZE], minutes
    for at in range(row[T_SIZE]):
        person = row[T_MEMBERS + at]
        if land.people[person, HOME] != home:
            home = land.people[person, HOME]
            minutes = leg(land, land.people[person, HOME_X], land.people[person, HOME_Y], x, y)
        total += minutes
        longest = max(longest, minutes)
    return total, longest


@jit
def rewalk(land: Land, state: State, tours: Tours, tour: int) -> None:
    """Legs and travel anew."""
    row, n, between = tours.rows[tour], tours.rows[tour, T_N], 0
    first = T_MEMBERS + tours.counts[MOST_SIZE]
    for at in range(n):
        here = first + N_COLUMNS * at
        row[here + BEFORE] = 0
        if at:
            one, other = row[here - N_COLUMNS + VISIT], row[here + VISIT]
            row[here + BEFORE] = leg(
                land, land.visits[one, X], land.visits[one, Y], land.visits[other, X], land.visits[other, Y]
            )
        between += row[here + BEFORE]
    travel, longest = 0, 0
    row[T_OUT], row[T_OUT_FAR], row[T_BACK], row[T_BACK_FAR] = 0, 0, 0, 0
    if n:
        out, far_out = legs_home(land, tours, tour, row[first + VISIT])
        back, far_back = legs_home(land, tours, tour, row[first + N_COLUMNS * (n - 1) + VISIT])
        row[T_OUT], row[T_OUT_FAR], row[T_BACK], row[T_BACK_FAR] = out, far_out, back, far_back
        travel, longest = out + back + between * row[T_SIZE], far_out + far_back + between
    state.total[TRAVEL] += travel - row[T_TRAVEL]
    row[T_TRAVEL], row[T_LONGEST] = travel, longest


@jit
def to_time(tours: Tours, tour: int) -> None:
    """The tour's starts have to be looked at again."""
    if not tours.queued[tour]:
        tours.queued[tour] = 1
        tours.queue[tours.counts[QUEUE_END] % len(tours.queue)] = tour
        tours.counts[QUEUE_END] += 1


@jit
def column_of(tours: Tours, item: int) -> int:
    """The first column of the item's stop in its tour."""
    row, at = tours.rows[tours.items[item, I_TOUR]], T_MEMBERS + tours.counts[MOST_SIZE]
    while row[at + ITEM] != item:
        at += N_COLUMNS
    return at


@jit
def arrival(land: Land, tours: Tours, tour: int, at: int) -> int:
    """When the tour can be at the stop whose columns begin ``at``."""
    row, before = tours.rows[tour], at - N_COLUMNS
    if before < T_MEMBERS + tours.counts[MOST_SIZE]:
        return 0
    return row[before + EARLY] + land.visits[row[before + VISIT], DUR] + row[at + BEFORE]


@jit
def departure(tours: Tours, tour: int, at: int) -> int:
    """When the tour has to leave the stop whose columns begin ``at``."""
    row, after = tours.rows[tour], at + N_COLUMNS
    if after >= T_MEMBERS + tours.counts[MOST_SIZE] + N_COLUMNS * row[T_N]:
        return DAY_MIN
    return row[after + LATE] - row[after + BEFORE]


@jit
def early_start(land: Land, state: State, tours: Tours, tour: int, at: int) -> int:
    """The earliest start of a stop: when all teams of the visit can be there."""
    item, visit = tours.rows[tour, at + ITEM], tours.rows[tour, at + VISIT]
    if not tours.kind[visit, MOVES]:
        return state.plan[visit, START]
    ready = arrival(land, tours, tour, at)
    for other in range(land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]):
        if other != item and tours.items[other, I_TOUR] >= 0:
            ready = max(ready, arrival(land, tours, tours.items[other, I_TOUR], column_of(tours, other)))
    return first_start(land, visit, ready)


@jit
def late_start(land: Land, state: State, tours: Tours, tour: int, at: int) -> int:
    """The latest start of a stop: so that all teams of the visit still come to what follows."""
    item, visit = tours.rows[tour, at + ITEM], tours.rows[tour, at + VISIT]
    if not tours.kind[visit, MOVES]:
        return state.plan[visit, START]
    leave = departure(tours, tour, at)
    for other in range(land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]):
        if other != item and tours.items[other, I_TOUR] >= 0:
            leave = min(leave, departure(tours, tours.items[other, I_TOUR], column_of(tours, other)))
    return last_start(land, visit, leave - land.visits[visit, DUR])


@jit
def tell_others(land: Land, tours: Tours, tour: int, at: int, column: int) -> None:
    """A start changed: the other teams of the visit have it too, and theirs are looked at again."""
    item, visit = tours.rows[tour, at + ITEM], tours.rows[tour, at + VISIT]
    if tours.kind[visit, MOVES]:
        for other in range(land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]):
            there = tours.items[other, I_TOUR]
            if other != item and there >= 0:
                touch(tours, there)
                tours.rows[there, column_of(tours, other) + column] = tours.rows[tour, at + column]
                to_time(tours, there)


@jit
def retime(land: Land, state: State, tours: Tours) -> None:
    """Earliest and latest starts of all tours that wait for it, and of whatever meets them. What precedes
    what has no circle, so this ends at the one right answer."""
    first = T_MEMBERS + tours.counts[MOST_SIZE]
    while tours.counts[QUEUE_AT] < tours.counts[QUEUE_END]:
        tour = tours.queue[tours.counts[QUEUE_AT] % len(tours.queue)]
        tours.counts[QUEUE_AT] += 1
        tours.queued[tour] = 0
        row, n = tours.rows[tour], tours.rows[tour, T_N]
        if n > 0:
            touch(tours, tour)
        for at in range(first, first + N_COLUMNS * n, N_COLUMNS):
            start = early_start(land, state, tours, tour, at)
            if start != row[at + EARLY]:
                row[at + EARLY] = start
                tell_others(land, tours, tour, at, EARLY)
        for at in range(first + N_COLUMNS * (n - 1), first - 1, -N_COLUMNS):
            start = late_start(land, state, tours, tour, at)
            if start != row[at + LATE]:
                row[at + LATE] = start
                tell_others(land, tours, tour, at, LATE)


@jit
def charge(land: Land, state: State, person: int, day: int, visits: int, minutes: int) -> None:
    """Loads and long counts of one person."""
    before = state.people[person, LOAD]
    state.people[person, LOAD] = before + minutes
    state.total[PENALTY] += strain(state, person, before + minutes) - strain(state, person, before)
    if land.scale[ANY_LONG]:
        body, week = land.people[person, BODY], land.week[day]
        state.people[body, VISITS] += visits
        state.people[body, MINUTES] += minutes
        state.weeks[body, week, 0] += visits
        state.weeks[body, week, 1] += minutes


@jit
def charge_all(land: Land, state: State, tours: Tours, tour: int, visits: int, minutes: int) -> None:
    """Loads and long counts of a tour's members."""
    row = tours.rows[tour]
    for at in range(row[T_SIZE]):
        charge(land, state, row[T_MEMBERS + at], row[T_DAY], visits, minutes)


@jit
def describe(land: Land, tours: Tours, tour: int) -> None:
    """What follows from who the members are."""
    row = tours.rows[tour]
    row[T_HELD], row[T_LED], row[T_ONE_HOME] = 0, 0, 1
    row[T_VISITS], row[T_MINUTES] = DAY_MIN, DAY_MIN
    newcomers, seniors = 0, 0
    for at in range(row[T_SIZE]):
        person = row[T_MEMBERS + at]
        row[T_HELD] |= land.people[person, SKILLS]
        row[T_LED] |= land.people[person, IS_LEADER]
        row[T_VISITS] = min(row[T_VISITS], land.people[person, DAY_VISITS])
        row[T_MINUTES] = min(row[T_MINUTES], land.people[person, DAY_MINUTES])
        if land.people[person, HOME] != land.people[row[T_MEMBERS], HOME]:
            row[T_ONE_HOME] = 0
        if land.people[person, IS_OFFICER]:
            newcomers += land.people[person, IS_NEW]
            seniors += 1 - land.people[person, IS_NEW]
    row[T_VISITS] = min(row[T_VISITS], tours.counts[MOST_STOPS])
    row[T_GUIDED] = newcomers == 0 or seniors > 0


@jit
def touch(tours: Tours, tour: int) -> None:
    """Remember what the tour is before it is first changed in this step."""
    if tours.stamp[tour] != tours.counts[STEP]:
        tours.stamp[tour] = tours.counts[STEP]
        n = tours.counts[N_TOUCHED]
        tours.touched[n] = tour
        for column in range(tours.rows.shape[1]):
            tours.before[n, column] = tours.rows[tour, column]
        tours.counts[N_TOUCHED] = n + 1


@jit
def begin_step(tours: Tours) -> None:
    """From here on changes can be taken back."""
    tours.counts[STEP] += 1
    tours.counts[N_TOUCHED] = 0


@jit
def send(land: Land, tours: Tours, tour: int, to: int) -> None:
    """Write down where the tour's members are on its day."""
    row = tours.rows[tour]
    for at in range(row[T_SIZE]):
        tours.where[row[T_DAY], land.people[row[T_MEMBERS + at], BODY]] = to


@jit
def open_tour(land: Land, tours: Tours, key: int, day: int, team: Ints) -> int:
    """A tour without stops for the people, who are idle that day."""
    n = tours.counts[N_IDLE] - 1
    tour = tours.idle[n]
    touch(tours, tour)
    tours.counts[N_IDLE] = n
    row = tours.rows[tour]
    row[T_KEY], row[T_DAY], row[T_N], row[T_SIZE] = key, day, 0, len(team)
    row[T_ON_SITE] = row[T_LONGEST] = row[T_TRAVEL] = row[T_FIXED] = 0
    for at in range(len(team)):
        row[T_MEMBERS + at] = team[at]
    describe(land, tours, tour)
    send(land, tours, tour, tour)
    return tour


@jit
def add_stop(land: Land, state: State, tours: Tours, tour: int, at: int, item: int) -> None:
    """The tour goes to the item's visit as its stop number ``at``; its starts are still to be timed."""
    touch(tours, tour)
    row, visit, n = tours.rows[tour], tours.items[item, I_VISIT], tours.rows[tour, T_N]
    first = T_MEMBERS + tours.counts[MOST_SIZE]
    for column in range(first + N_COLUMNS * (n + 1) - 1, first + N_COLUMNS * (at + 1) - 1, -1):
        row[column] = row[column - N_COLUMNS]
    row[first + N_COLUMNS * at + ITEM], row[first + N_COLUMNS * at + VISIT] = item, visit
    row[T_N] = n + 1
    row[T_ON_SITE] += land.visits[visit, DUR]
    row[T_FIXED] += 1 - tours.kind[visit, MOVES]
    tours.items[item, I_TOUR] = tour
    row[first + N_COLUMNS * at + EARLY] = row[first + N_COLUMNS * at + LATE] = -1
    charge_all(land, state, tours, tour, 1, land.visits[visit, DUR])
    rewalk(land, state, tours, tour)
    to_time(tours, tour)


@jit
def lay_out(land: Land, state: State, tours: Tours, heads: Ints, crews: Ints, items: Ints) -> None:
    """Open all tours of a roster and time them. Each of ``heads`` has a key, a day, where its people begin
    and end in ``crews`` and its stops in ``items``."""
    for at in range(len(heads)):
        key, day, crew, crew_end, item, item_end = heads[at]
        for person in crews[crew:crew_end]:
            tours.where[day, land.people[person, BODY]] = -1
        begin_step(tours)
        tour = open_tour(land, tours, key, day, crews[crew:crew_end])
        for place in range(item_end - item):
            begin_step(tours)
            add_stop(land, state, tours, tour, place, items[item + place])
            retime(land, state, tours)


@jit
def drop_stop(land: Land, state: State, tours: Tours, item: int) -> None:
    """The item's tour does not go there; without a stop left it is no tour."""
    tour, visit = tours.items[item, I_TOUR], tours.items[item, I_VISIT]
    touch(tours, tour)
    row, n = tours.rows[tour], tours.rows[tour, T_N]
    first = T_MEMBERS + tours.counts[MOST_SIZE]
    at = first
    while row[at + ITEM] != item:
        at += N_COLUMNS
    for column in range(at, first + N_COLUMNS * (n - 1)):
        row[column] = row[column + N_COLUMNS]
    row[T_N] = n - 1
    row[T_ON_SITE] -= land.visits[visit, DUR]
    row[T_FIXED] -= 1 - tours.kind[visit, MOVES]
    tours.items[item, I_TOUR] = -1
    charge_all(land, state, tours, tour, -1, -land.visits[visit, DUR])
    rewalk(land, state, tours, tour)
    to_time(tours, tour)
    if n == 1:
        close_tour(land, tours, tour)


@jit
def close_tour(land: Land, tours: Tours, tour: int) -> None:
    """Nobody is sent any more: the row is free for another tour."""
    send(land, tours, tour, -1)
    tours.rows[tour, T_N] = -1
    tours.idle[tours.counts[N_IDLE]] = tour
    tours.counts[N_IDLE] += 1


@jit
def hold(land: Land, state: State, tours: Tours, tour: int, sign: int) -> None:
    """Count a whole tour in or out of the state, its members and items."""
    row = tours.rows[tour]
    charge_all(land, state, tours, tour, sign * row[T_N], sign * row[T_ON_SITE])
    send(land, tours, tour, tour if sign > 0 else -1)
    state.total[TRAVEL] += sign * row[T_TRAVEL]
    first = T_MEMBERS + tours.counts[MOST_SIZE]
    for at in range(row[T_N]):
        tours.items[row[first + N_COLUMNS * at + ITEM], I_TOUR] = tour if sign > 0 else -1


@jit
def take_back(land: Land, state: State, tours: Tours) -> None:
    """Every tour as it was when the step began. Plans are the caller's."""
    n_touched, n_idle = tours.counts[N_TOUCHED], tours.counts[N_IDLE]
    for at in range(n_touched):
        tour = tours.touched[at]
        if tours.rows[tour, T_N] >= 0:
            hold(land, state, tours, tour, -1)
            if tours.before[at, T_N] < 0:
                tours.idle[n_idle] = tour
                n_idle += 1
        elif tours.before[at, T_N] >= 0:
            place = n_idle - 1
            while tours.idle[place] != tour:
                place -= 1
            n_idle -= 1
            tours.idle[place] = tours.idle[n_idle]
    tours.counts[N_IDLE] = n_idle
    for at in range(n_touched):
        tour = tours.touched[at]
        for column in range(tours.rows.shape[1]):
            tours.rows[tour, column] = tours.before[at, column]
        if tours.rows[tour, T_N] >= 0:
            hold(land, state, tours, tour, 1)


@jit
def take_out(land: Land, state: State, tours: Tours, visit: int, first_item: int, end_item: int) -> None:
    """The visit leaves its tours, whose starts are still to be timed."""
    for item in range(first_item, end_item):
        drop_stop(land, state, tours, item)
    state.plan[visit, DAY] = -1
