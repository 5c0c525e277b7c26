"""The decisions of the exact model, each made when it is first asked for.

In: facts. Out: CP-SAT variables. May import: ``scheduler.domain``, ``solvers.facts``, OR-Tools.

A visit is present or not, has one day and one start; a seat takes a candidate of its group. A person's
campaign is one circuit through the visits he sits in, in order of time, from the office and back to it,
with two arcs from i to j: ``same`` day, or ``night`` in between (home and out again).
"""

from functools import cached_property
from typing import Protocol

from ortools.sat.python import cp_model

from scheduler.domain.problem import Placement
from solvers import cpsat
from solvers.facts import Facts

DAY_MIN = 24 * 60
SeatKey = tuple[int, int, int]
"""(visit, position of the group, person)."""
Arc = tuple[int, int, int]
"""(body, visit before, visit after); -1 stands for the office."""
OFFICE = -1


class Values(Protocol):
    """Reads variables; :class:`solvers.cpsat.Answer` is one."""

    def true(self, literal: cp_model.LiteralT, /) -> bool:
        """Whether a literal holds."""
        ...

    def value(self, variable: cp_model.LinearExpr, /) -> int:
        """A variable's integer."""
        ...


class Ways(Protocol):
    """Travel as literals."""

    @property
    def idle(self) -> dict[int, cp_model.IntVar]:
        """Body to a literal that holds only where it has no visit."""
        ...

    def minutes(self) -> list[tuple[int, cp_model.IntVar]]:
        """Literals with their minutes."""
        ...


