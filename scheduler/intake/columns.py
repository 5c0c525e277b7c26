"""The one table of headings: what each column of each file is called and how its cells are read.

In: nothing. Out: :data:`COLUMNS`, :func:`heading`, :func:`find`. May import: the standard library and
:mod:`scheduler.domain`.

A Chinese heading is read as offices write it: coordinates in decimal degrees, ``截止日期`` as the last day
of a range. An English heading that is a field's own name is read as the field is defined: integer
micro-degrees, half-open ``end``. So exports and tables made from the dataclasses both read back right.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from scheduler.intake.aliases import ALIASES, WEAK

Kind = Literal[
    "id",
    "ids",
    "department",
    "departments",
    "place",
    "scopes",
    "label",
    "labels",
    "text",
    "quota",
    "date",
    "last_day",
    "moment",
    "count",
    "minutes",
    "degree",
    "micro",
    "pair_lon",
    "pair_lat",
    "flag",
    "choice",
    "hours",
]
"""How a cell is read: see :mod:`scheduler.intake.cells`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column. ``needed`` says that its heading must stand in the file, ``filled`` that every row needs
    a value. ``choices`` maps each accepted word to the domain's; ``own_kind`` is the kind under the English
    field name. ``weak`` headings count where no better one of the column stands in the file."""

    field: str
    heading: str
    kind: Kind
    own_kind: Kind
    aliases: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    needed: bool = False
    filled: bool = False
    choices: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))


def _needed(name: str, head: str, kind: Kind, *aliases: str, **choices: str) -> Column:
    return Column(
        field=name,
        heading=head,
        kind=kind,
        own_kind=_own(kind),
        aliases=aliases,
        needed=True,
        filled=True,
        choices=_both(choices),
    )


def _optional(name: str, head: str, kind: Kind, *aliases: str, **choices: str) -> Column:
    return Column(
        field=name, heading=head, kind=kind, own_kind=_own(kind), aliases=aliases, choices=_both(choices)
    )


def _own(kind: Kind) -> Kind:
    own: dict[Kind, Kind] = {"last_day": "date", "degree": "micro"}
    return own.get(kind, kind)


def _both(choices: Mapping[str, str]) -> Mapping[str, str]:
    """The words and the domain's own values."""
    return MappingProxyType({**choices, **{value: value for value in choices.values()}})


_LON = _optional("lon_udeg", "经度", "degree", "lon")
_LAT = _optional("lat_udeg", "纬度", "degree", "lat")
_AUTHORITY = _needed("authority", "登记机关", "label")
_UNIT = _needed("unit", "管辖单位", "label")
_FIRST = _needed("start", "开始日期", "date")
_LAST = _needed("end", "截止日期", "last_day", "结束日期")


def _named(table: str, column: Column) -> Column:
    """The column with the platforms' names for it."""
    weak = WEAK.get((table, column.field), ())
    usual = tuple(word for word in column.aliases if word not in weak)
    more = ALIASES.get((table, column.field), ())
    return dataclasses.replace(column, aliases=(*usual, *more), weak=weak)


