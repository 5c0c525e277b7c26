"""Requirements and the visits they are merged into."""

import datetime as dt
from dataclasses import dataclass

from scheduler.domain.registers import RiskClass


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """检查需求: one task's items at one drawn enterprise; served wholly or not at all.

    ``department_ids`` and ``item_codes`` are parallel: the competent department of each item, resolved
    for this enterprise. Window ``[start, end)``. ``ticket`` is its enterprise's ticket in the draw.
    """

    requirement_id: str
    task_id: str
    enterprise_id: str
    risk_class: RiskClass
    ticket: str
    item_codes: tuple[str, ...]
    department_ids: tuple[str, ...]
    start: dt.date
    end: dt.date
    on_site: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """一次上门: requirements of one enterprise merged into one entry.

    ``item_codes`` and ``department_ids`` are parallel and distinct pairs, sorted. ``duration_min`` is that
    of its longest department. ``on_site`` false is a desk check at the lead department's office: no door.
    """

    visit_id: str
    enterprise_id: str
    requirement_ids: tuple[str, ...]
    item_codes: tuple[str, ...]
    department_ids: tuple[str, ...]
    start: dt.date
    end: dt.date
    duration_min: int
    on_site: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondDoor:
    """Why an enterprise needs more than one visit: requirements no two of which can share a door.

    ``witness`` are pairwise incompatible requirements, as many as there are visits where such a set
    exists; ``proof`` says ``pairwise``, ``exhaustive`` (all packings tried) or ``open`` (too many to try,
    fewer doors are not ruled out), ``reason`` is a message code.
    """

    enterprise_id: str
    n_visits: int
    reason: str
    proof: str
    witness: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeReport:
    """Draws to doors: how many entries merging saved, and what independent tickets would have cost.

    ``doors`` is what the visits cost; ``doors_unmerged`` one door per on-site requirement;
    ``n_fewest_proved`` how many enterprises have a proof that no fewer doors would do.
    """

    n_requirements: int
    n_onsite_requirements: int
    n_enterprises: int
    n_visits: int
    doors: int
    doors_unmerged: int
    n_fewest_proved: int
    second_doors: tuple[SecondDoor, ...]


@dataclass(frozen=True, kw_only=True)
class MergeResult:
    """What the merge stage makes, sorted by id."""

    requirements: tuple[Requirement, ...]
    visits: tuple[Visit, ...]
    report: MergeReport
