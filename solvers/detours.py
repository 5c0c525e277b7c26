"""Days that a table of travel times tears: without one of its visits a lawful day may have too long a way.

In: a roster. Out: whether a day is torn, and a roster without such days. May import: ``scheduler.domain``,
``solvers.facts``, ``solvers.roster``. Without a table nothing here looks at anything: by coordinates the
direct way is no longer than the way past a visit and the time spent there.
"""

from collections.abc import Iterable

from scheduler.domain.problem import Placement
from solvers.facts import Facts
from solvers.roster import Roster


def is_torn(roster: Roster, taken: Iterable[Placement | None]) -> bool:
    """Whether somebody's day is not lawful any more after these placements were taken out of it."""
    if not roster.facts.problem.legs:
        return False
    return any(
        not roster.holds(roster.facts.body[person], placement.day_idx)
        for placement in taken
        if placement is not None
        for team in placement.teams
        for person in team
    )


def mend(roster: Roster) -> bool:
    """Take visits out until every day is lawful, the largest rank of a torn day first; whether any was."""
    if not roster.facts.problem.legs:
        return False
    torn = _torn_days(roster)
    found = bool(torn)
    while torn:
        body, day = torn[0]
        visits = (visit for _, visit in roster.routes[body][day].stops)
        roster.take(max(visits, key=lambda visit: (roster.facts.visits[visit].rank, visit)))
        torn = _torn_days(roster)
    return found


def _torn_days(roster: Roster) -> list[tuple[int, int]]:
    return [
        (body, day)
        for body, days in enumerate(roster.routes)
        for day in sorted(days)
        if not roster.holds(body, day)
    ]


def reachable(facts: Facts, placements: tuple[Placement, ...]) -> tuple[Placement, ...]:
    """The placements without those that :func:`mend` takes out."""
    if not facts.problem.legs:
        return placements
    roster = Roster(facts)
    for placement in placements:
        roster.put(placement)
    mend(roster)
    return roster.placements()
