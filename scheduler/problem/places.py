"""Coordinates and centres in; planar metres out (``docs/reference/travel.md``).

May import: the domain.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from scheduler.domain.plan import Plan
from scheduler.domain.registers import Department, Enterprise, Expert, Registers
from scheduler.problem.ways import NOWHERE, Ways, Zone, ways

METRES_PER_DEGREE = 111_320
"""One degree of the equator: WGS 84 has 111,319.49 m (semi-major axis 6,378,137 m), rounded up to ten."""

MILLION = 10**6
Point = tuple[int, int]
Spot = tuple[int, int, Zone, str]
"""A planar point, what the table of travel times names of the place, and whose place it is where only the
table can tell it from others at the same centre; else empty."""
ORIGIN: Spot = (0, 0, NOWHERE, "")


@dataclass(frozen=True, kw_only=True)
class Places:
    """The plan's centres by district (empty for the campaign's), its cosine in millionths, its table of
    travel times."""

    centres: dict[str, tuple[int, int]]
    cosine_ppm: int
    ways: Ways = field(default_factory=Ways)

    def planar(self, lon_udeg: int, lat_udeg: int) -> Point:
        """Metres east and north of the campaign's centre, rounded down.

        ``x = dlon * 111320 * cosine_ppm // (10**6 * 10**6)`` and ``y = dlat * 111320 // 10**6`` with
        ``dlon``, ``dlat`` in micro-degrees from the centre; ``//`` rounds towards minus infinity.
        """
        lon, lat = self.centres.get("", (0, 0))
        east = (lon_udeg - lon) * METRES_PER_DEGREE * self.cosine_ppm // (MILLION * MILLION)
        return east, (lat_udeg - lat) * METRES_PER_DEGREE // MILLION

    def of(self, row: Department | Enterprise | Expert) -> Spot:
        """Where a row is: its own coordinates, else its district's centre, else the campaign's."""
        own, district = _name(row), home_district(row)
        zone = self.ways.zone(own, district)
        if row.lon_udeg is not None and row.lat_udeg is not None:
            return *self.planar(row.lon_udeg, row.lat_udeg), zone, ""
        centre = self.planar(*self.centres[district]) if district in self.centres else (0, 0)
        return *centre, zone, "" if zone == NOWHERE else own


def _name(row: Department | Enterprise | Expert) -> str:
    if isinstance(row, Enterprise):
        return row.enterprise_id
    return row.department_id if isinstance(row, Department) else row.expert_id


def home_district(row: Department | Enterprise | Expert) -> str:
    """The district a row surely lies in: an office's where its department covers one alone; else none."""
    if isinstance(row, Enterprise):
        return row.district
    return row.districts[0] if isinstance(row, Department) and len(row.districts) == 1 else ""


def places(plan: Plan, registers: Registers) -> Places:
    """The plan's geography."""
    centres = {centre.district: (centre.lon_udeg, centre.lat_udeg) for centre in plan.centres}
    return Places(centres=centres, cosine_ppm=plan.cosine_ppm, ways=ways(plan, registers))


def numbered(spots: Iterable[Spot]) -> dict[Spot, int]:
    """Each distinct spot with its ``site_idx``, in ascending order."""
    return {spot: n for n, spot in enumerate(sorted(set(spots)))}
