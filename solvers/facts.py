"""What an :class:`AssignmentProblem` says, arranged for quick looks; nothing here ever changes an answer.

In: the problem. Out: legs, day and start masks, members of pools. May import: ``scheduler.domain``.
"""

from functools import cached_property

from scheduler.domain.problem import AssignmentProblem, Interval, SeatGroup

NO_LIMIT = 1 << 40
"""Stands for "no limit" in minutes or visits: more than any campaign has."""
KEPT_LEGS = 4_000_000
"""Legs remembered at once; about 400 MB of Python integers at most, then forgotten and computed anew."""


class Facts:
    """Lookups over one problem.

    ``days_mask[p]`` has bit t where person p may work on day t; ``starts[v]`` has bit k where visit v may
    begin at minute k · grid; ``body[p]`` is the first row with the same ``person_id``: rows of one human
    being share their time.
    """

    def __init__(self, problem: AssignmentProblem) -> None:
        self.problem = problem
        self.grid = problem.grid_min
        self.people = problem.people
        self.visits = problem.visits
        self.days_mask = tuple(sum(1 << day for day in person.days) for person in problem.people)
        self.skills = tuple(person.skills for person in problem.people)
        self.duration = tuple(visit.duration_min for visit in problem.visits)
        self.visit_site = tuple(visit.site_idx for visit in problem.visits)
        self.capacity = tuple(max(1, person.capacity_min) for person in problem.people)
        self.home = tuple(person.site_idx for person in problem.people)
        first: dict[str, int] = {}
        self.body = tuple(first.setdefault(p.person_id, idx) for idx, p in enumerate(problem.people))
        self._start_masks: dict[tuple[tuple[Interval, ...], int], int] = {}
        self.starts = tuple(self._start_mask(visit.pieces, visit.duration_min) for visit in problem.visits)
        self._members: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._by_pool: dict[int, list[int]] = {}
        for idx, person in enumerate(problem.people):
            self._by_pool.setdefault(person.pool_idx, []).append(idx)
        self._departments: dict[tuple[int, ...], int] = {}
        self._legs: dict[int, int] = {}
        self._n_sites = len(problem.sites)
        self.long_limits = tuple(
            bool(p.max_visits or p.max_minutes or p.max_visits_week or p.max_minutes_week)
            for p in problem.people
        )
        """Whether the person has a limit beyond the single day."""
        self.visits_day = tuple(p.max_visits_day or NO_LIMIT for p in problem.people)
        self.minutes_day = tuple(p.max_minutes_day or NO_LIMIT for p in problem.people)
        self.barred_with = self._barred_with()
        self.mates = self._mates()
        twins = {body for idx, body in enumerate(self.body) if idx != body}
        self.entangled = frozenset(
            idx
            for idx, body in enumerate(self.body)
            if body in twins or idx in self.barred_with or problem.people[idx].fixed_idx >= 0
        )
        """People who are not free to stand in for another: somebody to avoid, a second row, a fixed group."""
        self.one_row = frozenset(idx for idx, body in enumerate(self.body) if body not in twins)
        self.classes = tuple(_risk_class(visit.served) for visit in problem.visits)

    def _start_mask(self, pieces: tuple[Interval, ...], duration: int) -> int:
        key = (pieces, duration)
        if key not in self._start_masks:
            mask = 0
            for begin, end in pieces:
                mask |= self.between(begin, end - duration)
            self._start_masks[key] = mask
        return self._start_masks[key]

    def between(self, earliest: int, latest: int) -> int:
        """Start bits from ``earliest`` to ``latest`` minute, both included; 0 where none is between."""
        low, high = max(0, -(-earliest // self.grid)), latest // self.grid
        return (1 << (high + 1)) - (1 << low) if high >= low else 0

    def is_whole(self, team: tuple[int, ...]) -> bool:
        """Whether everybody in the team has the whole of his fixed group beside him (R16)."""
        return all(self.mates[p] <= frozenset(team) for p in team if p in self.mates)

    def _mates(self) -> dict[int, frozenset[int]]:
        groups: dict[int, set[int]] = {}
        for idx, person in enumerate(self.people):
            if person.fixed_idx >= 0:
                groups.setdefault(person.fixed_idx, set()).add(idx)
        return {idx: frozenset(group) for group in groups.values() for idx in group}

    def _barred_with(self) -> dict[int, frozenset[int]]:
        found: dict[int, set[int]] = {}
        for one, other in self.problem.barred_pairs:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
        return {person: frozenset(others) for person, others in found.items()}

    def leg(self, site_a: int, site_b: int) -> int:
        """Travel minutes between two sites, remembered."""
        key = site_a * self._n_sites + site_b
        minutes = self._legs.get(key)
        if minutes is None:
            if len(self._legs) >= KEPT_LEGS:
                self._legs.clear()
            minutes = self.problem.travel_min(site_a, site_b)
            self._legs[key] = minutes
        return minutes

    def members(self, group: SeatGroup) -> tuple[int, ...]:
        """People of the group's pools, barred ones included, ascending."""
        found = self._members.get(group.pools)
        if found is None:
            pools = sorted(set(group.pools))
            found = tuple(sorted(idx for pool in pools for idx in self._by_pool.get(pool, ())))
            self._members[group.pools] = found
        return found

    def apart(self, groups: tuple[SeatGroup, ...]) -> bool:
        """Whether no two of the groups could seat the same row."""
        pools = [pool for group in groups for pool in sorted(set(group.pools))]
        return len(pools) == len(set(pools))

    def department_of(self, group: SeatGroup) -> int:
        """The one department all possible people of the group belong to, else -1."""
        if group.pools not in self._departments:
            found = {self.people[person].department_idx for person in self.members(group)}
            self._departments[group.pools] = found.pop() if len(found) == 1 else -1
        return self._departments[group.pools]

    def circle_of(self, group: SeatGroup) -> int:
        """The least of the departments that share people or visits with the group's, over any number of
        steps; the experts' is -1. Nobody of one circle ever travels to a visit of another's."""
        members = self.members(group)
        return self._circles[self.people[members[0]].department_idx] if members else -1

    @cached_property
    def _circles(self) -> dict[int, int]:
        sent = [person.department_idx for person in self.people]
        ties = {frozenset({sent[idx], sent[body]}) for idx, body in enumerate(self.body)}
        for pools in {group.pools for visit in self.visits for group in visit.groups}:
            ties.add(frozenset(sent[idx] for pool in pools for idx in self._by_pool.get(pool, ())))
        least = {department: department for department in sent}
        for tie in sorted(ties, key=sorted):
            joined = {least[department] for department in tie}
            if len(joined) > 1:
                least = {one: min(joined) if root in joined else root for one, root in least.items()}
        return least

    def candidates(self, group: SeatGroup) -> tuple[int, ...]:
        """People who may sit in the group, ascending; the same as the problem's own, quicker."""
        barred = frozenset(group.barred)
        return tuple(idx for idx in self.members(group) if idx not in barred)

    def covers(self, group: SeatGroup, team: tuple[int, ...]) -> bool:
        """Whether the team covers the group's skills, each by somebody else where covers are distinct."""
        if not self.problem.distinct_cover:
            held = 0
            for person in team:
                held |= self.skills[person]
            return all(held >> skill & 1 for skill in group.skills)
        return self._matched(group.skills, team)

    def _matched(self, skills: tuple[int, ...], team: tuple[int, ...]) -> bool:
        if not skills:
            return True
        return any(
            self._matched(skills[1:], team[:at] + team[at + 1 :])
            for at, person in enumerate(team)
            if self.skills[person] >> skills[0] & 1
        )


def _risk_class(served: tuple[int, int, int, int]) -> int:
    """Position of the highest class with a requirement in goal 1's order (0 is D); 4 for none."""
    return next((at for at, count in enumerate(served) if count), len(served))


def skill_sets(skills: tuple[int, ...], *, distinct: bool) -> tuple[tuple[int, ...], ...]:
    """Sets S of skills for which the seated who hold any of S must be at least |S| (Hall).

    Singletons say "covered by someone"; with ``distinct`` all sets say "each by somebody else".
    """
    if not distinct:
        return tuple((skill,) for skill in skills)
    return tuple(
        tuple(skill for at, skill in enumerate(skills) if mask >> at & 1)
        for mask in range(1, 1 << len(skills))
    )
