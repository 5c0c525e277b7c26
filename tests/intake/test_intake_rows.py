"""What is wrong with a row, and whether it stops the import."""

import datetime as dt
import math
from typing import Any

import pytest
from small import registers

from scheduler.domain.errors import InputError
from scheduler.domain.messages import catalogue
from scheduler.domain.registers import TABLES
from scheduler.intake import Intake, read_campaign
from scheduler.intake.places import cosine_ppm

USCC = "91350100M000100Y43"
QUIET_HEAD = ["主体代码", "区划代码", "开始日期", "截止日期", "原因"]


def lines(intake: Intake, table: str) -> list[tuple[int, str, str, str]]:
    return [(line.row, line.column, line.value, line.code) for line in intake.rejected if line.table == table]


def fatal(campaign: Any) -> list[tuple[str, object, object]]:
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    return [(p.code, p.place.get("row"), p.place.get("column")) for p in error.value.problems]


@pytest.mark.parametrize(
    ("heading", "value", "code"),
    [
        ("主体代码", "", "intake.empty"),
        ("主体代码", "A|B", "intake.id"),
        ("主体代码", "9.13301E+17", "intake.code_damaged"),
        ("代码类型", "护照", "intake.choice"),
        ("名称", " ", "intake.empty"),
        ("登记机关", "甲|乙", "intake.label"),
        ("登记状态", "冬眠", "intake.choice"),
        ("信用风险等级", "E", "intake.choice"),
        ("经度", "东", "intake.coordinate"),
        ("纬度", "120.2", "intake.coordinate"),
        ("营业时间", "整天", "intake.hours"),
        ("上次抽查日期", "去年", "intake.date"),
    ],
)
def test_a_bad_cell_rejects_its_enterprise_and_nothing_else(
    campaign: Any, heading: str, value: str, code: str
) -> None:
    campaign.change("enterprises", 3, heading, value)
    intake = read_campaign(campaign.write())
    assert lines(intake, "enterprises") == [(3, heading, value, code)]
    report = next(entry for entry in intake.report.tables if entry.table == "enterprises")
    assert (report.rows_read, report.accepted, report.rejected) == (12, 11, 1)
    assert len(intake.registers.enterprises) == 11


def test_a_row_with_two_problems_is_told_twice_and_counted_once(campaign: Any) -> None:
    campaign.change("enterprises", 3, "经度", "东")
    campaign.change("enterprises", 3, "信用风险等级", "E")
    intake = read_campaign(campaign.write())
    assert [line[3] for line in lines(intake, "enterprises")] == ["intake.choice", "intake.coordinate"]
    report = next(entry for entry in intake.report.tables if entry.table == "enterprises")
    assert (report.rows_read, report.accepted, report.rejected) == (12, 11, 1)


def test_the_kind_of_a_code_is_found_where_it_is_not_given(campaign: Any) -> None:
    for row, code in ((2, USCC.lower()), (3, "330182600123456"), (4, "W-1"), (5, USCC[:-1] + "4")):
        campaign.change("enterprises", row, "主体代码", code)
        campaign.change("enterprises", row, "代码类型", "")
    campaign.tables["recusals"].clear()
    campaign.tables["recusals"].append(["人员编号", "主体代码", "回避类型"])
    campaign.tables["recusals"].append(["fire-1", USCC.lower(), "亲属"])
    intake = read_campaign(campaign.write())
    kinds = {row.enterprise_id: row.id_kind for row in intake.registers.enterprises}
    assert (kinds[USCC], kinds["330182600123456"], kinds["W-1"]) == ("uscc", "legacy", "other")
    assert lines(intake, "enterprises") == [(5, "主体代码", USCC[:-1] + "4", "intake.uscc")]
    assert intake.registers.recusals[0].enterprise_id == USCC


