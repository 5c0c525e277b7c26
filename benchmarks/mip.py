"""The same roster as a linear model for HiGHS, through MathOpt: where it is small enough to be loaded.

In: facts, seconds. Out: placements or none. May import: ``solvers.facts``, ``solvers.goals``, OR-Tools.

Binaries per visit, day and start; per visit, seat, person and day; per person, day and ordered pair of
visits. Ways are flows from the office and back on each day, times are ordered by a big M. Goal 2's targets
are those of the load with everything served.
"""

import datetime as dt
import time
from collections.abc import Iterable
from itertools import permutations
from typing import Any, TypeAlias

from ortools.math_opt.python import mathopt

from benchmarks.baselines import Found
from scheduler.domain.problem import Placement
from solvers.facts import NO_LIMIT, Facts, skill_sets
from solvers.goals import department_members, shares, target_ratio

MOST_BINARIES = 300_000
"""Beyond, HiGHS does not get through its first linear program within minutes on this machine."""
DAY_MIN = 24 * 60
Linear: TypeAlias = Any
"""MathOpt's own union of variables, expressions and numbers is no type to a checker."""


def mip(facts: Facts, seconds: float) -> Found:
    """The best of the levels within the time."""
    size = binaries(facts)
    if size > MOST_BINARIES:
        return Found("linear", None, proved=False, note=f"not loaded: {size} binaries by estimate")
    end = time.perf_counter() + seconds
    model = Linears(facts)
    proved, values = True, None
    for objective, upwards in model.levels():
        left = end - time.perf_counter()
        if left <= 0:
            return _found(model, values, proved=False)
        (model.model.maximize if upwards else model.model.minimize)(objective)
        share = left if values is None else left / 2
        limit = mathopt.SolveParameters(time_limit=dt.timedelta(seconds=share), relative_gap_tolerance=0)
        result = mathopt.solve(model.model, mathopt.SolverType.HIGHS, params=limit)
        if not result.has_primal_feasible_solution():
            return _found(model, values, proved=False)
        values = result.variable_values()
        proved = proved and result.termination.reason == mathopt.TerminationReason.OPTIMAL
        best = round(result.objective_value())
        model.model.add_linear_constraint(objective >= best if upwards else objective <= best)
    return _found(model, values, proved=proved)


def _found(model: "Linears", values: dict[mathopt.Variable, float] | None, *, proved: bool) -> Found:
    return Found("linear", None if values is None else model.placements(values), proved=proved)


def binaries(facts: Facts) -> int:
    """Of the model, by counting: arcs of each person and day, seats by day, starts by day."""
    mine: dict[int, int] = {}
    total = 0
    for visit, need in enumerate(facts.visits):
        total += len(need.days) * facts.starts[visit].bit_count()
        for group in need.groups:
            for person in facts.candidates(group):
                mine[person] = mine.get(person, 0) + 1
                total += len(need.days)
    n_days = len(facts.problem.days)
    return total + sum(n_days * (count * (count - 1) + 2 * count) for count in mine.values())


