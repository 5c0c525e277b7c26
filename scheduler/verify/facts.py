"""The evidence in the order in which checks ask for it: looked up by id, person and day.

In: :class:`Evidence` and the census of its population. Out: :class:`Facts`, built once, read by all checks.
Lookups never fail: what a table names and no other table holds is simply absent, and some check says so.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from scheduler.domain.plan import Pool
from scheduler.domain.registers import (
    Department,
    Enterprise,
    Expert,
    Inspector,
    Item,
    Leave,
    Recusal,
    Registers,
    Task,
)
from scheduler.domain.schedule import Seat
from scheduler.domain.settings import Settings, Teams
from scheduler.domain.visits import Requirement, Visit
from scheduler.verify.census import Census
from scheduler.verify.evidence import Evidence
from scheduler.verify.ground import Ground, Point, ground_of


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Stay:
    """One person's time at one visit: ``[start_min, end_min)`` on a day, and where that is."""

    start_min: int
    end_min: int
    visit_id: str
    point: Point


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """An inspector or expert as the roster may use him: where he starts from, when, and how much.

    ``days`` are the working days of the campaign on which he may work; limits of 0 are none.
    """

    person_id: str
    is_officer: bool
    home: Point
    days: frozenset[dt.date]
    capacity_min: int
    max_visits_day: int
    max_minutes_day: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything by id. ``seats`` are grouped by visit, ``stays`` by person and day in time order.

    ``pools_of`` are the pools a person may be sent from (drawn in or called from as a reserve, and not
    replaced), ``drawn_for`` such people per pool; ``workers`` is everyone in a register.
    """

    evidence: Evidence
    census: Census
    settings: Settings
    ground: Ground
    departments: dict[str, Department]
    inspectors: dict[str, Inspector]
    experts: dict[str, Expert]
    items: dict[str, Item]
    tasks: dict[str, Task]
    enterprises: dict[str, Enterprise]
    requirements: dict[str, Requirement]
    visits: dict[str, Visit]
    seats: dict[str, tuple[Seat, ...]]
    stays: dict[str, dict[dt.date, tuple[Stay, ...]]]
    workers: dict[str, Worker]
    pools_of: dict[str, tuple[Pool, ...]]
    drawn_for: dict[str, tuple[str, ...]]
    working_days: tuple[dt.date, ...]
    recusals: dict[str, tuple[Recusal, ...]]

    @cached_property
    def fixed_groups(self) -> dict[str, tuple[str, ...]]:
        """Each fixed group's members who may be sent, sorted; none where the plan does not ask for them."""
        found: dict[str, list[str]] = defaultdict(list)
        for person in sorted(self.pools_of) if self.settings.teams.fixed_groups else ():
            officer = self.inspectors.get(person)
            if officer is not None and officer.fixed_group:
                found[officer.fixed_group].append(person)
        return {name: tuple(people) for name, people in sorted(found.items())}

    @cached_property
    def helpers(self) -> dict[str, frozenset[str]]:
        """Each department's helpers (R08)."""
        return helpers_of(self.evidence.registers, self.settings.teams)

    def site(self, visit: Visit) -> Point:
        """Where a visit takes place: at the enterprise, or a desk check at the lead department's office."""
        enterprise = self.enterprises.get(visit.enterprise_id)
        if not visit.on_site:
            return office_point(self.ground, self._host(visit, enterprise))
        if enterprise is None:
            return self.ground.point(None, None)
        here = enterprise
        return self.ground.point(here.lon_udeg, here.lat_udeg, here.district, here.enterprise_id)

    def _host(self, visit: Visit, enterprise: Enterprise | None) -> Department | None:
        """Whose office a desk check uses: that of the lead of its first requirement's task, or in mode
        市抽县查 the district department of the same field."""
        first = self.requirements.get(visit.requirement_ids[0]) if visit.requirement_ids else None
        task = None if first is None else self.tasks.get(first.task_id)
        lead = None if task is None else self.departments.get(task.lead_id)
        if task is None or lead is None or enterprise is None or task.mode != "municipal_to_district":
            return lead
        return next(iter(local_departments(self.departments, lead.field, enterprise.district)), lead)

    def district(self, visit: Visit) -> str:
        """The district of the visited enterprise, empty where it is unknown."""
        enterprise = self.enterprises.get(visit.enterprise_id)
        return "" if enterprise is None else enterprise.district


