"""Who is lawfully left out of a task before the commitment, each with its reason; docs/draw-spec.md §4.

In: history, quiet periods, tasks and who is competent. Out: exclusions of enterprises per task: annual cap
reached, cool-off, quiet all through the window. May import: the domain, the standard library.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduler.domain.plan import Exclusion, FrameRow
from scheduler.domain.registers import Item, QuietPeriod, Registers, Task
from scheduler.domain.settings import Exclusions, Settings
from scheduler.draw.people import Attendance
from scheduler.draw.scopes import Cell, Competence, Kind, applies, grouped, scope_of, within


@dataclass(frozen=True, kw_only=True)
class Records:
    """What was done at enterprises before: the days of an authority's inspections, and the last day of each
    item that was really inspected; and when they are not to be visited."""

    days: Mapping[tuple[str, str], frozenset[dt.date]]
    last: Mapping[tuple[str, str], dt.date]
    quiet: Mapping[str, tuple[QuietPeriod, ...]]

    def inspections(self, enterprise_id: str, authority: str, year: int) -> int:
        """How often the authority inspected in the calendar year: one day is one inspection, whoever came."""
        return sum(day.year == year for day in self.days.get((enterprise_id, authority), ()))


def records_of(registers: Registers, rules: Exclusions) -> Records:
    """The history as the rules look at it; where no rule does, none of it is kept."""
    homes = {row.department_id: row.authority for row in registers.departments}
    authorities = {row.inspector_id: homes.get(row.department_id, "") for row in registers.inspectors}
    days: dict[tuple[str, str], set[dt.date]] = {}
    last: dict[tuple[str, str], dt.date] = {}
    for row in registers.history if rules.annual_cap or rules.cool_off_days else ():
        days.setdefault((row.enterprise_id, authorities.get(row.inspector_id, "")), set()).add(row.day)
        for code in row.items:
            key = (row.enterprise_id, code)
            last[key] = max(row.day, last.get(key, row.day))
    quiet: dict[str, tuple[QuietPeriod, ...]] = {}
    for period in registers.quiet:
        if period.enterprise_id:
            quiet[period.enterprise_id] = (*quiet.get(period.enterprise_id, ()), period)
    return Records(days={key: frozenset(found) for key, found in days.items()}, last=last, quiet=quiet)


def excluded_from_tasks(
    registers: Registers,
    settings: Settings,
    frame: Iterable[FrameRow],
    competence: Competence,
    attendance: Attendance,
) -> list[Exclusion]:
    """Per task the enterprises of its scope that a record keeps out, with the first reason that holds."""
    records = records_of(registers, settings.exclusions)
    known = {ident for ident, _ in (*records.days, *records.last)} | set(records.quiet)
    groups = grouped(row for row in frame if row.enterprise_id in known)
    items = {item.item_code: item for item in registers.items}
    judge = _Judge(rules=settings.exclusions, records=records, competence=competence, days=attendance.days)
    found: list[Exclusion] = []
    for task in registers.tasks:
        own = [items[code] for code in dict.fromkeys(task.item_codes) if code in items]
        scope = scope_of(task, competence.by_id.get(task.lead_id), groups)
        for kind, place, ids in within(scope, groups):
            found += judge.exclusions(task, _applying(own, kind), place, ids)
    return found


def _applying(items: Iterable[Item], kind: Kind) -> list[Item]:
    return [item for item in items if applies(item, *kind)]


@dataclass(frozen=True, kw_only=True)
class _Judge:
    """The three reasons, in their order."""

    rules: Exclusions
    records: Records
    competence: Competence
    days: tuple[dt.date, ...]

    def exclusions(
        self, task: Task, items: list[Item], place: Cell, ids: Iterable[str]
    ) -> Iterable[Exclusion]:
        if not items:
            return  # out of the task's frame for another reason
        departments = (d for item in items for d in self.competence.departments(task, item, place.district))
        authorities = sorted({department.authority for department in departments})
        for ident in ids:
            reason, detail = self._reason(task, items, place.district, authorities, ident)
            if reason:
                yield Exclusion(
                    role="enterprise", subject_id=ident, task_id=task.task_id, reason=reason, detail=detail
                )

    def _reason(
        self, task: Task, items: list[Item], district: str, authorities: list[str], ident: str
    ) -> tuple[str, str]:
        capped = self._capped(task, authorities, ident)
        if capped is not None:
            return "excluded.cap", capped
        last = self._cooling(task, items, ident)
        if last is not None:
            return "excluded.cool_off", last.isoformat()
        if self._is_quiet(task, items, district, ident):
            return "excluded.quiet", ""
        return "", ""

    def _capped(self, task: Task, authorities: list[str], ident: str) -> str | None:
        cap = self.rules.annual_cap
        return next(
            (
                one
                for one in authorities
                if cap > 0 and self.records.inspections(ident, one, task.start.year) >= cap
            ),
            None,
        )

    def _cooling(self, task: Task, items: list[Item], ident: str) -> dt.date | None:
        """The day that counts: of the items' last days the earliest, where it is recent enough."""
        days = [self.records.last.get((ident, item.item_code)) for item in items]
        known = [day for day in days if day is not None]
        if not self.rules.cool_off_days or len(known) < len(items):
            return None
        recent = (task.start - min(known)).days <= self.rules.cool_off_days
        return min(known) if recent else None

    def _is_quiet(self, task: Task, items: list[Item], district: str, ident: str) -> bool:
        periods = [one for one in self.records.quiet.get(ident, ()) if one.district in {"", district}]
        window = [day for day in self.days if task.start <= day < task.end]
        if not periods or not window or all(item.method == "offsite" for item in items):
            return False
        return all(any(one.start <= day < one.end for one in periods) for day in window)
