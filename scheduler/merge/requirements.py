"""Drawn rows, orders and registers in; requirements (检查需求) out, with each item's competent department.

May import: the domain and the standard library.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scheduler.domain.errors import InputError, Problem
from scheduler.domain.plan import DrawnEnterprise, OrderTicket
from scheduler.domain.registers import Department, Enterprise, Item, Order, Registers, Task
from scheduler.domain.settings import Settings
from scheduler.domain.visits import Requirement


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The registers by id; ``local`` maps a field to its district-level departments."""

    departments: Mapping[str, Department]
    enterprises: Mapping[str, Enterprise]
    items: Mapping[str, Item]
    tasks: Mapping[str, Task]
    local: Mapping[str, tuple[Department, ...]]


def directory(registers: Registers) -> Directory:
    """The registers, ready to be asked by id."""
    local: dict[str, tuple[Department, ...]] = {}
    for row in registers.departments:
        if row.level == "district":
            local[row.field] = (*local.get(row.field, ()), row)
    return Directory(
        departments={row.department_id: row for row in registers.departments},
        enterprises={row.enterprise_id: row for row in registers.enterprises},
        items={row.item_code: row for row in registers.items},
        tasks={row.task_id: row for row in registers.tasks},
        local=local,
    )


def requirements(
    drawn: Iterable[DrawnEnterprise], known: Directory, settings: Settings
) -> tuple[Requirement, ...]:
    """One requirement per drawn row, sorted by id; reserves ask for nothing.

    Items are those of the task that apply to the enterprise, sorted by code; the window is that of the
    task inside the campaign's; it is on site as soon as one item is.

    Errors, all rows' at once: ``merge.unknown_id``, ``merge.drawn_twice``, ``merge.no_item``,
    ``merge.no_department``, ``merge.two_departments``.
    """
    problems: list[Problem] = []
    found: dict[str, Requirement] = {}
    for row in drawn:
        if not row.drawn:
            continue
        made = _requirement(row, known, settings)
        if isinstance(made, Requirement):
            if made.requirement_id in found:
                problems.append(_problem("merge.drawn_twice", row))
            found[made.requirement_id] = made
        else:
            problems.extend(made)
    if problems:
        raise InputError(problems)
    return tuple(found[key] for key in sorted(found))


def ordered(
    tickets: Iterable[OrderTicket], registers: Registers, known: Directory, settings: Settings
) -> tuple[Requirement, ...]:
    """One requirement per ordered visit (指令检查), sorted by id: all its items, all of its department.

    Errors, all at once: ``merge.unknown_id``, ``merge.no_department`` for an item of another field.
    """
    orders = {order.order_id: order for order in registers.orders}
    problems: list[Problem] = []
    found: list[Requirement] = []
    for row in tickets:
        order, enterprise = orders.get(row.order_id), known.enterprises.get(row.enterprise_id)
        if order is None or enterprise is None or order.enterprise_id != row.enterprise_id:
            ident = row.enterprise_id if order else row.order_id
            problems.append(_order_problem("merge.unknown_id", row, ident=ident))
            continue
        wrong = list(_order_problems(order, row, known))
        problems += wrong
        if not wrong:
            found.append(_ordered(order, row, enterprise, known, settings))
    if problems:
        raise InputError(problems)
    return tuple(sorted(found, key=lambda need: need.requirement_id))


def _order_problems(order: Order, row: OrderTicket, known: Directory) -> Iterator[Problem]:
    department = known.departments.get(order.department_id)
    for code in sorted(set(order.item_codes)):
        item = known.items.get(code)
        if department is None or item is None:
            yield _order_problem("merge.unknown_id", row, ident=code if department else order.department_id)
        elif item.field != department.field:
            yield _order_problem(
                "merge.no_department", row, item=code, field=item.field, departments=order.department_id
            )


