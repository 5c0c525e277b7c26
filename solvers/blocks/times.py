"""Compiled: legs in minutes, and the starts that the pieces of a day allow.

In: a land. Out: minutes. May import: ``solvers.blocks`` (land, jit).
"""

# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
import math

from solvers.blocks.jit import jit
from solvers.blocks.land import (
    DUR,
    GRID,
    LEAST_LEG,
    LEG_DIV,
    LEG_MUL,
    PIECE_AT,
    PIECE_END,
    ZONE_BITS,
    Land,
)

NEVER = -1


@jit
def metres(dx: int, dy: int) -> int:
    """Whole metres, rounded down: the exact integer root."""
    square = dx * dx + dy * dy
    # The float root is only a first guess: two comparisons make it exact.
    root = int(math.sqrt(square))
    while root * root > square:
        root -= 1
    while (root + 1) * (root + 1) <= square:
        root += 1
    return root


@jit
def leg(land: Land, ax: int, ay: int, bx: int, by: int) -> int:
    """Travel minutes between two places (``land.placed``), as ``AssignmentProblem.travel_min`` has them."""
    if ax == bx and ay == by:
        return 0
    bits = land.scale[ZONE_BITS]
    if bits:
        zones = (1 << bits) - 1
        stated = land.legs[ax & zones, bx & zones]
        if stated >= 0:
            return max(land.scale[LEAST_LEG], stated)
        ax, ay, bx, by = ax >> bits, ay >> bits, bx >> bits, by >> bits
        if ax == bx and ay == by:
            return 0
    minutes = (metres(ax - bx, ay - by) * land.scale[LEG_MUL] + land.scale[LEG_DIV] - 1) // land.scale[
        LEG_DIV
    ]
    return max(land.scale[LEAST_LEG], minutes)


@jit
def first_start(land: Land, visit: int, earliest: int) -> int:
    """The first start of the visit at or after the minute, or :data:`NEVER`."""
    grid = land.scale[GRID]
    for at in range(land.visits[visit, PIECE_AT], land.visits[visit, PIECE_END]):
        start = -(-max(earliest, land.pieces[at, 0]) // grid) * grid
        if start + land.visits[visit, DUR] <= land.pieces[at, 1]:
            return start
    return NEVER


@jit
def last_start(land: Land, visit: int, latest: int) -> int:
    """The last start of the visit at or before the minute, or :data:`NEVER`."""
    grid = land.scale[GRID]
    for at in range(land.visits[visit, PIECE_END] - 1, land.visits[visit, PIECE_AT] - 1, -1):
        start = min(latest, land.pieces[at, 1] - land.visits[visit, DUR]) // grid * grid
        if start >= land.pieces[at, 0]:
            return start
    return NEVER
