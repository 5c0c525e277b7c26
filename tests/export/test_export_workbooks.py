"""Roster workbooks, read back cell by cell with another library."""

import datetime as dt
import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from finished import TEAMS, finished
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from scheduler.domain.errors import InputError
from scheduler.domain.registers import Leave
from scheduler.domain.schedule import PairCap
from scheduler.export import workbooks
from scheduler.export.facts import gather
from scheduler.export.names import workbook_name
from scheduler.export.rosters import LEFT_OUT_COLUMNS, PEOPLE_COLUMNS, ROSTER_COLUMNS, department_sheets
from scheduler.export.sheets import Column, Sheet, Toned, clean, sheet_name, workbook_bytes

Books = dict[str, openpyxl.Workbook]


def campaign() -> dict[str, Any]:
    """What :func:`workbooks` is given."""
    case = finished()
    return {name: case[name] for name in ("plan", "registers", "merged", "schedule", "certificate")}


def books(**changes: Any) -> Books:
    made = workbooks(**campaign() | changes)
    return {name: openpyxl.load_workbook(io.BytesIO(data)) for name, data in made}


def cells(book: openpyxl.Workbook, sheet: str) -> list[list[Any]]:
    """Headings and rows, without the title."""
    return [[cell.value for cell in row] for row in book[sheet].iter_rows(min_row=2)]


def told(book: openpyxl.Workbook, sheet: str) -> list[dict[str, Any]]:
    """Rows by their headings."""
    heads, *rows = cells(book, sheet)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def midnight(day: dt.date) -> dt.datetime:
    """How a date cell is read back."""
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001  # a cell has no zone


FIRE, FOOD = "001_青石县消防救援大队.xlsx", "002_青石县市场监管局.xlsx"


def test_every_department_and_the_summary_have_a_workbook() -> None:
    assert list(books()) == ["汇总.xlsx", FIRE, FOOD, "003_青石县人社局.xlsx"]


def test_the_same_campaign_gives_the_same_bytes() -> None:
    assert list(workbooks(**campaign())) == list(workbooks(**campaign()))


def test_every_visit_of_a_department_is_a_row_with_its_team() -> None:
    case = campaign()
    for name, me in ((FIRE, "D-fire"), (FOOD, "D-food")):
        book = books()[name]
        assert tuple(cells(book, "排期")[0]) == tuple(column.heading for column in ROSTER_COLUMNS)
        rows = told(book, "排期")
        seats = [seat for seat in case["schedule"].seats if seat.department_id == me]
        assert [row["上门编号"] for row in rows] == list(dict.fromkeys(seat.visit_id for seat in seats))
        for row in rows:
            team = row["本部门人员"].split("\n")
            assert len(team) == 2
            assert all(person in line for person, line in zip(TEAMS[me], team, strict=True))


def test_a_row_tells_day_hours_place_items_others_and_experts() -> None:
    row = told(books()[FIRE], "排期")[0]
    seat = next(s for s in campaign()["schedule"].seats if s.visit_id == row["上门编号"])
    code = row["上门编号"].split("-")[1]
    weekday = "周" + "一二三四五六日"[seat.day.weekday()]
    assert [row[name] for name in ("日期", "星期", "开始", "结束")] == [
        midnight(seat.day),
        weekday,
        "09:00",
        "10:10",
    ]
    assert [row[name] for name in ("检查对象", "主体代码", "住所", "检查方式")] == [
        f"青石县第{int(code[1:])}商行",
        code,
        None,
        "现场",
    ]
    assert row["本部门抽查事项"] == "X01 消防安全检查"
    visit = next(v for v in campaign()["merged"].visits if v.visit_id == row["上门编号"])
    names = {"D-food": "青石县市场监管局", "D-work": "青石县人社局"}
    others = sorted(set(visit.department_ids) - {"D-fire"})
    assert row["其他到场部门"].split("\n") == [names[name] for name in others]
    assert row["专家"] == "专家甲（电气）"
    assert "消防联合抽查" in row["抽查任务"]
    assert row["出具通知书"] == "青石县消防救援大队"


