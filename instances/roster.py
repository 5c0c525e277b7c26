"""Roster problems straight at the drawn stage, without registers, draw and merge before them.

In: a size and a seed. Out: an :class:`~scheduler.domain.problem.AssignmentProblem`. May import: the
domain and this package. Statistics: ``docs/reference/instances.md``; districts side by side, tasks with
windows, merged visits, leave, certificates that run out, recusals. Days, pieces and windows are shared
objects: a metropolis and its year of 81,827 visits take about 0.2 GB.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from math import isqrt

import numpy as np

from instances.calendars import is_working
from instances.chance import happens, pick, sample, stream
from instances.people import FULLY_QUALIFIED, head_counts
from instances.roster_sizes import ROSTERS, RosterSize
from scheduler.domain.errors import UsageError, refuse
from scheduler.domain.problem import AssignmentProblem, Person, SeatGroup, VisitNeed

PIECES = ((540, 720), (810, 1020))
DAY_MIN = sum(end - start for start, end in PIECES)
CAPACITY_FLOOR_MIN = 420
DURATIONS_MIN = (60, 75, 90, 105, 120)
N_TOWNS = 8
TOWN_SPREAD_M = 1_200
N_SKILLS = 3
SEATS = 2
JOINT, MERGED, RECUSED, EXPERT_SHARE = 0.26, 0.2, 0.01, 0.03
RISK_SHARES = (0.08, 0.22, 0.4, 0.3)
"""Drawn requirements of class D, C, B, A: high risk is drawn oftener than it occurs (assumed)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    district: int
    departments: tuple[int, ...]
    start: int
    end: int
    skills: tuple[tuple[int, ...], ...]


@dataclass(kw_only=True)
class _Sites:
    """Site of each point, in the order of first use."""

    index: dict[tuple[int, int], int] = field(default_factory=dict)

    def at(self, x: int, y: int) -> int:
        return self.index.setdefault((x, y), len(self.index))


def roster(size: str, *, seed: int = 1) -> AssignmentProblem:
    """A roster problem of that size; same size and seed, same problem.

    Every department has four officers or all who hold every qualification; nothing else makes it
    feasible, as in the prototypes. Goal 6's weights are left empty. Errors: ``instance.size``.
    """
    if size not in ROSTERS:
        raise refuse(UsageError, "instance.size", size=size, known=", ".join(ROSTERS))
    return make_roster(ROSTERS[size], seed)


def make_roster(size: RosterSize, seed: int) -> AssignmentProblem:
    """As :func:`roster`, for any figures."""
    return _Maker(size, seed).problem()


def working_dates(start: dt.date, count: int) -> list[dt.date]:
    """``count`` working days from ``start`` on, by the published calendar with 调休."""
    days: list[dt.date] = []
    day = start
    while len(days) < count:
        if is_working(day):
            days.append(day)
        day += dt.timedelta(days=1)
    return days


