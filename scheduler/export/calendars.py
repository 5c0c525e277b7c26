"""One calendar per person sent: each visit an event that keeps its UID through every change.

In: plan, registers, merge result, the schedule in force and those announced before it. Out: file names with
the bytes of .ics files (RFC 5545). May import: :mod:`scheduler.domain`, icalendar.

Nothing here reads a clock. DTSTAMP, which RFC 5545 wants and RFC 5546 compares where two events have the same
SEQUENCE, is the campaign's first midnight and as many seconds as SEQUENCE counts: later for every revision,
the same for the same schedules.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vText
from icalendar.parser import Contentline, Parameters

from scheduler.domain.canonical import nfc
from scheduler.domain.messages import Language, long_date, text
from scheduler.domain.plan import Plan
from scheduler.domain.registers import Registers
from scheduler.domain.schedule import Schedule, Seat
from scheduler.domain.visits import MergeResult
from scheduler.export.facts import Facts, Placed, gather
from scheduler.export.fields import CALENDARS
from scheduler.export.habits import bracketed, clock, expert, listed, officer, weekday
from scheduler.export.names import NameGiver, department_folder
from scheduler.export.sheets import clean

PRODUCT = "-//OneDoor//roster//ZH"
EXPERTS = "专家"


@dataclass(frozen=True, kw_only=True, slots=True)
class Appointment:
    """One person's part in one visit, as the newest schedule that had it says; ``sequence`` counts how often
    day, hours or team changed since it was first announced. ``team`` are all who come, by id; ``source`` is
    the place of that schedule among those announced."""

    visit_id: str
    person_id: str
    day: dt.date
    start_min: int
    end_min: int
    team: tuple[str, ...]
    source: int
    sequence: int = 0
    cancelled: bool = False

    @property
    def said(self) -> tuple[object, ...]:
        """What a change of makes a new revision."""
        return (self.day, self.start_min, self.end_min, self.team, self.cancelled)


def appointments(schedules: Sequence[Schedule]) -> tuple[Appointment, ...]:
    """Everybody's appointments after the schedules were announced one after the other, the last in force.

    Sorted by person, day, start, visit. What a later schedule no longer has is cancelled: it keeps its day
    and team, and is one revision newer. Empty for no schedules.
    """
    known: dict[tuple[str, str], Appointment] = {}
    for source, schedule in enumerate(schedules):
        now = {(row.visit_id, row.person_id): row for row in _announced(schedule, source)}
        gone = {key: replace(row, cancelled=True) for key, row in known.items() if key not in now}
        known = {key: _revised(known.get(key), row) for key, row in {**gone, **now}.items()}
    order = sorted(known.values(), key=lambda row: (row.person_id, row.day, row.start_min, row.visit_id))
    return tuple(order)


def calendars(
    plan: Plan,
    registers: Registers,
    merged: MergeResult,
    schedule: Schedule,
    *,
    former: Sequence[Schedule] = (),
    language: Language = "zh",
) -> Iterator[tuple[str, bytes]]:
    """``<department>/<id>_<name>.ics`` for everybody with an appointment; experts in a folder of their own.

    ``former`` are the schedules announced before, oldest first: whoever had an appointment in one of them and
    has it no longer gets it once more, cancelled, in the same file, and alone in ``…-取消.ics`` with
    ``METHOD:CANCEL``, which is what most programs need to take it out. The same input gives the same bytes.
    """
    announced = [gather(plan, registers, merged, told, CALENDARS) for told in (*former, schedule)]
    page = _Page(plan, announced, language)
    folders = _folders(registers, announced[-1])
    names = NameGiver()
    for person_id, rows in _by_person(appointments((*former, schedule))):
        stem = names.give(folders[person_id], f"{person_id}_{page.name_of(person_id)}")
        yield f"{stem}.ics", page.calendar(person_id, rows, "PUBLISH")
        if cancelled := [row for row in rows if row.cancelled]:
            yield f"{stem}-取消.ics", page.calendar(person_id, cancelled, "CANCEL")


def _announced(schedule: Schedule, source: int) -> Iterator[Appointment]:
    teams: dict[str, list[Seat]] = {}
    for seat in schedule.seats:
        teams.setdefault(seat.visit_id, []).append(seat)
    for visit_id, seats in teams.items():
        team = tuple(sorted({seat.person_id for seat in seats}))
        for person_id in team:
            yield Appointment(
                visit_id=visit_id,
                person_id=person_id,
                day=seats[0].day,
                start_min=seats[0].start_min,
                end_min=seats[0].end_min,
                team=team,
                source=source,
            )


def _revised(before: Appointment | None, now: Appointment) -> Appointment:
    if before is None:
        return now
    return replace(now, sequence=before.sequence + (before.said != now.said))


def _by_person(rows: Iterable[Appointment]) -> Iterator[tuple[str, list[Appointment]]]:
    mine: dict[str, list[Appointment]] = {}
    for row in rows:
        mine.setdefault(row.person_id, []).append(row)
    yield from mine.items()


def _folders(registers: Registers, facts: Facts) -> dict[str, str]:
    """Whose folder each person's file lies in."""
    known = {
        row.department_id: department_folder(position, row.name)
        for position, row in enumerate(registers.departments, start=1)
    }
    officers = {row.inspector_id: known[row.department_id] for row in facts.inspectors.values()}
    return {**dict.fromkeys(facts.experts, EXPERTS), **officers}


