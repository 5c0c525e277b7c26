"""R09 to R12: when and how much.

In: :class:`Facts`. Out: cases per rule. Each function's docstring is the rule's sentence.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from scheduler.domain.registers import QuietPeriod
from scheduler.domain.visits import Visit
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts, Stay, Worker


def nobody_in_two_places(facts: Facts) -> Cases:
    """R09: nobody is in two places: consecutive visits leave the travel time between them."""
    cases = Cases("R09")
    for person, days in facts.stays.items():
        for day, stays in days.items():
            cases.checked += 1
            for before, after in pairwise(stays):
                way = facts.ground.minutes(before.point, after.point)
                cases.look(
                    before.end_min + way <= after.start_min,
                    "verify.two_places",
                    person=person,
                    day=day.isoformat(),
                    visit=before.visit_id,
                    other=after.visit_id,
                    travel_min=way,
                )
    return cases


def travel_of_day(facts: Facts, worker: Worker, stays: Sequence[Stay]) -> int:
    """Minutes on the way in one day: office, each visit in turn, office."""
    points = [worker.home, *(stay.point for stay in stays), worker.home]
    return sum(facts.ground.minutes(here, there) for here, there in pairwise(points))


def within_limits(facts: Facts) -> Cases:
    """R10: limits per person: visits and minutes a day, a week and a campaign."""
    cases = Cases("R10")
    limits = facts.settings.limits
    for person, days in facts.stays.items():
        worker = facts.workers.get(person)
        if worker is None:
            continue
        for day, stays in days.items():
            minutes = on_site(stays) + travel_of_day(facts, worker, stays)
            _limit(cases, person, day.isoformat(), "visits_day", len(stays), worker.max_visits_day)
            _limit(cases, person, day.isoformat(), "minutes_day", minutes, worker.max_minutes_day)
        weeks: dict[str, list[Stay]] = defaultdict(list)
        for day, stays in days.items():
            weeks[week_of(day)].extend(stays)
        for week, stays_week in sorted(weeks.items()):
            _limit(cases, person, week, "visits_week", len(stays_week), limits.visits_week)
            _limit(cases, person, week, "minutes_week", on_site(stays_week), limits.minutes_week)
        total = [stay for stays in days.values() for stay in stays]
        _limit(cases, person, "", "visits_campaign", len(total), limits.visits_campaign)
        _limit(cases, person, "", "minutes_campaign", on_site(total), limits.minutes_campaign)
    return cases


def on_site(stays: Sequence[Stay]) -> int:
    """Minutes at the visits themselves."""
    return sum(stay.end_min - stay.start_min for stay in stays)


def week_of(day: dt.date) -> str:
    """The ISO week, such as ``2026-W10``."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _limit(cases: Cases, person: str, when: str, limit: str, value: int, most: int) -> None:
    lawful = most == 0 or value <= most
    cases.look(lawful, "verify.over_limit", person=person, when=when, limit=limit, value=value, most=most)


def on_duty(facts: Facts) -> Cases:
    """R11: leave, duty rosters, working days, lunch: a visit lies wholly in one piece of a working day
    on which each of its people works, and starts on the grid."""
    cases = Cases("R11")
    working = set(facts.working_days)
    away = defaultdict(list)
    for leave in facts.evidence.registers.leave:
        away[leave.person_id].append(leave)
    for seat in facts.evidence.seats:
        place = {"visit": seat.visit_id, "person": seat.person_id, "day": seat.day.isoformat()}
        cases.look(seat.day in working, "verify.day_off", **place)
        absent = any(leave.start <= seat.day < leave.end for leave in away[seat.person_id])
        cases.look(not absent, "verify.on_leave", **place)
        inside = any(lo <= seat.start_min and seat.end_min <= hi for lo, hi in facts.settings.hours.pieces)
        on_grid = seat.start_min % facts.settings.hours.grid_min == 0 and seat.start_min < seat.end_min
        cases.look(
            inside and on_grid,
            "verify.outside_hours",
            **place,
            start_min=seat.start_min,
            end_min=seat.end_min,
        )
    return cases


def in_window(facts: Facts) -> Cases:
    """R12: task window, enterprise opening hours, quiet periods."""
    cases = Cases("R12")
    for visit_id, seats in facts.seats.items():
        visit = facts.visits.get(visit_id)
        if visit is None:
            continue
        opening = opening_of(facts, visit)
        for day, start, end in sorted({(s.day, s.start_min, s.end_min) for s in seats}):
            place = {"visit": visit_id, "day": day.isoformat()}
            cases.look(_window_holds(facts, visit, day), "verify.outside_window", **place)
            is_open = opening is None or any(lo <= start and end <= hi for lo, hi in opening)
            cases.look(is_open, "verify.closed", **place, start_min=start, end_min=end)
            cases.look(not is_quiet(facts, visit, day), "verify.quiet_period", **place)
    return cases


def _window_holds(facts: Facts, visit: Visit, day: dt.date) -> bool:
    """Whether the day lies in the window of every task of the visit, read from the tasks themselves."""
    for requirement_id in visit.requirement_ids:
        requirement = facts.requirements.get(requirement_id)
        task = None if requirement is None else facts.tasks.get(requirement.task_id)
        if task is not None and not task.start <= day < task.end:
            return False
    return visit.start <= day < visit.end


def is_quiet(facts: Facts, visit: Visit, day: dt.date) -> bool:
    """Whether a quiet period of the enterprise, its district or everywhere forbids the day; a desk check
    goes through no door and knows none."""
    district = facts.district(visit)
    return visit.on_site and any(
        period.start <= day < period.end and _concerns(period, visit.enterprise_id, district)
        for period in facts.evidence.registers.quiet
    )


def _concerns(period: QuietPeriod, enterprise_id: str, district: str) -> bool:
    named = not period.enterprise_id or period.enterprise_id == enterprise_id
    return named and (not period.district or period.district == district)


def opening_of(facts: Facts, visit: Visit) -> tuple[tuple[int, int], ...] | None:
    """The enterprise's opening hours; None where nothing narrows the day, as for a desk check."""
    enterprise = facts.enterprises.get(visit.enterprise_id)
    if enterprise is None or not enterprise.opening or not visit.on_site:
        return None
    return tuple(span for text in enterprise.opening if (span := minutes_of(text)) is not None)


def pieces_of(facts: Facts, visit: Visit) -> tuple[tuple[int, int], ...]:
    """The pieces of a day in which the visit may lie: the day's hours, at a door narrowed by its opening."""
    hours, opening = facts.settings.hours.pieces, opening_of(facts, visit)
    if opening is None:
        return hours
    cut = ((max(lo, begin), min(hi, end)) for lo, hi in hours for begin, end in opening)
    return tuple((lo, hi) for lo, hi in cut if lo < hi)


def minutes_of(text: str) -> tuple[int, int] | None:
    """``09:00-12:00`` as minutes after midnight, or None where it is not that."""
    parts = [piece.split(":") for piece in text.split("-")]
    if len(parts) != 2 or any(len(part) != 2 or not all(p.isdecimal() for p in part) for part in parts):
        return None
    (h1, m1), (h2, m2) = parts
    return (int(h1) * 60 + int(m1), int(h2) * 60 + int(m2))