def helpers_of(registers: Registers, teams: Teams) -> dict[str, frozenset[str]]:
    """By department those whose officers may take its seats beside its own, as the committed table says; none
    where the plan does not let neighbours help."""
    rows = registers.neighbours if teams.neighbours_help else ()
    helped = {row.department_id for row in rows}
    return {own: frozenset(row.helper_id for row in rows if row.department_id == own) for own in helped}


def office_point(ground: Ground, department: Department | None) -> Point:
    """A department's office; without coordinates the centre of the one district it covers, else the
    campaign's."""
    if department is None:
        return ground.point(None, None)
    own, where = department, department.districts
    district = where[0] if len(where) == 1 else ""
    return ground.point(own.lon_udeg, own.lat_udeg, district, own.department_id)


def local_departments(
    departments: Mapping[str, Department], field: str, district: str
) -> tuple[Department, ...]:
    """The district-level departments of a field that cover the district (none named: all), by id."""
    return tuple(
        department
        for _, department in sorted(departments.items())
        if department.level == "district"
        and department.field == field
        and (not department.districts or district in department.districts)
    )


def facts_of(evidence: Evidence, census: Census) -> Facts:
    """Index the evidence; of the population only the enterprises that the census kept."""
    registers, settings = evidence.registers, evidence.plan.settings
    ground = ground_of(evidence.plan, registers.travel)
    departments = {d.department_id: d for d in registers.departments}
    days = tuple(
        sorted({c.day for c in registers.calendar if c.is_working and settings.start <= c.day < settings.end})
    )
    facts = Facts(
        evidence=evidence,
        census=census,
        settings=settings,
        ground=ground,
        departments=departments,
        inspectors={i.inspector_id: i for i in registers.inspectors},
        experts={e.expert_id: e for e in registers.experts},
        items={i.item_code: i for i in registers.items},
        tasks=registers.tasks_and_orders(),
        enterprises=census.kept,
        requirements={r.requirement_id: r for r in evidence.requirements},
        visits={v.visit_id: v for v in evidence.visits},
        seats=_by_visit(evidence.seats),
        stays={},
        workers=_workers(evidence, ground, departments, days),
        pools_of=_pools_of(evidence),
        drawn_for=_drawn_for(evidence),
        working_days=days,
        recusals=_recusals(registers.recusals),
    )
    facts.stays.update(_stays(facts))
    return facts


def _by_visit(seats: Iterable[Seat]) -> dict[str, tuple[Seat, ...]]:
    found: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        found[seat.visit_id].append(seat)
    return {visit_id: tuple(rows) for visit_id, rows in found.items()}


def _stays(facts: Facts) -> dict[str, dict[dt.date, tuple[Stay, ...]]]:
    found: dict[str, dict[dt.date, set[Stay]]] = defaultdict(lambda: defaultdict(set))
    for visit_id, seats in facts.seats.items():
        visit = facts.visits.get(visit_id)
        point = facts.ground.point(None, None) if visit is None else facts.site(visit)
        for seat in seats:
            stay = Stay(start_min=seat.start_min, end_min=seat.end_min, visit_id=visit_id, point=point)
            found[seat.person_id][seat.day].add(stay)
    return {
        person: {day: tuple(sorted(stays)) for day, stays in sorted(days.items())}
        for person, days in sorted(found.items())
    }


