"""The engine for large registers against the record reader: the same bytes, reports and refusals."""

import csv
import gc
import io
import json
import random
import resource
import unicodedata
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import sqlalchemy
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from servers import Server

from instances.damage import write_damaged
from instances.enterprises import make_chunk
from instances.places import layout
from instances.sizes import size_named
from scheduler.domain.codec import csv_bytes, to_json
from scheduler.domain.errors import InputError
from scheduler.domain.hashes import digest_hex
from scheduler.domain.intake import Rejected
from scheduler.domain.registers import TABLES, Enterprise
from scheduler.intake import Examined, Spill, bulktext, examine
from scheduler.intake.bulkfolder import PREFIX, OwnFolder
from scheduler.intake.bulklines import LONGEST
from scheduler.intake.bulkscreen import STRETCHES
from scheduler.intake.bulkstates import PLAIN
from scheduler.intake.bulkstore import Store
from scheduler.intake.bulktext import DeclinedError, decoded
from scheduler.intake.celltext import clean
from scheduler.intake.columns import COLUMNS
from scheduler.intake.csvfile import UTF8_WORDS

Table = list[list[str]]
Outcome = dict[str, Any]


def spill_into(folder: Path, **more: int) -> Spill:
    """Everything counts as large, in pieces so small that a register takes many."""
    forced = {"least_bytes": 0, "least_rows": 0, "piece": 3_000, "batch": 7, "memory_mb": 200} | more
    return Spill(folder=folder, **forced)


def outcome(found: Examined, folder: Path) -> Outcome:
    """All that an import seals or says, as bytes where they are sealed."""
    told: Outcome = {
        "problems": found.problems,
        "rejected": csv_bytes(Rejected, found.rejected),
        "report": to_json(found.report),
    }
    intake = found.intake
    if intake is None:
        return told
    for name, cls in TABLES.items():
        told[name] = csv_bytes(cls, getattr(intake.registers, name))
    if intake.rest:
        digest = intake.rest.write(folder / "sealed.csv", intake.registers.enterprises, "sha256")
        told["enterprises"] = (folder / "sealed.csv").read_bytes()
        assert digest == digest_hex(told["enterprises"], "sha256")
        intake.rest.close()
    return told | {"lost": {name: dict(keys) for name, keys in intake.lost.items()}}


def tried(path: Path, folder: Path, spill: Spill | None) -> Outcome:
    try:
        return outcome(examine(path, spill=spill), folder)
    except InputError as error:
        return {"problems": error.problems}


def assert_same(path: Path, folder: Path, **more: int) -> Outcome:
    """The record reader's outcome, after the engine's was found equal and nothing was left behind."""
    folder.mkdir(exist_ok=True)
    reader = tried(path, folder, None)
    engine = tried(path, folder, spill_into(folder, **more))
    for name in reader.keys() | engine.keys():
        assert engine.get(name) == reader.get(name), name
    assert [one.name for one in folder.iterdir() if one.name.startswith(".tmp")] == []
    return reader


def plain_table(n: int, district: str) -> Table:
    """A register as a platform exports it, nothing wrong with it."""
    size = size_named("county")
    columns = dict(make_chunk(size, layout(size, 1), np.arange(n), 1, 0).columns)
    columns |= {"district": [district] * n, "legacy_id": [""] * n}
    heads = [column.heading for column in COLUMNS["enterprises"]]
    return [
        heads,
        *map(list, zip(*(columns[column.field] for column in COLUMNS["enterprises"]), strict=True)),
    ]


def district_of(campaign: Any) -> str:
    head = campaign.tables["enterprises"][0].index("区划代码")
    return str(campaign.tables["enterprises"][1][head])


def with_register(campaign: Any, rows: Table) -> Any:
    """The small campaign with these enterprises behind its own, which other tables refer to."""
    own = campaign.tables["enterprises"]
    places = [rows[0].index(head) for head in own[0]]
    campaign.tables["enterprises"] = [*own, *([row[place] for place in places] for row in rows[1:])]
    return campaign


