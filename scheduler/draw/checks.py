"""What a campaign must keep before it can be committed, all told at once; docs/draw-spec.md §1, §12.

In: registers, settings. Out: problems, or none. May import: the domain, the standard library.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import get_args

from scheduler.domain.canonical import nfc
from scheduler.domain.errors import Problem
from scheduler.domain.hashes import Profile
from scheduler.domain.registers import RISK_CLASSES, Registers, Task
from scheduler.domain.settings import Settings
from scheduler.draw.entropy import entropy_problems
from scheduler.draw.orders import order_problems
from scheduler.draw.people import Attendance
from scheduler.draw.tickets import SEPARATOR

_ASCII_ID = re.compile(r"[!-:<-{}~]+")
"""Printable ASCII without space, ``;`` and ``|``."""

_HEAD = re.compile(r"[0-9a-f]{64}")
_NO_HEAD = "0" * 64
_SLOT_MOST = 64
_PERMILLE = 1000


def campaign_problems(registers: Registers, settings: Settings, attendance: Attendance) -> list[Problem]:
    """Everything wrong with ids, settings and tasks; empty where the campaign can be committed."""
    return [
        *_setting_problems(settings),
        *entropy_problems(settings),
        *_id_problems(registers),
        *_reference_problems(registers),
        *_window_problems(registers.tasks, settings, attendance),
        *_group_problems(registers.tasks),
        *_neighbour_problems(registers, settings),
        *order_problems(registers, settings, attendance.days),
    ]


def _setting_problems(settings: Settings) -> Iterator[Problem]:
    if not _ASCII_ID.fullmatch(settings.campaign_id):
        yield _id_form("campaign_id", settings.campaign_id)
    if not _is_slot(settings.slot):
        yield Problem(code="draw.slot", params={"most": _SLOT_MOST}, place={"value": settings.slot})
    if not _HEAD.fullmatch(settings.previous_head):
        yield Problem(code="draw.previous_head", place={"value": settings.previous_head})
    if settings.attempt > 1 and settings.previous_head == _NO_HEAD:
        yield Problem(code="draw.attempt_head", params={"attempt": settings.attempt})
    if settings.profile not in get_args(Profile):
        yield Problem(code="draw.setting_not_built", params={"setting": f"profile = {settings.profile}"})
    least = {
        "attempt": (settings.attempt, 1),
        "teams.officers": (settings.teams.officers, 2),  # 《行政处罚法》(2021) 第四十二条
        "pairs.cap_permille": (settings.pairs.cap_permille, 0),
        "pairs.spare": (settings.pairs.spare, 1),
        "pools.k_max": (settings.pools.k_max, 0),
        "quotas.reserves_listed": (settings.quotas.reserves_listed, 0),
    }
    if settings.pairs.cap_permille > _PERMILLE:
        bounds = {"value": settings.pairs.cap_permille, "most": _PERMILLE}
        yield Problem(code="draw.setting_most", params={"setting": "pairs.cap_permille", **bounds})
    for name, (value, bound) in least.items():
        if value < bound:
            yield Problem(code="draw.setting_range", params={"setting": name, "value": value, "least": bound})


def _is_slot(slot: str) -> bool:
    return (
        0 < len(slot) <= _SLOT_MOST
        and _is_text_id(slot)
        and not any(sign.isspace() for sign in slot)
        and any("0" <= sign <= "9" for sign in slot)
    )


def _id_problems(registers: Registers) -> Iterator[Problem]:
    ascii_ids = {
        "enterprise_id": [row.enterprise_id for row in registers.enterprises],
        "inspector_id": [row.inspector_id for row in registers.inspectors],
        "expert_id": [row.expert_id for row in registers.experts],
    }
    text_ids = {
        "department_id": [row.department_id for row in registers.departments],
        "item_code": [row.item_code for row in registers.items],
        "task_id": [row.task_id for row in registers.tasks],
    }
    for name, values in (ascii_ids | text_ids).items():
        sound = _ASCII_ID.fullmatch if name in ascii_ids else _is_text_id
        yield from (_id_form(name, value) for value in values if not sound(value))
        yield from (
            Problem(code="draw.id_twice", params={"column": name}, place={"value": value})
            for value in _twice(values)
        )
    officers = set(ascii_ids["inspector_id"])
    yield from (
        Problem(code="draw.id_twice", params={"column": "expert_id"}, place={"value": value})
        for value in sorted(officers.intersection(ascii_ids["expert_id"]))
    )
    names = {
        "group": {row.group for row in registers.tasks if row.group},
        "district": {row.district for row in registers.enterprises if row.district},
        "expert": {row.expert for row in registers.items if row.expert},
        "qualification": {row.qualification for row in registers.items if row.qualification},
        "authority": {row.authority for row in registers.departments},
        "unit": {row.unit for row in registers.departments},
    }
    unknown = {row.risk_class for row in registers.enterprises}.difference(RISK_CLASSES)
    yield from (Problem(code="draw.risk_class", place={"value": value}) for value in sorted(unknown))
    for name, found in names.items():
        yield from (_id_form(name, value) for value in sorted(found) if not _is_text_id(value))


def _is_text_id(value: str) -> bool:
    return bool(value) and value.isprintable() and SEPARATOR not in value and nfc(value) == value


def _id_form(name: str, value: str) -> Problem:
    return Problem(code="draw.id_form", params={"column": name}, place={"value": value})


def _twice(values: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for value in values:
        (twice if value in seen else seen).add(value)
    return sorted(twice)


def _reference_problems(registers: Registers) -> Iterator[Problem]:
    departments = {row.department_id for row in registers.departments}
    items = {row.item_code for row in registers.items}
    for task in registers.tasks:
        for code in dict.fromkeys((task.lead_id, *task.cooperating_ids)):
            if code not in departments:
                yield _of(task, "draw.department_unknown", code)
        for code in dict.fromkeys(task.item_codes):
            if code not in items:
                yield _of(task, "draw.item_unknown", code)


def _window_problems(tasks: Iterable[Task], settings: Settings, attendance: Attendance) -> Iterator[Problem]:
    for task in tasks:
        window = f"{task.start.isoformat()}/{task.end.isoformat()}"
        if not settings.start <= task.start < task.end <= settings.end:
            yield _of(task, "draw.task_window", window)
        elif not any(task.start <= day < task.end for day in attendance.days):
            yield _of(task, "draw.no_working_day", window)


def _group_problems(tasks: Iterable[Task]) -> Iterator[Problem]:
    groups: dict[str, list[Task]] = {}
    for task in tasks:
        if task.group:
            groups.setdefault(task.group, []).append(task)
    for group, members in sorted(groups.items()):
        for one, other in combinations(members, 2):
            if max(one.start, other.start) >= min(one.end, other.end):
                params = {"group": group, "task": one.task_id, "other": other.task_id}
                yield Problem(code="draw.group_windows", params={**params})


def _neighbour_problems(registers: Registers, settings: Settings) -> Iterator[Problem]:
    """Where neighbours help: two departments of the register, of one field; and at least one such pair."""
    if not settings.teams.neighbours_help:
        return
    fields = {row.department_id: row.field for row in registers.departments}
    for row in registers.neighbours:
        known = row.department_id in fields and row.helper_id in fields
        alike = known and fields[row.department_id] == fields[row.helper_id]
        if not alike or row.department_id == row.helper_id:
            pair = {"department": row.department_id, "helper": row.helper_id}
            yield Problem(code="draw.neighbour", params={**pair})
    if not registers.neighbours:
        yield Problem(code="draw.no_neighbours")


def _of(task: Task, code: str, value: str) -> Problem:
    return Problem(code=code, params={"task": task.task_id}, place={"value": value})
