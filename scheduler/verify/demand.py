"""What the quotas make of people: expected minutes per need, pools and their sizes (§8 of the spec).

In: registers, plan and census. Out: the pools the plan has to hold. Exact fractions throughout.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil

from scheduler.domain.plan import Plan, Pool, Stratum
from scheduler.domain.registers import Inspector, Item, Order, Registers
from scheduler.verify.census import Census, Work
from scheduler.verify.orders import work_of
from scheduler.verify.quotas import normal, rounded, term_of
from scheduler.verify.teams import masters

Window = tuple[dt.date, dt.date]
"""A task's days ``[start, end)``."""
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
        self.minutes = expected_minutes(plan, census, registers.orders)
        self.free = free
        self.staff: dict[tuple[str, str, str], list[Inspector]] = defaultdict(list)
        for row in registers.inspectors:
            if row.inspector_id in free:
                self.staff[row.department_id, row.authority, row.unit].append(row)

    def pools(self) -> tuple[Pool, ...]:
        """All pools, sorted by id."""
        owners = {owner for kind, owner, _ in self.minutes if kind == "department"}
        departments = [d for d in self.registers.departments if d.department_id in owners]
        made = [self._officers(d.department_id, d.authority, d.unit) for d in departments]
        made += [self._experts(name) for kind, _, name in self.minutes if kind == "specialty"]
        return tuple(sorted(made, key=lambda pool: pool.pool_id))

    def members(self, pool: Pool) -> tuple[str, ...]:
        """The people of a pool, sorted by id."""
        if pool.role == "expert":
            rows = (e.expert_id for e in self.registers.experts if pool.specialty in e.specialties)
            return tuple(person for person in rows if person in self.free)
        return tuple(row.inspector_id for row in self._staff(pool))

    def items_of(self, pool: Pool) -> list[str]:
        """The items for which an officer pool's department is competent somewhere, sorted."""
        owner = pool.department_id
        return sorted(name for kind, own, name in self.minutes if kind == "item" and own == owner)

    def holders(self, pool: Pool, label: str) -> frozenset[str]:
        """The members who count for a label of ``qualification_quotas``."""
        kind, _, name = label.partition(":")
        item = self.items.get(name)
        return frozenset(
            row.inspector_id
            for row in self._staff(pool)
            if (
                name in row.qualifications
                if kind == "qualification"
                else item is not None and masters(row, item)
            )
        )

    def _staff(self, pool: Pool) -> list[Inspector]:
        return self.staff.get((pool.department_id, pool.authority, pool.unit), [])

    def _officers(self, department_id: str, authority: str, unit: str) -> Pool:
        pool = Pool(
            pool_id=f"{department_id}/{authority}/{unit}",
            role="officer",
            department_id=department_id,
            authority=authority,
            unit=unit,
            size=0,
            quota=0,
            k_max=0,
        )
        seats = self.plan.settings.teams.officers
        members = self.members(pool)
        labels = sorted(self._labels(pool, members))
        return self._sized(
            pool,
            members,
            self._size(
                self.plan.settings.pools.inspectors, members, ("department", department_id, ""), seats
            ),
            tuple((label, self._label_size(pool, label, seats)) for label in labels),
        )

    def _experts(self, specialty: str) -> Pool:
        pool = Pool(
            pool_id=f"expert/{specialty}", role="expert", specialty=specialty, size=0, quota=0, k_max=0
        )
        members = self.members(pool)
        quota = self._size(self.plan.settings.pools.experts, members, ("specialty", "", specialty), 1)
        return self._sized(pool, members, quota, ())

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

    def _label_size(self, pool: Pool, label: str, seats: int) -> int:
        holders = sorted(self.holders(pool, label))
        if normal(self.plan.settings.pools.inspectors) != "auto":
            return min(len(holders), seats)
        kind, _, name = label.partition(":")
        return self._auto(holders, self.minutes.get((kind, pool.department_id, name), {}), seats)

    def _size(self, text: str, members: Sequence[str], need: Need, seats: int) -> int:
        size = len(members)
        if normal(text) == "auto":
            return self._auto(members, self.minutes.get(need, {}), seats)
        term = term_of(normal(text))
        if term is None or not (term.count or term.ratio) or (term.ratio or 0) > 1:
            return -1
        if term.ratio is None:
            return min(size, max(term.count, seats))
        by_ratio = rounded(term.ratio * size, up=self.plan.settings.quotas.rounding == "up")
        return min(size, max(by_ratio, min(size, seats)))

    def _auto(self, members: Sequence[str], minutes: Mapping[Window, Fraction], seats: int) -> int:
        """Twice a team, or twice what any stretch of days asks for, from a window's start to one's end."""
        wanted = [2 * seats]
        for first in {start for start, _ in minutes} if members else ():
            for last in {end for _, end in minutes if end > first}:
                inside = sum(
                    (own for (start, end), own in minutes.items() if first <= start and end <= last),
                    Fraction(0),
                )
                capacities = sorted(self._capacity(person, first, last) for person in members)
                median = max(1, capacities[(len(capacities) - 1) // 2])
                wanted.append(ceil(2 * inside * seats / median))
        return min(len(members), max(wanted))

    def _capacity(self, person: str, first: dt.date, last: dt.date) -> int:
        settings = self.plan.settings
        n_days = sum(first <= day < last for day in self.free[person])
        day_min = sum(end - start for start, end in settings.hours.pieces)
        return max(settings.goals.capacity_floor_min, n_days * day_min)