def test_a_damaged_export_is_sealed_the_same_for_any_hands_and_memory(tmp_path: Path) -> None:
    path = write_damaged("county", tmp_path / "in", seed=2)
    reader = tried(path, tmp_path, None)
    assert reader["rejected"].count(b"\n") > 10
    for hands, memory_mb in ((1, 200), (2, 1), (4, 0)):
        spill = spill_into(tmp_path, hands=hands, piece=200_000, memory_mb=memory_mb)
        assert tried(path, tmp_path, spill) == reader


def test_nearly_all_rows_of_an_ordinary_export_are_plain(tmp_path: Path, campaign: Any) -> None:
    path = with_register(campaign, plain_table(2_000, district_of(campaign))).write()
    found = examine(path, spill=spill_into(tmp_path, piece=1_000_000))
    assert found.intake is not None
    assert found.intake.rest is not None
    assert found.intake.rest.n_rows > 1_800
    assert len(found.intake.registers.enterprises) < 200
    found.intake.rest.close()


def test_rows_stay_plain_where_some_pieces_have_quotes_and_others_none(tmp_path: Path, campaign: Any) -> None:
    rows = with_register(campaign, plain_table(600, district_of(campaign))).tables["enterprises"]
    for row in rows[100:600:200]:
        row[rows[0].index("住所")] += ",2楼"
    found = examine(campaign.write(), spill=spill_into(tmp_path, piece=10_000))
    assert found.intake is not None
    assert found.intake.rest is not None
    assert found.intake.rest.n_rows > 550
    found.intake.rest.close()


NASTY = (
    "",
    " ",
    "　",
    "—",
    "0",
    "1",
    "-",
    "例",
    "案例（请删除）",
    "示例1",
    "名称",
    "主体代码",
    "a,b",
    'he said "x"',
    '"',
    "a\nb",
    "a\r\nb",
    "\t",
    "x" * 1_001,
    "ＡＢＣ１２３",
    "Cafe\u0301",
    "\ue81e",
    "\u2028",
    "𠮷",
    "=1+1",
    "9999-09-09",
    "2026-01-01",
    "2026年3月2日",
    "45658",
    "2027-01-01",
    "E",
    "高风险",
    "A",
    "存续",
    "注销",
    "0.000000",
    "120.1234565",
    "120.1234575",
    "120.12345650000",
    "30.5",
    "87.600000",
    "200",
    "1e5",
    "9.1E+17",
    "380724",
    "999999",
    "09:00-12:00；13:30-17:30",
    "25:00-26:00",
    "餐饮;住宿",
    "餐饮|住宿",
    "440508000012345",
    "110108000000016",
    "91",
    "统一社会信用代码",
    "注册号",
    "其他",
    "\x1f",
    "\x01",
    "\x02",
    "\ufeff名",
    "名\ufeff",
    "，",
    ";",
)


@st.composite
def damages(draw: st.DrawFn) -> Callable[[Table, random.Random], Table]:
    seed = draw(st.integers(0, 2**32))
    n_cells, n_twice = draw(st.integers(0, 12)), draw(st.integers(0, 4))
    n_old, n_short = draw(st.integers(0, 2)), draw(st.integers(0, 2))

    def apply(rows: Table, chance: random.Random) -> Table:
        chance.seed(seed)
        head, body = rows[0], [list(row) for row in rows[1:]]
        for _ in range(n_cells):
            row = chance.choice(body)
            row[chance.randrange(len(head))] = chance.choice(NASTY)
        for _ in range(n_twice):
            copy = list(chance.choice(body))
            if chance.random() < 0.5:
                copy[head.index("名称")] += "分店"
            if chance.random() < 0.3:
                copy[head.index("主体代码")] = copy[head.index("主体代码")].lower()
            body.insert(chance.randrange(len(body)), copy)
        for n in range(n_old):
            copy = list(chance.choice(body))
            if chance.random() < 0.5:
                copy[head.index("主体代码")], copy[head.index("代码类型")] = f"44050800001234{n}", ""
            else:
                chance.choice(body)[head.index("原注册号")] = copy[head.index("主体代码")]
            body.append(copy)
        for _ in range(n_short):
            row = chance.choice(body)
            row[:] = chance.choice([row[:-1], [*row, ""], [], [" "], row[:1]])
        return [head, *body]

    return apply


