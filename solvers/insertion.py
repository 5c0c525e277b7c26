"""The cheapest lawful place of one visit in a roster in which nothing else moves.

In: a roster and a visit. Out: a placement, or nothing where none exists: the search is complete, so
"nothing" is a proof. May import: ``scheduler.domain``, ``solvers.facts``, ``solvers.roster``.
"""

from collections.abc import Iterable
from typing import NamedTuple

from scheduler.domain.problem import Placement, SeatGroup, VisitNeed
from solvers.facts import NO_LIMIT, Facts
from solvers.roster import Roster, Route, Slot

LEADER, SENIOR = 1 << 62, 1 << 63
"""Bits beside a group's skills: he leads, he is no newcomer (R15)."""
MINUTE = 4
"""Cost units per travel minute; the rest is for breaking ties by load."""


class Asked(NamedTuple):
    """A person for a group: cost of his load, load per mille, who, which of the group's skills he has, with
    the bits of R15 where the group or the visit asks for them."""

    base: int
    ratio: int
    person: int
    held: int


class Offer(NamedTuple):
    """A person for a seat on a day: least cost with the way, load per mille, who, and the rest of it."""

    cost: int
    ratio: int
    person: int
    base: int
    held: int
    slots: tuple[Slot, ...]


class Choice(NamedTuple):
    """A found place and its cost."""

    cost: int
    placement: Placement


def best_place(roster: Roster, visit: int, days: Iterable[int] | None = None) -> Choice | None:
    """The cheapest placement by extra travel and strain of load; the earliest where costs are equal.

    ``days`` restricts the days tried (default: all of the visit's).
    """
    need = roster.facts.visits[visit]
    if not roster.facts.starts[visit]:
        return None
    asked = tuple(_asked(roster, visit, group) for group in need.groups)
    plans = []
    for day in need.days if days is None else days:
        offers = _day_offers(roster, visit, day, asked)
        if offers is not None:
            least = sum(
                offer.cost
                for have, group in zip(offers, need.groups, strict=True)
                for offer in have[: group.n_seats]
            )
            plans.append((least, day, offers))
    best: Choice | None = None
    for least, day, offers in sorted(plans, key=lambda plan: plan[:2]):
        if best is not None and least >= best.cost:
            break
        best = _best_on_day(roster, visit, day, offers, best)
    return best


def _asked(roster: Roster, visit: int, group: SeatGroup) -> list[Asked]:
    """The group's candidates, the least strained first."""
    facts = roster.facts
    skills = sum(1 << skill for skill in group.skills)
    marks = _marks(group) | _marks(facts.visits[visit])
    found = []
    for person in facts.members(group):
        if person not in group.barred:
            load = roster.load[person]
            strain = roster.strain(person, load + facts.duration[visit]) - roster.strain(person, load)
            ratio = 1000 * load // facts.capacity[person]
            held = facts.skills[person] & skills | _marks_of(facts, person) & marks
            found.append(Asked(MINUTE * strain, ratio, person, held))
    found.sort()
    return found


def _marks(need: SeatGroup | VisitNeed) -> int:
    return LEADER * need.leader | SENIOR * need.senior


def _marks_of(facts: Facts, person: int) -> int:
    who = facts.people[person]
    return LEADER * who.is_leader | SENIOR * (not who.is_newcomer)


def _day_offers(
    roster: Roster, visit: int, day: int, asked: tuple[list[Asked], ...]
) -> tuple[list[Offer], ...] | None:
    """Per group the people who could come on the day, cheapest first; nothing where a group is short."""
    groups = roster.facts.visits[visit].groups
    apart = roster.facts.apart(groups)
    found = []
    for group, candidates in zip(groups, asked, strict=True):
        offers = _group_offers(roster, visit, day, candidates, group.n_seats if apart else NO_LIMIT)
        if len(offers) < group.n_seats:
            return None
        offers.sort()
        found.append(offers)
    return tuple(found)


def _group_offers(roster: Roster, visit: int, day: int, candidates: list[Asked], enough: int) -> list[Offer]:
    """Of people who are free all day and alike in skills ``enough`` are asked, for they are alike in way."""
    facts, routes, offers = roster.facts, roster.routes, []
    alike: dict[tuple[int, int], int] = {}
    for candidate in candidates:
        person = candidate.person
        if not facts.days_mask[person] >> day & 1:
            continue
        route = routes[facts.body[person]].get(day)
        if route is not None:
            offer = _offer(roster, visit, day, candidate, route)
            if offer is not None:
                offers.append(offer)
            continue
        kind = (candidate.held, facts.home[person])
        if alike.get(kind, 0) >= enough and person not in facts.entangled:
            continue
        offer = _offer(roster, visit, day, candidate, roster.route(person, ()))
        if offer is not None:
            offers.append(offer)
            alike[kind] = alike.get(kind, 0) + (person not in facts.entangled)
    return offers


def _offer(roster: Roster, visit: int, day: int, candidate: Asked, route: Route) -> Offer | None:
    facts = roster.facts
    base, ratio, person, held = candidate
    if len(route.stops) >= facts.visits_day[person]:
        return None
    least, most, slots = route.gaps.get(visit) or roster.gaps(route, visit)
    spare = facts.minutes_day[person] - route.on_site - route.travel - facts.duration[visit]
    if least > spare:
        return None
    if most > spare:
        slots = tuple(slot for slot in slots if slot.extra <= spare)
    if facts.long_limits[person] and not roster.within_long_limits(person, visit, day):
        return None
    return Offer(base + MINUTE * least, ratio, person, base, held, slots)


