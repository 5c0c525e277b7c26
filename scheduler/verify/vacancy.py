"""Is there room for a visit? Every day, every start, every team, by plain enumeration.

In: :class:`Facts`. Out: whether a lawful place exists beside what is given. This confirms the reasons of
unscheduled requirements (R18); it shares nothing with a solver.
"""

import datetime as dt
from bisect import insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from scheduler.domain.visits import Visit
from scheduler.verify.facts import Facts, Stay, Worker
from scheduler.verify.leaders import marks_of, mates_of
from scheduler.verify.paircap import admission, is_capped
from scheduler.verify.people import barred_from, barred_together, has_jurisdiction
from scheduler.verify.squads import Group, Opening, Want, sized, visit_marks
from scheduler.verify.teams import masters, specialties
from scheduler.verify.times import is_quiet, on_site, pieces_of, travel_of_day, week_of

Days = Mapping[dt.date, tuple[Stay, ...]]
Roster = Mapping[str, Days]
"""Person to day to stays in time order."""


def want_of(facts: Facts, visit: Visit) -> Want:
    """What a visit asks for, from the committed data alone.

    A recusal with dates counts here as soon as it meets the visit's window: the roster may be more
    careful than the day demands, and its reasons are judged by the same care.
    """
    groups = groups_of(facts, visit)
    people = sorted({person for group in groups for person in group.candidates})
    return Want(
        visit=visit,
        site=facts.site(visit),
        openings=tuple(_openings(facts, visit)),
        groups=groups,
        foes={
            one: frozenset(
                other
                for other in people
                if other != one
                and barred_together(facts, one, other, facts.settings.start, facts.settings.end)
            )
            for one in people
            if one in facts.recusals
        },
        mates=mates_of(facts, people),
        marks=visit_marks(facts, groups),
    )


def groups_of(facts: Facts, visit: Visit) -> tuple[Group, ...]:
    """The seats of a visit: officers by department, then experts by specialty."""
    return (*_officer_groups(facts, visit), *_expert_groups(facts, visit))


def lottery_pairs(facts: Facts) -> int:
    """How many pairs of seat group and candidate all visits have together."""
    capped = is_capped(facts)
    return sum(
        sum(len(group.candidates) for group in groups_of(facts, visit))
        if capped
        else sum(map(len, _everyone(facts, visit)))
        for visit in facts.evidence.visits
    )


def _everyone(facts: Facts, visit: Visit) -> Iterator[tuple[str, ...]]:
    """The candidates of each group of the visit."""
    for owner in sorted(set(visit.department_ids)):
        yield _officers(facts, visit, owner)
    for group in _expert_groups(facts, visit):
        yield group.candidates


