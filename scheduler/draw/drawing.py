"""Draw: plan, frame and seed to who is drawn; docs/draw-spec.md §7 and §9.

In: the sealed plan with its tables, the seed. Out: :class:`DrawResult`. May import: the domain, the
standard library. One hash per group and enterprise; nothing is kept beyond the group at hand.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from scheduler.domain.errors import InputError, OneDoorError, Value, refuse
from scheduler.domain.hashes import Profile
from scheduler.domain.plan import (
    Cutoff,
    DrawnEnterprise,
    DrawnPerson,
    DrawResult,
    Exclusion,
    FrameRow,
    OrderTicket,
    Plan,
    Pool,
    Stratum,
)
from scheduler.domain.registers import Department, Item, Order, Registers, Task
from scheduler.draw.people import Staff, Unit, holds_label, person_id, staff_of, units_of
from scheduler.draw.scopes import Cell, Grouped, cell_of, grouped, scope_of, within
from scheduler.draw.tickets import (
    coordinated,
    digests,
    enterprise_group,
    order_group,
    pool_group,
    require_seed,
    seed_commitment,
    ticket,
)

Ticketed = tuple[bytes, str]
"""A raw digest and the id it belongs to."""

_DIGEST_BITS = 256


def draw(
    plan: Plan, frame: Sequence[FrameRow], excluded: Sequence[Exclusion], registers: Registers, seed: str
) -> DrawResult:
    """Draw enterprises and people: per stratum the n smallest tickets, per pool likewise.

    The order of rows in ``frame``, ``excluded`` and ``registers`` changes nothing. Rows come sorted by
    stratum or pool id, then rank; reserves follow the drawn.

    Errors: ``draw.seed_form``; ``draw.stratum_changed``, ``draw.pool_changed`` where a size is not the
    committed one; ``draw.id_twice``; ``draw.equal_tickets``.
    """
    require_seed(seed)
    return with_people(plan, _enterprises(plan, frame, excluded, registers, seed), excluded, registers, seed)


def with_people(
    plan: Plan,
    drawn: Iterable[DrawnEnterprise],
    excluded: Sequence[Exclusion],
    registers: Registers,
    seed: str,
) -> DrawResult:
    """The whole result, once the enterprises are drawn: cutoffs, and the people of every pool."""
    enterprises = sorted(drawn, key=_place_of_enterprise)
    staff = staff_of(registers, excluded, plan.settings.teams)
    items = {item.item_code: item for item in registers.items}
    profile = plan.settings.profile
    people = [row for pool in plan.pools for row in _people(pool, staff, items, seed, profile)]
    return DrawResult(
        seed_commitment=seed_commitment(seed, profile),
        enterprises=tuple(enterprises),
        cutoffs=tuple(_cutoffs(plan.strata, enterprises)),
        people=tuple(sorted(people, key=lambda row: (row.pool_id, row.rank))),
        orders=order_tickets(registers.orders, seed, profile),
    )


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """Tasks by group string, with what their scopes need."""

    by_group: dict[str, list[Task]]
    departments: dict[str, Department]
    strata: dict[str, dict[Cell, Stratum]]
    left_out: dict[str, frozenset[str]]


def tasks_of(plan: Plan, excluded: Iterable[Exclusion], registers: Registers) -> Tasks:
    """The register's tasks with the committed strata and whom each leaves out."""
    by_group: dict[str, list[Task]] = {}
    known = coordinated(registers.tasks, plan.settings)
    for task in sorted(known, key=lambda task: task.task_id):
        by_group.setdefault(enterprise_group(task.task_id, task.group), []).append(task)
    strata: dict[str, dict[Cell, Stratum]] = {}
    for stratum in plan.strata:
        cells = (Cell(stratum.district, risk_class) for risk_class in stratum.risk_classes)
        strata.setdefault(stratum.task_id, {}).update(dict.fromkeys(cells, stratum))
    left_out: dict[str, set[str]] = {}
    for row in excluded:
        if row.role == "enterprise" and row.task_id:
            left_out.setdefault(row.task_id, set()).add(row.subject_id)
    return Tasks(
        by_group=by_group,
        departments={row.department_id: row for row in registers.departments},
        strata=strata,
        left_out={task_id: frozenset(ids) for task_id, ids in left_out.items()},
    )


