"""How many people are drawn from which pool, and whether they can do the work at all; draw-spec §8.

In: staff, demand, settings. Out: pools with N, n, k_max; what cannot be staffed.
May import: the domain, the standard library.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

from scheduler.domain.errors import InputError, Problem, refuse
from scheduler.domain.plan import Pool
from scheduler.domain.registers import Department, Inspector, Item
from scheduler.domain.settings import Settings
from scheduler.draw.demand import Demand, Need, Window, label_of_item, with_helpers
from scheduler.draw.people import (
    Attendance,
    Member,
    OfficerStratum,
    Staff,
    Unit,
    holds_label,
    holds_qualification,
    may_check,
    officer_units,
    units_of,
)
from scheduler.draw.quotas import Term, clean_text, read_term

AUTO = "auto"
SAFETY = 2
"""Both factors of the ``auto`` pool: twice the seats, twice the expected minutes (DESIGN §11)."""


@dataclass(frozen=True, kw_only=True)
class PoolMaker:
    """All that a pool's size depends on. ``helpers`` are the departments whose officers may take a
    department's seats beside its own."""

    settings: Settings
    staff: Staff
    demand: Demand
    helpers: Mapping[str, Sequence[str]]
    items: dict[str, Item]
    departments: dict[str, Department]
    attendance: Attendance

    def pools(self) -> list[Pool]:
        """All pools that some task needs, sorted by id.

        Errors: ``draw.pool_form`` for a size that is neither auto, a ratio nor a count.
        """
        pools = self.settings.pools
        rules: dict[OfficerStratum, Term | None] = {
            "": pool_rule(pools.inspectors, "pools.inspectors"),
            "leaders": pool_rule(pools.leaders, "pools.leaders"),
            "fixed": pool_rule(pools.fixed_groups, "pools.fixed_groups"),
        }
        experts = pool_rule(pools.experts, "pools.experts")
        found = [
            self._officers(code, needs, stratum, rule)
            for code, needs in self._asked.officers.items()
            for stratum, rule in rules.items()
            if not stratum or officer_units(self.staff, code, stratum)
        ]
        found += [self._experts(name, need, experts) for name, need in self.demand.experts.items()]
        return sorted(found, key=lambda pool: pool.pool_id)

    @cached_property
    def _asked(self) -> Demand:
        """What each department may be asked for: its own needs, and those of the departments it helps."""
        return with_helpers(self.demand, self.helpers)

    def _people(self, code: str) -> list[Inspector]:
        """Everybody who might take the department's seats."""
        return [
            one for name in (code, *self.helpers.get(code, ())) for one in self.staff.officers.get(name, [])
        ]

    def _officers(
        self, code: str, needs: dict[str, Need], stratum: OfficerStratum, rule: Term | None
    ) -> Pool:
        department, units = self.departments[code], officer_units(self.staff, code, stratum)
        seats = self._seats(stratum)
        quota = self._size(rule, units, needs[""], seats)
        labels = {label: need for label, need in needs.items() if label} | self._scarce_items(code, units)
        name = f"{code}/{department.authority}/{department.unit}"
        return Pool(
            pool_id=f"{name}/{stratum}" if stratum else name,
            role="officer",
            department_id=code,
            authority=department.authority,
            unit=department.unit,
            stratum=stratum,
            size=len(units),
            quota=quota,
            k_max=min(self.settings.pools.k_max, len(units) - quota),
            qualification_quotas=tuple(
                (label, self._label_size(rule, label, units, need, seats))
                for label, need in sorted(labels.items())
            ),
        )

    def _seats(self, stratum: OfficerStratum) -> int:
        """Seats of a team that the stratum has to fill: one leader, one fixed group, or the others."""
        teams = self.settings.teams
        return 1 if stratum else teams.officers - teams.leader_required

    def _experts(self, specialty: str, need: Need, rule: Term | None) -> Pool:
        pool = Pool(
            pool_id=f"expert/{specialty}", role="expert", specialty=specialty, size=0, quota=0, k_max=0
        )
        units = units_of(pool, self.staff)
        quota = self._size(rule, units, need, 1)
        k_max = min(self.settings.pools.k_max, len(units) - quota)
        return replace(pool, size=len(units), quota=quota, k_max=k_max)

    def _scarce_items(self, code: str, units: Sequence[Unit]) -> dict[str, Need]:
        """Items whose holders are fewer than those of their qualification: scopes bind there."""
        found = {}
        for item_code, need in self._asked.items[code].items():
            qualified = [u for u in units if any(self._is_qualified(one, item_code) for one in u.members)]
            if any(not holds_label(u, label_of_item(item_code), self.items) for u in qualified):
                found[label_of_item(item_code)] = need
        return found

    def _is_qualified(self, person: Member, item_code: str) -> bool:
        return isinstance(person, Inspector) and holds_qualification(
            person, self.items[item_code].qualification
        )

    def _size(self, rule: Term | None, units: Sequence[Unit], need: Need, seats: int) -> int:
        if rule is None:
            return min(len(units), max(SAFETY * seats, self._enough(units, need, seats)))
        wanted = rule.value if rule.kind == "count" else rule.value * len(units)
        up = self.settings.quotas.rounding == "up"
        rounded = ceil(wanted) if up else floor(wanted + Fraction(1, 2))
        return min(len(units), max(rounded, seats))

    def _label_size(
        self, rule: Term | None, label: str, units: Sequence[Unit], need: Need, seats: int
    ) -> int:
        holders = [unit for unit in units if holds_label(unit, label, self.items)]
        return min(len(holders), seats) if rule is not None else self._size(None, holders, need, seats)

    def _enough(self, units: Sequence[Unit], need: Need, seats: int) -> int:
        """What the hardest stretch of days asks for: a week in which many tasks end is staffed as well."""
        days = [self.attendance.common_days(unit) for unit in units]
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
        return [
            *self._small_departments(),
            *self._unled(),
            *self._unable(),
            *self._without_expert(),
        ]

    def _small_departments(self) -> Iterator[Problem]:
        teams = self.settings.teams
        least = teams.officers if teams.per == "department" else 1
        for code, needs in sorted(self.demand.officers.items()):
            found = len(self._people(code))
            if found < least:
                yield Problem(
                    code="draw.too_few_officers",
                    params={"department": code, "found": found, "least": least, "task": needs[""].task_id},
                )

    def _unled(self) -> Iterator[Problem]:
        """Departments whose teams would need a leader or a senior of their own, and have none."""
        teams = self.settings.teams
        for code, needs in sorted(self.demand.officers.items() if teams.per == "department" else ()):
            own = self._people(code)
            params = {"department": code, "task": needs[""].task_id}
            if not own:
                continue  # told already
            if teams.leader_required and not any(one.is_leader for one in own):
                yield Problem(code="draw.no_leader", params={**params})
            if teams.newcomer_with_senior and all(one.is_newcomer for one in own):
                yield Problem(code="draw.no_senior", params={**params})

    def _unable(self) -> Iterator[Problem]:
        for code, needs in sorted(self.demand.items.items()):
            members = self._people(code)
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
