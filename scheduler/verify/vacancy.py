"""Is there room for a visit? Every day, every start, every team, by plain enumeration.

In: :class:`Facts`. Out: whether a lawful place exists beside what is given. This confirms the reasons of
unscheduled requirements (R18); it shares nothing with a solver.
"""

import datetime as dt
from bisect import insort
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

from scheduler.domain.visits import Visit
from scheduler.verify.facts import Facts, Stay, Worker
from scheduler.verify.people import barred_from, barred_together, has_jurisdiction
from scheduler.verify.teams import masters, specialties
from scheduler.verify.times import is_quiet, on_site, pieces_of, travel_of_day, week_of

Days = Mapping[dt.date, tuple[Stay, ...]]
Roster = Mapping[str, Days]
"""Person to day to stays in time order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Seats that must be filled together: ``n_seats`` of the candidates, who cover every need.

    ``needs`` are the sets of candidates that cover one item each; ``distinct`` asks somebody else for each.
    """

    n_seats: int
    candidates: tuple[str, ...]
    needs: tuple[frozenset[str], ...]
    distinct: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A day and a start at which a visit may lawfully lie."""

    day: dt.date
    start_min: int


@dataclass(frozen=True, kw_only=True)
class Want:
    """One visit's demand: where, when it may be, and who may come. ``foes`` may not come together."""

    visit: Visit
    site: tuple[int, int]
    openings: tuple[Opening, ...]
    groups: tuple[Group, ...]
    foes: Mapping[str, frozenset[str]]

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Everyone who might sit in the team, sorted."""
        return tuple(sorted({person for group in self.groups for person in group.candidates}))

    @cached_property
    def n_groups(self) -> Counter[str]:
        """In how many groups each of the people might sit."""
        return Counter(person for group in self.groups for person in group.candidates)

    @cached_property
    def abilities(self) -> dict[str, tuple[bool, ...]]:
        """In which groups each of the people may sit, and which needs he covers there."""
        return {
            person: tuple(
                held
                for group in self.groups
                for held in (person in group.candidates, *(person in need for need in group.needs))
            )
            for person in self.people
        }


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
                if barred_together(facts, one, other, facts.settings.start, facts.settings.end)
            )
            for one in people
            if one in facts.recusals
        },
    )


def groups_of(facts: Facts, visit: Visit) -> tuple[Group, ...]:
    """The seats of a visit: officers by department, then experts by specialty."""
    return (*_officer_groups(facts, visit), *_expert_groups(facts, visit))


def lottery_pairs(facts: Facts) -> int:
    """How many pairs of seat group and candidate all visits have together."""
    return sum(len(group.candidates) for visit in facts.evidence.visits for group in groups_of(facts, visit))


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
    owners = sorted(set(visit.department_ids))
    people = [_officers(facts, visit, owner) for owner in owners]
    needs = [_needs(facts, visit, owner, own) for owner, own in zip(owners, people, strict=True)]
    seats = _seat_counts(facts, visit, people, needs)
    distinct = not facts.settings.teams.one_officer_many_items
    for n_seats, own, covered in zip(seats, people, needs, strict=True):
        yield Group(n_seats=n_seats, candidates=own, needs=covered, distinct=distinct)


def _officers(facts: Facts, visit: Visit, department_id: str) -> tuple[str, ...]:
    district = facts.district(visit)
    found = {
        person
        for pool in facts.evidence.plan.pools
        if pool.role == "officer" and pool.department_id == department_id
        for person in facts.drawn_for.get(pool.pool_id, ())
        if (officer := facts.inspectors.get(person)) is not None
        and has_jurisdiction(facts, officer, department_id, district)
    }
    return tuple(sorted(person for person in found if not _barred(facts, person, visit)))


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
        yield Group(n_seats=1, candidates=people, needs=(), distinct=False)


def _barred(facts: Facts, person_id: str, visit: Visit) -> bool:
    return barred_from(facts, person_id, visit.enterprise_id, visit.start, visit.end)


def is_free(facts: Facts, days: Days, worker: Worker, stay: Stay, day: dt.date) -> bool:
    """Whether one more stay leaves the person inside R04 and R09 to R11."""
    if day not in worker.days:
        return False
    today = list(days.get(day, ()))
    insort(today, stay)
    minutes = facts.ground.minutes
    if any(a.end_min + minutes(a.point, b.point) > b.start_min for a, b in pairwise(today)):
        return False
    spent = on_site(today) + travel_of_day(facts, worker, today)
    return (
        _allows(worker.max_visits_day, len(today))
        and _allows(worker.max_minutes_day, spent)
        and _long_run_holds(facts, days, stay, day)
    )


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


def team_exists(want: Want, free: frozenset[str]) -> bool:
    """Whether the free people hold a lawful team: every group full and covered, no two foes in it."""
    return _fill_groups(want, free, 0, ())


def _fill_groups(want: Want, free: frozenset[str], index: int, team: tuple[str, ...]) -> bool:
    if index == len(want.groups):
        return True
    group = want.groups[index]
    usable = [p for p in group.candidates if p in free and p not in team and not _meets_foe(want, p, team)]
    if len(usable) < group.n_seats:
        return False
    return any(
        _fill_groups(want, free, index + 1, (*team, *chosen))
        for chosen in _cover(want, group, usable, (), group.needs)
    )


def _meets_foe(want: Want, person: str, team: Sequence[str]) -> bool:
    foes = want.foes.get(person)
    return foes is not None and any(other in foes for other in team)


def _cover(
    want: Want, group: Group, usable: Sequence[str], chosen: tuple[str, ...], needs: Sequence[frozenset[str]]
) -> Iterator[tuple[str, ...]]:
    """Lawful fillings of one group: need after need is given somebody, then the other seats are filled.

    People without a foe who can do the same in every group stand for each other: one of them is tried.
    """
    if not needs:
        yield from _fill(want, group, usable, chosen)
        return
    if not group.distinct and any(person in needs[0] for person in chosen):
        yield from _cover(want, group, usable, chosen, needs[1:])
        return
    if len(chosen) == group.n_seats:
        return
    tried: set[tuple[bool, ...]] = set()
    for person in usable:
        if person not in needs[0] or person in chosen or _meets_foe(want, person, chosen):
            continue
        if not want.foes.get(person):
            if want.abilities[person] in tried:
                continue
            tried.add(want.abilities[person])
        yield from _cover(want, group, usable, (*chosen, person), needs[1:])


def _fill(
    want: Want, group: Group, usable: Sequence[str], chosen: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """Seats that nothing is asked of: first those who have no foe and can sit nowhere else, for nobody is
    hindered by them; every choice of the others where they are too few."""
    missing = group.n_seats - len(chosen)
    rest = [p for p in usable if p not in chosen and not _meets_foe(want, p, chosen)]
    easy = [p for p in rest if not want.foes.get(p) and want.n_groups[p] == 1][:missing]
    others = [p for p in rest if want.foes.get(p) or want.n_groups[p] > 1]
    for more in combinations(others, missing - len(easy)):
        if not any(_meets_foe(want, p, more) for p in more):
            yield (*chosen, *easy, *more)
