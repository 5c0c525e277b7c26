"""Where everything stands on the campaign's plane, and how long the way is (``docs/reference/travel.md``).

In: plan and registers. Out: whole metres east and north of the campaign's centre, whole minutes. May import:
:mod:`scheduler.domain`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt

from scheduler.domain.plan import Plan
from scheduler.domain.registers import Department, Enterprise, Expert, Registers, Task
from scheduler.domain.settings import Travel

METRES_PER_DEGREE = 111_320


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A place in metres; ``name`` and ``area`` are what the table of travel times calls it and its district,
    empty where it does not. ``who`` tells places without coordinates apart that the table names somehow."""

    x: int
    y: int
    name: str = ""
    area: str = ""
    who: str = ""


@dataclass(frozen=True, kw_only=True)
class Plane:
    """The plan's centres by district (empty for the campaign's), its cosine in millionths, its travel, and
    the table of travel times by start and end, empty where the plan goes by coordinates."""

    centres: dict[str, tuple[int, int]]
    cosine_ppm: int
    travel: Travel
    table: dict[str, dict[str, int]]

    def of(self, row: Department | Enterprise | Expert) -> Spot:
        """The row's own coordinates, else its district's centre, else the campaign's."""
        name, district = _name_and_district(row)
        x, y = self.centres.get(district, self.centres.get("", (0, 0)))
        who = name if name in self.table or district in self.table else ""
        if row.lon_udeg is not None and row.lat_udeg is not None:
            x, y, who = row.lon_udeg, row.lat_udeg, ""
        lon, lat = self.centres.get("", (0, 0))
        return Spot(
            x=(x - lon) * METRES_PER_DEGREE * self.cosine_ppm // 10**12,
            y=(y - lat) * METRES_PER_DEGREE // 10**6,
            name=name if name in self.table else "",
            area=district if district in self.table else "",
            who=who,
        )

    def minutes(self, here: Spot, there: Spot) -> int:
        """Minutes on the way: as the table states them, else by coordinates, rounded up."""
        if here == there:
            return 0
        stated = self._stated(here, there)
        if stated >= 0:
            return max(self.travel.least_min, stated)
        if (here.x, here.y) == (there.x, there.y):
            return 0
        metres = isqrt((here.x - there.x) ** 2 + (here.y - there.y) ** 2)
        way = -(-metres * self.travel.detour_permille * 60 // (1_000_000 * self.travel.speed_kmh))
        return max(self.travel.least_min, way)

    def _stated(self, here: Spot, there: Spot) -> int:
        """From place to place, else the slower of place to district and district to place, else from
        district to district; -1 where nothing is stated."""
        if not self.table:
            return -1
        by_name = (here.name, there.name)
        mixed = ((here.name, there.area), (here.area, there.name))
        for pairs in ((by_name,), mixed, ((here.area, there.area),)):
            told = max(self.table.get(one, {}).get(other, -1) for one, other in pairs)
            if told >= 0:
                return told
        return -1


def plane_of(plan: Plan, registers: Registers) -> Plane:
    """The plane of a committed plan."""
    table: dict[str, dict[str, int]] = {}
    for way in registers.travel if plan.settings.travel.source != "coordinates" else ():
        for here, there in ((way.from_place, way.to_place), (way.to_place, way.from_place)):
            row = table.setdefault(here, {})
            row[there] = max(way.minutes, row.get(there, 0))
    return Plane(
        centres={centre.district: (centre.lon_udeg, centre.lat_udeg) for centre in plan.centres},
        cosine_ppm=plan.cosine_ppm,
        travel=plan.settings.travel,
        table=table,
    )


def desk_of(task: Task, enterprise: Enterprise, departments: Mapping[str, Department]) -> str:
    """Whose office a visit without a door uses: the lead's; in mode 市抽县查 that of the first department by
    id of the lead's field and of level district that covers the enterprise's district."""
    lead = departments[task.lead_id]
    if task.mode != "municipal_to_district":
        return lead.department_id
    local = (
        ident
        for ident, row in sorted(departments.items())
        if row.level == "district"
        and row.field == lead.field
        and (not row.districts or enterprise.district in row.districts)
    )
    return next(local, lead.department_id)


def _name_and_district(row: Department | Enterprise | Expert) -> tuple[str, str]:
    """An office surely lies in a district only where its department covers one alone."""
    if isinstance(row, Enterprise):
        return row.enterprise_id, row.district
    if isinstance(row, Department):
        return row.department_id, row.districts[0] if len(row.districts) == 1 else ""
    return row.expert_id, ""
