"""Who is lawfully out of a task before the commitment: cap, cool-off, quiet (``docs/draw-spec.md`` §4).

In: registers, settings, an enterprise and the work of its tasks. Out: per task the reason, recomputed.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.domain.registers import Enterprise, Item, QuietPeriod, Registers, Task
from scheduler.domain.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Duty:
    """A task's work at one enterprise: the items that apply there and the departments that do them."""

    task: Task
    items: tuple[Item, ...]
    department_ids: tuple[str, ...]


class Exemptions:
    """The history and the quiet periods by enterprise, ready to be asked."""

    def __init__(self, registers: Registers, settings: Settings) -> None:
        self._cap = settings.exclusions.annual_cap
        self._cool_off = settings.exclusions.cool_off_days
        self._authority = {d.department_id: d.authority for d in registers.departments}
        self._visits: dict[str, set[tuple[str, dt.date]]] = defaultdict(set)
        self._seen: dict[str, dict[str, dt.date]] = defaultdict(dict)
        self._quiet: dict[str, list[QuietPeriod]] = defaultdict(list)
        self._working = sorted({c.day for c in registers.calendar if c.is_working})
        employer = {i.inspector_id: i.department_id for i in registers.inspectors}
        if self._cap or self._cool_off:
            for row in registers.history:
                owner = self._authority.get(employer.get(row.inspector_id, ""), "")
                self._visits[row.enterprise_id].add((owner, row.day))
                seen = self._seen[row.enterprise_id]
                seen.update({code: max(row.day, seen.get(code, row.day)) for code in row.items})
        for period in registers.quiet:
            if period.enterprise_id:
                self._quiet[period.enterprise_id].append(period)

    def concerns(self, enterprise_id: str) -> bool:
        """Whether any record speaks of the enterprise: of most none does."""
        return enterprise_id in self._visits or enterprise_id in self._quiet

    def known(self) -> frozenset[str]:
        """All whom some record speaks of."""
        return frozenset((*self._visits, *self._quiet))

    def inspections(self, enterprise_id: str, year: int) -> Mapping[str, int]:
        """By authority on how many days of the year it inspected there."""
        found: dict[str, int] = defaultdict(int)
        for owner, day in self._visits.get(enterprise_id, ()):
            found[owner] += day.year == year
        return found

    def authorities_at_cap(self, enterprise_id: str, duty: Duty) -> list[str]:
        """Authorities with an item of the task there whose inspections of the year reach the cap, sorted."""
        owners = {self._authority[name] for name in duty.department_ids if name in self._authority}
        done = self.inspections(enterprise_id, duty.task.start.year)
        return sorted(owner for owner in owners if 0 < self._cap <= done.get(owner, 0))

    def reason(self, enterprise: Enterprise, duty: Duty) -> tuple[str, str] | None:
        """Reason and detail, the first that holds; None where the enterprise stays in the task's frame."""
        if not duty.items or not self.concerns(enterprise.enterprise_id):
            return None
        capped = self.authorities_at_cap(enterprise.enterprise_id, duty)
        if capped:
            return "excluded.cap", capped[0]
        seen = self._seen.get(enterprise.enterprise_id, {})
        if self._cool_off and all(item.item_code in seen for item in duty.items):
            oldest = min(seen[item.item_code] for item in duty.items)
            if duty.task.start.toordinal() - self._cool_off <= oldest.toordinal():
                return "excluded.cool_off", oldest.isoformat()
        return ("excluded.quiet", "") if self._is_quiet(enterprise, duty) else None

    def _is_quiet(self, enterprise: Enterprise, duty: Duty) -> bool:
        """Whether the enterprise's own quiet periods leave no working day of the window for a visit there."""
        own = [
            (period.start, period.end)
            for period in self._quiet.get(enterprise.enterprise_id, ())
            if not period.district or period.district == enterprise.district
        ]
        task = duty.task
        days = [day for day in self._working if task.start <= day < task.end]
        left = [day for day in days if not any(start <= day < end for start, end in own)]
        return bool(days) and not left and any(item.method == "onsite" for item in duty.items)