def test_a_code_of_no_kind_is_told_where_the_file_names_no_kinds(campaign: Any) -> None:
    def told(intake: Any) -> list[str]:
        return [line.value for line in intake.report.warnings if line.code == "intake.id_other"]

    assert told(read_campaign(campaign.write())) == []
    for row in campaign.tables["enterprises"]:
        row.pop(1)
    campaign.change("enterprises", 2, "主体代码", USCC)
    campaign.tables["recusals"] = campaign.tables["recusals"][:1]
    assert told(read_campaign(campaign.write())) == [f"E{n:02d}" for n in range(2, 13)]


def test_a_check_character_binds_only_a_credit_code(campaign: Any) -> None:
    campaign.change("enterprises", 2, "主体代码", USCC[:-1] + "4")
    campaign.change("enterprises", 2, "代码类型", "其他")
    assert read_campaign(campaign.write()).rejected == ()


def test_identical_repetitions_are_merged_and_counted(campaign: Any) -> None:
    for name in ("enterprises", "inspectors", "recusals", "leave", "history"):
        campaign.tables[name].append(list(campaign.tables[name][1]))
    intake = read_campaign(campaign.write())
    assert intake.rejected == ()
    assert {report.table: report.merged for report in intake.report.tables if report.merged} == {
        "enterprises": 1,
        "inspectors": 1,
        "recusals": 1,
        "leave": 1,
        "history": 1,
    }
    assert intake.registers.inspectors == registers().inspectors


def test_differing_repetitions_are_all_rejected_and_name_each_other(campaign: Any) -> None:
    rows = campaign.tables["enterprises"]
    rows += [list(rows[3]), list(rows[3])]
    campaign.change("enterprises", 15, "名称", "别名")
    intake = read_campaign(campaign.write())
    assert [(line.row, line.detail) for line in intake.rejected if line.code == "intake.duplicate"] == [
        (4, "14、15（名称）"),
        (14, "4、15（名称）"),
        (15, "4（名称）、14（名称）"),
    ]
    assert not any(row.enterprise_id == rows[3][0] for row in intake.registers.enterprises)
    report = next(entry for entry in intake.report.tables if entry.table == "enterprises")
    assert (report.rows_read, report.accepted, report.rejected, report.merged) == (14, 11, 3, 0)


def test_a_row_rejected_for_its_cells_still_contradicts_its_twin(campaign: Any) -> None:
    rows = campaign.tables["enterprises"]
    rows.append(list(rows[3]))
    campaign.change("enterprises", 14, "登记状态", "冬眠")
    intake = read_campaign(campaign.write())
    assert [(line[0], line[3]) for line in lines(intake, "enterprises")] == [
        (4, "intake.duplicate"),
        (14, "intake.choice"),
    ]


def test_one_firm_under_an_old_and_a_new_code_keeps_the_new_one(campaign: Any) -> None:
    for row, code in ((2, USCC), (3, "330182600123456")):
        campaign.change("enterprises", row, "主体代码", code)
        campaign.change("enterprises", row, "代码类型", "")
        campaign.change("enterprises", row, "名称", "同一家")
        campaign.change("enterprises", row, "住所", "同一处")
    campaign.tables["history"][1][0] = "330182600123456"
    intake = read_campaign(campaign.write())
    assert lines(intake, "enterprises") == [(3, "主体代码", "330182600123456", "intake.two_ids")]
    assert lines(intake, "history") == []
    assert intake.registers.history[0].enterprise_id == USCC


@pytest.mark.parametrize(
    ("longitude", "latitude", "code"),
    [
        ("0", "0.0", "intake.place_zero"),
        ("", "", "intake.place_missing"),
        ("120.2", "", "intake.place_missing"),
        ("122.3", "30.21", "intake.place_far"),
        ("120.2", "31.2", "intake.place_far"),
    ],
)
def test_impossible_coordinates_are_set_aside_with_a_warning(
    campaign: Any, longitude: str, latitude: str, code: str
) -> None:
    campaign.change("enterprises", 3, "经度", longitude)
    campaign.change("enterprises", 3, "纬度", latitude)
    intake = read_campaign(campaign.write())
    assert intake.rejected == ()
    enterprise = intake.registers.enterprises[1]
    assert (enterprise.lon_udeg, enterprise.lat_udeg) == (None, None)
    warned = [(line.row, line.code) for line in intake.report.warnings if line.table == "enterprises"]
    assert warned == [(3, code)]
    report = next(entry for entry in intake.report.tables if entry.table == "enterprises")
    assert (report.accepted, report.warnings) == (12, 1)