_TABLES: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "departments": (
            _needed("department_id", "部门编号", "id", "部门代码"),
            _needed("name", "部门名称", "text"),
            _needed("field", "监管领域", "label"),
            _needed(
                "level",
                "层级",
                "choice",
                市级="municipal",
                区县级="district",
                区级="district",
                县级="district",
            ),
            _AUTHORITY,
            _UNIT,
            _optional("districts", "管辖区划", "ids"),
            _LON,
            _LAT,
        ),
        "enterprises": (
            _needed("enterprise_id", "主体代码", "id", "统一社会信用代码", "注册号"),
            _optional(
                "id_kind", "代码类型", "choice", 统一社会信用代码="uscc", 注册号="legacy", 其他="other"
            ),
            _needed("name", "名称", "text", "企业名称", "主体名称"),
            _optional("address", "住所", "text", "地址", "经营场所"),
            _AUTHORITY,
            _UNIT,
            _needed("district", "区划代码", "id", "行政区划代码"),
            _optional("industry", "行业代码", "id"),
            _optional(
                "status",
                "登记状态",
                "choice",
                "经营状态",
                **{
                    "存续": "active",
                    "在业": "active",
                    "在营": "active",
                    "在营(开业)": "active",
                    "在营(开业)企业": "active",
                    "开业/正常": "active",
                    "开业": "active",
                    "正常": "active",
                    "存续(在营、开业、在册)": "active",
                    "注销": "cancelled",
                    "已注销": "cancelled",
                    "吊销,已注销": "cancelled",
                    "吊销后注销": "cancelled",
                    "吊销": "revoked",
                    "已吊销": "revoked",
                    "吊销,未注销": "revoked",
                    "吊销未注销": "revoked",
                    "迁出": "moved",
                    "已迁出": "moved",
                },
            ),
            _needed(
                "risk_class",
                "信用风险等级",
                "choice",
                "信用风险分类",
                **{
                    f"{word}{tail}": risk
                    for word, risk in (
                        ("低", "A"),
                        ("一般", "B"),
                        ("较高", "C"),
                        ("高", "D"),
                        ("A", "A"),
                        ("B", "B"),
                        ("C", "C"),
                        ("D", "D"),
                    )
                    for tail in ("", "风险", "级", "类")
                },
            ),
            _optional("tags", "标签", "labels"),
            _LON,
            _LAT,
            _optional("opening", "营业时间", "hours"),
            _optional("last_inspected", "上次抽查日期", "date"),
            _optional("legacy_id", "原注册号", "id", "旧注册号"),
        ),
        "inspectors": (
            _needed("inspector_id", "工号", "id", "人员编号"),
            _needed("name", "姓名", "text"),
            _needed("department_id", "部门编号", "department", "部门代码"),
            _AUTHORITY,
            _UNIT,
            _needed("certificate_no", "执法证号", "text"),
            _needed("certificate_expires", "执法证有效期至", "date", "执法证有效期"),
            _optional("qualifications", "资质", "labels"),
            _optional("item_scopes", "事项范围", "scopes"),
            _optional("is_leader", "组长", "flag"),
            _optional("is_newcomer", "新人", "flag"),
            _optional("max_visits_day", "每日次数上限", "count"),
            _optional("max_minutes_day", "每日分钟上限", "count"),
            _optional("fixed_group", "固定小组", "id"),
        ),
        "experts": (
            _needed("expert_id", "专家编号", "id"),
            _needed("name", "姓名", "text"),
            _needed("specialties", "专长", "labels"),
            _LON,
            _LAT,
        ),
        "items": (
            _needed("item_code", "事项编号", "id", "事项代码"),
            _needed("name", "事项名称", "text"),
            _needed("field", "监管领域", "label"),
            _optional("basis", "检查依据", "text"),
            _optional(
                "method",
                "检查方式",
                "choice",
                现场="onsite",
                现场检查="onsite",
                非现场="offsite",
                非现场检查="offsite",
            ),
            _optional(
                "item_class", "事项类别", "choice", **{f"{c}{tail}": c for c in "ABC" for tail in ("", "类")}
            ),
            _optional("qualification", "资质要求", "label"),
            _optional("expert", "专家要求", "label"),
            _optional("duration_min", "检查时长(分钟)", "count", "检查时长"),
            _optional("industries", "适用行业", "ids"),
            _optional("tags", "适用标签", "labels"),
            _optional("incompatible_with", "不可同行事项", "ids"),
            _optional("documents", "需准备材料", "labels", "准备材料", "材料清单"),
        ),
        "tasks": (
            _needed("task_id", "任务编号", "id"),
            _needed("name", "任务名称", "text"),
            _needed("lead_id", "发起部门", "department"),
            _optional("cooperating_ids", "配合部门", "departments"),
            _needed("item_codes", "抽查事项", "ids"),
            _optional("industries", "对象行业", "ids"),
            _optional("tags", "对象标签", "labels"),
            _optional("districts", "对象区划", "ids"),
            _needed("quota", "抽查比例", "quota"),
            _FIRST,
            _LAST,
            _optional(
                "mode",
                "抽查模式",
                "choice",
                市抽市查="municipal",
                市抽县查="municipal_to_district",
                市抽区查="municipal_to_district",
                区抽区查="district",
                县抽县查="district",
            ),
            _optional("group", "协同组", "label"),
            _optional("by_district", "分区划抽取", "flag"),
        ),
        "recusals": (
            _needed("inspector_id", "人员编号", "id", "工号"),
            _optional("enterprise_id", "主体代码", "id", "统一社会信用代码", "注册号"),
            _optional("other_inspector_id", "回避人员编号", "id"),
            _needed("kind", "回避类型", "text"),
            _optional("state", "状态", "choice", 已申请="applied", 已批准="granted", 已驳回="rejected"),
            _optional("start", "开始日期", "date"),
            _optional("end", "截止日期", "last_day", "结束日期"),
            _optional("evidence", "证据", "text"),
            _optional("decider", "决定人", "text"),
        ),
        "leave": (
            _needed("person_id", "人员编号", "id", "工号"),
            _FIRST,
            _LAST,
            _optional("kind", "类型", "text"),
        ),
        "history": (
            _needed("enterprise_id", "主体代码", "id", "统一社会信用代码", "注册号"),
            _needed("inspector_id", "人员编号", "id", "工号"),
            _needed("day", "检查日期", "date"),
            _optional("items", "事项编号", "ids", "抽查事项"),
        ),
        "calendar": (
            _needed("day", "日期", "date"),
            _needed("is_working", "工作日", "flag"),
            _needed("source", "来源", "text"),
        ),
        "quiet": (
            _optional("enterprise_id", "主体代码", "id", "统一社会信用代码", "注册号"),
            _optional("district", "区划代码", "id", "行政区划代码"),
            _FIRST,
            _LAST,
            _optional("reason", "原因", "text"),
        ),
        "orders": (
            _needed("order_id", "指令编号", "id"),
            _needed("enterprise_id", "主体代码", "id", "统一社会信用代码", "注册号"),
            _needed("department_id", "部门", "department", "部门编号", "部门代码"),
            _needed("item_codes", "抽查事项", "ids", "检查事项"),
            _FIRST,
            _LAST,
            _needed("approver", "批准人", "text"),
            _needed("document", "文号", "text"),
            _needed("approved_at", "批准时间", "moment"),
            _optional("reason", "事由", "text"),
        ),
        "divisions": (
            _needed("old_code", "原区划代码", "id", "旧区划代码"),
            _optional("new_code", "现区划代码", "id", "新区划代码"),
            _needed("since", "变更日期", "date", "撤销日期"),
            _optional("document", "批准文号", "text"),
        ),
        "travel": (
            _needed("from_place", "起点", "place"),
            _needed("to_place", "终点", "place"),
            _needed("minutes", "分钟", "minutes"),
        ),
        "neighbours": (
            _needed("department_id", "受助部门", "department", "部门", "部门编号", "部门代码"),
            _needed("helper_id", "协助部门", "department", "邻近部门"),
            _optional("document", "依据文号", "text", "文号", "批准文号"),
        ),
    }
)

