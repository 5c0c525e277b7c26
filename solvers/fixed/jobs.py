"""Seats of a campaign with fixed starts as jobs: an interval and the people who may take it.

In: facts. Out: :class:`Jobs`, or nothing where something else than who goes is open, or where a rule looks
at more than one person and one seat at a time. May import: ``solvers.facts``, NumPy.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.domain.problem import SeatGroup, VisitNeed
from solvers.facts import Facts

Ints = npt.NDArray[np.int64]
DAY_MIN = 24 * 60
MOST_PAIRS = 2_000_000
"""Pairs of jobs that clash, kept at once: about 200 MB."""


class Job(NamedTuple):
    """One seat: ``begin`` and ``end`` are minutes since the first day's midnight, ``able`` ascends."""

    begin: int
    end: int
    visit: int
    group: int
    able: tuple[int, ...]


def fixed_start(facts: Facts, visit: int) -> tuple[int, int] | None:
    """Day and minute of a visit that has no choice of either, else nothing."""
    days, starts = facts.visits[visit].days, facts.starts[visit]
    if len(days) != 1 or not starts or starts & (starts - 1):
        return None
    return days[0], (starts.bit_length() - 1) * facts.grid


def jobs_of(facts: Facts) -> tuple[Job, ...] | None:
    """The seats in order of time, or nothing where the campaign is not of this shape.

    Left out are visits that nobody could staff (a seat group with too few people on that day); the shape
    asks for: every visit with one day and one start; no leader, senior, fixed group, barred pair or human
    with two rows; skills only where one officer has to hold them all.
    """
    if facts.entangled or len(facts.one_row) != len(facts.people) or not all(facts.duration):
        return None
    found: list[Job] = []
    for visit, need in enumerate(facts.visits):
        when = fixed_start(facts, visit)
        if when is None or not _plain(facts, need):
            return None
        begin = when[0] * DAY_MIN + when[1]
        teams = [_able(facts, group, when[0]) for group in need.groups]
        if all(len(able) >= group.n_seats for able, group in zip(teams, need.groups, strict=True)):
            found.extend(
                Job(begin, begin + facts.duration[visit], visit, at, able)
                for at, (able, group) in enumerate(zip(teams, need.groups, strict=True))
                for _ in range(group.n_seats)
            )
    return tuple(sorted(found))


def _plain(facts: Facts, need: VisitNeed) -> bool:
    if need.leader or need.senior or any(group.leader or group.senior for group in need.groups):
        return False
    most = 1 if facts.problem.distinct_cover else len(facts.problem.skills)
    return all(
        not group.skills or (group.n_seats == 1 and len(set(group.skills)) <= most) for group in need.groups
    )


def _able(facts: Facts, group: SeatGroup, day: int) -> tuple[int, ...]:
    asked = sum(1 << skill for skill in set(group.skills))
    return tuple(
        person
        for person in facts.candidates(group)
        if facts.days_mask[person] >> day & 1 and facts.skills[person] & asked == asked
    )


def without_limits(facts: Facts) -> bool:
    """Whether nobody has a limit of visits or minutes for a day, a week or the campaign."""
    return not any(facts.long_limits) and all(
        not person.max_visits_day and not person.max_minutes_day for person in facts.people
    )


def clashes(facts: Facts, jobs: Sequence[Job]) -> Iterator[tuple[int, int]]:
    """Positions (a, b), a < b, of jobs that nobody can both take: they overlap, or the way from one to the
    other is longer than what lies between. Who has no such pair keeps R09 whatever else he does: a way by a
    third place saves a minute of rounding at most, and a visit takes at least one."""
    reach = _longest_leg(facts)
    for first, job in enumerate(jobs):
        here = facts.visit_site[job.visit]
        for second in range(first + 1, len(jobs)):
            other = jobs[second]
            if other.begin >= job.end + reach:
                break
            if other.begin < job.end or (
                other.begin // DAY_MIN == job.begin // DAY_MIN
                and other.begin < job.end + facts.leg(here, facts.visit_site[other.visit])
            ):
                yield first, second


def _longest_leg(facts: Facts) -> int:
    """No leg between two sites of visits takes longer: that of the diagonal of the box around them, or what a
    travel table states."""
    stated = max((minutes for row in facts.problem.legs for minutes in row), default=0)
    sites = [facts.problem.sites[site] for site in sorted(set(facts.visit_site))]
    wide = max(x for x, _ in sites) - min(x for x, _ in sites)
    high = max(y for _, y in sites) - min(y for _, y in sites)
    problem = facts.problem
    if not wide and not high and stated <= 0:
        return 0
    per_metre = problem.detour_permille * 60
    straight = -(-(wide + high) * per_metre // (1_000_000 * problem.speed_kmh))
    return max(problem.least_min, stated, straight)
