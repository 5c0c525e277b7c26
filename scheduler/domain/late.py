"""Orders made after the draw (抽取后指令检查): their sealed events, and a roster with them.

An event is one sealed folder ``order-001/`` between a roster and its certificate;
docs/reference/late-orders.md says how each order gets its day and its team.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scheduler.domain.registers import Order, Registers
from scheduler.domain.schedule import Schedule, Seat, Unscheduled
from scheduler.domain.visits import MergeResult, Requirement, Visit


@dataclass(frozen=True, kw_only=True)
class SealedOrders:
    """One event: each order with its requirement and its visit, and the seats or the reason why there are
    none. Every table is sorted as the one of that name in ``intake/``, ``merge/`` or ``solve-001/`` is."""

    orders: tuple[Order, ...]
    requirements: tuple[Requirement, ...]
    visits: tuple[Visit, ...]
    seats: tuple[Seat, ...]
    unscheduled: tuple[Unscheduled, ...]


def registers_with(registers: Registers, events: Iterable[SealedOrders]) -> Registers:
    """The registers with the orders of the events among the orders, sorted by id."""
    more = [order for event in events for order in event.orders]
    orders = sorted((*registers.orders, *more), key=lambda order: order.order_id)
    return replace(registers, orders=tuple(orders))


def visits_with(merged: MergeResult, events: Iterable[SealedOrders]) -> MergeResult:
    """Requirements and visits with those of the events, sorted by id; the report stays that of the merge."""
    told = tuple(events)
    needs = [*merged.requirements, *(row for event in told for row in event.requirements)]
    visits = [*merged.visits, *(row for event in told for row in event.visits)]
    return replace(
        merged,
        requirements=tuple(sorted(needs, key=lambda row: row.requirement_id)),
        visits=tuple(sorted(visits, key=lambda row: row.visit_id)),
    )


def schedule_with(schedule: Schedule, events: Iterable[SealedOrders]) -> Schedule:
    """The roster with the seats of the events and what they could not place; its report stays its own."""
    told = tuple(events)
    left = [*schedule.unscheduled, *(row for event in told for row in event.unscheduled)]
    return replace(
        schedule,
        seats=seats_in_order([*schedule.seats, *(seat for event in told for seat in event.seats)]),
        unscheduled=tuple(sorted(left, key=lambda row: row.requirement_id)),
    )


def seats_in_order(seats: Iterable[Seat]) -> tuple[Seat, ...]:
    """Seats by day, start, visit, department, person."""
    return tuple(sorted(seats, key=lambda s: (s.day, s.start_min, s.visit_id, s.department_id, s.person_id)))
