"""Orders made after the draw (抽取后指令检查), each file of them a sealed event beside the roster in force.

In: an open run folder with a roster, a file of orders. Out: ``order-001/`` and a result. May import: the
rooms and the domain. The contract is ``docs/reference/late-orders.md``.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler import draw as draw_room
from scheduler import intake as intake_room
from scheduler import merge as merge_room
from scheduler import problem as problem_room
from scheduler.domain.codec import write_csv
from scheduler.domain.errors import InputError, Problem, UsageError, Value, refuse
from scheduler.domain.late import (
    SealedOrders,
    registers_with,
    schedule_with,
    seats_in_order,
    visits_with,
)
from scheduler.domain.layout import LATE_FILES
from scheduler.domain.layout import order as order_folder
from scheduler.domain.plan import DrawResult
from scheduler.domain.ports import Progress
from scheduler.domain.registers import Order, Registers
from scheduler.domain.schedule import Schedule, Seat, Unscheduled
from scheduler.domain.visits import MergeResult, Requirement, Visit
from scheduler.pipeline.folder import RunFolder, opened
from scheduler.pipeline.ledger import Fact
from scheduler.pipeline.shelf import Shelf

NOTHING = SealedOrders(orders=(), requirements=(), visits=(), seats=(), unscheduled=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordered:
    """One event: the ``placed`` orders have a visit from now on, the ``left`` ones none, each with its reason
    in the folder. ``attempt`` is the roster beside which they stand."""

    run: str
    folder: str
    attempt: int
    placed: tuple[str, ...]
    left: tuple[str, ...]


def order(run: Path, file: Path, *, progress: Progress | None = None) -> Ordered:
    """Take the orders of a file into a run that has a roster: every one is a visit of its own at the earliest
    opening that the sealed roster leaves, with the team of the lowest tickets.

    Errors: ``order.no_roster`` before the first roster, ``order.after_certificate``
    (:class:`UsageError`); ``order.time``, ``order.district`` (:class:`InputError`) and those of
    :func:`scheduler.intake.read_orders`, of the draw's checks of orders and of the merge.
    """
    with opened(run, progress=progress) as folder:
        shelf = Shelf(folder)
        _refuse_moment(folder)
        folder.progress("order.reading", file=str(file))
        orders = intake_room.read_orders(file, shelf.settings, shelf.registers)
        _refuse_unlawful(folder, shelf, orders)
        attempt = len(folder.attempts())
        folder.progress("order.placing", n_orders=len(orders))
        event = event_of(shelf, orders, attempt)
        stage = order_folder(len(folder.orders()) + 1)
        facts: dict[str, Fact] = {
            "attempt": attempt,
            "n_orders": len(event.orders),
            "n_placed": len(event.visits) - len(event.unscheduled),
        }
        folder.seal(stage, lambda temp: _write(temp, event, facts))
        left = {row.requirement_id for row in event.unscheduled}
        told = [(row.task_id, row.requirement_id in left) for row in event.requirements]
        return Ordered(
            run=str(folder.path),
            folder=stage,
            attempt=attempt,
            placed=tuple(sorted(ident for ident, lost in told if not lost)),
            left=tuple(sorted(ident for ident, lost in told if lost)),
        )


def _refuse_moment(folder: RunFolder) -> None:
    folder.refuse_voided("order")
    if not folder.attempts():
        raise refuse(UsageError, "order.no_roster")
    if folder.sealed("certificate"):
        raise refuse(UsageError, "order.after_certificate")


def _refuse_unlawful(folder: RunFolder, shelf: Shelf, orders: Sequence[Order]) -> None:
    registers = registers_with(shelf.registers, (*shelf.late_orders, replace(NOTHING, orders=tuple(orders))))
    days = [day.day for day in registers.calendar if day.is_working]
    problems = [
        *draw_room.order_problems(registers, shelf.settings, days),
        *_outside(orders, registers),
        *_wrong_times(folder, shelf, orders),
    ]
    if problems:
        raise InputError(problems)


def _outside(orders: Sequence[Order], registers: Registers) -> Iterator[Problem]:
    """Orders of a department that does not cover the enterprise's district."""
    departments = {row.department_id: row for row in registers.departments}
    wanted = {order.enterprise_id for order in orders}
    districts = {e.enterprise_id: e.district for e in registers.enterprises if e.enterprise_id in wanted}
    for one in orders:
        department, district = departments.get(one.department_id), districts.get(one.enterprise_id)
        if department is None or district is None:
            continue  # told as unknown
        if department.districts and district not in department.districts:
            place: dict[str, Value] = {"value": one.department_id}
            params: dict[str, Value] = {"order": one.order_id, "district": district}
            yield Problem(code="order.district", params=params, place=place)


