"""Who sits where: CP-SAT deals one department's seats of some days, visit by visit, with everybody's way.

Dates and starts stay, and so does everybody of other departments. On a day of fixed starts a person's way
is a path through the visits in order of time, so no order has to be decided. In: a roster, people, days.
Out: a team per stop. May import: ``solvers`` below blocks.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from ortools.sat.python import cp_model

from scheduler.domain.problem import Person, Placement
from solvers import cpsat
from solvers.blocks.naming import Cover, ladder, leader_covers
from solvers.facts import skill_sets
from solvers.goals import largest_ratio, shares, target_ratio
from solvers.roster import Roster

BLOCK_LITERALS = 800
"""A block with more literals than this is cut by days (docs/benchmarks.md)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """One group's seats at one placed visit; ``team`` sits there now; ``home`` is the way from the
    office in minutes, the same for all ``eligible`` by position."""

    visit_idx: int
    group: int
    day_idx: int
    week: int
    minutes: int
    n_seats: int
    team: tuple[int, ...]
    eligible: tuple[int, ...]
    home: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatingBlock:
    """A department's stops on some days, by time; can be pickled.

    ``legs[i, j]`` are the minutes from stop i to a later one j of the same day, where time allows it.
    ``rest`` is each person's (visits, minutes) outside of the block by week; -1 stands for the campaign.
    """

    people: tuple[int, ...]
    who: tuple[Person, ...]
    capacities: tuple[int, ...]
    stops: tuple[Stop, ...]
    legs: dict[tuple[int, int], int]
    covers: tuple[Cover, ...]
    apart: tuple[tuple[int, int], ...]
    rest: dict[tuple[int, int], tuple[int, int]]
    ratio: int

    @property
    def n_literals(self) -> int:
        """Seats, first and last ways, ways between."""
        pairs = sum(len(self.stops[i].eligible) for i, _ in self.legs)
        return 3 * sum(len(stop.eligible) for stop in self.stops) + pairs


Teams = tuple[tuple[int, ...], ...]
"""A team per stop of a block."""
WHOLE = -1
NO_EVENNESS = -1
"""Ratio of people whose loads are not evened out: experts."""


def seating_block(roster: Roster, people: tuple[int, ...], days: range, ratio: int) -> SeatingBlock:
    """The stops of people without a second row, on days in the half-open range."""
    facts, mine = roster.facts, frozenset(people)
    keys = sorted(
        {
            (day, start, visit, at)
            for person in people
            for day, route in roster.routes[person].items()
            if day in days
            for start, visit in route.stops
            for at in _groups_of(roster, visit, mine)
        }
    )
    stops = tuple(_stop(roster, people, visit, at) for _, _, visit, at in keys)
    rest: dict[tuple[int, int], tuple[int, int]] = {}
    for person in people:
        for day, route in sorted(roster.routes[person].items()):
            if day not in days:
                for week in (facts.problem.weeks[day], WHOLE):
                    visits, minutes = rest.get((person, week), (0, 0))
                    rest[person, week] = (visits + len(route.stops), minutes + route.on_site)
    return SeatingBlock(
        people=people,
        who=tuple(facts.people[person] for person in people),
        capacities=tuple(facts.capacity[person] for person in people),
        stops=stops,
        legs=_legs(roster, stops),
        covers=_covers(roster, stops, mine),
        apart=tuple(pair for pair in facts.problem.barred_pairs if mine.issuperset(pair)),
        rest=rest,
        ratio=ratio,
    )


def _placement(roster: Roster, visit: int) -> Placement:
    placement = roster.placed[visit]
    if placement is None:
        raise KeyError(visit)
    return placement


def _groups_of(roster: Roster, visit: int, mine: frozenset[int]) -> list[int]:
    teams = _placement(roster, visit).teams
    return [at for at, team in enumerate(teams) if not mine.isdisjoint(team)]


