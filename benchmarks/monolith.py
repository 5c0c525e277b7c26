"""The whole roster as one CP-SAT model, as one would write it first: two workers, the clock, goal after goal.

In: facts, seconds. Out: placements or none. May import: ``solvers``, OR-Tools.

Two forms. *circuit*: the exact model with ways as circuits, where it is small enough to be loaded.
*interval*: beyond, an optional interval per visit and officer with NoOverlap per officer. A NoOverlap knows
no ways, so each visit is made longer by the longest leg from it, a day is charged with the way from the
office and back for each visit, and that sum stands for the travel: lawful, and compact enough to be solved.
"""

import time
from collections.abc import Callable
from typing import Any

from ortools.sat.python import cp_model

from benchmarks.baselines import Found
from scheduler.domain.problem import Placement
from solvers.cpsat import Answer
from solvers.facts import NO_LIMIT, Facts, skill_sets
from solvers.goals import department_members
from solvers.model.model import RosterModel
from solvers.size import estimated_literals

MOST_LITERALS = 200_000
"""Of the circuit form; a county has three million."""
WORKERS = 2
DAY_MIN = 24 * 60
Read = Callable[[Any], tuple[Placement, ...]]
Level = tuple[cp_model.LinearExpr, bool]
"""An objective, and whether it is made large."""


def monolith(facts: Facts, seconds: float) -> Found:
    """The best of the levels within the time."""
    began = time.perf_counter()
    form = "circuit" if estimated_literals(facts) <= MOST_LITERALS else "interval"
    read: Read
    if form == "circuit":
        whole = RosterModel(facts)
        goals = whole.objectives
        levels = [(goals.goal1_served(), True), (goals.largest, False), (goals.excess, False)]
        levels += [(goals.travel, False)]
        model, read = whole.model, whole.variables.placements
    else:
        intervals = Intervals(facts)
        model, read, levels = intervals.model, intervals.placements, intervals.levels()
    placements, proved = _solve(model, levels, read, began + seconds)
    return Found(form, placements, proved=proved)


def _solve(
    model: cp_model.CpModel, levels: list[Level], read: Read, end: float
) -> tuple[tuple[Placement, ...] | None, bool]:
    """Level after level, each with half of the time that is left (the last with all), held afterwards."""
    placements: tuple[Placement, ...] | None = None
    proved = True
    for at, (objective, upwards) in enumerate(levels):
        left = end - time.perf_counter()
        if left <= 0:
            return placements, False
        (model.maximize if upwards else model.minimize)(objective)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = WORKERS
        takes_all = placements is None or at + 1 == len(levels)
        solver.parameters.max_time_in_seconds = left if takes_all else left / 2
        answer = Answer(solver, solver.solve(model))
        if not answer.found:
            return placements, False
        placements, proved = read(answer), proved and answer.optimal
        value = round(solver.objective_value)
        model.add(objective >= value if upwards else objective <= value)
        _hint(model, solver)
    return placements, proved


def _hint(model: cp_model.CpModel, solver: cp_model.CpSolver) -> None:
    model.clear_hints()  # type: ignore[no-untyped-call]
    for index, value in enumerate(solver.response_proto.solution):
        model.add_hint(model.get_int_var_from_proto_index(index), value)


