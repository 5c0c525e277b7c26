"""One file of orders made after the draw, read and checked like the table of orders of a campaign.

In: a CSV, workbook or Parquet file, the settings and registers as sealed. Out: the orders. May import: the
rest of the room, :mod:`scheduler.domain`.
"""

from pathlib import Path

from scheduler.domain.errors import InputError, Problem
from scheduler.domain.registers import TABLES, Order, Registers
from scheduler.domain.settings import Settings
from scheduler.intake.assemble import problem_of
from scheduler.intake.campaign import TableFile
from scheduler.intake.headings import bind
from scheduler.intake.named import with_numbers
from scheduler.intake.opening import Opener
from scheduler.intake.references import check_references
from scheduler.intake.rows import Origin, Rows
from scheduler.intake.table import read_table


def read_orders(path: Path, settings: Settings, registers: Registers) -> tuple[Order, ...]:
    """The orders of the file, sorted by id, with the headings and checks of the table of orders.

    Errors: :class:`InputError` with every row that the table of a campaign would refuse, and with
    ``intake.table_empty`` where there is none; those of opening and reading a file.
    """
    opener = Opener(path.parent, profile=settings.profile)
    try:
        bound, wrong = bind("orders", opener.open(TableFile(table="orders", file=path.name, sheet="")))
        if wrong or bound is None:
            raise InputError(wrong)
        read = read_table(with_numbers(bound, _sealed("departments", registers)))
    finally:
        opener.close()
    tables = {name: _sealed(name, registers) for name in TABLES} | {"orders": read}
    checked = check_references(tables, settings, registers.calendar)["orders"]
    if checked.rejected or not checked.rows:
        empty = Problem(
            code="intake.table_empty",
            params={"table": "orders", "n_rejected": len(checked.rejected)},
            place={"file": read.origin.file, "sheet": read.origin.sheet},
        )
        raise InputError([problem_of(line) for line in checked.rejected] or [empty])
    return tuple(checked.rows)


def _sealed(name: str, registers: Registers) -> Rows:
    """A sealed table as if it had just been read."""
    rows = list(getattr(registers, name))
    origin = Origin(table=name, file="", sheet="", heads={})
    return Rows(origin=origin, rows=rows, numbers=list(range(1, len(rows) + 1)))
