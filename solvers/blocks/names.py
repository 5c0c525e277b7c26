"""Compiled: other people for the same team-days.

In: tours. Out: the same tours with one person replaced by an idle one, or two exchanged, where that costs no
more than allowed. May import: ``solvers.blocks`` (tours, slots, teams and below), NumPy.
"""

# ruff: noqa: C901, PLR0911, PLR0912 - compiled loops: plain and whole
# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from solvers.blocks.bench import Bench
from solvers.blocks.dice import below
from solvers.blocks.jit import jit
from solvers.blocks.land import (
    ALL_MINUTES,
    ALL_VISITS,
    ANY_LONG,
    BODY,
    DAY_MINUTES,
    DAY_VISITS,
    GROUP_AT,
    GROUP_END,
    HOME,
    HOME_X,
    HOME_Y,
    LOAD,
    MINUTES,
    PENALTY,
    POOL_AT,
    POOL_END,
    TARGET,
    TRAVEL,
    VISITS,
    WEEK_MINUTES,
    WEEK_VISITS,
    Ints,
    Land,
    State,
    X,
    Y,
)
from solvers.blocks.slots import Desk, is_barred
from solvers.blocks.teams import are_foes, lawful
from solvers.blocks.times import leg
from solvers.blocks.tours import (
    I_TOUR,
    ITEM,
    MOST_SIZE,
    N_COLUMNS,
    T_BACK_FAR,
    T_DAY,
    T_FIXED,
    T_LONGEST,
    T_MEMBERS,
    T_N,
    T_ON_SITE,
    T_OUT_FAR,
    T_SIZE,
    VISIT,
    Tours,
    charge,
    describe,
    rewalk,
)


@jit
def way_of(land: Land, tours: Tours, tour: int, person: int) -> int:
    """Minutes under way of the person if he makes the tour."""
    row = tours.rows[tour]
    first = T_MEMBERS + tours.counts[MOST_SIZE]
    one, other = row[first + VISIT], row[first + N_COLUMNS * (row[T_N] - 1) + VISIT]
    x, y = land.people[person, HOME_X], land.people[person, HOME_Y]
    return (
        leg(land, x, y, land.visits[one, X], land.visits[one, Y])
        + leg(land, x, y, land.visits[other, X], land.visits[other, Y])
        + row[T_LONGEST]
        - row[T_OUT_FAR]
        - row[T_BACK_FAR]
    )


@jit
def fits_in(land: Land, tours: Tours, tour: int, member: int, person: int) -> bool:
    """Whether the tour's member may be replaced by the person, who is idle that day, seen from all stops."""
    row = tours.rows[tour]
    old, n = row[T_MEMBERS + member], row[T_N]
    if n > land.people[person, DAY_VISITS]:
        return False
    if row[T_ON_SITE] + way_of(land, tours, tour, person) > land.people[person, DAY_MINUTES]:
        return False
    for at in range(row[T_SIZE]):
        if at != member and are_foes(land, person, row[T_MEMBERS + at]):
            return False
    row[T_MEMBERS + member] = person
    team, allowed = row[T_MEMBERS : T_MEMBERS + row[T_SIZE]], True
    first = T_MEMBERS + tours.counts[MOST_SIZE]
    for at in range(n):
        item = row[first + N_COLUMNS * at + ITEM]
        if is_barred(land, item, person) or not lawful(land, item, team):
            allowed = False
            break
    row[T_MEMBERS + member] = old
    return allowed


@jit
def within_long(land: Land, state: State, person: int) -> bool:
    """Whether the person's counts, already raised, keep week and campaign limits."""
    body = land.people[person, BODY]
    if (
        state.people[body, VISITS] > land.people[person, ALL_VISITS]
        or state.people[body, MINUTES] > land.people[person, ALL_MINUTES]
    ):
        return False
    for week in range(state.weeks.shape[1]):
        if (
            state.weeks[body, week, 0] > land.people[person, WEEK_VISITS]
            or state.weeks[body, week, 1] > land.people[person, WEEK_MINUTES]
        ):
            return False
    return True


