"""Calendar, quiet periods and opening hours in; an enterprise's usable days and longest stretch out.

May import: the domain and the standard library. The roster problem reads the same tables with its own
code: rooms do not import each other.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.registers import Enterprise, QuietPeriod, Registers
from scheduler.domain.settings import Hours, Settings

Interval = tuple[int, int]
SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class OpenDays:
    """The campaign's working days, ascending, and the quiet periods by (enterprise, district)."""

    working: tuple[dt.date, ...]
    quiet: dict[tuple[str, str], tuple[QuietPeriod, ...]]

    def at(self, enterprise: Enterprise) -> tuple[dt.date, ...]:
        """Working days on which the enterprise may be visited, ascending."""
        ident, district = enterprise.enterprise_id, enterprise.district
        keys = dict.fromkeys(((ident, ""), ("", district), ("", ""), (ident, district)))
        periods = [period for key in keys for period in self.quiet.get(key, ())]
        if not periods:
            return self.working
        return tuple(day for day in self.working if not any(p.start <= day < p.end for p in periods))


def open_days(registers: Registers, settings: Settings) -> OpenDays:
    """Which days of the campaign are working days, and what closes them for whom."""
    quiet: dict[tuple[str, str], tuple[QuietPeriod, ...]] = {}
    for period in registers.quiet:
        key = (period.enterprise_id, period.district)
        quiet[key] = (*quiet.get(key, ()), period)
    working = {row.day for row in registers.calendar if row.is_working}
    return OpenDays(
        working=tuple(sorted(day for day in working if settings.start <= day < settings.end)), quiet=quiet
    )


def longest_stretch(pieces: Iterable[Interval], grid_min: int) -> int:
    """Minutes of the longest visit that fits one piece when it starts on the grid; 0 without any piece."""
    return max((end - -(-start // grid_min) * grid_min for start, end in pieces), default=0)


def open_pieces(hours: Hours, enterprise: Enterprise) -> tuple[Interval, ...]:
    """The day's pieces within the opening hours; all of them where none are given.

    Errors: ``merge.opening`` for a span that is not ``HH:MM-HH:MM`` with a later end.
    """
    if not enterprise.opening:
        return hours.pieces
    spans = [_span(text, enterprise.enterprise_id) for text in enterprise.opening]
    cut = {(max(a, c), min(b, d)) for a, b in hours.pieces for c, d in spans}
    return tuple(sorted((start, end) for start, end in cut if start < end))


def _span(text: str, enterprise_id: str) -> Interval:
    match = SPAN.fullmatch(text)
    numbers = [int(part) for part in match.groups()] if match else [0, 0, 0, 0]
    start, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if not start < end <= 24 * 60:
        raise refuse(InputError, "merge.opening", enterprise=enterprise_id, opening=text)
    return start, end