def _stop(roster: Roster, people: tuple[int, ...], visit: int, at: int) -> Stop:
    facts, placement, mine = roster.facts, _placement(roster, visit), frozenset(people)
    group = facts.visits[visit].groups[at]
    team = tuple(person for person in placement.teams[at] if person in mine)
    fixed = {p for mates in placement.teams for p in mates} - mine
    eligible = tuple(
        p
        for p in people
        if facts.people[p].pool_idx in group.pools
        and p not in group.barred
        and facts.days_mask[p] >> placement.day_idx & 1
        and fixed.isdisjoint(facts.barred_with.get(p, ()))
    )
    return Stop(
        visit_idx=visit,
        group=at,
        day_idx=placement.day_idx,
        week=facts.problem.weeks[placement.day_idx],
        minutes=facts.duration[visit],
        n_seats=len(team),
        team=team,
        eligible=eligible,
        home=tuple(facts.leg(facts.home[p], facts.visit_site[visit]) for p in eligible),
    )


def _legs(roster: Roster, stops: tuple[Stop, ...]) -> dict[tuple[int, int], int]:
    facts, found = roster.facts, {}
    for i, one in enumerate(stops):
        end = _placement(roster, one.visit_idx).start_min + one.minutes
        for j in range(i + 1, len(stops)):
            other = stops[j]
            if other.day_idx != one.day_idx:
                break
            leg = facts.leg(facts.visit_site[one.visit_idx], facts.visit_site[other.visit_idx])
            if end + leg <= _placement(roster, other.visit_idx).start_min:
                found[i, j] = leg
    return found


def _covers(roster: Roster, stops: tuple[Stop, ...], mine: frozenset[int]) -> tuple[Cover, ...]:
    facts, found = roster.facts, []
    for i, stop in enumerate(stops):
        group = facts.visits[stop.visit_idx].groups[stop.group]
        team = _placement(roster, stop.visit_idx).teams[stop.group]
        for asked in skill_sets(group.skills, distinct=facts.problem.distinct_cover):
            mask = sum(1 << skill for skill in asked)
            outside = sum(bool(facts.skills[p] & mask) for p in team if p not in mine)
            able = frozenset(p for p in mine if facts.skills[p] & mask)
            if len(asked) > outside:
                found.append(Cover(days=(i,), people=able, needed=len(asked) - outside))
    by_seat = {(stop.visit_idx, stop.group): (i,) for i, stop in enumerate(stops)}
    return (*found, *leader_covers(roster, by_seat, mine))


