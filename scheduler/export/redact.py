"""Rows with nothing in them but what an output declares.

In: rows of the registers and a declaration. Out: the same rows, blanked. May import: :mod:`scheduler.domain`.
"""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from scheduler.domain.registers import SORT_KEYS, TABLES
from scheduler.export.fields import Shows

Row = TypeVar("Row")

NO_DAY = dt.date.min
"""What stands in a date that is not shown."""

_BLANKS: dict[Any, object] = {str: "", bool: False, int: 0, dt.date: NO_DAY, tuple: ()}


def only(table: str, rows: Iterable[Row], shows: Shows) -> list[Row]:
    """The rows in their order, every field blank that the declaration does not name; their ids stay.

    A table that is not declared at all keeps its ids only. A field that is one of few words (a risk class, a
    level) cannot be blank: it takes the first of them.
    """
    blanks = _blanks(table, shows.get(table, ()))
    return [dataclasses.replace(row, **blanks) for row in rows]  # type: ignore[type-var]


@cache
def _blanks(table: str, shown: tuple[str, ...]) -> dict[str, object]:
    hints = get_type_hints(TABLES[table])
    unknown = set(shown) - set(hints)
    if unknown:
        raise KeyError(*sorted(unknown))
    kept = {*shown, *SORT_KEYS[table]}
    return {name: _blank(hint) for name, hint in hints.items() if name not in kept}


def _blank(hint: Any) -> object:
    parts = get_args(hint)
    if type(None) in parts:
        return None
    if hint in _BLANKS:
        return _BLANKS[hint]
    if get_origin(hint) is tuple:
        return ()
    return parts[0]
