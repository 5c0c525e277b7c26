"""The tables that go back to the main platform: their columns, kinds, keys and meanings, as data.

In: nothing. Out: specifications. May import: nothing.

Under the same version no column is renamed, removed or given another meaning; new ones may come at the end.
"""

from dataclasses import dataclass
from typing import Literal

VERSION = 1
"""Of all tables together; in SQL it stands in ``onedoor_schema``."""

PREFIX = "onedoor_"
"""Before each table's name in a database."""

Kind = Literal["id", "text", "int", "bool", "date", "time", "ids", "json"]
"""``id`` a short text that may be a key; ``time`` ``HH:MM``; ``ids`` a list of ids joined by ``;``; ``json``
a canonical JSON object."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One column; ``optional`` may be without a value."""

    name: str
    kind: Kind
    meaning: str
    optional: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One table; ``key`` are the columns that name a row, always with the campaign first. Rows are sorted by
    them."""

    name: str
    meaning: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def schema(self) -> str:
        """Name and version as data files carry them."""
        return f"onedoor.table-{self.name}/{VERSION}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns in their order."""
        return tuple(field.name for field in self.fields)


def _field(name: str, kind: Kind, meaning: str, *, optional: bool = False) -> Field:
    return Field(name=name, kind=kind, meaning=meaning, optional=optional)


_CAMPAIGN = _field("campaign_id", "id", "批次编号")
_VISIT = _field("visit_id", "id", "上门编号")
_WHEN = (
    _field("day", "date", "检查日期", optional=True),
    _field("start_time", "time", "开始", optional=True),
    _field("end_time", "time", "结束", optional=True),
)

VISITS = Table(
    name="visits",
    meaning="one row per visit, with or without a day",
    key=("campaign_id", "visit_id"),
    fields=(
        _CAMPAIGN,
        _VISIT,
        _field("enterprise_id", "id", "主体代码"),
        _field("enterprise_name", "text", "检查对象"),
        _field("district", "id", "区划代码"),
        _field("risk_class", "id", "信用风险等级, the highest of the visit's requirements: A, B, C or D"),
        _field("on_site", "bool", "现场 (true) or 非现场"),
        _field("state", "id", "`scheduled` or `unscheduled`"),
        *_WHEN,
        _field("duration_min", "int", "minutes on site"),
        _field("window_first", "date", "first day on which it may be"),
        _field("window_last", "date", "last day on which it may be"),
        _field("issuer_id", "id", "department that gives the visit notice"),
        _field("department_ids", "ids", "departments that take part"),
        _field("task_ids", "ids", "tasks and orders it serves"),
    ),
)
VISIT_ITEMS = Table(
    name="visit_items",
    meaning="one row per item checked in a visit",
    key=("campaign_id", "visit_id", "item_code", "department_id"),
    fields=(
        _CAMPAIGN,
        _VISIT,
        _field("item_code", "id", "事项编号"),
        _field("item_name", "text", "事项名称"),
        _field("department_id", "id", "部门编号 of the competent department"),
    ),
)
REQUIREMENTS = Table(
    name="requirements",
    meaning="one row per requirement: a task's items at one enterprise",
    key=("campaign_id", "requirement_id"),
    fields=(
        _CAMPAIGN,
        _field("requirement_id", "id", "检查需求编号"),
        _VISIT,
        _field("task_id", "id", "任务编号, or the order's"),
        _field("task_name", "text", "任务名称"),
        _field("enterprise_id", "id", "主体代码"),
        _field("risk_class", "id", "信用风险等级"),
        _field("ordered", "bool", "指令检查 (true), or drawn"),
        _field("state", "id", "`scheduled` or `unscheduled`"),
        _field("reason", "id", "`unstaffable` or `no_room` where it is unscheduled", optional=True),
    ),
)
ASSIGNMENTS = Table(
    name="assignments",
    meaning="one row per person in a visit's team",
    key=("campaign_id", "visit_id", "person_id"),
    fields=(
        _CAMPAIGN,
        _VISIT,
        _field("person_id", "id", "工号, or the expert's"),
        _field("person_name", "text", "姓名"),
        _field("role", "id", "`officer` or `expert`"),
        _field("department_id", "id", "部门编号 of the seat; none for an expert", optional=True),
        _field("department_name", "text", "部门名称", optional=True),
        _field("day", "date", "检查日期"),
        _field("start_time", "time", "开始"),
        _field("end_time", "time", "结束"),
    ),
)
LEDGER = Table(
    name="ledger",
    meaning="one row per line of the ledger",
    key=("campaign_id", "seq"),
    fields=(
        _CAMPAIGN,
        _field("seq", "int", "0, 1, 2 …"),
        _field("kind", "id", "`open`, `stage`, `entropy`, `anchor`, `witness`, `void`"),
        _field("stage", "id", "folder that was sealed; empty for other kinds"),
        _field("at", "id", "time on the writing computer, ISO 8601 with offset"),
        _field("prev", "id", "hash of the line before"),
        _field("hash", "id", "hash of this line"),
        _field("facts", "json", "facts"),
        _field("files", "json", "path to digest"),
    ),
)
CERTIFICATE = Table(
    name="certificate",
    meaning="one row: the checker's verdict in force",
    key=("campaign_id",),
    fields=(
        _CAMPAIGN,
        _field("name", "text", "批次名称"),
        _field("authority", "text", "组织机关"),
        _field("slot", "id", "年度计划序号"),
        _field("rehearsal", "bool", "演练"),
        _field("verdict", "id", "`certified` or `failed`"),
        _field("attempt", "int", "attempt in force"),
        _field("discretionary", "bool", "酌定排期"),
        _field("profile", "id", "hash of all digests: `sha256` or `sm3`"),
        _field("plan_sha256", "id", "digest of plan.json"),
        _field("seed_commitment", "id", "种子承诺"),
        _field("certificate_sha256", "id", "digest of certificate.json"),
        _field("n_requirements", "int", "检查需求"),
        _field("n_served", "int", "已安排检查需求"),
        _field("n_unscheduled", "int", "未安排检查需求"),
        _field("n_late_orders", "int", "抽取后指令检查"),
        _field("n_late_placed", "int", "其中已安排"),
    ),
)
RULES = Table(
    name="rules",
    meaning="one row per rule or other check of the certificate",
    key=("campaign_id", "rule"),
    fields=(
        _CAMPAIGN,
        _field("rule", "id", "R01–R19, or a check's name"),
        _field("checked", "int", "how often it was looked at"),
        _field("violations", "int", "how often it was broken"),
    ),
)

TABLES = (CERTIFICATE, RULES, LEDGER, REQUIREMENTS, VISITS, VISIT_ITEMS, ASSIGNMENTS)
"""In the order in which they are written."""

_JSON_KINDS: dict[Kind, dict[str, object]] = {
    "id": {"type": "string"},
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"},
    "ids": {"type": "string"},
    "json": {"type": "object"},
}


def json_schema(table: Table) -> dict[str, object]:
    """JSON Schema 2020-12 of ``<table>.json``; docs/reference/schemas/ holds it."""
    row = {
        "type": "object",
        "properties": {field.name: _property(field) for field in table.fields},
        "required": [*table.columns],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{table.name}.json of onedoor export --tables",
        "description": table.meaning,
        "type": "object",
        "properties": {"schema": {"const": table.schema}, "rows": {"type": "array", "items": row}},
        "required": ["schema", "rows"],
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, object]:
    kind = dict(_JSON_KINDS[field.kind])
    if field.optional:
        kind["type"] = [kind["type"], "null"]
    return {**kind, "description": field.meaning}