class Variables:
    """All variables over one model. Nothing here forbids anything but what a variable's meaning does."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.model = cp_model.CpModel()
        self._present: dict[int, cp_model.IntVar] = {}
        self._full: dict[tuple[int, int], cp_model.IntVar] = {}
        self._on_day: dict[tuple[int, int], cp_model.IntVar] = {}
        self._day: dict[int, cp_model.IntVar] = {}
        self._start: dict[int, cp_model.IntVar] = {}
        self._seat: dict[SeatKey, cp_model.IntVar] = {}
        self._sits: dict[tuple[int, int], cp_model.IntVar] = {}
        self._at: dict[tuple[int, int, int], cp_model.IntVar] = {}
        self.columns: Ways | None = None
        """Outings in place of circuits, where the model has them."""

    def present(self, visit: int) -> cp_model.IntVar:
        """The visit takes place."""
        if visit not in self._present:
            self._present[visit] = self.model.new_bool_var("")
        return self._present[visit]

    def full(self, visit: int, group: int) -> cp_model.IntVar:
        """The group's seats are taken, all of them; else none is."""
        key = (visit, group)
        if key not in self._full:
            self._full[key] = self.model.new_bool_var("")
        return self._full[key]

    def on_day(self, visit: int, day: int) -> cp_model.IntVar:
        """The visit takes place on the day; a present visit has exactly one day."""
        if (visit, day) not in self._on_day:
            for at in range(len(self.facts.problem.days)):
                self._on_day[visit, at] = self.model.new_bool_var("")
            days = [self._on_day[visit, at] for at in range(len(self.facts.problem.days))]
            self.model.add(cpsat.total(days) == self.present(visit))
        return self._on_day[visit, day]

    def day(self, visit: int) -> cp_model.IntVar:
        """Position of the day; 0 for an absent visit."""
        if visit not in self._day:
            n_days = len(self.facts.problem.days)
            self._day[visit] = self.model.new_int_var(0, n_days - 1, "")
            self.model.add(
                self._day[visit] == cpsat.total(at * self.on_day(visit, at) for at in range(n_days))
            )
        return self._day[visit]

    def start(self, visit: int) -> cp_model.IntVar:
        """Start on the grid, counted in grid steps after midnight."""
        if visit not in self._start:
            self._start[visit] = self.model.new_int_var(0, DAY_MIN // self.facts.grid, "")
        return self._start[visit]

    def seat(self, visit: int, group: int, person: int) -> cp_model.IntVar:
        """The person, a member of the group's pools, takes one of its seats."""
        key = (visit, group, person)
        if key not in self._seat:
            self._seat[key] = self.model.new_bool_var("")
        return self._seat[key]

    def seats(self, visit: int, group: int) -> dict[int, cp_model.IntVar]:
        """Person to seat for all members of the group's pools."""
        need = self.facts.visits[visit].groups[group]
        return {person: self.seat(visit, group, person) for person in self.facts.members(need)}

    @cached_property
    def rows(self) -> dict[tuple[int, int], tuple[tuple[int, int], ...]]:
        """(body, visit) to the (group, person) rows through which that human being could come."""
        found: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for visit, need in enumerate(self.facts.visits):
            for at, group in enumerate(need.groups):
                for person in self.facts.members(group):
                    found.setdefault((self.facts.body[person], visit), []).append((at, person))
        return {key: tuple(rows) for key, rows in sorted(found.items())}

    @cached_property
    def visits_of(self) -> dict[int, tuple[int, ...]]:
        """Body to the visits it could come to."""
        found: dict[int, list[int]] = {}
        for body, visit in self.rows:
            found.setdefault(body, []).append(visit)
        return {body: tuple(visits) for body, visits in sorted(found.items())}

    def sits(self, body: int, visit: int) -> cp_model.IntVar:
        """The human being comes to the visit, in one seat only, and only if it takes place."""
        key = (body, visit)
        if key not in self._sits:
            seats = [self.seat(visit, group, person) for group, person in self.rows[key]]
            self._sits[key] = seats[0] if len(seats) == 1 else self.model.new_bool_var("")
            if len(seats) > 1:
                self.model.add(cpsat.total(seats) == self._sits[key])
            self.model.add_implication(self._sits[key], self.present(visit))
        return self._sits[key]

    def at(self, body: int, visit: int, day: int) -> cp_model.IntVar:
        """The human being comes to the visit and it is on that day."""
        key = (body, visit, day)
        if key not in self._at:
            both = self.model.new_bool_var("")
            sits, on_day = self.sits(body, visit), self.on_day(visit, day)
            self.model.add_implication(both, sits)
            self.model.add_implication(both, on_day)
            self.model.add_bool_or(both, sits.negated(), on_day.negated())
            self._at[key] = both
        return self._at[key]

    @cached_property
    def arcs(self) -> "Arcs":
        """The circuits of all."""
        return Arcs(self)

    @property
    def ways(self) -> "Ways":
        """What says who goes where from where."""
        return self.columns or self.arcs

    def placements(self, value: Values) -> tuple[Placement, ...]:
        """The placements that the values describe, in visit order."""
        found = []
        for visit, need in enumerate(self.facts.visits):
            if value.true(self.present(visit)):
                teams = tuple(
                    tuple(p for p, seat in sorted(self.seats(visit, at).items()) if value.true(seat))
                    for at in range(len(need.groups))
                )
                minute = value.value(self.start(visit)) * self.facts.grid
                day = value.value(self.day(visit))
                found.append(Placement(visit_idx=visit, day_idx=day, start_min=minute, teams=teams))
        return tuple(found)


class Arcs:
    """Per body: which visit follows which, on the same day or after a night at home.

    ``same``: day_i = day_j and start_i <= start_j; ``night``: day_i < day_j. So a day's visits are
    neighbours on the circuit, in order of time.
    """

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.same: dict[Arc, cp_model.IntVar] = {}
        self.night: dict[Arc, cp_model.IntVar] = {}
        self.idle: dict[int, cp_model.IntVar] = {}
        for body, visits in variables.visits_of.items():
            self._circuit(body, visits)

    def _circuit(self, body: int, visits: tuple[int, ...]) -> None:
        model, variables = self.variables.model, self.variables
        arcs: list[tuple[int, int, cp_model.LiteralT]] = []
        self.idle[body] = model.new_bool_var("")
        arcs.append((0, 0, self.idle[body]))
        for at, visit in enumerate(visits, start=1):
            arcs.append((at, at, variables.sits(body, visit).negated()))
            model.add_implication(variables.sits(body, visit), self.idle[body].negated())
            for key, ends in (((body, OFFICE, visit), (0, at)), ((body, visit, OFFICE), (at, 0))):
                self.night[key] = model.new_bool_var("")
                arcs.append((*ends, self.night[key]))
            for next_at, following in enumerate(visits, start=1):
                if following != visit:
                    arcs.extend((at, next_at, arc) for arc in self._between(body, visit, following))
        model.add_circuit(arcs)

    def _between(self, body: int, visit: int, following: int) -> list[cp_model.IntVar]:
        model, variables = self.variables.model, self.variables
        day_i, day_j = variables.day(visit), variables.day(following)
        same, night = model.new_bool_var(""), model.new_bool_var("")
        model.add(day_i == day_j).only_enforce_if(same)
        model.add(variables.start(visit) <= variables.start(following)).only_enforce_if(same)
        model.add(day_i + 1 <= day_j).only_enforce_if(night)
        self.same[body, visit, following] = same
        self.night[body, visit, following] = night
        return [same, night]

    def minutes(self) -> list[tuple[int, cp_model.IntVar]]:
        """Travel minutes of every arc that has any."""
        facts = self.variables.facts
        site = facts.visit_site
        found = []
        for (_, visit, following), arc in self.same.items():
            found.append((facts.leg(site[visit], site[following]), arc))
        for (body, visit, following), arc in self.night.items():
            home = facts.home[body]
            legs = sum(facts.leg(home, site[end]) for end in (visit, following) if end != OFFICE)
            found.append((legs, arc))
        return [(minutes, arc) for minutes, arc in found if minutes]

    def leaves_home(self, body: int, visit: int) -> list[cp_model.IntVar]:
        """Arcs by which the body comes to the visit from its office."""
        before = (OFFICE, *self.variables.visits_of[body])
        return [arc for i in before if (arc := self.night.get((body, i, visit))) is not None]

    def goes_home(self, body: int, visit: int) -> list[cp_model.IntVar]:
        """Arcs by which the body goes from the visit to its office."""
        after = (OFFICE, *self.variables.visits_of[body])
        return [arc for j in after if (arc := self.night.get((body, visit, j))) is not None]
