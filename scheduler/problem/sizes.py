"""Candidates of one seat group in; the team sizes at which they can come out (R03, R05, R15, R16).

May import: the standard library.
"""

from collections.abc import Iterable
from typing import NamedTuple

LEADER, SENIOR = 1, 2
"""Flags of a team: somebody leads, somebody is no newcomer."""


class Unit(NamedTuple):
    """Who comes together: one officer, or a fixed group; the skills asked for of each as a bit mask,
    ascending, and the flags of all."""

    masks: tuple[int, ...]
    flags: int


Cover = int | frozenset[int]
Sizes = dict[int, frozenset[int]]


def sizes(units: Iterable[Unit], need: int, *, distinct: bool) -> Sizes:
    """Size to the flags that a team of that size may have, for every size at which some choice of whole units
    covers the skills in ``need``; ascending.

    With ``distinct`` each skill wants somebody else. The order of the units changes nothing.
    """
    # What is covered so far, and the flags, to the sizes at which it is, as a bit mask.
    nothing: Cover = frozenset({0}) if distinct else 0
    reached: dict[tuple[Cover, int], int] = {(nothing, 0): 1}
    for unit in units:
        longer = dict(reached)
        for (cover, flags), at in reached.items():
            key = (_joined(cover, unit), flags | unit.flags)
            longer[key] = longer.get(key, 0) | at << len(unit.masks)
        reached = longer
    found: dict[int, set[int]] = {}
    for (cover, flags), at in reached.items():
        if cover == need or (isinstance(cover, frozenset) and need in cover):
            for size in range(1, at.bit_length()):
                if at >> size & 1:
                    found.setdefault(size, set()).add(flags)
    return {size: frozenset(found[size]) for size in sorted(found)}


def _joined(cover: Cover, unit: Unit) -> Cover:
    """What is covered with the unit: all of its skills, or every set of skills that can be dealt out."""
    if isinstance(cover, int):
        for mask in unit.masks:
            cover |= mask
        return cover
    for mask in unit.masks:
        bits = [1 << at for at in range(mask.bit_length()) if mask >> at & 1]
        cover = cover | {dealt | bit for dealt in cover for bit in bits if not dealt & bit}
    return cover


def fitting(possible: Sizes, asked: int) -> list[int]:
    """The sizes at which a team can have all the flags asked for, ascending."""
    return [size for size, flags in possible.items() if any(one & asked == asked for one in flags)]


def together(groups: Iterable[tuple[Sizes, int]], asked: int) -> bool:
    """Whether teams of these sizes, one for each group, can have the flags asked for between them."""
    reached = {0}
    for possible, size in groups:
        reached = {one | more for one in reached for more in possible.get(size, ())}
    return any(one & asked == asked for one in reached)
