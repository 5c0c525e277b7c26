"""What the quotas make of people: expected minutes per need, pools and their sizes (§8 of the spec).

In: registers, plan and census. Out: the pools the plan has to hold. Exact fractions throughout.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Literal

from scheduler.domain.plan import Plan, Pool, Stratum
from scheduler.domain.registers import Department, Inspector, Item, Order, Registers
from scheduler.verify.census import Census, Work
from scheduler.verify.facts import helpers_of
from scheduler.verify.orders import work_of
from scheduler.verify.quotas import normal, rounded, term_of
from scheduler.verify.teams import masters

Window = tuple[dt.date, dt.date]
"""A task's days ``[start, end)``."""
STRATA: tuple[Literal["", "leaders", "fixed"], ...] = ("", "leaders", "fixed")
"""A department's pools: its other officers, its leaders, its fixed groups."""
Need = tuple[str, str, str]
"""Kind (``department``, ``qualification``, ``item``, ``specialty``), department, name."""


def expected_minutes(
    plan: Plan, census: Census, orders: Iterable[Order] = ()
) -> dict[Need, dict[Window, Fraction]]:
    """For each need the minutes that the quotas make one expect, and the orders ask for, by window; a need
    without minutes is absent only where nothing of the frame has it."""
    strata = _by_cell(plan)
    tasks = {task.task_id: task for task in census.scopes.tasks}
    minutes: Counter[tuple[Need, Window, str]] = Counter()
    for (look, risk_class), size in census.sizes.items():
        for task_id, work in census.scopes.works(look).items():
            task = tasks[task_id]
            district = look[0] if task.by_district else ""
            stratum = strata.get((task_id, district), {}).get(risk_class)
            for need, each in needs_of(plan, work).items() if work.items else ():
                where = "" if stratum is None else stratum.stratum_id
                minutes[need, (task.start, task.end), where] += size * each
    shares = {s.stratum_id: Fraction(s.quota, max(1, s.size)) for s in plan.strata}
    found: dict[Need, dict[Window, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for (need, window, stratum_id), total in minutes.items():
        found[need][window] += shares.get(stratum_id, Fraction(0)) * total
    for order in orders:
        for need, each in needs_of(plan, work_of(order, census.scopes)).items():
            found[need][order.start, order.end] += each
    return dict(found)


def _by_cell(plan: Plan) -> dict[tuple[str, str], dict[str, Stratum]]:
    found: dict[tuple[str, str], dict[str, Stratum]] = defaultdict(dict)
    for stratum in plan.strata:
        for risk_class in stratum.risk_classes:
            found[stratum.task_id, stratum.district][risk_class] = stratum
    return found


def needs_of(plan: Plan, work: Work) -> dict[Need, int]:
    """The needs of a task at an enterprise, each with its minutes."""
    merging = plan.settings.merging
    owned: dict[str, list[Item]] = defaultdict(list)
    for item, department_id in zip(work.items, work.department_ids, strict=True):
        owned[department_id].append(item)
    minutes = {
        owner: sum(merging.item_min if i.duration_min is None else i.duration_min for i in items)
        + merging.overhead_min
        for owner, items in owned.items()
    }
    found: dict[Need, int] = {}
    for owner, items in owned.items():
        found["department", owner, ""] = minutes[owner]
        for item in items:
            found["item", owner, item.item_code] = minutes[owner]
            if item.qualification:
                found["qualification", owner, item.qualification] = minutes[owner]
    for item in work.items:
        if item.expert:
            found["specialty", "", item.expert] = max(minutes.values())
    return found


class PoolSizes:
    """Makes the pools of the plan from the expected minutes and the people who are not excluded."""

    def __init__(
        self, plan: Plan, registers: Registers, census: Census, free: Mapping[str, frozenset[dt.date]]
    ) -> None:
        """``free`` maps everyone who is not excluded to the days on which he may work."""
        self.plan = plan
        self.registers = registers
        self.items = {item.item_code: item for item in registers.items}
        self._census = census
        self.free = free
        self.staff: dict[tuple[str, str, str], list[Inspector]] = defaultdict(list)
        for row in registers.inspectors:
            if row.inspector_id in free:
                self.staff[row.department_id, row.authority, row.unit].append(row)

    @cached_property
    def minutes(self) -> dict[Need, dict[Window, Fraction]]:
        """The expected minutes of every need, a helper's with those of the departments it helps; whoever asks
        for names alone does not wait for them."""
        found = {need: dict(own) for need, own in self._own_minutes.items()}
        for (kind, owner, name), own in self._own_minutes.items():
            for helper in sorted(self._helpers.get(owner, ())):
                windows = found.setdefault((kind, helper, name), {})
                for window, exact in own.items():
                    windows[window] = windows.get(window, Fraction(0)) + exact
        return found

    @cached_property
    def _own_minutes(self) -> dict[Need, dict[Window, Fraction]]:
        return expected_minutes(self.plan, self._census, self.registers.orders)

    @cached_property
    def _helpers(self) -> dict[str, frozenset[str]]:
        return helpers_of(self.registers, self.plan.settings.teams)

    def is_asked(self, pool: Pool) -> bool:
        """Whether the officer pool's department has work of its own."""
        return ("department", pool.department_id, "") in self._own_minutes

    def senders(self, pool: Pool) -> set[str]:
        """The departments whose officers may take the seats of the pool's department."""
        return {pool.department_id, *self._helpers.get(pool.department_id, ())}

    def pools(self) -> tuple[Pool, ...]:
        """All pools, sorted by id."""
        owners = {owner for kind, owner, _ in self.minutes if kind == "department"}
        departments = [d for d in self.registers.departments if d.department_id in owners]
        drafts = [_draft(department, stratum) for department in departments for stratum in STRATA]
        made = [self._officers(pool) for pool in drafts if not pool.stratum or self.units(pool)]
        made += [self._experts(name) for kind, _, name in self.minutes if kind == "specialty"]
        return tuple(sorted(made, key=lambda pool: pool.pool_id))

    def units(self, pool: Pool) -> dict[str, tuple[str, ...]]:
        """Whom the tickets of a pool stand for: the name on the ticket to its people, all sorted by id."""
        if pool.role == "expert":
            rows = sorted(e.expert_id for e in self.registers.experts if pool.specialty in e.specialties)
            return {person: (person,) for person in rows if person in self.free}
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._staff(pool):
            name = row.fixed_group if pool.stratum == "fixed" else row.inspector_id
            found[name].append(row.inspector_id)
        return {name: tuple(sorted(people)) for name, people in sorted(found.items())}

    def items_of(self, pool: Pool) -> list[str]:
        """The items for which an officer pool's department is competent somewhere, sorted."""
        owner = pool.department_id
        return sorted(name for kind, own, name in self._own_minutes if kind == "item" and own == owner)

    def holders(self, pool: Pool, label: str) -> frozenset[str]:
        """The names on tickets of whom somebody counts for a label of ``qualification_quotas``."""
        kind, _, name = label.partition(":")
        item = self.items.get(name)
        return frozenset(
            row.fixed_group if pool.stratum == "fixed" else row.inspector_id
            for row in self._staff(pool)
            if (
                name in row.qualifications
                if kind == "qualification"
                else item is not None and masters(row, item)
            )
        )

    def people(self, pool: Pool) -> list[Inspector]:
        """Everybody of the officer pool's department and jurisdiction who is not excluded."""
        return self.staff.get((pool.department_id, pool.authority, pool.unit), [])

    def _staff(self, pool: Pool) -> list[Inspector]:
        """Those of them in the pool's stratum: the fixed groups', of the others the leaders', the rest."""
        teams = self.plan.settings.teams
        return [
            row
            for row in self.people(pool)
            if pool.stratum
            == (
                "fixed"
                if teams.fixed_groups and row.fixed_group
                else "leaders"
                if teams.leader_required and row.is_leader
                else ""
            )
        ]

    def _officers(self, pool: Pool) -> Pool:
        settings = self.plan.settings
        seats = 1 if pool.stratum else settings.teams.officers - int(settings.teams.leader_required)
        text = {
            "": settings.pools.inspectors,
            "leaders": settings.pools.leaders,
            "fixed": settings.pools.fixed_groups,
        }[pool.stratum]
        units = self.units(pool)
        labels = sorted(self._labels(pool, list(units)))
        return self._sized(
            pool,
            list(units),
            self._size(text, units, ("department", pool.department_id, ""), seats),
            tuple((label, self._label_size(pool, text, label, seats)) for label in labels),
        )

    def _experts(self, specialty: str) -> Pool:
        pool = Pool(
            pool_id=f"expert/{specialty}", role="expert", specialty=specialty, size=0, quota=0, k_max=0
        )
        units = self.units(pool)
        quota = self._size(self.plan.settings.pools.experts, units, ("specialty", "", specialty), 1)
        return self._sized(pool, list(units), quota, ())

    def _sized(
        self, pool: Pool, members: Sequence[str], quota: int, labels: tuple[tuple[str, int], ...]
    ) -> Pool:
        return Pool(
            pool_id=pool.pool_id,
            role=pool.role,
            department_id=pool.department_id,
            authority=pool.authority,
            unit=pool.unit,
            specialty=pool.specialty,
            stratum=pool.stratum,
            size=len(members),
            quota=quota,
            k_max=min(self.plan.settings.pools.k_max, len(members) - quota),
            qualification_quotas=labels,
        )

    def _labels(self, pool: Pool, members: Sequence[str]) -> Iterable[str]:
        """The labels an officer pool lists: what its items ask for, and scopes that narrow them."""
        for kind, owner, name in self.minutes:
            if owner != pool.department_id:
                continue
            if kind == "qualification":
                yield f"qualification:{name}"
            elif kind == "item":
                asked = self.items[name].qualification
                wide = self.holders(pool, f"qualification:{asked}") if asked else frozenset(members)
                if len(self.holders(pool, f"item:{name}")) < len(wide):
                    yield f"item:{name}"

    def _label_size(self, pool: Pool, text: str, label: str, seats: int) -> int:
        able = self.holders(pool, label)
        holders = {name: people for name, people in self.units(pool).items() if name in able}
        if normal(text) != "auto":
            return min(len(holders), seats)
        kind, _, name = label.partition(":")
        return self._auto(holders, self.minutes.get((kind, pool.department_id, name), {}), seats)

    def _size(self, text: str, units: Mapping[str, tuple[str, ...]], need: Need, seats: int) -> int:
        size = len(units)
        if normal(text) == "auto":
            return self._auto(units, self.minutes.get(need, {}), seats)
        term = term_of(normal(text))
        if term is None or not (term.count or term.ratio) or (term.ratio or 0) > 1:
            return -1
        if term.ratio is None:
            return min(size, max(term.count, seats))
        by_ratio = rounded(term.ratio * size, up=self.plan.settings.quotas.rounding == "up")
        return min(size, max(by_ratio, min(size, seats)))

    def _auto(
        self, units: Mapping[str, tuple[str, ...]], minutes: Mapping[Window, Fraction], seats: int
    ) -> int:
        """Twice a team, or twice what any stretch of days asks for, from a window's start to one's end."""
        wanted = [2 * seats]
        for first in {start for start, _ in minutes} if units else ():
            for last in {end for _, end in minutes if end > first}:
                inside = sum(
                    (own for (start, end), own in minutes.items() if first <= start and end <= last),
                    Fraction(0),
                )
                capacities = sorted(self._capacity(people, first, last) for people in units.values())
                median = max(1, capacities[(len(capacities) - 1) // 2])
                wanted.append(ceil(2 * inside * seats / median))
        return min(len(units), max(wanted))

    def _capacity(self, people: Sequence[str], first: dt.date, last: dt.date) -> int:
        settings = self.plan.settings
        together = frozenset.intersection(*(self.free[person] for person in people))
        n_days = sum(first <= day < last for day in together)
        day_min = sum(end - start for start, end in settings.hours.pieces)
        return max(settings.goals.capacity_floor_min, n_days * day_min)


def _draft(department: Department, stratum: Literal["", "leaders", "fixed"]) -> Pool:
    """An officer pool without its numbers."""
    name = f"{department.department_id}/{department.authority}/{department.unit}"
    return Pool(
        pool_id=f"{name}/{stratum}" if stratum else name,
        role="officer",
        department_id=department.department_id,
        authority=department.authority,
        unit=department.unit,
        stratum=stratum,
        size=0,
        quota=0,
        k_max=0,
    )
