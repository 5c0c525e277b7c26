"""The goals as linear expressions, exactly as the rule register words them.

In: variables. Out: expressions and their helper variables. May import: the model's variables.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from math import gcd

from ortools.sat.python import cp_model

from solvers import cpsat
from solvers.goals import department_members, shares, target_ratio, worth_of
from solvers.model.loads import Least
from solvers.model.variables import Variables


class Objectives:
    """Goals 1 to 6, and the order of giving up; each made when first asked for."""

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.facts = variables.facts
        self.model = variables.model

    @cached_property
    def class_weights(self) -> tuple[int, int, int, int]:
        """Weights that make one requirement of a class outweigh all of the classes below it."""
        weights, weight = [0, 0, 0, 0], 1
        for at in (3, 2, 1, 0):
            weights[at] = weight
            weight *= 1 + sum(visit.served[at] for visit in self.facts.visits)
        return (weights[0], weights[1], weights[2], weights[3])

    def weigh(self, served: tuple[int, ...]) -> int:
        """A vector of goal 1 as one number in the same order."""
        return sum(weight * count for weight, count in zip(self.class_weights, served, strict=True))

    def goal1_served(self) -> cp_model.LinearExpr:
        """Goal 1, to be maximised: Σ_v weight(served[v]) · y[v]."""
        return cpsat.total(
            self.weigh(need.served) * self.variables.present(visit)
            for visit, need in enumerate(self.facts.visits)
        )

    def give_up_order(self) -> cp_model.LinearExpr:
        """To be maximised within goal 1: Σ_v worth[v] · y[v]."""
        worth = worth_of(self.facts)
        return cpsat.total(worth[visit] * self.variables.present(visit) for visit in worth)

    @cached_property
    def loads(self) -> dict[int, cp_model.LinearExpr]:
        """Officer to on-site minutes: Σ_v duration[v] · x[v,g,p]."""
        terms: dict[int, list[cp_model.LinearExpr]] = {
            person: [] for members in department_members(self.facts).values() for person in members
        }
        for (_, visit), seats in self.variables.rows.items():
            for group, person in seats:
                if person in terms:
                    terms[person].append(
                        self.facts.duration[visit] * self.variables.seat(visit, group, person)
                    )
        return {person: cpsat.total(parts) for person, parts in terms.items()}

    @cached_property
    def largest(self) -> cp_model.LinearExpr:
        """Goal 2, first component: Σ_dept R[dept] with 1000 · load[p] <= R[dept] · capacity[p]."""
        total: list[cp_model.IntVar] = []
        for members in department_members(self.facts).values():
            most = max(self._most_ratio(person) for person in members)
            ratio = self.model.new_int_var(0, most, "")
            for person in members:
                self.model.add(1000 * self.loads[person] <= ratio * self.facts.capacity[person])
            total.append(ratio)
        return cpsat.total(total)

    def _most_load(self, person: int) -> int:
        body = self.facts.body[person]
        return sum(self.facts.duration[visit] for visit in self.variables.visits_of.get(body, ()))

    def _most_ratio(self, person: int) -> int:
        return -(-1000 * self._most_load(person) // self.facts.capacity[person])

    @cached_property
    def excess(self) -> cp_model.LinearExpr:
        """Goal 2, second component: Σ_p max(0, load[p] - target[p]), the target read off a table of the
        department's whole load."""
        total: list[cp_model.IntVar] = []
        for members in department_members(self.facts).values():
            targets = self._targets(members)
            for person, target in zip(members, targets, strict=True):
                above = self.model.new_int_var(0, self._most_load(person), "")
                self.model.add(above >= self.loads[person] - target)
                total.append(above)
        return cpsat.total(total)

    def hold_loads(self, least: Iterable[Least]) -> None:
        """Goal 2 at these values: load[p] <= cap[p]; Σ_p max(0, load[p] - target[p]) <= excess, for each
        department."""
        for department in least:
            above: list[cp_model.IntVar] = []
            for person, cap, target in zip(
                department.members, department.caps, department.targets, strict=True
            ):
                self.model.add(self.loads[person] <= cap)
                if department.excess and cap > target:
                    above.append(self.model.new_int_var(0, cap - target, ""))
                    self.model.add(above[-1] >= self.loads[person] - target)
                elif cap > target:
                    self.model.add(self.loads[person] <= target)
            self.model.add(cpsat.total(above) <= department.excess)

    def _targets(self, members: tuple[int, ...]) -> list[cp_model.LinearExpr]:
        capacities = [self.facts.capacity[person] for person in members]
        step = gcd(*self.facts.duration) or 1
        most = sum(self._most_load(person) for person in members) // step
        table = [shares(capacities, target_ratio(capacities, step * at)) for at in range(most + 1)]
        index = self.model.new_int_var(0, most, "")
        self.model.add(step * index == cpsat.total(self.loads[person] for person in members))
        found: list[cp_model.LinearExpr] = []
        for at in range(len(members)):
            column = [row[at] for row in table]
            target = self.model.new_int_var(0, max(column), "")
            self.model.add_element(index, column, target)
            found.append(target)
        return found

    @property
    def travel(self) -> cp_model.LinearExpr:
        """Goal 3: Σ of the arcs' minutes over all circuits; with outings in their place Σ of their least
        minutes, which no roster is below."""
        return cpsat.total(minutes * literal for minutes, literal in self.variables.ways.minutes())

    @cached_property
    def officers(self) -> cp_model.LinearExpr:
        """Goal 4: Σ over officers of 1 - idle, the loop at the office that a circuit without visits takes; of
        whom an expert's row exists, too, of sent >= x[v,g,p] over the officer's own seats."""
        return cpsat.total(self._sent(body, idle) for body, idle in self.variables.ways.idle.items())

    def _sent(self, body: int, idle: cp_model.IntVar) -> cp_model.LinearExpr:
        own = [
            (self.variables.seat(visit, at, person), self.facts.people[person].department_idx >= 0)
            for visit in self.variables.visits_of[body]
            for at, person in self.variables.rows[body, visit]
        ]
        if all(is_officer for _, is_officer in own):
            return 1 - idle
        sent = self.model.new_bool_var("")
        for seat, is_officer in own:
            if is_officer:
                self.model.add_implication(seat, sent)
        return cp_model.LinearExpr.sum([sent])

    @cached_property
    def wishes(self) -> cp_model.LinearExpr:
        """Goal 5: Σ penalty · x[v,g,p] + Σ penalty · d[v,t] + Σ penalty · together + Σ penalty · near
        + Σ penalty · short."""
        seats_and_days = [*self._seat_wishes(), *self._day_wishes()]
        return cpsat.total([*seats_and_days, *self._pair_wishes(), *self._spacing(), *self._too_few()])

    def _seat_wishes(self) -> Iterator[cp_model.LinearExpr]:
        for visit, need in enumerate(self.facts.visits):
            for at, group in enumerate(need.groups):
                if group.wishes:
                    for person, penalty in zip(self.facts.candidates(group), group.wishes, strict=True):
                        if penalty:
                            yield penalty * self.variables.seat(visit, at, person)

    def _day_wishes(self) -> Iterator[cp_model.LinearExpr]:
        for visit, need in enumerate(self.facts.visits):
            if need.day_wishes:
                for day, penalty in zip(need.days, need.day_wishes, strict=True):
                    if penalty:
                        yield penalty * self.variables.on_day(visit, day)

    def _pair_wishes(self) -> Iterator[cp_model.LinearExpr]:
        """Formula: together >= x[v,·,p] + x[v,·,q] - 1 for each visit where both could sit."""
        for one, other, penalty in self.facts.problem.pair_wishes:
            for visit in range(len(self.facts.visits)):
                mine, theirs = self._row(visit, one), self._row(visit, other)
                if penalty and mine and theirs:
                    both = self.model.new_bool_var("")
                    self.model.add(cpsat.total([*mine, *theirs]) <= 1 + both)
                    yield penalty * both

    def _row(self, visit: int, person: int) -> list[cp_model.IntVar]:
        rows = self.variables.rows.get((self.facts.body[person], visit), ())
        return [self.variables.seat(visit, at, row) for at, row in rows if row == person]

    def _spacing(self) -> Iterator[cp_model.LinearExpr]:
        """near, or day_i + least <= day_j, or day_j + least <= day_i, or one of the two is absent."""
        variables, model = self.variables, self.model
        for one, other, least, penalty in self.facts.problem.spaced:
            near, before, after = (model.new_bool_var("") for _ in range(3))
            model.add(variables.day(one) + least <= variables.day(other)).only_enforce_if(before)
            model.add(variables.day(other) + least <= variables.day(one)).only_enforce_if(after)
            absent = [variables.present(visit).negated() for visit in (one, other)]
            model.add_bool_or(near, before, after, *absent)
            yield penalty * near

    def _too_few(self) -> Iterator[cp_model.LinearExpr]:
        """Formula: short >= least - Σ_v x[v,·,p]."""
        for person, least, penalty in self.facts.problem.least_visits:
            own = [seat for visit in range(len(self.facts.visits)) for seat in self._row(visit, person)]
            short = self.model.new_int_var(0, max(0, least), "")
            self.model.add(short >= least - cpsat.total(own))
            yield penalty * short

    @cached_property
    def lottery(self) -> cp_model.LinearExpr:
        """Goal 6: Σ weight[v,g,p] · x[v,g,p]."""
        terms: list[cp_model.LinearExpr] = []
        for visit, need in enumerate(self.facts.visits):
            for at, group in enumerate(need.groups):
                if group.lottery:
                    weights = zip(self.facts.candidates(group), group.lottery, strict=True)
                    terms.extend(weight * self.variables.seat(visit, at, p) for p, weight in weights)
        return cpsat.total(terms)
