"""Cells that say when: days, moments, hours.

In: the text of a cell. Out: dates, texts, minutes after midnight; ``None`` or nothing where it is empty. May
import: the standard library, the room's cell texts.
"""

import datetime as dt
import re
from itertools import pairwise

from scheduler.intake.celltext import BadCellError, clean, plain
from scheduler.intake.columns import FULL_WIDTH

_DATE = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})日?(?:[ T]?[0-9:.时分秒]+)?")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[0-9]{6})?")
_ZONED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)")
_SERIAL = re.compile(r"[2-7][0-9]{4}(?:\.[0-9]+)?")
_SERIAL_START = dt.date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial dates (1900 date system, after its leap-year fault of 1900-02-29)."""
FOREVER = dt.date.max
"""What 长期 (unlimited) becomes."""
UNLIMITED = frozenset({"长期", "长期有效", "永久", "永久有效", "无固定期限"})
CHINA = dt.timezone(dt.timedelta(hours=8))
"""The one zone of the country: a moment with another offset belongs to the day it is there."""


def read_date(cell: str) -> dt.date | None:
    """A day: ``2026-03-02``, ``2026/3/2``, ``2026年3月2日``, ``20260302``, 长期, or a spreadsheet's
    serial number (five digits, 1954 to 2119). A time of day after it is dropped, once an offset such as ``Z``
    has been reckoned with. ``0000-00-00`` is no day.

    Errors: ``intake.date``, also for years before 1900.
    """
    text = plain(cell)
    if not text or text.startswith("0000-00-00"):
        return None
    if text in UNLIMITED:
        return FOREVER
    if _ZONED.fullmatch(text):
        return _day_in_china(text)
    if _SERIAL.fullmatch(text):
        return _SERIAL_START + dt.timedelta(days=int(text.partition(".")[0]))
    found = _DATE.fullmatch(text) or _DIGITS.fullmatch(text)
    if not found:
        raise BadCellError("intake.date")
    year, month, day = (int(part) for part in found.groups())
    try:
        value = dt.date(year, month, day)
    except ValueError as error:
        raise BadCellError("intake.date") from error
    if value.year < 1900:
        raise BadCellError("intake.date")
    return value


def _day_in_china(text: str) -> dt.date:
    try:
        return dt.datetime.fromisoformat(text).astimezone(CHINA).date()
    except (ValueError, OverflowError) as error:
        raise BadCellError("intake.date") from error


_CLOCK = re.compile(r"(.+?)[T ](\d{1,2}):(\d\d)(?::\d\d(?:\.\d+)?)?")


def read_moment(cell: str) -> str | None:
    """A day with its time, ``2026-02-20 09:30`` in any of the spellings of a day; out comes
    ``2026-02-20T09:30``. Errors: ``intake.moment``, also for a day without a time."""
    text = clean(cell).strip()
    if not text:
        return None
    found = _CLOCK.fullmatch(text.translate(FULL_WIDTH))
    day = read_date(found[1]) if found else None
    if found is None or day is None or int(found[2]) > 23 or int(found[3]) > 59:
        raise BadCellError("intake.moment")
    return f"{day.isoformat()}T{int(found[2]):02d}:{found[3]}"


def read_last_day(cell: str) -> dt.date | None:
    """The end of a half-open range whose last day is written in the cell."""
    value = read_date(cell)
    return None if value is None else day_after(value)


def day_after(day: dt.date) -> dt.date:
    """The next day; the last day there is stays itself, which nobody will notice before the year 9999."""
    return day if day == FOREVER else day + dt.timedelta(days=1)


_ALWAYS = frozenset({"全天", "24小时", "全天24小时"})
_PIECE = re.compile(r"([0-9]{1,2}):([0-9]{2})(?:-|~|—|–|至)([0-9]{1,2}):([0-9]{2})")


def read_hours(cell: str) -> tuple[str, ...]:
    """Pieces of a day such as ``09:00-12:00;13:30-17:00``, ascending and apart. Errors: ``intake.hours``."""
    pieces = [piece for piece in re.split(r"[;,、]", plain(cell).replace(" ", "")) if piece]
    spans = [(0, 24 * 60) if piece in _ALWAYS else span(piece) for piece in pieces]
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise BadCellError("intake.hours")
    return tuple(f"{clock(first)}-{clock(last)}" for first, last in spans)


def span(piece: str) -> tuple[int, int]:
    """Minutes after midnight ``[first, last)`` of ``9:00-12:30``. Errors: ``intake.hours``."""
    found = _PIECE.fullmatch(piece)
    if not found:
        raise BadCellError("intake.hours")
    hours = [int(part) for part in found.groups()]
    first, last = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
    if max(hours[1], hours[3]) > 59 or not first < last <= 24 * 60:
        raise BadCellError("intake.hours")
    return first, last


def clock(minutes: int) -> str:
    """``HH:MM`` of minutes after midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
