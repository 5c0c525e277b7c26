"""Compiled: the cheapest place of one visit among the tours of its teams, or in a tour of its own.

In: a land, a state, tours, a desk. Out: a cost; what was chosen stands on the desk. May import:
``solvers.blocks`` (tours, bench, times, teams, stops, jit).

Only tours that go near the visit are looked at, and on some days only new ones: where nothing is found, that
is no proof.
"""

# ruff: noqa: C901, PLR0911, PLR0912, PLR0915, PLR0913, PLR0917 - compiled loops: plain and whole, generators are not compiled
# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from typing import NamedTuple

from solvers.blocks.bench import COST, N_COME, PERSON, PICK, Bench
from solvers.blocks.dice import below
from solvers.blocks.jit import jit
from solvers.blocks.land import (
    ALL_MINUTES,
    ALL_VISITS,
    ANY_LONG,
    ASKED,
    BAR_AT,
    BAR_END,
    BODY,
    CAPACITY,
    DAY,
    DAY_AT,
    DAY_END,
    DAY_MIN,
    DAY_MINUTES,
    DAY_VISITS,
    DISTINCT,
    DUR,
    G_LEADER,
    G_SEAT_AT,
    G_SEAT_END,
    G_SENIOR,
    GROUP_AT,
    GROUP_END,
    HOME,
    HOME_X,
    HOME_Y,
    LOAD,
    MINUTES,
    POOL_AT,
    POOL_END,
    START,
    VISITS,
    WEEK_MINUTES,
    WEEK_VISITS,
    Ints,
    Land,
    Shorts,
    State,
    X,
    Y,
)
from solvers.blocks.places import MOST_RATIO, add_start, sort
from solvers.blocks.stops import strain
from solvers.blocks.teams import NONE, cheapest_team, distinctly_covered
from solvers.blocks.times import first_start, last_start, leg
from solvers.blocks.tours import (
    BEFORE,
    EARLY,
    I_KEY,
    I_TOUR,
    LATE,
    MOST_SIZE,
    N_COLUMNS,
    T_BACK,
    T_BACK_FAR,
    T_DAY,
    T_GUIDED,
    T_HELD,
    T_LED,
    T_LONGEST,
    T_MEMBERS,
    T_MINUTES,
    T_N,
    T_ON_SITE,
    T_OUT,
    T_OUT_FAR,
    T_SIZE,
    T_VISITS,
    VISIT,
    Tours,
    add_stop,
    legs_home,
    open_tour,
    retime,
)

MOST_SLOTS = 160
MOST_COME = 16
"""Idle people compared for a new team."""
NEW_DAYS = 5
"""Days looked at for a new team once one is found."""
MOST_COST = 1 << 30
MOST_MEMBERS = 1 << 15
EXTRA, FIRST, LAST, TOUR, PLACE, NEXT, LEFT, LEFT_AT, RIGHT, RIGHT_END = range(10)
"""Columns of ``Desk.slots``: cost, starts allowed, which tour and where in it, the day's next slot or -1; the
visits before and after, -1 for none, the earliest start of the one, the earliest end of the other."""
LEAST_SLOT, LEAST_NEW, NEW_COST, PICKED, N_SLOTS, N_FIT = range(6)
"""Columns of ``Desk.group``: cheapest slot of the day, least cost of any new team, that of the day's one, the
slot tried (-1 for the new team)."""
D_COST, D_DAY, D_START, D_MARK, D_BLINK = range(5)
"""Places in ``Desk.best``."""
C_TOUR, C_PLACE = range(2)
"""Columns of ``Desk.choice``; tour -1 for a new team, whose people stand in ``Desk.team``."""


class Desk(NamedTuple):
    """Scratch of a search: the first index is the group's position in its visit. ``near`` has per item the
    nearest items of its key, -1 where there are no more; ``homes`` per key somebody from whose home all its
    people start, -1 where they start from several; ``head[group, day]`` the day's first slot; ``hope`` the
    least cost of each day of a window; ``ranked`` the people of ``Land.lists`` in the order they
    were last ranked in, which is nearly that of the next time."""

    slots: Ints
    head: Shorts
    group: Ints
    choice: Ints
    team: Ints
    tried: Ints
    fit: Ints
    seen: Ints
    homes: Ints
    near: Shorts
    best: Ints
    hope: Ints
    ranked: Shorts


