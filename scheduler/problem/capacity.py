"""Seats that visits ask for, who may take them, and how much each of these people can carry at most.

In: plan, registers, visits, people in force and waiting. Out: :class:`Field`. May import: the domain and this
room. Written from docs/draw-spec.md §9.1.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.plan import DrawnPerson, Plan, Pool
from scheduler.domain.registers import Expert, Inspector, Recusal, Registers
from scheduler.domain.reserves import Measure
from scheduler.domain.settings import Limits, Settings
from scheduler.domain.visits import MergeResult, Visit
from scheduler.problem.people import binding
from scheduler.problem.seats import covers
from scheduler.problem.skills import may_do
from scheduler.problem.times import Times, times

Unit = Sequence[DrawnPerson]
"""One reserve: a person, or the people of one fixed group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """One visit's seats of one need, and who of everybody in question might take one."""

    visit_id: str
    start: dt.date
    end: dt.date
    seats: int
    minutes: int
    able: frozenset[str]


class Field:
    """What all pools are judged by: demands, working days, people in force by what they can sit for.

    A *key* is ``("officer", department)`` or ``("expert", pool)``: the seats that its people may take.
    Whoever helps other departments may take theirs as well.
    """

    def __init__(
        self,
        plan: Plan,
        registers: Registers,
        merged: MergeResult,
        people: Sequence[DrawnPerson],
        waiting: Mapping[str, Sequence[Unit]],
    ) -> None:
        self.settings: Settings = plan.settings
        self.waiting = waiting
        self.pools = {pool.pool_id: pool for pool in plan.pools}
        self.times: Times = times(registers, plan.settings)
        self.staff: dict[str, Inspector | Expert] = {row.inspector_id: row for row in registers.inspectors}
        self.staff |= {row.expert_id: row for row in registers.experts}
        self.recusals: dict[str, list[Recusal]] = {}
        for recusal in registers.recusals:
            self.recusals.setdefault(recusal.enterprise_id, []).append(recusal)
        self.departments = {row.department_id: row for row in registers.departments}
        self.enterprises = {row.enterprise_id: row for row in registers.enterprises}
        self.items = {row.item_code: row for row in registers.items}
        helpers = registers.helpers(plan.settings.teams)
        self._helped = {
            helper: tuple(sorted(own for own, names in helpers.items() if helper in names))
            for helper in {name for names in helpers.values() for name in names}
        }
        self.in_force: dict[tuple[str, str], list[str]] = {}
        self.possible: dict[tuple[str, str], set[str]] = {}
        self._days: dict[str, tuple[dt.date, ...]] = {}
        for row in people:
            if row.drawn and row.pool_id in self.pools:
                self.add(self.pools[row.pool_id], [row.person_id])
        for pool in plan.pools:
            also = {row.person_id for unit in waiting.get(pool.pool_id, ()) for row in unit}
            for key in self._keys(pool):
                self.possible.setdefault(key, set()).update(also & self.staff.keys())
        self.demands: dict[tuple[str, str], dict[str, list[Demand]]] = {}
        self.hopeless: set[str] = set()
        for visit in sorted(merged.visits, key=lambda one: one.visit_id):
            self._enter(visit)

    def add(self, pool: Pool, idents: Sequence[str]) -> None:
        """Put people in force."""
        for key in self._keys(pool):
            own = self.in_force.setdefault(key, [])
            own += [ident for ident in idents if ident not in own and ident in self.staff]
            self.possible.setdefault(key, set()).update(own)

    def _keys(self, pool: Pool) -> Iterator[tuple[str, str]]:
        """The seats for which the pool's people count: its own, and those of the departments they help."""
        yield key_of(pool)
        yield from (("officer", own) for own in self._helped.get(pool.department_id, ()))

    def days(self, person_id: str) -> tuple[dt.date, ...]:
        """The working days on which the person may work, ascending."""
        if person_id not in self._days:
            row = self.staff[person_id]
            last = row.certificate_expires if isinstance(row, Inspector) else None
            own = self.times.person_days(person_id, last)
            self._days[person_id] = tuple(self.times.days[n] for n in own)
        return self._days[person_id]

    def _enter(self, visit: Visit) -> None:
        wanted = list(self._wanted(visit))
        if self._unplaceable(visit) or any(len(one.able) < one.seats for _, _, one in wanted):
            self.hopeless.add(visit.visit_id)
            return
        for key, need, demand in wanted:
            self.demands.setdefault(key, {}).setdefault(need, []).append(demand)

    def _unplaceable(self, visit: Visit) -> bool:
        enterprise = self.enterprises[visit.enterprise_id]
        pieces, grid = self.times.visit_pieces(visit, enterprise), self.settings.hours.grid_min
        return not any(-(-start // grid) * grid + visit.duration_min <= end for start, end in pieces)

    def _wanted(self, visit: Visit) -> Iterator[tuple[tuple[str, str], str, Demand]]:
        """Every need of the visit: a team per department, somebody for each item, an expert per specialty."""
        teams = self.settings.teams
        work = list(zip(visit.item_codes, visit.department_ids, strict=True))
        for department in sorted(set(visit.department_ids)):
            key = ("officer", department)
            able = self._able(visit, key)
            yield key, "", _demand(visit, teams.officers if teams.per == "department" else 1, able)
            for code in sorted({code for code, own in work if own == department}):
                yield (
                    key,
                    f"item:{code}",
                    _demand(visit, 1, {one for one in able if self._masters(one, code)}),
                )
            if teams.leader_required and teams.per == "department":
                yield key, "leader", _demand(visit, 1, {one for one in able if self._leads(one)})
        for specialty in sorted({self.items[code].expert for code in visit.item_codes} - {""}):
            key = ("expert", specialty)
            yield key, "", _demand(visit, 1, self._able(visit, key))

    def _masters(self, person_id: str, code: str) -> bool:
        row = self.staff[person_id]
        return isinstance(row, Inspector) and may_do(row, self.items[code])

    def _leads(self, person_id: str) -> bool:
        row = self.staff[person_id]
        return isinstance(row, Inspector) and row.is_leader

    def _able(self, visit: Visit, key: tuple[str, str]) -> set[str]:
        enterprise, kind = self.enterprises[visit.enterprise_id], key[0]
        if kind == "officer" and not covers(self.departments[key[1]], enterprise.district):
            return set()
        own = self.times.visit_days(visit, enterprise)
        days = {self.times.days[n] for n in own}
        rows = self.recusals.get(enterprise.enterprise_id, ())
        barred = {row.inspector_id for row in binding(rows, visit.start, visit.end)}
        return {
            one
            for one in self.possible.get(key, ())
            if one not in barred and not days.isdisjoint(self.days(one))
        }


def key_of(pool: Pool) -> tuple[str, str]:
    """For which seats the pool is, and its reserves are called."""
    return ("expert", pool.specialty) if pool.role == "expert" else ("officer", pool.department_id)


def _demand(visit: Visit, seats: int, able: set[str]) -> Demand:
    return Demand(
        visit_id=visit.visit_id,
        start=visit.start,
        end=visit.end,
        seats=seats,
        minutes=visit.duration_min,
        able=frozenset(able),
    )


def limit_of(person: Inspector | Expert, settings: Settings, unit: Measure) -> tuple[int, int, int]:
    """The most a day, an ISO week and the campaign; 0 is no limit."""
    limits: Limits = settings.limits
    officer = person if isinstance(person, Inspector) else None
    if unit == "visits":
        own = officer.max_visits_day if officer else None
        return _smaller(limits.visits_day, own), limits.visits_week, limits.visits_campaign
    own = officer.max_minutes_day if officer else None
    day = sum(end - start for start, end in settings.hours.pieces)
    return min(day, _smaller(limits.minutes_day, own) or day), limits.minutes_week, limits.minutes_campaign


def _smaller(general: int, own: int | None) -> int:
    return min((limit for limit in (general, own) if limit), default=0)


def most_in(days: Sequence[dt.date], limits: tuple[int, int, int]) -> int:
    """What fits into the days under limits a day, a week and a campaign; -1 where nothing limits it."""
    day, week, campaign = limits
    weeks = Counter(one.isocalendar()[:2] for one in days)
    if not day and not week:
        return campaign or -1
    in_weeks = sum(min(n * day if day else week, week or n * day) for n in weeks.values())
    return min(in_weeks, campaign) if campaign else in_weeks