def _openings(facts: Facts, visit: Visit) -> Iterator[Opening]:
    grid = facts.settings.hours.grid_min
    for day in facts.working_days:
        if visit.start <= day < visit.end and not is_quiet(facts, visit, day):
            for lo, hi in pieces_of(facts, visit):
                for start in range(-(-lo // grid) * grid, hi - visit.duration_min + 1, grid):
                    yield Opening(day=day, start_min=start)


def _officer_groups(facts: Facts, visit: Visit) -> Iterator[Group]:
    """One group per department. Seats are the plan's officers, more only where fewer could never cover the
    items (and the visit's maximum of people allows it); where teams count per visit, one per department
    and what is missing goes to the department with most people to spare."""
    for group in unlimited_groups(facts, visit):
        yield _admitted(facts, visit, group) if is_capped(facts) else group


def unlimited_groups(facts: Facts, visit: Visit) -> Iterator[Group]:
    """The officers' groups, by department, as if there were no pair cap: it changes no number of seats."""
    owners = sorted(set(visit.department_ids))
    teams = facts.settings.teams
    drafts = [
        Group(
            n_seats=1 if teams.per == "visit" else teams.officers,
            candidates=own,
            needs=_needs(facts, visit, owner, own),
            distinct=not teams.one_officer_many_items,
            marks=marks_of(facts, own) if teams.per == "department" else (),
        )
        for owner in owners
        for own in [_officers(facts, visit, owner)]
    ]
    asked = teams.leader_required or teams.newcomer_with_senior or teams.fixed_groups
    if asked:
        yield from sized(facts, visit, drafts)
        return
    seats = _seat_counts(facts, visit, [g.candidates for g in drafts], [g.needs for g in drafts])
    for n_seats, group in zip(seats, drafts, strict=True):
        yield replace(group, n_seats=n_seats)


def _admitted(facts: Facts, visit: Visit, group: Group) -> Group:
    """The group without those whom the pair cap keeps away (R19)."""
    people = admission(facts, visit, group.candidates, group.needs, group.n_seats).people
    return replace(
        group,
        candidates=tuple(person for person in group.candidates if person in people),
        needs=tuple(need & people for need in group.needs),
        marks=tuple(mark & people for mark in group.marks),
    )


def _officers(facts: Facts, visit: Visit, department_id: str) -> tuple[str, ...]:
    district = facts.district(visit)
    sending = {department_id, *facts.helpers.get(department_id, ())}
    found = {
        person
        for pool in facts.evidence.plan.pools
        if pool.role == "officer" and pool.department_id in sending
        for person in facts.drawn_for.get(pool.pool_id, ())
        if (officer := facts.inspectors.get(person)) is not None
        and has_jurisdiction(facts, officer, department_id, district)
    }
    # Who may not come keeps his fixed group away (R16).
    mates = mates_of(facts, found)
    return tuple(
        sorted(
            person
            for person in found
            if not any(_barred(facts, one, visit) for one in mates.get(person, (person,)))
        )
    )


def _needs(facts: Facts, visit: Visit, owner: str, people: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Per item of the department those who can do it."""
    items = [
        facts.items.get(code)
        for code, department_id in zip(visit.item_codes, visit.department_ids, strict=False)
        if department_id == owner
    ]
    return tuple(
        frozenset(p for p in people if item is not None and masters(facts.inspectors[p], item))
        for item in items
    )


def _seat_counts(
    facts: Facts, visit: Visit, people: Sequence[Sequence[str]], needs: Sequence[Sequence[frozenset[str]]]
) -> list[int]:
    teams, most = facts.settings.teams, facts.settings.merging.max_officers
    seats = [1 if teams.per == "visit" else teams.officers for _ in people]
    room = most - len(specialties(facts, visit)) - sum(seats)
    for index, covered in enumerate(needs):
        least = len(covered) if not teams.one_officer_many_items else _least_cover(covered)
        more = least - seats[index]
        if more > 0 and (most == 0 or more <= room or len(visit.requirement_ids) == 1):
            seats[index] += more
            room -= more
    while teams.per == "visit" and seats and sum(seats) < teams.officers:
        spare = [len(own) - n for own, n in zip(people, seats, strict=True)]
        seats[spare.index(max(spare))] += 1
    return seats


def _least_cover(needs: Sequence[frozenset[str]]) -> int:
    """The fewest people who cover every need together, 0 where nobody can."""
    if not all(needs):
        return 0
    for size in range(1, len(needs) + 1):
        if _coverable(tuple(needs), size):
            return size
    return 0


def _coverable(needs: tuple[frozenset[str], ...], size: int) -> bool:
    if not needs:
        return True
    if size == 0:
        return False
    hardest = min(needs, key=len)
    # People who leave the same needs open stand for each other.
    rests = {tuple(need for need in needs if person not in need) for person in hardest}
    return any(_coverable(rest, size - 1) for rest in sorted(rests, key=len))


def _expert_groups(facts: Facts, visit: Visit) -> Iterator[Group]:
    for specialty in specialties(facts, visit):
        found = {
            person
            for pool in facts.evidence.plan.pools
            if pool.role == "expert" and pool.specialty == specialty
            for person in facts.drawn_for.get(pool.pool_id, ())
            if (expert := facts.experts.get(person)) is not None and specialty in expert.specialties
        }
        people = tuple(sorted(person for person in found if not _barred(facts, person, visit)))
        yield Group(n_seats=1, candidates=people, needs=(), distinct=False, is_officers=False)


def _barred(facts: Facts, person_id: str, visit: Visit) -> bool:
    return barred_from(facts, person_id, visit.enterprise_id, visit.start, visit.end)


def is_free(facts: Facts, days: Days, worker: Worker, stay: Stay, day: dt.date) -> bool:
    """Whether one more stay leaves the person inside R04 and R09 to R11."""
    if day not in worker.days:
        return False
    today = list(days.get(day, ()))
    insort(today, stay)
    return day_holds(facts, worker, today) and _long_run_holds(facts, days, stay, day)


def day_holds(facts: Facts, worker: Worker, today: Sequence[Stay]) -> bool:
    """Whether a person's stays of one day, in time order, keep R09 and the day's part of R10."""
    minutes = facts.ground.minutes
    if any(a.end_min + minutes(a.point, b.point) > b.start_min for a, b in pairwise(today)):
        return False
    spent = on_site(today) + travel_of_day(facts, worker, today)
    return _allows(worker.max_visits_day, len(today)) and _allows(worker.max_minutes_day, spent)


def _long_run_holds(facts: Facts, days: Days, stay: Stay, day: dt.date) -> bool:
    limits = facts.settings.limits
    if not (limits.visits_week or limits.minutes_week or limits.visits_campaign or limits.minutes_campaign):
        return True
    every = [stay, *(old for stays in days.values() for old in stays)]
    week = [stay, *(old for d, stays in days.items() if week_of(d) == week_of(day) for old in stays)]
    return (
        _allows(limits.visits_week, len(week))
        and _allows(limits.minutes_week, on_site(week))
        and _allows(limits.visits_campaign, len(every))
        and _allows(limits.minutes_campaign, on_site(every))
    )


def _allows(most: int, value: int) -> bool:
    return most == 0 or value <= most


def free_people(facts: Facts, roster: Roster, want: Want, opening: Opening) -> frozenset[str]:
    """Who of the wanted people could come at that start."""
    return frozenset(p for p in want.people if free_at(facts, roster, want, opening, p))


def free_at(facts: Facts, roster: Roster, want: Want, opening: Opening, person: str) -> bool:
    """Whether one person could come to the visit at that start."""
    worker = facts.workers.get(person)
    stay = Stay(
        start_min=opening.start_min,
        end_min=opening.start_min + want.visit.duration_min,
        visit_id=want.visit.visit_id,
        point=want.site,
    )
    return worker is not None and is_free(facts, roster.get(person, {}), worker, stay, opening.day)
