"""Who is in a pool, when they can work, and who is left out with which reason; docs/draw-spec.md §4, §8, §9.

In: the registers of people, calendar, leave. Out: members, capacities in minutes, exclusions, tickets'
holders of a label. May import: the domain, the standard library.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from scheduler.domain.plan import Exclusion, Pool
from scheduler.domain.registers import Expert, Inspector, Item, Registers
from scheduler.domain.settings import Settings, Teams

QUALIFICATION_LABEL = "qualification:"
ITEM_LABEL = "item:"

Member = Inspector | Expert
OfficerStratum = Literal["", "leaders", "fixed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """Who is drawn by one ticket: a person under his own id, or a fixed group under its name."""

    ident: str
    members: tuple[Member, ...]


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """The campaign's working days, ascending, and each person's days of leave."""

    days: tuple[dt.date, ...]
    leave: dict[str, frozenset[dt.date]]

    def common_days(self, unit: Unit) -> list[dt.date]:
        """The working days on which all of the unit may inspect, ascending."""
        first, *others = (self.available_days(person) for person in unit.members)
        also = [frozenset(days) for days in others]
        return [day for day in first if all(day in days for days in also)]

    def available_days(self, person: Member) -> list[dt.date]:
        """The working days on which the person may inspect, ascending: no leave, certificate valid."""
        away = self.leave.get(person_id(person), frozenset())
        last = person.certificate_expires if isinstance(person, Inspector) else dt.date.max
        return [day for day in self.days if day <= last and day not in away]


def attendance_of(registers: Registers, settings: Settings) -> Attendance:
    """Working days of the campaign and leave within them."""
    days = sorted(
        {row.day for row in registers.calendar if row.is_working and settings.start <= row.day < settings.end}
    )
    leave: dict[str, set[dt.date]] = {}
    for row in registers.leave:
        leave.setdefault(row.person_id, set()).update(day for day in days if row.start <= day < row.end)
    return Attendance(
        days=tuple(days), leave={person: frozenset(away) for person, away in sorted(leave.items())}
    )


def person_id(person: Member) -> str:
    """The id by which a ticket, leave or a recusal names the person."""
    return person.inspector_id if isinstance(person, Inspector) else person.expert_id


def excluded_people(registers: Registers, settings: Settings, attendance: Attendance) -> list[Exclusion]:
    """Who is left out of every pool before the draw, each with the first reason that holds."""
    pairs = {row.department_id: (row.authority, row.unit) for row in registers.departments}
    found = []
    for inspector in registers.inspectors:
        pair = pairs.get(inspector.department_id)
        reason, detail = "", ""
        if pair is None:
            continue
        if inspector.certificate_expires < settings.start:
            reason, detail = "excluded.certificate", inspector.certificate_expires.isoformat()
        elif pair != (inspector.authority, inspector.unit):
            reason, detail = "excluded.jurisdiction", inspector.department_id
        elif not attendance.available_days(inspector):
            reason = "excluded.absent"
        if reason:
            found.append(
                Exclusion(role="inspector", subject_id=inspector.inspector_id, reason=reason, detail=detail)
            )
    found += [
        Exclusion(role="expert", subject_id=expert.expert_id, reason="excluded.absent")
        for expert in registers.experts
        if not attendance.available_days(expert)
    ]
    return found


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Everyone who may be drawn: officers by department, experts by specialty; ``teams`` parts the officers
    into strata."""

    officers: dict[str, list[Inspector]]
    experts: dict[str, list[Expert]]
    teams: Teams


def staff_of(registers: Registers, excluded: Iterable[Exclusion], teams: Teams) -> Staff:
    """The registers' people less the excluded; of a department only those of its own jurisdiction."""
    left_out = {
        (row.role, row.subject_id) for row in excluded if not row.task_id and row.role != "enterprise"
    }
    pairs = {row.department_id: (row.authority, row.unit) for row in registers.departments}
    officers: dict[str, list[Inspector]] = {}
    for inspector in registers.inspectors:
        if ("inspector", inspector.inspector_id) in left_out:
            continue
        if pairs.get(inspector.department_id) == (inspector.authority, inspector.unit):
            officers.setdefault(inspector.department_id, []).append(inspector)
    experts: dict[str, list[Expert]] = {}
    for expert in registers.experts:
        if ("expert", expert.expert_id) not in left_out:
            for specialty in dict.fromkeys(expert.specialties):
                experts.setdefault(specialty, []).append(expert)
    return Staff(officers=officers, experts=experts, teams=teams)


def stratum_of(inspector: Inspector, teams: Teams) -> OfficerStratum:
    """Which of a department's pools the officer is in: a fixed group's, the leaders', or the others'."""
    if teams.fixed_groups and inspector.fixed_group:
        return "fixed"
    return "leaders" if teams.leader_required and inspector.is_leader else ""


def units_of(pool: Pool, staff: Staff) -> Sequence[Unit]:
    """Who is drawn from the pool: everyone alone, or fixed groups; in the register's order, of groups that of
    their first members."""
    if pool.role == "expert":
        return [Unit(ident=one.expert_id, members=(one,)) for one in staff.experts.get(pool.specialty, [])]
    return officer_units(staff, pool.department_id, pool.stratum)


def officer_units(staff: Staff, department_id: str, stratum: OfficerStratum) -> Sequence[Unit]:
    """The units of one stratum of a department's officers."""
    found: dict[str, list[Inspector]] = {}
    for one in staff.officers.get(department_id, []):
        if stratum_of(one, staff.teams) == stratum:
            found.setdefault(one.fixed_group if stratum == "fixed" else one.inspector_id, []).append(one)
    return [Unit(ident=ident, members=tuple(members)) for ident, members in found.items()]


def holds_qualification(inspector: Inspector, qualification: str) -> bool:
    """Whether the officer has the qualification; an empty one is held by all."""
    return not qualification or qualification in inspector.qualifications


def may_check(inspector: Inspector, item: Item) -> bool:
    """Whether the officer has the item's qualification and it lies in his scope (事项范围)."""
    if not holds_qualification(inspector, item.qualification):
        return False
    return not inspector.item_scopes or any(
        item.item_code.startswith(scope[:-1]) if scope.endswith("*") else item.item_code == scope
        for scope in inspector.item_scopes
    )


def holds_label(unit: Unit, label: str, items: dict[str, Item]) -> bool:
    """Whether somebody of the unit counts for a label of ``Pool.qualification_quotas``."""
    return any(_holds_label(person, label, items) for person in unit.members)


def _holds_label(person: Member, label: str, items: dict[str, Item]) -> bool:
    if not isinstance(person, Inspector):
        return False
    if label.startswith(QUALIFICATION_LABEL):
        return holds_qualification(person, label.removeprefix(QUALIFICATION_LABEL))
    item = items.get(label.removeprefix(ITEM_LABEL))
    return item is not None and may_check(person, item)
