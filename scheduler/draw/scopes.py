"""Whom a task may draw, which items apply there and who is competent; docs/draw-spec.md §5.

In: the frame's rows, tasks, items, departments. Out: per task its frame by groups, never row by row:
scopes look at four columns only, so a million enterprises in few thousand groups cost little.
May import: the domain, the standard library.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from scheduler.domain.plan import FrameRow
from scheduler.domain.registers import Department, Item, RiskClass, Task

Ids = TypeVar("Ids")


class Kind(NamedTuple):
    """What items look at, and scopes beside the district."""

    industry: str
    tags: tuple[str, ...]


class Cell(NamedTuple):
    """A district (empty where a task is not drawn by district) and a class: what strata are made of."""

    district: str
    risk_class: RiskClass


@dataclass(frozen=True, kw_only=True)
class Grouped(Generic[Ids]):
    """The frame's ids by kind, and within a kind by district and class; ids in the frame's order, as a list
    or as whatever else stands for them."""

    ids: dict[Kind, dict[Cell, Ids]]
    districts: frozenset[str]


def grouped(frame: Iterable[FrameRow]) -> Grouped[list[str]]:
    """Group the frame's rows by all that scopes, items and strata look at."""
    ids: dict[Kind, dict[Cell, list[str]]] = {}
    for row in frame:
        cells = ids.setdefault(Kind(row.industry, row.tags), {})
        cells.setdefault(Cell(row.district, row.risk_class), []).append(row.enterprise_id)
    return in_groups(ids)


def in_groups(ids: dict[Kind, dict[Cell, Ids]]) -> Grouped[Ids]:
    """With the districts that occur."""
    return Grouped(ids=ids, districts=frozenset(cell.district for cells in ids.values() for cell in cells))


def cell_of(task: Task, place: Cell) -> Cell:
    """The cell of the task in which enterprises of this district and class lie."""
    return place if task.by_district else Cell("", place.risk_class)


def covers(department: Department, district: str) -> bool:
    """Whether the district is within the department's jurisdiction; no districts mean all."""
    return not department.districts or district in department.districts


@dataclass(frozen=True, kw_only=True)
class Scope:
    """A task's scope over one frame: an enterprise is in it by its kind and its district."""

    kinds: tuple[Kind, ...]
    districts: frozenset[str]


def scope_of(task: Task, lead: Department | None, frame: Grouped[Ids]) -> Scope:
    """What the task may draw; ``lead`` None (an unknown department) covers nothing."""
    tags = frozenset(task.tags)
    kinds = (
        kind
        for kind in frame.ids
        if (not task.industries or kind.industry.startswith(task.industries))
        and (not tags or not tags.isdisjoint(kind.tags))
    )
    return Scope(
        kinds=tuple(kinds),
        districts=frozenset(district for district in frame.districts if _reaches(task, lead, district)),
    )


def _reaches(task: Task, lead: Department | None, district: str) -> bool:
    if task.districts and district not in task.districts:
        return False
    if task.mode == "municipal_to_district":
        return True
    return lead is not None and covers(lead, district)


def within(scope: Scope, frame: Grouped[Ids]) -> Iterator[tuple[Kind, Cell, Ids]]:
    """The ids in scope with their kind, district and class, in pieces that are never empty."""
    for kind in scope.kinds:
        for place, ids in frame.ids[kind].items():
            if place.district in scope.districts:
                yield kind, place, ids


def applies(item: Item, industry: str, tags: tuple[str, ...]) -> bool:
    """Whether the item is to be checked at enterprises of this industry and these tags."""
    if item.industries and not industry.startswith(item.industries):
        return False
    return not item.tags or not frozenset(item.tags).isdisjoint(tags)


@dataclass(frozen=True, kw_only=True)
class Competence:
    """Who is competent: departments by id, and the district-level ones by field."""

    by_id: dict[str, Department]
    district_level: dict[str, list[Department]]

    def departments(self, task: Task, item: Item, district: str) -> list[Department]:
        """All that claim the item at an enterprise of the district: lawful is exactly one."""
        if task.mode == "municipal_to_district":
            return [d for d in self.district_level.get(item.field, []) if covers(d, district)]
        sharing = dict.fromkeys((task.lead_id, *task.cooperating_ids))
        known = (self.by_id[code] for code in sharing if code in self.by_id)
        return [department for department in known if department.field == item.field]


def competence_of(departments: Iterable[Department]) -> Competence:
    """Index the register of departments."""
    by_id: dict[str, Department] = {}
    district_level: dict[str, list[Department]] = {}
    for department in departments:
        by_id[department.department_id] = department
        if department.level == "district":
            district_level.setdefault(department.field, []).append(department)
    return Competence(by_id=by_id, district_level=district_level)


class Part(NamedTuple):
    """Enterprises of a task's frame that are alike in all that staffing looks at."""

    cell: Cell
    district: str
    item_codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TaskFrame:
    """A task's frame: how many enterprises in each part; ``without_item`` are in scope, yet left out."""

    task: Task
    parts: dict[Part, int]
    without_item: tuple[str, ...]

    @property
    def sizes(self) -> dict[Cell, int]:
        """Number of enterprises per cell; empty cells do not occur."""
        found: dict[Cell, int] = {}
        for part, count in self.parts.items():
            found[part.cell] = found.get(part.cell, 0) + count
        return found


def task_frame(
    task: Task,
    lead: Department | None,
    items: dict[str, Item],
    frame: Grouped[list[str]],
    left_out: frozenset[str] = frozenset(),
) -> TaskFrame:
    """The task's frame without those left out; item codes the list does not know count for nothing here."""
    known = [items[code] for code in dict.fromkeys(task.item_codes) if code in items]
    scope = scope_of(task, lead, frame)
    codes = {kind: tuple(item.item_code for item in known if applies(item, *kind)) for kind in scope.kinds}
    counts: dict[tuple[str, ...], dict[Cell, int]] = {}
    without: list[str] = []
    for kind, place, ids in within(scope, frame):
        found = codes[kind]
        if found:
            places = counts.setdefault(found, {})
            stay = sum(ident not in left_out for ident in ids) if left_out else len(ids)
            places[place] = places.get(place, 0) + stay
        else:
            without += ids
    parts = {
        Part(cell_of(task, place), place.district, found): count
        for found, places in counts.items()
        for place, count in places.items()
        if count
    }
    return TaskFrame(task=task, parts=parts, without_item=tuple(without))
