"""Checks between rows and tables: followed, set aside, rejected, or only told."""

import datetime as dt
from typing import Any

import pytest

from scheduler.domain.errors import InputError
from scheduler.intake import Intake, read_campaign
from scheduler.intake.risk import risk_class

USCC = "91350100M000100Y43"
OTHER = "91110000600037341L"
OLD = "110108000000016"
HISTORY = ["主体代码", "人员编号", "检查日期", "事项编号"]
DIVISIONS = ["原区划代码", "现区划代码", "变更日期", "批准文号"]


def told(intake: Intake, table: str) -> list[tuple[int, str, str]]:
    lines = (line for line in intake.report.warnings if line.table == table and line.row)
    return [(line.row, line.column, line.code) for line in lines]


def rejected(intake: Intake, table: str) -> list[tuple[int, str, str]]:
    return [(line.row, line.column, line.code) for line in intake.rejected if line.table == table]


def problems(campaign: Any) -> list[tuple[str, object]]:
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    return [(problem.code, problem.place.get("row")) for problem in error.value.problems]


def name_code(campaign: Any, row: int, code: str, kind: str = "") -> None:
    campaign.change("enterprises", row, "主体代码", code)
    campaign.change("enterprises", row, "代码类型", kind)


# 统一社会信用代码 and 注册号


def with_both_columns(campaign: Any, *rows: tuple[str, str]) -> None:
    """The register with a column for each code."""
    lines = campaign.tables["enterprises"]
    lines[0][lines[0].index("主体代码")] = "统一社会信用代码"
    lines[0][lines[0].index("原注册号")] = "注册号"
    for line, (code, old) in zip(lines[1:], rows, strict=False):
        line[lines[0].index("统一社会信用代码")] = code
        line[lines[0].index("代码类型")] = ""
        line[lines[0].index("注册号")] = old


def test_a_register_with_both_codes_keeps_both_and_what_names_the_old_one_is_followed(campaign: Any) -> None:
    with_both_columns(campaign, (USCC, OLD), ("", "110108000000024"))
    campaign.tables["history"] = [
        HISTORY,
        [OLD, "food-3", "2025-09-01", ""],
        [USCC, "food-3", "2025-09-01", ""],
    ]
    campaign.tables["recusals"] = [
        campaign.tables["recusals"][0],
        ["food-1", OLD, "", "亲属", "已批准", "", "", "", ""],
    ]
    intake = read_campaign(campaign.write())
    firm = next(row for row in intake.registers.enterprises if row.enterprise_id == USCC)
    assert (firm.id_kind, firm.legacy_id) == ("uscc", OLD)
    assert any(
        (row.enterprise_id, row.legacy_id) == ("110108000000024", "") for row in intake.registers.enterprises
    )
    assert [row.enterprise_id for row in intake.registers.history] == [USCC]
    report = next(table for table in intake.report.tables if table.table == "history")
    assert (report.rows_read, report.accepted, report.merged) == (2, 1, 1)
    assert [row.enterprise_id for row in intake.registers.recusals] == [USCC]
    assert told(intake, "recusals") == [(2, "主体代码", "intake.id_linked")]


def test_a_row_under_the_former_number_of_another_is_rejected(campaign: Any) -> None:
    name_code(campaign, 2, USCC)
    campaign.change("enterprises", 2, "原注册号", OLD)
    name_code(campaign, 3, OLD)
    intake = read_campaign(campaign.write())
    assert rejected(intake, "enterprises") == [(3, "主体代码", "intake.two_ids")]


def test_a_former_number_that_two_firms_claim_leads_nowhere(campaign: Any) -> None:
    for row, code in ((2, USCC), (3, OTHER)):
        name_code(campaign, row, code)
        campaign.change("enterprises", row, "原注册号", OLD)
    campaign.tables["history"] = [HISTORY, [OLD, "food-3", "2025-09-01", ""]]
    intake = read_campaign(campaign.write())
    shared = [line for line in told(intake, "enterprises") if line[2] == "intake.legacy_shared"]
    assert [line[0] for line in shared] == [2, 3]
    assert rejected(intake, "history") == [(2, "主体代码", "intake.reference_unknown")]


# references