def test_the_people_sheet_counts_each_officers_seats() -> None:
    case = campaign()
    book = books()[FOOD]
    assert tuple(cells(book, "人员")[0]) == tuple(column.heading for column in PEOPLE_COLUMNS)
    for row in told(book, "人员"):
        mine = [seat for seat in case["schedule"].seats if seat.person_id == row["工号"]]
        minutes = sum(seat.end_min - seat.start_min for seat in mine)
        figures = [row[name] for name in ("上门次数", "检查天数", "现场分钟", "可用分钟", "负荷（‰）")]
        # Ten working days of 390 minutes.
        share = -(-1000 * minutes // 3900)
        assert figures == [len(mine), len({s.day for s in mine}), minutes, 3900, share]
        assert row["负荷说明"] == "在可用时间内"


def test_a_load_beyond_the_capacity_is_told_in_words_and_colour() -> None:
    plan = campaign()["plan"]
    settings = replace(plan.settings, goals=replace(plan.settings.goals, capacity_floor_min=1))
    away = Leave(person_id="food-3", start=dt.date(2026, 1, 1), end=dt.date(2027, 1, 1))
    known = replace(campaign()["registers"], leave=(away,))
    page = books(plan=replace(plan, settings=settings), registers=known)[FOOD]["人员"]
    words, share = page["H3"], page["G3"]
    assert words.value == "超出可用时间"
    assert words.fill.fgColor.rgb == share.fill.fgColor.rgb == "FFF4B6A6"


def test_a_risk_class_is_told_in_words_and_colour() -> None:
    words = {"A": "A 低", "B": "B 一般", "C": "C 较高", "D": "D 高"}
    fills = {"A": "00000000", "B": "FFFFF3C4", "C": "FFFBD9A5", "D": "FFF4B6A6"}
    needs = {row.requirement_id: row.risk_class for row in campaign()["merged"].requirements}
    visits = {row.visit_id: row.requirement_ids for row in campaign()["merged"].visits}
    page = books()[FOOD]["排期"]
    place = [cell.value for cell in page[2]].index("信用风险等级")
    seen = set()
    for row in page.iter_rows(min_row=3):
        risk = max(needs[name] for name in visits[row[-1].value])
        assert row[place].value == words[risk]
        assert row[place].fill.fgColor.rgb == fills[risk]
        seen.add(risk)
    assert len(seen) > 1


def test_every_inspector_sent_has_a_sheet_to_print_with_his_visits() -> None:
    book = books()[FOOD]
    assert book.sheetnames == ["排期", "人员", "未安排", "food-3 food官3", "food-4 food官4"]
    for person in ("food-3", "food-4"):
        page = book[f"{person} food官{person[-1]}"]
        mine = [seat for seat in campaign()["schedule"].seats if seat.person_id == person]
        rows = [row for row in told(book, page.title) if row["上门编号"]]
        assert [row["上门编号"] for row in rows] == [seat.visit_id for seat in mine]
        assert [row["时间"] for row in rows] == ["09:00–10:10"] * len(mine)
        assert f"上门 {len(mine)} 次" in page["A1"].value
        assert page[f"A{page.max_row}"].value.startswith("本人已知悉")
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    first = next(row for row in told(book, "food-3 food官3"))
    assert "青石县消防救援大队：fire官3（fire-3）、fire官4（fire-4）" in first["到场人员"]


def test_the_list_of_people_leads_to_their_sheets() -> None:
    page = books()[FOOD]["人员"]
    assert page["A3"].hyperlink.location == "'food-3 food官3'!A1"


def test_sheets_of_people_with_like_and_odd_names_are_told_apart() -> None:
    taken: set[str] = set()
    given = [
        sheet_name(taken, name) for name in ("a/b:c*[x]?", "长" * 40, "长" * 40, "History", "'", "A/B:C*[X]?")
    ]
    assert given == ["a_b_c__x__", "长" * 31, "长" * 29 + "~2", "History~2", "_", "A_B_C__X__~2"]
    assert all(len(name) <= 31 for name in given)


def test_a_sheets_name_is_as_long_as_excel_counts_and_has_no_apostrophe_at_an_end() -> None:
    taken: set[str] = set()
    given = [sheet_name(taken, name) for name in ("👩" * 20, "👩" * 20, "x" * 30 + "'yy", "'" * 40)]
    assert given == ["👩" * 15, "👩" * 14 + "~2", "x" * 30, "_"]
    assert all(len(name.encode("utf-16-le")) <= 62 for name in given)


def test_the_experts_visits_stand_in_the_summary() -> None:
    rows = told(books()["汇总.xlsx"], "专家")
    seats = [seat for seat in campaign()["schedule"].seats if seat.role == "expert"]
    assert [(row["专家"], row["上门编号"]) for row in rows] == [
        ("专家甲（电气）", seat.visit_id) for seat in seats
    ]


def test_capacity_leaves_out_leave_weekends_and_an_expired_certificate() -> None:
    known = campaign()["registers"]
    away = Leave(person_id="food-3", start=dt.date(2026, 3, 6), end=dt.date(2026, 3, 10))
    inspectors = tuple(
        replace(row, certificate_expires=dt.date(2026, 3, 11)) if row.inspector_id == "food-4" else row
        for row in known.inspectors
    )
    book = books(registers=replace(known, leave=(*known.leave, away), inspectors=inspectors))[FOOD]
    assert [row[5] for row in cells(book, "人员")[1:]] == [8 * 390, 8 * 390]


def test_capacity_never_falls_under_the_committed_floor() -> None:
    known = campaign()["registers"]
    away = Leave(person_id="food-3", start=dt.date(2026, 1, 1), end=dt.date(2027, 1, 1))
    book = books(registers=replace(known, leave=(away,)))[FOOD]
    assert [row[5] for row in cells(book, "人员")[1:]] == [420, 3900]


def test_what_is_left_out_stands_with_its_reason_in_every_department_concerned() -> None:
    case = campaign()
    requirements = {row.requirement_id: row for row in case["merged"].requirements}
    assert case["schedule"].unscheduled
    made = books()
    for row in case["schedule"].unscheduled:
        wanted = requirements[row.requirement_id]
        for name, me in ((FIRE, "D-fire"), (FOOD, "D-food"), ("003_青石县人社局.xlsx", "D-work")):
            rows = [r for r in cells(made[name], "未安排")[1:] if r[-1] == row.requirement_id]
            assert len(rows) == (me in wanted.department_ids)
            for found in rows:
                assert found[8].startswith("在不移动已有安排的前提下")
                assert found[7] == dt.datetime.combine(
                    wanted.end - dt.timedelta(days=1), dt.time()
                )  # a cell has no zone


def test_an_unstaffable_requirement_says_so() -> None:
    schedule = campaign()["schedule"]
    rows = tuple(replace(row, reason="unstaffable") for row in schedule.unscheduled)
    made = books(schedule=replace(schedule, unscheduled=rows))
    reasons = {r[8] for name in made if name != "汇总.xlsx" for r in cells(made[name], "未安排")[1:]}
    assert len(reasons) == 1
    assert "凑齐合法的检查组" in reasons.pop()


def test_a_department_without_visits_has_its_headings() -> None:
    schedule = replace(campaign()["schedule"], seats=(), unscheduled=())
    made = books(schedule=schedule)
    headings = (("排期", ROSTER_COLUMNS), ("人员", PEOPLE_COLUMNS), ("未安排", LEFT_OUT_COLUMNS))
    for name in (FIRE, FOOD):
        assert made[name].sheetnames == ["排期", "人员", "未安排"]
        for sheet, columns in headings:
            assert cells(made[name], sheet) == [[column.heading for column in columns]]


def test_the_summary_adds_up() -> None:
    case = campaign()
    book = books()["汇总.xlsx"]
    overview = dict(cells(book, "概况")[1:])
    assert overview["检查需求"] == overview["已安排检查需求"] + overview["未安排检查需求"]
    assert overview["核验结论"] == "通过"
    assert overview["先承诺后抽签"] == "未经外部证明"
    rows = cells(book, "部门")[1:]
    officers = [seat for seat in case["schedule"].seats if seat.role == "officer"]
    assert sum(row[4] for row in rows) == sum(seat.end_min - seat.start_min for seat in officers)
    assert [row[7] for row in rows] == [name for name, _ in workbooks(**case)][1:]


def test_the_summary_tells_what_the_pair_cap_left_and_what_the_solver_notes() -> None:
    given = campaign()["schedule"]
    cap = PairCap(bound_permille=640, starved=("V-1/D", "V-2/D"))
    report = replace(given.report, pair_cap=cap, notes=("problem.places_at_centre",))
    overview = dict(cells(books(schedule=replace(given, report=report))["汇总.xlsx"], "概况")[1:])
    assert (overview["成对概率上界（‰）"], overview["按数不足的席位组"]) == (640, 2)
    assert "没有坐标" in overview["排期说明"]
    assert "成对概率上界（‰）" not in dict(cells(books()["汇总.xlsx"], "概况")[1:])


def test_the_summary_tells_each_goal_with_bound_and_proof() -> None:
    rows = cells(books()["汇总.xlsx"], "目标")[1:]
    assert [row[0] for row in rows] == [1, 1, 1, 1, 2, 2, 3, 4, 5, 6]
    assert {row[0]: row[6] for row in rows} == {1: "是", 2: "是", 3: "否", 4: "是", 5: "是", 6: "是"}
    assert all(row[5] == abs(row[3] - row[4]) for row in rows)


def test_the_summary_tells_each_rule() -> None:
    case = campaign()
    rules = tuple(
        replace(row, violations=2) if row.rule == "R09" else row for row in case["certificate"].rules
    )
    certificate = replace(case["certificate"], verdict="failed", rules=rules)
    book = books(certificate=certificate)["汇总.xlsx"]
    told = {row[0]: row[4] for row in cells(book, "核验")[1:]}
    assert set(told) == {row.rule for row in rules}
    assert told["R09"] == "违反"
    assert told["R19"] == "符合"
    assert told["R01"] == told["ledger"] == "符合"
    assert dict(cells(book, "概况")[1:])["核验结论"] == "未通过"


@pytest.mark.parametrize("rehearsal", [True, False])
def test_a_rehearsal_is_marked_on_every_sheet(rehearsal: bool) -> None:  # noqa: FBT001  # a case
    plan = campaign()["plan"]
    plan = replace(plan, settings=replace(plan.settings, rehearsal=rehearsal))
    for book in books(plan=plan).values():
        for page in book.worksheets:
            assert page["A1"].value.startswith("【演练】") == rehearsal


def test_sheets_are_set_up_for_reading_and_printing() -> None:
    page = books()[FIRE]["排期"]
    assert page.freeze_panes == "A3"
    assert page.auto_filter.ref.startswith("A2:P")
    assert page.page_setup.orientation == "landscape"
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToWidth in (None, 1)  # left out where it is the format's default
    assert page.page_setup.fitToHeight == 0
    assert page.page_setup.paperSize == 8
    widths = {cell.value: page.column_dimensions[cell.column_letter].width for cell in page[2]}
    names = [row["检查对象"] for row in told(books()[FIRE], "排期")]
    assert widths["检查对象"] > max(2 * len(name) - 1 for name in names)  # one figure in each
    assert widths["上门编号"] <= 27
    heights = [page.row_dimensions[number].height for number in range(3, page.max_row + 1)]
    assert all(height and height >= 2 * 15 for height in heights)  # two officers a cell


def test_a_certificate_of_another_attempt_is_refused() -> None:
    certificate = replace(campaign()["certificate"], attempt=2)
    with pytest.raises(InputError, match=r"export\.mismatch"):
        list(workbooks(**campaign() | {"certificate": certificate}))


def test_every_cell_is_read_back_as_it_was_given() -> None:
    """All sheets of all books, cell by cell, with a library other than the writer's."""
    case = campaign()
    facts = gather(case["plan"], case["registers"], case["merged"], case["schedule"])
    for department in case["registers"].departments:
        sheets = list(department_sheets(department, facts, "题"))
        book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(sheets)))
        assert book.sheetnames == [sheet.name for sheet in sheets]
        for sheet in sheets:
            page = book[sheet.name]
            assert page["A1"].value == sheet.title
            assert [cell.value for cell in page[2]] == [column.heading for column in sheet.columns]
            for number, row in enumerate(sheet.rows, start=3):
                wanted = [cell.value if isinstance(cell, Toned) else cell for cell in row]
                days = [midnight(value) if isinstance(value, dt.date) else value for value in wanted]
                assert [cell.value for cell in page[number]] == [None if day == "" else day for day in days]


