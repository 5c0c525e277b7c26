"""Coordinates and centres in; planar metres out (``docs/reference/travel.md``).

May import: the domain.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.domain.plan import Plan
from scheduler.domain.registers import Department, Enterprise, Expert

METRES_PER_DEGREE = 111_320
"""One degree of the equator: WGS 84 has 111,319.49 m (semi-major axis 6,378,137 m), rounded up to ten."""

MILLION = 10**6
Point = tuple[int, int]
ORIGIN: Point = (0, 0)


@dataclass(frozen=True, kw_only=True)
class Places:
    """The plan's centres by district (empty for the campaign's) and its cosine in millionths."""

    centres: dict[str, tuple[int, int]]
    cosine_ppm: int

    def planar(self, lon_udeg: int, lat_udeg: int) -> Point:
        """Metres east and north of the campaign's centre, rounded down.

        ``x = dlon * 111320 * cosine_ppm // (10**6 * 10**6)`` and ``y = dlat * 111320 // 10**6`` with
        ``dlon``, ``dlat`` in micro-degrees from the centre; ``//`` rounds towards minus infinity.
        """
        lon, lat = self.centres.get("", (0, 0))
        east = (lon_udeg - lon) * METRES_PER_DEGREE * self.cosine_ppm // (MILLION * MILLION)
        return east, (lat_udeg - lat) * METRES_PER_DEGREE // MILLION

    def of(self, row: Department | Enterprise | Expert, district: str = "") -> Point:
        """Where a row is: its own coordinates, else the district's centre, else the campaign's."""
        if row.lon_udeg is not None and row.lat_udeg is not None:
            return self.planar(row.lon_udeg, row.lat_udeg)
        return self.planar(*self.centres[district]) if district in self.centres else ORIGIN


def places(plan: Plan) -> Places:
    """The plan's geography."""
    centres = {centre.district: (centre.lon_udeg, centre.lat_udeg) for centre in plan.centres}
    return Places(centres=centres, cosine_ppm=plan.cosine_ppm)


def numbered(points: Iterable[Point]) -> dict[Point, int]:
    """Each distinct point with its ``site_idx``, in ascending order of the points."""
    return {point: n for n, point in enumerate(sorted(set(points)))}