class _Page:
    """Writes calendars of one campaign: time zone and texts of a visit are made once. ``announced`` are the
    look-ups of each schedule, the last in force."""

    def __init__(self, plan: Plan, announced: Sequence[Facts], language: Language) -> None:
        self.plan, self.announced, self.language = plan, announced, language
        settings = plan.settings
        self.zone = ZoneInfo(settings.timezone)
        last = settings.end + dt.timedelta(days=1)
        zone = Timezone.from_tzid(settings.timezone, first_date=settings.start, last_date=last)
        self._zone_lines = zone.to_ical()
        self._texts: dict[tuple[str, int], bytes] = {}

    def name_of(self, person_id: str) -> str:
        """A person's name as the registers have it."""
        facts = self.announced[-1]
        known = facts.inspectors.get(person_id) or facts.experts[person_id]
        return known.name

    def calendar(self, person_id: str, rows: Sequence[Appointment], method: str) -> bytes:
        """A whole file. The frame is the library's; events are put before its end, each already folded."""
        frame = Calendar()
        frame.add("prodid", PRODUCT)
        frame.add("version", "2.0")
        frame.add("calscale", "GREGORIAN")
        frame.add("method", method)
        name = self._say("calendar", name=_plain(self.name_of(person_id)))
        frame.add("x-wr-calname", f"{self._mark()}{name}")
        frame.add("x-wr-timezone", self.plan.settings.timezone)
        end = b"END:VCALENDAR\r\n"
        head: bytes = frame.to_ical().removesuffix(end)
        return b"".join((head, self._zone_lines, *(self._event(row) for row in rows), end))

    def _event(self, row: Appointment) -> bytes:
        """The event of one person: his own UID and revision before what all of the team read.

        Only the UID can be long or need escaping; the other three are short words and figures, and a
        metropolis has three hundred thousand of each.
        """
        ident = f"{row.visit_id}.{row.person_id}@{self.plan.settings.campaign_id}"
        uid: bytes = Contentline.from_parts("UID", Parameters(), vText(ident)).to_ical()
        first = dt.datetime.combine(self.plan.settings.start, dt.time(), dt.UTC)
        stamp = first + dt.timedelta(seconds=row.sequence)
        status = "CANCELLED" if row.cancelled else "CONFIRMED"
        own = f"\r\nDTSTAMP:{stamp:%Y%m%dT%H%M%SZ}\r\nSEQUENCE:{row.sequence}\r\nSTATUS:{status}\r\n".encode()
        return b"".join((b"BEGIN:VEVENT\r\n", uid, own, self._shared(row), b"END:VEVENT\r\n"))

    def _shared(self, row: Appointment) -> bytes:
        key = (row.visit_id, row.source)
        if key not in self._texts:
            event = self._described(self.announced[row.source].entries[row.visit_id])
            self._texts[key] = self._lines_of(event)
        return self._texts[key]

    def _lines_of(self, event: Event) -> bytes:
        """The event's lines without those that begin and end it."""
        written: bytes = event.to_ical()
        return written.removeprefix(b"BEGIN:VEVENT\r\n").removesuffix(b"END:VEVENT\r\n")

    def _described(self, placed: Placed) -> Event:
        event = Event()
        midnight = dt.datetime.combine(placed.day, dt.time(), self.zone)
        event.add("dtstart", midnight + dt.timedelta(minutes=placed.start_min))
        event.add("dtend", midnight + dt.timedelta(minutes=placed.end_min))
        name = _plain(placed.enterprise.name)
        event.add("summary", f"{self._mark()}{self._say('summary', name=name)}")
        event.add("location", _plain(placed.enterprise.address) or name)
        event.add("description", "\n".join(self._lines(placed)))
        return event

    def _lines(self, placed: Placed) -> Iterator[str]:
        lang = self.language
        hours = f"{clock(placed.start_min)}–{clock(placed.end_min)}"
        when = f"{long_date(placed.day, lang)} {weekday(placed.day, lang)} {hours}"
        where = self._say("onsite" if placed.visit.on_site else "desk")
        yield f"{when} {where}"
        firm = bracketed(placed.enterprise.name, placed.enterprise.enterprise_id, lang)
        yield self._say("firm", name=_plain(firm))
        if placed.enterprise.address:
            yield self._say("place", place=_plain(placed.enterprise.address))
        for department in placed.departments:
            me = department.department_id
            people = listed((officer(who, lang) for who in placed.officers_of(me)), lang)
            yield self._say("team", department=_plain(department.name), people=_plain(people))
            for item in placed.items_of(me):
                yield f"- {item.item_code} {_plain(item.name)}"
        if placed.experts:
            people = listed((expert(who, lang) for who in placed.experts), lang)
            yield self._say("experts", people=_plain(people))
        yield self._say("issuer", department=_plain(placed.issuer.name))
        yield self._say("visit", visit=placed.visit.visit_id)

    def _mark(self) -> str:
        return self._say("rehearsal") if self.plan.settings.rehearsal else ""

    def _say(self, code: str, /, **params: str) -> str:
        return text(f"export.ics_{code}", self.language, **params)


def _plain(value: str) -> str:
    """One line without what a calendar cannot hold."""
    return " ".join(clean(nfc(value)).split())