def test_a_register_without_coordinates_is_warned_about_once(campaign: Any) -> None:
    for row in campaign.tables["enterprises"]:
        del row[11:13]
    intake = read_campaign(campaign.write())
    warned = [(line.row, line.code) for line in intake.report.warnings if line.table == "enterprises"]
    assert warned == [(0, "intake.place_missing"), (0, "intake.places_nowhere")]
    assert {row.lon_udeg for row in intake.registers.enterprises} == {None}


@pytest.mark.parametrize("degrees", range(-90, 91, 15))
def test_the_cosine_of_a_latitude_is_right_to_a_millionth(degrees: int) -> None:
    assert abs(cosine_ppm(degrees * 1_000_000) - 1_000_000 * math.cos(math.radians(degrees))) < 2


def test_how_far_is_too_far_is_a_setting(campaign: Any) -> None:
    campaign.change("enterprises", 3, "经度", "122.3")
    campaign.sections = "[travel]\noutlier_km = 300"
    assert read_campaign(campaign.write()).registers.enterprises[1].lon_udeg == 122_300_000


def test_a_last_inspection_in_the_far_future_counts_as_none(campaign: Any) -> None:
    campaign.change("enterprises", 3, "上次抽查日期", "9999-09-09")
    intake = read_campaign(campaign.write())
    assert intake.registers.enterprises[1].last_inspected is None
    warned = [(line.row, line.code) for line in intake.report.warnings if line.table == "enterprises"]
    assert warned == [(3, "intake.date_set_aside")]


def test_an_inspector_of_an_unknown_department_is_rejected_and_what_names_him_too(campaign: Any) -> None:
    campaign.change("inspectors", 2, "部门编号", "D-none")
    intake = read_campaign(campaign.write())
    assert [line[3] for line in lines(intake, "inspectors")] == ["intake.reference_unknown"]
    assert [line[3] for line in lines(intake, "recusals")] == ["intake.reference_rejected"]
    assert len(intake.registers.inspectors) == 11
    assert len(intake.registers.recusals) == 1


def test_an_orphan_of_the_past_is_reported_and_stops_nothing(campaign: Any) -> None:
    campaign.tables["history"] += [
        ["E99", "food-3", "2025-09-01", ""],
        ["E05", "nobody", "2025-09-01", ""],
        ["E05", "food-3", "2030-09-01", ""],
    ]
    intake = read_campaign(campaign.write())
    assert [(line[0], line[3]) for line in lines(intake, "history")] == [
        (3, "intake.reference_unknown"),
        (4, "intake.reference_unknown"),
        (5, "intake.date_future"),
    ]


def test_an_expert_with_an_inspectors_code_is_rejected(campaign: Any) -> None:
    campaign.change("experts", 2, "专家编号", "fire-1")
    intake = read_campaign(campaign.write())
    assert [line[3] for line in lines(intake, "experts")] == ["intake.person_twice"]


@pytest.mark.parametrize(
    ("heading", "value", "code"),
    [
        ("人员编号", "fire-99", "intake.reference_unknown"),
        ("主体代码", "E99", "intake.reference_unknown"),
        ("主体代码", "", "intake.recusal_target"),
        ("回避人员编号", "fire-2", "intake.recusal_target"),
        ("状态", "大概", "intake.choice"),
        ("开始日期", "以前", "intake.date"),
    ],
)
def test_a_recusal_that_cannot_be_kept_stops_the_import(
    campaign: Any, heading: str, value: str, code: str
) -> None:
    campaign.change("recusals", 2, heading, value)
    assert [problem[:2] for problem in fatal(campaign)] == [(code, 2)]


