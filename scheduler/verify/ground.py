"""Where everything stands and how long the way is, in integers, from the registers alone.

In: plan and registers. Out: planar metres and minutes. The contract is ``docs/reference/travel.md``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isqrt

from scheduler.domain.plan import Plan
from scheduler.domain.registers import TravelTime
from scheduler.domain.settings import Travel

Point = tuple[int, int, str, str, str]
"""Metres east and north; what the table of travel times names here, the place and its district, empty where
it does not; and for a place without coordinates that the table names in some way, whose it is."""
METRES_PER_DEGREE = 111_320
"""Length of one degree of latitude, as ``docs/reference/travel.md`` fixes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """The campaign's plane: metres from its centre, travel by the committed detour and speed, or as the
    table of travel times has it, by start and end."""

    centres: dict[str, tuple[int, int]]
    cosine_ppm: int
    travel: Travel
    table: dict[str, dict[str, int]] = field(default_factory=dict)

    def point(self, lon_udeg: int | None, lat_udeg: int | None, district: str = "", name: str = "") -> Point:
        """Planar metres of a coordinate, and what the table names of the place; a missing coordinate is its
        district's centre, else the campaign's."""
        own, area = name if name in self.table else "", district if district in self.table else ""
        origin = self.centres.get("")
        who = ""
        if lon_udeg is None or lat_udeg is None:
            who = name if own or area else ""
            place = self.centres.get(district, origin)
            if place is None:
                return (0, 0, own, area, who)
            lon_udeg, lat_udeg = place
        lon0, lat0 = origin if origin is not None else (0, 0)
        x_m = (lon_udeg - lon0) * METRES_PER_DEGREE * self.cosine_ppm // 10**12
        y_m = (lat_udeg - lat0) * METRES_PER_DEGREE // 10**6
        return (x_m, y_m, own, area, who)

    def minutes(self, here: Point, there: Point) -> int:
        """Minutes between two points, rounded up, never below the committed least; 0 on the spot."""
        if here == there:
            return 0
        told = self._told(here, there)
        if told is not None:
            return max(self.travel.least_min, told)
        if here[:2] == there[:2]:
            return 0
        metres = isqrt((here[0] - there[0]) ** 2 + (here[1] - there[1]) ** 2)
        way = -(-metres * self.travel.detour_permille * 60 // (1_000_000 * self.travel.speed_kmh))
        return max(self.travel.least_min, way)

    def _told(self, here: Point, there: Point) -> int | None:
        """What the table says of the way: from place to place, else the slower of place to district and
        district to place, else from district to district."""
        (_, _, place, area, _), (_, _, other, other_area, _) = here, there
        for pairs in (((place, other),), ((place, other_area), (area, other)), ((area, other_area),)):
            ways = [self.table.get(one, {}).get(two) for one, two in pairs]
            stated = [minutes for minutes in ways if minutes is not None]
            if stated:
                return max(stated)
        return None


def ground_of(plan: Plan, ways: Iterable[TravelTime] = ()) -> Ground:
    """The plane of a committed plan, with the table of travel times where the plan wants it."""
    table: dict[str, dict[str, int]] = {}
    for way in ways if plan.settings.travel.source != "coordinates" else ():
        for here, there in ((way.from_place, way.to_place), (way.to_place, way.from_place)):
            row = table.setdefault(here, {})
            row[there] = max(way.minutes, row.get(there, 0))
    return Ground(
        centres={c.district: (c.lon_udeg, c.lat_udeg) for c in plan.centres},
        cosine_ppm=plan.cosine_ppm,
        travel=plan.settings.travel,
        table=table,
    )
