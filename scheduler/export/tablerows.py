"""The rows of the tables that go back to the main platform.

In: what is sealed. Out: rows by table, sorted by key. May import: :mod:`scheduler.domain`.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.domain.canonical import nfc
from scheduler.domain.plan import Plan
from scheduler.domain.registers import RISK_CLASSES, Registers
from scheduler.domain.schedule import Certificate, Schedule
from scheduler.domain.visits import MergeResult, Visit
from scheduler.export.facts import Facts, gather
from scheduler.export.fields import TABLES as SHOWN
from scheduler.export.habits import clock
from scheduler.export.mixture import refuse_mixture
from scheduler.export.tablespec import (
    ASSIGNMENTS,
    CERTIFICATE,
    LEDGER,
    REQUIREMENTS,
    RULES,
    VISIT_ITEMS,
    VISITS,
    Table,
)

Value = str | int | bool | dt.date | dict[str, Any] | None
Rows = dict[Table, list[tuple[Value, ...]]]

# What no database takes as text; a lone surrogate cannot be written in UTF-8 at all.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """One line of the ledger, as docs/reference/run-folder.md describes it."""

    seq: int
    kind: str
    stage: str
    at: str
    prev: str
    hash: str
    facts: Mapping[str, Any]
    files: Mapping[str, Any]


def table_rows(
    plan: Plan,
    registers: Registers,
    merged: MergeResult,
    schedule: Schedule,
    certificate: Certificate,
    *,
    certificate_sha256: str,
    ledger: Iterable[LedgerLine],
) -> Rows:
    """All tables with their rows, each row as long as its table has columns.

    Errors: :class:`~scheduler.domain.errors.InputError` ``export.mismatch``.
    """
    refuse_mixture(plan, schedule, certificate)
    facts = gather(plan, registers, merged, schedule, SHOWN)
    campaign = plan.settings.campaign_id
    orders = {row.order_id for row in registers.orders}
    made: dict[Table, Iterable[tuple[Value, ...]]] = {
        CERTIFICATE: [_certificate(plan, certificate, certificate_sha256)],
        RULES: ((row.rule, row.checked, row.violations) for row in certificate.rules),
        LEDGER: (_line(row) for row in ledger),
        REQUIREMENTS: _requirements(facts, schedule, orders),
        VISITS: (_visit(row, facts) for row in facts.visits.values()),
        VISIT_ITEMS: _items(facts),
        ASSIGNMENTS: _assignments(facts),
    }
    return {table: _sorted(table, ((campaign, *row) for row in rows)) for table, rows in made.items()}


def _sorted(table: Table, rows: Iterable[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
    places = [table.columns.index(name) for name in table.key]
    storable = (tuple(_storable(value) for value in row) for row in rows)
    return sorted(storable, key=lambda row: tuple(row[place] for place in places))


def _storable(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    return value if value.isascii() and "\x00" not in value else _UNSTORABLE.sub("�", nfc(value))


def _certificate(plan: Plan, certificate: Certificate, digest: str) -> tuple[Value, ...]:
    settings = plan.settings
    return (
        settings.name,
        settings.authority,
        settings.slot,
        settings.rehearsal,
        certificate.verdict,
        certificate.attempt,
        certificate.discretionary,
        certificate.profile,
        certificate.plan_sha256,
        certificate.seed_commitment,
        digest,
        certificate.n_requirements,
        certificate.n_served,
        certificate.n_unscheduled,
        certificate.n_late_orders,
        certificate.n_late_placed,
    )


def _line(row: LedgerLine) -> tuple[Value, ...]:
    return (row.seq, row.kind, row.stage, row.at, row.prev, row.hash, dict(row.facts), dict(row.files))


def _requirements(facts: Facts, schedule: Schedule, orders: set[str]) -> Iterator[tuple[Value, ...]]:
    left = {row.requirement_id: row.reason for row in schedule.unscheduled}
    homes = {name: visit.visit_id for visit in facts.visits.values() for name in visit.requirement_ids}
    for row in facts.requirements.values():
        reason = left.get(row.requirement_id)
        yield (
            row.requirement_id,
            homes[row.requirement_id],
            row.task_id,
            facts.tasks[row.task_id].name,
            row.enterprise_id,
            row.risk_class,
            row.task_id in orders,
            "unscheduled" if reason else "scheduled",
            reason,
        )


def _visit(visit: Visit, facts: Facts) -> tuple[Value, ...]:
    seats = facts.seats.get(visit.visit_id)
    firm = facts.enterprises[visit.enterprise_id]
    needs = [facts.requirements[name] for name in visit.requirement_ids]
    when = (seats[0].day, clock(seats[0].start_min), clock(seats[0].end_min)) if seats else (None,) * 3
    return (
        visit.visit_id,
        visit.enterprise_id,
        firm.name,
        firm.district,
        max((need.risk_class for need in needs), key=RISK_CLASSES.index),
        visit.on_site,
        "scheduled" if seats else "unscheduled",
        *when,
        visit.duration_min,
        visit.start,
        visit.end - dt.timedelta(days=1),
        facts.issuer_of(visit).department_id,
        ";".join(sorted(set(visit.department_ids))),
        ";".join(sorted({need.task_id for need in needs})),
    )


def _items(facts: Facts) -> Iterator[tuple[Value, ...]]:
    for visit in facts.visits.values():
        for code, owner in zip(visit.item_codes, visit.department_ids, strict=True):
            yield visit.visit_id, code, facts.items[code].name, owner


def _assignments(facts: Facts) -> Iterator[tuple[Value, ...]]:
    for visit_id, seats in facts.seats.items():
        for seat in seats:
            person = facts.inspectors.get(seat.person_id) or facts.experts[seat.person_id]
            department = facts.departments.get(seat.department_id)
            yield (
                visit_id,
                seat.person_id,
                person.name,
                seat.role,
                seat.department_id or None,
                department.name if department else None,
                seat.day,
                clock(seat.start_min),
                clock(seat.end_min),
            )