def test_a_name_that_lost_its_zeros_is_told_from_an_unknown_one(campaign: Any) -> None:
    people = campaign.tables["inspectors"]
    people.append(["0012345", *people[1][1:]])
    people[-1][people[0].index("执法证号")] = "ZF-0012345"
    campaign.tables["history"] += [["E05", "12345", "2025-09-01", ""], ["E05", "99999", "2025-09-01", ""]]
    intake = read_campaign(campaign.write())
    lines = [line for line in intake.rejected if line.table == "history"]
    assert [(line.code, line.detail) for line in lines] == [
        ("intake.reference_zeros", "0012345"),
        ("intake.reference_unknown", "99999"),
    ]


def test_leave_of_somebody_who_is_known_but_for_his_zeros_stops_the_import(campaign: Any) -> None:
    people = campaign.tables["inspectors"]
    people.append(["0012345", *people[1][1:]])
    n_leave = len(campaign.tables["leave"])
    campaign.tables["leave"].append(["12345", "2026-03-03", "2026-03-03", ""])
    assert problems(campaign) == [("intake.reference_zeros", n_leave + 1)]


# abolished division codes


def test_abolished_codes_become_todays_in_every_table_and_through_a_chain(campaign: Any) -> None:
    campaign.tables["divisions"] = [
        DIVISIONS,
        ["330199", "330198", "2019-01-01", "甲"],
        ["330198", "330182", "2021-04-09", "乙"],
        ["330182", "330100", "2027-01-01", "还没有"],
    ]
    campaign.change("enterprises", 2, "区划代码", "330199")
    campaign.change("departments", 2, "管辖区划", "330198；330182")
    intake = read_campaign(campaign.write())
    assert {row.district for row in intake.registers.enterprises} == {"330182"}
    assert intake.registers.departments[0].districts == ("330182",)
    assert told(intake, "enterprises")[0] == (2, "区划代码", "intake.division_changed")
    assert intake.registers.divisions[1].since == dt.date(2021, 4, 9)


def test_an_abolished_code_without_a_successor_rejects_its_enterprise(campaign: Any) -> None:
    campaign.tables["divisions"] = [DIVISIONS, ["330199", "", "2021-04-09", ""]]
    campaign.change("enterprises", 2, "区划代码", "330199")
    intake = read_campaign(campaign.write())
    assert rejected(intake, "enterprises") == [(2, "区划代码", "intake.division_abolished")]


def test_a_table_of_changes_that_leads_in_a_circle_is_refused(campaign: Any) -> None:
    campaign.tables["divisions"] = [
        DIVISIONS,
        ["330199", "330198", "2019-01-01", ""],
        ["330198", "330199", "2021-04-09", ""],
    ]
    assert problems(campaign) == [("intake.division_cycle", None)]


def test_a_code_that_no_department_covers_is_told_and_its_enterprise_kept(campaign: Any) -> None:
    campaign.change("enterprises", 2, "区划代码", "330199")
    intake = read_campaign(campaign.write())
    assert (2, "区划代码", "intake.division_uncovered") in told(intake, "enterprises")
    assert len(intake.registers.enterprises) == 12


# coordinates


@pytest.mark.parametrize(("longitude", "latitude"), [("30.21", "120.21"), ("30.2100", "89.9")])
def test_exchanged_coordinates_are_named_and_set_aside(campaign: Any, longitude: str, latitude: str) -> None:
    campaign.change("enterprises", 2, "经度", longitude)
    campaign.change("enterprises", 2, "纬度", latitude)
    intake = read_campaign(campaign.write())
    far = latitude == "89.9"
    assert (2, "经度", "intake.place_far" if far else "intake.place_swapped") in told(intake, "enterprises")
    assert intake.registers.enterprises[0].lon_udeg is None


def test_coordinates_exchanged_within_a_poles_reach_are_known_by_the_districts_centre(campaign: Any) -> None:
    for row in range(2, 14):
        campaign.change("enterprises", row, "经度", "-0.19")
        campaign.change("enterprises", row, "纬度", "51.36")
    campaign.change("enterprises", 2, "经度", "51.36")
    campaign.change("enterprises", 2, "纬度", "-0.19")
    intake = read_campaign(campaign.write())
    assert told(intake, "enterprises") == [(2, "经度", "intake.place_swapped")]


# what is only told


