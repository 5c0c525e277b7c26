"""Whole days as columns, in place of circuits where there are few enough of them.

In: facts, variables. Out: the sets of visits that one person can do in a day; Booleans for them, tied to
seats, days and starts. May import: the model's variables.

An outing's shortest way is known beforehand, so a day's limits are settled when it is made, and the linear
relaxation of travel is nearly whole, where arcs bound it by half a leg here and half a leg there (set
partitioning: Balinski and Quandt 1964, https://doi.org/10.1287/opre.12.2.300).
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import combinations, pairwise, permutations

from ortools.sat.python import cp_model

from scheduler.domain.problem import Placement
from solvers import cpsat
from solvers.facts import NO_LIMIT, Facts
from solvers.model.variables import Variables

MOST_OUTINGS = 20_000
"""Outings of all people together; beyond, circuits are used (docs/benchmarks.md)."""

MOST_STOPS = 6
"""Of an outing whose orders are told apart for the sake of its way; a longer day has too many of them."""

FEW = 100
"""So many outings of three visits are told apart together: each solve more costs more (docs/adr/0036,
0039)."""

Outing = tuple[int, ...]
"""Visits of one person's day, ascending."""
Outings = dict[int, dict[Outing, int]]
"""Body to its outings, each with the minutes of its shortest way out and home."""


def outings_of(facts: Facts) -> Outings | None:
    """Of all people; None where there are more than :data:`MOST_OUTINGS`, or where a visit on the way makes a
    way shorter (travel tables do): then pairs do not say whether a day is possible."""
    visits_of = Variables(facts).visits_of
    if _has_shortcuts(facts):
        return None
    found: Outings = {}
    known: dict[tuple[object, ...], dict[Outing, int]] = {}
    left = MOST_OUTINGS
    for body, visits in visits_of.items():
        limits = facts.visits_day[body], facts.minutes_day[body]
        alike = visits, facts.home[body], facts.days_mask[body], *limits
        own = known[alike] if alike in known else outings(facts, body, visits, left)
        if own is None or len(own) > left:
            return None
        known[alike] = found[body] = own
        left -= len(own)
    return found


def _has_shortcuts(facts: Facts) -> bool:
    """Whether some i, k, j take less time than i, j."""
    sites = range(len(facts.visits))
    legs = [[facts.leg(facts.visit_site[i], facts.visit_site[j]) for j in sites] for i in sites]
    return any(
        legs[i][k] + facts.duration[k] + legs[k][j] < legs[i][j]
        for i in sites
        for j in sites
        if legs[i][j]
        for k in sites
    )


def outings(facts: Facts, body: int, visits: tuple[int, ...], most: int) -> dict[Outing, int] | None:
    """Sets of the visits that the person could do in one day, alone in the world, with the minutes of the
    shortest way out and home; None if there are more than ``most``."""
    shortest: dict[Outing, int] = {}
    begun = _first_stops(facts, body, visits)
    while begun:
        for (outing, last), ways in begun.items():
            home = facts.leg(facts.visit_site[last], facts.home[body])
            least = min(way for _, way in ways) + home
            if _minutes(facts, outing) + least <= facts.minutes_day[body]:
                shortest[outing] = min(least, shortest.get(outing, NO_LIMIT))
        if len(shortest) > most:
            return None
        begun = _longer(facts, body, visits, begun)
    return shortest


Begun = dict[tuple[Outing, int], list[tuple[int, int]]]
"""(visits done, the last of them) to the (end, minutes of way) pairs that no other one beats in both."""


def _first_stops(facts: Facts, body: int, visits: tuple[int, ...]) -> Begun:
    begun: Begun = {}
    for visit in visits:
        start = _start(facts, visit, 0)
        if start is not None and _common_days(facts, body, (visit,)):
            way = facts.leg(facts.home[body], facts.visit_site[visit])
            begun[(visit,), visit] = [(start + facts.duration[visit], way)]
    return begun


def _longer(facts: Facts, body: int, visits: tuple[int, ...], begun: Begun) -> Begun:
    found: Begun = {}
    for (outing, last), ways in begun.items():
        if len(outing) >= facts.visits_day[body]:
            continue
        for visit in visits:
            longer = tuple(sorted((*outing, visit)))
            if visit in outing or not _common_days(facts, body, longer):
                continue
            leg = facts.leg(facts.visit_site[last], facts.visit_site[visit])
            for end, way in ways:
                start = _start(facts, visit, end + leg)
                if start is not None and _minutes(facts, longer) + way + leg <= facts.minutes_day[body]:
                    _note(found.setdefault((longer, visit), []), start + facts.duration[visit], way + leg)
    return {key: ways for key, ways in found.items() if ways}


