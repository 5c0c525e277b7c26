"""Compiled ruin and recreate over team-days: strings of neighbouring tours are cut out and put back.

In: tours, a desk, a plan of steps. Out: the same, never serving less, with less travel and strain. May
import: ``solvers.blocks`` (slots, tours, names and below), NumPy. Source of the idea: Christiaens and Vanden
Berghe, Slack Induction by String Removals, Transportation Science 54(2), 2020, https://doi.org/10.1287/trsc.2019.0914.
"""

# ruff: noqa: C901, PLR0913, PLR0917 - compiled loops: plain and whole, generators are not compiled
# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from typing import NamedTuple

import numpy as np

from solvers.blocks.bench import Bench
from solvers.blocks.dice import below
from solvers.blocks.jit import jit
from solvers.blocks.land import (
    DAY,
    DAY_AT,
    DAY_END,
    DUR,
    GROUP_AT,
    GROUP_END,
    LOAD,
    PENALTY,
    START,
    TARGET,
    TRAVEL,
    WORTH,
    Ints,
    Land,
    State,
)
from solvers.blocks.names import rename
from solvers.blocks.slots import Desk, find_tours, join_tours
from solvers.blocks.teams import NONE
from solvers.blocks.tours import (
    I_TOUR,
    ITEM,
    MOST_SIZE,
    MOVES,
    N_COLUMNS,
    T_MEMBERS,
    T_N,
    T_OUT,
    T_SIZE,
    VISIT,
    Tours,
    begin_step,
    retime,
    take_back,
    take_out,
)

MOST_TAKEN = 32
"""Visits that one step may take out."""
MEAN_TAKEN = 6
"""Visits that one step takes out on average, if strings were as long as tours; with 10 it took twice as long
(docs/adr/0035)."""
MOST_STRING = 10
WINDOW = 1_000
"""Visits that steps begin at before they move on to the next so many: what belongs to them stays in the
processor's cache. All are gone through once per temperature."""
LOOKS = 8
"""Visits looked at for one whose team is above its target."""
QUANTILES = 1024
HEAT = 256
"""Temperatures and quantiles are in so many parts of a minute."""
P_STEPS, P_BLINK, P_NAMES = range(3)
"""Places in a plan: steps, routes of 1024 that are overlooked, changes of names tried per step."""


class Notes(NamedTuple):
    """What one step takes out and where it was; tours of which a string is taken; keys to sort by."""

    taken: Ints
    days: Ints
    starts: Ints
    ruined: Ints
    keys: Ints


def notes_of() -> Notes:
    """Empty notes."""
    return Notes(*(np.zeros(MOST_TAKEN, np.int64) for _ in range(5)))


@jit
def fill_tours(land: Land, state: State, tours: Tours, desk: Desk, bench: Bench, order: Ints) -> int:
    """Place the visits in their order where there is room; how many found none."""
    missing = 0
    for visit in order:
        if tours.kind[visit, MOVES] and state.plan[visit, DAY] < 0:
            begin_step(tours)
            if find_tours(land, state, tours, desk, bench, visit, 0) < NONE:
                join_tours(land, state, tours, desk, visit)
            else:
                missing += 1
    return missing


@jit
def is_strained(land: Land, state: State, tours: Tours, visit: int) -> bool:
    """Whether the visit has no place, or somebody there is above his target."""
    if state.plan[visit, DAY] < 0:
        return True
    for item in range(land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]):
        tour = tours.items[item, I_TOUR]
        for at in range(tours.rows[tour, T_SIZE]):
            person = tours.rows[tour, T_MEMBERS + at]
            if state.people[person, LOAD] > state.people[person, TARGET]:
                return True
    return False


@jit
def note_string(tours: Tours, bench: Bench, taken: Ints, n: int, tour: int, item: int, longest: int) -> int:
    """Add a string of the tour's stops that holds the item's; how many are taken then."""
    row, n_stops = tours.rows[tour], tours.rows[tour, T_N]
    first = T_MEMBERS + tours.counts[MOST_SIZE]
    at = 0
    while row[first + N_COLUMNS * at + ITEM] != item:
        at += 1
    length = 1 + below(bench.dice, min(n_stops, longest))
    low, high = max(0, at - length + 1), min(at, n_stops - length)
    start = low + below(bench.dice, high - low + 1)
    for place in range(start, start + length):
        visit = row[first + N_COLUMNS * place + VISIT]
        if tours.kind[visit, MOVES] and n < len(taken):
            known = False
            for other in range(n):
                if taken[other] == visit:
                    known = True
            if not known:
                taken[n] = visit
                n += 1
    return n


