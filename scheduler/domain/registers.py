"""The registers (名录库) and tables a campaign is made from, one frozen row class each.

Identifiers are ASCII, canonical and never hold ``|`` or ``;``. Dates are calendar days, ranges are
half-open ``[start, end)``. Coordinates are integer micro-degrees (WGS 84 or GCJ-02 alike: one campaign
uses one of them).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from scheduler.domain.settings import Teams

RiskClass = Literal["A", "B", "C", "D"]
RISK_CLASSES: tuple[RiskClass, ...] = ("A", "B", "C", "D")
"""信用风险分类 from low (A 低) to high (D 高)."""

Level = Literal["municipal", "district"]
Mode = Literal["municipal", "municipal_to_district", "district"]
"""抽查模式: 市抽市查, 市抽县查, 区抽区查."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Department:
    """部门: one inspecting body with its jurisdiction (管辖单位), the pair (authority, unit).

    ``field`` is the line of business (监管领域, e.g. 市场监管) by which items find their competent
    department; ``districts`` are the division codes it covers, empty for all (a municipal body).
    """

    department_id: str
    name: str
    field: str
    level: Level
    authority: str
    unit: str
    districts: tuple[str, ...] = ()
    lon_udeg: int | None = None
    lat_udeg: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Enterprise:
    """检查对象. ``status`` is canonical (``active``, ``cancelled``, ``revoked``, ``moved``);
    ``opening`` like ``09:00-12:00;13:30-17:00`` narrows the day, empty means the day's hours. ``legacy_id``
    is the 注册号 that the firm had before its 统一社会信用代码, empty where none is known."""

    enterprise_id: str
    id_kind: Literal["uscc", "legacy", "other"]
    name: str
    address: str = ""
    authority: str
    unit: str
    district: str
    industry: str = ""
    status: Literal["active", "cancelled", "revoked", "moved"] = "active"
    risk_class: RiskClass
    tags: tuple[str, ...] = ()
    lon_udeg: int | None = None
    lat_udeg: int | None = None
    opening: tuple[str, ...] = ()
    last_inspected: dt.date | None = None
    legacy_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspector:
    """执法检查人员. Belongs to a department and to one jurisdiction (authority, unit) of it.

    ``certificate_expires`` is the last day on which the certificate (执法证) is valid;
    ``qualifications`` are canonical names; ``item_scopes`` (事项范围) are item codes or code prefixes
    ending in ``*``, empty for all items of the department's field. ``fixed_group`` (固定小组) names the group
    whose members come together where the plan says so (R16), empty for none.
    """

    inspector_id: str
    name: str
    department_id: str
    authority: str
    unit: str
    certificate_no: str
    certificate_expires: dt.date
    qualifications: tuple[str, ...] = ()
    item_scopes: tuple[str, ...] = ()
    is_leader: bool = False
    is_newcomer: bool = False
    max_visits_day: int | None = None
    max_minutes_day: int | None = None
    fixed_group: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expert:
    """专家: assists where an item asks for the specialty, never counts as an officer."""

    expert_id: str
    name: str
    specialties: tuple[str, ...]
    lon_udeg: int | None = None
    lat_udeg: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """抽查事项: one line of the published list; competent is the task's department of this ``field``.

    ``industries`` (GB/T 4754 code prefixes) and ``tags`` limit the enterprises it applies to: any of
    each, both where both are given, empty for all. ``qualification`` and ``expert`` may be empty.
    ``incompatible_with`` names items that may not share a visit with it (merge rule). ``documents`` are what
    the enterprise is asked to have ready (需准备材料), in the words of the visit notice.
    """

    item_code: str
    name: str
    field: str
    basis: str = ""
    method: Literal["onsite", "offsite"] = "onsite"
    item_class: Literal["A", "B", "C"] = "A"
    qualification: str = ""
    expert: str = ""
    duration_min: int | None = None
    industries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    incompatible_with: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """抽查任务: one plan line. The window is ``[start, end)``.

    ``quota`` is the committed text: ``5%``, ``8‰``, ``30家`` or per class ``A:1%;B:3%;C:10家``.
    ``group`` is the coordination group whose tickets it shares; empty means its own tickets.
    ``by_district`` makes a stratum per district and class instead of per class.
    """

    task_id: str
    name: str
    lead_id: str
    cooperating_ids: tuple[str, ...] = ()
    item_codes: tuple[str, ...]
    industries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    quota: str
    start: dt.date
    end: dt.date
    mode: Mode = "district"
    group: str = ""
    by_district: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Recusal:
    """回避: bars an inspector from an enterprise, or two inspectors from one team.

    Exactly one of ``enterprise_id`` and ``other_inspector_id`` is set; ``applied`` binds like ``granted``.
    Empty dates mean always. ``inspector_id`` may name an expert, too.
    """

    inspector_id: str
    enterprise_id: str = ""
    other_inspector_id: str = ""
    kind: str
    state: Literal["applied", "granted", "rejected"] = "granted"
    start: dt.date | None = None
    end: dt.date | None = None
    evidence: str = ""
    decider: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    """Days ``[start, end)`` on which a person is away or on another duty (请假、值班)."""

    person_id: str
    start: dt.date
    end: dt.date
    kind: str = "leave"