def _wrong_times(folder: RunFolder, shelf: Shelf, orders: Sequence[Order]) -> Iterator[Problem]:
    """Outside a rehearsal an order is approved between the draw and now, and its window begins today at the
    earliest."""
    if shelf.settings.rehearsal:
        return
    zone = ZoneInfo(shelf.settings.timezone)
    drawn = local_minute(dt.datetime.fromisoformat(folder.require("draw").at), zone)
    now = local_minute(dt.datetime.now(dt.UTC), zone)
    for one in orders:
        if not (drawn <= one.approved_at <= now and now[:10] <= one.start.isoformat()):
            params: dict[str, Value] = {"order": one.order_id, "drawn": drawn, "now": now}
            yield Problem(code="order.time", params=params, place={"value": one.approved_at})


def local_minute(moment: dt.datetime, zone: ZoneInfo) -> str:
    """A moment as orders write it: ``2026-02-20T09:30``, in the campaign's time."""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def event_of(shelf: Shelf, orders: Sequence[Order], attempt: int) -> SealedOrders:
    """The event as it would be sealed: order after order, by id, beside the roster and all before it."""
    made, standing, schedule = NOTHING, shelf.late_orders, shelf.schedule(attempt)
    for one in sorted(orders, key=lambda row: row.order_id):
        placed = _placed(shelf, (*standing, made), schedule, one)
        made = SealedOrders(
            orders=(*made.orders, *placed.orders),
            requirements=(*made.requirements, *placed.requirements),
            visits=(*made.visits, *placed.visits),
            seats=(*made.seats, *placed.seats),
            unscheduled=(*made.unscheduled, *placed.unscheduled),
        )
    return SealedOrders(
        orders=made.orders,
        requirements=tuple(sorted(made.requirements, key=lambda row: row.requirement_id)),
        visits=tuple(sorted(made.visits, key=lambda row: row.visit_id)),
        seats=seats_in_order(made.seats),
        unscheduled=tuple(sorted(made.unscheduled, key=lambda row: row.requirement_id)),
    )


def _placed(shelf: Shelf, standing: Sequence[SealedOrders], schedule: Schedule, one: Order) -> SealedOrders:
    """The order alone: its requirement, its visit, and its seats or the reason why it has none."""
    before = visits_with(shelf.merged, standing)
    need, visit = _visit(shelf, before, one)
    bare = replace(NOTHING, orders=(one,), requirements=(need,), visits=(visit,))
    day, _, clock = one.approved_at.partition("T")
    hour, _, minute = clock.partition(":")
    found = problem_room.late_seats(
        shelf.plan,
        registers_with(shelf.registers, (*standing, bare)),
        shelf.draw_in_force,
        problem_room.Late(
            visit=visit,
            merged=visits_with(before, (bare,)),
            seats=schedule_with(schedule, standing).seats,
            not_before=(dt.date.fromisoformat(day), 60 * int(hour) + int(minute)),
        ),
        seed=shelf.seed,
    )
    if isinstance(found, tuple):
        return replace(bare, seats=found)
    row = Unscheduled(requirement_id=need.requirement_id, visit_id=visit.visit_id, reason=found)
    return replace(bare, unscheduled=(row,))


def _visit(shelf: Shelf, before: MergeResult, one: Order) -> tuple[Requirement, Visit]:
    """What the merge makes of the order alone, numbered after the enterprise's other visits."""
    alone = DrawResult(
        seed_commitment="",
        enterprises=(),
        cutoffs=(),
        people=(),
        orders=draw_room.order_tickets((one,), shelf.seed, shelf.plan.settings.profile),
    )
    merged = merge_room.merge(shelf.plan, replace(shelf.registers, orders=(one,)), alone)
    number = 1 + sum(visit.enterprise_id == one.enterprise_id for visit in before.visits)
    visit = replace(merged.visits[0], visit_id=f"V-{one.enterprise_id}-{number}")
    return merged.requirements[0], visit


def _write(temp: Path, event: SealedOrders, facts: dict[str, Fact]) -> dict[str, Fact]:
    tables: dict[str, tuple[Order | Requirement | Visit | Seat | Unscheduled, ...]] = {
        "orders.csv": event.orders,
        "requirements.csv": event.requirements,
        "visits.csv": event.visits,
        "schedule.csv": event.seats,
        "unscheduled.csv": event.unscheduled,
    }
    for name, cls in LATE_FILES.items():
        write_csv(temp / name, cls, tables[name])
    return facts


def late_story(events: Sequence[SealedOrders], ident: str) -> list[tuple[str, dict[str, Value]]]:
    """What the orders made after the draw ask of one enterprise: message codes with their parameters."""
    told: list[tuple[str, dict[str, Value]]] = []
    for number, event in enumerate(events, start=1):
        placed = {seat.visit_id: seat for seat in event.seats}
        visits = {need: visit.visit_id for visit in event.visits for need in visit.requirement_ids}
        for one in event.orders:
            if one.enterprise_id != ident:
                continue
            names = ("document", "approver", "approved_at")
            params: dict[str, Value] = {name: getattr(one, name) for name in names}
            params |= {"id": ident, "order": one.order_id, "stage": order_folder(number)}
            seat = placed.get(visits.get(f"{one.order_id}:{ident}", ""))
            if seat is None:
                told.append(("why.ordered_late_left", params))
            else:
                told.append(("why.ordered_late", params | {"day": seat.day.isoformat()}))
    return told
