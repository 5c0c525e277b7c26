"""Departments given by name: an export writes 青石县消防救援大队 where the plan needs its number.

In: a source whose heading is understood, the departments as read. Out: the same source with numbers. May
import: the standard library, the rest of the room, :mod:`scheduler.domain`.

A name stands for a department only where no other one has it; every other text stays as it is and is rejected
as ``intake.department_name``.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from scheduler.intake.celltext import clean, several
from scheduler.intake.headings import Bound
from scheduler.intake.rows import Rows
from scheduler.intake.source import Record

GAP = ";"


def with_numbers(bound: Bound, departments: Rows | None) -> Bound:
    """The source with its departments by number; ``named`` then counts the cells that held a name, by
    position, while the records are read."""
    places = [
        position for position, _, kind in bound.columns if kind in {"department", "departments", "place"}
    ]
    numbers = _numbers(departments) if places and departments else {}
    if not numbers:
        return bound
    named: Counter[int] = Counter()
    return replace(bound, records=_translated(bound.records, places, numbers, named), named=named)


def _numbers(departments: Rows) -> dict[str, str]:
    """Names that one department has."""
    counts = Counter(row.name for row in departments.rows)
    return {row.name: row.department_id for row in departments.rows if counts[row.name] == 1}


def _translated(
    records: Iterator[Record], places: list[int], numbers: Mapping[str, str], named: Counter[int]
) -> Iterator[Record]:
    for record in records:
        cells = record[1]
        for place in places:
            if place < len(cells) and not cells[place].isascii():
                whole = [clean(part) for part in cells[place].replace("；", GAP).split(GAP)]
                parts = [name for part in whole for name in ([part] if part in numbers else several(part))]
                known = [numbers.get(part, part) for part in parts]
                if known != parts:
                    cells[place] = GAP.join(known)
                    named[place] += 1
        yield record