@jit
def in_window(land: Land, visit: int, day: int) -> bool:
    """Whether the visit may be on that day."""
    low, high = land.visits[visit, DAY_AT], land.visits[visit, DAY_END]
    if low == high or day < land.lists[low] or day > land.lists[high - 1]:
        return False
    if land.lists[high - 1] - land.lists[low] == high - low - 1:
        return True
    while low < high:
        middle = (low + high) // 2
        if land.lists[middle] < day:
            low = middle + 1
        else:
            high = middle
    return land.lists[low] == day


@jit
def is_barred(land: Land, group: int, person: int) -> bool:
    """Whether the person may not go to the group's visit."""
    for at in range(land.groups[group, BAR_AT], land.groups[group, BAR_END]):
        if land.lists[at] == person:
            return True
    return False


@jit
def has_room_for(land: Land, state: State, person: int, day: int, minutes: int) -> bool:
    """Whether week and campaign have room for one more visit of the person."""
    body, week = land.people[person, BODY], land.week[day]
    return (
        state.people[body, VISITS] + 1 <= land.people[person, ALL_VISITS]
        and state.people[body, MINUTES] + minutes <= land.people[person, ALL_MINUTES]
        and state.weeks[body, week, 0] + 1 <= land.people[person, WEEK_VISITS]
        and state.weeks[body, week, 1] + minutes <= land.people[person, WEEK_MINUTES]
    )


@jit
def may_take(land: Land, state: State, tours: Tours, tour: int, group: int, minutes: int) -> bool:
    """Whether the tour's team may serve the group at all."""
    row = tours.rows[tour]
    if row[T_N] >= row[T_VISITS] or row[T_ON_SITE] + row[T_LONGEST] + minutes > row[T_MINUTES]:
        return False
    if land.groups[group, ASKED] & ~row[T_HELD]:
        return False
    if (land.groups[group, G_LEADER] and not row[T_LED]) or (
        land.groups[group, G_SENIOR] and not row[T_GUIDED]
    ):
        return False
    for at in range(row[T_SIZE]):
        person = row[T_MEMBERS + at]
        if is_barred(land, group, person):
            return False
        if land.scale[ANY_LONG] and not has_room_for(land, state, person, row[T_DAY], minutes):
            return False
    if land.scale[DISTINCT]:
        return distinctly_covered(land, land.groups[group, ASKED], row[T_MEMBERS : T_MEMBERS + row[T_SIZE]])
    return True


@jit
def more_strain(state: State, tours: Tours, tour: int, minutes: int) -> int:
    """What so many more minutes cost the tour's members."""
    row, total = tours.rows[tour], 0
    for at in range(row[T_SIZE]):
        load = state.people[row[T_MEMBERS + at], LOAD]
        total += strain(state, row[T_MEMBERS + at], load + minutes) - strain(state, row[T_MEMBERS + at], load)
    return total