@jit
def choose_strings(
    land: Land, state: State, tours: Tours, desk: Desk, bench: Bench, free: Ints, notes: Notes, load: int
) -> int:
    """A visit and strings of tours near it; how many visits."""
    seed, taken, n_ruined = free[below(bench.dice, len(free))], notes.taken, 0
    if load and below(bench.dice, 2):
        for _ in range(LOOKS):
            if is_strained(land, state, tours, seed):
                break
            seed = free[below(bench.dice, len(free))]
    first = land.visits[seed, GROUP_AT]
    group = first + below(bench.dice, land.visits[seed, GROUP_END] - first)
    longest = 1 + below(bench.dice, MOST_STRING)
    most = 1 + below(bench.dice, max(1, 4 * MEAN_TAKEN // (1 + min(longest, 4)) - 1))
    n, at = 0, -1
    if state.plan[seed, DAY] < 0:
        taken[0] = seed
        n, at = 1, 0
    while n_ruined < most and at < desk.near.shape[1] and n < len(taken):
        item = group if at < 0 else desk.near[group, at]
        at += 1
        if item < 0:
            break
        tour = tours.items[item, I_TOUR]
        if tour < 0:
            continue
        known = False
        for other in range(n_ruined):
            if notes.ruined[other] == tour:
                known = True
        if known:
            continue
        notes.ruined[n_ruined] = tour
        n_ruined += 1
        n = note_string(tours, bench, taken, n, tour, item, longest)
    return n


@jit
def arrange_strings(land: Land, tours: Tours, bench: Bench, notes: Notes, n: int) -> None:
    """The order in which visits go back: by chance, the most teams first, the longest first, the farthest
    first, the shortest window first."""
    taken, keys, way = notes.taken, notes.keys, below(bench.dice, 8)
    for at in range(n):
        visit, key = taken[at], below(bench.dice, 1 << 20)
        if 1 <= way <= 2:
            key -= (land.visits[visit, GROUP_END] - land.visits[visit, GROUP_AT]) << 20
        elif 3 <= way <= 4:
            key -= land.visits[visit, DUR] << 20
        elif way == 5:
            key -= far_out(land, tours, visit) << 20
        elif way == 6:
            key += far_out(land, tours, visit) << 20
        elif way == 7:
            key += (land.visits[visit, DAY_END] - land.visits[visit, DAY_AT]) << 20
        place = at
        while place > 0 and keys[place - 1] > key:
            keys[place], taken[place] = keys[place - 1], taken[place - 1]
            place -= 1
        keys[place], taken[place] = key, visit


@jit
def far_out(land: Land, tours: Tours, visit: int) -> int:
    """Something that grows with the way to the visit: what its tours' first legs say, 0 for no tour."""
    tour = tours.items[land.visits[visit, GROUP_AT], I_TOUR]
    return tours.rows[tour, T_OUT] if tour >= 0 else 0


@jit
def cut_strings(
    land: Land,
    state: State,
    tours: Tours,
    desk: Desk,
    bench: Bench,
    free: Ints,
    plan: Ints,
    heats: Ints,
    logs: Ints,
    notes: Notes,
) -> None:
    """``plan[P_STEPS]`` steps, from the first of ``free`` to the last once per temperature; one may be worse
    by the heat of its part of the run times -ln of chance."""
    n_steps, blink, n_names = plan[P_STEPS], plan[P_BLINK], plan[P_NAMES]
    taken, days, starts = notes.taken, notes.days, notes.starts
    for step in range(n_steps):
        heat = heats[step * len(heats) // n_steps]
        first = step * len(heats) % n_steps * len(free) // n_steps // WINDOW * WINDOW
        window = free[first : first + WINDOW]
        begin_step(tours)
        n = choose_strings(land, state, tours, desk, bench, window, notes, n_names)
        arrange_strings(land, tours, bench, notes, n)
        cost, worth = state.total[TRAVEL] + state.total[PENALTY], 0
        for at in range(n):
            visit = taken[at]
            days[at], starts[at] = state.plan[visit, DAY], state.plan[visit, START]
            if days[at] >= 0:
                worth -= land.visits[visit, WORTH]
                take_out(
                    land, state, tours, visit, land.visits[visit, GROUP_AT], land.visits[visit, GROUP_END]
                )
        retime(land, state, tours)
        for at in range(n):
            visit = taken[at]
            if find_tours(land, state, tours, desk, bench, visit, blink) < NONE:
                join_tours(land, state, tours, desk, visit)
                worth += land.visits[visit, WORTH]
        worse = heat * logs[below(bench.dice, QUANTILES)] // (HEAT * HEAT)
        cost = state.total[TRAVEL] + state.total[PENALTY] - cost
        if worth < 0 or (worth == 0 and cost > worse):
            for at in range(n):
                state.plan[taken[at], DAY], state.plan[taken[at], START] = days[at], starts[at]
            take_back(land, state, tours)
        for _ in range(n_names):
            worse = heat * logs[below(bench.dice, QUANTILES)] // (HEAT * HEAT)
            rename(land, state, tours, desk, bench, window[below(bench.dice, len(window))], worse)
