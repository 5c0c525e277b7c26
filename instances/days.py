"""Seeded days of one-officer visits with windows and skills: what a vehicle routing solver can play, too.

In: a number of visits, a seed. Out: an AssignmentProblem of one day with goals 1 and 3. May import:
``scheduler.domain``, NumPy, ``instances.chance``.

One department with two offices in a city of some twenty kilometres. Every visit has one seat and one window
inside the morning or the afternoon; some need one of three skills. Starts are whole minutes, so that no
rounding of starts favours anybody.
"""

import numpy as np

from instances.chance import happens, stream
from scheduler.domain.problem import AssignmentProblem, Interval, Person, SeatGroup, VisitNeed

SIZES = (50, 60, 75, 90, 100, 115, 130, 150, 175, 200)
"""Visits of the benchmark's days; day k has seed k."""
DAY = "2026-03-02"
HALVES: tuple[Interval, ...] = ((540, 720), (810, 1020))
NARROW_MIN, NARROW_CHANCE = 45, 0.3
"""Some visits have to begin within so many minutes."""
MINUTES, CHANCES = (30, 40, 50, 60, 70), (0.2, 0.25, 0.25, 0.2, 0.1)
N_SKILLS, SKILL_CHANCE, ASKED_CHANCE = 3, 0.5, 0.4
VISITS_DAY, MINUTES_DAY = 4, 420
PER_OFFICER = 2.8
"""Visits per officer on average: a good quarter of the seats stays free."""
N_CENTRES, SPREAD_M, CITY_M = 6, 1_500, 9_000
OFFICES = ((-3_000, 0), (4_000, 2_000))


def day(n_visits: int, *, seed: int) -> AssignmentProblem:
    """The day of this size and seed; the same arguments, the same day."""
    rng = stream(seed, "day", n_visits)
    n_officers = round(n_visits / PER_OFFICER)
    sites = [*OFFICES, *_places(rng, n_visits)]
    return AssignmentProblem(
        draw_sha256="0" * 64,
        days=(DAY,),
        weeks=(1,),
        grid_min=1,
        people=tuple(_officer(rng, idx) for idx in range(n_officers)),
        visits=tuple(_visit(rng, idx) for idx in range(n_visits)),
        sites=tuple(sites),
        departments=("D",),
        pools=("D",),
        skills=tuple(f"S{idx}" for idx in range(N_SKILLS)),
        goals=(1, 3),
    )


def _places(rng: np.random.Generator, count: int) -> list[tuple[int, int]]:
    """Around centres that lie anywhere in the city, the more the nearer."""
    centres = rng.integers(-CITY_M, CITY_M, (N_CENTRES, 2))
    around = np.rint(rng.normal(0, SPREAD_M, (count, 2))).astype(np.int64)
    points = centres[rng.integers(N_CENTRES, size=count)] + around
    return [(int(x), int(y)) for x, y in points]


def _officer(rng: np.random.Generator, idx: int) -> Person:
    """Every skill is held by every third officer at least, so that no day lacks it."""
    held = [happens(rng, SKILL_CHANCE) or idx % N_SKILLS == skill for skill in range(N_SKILLS)]
    return Person(
        person_id=f"P{idx}",
        pool_idx=0,
        department_idx=0,
        site_idx=idx % len(OFFICES),
        days=(0,),
        skills=sum(1 << skill for skill, has in enumerate(held) if has),
        capacity_min=MINUTES_DAY,
        max_visits_day=VISITS_DAY,
        max_minutes_day=MINUTES_DAY,
    )


def _visit(rng: np.random.Generator, idx: int) -> VisitNeed:
    duration = int(rng.choice(MINUTES, p=CHANCES))
    begin, end = HALVES[int(rng.integers(len(HALVES)))]
    if happens(rng, NARROW_CHANCE):
        begin = int(rng.integers(begin, end - duration - NARROW_MIN + 1))
        end = begin + duration + NARROW_MIN
    asked = (int(rng.integers(N_SKILLS)),) if happens(rng, ASKED_CHANCE) else ()
    return VisitNeed(
        visit_id=f"V{idx}",
        site_idx=len(OFFICES) + idx,
        duration_min=duration,
        days=(0,),
        pieces=((begin, end),),
        groups=(SeatGroup(department_idx=0, n_seats=1, pools=(0,), skills=asked),),
        served=(0, 0, 0, 1),
        rank=idx,
    )
