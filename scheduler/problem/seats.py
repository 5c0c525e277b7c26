"""A visit's departments, items and experts in; its seat groups with their candidates and counts out.

May import: the domain and this room. R03, R05 and R06 get their numbers here, R07 and R08 their
candidates: a department that does not cover the enterprise's district has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.domain.problem import Person, SeatGroup
from scheduler.domain.registers import Department, Enterprise, Inspector, Item, Recusal
from scheduler.domain.settings import Settings
from scheduler.domain.visits import Visit
from scheduler.problem.people import Drawn, Positions, binding
from scheduler.problem.skills import Skills


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who may be asked: pools by department and by specialty, and each pool's members, all ascending.

    ``jurisdictions`` is the pair (authority, unit) of each pool of officers.
    """

    people: Sequence[Person]
    index: Mapping[str, int]
    jurisdictions: Mapping[int, tuple[str, str]]
    by_department: Mapping[str, tuple[int, ...]]
    by_specialty: Mapping[str, tuple[int, ...]]
    members: Mapping[int, tuple[int, ...]]

    def candidates(self, pools: Sequence[int], barred: Sequence[int]) -> list[int]:
        """People of the pools without the barred ones, ascending."""
        out = frozenset(barred)
        return sorted(n for pool in pools for n in self.members[pool] if n not in out)


def staff(drawn: Sequence[Drawn], people: Sequence[Person], positions: Positions) -> Staff:
    """The drawn people sorted by what seats ask for; ``people`` is parallel to ``drawn``."""
    by_department: dict[str, set[int]] = {}
    by_specialty: dict[str, set[int]] = {}
    jurisdictions: dict[int, tuple[str, str]] = {}
    members: dict[int, list[int]] = {pool: [] for pool in positions.pools.values()}
    for n, (one, made) in enumerate(zip(drawn, people, strict=True)):
        members[made.pool_idx].append(n)
        if isinstance(one.row, Inspector):
            by_department.setdefault(one.row.department_id, set()).add(made.pool_idx)
            jurisdictions[made.pool_idx] = one.row.authority, one.row.unit
        for specialty in one.specialties:
            by_specialty.setdefault(specialty, set()).add(made.pool_idx)
    return Staff(
        people=people,
        index={one.person_id: n for n, one in enumerate(people)},
        jurisdictions=jurisdictions,
        by_department={key: tuple(sorted(pools)) for key, pools in by_department.items()},
        by_specialty={key: tuple(sorted(pools)) for key, pools in by_specialty.items()},
        members={pool: tuple(found) for pool, found in members.items()},
    )