def in_force(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """Pool and person of whoever may be sent, in the order of the tables: drawn, or called by a reserve event
    (whether that was lawful is R02's matter), and neither replaced by one nor in the fixed group of such a
    person."""
    out = {event.event.person_id for event in evidence.reserves if event.event.person_id}
    units = {(row.pool_id, row.ticket) for row in evidence.people if row.person_id in out}
    out |= {row.person_id for row in evidence.people if (row.pool_id, row.ticket) in units}
    drawn = [(row.pool_id, row.person_id) for row in evidence.people if row.drawn]
    called = [(row.pool_id, row.person_id) for event in evidence.reserves for row in event.called]
    return tuple(dict.fromkeys(pair for pair in (*drawn, *called) if pair[1] not in out))


def _pools_of(evidence: Evidence) -> dict[str, tuple[Pool, ...]]:
    pools = {pool.pool_id: pool for pool in evidence.plan.pools}
    found: dict[str, list[Pool]] = defaultdict(list)
    for pool_id, person_id in in_force(evidence):
        if pool_id in pools:
            found[person_id].append(pools[pool_id])
    return {person: tuple(rows) for person, rows in found.items()}


def _drawn_for(evidence: Evidence) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for pool_id, person_id in in_force(evidence):
        found[pool_id].add(person_id)
    return {pool_id: tuple(sorted(people)) for pool_id, people in found.items()}


def _recusals(recusals: Iterable[Recusal]) -> dict[str, tuple[Recusal, ...]]:
    """Binding recusals (applied for or granted alike) by either person they name."""
    found: dict[str, list[Recusal]] = defaultdict(list)
    for recusal in recusals:
        if recusal.state != "rejected":
            found[recusal.inspector_id].append(recusal)
            if recusal.other_inspector_id:
                found[recusal.other_inspector_id].append(recusal)
    return {person: tuple(rows) for person, rows in found.items()}


def _workers(
    evidence: Evidence, ground: Ground, departments: dict[str, Department], days: tuple[dt.date, ...]
) -> dict[str, Worker]:
    settings = evidence.plan.settings
    away: dict[str, list[Leave]] = defaultdict(list)
    for leave in evidence.registers.leave:
        away[leave.person_id].append(leave)
    workers: dict[str, Worker] = {}
    for expert in evidence.registers.experts:
        free = _free_days(days, away[expert.expert_id], dt.date.max)
        home = ground.point(expert.lon_udeg, expert.lat_udeg, name=expert.expert_id)
        workers[expert.expert_id] = _worker(settings, expert.expert_id, home, free)
    for officer in evidence.registers.inspectors:
        free = _free_days(days, away[officer.inspector_id], officer.certificate_expires)
        home = office_point(ground, departments.get(officer.department_id))
        workers[officer.inspector_id] = _worker(settings, officer.inspector_id, home, free, officer)
    return workers


def _free_days(days: tuple[dt.date, ...], away: list[Leave], last: dt.date) -> frozenset[dt.date]:
    """The days up to the last one without those of any leave; the days ascend."""
    free = set(days[: bisect_right(days, last)])
    for one in away:
        free.difference_update(days[bisect_left(days, one.start) : bisect_left(days, one.end)])
    return frozenset(free)


def _worker(
    settings: Settings,
    person_id: str,
    home: Point,
    days: frozenset[dt.date],
    officer: Inspector | None = None,
) -> Worker:
    own_visits = None if officer is None else officer.max_visits_day
    own_minutes = None if officer is None else officer.max_minutes_day
    minutes = sum(end - start for start, end in settings.hours.pieces)
    return Worker(
        person_id=person_id,
        is_officer=officer is not None,
        home=home,
        days=days,
        capacity_min=max(settings.goals.capacity_floor_min, len(days) * minutes),
        max_visits_day=_smaller(settings.limits.visits_day, own_visits),
        max_minutes_day=_smaller(settings.limits.minutes_day, own_minutes),
    )


def _smaller(general: int, own: int | None) -> int:
    """The plan's limit and the person's own hold both; 0 is none."""
    return min((limit for limit in (general, own) if limit), default=0)