@jit
def swap_in(land: Land, state: State, tours: Tours, tour: int, member: int, person: int) -> None:
    """The person makes the tour instead of its member."""
    row = tours.rows[tour]
    old, day = row[T_MEMBERS + member], row[T_DAY]
    charge(land, state, old, day, -row[T_N], -row[T_ON_SITE])
    row[T_MEMBERS + member] = person
    charge(land, state, person, day, row[T_N], row[T_ON_SITE])
    describe(land, tours, tour)
    if land.people[old, HOME] != land.people[person, HOME]:
        rewalk(land, state, tours, tour)


@jit
def rename(land: Land, state: State, tours: Tours, desk: Desk, bench: Bench, visit: int, worse: int) -> None:
    """Try one change of people at one of the visit's tours: somebody idle comes in for a member, or a member
    changes places with one of another tour of the same key."""
    first_group, n_groups = land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]
    n_groups -= first_group
    group = first_group + below(bench.dice, n_groups)
    tour = tours.items[group, I_TOUR]
    if tour < 0 or tours.rows[tour, T_FIXED]:
        return
    row = tours.rows[tour]
    member, day = below(bench.dice, row[T_SIZE]), row[T_DAY]
    for at in range(row[T_SIZE]):
        person = row[T_MEMBERS + at]
        if state.people[person, LOAD] > state.people[person, TARGET]:
            member = at
    old = row[T_MEMBERS + member]
    before = state.total[TRAVEL] + state.total[PENALTY]
    if below(bench.dice, 2):
        n_pools = land.groups[group, POOL_END] - land.groups[group, POOL_AT]
        pool = land.lists[land.groups[group, POOL_AT] + below(bench.dice, n_pools)]
        size = land.pools[pool, 1] - land.pools[pool, 0]
        if size == 0:
            return
        person = land.lists[land.pools[pool, 0] + below(bench.dice, size)]
        body = land.people[person, BODY]
        if not land.works[day, person] or tours.where[day, body] != -1:
            return
        if not fits_in(land, tours, tour, member, person):
            return
        swap_in(land, state, tours, tour, member, person)
        cost = state.total[TRAVEL] + state.total[PENALTY] - before
        if cost > worse or (land.scale[ANY_LONG] and not within_long(land, state, person)):
            swap_in(land, state, tours, tour, member, old)
            return
        tours.where[day, land.people[old, BODY]] = -1
        tours.where[day, body] = tour
        return
    other_group = desk.near[group, below(bench.dice, desk.near.shape[1])]
    if other_group < 0:
        return
    other = tours.items[other_group, I_TOUR]
    if other < 0 or other == tour or tours.rows[other, T_FIXED]:
        return
    seat = below(bench.dice, tours.rows[other, T_SIZE])
    new, new_day = tours.rows[other, T_MEMBERS + seat], tours.rows[other, T_DAY]
    if land.people[new, BODY] == land.people[old, BODY]:
        return
    if new_day != day and (
        not land.works[day, new]
        or not land.works[new_day, old]
        or tours.where[day, land.people[new, BODY]] != -1
        or tours.where[new_day, land.people[old, BODY]] != -1
    ):
        return
    if not fits_in(land, tours, tour, member, new) or not fits_in(land, tours, other, seat, old):
        return
    swap_in(land, state, tours, tour, member, new)
    swap_in(land, state, tours, other, seat, old)
    cost = state.total[TRAVEL] + state.total[PENALTY] - before
    if cost > worse or (
        land.scale[ANY_LONG] and not (within_long(land, state, new) and within_long(land, state, old))
    ):
        swap_in(land, state, tours, other, seat, new)
        swap_in(land, state, tours, tour, member, old)
        return
    tours.where[day, land.people[old, BODY]] = -1
    tours.where[new_day, land.people[new, BODY]] = -1
    tours.where[day, land.people[new, BODY]] = tour
    tours.where[new_day, land.people[old, BODY]] = other


@jit
def exchange_names(
    land: Land, state: State, tours: Tours, desk: Desk, bench: Bench, free: Ints, tries: int
) -> None:
    """So many changes of people, none for the worse: loads even out, nobody goes elsewhere or farther."""
    for _ in range(tries):
        rename(land, state, tours, desk, bench, free[below(bench.dice, len(free))], 0)
