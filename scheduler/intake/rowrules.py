"""What must hold inside one row, beyond each cell by itself.

In: a row's values by field. Out: the same values, completed, or :class:`BadRowError`. May import: the
standard library, :mod:`scheduler.intake.cells`, :mod:`scheduler.intake.uscc`.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from scheduler.intake import uscc
from scheduler.intake.cells import MICRO, BadCellError

Values = dict[str, Any]
"""Field to value; an empty cell has the field's default, a column that lacks is not there."""


class BadRowError(BadCellError):
    """Cells that are right one by one and wrong together; ``field`` is where to look first."""

    def __init__(self, field: str, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.field = field


def _enterprise(values: Values) -> Values:
    """Kind of identifier, found where none is given; a 统一社会信用代码 in upper case, with its check right.

    Errors: ``intake.uscc`` for a wrong check character, length or letter (GB 32100-2015).
    """
    _site(values)
    ident: str = values["enterprise_id"]
    kind = values.get("id_kind") or _kind(ident)
    if kind == "uscc":
        if values.get("id_kind") and uscc.valid(ident):
            return values  # the usual case: nothing to add
        ident = ident.upper()
        if not uscc.valid(ident):
            raise BadRowError("enterprise_id", "intake.uscc")
    return {**values, "enterprise_id": ident, "id_kind": kind}


def _kind(ident: str) -> str:
    """18 characters of a 统一社会信用代码 are one; 13 or 15 digits are a 注册号 (GS 15-2006 and before)."""
    if uscc.shaped(ident.upper()):
        return "uscc"
    return "legacy" if len(ident) in {13, 15} and ident.isdigit() else "other"


def _site(values: Values) -> Values:
    latitude = values.get("lat_udeg")
    if latitude is not None and not -90 * MICRO <= latitude <= 90 * MICRO:
        raise BadRowError("lat_udeg", "intake.coordinate")
    return values


def _item(values: Values) -> Values:
    return _positive(values, "duration_min")


def _inspector(values: Values) -> Values:
    return _positive(_positive(values, "max_visits_day"), "max_minutes_day")


def _positive(values: Values, field: str) -> Values:
    if values.get(field) == 0:
        raise BadRowError(field, "intake.zero")
    return values


def _task(values: Values) -> Values:
    if values["lead_id"] in values.get("cooperating_ids", ()):
        raise BadRowError("cooperating_ids", "intake.lead_cooperates")
    return _range(values)


def _range(values: Values) -> Values:
    """A range of days must hold a day. Errors: ``intake.range``."""
    start, end = values.get("start"), values.get("end")
    if start is not None and end is not None and start >= end:
        raise BadRowError("end", "intake.range", (end - dt.timedelta(days=1)).isoformat())
    return values


def _recusal(values: Values) -> Values:
    """Exactly one other side, and not the person himself."""
    other = values.get("other_inspector_id")
    if bool(values.get("enterprise_id")) == bool(other):
        raise BadRowError("enterprise_id", "intake.recusal_target")
    if other == values["inspector_id"]:
        raise BadRowError("other_inspector_id", "intake.recusal_self")
    return _range(_canonical(values))


def _quiet(values: Values) -> Values:
    return _range(_canonical(values))


def _order(values: Values) -> Values:
    return _range(_canonical(values))


def _canonical(values: Values) -> Values:
    """An enterprise is named here as its register names it, in upper case where it is a 统一社会信用代码."""
    return values | {"enterprise_id": uscc.canonical(values.get("enterprise_id", ""))}


RULES: Mapping[str, Callable[[Values], Values]] = {
    "departments": _site,
    "enterprises": _enterprise,
    "inspectors": _inspector,
    "experts": _site,
    "items": _item,
    "tasks": _task,
    "recusals": _recusal,
    "leave": _range,
    "history": _canonical,
    "quiet": _quiet,
    "orders": _order,
}
"""Table name to the rule of its rows; a table without one has only cells."""
