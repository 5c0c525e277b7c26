"""Bounds where a table of travel times counts: the direct way may be longer than the way past another place.

In: facts. Out: visits that may be served at all, a bound of travel. May import: ``scheduler.domain``,
``solvers.facts``, ``solvers.insertion``, ``solvers.roster``.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import isqrt

from scheduler.domain.problem import SeatGroup
from solvers.facts import Facts
from solvers.insertion import best_place
from solvers.roster import Roster

NEIGHBOUR_PAIRS = 4_000_000
"""Pairs of a surely placed visit and any other of its department looked at; beyond, the radial bound."""
MOST_ZONES = 250
"""Zones between which shortest ways are looked for: a cube of steps."""
FAR = 1 << 40


def possible(facts: Facts, staffable: Sequence[bool]) -> list[int]:
    """Visits that some roster may serve. By coordinates those that can be staffed with nobody else to serve;
    with a table also those that could be if no way took any time: in company a way may be shorter."""
    problem = facts.problem
    able = [idx for idx, can in enumerate(staffable) if can]
    if not problem.legs or len(able) == len(facts.visits):
        return able
    here = Facts(replace(problem, sites=((0, 0),) * len(problem.sites), zones=(), legs=()))
    empty = Roster(here)
    return [idx for idx, can in enumerate(staffable) if can or best_place(empty, idx) is not None]


def tabled_bound(facts: Facts, sure: Sequence[int]) -> int:
    """Minutes of travel that serving these visits takes at least, circle by circle."""
    seats: dict[int, list[tuple[int, SeatGroup]]] = {}
    for idx in sure:
        for group in facts.visits[idx].groups:
            seats.setdefault(facts.circle_of(group), []).append((idx, group))
    everywhere = _visits_of_circles(facts)
    pairs = sum(len(own) * len(everywhere[circle]) for circle, own in seats.items())
    ways = _Ways(facts) if pairs > NEIGHBOUR_PAIRS else None
    total = 0
    for circle, own in sorted(seats.items()):
        if ways is not None:
            total += int(sum(ways.share(idx, group) for idx, group in own))
            continue
        twice = sum(_cheapest_legs(facts, idx, group, everywhere[circle]) for idx, group in own)
        total += -(-twice // 2)
    return total


def _visits_of_circles(facts: Facts) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for idx, need in enumerate(facts.visits):
        for circle in sorted({facts.circle_of(group) for group in need.groups}):
            found.setdefault(circle, []).append(idx)
    return found


def _cheapest_legs(facts: Facts, idx: int, group: SeatGroup, others: Sequence[int]) -> int:
    """Each stop has two legs, each leg two ends: its two cheapest legs, where the way home may be both and
    any other visit of the circle, placed or not, only one. For all seats of the group."""
    site = facts.visit_site[idx]
    homes = {facts.home[person] for person in facts.members(group)}
    home = min((facts.leg(start, site) for start in sorted(homes)), default=0)
    first, second = home, home
    for other in others if facts.circle_of(group) >= 0 else range(len(facts.visits)):
        if other != idx:
            minutes = facts.leg(site, facts.visit_site[other])
            if minutes < first:
                first, second = minutes, first
            elif minutes < second:
                second = minutes
    return group.n_seats * (first + second)


class _Ways:
    """Least minutes between sites over any other places: never more than the shortest way has."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        problem = facts.problem
        stated = [minutes for row in problem.legs for minutes in row if minutes >= 0]
        self.least_stated = max(problem.least_min, min(stated, default=FAR))
        # Over a place without a zone everywhere may be near everywhere: nothing is known then.
        known = len(problem.legs) <= MOST_ZONES and -1 not in problem.zones
        self.by_zone = _shortest(problem.legs) if known else []
        self.per_metre = Fraction(problem.detour_permille * 60, 1_000_000 * problem.speed_kmh)

    def share(self, idx: int, group: SeatGroup) -> Fraction:
        """A day with at most K visits is at least twice as long as the shortest way to its farthest one, so
        each seat stands for 2/K of its own."""
        facts = self.facts
        n_day = max(1, self._visits_a_day(group))
        homes = sorted({facts.home[person] for person in facts.members(group)})
        least = min((self._least(home, facts.visit_site[idx], n_day) for home in homes), default=0)
        return Fraction(2 * group.n_seats * least, n_day)

    def _least(self, home: int, site: int, n_day: int) -> int:
        """A way without a stated leg is a straight line's, a metre less per leg; one with a stated leg takes
        that leg's minutes, and what lies between the zones of its ends."""
        problem = self.facts.problem
        (ax, ay), (bx, by) = problem.sites[home], problem.sites[site]
        if home == site:
            return 0
        straight = int(self.per_metre * max(0, isqrt((ax - bx) ** 2 + (ay - by) ** 2) - n_day))
        one, other = problem.zones[home], problem.zones[site]
        zones = self.by_zone[one][other] if self.by_zone else 0
        return max(zones, min(straight, self.least_stated))

    def _visits_a_day(self, group: SeatGroup) -> int:
        limits = {self.facts.people[p].max_visits_day for p in self.facts.members(group)}
        if limits and 0 not in limits:
            return max(limits)
        return 24 * 60 // max(1, min(self.facts.duration))


def _shortest(legs: Sequence[Sequence[int]]) -> list[list[int]]:
    """Shortest ways between zones (Floyd 1962); a way that is not stated may take no time at all."""
    n = len(legs)
    ways = [[0 if at == to else max(0, legs[at][to]) for to in range(n)] for at in range(n)]
    for via, row in enumerate(ways):
        for own in ways:
            over = own[via]
            for to, minutes in enumerate(row):
                own[to] = min(own[to], over + minutes)
    return ways
