"""One cell at a time: what is accepted, in what form, and what is not."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.registers import TABLES
from scheduler.intake import cells
from scheduler.intake.celltext import BadCellError
from scheduler.intake.columns import COLUMNS, find, heading


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-03-02", dt.date(2026, 3, 2)),
        ("2026/3/2", dt.date(2026, 3, 2)),
        ("2026.3.2", dt.date(2026, 3, 2)),
        ("2026年3月2日", dt.date(2026, 3, 2)),
        ("２０２６－０３－０２", dt.date(2026, 3, 2)),
        ("20260302", dt.date(2026, 3, 2)),
        ("2026-03-02 00:00:00", dt.date(2026, 3, 2)),
        ("46083", dt.date(2026, 3, 2)),
        ("9999-09-09", dt.date(9999, 9, 9)),
        ("长期", dt.date.max),
        ("长期有效", dt.date.max),
        ("20260302093000", dt.date(2026, 3, 2)),
        ("2026年3月2日 9时30分", dt.date(2026, 3, 2)),
        ("2026-03-01T16:00:00Z", dt.date(2026, 3, 2)),
        ("2026-03-01 23:30:00.5+08", dt.date(2026, 3, 1)),
        ('="2026-03-02"', dt.date(2026, 3, 2)),
        ("0000-00-00 00:00:00", None),
        ("  ", None),
    ],
)
def test_dates_in_the_forms_offices_use(text: str, value: dt.date | None) -> None:
    assert cells.read_date(text) == value


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "1899-12-31", "明天", "2026-3", "3/2/2026", "12", "-1", "0", "2026-03-01T25:00:00Z"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadCellError, match=r"intake\.date"):
        cells.read_date(text)


def test_a_last_day_is_inclusive_and_the_last_day_of_all_stays() -> None:
    assert cells.read_last_day("2026-03-13") == dt.date(2026, 3, 14)
    assert cells.read_last_day("9999-12-31") == dt.date.max


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("120.153576", 120_153_576),
        ("120", 120_000_000),
        ("-78.6382", -78_638_200),
        ("１２０．５", 120_500_000),
        ("120.1535765", 120_153_576),
        ("120.1535775", 120_153_578),
        ("0", 0),
        ("", None),
        ("120°", 120_000_000),
        ("120°10′30″", 120_175_000),
        ("东经120度10分30秒", 120_175_000),
        ("30° 12' 6.5\" N", 30_201_806),
    ],
)
def test_degrees_become_whole_micro_degrees_rounded_half_to_even(text: str, value: int | None) -> None:
    assert cells.read_degree(text) == value


@pytest.mark.parametrize(
    "text", ["东经120", "1e2", "nan", "181", "120,15", "120°60'", "120°9", "9°9'9.5'0", "9" * 40, "."]
)
def test_what_is_no_coordinate_is_refused(text: str) -> None:
    with pytest.raises(BadCellError, match=r"intake\.coordinate"):
        cells.read_degree(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ＡＢ－０１", "AB-01"),
        (" 007 ", "007"),
        ("a.b_c-9", "a.b_c-9"),
        ("\u3000", None),
        ('="007"', "007"),
        ("'007", "007"),
        ("\u202a0\u200b07\u202c", "007"),
    ],
)
def test_identifiers_become_ascii_and_keep_their_zeros(text: str, value: str | None) -> None:
    assert cells.read_id(text) == value


@pytest.mark.parametrize("text", ["a|b", "a;b", "a:b", "企独001", "-1", "a b", "x" * 65, "a\tb"])
def test_what_could_break_a_ticket_or_a_list_is_no_identifier(text: str) -> None:
    with pytest.raises(BadCellError, match=r"intake\.id"):
        cells.read_id(text)


@pytest.mark.parametrize("text", ["9.13301E+17", "9.13301821234568E+17", "3e+15"])
def test_a_code_that_a_spreadsheet_rounded_is_told_apart(text: str) -> None:
    with pytest.raises(BadCellError, match=r"intake\.code_damaged"):
        cells.read_id(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9:00-12:00；13:30—17:00", ("09:00-12:00", "13:30-17:00")),
        ("00:00至24:00", ("00:00-24:00",)),
        ("全天", ("00:00-24:00",)),
        ("", ()),
    ],
)
def test_opening_hours_are_written_one_way(text: str, value: tuple[str, ...]) -> None:
    assert cells.read_hours(text) == value


@pytest.mark.parametrize(
    "text", ["整天", "12:00-09:00", "09:00-12:60", "09:00-13:00;12:00-14:00", "9:00-25:00"]
)
def test_hours_that_overlap_or_run_backwards_are_refused(text: str) -> None:
    with pytest.raises(BadCellError, match=r"intake\.hours"):
        cells.read_hours(text)


def test_quotas_keep_their_text_in_ascii_punctuation() -> None:
    assert cells.read_quota(" Ａ：１％；Ｂ：3 ‰ ；D：10家 ") == "A:1%;B:3‰;D:10家"


def test_text_is_nfc_stripped_and_on_one_line() -> None:
    assert cells.read_text(" cafe\u0301\r\n分店 ") == "café 分店"
    assert cells.read_text("青石\u202e县\u200b第一\u2066商行") == "青石县第一商行"
    assert cells.read_text('="1"') == '="1"'
    with pytest.raises(BadCellError, match=r"intake\.text"):
        cells.read_text("a\x07b")
    with pytest.raises(BadCellError, match=r"intake\.text_long"):
        cells.read_text("长" * 1001)


def test_lists_are_split_at_semicolons_and_commas_outside_brackets_and_repeats_dropped() -> None:
    assert cells.read_labels("餐饮；零售; 餐饮;") == ("餐饮", "零售")
    assert cells.read_labels("餐饮、零售，药品（含疫苗、血液制品）,(a") == (
        "餐饮",
        "零售",
        "药品（含疫苗、血液制品）",
        "(a",
    )
    assert cells.read_scopes("S01;X*、Y1,Z*") == ("S01", "X*", "Y1", "Z*")
    with pytest.raises(BadCellError, match=r"intake\.label"):
        cells.read_labels("餐饮|零售")


def read_under(table: str, head: str, text: str) -> object:
    column, kind = find(table, head) or pytest.fail(head)
    return cells.reader(column, kind, "default")(text)


@pytest.mark.parametrize("text", ["无", "/", "-", "——", "NULL", "\\N", "n/a"])
def test_what_says_that_there_is_nothing_is_an_empty_cell(text: str) -> None:
    for head in ("上次抽查日期", "标签", "行业代码", "原注册号", "经度", "登记状态"):
        assert read_under("enterprises", head, text) == "default", head
    with pytest.raises(BadCellError, match=r"intake\.empty"):
        read_under("enterprises", "主体代码", text)
    assert read_under("enterprises", "住所", text) == text


def test_what_would_allow_everything_is_not_taken_for_empty() -> None:
    for table, head in (("inspectors", "事项范围"), ("departments", "管辖区划")):
        with pytest.raises(BadCellError, match=r"intake\.id"):
            read_under(table, head, "无")
    assert read_under("calendar", "工作日", "无") is False


def test_codes_of_industries_begin_with_a_capital() -> None:
    assert read_under("enterprises", "行业代码", "h6210") == "H6210"
    assert read_under("tasks", "对象行业", "h62、F") == ("H62", "F")


def code_of(read: cells.Read, text: str) -> str:
    """The code a reader refuses the text with, or an empty string."""
    try:
        read(text)
    except BadCellError as error:
        return error.code
    return ""


READS = [
    cells.reader(column, kind, None)
    for columns in COLUMNS.values()
    for column in columns
    for kind in sorted({column.kind, column.own_kind})
]


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=30))
def test_no_text_at_all_makes_a_reader_fail_without_a_code(text: str) -> None:
    assert {code_of(read, text).partition(".")[0] for read in READS} <= {"", "intake"}


def test_headings_are_found_whatever_their_width_blanks_or_stars() -> None:
    for text in (
        "检查时长（分钟）",
        " 检查时长(分钟)* ",
        "检查 时长",
        "duration_min",
        "DURATION_MIN",
        "检查\n时长（单位：分钟）【选填】",
    ):
        assert (find("items", text) or [None])[0] is not None, text
    assert find("items", "时间") is None


def test_an_english_field_name_has_the_fields_own_meaning() -> None:
    lon = find("enterprises", "lon_udeg")
    end = find("tasks", "end")
    assert lon is not None
    assert end is not None
    assert (lon[1], end[1]) == ("micro", "date")
    assert find("enterprises", "lon") == (lon[0], "degree")


def test_headings_are_unique_within_a_table_and_found_under_field_or_alias() -> None:
    for table, columns in COLUMNS.items():
        names = [text for column in columns for text in (column.heading, *column.aliases, column.field)]
        assert len(names) == len(set(names)), table
    assert heading("enterprises", "lon_udeg") == heading("enterprises", "lon") == "经度"
    with pytest.raises(KeyError):
        heading("enterprises", "colour")


def test_columns_are_the_fields_of_the_row_classes_in_their_order() -> None:
    for table, cls in TABLES.items():
        fields = dataclasses.fields(cls)
        assert [column.field for column in COLUMNS[table]] == [item.name for item in fields]
        for item, column in zip(fields, COLUMNS[table], strict=True):
            required = item.default is dataclasses.MISSING and item.name != "id_kind"
            assert column.needed == column.filled == required, (table, item.name)


GB_CODES = "A6D9 A6DA A6DB A6DC A6DD A6DE A6DF A6EC A6ED A6F3 FE59 FE61 FE66 FE67 FE6D FE7E FE90 FEA0 A8BC"
"""Two-byte codes whose characters left private use in GB 18030-2022 or (A8BC) in GB 18030-2005."""

BROWSER = "FE10 FE12 FE11 FE13 FE14 FE15 FE16 FE17 FE18 FE19 9FB4 9FB5 9FB6 9FB7 9FB8 9FB9 9FBA 9FBB 1E3F"
"""What the Encoding Standard's TextDecoder makes of them, read off V8 with ICU 78.2."""


@pytest.mark.parametrize(("code", "wanted"), list(zip(GB_CODES.split(), BROWSER.split(), strict=True)))
def test_two_byte_codes_decode_as_in_a_browser_and_not_to_private_use(code: str, wanted: str) -> None:
    decoded = bytes.fromhex(code).decode("gb18030")
    assert cells.clean(decoded) == chr(int(wanted, 16))


def test_the_code_a3a0_is_an_ideographic_blank_as_in_browsers() -> None:
    assert cells.clean("店" + bytes.fromhex("A3A0").decode("gb18030") + "铺") == "店\u3000铺"
