"""Where everything stands and how long the way is, in integers, from the registers alone.

In: plan and registers. Out: planar metres and minutes. The contract is ``docs/reference/travel.md``.
"""

from dataclasses import dataclass
from math import isqrt

from scheduler.domain.plan import Plan
from scheduler.domain.settings import Travel

Point = tuple[int, int]
METRES_PER_DEGREE = 111_320
"""Length of one degree of latitude, as ``docs/reference/travel.md`` fixes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """The campaign's plane: metres from its centre, travel by the committed detour and speed."""

    centres: dict[str, tuple[int, int]]
    cosine_ppm: int
    travel: Travel

    def point(self, lon_udeg: int | None, lat_udeg: int | None, district: str = "") -> Point:
        """Planar metres of a coordinate; a missing one is its district's centre, else the campaign's."""
        origin = self.centres.get("")
        if lon_udeg is None or lat_udeg is None:
            place = self.centres.get(district, origin)
            if place is None:
                return (0, 0)
            lon_udeg, lat_udeg = place
        lon0, lat0 = origin if origin is not None else (0, 0)
        x_m = (lon_udeg - lon0) * METRES_PER_DEGREE * self.cosine_ppm // 10**12
        y_m = (lat_udeg - lat0) * METRES_PER_DEGREE // 10**6
        return (x_m, y_m)

    def minutes(self, here: Point, there: Point) -> int:
        """Minutes between two points, rounded up, never below the committed least; 0 on the spot."""
        if here == there:
            return 0
        metres = isqrt((here[0] - there[0]) ** 2 + (here[1] - there[1]) ** 2)
        way = -(-metres * self.travel.detour_permille * 60 // (1_000_000 * self.travel.speed_kmh))
        return max(self.travel.least_min, way)


def ground_of(plan: Plan) -> Ground:
    """The plane of a committed plan."""
    return Ground(
        centres={c.district: (c.lon_udeg, c.lat_udeg) for c in plan.centres},
        cosine_ppm=plan.cosine_ppm,
        travel=plan.settings.travel,
    )
