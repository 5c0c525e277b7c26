"""Who drives which day's route: CP-SAT deals one department's person-days out so that loads come even.

Dates, starts and routes stay; a person-day (one person's stops of one day) is moved as a whole, so people
who travel together go on together and travel does not change. In: a roster and a department. Out: the
holder of each person-day. May import: ``solvers`` below blocks.

Hard whole-number targets floor(ratio * capacity / 1000) with a hint and no objective do what minimising
the largest ratio does not (docs/adr/0007-first-decomposition.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ortools.sat.python import cp_model

from scheduler.domain.problem import Person, Placement
from solvers import cpsat
from solvers.facts import skill_sets
from solvers.goals import largest_ratio, shares, target_ratio
from solvers.roster import Roster

Seat = tuple[int, int]
"""(visit, position of its group)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonDay:
    """One person's stops of a day, to be held by one of ``eligible`` (ascending); now by ``holder``."""

    day_idx: int
    week: int
    minutes: int
    seats: tuple[Seat, ...]
    holder: int
    eligible: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """At least ``needed`` of the person-days ``days`` are held by one of ``people``."""

    days: tuple[int, ...]
    people: frozenset[int]
    needed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NamingBlock:
    """One department's person-days, with all that a solver needs to deal them out; can be pickled.

    ``ratio`` is the least per mille that a proof leaves open for the largest load.
    """

    people: tuple[int, ...]
    who: tuple[Person, ...]
    capacities: tuple[int, ...]
    days: tuple[PersonDay, ...]
    covers: tuple[Cover, ...]
    apart: tuple[tuple[int, int], ...]
    ratio: int


def naming_block(roster: Roster, people: tuple[int, ...], ratio: int) -> NamingBlock:
    """What may be dealt out anew among the people of a department, none of whom has a second row."""
    facts, mine = roster.facts, frozenset(people)
    days = tuple(
        PersonDay(
            day_idx=day,
            week=facts.problem.weeks[day],
            minutes=route.on_site,
            seats=tuple(_seat(roster, visit, person) for _, visit in route.stops),
            holder=person,
            eligible=tuple(p for p in people if p == person or _may_hold(roster, p, person, day, mine)),
        )
        for person in people
        for day, route in sorted(roster.routes[person].items())
    )
    return NamingBlock(
        people=people,
        who=tuple(facts.people[person] for person in people),
        capacities=tuple(facts.capacity[person] for person in people),
        days=days,
        covers=_covers(roster, days, mine),
        apart=tuple(pair for pair in facts.problem.barred_pairs if mine.issuperset(pair)),
        ratio=ratio,
    )


def _placement(roster: Roster, visit: int) -> Placement:
    placement = roster.placed[visit]
    if placement is None:
        raise KeyError(visit)
    return placement


def _seat(roster: Roster, visit: int, person: int) -> Seat:
    teams = _placement(roster, visit).teams
    return visit, next(at for at, team in enumerate(teams) if person in team)


def _may_hold(roster: Roster, person: int, holder: int, day: int, mine: frozenset[int]) -> bool:
    """Whether the person could take over the holder's whole day, seen alone."""
    facts = roster.facts
    who, stops = facts.people[person], roster.routes[holder][day].stops
    if not facts.days_mask[person] >> day & 1 or (who.max_visits_day and len(stops) > who.max_visits_day):
        return False
    route = roster.route(person, stops)
    if who.max_minutes_day and route.on_site + route.travel > who.max_minutes_day:
        return False
    avoid = facts.barred_with.get(person, frozenset()) - mine
    for _, visit in stops:
        _, at = _seat(roster, visit, holder)
        group = facts.visits[visit].groups[at]
        if person in group.barred or facts.people[person].pool_idx not in group.pools:
            return False
        if avoid and any(mate in avoid for team in _placement(roster, visit).teams for mate in team):
            return False
    return True


def _covers(roster: Roster, days: tuple[PersonDay, ...], mine: frozenset[int]) -> tuple[Cover, ...]:
    """R05 for every team that has a seat in the block; those outside of it hold what they hold."""
    facts = roster.facts
    by_seat: dict[Seat, list[int]] = {}
    for at, person_day in enumerate(days):
        for seat in person_day.seats:
            by_seat.setdefault(seat, []).append(at)
    found = []
    for (visit, at), holders in sorted(by_seat.items()):
        team = _placement(roster, visit).teams[at]
        group = facts.visits[visit].groups[at]
        for asked in skill_sets(group.skills, distinct=facts.problem.distinct_cover):
            mask = sum(1 << skill for skill in asked)
            outside = sum(bool(facts.skills[p] & mask) for p in team if p not in mine)
            able = frozenset(p for p in mine if facts.skills[p] & mask)
            found.append(Cover(days=tuple(holders), people=able, needed=len(asked) - outside))
    found += leader_covers(roster, by_seat, mine)
    return tuple(cover for cover in found if cover.needed > 0)


