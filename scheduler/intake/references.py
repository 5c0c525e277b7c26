"""What must hold between tables: every name that one table uses is a row of another.

In: the tables as read, the settings, the calendar. Out: the tables without the rows that fail, each
reported. May import: the standard library, :mod:`scheduler.intake.rows`, :mod:`scheduler.domain`.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from operator import attrgetter
from typing import Any

from scheduler.domain.registers import SORT_KEYS, CalendarDay, Item, Task
from scheduler.domain.settings import Settings
from scheduler.intake.linked import follow_old_codes
from scheduler.intake.neighbours import neighbour_faults
from scheduler.intake.rows import Rows
from scheduler.intake.ways import Known, followed, way_faults

Tables = Mapping[str, Rows]
Bad = tuple[str, object, str, str]
"""A field, its value, a message code, the message's detail."""
Judge = Callable[[Any], Iterator[Bad]]

UNKNOWN = "intake.reference_unknown"
LOST = "intake.reference_rejected"
ZEROS = "intake.reference_zeros"


def check_references(
    tables: Tables, settings: Settings, calendar: tuple[CalendarDay, ...]
) -> dict[str, Rows]:
    """The tables with every row removed and reported whose references do not hold.

    Order matters: a register is checked before the tables that point into it. ``intake.reference_unknown``
    means that nobody has heard of the name, ``intake.reference_zeros`` that it lacks the zeros it begins with
    in its own table, ``intake.reference_rejected`` that its own row was rejected.
    """
    checked = follow_old_codes(tables) | {"travel": followed(tables, settings.start)}
    checked["items"] = _judged(checked["items"], _items(checked["items"]))
    checked["enterprises"] = _without_future(checked["enterprises"], settings)
    checked["inspectors"] = _judged(checked["inspectors"], _inspectors(checked))
    checked["experts"] = _judged(checked["experts"], _experts(checked))
    checked["tasks"] = _judged(checked["tasks"], _tasks(checked, settings, calendar))
    for name, judge in (
        ("recusals", _recusals(checked)),
        ("leave", _leave(checked)),
        ("history", _history(checked, settings)),
        ("quiet", _quiet(checked)),
        ("orders", _orders(checked, settings)),
        ("travel", _travel(checked, settings)),
        ("neighbours", neighbour_faults(checked["departments"], _Names(checked["departments"]).check)),
    ):
        checked[name] = _judged(checked[name], judge)
    return checked


def _judged(table: Rows, judge: Judge) -> Rows:
    """The table without the rows that the judge finds something wrong with."""
    return table.without(
        (position, table.origin.entry(table.numbers[position], field, value, code, detail))
        for position, row in enumerate(table.rows)
        for field, value, code, detail in judge(row)
    )


class _Names:
    """The keys of one or more tables: accepted, or lost with a rejected row. Found when first asked for."""

    def __init__(self, *tables: Rows) -> None:
        self._tables = tables

    @cached_property
    def known(self) -> set[str]:
        own = {
            name
            for table in self._tables
            for name in map(attrgetter(SORT_KEYS[table.origin.table][0]), table.rows)
        }
        return own.union(*(table.rest.names for table in self._tables if table.rest))

    @cached_property
    def lost(self) -> set[str]:
        return {name for table in self._tables for name in table.lost}

    @cached_property
    def unpadded(self) -> dict[str, str]:
        """Codes that begin with zeros, by what is left where those are lost; only where no two are alike."""
        padded: dict[str, list[str]] = {}
        for name in self.known:
            if name.startswith("0"):
                padded.setdefault(name.lstrip("0"), []).append(name)
        return {short: names[0] for short, names in padded.items() if len(names) == 1}

    def check(self, field: str, *names: str) -> Iterator[Bad]:
        """One problem for each name that is not accepted; empty names name nobody."""
        for name in names:
            if name and name not in self.known:
                yield field, name, *self._fault(name)

    def _fault(self, name: str) -> tuple[str, str]:
        if name in self.lost:
            return LOST, name
        whole = self.unpadded.get(name)
        return (ZEROS, whole) if whole else (UNKNOWN, name)


def _items(items: Rows) -> Judge:
    names = _Names(items)
    return lambda item: names.check("incompatible_with", *item.incompatible_with)


def _without_future(enterprises: Rows, settings: Settings) -> Rows:
    """A last inspection that lies after the window (9999-09-09 stands for never) is set aside."""
    rows = list(enterprises.rows)
    warnings = []
    for position, row in enumerate(rows):
        if row.last_inspected is not None and row.last_inspected >= settings.end:
            rows[position] = replace(row, last_inspected=None)
            number, value = enterprises.numbers[position], row.last_inspected
            warnings.append(
                enterprises.origin.entry(number, "last_inspected", value, "intake.date_set_aside")
            )
    return replace(enterprises, rows=rows, warnings=(*enterprises.warnings, *warnings))


def _inspectors(tables: Tables) -> Judge:
    departments = _Names(tables["departments"])
    return lambda row: departments.check("department_id", row.department_id)


def _experts(tables: Tables) -> Judge:
    """One identifier is one person: an expert who is also an officer would have two roles at one door."""
    officers = _Names(tables["inspectors"])

    def judge(row: Any) -> Iterator[Bad]:
        if row.expert_id in officers.known | officers.lost:
            yield "expert_id", row.expert_id, "intake.person_twice", row.expert_id

    return judge


