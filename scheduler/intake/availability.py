"""可用日期 of officers and experts: where some days are given, a person works on these alone.

In: a source whose heading is understood. Out: its rows, with the days of the campaign on which these people
are away. May import: the standard library, the rest of the room, :mod:`scheduler.domain`.

A day that is not given is a day of leave: from here on it binds like any other (R11), in the draw, in the
roster and in the check of it, and it is sealed in ``intake/leave.csv`` with a kind of its own.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from scheduler.domain.ports import Progress
from scheduler.domain.registers import SORT_KEYS, Leave
from scheduler.domain.settings import Settings
from scheduler.intake.celldates import day_after, read_date
from scheduler.intake.cells import read_id
from scheduler.intake.celltext import BadCellError, plain
from scheduler.intake.headings import Bound
from scheduler.intake.rows import Rows, shown
from scheduler.intake.source import Record
from scheduler.intake.table import read_table

UNAVAILABLE = "可用日期之外"
"""The kind of the days of leave that are made here."""

FIELD = "available"
"""What the column is called where a report needs a field."""

Days = tuple[tuple[dt.date, dt.date], ...]
"""Half-open ranges, ascending and apart; none at all where nothing is said."""

Noted = dict[int, tuple[str, str]]
"""Row number to the cells of the key and of the days."""


def read_people(bound: Bound, settings: Settings, progress: Progress | None = None) -> Rows:
    """As :func:`scheduler.intake.table.read_table`, with what 可用日期 says in ``away``. Rejected are rows
    whose days cannot be read (``intake.available_dates``) or that differ from a repetition of the same person
    in nothing but their days (``intake.duplicate``)."""
    if bound.available is None:
        return read_table(bound, progress)
    noted: Noted = {}
    key = next(position for position, column, _ in bound.columns if column.field == _key(bound))
    records = _noting(bound.records, key, bound.available[0], noted)
    table = read_table(replace(bound, records=records), progress)
    origin = replace(table.origin, heads={**table.origin.heads, FIELD: bound.available[1]})
    said, bad = _said(noted)
    faults = []
    for position, number in enumerate(table.numbers):
        ident, cell = noted[number]
        if number in bad:
            fault = origin.entry(number, FIELD, cell, bad[number].code, bad[number].detail)
        elif len({days for _, days in said[ident]}) > 1:
            others = "、".join(str(other) for other, _ in said[ident] if other != number)
            fault = origin.entry(number, FIELD, cell, "intake.duplicate", others)
        else:
            continue
        faults.append((position, fault))
    table = table.without(faults)
    away = [
        Leave(person_id=getattr(row, _key(bound)), start=start, end=end, kind=UNAVAILABLE)
        for row, number in zip(table.rows, table.numbers, strict=True)
        for start, end in _outside(said[noted[number][0]][0][1], settings)
    ]
    told = origin.entry(
        0, FIELD, "", "intake.available_used", str(sum(bool(cell) for _, cell in noted.values()))
    )
    return replace(table.warned([told]), away=tuple(away))


def with_away(tables: Mapping[str, Rows]) -> dict[str, Rows]:
    """The tables with these days among those of ``leave``, for people who were accepted."""
    found = dict(tables)
    for name in ("inspectors", "experts"):
        table = tables[name]
        known = {getattr(row, SORT_KEYS[name][0]) for row in table.rows}
        away = [row for row in table.away if row.person_id in known]
        if away:
            leave = found["leave"]
            if not leave.origin.file:
                own = replace(table.origin, table="leave", heads={})
                leave = replace(leave, origin=own, sha256=table.sha256)
            found["leave"] = leave.with_added(away)
    return found


def read_days(cell: str) -> Days:
    """``2026-03-02；2026-03-05至2026-03-09``: days and ranges with both their ends, in any order, in every
    spelling of a day. Errors: ``intake.available_dates``."""
    text = re.sub(r"\s*(~|至|到|—+|–)\s*", "~", plain(cell))
    found = []
    for piece in filter(None, re.split(r"[;,、\s]+", text)):
        try:
            ends = [read_date(part) for part in piece.split("~")]
        except BadCellError as error:
            raise BadCellError("intake.available_dates") from error
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None or last < first:
            raise BadCellError("intake.available_dates")
        found.append((first, day_after(last)))
    return _merged(found)


def _merged(found: list[tuple[dt.date, dt.date]]) -> Days:
    days: list[tuple[dt.date, dt.date]] = []
    for start, end in sorted(found):
        if days and start <= days[-1][1]:
            days[-1] = days[-1][0], max(days[-1][1], end)
        else:
            days.append((start, end))
    return tuple(days)


def _outside(days: Days | None, settings: Settings) -> Iterator[tuple[dt.date, dt.date]]:
    """The ranges of the campaign that ``days`` leave out; none where there are no days."""
    if not days:
        return
    at = settings.start
    for start, end in days:
        if at < min(start, settings.end):
            yield at, min(start, settings.end)
        at = max(at, end)
    if at < settings.end:
        yield at, settings.end


def _said(noted: Noted) -> tuple[dict[str, list[tuple[int, Days | None]]], dict[int, BadCellError]]:
    """Per person the rows with their days, ``None`` where they cannot be read; these rows with the reason."""
    said: defaultdict[str, list[tuple[int, Days | None]]] = defaultdict(list)
    bad: dict[int, BadCellError] = {}
    for number, (ident, cell) in noted.items():
        try:
            said[ident].append((number, read_days(cell)))
        except BadCellError as error:
            said[ident].append((number, None))
            bad[number] = error
    return dict(said), bad


def _noting(records: Iterator[Record], key: int, place: int, noted: Noted) -> Iterator[Record]:
    for number, cells in records:
        ident = cells[key] if key < len(cells) else ""
        noted[number] = _ident(ident), cells[place].strip() if place < len(cells) else ""
        yield number, cells


def _ident(cell: str) -> str:
    try:
        return read_id(cell) or ""
    except BadCellError:
        return shown(cell)  # its row is rejected for that


def _key(bound: Bound) -> str:
    return SORT_KEYS[bound.origin.table][0]