def leader_covers(roster: Roster, by_seat: Mapping[Seat, Sequence[int]], mine: frozenset[int]) -> list[Cover]:
    """R15 for every team, and every visit, that wants a leader and whose leaders all sit in the block."""
    people = roster.facts.people
    leaders = frozenset(person for person in mine if people[person].is_leader)
    wanted: dict[tuple[int, int], tuple[list[int], list[int]]] = {}
    for (visit, at), holders in sorted(by_seat.items()):
        need, teams = roster.facts.visits[visit], _placement(roster, visit).teams
        if need.groups[at].leader:
            wanted[visit, at] = (list(holders), list(teams[at]))
        if need.leader and need.groups[at].department_idx >= 0:
            mates = [
                p
                for group, team in zip(need.groups, teams, strict=True)
                if group.department_idx >= 0
                for p in team
            ]
            wanted.setdefault((visit, -1), ([], mates))[0].extend(holders)
    return [
        Cover(days=tuple(holders), people=leaders, needed=1)
        for holders, team in wanted.values()
        if not any(people[p].is_leader for p in team if p not in mine)
    ]


class NamingModel:
    """Booleans ``holds[at, person]`` for every person-day and everybody eligible for it."""

    def __init__(self, block: NamingBlock) -> None:
        self.block = block
        self.model = cp_model.CpModel()
        self.holds = {
            (at, person): self.model.new_bool_var("")
            for at, person_day in enumerate(block.days)
            for person in person_day.eligible
        }
        self._one_holder()
        self._one_route_a_day()
        self._skills()
        self._apart()
        self._limits()

    def _of(self, person: int) -> list[tuple[PersonDay, cp_model.IntVar]]:
        return [
            (person_day, self.holds[at, person])
            for at, person_day in enumerate(self.block.days)
            if (at, person) in self.holds
        ]

    def _one_holder(self) -> None:
        for at, person_day in enumerate(self.block.days):
            self.model.add_exactly_one(self.holds[at, person] for person in person_day.eligible)

    def _one_route_a_day(self) -> None:
        for person in self.block.people:
            by_day: dict[int, list[cp_model.IntVar]] = {}
            for person_day, holds in self._of(person):
                by_day.setdefault(person_day.day_idx, []).append(holds)
            for literals in by_day.values():
                self.model.add_at_most_one(literals)

    def _skills(self) -> None:
        for cover in self.block.covers:
            literals = [
                self.holds[at, person]
                for at in cover.days
                for person in sorted(cover.people)
                if (at, person) in self.holds
            ]
            self.model.add(cpsat.total(literals) >= cover.needed)

    def _apart(self) -> None:
        """People barred from each other hold no two person-days that share a visit."""
        if not self.block.apart:
            return
        by_visit: dict[int, list[int]] = {}
        for at, person_day in enumerate(self.block.days):
            for visit, _ in person_day.seats:
                by_visit.setdefault(visit, []).append(at)
        meetings = {(a, b) for ats in by_visit.values() for a in ats for b in ats if a != b}
        for a, b in sorted(meetings):
            for one, other in self.block.apart:
                if (a, one) in self.holds and (b, other) in self.holds:
                    self.model.add_at_most_one(self.holds[a, one], self.holds[b, other])

    def _limits(self) -> None:
        for person, who in zip(self.block.people, self.block.who, strict=True):
            mine = self._of(person)
            self._at_most(mine, who.max_visits, who.max_minutes)
            if who.max_visits_week or who.max_minutes_week:
                for week in sorted({person_day.week for person_day, _ in mine}):
                    of_week = [pair for pair in mine if pair[0].week == week]
                    self._at_most(of_week, who.max_visits_week, who.max_minutes_week)

    def _at_most(self, mine: list[tuple[PersonDay, cp_model.IntVar]], visits: int, minutes: int) -> None:
        if visits:
            self.model.add(cpsat.total(len(day.seats) * holds for day, holds in mine) <= visits)
        if minutes:
            self.model.add(cpsat.total(day.minutes * holds for day, holds in mine) <= minutes)

    def load(self, person: int) -> cp_model.LinearExpr:
        """On-site minutes of the person."""
        return cpsat.total(day.minutes * holds for day, holds in self._of(person))

    def cap_loads(self, ratio: int) -> None:
        """Nobody above floor(ratio * capacity / 1000)."""
        caps = shares(self.block.capacities, ratio)
        for person, cap in zip(self.block.people, caps, strict=True):
            self.model.add(self.load(person) <= cap)

    def least_excess(self, targets: list[int]) -> None:
        """Minimise the minutes above the targets."""
        excess = []
        for person, target in zip(self.block.people, targets, strict=True):
            above = self.model.new_int_var(0, sum(day.minutes for day in self.block.days), "")
            self.model.add(self.load(person) - target <= above)
            excess.append(above)
        self.model.minimize(cpsat.total(excess))

    def hint(self, holders: tuple[int, ...]) -> None:
        """Start from these holders."""
        for (at, person), holds in self.holds.items():
            self.model.add_hint(holds, holders[at] == person)


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """New holder per person-day, as in the block; ``work_units`` what it cost."""

    holders: tuple[int, ...]
    work_units: int


