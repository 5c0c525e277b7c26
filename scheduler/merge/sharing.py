"""May these requirements of one enterprise share one visit? Settings and items in; broken rules out.

May import: the domain and the standard library. Every rule here only ever gets stricter as a visit
grows, which is what the packing relies on: a part of what fits, fits.
"""

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.registers import Item
from scheduler.domain.settings import Merging, Teams
from scheduler.domain.visits import Requirement

REASONS = (
    "merge.reason_window",
    "merge.reason_incompatible",
    "merge.reason_departments",
    "merge.reason_officers",
    "merge.reason_minutes",
    "merge.reason_opening",
)
"""Why requirements may not share a visit, in the order in which reasons are told."""


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """What a shared visit has to keep at one enterprise.

    ``days`` are the working days of the campaign without the enterprise's quiet periods, ascending;
    ``day_min`` is the longest stretch of the working day, ``open_min`` the longest of it within the
    opening hours, both counted from the first start on the grid.
    """

    items: Mapping[str, Item]
    merging: Merging
    teams: Teams
    days: tuple[dt.date, ...]
    day_min: int
    open_min: int

    def broken(self, together: Sequence[Requirement]) -> tuple[str, ...]:
        """Which of :data:`REASONS` keep them apart, in that order; empty where they may share."""
        minutes = duration(pairs(together), self.items, self.merging)
        kept = (
            self._same_day(together),
            self._compatible(together),
            _within(len(departments(together)), self.merging.max_departments),
            _within(self._people(together), self.merging.max_officers),
            _within(minutes, self.merging.max_minutes) and minutes <= self.day_min,
            minutes <= self.open_min,
        )
        return tuple(reason for reason, holds in zip(REASONS, kept, strict=True) if not holds)

    def _same_day(self, together: Sequence[Requirement]) -> bool:
        first = bisect_left(self.days, max(need.start for need in together))
        return first < len(self.days) and self.days[first] < min(need.end for need in together)

    def _compatible(self, together: Sequence[Requirement]) -> bool:
        # What one task itself asks for together is not ours to part: only pairs across requirements count.
        codes = [frozenset(need.item_codes) for need in together]
        return not any(
            other in self.items[code].incompatible_with
            for i, mine in enumerate(codes)
            for j, theirs in enumerate(codes)
            if i != j
            for code in mine
            for other in theirs - {code}
        )

    def _people(self, together: Sequence[Requirement]) -> int:
        """The fewest people who have to come, experts included."""
        work = pairs(together)
        seats = dict.fromkeys(departments(together), 1 if self.teams.per == "visit" else self.teams.officers)
        if not self.teams.one_officer_many_items:
            shares = Counter(department for _, department in work)
            seats = {ident: max(least, shares[ident]) for ident, least in seats.items()}
        experts = {self.items[code].expert for code, _ in work} - {""}
        return max(sum(seats.values()), self.teams.officers) + len(experts)


def pairs(together: Sequence[Requirement]) -> tuple[tuple[str, str], ...]:
    """Distinct (item code, department) of the requirements, sorted: what is asked twice is done once."""
    return tuple(
        sorted({pair for need in together for pair in zip(need.item_codes, need.department_ids, strict=True)})
    )


def departments(together: Sequence[Requirement]) -> tuple[str, ...]:
    """The departments that take part, sorted."""
    return tuple(sorted({ident for need in together for ident in need.department_ids}))


def duration(work: Sequence[tuple[str, str]], items: Mapping[str, Item], merging: Merging) -> int:
    """Minutes of a visit with these (item, department) pairs: those of its longest department."""
    total: dict[str, int] = {}
    for code, department in work:
        own = items[code].duration_min
        minutes = merging.item_min if own is None else own
        total[department] = total.get(department, merging.overhead_min) + minutes
    return max(total.values())


def _within(figure: int, maximum: int) -> bool:
    return maximum == 0 or figure <= maximum
