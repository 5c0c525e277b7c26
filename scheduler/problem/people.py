"""Drawn people and their rows in; :class:`Person` records, pools and barred pairs out.

May import: the domain and this room. R02 and R04 are kept here: nobody but the drawn gets a position,
and a day after the certificate's last is nobody's day.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduler.domain.errors import InputError, Problem
from scheduler.domain.plan import DrawResult, Plan, Pool
from scheduler.domain.problem import Person
from scheduler.domain.registers import Department, Expert, Inspector, Recusal, Registers
from scheduler.domain.settings import Settings
from scheduler.problem.places import ORIGIN, Places, Spot
from scheduler.problem.times import Times


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Someone drawn: the register row, his pool's name, and the office for an officer.

    An expert drawn for several specialties is one person in a pool of its own, ``<pool>+<pool>``, so
    that one body never has two positions.
    """

    person_id: str
    row: Inspector | Expert
    pool: str
    specialties: frozenset[str]
    office: Department | None


def drawn_people(plan: Plan, registers: Registers, draw: DrawResult) -> tuple[Drawn, ...]:
    """Everyone drawn, sorted by id; reserves stay outside (R02).

    Errors, all at once: ``problem.unknown_id`` for a person, pool or department that no sealed table
    holds; ``problem.person_twice`` for an id drawn for more than one pool of officers, or as both kinds.
    """
    tables = _Tables(
        pools={pool.pool_id: pool for pool in plan.pools},
        inspectors={row.inspector_id: row for row in registers.inspectors},
        experts={row.expert_id: row for row in registers.experts},
        departments={row.department_id: row for row in registers.departments},
    )
    drawn: dict[str, list[str]] = {}
    for person in draw.people:
        if person.drawn:
            drawn.setdefault(person.person_id, []).append(person.pool_id)
    made = [_drawn(ident, sorted(drawn[ident]), tables) for ident in sorted(drawn)]
    problems = [one for one in made if isinstance(one, Problem)]
    if problems:
        raise InputError(problems)
    return tuple(one for one in made if isinstance(one, Drawn))


@dataclass(frozen=True, kw_only=True)
class _Tables:
    pools: dict[str, Pool]
    inspectors: dict[str, Inspector]
    experts: dict[str, Expert]
    departments: dict[str, Department]


def _drawn(person_id: str, names: list[str], tables: _Tables) -> Drawn | Problem:
    for name in names:
        if name not in tables.pools:
            return Problem(code="problem.unknown_id", params={"ident": name})
    pools = [tables.pools[name] for name in names]
    officers = [pool for pool in pools if pool.role == "officer"]
    if len(officers) > 1 or 0 < len(officers) < len(pools):
        return Problem(code="problem.person_twice", params={"person": person_id})
    row = tables.inspectors.get(person_id) if officers else tables.experts.get(person_id)
    office = tables.departments.get(row.department_id) if isinstance(row, Inspector) else None
    if row is None or (isinstance(row, Inspector) and office is None):
        return Problem(code="problem.unknown_id", params={"ident": person_id})
    return Drawn(
        person_id=person_id,
        row=row,
        pool="+".join(names),
        specialties=frozenset(pool.specialty for pool in pools if pool.role == "expert"),
        office=office,
    )


def circles(helpers: Mapping[str, Iterable[str]], pools: Iterable[Pool]) -> dict[str, str]:
    """Every department with a pool to the first of those it is tied to by who helps whom, over any number of
    steps among departments with a pool."""
    first = {pool.department_id: pool.department_id for pool in pools if pool.role == "officer"}
    for own, names in helpers.items():
        for helper in names:
            if own in first and helper in first:
                one, other = sorted((first[own], first[helper]))
                first = {ident: one if root == other else root for ident, root in first.items()}
    return first


def place_of(drawn: Drawn, places: Places) -> Spot:
    """Where the person's day starts and ends: the department's office, or the expert's own place."""
    where = drawn.row if isinstance(drawn.row, Expert) else drawn.office
    return places.of(where) if where is not None else ORIGIN


@dataclass(frozen=True, kw_only=True)
class Positions:
    """Positions by name inside one problem; ``fixed`` of the fixed groups, none where they do not count.
    ``evened`` is where the load of a department's people is evened out: by itself, or, where neighbours help,
    under the first of all that share seats with it over any number of steps."""

    pools: dict[str, int]
    fixed: dict[str, int]
    departments: dict[str, int]
    evened: dict[str, int]
    sites: dict[Spot, int]


def person(
    drawn: Drawn, skills: int, positions: Positions, places: Places, times: Times, settings: Settings
) -> Person:
    """The drawn person in integers; an expert has no department to be evened out in (-1).

    Of the plan's daily limit and the person's own in the register both hold; zero is none.
    """
    officer = drawn.row if isinstance(drawn.row, Inspector) else None
    limits = settings.limits
    days = times.person_days(drawn.person_id, officer.certificate_expires if officer else None)
    day_min = sum(end - start for start, end in settings.hours.pieces)
    return Person(
        person_id=drawn.person_id,
        pool_idx=positions.pools[drawn.pool],
        department_idx=positions.evened[officer.department_id] if officer else -1,
        site_idx=positions.sites[place_of(drawn, places)],
        days=days,
        skills=skills,
        capacity_min=max(settings.goals.capacity_floor_min, len(days) * day_min),
        is_leader=officer is not None and officer.is_leader,
        is_newcomer=officer is not None and officer.is_newcomer,
        fixed_idx=positions.fixed.get(officer.fixed_group, -1) if officer else -1,
        max_visits_day=_own(officer.max_visits_day if officer else None, limits.visits_day),
        max_minutes_day=_own(officer.max_minutes_day if officer else None, limits.minutes_day),
        max_visits_week=limits.visits_week,
        max_minutes_week=limits.minutes_week,
        max_visits=limits.visits_campaign,
        max_minutes=limits.minutes_campaign,
    )


def _own(personal: int | None, general: int) -> int:
    return min((limit for limit in (personal, general) if limit), default=0)


def binding(recusals: Iterable[Recusal], start: dt.date, end: dt.date) -> list[Recusal]:
    """Recusals that bind somewhere in ``[start, end)``: applied for or granted, and not outside in time.

    One that overlaps the window in part counts for all of it. This is on the safe side: a team never
    meets the recusal, and a lawful one on the remaining days may be missed.
    """
    return [
        row
        for row in recusals
        if row.state != "rejected"
        and (row.start is None or row.start < end)
        and (row.end is None or start < row.end)
    ]


def barred_pairs(
    recusals: Iterable[Recusal], index: Mapping[str, int], settings: Settings
) -> tuple[tuple[int, int], ...]:
    """Drawn people who may not be in one team, each pair ascending, sorted (R07)."""
    found = {
        (index[row.inspector_id], index[row.other_inspector_id])
        for row in binding(recusals, settings.start, settings.end)
        if row.other_inspector_id in index and row.inspector_id in index
    }
    return tuple(sorted({(min(pair), max(pair)) for pair in found if pair[0] != pair[1]}))
