"""Titles, hints, examples and footers are recognised; headings mean what the table of aliases says; personal
data stay outside."""

from typing import Any

import pytest

from scheduler.domain.errors import InputError
from scheduler.domain.messages import render
from scheduler.intake import problem_of, read_campaign
from scheduler.intake.aliases import ALIASES, NEEDLESS, WEAK, is_personal
from scheduler.intake.asides import Sieve
from scheduler.intake.columns import COLUMNS, plain_head

USCC = "91350100M000100Y43"


def report(intake: Any, table: str) -> Any:
    return next(entry for entry in intake.report.tables if entry.table == table)


def adds_up(entry: Any) -> bool:
    aside = entry.heads + entry.examples + entry.hints + entry.blank
    return bool(
        entry.lines == aside + entry.rows_read
        and entry.rows_read == entry.accepted + entry.rejected + entry.merged
    )


def column(rows: list[list[str]], head: str, cells: list[str]) -> None:
    for row, cell in zip(rows, [head, *cells], strict=True):
        row.append(cell)


def test_titles_hints_examples_repeated_headings_and_footers_are_counted(campaign: Any) -> None:
    wanted = read_campaign(campaign.write()).registers
    rows = campaign.tables["inspectors"]
    width = len(rows[0])

    def line(*cells: str) -> list[str]:
        return [*cells, *[""] * (width - len(cells))]

    example = list(rows[1])
    example[1] = "案例（请删除）"
    campaign.tables["inspectors"] = [
        line("执法检查人员名录"),
        line("导出单位：市局", "导出日期：2026-02-01"),
        rows[0],
        line("填写说明", "必填", "必填；与部门表一致"),
        [field.field for field in COLUMNS["inspectors"]],
        example,
        line("示例1", "张三"),
        line(),
        *rows[1:5],
        rows[0],
        *rows[5:],
        line("", "　"),
        line("注：本表由系统导出"),
        line("合计"),
    ]
    intake = read_campaign(campaign.write())
    assert intake.registers == wanted
    found = report(intake, "inspectors")
    assert (found.heads, found.examples, found.hints, found.blank, found.rows_read) == (3, 2, 5, 2, 12)
    assert adds_up(found)
    told = {line.code: line.detail for line in intake.report.warnings if line.table == "inspectors"}
    assert told["intake.rows_example"] == "2（6、7）"
    assert told["intake.rows_hint"] == "5（4、5、13、23、24）"


EXAMPLES = [
    ["案例（请删除）", "甲", "x"],
    ["示例行，请删除", "甲", "x"],
    ["E01", "甲", "样例(请勿删除改动前)"],
    ["示例", "甲", "x"],
    ["（示例）", "甲", "x"],
    ["范例2", "甲", "x"],
    ["示例：某某公司", "甲", "x"],
]
RECORDS = [
    ["E01", "示例科技有限公司", "x"],
    ["E01", "案例教学服务部", "x"],
    ["E01", "甲", "案例：2025年投诉"],
    ["E01", "甲", "例行检查，请删去旧照"],
    ["E01", "范例", "x"],
    ["E02", "合计", "12"],
    ["注册号123", "必填", ""],
]


def sieve() -> Sieve:
    return Sieve(
        heads=["编号", "名称", "备注"], key=0, is_heading=lambda text: text in {"编号", "名称"}, n_heads=1
    )


@pytest.mark.parametrize("cells", EXAMPLES, ids="|".join)
def test_a_row_that_says_it_is_an_example_is_one(cells: list[str]) -> None:
    one = sieve()
    assert list(one.data(iter([(2, cells)]))) == []
    assert one.counts == {"example": 1}


@pytest.mark.parametrize("cells", RECORDS, ids="|".join)
def test_a_record_that_only_speaks_of_examples_stays_a_record(cells: list[str]) -> None:
    records = [(2, ["E00", "甲", ""]), (3, cells)]
    assert list(sieve().data(iter(records))) == records


def test_a_note_counts_only_above_the_first_record_or_alone_in_its_row() -> None:
    one = sieve()
    note = ["", "必填，与营业执照一致", ""]
    records = [(2, note), (3, ["E01", "甲", ""]), (4, note), (5, ["说明：以上为全部", "", ""])]
    assert [number for number, _ in one.data(iter(records))] == [3, 4]
    assert one.counts == {"hint": 2}


# headings


FEET = [["合计", "", "12"], ["", "总计：", "12"], ["制表人：甲", "", "审核人：乙"], ["小计", "", "3"]]


