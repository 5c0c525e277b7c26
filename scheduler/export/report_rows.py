"""The rows of the planner's report: who and what is there, every visit with its team, who may not go where.

In: the ground of the view. Out: sections of columns. May import: :mod:`scheduler.domain`, this room.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scheduler.domain.registers import RISK_CLASSES, Inspector, Recusal
from scheduler.domain.visits import Visit
from scheduler.export.facts import working_minutes
from scheduler.export.report_places import Spot, desk_of
from scheduler.export.report_view import Ground, View, columns

DAY = dt.timedelta(days=1)


def row_sections(ground: Ground) -> View:
    """Departments, people, enterprises, visits with seats and work, what is left out, who helps, is barred,
    away."""
    visits = _in_order(ground)
    return {
        "departments": _departments(ground),
        "districts": columns("code", ((code,) for code in ground.districts)),
        "items": columns("code name", ((code, ground.rows.items[code].name) for code in ground.items)),
        "people": _people(ground),
        "enterprises": _enterprises(ground),
        "visits": columns(
            "id enterprise day start minutes risk desk from to ordered n_seats n_work n_tasks",
            (_visit(visit, ground) for visit in visits),
        ),
        "seats": columns("person department leg back", _seats(visits, ground)),
        "work": columns("item department", _work(visits, ground)),
        "asked": columns("task", _asked(visits, ground)),
        "unscheduled": _unscheduled(visits, ground),
        "helpers": columns("department helper", _helpers(ground)),
        "barred": columns("person enterprise from to", _barred(ground)),
        "away": columns("person from to", _away(ground)),
    }


def _in_order(ground: Ground) -> list[Visit]:
    """Placed visits by day and start, then the others by id."""
    seats = ground.rows.seats

    def key(visit: Visit) -> tuple[bool, dt.date, int, str]:
        first = seats[visit.visit_id][0] if visit.visit_id in seats else None
        day, start = (first.day, first.start_min) if first else (dt.date.min, 0)
        return first is None, day, start, visit.visit_id

    return sorted(ground.merged.visits, key=key)


def _departments(ground: Ground) -> dict[str, list[Any]]:
    rows = ((row, ground.plane.of(row)) for row in ground.registers.departments)
    return columns("id name x y", ((row.department_id, row.name, spot.x, spot.y) for row, spot in rows))


def _people(ground: Ground) -> dict[str, list[Any]]:
    capacity = working_minutes(ground.plan, ground.registers, set(ground.people))
    rows = []
    for ident in ground.people:
        who = ground.rows.inspectors.get(ident) or ground.rows.experts[ident]
        home = _home(ident, ground)
        department = ground.departments[who.department_id] if isinstance(who, Inspector) else -1
        rows.append((ident, who.name, department, department < 0, home.x, home.y, capacity.get(ident, 0)))
    return columns("id name department expert x y capacity", rows)


def _home(ident: str, ground: Ground) -> Spot:
    officer = ground.rows.inspectors.get(ident)
    if officer is None:
        return ground.plane.of(ground.rows.experts[ident])
    return ground.plane.of(ground.rows.departments[officer.department_id])


def _enterprises(ground: Ground) -> dict[str, list[Any]]:
    rows = []
    for ident in ground.enterprises:
        row = ground.rows.enterprises[ident]
        spot = ground.plane.of(row)
        address = "" if ground.lean else row.address
        rows.append((ident, row.name, address, ground.districts[row.district], spot.x, spot.y))
    return columns("id name address district x y", rows)


def _visit(visit: Visit, ground: Ground) -> tuple[Any, ...]:
    seats = ground.rows.seats.get(visit.visit_id, ())
    needs = [ground.rows.requirements[ident] for ident in visit.requirement_ids]
    full = _in_full(visit, ground)
    return (
        visit.visit_id,
        ground.enterprises[visit.enterprise_id],
        ground.offset(seats[0].day) if seats else -1,
        seats[0].start_min if seats else -1,
        visit.duration_min,
        max(RISK_CLASSES.index(need.risk_class) for need in needs),
        -1 if visit.on_site else ground.departments[_desk(visit, ground)],
        ground.offset(visit.start),
        ground.offset(visit.end),
        int(any(need.task_id in ground.orders for need in needs)),
        len(seats),
        len(visit.item_codes) if full else 0,
        len(needs) if full else 0,
    )


def _desk(visit: Visit, ground: Ground) -> str:
    first = ground.rows.tasks[ground.rows.requirements[visit.requirement_ids[0]].task_id]
    return desk_of(first, ground.rows.enterprises[visit.enterprise_id], ground.rows.departments)


def _spot(visit: Visit, ground: Ground) -> Spot:
    rows = ground.rows
    if visit.on_site:
        return ground.plane.of(rows.enterprises[visit.enterprise_id])
    return ground.plane.of(rows.departments[_desk(visit, ground)])


def _in_full(visit: Visit, ground: Ground) -> bool:
    """Whether items and tasks stand in the report: of a very large campaign only of what is left out."""
    return not ground.lean or visit.visit_id not in ground.rows.seats


def _seats(visits: Sequence[Visit], ground: Ground) -> Iterator[tuple[int, int, int, int]]:
    """Each seat with the minutes on the way to it, and home again after the day's last visit (else -1)."""
    legs = _legs(visits, ground)
    for visit in visits:
        for seat in ground.rows.seats.get(visit.visit_id, ()):
            department = ground.departments.get(seat.department_id, -1)
            yield ground.people[seat.person_id], department, *legs[seat.person_id, visit.visit_id]


