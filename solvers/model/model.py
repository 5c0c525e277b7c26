"""The exact model put together: variables, rules, goals, hints.

In: facts. Out: a CP-SAT model that can be asked goal after goal. May import: the model's parts.
"""

from collections.abc import Iterable
from itertools import pairwise

from scheduler.domain.problem import Placement
from solvers.facts import Facts
from solvers.model.constraints import ABSENT, CONSTRAINTS, Constraints
from solvers.model.objectives import Objectives
from solvers.model.outings import Columns, Outings
from solvers.model.variables import OFFICE, Arc, Variables


class RosterModel:
    """One roster problem in CP-SAT; ``rules`` names the rules it obeys (all of them, but for tests).

    With ``outings`` days are columns: R09 and a day's limits of R10 then hold by their making, and travel is
    bounded from below; without, people go in circuits, and travel is exact.
    """

    def __init__(
        self, facts: Facts, rules: Iterable[str] = tuple(CONSTRAINTS), outings: Outings | None = None
    ) -> None:
        self.facts = facts
        self.variables = Variables(facts)
        self.columns: Columns | None = None
        if outings is not None:
            self.columns = self.variables.columns = Columns(self.variables, outings)
        self.model = self.variables.model
        self.objectives = Objectives(self.variables)
        constraints = Constraints(self.variables)
        for rule in rules:
            CONSTRAINTS[rule](constraints)

    def fix(self, placements: Iterable[Placement], *, starts: bool = True) -> None:
        """Allow exactly these placements and no other visit; with other ``starts``, if they are not fixed."""
        placed = {placement.visit_idx: placement for placement in placements}
        variables, model = self.variables, self.model
        for visit, need in enumerate(self.facts.visits):
            placement = placed.get(visit)
            model.add(variables.present(visit) == (placement is not None))
            teams = ((),) * len(need.groups) if placement is None else placement.teams
            for at, team in enumerate(teams):
                for person, seat in variables.seats(visit, at).items():
                    model.add(seat == (person in team))
            if placement is not None:
                model.add(variables.day(visit) == placement.day_idx)
                if starts:
                    model.add(variables.start(visit) * self.facts.grid == placement.start_min)

    def hint(self, placements: Iterable[Placement]) -> None:
        """Start from these placements: presence, days, starts, seats and circuits."""
        placed = {placement.visit_idx: placement for placement in placements}
        variables, model = self.variables, self.model
        model.clear_hints()  # type: ignore[no-untyped-call]
        for visit, need in enumerate(self.facts.visits):
            placement = placed.get(visit)
            model.add_hint(variables.present(visit), placement is not None)
            for at in range(len(need.groups)):
                model.add_hint(variables.full(visit, at), placement is not None)
                for person, seat in variables.seats(visit, at).items():
                    model.add_hint(seat, placement is not None and person in placement.teams[at])
            for day in range(len(self.facts.problem.days)):
                here = placement is not None and placement.day_idx == day
                model.add_hint(variables.on_day(visit, day), here)
            # Made here for absent visits, too: a variable that is younger than the answer has no value in it.
            when, start = variables.day(visit), variables.start(visit)
            if placement is not None:
                model.add_hint(when, placement.day_idx)
                model.add_hint(start, placement.start_min // self.facts.grid)
        if self.columns is None:
            self._hint_arcs(placed)
        else:
            for literal, holds in self.columns.hints(placed):
                model.add_hint(literal, holds)

    def _hint_arcs(self, placed: dict[int, Placement]) -> None:
        stops: dict[int, list[tuple[int, int, int]]] = {}
        for visit, placement in placed.items():
            for person in (person for team in placement.teams for person in team):
                body = self.facts.body[person]
                stops.setdefault(body, []).append((placement.day_idx, placement.start_min, visit))
        same: set[Arc] = set()
        night: set[Arc] = set()
        for body, mine in stops.items():
            ends = [(-1, 0, OFFICE), *sorted(mine), (-1, 0, OFFICE)]
            for (day, _, visit), (next_day, _, following) in pairwise(ends):
                (same if day == next_day else night).add((body, visit, following))
        for key, arc in self.variables.arcs.same.items():
            self.model.add_hint(arc, key in same)
        for key, arc in self.variables.arcs.night.items():
            self.model.add_hint(arc, key in night)


def coverage() -> dict[str, str]:
    """Rule to how the roster is kept inside it: ``constraint: <method>`` or ``absent: <why>``."""
    kept = {rule: f"constraint: {method.__name__}" for rule, method in CONSTRAINTS.items()}
    kept |= {rule: f"absent: {why}" for rule, why in ABSENT.items()}
    return dict(sorted(kept.items()))
