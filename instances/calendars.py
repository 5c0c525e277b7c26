"""Stretches of weeks that hold enough working days for a task.

In: a window. Out: consecutive stretches. May import: chinesecalendar, as the intake's own calendar.
"""

import datetime as dt

import chinese_calendar

LEAST_DAYS = 4


def is_working(day: dt.date) -> bool:
    """Whether people work in China on that day, 调休 included; known up to 2026."""
    return bool(chinese_calendar.is_workday(day))


def stretches(start: dt.date, end: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The window ``[start, end)`` cut at Mondays, so that each piece has four working days or more.

    A holiday week joins the next, a short rest the one before: two tasks' windows made of whole pieces
    share at least four working days or none.
    """
    pieces: list[tuple[dt.date, dt.date]] = []
    first = start
    for offset in range(1, (end - start).days + 1):
        day = start + dt.timedelta(days=offset)
        if (day.weekday() == 0 or day == end) and working_days(first, day) >= LEAST_DAYS:
            pieces.append((first, day))
            first = day
    if first < end and pieces:
        pieces[-1] = (pieces[-1][0], end)
    return pieces or [(start, end)]


def working_days(start: dt.date, end: dt.date) -> int:
    """Working days in ``[start, end)``."""
    return sum(is_working(start + dt.timedelta(days=n)) for n in range((end - start).days))
