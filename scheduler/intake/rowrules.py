"""What must hold inside one row, beyond each cell by itself.

In: a row's values by field. Out: the same values, completed, or :class:`BadRowError`. May import: the
standard library, :mod:`scheduler.intake.cells`, :mod:`scheduler.intake.codes`, :mod:`scheduler.intake.uscc`.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from scheduler.intake import uscc
from scheduler.intake.cells import POLE
from scheduler.intake.celltext import BadCellError
from scheduler.intake.codes import kind_of, legacy_fault, uscc_fault

DAY_MIN = 24 * 60
"""Minutes of a day."""

Values = dict[str, Any]
"""Field to value; an empty cell has the field's default, a column that lacks is not there."""


class BadRowError(BadCellError):
    """Cells that are right one by one and wrong together; ``field`` is where to look first."""

    def __init__(self, field: str, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.field = field


def _enterprise(values: Values) -> Values:
    """Kind of identifier, found where none is given; a 统一社会信用代码 in upper case, with its check right.
    A firm that has only its 注册号 is known by that, and has no former number.

    Errors: those of :func:`scheduler.intake.codes.uscc_fault` and
    :func:`scheduler.intake.codes.legacy_fault`.
    """
    _site(values)
    ident: str = values["enterprise_id"]
    if values.get("legacy_id") == ident:
        values = {**values, "legacy_id": "", "id_kind": kind_of(ident)}
    kind = values.get("id_kind") or kind_of(ident)
    if kind == "uscc":
        if values.get("id_kind") and uscc.valid(ident):
            return values  # the usual case: nothing to add
        if not uscc.valid(ident.upper()):
            raise BadRowError("enterprise_id", *uscc_fault(ident))
        ident = ident.upper()
    elif kind == "legacy" and (fault := legacy_fault(ident)):
        raise BadRowError("enterprise_id", *fault)
    return {**values, "enterprise_id": ident, "id_kind": kind}


def _site(values: Values) -> Values:
    """A latitude beyond a pole is wrong, unless the longitude could be one: then they are swapped, which
    :mod:`scheduler.intake.places` sets aside."""
    latitude, longitude = values.get("lat_udeg"), values.get("lon_udeg")
    beyond = latitude is not None and abs(latitude) > POLE
    if beyond and (longitude is None or abs(longitude) > POLE):
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


def _way(values: Values) -> Values:
    """Nobody is under way for longer than a day. Errors: ``intake.travel_long``."""
    if values["minutes"] > DAY_MIN:
        raise BadRowError("minutes", "intake.travel_long", str(DAY_MIN))
    return values | {end: uscc.canonical(values[end]) for end in ("from_place", "to_place")}


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
    "travel": _way,
}
"""Table name to the rule of its rows; a table without one has only cells."""
