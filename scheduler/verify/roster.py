"""A bare roster held against its problem: every broken rule counted, goals 1 to 3 counted again.

In: an :class:`~scheduler.domain.problem.AssignmentProblem` and an outcome, where there is no run folder
(benchmarks, problems made straight at the drawn stage). Out: counts by rule, goal values. May import:
``scheduler.domain`` and the standard library; shares nothing with any solver. A metropolis and its year
takes about half a minute.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import isqrt

from scheduler.domain.problem import AssignmentProblem, Outcome, Person, Placement, SeatGroup

Diary = dict[tuple[str, int], list[tuple[int, int, int]]]
"""(person, day) to (start, end, visit), in order of time."""


def broken_rules(problem: AssignmentProblem, outcome: Outcome) -> dict[str, int]:
    """How often each rule is broken, by rule; empty for a lawful roster.

    Looks at R03 to R13 as far as the problem states them, R15, R16 and R18 (every visit placed or left out,
    once). R01, R02 and R17 cannot be expressed otherwise in a problem.
    """
    found: Counter[str] = Counter()
    told = [placement.visit_idx for placement in outcome.placements] + [idx for idx, _ in outcome.unplaced]
    found["R18"] = len(set(range(len(problem.visits))) ^ set(told)) + len(told) - len(set(told))
    lawful = _Lawful(problem)
    for placement in outcome.placements:
        found.update(lawful.placement(placement))
    real = [placement for placement in outcome.placements if 0 <= placement.day_idx < len(problem.days)]
    found.update(lawful.days(_diary(problem, real)))
    return {rule: n for rule, n in sorted(found.items()) if n}


def goal_values(problem: AssignmentProblem, outcome: Outcome) -> dict[int, tuple[int, ...]]:
    """Goals 1 (served by class), 2 (largest loads and minutes above the targets) and 3 (travel) anew."""
    served, load, travel = [0, 0, 0, 0], [0] * len(problem.people), 0
    lawful = _Lawful(problem)
    for placement in outcome.placements:
        visit = problem.visits[placement.visit_idx]
        served = [have + more for have, more in zip(served, visit.served, strict=True)]
        for team in placement.teams:
            for person in team:
                load[person] += visit.duration_min
    for (person_id, _), stops in _diary(problem, outcome.placements).items():
        travel += lawful.way(lawful.row[person_id], stops)
    return {1: tuple(served), 2: _evenness(problem, load), 3: (travel,)}


def _diary(problem: AssignmentProblem, placements: Sequence[Placement]) -> Diary:
    diary: Diary = defaultdict(list)
    for placement in placements:
        end = placement.start_min + problem.visits[placement.visit_idx].duration_min
        for team in placement.teams:
            for person in team:
                who = problem.people[person].person_id
                diary[who, placement.day_idx].append((placement.start_min, end, placement.visit_idx))
    for stops in diary.values():
        stops.sort()
    return diary


def _evenness(problem: AssignmentProblem, load: Sequence[int]) -> tuple[int, int]:
    """As the note to the goals has it: the ratio sought upwards from the average, one per mille at a time."""
    departments: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for person, minutes in zip(problem.people, load, strict=True):
        if person.department_idx >= 0:
            departments[person.department_idx].append((minutes, max(1, person.capacity_min)))
    largest = excess = 0
    for rows in departments.values():
        total = sum(minutes for minutes, _ in rows)
        if total:
            largest += max(-(-1000 * minutes // room) for minutes, room in rows)
            ratio = 1000 * total // sum(room for _, room in rows)
            while sum(ratio * room // 1000 for _, room in rows) < total:
                ratio += 1
            excess += sum(max(0, minutes - ratio * room // 1000) for minutes, room in rows)
    return (largest, excess)


class _Lawful:
    """One problem's rules, each as plainly as it reads."""

    def __init__(self, problem: AssignmentProblem) -> None:
        self.problem = problem
        self.apart = frozenset(problem.barred_pairs)
        self.zones = problem.zones or (-1,) * len(problem.sites)
        self.row: dict[str, Person] = {}
        self.crews: dict[int, set[int]] = defaultdict(set)
        for idx, person in enumerate(problem.people):
            self.row.setdefault(person.person_id, person)
            if person.fixed_idx >= 0:
                self.crews[person.fixed_idx].add(idx)
        self.at_work = [frozenset(person.days) for person in problem.people]

    def placement(self, placement: Placement) -> Iterator[str]:
        """Rules that one placement breaks, seen alone."""
        visit, people = self.problem.visits[placement.visit_idx], self.problem.people
        end = placement.start_min + visit.duration_min
        if placement.day_idx not in visit.days or placement.start_min % self.problem.grid_min:
            yield "R12"
        if not any(begin <= placement.start_min and end <= close for begin, close in visit.pieces):
            yield "R12"
        everybody = [person for team in placement.teams for person in team]
        if len({people[person].person_id for person in everybody}) != len(everybody):
            yield "R09"
        if len(placement.teams) != len(visit.groups):
            yield "R03"
        for pair in combinations(sorted(everybody), 2):
            if pair in self.apart:
                yield "R07"
        for group, team in zip(visit.groups, placement.teams, strict=False):
            yield from self._team(group, team, placement.day_idx)
        officers = [people[person] for person in everybody if people[person].department_idx >= 0]
        yield from _company(officers, leader=visit.leader, senior=visit.senior)

    def _team(self, group: SeatGroup, team: Sequence[int], day: int) -> Iterator[str]:
        people = [self.problem.people[person] for person in team]
        if len(team) != group.n_seats:
            yield "R03"
        for idx, person in zip(team, people, strict=True):
            if person.pool_idx not in group.pools:
                yield "R08"
            if idx in group.barred:
                yield "R07"
            if day not in self.at_work[idx]:
                yield "R11"
            if person.fixed_idx >= 0 and not self.crews[person.fixed_idx] <= set(team):
                yield "R16"
        if not _covered(tuple(group.skills), people, distinct=self.problem.distinct_cover):
            yield "R05"
        yield from _company(people, leader=group.leader, senior=group.senior)

    def days(self, diary: Diary) -> Iterator[str]:
        """Rules that one person's days, weeks and campaign break."""
        weeks: dict[tuple[str, int], list[int]] = defaultdict(list)
        whole: dict[str, list[int]] = defaultdict(list)
        for (person_id, day), stops in diary.items():
            person = self.row[person_id]
            minutes = [end - start for start, end, _ in stops]
            for (_, end, here), (start, _, there) in pairwise(stops):
                if end + self._leg(self._site(here), self._site(there)) > start:
                    yield "R09"
            if _above(len(stops), person.max_visits_day):
                yield "R10"
            if _above(sum(minutes) + self.way(person, stops), person.max_minutes_day):
                yield "R10"
            weeks[person_id, self.problem.weeks[day]] += minutes
            whole[person_id] += minutes
        for (person_id, _), minutes in weeks.items():
            person = self.row[person_id]
            if _above(len(minutes), person.max_visits_week) or _above(sum(minutes), person.max_minutes_week):
                yield "R10"
        for person_id, minutes in whole.items():
            person = self.row[person_id]
            if _above(len(minutes), person.max_visits) or _above(sum(minutes), person.max_minutes):
                yield "R10"

    def way(self, person: Person, stops: Sequence[tuple[int, int, int]]) -> int:
        """Minutes from the person's site through the stops and back."""
        sites = [person.site_idx, *(self._site(visit) for _, _, visit in stops), person.site_idx]
        return sum(self._leg(here, there) for here, there in pairwise(sites))

    def _site(self, visit: int) -> int:
        return self.problem.visits[visit].site_idx

    def _leg(self, here: int, there: int) -> int:
        (ax, ay), (bx, by) = self.problem.sites[here], self.problem.sites[there]
        one, other = self.zones[here], self.zones[there]
        if here != there and min(one, other) >= 0 and self.problem.legs[one][other] >= 0:
            return max(self.problem.least_min, self.problem.legs[one][other])
        if (ax, ay) == (bx, by):
            return 0
        metres = isqrt((ax - bx) * (ax - bx) + (ay - by) * (ay - by))
        minutes, rest = divmod(metres * self.problem.detour_permille * 60, 1_000_000 * self.problem.speed_kmh)
        return max(self.problem.least_min, minutes + (rest > 0))


def _above(value: int, limit: int) -> bool:
    return 0 < limit < value


def _company(people: Sequence[Person], *, leader: bool, senior: bool) -> Iterator[str]:
    if leader and not any(person.is_leader for person in people):
        yield "R15"
    if senior and people and all(person.is_newcomer for person in people):
        yield "R15"


def _covered(skills: tuple[int, ...], people: Sequence[Person], *, distinct: bool) -> bool:
    if not distinct:
        return all(any(person.skills >> skill & 1 for person in people) for skill in skills)
    if not skills:
        return True
    return any(
        person.skills >> skills[0] & 1
        and _covered(skills[1:], [*people[:at], *people[at + 1 :]], distinct=True)
        for at, person in enumerate(people)
    )
