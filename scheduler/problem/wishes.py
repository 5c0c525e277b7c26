"""History and visits in; goal 5's penalties out, as the committed settings word them.

May import: the domain and this room. The contract is ``docs/reference/wishes.md``.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from scheduler.domain.problem import SeatGroup
from scheduler.domain.registers import PastInspection
from scheduler.domain.settings import Goals, Weekday
from scheduler.domain.visits import Visit
from scheduler.problem.seats import Staff

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def last_inspectors(history: Iterable[PastInspection], before: dt.date) -> dict[str, frozenset[str]]:
    """Enterprise to who was there on the latest day before the campaign."""
    latest: dict[str, tuple[dt.date, set[str]]] = {}
    for row in history:
        if row.day >= before:
            continue
        day, people = latest.get(row.enterprise_id, (dt.date.min, set()))
        if row.day > day:
            latest[row.enterprise_id] = row.day, {row.inspector_id}
        elif row.day == day:
            people.add(row.inspector_id)
    return {enterprise: frozenset(people) for enterprise, (_, people) in latest.items()}


def with_rotation(
    groups: tuple[SeatGroup, ...], crew: Staff, before: frozenset[str], goals: Goals
) -> tuple[SeatGroup, ...]:
    """The groups with a penalty for those who were there at the last inspection; none where nobody was."""
    last = {crew.index[person] for person in before if person in crew.index}
    if not last or not goals.rotation:
        return groups
    made = []
    for group in groups:
        candidates = crew.candidates(group.pools, group.barred)
        wishes = tuple(goals.rotation if n in last else 0 for n in candidates)
        made.append(replace(group, wishes=wishes) if any(wishes) else group)
    return tuple(made)


def pair_wishes(
    history: Iterable[PastInspection], crew: Staff, before: dt.date, goals: Goals
) -> tuple[tuple[int, int, int], ...]:
    """Drawn officers of one department who were together often enough, ascending, each pair with the penalty;
    not within one fixed group, which has no choice."""
    teams: dict[tuple[str, dt.date], set[int]] = {}
    for row in history if goals.pairs else ():
        if row.day < before and row.inspector_id in crew.index:
            teams.setdefault((row.enterprise_id, row.day), set()).add(crew.index[row.inspector_id])
    often = Counter(pair for team in teams.values() for pair in combinations(sorted(team), 2))
    return tuple(
        (one, other, goals.pairs)
        for (one, other), times in sorted(often.items())
        if times >= goals.pairs_times
        and crew.homes[one] == crew.homes[other] != ""
        and other not in crew.mates.get(one, ())
    )


def day_wishes(
    days: Sequence[int], dates: Sequence[dt.date], served: tuple[int, int, int, int], goals: Goals
) -> tuple[int, ...]:
    """The penalty of each possible day; empty where none has one. ``served`` is by class D, C, B, A."""
    weight = 2 * goals.early if served[0] else goals.early if served[1] else 0
    last = max(1, len(days) - 1)
    liked = frozenset(goals.preferred_days)
    found = tuple(
        weight * at // last
        + (goals.preferred if liked and WEEKDAYS[dates[day].weekday()] not in liked else 0)
        for at, day in enumerate(days)
    )
    return found if any(found) else ()


def spaced(visits: Sequence[Visit], goals: Goals) -> tuple[tuple[int, int, int, int], ...]:
    """On-site visits of one enterprise, two by two, with the days wanted between them and the penalty."""
    if not goals.spacing or goals.spacing_days < 1:
        return ()
    doors: dict[str, list[int]] = {}
    for at, visit in enumerate(visits):
        if visit.on_site:
            doors.setdefault(visit.enterprise_id, []).append(at)
    pairs = (pair for own in doors.values() for pair in combinations(own, 2))
    return tuple((one, other, goals.spacing_days, goals.spacing) for one, other in sorted(pairs))


def wishes_of(
    groups: Sequence[tuple[SeatGroup, ...]],
    visits: Sequence[Visit],
    crew: Staff,
    last: Mapping[str, frozenset[str]],
    goals: Goals,
) -> list[tuple[SeatGroup, ...]]:
    """Every visit's groups with the rotation's penalties."""
    return [
        with_rotation(own, crew, last.get(visit.enterprise_id, frozenset()), goals)
        for own, visit in zip(groups, visits, strict=True)
    ]