def written(rows: Table, separator: str, line_end: str, quoting: Any) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=line_end, quoting=quoting).writerows(rows)
    return out.getvalue()


@settings(max_examples=25, deadline=None)
@given(
    damage=damages(),
    shape=st.tuples(
        st.sampled_from([",", "\t", ";"]),
        st.sampled_from(["\n", "\r\n"]),
        st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
        st.booleans(),
    ),
    piece=st.sampled_from([700, 4_000, 100_000]),
)
def test_both_ways_say_and_seal_the_same_of_damaged_exports(
    tmp_path_factory: pytest.TempPathFactory, make_campaign: Any, damage: Any, shape: Any, piece: int
) -> None:
    folder = tmp_path_factory.mktemp("bulk")
    separator, line_end, quoting, encoding, ended = shape
    campaign = make_campaign(folder)
    with_register(campaign, plain_table(60, district_of(campaign)))
    rows = damage(campaign.tables["enterprises"], random.Random(0))  # noqa: S311 - it makes up faults
    text = written(rows, separator, line_end, quoting)
    campaign.raw["enterprises"] = (text if ended else text.removesuffix(line_end)).encode(encoding)
    assert_same(campaign.write(), folder / "out", piece=piece)


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace("街", '街"', 1),
        lambda text: text.replace(",", ',"', 30),
        lambda text: text.replace("\r\n", "\r\n\r\n", 7),
        lambda text: text.replace("\r\n", "\r", 3),
        lambda text: text.replace("\r\n", "\n", 9),
        lambda text: "检查对象名录（2026年）\r\n" + text,
        lambda text: text + "\r\n\r\n,,,\r\n合计：60\r\n",
        lambda text: text.replace("街", "\0", 1),
        lambda text: text.replace("街", "例", 5),
        lambda text: text.replace("街", '"街\n道"', 1),
    ],
)
def test_lines_that_do_not_cut_cleanly_come_to_the_same_end(
    tmp_path: Path, campaign: Any, broken: Any
) -> None:
    with_register(campaign, plain_table(200, district_of(campaign)))
    text = broken(campaign.text("enterprises").decode())
    for encoding in ("utf-8", "gb18030"):
        campaign.raw["enterprises"] = text.encode(encoding)
        assert_same(campaign.write(), tmp_path / "out")


def test_empty_lines_between_rows_are_counted_and_the_rows_stay_plain(tmp_path: Path, campaign: Any) -> None:
    with_register(campaign, plain_table(60, district_of(campaign)))
    text = campaign.text("enterprises").decode().replace("\r\n", "\r\n\r\n", 7)
    campaign.raw["enterprises"] = text.encode("gb18030")
    path = campaign.write()
    found = examine(path, spill=spill_into(tmp_path))
    assert found.intake is not None
    assert found.intake.rest is not None
    assert found.intake.rest.n_rows > 40
    found.intake.rest.close()
    assert_same(path, tmp_path / "out")