class SeatingModel:
    """``sits[i, p]``, ``first[i, p]``, ``last[i, p]`` and ``then[i, j, p]``: a path per person and day."""

    def __init__(self, block: SeatingBlock) -> None:
        self.block = block
        self.model = cp_model.CpModel()
        new = self.model.new_bool_var
        keys = [(i, p) for i, stop in enumerate(block.stops) for p in stop.eligible]
        self.sits = {key: new("") for key in keys}
        self.first = {key: new("") for key in keys}
        self.last = {key: new("") for key in keys}
        self.then = {
            (i, j, p): new("") for i, j in block.legs for p in block.stops[i].eligible if (j, p) in self.sits
        }
        self.home = {
            (i, p): m for i, s in enumerate(block.stops) for p, m in zip(s.eligible, s.home, strict=True)
        }
        self._paths()
        self._teams()
        for person, who in zip(block.people, block.who, strict=True):
            self._limits(person, who)

    def _paths(self) -> None:
        into: dict[tuple[int, int], list[cp_model.IntVar]] = {key: [self.first[key]] for key in self.sits}
        out: dict[tuple[int, int], list[cp_model.IntVar]] = {key: [self.last[key]] for key in self.sits}
        for (i, j, p), arc in self.then.items():
            out[i, p].append(arc)
            into[j, p].append(arc)
        for key, sits in self.sits.items():
            self.model.add(cpsat.total(into[key]) == sits)
            self.model.add(cpsat.total(out[key]) == sits)
        starts: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for (i, p), first in self.first.items():
            starts.setdefault((self.block.stops[i].day_idx, p), []).append(first)
        for literals in starts.values():
            self.model.add_at_most_one(literals)

    def _teams(self) -> None:
        for i, stop in enumerate(self.block.stops):
            self.model.add(cpsat.total(self.sits[i, p] for p in stop.eligible) == stop.n_seats)
        for cover in self.block.covers:
            able = [self.sits[i, p] for i in cover.days for p in sorted(cover.people) if (i, p) in self.sits]
            self.model.add(cpsat.total(able) >= cover.needed)
        by_visit: dict[int, list[int]] = {}
        for i, stop in enumerate(self.block.stops):
            by_visit.setdefault(stop.visit_idx, []).append(i)
        for one, other in self.block.apart:
            for together in by_visit.values():
                meeting = [self.sits[i, p] for i in together for p in (one, other) if (i, p) in self.sits]
                self.model.add_at_most_one(meeting)

    def _limits(self, person: int, who: Person) -> None:
        days: dict[int, list[int]] = {}
        weeks: dict[int, list[int]] = {}
        mine = [i for i, _ in enumerate(self.block.stops) if (i, person) in self.sits]
        for i in mine:
            days.setdefault(self.block.stops[i].day_idx, []).append(i)
            weeks.setdefault(self.block.stops[i].week, []).append(i)
        for at_day in days.values():
            self._at_most(person, at_day, who.max_visits_day, 0, (0, 0))
            if who.max_minutes_day:
                self.model.add(
                    self._minutes(person, at_day) + self._way(person, at_day) <= who.max_minutes_day
                )
        for week, at_week in weeks.items():
            rest = self.block.rest.get((person, week), (0, 0))
            self._at_most(person, at_week, who.max_visits_week, who.max_minutes_week, rest)
        self._at_most(
            person, mine, who.max_visits, who.max_minutes, self.block.rest.get((person, WHOLE), (0, 0))
        )

    def _at_most(
        self, person: int, stops: list[int], visits: int, minutes: int, rest: tuple[int, int]
    ) -> None:
        if visits:
            self.model.add(cpsat.total(self.sits[i, person] for i in stops) <= visits - rest[0])
        if minutes:
            self.model.add(self._minutes(person, stops) <= minutes - rest[1])

    def _minutes(self, person: int, stops: list[int]) -> cp_model.LinearExpr:
        return cpsat.total(self.block.stops[i].minutes * self.sits[i, person] for i in stops)

    def _way(self, person: int, stops: list[int]) -> cp_model.LinearExpr:
        ends = cpsat.total(
            self.home[i, person] * (self.first[i, person] + self.last[i, person]) for i in stops
        )
        return ends + cpsat.total(
            self.block.legs[i, j] * self.then[i, j, person]
            for i in stops
            for j in stops
            if (i, j, person) in self.then
        )

    def load(self, person: int) -> cp_model.LinearExpr:
        """On-site minutes of the person, those outside of the block included."""
        mine = [i for i, _ in enumerate(self.block.stops) if (i, person) in self.sits]
        return self._minutes(person, mine) + self.block.rest.get((person, WHOLE), (0, 0))[1]

    def cap_loads(self, caps: list[int]) -> None:
        """Nobody above these minutes."""
        for person, cap in zip(self.block.people, caps, strict=True):
            self.model.add(self.load(person) <= cap)

    def cap_excess(self, targets: list[int], most: int) -> None:
        """No more minutes above the targets than ``most`` in all."""
        excess = []
        for person, target in zip(self.block.people, targets, strict=True):
            above = self.model.new_int_var(0, most, "")
            self.model.add(self.load(person) - target <= above)
            excess.append(above)
        self.model.add(cpsat.total(excess) <= most)

    def least_travel(self) -> None:
        """Minimise the minutes of all ways."""
        homes = cpsat.total(m * (self.first[key] + self.last[key]) for key, m in self.home.items())
        ways = cpsat.total(self.block.legs[i, j] * arc for (i, j, _), arc in self.then.items())
        self.model.minimize(homes + ways)

    def hint(self, teams: Teams) -> None:
        """Start from these teams and the paths they make."""
        first, last, then = self._path_keys(teams)
        for (i, p), sits in self.sits.items():
            self.model.add_hint(sits, p in teams[i])
            self.model.add_hint(self.first[i, p], (i, p) in first)
            self.model.add_hint(self.last[i, p], (i, p) in last)
        for key, arc in self.then.items():
            self.model.add_hint(arc, key in then)

    def _path_keys(
        self, teams: Teams
    ) -> tuple[set[tuple[int, int]], set[tuple[int, int]], set[tuple[int, int, int]]]:
        ways: dict[tuple[int, int], list[int]] = {}
        for i, team in enumerate(teams):
            for person in team:
                ways.setdefault((self.block.stops[i].day_idx, person), []).append(i)
        first = {(way[0], person) for (_, person), way in ways.items()}
        last = {(way[-1], person) for (_, person), way in ways.items()}
        then = {(i, j, person) for (_, person), way in ways.items() for i, j in pairwise(way)}
        return first, last, then


