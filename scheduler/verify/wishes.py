"""Goals 4 and 5 recomputed: who is sent at all, and what the softer wishes cost.

In: :class:`Facts`. Out: integers. The contract is ``docs/reference/wishes.md``.
"""

import datetime as dt
from collections import defaultdict
from itertools import combinations

from scheduler.domain.visits import Visit
from scheduler.verify.facts import Facts
from scheduler.verify.leaders import fixed_group
from scheduler.verify.times import is_quiet


def officers_sent(facts: Facts) -> int:
    """Officers with a visit at all; experts do not count."""
    return len({seat.person_id for seat in facts.evidence.seats if seat.role == "officer"})


def wishes_paid(facts: Facts) -> int:
    """All penalties of goal 5 together."""
    return _rotation(facts) + _pairs(facts) + _spacing(facts) + _days(facts)


def _rotation(facts: Facts) -> int:
    """For every seat at an enterprise of somebody who was there on the latest day before the campaign."""
    last: dict[str, dt.date] = {}
    rows = [row for row in facts.evidence.registers.history if row.day < facts.settings.start]
    for row in rows:
        last[row.enterprise_id] = max(row.day, last.get(row.enterprise_id, row.day))
    there = {(r.enterprise_id, r.inspector_id) for r in rows if r.day == last[r.enterprise_id]}
    seated = (
        (visit.enterprise_id, seat.person_id)
        for seat in facts.evidence.seats
        if (visit := facts.visits.get(seat.visit_id)) is not None
    )
    return facts.settings.goals.rotation * sum(pair in there for pair in seated)


def _pairs(facts: Facts) -> int:
    """For every visit and two officers of one department in it who were together often before, unless one
    fixed group binds them."""
    goals = facts.settings.goals
    if not goals.pairs:
        return 0
    teams: dict[tuple[str, dt.date], set[str]] = defaultdict(set)
    for row in facts.evidence.registers.history:
        if row.day < facts.settings.start:
            teams[row.enterprise_id, row.day].add(row.inspector_id)
    times: dict[tuple[str, str], int] = defaultdict(int)
    for team in teams.values():
        for pair in combinations(sorted(team), 2):
            times[pair] += 1
    total = 0
    for seats in facts.seats.values():
        for one, other in combinations(sorted({seat.person_id for seat in seats}), 2):
            if times.get((one, other), 0) >= goals.pairs_times:
                total += _are_partners(facts, one, other)
    return goals.pairs * total


def _are_partners(facts: Facts, one: str, other: str) -> bool:
    """Officers of one department whom no fixed group binds."""
    here, there = facts.inspectors.get(one), facts.inspectors.get(other)
    if here is None or there is None or here.department_id != there.department_id:
        return False
    group = fixed_group(facts, one)
    return not group or group != fixed_group(facts, other)


def _spacing(facts: Facts) -> int:
    """For every two on-site visits of one enterprise that are fewer working days apart than wanted."""
    goals = facts.settings.goals
    doors: dict[str, list[int]] = defaultdict(list)
    for visit_id, seats in facts.seats.items():
        visit = facts.visits.get(visit_id)
        day = seats[0].day
        if visit is not None and visit.on_site and day in facts.working_days:
            doors[visit.enterprise_id].append(facts.working_days.index(day))
    near = (
        abs(one - other) < goals.spacing_days for own in doors.values() for one, other in combinations(own, 2)
    )
    return goals.spacing * sum(near)


def _days(facts: Facts) -> int:
    """For every visit: of class C or D the later the dearer, and a weekday that is not preferred."""
    total = 0
    for visit_id, seats in facts.seats.items():
        visit = facts.visits.get(visit_id)
        if visit is not None:
            total += _late(facts, visit, seats[0].day) + _disliked(facts, seats[0].day)
    return total


def _late(facts: Facts, visit: Visit, day: dt.date) -> int:
    grades = {facts.requirements[r].risk_class for r in visit.requirement_ids if r in facts.requirements}
    early = facts.settings.goals.early
    weight = 2 * early if "D" in grades else early if "C" in grades else 0
    possible = [
        d for d in facts.working_days if visit.start <= d < visit.end and not is_quiet(facts, visit, d)
    ]
    if not weight or day not in possible:
        return 0
    return weight * possible.index(day) // max(1, len(possible) - 1)


def _disliked(facts: Facts, day: dt.date) -> int:
    goals = facts.settings.goals
    name = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()]
    return goals.preferred if goals.preferred_days and name not in goals.preferred_days else 0
