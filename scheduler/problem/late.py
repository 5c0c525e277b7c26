"""A sealed roster and one order made after the draw in; its opening and team out, or why there is none.

May import: the domain and this room. The contract is ``docs/reference/late-orders.md``: the earliest opening
at which the free people hold a lawful team, and of its teams the one with the smallest tickets.
"""

import datetime as dt
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from scheduler.domain.late import seats_in_order
from scheduler.domain.plan import DrawResult, Plan, Pool
from scheduler.domain.problem import AssignmentProblem, Person, SeatGroup, VisitNeed
from scheduler.domain.registers import Registers
from scheduler.domain.schedule import Seat
from scheduler.domain.visits import MergeResult, Visit
from scheduler.problem.build import build_problem

Stay = tuple[int, int, int]
"""Start, end, site: one person's time at one visit of a day."""

Busy = Mapping[int, Mapping[int, Sequence[Stay]]]
"""Person to day to stays in time order."""

Team = tuple[tuple[int, ...], ...]
"""The people of each group of a visit."""

Reason = Literal["unstaffable", "no_room"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Late:
    """One late visit beside what is placed: ``merged`` holds it too, ``seats`` are all that stand. It may
    begin at ``not_before`` (day, minutes after midnight) at the earliest."""

    visit: Visit
    merged: MergeResult
    seats: tuple[Seat, ...]
    not_before: tuple[dt.date, int]


def late_seats(
    plan: Plan, registers: Registers, draw: DrawResult, late: Late, *, seed: str
) -> tuple[Seat, ...] | Reason:
    """The seats of the visit, sorted; ``unstaffable`` where no opening has a team even with nobody else to
    visit, ``no_room`` where the standing seats leave none.

    ``registers`` hold the order, ``draw`` everybody ``drawn`` who may be sent. Under a pair cap only pairs
    whose ticket admits them come in question (R19): the fallback and its bound are the roster's.
    """
    problem = _problem(plan, registers, draw, late, seed)
    at = next(n for n, need in enumerate(problem.visits) if need.visit_id == late.visit.visit_id)
    lines = _lines(plan, draw, problem, late.visit, at, registers)
    found = _first(problem, at, lines, _busy(problem, late.seats), late.not_before)
    if found is None:
        alone = _first(problem, at, lines, {}, late.not_before)
        return "unstaffable" if alone is None else "no_room"
    return _seats(problem, at, *found)


def _problem(plan: Plan, registers: Registers, draw: DrawResult, late: Late, seed: str) -> AssignmentProblem:
    """The visit with every visit in which somebody sits who might come to it."""
    helpers = registers.helpers(plan.settings.teams)
    pools = {pool.pool_id for pool in plan.pools if _may_serve(pool, late.visit, registers, helpers)}
    people = {row.person_id for row in draw.people if row.pool_id in pools}
    near = {seat.visit_id for seat in late.seats if seat.person_id in people} | {late.visit.visit_id}
    visits = tuple(visit for visit in late.merged.visits if visit.visit_id in near)
    needs = {ident for visit in visits for ident in visit.requirement_ids}
    merged = replace(
        late.merged,
        visits=visits,
        requirements=tuple(row for row in late.merged.requirements if row.requirement_id in needs),
    )
    pairs = replace(plan.settings.pairs, fallback="none")
    capped = replace(plan, settings=replace(plan.settings, pairs=pairs))
    return build_problem(capped, registers, draw, merged, draw_sha256="", seed=seed)


def _may_serve(pool: Pool, visit: Visit, registers: Registers, helpers: Mapping[str, Sequence[str]]) -> bool:
    if pool.role == "officer":
        own = set(visit.department_ids)
        return pool.department_id in own.union(*(helpers.get(ident, ()) for ident in own))
    return pool.specialty in _specialties(visit, registers)


def _specialties(visit: Visit, registers: Registers) -> list[str]:
    items = {row.item_code: row for row in registers.items}
    return sorted({items[code].expert for code in visit.item_codes} - {""})


def _lines(
    plan: Plan, draw: DrawResult, problem: AssignmentProblem, visit: Visit, at: int, registers: Registers
) -> list[list[int]]:
    """Each group's candidates, smallest ticket first, equal ones (a fixed group's) by id."""
    pools = {pool.pool_id: pool for pool in plan.pools}
    officers: dict[str, str] = {}
    experts: dict[tuple[str, str], str] = {}
    for row in draw.people:
        pool = pools[row.pool_id]
        if row.drawn and pool.role == "officer":
            officers[row.person_id] = row.ticket
        elif row.drawn:
            experts[pool.specialty, row.person_id] = row.ticket
    names = iter(_specialties(visit, registers))
    lines = []
    for group in problem.visits[at].groups:
        people = [(problem.people[n].person_id, n) for n in problem.candidates(group)]
        if group.department_idx >= 0:
            tickets = [(officers[ident], ident, n) for ident, n in people]
        else:
            name = next(names)
            tickets = [(experts[name, ident], ident, n) for ident, n in people]
        lines.append([n for _, _, n in sorted(tickets)])
    return lines


def _busy(problem: AssignmentProblem, seats: Iterable[Seat]) -> Busy:
    people = {one.person_id: n for n, one in enumerate(problem.people)}
    sites = {need.visit_id: need.site_idx for need in problem.visits}
    busy: dict[int, dict[int, list[Stay]]] = {}
    for seat in seats:
        if seat.visit_id in sites and seat.person_id in people:
            day = bisect_left(problem.days, seat.day.isoformat())
            own = busy.setdefault(people[seat.person_id], {}).setdefault(day, [])
            insort(own, (seat.start_min, seat.end_min, sites[seat.visit_id]))
    return busy


def _first(
    problem: AssignmentProblem,
    at: int,
    lines: Sequence[Sequence[int]],
    busy: Busy,
    not_before: tuple[dt.date, int],
) -> tuple[int, int, Team] | None:
    """The earliest opening with a team: day, start, team. Equal crowds are looked at once."""
    need = problem.visits[at]
    wanted = sorted({n for line in lines for n in line})
    known: dict[frozenset[int], Team | None] = {}
    for day, start in _openings(problem, need):
        if (dt.date.fromisoformat(problem.days[day]), start) < not_before:
            continue
        stay = (start, start + need.duration_min, need.site_idx)
        free = frozenset(n for n in wanted if is_free(problem, problem.people[n], busy.get(n, {}), day, stay))
        if free not in known:
            known[free] = _Crowd(problem=problem, need=need, lines=lines, free=free).team()
        team = known[free]
        if team is not None:
            return day, start, team
    return None


def _openings(problem: AssignmentProblem, need: VisitNeed) -> Iterator[tuple[int, int]]:
    grid = problem.grid_min
    starts = sorted(
        {
            start
            for lo, hi in need.pieces
            for start in range(-(-lo // grid) * grid, hi - need.duration_min + 1, grid)
        }
    )
    for day in need.days:
        for start in starts:
            yield day, start


def is_free(
    problem: AssignmentProblem, who: Person, days: Mapping[int, Sequence[Stay]], day: int, stay: Stay
) -> bool:
    """Whether one more stay leaves the person inside duty, travel and limits (R04, R09 to R11)."""
    place = bisect_left(who.days, day)
    if place == len(who.days) or who.days[place] != day:
        return False
    today = sorted((*days.get(day, ()), stay))
    if any(one[1] + problem.travel_min(one[2], two[2]) > two[0] for one, two in pairwise(today)):
        return False
    sites = [who.site_idx, *(one[2] for one in today), who.site_idx]
    spent = _minutes(today) + sum(problem.travel_min(one, two) for one, two in pairwise(sites))
    every = [stay, *(old for stays in days.values() for old in stays)]
    own = problem.weeks[day]
    week = [stay, *(old for one, stays in days.items() if problem.weeks[one] == own for old in stays)]
    return (
        _within(len(today), who.max_visits_day)
        and _within(spent, who.max_minutes_day)
        and _within(len(week), who.max_visits_week)
        and _within(_minutes(week), who.max_minutes_week)
        and _within(len(every), who.max_visits)
        and _within(_minutes(every), who.max_minutes)
    )


def _minutes(stays: Iterable[Stay]) -> int:
    return sum(end - start for start, end, _ in stays)


def _within(figure: int, most: int) -> bool:
    return most == 0 or figure <= most


@dataclass(frozen=True, kw_only=True)
class _Crowd:
    """The people free at one opening, and their lawful teams in the order of their tickets."""

    problem: AssignmentProblem
    need: VisitNeed
    lines: Sequence[Sequence[int]]
    free: frozenset[int]
    foes: frozenset[tuple[int, int]] = field(default=frozenset())

    def team(self) -> Team | None:
        """The first lawful team: the smallest tickets of officers first, then of each specialty's expert."""
        barred = frozenset((*self.problem.barred_pairs, *((b, a) for a, b in self.problem.barred_pairs)))
        return replace(self, foes=barred).rest(())

    def rest(self, done: Team) -> Team | None:
        """The first team that begins with the groups done; None where there is none."""
        if len(done) == len(self.need.groups):
            return done
        at = len(done)
        line = [n for n in self.lines[at] if n in self.free]
        before = tuple(n for people in done for n in people)
        for people in self._fillings(self.need.groups[at], line, 0, before, ()):
            found = self.rest((*done, people))
            if found is not None:
                return found
        return None

    def _fillings(
        self,
        group: SeatGroup,
        line: Sequence[int],
        start: int,
        before: tuple[int, ...],
        chosen: tuple[int, ...],
    ) -> Iterator[tuple[int, ...]]:
        """Every lawful filling of the group that begins with the chosen, in the order of the line."""
        missing = group.n_seats - len(chosen)
        if not missing:
            if self._is_lawful(group, chosen):
                yield chosen
            return
        if not self._can_cover(group, (*chosen, *line[start:])):
            return
        for at in range(start, len(line) - missing + 1):
            one = line[at]
            if one not in before and not any((one, other) in self.foes for other in (*before, *chosen)):
                yield from self._fillings(group, line, at + 1, before, (*chosen, one))

    def _can_cover(self, group: SeatGroup, people: Iterable[int]) -> bool:
        """Whether these people together hold every skill, so that going on is not in vain."""
        held = 0
        for n in people:
            held |= self.problem.people[n].skills
        return all(held >> skill & 1 for skill in group.skills)

    def _is_lawful(self, group: SeatGroup, chosen: tuple[int, ...]) -> bool:
        people = [self.problem.people[n] for n in chosen]
        if group.department_idx < 0:
            return True
        leads = group.leader or self.need.leader
        guides = group.senior or self.need.senior
        return (
            self._covers(group, people)
            and (not leads or any(one.is_leader for one in people))
            and (not guides or not all(one.is_newcomer for one in people))
            and self._is_whole(people)
        )

    def _covers(self, group: SeatGroup, people: Sequence[Person]) -> bool:
        if not self.problem.distinct_cover:
            return all(any(one.skills >> skill & 1 for one in people) for skill in group.skills)
        return _matched(group.skills, people)

    def _is_whole(self, people: Sequence[Person]) -> bool:
        """Whether every fixed group of which somebody sits here sits here wholly (R16)."""
        groups = {one.fixed_idx for one in people} - {-1}
        here = {one.person_id for one in people}
        return all(one.person_id in here for one in self.problem.people if one.fixed_idx in groups)


def _matched(skills: Sequence[int], people: Sequence[Person]) -> bool:
    """Whether each skill can be given somebody else who holds it."""
    if not skills:
        return True
    first, others = skills[0], skills[1:]
    return any(
        _matched(others, [*people[:at], *people[at + 1 :]])
        for at, one in enumerate(people)
        if one.skills >> first & 1
    )


def _seats(problem: AssignmentProblem, at: int, day: int, start: int, team: Team) -> tuple[Seat, ...]:
    need = problem.visits[at]
    return seats_in_order(
        Seat(
            visit_id=need.visit_id,
            day=dt.date.fromisoformat(problem.days[day]),
            start_min=start,
            end_min=start + need.duration_min,
            department_id=problem.departments[group.department_idx] if group.department_idx >= 0 else "",
            person_id=problem.people[n].person_id,
            role="officer" if group.department_idx >= 0 else "expert",
        )
        for group, people in zip(need.groups, team, strict=True)
        for n in people
    )
