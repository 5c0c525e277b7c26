"""The committed table of travel times in; zones of sites and minutes between zones out.

May import: the domain. The contract is ``docs/reference/travel.md``.

What the table names of a place is its zone: the place itself, its district, or both. Of what is stated
between two zones the more exact entry counts: place to place, then place to district (of two such the
slower), then district to district.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.plan import Plan
from scheduler.domain.registers import Registers

Zone = tuple[str, str]
"""The place's own name and its district's, each empty where the table does not name it."""

NOWHERE: Zone = ("", "")
"""The zone of a place that the table does not name at all."""

MOST_ZONES = 2_000
"""Zones of one problem: four million pairs, some 32 MB; a larger matrix is refused."""


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Minutes between names, the slower direction for both; ``named`` are all names of the table."""

    minutes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    named: frozenset[str] = frozenset()

    def zone(self, own: str, district: str) -> Zone:
        """What the table names of a place."""
        return own if own in self.named else "", district if district in self.named else ""

    def between(self, one: Zone, other: Zone) -> int:
        """Minutes stated from zone to zone; -1 for none."""
        exact = self._stated(one[0], other[0])
        mixed = max(self._stated(one[0], other[1]), self._stated(one[1], other[0]))
        if exact >= 0:
            return exact
        return mixed if mixed >= 0 else self._stated(one[1], other[1])

    def _stated(self, one: str, other: str) -> int:
        return self.minutes.get((min(one, other), max(one, other)), -1) if one and other else -1


def ways(plan: Plan, registers: Registers) -> Ways:
    """The table as the plan wants it read; empty where ways go by coordinates."""
    if plan.settings.travel.source == "coordinates":
        return Ways()
    found: dict[tuple[str, str], int] = {}
    for row in registers.travel:
        pair = min(row.from_place, row.to_place), max(row.from_place, row.to_place)
        found[pair] = max(found.get(pair, -1), row.minutes)
    return Ways(minutes=found, named=frozenset(name for pair in found for name in pair))


def zoned(zones: Iterable[Zone], table: Ways) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """``zones`` and ``legs`` of an :class:`~scheduler.domain.problem.AssignmentProblem` for the sites'
    zones, in their order; both empty where nothing is stated between any two.

    Errors: ``problem.travel_places`` above :data:`MOST_ZONES`.
    """
    of_sites = list(zones)
    names = sorted(set(of_sites) - {NOWHERE})
    if len(names) > MOST_ZONES:
        raise refuse(InputError, "problem.travel_places", n=len(names), most=MOST_ZONES)
    legs = tuple(tuple(table.between(one, other) for other in names) for one in names)
    if not any(minutes >= 0 for row in legs for minutes in row):
        return (), ()
    index = {name: n for n, name in enumerate(names)} | {NOWHERE: -1}
    return tuple(index[zone] for zone in of_sites), legs