@pytest.mark.parametrize("foot", FEET)
@pytest.mark.parametrize("table", ["enterprises", "items"])
def test_a_foot_of_several_cells_is_no_row_of_the_table(campaign: Any, table: str, foot: list[str]) -> None:
    wanted = read_campaign(campaign.write()).registers
    campaign.tables[table].append(foot + [""] * (len(campaign.tables[table][0]) - len(foot)))
    found = read_campaign(campaign.write())
    assert found.registers == wanted
    assert [one.hints for one in found.report.tables if one.table == table] == [1]


def test_a_firm_whose_name_begins_like_a_foot_is_a_record_even_without_its_code(campaign: Any) -> None:
    heads = campaign.tables["enterprises"][0]
    heads[0:0] = ["序号"]
    for number, row in enumerate(campaign.tables["enterprises"][1:], start=1):
        row[0:0] = [str(number)]
    campaign.change("enterprises", 3, "序号", "")
    campaign.change("enterprises", 3, "主体代码", "")
    campaign.change("enterprises", 3, "名称", "合计物流有限公司")
    assert [(one.row, one.code) for one in read_campaign(campaign.write()).rejected if one.row == 3] == [
        (3, "intake.empty")
    ]


def test_no_heading_of_a_table_has_two_meanings() -> None:
    for table, columns in COLUMNS.items():
        words = [
            plain_head(word) for one in columns for word in (one.heading, *one.aliases, *one.weak, one.field)
        ]
        assert len(words) == len(set(words)), table


def test_no_heading_that_is_read_is_called_personal_or_needless() -> None:
    for table, columns in COLUMNS.items():
        for one in columns:
            for word in (one.heading, *one.aliases):
                plain = plain_head(word)
                assert not is_personal(plain), word
                assert plain not in NEEDLESS.get(table, {}), word


def test_every_alias_belongs_to_a_column_there_is() -> None:
    there = {(table, one.field) for table, columns in COLUMNS.items() for one in columns}
    assert {*ALIASES, *WEAK} <= there


def test_the_platforms_own_names_are_understood(campaign: Any) -> None:
    wanted = read_campaign(campaign.write()).registers
    for table, names in {
        "enterprises": {
            "主体代码": "统一社会信用代码/注册号",
            "名称": "市场主体名称",
            "信用风险等级": "企业信用风险等级",
        },
        "inspectors": {"工号": "执法人员编号", "执法证号": "行政执法证号", "每日次数上限": "负荷上限"},
        "items": {"检查依据": "依据", "检查方式": "方式", "事项类别": "类别", "检查时长(分钟)": "时长"},
        "tasks": {"抽查比例": "抽取比例/数量", "发起部门": "牵头部门"},
    }.items():
        heads = campaign.tables[table][0]
        for old, new in names.items():
            heads[heads.index(old)] = new
    assert read_campaign(campaign.write()).registers == wanted


def test_a_weak_name_gives_way_to_a_better_one_and_serves_alone(campaign: Any) -> None:
    rows = campaign.tables["enterprises"]
    wanted = read_campaign(campaign.write()).registers
    column(rows, "行业", ["餐饮业"] * (len(rows) - 1))
    assert read_campaign(campaign.write()).registers == wanted
    for row in rows:
        row.pop()
    rows[0][rows[0].index("行业代码")] = "行业"
    assert read_campaign(campaign.write()).registers == wanted


def test_a_registration_number_beside_the_credit_code_becomes_the_firms_old_number(campaign: Any) -> None:
    rows = campaign.tables["enterprises"]
    rows[0][0] = "统一社会信用代码"
    kind = rows[0].index("代码类型")
    for row in rows[1:]:
        row[kind] = ""
    rows[1][0], rows[2][0] = USCC, ""
    column(rows, "注册号", ["330182600123450", "330182600123468", *[""] * (len(rows) - 3)])
    legacy = rows[0].index("原注册号")
    for row in rows:
        del row[legacy]
    found = {row.name: row for row in read_campaign(campaign.write()).registers.enterprises}
    first, second = found[rows[1][rows[0].index("名称")]], found[rows[2][rows[0].index("名称")]]
    assert (first.enterprise_id, first.legacy_id) == (USCC, "330182600123450")
    assert (second.enterprise_id, second.legacy_id) == ("330182600123468", "")