@jit
def find_gaps(
    land: Land,
    tours: Tours,
    desk: Desk,
    tour: int,
    visit: int,
    place: int,
    base: int,
    keep: int,
) -> None:
    """Every gap of the tour that takes the visit: the cheapest to the choice, or with ``keep`` all of them to
    the slots."""
    row, minutes = tours.rows[tour], land.visits[visit, DUR]
    n, size, day = row[T_N], row[T_SIZE], row[T_DAY]
    spare = row[T_MINUTES] - row[T_ON_SITE] - row[T_LONGEST] - minutes
    home, far = legs_home(land, tours, tour, visit)
    x, y = land.visits[visit, X], land.visits[visit, Y]
    first = T_MEMBERS + tours.counts[MOST_SIZE]
    arrive, ready = 0, 0
    for at in range(n + 1):
        here = first + N_COLUMNS * at
        leave, extra, longer = 0, 0, 0
        if at < n:
            other = row[here + VISIT]
            leave = leg(land, x, y, land.visits[other, X], land.visits[other, Y])
        if n == 0:
            extra, longer = 2 * home, 2 * far
        elif at == 0:
            extra, longer = home + size * leave - row[T_OUT], far + leave - row[T_OUT_FAR]
        elif at == n:
            extra, longer = size * arrive + home - row[T_BACK], arrive + far - row[T_BACK_FAR]
        else:
            longer = arrive + leave - row[here + BEFORE]
            extra = size * longer
        cost = base + extra
        if longer <= spare and cost < desk.best[D_COST]:
            latest = DAY_MIN - minutes
            if at < n:
                latest = row[here + LATE] - leave - minutes
            start = first_start(land, visit, ready + arrive if at else 0)
            if 0 <= start <= latest:
                if keep:
                    slot = desk.group[place, N_SLOTS]
                    if slot < desk.slots.shape[1]:
                        desk.slots[place, slot, EXTRA], desk.slots[place, slot, FIRST] = cost, start
                        desk.slots[place, slot, LAST] = last_start(land, visit, latest)
                        desk.slots[place, slot, TOUR], desk.slots[place, slot, PLACE] = tour, at
                        desk.slots[place, slot, LEFT] = desk.slots[place, slot, RIGHT] = -1
                        if at:
                            desk.slots[place, slot, LEFT] = row[here - N_COLUMNS + VISIT]
                            desk.slots[place, slot, LEFT_AT] = row[here - N_COLUMNS + EARLY]
                        if at < n:
                            other = row[here + VISIT]
                            desk.slots[place, slot, RIGHT] = other
                            desk.slots[place, slot, RIGHT_END] = row[here + EARLY] + land.visits[other, DUR]
                        desk.slots[place, slot, NEXT] = desk.head[place, day]
                        desk.head[place, day] = slot
                        desk.group[place, N_SLOTS] = slot + 1
                else:
                    desk.best[D_COST], desk.best[D_DAY], desk.best[D_START] = cost, day, start
                    desk.choice[place, C_TOUR], desk.choice[place, C_PLACE] = tour, at
        if at < n:
            arrive, ready = leave, row[here + EARLY] + land.visits[row[here + VISIT], DUR]


@jit
def look_near(
    land: Land, state: State, tours: Tours, desk: Desk, bench: Bench, visit: int, group: int, keep: int
) -> None:
    """All tours of the group's key that go near the visit."""
    place, minutes = group - land.visits[visit, GROUP_AT], land.visits[visit, DUR]
    desk.best[D_MARK] += 1
    mark, blink = desk.best[D_MARK], desk.best[D_BLINK]
    for at in range(desk.near.shape[1]):
        other = desk.near[group, at]
        if other < 0:
            break
        tour = tours.items[other, I_TOUR]
        if tour < 0 or desk.seen[tour] == mark:
            continue
        desk.seen[tour] = mark
        if not in_window(land, visit, tours.rows[tour, T_DAY]):
            continue
        if (blink and below(bench.dice, 1024) < blink) or not may_take(
            land, state, tours, tour, group, minutes
        ):
            continue
        base = more_strain(state, tours, tour, minutes)
        if base < desk.best[D_COST]:
            find_gaps(land, tours, desk, tour, visit, place, base, keep)


