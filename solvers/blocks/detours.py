"""Compiled: whether days that lost a visit are still lawful, where a table of travel times counts.

In: a land, a state, what was taken out. Out: yes or no. May import: ``solvers.blocks`` (land, jit).

By coordinates a day that loses a visit stays lawful: the direct way is no longer than the way past the visit
and the time spent there. By a table it may be.
"""

# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from solvers.blocks.jit import jit
from solvers.blocks.land import (
    BODY,
    DAY_MINUTES,
    DUR,
    FIRST_STOP,
    N_STOPS,
    ON_SITE,
    SEAT_AT,
    SEAT_END,
    START,
    WAY,
    ZONE_BITS,
    Ints,
    Land,
    State,
)


@jit
def day_holds(land: Land, state: State, day: int, body: int) -> bool:
    """Whether the day leaves time for every way and keeps the person's minutes (R09, R10)."""
    n, legs = state.routes[day, body, N_STOPS], FIRST_STOP + (state.routes.shape[2] - FIRST_STOP) // 2
    for at in range(1, n):
        before, visit = state.routes[day, body, FIRST_STOP + at - 1], state.routes[day, body, FIRST_STOP + at]
        ready = state.plan[before, START] + land.visits[before, DUR] + state.routes[day, body, legs + at]
        if ready > state.plan[visit, START]:
            return False
    if n == 0:
        return True
    spent = state.routes[day, body, WAY] + state.routes[day, body, ON_SITE]
    return spent <= land.people[body, DAY_MINUTES]


@jit
def all_hold(land: Land, state: State, taken: Ints, n: int, days: Ints, teams: Ints) -> bool:
    """Whether that is so for everybody on the day of each of the first ``n`` visits taken out; ``days`` and
    ``teams`` say where and with whom they were, a day of -1 nowhere."""
    if not land.scale[ZONE_BITS]:
        return True
    for at in range(n):
        if days[at] >= 0:
            n_seats = land.visits[taken[at], SEAT_END] - land.visits[taken[at], SEAT_AT]
            for seat in range(n_seats):
                person = teams[at, seat]
                if person >= 0 and not day_holds(land, state, days[at], land.people[person, BODY]):
                    return False
    return True