# --- hostile text ----------------------------------------------------------------------------------------


def _with_names(name: str) -> dict[str, Any]:
    known = campaign()["registers"]
    return {
        "registers": replace(
            known,
            enterprises=tuple(replace(row, name=name, address=name) for row in known.enterprises),
            inspectors=tuple(replace(row, name=name) for row in known.inspectors),
            items=tuple(replace(row, name=name) for row in known.items),
        )
    }


@pytest.mark.parametrize(
    "name", ["=1+1", '=HYPERLINK("x")', "+1", "-1", "@SUM(1)", "{=1}", "1234567890123456789", "TRUE", "#N/A"]
)
def test_what_looks_like_a_formula_or_a_number_stays_text(name: str) -> None:
    page = books(**_with_names(name))[FIRE]["排期"]
    assert page["E3"].value == name
    assert page["E3"].data_type == "s"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("长" * 300, "长" * 300),
        ("😀🏭商行", "😀🏭商行"),
        ("a\x00b\x0bc\x1f", "a�b�c�"),
        ("a\ud800b", "a�b"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("<b>&amp;\"'", "<b>&amp;\"'"),
        ("  前后空格  ", "  前后空格  "),
        ("e\u0301", "é"),
        ("\u202e反\u202c转\u2067x\u2069", "反转x"),
        ("_x0041_", "_x0041_"),
    ],
)
def test_odd_names_survive_or_are_marked(name: str, shown: str) -> None:
    made = books(**_with_names(name))[FIRE]
    assert made["排期"]["E3"].value == shown
    assert made["人员"]["B3"].value == shown