def test_bytes_that_decode_to_nothing_are_refused_by_name_and_row(tmp_path: Path, campaign: Any) -> None:
    with_register(campaign, plain_table(200, district_of(campaign)))
    data = campaign.text("enterprises").decode().encode("gb18030")
    middle = data.index(b"\n", len(data) // 2) + 1
    for mark in (b"\xff\xff", "经营范围企业名称\r\n".encode()):
        campaign.raw["enterprises"] = data[:middle] + mark + data[middle:]
        told = assert_same(campaign.write(), tmp_path / "out")
        assert {problem.code for problem in told["problems"]} & {"intake.encoding", "intake.encoding_mixed"}


def damaged_at(rows: Table, encoding: str, head: str, cell: bytes) -> bytes:
    """The register with these bytes in one cell of a row that is plain else."""
    place, mark = rows[0].index(head), "<here>"
    own = [[*row[:place], mark, *row[place + 1 :]] if n == 40 else row for n, row in enumerate(rows)]
    return written(own, ",", "\r\n", csv.QUOTE_MINIMAL).encode(encoding).replace(mark.encode(), cell)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize(
    "head", ["名称", "住所", "管辖单位", "标签", "原注册号", "上次抽查日期", "联系电话", "备注"]
)
def test_bytes_that_are_no_text_are_refused_in_whatever_column_they_stand(
    tmp_path: Path, campaign: Any, encoding: str, head: str
) -> None:
    rows = with_register(campaign, plain_table(60, district_of(campaign))).tables["enterprises"]
    rows[0].extend(["联系电话", "备注"])
    for row in rows[1:]:
        row.extend(["13800000000", "例行—" if row is rows[9] else "一般项目—销售"])
    for cell in (b"\xff", b"\x81", "甲".encode(encoding)[:-1], "甲".encode(encoding) + b"\x80"):
        campaign.raw["enterprises"] = damaged_at(rows, encoding, head, cell)
        told = assert_same(campaign.write(), tmp_path / "out", piece=100_000)
        assert {problem.code for problem in told["problems"]} & {"intake.encoding", "intake.encoding_mixed"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_letters_of_every_length_are_the_same_and_odd_ones_that_nobody_reads_cost_no_row(
    tmp_path: Path, campaign: Any, encoding: str, quoting: Any
) -> None:
    rows = with_register(campaign, plain_table(200, district_of(campaign))).tables["enterprises"]
    rows[0].append("经营范围")
    for n, row in enumerate(rows[1:]):
        row.append("一般项目：销售—㐀𠮷·" * (n % 90))
        row[2] += ("", "亀", "丂丄", "（甲）", "é", "𠮷")[n % 6 if n % 5 == 0 else 0]
        row[4] += ("", "亀")[n % 2]
    campaign.raw["enterprises"] = written(rows, ",", "\n", quoting).encode(encoding)
    path = campaign.write()
    found = examine(path, spill=spill_into(tmp_path, piece=1_000_000))
    assert found.intake is not None
    assert found.intake.rest is not None
    assert found.intake.rest.n_rows > 150
    found.intake.rest.close()
    assert_same(path, tmp_path / "out")


def test_columns_for_people_and_unknown_ones_are_counted_the_same(tmp_path: Path, campaign: Any) -> None:
    rows = with_register(campaign, plain_table(80, district_of(campaign))).tables["enterprises"]
    rows[0].extend(["联系电话", "备注"])
    for n, row in enumerate(rows[1:]):
        row.extend([f"1380000{n:04d}" if n % 3 else " ", "例行" if n % 7 else ""])
    assert_same(campaign.write(), tmp_path / "out")


def test_english_headings_read_micro_degrees(tmp_path: Path, campaign: Any) -> None:
    rows = with_register(campaign, plain_table(80, district_of(campaign))).tables["enterprises"]
    for name, field in (("经度", "lon_udeg"), ("纬度", "lat_udeg")):
        place = rows[0].index(name)
        rows[0][place] = field
        for row in rows[1:]:
            row[place] = row[place].replace(".", "")
    assert_same(campaign.write(), tmp_path / "out")


def test_a_register_without_optional_columns_is_the_same(tmp_path: Path, campaign: Any) -> None:
    rows = with_register(campaign, plain_table(80, district_of(campaign))).tables["enterprises"]
    for heading in ("经度", "纬度", "代码类型", "住所", "原注册号", "营业时间"):
        place = rows[0].index(heading)
        for row in rows:
            del row[place]
    assert_same(campaign.write(), tmp_path / "out")


def test_a_workbook_is_the_same(tmp_path: Path, campaign: Any) -> None:
    rows = with_register(campaign, plain_table(150, district_of(campaign))).tables["enterprises"]
    rows[20][rows[0].index("名称")] = "甲\n乙\x1f丙"
    rows[30][rows[0].index("信用风险等级")] = "无"
    rows[40] = list(rows[41])
    path = tmp_path / "register.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for place, text in enumerate(row):
                sheet.write(number + (number > 60), place, float(text) if "." in text and number else text)
    campaign.entries["enterprises"] = '"register.xlsx"'
    assert_same(campaign.write(), tmp_path / "out")


def load(url: str, rows: Table, types: dict[str, str]) -> None:
    """A table of a platform; an empty text is nothing there."""
    quoted = [f'"{head}"' for head in rows[0]]
    columns = ", ".join(
        f"{name} {types.get(head, 'text')}" for name, head in zip(quoted, rows[0], strict=True)
    )
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS register")
        connection.exec_driver_sql(f"CREATE TABLE register ({columns})")
        marks = ", ".join(f":v{n}" for n in range(len(quoted)))
        connection.execute(
            sqlalchemy.text(f"INSERT INTO register VALUES ({marks})"),  # noqa: S608 - a table of ours
            [{f"v{n}": cell or None for n, cell in enumerate(row)} for row in rows[1:]],
        )
    engine.dispose()


def test_a_table_of_sqlite_is_the_same(tmp_path: Path, campaign: Any) -> None:
    rows = with_register(campaign, plain_table(150, district_of(campaign))).tables["enterprises"]
    load(f"sqlite:///{tmp_path / 'platform.db'}", rows, {})
    campaign.entries["enterprises"] = '{ sql = "sqlite:///platform.db", table = "register" }'
    assert_same(campaign.write(), tmp_path / "out")


@pytest.mark.parametrize("stamp", ["text", "date", "timestamp"])
def test_a_table_of_postgresql_is_the_same(
    tmp_path: Path, campaign: Any, postgresql: Server, stamp: str
) -> None:
    rows = with_register(campaign, plain_table(300, district_of(campaign))).tables["enterprises"]
    name = rows[0].index("名称")
    for number, text in enumerate(
        ("甲\\乙", "甲\t乙", "甲\n乙", "甲\x1f乙", "\\N", "\\.", "\x01甲", "甲\\\\")
    ):
        rows[10 + number][name] = text
    rows[40][rows[0].index("信用风险等级")] = "无"
    load(postgresql.url, rows, {"上次抽查日期": stamp, "经度": "numeric(9,6)", "纬度": "numeric"})
    campaign.entries["enterprises"] = f'{{ sql = "{postgresql.url}", table = "register" }}'
    assert_same(campaign.write(), tmp_path / "out")


def test_a_date_that_python_does_not_know_is_refused_by_the_cursor(
    tmp_path: Path, campaign: Any, postgresql: Server
) -> None:
    rows = with_register(campaign, plain_table(100, district_of(campaign))).tables["enterprises"]
    load(postgresql.url, rows, {"上次抽查日期": "date"})
    with psycopg.connect(postgresql.url.replace("+psycopg", "")) as connection:
        connection.execute(
            'UPDATE register SET "上次抽查日期" = \'infinity\' WHERE "名称" = %s', (rows[50][2],)
        )
    campaign.entries["enterprises"] = f'{{ sql = "{postgresql.url}", table = "register" }}'
    told = assert_same(campaign.write(), tmp_path / "out")
    assert [problem.code for problem in told["problems"]] == ["intake.sql_failed"]


def test_a_query_that_fails_half_way_is_told_by_the_cursor(
    tmp_path: Path, campaign: Any, postgresql: Server
) -> None:
    rows = with_register(campaign, plain_table(300, district_of(campaign))).tables["enterprises"]
    load(postgresql.url, rows, {})
    faulty = f"""SELECT * FROM register WHERE 1 / (CASE "名称" WHEN '{rows[250][2]}' THEN 0 ELSE 1 END) = 1"""  # noqa: S608
    query = json.dumps(faulty, ensure_ascii=False)
    campaign.entries["enterprises"] = f'{{ sql = "{postgresql.url}", query = {query} }}'
    told = assert_same(campaign.write(), tmp_path / "out")
    assert [problem.code for problem in told["problems"]] == ["intake.sql_failed"]


def test_a_copy_given_up_half_way_leaves_the_server_as_it_was(
    tmp_path: Path, campaign: Any, postgresql: Server
) -> None:
    rows = with_register(campaign, plain_table(2_000, district_of(campaign))).tables["enterprises"]
    rows[1_500][2] = "长" * 5_000
    load(postgresql.url, rows, {})
    campaign.entries["enterprises"] = f'{{ sql = "{postgresql.url}", table = "register" }}'
    campaign.sections = "[import]\ncell_chars = 3000\n"
    told = assert_same(campaign.write(), tmp_path / "out")
    assert [problem.code for problem in told["problems"]] == ["intake.cell_giant"]


@settings(max_examples=200, deadline=None)
@given(
    data=st.lists(
        st.sampled_from([*"中国政府𠮷é,a\n"]) | st.sampled_from([b"\xe4", b"\xe9", b"\xbf", b"\x80"])
    ),
    stretch=st.sampled_from([1, 2, 12, 1 << 18]),
)
def test_words_in_utf8_are_found_as_the_pattern_finds_them(data: list[str | bytes], stretch: int) -> None:
    text = b"".join(sign if isinstance(sign, bytes) else sign.encode() for sign in data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulktext, "STRETCH", stretch)
        assert bulktext.has_utf8_words(text) == (UTF8_WORDS.search(text) is not None)


def test_every_code_of_two_bytes_is_decoded_as_gb18030_has_it() -> None:
    for code in range(0x10000):
        pair = code.to_bytes(2, "big").lstrip(b"\0")
        try:
            text = pair.decode("gb18030")
        except UnicodeDecodeError:
            with pytest.raises(DeclinedError):
                decoded(pair, "gb18030")
        else:
            assert decoded(pair, "gb18030") == text
    assert decoded("甲㐀𠮷".encode("gb18030"), "gb18030") == "甲㐀𠮷"


def test_plain_characters_stay_as_they_are_alone_and_side_by_side() -> None:
    letters = [chr(code) for low, high in PLAIN for code in range(low, high + 1)]
    assert all(letter.isprintable() and not unicodedata.combining(letter) for letter in letters)
    assert [letter for letter in letters if letter.isspace()] == [" "]
    random.Random(1).shuffle(letters)  # noqa: S311 - any order will do
    text = "甲" + "".join(letters) + "甲"
    assert clean(text) == text


def test_a_sealed_line_is_the_codecs_own(tmp_path: Path, campaign: Any) -> None:
    rows = with_register(campaign, plain_table(50, district_of(campaign))).tables["enterprises"]
    for n, text in enumerate(("甲,乙", '甲"乙', '"', ",", 'a,"b"')):
        rows[10 + n][rows[0].index("名称")] = text
        rows[20 + n][rows[0].index("住所")] = text
        rows[30 + n][rows[0].index("管辖单位")] = text
        rows[40 + n][rows[0].index("标签")] = (
            text * (LONGEST // 7) if n < 2 else "标" * (LONGEST // 3 + n - 3)
        )
    told = assert_same(campaign.write(), tmp_path / "out")
    assert b'"a,""b"""' in told["enterprises"]


def test_a_disk_that_is_full_is_told_by_name_and_nothing_is_left(tmp_path: Path, campaign: Any) -> None:
    path = with_register(campaign, plain_table(500, district_of(campaign))).write()
    out = tmp_path / "out"
    out.mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        found = examine(path, spill=spill_into(out))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [problem.code for problem in found.problems] == ["intake.store_failed"]
    assert list(out.iterdir()) == []


def test_memory_that_does_not_do_is_told_by_name_and_nothing_is_left(
    tmp_path: Path, campaign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_register(campaign, plain_table(60, district_of(campaign))).write()
    out = tmp_path / "out"
    out.mkdir()

    def too_much(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Store, "repeated", too_much)
    found = examine(path, spill=spill_into(out))
    assert [problem.code for problem in found.problems] == ["intake.store_failed"]
    assert list(out.iterdir()) == []


def test_an_import_that_is_refused_leaves_nothing(tmp_path: Path, campaign: Any) -> None:
    with_register(campaign, plain_table(200, district_of(campaign)))
    campaign.change("tasks", 2, "发起部门", "D-404")
    told = assert_same(campaign.write(), tmp_path / "out")
    assert "intake.reference_unknown" in {problem.code for problem in told["problems"]}
    campaign.raw["inspectors"] = b"\0"
    assert_same(campaign.write(), tmp_path / "out")


def test_the_search_for_cycles_goes_on_after_a_campaign_that_cannot_be_read(tmp_path: Path) -> None:
    assert gc.isenabled()
    with pytest.raises(InputError):
        examine(tmp_path / "none.toml", spill=spill_into(tmp_path))
    assert gc.isenabled()


def test_what_a_killed_import_left_is_removed_and_what_one_holds_is_not(tmp_path: Path) -> None:
    held = OwnFolder(tmp_path)
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "lock").touch()
    (left / "part.csv").touch()
    own = OwnFolder(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([held.path, own.path])
    own.remove()
    held.remove()
    held.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_row_class_has_the_columns_that_the_engine_writes() -> None:
    own = ["enterprise_id", "id_kind", "name", "address"]
    assert [*own, *chain.from_iterable(STRETCHES), "legacy_id"] == list(Enterprise.__dataclass_fields__)
    assert json.dumps(list(Enterprise.__dataclass_fields__)) == json.dumps(
        [column.field for column in COLUMNS["enterprises"]]
    )


@pytest.mark.parametrize("source", ["coordinates", "districts", "matrix"])
def test_travel_times_name_plain_rows_and_districts_alike(campaign: Any, tmp_path: Path, source: str) -> None:
    district = district_of(campaign)
    campaign = with_register(campaign, plain_table(60, district))
    firm = campaign.tables["enterprises"][-1][campaign.tables["enterprises"][0].index("主体代码")]
    campaign.tables["travel"] = [
        ["起点", "终点", "分钟"],
        ["D-food", "D-fire", "12"],
        *([[firm.lower(), "D-food", "9"]] if source != "districts" else []),
        ["990199", "D-food", "9"],
    ]
    campaign.sections += f'\n[travel]\nsource = "{source}"\n'
    told = assert_same(campaign.write(), tmp_path / "large")
    assert b"D-food,D-fire,12" in told["travel"]
    assert (firm.encode() in told["travel"]) == (source != "districts")


def test_no_coordinates_anywhere_is_told_for_a_large_register_too(campaign: Any, tmp_path: Path) -> None:
    campaign = with_register(campaign, plain_table(60, district_of(campaign)))
    heads, *rows = campaign.tables["enterprises"]
    for row in rows:
        row[heads.index("经度")] = row[heads.index("纬度")] = ""
    assert b"intake.places_nowhere" in assert_same(campaign.write(), tmp_path / "large")["report"]


def test_an_odd_quote_within_a_cell_adds_no_line(tmp_path: Path, campaign: Any) -> None:
    with_register(campaign, plain_table(60, district_of(campaign)))
    text = campaign.text("enterprises").decode().replace("街", '街"', 1)
    campaign.raw["enterprises"] = text.encode()
    assert_same(campaign.write(), tmp_path / "out", piece=1_000_000)
