"""How platforms call the columns: more names for the columns of :mod:`scheduler.intake.columns`, and the
columns that nobody here needs.

In: nothing. Out: :data:`ALIASES`, :data:`WEAK`, :data:`PAIRS`, :data:`NEEDLESS`, :func:`is_personal`. May
import: the standard library.

A weak name counts only where no better one of its column stands in the file: platforms export 行业 beside
行业代码, and 注册号 beside 统一社会信用代码.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

_FIRM = (
    "统一社会信用代码/注册号",
    "统一社会信用代码(注册号)",
    "统一代码",
    "社会信用代码",
    "市场主体代码",
    "主体身份代码",
    "企业代码",
    "uscc",
    "credit_code",
    "social_credit_code",
)
_OLD = ("注册号", "营业执照注册号", "工商注册号", "reg_no", "registration_no")
_DEGREES = {"lon_udeg": ("lng", "longitude", "坐标经度"), "lat_udeg": ("latitude", "坐标纬度")}
_PERSON = ("人员工号", "执法人员编号", "检查人员编号", "staff_no")
_FROM = ("起始日期", "开始时间", "start_date")
_TO = ("终止日期", "结束时间", "截止时间", "end_date")
_DISTRICT = ("区划编码", "行政区划编码", "所属区划代码", "district_code")

ALIASES: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("departments", "department_id"): ("机构编号", "机构代码", "部门编码", "dept_id"),
        ("departments", "name"): ("部门", "机构名称", "单位名称", "dept_name"),
        ("departments", "field"): ("监管条线", "业务领域"),
        ("departments", "level"): ("部门层级", "机构层级", "机构级别"),
        ("departments", "unit"): ("所属单位",),
        ("departments", "districts"): ("管辖区划代码", "管辖范围"),
        **{("departments", name): words for name, words in _DEGREES.items()},
        ("enterprises", "enterprise_id"): _FIRM,
        ("enterprises", "id_kind"): ("主体代码类型",),
        ("enterprises", "name"): (
            "单位名称",
            "市场主体名称",
            "检查对象名称",
            "检查对象",
            "企业(单位)名称",
            "enterprise_name",
            "company_name",
        ),
        ("enterprises", "address"): ("住所(经营场所)", "经营地址", "生产经营地址", "注册地址"),
        ("enterprises", "authority"): ("登记机关名称",),
        ("enterprises", "unit"): ("管辖单位名称", "管辖机关", "监管单位", "监管所", "属地监管所"),
        ("enterprises", "district"): _DISTRICT,
        ("enterprises", "industry"): ("行业编码", "国民经济行业代码", "行业代码(GB/T4754)", "industry_code"),
        ("enterprises", "status"): ("企业状态", "主体状态", "市场主体状态"),
        ("enterprises", "risk_class"): (
            "信用风险分类等级",
            "信用风险分类结果",
            "信用风险级别",
            "企业信用风险等级",
            "credit_risk",
        ),
        ("enterprises", "tags"): ("主体标签", "企业标签", "分类标签"),
        ("enterprises", "opening"): ("营业时段",),
        ("enterprises", "last_inspected"): ("上次检查日期", "最近检查日期", "最近一次抽查日期"),
        **{("enterprises", name): words for name, words in _DEGREES.items()},
        ("inspectors", "inspector_id"): _PERSON,
        ("inspectors", "name"): ("人员姓名", "检查人员姓名", "执法人员姓名"),
        ("inspectors", "department_id"): ("所属部门编号", "部门编码", "机构编号", "dept_id"),
        ("inspectors", "unit"): ("所属单位", "单位"),
        ("inspectors", "certificate_no"): ("执法证编号", "执法证件号", "行政执法证号", "执法证号码"),
        ("inspectors", "certificate_expires"): ("执法证到期日期", "执法证有效期限", "证件有效期至"),
        ("inspectors", "qualifications"): ("执法资质", "检查资质", "专业资质"),
        ("inspectors", "item_scopes"): ("可查事项", "检查事项范围"),
        ("inspectors", "is_leader"): ("是否组长",),
        ("inspectors", "is_newcomer"): ("是否新人",),
        ("inspectors", "max_visits_day"): ("负荷上限", "每日负荷上限", "每日户数上限"),
        ("experts", "expert_id"): ("专家编码", "专家工号"),
        ("experts", "name"): ("专家姓名",),
        ("experts", "specialties"): ("专业领域", "专业"),
        **{("experts", name): words for name, words in _DEGREES.items()},
        ("items", "item_code"): ("抽查事项编号", "抽查事项代码", "事项编码", "检查事项编号"),
        ("items", "name"): ("抽查事项名称", "检查事项名称", "抽查事项", "检查事项"),
        ("items", "field"): ("抽查领域", "所属领域"),
        ("items", "basis"): ("依据", "法律依据", "抽查依据"),
        ("items", "method"): ("方式", "抽查方式"),
        ("items", "item_class"): ("类别", "抽查类别", "事项分类"),
        ("items", "qualification"): ("所需资质",),
        ("items", "expert"): ("所需专家",),
        ("items", "duration_min"): ("时长", "时长(分钟)", "检查时长(min)", "预计时长"),
        ("tasks", "task_id"): ("抽查任务编号", "任务编码", "计划编号"),
        ("tasks", "name"): ("抽查任务名称", "计划名称"),
        ("tasks", "lead_id"): ("发起部门编号", "牵头部门", "牵头部门编号"),
        ("tasks", "cooperating_ids"): ("配合部门编号", "联合部门", "参与部门"),
        ("tasks", "item_codes"): ("抽查事项编号", "事项编号"),
        ("tasks", "quota"): ("比例", "抽取比例", "抽查比例(数量)", "抽取比例/数量"),
        ("tasks", "start"): _FROM,
        ("tasks", "end"): _TO,
        ("recusals", "inspector_id"): _PERSON,
        ("recusals", "enterprise_id"): _FIRM,
        ("recusals", "kind"): ("回避原因", "回避事由"),
        ("recusals", "start"): _FROM,
        ("recusals", "end"): _TO,
        ("leave", "person_id"): _PERSON,
        ("leave", "kind"): ("请假类型", "事由"),
        ("leave", "start"): _FROM,
        ("leave", "end"): _TO,
        ("history", "enterprise_id"): _FIRM,
        ("history", "inspector_id"): _PERSON,
        ("history", "day"): ("检查时间", "抽查日期"),
        ("quiet", "enterprise_id"): _FIRM,
        ("quiet", "district"): _DISTRICT,
        ("quiet", "start"): _FROM,
        ("quiet", "end"): _TO,
        ("orders", "enterprise_id"): _FIRM,
        ("orders", "start"): _FROM,
        ("orders", "end"): _TO,
        ("travel", "from_place"): ("出发地", "起点编号", "起点代码", "起点区划代码", "origin"),
        ("travel", "to_place"): ("到达地", "目的地", "终点编号", "终点代码", "终点区划代码", "destination"),
        ("travel", "minutes"): (
            "路程分钟",
            "车程分钟",
            "车程(分钟)",
            "路程(分钟)",
            "用时(分钟)",
            "duration_min",
        ),
        ("neighbours", "department_id"): ("受援部门", "被协助部门", "department"),
        ("neighbours", "helper_id"): ("支援部门", "协助单位", "相邻部门", "helper", "neighbour", "neighbor"),
        ("neighbours", "document"): ("依据", "协议文号", "agreement"),
    }
)
"""Table and field to further headings, as good as the canonical one."""

WEAK: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        **{
            (table, "enterprise_id"): _OLD
            for table in ("enterprises", "recusals", "history", "quiet", "orders")
        },
        ("enterprises", "unit"): ("辖区", "所属辖区"),
        ("enterprises", "district"): ("区划", "行政区划", "所属区划"),
        ("enterprises", "industry"): ("行业", "所属行业"),
        ("enterprises", "risk_class"): ("风险等级", "信用等级", "风险分类"),
        ("departments", "unit"): ("单位",),
        ("items", "expert"): ("专家",),
        ("items", "qualification"): ("资质",),
        ("inspectors", "department_id"): ("部门", "所属部门", "部门名称"),
        ("tasks", "lead_id"): ("发起部门名称", "牵头部门名称"),
        ("tasks", "cooperating_ids"): ("配合部门名称",),
        ("orders", "department_id"): ("部门名称",),
    }
)
"""Table and field to headings that count where nothing better stands in the file, best first."""

PAIRS = frozenset({"坐标", "经纬度", "地理坐标", "坐标(经度,纬度)", "经度,纬度", "lonlat", "lnglat"})
"""Headings of longitude and latitude in one cell, ``120.1,30.2``; they count where neither has a column."""

SECOND: Mapping[tuple[str, str], str] = MappingProxyType({("enterprises", "enterprise_id"): "legacy_id"})
"""Table and field to the field that a column under a weak name fills where a better one is there."""

NEEDLESS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "": MappingProxyType(
            dict.fromkeys(
                (
                    "序号",
                    "编号",
                    "说明",
                    "备注",
                    "填写说明",
                    "创建时间",
                    "创建人",
                    "更新时间",
                    "修改时间",
                    "数据来源",
                    "id",
                    "no",
                    "remark",
                ),
                "",
            )
        ),
        "enterprises": MappingProxyType(
            {
                "行业名称": "行业代码",
                "区划名称": "区划代码",
                "行政区划名称": "区划代码",
                "所属区域": "区划代码",
                "所在区": "区划代码",
                "主体类型": "",
                "企业类型": "",
                "市场主体类型": "",
                "经营范围": "",
                "成立日期": "",
                "核准日期": "",
                "注册资本": "",
                "注册资本(万元)": "",
                "营业期限": "",
                "登记日期": "",
            }
        ),
        "inspectors": MappingProxyType(
            {
                "部门": "部门编号",
                "所属部门": "部门编号",
                "部门名称": "部门编号",
                "层级": "部门编号",
                "职务": "",
                "职级": "",
                "岗位": "",
                "发证机关": "",
                "发证日期": "",
            }
        ),
        "departments": MappingProxyType({"区划名称": "管辖区划"}),
        "experts": MappingProxyType({"工作单位": "", "单位": "", "职称": ""}),
        "tasks": MappingProxyType({"发起部门名称": "发起部门", "配合部门名称": "配合部门", "抽查类型": ""}),
        "items": MappingProxyType({"主管部门": "监管领域", "责任部门": "监管领域", "检查内容": ""}),
        "history": MappingProxyType({"检查结果": "", "企业名称": "主体代码", "姓名": "人员编号"}),
        "recusals": MappingProxyType({"企业名称": "主体代码", "姓名": "人员编号"}),
        "leave": MappingProxyType({"姓名": "人员编号", "部门名称": ""}),
        "travel": MappingProxyType(
            {
                "起点名称": "起点",
                "终点名称": "终点",
                "距离": "",
                "距离(公里)": "",
                "距离(米)": "",
                "distance": "",
            }
        ),
    }
)
"""Table (empty: any) to headings that are understood and not needed, each with the heading or table that says
the same here, empty where nothing does."""

AVAILABLE_FIELD = "available"
"""What a user's own heading may mean besides a field: the days on which a person works."""

