"""What the ledger says of orders made after the draw: its figures, and when they came.

In: a folder's state and its evidence. Out: the events' rows, and cases of ``R01``.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduler.domain.late import SealedOrders
from scheduler.domain.layout import LEDGER
from scheduler.verify.evidence import Cases, Evidence
from scheduler.verify.folder import State


def events_of(state: State, rows: Mapping[str, tuple[Any, ...]]) -> tuple[SealedOrders, ...]:
    """The events beside the attempt, in order, out of the rows of their tables by path."""
    return tuple(
        SealedOrders(
            orders=rows[f"{stage}/orders.csv"],
            requirements=rows[f"{stage}/requirements.csv"],
            visits=rows[f"{stage}/visits.csv"],
            seats=rows[f"{stage}/schedule.csv"],
            unscheduled=rows[f"{stage}/unscheduled.csv"],
        )
        for stage in state.book.orders(state.number)
    )


def late_cases(state: State, evidence: Evidence) -> Cases:
    """The line of each event counts what it holds. Outside a rehearsal each of its orders was approved
    between the draw and the event, and its window does not begin before the day of the event."""
    cases = Cases("R01")
    for stage, event in zip(state.book.orders(state.number), evidence.late, strict=True):
        n_placed = len(event.orders) - len(event.unscheduled)
        for name, value in {"n_orders": len(event.orders), "n_placed": n_placed}.items():
            told = state.fact("stage", stage, name)
            cases.look(told == value, "verify.late_fact", fact=name, file=LEDGER, stage=stage)
        zone = evidence.plan.settings.timezone
        drawn, sealed = _local_minute(state, "draw", zone), _local_minute(state, stage, zone)
        for order in event.orders if not evidence.plan.settings.rehearsal else ():
            lawful = drawn <= order.approved_at <= sealed and sealed[:10] <= order.start.isoformat()
            times = {"approved": order.approved_at, "drawn": drawn, "sealed": sealed}
            cases.look(lawful, "verify.late_time", order=order.order_id, **times)
    return cases


def _local_minute(state: State, stage: str, zone: str) -> str:
    """When a stage was sealed, in the campaign's time as orders write it; empty, which no order lies before,
    where the line tells no time or the zone is none."""
    line = state.book.stage(stage)
    try:
        moment = dt.datetime.fromisoformat("" if line is None else line.at)
        return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return ""
