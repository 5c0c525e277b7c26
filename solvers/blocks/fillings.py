"""Ways to fill one person's share with visits: how many of each length.

In: lengths in minutes, each with how many there are; a share. Out: counts by length. May import: the standard
library.

Lengths do not add up to every share. Where a department's shares hold hardly more than its visits ask for,
few ways to fill one are left, and saying which finds seats, or refutes them, that sums alone do not
(docs/adr/0039-full-shares.md).
"""

from collections.abc import Mapping, Sequence

MOST = 2_000
"""Ways to fill one share; beyond, lengths hardly ever fail to add up."""

Filling = tuple[int, ...]
"""Visits of each length, in the order of the lengths."""


def fillings(lengths: Mapping[int, int], share: int) -> dict[Filling, int] | None:
    """All counts of the lengths, longest first, that the share holds, and the minutes each leaves; None where
    there are more than :data:`MOST`."""
    begun: dict[Filling, int] = {(): share}
    for minutes in sorted(lengths, reverse=True):
        begun = {
            (*filling, count): room - count * minutes
            for filling, room in begun.items()
            for count in range(min(lengths[minutes], room // minutes) + 1)
        }
        if len(begun) > MOST:
            return None
    return begun


def full(lengths: Mapping[int, int], asked: int, caps: Sequence[int]) -> dict[int, list[Filling]]:
    """Per share of ``caps`` the fillings that leave room enough for all ``asked`` minutes; nothing at all
    where more than the shortest visit is left over, and any filling is as good as another."""
    found = {cap: fillings(lengths, cap) for cap in sorted(set(caps))}
    if not lengths or None in found.values():
        return {}
    rooms = {cap: min(ways.values()) for cap, ways in found.items() if ways is not None}
    spare = sum(cap - rooms[cap] for cap in caps) - asked
    if spare >= min(lengths):
        return {}
    return {
        cap: [filling for filling, room in ways.items() if room <= rooms[cap] + spare]
        for cap, ways in found.items()
        if ways is not None
    }
