"""Where things stand: square districts side by side, towns in them, coordinates.

In: a size and a seed. Out: a layout in metres and micro-degrees. May import: numpy and this package.
The place is fictitious; its corner lies at a round coordinate and names nothing.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instances.chance import stream
from instances.sizes import Size

CORNER_LON_UDEG = 120_000_000
CORNER_LAT_UDEG = 30_000_000
METRES_PER_DEGREE = 111_320
"""One degree of latitude (and of longitude at the equator) on a sphere of 40,075 km round."""

COSINE = math.cos(math.radians(CORNER_LAT_UDEG / 1_000_000))
TOWN_SPREAD_M = 1_200
N_TOWNS = 8


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Lower left corners ``(n_districts, 2)`` and town centres ``(n_districts, N_TOWNS, 2)`` in metres."""

    side_m: int
    corners: NDArray[np.int64]
    towns: NDArray[np.int64]


def layout(size: Size, seed: int) -> Layout:
    """Districts in a near-square grid, each with its towns at random."""
    rng = stream(seed, size.name, "towns")
    n = len(size.districts)
    width = math.isqrt(n - 1) + 1
    corners = np.array([(i % width, i // width) for i in range(n)], dtype=np.int64) * size.side_m
    towns = corners[:, None, :] + rng.integers(0, size.side_m, (n, N_TOWNS, 2))
    return Layout(side_m=size.side_m, corners=corners, towns=towns)


def scatter(
    place: Layout, districts: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Points ``(n, 2)`` in metres and each one's town: half of them around their town, half anywhere."""
    n = len(districts)
    towns = rng.integers(0, N_TOWNS, n)
    spread = min(TOWN_SPREAD_M, place.side_m // 8)
    near = place.towns[districts, towns] + np.rint(rng.normal(0, spread, (n, 2))).astype(np.int64)
    corner = place.corners[districts]
    anywhere = corner + rng.integers(0, place.side_m, (n, 2))
    points = np.where(rng.random(n)[:, None] < 0.5, near, anywhere)
    inside: NDArray[np.int64] = np.clip(points, corner, corner + place.side_m - 1)
    return inside, towns


def office(place: Layout, district: int | None, rng: np.random.Generator) -> tuple[int, int]:
    """An office near the middle of its district, or of the whole place for None; metres."""
    if district is None:
        middle = place.corners.mean(axis=0) + place.side_m / 2
    else:
        middle = place.corners[district] + place.side_m / 2
    x, y = np.rint(middle + rng.normal(0, place.side_m / 10, 2)).astype(np.int64).tolist()
    return x, y


def micro_degrees(points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Longitude and latitude ``(n, 2)`` in micro-degrees of points in metres."""
    scale = np.array([1_000_000 / (METRES_PER_DEGREE * COSINE), 1_000_000 / METRES_PER_DEGREE])
    corner = np.array([CORNER_LON_UDEG, CORNER_LAT_UDEG], dtype=np.int64)
    degrees: NDArray[np.int64] = corner + np.rint(points * scale).astype(np.int64)
    return degrees


def micro_degrees_of(x: int, y: int) -> tuple[int, int]:
    """As :func:`micro_degrees`, for one point."""
    lon, lat = micro_degrees(np.array([[x, y]], dtype=np.int64))[0].tolist()
    return lon, lat