class _Maker:
    """One roster problem in the making."""

    def __init__(self, size: RosterSize, seed: int) -> None:
        self.size, self.seed = size, seed
        self.dates = working_dates(size.start, size.n_days)
        self.sites = _Sites()
        width = isqrt(size.n_districts - 1) + 1
        self.corners = [
            (size.side_m * (i % width), size.side_m * (i // width)) for i in range(size.n_districts)
        ]
        own = range(size.n_districts)
        # -1 is the whole place: a municipal department.
        self.home = [i for i in own for _ in range(size.per_district)] + [-1] * size.municipal
        self.days_of = {
            (first, last): tuple(range(first, last))
            for first in range(size.n_days)
            for last in range(first + 1, min(size.n_days, first + 20) + 1)
        }

    def problem(self) -> AssignmentProblem:
        offices = self._offices()
        officers = self._officers(offices)
        people = [*officers, *self._experts()]
        names = [f"部门{place + 1:03d}" for place in range(len(self.home))]
        visits = self._visits(officers)
        weeks = [date.isocalendar()[:2] for date in self.dates]
        numbers = {week: number for number, week in enumerate(dict.fromkeys(weeks))}
        return AssignmentProblem(
            draw_sha256=hashlib.sha256(f"roster|{self.size.name}|{self.seed}".encode()).hexdigest(),
            days=tuple(date.isoformat() for date in self.dates),
            weeks=tuple(numbers[week] for week in weeks),
            grid_min=15,
            people=tuple(people),
            visits=tuple(visits),
            sites=tuple(self.sites.index),
            departments=tuple(names),
            pools=(*names, "expert"),
            skills=tuple(f"资质{place + 1}" for place in range(N_SKILLS)),
            barred_pairs=tuple(self._pairs(officers)),
        )

    def _offices(self) -> list[int]:
        rng = stream(self.seed, self.size.name, "offices")
        half = self.size.side_m // 2
        middle = [sum(axis) // len(self.corners) for axis in zip(*self.corners, strict=True)]
        offices = []
        for home in self.home:
            x, y = self.corners[home] if home >= 0 else (middle[0], middle[1])
            dx, dy = np.rint(rng.normal(0, self.size.side_m / 10, 2)).astype(int).tolist()
            offices.append(self.sites.at(x + half + dx, y + half + dy))
        return offices

    def _officers(self, offices: Sequence[int]) -> list[Person]:
        rng = stream(self.seed, self.size.name, "officers")
        counts = head_counts(self.size.n_officers, len(self.home), rng)
        return [
            self._officer(department, place, offices[department], rng)
            for department, count in enumerate(counts)
            for place in range(count)
        ]

    def _officer(self, department: int, place: int, office: int, rng: np.random.Generator) -> Person:
        full = place < FULLY_QUALIFIED
        skills = sum(1 << bit for bit in range(N_SKILLS) if full or happens(rng, 0.6))
        days = self._days_at_work(rng)
        return Person(
            person_id=f"{department + 1:03d}-{place + 1:03d}",
            pool_idx=department,
            department_idx=department,
            site_idx=office,
            days=days,
            skills=skills,
            capacity_min=max(CAPACITY_FLOOR_MIN, len(days) * DAY_MIN),
            is_leader=full or happens(rng, 0.5),
            max_visits_day=4,
            max_minutes_day=420,
        )

    def _days_at_work(self, rng: np.random.Generator) -> tuple[int, ...]:
        """6 % leave in blocks of two to six days; one certificate in twenty runs out on the way."""
        last = int(rng.integers(1, self.size.n_days)) if happens(rng, 0.05) else self.size.n_days
        away: set[int] = set()
        for _ in range(int(rng.poisson(0.06 * self.size.n_days / 4))):
            first = int(rng.integers(0, self.size.n_days))
            away.update(range(first, first + int(rng.integers(2, 7))))
        return tuple(day for day in range(last) if day not in away)

    def _experts(self) -> Iterator[Person]:
        rng = stream(self.seed, self.size.name, "experts")
        everyday = tuple(range(self.size.n_days))
        for place in range(self.size.n_experts):
            x, y = self._anywhere(int(rng.integers(len(self.corners))), rng)
            yield Person(
                person_id=f"ZJ{place + 1:03d}",
                pool_idx=len(self.home),
                department_idx=-1,
                site_idx=self.sites.at(x, y),
                days=everyday,
                skills=0,
                capacity_min=len(everyday) * DAY_MIN,
                max_visits_day=4,
                max_minutes_day=420,
            )

    def _anywhere(self, district: int, rng: np.random.Generator) -> tuple[int, int]:
        x, y = self.corners[district]
        dx, dy = rng.integers(0, self.size.side_m, 2).tolist()
        return x + dx, y + dy

    def _tasks(self) -> list[list[_Task]]:
        """Tasks by district, each with its departments, window and qualifications."""
        rng = stream(self.seed, self.size.name, "tasks")
        found: list[list[_Task]] = [[] for _ in self.corners]
        own = [[d for d, home in enumerate(self.home) if home == i] for i in range(len(self.corners))]
        above = [d for d, home in enumerate(self.home) if home < 0]
        for number in range(self.size.n_tasks):
            district = number % len(self.corners)
            count = 1
            if happens(rng, JOINT):
                count = 2 + int(rng.choice(3, p=(0.6, 0.25, 0.15)))
            departments = sample(rng, own[district], count)
            if above and happens(rng, 0.1):
                departments[-1] = pick(rng, above)
            length = int(rng.integers(5, min(20, self.size.n_days) + 1))
            start = int(rng.integers(0, self.size.n_days - length + 1))
            found[district].append(
                _Task(
                    district=district,
                    departments=tuple(departments),
                    start=start,
                    end=start + length,
                    skills=tuple(self._skills(rng) for _ in departments),
                )
            )
        return found

    def _skills(self, rng: np.random.Generator) -> tuple[int, ...]:
        first = int(rng.integers(N_SKILLS))
        second = int(rng.integers(N_SKILLS)) if happens(rng, 0.25) else first
        return tuple(sorted({first, second}))

    def _visits(self, officers: Sequence[Person]) -> list[VisitNeed]:
        rng = stream(self.seed, self.size.name, "visits")
        tasks = self._tasks()
        popularity = [list(accumulate(rng.random(len(rows)) + 0.3)) for rows in tasks]
        towns = [[self._anywhere(i, rng) for _ in range(N_TOWNS)] for i in range(len(self.corners))]
        staff: dict[int, list[int]] = {}
        for place, officer in enumerate(officers):
            staff.setdefault(officer.pool_idx, []).append(place)
        drawn = []
        for number in range(self.size.n_visits):
            district = number % len(self.corners)
            ladder = popularity[district]
            place = int(np.searchsorted(ladder, rng.random() * ladder[-1], side="right"))
            parts = self._merged(tasks[district], min(place, len(ladder) - 1), rng)
            drawn.append(self._visit(number, parts, self._point(district, towns, rng), staff, rng))
        # High risk first, then the order in which they were drawn: that is what a ticket order is.
        order = sorted(range(len(drawn)), key=lambda i: ([-n for n in drawn[i].served], i))
        ranks = {place: rank for rank, place in enumerate(order)}
        return [replace(visit, rank=ranks[place]) for place, visit in enumerate(drawn)]

    def _point(
        self, district: int, towns: Sequence[Sequence[tuple[int, int]]], rng: np.random.Generator
    ) -> int:
        if not happens(rng, 0.5):
            return self.sites.at(*self._anywhere(district, rng))
        x, y = pick(rng, towns[district])
        spread = min(TOWN_SPREAD_M, self.size.side_m // 8)
        dx, dy = np.rint(rng.normal(0, spread, 2)).astype(int).tolist()
        left, low = self.corners[district]
        most = self.size.side_m - 1
        return self.sites.at(min(left + most, max(left, x + dx)), min(low + most, max(low, y + dy)))

    def _merged(self, rows: Sequence[_Task], place: int, rng: np.random.Generator) -> list[_Task]:
        """The task, in a fifth of cases with another of at least four common days and four departments."""
        task = rows[place]
        if not happens(rng, MERGED):
            return [task]
        others = [
            other
            for other in rows
            if other is not task
            and min(other.end, task.end) - max(other.start, task.start) >= 4
            and len({*other.departments, *task.departments}) <= 4
        ]
        return [task, pick(rng, others)] if others else [task]

    def _visit(
        self,
        number: int,
        parts: Sequence[_Task],
        site: int,
        staff: dict[int, list[int]],
        rng: np.random.Generator,
    ) -> VisitNeed:
        needs: dict[int, set[int]] = {}
        for task in parts:
            for department, skills in zip(task.departments, task.skills, strict=True):
                needs.setdefault(department, set()).update(skills)
        groups = [
            SeatGroup(
                department_idx=department,
                n_seats=SEATS,
                pools=(department,),
                skills=tuple(sorted(skills)),
                barred=self._barred(staff[department], rng),
            )
            for department, skills in sorted(needs.items())
        ]
        if happens(rng, EXPERT_SHARE):
            groups.append(SeatGroup(department_idx=-1, n_seats=1, pools=(len(self.home),)))
        served = [0, 0, 0, 0]
        served[int(rng.choice(4, p=RISK_SHARES))] = len(parts)
        window = max(task.start for task in parts), min(task.end for task in parts)
        return VisitNeed(
            visit_id=f"V-{number + 1:06d}-1",
            site_idx=site,
            duration_min=pick(rng, DURATIONS_MIN),
            days=self.days_of[window],
            pieces=PIECES,
            groups=tuple(groups),
            served=(served[0], served[1], served[2], served[3]),
            rank=number,
        )

    def _barred(self, staff: Sequence[int], rng: np.random.Generator) -> tuple[int, ...]:
        """1 % of pairs; where a department is tiny, never so many that no team is left."""
        barred = tuple(person for person in staff if happens(rng, RECUSED))
        return barred[: max(0, len(staff) - SEATS)]

    def _pairs(self, officers: Sequence[Person]) -> Iterator[tuple[int, int]]:
        """One officer in a hundred may not work with the next one, where the department is large."""
        rng = stream(self.seed, self.size.name, "pairs")
        counts: dict[int, int] = {}
        for officer in officers:
            counts[officer.pool_idx] = counts.get(officer.pool_idx, 0) + 1
        for place, (first, second) in enumerate(pairwise(officers)):
            same = first.pool_idx == second.pool_idx
            if same and counts[first.pool_idx] > 2 * FULLY_QUALIFIED and happens(rng, 0.01):
                yield place, place + 1
