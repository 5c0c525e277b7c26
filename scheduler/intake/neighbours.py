"""The table of departments that help each other (R08): whom it may name, and when it counts.

In: the tables as read, the settings. Out: what is wrong with a row, or with the plan. May import: the
standard library, :mod:`scheduler.intake.rows`, :mod:`scheduler.domain`.
"""

from collections.abc import Callable, Iterator

from scheduler.domain.errors import Problem, Value
from scheduler.domain.registers import Neighbour
from scheduler.domain.settings import Settings
from scheduler.intake.rows import Rows

Bad = tuple[str, object, str, str]
"""A field, its value, a message code, the message's detail."""


def neighbour_faults(
    departments: Rows, known: Callable[..., Iterator[Bad]]
) -> Callable[[Neighbour], Iterator[Bad]]:
    """Two departments of the register, not one and the same, and of one line of business: whoever helps acts
    within his own powers (《行政处罚法》(2021) 第二十六条)."""
    fields = {row.department_id: row.field for row in departments.rows}

    def faults(row: Neighbour) -> Iterator[Bad]:
        yield from known("department_id", row.department_id)
        yield from known("helper_id", row.helper_id)
        if row.department_id == row.helper_id:
            yield "helper_id", row.helper_id, "intake.neighbour_self", ""
        own, other = (fields.get(ident) for ident in (row.department_id, row.helper_id))
        if own is not None and other is not None and own != other:
            yield "helper_id", row.helper_id, "intake.neighbour_field", f"{own} / {other}"

    return faults


def with_neighbour_notices(table: Rows, settings: Settings) -> Rows:
    """The table with a word that nothing reads it, where the plan does not let neighbours help."""
    if settings.teams.neighbours_help or not table.rows:
        return table
    return table.warned([table.origin.entry(0, "", "", "intake.neighbours_unused")])


def neighbour_problems(table: Rows, settings: Settings) -> Iterator[Problem]:
    """A plan that lets neighbours help and names none: ``intake.neighbours_missing``."""
    if settings.teams.neighbours_help and not table.rows:
        place: dict[str, Value] = {"file": table.origin.file, "sheet": table.origin.sheet}
        params: dict[str, Value] = {"n_rejected": len(table.rejected)}
        yield Problem(code="intake.neighbours_missing", params=params, place=place)
