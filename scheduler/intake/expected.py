"""What was promised about the rows: how many there are, and how many may be rejected.

In: an entry of ``[tables]``, the figures read, the limit of ``--max-rejects``. Out: problems. May import: the
standard library, :mod:`scheduler.domain`, the room's campaign file.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from scheduler.domain.errors import Problem, UsageError, Value, refuse
from scheduler.domain.intake import TableReport
from scheduler.intake.campaign import TableFile

_LIMIT = re.compile(r"([0-9]{1,9})(\.[0-9]{1,6})?(%?)")


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectLimit:
    """``12``: at most twelve rejected rows in all tables together. ``0.5%``: at most that share of the rows
    of each table, for a large register would hide the loss of a small one."""

    text: str
    count: int | None = None
    share: Fraction | None = None


def reject_limit(text: str) -> RejectLimit:
    """The limit as given. Errors: ``intake.max_rejects`` (:class:`UsageError`)."""
    found = _LIMIT.fullmatch(text.strip())
    if found and found[3]:
        share = Fraction(found[1] + (found[2] or "")) / 100
        if share <= 1:
            return RejectLimit(text=text, share=share)
    elif found and not found[2]:
        return RejectLimit(text=text, count=int(found[1]))
    raise refuse(UsageError, "intake.max_rejects", value=text)


def reject_problems(tables: Iterable[TableReport], limit: RejectLimit) -> Iterator[Problem]:
    """``intake.too_many_rejects`` where the limit is passed: once, or for each table beyond its share."""
    if limit.count is not None:
        rejected = sum(table.rejected for table in tables)
        if rejected > limit.count:
            yield _too_many(rejected, limit, {})
        return
    for table in tables:
        if limit.share is not None and table.rejected > limit.share * table.rows_read:
            place: dict[str, Value] = {"file": table.file, "sheet": table.sheet}
            yield _too_many(table.rejected, limit, place)


def _too_many(n_rejected: int, limit: RejectLimit, place: dict[str, Value]) -> Problem:
    params: dict[str, Value] = {"n_rejected": n_rejected, "limit": limit.text}
    return Problem(code="intake.too_many_rejects", params=params, place=place)


def row_problems(entries: Iterable[TableFile], tables: Iterable[TableReport]) -> Iterator[Problem]:
    """``intake.rows_expected`` for each table whose number of data rows is not the one written beside it."""
    read = {table.table: table for table in tables}
    for entry in entries:
        table = read.get(entry.table)
        if entry.rows is not None and table is not None and table.rows_read != entry.rows:
            yield Problem(
                code="intake.rows_expected",
                params={"table": entry.table, "n_rows": table.rows_read, "expected": entry.rows},
                place={"file": table.file, "sheet": table.sheet},
            )
