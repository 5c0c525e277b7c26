"""A visit's departments, items and experts in; its seat groups with their candidates and counts out.

May import: the domain and this room. R03, R05, R06, R15 and R16 get their numbers here, R07 and R08 their
candidates: a department that does not cover the enterprise's district has none, and its helpers come where
its own people might.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scheduler.domain.problem import Person, SeatGroup
from scheduler.domain.registers import Department, Enterprise, Inspector, Item, Recusal
from scheduler.domain.settings import Settings
from scheduler.domain.visits import Visit
from scheduler.problem.people import Drawn, Positions, binding
from scheduler.problem.sizes import LEADER, SENIOR, Sizes, Unit, fitting, sizes, together
from scheduler.problem.skills import Skills

NO_MAXIMUM = 1 << 30
"""Stands for "no maximum of people": more than any visit has."""


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who may be asked: pools by department and by specialty, and each pool's members, all ascending.

    ``jurisdictions`` is the pair (authority, unit) of each pool of officers; ``homes`` each person's
    department, empty for experts; ``mates`` everybody of a
    person's fixed group, himself included, for those who are in one.
    """

    people: Sequence[Person]
    index: Mapping[str, int]
    jurisdictions: Mapping[int, tuple[str, str]]
    homes: Sequence[str]
    by_department: Mapping[str, tuple[int, ...]]
    by_specialty: Mapping[str, tuple[int, ...]]
    members: Mapping[int, tuple[int, ...]]
    mates: Mapping[int, tuple[int, ...]]

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
    fixed: dict[int, list[int]] = {}
    for n, (one, made) in enumerate(zip(drawn, people, strict=True)):
        members[made.pool_idx].append(n)
        if made.fixed_idx >= 0:
            fixed.setdefault(made.fixed_idx, []).append(n)
        if isinstance(one.row, Inspector):
            by_department.setdefault(one.row.department_id, set()).add(made.pool_idx)
            jurisdictions[made.pool_idx] = one.row.authority, one.row.unit
        for specialty in one.specialties:
            by_specialty.setdefault(specialty, set()).add(made.pool_idx)
    return Staff(
        people=people,
        index={one.person_id: n for n, one in enumerate(people)},
        jurisdictions=jurisdictions,
        homes=[one.office.department_id if one.office else "" for one in drawn],
        by_department={key: tuple(sorted(pools)) for key, pools in by_department.items()},
        by_specialty={key: tuple(sorted(pools)) for key, pools in by_specialty.items()},
        members={pool: tuple(found) for pool, found in members.items()},
        mates={n: tuple(group) for group in fixed.values() for n in group},
    )