def _enterprises(
    plan: Plan, frame: Sequence[FrameRow], excluded: Sequence[Exclusion], registers: Registers, seed: str
) -> Iterator[DrawnEnterprise]:
    refuse_repeated([row.enterprise_id for row in frame])
    groups = grouped(frame)
    tasks = tasks_of(plan, excluded, registers)
    refuse_missing_tasks(plan, registers)
    listed = plan.settings.quotas.reserves_listed
    for group, members in tasks.by_group.items():
        strata = [pair for task in members for pair in _members(task, tasks, groups)]
        hashed = partial(digests, seed, "E", group, profile=plan.settings.profile)
        tickets = _ticket_source(hashed, [ids for _, ids in strata], shared=len(members) > 1)
        for stratum, ids in strata:
            yield from _drawn(stratum, ids, tickets, listed)


def refuse_repeated(ids: Sequence[str]) -> None:
    """One id, one chance."""
    if len(set(ids)) == len(ids):
        return
    seen: set[str] = set()
    for ident in ids:
        if ident in seen:
            place: dict[str, Value] = {"value": ident}
            raise refuse(InputError, "draw.id_twice", place, column="enterprise_id")
        seen.add(ident)


def refuse_missing_tasks(plan: Plan, registers: Registers) -> None:
    """A committed stratum of a task that is no longer there would vanish without a word."""
    known = {task.task_id for task in registers.tasks}
    for stratum in plan.strata:
        if stratum.task_id not in known:
            raise changed(stratum.task_id, stratum.stratum_id, stratum.size, 0)


def _ticket_source(
    hashed: Callable[[Sequence[str]], list[bytes]], strata: Sequence[Sequence[str]], *, shared: bool
) -> Callable[[Sequence[str]], list[bytes]]:
    """Ids to raw tickets. Where tasks share tickets each enterprise is hashed once for all of them."""
    if not shared:
        return hashed
    everyone = list(dict.fromkeys(ident for ids in strata for ident in ids))
    known = dict(zip(everyone, hashed(everyone), strict=True))
    return lambda ids: [known[ident] for ident in ids]


def _members(task: Task, tasks: Tasks, groups: Grouped[list[str]]) -> Iterator[tuple[Stratum, list[str]]]:
    """The task's frame, stratum by stratum; sizes must be the committed ones."""
    left_out = tasks.left_out.get(task.task_id, frozenset())
    strata = tasks.strata.get(task.task_id, {})
    found: dict[str, list[str]] = {stratum.stratum_id: [] for stratum in strata.values()}
    homes = {cell: found[stratum.stratum_id] for cell, stratum in strata.items()}
    scope = scope_of(task, tasks.departments.get(task.lead_id), groups)
    for _, place, ids in within(scope, groups):
        inside = [ident for ident in ids if ident not in left_out] if left_out else ids
        if inside:
            cell = cell_of(task, place)
            if cell not in homes:
                raise changed(task.task_id, "/".join(filter(None, cell)), 0, len(inside))
            homes[cell] += inside
    for stratum in dict.fromkeys(strata.values()):
        members = found[stratum.stratum_id]
        if len(members) != stratum.size:
            raise changed(task.task_id, stratum.stratum_id, stratum.size, len(members))
        yield stratum, members


def changed(task_id: str, stratum: str, committed: int, found: int) -> OneDoorError:
    """The refusal of a stratum that has another size than the committed one."""
    place: dict[str, Value] = {"value": stratum}
    return refuse(InputError, "draw.stratum_changed", place, task=task_id, committed=committed, found=found)


def _drawn(
    stratum: Stratum, ids: Sequence[str], tickets: Callable[[Sequence[str]], list[bytes]], listed: int
) -> Iterator[DrawnEnterprise]:
    if stratum.quota == 0:
        return
    yield from rows_of(stratum, smallest(tickets(ids), ids, shown_of(stratum, listed) + 1), listed)


def shown_of(stratum: Stratum, listed: int) -> int:
    """How many rows a stratum with a quota shows: the drawn and the listed reserves."""
    return min(stratum.size, stratum.quota + listed)


