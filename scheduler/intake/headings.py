"""Which columns a source has: its heading found, understood, and checked for what is missing.

In: a :class:`scheduler.intake.source.Source`. Out: :class:`Bound`, or problems. May import: the
standard library, the room's columns, cells and rows, :mod:`scheduler.domain`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from scheduler.domain.errors import Problem, Value
from scheduler.intake.cells import clean
from scheduler.intake.columns import COLUMNS, Column, Kind, find
from scheduler.intake.rows import Origin, shown
from scheduler.intake.source import Record, Source

HEADING_WITHIN = 10
"""A heading is looked for among the first records: exports carry a title or a note above it."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A source whose heading is understood.

    ``columns`` are the known columns with their positions, ``unknown`` the headings nobody asks for,
    ``records`` what follows the heading, once.
    """

    origin: Origin
    source: Source
    width: int
    columns: tuple[tuple[int, Column, Kind], ...]
    unknown: tuple[str, ...]
    records: Iterator[Record]


def bind(table: str, source: Source) -> tuple[Bound | None, list[Problem]]:
    """The source with its heading understood, or ``None`` with the reasons: ``intake.column_missing`` naming
    every missing heading, ``intake.column_twice``."""
    records = source.records()
    first = list(islice(records, HEADING_WITHIN))
    number, heads = _heading(table, first)
    columns = tuple(
        (position, *found) for position, head in enumerate(heads) if (found := find(table, head)) is not None
    )
    problems = list(_problems(table, source, number, heads, columns))
    if problems:
        return None, problems
    known = {position for position, _, _ in columns}
    bound = Bound(
        origin=Origin(
            table=table,
            file=source.file,
            sheet=source.sheet,
            heads={column.field: heads[position] for position, column, _ in columns},
        ),
        source=source,
        width=len(heads),
        columns=columns,
        unknown=tuple(head for position, head in enumerate(heads) if head and position not in known),
        records=chain((record for record in first if record[0] > number), records),
    )
    return bound, []


def _heading(table: str, first: list[Record]) -> Record:
    """The record among the first with the most headings of this table."""
    best: Record = (1, [])
    most = -1
    for number, cells in first:
        heads = [clean(cell) for cell in cells]
        n_known = len({found[0].field for head in heads if (found := find(table, head)) is not None})
        if n_known > most:
            best, most = (number, heads), n_known
    return best


def _problems(
    table: str, source: Source, number: int, heads: list[str], columns: tuple[tuple[int, Column, Kind], ...]
) -> Iterator[Problem]:
    place: dict[str, Value] = {"file": source.file, "sheet": source.sheet, "row": number}
    there = {column.field for _, column, _ in columns}
    missing = [column.heading for column in COLUMNS[table] if column.needed and column.field not in there]
    if missing:
        found = shown("、".join(head for head in heads if head))
        params: dict[str, Value] = {"table": table, "missing": "、".join(missing), "found": found}
        yield Problem(code="intake.column_missing", params=params, place=place)
    for name in sorted(there):
        twice = [heads[position] for position, column, _ in columns if column.field == name]
        if len(twice) > 1:
            yield Problem(
                code="intake.column_twice", params={"table": table, "heads": "、".join(twice)}, place=place
            )
