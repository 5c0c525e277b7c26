"""Whether a campaign is one of routes alone, its tables, and its answer in the words of the exact levels.

In: facts, the budget. Out: a :class:`~solvers.model.exact.Solved`, or nothing. May import: ``solvers``.
"""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from scheduler.domain.problem import Placement
from scheduler.domain.settings import Budget
from solvers.blocks.land import Ints, Shorts
from solvers.facts import NO_LIMIT, Facts
from solvers.goals import served
from solvers.model.exact import Solved
from solvers.routes.ruin import (
    ABSENT_COST,
    AVERAGE_LOST,
    BEST,
    COST,
    COUNT,
    FAR,
    LONGEST_STRING,
    N_ABSENT,
    N_LOGS,
    N_STRINGS,
    SCALE,
    SITE,
    Map,
    Routes,
    search,
    start_of,
)

SERVED, TRAVEL = 1, 3
MOST_CELLS, MOST_VISITS = 1_000_000, 1_000
"""Pairs of visit and officer's day, and visits, up to which every place is tried for every visit."""
STEPS_PER_VISIT = 4_000
"""Steps per visit and round of the budget: about four seconds of one core for 100 visits and two rounds."""
LOOKS_PER_UNIT = 15_000_000
"""Steps times officers' days of about a second of one core."""
LOOKS = 300_000_000
"""Steps times officers' days of one round at most: from some 450 visits a day on each gets fewer."""
HOTTEST, COLDEST, STAGES = 10_000, 100, 100
"""Temperatures from ten minutes to a tenth of one, in thousandths, falling by the same factor."""
SEED = 1


