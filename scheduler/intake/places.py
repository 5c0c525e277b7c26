"""Coordinates that cannot be true are set aside with a warning; the row itself stays.

In: accepted rows. Out: the same rows with ``None`` for what was set aside, and the warnings. May import:
the standard library, numpy, the room's cells and rows, :mod:`scheduler.domain`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scheduler.domain.intake import Rejected
from scheduler.domain.settings import Settings
from scheduler.intake.cells import MICRO, POLE
from scheduler.intake.rows import Rows

METRES_PER_DEGREE = 111_195
"""Metres of one degree of a great circle: pi / 180 times the mean Earth radius of 6,371,008.8 m (IUGG)."""

FAR = "intake.place_far"

SURELY_NEAR = 8_990
"""Micro-degrees that are less than a kilometre in any direction: 10**9 / 111_195 rounded down. A shortcut,
since hardly any point is an outlier."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Centre:
    """A district's median point with the cosine of its latitude in millionths."""

    lon_udeg: int
    lat_udeg: int
    cosine_ppm: int

    def is_beyond(self, lon_udeg: int, lat_udeg: int, km: int) -> bool:
        """Whether a point lies farther than ``km`` away, by planar distance in integers."""
        if abs(lon_udeg - self.lon_udeg) + abs(lat_udeg - self.lat_udeg) < km * SURELY_NEAR:
            return False
        east = (lon_udeg - self.lon_udeg) * METRES_PER_DEGREE * self.cosine_ppm // MICRO
        north = (lat_udeg - self.lat_udeg) * METRES_PER_DEGREE
        limit = km * 1000 * MICRO
        return east * east + north * north > limit * limit


def cosine_ppm(lat_udeg: int) -> int:
    """Cosine of a latitude in millionths, by its Taylor series in integers: alike on every machine."""
    scale = 10**12
    radians = lat_udeg * 3_141_592_653_590 // (180 * MICRO)
    square = radians * radians // scale
    term = total = scale
    for n in range(1, 12):
        term = -term * square // (scale * (2 * n - 1) * (2 * n))
        total += term
    return max(0, min(MICRO, total // MICRO))


def set_aside(table: Rows, settings: Settings) -> Rows:
    """The table without impossible coordinates: missing, (0, 0), half given, swapped (all tables), or farther
    than ``travel.outlier_km`` from the district's median (enterprises)."""
    if not {"lon_udeg", "lat_udeg"} & set(table.origin.heads):
        warning = table.origin.entry(0, "经度、纬度", "", "intake.place_missing")
        return replace(table, warnings=(*table.warnings, warning)) if table.n_accepted() else table
    centres = _centres(table) if table.origin.table == "enterprises" else {}
    if table.rest:
        table = table.joined(table.rest.not_near(centres, settings.travel.outlier_km))
    rows = list(table.rows)
    warnings = []
    for position, warning in _doubtful(table, centres, settings.travel.outlier_km):
        warnings.append(warning)
        rows[position] = replace(rows[position], lon_udeg=None, lat_udeg=None)
    return replace(table, rows=rows, warnings=(*table.warnings, *warnings))


def _doubtful(table: Rows, centres: Mapping[str, Centre], km: int) -> Iterator[tuple[int, Rejected]]:
    for position, row in enumerate(table.rows):
        centre = centres.get(row.district) if centres else None
        fault = place_fault(row.lon_udeg, row.lat_udeg, centre, km)
        if fault:
            yield position, _warning(table, position, fault, str(km) if fault == FAR else "")


def place_fault(lon: int | None, lat: int | None, centre: Centre | None, km: int) -> str:
    """Why these coordinates cannot be true: ``intake.place_missing``, ``intake.place_zero``,
    ``intake.place_swapped`` (a latitude beyond a pole, or a point that is far away and near once exchanged),
    ``intake.place_far`` (more than ``km`` from the district's centre); empty where they can."""
    if lon is None or lat is None:
        return "intake.place_missing"
    if lon == 0 and lat == 0:
        return "intake.place_zero"
    if abs(lat) > POLE:
        return "intake.place_swapped"
    if centre is None or not centre.is_beyond(lon, lat, km):
        return ""
    swapped = abs(lon) <= POLE and not centre.is_beyond(lat, lon, km)
    return "intake.place_swapped" if swapped else FAR


def _warning(table: Rows, position: int, code: str, detail: str = "") -> Rejected:
    row = table.rows[position]
    value = ",".join("" if part is None else _degrees(part) for part in (row.lon_udeg, row.lat_udeg))
    return table.origin.entry(table.numbers[position], "lon_udeg", value.strip(","), code, detail)


def _degrees(micro: int) -> str:
    sign = "-" if micro < 0 else ""
    whole, rest = divmod(abs(micro), MICRO)
    return f"{sign}{whole}.{rest:06d}"


def _centres(table: Rows) -> Mapping[str, Centre]:
    """District to the median of its coordinates (the lower one of two middle values)."""
    longitudes: dict[str, list[int]] = {}
    latitudes: dict[str, list[int]] = {}
    for row in table.rows:
        if row.lon_udeg is None or row.lat_udeg is None or (row.lon_udeg == 0 and row.lat_udeg == 0):
            continue
        if abs(row.lat_udeg) > POLE:
            continue
        longitudes.setdefault(row.district, []).append(row.lon_udeg)
        latitudes.setdefault(row.district, []).append(row.lat_udeg)
    found = table.rest.points() if table.rest else ()
    points = {district: (lons, lats) for district, lons, lats in found if len(lons)}
    none = np.zeros(0, dtype=np.int32)
    centres = {}
    for district in {**longitudes, **points}:
        lons, lats = points.get(district, (none, none))
        latitude = _median(latitudes.get(district, []), lats)
        centres[district] = Centre(
            lon_udeg=_median(longitudes.get(district, []), lons),
            lat_udeg=latitude,
            cosine_ppm=cosine_ppm(latitude),
        )
    return centres


def _median(values: list[int], more: NDArray[np.int32]) -> int:
    both = np.concatenate((np.array(values, dtype=np.int32), more))
    middle = (len(both) - 1) // 2
    return int(np.partition(both, middle)[middle])
