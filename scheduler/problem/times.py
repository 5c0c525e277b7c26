"""Calendar, leave, quiet periods and opening hours in; day positions and pieces of the day out.

May import: the domain and the standard library.
"""

import datetime as dt
import re
from bisect import bisect_left
from dataclasses import dataclass

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.problem import Interval
from scheduler.domain.registers import Enterprise, Leave, QuietPeriod, Registers
from scheduler.domain.settings import Settings
from scheduler.domain.visits import Visit

SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Times:
    """The working days of the campaign, ascending, and what takes single ones away from whom.

    ``quiet`` is keyed by (enterprise, district), ``leave`` by person.
    """

    days: tuple[dt.date, ...]
    pieces: tuple[Interval, ...]
    quiet: dict[tuple[str, str], tuple[QuietPeriod, ...]]
    leave: dict[str, tuple[Leave, ...]]

    def between(self, start: dt.date, end: dt.date) -> range:
        """Positions of the working days in ``[start, end)``."""
        return range(bisect_left(self.days, start), bisect_left(self.days, end))

    def visit_days(self, visit: Visit, enterprise: Enterprise) -> tuple[int, ...]:
        """Positions of the days in the visit's window; on site without the enterprise's quiet periods."""
        if not visit.on_site:
            return tuple(self.between(visit.start, visit.end))
        ident, district = enterprise.enterprise_id, enterprise.district
        keys = dict.fromkeys(((ident, ""), ("", district), ("", ""), (ident, district)))
        closed = {d for key in keys for p in self.quiet.get(key, ()) for d in self.between(p.start, p.end)}
        return tuple(day for day in self.between(visit.start, visit.end) if day not in closed)

    def person_days(self, person_id: str, last_valid: dt.date | None) -> tuple[int, ...]:
        """Positions of the days on which a person may work: no leave, and not after ``last_valid``."""
        away = {d for row in self.leave.get(person_id, ()) for d in self.between(row.start, row.end)}
        return tuple(
            n
            for n, day in enumerate(self.days)
            if n not in away and (last_valid is None or day <= last_valid)
        )

    def weeks(self) -> tuple[int, ...]:
        """For each day its ISO week's position among the campaign's weeks."""
        isos = [day.isocalendar()[:2] for day in self.days]
        position = {week: n for n, week in enumerate(sorted(set(isos)))}
        return tuple(position[week] for week in isos)

    def visit_pieces(self, visit: Visit, enterprise: Enterprise) -> tuple[Interval, ...]:
        """The day's pieces within the enterprise's opening hours, ascending, none inside another.

        Empty where the opening hours leave no room: the visit is then unstaffable. Opening hours that
        touch are not joined, so that a visit always lies in one span as the register writes it. A desk
        check has the whole day: nobody goes through the door.

        Errors: ``problem.opening`` for a span that is not ``HH:MM-HH:MM`` with a later end.
        """
        if not enterprise.opening or not visit.on_site:
            return self.pieces
        spans = [_span(text, enterprise.enterprise_id) for text in enterprise.opening]
        cut = {(max(a, c), min(b, d)) for a, b in self.pieces for c, d in spans}
        real = sorted((start, end) for start, end in cut if start < end)
        return tuple(
            one
            for one in real
            if not any(other != one and other[0] <= one[0] and one[1] <= other[1] for other in real)
        )


def times(registers: Registers, settings: Settings) -> Times:
    """The campaign's calendar, ready to be asked."""
    quiet: dict[tuple[str, str], tuple[QuietPeriod, ...]] = {}
    for period in registers.quiet:
        key = (period.enterprise_id, period.district)
        quiet[key] = (*quiet.get(key, ()), period)
    leave: dict[str, tuple[Leave, ...]] = {}
    for row in registers.leave:
        leave[row.person_id] = (*leave.get(row.person_id, ()), row)
    working = {row.day for row in registers.calendar if row.is_working}
    return Times(
        days=tuple(sorted(day for day in working if settings.start <= day < settings.end)),
        pieces=settings.hours.pieces,
        quiet=quiet,
        leave=leave,
    )


def _span(text: str, enterprise_id: str) -> Interval:
    match = SPAN.fullmatch(text)
    numbers = [int(part) for part in match.groups()] if match else [0, 0, 0, 0]
    start, end = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if not start < end <= 24 * 60:
        raise refuse(InputError, "problem.opening", enterprise=enterprise_id, opening=text)
    return start, end