@dataclass(frozen=True, kw_only=True)
class Seating:
    """Makes the seat groups of one visit after the other; ``least`` and ``lawful`` remember answers."""

    staff: Staff
    skills: Skills
    items: Mapping[str, Item]
    departments: Mapping[str, Department]
    positions: Positions
    recusals: Mapping[str, Sequence[Recusal]]
    settings: Settings
    least: dict[tuple[int, frozenset[int]], int] = field(default_factory=dict)
    lawful: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def groups(self, visit: Visit, enterprise: Enterprise) -> tuple[SeatGroup, ...]:
        """Officers' groups by department, then experts' by specialty; without lottery weights."""
        experts = sorted({self.items[code].expert for code in visit.item_codes} - {""})
        drafts = [self._officers(ident, visit, enterprise) for ident in sorted(set(visit.department_ids))]
        counts = self._counts(drafts, len(experts), single=len(visit.requirement_ids) == 1)
        officers = tuple(
            SeatGroup(
                department_idx=draft.department_idx,
                n_seats=count,
                pools=draft.pools,
                skills=draft.skills,
                barred=draft.barred,
            )
            for draft, count in zip(drafts, counts, strict=True)
        )
        return officers + tuple(self._experts(name, visit) for name in experts)

    def _officers(self, ident: str, visit: Visit, enterprise: Enterprise) -> "_Draft":
        pools = self._lawful_pools(ident, enterprise.district)
        pairs = zip(visit.item_codes, visit.department_ids, strict=True)
        barred = self._barred(pools, visit)
        return _Draft(
            department_idx=self.positions.departments[ident],
            pools=pools,
            skills=self.skills.needed(ident, (code for code, own in pairs if own == ident)),
            barred=barred,
            candidates=self.staff.candidates(pools, barred),
        )

    def _lawful_pools(self, ident: str, district: str) -> tuple[int, ...]:
        """R08: the department covers the district, and so does a department of the pool's jurisdiction."""
        if (ident, district) not in self.lawful:
            covering = {row.department_id: row for row in self.departments.values() if covers(row, district)}
            pairs = {(row.authority, row.unit) for row in covering.values()} if ident in covering else set()
            own = self.staff.by_department.get(ident, ())
            self.lawful[ident, district] = tuple(n for n in own if self.staff.jurisdictions[n] in pairs)
        return self.lawful[ident, district]

    def _experts(self, specialty: str, visit: Visit) -> SeatGroup:
        pools = self.staff.by_specialty.get(specialty, ())
        return SeatGroup(department_idx=-1, n_seats=1, pools=pools, barred=self._barred(pools, visit))

    def _barred(self, pools: Sequence[int], visit: Visit) -> tuple[int, ...]:
        rows = binding(self.recusals.get(visit.enterprise_id, ()), visit.start, visit.end)
        named = {self.staff.index.get(row.inspector_id, -1) for row in rows} - {-1}
        return tuple(sorted(n for n in named if self.staff.people[n].pool_idx in pools))

    def _counts(self, drafts: Sequence["_Draft"], n_experts: int, *, single: bool) -> list[int]:
        """Seats per draft: the plan's officers, raised where fewer could never cover the skills.

        A raise keeps within the visit's maximum of people, which does not bind a single requirement (that
        one may exceed it alone). Where teams count per visit, every department has one seat and what is
        then missing goes, seat by seat, to the department with most candidates to spare.
        """
        teams, most = self.settings.teams, self.settings.merging.max_officers
        per_visit = teams.per == "visit"
        counts = [1 if per_visit else teams.officers] * len(drafts)
        room = most - n_experts - sum(counts)
        for n, draft in enumerate(drafts):
            more = self._least(draft) - counts[n]
            if more > 0 and (single or most == 0 or more <= room):
                counts[n] += more
                room -= more
        while per_visit and sum(counts) < teams.officers:
            spare = [len(draft.candidates) - count for draft, count in zip(drafts, counts, strict=True)]
            counts[spare.index(max(spare))] += 1
        return counts

    def _least(self, draft: "_Draft") -> int:
        """How many officers it takes at least to cover the draft's skills; 0 where nobody can."""
        if not self.settings.teams.one_officer_many_items:
            return len(draft.skills)
        need = sum(1 << skill for skill in draft.skills)
        own = frozenset(self.staff.people[n].skills & need for n in draft.candidates)
        if (need, own) not in self.least:
            self.least[need, own] = least_cover(need, own)
        return self.least[need, own]


@dataclass(frozen=True, kw_only=True)
class _Draft:
    department_idx: int
    pools: tuple[int, ...]
    skills: tuple[int, ...]
    barred: tuple[int, ...]
    candidates: list[int]


def covers(department: Department, district: str) -> bool:
    """Whether the district is in the department's; none named means all."""
    return not department.districts or district in department.districts


def least_cover(need: int, masks: frozenset[int]) -> int:
    """The fewest masks whose union is ``need``; 0 where nothing is needed or nothing suffices."""
    reached, steps = {0}, 0
    while need not in reached:
        larger = {one | mask for one in reached for mask in masks}
        if larger <= reached:
            return 0
        reached, steps = reached | larger, steps + 1
    return steps
