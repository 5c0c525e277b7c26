"""Ordered visits (指令检查): what makes one lawful, and the people they ask for; docs/draw-spec.md §7.1.

In: the table of orders with the registers. Out: problems; frames of one enterprise each, for the pools.
May import: the domain, the standard library.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from scheduler.domain.canonical import nfc
from scheduler.domain.errors import Problem
from scheduler.domain.plan import Stratum
from scheduler.domain.registers import Order, Registers
from scheduler.domain.settings import Settings
from scheduler.draw.scopes import Cell, Part, TaskFrame

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d", re.ASCII)


def order_problems(registers: Registers, settings: Settings, days: Iterable[dt.date]) -> Iterator[Problem]:
    """Everything wrong with the orders: ids, references, windows, and on whose word they stand."""
    working = list(days)
    tasks = {row.task_id for row in registers.tasks}
    seen: set[str] = set()
    for order in registers.orders:
        ident = order.order_id
        if not (ident and ident.isprintable() and "|" not in ident and nfc(ident) == ident):
            yield Problem(code="draw.id_form", params={"column": "order_id"}, place={"value": ident})
        if ident in seen or ident in tasks:
            yield Problem(code="draw.id_twice", params={"column": "order_id"}, place={"value": ident})
        seen.add(ident)
        yield from _unsigned(order)
        yield from _outside(order, settings, working)
    yield from _unknown(registers)


def _unsigned(order: Order) -> Iterator[Problem]:
    for name in ("approver", "document", "approved_at"):
        value = getattr(order, name)
        if not value.strip() or (name == "approved_at" and not _is_moment(value)):
            params = {"order": order.order_id, "field": name}
            yield Problem(code="draw.order_unsigned", params={**params}, place={"value": value})
    # ISO dates compare as text; the time of day is not needed for that.
    if order.approved_at[:10] > order.start.isoformat():
        yield _of(order, "draw.order_late", order.approved_at)


def _is_moment(value: str) -> bool:
    if not _MOMENT.fullmatch(value):
        return False
    try:
        dt.datetime.strptime(value, "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - local time, as the page says
    except ValueError:
        return False
    return True


def _outside(order: Order, settings: Settings, days: list[dt.date]) -> Iterator[Problem]:
    window = f"{order.start.isoformat()}/{order.end.isoformat()}"
    inside = settings.start <= order.start < order.end <= settings.end
    if not inside or not any(order.start <= day < order.end for day in days):
        yield _of(order, "draw.order_window", window)


def _unknown(registers: Registers) -> Iterator[Problem]:
    wanted = {order.enterprise_id for order in registers.orders}
    enterprises = {row.enterprise_id for row in registers.enterprises if row.enterprise_id in wanted}
    departments = {row.department_id for row in registers.departments}
    items = {row.item_code for row in registers.items}
    for order in registers.orders:
        if order.enterprise_id not in enterprises:
            yield _of(order, "draw.order_unknown", order.enterprise_id)
        if order.department_id not in departments:
            yield _of(order, "draw.order_unknown", order.department_id)
        unlisted = [code for code in dict.fromkeys(order.item_codes) if code not in items]
        yield from (_of(order, "draw.order_unknown", code) for code in unlisted)
        if not order.item_codes:
            yield _of(order, "draw.order_unknown", "")


def order_frames(registers: Registers) -> list[TaskFrame]:
    """Each order as a task whose frame is its one enterprise, with all its items; unknown names are left
    out here."""
    wanted = {order.enterprise_id for order in registers.orders}
    known = {row.enterprise_id: row for row in registers.enterprises if row.enterprise_id in wanted}
    items = {row.item_code for row in registers.items}
    frames = []
    for order in sorted(registers.orders, key=lambda order: order.order_id):
        enterprise = known.get(order.enterprise_id)
        codes = tuple(sorted(items.intersection(order.item_codes)))
        if enterprise is not None and codes:
            part = Part(Cell("", enterprise.risk_class), enterprise.district, codes)
            frames.append(TaskFrame(task=order.as_task(), parts={part: 1}, without_item=()))
    return frames


def order_strata(frames: Iterable[TaskFrame]) -> list[Stratum]:
    """What makes an order certain for the demand of people: N = n = 1. These stand in no plan."""
    return [
        Stratum(
            stratum_id="",
            task_id=frame.task.task_id,
            risk_classes=(part.cell.risk_class,),
            group="",
            ratio="",
            size=1,
            quota=1,
        )
        for frame in frames
        for part in frame.parts
    ]


def _of(order: Order, code: str, value: str) -> Problem:
    return Problem(code=code, params={"order": order.order_id}, place={"value": value})