@dataclass(frozen=True, kw_only=True, slots=True)
class PastInspection:
    """One officer's part in one past inspection; ``items`` may be empty where unknown."""

    enterprise_id: str
    inspector_id: str
    day: dt.date
    items: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDay:
    """Whether a date is a working day (with 调休), and from which source that is known."""

    day: dt.date
    is_working: bool
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietPeriod:
    """安静生产期: days ``[start, end)`` without visits: an enterprise, a district, or all (both empty)."""

    enterprise_id: str = ""
    district: str = ""
    start: dt.date
    end: dt.date
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """指令检查: a visit that bypasses the draw (a complaint, a referral, a superior's order), one row per
    enterprise and department. Window ``[start, end)``; ``approver``, ``document`` and ``approved_at`` (local
    time, ``2026-02-20T09:30``) say on whose word. All its items are checked, whatever their scope.
    """

    order_id: str
    enterprise_id: str
    department_id: str
    item_codes: tuple[str, ...]
    start: dt.date
    end: dt.date
    approver: str
    document: str
    approved_at: str
    reason: str = ""

    def as_task(self) -> Task:
        """The order as a task of its department alone, with the order's id; it has no quota and no group."""
        return Task(
            task_id=self.order_id,
            name=f"{self.document} {self.reason}".strip(),
            lead_id=self.department_id,
            item_codes=self.item_codes,
            quota="",
            start=self.start,
            end=self.end,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DivisionChange:
    """区划变更: ``old_code`` was abolished on the day ``since`` and became ``new_code``; empty where it has
    no single successor. Nothing later reads it: it says what intake made of the codes in the other tables."""

    old_code: str
    new_code: str = ""
    since: dt.date
    document: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TravelTime:
    """路程时间: minutes on the way between two places, the same in both directions (of two rows that differ
    the slower counts). A place is a division code (any address there) or the id of an enterprise, a
    department (its office) or an expert; one division code twice is the way between two addresses there."""

    from_place: str
    to_place: str
    minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """邻近协助: officers of ``helper_id`` may take seats of ``department_id``, of the same field; one
    direction per row. ``document`` is the agreement or decision (文号). It counts where the plan has
    ``teams.neighbours_help``; who is a neighbour is never guessed from coordinates."""

    department_id: str
    helper_id: str
    document: str = ""


@dataclass(frozen=True, kw_only=True)
class Registers:
    """Everything intake accepted, each table sorted by its identifying columns."""

    departments: tuple[Department, ...]
    enterprises: tuple[Enterprise, ...]
    inspectors: tuple[Inspector, ...]
    experts: tuple[Expert, ...] = ()
    items: tuple[Item, ...]
    tasks: tuple[Task, ...]
    recusals: tuple[Recusal, ...] = ()
    leave: tuple[Leave, ...] = ()
    history: tuple[PastInspection, ...] = ()
    calendar: tuple[CalendarDay, ...]
    quiet: tuple[QuietPeriod, ...] = ()
    orders: tuple[Order, ...] = ()
    divisions: tuple[DivisionChange, ...] = ()
    travel: tuple[TravelTime, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()

    def tasks_and_orders(self) -> dict[str, Task]:
        """Whatever a requirement may come from, by id: every task, and every order as a task."""
        return {task.task_id: task for task in (*self.tasks, *(order.as_task() for order in self.orders))}

    def helpers(self, teams: Teams) -> dict[str, tuple[str, ...]]:
        """Each department's helpers, whose officers may take its seats (R08), both by id and ascending; none
        where the plan does not let neighbours help. Rows that name no two departments are told elsewhere."""
        known = {row.department_id for row in self.departments}
        found: dict[str, set[str]] = {}
        for row in self.neighbours if teams.neighbours_help else ():
            if {row.department_id, row.helper_id} <= known and row.department_id != row.helper_id:
                found.setdefault(row.department_id, set()).add(row.helper_id)
        return {code: tuple(sorted(names)) for code, names in sorted(found.items())}


TABLES: dict[str, type] = {
    "departments": Department,
    "enterprises": Enterprise,
    "inspectors": Inspector,
    "experts": Expert,
    "items": Item,
    "tasks": Task,
    "recusals": Recusal,
    "leave": Leave,
    "history": PastInspection,
    "calendar": CalendarDay,
    "quiet": QuietPeriod,
    "orders": Order,
    "divisions": DivisionChange,
    "travel": TravelTime,
    "neighbours": Neighbour,
}
"""Table name (the file's stem, the field of :class:`Registers`) to row class."""

SORT_KEYS: dict[str, tuple[str, ...]] = {
    "departments": ("department_id",),
    "enterprises": ("enterprise_id",),
    "inspectors": ("inspector_id",),
    "experts": ("expert_id",),
    "items": ("item_code",),
    "tasks": ("task_id",),
    "recusals": ("inspector_id", "enterprise_id", "other_inspector_id", "kind", "state"),
    "leave": ("person_id", "start", "end", "kind"),
    "history": ("enterprise_id", "inspector_id", "day"),
    "calendar": ("day",),
    "quiet": ("enterprise_id", "district", "start", "end"),
    "orders": ("order_id",),
    "divisions": ("old_code",),
    "travel": ("from_place", "to_place", "minutes"),
    "neighbours": ("department_id", "helper_id", "document"),
}
"""Columns by which each accepted table is sorted, so that input order never shows."""