def solve_routes(facts: Facts, budget: Budget) -> Solved | None:
    """Every visit served with little travel, where every visit takes one officer and travel is the only goal;
    nothing where the shape is another, or where not every visit found a place."""
    if set(facts.problem.goals) - {SERVED} != {TRAVEL} or not _plain(facts):
        return None
    days = tuple((person, day) for person, who in enumerate(facts.people) for day in who.days)
    n_visits = len(facts.visits)
    if not 0 < n_visits <= MOST_VISITS or not 0 < n_visits * len(days) <= MOST_CELLS:
        return None
    ground = map_of(facts, days)
    routes = routes_of(ground)
    steps = budget.rounds * min(STEPS_PER_VISIT * n_visits, LOOKS // len(days))
    search(ground, routes, steps, heats())
    if routes.tally[BEST] >= ABSENT_COST:
        return None
    placements = placements_of(facts, ground, routes, days)
    return Solved(
        placements=placements,
        bounds={SERVED: served(facts, placements), TRAVEL: (0,)},
        proved={SERVED: True, TRAVEL: False},
        work_units=-(-steps * len(days) // LOOKS_PER_UNIT),
    )


def _plain(facts: Facts) -> bool:
    """One seat for one person in every visit, and rules that look at one person's day alone."""
    if facts.entangled or len(facts.one_row) != len(facts.people) or any(facts.long_limits):
        return False
    most = 1 if facts.problem.distinct_cover else NO_LIMIT
    return all(
        len(need.groups) == 1
        and need.groups[0].n_seats == 1
        and len(set(need.groups[0].skills)) <= most
        and not (need.leader or need.senior or need.groups[0].leader or need.groups[0].senior)
        for need in facts.visits
    )


def heats() -> Ints:
    """The temperatures; rounded, so that the last bit of a power cannot matter."""
    fall = Decimal(COLDEST) / HOTTEST
    return np.array([round(HOTTEST * fall ** (Decimal(at) / (STAGES - 1))) for at in range(STAGES)], np.int64)


def map_of(facts: Facts, days: Sequence[tuple[int, int]]) -> Map:
    """The campaign as tables; sites are those that anybody is ever at."""
    sites = sorted({*facts.visit_site, *facts.home})
    at_site = {site: at for at, site in enumerate(sites)}
    legs = np.array([[facts.leg(here, there) for there in sites] for here in sites], np.int32)
    pieces: list[tuple[int, int]] = []
    visits, able = [], np.zeros((len(facts.visits), len(days)), np.int8)
    for idx, need in enumerate(facts.visits):
        fitting = [p for p in sorted(need.pieces) if p[1] - p[0] >= need.duration_min]
        pieces += fitting
        width = sum(end - begin - need.duration_min for begin, end in fitting)
        first = fitting[0][0] if fitting else FAR
        at_piece = len(pieces) - len(fitting)
        visits.append((at_site[need.site_idx], need.duration_min, at_piece, len(pieces), first, width))
        asked = sum(1 << skill for skill in set(need.groups[0].skills))
        people = {p for p in facts.candidates(need.groups[0]) if facts.skills[p] & asked == asked}
        able[idx] = [person in people and day in need.days for person, day in days]
    kinds: dict[tuple[object, ...], int] = {}
    rows = []
    for at, (person, day) in enumerate(days):
        limits = (at_site[facts.home[person]], facts.visits_day[person], facts.minutes_day[person])
        kind = kinds.setdefault((*limits, day, able[:, at].tobytes()), len(kinds))
        rows.append((*limits, kind))
    return Map(
        grid=facts.grid,
        legs=legs,
        visits=np.array(visits, np.int64),
        pieces=np.array(pieces, np.int64).reshape(-1, 2),
        days=np.array(rows, np.int64),
        able=able,
        near=_neighbours(legs, np.array(visits, np.int64)[:, SITE]),
        logs=np.array(
            [round(-SCALE * (Decimal(2 * at + 1) / (2 * N_LOGS)).ln()) for at in range(N_LOGS)], np.int64
        ),
    )


def _neighbours(legs: Shorts, site: Ints) -> Shorts:
    """All other visits, nearest first, among equals in order."""
    away = legs[np.ix_(site, site)].astype(np.int64)
    np.fill_diagonal(away, -1)
    return np.argsort(away, axis=1, kind="stable")[:, 1:].astype(np.int32)


def routes_of(ground: Map) -> Routes:
    """Nobody on the way: all visits absent."""
    n_visits, n_days = ground.able.shape
    most = int(min(n_visits, ground.days[:, 1].max()))
    tally = np.zeros(5, np.int64)
    tally[N_ABSENT], tally[COST], tally[BEST] = n_visits, n_visits * ABSENT_COST, FAR
    average = min(LONGEST_STRING, most, -(-n_visits // n_days))
    tally[N_STRINGS] = max(1, 4 * AVERAGE_LOST // (1 + average) - 1)

    def stops() -> Shorts:
        return np.zeros((n_days, most + 1), np.int32)

    def sums() -> Ints:
        return np.zeros((n_days, 3), np.int64)

    return Routes(
        stops=stops(),
        sums=sums(),
        where=np.full(n_visits, -1, np.int32),
        absent=np.arange(n_visits, dtype=np.int32),
        kept_stops=stops(),
        kept_sums=sums(),
        touched=np.zeros(n_days, np.int32),
        is_touched=np.zeros(n_days, np.int8),
        best_stops=stops(),
        best_sums=sums(),
        kinds=np.zeros(n_days, np.int32),
        keys=np.zeros(n_visits, np.int64),
        tally=tally,
        dice=np.array([SEED], np.int64),
    )


def placements_of(
    facts: Facts, ground: Map, routes: Routes, days: Sequence[tuple[int, int]]
) -> tuple[Placement, ...]:
    """The best routes, every visit as early as it can be, by visit."""
    found: dict[int, Placement] = {}
    for (person, day), stops, sums in zip(days, routes.best_stops, routes.best_sums, strict=True):
        ready, here = 0, -1
        for visit in stops[: sums[COUNT]].tolist():
            there = facts.visit_site[visit]
            ready += facts.leg(here, there) if here >= 0 else 0
            start = int(start_of(ground, visit, ready))
            found[visit] = Placement(visit_idx=visit, day_idx=day, start_min=start, teams=((person,),))
            ready, here = start + facts.duration[visit], there
    return tuple(found[visit] for visit in sorted(found))