def test_nobody_is_recused_from_himself(campaign: Any) -> None:
    campaign.change("recusals", 3, "回避人员编号", "food-1")
    assert [problem[:2] for problem in fatal(campaign)] == [("intake.recusal_self", 3)]


def test_a_leave_that_cannot_be_read_stops_the_import_and_one_of_a_stranger_does_not(campaign: Any) -> None:
    campaign.tables["leave"].append(["office-1", "2026-03-03", "2026-03-04", ""])
    intake = read_campaign(campaign.write())
    assert [line[3] for line in lines(intake, "leave")] == ["intake.reference_unknown"]
    campaign.change("leave", 2, "截止日期", "2026-03-01")
    assert fatal(campaign) == [("intake.range", 2, "截止日期")]


def test_a_quiet_period_that_cannot_be_read_stops_the_import_and_one_of_a_stranger_does_not(
    campaign: Any,
) -> None:
    campaign.tables["quiet"] = [
        QUIET_HEAD,
        ["", "", "2026-03-02", "2026-03-03", "安静期"],
        ["E01", "", "2026-03-04", "2026-03-04", ""],
        ["", "999999", "2026-03-04", "2026-03-04", ""],
    ]
    intake = read_campaign(campaign.write())
    assert [(q.enterprise_id, q.start, q.end) for q in intake.registers.quiet] == [
        ("", dt.date(2026, 3, 2), dt.date(2026, 3, 4)),
        ("E01", dt.date(2026, 3, 4), dt.date(2026, 3, 5)),
    ]
    assert [line[3] for line in lines(intake, "quiet")] == ["intake.reference_unknown"]
    campaign.change("quiet", 3, "开始日期", "?")
    assert fatal(campaign) == [("intake.date", 3, "开始日期")]


@pytest.mark.parametrize(
    ("table", "heading", "value", "code"),
    [
        ("departments", "层级", "省级", "intake.choice"),
        ("items", "检查时长(分钟)", "0", "intake.zero"),
        ("items", "检查时长(分钟)", "半小时", "intake.number"),
        ("items", "不可同行事项", "S99", "intake.reference_unknown"),
        ("tasks", "发起部门", "D-none", "intake.reference_unknown"),
        ("tasks", "配合部门", "D-none", "intake.reference_unknown"),
        ("tasks", "配合部门", "D-fire", "intake.lead_cooperates"),
        ("tasks", "抽查事项", "S02；X99", "intake.reference_unknown"),
        ("tasks", "抽查事项", "R01", "intake.item_no_department"),
        ("tasks", "抽查事项", "", "intake.empty"),
        ("tasks", "抽查比例", "", "intake.empty"),
        ("tasks", "截止日期", "2026-03-01", "intake.range"),
        ("tasks", "截止日期", "2026-03-14", "intake.task_window"),
        ("tasks", "开始日期", "2026-03-01", "intake.task_window"),
        ("tasks", "分区划抽取", "也许", "intake.flag"),
    ],
)
def test_any_rejected_row_of_the_plan_itself_stops_the_import(
    campaign: Any, table: str, heading: str, value: str, code: str
) -> None:
    campaign.change(table, 2, heading, value)
    assert (code, 2) in [problem[:2] for problem in fatal(campaign)]


def test_two_departments_of_one_field_leave_an_item_without_a_clear_one(campaign: Any) -> None:
    rows = campaign.tables["departments"]
    rows.append(["D-food2", *rows[2][1:]])
    campaign.change("tasks", 2, "配合部门", "D-food；D-food2")
    assert "intake.item_two_departments" in [problem[0] for problem in fatal(campaign)]


def test_a_task_on_a_weekend_has_no_working_day(campaign: Any) -> None:
    campaign.change("tasks", 4, "开始日期", "2026-03-07")
    campaign.change("tasks", 4, "截止日期", "2026-03-08")
    assert [problem[:2] for problem in fatal(campaign)] == [("intake.task_no_working_day", 4)]


