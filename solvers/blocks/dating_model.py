"""The model of a department's seats with dates: a largest load to keep below, then as few changes as may be.

In: a block of :mod:`solvers.blocks.dating`. Out: teams and dates, or nothing. May import: ``solvers`` below
blocks, OR-Tools.

Ways are no variables here: two visits that one person cannot both reach on a day exclude each other, and a
day that is too long is forbidden once it was answered.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from math import gcd

from ortools.sat.python import cp_model

from solvers import cpsat
from solvers.blocks.dating import Dated, DatingBlock
from solvers.blocks.fillings import Filling, full
from solvers.facts import NO_LIMIT
from solvers.goals import shares

TOO_LONG = 8
"""How often a block is solved again without a person's day that had turned out too long."""
FEWER = 12
"""So many times the work units of a first answer go into changing less: every change costs travel
(docs/adr/0039)."""


class DatingModel:
    """Booleans ``sits[s, person]`` for seats and ``at[door, option]``; ``clash[door, door]`` holds where both
    are too near in time for one person."""

    def __init__(self, block: DatingBlock) -> None:
        self.block = block
        self.model = cp_model.CpModel()
        new = self.model.new_bool_var
        self.sits = {(s, p): new("") for s, seats in enumerate(block.seats) for p in seats.eligible}
        self.at = {
            (door, at): new("") for door, item in enumerate(block.doors) for at in range(len(item.options))
        }
        for door, item in enumerate(block.doors):
            self.model.add_exactly_one(self.at[door, at] for at in range(len(item.options)))
        self.by_door: dict[tuple[int, int], list[cp_model.IntVar]] = {}
        for (s, p), literal in self.sits.items():
            self.by_door.setdefault((block.seats[s].door, p), []).append(literal)
        self._teams()
        self._own_days()
        self._clashes()
        self._long_limits()
        self._loads()

    def _teams(self) -> None:
        for s, seats in enumerate(self.block.seats):
            own = {p: self.sits[s, p] for p in seats.eligible}
            self.model.add(cpsat.total(own.values()) == seats.n_seats)
            for able, needed in seats.covers:
                self.model.add(cpsat.total(own[p] for p in seats.eligible if p in able) >= needed)
        for literals in self.by_door.values():
            self.model.add_at_most_one(literals)
        for one, other in self.block.apart:
            for door in range(len(self.block.doors)):
                both = [*self.by_door.get((door, one), ()), *self.by_door.get((door, other), ())]
                self.model.add_at_most_one(both)

    def _own_days(self) -> None:
        """Nobody sits where the visit's day is not his."""
        works = dict(zip(self.block.people, self.block.works, strict=True))
        for (door, person), literals in self.by_door.items():
            options = self.block.doors[door].options
            away = [self.at[door, at] for at, (day, _) in enumerate(options) if not works[person] >> day & 1]
            if away:
                self.model.add(cpsat.total(literals) + cpsat.total(away) <= 1)

    def _clashes(self) -> None:
        """Nobody sits at both of two doors that are too near in time; nobody from outside does either."""
        for one, other in combinations(range(len(self.block.doors)), 2):
            both = [p for p in self.block.people if (one, p) in self.by_door and (other, p) in self.by_door]
            clash = self._clash(one, other)
            if clash is None:
                continue
            for person in both:
                pair = cpsat.total(self.by_door[one, person]) + cpsat.total(self.by_door[other, person])
                self.model.add(pair + clash <= 2)

    def _clash(self, one: int, other: int) -> cp_model.IntVar | int | None:
        """Holds where the two are too near in time for one person; None where they never are."""
        doors, near = self.block.doors, []
        shared = not doors[one].others.isdisjoint(doors[other].others)
        for i, (day, _) in enumerate(doors[one].options):
            for j, (its_day, _) in enumerate(doors[other].options):
                if day == its_day:
                    if shared and (i or j):
                        self.model.add_at_most_one(self.at[one, i], self.at[other, j])
                    elif self._too_near(one, i, other, j):
                        near.append((i, j))
        if not near:
            return None
        if len(doors[one].options) == len(doors[other].options) == 1:
            return 1
        clash = self.model.new_bool_var("")
        for i in sorted({i for i, _ in near}):
            theirs = [self.at[other, j] for at, j in near if at == i]
            self.model.add(self.at[one, i] + cpsat.total(theirs) <= 1 + clash)
        return clash

    def _too_near(self, one: int, i: int, other: int, j: int) -> bool:
        doors, leg = self.block.doors, self.block.legs[one][other]
        begin, its_begin = doors[one].options[i][1], doors[other].options[j][1]
        if begin + doors[one].minutes + leg <= its_begin:
            first, last = one, other
        elif its_begin + doors[other].minutes + leg <= begin:
            first, last = other, one
        else:
            return True
        inside = doors[one].minutes + doors[other].minutes + leg
        return all(
            inside + homes[first] + homes[last] > (who.max_minutes_day or NO_LIMIT)
            for homes, who in zip(self.block.homes, self.block.who, strict=True)
        )

    def _long_limits(self) -> None:
        for person, who in zip(self.block.people, self.block.who, strict=True):
            mine = [
                (door, literal) for (door, p), row in self.by_door.items() if p == person for literal in row
            ]
            if who.max_visits:
                self.model.add(cpsat.total(literal for _, literal in mine) <= who.max_visits)
            if who.max_minutes:
                minutes = cpsat.total(self.block.doors[door].minutes * literal for door, literal in mine)
                self.model.add(minutes <= who.max_minutes)

    def _loads(self) -> None:
        """load(p) <= floor(ratio * capacity / 1000), and where nearly all room is needed one of the ways to
        fill it: (visits of each length of p) in allowed[cap(p)]."""
        minutes = [door.minutes for door in self.block.doors]
        step, lengths = gcd(*minutes) or 1, Counter(minutes)
        caps = [cap - cap % step for cap in shares(self.block.capacities, self.block.ratio)]
        asked = sum(minutes[seats.door] * seats.n_seats for seats in self.block.seats)
        allowed = full(lengths, asked, caps) if self.block.filled else {}
        for person, cap in zip(self.block.people, caps, strict=True):
            seats = [
                (minutes[door], literal)
                for (door, p), row in self.by_door.items()
                if p == person
                for literal in row
            ]
            self.model.add(cpsat.total(length * literal for length, literal in seats) <= cap)
            if allowed:
                self._filled(seats, sorted(lengths, reverse=True), allowed[cap])

    def _filled(
        self, seats: Sequence[tuple[int, cp_model.IntVar]], lengths: Sequence[int], allowed: Sequence[Filling]
    ) -> None:
        counts = []
        for minutes in lengths:
            own = [literal for length, literal in seats if length == minutes]
            counts.append(self.model.new_int_var(0, len(own), ""))
            self.model.add(cpsat.total(own) == counts[-1])
        self.model.add_allowed_assignments(counts, allowed)

    def hint(self, dated: Dated) -> None:
        """Start from these teams and dates."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for (s, p), literal in self.sits.items():
            self.model.add_hint(literal, p in dated.teams[s])
        for (door, at), literal in self.at.items():
            self.model.add_hint(literal, self.block.doors[door].options[at] == dated.when[door])

    def fewest_moves(self) -> None:
        """Minimise the seats and dates that are not the present ones: every change may cost travel."""
        moved = [1 - self.sits[s, p] for s, seats in enumerate(self.block.seats) for p in seats.team]
        self.model.minimize(
            cpsat.total([*moved, *(2 * literal for (_, at), literal in self.at.items() if at)])
        )

    def never(self, doors: Sequence[int]) -> None:
        """Nobody sits at all of these: together they had made too long a day or week."""
        for person in self.block.people:
            row = [literal for door in doors for literal in self.by_door.get((door, person), ())]
            self.model.add(cpsat.total(row) <= len(doors) - 1)


def date(block: DatingBlock, work_units: int) -> Dated:
    """Teams and dates with nobody above the ratio, if CP-SAT finds any within the work units; then with as
    few changes as it finds in as many more."""
    model = DatingModel(block)
    best, spent = _lawful(block, model, _present(block), work_units)
    if best is not None:
        model.fewest_moves()
        better, units = _lawful(block, model, best, FEWER * work_units)
        spent += units
        best = better or best
    return replace(best or Dated(), work_units=spent)


def _present(block: DatingBlock) -> Dated:
    return Dated(
        teams=tuple(seats.team for seats in block.seats), when=tuple(door.options[0] for door in block.doors)
    )


def _lawful(
    block: DatingBlock, model: DatingModel, start: Dated, work_units: int
) -> tuple[Dated | None, int]:
    """The first answer without too long a day or week, and the work units of all answers."""
    spent = 0
    for _ in range(TOO_LONG):
        model.hint(start)
        answer = cpsat.run(model.model, work_units)
        spent += answer.work_units
        if not answer.found:
            break
        found = _read(block, model, answer)
        wrong = list(_too_long(block, found))
        if not wrong:
            return found, spent
        for doors in wrong:
            model.never(doors)
    return None, spent


def _read(block: DatingBlock, model: DatingModel, answer: cpsat.Answer) -> Dated:
    teams = tuple(
        tuple(p for p in seats.eligible if answer.true(model.sits[s, p]))
        for s, seats in enumerate(block.seats)
    )
    when = tuple(
        next(option for at, option in enumerate(item.options) if answer.true(model.at[door, at]))
        for door, item in enumerate(block.doors)
    )
    return Dated(teams=teams, when=when)


def _too_long(block: DatingBlock, dated: Dated) -> Iterator[tuple[int, ...]]:
    """The doors of each day and week that is beyond a person's limits."""
    rows: dict[int, list[int]] = {}
    when = dated.when
    for seats, team in zip(block.seats, dated.teams, strict=True):
        for person in team:
            rows.setdefault(person, []).append(seats.door)
    for person, who, homes in zip(block.people, block.who, block.homes, strict=True):
        doors = sorted(rows.get(person, ()), key=lambda door: (when[door], door))
        for day in sorted({when[door][0] for door in doors}):
            own = [door for door in doors if when[door][0] == day]
            way = homes[own[0]] + homes[own[-1]] + sum(block.legs[a][b] for a, b in pairwise(own))
            minutes = way + sum(block.doors[door].minutes for door in own)
            if len(own) > (who.max_visits_day or NO_LIMIT) or minutes > (who.max_minutes_day or NO_LIMIT):
                yield tuple(own)
        for week in sorted({block.weeks[when[door][0]] for door in doors}):
            own = [door for door in doors if block.weeks[when[door][0]] == week]
            minutes = sum(block.doors[door].minutes for door in own)
            if len(own) > (who.max_visits_week or NO_LIMIT) or minutes > (who.max_minutes_week or NO_LIMIT):
                yield tuple(own)
