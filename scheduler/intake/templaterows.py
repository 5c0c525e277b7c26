"""What the workbook template says: the settings a planner fills in, and example rows for each table.

In: nothing. Out: :data:`SETTINGS_ROWS`, :data:`EXAMPLES`. May import: the standard library.

The example rows are one another's neighbours: taken together without their mark they are a whole campaign.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SETTINGS_SHEET = "设置"
GUIDE_SHEET = "填写说明"
MARK_HEAD = "说明"
"""Heading of the column in which example and hint rows say what they are."""
EXAMPLE_MARK = "案例（请删除）"
HINT_MARK = "填写说明"
SETTING_HEADS = ("设置项", "值", "示例", "说明", "键")


@dataclass(frozen=True, kw_only=True, slots=True)
class SettingRow:
    """One line of the settings sheet: ``key`` as in campaign.toml (``end`` is the last day here), ``value``
    what stands there already, ``words`` the choices of its drop-down list."""

    label: str
    key: str
    example: str
    note: str
    value: str = ""
    words: tuple[str, ...] = ()


SETTINGS_ROWS = (
    SettingRow(
        label="批次编号", key="campaign_id", example="qs-2026-01", note="必填；英文字母、数字与 . _ -"
    ),
    SettingRow(label="批次名称", key="name", example="2026年第一批双随机抽查", note="必填"),
    SettingRow(label="组织机关", key="authority", example="青石县市场监督管理局", note="必填"),
    SettingRow(label="年度计划序号", key="slot", example="2026-01", note="必填；一个序号只抽一次"),
    SettingRow(label="开始日期", key="start", example="2026-03-02", note="必填；批次第一天"),
    SettingRow(label="截止日期", key="end", example="2026-03-31", note="必填；批次最后一天（含当日）"),
    SettingRow(
        label="演练",
        key="rehearsal",
        example="否",
        note="演练须另给抽签文本文件（键 ceremony.file）",
        value="否",
        words=("是", "否"),
    ),
    SettingRow(
        label="日历",
        key="calendar",
        example="cn",
        note="cn 为内置的国务院节假日与调休；file 为本工作簿的“日历”表",
        value="cn",
        words=("cn", "file"),
    ),
    SettingRow(
        label="工作时段",
        key="hours.pieces",
        example="09:00-12:00;13:30-17:00",
        note="午休为两段之间",
        value="09:00-12:00;13:30-17:00",
    ),
    SettingRow(
        label="每人每日检查次数上限", key="limits.visits_day", example="4", note="0 为不限", value="4"
    ),
    SettingRow(
        label="每人每日分钟上限",
        key="limits.minutes_day",
        example="420",
        note="含路程；0 为不限",
        value="420",
    ),
    SettingRow(
        label="每部门执法人员数",
        key="teams.officers",
        example="2",
        note="至少 2 人（行政处罚法第四十二条）",
        value="2",
    ),
    SettingRow(
        label="邻近部门协助",
        key="teams.neighbours_help",
        example="是",
        note="是：“邻近协助”表写明的部门之间可以互派执法人员",
        value="否",
        words=("是", "否"),
    ),
    SettingRow(
        label="每次上门部门数上限", key="merging.max_departments", example="4", note="0 为不限", value="4"
    ),
    SettingRow(
        label="每事项默认分钟", key="merging.item_min", example="30", note="事项表未写时长时用", value="30"
    ),
    SettingRow(
        label="上一批次台账末行哈希",
        key="previous_head",
        example="",
        note="64 位十六进制；第一个批次留空",
    ),
    SettingRow(
        label="抽签文本文件",
        key="ceremony.file",
        example="ceremony.txt",
        note="仅演练：与本工作簿同一文件夹的文本文件；正式批次留空",
    ),
)
"""Other settings go into further lines, by their key; docs/reference/inputs.md lists all."""

_HALL = {"authority": "青石县市场监督管理局", "unit": "城关所"}
_FIRE = {"authority": "青石县消防救援大队", "unit": "城关中队"}
_FIRM, _SHOP = "91330182MA00001X0Q", "91330182MA00002W1G"

EXAMPLES: Mapping[str, tuple[Mapping[str, str], ...]] = MappingProxyType(
    {
        "departments": (
            {
                "department_id": "D-sg",
                "name": "青石县市场监督管理局",
                "field": "市场监管",
                "level": "区县级",
                **_HALL,
                "districts": "330182",
                "lon_udeg": "120.153576",
                "lat_udeg": "30.287459",
            },
            {
                "department_id": "D-xf",
                "name": "青石县消防救援大队",
                "field": "消防",
                "level": "区县级",
                **_FIRE,
                "districts": "330182",
                "lon_udeg": "120.160000",
                "lat_udeg": "30.280000",
            },
            {
                "department_id": "D-bm",
                "name": "白马县市场监督管理局",
                "field": "市场监管",
                "level": "区县级",
                "authority": "白马县市场监督管理局",
                "unit": "东山所",
                "districts": "330183",
                "lon_udeg": "120.300000",
                "lat_udeg": "30.310000",
            },
        ),
        "enterprises": (
            {
                "enterprise_id": _FIRM,
                "id_kind": "统一社会信用代码",
                "name": "青石县某餐饮有限公司",
                "address": "青石县城关镇文三路1号",
                **_HALL,
                "district": "330182",
                "industry": "H6210",
                "status": "存续",
                "risk_class": "较高",
                "tags": "餐饮；学校周边",
                "lon_udeg": "120.152000",
                "lat_udeg": "30.286000",
                "opening": "09:00-12:00；13:30-17:00",
                "last_inspected": "2025-09-01",
                "legacy_id": "",
            },
            {
                "enterprise_id": _SHOP,
                "id_kind": "统一社会信用代码",
                "name": "青石县某商贸有限公司",
                "address": "青石县城关镇解放街2号",
                **_HALL,
                "district": "330182",
                "industry": "F5211",
                "status": "存续",
                "risk_class": "低",
                "lon_udeg": "120.158000",
                "lat_udeg": "30.281000",
            },
        ),
        "inspectors": (
            {
                "inspector_id": "sg-001",
                "name": "张三",
                "department_id": "D-sg",
                **_HALL,
                "certificate_no": "ZF330182001",
                "certificate_expires": "2028-12-31",
                "qualifications": "食品检查员",
                "item_scopes": "SG*",
                "is_leader": "是",
                "is_newcomer": "否",
                "max_visits_day": "4",
                "max_minutes_day": "420",
            },
            {
                "inspector_id": "xf-001",
                "name": "李四",
                "department_id": "D-xf",
                **_FIRE,
                "certificate_no": "ZF330182002",
                "certificate_expires": "2027-06-30",
            },
        ),
        "experts": (
            {"expert_id": "Z-001", "name": "王五", "specialties": "电气"},
            {"expert_id": "Z-002", "name": "赵六", "specialties": "食品工艺；计量"},
        ),
        "items": (
            {
                "item_code": "SG01",
                "name": "食品经营许可情况检查",
                "field": "市场监管",
                "basis": "《中华人民共和国食品安全法》第三十五条",
                "method": "现场",
                "item_class": "B",
                "qualification": "食品检查员",
                "duration_min": "40",
                "industries": "H62",
            },
            {
                "item_code": "XF01",
                "name": "消防设施检查",
                "field": "消防",
                "basis": "《中华人民共和国消防法》第五十三条",
                "method": "现场",
                "item_class": "A",
                "expert": "电气",
                "duration_min": "30",
            },
        ),
        "tasks": (
            {
                "task_id": "T-01",
                "name": "餐饮单位联合抽查",
                "lead_id": "D-sg",
                "cooperating_ids": "D-xf",
                "item_codes": "SG01；XF01",
                "industries": "H62",
                "districts": "330182",
                "quota": "5%",
                "start": "2026-03-02",
                "end": "2026-03-31",
                "mode": "区抽区查",
            },
            {
                "task_id": "T-02",
                "name": "消防专项抽查",
                "lead_id": "D-xf",
                "item_codes": "XF01",
                "quota": "A:1%;B:3%;C:5%;D:10%",
                "start": "2026-03-02",
                "end": "2026-03-31",
                "mode": "区抽区查",
            },
        ),
        "recusals": (
            {
                "inspector_id": "sg-001",
                "enterprise_id": _FIRM,
                "kind": "亲属关系",
                "state": "已批准",
                "evidence": "回避申请2026-3号",
                "decider": "分管负责人",
            },
            {"inspector_id": "sg-001", "other_inspector_id": "xf-001", "kind": "夫妻", "state": "已申请"},
        ),
        "leave": (
            {"person_id": "sg-001", "start": "2026-03-09", "end": "2026-03-13", "kind": "年休假"},
            {"person_id": "xf-001", "start": "2026-03-16", "end": "2026-03-16", "kind": "值班"},
        ),
        "history": (
            {"enterprise_id": _FIRM, "inspector_id": "sg-001", "day": "2025-09-01", "items": "SG01"},
            {"enterprise_id": _SHOP, "inspector_id": "xf-001", "day": "2025-06-12"},
        ),
        "calendar": (
            {"day": "2026-03-02", "is_working": "是", "source": "国务院办公厅通知"},
            {"day": "2026-03-07", "is_working": "否", "source": "周六"},
        ),
        "quiet": (
            {
                "district": "330182",
                "start": "2026-03-05",
                "end": "2026-03-06",
                "reason": "安静生产期",
            },
            {"enterprise_id": _SHOP, "start": "2026-03-20", "end": "2026-03-22", "reason": "设备检修"},
        ),
        "orders": (
            {
                "order_id": "ZL-01",
                "enterprise_id": _FIRM,
                "department_id": "D-sg",
                "item_codes": "SG01",
                "start": "2026-03-10",
                "end": "2026-03-12",
                "approver": "分管负责人",
                "document": "青市监交〔2026〕1号",
                "approved_at": "2026-02-20 09:30",
                "reason": "投诉举报",
            },
            {
                "order_id": "ZL-02",
                "enterprise_id": _SHOP,
                "department_id": "D-xf",
                "item_codes": "XF01",
                "start": "2026-03-16",
                "end": "2026-03-20",
                "approver": "分管负责人",
                "document": "青消〔2026〕2号",
                "approved_at": "2026-02-21 15:00",
                "reason": "上级交办",
            },
        ),
        "divisions": (
            {
                "old_code": "330125",
                "new_code": "330182",
                "since": "2001-02-02",
                "document": "国函〔2001〕1号（虚构）",
            },
            {
                "old_code": "330126",
                "new_code": "",
                "since": "2001-02-02",
                "document": "国函〔2001〕2号（虚构）",
            },
        ),
        "travel": (
            {"from_place": "330182", "to_place": "330182", "minutes": "20"},
            {"from_place": "D-xf", "to_place": "330182", "minutes": "25"},
        ),
        "neighbours": (
            {"department_id": "D-sg", "helper_id": "D-bm", "document": "青市监〔2026〕3号（虚构）"},
            {"department_id": "D-bm", "helper_id": "D-sg", "document": "青市监〔2026〕3号（虚构）"},
        ),
    }
)
"""Table to its example rows, field to the text of its cell."""