@dataclass(frozen=True, kw_only=True)
class Seating:
    """Makes the seat groups of one visit after the other; ``known`` and ``lawful`` remember answers.

    ``asked`` are the flags that the plan wants in a team; ``helpers`` each department's, as
    :meth:`scheduler.domain.registers.Registers.helpers` tells them.
    """

    staff: Staff
    skills: Skills
    items: Mapping[str, Item]
    departments: Mapping[str, Department]
    positions: Positions
    recusals: Mapping[str, Sequence[Recusal]]
    settings: Settings
    helpers: Mapping[str, Sequence[str]]
    known: dict[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]], Sizes] = field(default_factory=dict)
    lawful: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def groups(self, visit: Visit, enterprise: Enterprise) -> tuple[SeatGroup, ...]:
        """Officers' groups by department, then experts' by specialty; without lottery weights."""
        experts = sorted({self.items[code].expert for code in visit.item_codes} - {""})
        drafts = [self._officers(ident, visit, enterprise) for ident in sorted(set(visit.department_ids))]
        counts = self._counts(drafts, len(experts), single=len(visit.requirement_ids) == 1)
        each = self.asked if self.settings.teams.per == "department" else 0
        officers = tuple(
            SeatGroup(
                department_idx=draft.department_idx,
                n_seats=count,
                pools=draft.pools,
                skills=draft.skills,
                barred=draft.barred,
                leader=bool(each & LEADER),
                senior=bool(each & SENIOR),
            )
            for draft, count in zip(drafts, counts, strict=True)
        )
        return officers + tuple(self._experts(name, visit) for name in experts)

    @property
    def asked(self) -> int:
        """The flags that R15 wants in a team."""
        teams = self.settings.teams
        return LEADER * teams.leader_required | SENIOR * teams.newcomer_with_senior

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
        """R08: the department covers the district, and so does a department of the pool's jurisdiction; or
        the pool is that of a helper."""
        if (ident, district) not in self.lawful:
            covering = {row.department_id: row for row in self.departments.values() if covers(row, district)}
            pairs = {(row.authority, row.unit) for row in covering.values()}
            own = {n for n in self._pools(ident) if self.staff.jurisdictions[n] in pairs}
            helping = {n for helper in self.helpers.get(ident, ()) for n in self._pools(helper)}
            self.lawful[ident, district] = tuple(sorted(own | helping)) if ident in covering else ()
        return self.lawful[ident, district]

    def _pools(self, ident: str) -> tuple[int, ...]:
        return self.staff.by_department.get(ident, ())

    def _experts(self, specialty: str, visit: Visit) -> SeatGroup:
        pools = self.staff.by_specialty.get(specialty, ())
        return SeatGroup(department_idx=-1, n_seats=1, pools=pools, barred=self._barred(pools, visit))

    def _barred(self, pools: Sequence[int], visit: Visit) -> tuple[int, ...]:
        rows = binding(self.recusals.get(visit.enterprise_id, ()), visit.start, visit.end)
        named = {self.staff.index.get(row.inspector_id, -1) for row in rows} - {-1}
        # Who may not come keeps his fixed group away (R16).
        kept = {mate for n in named for mate in self.staff.mates.get(n, (n,))}
        return tuple(sorted(n for n in kept if self.staff.people[n].pool_idx in pools))

    def _counts(self, drafts: Sequence["_Draft"], n_experts: int, *, single: bool) -> list[int]:
        """Seats per draft: the plan's officers, raised to the next size at which a lawful team exists at all.

        A raise keeps within the visit's maximum of people, which does not bind a single requirement (that
        one may exceed it alone). Where teams count per visit, every department has one seat and what is
        then missing goes, size by size, to the department with most candidates to spare; a leader or senior
        that none of these sizes allows raises the first department where it helps.
        """
        teams, most = self.settings.teams, self.settings.merging.max_officers
        per_visit = teams.per == "visit"
        possible = [self._sizes(draft) for draft in drafts]
        counts = [1 if per_visit else teams.officers] * len(drafts)
        limit = NO_MAXIMUM if single or most == 0 else most - n_experts
        for n, own in enumerate(possible):
            able = fitting(own, 0 if per_visit else self.asked)
            more = next((size for size in able if size >= counts[n]), counts[n]) - counts[n]
            if sum(counts) + more <= limit:
                counts[n] += more
        while per_visit and sum(counts) < teams.officers:
            spare = [len(draft.candidates) - count for draft, count in zip(drafts, counts, strict=True)]
            n = spare.index(max(spare))
            more = next((size for size in possible[n] if size > counts[n]), counts[n] + 1) - counts[n]
            counts[n] += more if sum(counts) + more <= limit else 1
        if per_visit and self.asked:
            self._raise_for_visit(possible, counts, limit)
        return counts

    def _raise_for_visit(self, possible: Sequence[Sizes], counts: list[int], limit: int) -> None:
        """Raise one department so that the visit has its leader and senior, ``limit`` officers at most."""
        now = list(zip(possible, counts, strict=True))
        if together(now, self.asked):
            return
        for n, own in enumerate(possible):
            for size in own:
                fits = size > counts[n] and sum(counts) + size - counts[n] <= limit
                if fits and together([*now[:n], (own, size), *now[n + 1 :]], self.asked):
                    counts[n] = size
                    return

    def _sizes(self, draft: "_Draft") -> Sizes:
        """The sizes of team that the draft's candidates allow, with the flags each can have."""
        key = draft.pools, draft.barred, draft.skills
        if key not in self.known:
            need = sum(1 << skill for skill in draft.skills)
            distinct = not self.settings.teams.one_officer_many_items
            self.known[key] = sizes(self._units(draft, need), need, distinct=distinct)
        return self.known[key]

    def _units(self, draft: "_Draft", need: int) -> list[Unit]:
        """The candidates, fixed groups as one and only where all of them are candidates."""
        own = frozenset(draft.candidates)
        groups = dict.fromkeys(self.staff.mates.get(n, (n,)) for n in draft.candidates)
        return [
            Unit(tuple(sorted(self.staff.people[n].skills & need for n in group)), self._flags(group))
            for group in groups
            if own.issuperset(group)
        ]

    def _flags(self, group: Sequence[int]) -> int:
        people = [self.staff.people[n] for n in group]
        leads, guides = any(p.is_leader for p in people), not all(p.is_newcomer for p in people)
        return self.asked & (LEADER * leads | SENIOR * guides)


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