def test_needless_columns_are_left_out_with_a_word(campaign: Any) -> None:
    rows = campaign.tables["inspectors"]
    for head in ("部门名称", "层级", "职务", "鞋码"):
        column(rows, head, ["x"] * (len(rows) - 1))
    intake = read_campaign(campaign.write())
    told = {
        line.column: (line.code, line.detail) for line in intake.report.warnings if line.table == "inspectors"
    }
    assert told == {
        "部门名称": ("intake.column_instead", "部门编号"),
        "层级": ("intake.column_instead", "部门编号"),
        "职务": ("intake.column_needless", ""),
        "鞋码": ("intake.column_unknown", ""),
    }


def test_personal_data_stay_outside_and_the_report_says_so(campaign: Any) -> None:
    wanted = read_campaign(campaign.write()).registers
    people, firms = campaign.tables["inspectors"], campaign.tables["enterprises"]
    phone, ident, boss = "13800138000", "330182199001011234", "赵老板"
    column(people, "手机号码", [phone, *[""] * (len(people) - 2)])
    column(people, "身份证号", [ident] * (len(people) - 1))
    column(firms, "法定代表人", [boss] * (len(firms) - 1))
    people[2].append("多出一格")
    people[3][0] = "坏|号"
    campaign.tables["recusals"] = campaign.tables["recusals"][:1]
    campaign.tables["leave"] = campaign.tables["leave"][:1]
    campaign.tables["history"] = campaign.tables["history"][:1]
    intake = read_campaign(campaign.write())
    told = {
        line.column: line.detail for line in intake.report.warnings if line.code == "intake.column_personal"
    }
    assert told == {"手机号码": "1", "身份证号": "12", "法定代表人": str(len(firms) - 1)}
    assert intake.registers.enterprises == wanted.enterprises
    everything = repr((intake.registers, intake.report, intake.rejected))
    words = "".join(render(problem_of(line), "zh") for line in (*intake.rejected, *intake.report.warnings))
    assert {line.code for line in intake.rejected} == {"intake.row_width", "intake.id"}
    for secret in (phone, ident, boss):
        assert secret not in everything + words


def test_a_certificate_number_is_no_personal_identity_number() -> None:
    assert not any(
        is_personal(plain_head(word)) for word in ("执法证号", "执法证号码", "执法证件号", "姓名", "证据")
    )
    personal = (
        "联系电话",
        "手机",
        "身份证号码",
        "法定代表人（负责人）",
        "Phone",
        "legal_person",
        "出生年月",
        "家庭住址",
    )
    assert all(is_personal(plain_head(word)) for word in personal)


# the user's own names


def test_a_user_adds_names_in_campaign_toml_and_in_a_file(campaign: Any) -> None:
    wanted = read_campaign(campaign.write()).registers
    firms, people = campaign.tables["enterprises"], campaign.tables["inspectors"]
    firms[0][firms[0].index("名称")] = "企业全称"
    firms[0][firms[0].index("区划代码")] = "网格"
    people[0][people[0].index("姓名")] = "检查员"
    column(people, "内部代号", ["七"] * (len(people) - 1))
    campaign.sections = (
        '[aliases]\nfile = "names.toml"\n[aliases.enterprises]\n"企业全称" = "name"\n"企业 全称" = "名称"\n'
        '"网格" = "区划代码"\n'
    )
    campaign.folder.mkdir(parents=True, exist_ok=True)
    names = '[inspectors]\n"检查员" = "姓名"\n"内部代号" = "-"\n'
    (campaign.folder / "names.toml").write_text(names, encoding="utf-8")
    intake = read_campaign(campaign.write())
    assert intake.registers == wanted
    told = [line.code for line in intake.report.warnings if line.column == "内部代号"]
    assert told == ["intake.column_needless"]


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ('[aliases.enterprises]\n"x" = "没有"', "intake.alias_unknown"),
        ("[aliases.enterprises]\nx = 3", "intake.alias_unknown"),
        ('[aliases.enterprises]\n"企业全称" = "name"\n"企业 全称*" = "住所"', "intake.alias_twice"),
        ('[aliases.firms]\nx = "name"', "intake.table_unknown"),
        ("[aliases]\nenterprises = 3", "intake.setting_type"),
        ('[aliases]\nfile = "nowhere.toml"', "intake.file_missing"),
        ('[aliases]\nfile = "."', "intake.file_unreadable"),
        ("[aliases]\nfile = 3", "intake.setting_type"),
        ("[import]\nrows = 0", "intake.setting_range"),
        ('[import]\nrows = "viele"', "intake.setting_type"),
        ("[import]\nlines = 3", "intake.setting_unknown"),
    ],
)
def test_a_section_about_reading_that_makes_no_sense_is_refused(
    campaign: Any, section: str, code: str
) -> None:
    campaign.sections = section
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert [problem.code for problem in error.value.problems] == [code]