def _note(ways: list[tuple[int, int]], end: int, way: int) -> None:
    if not any(its_end <= end and its_way <= way for its_end, its_way in ways):
        ways[:] = [(e, w) for e, w in ways if e < end or w < way]
        ways.append((end, way))


def _start(facts: Facts, visit: int, earliest: int) -> int | None:
    """The first minute from the earliest on at which the visit may begin."""
    mask = facts.starts[visit] >> -(-earliest // facts.grid)
    return (-(-earliest // facts.grid) + (mask & -mask).bit_length() - 1) * facts.grid if mask else None


def _common_days(facts: Facts, body: int, visits: Outing) -> int:
    days = facts.days_mask[body]
    for visit in visits:
        days &= sum(1 << day for day in facts.visits[visit].days)
    return days


def _minutes(facts: Facts, visits: Outing) -> int:
    return sum(facts.duration[visit] for visit in visits)


def days_of(facts: Facts, placements: Iterable[Placement]) -> dict[tuple[int, int], list[int]]:
    """(body, day) to the visits in order of time."""
    days: dict[tuple[int, int], list[int]] = {}
    for placement in sorted(placements, key=lambda item: (item.start_min, item.visit_idx)):
        for person in (person for team in placement.teams for person in team):
            days.setdefault((facts.body[person], placement.day_idx), []).append(placement.visit_idx)
    return days


def way(facts: Facts, body: int, order: Outing) -> int:
    """Minutes out, from visit to visit in this order, and home."""
    home, site = facts.home[body], facts.visit_site
    return sum(facts.leg(a, b) for a, b in pairwise([home, *(site[visit] for visit in order), home]))


class Columns:
    """y[b,S]: S is one day of b. ``clear[i,j]``: i is over, and the way to j done, when j begins.

    Σ_{S∋v} y[b,S] = x[b,v]; whoever comes to two visits of one day has a set with both; the visits of a set
    lie on one day, each pair of them one after the other.
    """

    def __init__(self, variables: Variables, outings_: Outings) -> None:
        self.variables = variables
        self.facts = variables.facts
        self.outings = outings_
        self.chosen: dict[tuple[int, Outing], cp_model.IntVar] = {}
        self.same_day: dict[tuple[int, int], cp_model.IntVar] = {}
        self.clear: dict[tuple[int, int], cp_model.IntVar] = {}
        self.orders: dict[tuple[int, Outing], list[tuple[Outing, cp_model.IntVar]]] = {}
        for body, own in outings_.items():
            self._of_body(body, own)

    def _of_body(self, body: int, own: dict[Outing, int]) -> None:
        variables, model = self.variables, self.variables.model
        visits = variables.visits_of[body]
        alone: dict[int, list[cp_model.IntVar]] = {visit: [] for visit in visits}
        both: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for outing in own:
            chosen = self.chosen[body, outing] = model.new_bool_var("")
            for visit in outing:
                alone[visit].append(chosen)
            for pair in combinations(outing, 2):
                both.setdefault(pair, []).append(chosen)
        for visit, literals in alone.items():
            model.add(cpsat.total(literals) == variables.sits(body, visit))
        for one, other in combinations(visits, 2):
            together = cpsat.total(both.get((one, other), ()))
            sits = variables.sits(body, one) + variables.sits(body, other)
            if set(self.facts.visits[one].days) & set(self.facts.visits[other].days):
                day = self._day(one, other)
                model.add(sits + day <= 2 + together)
                if (one, other) in both:
                    model.add(together <= day)
                    model.add(together <= self._clear(one, other) + self._clear(other, one))

    def _day(self, one: int, other: int) -> cp_model.IntVar:
        """Both visits take place on one day."""
        if (one, other) not in self.same_day:
            variables, model = self.variables, self.variables.model
            same = self.same_day[one, other] = model.new_bool_var("")
            for day in range(len(self.facts.problem.days)):
                first, second = variables.on_day(one, day), variables.on_day(other, day)
                model.add_bool_or(first.negated(), second.negated(), same)
                model.add_bool_or(same.negated(), first.negated(), second)
                model.add_bool_or(same.negated(), second.negated(), first)
            model.add_implication(same, variables.present(one))
            model.add_implication(same, variables.present(other))
        return self.same_day[one, other]

    def _clear(self, one: int, other: int) -> cp_model.IntVar:
        key = (one, other)
        if key not in self.clear:
            variables, model, facts = self.variables, self.variables.model, self.facts
            clear = self.clear[key] = model.new_bool_var("")
            gap = facts.duration[one] + facts.leg(facts.visit_site[one], facts.visit_site[other])
            later = facts.grid * (variables.start(other) - variables.start(one))
            model.add(later >= gap).only_enforce_if(clear)
        return self.clear[key]

    @cached_property
    def idle(self) -> dict[int, cp_model.IntVar]:
        """Body to a literal that holds only where it has no visit."""
        variables, found = self.variables, {}
        for body, visits in variables.visits_of.items():
            found[body] = variables.model.new_bool_var("")
            for visit in visits:
                variables.model.add_implication(variables.sits(body, visit), found[body].negated())
        return found

    def minutes(self) -> list[tuple[int, cp_model.IntVar]]:
        """Minutes of every outing: the least ones, until its orders are told apart."""
        found = [(self.outings[body][outing], chosen) for (body, outing), chosen in self.chosen.items()]
        for (body, outing), orders in self.orders.items():
            least = self.outings[body][outing]
            found += [(way(self.facts, body, order) - least, literal) for order, literal in orders]
        return [(minutes, literal) for minutes, literal in found if minutes]

    def misjudged(self, placements: Iterable[Placement]) -> list[Outing]:
        """Outings of the placements that are longer, in the order of their starts, than was known, but for
        days of too many stops; where one is, all that have three visits, if they are few."""
        facts, found = self.facts, set()
        for (body, _), stops in days_of(facts, placements).items():
            outing, order = tuple(sorted(stops)), tuple(stops)
            known = (body, outing) in self.orders or len(outing) > MOST_STOPS
            if not known and way(facts, body, order) > self.outings[body].get(outing, NO_LIMIT):
                found.add(outing)
        threes = {outing for own in self.outings.values() for outing in own if len(outing) == 3}
        threes -= {outing for _, outing in self.orders}
        return sorted(found | threes if found and len(threes) <= FEW else found)

    def overlong(self, placements: Iterable[Placement]) -> list[Outing]:
        """Outings of the placements that take, in the order of their starts, more minutes than the person's
        day may have: only the shortest order was looked at when they were made."""
        return sorted(
            {
                tuple(sorted(stops))
                for (body, _), stops in days_of(self.facts, placements).items()
                if not self._fits(body, tuple(stops))
            }
        )

    def _fits(self, body: int, order: Outing) -> bool:
        minutes = _minutes(self.facts, order) + way(self.facts, body, order)
        return minutes <= self.facts.minutes_day[body]

    def tell_apart(self, outing: Outing) -> None:
        """Let each order of these visits that a day has time for cost its own minutes, whoever goes. Of an
        order (and its reverse) a, b, c, .. each inner visit lies between its neighbours:
        clear[a,b] + clear[c,b] = 1."""
        model = self.variables.model
        for body, own in self.outings.items():
            if outing in own:
                literals = []
                for order in permutations(outing):
                    if order[0] < order[-1] and self._fits(body, order):
                        literal = model.new_bool_var("")
                        for a, b, c in zip(order, order[1:], order[2:], strict=False):
                            between = self._clear(a, b) + self._clear(c, b) == 1
                            model.add(between).only_enforce_if(literal)
                        literals.append((order, literal))
                self.orders[body, outing] = literals
                model.add(cpsat.total(literal for _, literal in literals) == self.chosen[body, outing])

    def hints(self, placed: Mapping[int, Placement]) -> Iterator[tuple[cp_model.IntVar, bool]]:
        """Values of all literals for these placements."""
        facts = self.facts
        days = {(body, tuple(stops)) for (body, _), stops in days_of(facts, placed.values()).items()}
        taken = {(body, tuple(sorted(stops))) for body, stops in days}
        for (body, _), orders in self.orders.items():
            for order, literal in orders:
                yield literal, (body, order) in days or (body, order[::-1]) in days
        for key, chosen in self.chosen.items():
            yield chosen, key in taken
        for (one, other), same in self.same_day.items():
            yield same, one in placed and other in placed and placed[one].day_idx == placed[other].day_idx
        for (one, other), clear in self.clear.items():
            gap = facts.duration[one] + facts.leg(facts.visit_site[one], facts.visit_site[other])
            known = one in placed and other in placed
            yield clear, known and placed[other].start_min - placed[one].start_min >= gap
        busy = {body for body, _ in taken}
        for body, idle in self.__dict__.get("idle", {}).items():
            yield idle, body not in busy