def _ordered(
    order: Order, row: OrderTicket, enterprise: Enterprise, known: Directory, settings: Settings
) -> Requirement:
    codes = tuple(sorted(set(order.item_codes)))
    start = max(order.start, settings.start)
    return Requirement(
        requirement_id=f"{order.order_id}:{order.enterprise_id}",
        task_id=order.order_id,
        enterprise_id=order.enterprise_id,
        risk_class=enterprise.risk_class,
        ticket=row.ticket,
        item_codes=codes,
        department_ids=(order.department_id,) * len(codes),
        start=start,
        end=max(start, min(order.end, settings.end)),
        on_site=any(known.items[code].method == "onsite" for code in codes),
    )


def _order_problem(code: str, row: OrderTicket, **params: str | int) -> Problem:
    return Problem(code=code, params={"task": row.order_id, "enterprise": row.enterprise_id, **params})


def _requirement(
    row: DrawnEnterprise, known: Directory, settings: Settings
) -> Requirement | tuple[Problem, ...]:
    task, enterprise = known.tasks.get(row.task_id), known.enterprises.get(row.enterprise_id)
    if task is None or enterprise is None:
        return (_problem("merge.unknown_id", row, ident=row.enterprise_id if task else row.task_id),)
    # R17: an item that is not on the published list stops the stage; it is never left out silently.
    unlisted = [code for code in sorted(set(task.item_codes)) if code not in known.items]
    if unlisted:
        return tuple(_problem("merge.unknown_id", row, ident=code) for code in unlisted)
    items = [known.items[code] for code in sorted(set(task.item_codes))]
    items = [item for item in items if applies(item, enterprise)]
    if not items:
        return (_problem("merge.no_item", row),)
    competent = [competent_departments(task, item.field, enterprise, known) for item in items]
    problems = tuple(
        _competence_problem(row, item, departments)
        for item, departments in zip(items, competent, strict=True)
        if len(departments) != 1
    )
    if problems:
        return problems
    start = max(task.start, settings.start)
    return Requirement(
        requirement_id=f"{row.task_id}:{row.enterprise_id}",
        task_id=row.task_id,
        enterprise_id=row.enterprise_id,
        risk_class=enterprise.risk_class,
        ticket=row.ticket,
        item_codes=tuple(item.item_code for item in items),
        department_ids=tuple(departments[0] for departments in competent),
        start=start,
        end=max(start, min(task.end, settings.end)),
        on_site=any(item.method == "onsite" for item in items),
    )


def applies(item: Item, enterprise: Enterprise) -> bool:
    """Whether the item's scope holds: any industry prefix and any tag, each where it is given."""
    industry = not item.industries or enterprise.industry.startswith(item.industries)
    return industry and (not item.tags or not set(item.tags).isdisjoint(enterprise.tags))


def competent_departments(
    task: Task, field: str, enterprise: Enterprise, known: Directory
) -> tuple[str, ...]:
    """Who inspects a field for the task at the enterprise: one id; none or several where unsettled.

    It is the department of that field among lead and cooperating; in mode 市抽县查 the district-level one
    of that field that covers the enterprise's district (no districts cover all). Exactly one is lawful.
    """
    if task.mode == "municipal_to_district":
        local = known.local.get(field, ())
        return tuple(
            row.department_id for row in local if not row.districts or enterprise.district in row.districts
        )
    idents = dict.fromkeys((task.lead_id, *task.cooperating_ids))
    own = (known.departments.get(ident) for ident in idents)
    return tuple(row.department_id for row in own if row is not None and row.field == field)


def _competence_problem(row: DrawnEnterprise, item: Item, departments: tuple[str, ...]) -> Problem:
    code = "merge.two_departments" if departments else "merge.no_department"
    return _problem(code, row, item=item.item_code, field=item.field, departments="、".join(departments))


def _problem(code: str, row: DrawnEnterprise, **params: str | int) -> Problem:
    return Problem(code=code, params={"task": row.task_id, "enterprise": row.enterprise_id, **params})