class Intervals:
    """The interval form."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.model = model = cp_model.CpModel()
        self.present = [model.new_bool_var("") for _ in facts.visits]
        self.days: list[dict[int, cp_model.IntVar]] = []
        self.day: list[cp_model.IntVar] = []
        self.start: list[cp_model.IntVar] = []
        self.when: list[cp_model.IntVar] = []
        self.seats: dict[tuple[int, int, int], cp_model.IntVar] = {}
        self._of: dict[int, list[tuple[int, cp_model.IntVar]]] = {}
        for visit in range(len(facts.visits)):
            self._when(visit)
            self._who(visit)
        self._apart()
        self._alone()

    def _when(self, visit: int) -> None:
        """A day of the window, a start that the pieces allow."""
        facts, model, need = self.facts, self.model, self.facts.visits[visit]
        on = {day: model.new_bool_var("") for day in need.days}
        model.add(sum(on.values()) == self.present[visit])
        day = model.new_int_var(0, max(0, len(facts.problem.days) - 1), "")
        for at, literal in on.items():
            model.add(day == at).only_enforce_if(literal)
        mask = facts.starts[visit]
        grid = [at for at in range(mask.bit_length()) if mask >> at & 1] or [0]
        if not mask:
            model.add(self.present[visit] == 0)
        self.days.append(on)
        self.day.append(day)
        self.start.append(model.new_int_var_from_domain(cp_model.Domain.from_values(grid), ""))
        when = model.new_int_var(0, DAY_MIN * len(facts.problem.days), "")
        model.add(when == DAY_MIN * day + facts.grid * self.start[-1])
        self.when.append(when)

    def _who(self, visit: int) -> None:
        """Seats, skills, and nobody on a day on which he does not work."""
        facts, model = self.facts, self.model
        for at, group in enumerate(facts.visits[visit].groups):
            seats = {person: model.new_bool_var("") for person in facts.candidates(group)}
            model.add(sum(seats.values()) == group.n_seats * self.present[visit])
            for skills in skill_sets(group.skills, distinct=facts.problem.distinct_cover):
                mask = sum(1 << skill for skill in skills)
                able = [seats[person] for person in seats if facts.skills[person] & mask]
                model.add(sum(able) >= len(skills) * self.present[visit])
            if group.leader or group.senior or facts.visits[visit].leader or facts.visits[visit].senior:
                raise ValueError("the interval form knows no leaders")
            for person, seat in seats.items():
                self.seats[visit, at, person] = seat
                self._of.setdefault(facts.body[person], []).append((visit, seat))
                for day, literal in self.days[visit].items():
                    if not facts.days_mask[person] >> day & 1:
                        model.add_bool_or(seat.negated(), literal.negated())

    def _apart(self) -> None:
        """Barred pairs never in one visit."""
        of: dict[int, dict[int, cp_model.IntVar]] = {}
        for (visit, _, person), seat in self.seats.items():
            of.setdefault(person, {})[visit] = seat
        for one, other in self.facts.problem.barred_pairs:
            for visit in of.get(one, {}).keys() & of.get(other, {}).keys():
                self.model.add_bool_or(of[one][visit].negated(), of[other][visit].negated())

    def _alone(self) -> None:
        """Nobody in two places; the day's visits and minutes; week and campaign are not in these rosters."""
        facts, model = self.facts, self.model
        for body, mine in self._of.items():
            who = facts.people[body]
            if facts.long_limits[body]:
                raise ValueError("the interval form knows no limits beyond the day")
            sites = sorted({facts.visit_site[visit] for visit, _ in mine})
            times, days, minutes = [], [], []
            for visit, seat in mine:
                site, length = facts.visit_site[visit], facts.duration[visit]
                longest = max((facts.leg(site, other) for other in sites), default=0)
                when = self.when[visit]
                times.append(model.new_optional_fixed_size_interval_var(when, length + longest, seat, ""))
                days.append(model.new_optional_fixed_size_interval_var(self.day[visit], 1, seat, ""))
                minutes.append(length + 2 * facts.leg(facts.home[body], site))
            model.add_no_overlap(times)
            if who.max_minutes_day:
                model.add_cumulative(days, minutes, who.max_minutes_day)
            if facts.visits_day[body] < NO_LIMIT:
                model.add_cumulative(days, [1] * len(days), facts.visits_day[body])

    def levels(self) -> list[Level]:
        """Served with the classes in one weight, the largest loads, the ways from and to the office."""
        facts, model = self.facts, self.model
        served = sum(
            1000**at * count * self.present[visit]
            for visit, need in enumerate(facts.visits)
            for at, count in enumerate(reversed(need.served))
        )
        loads: dict[int, list[cp_model.LinearExpr]] = {}
        travel = []
        for (visit, _, person), seat in self.seats.items():
            loads.setdefault(person, []).append(facts.duration[visit] * seat)
            travel.append(2 * facts.leg(facts.home[person], facts.visit_site[visit]) * seat)
        largest = []
        for members in department_members(facts).values():
            ratio = model.new_int_var(0, 100_000, "")
            for person in members:
                if person in loads:
                    model.add(1000 * sum(loads[person]) <= ratio * facts.capacity[person])
            largest.append(ratio)
        return [(served, True), (sum(largest), False), (sum(travel), False)]

    def placements(self, answer: Answer) -> tuple[Placement, ...]:
        """The roster of an answer."""
        found = []
        for visit, need in enumerate(self.facts.visits):
            if answer.true(self.present[visit]):
                teams = tuple(
                    tuple(p for p in self.facts.candidates(group) if answer.true(self.seats[visit, at, p]))
                    for at, group in enumerate(need.groups)
                )
                found.append(
                    Placement(
                        visit_idx=visit,
                        day_idx=answer.value(self.day[visit]),
                        start_min=answer.value(self.start[visit]) * self.facts.grid,
                        teams=teams,
                    )
                )
        return tuple(found)