def rows_of(stratum: Stratum, first: Sequence[Ticketed], listed: int) -> Iterator[DrawnEnterprise]:
    """The rows of a stratum; ``first`` are its smallest tickets in order, one more than shown if there is."""
    shown = shown_of(stratum, listed)
    _refuse_equal(stratum.stratum_id, first)
    for rank, (digest, ident) in enumerate(first[:shown], start=1):
        yield DrawnEnterprise(
            task_id=stratum.task_id,
            stratum_id=stratum.stratum_id,
            rank=rank,
            enterprise_id=ident,
            ticket=digest.hex(),
            drawn=rank <= stratum.quota,
        )


def smallest(tickets: Sequence[bytes], ids: Sequence[str], count: int) -> list[Ticketed]:
    """The ``count`` smallest tickets with their ids, ascending; all of them where there are fewer.

    A bound that about twice ``count`` uniform digests fall under keeps the sort short; where chance leaves
    too few under it, everything is sorted. The answer is the same either way.
    """
    likely = 2 * count + 32
    if likely < len(ids):
        bound = ((likely << _DIGEST_BITS) // len(ids)).to_bytes(_DIGEST_BITS // 8, "big")
        under = sorted(pair for pair in zip(tickets, ids, strict=True) if pair[0] < bound)
        if len(under) >= count:
            return under[:count]
    return sorted(zip(tickets, ids, strict=True))[:count]


def _refuse_equal(name: str, ordered: Sequence[Ticketed]) -> None:
    for (one, first), (other, second) in pairwise(ordered):
        if one == other:
            raise refuse(InputError, "draw.equal_tickets", {"value": name}, one=first, other=second)


def order_tickets(orders: Iterable[Order], seed: str, profile: Profile) -> tuple[OrderTicket, ...]:
    """The tickets of ordered visits, sorted by order; they decide no draw."""
    return tuple(
        OrderTicket(
            order_id=order.order_id,
            enterprise_id=order.enterprise_id,
            ticket=ticket(seed, "E", order_group(order.order_id), order.enterprise_id, profile),
        )
        for order in sorted(orders, key=lambda order: order.order_id)
    )


def _cutoffs(strata: Iterable[Stratum], rows: Iterable[DrawnEnterprise]) -> Iterator[Cutoff]:
    last = {row.stratum_id: row.ticket for row in rows if row.drawn}
    for stratum in sorted(strata, key=lambda one: one.stratum_id):
        yield Cutoff(
            stratum_id=stratum.stratum_id,
            size=stratum.size,
            quota=stratum.quota,
            cutoff=last.get(stratum.stratum_id, ""),
        )


def _people(
    pool: Pool, staff: Staff, items: dict[str, Item], seed: str, profile: Profile
) -> Iterator[DrawnPerson]:
    units = {unit.ident: unit for unit in units_of(pool, staff)}
    ordered = _ordered_units(pool, list(units), seed, profile)
    drawn = _drawn_units(pool, ordered, units, items)
    reserves = [ident for _, ident in ordered if ident not in drawn][: pool.k_max]
    listed = drawn.union(reserves)
    for rank, (digest, ident) in enumerate(ordered, start=1):
        if ident in listed:
            for person in sorted(person_id(member) for member in units[ident].members):
                yield DrawnPerson(
                    pool_id=pool.pool_id,
                    rank=rank,
                    person_id=person,
                    ticket=digest.hex(),
                    drawn=ident in drawn,
                )


def _ordered_units(pool: Pool, ids: Sequence[str], seed: str, profile: Profile) -> list[Ticketed]:
    if len(ids) != pool.size:
        raise refuse(
            InputError, "draw.pool_changed", {"value": pool.pool_id}, committed=pool.size, found=len(ids)
        )
    ordered = sorted(zip(digests(seed, "I", pool_group(pool), ids, profile), ids, strict=True))
    _refuse_equal(pool.pool_id, ordered)
    return ordered


def _drawn_units(
    pool: Pool, ordered: Sequence[Ticketed], units: Mapping[str, Unit], items: dict[str, Item]
) -> frozenset[str]:
    """The union of the first n and, for each label, the first of its holders."""
    order = [ident for _, ident in ordered]
    drawn = set(order[: pool.quota])
    for label, count in pool.qualification_quotas:
        drawn.update([ident for ident in order if holds_label(units[ident], label, items)][:count])
    return frozenset(drawn)


def _place_of_enterprise(row: DrawnEnterprise) -> tuple[str, int]:
    return row.stratum_id, row.rank
