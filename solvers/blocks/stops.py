"""Compiled: putting visits into a roster and taking them out; loads, ways and counts follow.

In: a land and a state. Out: the state changed. May import: ``solvers.blocks`` (land, times, jit).
"""

# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from solvers.blocks.jit import jit
from solvers.blocks.land import (
    ANY_LONG,
    BODY,
    DAY,
    DUR,
    FIRST_STOP,
    HOME_X,
    HOME_Y,
    LOAD,
    MINUTES,
    N_STOPS,
    ON_SITE,
    PENALTY,
    SEAT_AT,
    SEAT_END,
    START,
    TARGET,
    TRAVEL,
    VISITS,
    WAY,
    WEIGHT,
    Land,
    State,
    X,
    Y,
)
from solvers.blocks.times import leg

CURVE = 16
"""As ``solvers.roster.EXCESS_CURVE``: the farthest above the target gives way first."""


@jit
def strain(state: State, person: int, load: int) -> int:
    """What a load above the target costs in minutes of travel, steeper the farther above."""
    excess = load - state.people[person, TARGET]
    if excess <= 0:
        return 0
    return state.total[WEIGHT] * excess + excess * excess // CURVE


@jit
def count(land: Land, state: State, person: int, visit: int, sign: int) -> None:
    """Loads and long counts of one person, one visit more or less."""
    minutes = sign * land.visits[visit, DUR]
    before = state.people[person, LOAD]
    state.people[person, LOAD] = before + minutes
    state.total[PENALTY] += strain(state, person, before + minutes) - strain(state, person, before)
    if land.scale[ANY_LONG]:
        body, week = land.people[person, BODY], land.week[state.plan[visit, DAY]]
        state.people[body, VISITS] += sign
        state.people[body, MINUTES] += minutes
        state.weeks[body, week, 0] += sign
        state.weeks[body, week, 1] += minutes


@jit
def rewalk(land: Land, state: State, day: int, body: int) -> None:
    """The way of a person's day anew, leg by leg."""
    way, legs = 0, FIRST_STOP + (state.routes.shape[2] - FIRST_STOP) // 2
    x, y, n = land.people[body, HOME_X], land.people[body, HOME_Y], state.routes[day, body, N_STOPS]
    for at in range(n):
        visit = state.routes[day, body, FIRST_STOP + at]
        minutes = leg(land, x, y, land.visits[visit, X], land.visits[visit, Y])
        state.routes[day, body, legs + at] = minutes
        x, y = land.visits[visit, X], land.visits[visit, Y]
        way += minutes
    if n:
        minutes = leg(land, x, y, land.people[body, HOME_X], land.people[body, HOME_Y])
        state.routes[day, body, legs + n] = minutes
        way += minutes
    state.total[TRAVEL] += way - state.routes[day, body, WAY]
    state.routes[day, body, WAY] = way


@jit
def add_stop(land: Land, state: State, person: int, visit: int) -> None:
    """The person goes to the visit at its day and start."""
    day, body = state.plan[visit, DAY], land.people[person, BODY]
    count(land, state, person, visit, 1)
    at = FIRST_STOP + state.routes[day, body, N_STOPS]
    while at > FIRST_STOP and state.plan[state.routes[day, body, at - 1], START] > state.plan[visit, START]:
        state.routes[day, body, at] = state.routes[day, body, at - 1]
        at -= 1
    state.routes[day, body, at] = visit
    state.routes[day, body, N_STOPS] += 1
    state.busy[day, body] = 1
    state.routes[day, body, ON_SITE] += land.visits[visit, DUR]
    rewalk(land, state, day, body)


@jit
def drop_stop(land: Land, state: State, person: int, visit: int) -> None:
    """The person does not go to the visit."""
    day, body = state.plan[visit, DAY], land.people[person, BODY]
    count(land, state, person, visit, -1)
    n, at = state.routes[day, body, N_STOPS], FIRST_STOP
    while state.routes[day, body, at] != visit:
        at += 1
    for later in range(at, FIRST_STOP + n - 1):
        state.routes[day, body, later] = state.routes[day, body, later + 1]
    state.routes[day, body, N_STOPS] = n - 1
    state.busy[day, body] = n > 1
    state.routes[day, body, ON_SITE] -= land.visits[visit, DUR]
    rewalk(land, state, day, body)


@jit
def put(land: Land, state: State, visit: int) -> None:
    """Seat the visit's team; its day, start and team are set already."""
    for seat in range(land.visits[visit, SEAT_AT], land.visits[visit, SEAT_END]):
        if state.team[seat] >= 0:
            add_stop(land, state, state.team[seat], visit)


@jit
def take(land: Land, state: State, visit: int) -> None:
    """Take the visit out; its team stays readable until another is written."""
    for seat in range(land.visits[visit, SEAT_AT], land.visits[visit, SEAT_END]):
        if state.team[seat] >= 0:
            drop_stop(land, state, state.team[seat], visit)
    state.plan[visit, DAY] = -1


@jit
def rebuild(land: Land, state: State) -> None:
    """Fill an empty roster from ``plan`` and ``team``."""
    for visit in range(len(state.plan)):
        if state.plan[visit, DAY] >= 0:
            put(land, state, visit)


@jit
def aim(state: State, weight: int) -> None:
    """Another weight of a minute above the targets (or targets changed): the penalty is counted anew."""
    state.total[WEIGHT] = weight
    state.total[PENALTY] = 0
    for person in range(len(state.people)):
        state.total[PENALTY] += strain(state, person, state.people[person, LOAD])
