"""The working days of a campaign, from the state's calendar or from the user's file.

In: the settings, calendar rows. Out: one :class:`CalendarDay` for each date of the window. May import: the
standard library, chinesecalendar, :mod:`scheduler.domain`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from importlib.metadata import version

import chinese_calendar

from scheduler.domain.errors import Problem
from scheduler.domain.registers import CalendarDay
from scheduler.domain.settings import Settings


def dates(settings: Settings) -> list[dt.date]:
    """Every date of the window ``[start, end)``."""
    return [settings.start + dt.timedelta(days=n) for n in range((settings.end - settings.start).days)]


def state_calendar(settings: Settings) -> tuple[tuple[CalendarDay, ...], list[Problem]]:
    """Working days with 调休 as the State Council's notices set them, packed in chinesecalendar.

    Problems: ``intake.calendar_year`` for each year the package does not know.
    """
    known = {day.year for day in chinese_calendar.holidays}
    years = sorted({day.year for day in dates(settings)} - known)
    if years:
        span = f"{min(known)}–{max(known)}"
        return (), [
            Problem(code="intake.calendar_year", params={"year": year, "known": span}) for year in years
        ]
    source = f"chinesecalendar {version('chinesecalendar')}，国务院办公厅节假日安排，含调休"
    days = dates(settings)
    return tuple(
        CalendarDay(day=day, is_working=bool(chinese_calendar.is_workday(day)), source=source) for day in days
    ), []


def own_calendar(
    settings: Settings, rows: Iterable[CalendarDay]
) -> tuple[tuple[CalendarDay, ...], list[Problem]]:
    """The file's rows of the window; rows before or after it say nothing about this campaign.

    Problems: ``intake.calendar_gap`` with the dates that lack.
    """
    by_day = {row.day: row for row in rows}
    lacking = [day.isoformat() for day in dates(settings) if day not in by_day]
    if lacking:
        shown = "、".join(lacking[:10]) + ("…" if len(lacking) > 10 else "")
        return (), [Problem(code="intake.calendar_gap", params={"days": shown, "n_days": len(lacking)})]
    return tuple(by_day[day] for day in dates(settings)), []


def working_day_problems(settings: Settings, days: Iterable[CalendarDay]) -> Iterator[Problem]:
    """``intake.no_working_day`` where nobody works in the whole window."""
    if not any(day.is_working for day in days):
        yield Problem(
            code="intake.no_working_day",
            params={"start": settings.start.isoformat(), "end": settings.end.isoformat()},
        )
