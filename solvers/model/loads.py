"""The least loads that departments could have if nobody needed time: a bound of goal 2 that is mostly met.

In: facts, the visits that are placed. Out: goal 2 by department. May import: ``scheduler.domain``,
``solvers.bounds``, ``solvers.facts``, ``solvers.goals``.

The loads of all people stand side by side in one integer: a set of such sums holds every way to share out the
seats so far, and one addition with a guard bit per person tells whether anybody has too much.
"""

from collections.abc import Sequence
from itertools import combinations, islice
from math import comb, gcd
from typing import NamedTuple

from scheduler.domain.problem import SeatGroup
from solvers.bounds import department_ratios, loads_known
from solvers.facts import Facts
from solvers.goals import department_members, shares, target_ratio

MOST_SUMS = 500_000
"""Additions for one department; about a tenth of a second."""
MOST_TEAMS, MOST_LOOKED_AT = 2_000, 20_000
"""Of one group of seats: teams with the skills, and teams of any skills."""


class Least(NamedTuple):
    """Of one department: least largest per mille, least minutes above the targets with that; the most that
    each of its people may then have, and his target."""

    ratio: int
    excess: int
    members: tuple[int, ...]
    caps: list[int]
    targets: list[int]


def least_loads(facts: Facts, sure: Sequence[int], *, all_sure: bool) -> list[Least] | None:
    """By department: no roster that places exactly these visits has less. None where that is not known, or
    would take too long."""
    if not loads_known(facts, sure, all_sure=all_sure):
        return None
    found = []
    ratios = department_ratios(facts, sure)
    for department, members in department_members(facts).items():
        seats = [
            (facts.duration[visit], group)
            for visit in sure
            for group in facts.visits[visit].groups
            if facts.department_of(group) == department
        ]
        least = _least(facts, members, seats, ratios[department])
        if least is None:
            return None
        found.append(least)
    return found


def _least(
    facts: Facts, members: tuple[int, ...], seats: list[tuple[int, SeatGroup]], ratio: int
) -> Least | None:
    """Of one department, from a ratio on that it cannot be below."""
    total = sum(minutes * group.n_seats for minutes, group in seats)
    width = total.bit_length() + 1
    place = {person: width * at for at, person in enumerate(members)}
    full = (1 << (width - 1)) - 1
    mask = sum(1 << (at + width - 1) for at in place.values())
    capacities = [facts.capacity[person] for person in members]
    steps = [_teams(facts, minutes, group, place) for minutes, group in sorted(seats, key=lambda s: -s[0])]
    if not all(0 < len(step) <= MOST_TEAMS for step in steps):
        return None
    grain, n_sums = gcd(*(minutes for minutes, _ in seats)) or 1, 0
    while True:
        caps = shares(capacities, ratio)
        n_sums += len(members)
        guard = sum((full - min(cap, full)) << at for cap, at in zip(caps, place.values(), strict=True))
        states = {0}
        for step in steps:
            n_sums += len(states) * len(step)
            if n_sums > MOST_SUMS:
                return None
            states = {
                after for state in states for team in step if not ((after := state + team) + guard) & mask
            }
        if states:
            break
        more = [cap - cap % grain + grain for cap in caps]
        ratio = min(-(-1000 * cap // room) for cap, room in zip(more, capacities, strict=True))
    targets = shares(capacities, target_ratio(capacities, total))
    wanted = list(zip(place.values(), targets, strict=True))
    above = min(sum(max(0, (state >> at & full) - target) for at, target in wanted) for state in states)
    return Least(ratio, above, members, caps, targets)


def _teams(facts: Facts, minutes: int, group: SeatGroup, place: dict[int, int]) -> list[int]:
    """What each team adds that has the skills; one more than :data:`MOST_TEAMS` of them at most, none where
    too many were to be looked at."""
    able = [person for person in facts.candidates(group) if person in place]
    if comb(len(able), group.n_seats) > MOST_LOOKED_AT:
        return []
    teams = (team for team in combinations(able, group.n_seats) if facts.covers(group, team))
    return [sum(minutes << place[person] for person in team) for team in islice(teams, MOST_TEAMS + 1)]
