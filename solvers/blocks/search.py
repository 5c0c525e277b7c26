"""Ruin and recreate: take a few visits out that belong together, put them back at their cheapest places.

In: a lawful roster. Out: the same roster, never serving less, with less travel and strain. It prepares
dates, routes and hints; who goes is decided afterwards by CP-SAT. May import: ``solvers`` below blocks.
Source of the idea: Schrimpf et al. 2000, https://doi.org/10.1006/jcph.1999.6413.
"""

from scheduler.domain.ports import Progress
from scheduler.domain.problem import Placement
from solvers.detours import is_torn
from solvers.dice import Dice
from solvers.insertion import best_place
from solvers.roster import Roster

N_NEAR = 24
"""Neighbours remembered per visit."""
MOST_TAKEN = 9
FIRST_WORSE = 24
"""Minutes a step may be worse at the start; shrinks to nothing (threshold accepting, Dueck 1990)."""
TALK_EVERY = 200


class Search:
    """One run over one roster; all choices come from a fixed stream of numbers."""

    def __init__(self, roster: Roster, able: tuple[bool, ...], start: int = 1) -> None:
        self.roster = roster
        self.able = able
        self.dice = Dice(start)
        self.visits = tuple(visit for visit, can in enumerate(able) if can)
        self._near: dict[int, tuple[int, ...]] = {}
        self._by_pool: dict[int, list[int]] = {}
        for visit in self.visits:
            for pool in sorted(self._pools(visit)):
                self._by_pool.setdefault(pool, []).append(visit)

    def run(self, n_steps: int, progress: Progress | None = None) -> None:
        """Take and put back ``n_steps`` times; ends with the best roster seen."""
        if not self.visits:
            return
        best, best_score = list(self.roster.placed), self._score()
        for step in range(n_steps):
            worse = FIRST_WORSE * (n_steps - step) // n_steps
            self._step(worse)
            if step * 2 >= n_steps and self._score() < best_score:
                best, best_score = list(self.roster.placed), self._score()
            if progress is not None and (step + 1) % TALK_EVERY == 0:
                progress("solve.search", done=step + 1, total=n_steps)
        if best_score < self._score():
            self.roster.restore(best)

    def _score(self) -> tuple[int, ...]:
        return (*(-count for count in self.roster.served), self.roster.travel + self.roster.penalty)

    def _step(self, worse: int) -> None:
        roster = self.roster
        before = self._score()
        taken = self._choose()
        old = [roster.placed[visit] for visit in taken]
        for visit, placement in zip(taken, old, strict=True):
            if placement is not None:
                roster.take(visit)
        placed_before = {placement.visit_idx for placement in old if placement is not None}
        for visit in self._order(taken):
            choice = best_place(roster, visit)
            if choice is not None:
                roster.put(choice.placement)
            elif visit in placed_before:
                break
        after = self._score()
        lost = after[:-1] > before[:-1] or (after[:-1] == before[:-1] and after[-1] > before[-1] + worse)
        if lost or is_torn(roster, old):
            self._undo(taken, old)

    def _undo(self, taken: list[int], old: list[Placement | None]) -> None:
        for visit in taken:
            if self.roster.placed[visit] is not None:
                self.roster.take(visit)
        for placement in old:
            if placement is not None:
                self.roster.put(placement)

    def _choose(self) -> list[int]:
        """A visit with its neighbours, its team's day, or an overloaded person's visits with neighbours."""
        kind = self.dice.below(4)
        first = self._strained() if kind == 0 else None
        if first is None:
            first = self.visits[self.dice.below(len(self.visits))]
        chosen = {first: None}
        if kind <= 1:
            chosen |= dict.fromkeys(self._mates(first))
        for other in self.near(first):
            if len(chosen) >= 3 + self.dice.below(MOST_TAKEN - 2):
                break
            if self.dice.below(3):
                chosen[other] = None
        return list(chosen)

    def _strained(self) -> int | None:
        """A visit of somebody above his target, if a few looks find one."""
        roster = self.roster
        for _ in range(12):
            visit = self.visits[self.dice.below(len(self.visits))]
            placement = roster.placed[visit]
            if placement is None:
                return visit
            if any(roster.load[p] > roster.target[p] for team in placement.teams for p in team):
                return visit
        return None

    def _mates(self, visit: int) -> list[int]:
        """The other visits of one of its people's day."""
        placement = self.roster.placed[visit]
        if placement is None:
            return []
        people = [person for team in placement.teams for person in team]
        body = self.roster.facts.body[people[self.dice.below(len(people))]]
        return [other for _, other in self.roster.routes[body][placement.day_idx].stops if other != visit]

    def _order(self, taken: list[int]) -> list[int]:
        visits = self.roster.facts.visits
        for at in range(len(taken) - 1, 0, -1):
            other = self.dice.below(at + 1)
            taken[at], taken[other] = taken[other], taken[at]
        if self.dice.below(2):
            return sorted(taken, key=lambda v: (-len(visits[v].groups), len(visits[v].days)))
        return taken

    def near(self, visit: int) -> tuple[int, ...]:
        """The nearest visits that share a pool and a day, nearest first."""
        if visit not in self._near:
            facts = self.roster.facts
            days = frozenset(facts.visits[visit].days)
            x, y = facts.problem.sites[facts.visit_site[visit]]
            found = []
            for other in sorted({o for pool in self._pools(visit) for o in self._by_pool[pool]}):
                if other != visit and not days.isdisjoint(facts.visits[other].days):
                    ox, oy = facts.problem.sites[facts.visit_site[other]]
                    found.append(((x - ox) ** 2 + (y - oy) ** 2, other))
            self._near[visit] = tuple(other for _, other in sorted(found)[:N_NEAR])
        return self._near[visit]

    def _pools(self, visit: int) -> set[int]:
        return {pool for group in self.roster.facts.visits[visit].groups for pool in group.pools}
