"""What a report says about a whole file: columns left out, examples found, formulas, codes stored as numbers.

In: a :class:`scheduler.intake.headings.Bound` source that has been read to its end. Out: lines of the report
with row 0. May import: the standard library, the rest of the room, :mod:`scheduler.domain`.
"""

from collections.abc import Iterator

from scheduler.domain.intake import Rejected
from scheduler.intake.headings import Bound


def file_warnings(bound: Bound) -> Iterator[Rejected]:
    """In this order: unknown, personal and needless columns; examples and notes on how to fill in; what the
    source itself found; departments given by name; codes that a workbook stored as numbers."""
    entry = bound.origin.entry
    for head in bound.unknown:
        yield entry(0, head, "", "intake.column_unknown")
    for position, head in bound.personal:
        yield entry(0, head, "", "intake.column_personal", str(bound.sieve.n_personal[position]))
    for head, instead in bound.needless:
        yield entry(0, head, "", "intake.column_instead" if instead else "intake.column_needless", instead)
    yield from _asides(bound)
    for note in bound.source.notes():
        yield entry(note.row, note.column, "", note.code, note.detail)
    for position, column, _ in bound.columns:
        if bound.named.get(position):
            yield entry(0, column.field, "", "intake.departments_named", str(bound.named[position]))
    numbers = bound.source.numbers()
    for position, column, _ in bound.columns:
        if column.kind in {"id", "department", "place"} and numbers.get(position):
            yield entry(0, column.field, "", "intake.code_as_number", str(numbers[position]))


def _asides(bound: Bound) -> Iterator[Rejected]:
    for kind, code in (("example", "intake.rows_example"), ("hint", "intake.rows_hint")):
        n = bound.sieve.counts[kind]
        if n:
            shown = "、".join(map(str, bound.sieve.rows[kind]))
            more = "…" if n > len(bound.sieve.rows[kind]) else ""
            yield bound.origin.entry(0, "", "", code, f"{n}（{shown}{more}）")
