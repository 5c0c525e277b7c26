"""The whole campaign in one CP-SAT model, goal after goal, each held while the next one is improved; loads
and travel at once where the least loads are counted beforehand (docs/adr/0036-loads-counted-first.md).

In: facts, a lawful roster to start from, work units. Out: placements, bounds, proofs. May import: the
model's parts, ``solvers.cpsat``, ``solvers.goals``, ``solvers.bounds``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from scheduler.domain.errors import refuse
from scheduler.domain.ports import Progress
from scheduler.domain.problem import Placement
from scheduler.domain.settings import Budget
from solvers import cpsat
from solvers.blocks.assign import proved_ratios
from solvers.blocks.run import shorter
from solvers.bounds import (
    load_bound,
    officers_bound,
    served_bound,
    sure_visits,
    travel_bound,
    wishes_bound,
)
from solvers.company import in_lawful_company
from solvers.facts import Facts
from solvers.goals import Vector, goal_values, has_lottery, kept, served
from solvers.model.loads import least_loads
from solvers.model.model import RosterModel
from solvers.model.outings import Columns, Outing, outings_of
from solvers.model.starts import best_starts
from solvers.roster import Roster
from solvers.watch import keep

Placements = tuple[Placement, ...]
LOAD, TRAVEL, LOTTERY = 2, 3, 6
ALL, HALF, THIRD, TENTH = 1, 2, 3, 10
"""Of the budget that is left, what one run may spend."""
MOST_TURNS = 4
"""Of search and model for goal 3."""
NO_PROBING = 0
"""In models this small probing took longer than the search (measured: docs/adr/0036)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Solved:
    """What the levels gave; ``bounds`` and ``proved`` by goal, in the goals' components."""

    placements: Placements
    bounds: dict[int, Vector]
    proved: dict[int, bool]
    work_units: int