def _tasks(tables: Tables, settings: Settings, calendar: tuple[CalendarDay, ...]) -> Judge:
    departments, items = _Names(tables["departments"]), _Names(tables["items"])
    fields = {row.department_id: row.field for row in tables["departments"].rows}
    district_fields = {row.field for row in tables["departments"].rows if row.level == "district"}
    by_code: dict[str, Item] = {row.item_code: row for row in tables["items"].rows}
    working = [day.day for day in calendar if day.is_working]

    def judge(task: Task) -> Iterator[Bad]:
        yield from departments.check("lead_id", task.lead_id)
        yield from departments.check("cooperating_ids", *task.cooperating_ids)
        yield from items.check("item_codes", *task.item_codes)
        taking_part = [fields.get(name, "") for name in (task.lead_id, *task.cooperating_ids)]
        for code in task.item_codes:
            if code in by_code:
                yield from _competent(task, by_code[code], taking_part, district_fields)
        yield from _window(task, settings, working)

    return judge


def _competent(task: Task, item: Item, taking_part: list[str], district_fields: set[str]) -> Iterator[Bad]:
    """Each item needs exactly one competent department: by field among those that take part, or, where the
    city draws and the districts inspect, a district's department of the field."""
    if task.mode == "municipal_to_district":
        if item.field not in district_fields:
            yield "item_codes", item.item_code, "intake.item_no_department", item.field
    elif item.field not in taking_part:
        yield "item_codes", item.item_code, "intake.item_no_department", item.field
    elif taking_part.count(item.field) > 1:
        yield "item_codes", item.item_code, "intake.item_two_departments", item.field


def _window(task: Task, settings: Settings, working: list[dt.date]) -> Iterator[Bad]:
    if task.start < settings.start or task.end > settings.end:
        campaign = f"{settings.start}–{settings.end - dt.timedelta(days=1)}"
        yield "start", f"{task.start}–{task.end - dt.timedelta(days=1)}", "intake.task_window", campaign
    elif working and not any(task.start <= day < task.end for day in working):
        yield "start", f"{task.start}–{task.end - dt.timedelta(days=1)}", "intake.task_no_working_day", ""


def _recusals(tables: Tables) -> Judge:
    people = _Names(tables["inspectors"], tables["experts"])
    enterprises = _Names(tables["enterprises"])

    def judge(row: Any) -> Iterator[Bad]:
        yield from people.check("inspector_id", row.inspector_id)
        yield from people.check("other_inspector_id", row.other_inspector_id)
        yield from enterprises.check("enterprise_id", row.enterprise_id)

    return judge


def _leave(tables: Tables) -> Judge:
    people = _Names(tables["inspectors"], tables["experts"])
    return lambda row: people.check("person_id", row.person_id)


def _history(tables: Tables, settings: Settings) -> Judge:
    """An inspection in the past by somebody known at somebody known; anything else is an orphan."""
    people, enterprises = _Names(tables["inspectors"]), _Names(tables["enterprises"])

    def judge(row: Any) -> Iterator[Bad]:
        yield from enterprises.check("enterprise_id", row.enterprise_id)
        yield from people.check("inspector_id", row.inspector_id)
        if row.day >= settings.end:
            yield "day", row.day, "intake.date_future", (settings.end - dt.timedelta(days=1)).isoformat()

    return judge


def _orders(tables: Tables, settings: Settings) -> Judge:
    departments, items = _Names(tables["departments"]), _Names(tables["items"])
    enterprises, tasks = _Names(tables["enterprises"]), _Names(tables["tasks"])

    def judge(row: Any) -> Iterator[Bad]:
        yield from enterprises.check("enterprise_id", row.enterprise_id)
        yield from departments.check("department_id", row.department_id)
        yield from items.check("item_codes", *row.item_codes)
        if row.order_id in tasks.known:
            yield "order_id", row.order_id, "intake.order_is_task", row.order_id
        if row.start < settings.start or row.end > settings.end:
            campaign = f"{settings.start}–{settings.end - dt.timedelta(days=1)}"
            yield "start", f"{row.start}–{row.end - dt.timedelta(days=1)}", "intake.task_window", campaign

    return judge


def _districts(enterprises: Rows) -> set[str]:
    own = {row.district for row in enterprises.rows}
    return own | enterprises.rest.districts() if enterprises.rest else own


def _quiet(tables: Tables) -> Judge:
    enterprises = _Names(tables["enterprises"])
    districts = _districts(tables["enterprises"]) if tables["quiet"].rows else set()

    def judge(row: Any) -> Iterator[Bad]:
        yield from enterprises.check("enterprise_id", row.enterprise_id)
        if row.district and row.district not in districts:
            yield "district", row.district, UNKNOWN, row.district

    return judge


def _travel(tables: Tables, settings: Settings) -> Judge:
    """Both ends of a way are places that some register knows (:mod:`scheduler.intake.ways`)."""
    if not tables["travel"].rows:
        return lambda _: iter(())
    departments, enterprises, experts = (
        _Names(tables[name]) for name in ("departments", "enterprises", "experts")
    )
    covered = {code for row in tables["departments"].rows for code in row.districts}
    known = Known(
        districts=frozenset(_districts(tables["enterprises"]) | covered),
        departments=frozenset(departments.known),
        enterprises=frozenset(enterprises.known),
        experts=frozenset(experts.known),
        check=_Names(tables["enterprises"], tables["departments"], tables["experts"]).check,
    )
    return way_faults(tables["travel"], known, settings)