def name(block: NamingBlock, work_units: int) -> Named:
    """The most even dealing found: the largest per mille first, then the minutes above the targets.

    The holders given are kept outside of the solver and returned where nothing better is found.
    """
    best = tuple(person_day.holder for person_day in block.days)
    loads, capacities = _loads(block, best), block.capacities
    low, high, spent = block.ratio, largest_ratio(loads, capacities), 0
    for ratio in ladder(low, high):
        answer, holders = _attempt(block, best, ratio, None, Fraction(work_units, 4))
        spent += answer.work_units
        if holders is not None:
            best = holders
            break
    high = largest_ratio(_loads(block, best), capacities)
    targets = shares(capacities, target_ratio(capacities, sum(loads)))
    if _excess(block, best, targets):
        answer, holders = _attempt(block, best, high, targets, Fraction(work_units, 2))
        spent += answer.work_units
        if holders is not None and _excess(block, holders, targets) <= _excess(block, best, targets):
            best = holders
    return Named(holders=best, work_units=spent)


def ladder(low: int, high: int) -> list[int]:
    """Ratios worth an attempt: the bound, then an eighth, a quarter, half of the way up to the present."""
    steps = {low + (high - low) // part for part in (8, 4, 2)} | {low}
    return sorted(ratio for ratio in steps if ratio < high)


def _attempt(
    block: NamingBlock, holders: tuple[int, ...], ratio: int, targets: list[int] | None, work_units: Fraction
) -> tuple[cpsat.Answer, tuple[int, ...] | None]:
    model = NamingModel(block)
    model.cap_loads(ratio)
    if targets is not None:
        model.least_excess(targets)
    model.hint(holders)
    answer = cpsat.run(model.model, work_units)
    if not answer.found:
        return answer, None
    chosen = {at: person for (at, person), holds in model.holds.items() if answer.true(holds)}
    return answer, tuple(chosen[at] for at in range(len(block.days)))


def _loads(block: NamingBlock, holders: tuple[int, ...]) -> list[int]:
    loads = dict.fromkeys(block.people, 0)
    for person_day, person in zip(block.days, holders, strict=True):
        loads[person] += person_day.minutes
    return list(loads.values())


def _excess(block: NamingBlock, holders: tuple[int, ...], targets: list[int]) -> int:
    return sum(max(0, load - target) for load, target in zip(_loads(block, holders), targets, strict=True))


def apply(roster: Roster, block: NamingBlock, named: Named) -> None:
    """Seat the new holders: every visit of a person-day gets its new person."""
    changes: dict[int, dict[tuple[int, int], int]] = {}
    for person_day, person in zip(block.days, named.holders, strict=True):
        if person != person_day.holder:
            for visit, at in person_day.seats:
                changes.setdefault(visit, {})[at, person_day.holder] = person
    for visit, moved in sorted(changes.items()):
        old = roster.take(visit)
        teams = tuple(
            tuple(sorted(moved.get((at, person), person) for person in team))
            for at, team in enumerate(old.teams)
        )
        roster.put(replace(old, teams=teams))