@given(st.text(max_size=60))
@hypothesis_settings(max_examples=50, deadline=None)
def test_any_text_can_be_written_and_read_back(text: str) -> None:
    value = one_column([(text,)])["A3"].value
    assert (value or "") == clean(text)


def one_column(rows: list[tuple[Any, ...]]) -> Any:
    sheet = Sheet(name="a", title="t", columns=(Column(heading="h", width=9),), rows=rows)
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes([sheet])))["a"]


def test_a_row_has_room_for_its_lines_where_libreoffice_stands_in_with_its_own_face() -> None:
    # Noto Sans CJK at 11 points takes 15.6 points a line (LibreOffice 7.4, measured on the page).
    page = one_column([("甲\n乙\n丙\n丁\n戊\n己\n庚\n辛\n壬",)])
    assert page.row_dimensions[3].height >= 9 * 15.6


def test_text_longer_than_a_cell_is_cut_and_marked() -> None:
    assert clean("长" * 32_767) == "长" * 32_767
    assert clean("长" * 32_768) == "长" * 32_766 + "…"
    assert clean("😀" * 16_384) == "😀" * 16_383 + "…"


def test_integers_too_large_for_a_spreadsheet_are_text() -> None:
    rows = [(2**53,), (2**53 + 1,), (0,)]
    page = one_column(rows)
    assert [page[f"A{n}"].value for n in (3, 4, 5)] == [2**53, str(2**53 + 1), 0]


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.export.sheets.MOST_ROWS", 2)
    with pytest.raises(InputError, match=r"export\.too_many_rows"):
        list(workbooks(**campaign()))


# --- file names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("青石县市场监管局", "007_青石县市场监管局.xlsx"),
        ("../../etc/passwd", "007_etc_passwd.xlsx"),
        ("a\\b:c*d?", "007_a_b_c_d.xlsx"),
        ("CON", "007_CON.xlsx"),
        ("", "007__.xlsx"),
        ("...", "007__.xlsx"),
        ("\u202egnp.exe", "007_gnp.exe.xlsx"),
        ("长" * 300, "007_" + "长" * 26 + ".xlsx"),
    ],
)
def test_file_names_are_safe_and_readable(name: str, file: str) -> None:
    assert workbook_name(7, name) == file


@given(st.text())
@hypothesis_settings(max_examples=50, deadline=None)
def test_any_department_name_gives_a_short_name_in_one_folder(text: str) -> None:
    file = workbook_name(1, text)
    assert len(file.encode()) <= 100
    assert not set("/\\:\0\n") & set(file)


def test_equal_names_give_different_files() -> None:
    known = campaign()["registers"]
    same = replace(known, departments=tuple(replace(row, name="同名局") for row in known.departments))
    assert len(books(registers=same)) == 4