@jit
def rank_people(land: Land, state: State, desk: Desk, bench: Bench, visit: int, group: int) -> None:
    """Who may make a new team for the group, cheapest first by way and strain, then by share of load; and the
    least that any team of them costs."""
    place, minutes, n = group - land.visits[visit, GROUP_AT], land.visits[visit, DUR], 0
    fit, home, way, pool, n_unfit = desk.fit[place], -1, 0, 0, 0
    for at in range(land.groups[group, POOL_AT], land.groups[group, POOL_END]):
        pool = land.lists[at]
        for place_in in range(land.pools[pool, 0], land.pools[pool, 1]):
            person = desk.ranked[place_in]
            if land.people[person, HOME] != home:
                home = land.people[person, HOME]
                x, y = land.people[person, HOME_X], land.people[person, HOME_Y]
                way = 2 * leg(land, x, y, land.visits[visit, X], land.visits[visit, Y])
            if (
                n >= MOST_MEMBERS
                or minutes + way > land.people[person, DAY_MINUTES]
                or land.people[person, DAY_VISITS] < 1
                or is_barred(land, group, person)
            ):
                n_unfit += 1
                fit[len(fit) - n_unfit, PERSON] = person
                continue
            load = state.people[person, LOAD]
            cost = way + strain(state, person, load + minutes) - strain(state, person, load)
            ratio = min(1000 * load // land.people[person, CAPACITY], MOST_RATIO)
            bench.starts[n] = ((min(cost, MOST_COST) << 14 | ratio) << 15) | n
            fit[n, PERSON] = person
            n += 1
    sort(bench.starts, n)
    # Two columns, written one behind the other: who stands where is read from the keys.
    for at in range(n):
        fit[at, COST] = bench.starts[at] >> 29
    for at in range(n):
        fit[at, 2] = fit[bench.starts[at] & (MOST_MEMBERS - 1), PERSON]
    if land.groups[group, POOL_END] - land.groups[group, POOL_AT] == 1:
        first = land.pools[pool, 0]
        for at in range(n):
            desk.ranked[first + at] = fit[at, 2]
        for at in range(n_unfit):
            desk.ranked[first + n + at] = fit[len(fit) - 1 - at, PERSON]
    desk.group[place, N_FIT], desk.group[place, LEAST_NEW] = n, NONE
    n_seats = land.groups[group, G_SEAT_END] - land.groups[group, G_SEAT_AT]
    if n >= n_seats:
        desk.group[place, LEAST_NEW] = 0
        for at in range(n_seats):
            desk.group[place, LEAST_NEW] += fit[at, COST]


@jit
def least_new(land: Land, tours: Tours, desk: Desk, visit: int, group: int) -> None:
    """A first bound of what a new team for the group costs: the way alone. Nobody is ranked yet."""
    place, person = group - land.visits[visit, GROUP_AT], desk.homes[tours.items[group, I_KEY]]
    desk.group[place, N_FIT], desk.group[place, LEAST_NEW] = -1, 0
    if person >= 0:
        x, y = land.people[person, HOME_X], land.people[person, HOME_Y]
        way = 2 * leg(land, x, y, land.visits[visit, X], land.visits[visit, Y])
        n_seats = land.groups[group, G_SEAT_END] - land.groups[group, G_SEAT_AT]
        desk.group[place, LEAST_NEW] = n_seats * way


@jit
def new_team(
    land: Land,
    state: State,
    tours: Tours,
    desk: Desk,
    bench: Bench,
    visit: int,
    group: int,
    day: int,
    limit: int,
) -> int:
    """Cost of the day's cheapest new team for the group below the limit, or NONE; its people stand in
    ``desk.tried``."""
    place, minutes, n = group - land.visits[visit, GROUP_AT], land.visits[visit, DUR], 0
    if desk.group[place, N_FIT] < 0:
        rank_people(land, state, desk, bench, visit, group)
    if desk.group[place, LEAST_NEW] >= limit:
        return NONE
    for at in range(desk.group[place, N_FIT]):
        person, cost = desk.fit[place, at, 2], desk.fit[place, at, COST]
        if cost >= limit or n >= MOST_COME:
            break
        if land.works[day, person] and tours.where[day, land.people[person, BODY]] == -1:
            if land.scale[ANY_LONG] and not has_room_for(land, state, person, day, minutes):
                continue
            bench.come[place, n, PERSON], bench.come[place, n, COST] = person, cost
            n += 1
    bench.group[place, N_COME] = n
    cost = cheapest_team(land, bench, group, place, 0, limit, False)
    if cost < NONE:
        for seat in range(land.groups[group, G_SEAT_END] - land.groups[group, G_SEAT_AT]):
            desk.tried[place, seat] = bench.seats[PICK, seat]
    return cost


@jit
def keep_team(land: Land, desk: Desk, group: int, place: int) -> None:
    """The team tried is the one chosen."""
    desk.choice[place, C_TOUR] = -1
    for seat in range(land.groups[group, G_SEAT_END] - land.groups[group, G_SEAT_AT]):
        desk.team[place, seat] = desk.tried[place, seat]


@jit
def find_single(land: Land, state: State, tours: Tours, desk: Desk, bench: Bench, visit: int) -> int:
    """The cheapest place of a visit of one group; its cost."""
    group = land.visits[visit, GROUP_AT]
    look_near(land, state, tours, desk, bench, visit, group, 0)
    least_new(land, tours, desk, visit, group)
    first, n_days = land.visits[visit, DAY_AT], land.visits[visit, DAY_END] - land.visits[visit, DAY_AT]
    turn = below(bench.dice, n_days)
    start = first_start(land, visit, 0)
    for step in range(n_days):
        if desk.group[0, LEAST_NEW] >= desk.best[D_COST] or (step >= NEW_DAYS and desk.best[D_COST] < NONE):
            break
        day = land.lists[first + (turn + step) % n_days]
        cost = new_team(land, state, tours, desk, bench, visit, group, day, desk.best[D_COST])
        if cost < desk.best[D_COST]:
            desk.best[D_COST], desk.best[D_DAY], desk.best[D_START] = cost, day, start
            keep_team(land, desk, group, 0)
    return desk.best[D_COST]


@jit
def least_at(desk: Desk, place: int, day: int, start: int) -> int:
    """The least cost at which the group can be there at the start: of its slots, or with the new team."""
    cost, slot = desk.group[place, NEW_COST], desk.head[place, day]
    desk.group[place, PICKED] = -1
    while slot >= 0:
        extra, allowed = desk.slots[place, slot, EXTRA], desk.slots[place, slot]
        if extra < cost and allowed[FIRST] <= start <= allowed[LAST]:
            cost = extra
            desk.group[place, PICKED] = slot
        slot = desk.slots[place, slot, NEXT]
    return cost


@jit
def runs_in_circle(desk: Desk, n_groups: int) -> bool:
    """Whether what comes before the visit in one tour may have to wait for what comes after it in another: it
    begins no earlier than that can end, or is the same visit."""
    for place in range(n_groups):
        slot = desk.group[place, PICKED]
        if slot >= 0 and desk.slots[place, slot, RIGHT] >= 0:
            for other in range(n_groups):
                left = desk.group[other, PICKED]
                if other != place and left >= 0 and desk.slots[other, left, LEFT] >= 0:
                    if desk.slots[other, left, LEFT] == desk.slots[place, slot, RIGHT]:
                        return True
                    if desk.slots[other, left, LEFT_AT] >= desk.slots[place, slot, RIGHT_END]:
                        return True
    return False


@jit
def cheapest_slot(desk: Desk, place: int, day: int) -> int:
    """The least cost of the group's slots of the day, NONE without any."""
    cheapest, slot = NONE, desk.head[place, day]
    while slot >= 0:
        cheapest = min(cheapest, desk.slots[place, slot, EXTRA])
        slot = desk.slots[place, slot, NEXT]
    return cheapest


@jit
def find_joint(land: Land, state: State, tours: Tours, desk: Desk, bench: Bench, visit: int) -> int:
    """The cheapest day and common start of a visit of several groups; its cost."""
    first_group, end_group = land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]
    n_groups = end_group - first_group
    first, n_days = land.visits[visit, DAY_AT], land.visits[visit, DAY_END] - land.visits[visit, DAY_AT]
    for place in range(n_groups):
        for at in range(n_days):
            desk.head[place, land.lists[first + at]] = -1
        desk.group[place, N_SLOTS] = 0
        look_near(land, state, tours, desk, bench, visit, first_group + place, 1)
        least_new(land, tours, desk, visit, first_group + place)
    first_free, last_free = first_start(land, visit, 0), last_start(land, visit, DAY_MIN)
    turn = below(bench.dice, n_days)
    for step in range(n_days):
        day = land.lists[first + (turn + step) % n_days]
        desk.hope[step] = 0
        for place in range(n_groups):
            desk.hope[step] += min(cheapest_slot(desk, place, day), desk.group[place, LEAST_NEW])
    while True:
        step = 0
        for later in range(1, n_days):
            if desk.hope[later] < desk.hope[step]:
                step = later
        day, least = land.lists[first + (turn + step) % n_days], desk.hope[step]
        if least >= desk.best[D_COST]:
            break
        desk.hope[step] = NONE
        for place in range(n_groups):
            desk.group[place, LEAST_SLOT] = cheapest_slot(desk, place, day)
        all_new = True
        for place in range(n_groups):
            cheapest = desk.group[place, LEAST_SLOT]
            least -= min(cheapest, desk.group[place, LEAST_NEW])
            limit = desk.best[D_COST] - least
            desk.group[place, NEW_COST] = NONE
            if desk.group[place, LEAST_NEW] < limit:
                desk.group[place, NEW_COST] = new_team(
                    land, state, tours, desk, bench, visit, first_group + place, day, limit
                )
            all_new = all_new and desk.group[place, NEW_COST] < NONE
            least += min(cheapest, desk.group[place, NEW_COST])
            if least >= desk.best[D_COST]:
                break
        if least >= desk.best[D_COST]:
            continue
        n_starts = 0
        if all_new:
            n_starts = add_start(bench.starts, add_start(bench.starts, 0, first_free), last_free)
        for place in range(n_groups):
            slot = desk.head[place, day]
            while slot >= 0:
                n_starts = add_start(bench.starts, n_starts, desk.slots[place, slot, FIRST])
                n_starts = add_start(bench.starts, n_starts, desk.slots[place, slot, LAST])
                slot = desk.slots[place, slot, NEXT]
        for at in range(n_starts):
            start, cost = bench.starts[at], 0
            for place in range(n_groups):
                cost += least_at(desk, place, day, start)
                if cost >= desk.best[D_COST]:
                    break
            if cost < desk.best[D_COST] and not runs_in_circle(desk, n_groups):
                desk.best[D_COST], desk.best[D_DAY], desk.best[D_START] = cost, day, start
                for place in range(n_groups):
                    slot = desk.group[place, PICKED]
                    if slot < 0:
                        keep_team(land, desk, first_group + place, place)
                    else:
                        desk.choice[place, C_TOUR] = desk.slots[place, slot, TOUR]
                        desk.choice[place, C_PLACE] = desk.slots[place, slot, PLACE]
    return desk.best[D_COST]