class Linears:
    """The model; rules R03 to R13 as far as these rosters have them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.model = mathopt.Model(name="roster")
        self.starts: list[dict[tuple[int, int], mathopt.Variable]] = []
        self.on: list[dict[int, Linear]] = []
        self.seats: dict[tuple[int, int, int, int], mathopt.Variable] = {}
        self.travel: list[tuple[int, mathopt.Variable]] = []
        for visit in range(len(facts.visits)):
            self._when(visit)
            self._who(visit)
        self._apart()
        self._ways()

    def _binary(self) -> mathopt.Variable:
        return self.model.add_binary_variable()

    def _when(self, visit: int) -> None:
        mask, need = self.facts.starts[visit], self.facts.visits[visit]
        grid = [at for at in range(mask.bit_length()) if mask >> at & 1]
        starts = {(day, at): self._binary() for day in need.days for at in grid}
        self.model.add_linear_constraint(_sum(starts.values()) <= 1)
        self.starts.append(starts)
        self.on.append({day: _sum(starts[day, at] for at in grid) for day in need.days})

    def _who(self, visit: int) -> None:
        facts, need = self.facts, self.facts.visits[visit]
        if need.leader or need.senior or any(group.leader or group.senior for group in need.groups):
            raise ValueError("the linear form knows no leaders")
        for at, group in enumerate(need.groups):
            for day, on in self.on[visit].items():
                able = [p for p in facts.candidates(group) if facts.days_mask[p] >> day & 1]
                seats = {person: self._binary() for person in able}
                self.seats |= {(visit, at, person, day): seat for person, seat in seats.items()}
                self.model.add_linear_constraint(_sum(seats.values()) == group.n_seats * on)
                for skills in skill_sets(group.skills, distinct=facts.problem.distinct_cover):
                    mask = sum(1 << skill for skill in skills)
                    held = _sum(seat for person, seat in seats.items() if facts.skills[person] & mask)
                    self.model.add_linear_constraint(held >= len(skills) * on)

    def _apart(self) -> None:
        for (visit, at, person, day), seat in self.seats.items():
            for other in self.facts.barred_with.get(person, ()):
                for group in range(at, len(self.facts.visits[visit].groups)):
                    if (visit, group, other, day) in self.seats:
                        both = seat + self.seats[visit, group, other, day]
                        self.model.add_linear_constraint(both <= 1)

    def _ways(self) -> None:
        """Per human being and day one path from the office through the visits and back."""
        held: dict[tuple[int, int], dict[int, list[mathopt.Variable]]] = {}
        for (visit, _, person, day), seat in self.seats.items():
            held.setdefault((self.facts.body[person], day), {}).setdefault(visit, []).append(seat)
        for (body, _), mine in sorted(held.items()):
            self._path(body, {visit: _sum(seats) for visit, seats in mine.items()})

    def _path(self, body: int, mine: dict[int, Linear]) -> None:
        facts, model = self.facts, self.model
        home, site = facts.home[body], facts.visit_site
        out = {visit: self._binary() for visit in mine}
        back = {visit: self._binary() for visit in mine}
        arcs = {pair: self._binary() for pair in permutations(mine, 2)}
        ways = [(facts.leg(home, site[visit]), leg) for side in (out, back) for visit, leg in side.items()]
        ways += [(facts.leg(site[one], site[other]), arc) for (one, other), arc in arcs.items()]
        self.travel += ways
        model.add_linear_constraint(_sum(out.values()) <= 1)
        for visit, present in mine.items():
            before = out[visit] + _sum(arcs[other, visit] for other in mine if other != visit)
            after = back[visit] + _sum(arcs[visit, other] for other in mine if other != visit)
            model.add_linear_constraint(before == present)
            model.add_linear_constraint(after == present)
        for (one, other), arc in arcs.items():
            gap = facts.duration[one] + facts.leg(site[one], site[other])
            room = (DAY_MIN + gap) * (1 - arc)
            model.add_linear_constraint(self._minute(other) >= self._minute(one) + gap - room)
        who = facts.people[body]
        if who.max_visits_day < NO_LIMIT and who.max_visits_day:
            model.add_linear_constraint(_sum(mine.values()) <= who.max_visits_day)
        if who.max_minutes_day:
            spent = _sum(facts.duration[visit] * present for visit, present in mine.items())
            model.add_linear_constraint(spent + _sum(m * leg for m, leg in ways) <= who.max_minutes_day)

    def _minute(self, visit: int) -> Linear:
        """The start within its day; 0 for an absent visit."""
        return _sum(at * self.facts.grid * start for (_, at), start in self.starts[visit].items())

    def levels(self) -> list[tuple[Linear, bool]]:
        """Served class by class (one weight for all would drown in the tolerances of floats), the largest
        loads, the minutes above the targets, travel."""
        facts = self.facts
        served = [
            _sum(need.served[at] * _sum(self.on[visit].values()) for visit, need in enumerate(facts.visits))
            for at in range(4)
        ]
        loads: dict[int, list[Linear]] = {}
        for (visit, _, person, _), seat in self.seats.items():
            loads.setdefault(person, []).append(facts.duration[visit] * seat)
        largest, excess = self._evenness({person: _sum(parts) for person, parts in loads.items()})
        travel = _sum(minutes * arc for minutes, arc in self.travel)
        return [*((count, True) for count in served), (largest, False), (excess, False), (travel, False)]

    def _evenness(self, loads: dict[int, Linear]) -> tuple[Linear, Linear]:
        facts, model = self.facts, self.model
        whole: dict[int, int] = {}
        for visit, need in enumerate(facts.visits):
            for group in need.groups:
                department = facts.department_of(group)
                whole[department] = whole.get(department, 0) + facts.duration[visit] * group.n_seats
        ratios, above = [], []
        for department, members in department_members(facts).items():
            capacities = [facts.capacity[person] for person in members]
            targets = shares(capacities, target_ratio(capacities, whole.get(department, 0)))
            ratio = model.add_integer_variable(lb=0, ub=100_000)
            for person, room, target in zip(members, capacities, targets, strict=True):
                if person in loads:
                    model.add_linear_constraint(1000 * loads[person] <= room * ratio)
                    excess = model.add_variable(lb=0)
                    model.add_linear_constraint(excess >= loads[person] - target)
                    above.append(excess)
            ratios.append(ratio)
        return _sum(ratios), _sum(above)

    def placements(self, values: dict[mathopt.Variable, float]) -> tuple[Placement, ...]:
        """The roster of these values."""
        found = []
        for visit, need in enumerate(self.facts.visits):
            when = [key for key, start in self.starts[visit].items() if values[start] > 0.5]
            if when:
                day, at = when[0]
                teams = tuple(
                    tuple(
                        person
                        for person in self.facts.candidates(group)
                        if values.get(self.seats.get((visit, place, person, day)), 0) > 0.5
                    )
                    for place, group in enumerate(need.groups)
                )
                start = at * self.facts.grid
                found.append(Placement(visit_idx=visit, day_idx=day, start_min=start, teams=teams))
        return tuple(found)


def _sum(terms: Iterable[Linear]) -> Linear:
    return mathopt.fast_sum(list(terms))