def notices(campaign: Any, table: str) -> list[tuple[int, str, str]]:
    intake = read_campaign(campaign.write())
    assert intake.rejected == ()
    return [line for line in told(intake, table) if not line[2].startswith("intake.place")]


def test_nothing_is_told_about_a_campaign_without_fault(campaign: Any) -> None:
    for table in ("enterprises", "inspectors", "items"):
        assert notices(campaign, table) == []


def test_a_certificate_that_ended_before_the_campaign_is_told(campaign: Any) -> None:
    campaign.change("inspectors", 2, "执法证有效期至", "2026-03-01")
    campaign.change("inspectors", 3, "执法证有效期至", "2026-03-02")
    campaign.change("inspectors", 4, "执法证有效期至", "9999-09-09")
    assert notices(campaign, "inspectors") == [(2, "执法证有效期至", "intake.certificate_expired")]


def test_a_certificate_number_of_two_people_is_told_of_both(campaign: Any) -> None:
    campaign.change("inspectors", 3, "执法证号", campaign.tables["inspectors"][1][5])
    assert [line[0] for line in notices(campaign, "inspectors")] == [2, 3]


def test_scopes_without_items_and_strange_units_are_told(campaign: Any) -> None:
    campaign.change("inspectors", 2, "事项范围", "X*；ZZ*；S01")
    campaign.change("inspectors", 3, "管辖单位", "无此所")
    assert notices(campaign, "inspectors") == [
        (2, "事项范围", "intake.scope_without_item"),
        (3, "管辖单位", "intake.unit_unknown"),
    ]


def test_items_that_ask_for_what_nobody_has_are_told(campaign: Any) -> None:
    campaign.change("items", 2, "资质要求", "无人具备")
    campaign.change("items", 3, "专家要求", "无人专长")
    assert notices(campaign, "items") == [
        (2, "资质要求", "intake.qualification_nobody"),
        (3, "专家要求", "intake.expert_nobody"),
    ]


# risk classes


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("a", "A"),
        ("a类", "A"),
        ("b级", "B"),
        ("低", "A"),
        ("低风险", "A"),
        ("信用风险低", "A"),
        ("信用风险一般(b类)", "B"),
        ("信用风险较高(c类)", "C"),
        ("d(高)", "D"),
        ("高风险企业", "D"),
        ("c-较高", "C"),
        ("信用风险等级:d", "D"),
        ("a(高)", None),
        ("低高", None),
        ("中", None),
        ("未分类", None),
        ("abc", None),
        ("", None),
        ("e", None),
        ("高新", None),
    ],
)
def test_risk_classes_are_read_in_every_form_and_never_guessed(text: str, risk: str | None) -> None:
    assert risk_class(text) == risk


def test_platform_words_for_risk_classes_are_accepted_full_width_too(campaign: Any) -> None:
    campaign.change("enterprises", 2, "信用风险等级", "信用风险较高（Ｃ 类）")
    intake = read_campaign(campaign.write())
    assert intake.registers.enterprises[0].risk_class == "C"


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("46082", dt.date(2026, 3, 1)),
        ("46082.5", dt.date(2026, 3, 1)),
        ("２０２５年３月２日", dt.date(2025, 3, 2)),
        ("2025.3.2", dt.date(2025, 3, 2)),
        ("9999-09-09", None),
    ],
)
def test_dates_are_read_in_every_form(campaign: Any, cell: str, day: dt.date | None) -> None:
    campaign.change("enterprises", 2, "上次抽查日期", cell)
    intake = read_campaign(campaign.write())
    assert intake.registers.enterprises[0].last_inspected == day
    expected = [] if day else [(2, "上次抽查日期", "intake.date_set_aside")]
    assert [line for line in told(intake, "enterprises") if "date" in line[2]] == expected


def test_a_recusal_of_a_firm_whose_row_slipped_hears_that_the_row_was_rejected(campaign: Any) -> None:
    row = campaign.tables["recusals"][1]
    firm = row[campaign.tables["recusals"][0].index("主体代码")]
    line = next(cells for cells in campaign.tables["enterprises"] if cells[0] == firm)
    line.insert(3, "一格太多")
    found = read_campaign(campaign.write()).rejected
    assert {(one.table, one.code) for one in found} == {
        ("enterprises", "intake.row_width"),
        ("recusals", "intake.reference_rejected"),
    }
