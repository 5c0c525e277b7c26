"""How many people are drawn from which pool, and whether they can do the work at all; draw-spec §8.

In: staff, demand, settings. Out: pools with N, n, k_max; what cannot be staffed.
May import: the domain, the standard library.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from scheduler.domain.errors import InputError, Problem, refuse
from scheduler.domain.plan import Pool
from scheduler.domain.registers import Department, Inspector, Item
from scheduler.domain.settings import Settings
from scheduler.draw.demand import Demand, Need, Window, label_of_item
from scheduler.draw.people import (
    Attendance,
    Member,
    Staff,
    holds_label,
    holds_qualification,
    may_check,
)
from scheduler.draw.quotas import Term, clean_text, read_term

AUTO = "auto"
SAFETY = 2
"""Both factors of the ``auto`` pool: twice the seats, twice the expected minutes (DESIGN §11)."""


@dataclass(frozen=True, kw_only=True)
class PoolMaker:
    """All that a pool's size depends on."""

    settings: Settings
    staff: Staff
    demand: Demand
    items: dict[str, Item]
    departments: dict[str, Department]
    attendance: Attendance

    def pools(self) -> list[Pool]:
        """All pools that some task needs, sorted by id.

        Errors: ``draw.pool_form`` for a size that is neither auto, a ratio nor a count.
        """
        officers = pool_rule(self.settings.pools.inspectors, "pools.inspectors")
        experts = pool_rule(self.settings.pools.experts, "pools.experts")
        found = [self._officers(code, needs, officers) for code, needs in self.demand.officers.items()]
        found += [self._experts(name, need, experts) for name, need in self.demand.experts.items()]
        return sorted(found, key=lambda pool: pool.pool_id)

    def _officers(self, code: str, needs: dict[str, Need], rule: Term | None) -> Pool:
        department, members = self.departments[code], self.staff.officers.get(code, [])
        seats = self.settings.teams.officers
        quota = self._size(rule, members, needs[""], seats)
        labels = {label: need for label, need in needs.items() if label} | self._scarce_items(code, members)
        return Pool(
            pool_id=f"{code}/{department.authority}/{department.unit}",
            role="officer",
            department_id=code,
            authority=department.authority,
            unit=department.unit,
            size=len(members),
            quota=quota,
            k_max=min(self.settings.pools.k_max, len(members) - quota),
            qualification_quotas=tuple(
                (label, self._label_size(rule, label, members, need, seats))
                for label, need in sorted(labels.items())
            ),
        )

    def _experts(self, specialty: str, need: Need, rule: Term | None) -> Pool:
        members = self.staff.experts.get(specialty, [])
        quota = self._size(rule, members, need, 1)
        return Pool(
            pool_id=f"expert/{specialty}",
            role="expert",
            specialty=specialty,
            size=len(members),
            quota=quota,
            k_max=min(self.settings.pools.k_max, len(members) - quota),
        )

    def _scarce_items(self, code: str, members: Sequence[Inspector]) -> dict[str, Need]:
        """Items whose officers are fewer than the holders of their qualification: scopes bind there."""
        found = {}
        for item_code, need in self.demand.items[code].items():
            item = self.items[item_code]
            qualified = [one for one in members if holds_qualification(one, item.qualification)]
            if any(not may_check(one, item) for one in qualified):
                found[label_of_item(item_code)] = need
        return found

    def _size(self, rule: Term | None, members: Sequence[Member], need: Need, seats: int) -> int:
        if rule is None:
            return min(len(members), max(SAFETY * seats, self._enough(members, need, seats)))
        wanted = rule.value if rule.kind == "count" else rule.value * len(members)
        up = self.settings.quotas.rounding == "up"
        rounded = ceil(wanted) if up else floor(wanted + Fraction(1, 2))
        return min(len(members), max(rounded, seats))

    def _label_size(
        self, rule: Term | None, label: str, members: Sequence[Inspector], need: Need, seats: int
    ) -> int:
        holders = [one for one in members if holds_label(one, label, self.items)]
        return min(len(holders), seats) if rule is not None else self._size(None, holders, need, seats)

    def _enough(self, members: Sequence[Member], need: Need, seats: int) -> int:
        """What the hardest stretch of days asks for: a week in which many tasks end is staffed as well."""
        days = [self.attendance.available_days(person) for person in members]
        return max((self._enough_in(span, days, need, seats) for span in need.spans()), default=0)

    def _enough_in(self, span: Window, days: Sequence[list[dt.date]], need: Need, seats: int) -> int:
        if not days:
            return 0
        capacities = sorted(
            self._capacity(bisect_left(own, span[1]) - bisect_left(own, span[0])) for own in days
        )
        median = max(1, capacities[(len(capacities) - 1) // 2])
        return ceil(SAFETY * need.minutes(span) * seats / median)

    def _capacity(self, n_days: int) -> int:
        day = sum(end - start for start, end in self.settings.hours.pieces)
        return max(self.settings.goals.capacity_floor_min, n_days * day)

    def staffing_problems(self) -> list[Problem]:
        """What nobody can do: departments without a team, items and specialties without anyone able."""
        return [*self._small_departments(), *self._unable(), *self._without_expert()]

    def _small_departments(self) -> Iterator[Problem]:
        teams = self.settings.teams
        least = teams.officers if teams.per == "department" else 1
        for code, needs in sorted(self.demand.officers.items()):
            found = len(self.staff.officers.get(code, []))
            if found < least:
                yield Problem(
                    code="draw.too_few_officers",
                    params={"department": code, "found": found, "least": least, "task": needs[""].task_id},
                )

    def _unable(self) -> Iterator[Problem]:
        for code, needs in sorted(self.demand.items.items()):
            members = self.staff.officers.get(code, [])
            for item_code, need in sorted(needs.items()):
                item = self.items[item_code]
                if any(may_check(officer, item) for officer in members):
                    continue
                params = {"task": need.task_id, "item": item_code, "department": code}
                code_of = "draw.nobody_qualified" if item.qualification else "draw.nobody_in_scope"
                yield Problem(code=code_of, params={**params, "qualification": item.qualification})

    def _without_expert(self) -> Iterator[Problem]:
        for specialty, need in sorted(self.demand.experts.items()):
            if not self.staff.experts.get(specialty):
                yield Problem(code="draw.no_expert", params={"task": need.task_id, "specialty": specialty})


def pool_rule(text: str, setting: str) -> Term | None:
    """The committed size of pools: None for ``auto``, else a ratio or a count.

    Errors: ``draw.pool_form``.
    """
    clean = clean_text(text)
    if clean.lower() == AUTO:
        return None
    term = read_term(clean)
    if term is None or term.value == 0 or (term.kind == "ratio" and term.value > 1):
        raise refuse(InputError, "draw.pool_form", {"value": text}, setting=setting)
    return term
