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
from scheduler.export.names import workbook_name
from scheduler.export.rosters import LEFT_OUT_COLUMNS, PEOPLE_COLUMNS, ROSTER_COLUMNS
from scheduler.export.sheets import Column, Sheet, clean, workbook_bytes

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
        rows = cells(books()[name], "排期")
        assert tuple(rows[0]) == tuple(column.heading for column in ROSTER_COLUMNS)
        seats = [seat for seat in case["schedule"].seats if seat.department_id == me]
        assert [row[-1] for row in rows[1:]] == list(dict.fromkeys(seat.visit_id for seat in seats))
        for row in rows[1:]:
            team = row[9].split("\n")
            assert len(team) == 2
            assert all(person in line for person, line in zip(TEAMS[me], team, strict=True))


def test_a_row_tells_day_hours_place_items_others_and_experts() -> None:
    rows = cells(books()[FIRE], "排期")
    seat = next(s for s in campaign()["schedule"].seats if s.visit_id == rows[1][-1])
    code = rows[1][-1].split("-")[1]
    weekday = "周" + "一二三四五六日"[seat.day.weekday()]
    assert rows[1][:4] == [midnight(seat.day), weekday, "09:00", "10:10"]
    assert rows[1][4:8] == [f"青石县第{int(code[1:])}商行", code, None, "现场"]
    assert rows[1][8] == "X01 消防安全检查"
    visit = next(v for v in campaign()["merged"].visits if v.visit_id == rows[1][-1])
    names = {"D-food": "青石县市场监管局", "D-work": "青石县人社局"}
    assert rows[1][10].split("\n") == [names[d] for d in sorted(set(visit.department_ids) - {"D-fire"})]
    assert rows[1][11] == "专家甲（电气）"
    assert "消防联合抽查" in rows[1][12]


def test_the_people_sheet_counts_each_officers_seats() -> None:
    case = campaign()
    rows = cells(books()[FOOD], "人员")
    assert tuple(rows[0]) == tuple(column.heading for column in PEOPLE_COLUMNS)
    for row in rows[1:]:
        mine = [seat for seat in case["schedule"].seats if seat.person_id == row[0]]
        minutes = sum(seat.end_min - seat.start_min for seat in mine)
        # Ten working days of 390 minutes.
        assert row[2:] == [len(mine), len({s.day for s in mine}), minutes, 3900, -(-1000 * minutes // 3900)]


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
    assert page.auto_filter.ref.startswith("A2:N")
    assert page.page_setup.orientation == "landscape"
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToWidth in (None, 1)  # left out where it is the format's default
    assert page.page_setup.fitToHeight == 0
    assert page.column_dimensions["E"].width >= 30


def test_a_certificate_of_another_attempt_is_refused() -> None:
    certificate = replace(campaign()["certificate"], attempt=2)
    with pytest.raises(InputError, match=r"export\.mismatch"):
        list(workbooks(**campaign() | {"certificate": certificate}))


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