class Levels:
    """The lexicographic run. The best placements are kept outside of the solver: a hint may be lost
    (google/or-tools 4693), a value once found is not. ``search`` gives back what it is given, or better
    (:func:`solvers.goals.is_better`)."""

    def __init__(
        self,
        facts: Facts,
        able: tuple[bool, ...],
        start: Placements,
        work_units: int,
        progress: Progress | None = None,
        search: Callable[[Placements], Placements] | None = None,
    ) -> None:
        self.facts = facts
        self.able = able
        self.best = start
        self.search = search
        self.units_left = self.units = work_units
        self.progress = progress
        self.outings = outings_of(facts)
        self.model = RosterModel(facts, outings=self.outings)
        self.counted: Vector = ()
        self.bounds: dict[int, Vector] = {}
        self.proved: dict[int, bool] = {}

    def run(self) -> Solved:
        """All levels in order."""
        self._served()
        keep(lambda: self.best)
        self._at_once()
        if LOAD not in self.proved:
            self._search()
        keep(lambda: self.best)
        levels = {2: self._load, 3: self._travel, 4: self._officers, 5: self._wishes, 6: self._lottery}
        for goal in self.facts.problem.goals:
            if goal in levels and goal not in self.proved and (goal != LOTTERY or has_lottery(self.facts)):
                levels[goal]()
                keep(lambda: self.best)
        return Solved(
            placements=self.best,
            bounds=self.bounds,
            proved=self.proved,
            work_units=self.units - self.units_left,
        )

    def _value(self, goal: int) -> Vector:
        return self._values(self.best, goal)

    def _values(self, placements: Placements, goal: int) -> Vector:
        """Goal 1 is held whether it is told or not: with nobody sent all others would be at their best."""
        return served(self.facts, placements) if goal == 1 else goal_values(self.facts, placements)[goal]

    def _tell(self, goal: int) -> None:
        if self.progress is not None:
            self.progress("solve.goal", goal=goal, done=self.units - self.units_left, total=self.units)

    def _solve(
        self, objective: cp_model.LinearExpr, *, maximise: bool, sure: bool = True, share: int = HALF
    ) -> cpsat.Answer:
        """One level, each try with a ``share`` of what is left of the budget. An answer in which somebody's
        day is too long (:meth:`Columns.overlong`) is none: the model learns that day's orders, and tries
        again.

        Where the incumbent obeys every constraint (``sure``) and there is no answer, either is wrong.
        """
        model = self.model.model
        if maximise:
            model.maximize(objective)
        else:
            model.minimize(objective)
        while True:
            self.model.hint(self.best)
            answer = cpsat.run(model, max(1, self.units_left // share), probing=NO_PROBING)
            self.units_left = max(0, self.units_left - answer.work_units)
            if answer.infeasible and sure:
                raise refuse(cpsat.SolverFailedError, "solve.contradiction")
            if not self._learns(answer, Columns.overlong):
                return answer
            if not self.units_left:
                answer.reject()
                return answer

    def _search(self) -> None:
        """Look around once, without the model, where it does not answer at once."""
        if self.search is not None:
            self.best, self.search = self.search(self.best), None

    def _served(self) -> None:
        """Goal 1, then within it the order of giving up."""
        self._tell(1)
        objectives = self.model.objectives
        bound = served_bound(self.facts, self.able)
        if self._value(1) != bound:
            self._search()
        if self._value(1) == bound:
            self.bounds[1], self.proved[1] = bound, True
        else:
            answer = self._solve(objectives.goal1_served(), maximise=True)
            if answer.found and objectives.weigh(self._read(answer, 1)) >= objectives.weigh(self._value(1)):
                self.best = self.model.variables.placements(answer)
            self.proved[1] = answer.optimal
            self.bounds[1] = self._value(1) if answer.optimal else bound
        self.model.model.add(objectives.goal1_served() >= objectives.weigh(self._value(1)))
        if len(self.best) < len(self.facts.visits):
            answer = self._solve(objectives.give_up_order(), maximise=True)
            if answer.found:
                self.best = self.model.variables.placements(answer)
        self._hold_served()

    def _hold_served(self) -> None:
        objectives, model = self.model.objectives, self.model.model
        weight, worth = self._kept(self.best)
        model.add(objectives.goal1_served() >= weight)
        model.add(objectives.give_up_order() >= worth)

    def _kept(self, placements: Placements) -> tuple[int, int]:
        """Goal 1 and the order of giving up, each as its number."""
        vector, worth = kept(self.facts, placements)
        return self.model.objectives.weigh(vector), worth

    def _read(self, answer: cpsat.Answer, goal: int) -> Vector:
        return self._values(self.model.variables.placements(answer), goal)

    def _at_once(self) -> None:
        """Goals 2 and 3 together, where each department can have the least loads that it could have if nobody
        needed any time: most often all can."""
        facts, sure = self.facts, self._sure()
        tolerance = facts.problem.load_tolerance_permille
        if not {LOAD, TRAVEL} <= set(facts.problem.goals) or tolerance:
            return
        least = least_loads(facts, sure, all_sure=len(sure) == sum(self.able))
        if least is None:
            return
        self._tell(TRAVEL)
        loose, self.model = self.model, RosterModel(facts, outings=self.outings)
        self._hold_served()
        self.model.objectives.hold_loads(least)
        self.counted = low = sum(one.ratio for one in least), sum(one.excess for one in least)
        # What does not answer soon is solved again from a better start; circuits are soon or never.
        bound = self._shorten((LOAD, TRAVEL), sure=False, share=TENTH if self.outings is None else THIRD)
        if self._value(LOAD) != low:
            self.model = loose
            return
        self.bounds |= {LOAD: low, TRAVEL: (bound,)}
        self.proved[LOAD] = True
        if bound == self._value(TRAVEL)[0]:
            self.proved[TRAVEL] = True
            self.model.model.add(self.model.objectives.travel <= bound)

    def _load(self) -> None:
        """Goal 2: the largest per mille, then the excess; held within the committed tolerance."""
        self._tell(2)
        sure = sure_visits(self.facts, self.able, self._value(1))
        static = self._load_bound(sure)
        proved, bound = True, []
        for at in (0, 1):
            goal = self._load_goal(at)
            # Counted beside the least ratios: with larger ones there may be less above the targets.
            low = self.counted[1] if at and self._value(2)[:1] == self.counted[:1] else static[at]
            if self._value(2)[at] > low:
                answer = self._solve(goal, maximise=False)
                self._keep_if_better(answer, 2)
                low = max(low, answer.at_least() if proved else low)
                proved = proved and answer.optimal
            bound.append(min(low, self._value(2)[at]))
            self.model.model.add(goal <= self._value(2)[at])
        self.bounds[2], self.proved[2] = tuple(bound), proved
        if self.facts.problem.load_tolerance_permille:
            self._loosen()

    def _load_bound(self, sure: tuple[int, ...]) -> Vector:
        """By arithmetic, the largest loads as counted; else also by how lengths fit into shares and who goes
        where at all."""
        largest, excess = load_bound(self.facts, sure, all_sure=len(sure) == sum(self.able))
        if self.counted:
            return self.counted[0], excess
        roster = Roster(self.facts)
        for placement in self.best:
            roster.put(placement)
        raised = sum(proved_ratios(roster, self.able, Budget(), None).values())
        return max(largest, raised), excess

    def _load_goal(self, at: int) -> cp_model.LinearExpr:
        return self.model.objectives.excess if at else self.model.objectives.largest

    def _loosen(self) -> None:
        """A model anew in which goal 2 may be worse by its tolerance: of the ratios, and of all minutes."""
        (largest, excess), tolerance = self._value(2), self.facts.problem.load_tolerance_permille
        minutes = sum(
            self.facts.duration[placement.visit_idx]
            for placement in self.best
            for team in placement.teams
            for person in team
            if self.facts.people[person].department_idx >= 0
        )
        self.model = RosterModel(self.facts, outings=self.outings)
        self._hold_served()
        for at, most in enumerate((largest * (1000 + tolerance), excess * 1000 + minutes * tolerance)):
            self.model.model.add(self._load_goal(at) <= most // 1000)

    def _keep_if_better(self, answer: cpsat.Answer, *goals: int) -> None:
        """The answer takes the incumbent's place, if it is no worse in these; where days are columns, its
        travel may be longer than the model knew, and counts."""
        if not answer.found:
            return
        found = self.model.variables.placements(answer)
        if self.outings is not None:
            found = best_starts(self.facts, found, self.outings)
        if goals[0] > TRAVEL in self.facts.problem.goals:
            goals = (TRAVEL, *goals)
        old = [self._value(goal) for goal in goals]
        if [self._values(found, goal) for goal in goals] <= old:
            self.best = found

    def _travel(self) -> None:
        """Goal 3: search and model in turn, each from the best so far, while anything is left to spend."""
        self._tell(TRAVEL)
        for start in range(1, MOST_TURNS + 1):
            if {1, LOAD} <= set(self.facts.problem.goals):
                prepared = shorter(self.facts, self.able, self.best, start)
                self.best = prepared if in_lawful_company(self.facts, prepared) else self.best
            bound = self._shorten((TRAVEL,))
            self.bounds[TRAVEL] = (min(self._value(TRAVEL)[0], bound),)
            self.proved[TRAVEL] = self.bounds[TRAVEL] == self._value(TRAVEL)
            if self.proved[TRAVEL] or not self.units_left:
                break
        self.model.model.add(self.model.objectives.travel <= self._value(TRAVEL)[0])

    def _shorten(self, goals: tuple[int, ...], *, sure: bool = True, share: int = HALF) -> int:
        """The least travel, solved for until its orders are known; returns its bound."""
        bound = max(travel_bound(self.facts, self._sure()), self.bounds.get(TRAVEL, (0,)))[0]
        misjudged = True
        while misjudged:
            answer = self._solve(self.model.objectives.travel, maximise=False, sure=sure, share=share)
            self._keep_if_better(answer, *goals)
            bound = max(bound, answer.at_least())
            misjudged = (
                bound < self._value(TRAVEL)[0]
                and (answer.optimal or sure)
                and self.units_left > 0
                and self._learns(answer, Columns.misjudged)
            )
            share = ALL if answer.optimal else share  # orders alone are left to be found out
        return bound

    def _learns(self, answer: cpsat.Answer, wrong: Callable[[Columns, Placements], Sequence[Outing]]) -> bool:
        """Where days are columns: let the model know the orders of those that it got wrong in the answer;
        whether there were any."""
        columns = self.model.columns
        if columns is None or not answer.found:
            return False
        outings = wrong(columns, self.model.variables.placements(answer))
        for outing in outings:
            columns.tell_apart(outing)
        return bool(outings)

    def _officers(self) -> None:
        """Goal 4."""
        self._one_number(4, self.model.objectives.officers, officers_bound(self.facts, self._sure()))

    def _wishes(self) -> None:
        """Goal 5."""
        self._one_number(5, self.model.objectives.wishes, wishes_bound(self.facts, self._sure()))

    def _sure(self) -> tuple[int, ...]:
        return sure_visits(self.facts, self.able, self._value(1))

    def _one_number(self, goal: int, objective: cp_model.LinearExpr, bound: int) -> None:
        """A goal of one number to be made small; solved only where arithmetic has not closed it yet."""
        self._tell(goal)
        optimal = self._value(goal)[0] == bound
        if not optimal:
            answer = self._solve(objective, maximise=False)
            self._keep_if_better(answer, goal)
            bound = max(bound, answer.at_least())
            optimal = bound == self._value(goal)[0]
        self.bounds[goal], self.proved[goal] = (min(self._value(goal)[0], bound),), optimal
        self.model.model.add(objective <= self._value(goal)[0])

    def _lottery(self) -> None:
        """Goal 6, proved only where all before it are."""
        self._tell(LOTTERY)
        answer = self._solve(self.model.objectives.lottery, maximise=False)
        self._keep_if_better(answer, LOTTERY)
        self.bounds[LOTTERY] = (min(self._value(LOTTERY)[0], max(0, answer.at_least())),)
        optimal = self.bounds[LOTTERY] == self._value(LOTTERY)
        self.proved[LOTTERY] = optimal and all(self.proved.values())