def _best_on_day(
    roster: Roster, visit: int, day: int, offers: tuple[list[Offer], ...], best: Choice | None
) -> Choice | None:
    """Tries every start at which some gap begins or ends: a common start exists only if one of those is."""
    facts = roster.facts
    groups = facts.visits[visit].groups
    apart = facts.apart(groups)
    for start in _critical_starts(offers):
        at_start = [
            _at(facts, group, have, start, apart=apart) for group, have in zip(groups, offers, strict=True)
        ]
        if any(len(have) < group.n_seats for have, group in zip(at_start, groups, strict=True)):
            continue
        limit = NO_LIMIT if best is None else best.cost
        found = _Teams(facts, facts.visits[visit], at_start, limit).best()
        if found is not None:
            cost, teams = found
            minute = start * facts.grid
            best = Choice(cost, Placement(visit_idx=visit, day_idx=day, start_min=minute, teams=teams))
    return best


def _critical_starts(offers: tuple[list[Offer], ...]) -> list[int]:
    masks = {slot.starts for group_offers in offers for offer in group_offers for slot in offer.slots}
    firsts = {(mask & -mask).bit_length() - 1 for mask in masks}
    return sorted(firsts | {mask.bit_length() - 1 for mask in masks})


class Candidate(NamedTuple):
    """Someone who can begin at the start tried; ``held`` are the group's skills he has, as a bit mask."""

    cost: int
    ratio: int
    person: int
    held: int


def _at(facts: Facts, group: SeatGroup, offers: list[Offer], start: int, *, apart: bool) -> list[Candidate]:
    """Who can begin at the start, cheapest first.

    People with the same skills of those asked, nobody to avoid and no second row are interchangeable:
    of them the cheapest ``n_seats`` are enough, where no two groups of the visit share a pool (``apart``).
    """
    found = []
    for offer in offers:
        least = NO_LIMIT
        for extra, starts in offer.slots:
            if starts >> start & 1 and extra < least:
                least = extra
        if least < NO_LIMIT:
            found.append(Candidate(offer.base + MINUTE * least, offer.ratio, offer.person, offer.held))
    found.sort()
    if not apart or len(found) <= group.n_seats:
        return found
    kept, alike = [], dict.fromkeys((candidate.held for candidate in found), 0)
    for candidate in found:
        if candidate.person in facts.entangled:
            kept.append(candidate)
        elif alike[candidate.held] < group.n_seats:
            alike[candidate.held] += 1
            kept.append(candidate)
    return kept


class _Teams:
    """Branch and bound over the seats of all groups at one start: cheapest first, nothing left out."""

    def __init__(self, facts: Facts, need: VisitNeed, offers: list[list[Candidate]], limit: int) -> None:
        self.facts = facts
        self.groups = groups = need.groups
        self.visit_marks = _marks(need)
        self.asked = [sum(1 << skill for skill in group.skills) | _marks(group) for group in groups]
        self.offers = offers
        self.limit = limit
        self.teams: tuple[tuple[int, ...], ...] | None = None
        least = [sum(o.cost for o in have[: g.n_seats]) for have, g in zip(offers, groups, strict=True)]
        self.ahead = [_held_from(have) for have in offers]
        self.rest = [sum(least[at + 1 :]) for at in range(len(groups))]

    def best(self) -> tuple[int, tuple[tuple[int, ...], ...]] | None:
        """Cost and teams below the limit, if any."""
        if sum(self.rest[:1]) < self.limit:
            self._open_group(0, 0, ())
        return None if self.teams is None else (self.limit, self.teams)

    def _open_group(self, at: int, cost: int, done: tuple[tuple[int, ...], ...]) -> None:
        if at == len(self.groups):
            if cost < self.limit and self._is_led(done):
                self.limit, self.teams = cost, done
            return
        self._extend(at, 0, (), 0, cost, done)

    def _extend(
        self,
        at: int,
        begin: int,
        team: tuple[int, ...],
        held: int,
        cost: int,
        done: tuple[tuple[int, ...], ...],
    ) -> None:
        group, have = self.groups[at], self.offers[at]
        missing = group.n_seats - len(team)
        if not missing:
            distinct = self.facts.problem.distinct_cover
            covered = not self.asked[at] & ~held and (not distinct or self.facts.covers(group, team))
            if covered and self.facts.is_whole(team):
                self._open_group(at + 1, cost, (*done, tuple(sorted(team))))
            return
        room = self.limit - cost - self.rest[at]
        for place in range(begin, len(have) - missing + 1):
            candidate = have[place]
            ahead = held | self.ahead[at][place]
            if candidate.cost * missing >= room or self.asked[at] & ~ahead:
                return
            now = held | candidate.held
            if missing == 1 and self.asked[at] & ~now:
                continue
            if self._may_join(candidate.person, team, done):
                person = candidate.person
                self._extend(at, place + 1, (*team, person), now, cost + candidate.cost, done)
                room = self.limit - cost - self.rest[at]

    def _is_led(self, teams: tuple[tuple[int, ...], ...]) -> bool:
        """Whether the visit's officers have the leader and the senior among them that it asks for (R15)."""
        held = 0
        for group, team in zip(self.groups, teams, strict=True):
            for person in team if self.visit_marks and group.department_idx >= 0 else ():
                held |= _marks_of(self.facts, person)
        return not self.visit_marks & ~held

    def _may_join(self, person: int, team: tuple[int, ...], done: tuple[tuple[int, ...], ...]) -> bool:
        facts = self.facts
        barred, body = facts.barred_with.get(person, frozenset()), facts.body[person]
        for mates in (team, *done):
            for other in mates:
                if other in barred or facts.body[other] == body:
                    return False
        return True


def _held_from(candidates: list[Candidate]) -> list[int]:
    """The skills that the candidates from each place onwards have between them."""
    held, found = 0, []
    for candidate in reversed(candidates):
        held |= candidate.held
        found.append(held)
    return found[::-1]
