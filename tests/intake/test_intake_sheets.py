"""A sheet's tags in their usual spelling, and large sheets cut between their rows: as the whole is read."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from scheduler.domain.errors import InputError
from scheduler.intake import sheetcuts, sheetscan
from scheduler.intake.limits import DEFAULT
from scheduler.intake.sheetcuts import CutSheet
from scheduler.intake.sheetscan import SheetFacts, scan
from scheduler.intake.sheettags import Tags

PART = "xl/worksheets/sheet1.xml"
Rows = list[list[Any]]


@pytest.fixture(autouse=True, scope="module")
def small_pieces() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, n_bytes in (("CUT_FROM", 0), ("FIRST", 200), ("PIECE", 300), ("READ", 700)):
            patch.setattr(sheetcuts, name, n_bytes)
        yield


def inline(rows: Rows) -> bytes:
    """A workbook with its texts in the sheet, as programs write them that stream."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet("名录")
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                page.write(number, place, cell)
    return out.getvalue()


def with_sheet(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename == PART else data)
    return out.getvalue()


def whole(content: bytes) -> Rows:
    return list(CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).iter_rows())


def cut(content: bytes) -> Rows | None:
    name = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names[0]
    rows = CutSheet(content, name, PART, scan(content, "x", DEFAULT)[PART]).rows()
    return None if rows is None else list(rows)


HEADS = ["主体代码", "名称", "日期", "数", "真", "空"]
PLAIN: Rows = [
    HEADS,
    *([f"E{n}", f"店 {n}", dt.date(2026, 3, 2), n / 4, n % 2 == 0, None] for n in range(40)),
]
CELLS = st.one_of(
    st.none(),
    st.integers(-5, 10**17),
    st.booleans(),
    st.text(alphabet="甲A<&>\" r='", max_size=9),
    st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)),
)


def test_a_sheet_in_pieces_has_the_rows_of_the_whole() -> None:
    content = inline(PLAIN)
    assert cut(content) == whole(content)
    assert len(whole(content)) == 41


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=6), min_size=20, max_size=40))
def test_any_rows_below_a_full_heading_are_the_same(rows: Rows) -> None:
    content = inline([HEADS, *rows])
    found = cut(content)
    assert found is None or found == whole(content)


def test_a_sheet_that_begins_in_another_column_is_left_to_the_whole() -> None:
    assert cut(inline([["", *row] for row in PLAIN])) is None


def test_blank_rows_between_stay_and_those_at_the_end_do_not() -> None:
    content = inline([HEADS, *[[""]] * 30, ["E1"], *[[""]] * 30])
    assert cut(content) == whole(content)
    assert len(whole(content)) == 32


def test_a_column_that_begins_below_the_first_piece_is_left_to_the_whole() -> None:
    assert cut(inline([*PLAIN, [*[""] * 8, "x"]])) is None


def test_a_table_of_shared_texts_is_read_whole_where_it_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    for row in PLAIN:
        book.worksheets[0].append(row)
    book.save(out)
    assert cut(out.getvalue()) == whole(out.getvalue())
    monkeypatch.setattr(sheetcuts, "SMALL", 10)
    assert cut(out.getvalue()) is None


ODD = {
    "a prefix": lambda xml: re.sub(rb"<(/?)(row|c)([ >])", rb"<\1x:\2\3", xml),
    "rows without numbers": lambda xml: re.sub(rb'<row r="\d+"', b"<row", xml),
    "cells without references": lambda xml: re.sub(rb'<c r="B\d+"', b"<c", xml),
    "other quotes": lambda xml: xml.replace(b'r="B7"', b"r='B7'"),
    "small letters": lambda xml: xml.replace(b'r="B7"', b'r="b7"'),
    "another row's cell": lambda xml: xml.replace(b'r="B7"', b'r="B8"'),
    "a cell of a later piece": lambda xml: xml.replace(b'r="B7"', b'r="B39"'),
    "a row of another number": lambda xml: xml.replace(b'<row r="7"', b'<row r="6"'),
    "a comment": lambda xml: xml.replace(b"<sheetData>", b"<sheetData><!-- </row> -->"),
}


@pytest.mark.parametrize("name", ODD)
def test_a_sheet_spelt_otherwise_is_never_cut(name: str) -> None:
    changed = ODD[name](zipfile.ZipFile(io.BytesIO(inline(PLAIN))).read(PART))
    assert changed != zipfile.ZipFile(io.BytesIO(inline(PLAIN))).read(PART)
    content = with_sheet(inline(PLAIN), lambda _: changed)
    facts = scan(content, "x", DEFAULT)[PART]
    assert not facts.is_plain
    assert CutSheet(content, "名录", PART, facts).rows() is None


LOOKED = {
    **ODD,
    "nothing": lambda xml: xml,
    "formulas": lambda xml: xml.replace(b'<c r="D7"', b'<c r="Z1"><f>1+1</f><v></v></c><c r="D7"'),
    "merged": lambda xml: xml.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:B2"/>'),
    "hidden": lambda xml: xml.replace(b'<row r="3"', b'<row r="3" hidden="1"'),
    "far to the right": lambda xml: xml.replace(b'r="B7"', b'r="AB7"'),
    "a far row": lambda xml: xml.replace(b'<row r="41"', b'<row r="1000041"').replace(
        b'41"><', b'1000041"><'
    ),
    "very far": lambda xml: xml.replace(b'r="B7"', b'r="XFD7"'),
    "a second reference": lambda xml: xml.replace(b'r="B7"', b'r="B7" r ="ABC7"'),
    "columns": lambda xml: xml.replace(b"<sheetData>", b'<cols><col min="1"/></cols><sheetData>'),
}


def told(content: bytes) -> SheetFacts | list[str]:
    try:
        return scan(content, "x", DEFAULT)[PART]
    except InputError as error:
        return [problem.code for problem in error.problems]


@pytest.mark.parametrize("name", LOOKED)
@pytest.mark.parametrize("piece", [61, 1_000, 1 << 20])
def test_what_is_looked_at_closely_is_all_that_needs_it(
    monkeypatch: pytest.MonkeyPatch, name: str, piece: int
) -> None:
    content = with_sheet(inline(PLAIN), LOOKED[name])
    monkeypatch.setattr(sheetscan, "PIECE", piece)
    quick = told(content)
    feed = Tags.feed
    monkeypatch.setattr(Tags, "feed", lambda tags, data: feed(tags, data) or True)
    assert told(content) == quick


def test_a_long_text_without_a_tag_is_no_reason_to_keep_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheetscan, "PIECE", 100)
    monkeypatch.setattr(sheetscan, "LONGEST", 300)
    content = inline([*PLAIN, ["长" * 2_000]])
    facts = told(content)
    assert isinstance(facts, SheetFacts)
    assert facts.columns == 26
