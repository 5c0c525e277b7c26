"""What the quotas will ask of whom: expected minutes per department, label and specialty; draw-spec §8.

In: the tasks' frames and strata. Out: needs in exact minutes, and what nobody is competent for.
May import: the domain, the standard library.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from scheduler.domain.errors import Problem
from scheduler.domain.plan import Stratum
from scheduler.domain.registers import Department, Item, Task
from scheduler.domain.settings import Merging
from scheduler.draw.people import ITEM_LABEL, QUALIFICATION_LABEL
from scheduler.draw.scopes import Cell, Competence, Part, TaskFrame, covers

Window = tuple[dt.date, dt.date]
"""Days ``[start, end)``."""


@dataclass(kw_only=True, slots=True)
class Need:
    """Minutes that a need is expected to take; ``by_size`` keeps n·minutes per task window and stratum size
    N, so that the fraction n/N is summed exactly and cheaply. ``task_id`` is the first task that has it."""

    task_id: str
    by_size: dict[tuple[Window, int], int] = field(default_factory=dict)

    def add(self, window: Window, size: int, minutes: int) -> None:
        """Enter n·minutes of a stratum of that size whose task has the window."""
        self.by_size[window, size] = self.by_size.get((window, size), 0) + minutes

    def spans(self) -> list[Window]:
        """Every start of a window with every later end of one, sorted."""
        windows = {window for window, _ in self.by_size}
        return sorted({(a, b) for a, _ in windows for _, b in windows if a < b})

    def minutes(self, span: Window) -> Fraction:
        """The exact expectation of what must be done within the span."""
        inside = (
            Fraction(minutes, size)
            for ((start, end), size), minutes in sorted(self.by_size.items())
            if span[0] <= start and end <= span[1]
        )
        return sum(inside, Fraction(0))


@dataclass(frozen=True, kw_only=True)
class Demand:
    """All needs. Officers' needs by department and label; the label "" is the department as a whole."""

    officers: dict[str, dict[str, Need]]
    items: dict[str, dict[str, Need]]
    experts: dict[str, Need]


def with_helpers(demand: Demand, helpers: Mapping[str, Sequence[str]]) -> Demand:
    """The same with each department's needs added to those of its helpers: they may be asked for all of it.
    Whom the helpers themselves are helped by changes nothing."""
    officers = {code: dict(needs) for code, needs in demand.officers.items()}
    items = {code: dict(needs) for code, needs in demand.items.items()}
    for code, names in helpers.items():
        for helper in names if code in demand.officers else ():
            _join(officers.setdefault(helper, {}), demand.officers[code])
            _join(items.setdefault(helper, {}), demand.items[code])
    return Demand(officers=officers, items=items, experts=demand.experts)


def _join(needs: dict[str, Need], more: Mapping[str, Need]) -> None:
    for label, need in more.items():
        own = needs.get(label, Need(task_id=need.task_id))
        total = Counter(own.by_size)
        total.update(need.by_size)
        needs[label] = Need(task_id=own.task_id, by_size=dict(total))


@dataclass(frozen=True, kw_only=True)
class Shares:
    """A part's items by competent department, with each department's minutes for one visit."""

    items: dict[str, list[Item]]
    minutes: dict[str, int]


def demand_of(
    frames: Iterable[TaskFrame],
    strata: Iterable[Stratum],
    items: dict[str, Item],
    competence: Competence,
    merging: Merging,
) -> Demand:
    """Sum up what each enterprise of each frame asks for, weighted by its chance n/N to be drawn.

    A task without strata (its quota was refused) still shows who is needed, at no minutes.
    """
    demand = Demand(officers={}, items={}, experts={})
    layers = {
        (stratum.task_id, Cell(stratum.district, risk_class)): stratum
        for stratum in strata
        for risk_class in stratum.risk_classes
    }
    for frame in frames:
        for part, count in frame.parts.items():
            shares = shares_of(frame.task, part, items, competence, merging)
            stratum = layers.get((frame.task.task_id, part.cell))
            size = stratum.size if stratum else 1
            drawn = stratum.quota * count if stratum else 0
            for need, minutes in _needs(demand, frame.task, shares):
                need.add((frame.task.start, frame.task.end), size, drawn * minutes)
    return demand


def shares_of(
    task: Task, part: Part, items: dict[str, Item], competence: Competence, merging: Merging
) -> Shares:
    """Who checks what at the part's enterprises; an item without one competent department is left out."""
    shared: dict[str, list[Item]] = {}
    for code in part.item_codes:
        departments = competence.departments(task, items[code], part.district)
        if len(departments) == 1:
            shared.setdefault(departments[0].department_id, []).append(items[code])
    minutes = {
        department: sum(_duration(item, merging) for item in own) + merging.overhead_min
        for department, own in shared.items()
    }
    return Shares(items=shared, minutes=minutes)


def _needs(demand: Demand, task: Task, shares: Shares) -> Iterator[tuple[Need, int]]:
    first = task.task_id
    specialties: dict[str, None] = {}
    for department, own in shares.items.items():
        minutes = shares.minutes[department]
        needs = demand.officers.setdefault(department, {})
        qualifications = dict.fromkeys(item.qualification for item in own if item.qualification)
        for label in ("", *(f"{QUALIFICATION_LABEL}{name}" for name in qualifications)):
            yield needs.setdefault(label, Need(task_id=first)), minutes
        per_item = demand.items.setdefault(department, {})
        for item in own:
            yield per_item.setdefault(item.item_code, Need(task_id=first)), minutes
            if item.expert:
                specialties[item.expert] = None
    for specialty in specialties:
        yield demand.experts.setdefault(specialty, Need(task_id=first)), max(shares.minutes.values())


def _duration(item: Item, merging: Merging) -> int:
    return merging.item_min if item.duration_min is None else item.duration_min


def competence_problems(
    frames: Iterable[TaskFrame], items: dict[str, Item], competence: Competence
) -> list[Problem]:
    """Items that no department, or more than one, or one outside its jurisdiction would have to check.

    One problem per task, item and district, in the order of the tasks.
    """
    found: dict[tuple[str, str, str], Problem] = {}
    for frame in frames:
        task = frame.task
        places = sorted({(code, part.district) for part in frame.parts for code in part.item_codes})
        for code, district in places:
            departments = competence.departments(task, items[code], district)
            problem = _competence_problem(task, items[code], district, departments)
            if problem:
                found[task.task_id, code, district] = problem
    return list(found.values())


def _competence_problem(
    task: Task, item: Item, district: str, departments: list[Department]
) -> Problem | None:
    known = {"task": task.task_id, "item": item.item_code, "field": item.field, "district": district}
    names = "、".join(department.department_id for department in departments)
    if not departments:
        return Problem(code="draw.no_department", params={**known})
    if len(departments) > 1:
        return Problem(code="draw.department_ambiguous", params={**known, "departments": names})
    if not covers(departments[0], district):
        return Problem(code="draw.district_uncovered", params={**known, "department": names})
    return None


def label_of_item(code: str) -> str:
    """The label under which an item's own officers are counted."""
    return f"{ITEM_LABEL}{code}"