def test_problems_of_all_tables_come_together(campaign: Any) -> None:
    campaign.change("departments", 2, "层级", "省级")
    campaign.change("items", 3, "事项类别", "Z")
    campaign.change("tasks", 4, "抽查比例", "")
    campaign.change("recusals", 3, "状态", "大概")
    found = {problem[:2] for problem in fatal(campaign)}
    assert {("intake.choice", 2), ("intake.choice", 3), ("intake.empty", 4)} <= found


def test_a_register_without_a_usable_row_stops_the_import(campaign: Any) -> None:
    del campaign.tables["inspectors"][1:]
    campaign.tables["recusals"] = [campaign.tables["recusals"][0]]
    assert ("intake.table_empty", None) in [problem[:2] for problem in fatal(campaign)]


# calendar


def test_the_state_calendar_knows_make_up_days_and_names_its_source(campaign: Any) -> None:
    path = campaign.write()
    toml = path.read_text(encoding="utf-8")
    path.write_text(toml.replace("start = 2026-03-02", "start = 2026-02-09"), encoding="utf-8")
    days = {day.day: day for day in read_campaign(path).registers.calendar}
    assert len(days) == (dt.date(2026, 3, 14) - dt.date(2026, 2, 9)).days
    assert days[dt.date(2026, 2, 14)].is_working  # a Saturday made up for the Spring Festival
    assert not days[dt.date(2026, 2, 17)].is_working  # Spring Festival
    assert "chinesecalendar" in days[dt.date(2026, 2, 14)].source
    assert "调休" in days[dt.date(2026, 2, 14)].source


def moved(campaign: Any, start: str, end: str) -> list[str]:
    path = campaign.write()
    toml = path.read_text(encoding="utf-8")
    toml = toml.replace("2026-03-02", start).replace("2026-03-14", end)
    path.write_text(toml, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_campaign(path)
    return [problem.code for problem in error.value.problems]


def test_a_year_the_calendar_does_not_know_is_refused(campaign: Any) -> None:
    assert "intake.calendar_year" in moved(campaign, "2031-03-03", "2031-03-15")


def test_a_window_without_a_working_day_is_refused(campaign: Any) -> None:
    assert "intake.no_working_day" in moved(campaign, "2026-03-07", "2026-03-09")


def own_calendar(campaign: Any, days: int) -> None:
    campaign.flat = 'calendar = "file"'
    start = dt.date(2026, 2, 1)
    campaign.tables["calendar"] = [
        ["日期", "工作日", "来源"],
        *[[str(start + dt.timedelta(days=n)), "是" if n % 2 else "否", "通知"] for n in range(days)],
    ]


def test_an_own_calendar_replaces_the_states_within_the_window(campaign: Any) -> None:
    own_calendar(campaign, 60)
    calendar = read_campaign(campaign.write()).registers.calendar
    assert [day.day for day in calendar] == [dt.date(2026, 3, 2) + dt.timedelta(days=n) for n in range(12)]
    assert {day.source for day in calendar} == {"通知"}


def test_an_own_calendar_with_gaps_or_without_use_is_refused(campaign: Any) -> None:
    own_calendar(campaign, 35)
    assert [problem[0] for problem in fatal(campaign)] == ["intake.calendar_gap"]
    campaign.flat = 'calendar = "cn"'
    assert [problem[0] for problem in fatal(campaign)] == ["intake.calendar_unused"]
    campaign.flat = 'calendar = "file"'
    del campaign.tables["calendar"]
    assert [problem[0] for problem in fatal(campaign)] == ["intake.table_missing"]


def test_every_code_has_both_languages_and_its_remedy_in_both_or_none() -> None:
    assert set(TABLES) == set(registers().__dataclass_fields__)
    for code, texts in catalogue().items():
        if code.startswith("intake."):
            assert {"zh", "en"} <= set(texts), code
            assert ("remedy_zh" in texts) == ("remedy_en" in texts), code