@jit
def find_tours(
    land: Land, state: State, tours: Tours, desk: Desk, bench: Bench, visit: int, blink: int
) -> int:
    """The least cost found for the visit, NONE where there is no place; what was chosen is on the desk."""
    desk.best[D_COST], desk.best[D_BLINK] = NONE, blink
    if land.visits[visit, DAY_AT] == land.visits[visit, DAY_END] or first_start(land, visit, 0) < 0:
        return NONE
    if land.visits[visit, GROUP_END] - land.visits[visit, GROUP_AT] == 1:
        return find_single(land, state, tours, desk, bench, visit)
    return find_joint(land, state, tours, desk, bench, visit)


@jit
def join_tours(land: Land, state: State, tours: Tours, desk: Desk, visit: int) -> None:
    """Do what stands on the desk."""
    state.plan[visit, DAY], state.plan[visit, START] = desk.best[D_DAY], desk.best[D_START]
    for group in range(land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]):
        place = group - land.visits[visit, GROUP_AT]
        tour, at = desk.choice[place, C_TOUR], desk.choice[place, C_PLACE]
        if tour < 0:
            n_seats = land.groups[group, G_SEAT_END] - land.groups[group, G_SEAT_AT]
            team = desk.team[place, :n_seats]
            tour = open_tour(land, tours, tours.items[group, I_KEY], desk.best[D_DAY], team)
            at = 0
        add_stop(land, state, tours, tour, at, group)
    retime(land, state, tours)