def _legs(visits: Sequence[Visit], ground: Ground) -> dict[tuple[str, str], tuple[int, int]]:
    """By person and visit: minutes from the stop before, and home, or -1 where another visit follows."""
    days: defaultdict[tuple[str, dt.date], list[str]] = defaultdict(list)
    spots: dict[str, Spot] = {}
    for visit in visits:
        own = ground.rows.seats.get(visit.visit_id, [])
        if own:
            spots[visit.visit_id] = _spot(visit, ground)
        for person, day in dict.fromkeys((seat.person_id, seat.day) for seat in own):
            days[person, day].append(visit.visit_id)
    homes = {ident: _home(ident, ground) for ident in ground.people}
    found = {}
    for (person, _), stops in days.items():
        here = home = homes[person]
        for position, visit_id in enumerate(stops, start=1):
            there = spots[visit_id]
            back = ground.plane.minutes(there, home) if position == len(stops) else -1
            found[person, visit_id] = (ground.plane.minutes(here, there), back)
            here = there
    return found


def _work(visits: Iterable[Visit], ground: Ground) -> Iterator[tuple[int, int]]:
    for visit in visits:
        if _in_full(visit, ground):
            for item, department in zip(visit.item_codes, visit.department_ids, strict=True):
                yield ground.items[item], ground.departments[department]


def _asked(visits: Iterable[Visit], ground: Ground) -> Iterator[tuple[int]]:
    for visit in visits:
        if _in_full(visit, ground):
            for ident in visit.requirement_ids:
                yield (ground.tasks[ground.rows.requirements[ident].task_id],)


def _unscheduled(visits: Iterable[Visit], ground: Ground) -> dict[str, list[Any]]:
    positions = {visit.visit_id: at for at, visit in enumerate(visits)}
    rows = []
    for row in sorted(ground.schedule.unscheduled, key=lambda row: row.requirement_id):
        need = ground.rows.requirements[row.requirement_id]
        risk = RISK_CLASSES.index(need.risk_class)
        rows.append(
            (row.requirement_id, positions[row.visit_id], ground.tasks[need.task_id], risk, row.reason)
        )
    return columns("requirement visit task risk reason", rows)


def _helpers(ground: Ground) -> Iterator[tuple[int, int]]:
    """Departments and those whose officers may take their seats, both with a pool; none where the plan does
    not let neighbours help."""
    pooled = {pool.department_id for pool in ground.plan.pools if pool.role == "officer"}
    for own, helpers in ground.registers.helpers(ground.plan.settings.teams).items():
        for helper in helpers:
            if {own, helper} <= pooled:
                yield ground.departments[own], ground.departments[helper]


def _barred(ground: Ground) -> Iterator[tuple[int, int, int, int]]:
    """Recusals that bind, applied for or granted: people who may be sent, enterprises that are visited."""
    for row in ground.registers.recusals:
        if row.state == "rejected" or row.enterprise_id not in ground.enterprises:
            continue
        if row.inspector_id in ground.people:
            start, end = _span(row, ground)
            yield ground.people[row.inspector_id], ground.enterprises[row.enterprise_id], start, end


def _span(row: Recusal, ground: Ground) -> tuple[int, int]:
    settings = ground.plan.settings
    return ground.offset(row.start or settings.start), ground.offset(row.end or settings.end)


def _away(ground: Ground) -> Iterator[tuple[int, int, int]]:
    """Days on which somebody is not there, whatever the ground; overlapping ones joined."""
    spans: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in ground.registers.leave:
        if row.person_id in ground.people:
            spans[ground.people[row.person_id]].append((ground.offset(row.start), ground.offset(row.end)))
    for ident, position in ground.people.items():
        who = ground.rows.inspectors.get(ident)
        end = ground.plan.settings.end
        if who is not None and who.certificate_expires < end:
            spans[position].append((ground.offset(who.certificate_expires + DAY), ground.offset(end)))
    for position, own in sorted(spans.items()):
        for start, end_ in _joined(own):
            yield position, start, end_


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made
