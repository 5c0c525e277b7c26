"""Abolished division codes become today's, by a table that the user supplies.

In: the tables as read, among them ``divisions`` (old code, new code, date). Out: the tables with the codes in
force on the campaign's first day, each change told; an abolished code without a successor is rejected. May
import: the standard library, :mod:`scheduler.intake.rows`, :mod:`scheduler.domain`.

Only the user knows whether 330103 belongs to 330102 or to 330105 now: a code divided among several has no
successor in the table, and its rows are for a person to sort.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scheduler.domain.errors import Problem
from scheduler.domain.registers import DivisionChange
from scheduler.intake.linked import sorted_again
from scheduler.intake.rows import Rows

SINGLE = ("enterprises", "quiet")
"""Tables with one division code in a row, in the field ``district``."""

SEVERAL = ("departments", "tasks")
"""Tables with several, in the field ``districts``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Now:
    """What a code is on a day: ``code`` is empty where it was abolished without a successor (``abolished`` is
    the last code of the chain and ``since`` its date)."""

    code: str
    abolished: str = ""
    since: dt.date | None = None


class Successors:
    """Codes to those in force on ``day``; a code that no row names is in force as it is."""

    def __init__(self, changes: list[DivisionChange], day: dt.date) -> None:
        self._next = {row.old_code: row for row in changes if row.since <= day}
        self._known: dict[str, Now] = {}

    def __bool__(self) -> bool:
        return bool(self._next)

    def cycle(self) -> list[str]:
        """Codes that lead back to themselves, in the order they follow each other; empty where none does."""
        for start in sorted(self._next):
            chain = [start]
            while (row := self._next.get(chain[-1])) and row.new_code:
                if row.new_code in chain:
                    return chain[chain.index(row.new_code) :]
                chain.append(row.new_code)
        return []

    def now(self, code: str) -> Now:
        """The code in force instead of this one; only where there is no cycle."""
        if code not in self._known:
            self._known[code] = self._follow(code)
        return self._known[code]

    def _follow(self, code: str) -> Now:
        while (row := self._next.get(code)) is not None:
            if not row.new_code:
                return Now(code="", abolished=code, since=row.since)
            code = row.new_code
        return Now(code=code)


def in_force(tables: Mapping[str, Rows], day: dt.date) -> tuple[dict[str, Rows], list[Problem]]:
    """The tables with today's codes. Rows whose only code has no successor are rejected
    (``intake.division_abolished``), changed ones are told (``intake.division_changed``).

    Problems: ``intake.division_cycle`` where the table leads in a circle; nothing is changed then.
    """
    changes = tables["divisions"]
    successors = Successors(changes.rows, day)
    found = dict(tables)
    if not successors:
        return found, []
    if cycle := successors.cycle():
        place: dict[str, str | int] = {"file": changes.origin.file, "sheet": changes.origin.sheet}
        return found, [
            Problem(code="intake.division_cycle", params={"codes": "→".join([*cycle, cycle[0]])}, place=place)
        ]
    for name in (*SINGLE, *SEVERAL):
        found[name] = _changed(found[name], successors, "district" if name in SINGLE else "districts")
    return found, []


def _changed(table: Rows, successors: Successors, field: str) -> Rows:
    rows = list(table.rows)
    warnings, gone = [], []
    for position, row in enumerate(rows):
        written = _codes(row, field)
        now = [successors.now(code) for code in written]
        number = table.numbers[position]
        for code, found in zip(written, now, strict=True):
            if not found.code:
                detail = f"{found.abolished} {found.since}"
                line = table.origin.entry(number, field, code, "intake.division_abolished", detail)
                gone.append((position, line))
            elif found.code != code:
                warnings.append(
                    table.origin.entry(number, field, code, "intake.division_changed", found.code)
                )
        codes = tuple(dict.fromkeys(found.code for found in now))
        if codes != written:
            rows[position] = replace(row, **{field: codes if field == "districts" else codes[0]})
    changed = replace(table, rows=rows).warned(warnings)
    return (sorted_again(changed) if warnings and table.origin.table == "quiet" else changed).without(gone)


def _codes(row: Any, field: str) -> tuple[str, ...]:
    value: str | tuple[str, ...] = getattr(row, field)
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()