@dataclass(frozen=True, kw_only=True, slots=True)
class Seated:
    """New team per stop, as in the block; ``work_units`` what it cost."""

    teams: Teams
    work_units: int


def seat(block: SeatingBlock, work_units: int, tolerance_permille: int) -> Seated:
    """More even where the bound leaves room, then the least travel at that evenness.

    The teams given are kept outside of the solver and returned where nothing better is found.
    """
    best, spent = tuple(stop.team for stop in block.stops), 0
    model = SeatingModel(block)
    if block.ratio != NO_EVENNESS:
        best, spent = _more_even(block, best, Fraction(work_units, 4))
        _hold_evenness(model, _loads(block, best), tolerance_permille)
    model.least_travel()
    found, units = _attempt(model, best, Fraction(work_units))
    return Seated(teams=best if found is None else found, work_units=spent + units)


def _more_even(block: SeatingBlock, best: Teams, work_units: Fraction) -> tuple[Teams, int]:
    """The first teams found with a largest load below the present one, from the bound upwards."""
    spent = 0
    for ratio in ladder(block.ratio, largest_ratio(_loads(block, best), block.capacities)):
        model = SeatingModel(block)
        model.cap_loads(shares(block.capacities, ratio))
        found, units = _attempt(model, best, work_units)
        spent += units
        if found is not None:
            return found, spent
    return best, spent


def _hold_evenness(model: SeatingModel, loads: list[int], tolerance_permille: int) -> None:
    """No largest load and no excess beyond these loads', but for the committed tolerance."""
    capacities = model.block.capacities
    ratio = largest_ratio(loads, capacities)
    targets = shares(capacities, target_ratio(capacities, sum(loads)))
    excess = sum(max(0, load - target) for load, target in zip(loads, targets, strict=True))
    model.cap_loads(shares(capacities, ratio * (1000 + tolerance_permille) // 1000))
    model.cap_excess(targets, excess + sum(loads) * tolerance_permille // 1000)


def _attempt(model: SeatingModel, teams: Teams, work_units: Fraction) -> tuple[Teams | None, int]:
    model.hint(teams)
    answer = cpsat.run(model.model, work_units)
    if not answer.found:
        return None, answer.work_units
    stops = model.block.stops
    found = tuple(tuple(p for p in s.eligible if answer.true(model.sits[i, p])) for i, s in enumerate(stops))
    return found, answer.work_units


def _loads(block: SeatingBlock, teams: Teams) -> list[int]:
    loads = {person: block.rest.get((person, WHOLE), (0, 0))[1] for person in block.people}
    for stop, team in zip(block.stops, teams, strict=True):
        for person in team:
            loads[person] += stop.minutes
    return list(loads.values())


def apply(roster: Roster, block: SeatingBlock, seated: Seated) -> None:
    """Seat the new teams: those of one visit at once, for they may change places with each other."""
    changes: dict[int, dict[int, Teams]] = {}
    for stop, team in zip(block.stops, seated.teams, strict=True):
        if team != stop.team:
            changes.setdefault(stop.visit_idx, {})[stop.group] = stop.team, team
    for visit, moved in changes.items():
        old = roster.take(visit)
        teams = list(old.teams)
        for at, (before, team) in moved.items():
            teams[at] = tuple(sorted({*set(teams[at]) - set(before), *team}))
        roster.put(replace(old, teams=tuple(teams)))


def days_of(roster: Roster, people: tuple[int, ...], ratio: int) -> list[range]:
    """The campaign in as few stretches of days as keep each block within :data:`BLOCK_LITERALS`."""
    days = range(len(roster.facts.problem.days))
    parts = 1
    while parts < len(days):
        cuts = [days[len(days) * at // parts : len(days) * (at + 1) // parts] for at in range(parts)]
        if all(seating_block(roster, people, cut, ratio).n_literals <= BLOCK_LITERALS for cut in cuts):
            return cuts
        parts += 1
    return [range(day, day + 1) for day in days]
