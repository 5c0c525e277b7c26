"""Every setting and table of the committed plan that narrows a roster binds twice: a roster made without it
is refused by the rule named, and the roster that the solver makes with it is certified.

Settings that other pages of tests hold against solver and checker alike: leaders, newcomers, fixed groups
and the pair cap (test_verify_teams, test_verify_crowd), tables of travel times (test_verify_travel),
durations and maxima of a visit (tests/merge, test_verify_mutations).
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from verify.evidence import evidence, failing, five_of_six, wide_registers
from verify.test_verify_solved import solved as solved_with

from scheduler.domain.registers import CalendarDay, Leave, QuietPeriod, Recusal, Registers
from scheduler.domain.schedule import Seat
from scheduler.domain.settings import Budget, Hours, Limits, Settings, Teams, Travel
from scheduler.verify import Evidence

HASTE = Budget(exact_units=1, block_units=1, rounds=0)
SATURDAY = dt.date(2026, 3, 7)
DAY = dt.timedelta(days=1)


def solved(given: Evidence) -> Evidence:
    return solved_with(given, HASTE)


@cache
def free() -> Evidence:
    """The roster of the plan with nothing narrowed."""
    made = solved(evidence(wide_registers(), five_of_six(limits=Limits(visits_day=0, minutes_day=0))))
    assert not failing(made)
    return made


def busiest(role: str) -> str:
    """Whoever has most seats."""
    counts = Counter(seat.person_id for seat in free().seats if seat.role == role)
    return max(sorted(counts), key=counts.__getitem__)


def seats_of(person: str) -> list[Seat]:
    return [seat for seat in free().seats if seat.person_id == person]


def enterprise_of(seat: Seat) -> str:
    return next(visit.enterprise_id for visit in free().visits if visit.visit_id == seat.visit_id)


SETTINGS: dict[str, tuple[Settings, set[str]]] = {
    "visits a day": (five_of_six(limits=Limits(visits_day=1, minutes_day=0)), {"R10"}),
    "minutes a day, travel included": (five_of_six(limits=Limits(visits_day=0, minutes_day=75)), {"R10"}),
    "visits a week": (five_of_six(limits=Limits(visits_week=1)), {"R10"}),
    "minutes a week": (five_of_six(limits=Limits(minutes_week=60)), {"R10"}),
    "visits in all": (five_of_six(limits=Limits(visits_campaign=2)), {"R10"}),
    "minutes in all": (five_of_six(limits=Limits(minutes_campaign=90)), {"R10"}),
    "hours of the day, and lunch": (five_of_six(hours=Hours(pieces=((615, 715), (900, 1005)))), {"R11"}),
    "the grid of starts": (five_of_six(hours=Hours(grid_min=37)), {"R11"}),
    "speed": (five_of_six(travel=Travel(speed_kmh=1)), {"R09", "R10"}),
    "detour": (five_of_six(travel=Travel(detour_permille=10_000, speed_kmh=4)), {"R09", "R10"}),
    "least minutes between addresses": (five_of_six(travel=Travel(least_min=140)), {"R09", "R10"}),
    "officers of a department": (five_of_six(teams=Teams(officers=3)), {"R03"}),
    "officers of a visit": (five_of_six(teams=Teams(officers=5, per="visit")), {"R03"}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_binds_solver_and_checker(name: str) -> None:
    settings, rules = SETTINGS[name]
    plan = replace(free().plan, settings=settings)
    assert failing(replace(free(), plan=plan)) & rules
    made = solved(evidence(wide_registers(), settings))
    assert not failing(made)
    assert made.seats


def without_day(person: str, kind: str) -> Registers:
    days = sorted({seat.day for seat in seats_of(person)})
    away = tuple(Leave(person_id=person, start=day, end=day + DAY, kind=kind) for day in days)
    known = wide_registers()
    rows = sorted((*known.leave, *away), key=lambda row: (row.person_id, row.start, row.end, row.kind))
    return replace(known, leave=tuple(rows))


def _leave() -> Registers:
    return without_day(busiest("officer"), "年休假")


def _duty() -> Registers:
    return without_day(busiest("officer"), "值班")


def _expert_away() -> Registers:
    return without_day(busiest("expert"), "leave")


def _certificate() -> Registers:
    first = min(seat.day for seat in free().seats if seat.role == "officer")
    late = next(seat for seat in reversed(free().seats) if seat.role == "officer" and seat.day > first)
    known = wide_registers()
    rows = tuple(
        replace(row, certificate_expires=late.day - DAY) if row.inspector_id == late.person_id else row
        for row in known.inspectors
    )
    return replace(known, inspectors=rows)


def _own_limit() -> Registers:
    known, person = wide_registers(), busiest("officer")
    rows = tuple(
        replace(row, max_minutes_day=45) if row.inspector_id == person else row for row in known.inspectors
    )
    return replace(known, inspectors=rows)


def _barred() -> Registers:
    seat = next(seat for seat in free().seats if seat.role == "officer")
    row = Recusal(
        inspector_id=seat.person_id, enterprise_id=enterprise_of(seat), kind="亲属", state="applied"
    )
    known = wide_registers()
    rows = sorted((*known.recusals, row), key=lambda r: (r.inspector_id, r.enterprise_id))
    return replace(known, recusals=tuple(rows))


def _quiet_firm() -> Registers:
    seat = free().seats[0]
    rest = QuietPeriod(enterprise_id=enterprise_of(seat), start=seat.day, end=seat.day + DAY, reason="检修")
    return replace(wide_registers(), quiet=(rest,))


def _quiet_district() -> Registers:
    seat = free().seats[0]
    return replace(
        wide_registers(), quiet=(QuietPeriod(district="330182", start=seat.day, end=seat.day + DAY),)
    )


def _opening() -> Registers:
    seat = free().seats[0]
    hours = "15:00-17:00" if seat.start_min < 720 else "09:00-11:00"
    known, firm = wide_registers(), enterprise_of(seat)
    rows = tuple(
        replace(row, opening=(hours,)) if row.enterprise_id == firm else row for row in known.enterprises
    )
    return replace(known, enterprises=rows)


def _holiday() -> Registers:
    day = free().seats[0].day
    known = wide_registers()
    rows = tuple(replace(row, is_working=False) if row.day == day else row for row in known.calendar)
    return replace(known, calendar=rows)


TABLES: dict[str, tuple[Callable[[], Registers], str]] = {
    "leave": (_leave, "R11"),
    "duty roster": (_duty, "R11"),
    "an expert's leave": (_expert_away, "R11"),
    "a certificate's last day": (_certificate, "R04"),
    "an officer's own limit": (_own_limit, "R10"),
    "a recusal applied for": (_barred, "R07"),
    "quiet period of a firm": (_quiet_firm, "R12"),
    "quiet period of a district": (_quiet_district, "R12"),
    "opening hours": (_opening, "R12"),
    "a holiday": (_holiday, "R11"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_binds_solver_and_checker(name: str) -> None:
    known, rule = TABLES[name][0](), TABLES[name][1]
    assert rule in failing(replace(free(), registers=known))
    made = solved(evidence(known, free().plan.settings))
    assert not failing(made)
    assert made.seats


def test_a_working_saturday_is_used_and_lawful_only_where_the_calendar_has_it() -> None:
    known = wide_registers()
    only = tuple(
        CalendarDay(day=row.day, is_working=row.day == SATURDAY, source="调休") for row in known.calendar
    )
    made = solved(evidence(replace(known, calendar=only), free().plan.settings))
    assert not failing(made)
    assert {seat.day for seat in made.seats} == {SATURDAY}
    assert "R11" in failing(replace(made, registers=known))