AVAILABLE_HEADING = "可用日期"
"""How that column is called in the template."""

_DAYS = frozenset(
    {AVAILABLE_HEADING, "可用日", "可检查日期", "available", "availabledates", "available_dates"}
)

AVAILABLE: Mapping[str, frozenset[str]] = MappingProxyType({"inspectors": _DAYS, "experts": _DAYS})
"""Table to the headings, without blanks, of the days on which a person works; on others he does not."""

_PERSONAL = re.compile(
    r"电话|手机|联系方式|联系人|联络员|传真|邮箱|电子邮件|微信|身份证|证件号码|证件类型|公民身份|护照"
    r"|法定代表人|法人代表|法人姓名|负责人|经营者姓名|股东|出生|生日|年龄|性别|民族|籍贯|政治面貌|学历|婚姻"
    r"|家庭住址|家庭地址|户籍|银行账号|银行卡|照片"
    r"|^(phone|mobile|cell|cellphone|tel|telephone|fax|e-?mail|contact|contact_?(name|person|phone|tel)|id_?card(_?no)?"
    r"|id_?number|identity_?(no|number|card)|legal_?(person|rep|representative)(_?name)?|birth(day|date|_date)?"
    r"|gender|sex)$"
)


def is_personal(plain: str) -> bool:
    """Whether a heading (without blanks, in lower case) names personal data that no stage needs. Data that is
    not needed may not be kept: 《个人信息保护法》(2021) 第六条 (最小范围)."""
    return _PERSONAL.search(plain) is not None
