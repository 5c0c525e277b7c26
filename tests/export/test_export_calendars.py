"""Calendars, read by another library than the one that wrote them."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import vobject
from finished import finished
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scheduler.domain.schedule import Schedule, Seat
from scheduler.export.calendars import appointments, calendars

ZONE = dt.timezone(dt.timedelta(hours=8))


def campaign() -> dict[str, Any]:
    case = finished()
    return {name: case[name] for name in ("plan", "registers", "merged", "schedule")}


def made(**changes: Any) -> dict[str, Any]:
    """File name to the calendar as vobject reads it."""
    files = calendars(**campaign() | changes)
    return {name: vobject.readOne(data.decode()) for name, data in files}


def events(calendar: Any) -> dict[str, Any]:
    return {event.uid.value: event for event in calendar.vevent_list}


def moved(schedule: Schedule, visit_id: str, days: int) -> Schedule:
    """The schedule with one visit on another day."""
    return replace(
        schedule,
        seats=tuple(
            replace(seat, day=seat.day + dt.timedelta(days=days)) if seat.visit_id == visit_id else seat
            for seat in schedule.seats
        ),
    )


def without(schedule: Schedule, visit_id: str, person_id: str = "") -> Schedule:
    """The schedule without a visit, or without one person in it."""

    def goes(seat: Seat) -> bool:
        return seat.visit_id == visit_id and person_id in {"", seat.person_id}

    return replace(schedule, seats=tuple(seat for seat in schedule.seats if not goes(seat)))


def test_everybody_with_a_seat_has_one_calendar_in_his_departments_folder() -> None:
    assert list(made()) == [
        "专家/EX1_专家甲.ics",
        "001_青石县消防救援大队/fire-3_fire官3.ics",
        "001_青石县消防救援大队/fire-4_fire官4.ics",
        "002_青石县市场监管局/food-3_food官3.ics",
        "002_青石县市场监管局/food-4_food官4.ics",
        "003_青石县人社局/work-1_work官1.ics",
        "003_青石县人社局/work-2_work官2.ics",
    ]


def test_every_seat_is_an_event_with_hours_place_companions_and_items() -> None:
    case = campaign()
    seats = [seat for seat in case["schedule"].seats if seat.person_id == "fire-3"]
    calendar = made()["001_青石县消防救援大队/fire-3_fire官3.ics"]
    found = events(calendar)
    assert set(found) == {f"{seat.visit_id}.fire-3@small-2026-01" for seat in seats}
    for seat in seats:
        event = found[f"{seat.visit_id}.fire-3@small-2026-01"]
        start = dt.datetime.combine(seat.day, dt.time(9), ZONE)
        assert event.dtstart.value == start
        assert event.dtend.value == start + dt.timedelta(minutes=seat.end_min - seat.start_min)
        assert event.dtstart.value.utcoffset() == dt.timedelta(hours=8)
        text = event.description.value
        assert "fire官4（fire-4）" in text
        assert "专家：专家甲（电气）" in text
        assert "- X01 消防安全检查" in text
        assert seat.visit_id in text
        assert event.summary.value.startswith("【演练】检查：青石县第")
        assert event.location.value.startswith("青石县第")  # these shops have no address


def test_the_time_zone_is_defined_in_the_file() -> None:
    data = dict(calendars(**campaign()))["专家/EX1_专家甲.ics"].decode()
    assert "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai" in data
    assert "DTSTART;TZID=Asia/Shanghai:" in data
    assert all(len(line.encode()) <= 75 for line in data.split("\r\n"))


def test_the_same_schedules_give_the_same_bytes_and_no_clock_is_read() -> None:
    files = dict(calendars(**campaign()))
    assert files == dict(calendars(**campaign()))
    assert b"DTSTAMP:20260302T000000Z" in next(iter(files.values()))


def test_a_moved_visit_keeps_its_uid_and_raises_its_sequence() -> None:
    former = campaign()["schedule"]
    visit = former.seats[0].visit_id
    now = moved(former, visit, 1)
    name = "001_青石县消防救援大队/fire-3_fire官3.ics"
    before, after = events(made()[name]), events(made(schedule=now, former=(former,))[name])
    assert set(before) == set(after)
    for uid, event in after.items():
        changed = uid.startswith(visit)
        assert event.sequence.value == str(int(changed))
        assert event.dtstart.value - before[uid].dtstart.value == dt.timedelta(days=changed)
        assert event.dtstamp.value - before[uid].dtstamp.value == dt.timedelta(seconds=changed)
        assert event.status.value == "CONFIRMED"


def test_a_cancelled_visit_keeps_its_uid_and_day_and_says_so() -> None:
    former = campaign()["schedule"]
    visit = former.seats[0].visit_id
    now = without(former, visit)
    files = made(schedule=now, former=(former,))
    whole = events(files["001_青石县消防救援大队/fire-3_fire官3.ics"])
    event = whole[f"{visit}.fire-3@small-2026-01"]
    assert (event.status.value, event.sequence.value) == ("CANCELLED", "1")
    assert event.dtstart.value.date() == former.seats[0].day
    alone = files["001_青石县消防救援大队/fire-3_fire官3-取消.ics"]
    assert alone.method.value == "CANCEL"
    assert list(events(alone)) == [f"{visit}.fire-3@small-2026-01"]


def test_a_replaced_companion_is_cancelled_and_the_others_learn_who_comes() -> None:
    former = campaign()["schedule"]
    gone = next(seat for seat in former.seats if seat.person_id == "fire-4")
    seats = tuple(replace(seat, person_id="fire-1") if seat == gone else seat for seat in former.seats)
    files = made(schedule=replace(former, seats=seats), former=(former,))
    uid = f"{gone.visit_id}.{{}}@small-2026-01"
    stays = events(files["001_青石县消防救援大队/fire-3_fire官3.ics"])[uid.format("fire-3")]
    assert stays.sequence.value == "1"
    assert "fire官1（fire-1）" in stays.description.value
    comes = events(files["001_青石县消防救援大队/fire-1_fire官1.ics"])[uid.format("fire-1")]
    assert (comes.sequence.value, comes.status.value) == ("0", "CONFIRMED")
    leaves = events(files["001_青石县消防救援大队/fire-4_fire官4-取消.ics"])[uid.format("fire-4")]
    assert (leaves.sequence.value, leaves.status.value) == ("1", "CANCELLED")
    assert "fire官4（fire-4）" in leaves.description.value


def test_a_visit_taken_up_again_counts_on() -> None:
    first = campaign()["schedule"]
    visit = first.seats[0].visit_id
    later = moved(first, visit, 3)
    rows = appointments((first, without(first, visit), without(first, visit), first, later))
    found = {row.sequence for row in rows if row.visit_id == visit}
    assert found == {3}  # cancelled, back, moved; the second cancellation told nothing new
    assert {row.sequence for row in rows if row.visit_id != visit} == {0}
    assert not any(row.cancelled for row in rows)


def test_no_schedule_has_no_appointments() -> None:
    assert appointments(()) == ()
    assert made(schedule=replace(campaign()["schedule"], seats=())) == {}


def test_english_calendars_write_dates_and_lists_in_english() -> None:
    calendar = made(language="en")["001_青石县消防救援大队/fire-3_fire官3.ics"]
    event = next(iter(events(calendar).values()))
    assert event.summary.value.startswith("[Rehearsal] Inspection: ")
    assert "5 Mar 2026 Thu 09:00–10:10 on site" in event.description.value
    assert "fire官3 (fire-3), fire官4 (fire-4)" in event.description.value


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\r\nBEGIN:VEVENT\r\nSUMMARY:x", "a BEGIN:VEVENT SUMMARY:x"),
        ("<b>&;,\\", "<b>&;,\\"),
        ("\u202e反转", "反转"),
        ("长" * 300, "长" * 300),
        ("😀\ue000", "😀\ue000"),
        ("x\x00y\ud800", "x�y�"),
    ],
)
def test_a_hostile_name_stays_one_text(name: str, shown: str) -> None:
    known = campaign()["registers"]
    firms = tuple(replace(row, name=name, address=name) for row in known.enterprises)
    people = tuple(replace(row, name=name) for row in known.inspectors)
    files = made(registers=replace(known, enterprises=firms, inspectors=people))
    for calendar in (calendar for path, calendar in files.items() if not path.startswith("专家")):
        for event in calendar.vevent_list:
            assert event.summary.value == f"【演练】检查：{shown}"
            assert event.location.value == shown


@given(st.text(max_size=40))
@hypothesis_settings(max_examples=30, deadline=None)
def test_any_name_gives_a_calendar_that_can_be_read(name: str) -> None:
    known = campaign()["registers"]
    firms = tuple(replace(row, name=name, address=name) for row in known.enterprises)
    for calendar in made(registers=replace(known, enterprises=firms)).values():
        assert len(calendar.vevent_list) >= 1