COLUMNS: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {table: tuple(_named(table, column) for column in columns) for table, columns in _TABLES.items()}
)
"""Table name to its columns, in the order of the row class's fields."""

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
"""Full-width forms U+FF01–U+FF5E and the ideographic space to ASCII (Unicode block FF00)."""


def heading(table: str, name: str) -> str:
    """The canonical heading of a field (``lon`` and ``lat`` stand for the coordinates' fields).

    An unknown table or field is a ``KeyError``: a programming error.
    """
    for column in COLUMNS[table]:
        if name in (column.field, *column.aliases):
            return column.heading
    raise KeyError(name)


def find(table: str, head: str) -> tuple[Column, Kind] | None:
    """The column under a heading as written in a file, with the kind its cells have; ``None`` if unknown.

    Blanks, width, letter case and a template's ``*`` for required columns make no difference.
    """
    return _by_name(table).get(plain_head(head))


@cache
def _by_name(table: str) -> Mapping[str, tuple[Column, Kind]]:
    """Plain heading to column and kind; a field's own name never hides another column's heading."""
    own = {column.field: (column, column.own_kind) for column in COLUMNS[table]}
    return own | {
        plain_head(text): (column, column.kind)
        for column in reversed(COLUMNS[table])
        for text in (column.heading, *column.aliases, *column.weak)
    }


def plain_head(head: str) -> str:
    """A heading as it is compared: NFC, half-width, lower case, without blanks, ``*`` and (必填)."""
    text = unicodedata.normalize("NFC", head).translate(FULL_WIDTH)
    return _ASIDE.sub("", text).lower()


_ASIDE = re.compile(r"[\s*\ufeff]|[(\[【](?:必填|选填|非必填|可选|可空)项?[)\]】]|单位:")
"""What stands in a heading and names nothing: ``*名称``, ``名称(必填)``, ``检查时长(单位:分钟)``."""
