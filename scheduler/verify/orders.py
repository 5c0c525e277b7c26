"""Ordered visits (指令检查): lawful only with document, approver and time, and inside the campaign.

In: registers, settings, the enterprises that orders name. Out: cases of ``plan``, and an order's own work.
The contract is ``docs/draw-spec.md`` §7.1.
"""

import re

from scheduler.domain.registers import Enterprise, Order, Registers
from scheduler.domain.settings import Settings
from scheduler.verify.census import Scopes, Work
from scheduler.verify.evidence import Cases

TIME = re.compile(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d", re.ASCII)


def is_signed(order: Order) -> bool:
    """Whether the order names its document and approver, and the time of approval is not after its window
    begins."""
    time = TIME.fullmatch(order.approved_at)
    named = bool(order.document.strip() and order.approver.strip())
    return named and time is not None and time[1] <= order.start.isoformat()


def work_of(order: Order, scopes: Scopes) -> Work:
    """All that the order asks for, by code, whatever the items' scope; its department is competent for items
    of its own field."""
    items = tuple(scopes.items[code] for code in sorted(set(order.item_codes)) if code in scopes.items)
    department = scopes.departments.get(order.department_id)
    field = None if department is None else department.field
    owners = tuple(order.department_id if item.field == field else "" for item in items)
    return Work(items=items, department_ids=owners)


def check_orders(
    cases: Cases, registers: Registers, settings: Settings, scopes: Scopes, kept: dict[str, Enterprise]
) -> None:
    """Every order of the register is one that the plan could take."""
    tasks = {task.task_id for task in registers.tasks}
    seen: set[str] = set()
    for order in registers.orders:
        ident = order.order_id
        cases.look(is_signed(order), "verify.order_unsigned", order=ident)
        work, enterprise = work_of(order, scopes), kept.get(order.enterprise_id)
        department = scopes.departments.get(order.department_id)
        covered = (
            department is not None
            and enterprise is not None
            and (not department.districts or enterprise.district in department.districts)
        )
        listed = bool(work.items) and len(work.items) == len(set(order.item_codes))
        inside = settings.start <= order.start < order.end <= settings.end
        unique = ident not in tasks and ident not in seen
        lawful = covered and listed and inside and unique and "" not in work.department_ids
        cases.look(lawful, "verify.order_unlawful", order=ident)
        seen.add(ident)
