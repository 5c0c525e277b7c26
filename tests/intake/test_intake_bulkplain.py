"""Lines of a large register by set operations on their characters, against reading them one by one."""

import re
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduler.intake import bulklines, bulkplain, uscc
from scheduler.intake.bulklines import LONGEST, Lines
from scheduler.intake.bulkplain import BOX, Plain, look
from scheduler.intake.bulkruns import before, in_order, letters, marks_of, numbers_of
from scheduler.intake.bulkstates import PLAIN
from scheduler.intake.bulktext import GAP, MARK, Part
from scheduler.intake.cells import reader
from scheduler.intake.celltext import BadCellError, clean
from scheduler.intake.columns import COLUMNS, Kind

FIELDS = ("name", "enterprise_id", "lon_udeg", "lat_udeg", "address", "legacy_id", "phone", "remark")
ROW = dict(
    zip(FIELDS, ("甲店", "92380103MA288RQE53", "120.383348", "30.086606", "街1号", "", "", ""), strict=True)
)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What :func:`look` asks of a screening."""

    kinds: Kind = "degree"
    width: int = len(FIELDS)
    personal: tuple[int, ...] = (6,)
    others: tuple[int, ...] = (7,)
    absent: frozenset[str] = field(default_factory=frozenset)

    def position(self, name: str) -> int | None:
        return None if name in self.absent else FIELDS.index(name)

    def kind(self, _name: str) -> Kind:
        return self.kinds


def lines_of(
    rows: list[list[str]],
    separator: str = GAP,
    line_end: str = "\n",
    width: int = len(FIELDS),
    encoding: str = "utf-8",
) -> Lines:
    text = "".join(separator.join(row) + line_end for row in rows)
    data = text.encode(encoding)
    part = Part(
        data=data,
        n_records=len(rows),
        separator=separator,
        line_end=line_end,
        asides={},
        encoding=encoding,
    )
    return Lines(part, width)


def seen(columns: Columns | None = None, encoding: str = "utf-8", **cells: str) -> Plain:
    """What is found of one row with these cells, behind a whole one and before one cut short."""
    rows = [list((ROW | more).values()) for more in ({}, cells)]
    lines = lines_of([*rows, ["甲店"]], encoding=encoding)
    found = look(lines, columns or Columns())  # type: ignore[arg-type]
    assert not found.ok[2]
    return Plain(**{name: getattr(found, name)[1:2] for name in Plain.__dataclass_fields__})


def reads(name: str, kind: Kind, cell: str) -> object:
    column = next(column for column in COLUMNS["enterprises"] if column.field == name)
    try:
        return reader(column, kind, None)(cell)
    except BadCellError:
        return None


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_plain_row_is_told_with_its_point(encoding: str) -> None:
    found = seen(None, encoding)
    assert found.ok.tolist() == [True]
    assert (found.lon.tolist(), found.lat.tolist()) == ([120_383_348], [30_086_606])
    assert (found.high[0], found.low[0]) == numbers_of("92380103MA288RQE53")


figures = st.from_regex(r"[0-9]{0,4}(\.[0-9]{0,17})?|1[0-3][0-9]\.[0-9]{6}50*[1-9]?", fullmatch=True)


@settings(max_examples=300, deadline=None)
@given(cell=figures | st.text("0123456789.+-e５ ", max_size=22))
@example("120.1234565")
@example("120.12345650000")
@example("120.12345651")
@example("120.1234564999")
@example("120.1234567")
@example("99.9999999")
@example("120.")
@example(".5")
@example("1.2.3")
@example("120.123456789012345")
@example("120.1234567890123456")
@example("0120.1")
@example("1200.1")
def test_a_plain_longitude_is_what_the_record_reader_reads(cell: str) -> None:
    found = seen(lon_udeg=cell)
    low, high = BOX["lon_udeg"]
    if found.ok[0]:
        value = reads("lon_udeg", "degree", cell)
        assert value == found.lon[0]
        assert low <= found.lon[0] <= high
    elif re.fullmatch(r"1[0-2][0-9](\.[0-9]{1,6})?", cell):
        pytest.fail(f"{cell} is plain")


@settings(max_examples=200, deadline=None)
@given(cell=st.from_regex(r"[0-9]{5,11}", fullmatch=True) | st.text("0123456789.-+ ", max_size=12))
@example("136000000")
@example("136000001")
@example("073000000")
@example("4294967296")
def test_plain_micro_degrees_are_what_the_record_reader_reads(cell: str) -> None:
    found = seen(Columns(kinds="micro"), lon_udeg=cell, lat_udeg="30086606")
    low, high = BOX["lon_udeg"]
    plain = re.fullmatch("[1-9][0-9]{6,8}", cell) is not None and low <= int(cell) <= high
    assert found.ok[0] == plain
    assert not plain or found.lon[0] == reads("lon_udeg", "micro", cell)


@pytest.mark.parametrize(
    ("cells", "is_plain"),
    [
        ({"lon_udeg": "", "lat_udeg": ""}, True),
        ({"lon_udeg": ""}, False),
        ({"lat_udeg": ""}, False),
        ({"lon_udeg": "30.086606", "lat_udeg": "120.383348"}, False),
        ({"lon_udeg": "72.999999"}, False),
        ({"lon_udeg": "73"}, True),
        ({"lat_udeg": "54.0000001"}, True),
        ({"lat_udeg": "54.0000009"}, False),
        ({"legacy_id": "440508000012345"}, False),
        ({"phone": "13800000000"}, True),
        ({"phone": " 13800000000"}, False),
        ({"phone": "—"}, False),
        ({"remark": " — "}, True),
        ({"remark": "例行"}, False),
        ({"name": ""}, False),
        ({"address": ""}, True),
        ({"name": "a" * LONGEST, "address": "街" * (LONGEST // 3)}, True),
        ({"name": "a" * (LONGEST + 1)}, False),
        ({"address": "街" * (LONGEST // 3 + 1)}, False),
    ],
)
def test_the_other_conditions_of_a_plain_row_hold_at_their_bounds(
    cells: dict[str, str], is_plain: object
) -> None:
    found = seen(None, **cells)
    assert found.ok[0] == is_plain
    if not cells.get("lon_udeg", "1"):
        assert found.lon[0] == found.lat[0] == 0 or not found.ok[0]


@pytest.mark.parametrize("absent", ["lon_udeg", "lat_udeg"])
def test_one_coordinate_alone_is_not_plain_where_the_other_has_no_column(absent: str) -> None:
    columns = Columns(absent=frozenset({absent}))
    other = next(name for name in BOX if name != absent)
    assert not seen(columns).ok[0]
    assert seen(columns, **{other: ""}).ok[0]


def test_no_row_is_plain_without_columns_for_its_identifier_or_name() -> None:
    for name in ("enterprise_id", "name"):
        assert not seen(Columns(absent=frozenset({name}))).ok[0]
    assert seen(Columns(absent=frozenset({"address", "legacy_id"}))).ok[0]


@settings(max_examples=200, deadline=None)
@given(
    cell=st.text(max_size=8) | st.text("甲a 　—（例\t|·\u3400\U00020bb7", max_size=8),
    name=st.sampled_from(["name", "address"]),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_a_text_is_plain_where_all_its_characters_are(cell: str, name: str, encoding: str) -> None:
    cell = re.sub(f"[\0\r\n{GAP}]", "", cell)
    if any(0xD800 <= ord(letter) < 0xE000 for letter in cell):
        return
    inside = all(any(low <= ord(letter) <= high for low, high in PLAIN) for letter in cell)
    plain = inside and cell == cell.strip(" ") and "例" not in cell and bool(cell or name == "address")
    found = seen(None, encoding, **{name: cell})
    assert found.ok[0] == plain
    assert not plain or clean(cell) == cell
    assert found.commas[0] == (0 if not plain or "," not in cell else 1 if name == "name" else 2)


codes = st.text(uscc.ALPHABET, min_size=17, max_size=17).map(
    lambda body: next(body + last for last in uscc.ALPHABET if uscc.valid(body + last) or last == "Y")
)


@settings(max_examples=200, deadline=None)
@given(
    code=codes, at=st.integers(0, 17), letter=st.sampled_from([*uscc.ALPHABET, "I", "l", "甲", "é", "", "0A"])
)
def test_an_identifier_is_plain_where_its_check_character_is_right_and_no_zero_leads(
    code: str, at: int, letter: str
) -> None:
    for cell in (code, code[:at] + letter + code[at + 1 :], code.lower()):
        found = seen(enterprise_id=cell)
        assert found.ok[0] == (uscc.valid(cell) and cell[0] != "0")
        assert not found.ok[0] or (found.high[0], found.low[0]) == numbers_of(cell)


@given(
    idents=st.lists(codes, min_size=1, max_size=9),
    others=st.lists(st.text([*uscc.ALPHABET, *"IZa._-!"], max_size=20)),
)
def test_the_numbers_of_identifiers_have_their_order(idents: list[str], others: list[str]) -> None:
    high, low = (np.array(numbers, dtype=np.uint64) for numbers in zip(*map(numbers_of, idents), strict=True))
    order = in_order(high, low.astype(np.uint32))
    assert [idents[at] for at in order] == sorted(idents)
    assert [bytes(row).decode() for row in letters(high, low.astype(np.uint32))] == idents
    for other in [*others, *(ident[:9] for ident in idents), *(f"{ident}0" for ident in idents)]:
        n_before = before(high[order], low[order].astype(np.uint32), *numbers_of(other))
        assert n_before == sum(ident < other for ident in idents)
    marks = marks_of(idents).tolist()
    assert [marks.index(mark) for mark in marks] == [idents.index(ident) for ident in idents]


cells = st.text(st.characters(codec="utf-8", exclude_characters=",\r\n"), max_size=5)


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_lines_cut_into_the_cells_they_were_made_of(rows: list[list[str]], line_end: str) -> None:
    lines = lines_of(rows, ",", line_end, width=3)
    assert lines.records(np.arange(len(rows))) == [[] if row == [""] else row for row in rows]
    numbers, found = [], []
    for whole in lines.whole(2):
        numbers += whole.numbers.tolist()
        for at in range(len(whole.numbers)):
            found.append([whole.text(at, position) for position in range(3)])
            start, size = (place[at] for place in whole.span(0, 2))
            assert lines.padded[start : start + size].tobytes().decode() == ",".join(found[-1])
    assert numbers == [at for at, row in enumerate(rows) if len(row) == 3]
    assert found == [row for row in rows if len(row) == 3]


def test_what_stands_aside_is_handed_back_as_it_was() -> None:
    part = Part(
        data=f"a,b\n{MARK}\n".encode(), n_records=2, separator=",", line_end="\n", asides={1: ["c\nd", "e"]}
    )
    lines = Lines(part, 2)
    assert [whole.numbers.tolist() for whole in lines.whole(9)] == [[0]]
    assert lines.records(np.array([1, 0])) == [["c\nd", "e"], ["a", "b"]]


def test_pieces_of_lines_are_looked_at_alike_wherever_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [list((ROW | {"name": name}).values()) for name in ("甲·", "乙", "丙—店", "丁例")]
    for stretch, near in ((1, 1), (7, 2), (64, 3), (1 << 16, 1 << 10)):
        monkeypatch.setattr(bulkplain, "NEAR", near)
        monkeypatch.setattr(bulklines, "STRETCH", stretch)
        assert look(lines_of(rows), Columns()).ok.tolist() == [False, True, False, False]  # type: ignore[arg-type]
