"""Visits that were left out: whether they could ever be staffed, and the last tries to fit them in.

In: facts, a roster. Out: reasons, and a roster in which no left-out visit fits without moving another.
May import: ``scheduler.domain``, ``solvers.facts``, ``solvers.insertion``, ``solvers.roster``.
"""

from typing import Literal

from solvers.detours import is_torn, mend
from solvers.facts import Facts
from solvers.insertion import best_place
from solvers.roster import Roster

Reason = Literal["unstaffable", "no_room"]


def staffable(facts: Facts, placed: frozenset[int] = frozenset()) -> tuple[bool, ...]:
    """Per visit: whether some day, start and team exist with nobody else to serve, by enumeration; what is
    ``placed`` somewhere shows it."""
    empty = Roster(facts)
    return tuple(
        visit in placed or best_place(empty, visit) is not None for visit in range(len(facts.visits))
    )


def reasons(roster: Roster, able: tuple[bool, ...]) -> tuple[tuple[int, Reason], ...]:
    """Each unplaced visit with its reason, by visit."""
    return tuple((visit, "no_room" if able[visit] else "unstaffable") for visit in sorted(roster.unplaced()))


def settle(roster: Roster, able: tuple[bool, ...]) -> bool:
    """Insert and exchange until no unplaced visit fits, alone or for one of larger rank; whether it changed.

    Ends: every step serves more, or the same with smaller ranks. What a table of travel times has torn is
    taken out before.
    """
    changed = mend(roster)
    while _insert_any(roster, able) or _exchange_any(roster, able):
        changed = True
    return changed


def _insert_any(roster: Roster, able: tuple[bool, ...]) -> bool:
    changed = False
    for visit in roster.unplaced():
        choice = best_place(roster, visit) if able[visit] else None
        if choice is not None:
            roster.put(choice.placement)
            changed = True
    return changed


def _exchange_any(roster: Roster, able: tuple[bool, ...]) -> bool:
    """All in one pass: one exchange a pass would try thousands of others again after each of them."""
    changed = False
    for visit in roster.unplaced():
        changed = (able[visit] and _take_a_place(roster, visit)) or changed
    return changed


def _take_a_place(roster: Roster, visit: int) -> bool:
    """Give the visit the room of a single placed one that has to be left out before it."""
    for other in _weaker(roster, visit):
        days = _days_freed(roster, visit, other)
        old = roster.take(other)
        # A roster that is not lawful without the other is no room for anybody (docs/reference/travel.md).
        choice = None if is_torn(roster, [old]) else best_place(roster, visit, days)
        if choice is not None:
            roster.put(choice.placement)
            again = best_place(roster, other)
            if again is not None:
                roster.put(again.placement)
            return True
        roster.put(old)
    return False


def _days_freed(roster: Roster, visit: int, other: int) -> tuple[int, ...]:
    """Days on which leaving out the other may make room: its own, or all where longer limits count."""
    placement, days = roster.placed[other], roster.facts.visits[visit].days
    if placement is None or any(roster.facts.long_limits[p] for team in placement.teams for p in team):
        return days
    return tuple(day for day in days if day == placement.day_idx)


def _weaker(roster: Roster, visit: int) -> list[int]:
    """Placed visits that serve less, or no more with a larger rank in the same class; largest rank first."""
    facts = roster.facts
    need = facts.visits[visit]
    useful = {facts.body[p] for group in need.groups for p in facts.members(group)}
    found = []
    for placement in roster.placements():
        other = facts.visits[placement.visit_idx]
        same = facts.classes[placement.visit_idx] == facts.classes[visit]
        later = same and other.rank > need.rank and other.served <= need.served
        if later or other.served < need.served:
            team = {facts.body[p] for mates in placement.teams for p in mates}
            if team & useful:
                found.append(placement.visit_idx)
    return sorted(found, key=lambda idx: (-facts.visits[idx].rank, idx))
