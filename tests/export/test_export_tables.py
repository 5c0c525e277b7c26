"""What goes back to the main platform: files read back by others, tables taken by real databases."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy
from finished import finished
from servers import Server

from scheduler.domain.errors import InputError, UsageError
from scheduler.domain.registers import Enterprise
from scheduler.domain.schedule import Unscheduled
from scheduler.export.tablefiles import write_tables
from scheduler.export.tablerows import LedgerLine, Rows, table_rows
from scheduler.export.tablespec import (
    ASSIGNMENTS,
    CERTIFICATE,
    LEDGER,
    REQUIREMENTS,
    TABLES,
    VISITS,
    Table,
    json_schema,
)
from scheduler.export.tablesql import load_tables

ROOT = Path(__file__).resolve().parents[2]


def ledger(n: int = 3, salt: str = "") -> list[LedgerLine]:
    return [
        LedgerLine(
            seq=seq,
            kind="stage" if seq else "open",
            stage=f"s{seq}" if seq else "",
            at="2026-02-20T09:30:00+08:00",
            prev=f"{salt}{seq - 1:064d}"[-64:],
            hash=f"{seq:060d}{salt:>4}",
            facts={"attempt": seq, "discretionary": False},
            files={f"s{seq}/a.csv": "a" * 64},
        )
        for seq in range(n)
    ]


def rows(lines: list[LedgerLine] | None = None, **changes: Any) -> Rows:
    case = finished()
    given = {name: case[name] for name in ("plan", "registers", "merged", "schedule", "certificate")}
    return table_rows(**given | changes, certificate_sha256="c" * 64, ledger=lines or ledger())


def records(table: Table, made: Rows) -> list[dict[str, Any]]:
    return [dict(zip(table.columns, row, strict=True)) for row in made[table]]


def renamed(name: str) -> Any:
    known = finished()["registers"]
    firms = tuple(replace(row, name=name) for row in known.enterprises)
    return replace(known, enterprises=firms)


HOSTILE = ("=1+1", "@SUM(1)", "<b>&", 'a\nb,"c"', "\u202e反转", "😀\ue000", "长" * 300, "'; DROP TABLE x; --")


# --- rows ------------------------------------------------------------------------------------------------


def test_every_seat_requirement_visit_and_line_of_the_ledger_is_one_row() -> None:
    case, made = finished(), rows()
    seats = {(seat.visit_id, seat.person_id) for seat in case["schedule"].seats}
    assert [(row["visit_id"], row["person_id"]) for row in records(ASSIGNMENTS, made)] == sorted(seats)
    assert [row["requirement_id"] for row in records(REQUIREMENTS, made)] == [
        row.requirement_id for row in case["merged"].requirements
    ]
    assert [row["visit_id"] for row in records(VISITS, made)] == [
        row.visit_id for row in case["merged"].visits
    ]
    assert [row["seq"] for row in records(LEDGER, made)] == [0, 1, 2]
    assert len(made[CERTIFICATE]) == 1


def test_a_visit_without_a_day_says_so_and_so_do_its_requirements() -> None:
    case, made = finished(), rows()
    left = {row.visit_id for row in case["schedule"].unscheduled}
    assert left
    for row in records(VISITS, made):
        assert (row["state"] == "unscheduled") == (row["visit_id"] in left) == (row["day"] is None)
        assert row["window_last"] >= row["window_first"]
    for row in records(REQUIREMENTS, made):
        assert (row["reason"] == "no_room") == (row["visit_id"] in left)


def test_an_unstaffable_requirement_has_its_reason() -> None:
    case = finished()
    left = tuple(
        Unscheduled(requirement_id=row.requirement_id, visit_id=row.visit_id, reason="unstaffable")
        for row in case["schedule"].unscheduled
    )
    made = rows(schedule=replace(case["schedule"], unscheduled=left))
    assert {row["reason"] for row in records(REQUIREMENTS, made)} == {None, "unstaffable"}


def test_a_certificate_of_another_attempt_is_refused() -> None:
    with pytest.raises(InputError, match=r"export\.mismatch"):
        rows(certificate=replace(finished()["certificate"], attempt=2))


def test_keys_are_unique_and_rows_sorted_by_them() -> None:
    for table, lines in rows().items():
        places = [table.columns.index(name) for name in table.key]
        keys = [tuple(line[place] for place in places) for line in lines]
        assert keys == sorted(set(keys))


# --- files -----------------------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, Rows]:
    made = rows(registers=renamed("=1+1"))
    assert len(list(write_tables(made, tmp_path))) == 3 * len(TABLES)
    return tmp_path, made


def test_csv_json_and_parquet_hold_the_same_rows(written: tuple[Path, Rows]) -> None:
    folder, made = written
    for table in TABLES:
        wanted = records(table, made)
        told = json.loads((folder / f"{table.name}.json").read_bytes())
        assert told["schema"] == f"onedoor.table-{table.name}/1"
        plain = [
            {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in row.items()}
            for row in wanted
        ]
        assert told["rows"] == plain
        relation = duckdb.sql(f"SELECT * FROM '{folder / table.name}.parquet'")  # noqa: S608 - our own file
        assert tuple(relation.columns) == table.columns
        for line, row in zip(relation.fetchall(), wanted, strict=True):
            values = [
                json.loads(v) if isinstance(w, dict) else v for v, w in zip(line, row.values(), strict=True)
            ]
            assert values == list(row.values())
        text = (folder / f"{table.name}.csv").read_bytes().decode("utf-8-sig")
        read = list(csv.DictReader(io.StringIO(text)))
        assert len(read) == len(wanted)
        for line, row in zip(read, wanted, strict=True):
            key = [str(row[name]) for name in table.key]
            assert [line[name] for name in table.key] == key


def test_a_name_like_a_formula_has_an_apostrophe_in_csv_only(written: tuple[Path, Rows]) -> None:
    folder, _ = written
    text = (folder / "visits.csv").read_bytes().decode("utf-8-sig")
    assert {row["enterprise_name"] for row in csv.DictReader(io.StringIO(text))} == {"'=1+1"}
    told = json.loads((folder / "visits.json").read_bytes())
    assert {row["enterprise_name"] for row in told["rows"]} == {"=1+1"}


def test_the_same_rows_give_the_same_files(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        list(write_tables(rows(), tmp_path / name))
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", [*HOSTILE, "x\x00y\ud800"])
def test_odd_names_come_through_exactly_but_for_what_nobody_can_store(tmp_path: Path, name: str) -> None:
    list(write_tables(rows(registers=renamed(name)), tmp_path))
    shown = name.replace("\x00", "�").replace("\ud800", "�")
    told = json.loads((tmp_path / "visits.json").read_bytes())
    assert {row["enterprise_name"] for row in told["rows"]} == {shown}
    source = f"SELECT DISTINCT enterprise_name FROM '{tmp_path / 'visits.parquet'}'"  # noqa: S608 - our own
    assert duckdb.sql(source).fetchall() == [(shown,)]


def test_no_rows_are_tables_with_headings(tmp_path: Path) -> None:
    case = finished()
    empty = replace(case["merged"], visits=(), requirements=())
    made = rows(merged=empty, schedule=replace(case["schedule"], seats=(), unscheduled=()))
    list(write_tables(made, tmp_path))
    assert json.loads((tmp_path / "visits.json").read_bytes())["rows"] == []
    assert (tmp_path / "visits.csv").read_text(encoding="utf-8-sig") == ",".join(VISITS.columns) + "\n"
    assert duckdb.sql(f"SELECT * FROM '{tmp_path / 'visits.parquet'}'").fetchall() == []  # noqa: S608 - our own


def test_the_schemas_in_the_docs_are_those_of_the_tables() -> None:
    for table in TABLES:
        path = ROOT / f"docs/reference/schemas/table-{table.name}-1.json"
        assert json.loads(path.read_text(encoding="utf-8")) == json_schema(table)


# --- databases -------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, without any table of ours when the test ends."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/platform.db"
        return
    server: Server = request.getfixturevalue(request.param)
    yield server.url
    engine = sqlalchemy.create_engine(server.url)
    known = sqlalchemy.MetaData()
    known.reflect(engine)
    known.drop_all(engine)
    engine.dispose()


def read_back(address: str, table: Table) -> list[dict[str, Any]]:
    engine = sqlalchemy.create_engine(address)
    order = ", ".join(table.key)
    with engine.connect() as connection:
        lines = connection.exec_driver_sql(f"SELECT * FROM onedoor_{table.name} ORDER BY {order}")  # noqa: S608 - ours
        found = [dict(row) for row in lines.mappings()]
    engine.dispose()
    return found


def comparable(table: Table, row: dict[str, Any]) -> list[Any]:
    kinds = {field.name: field.kind for field in table.fields}
    told = []
    for name, value in row.items():
        if kinds[name] == "bool":
            told.append(bool(value))
        elif kinds[name] == "json":
            told.append(json.loads(value) if isinstance(value, str) else value)
        elif kinds[name] == "date" and isinstance(value, str):
            told.append(dt.date.fromisoformat(value))
        else:
            told.append(value)
    return told


def test_a_database_takes_the_tables_twice_and_has_each_row_once(database: str) -> None:
    made = rows(registers=renamed("=😀<b>" + "长" * 300))
    for _ in range(2):
        loaded = load_tables(database, made)
        assert loaded.rows == {table.name: len(made[table]) for table in TABLES}
        for table in TABLES:
            found = [comparable(table, row) for row in read_back(database, table)]
            assert found == [comparable(table, row) for row in records(table, made)]


def test_a_later_state_takes_the_place_of_an_earlier_one_and_other_campaigns_stay(database: str) -> None:
    load_tables(database, rows())
    case = finished()
    plan = replace(case["plan"], settings=replace(case["plan"].settings, campaign_id="other-2026-02"))
    other = replace(case["certificate"], campaign_id="other-2026-02")
    load_tables(database, rows(ledger(salt="o"), plan=plan, certificate=other))
    load_tables(database, rows(ledger(5)))
    found = read_back(database, LEDGER)
    assert [(row["campaign_id"], row["seq"]) for row in found] == [
        *(("other-2026-02", n) for n in range(3)),
        *(("small-2026-01", n) for n in range(5)),
    ]


def test_another_run_or_an_older_state_never_takes_the_place_of_what_is_there(database: str) -> None:
    load_tables(database, rows(ledger(5)))
    before = read_back(database, ASSIGNMENTS)
    for lines in (ledger(3), ledger(6, salt="x")):
        with pytest.raises(UsageError, match=r"export\.sql_other_run"):
            load_tables(database, rows(lines, schedule=replace(finished()["schedule"], seats=())))
    assert read_back(database, ASSIGNMENTS) == before
    assert len(read_back(database, LEDGER)) == 5


def test_what_fails_half_way_leaves_what_was_there(database: str) -> None:
    load_tables(database, rows())
    before = {table.name: read_back(database, table) for table in TABLES}
    made = rows(ledger(4))
    made[ASSIGNMENTS].append(made[ASSIGNMENTS][-1])  # the last table written breaks its key
    with pytest.raises(InputError, match=r"export\.sql_failed"):
        load_tables(database, made)
    assert {table.name: read_back(database, table) for table in TABLES} == before


def test_tables_of_another_version_are_left_alone(database: str) -> None:
    load_tables(database, rows())
    engine = sqlalchemy.create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE onedoor_schema SET version = 7")
    engine.dispose()
    with pytest.raises(InputError, match=r"export\.sql_version"):
        load_tables(database, rows())


def test_an_id_too_long_for_a_key_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    long = "E" * 191
    case = finished()
    visits = (replace(case["merged"].visits[0], enterprise_id=long), *case["merged"].visits[1:])
    firms: tuple[Enterprise, ...] = case["registers"].enterprises
    known = replace(case["registers"], enterprises=(*firms, replace(firms[0], enterprise_id=long)))
    made = rows(registers=known, merged=replace(case["merged"], visits=visits))
    with pytest.raises(InputError, match=r"export\.sql_long"):
        load_tables(f"sqlite:///{tmp_path}/p.db", made)
    assert not (tmp_path / "p.db").exists()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("not an address", "sql_url"),
        ("oracle://h/x", "sql_driver"),
        ("postgresql://u:${ONEDOOR_NOT_SET}@127.0.0.1:1/x", "sql_variable"),
        ("postgresql://user:hush@127.0.0.1:1/x", "sql_failed"),
        ("mysql://user:hush@127.0.0.1:1/x", "sql_failed"),
        ("postgresql://user:o@hush@127.0.0.1:1/x", "sql_url"),
        ("", "sql_url"),
        ("sqlite:////no/such/folder/p.db", "sql_url"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_without_telling_the_password(
    address: str, code: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_tables(address, rows())
    problem = caught.value.problems[0]
    assert problem.code == f"export.{code}"
    assert "hush" not in f"{problem.params}{problem.place}"


def test_a_password_may_stand_in_a_variable(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLATFORM_PASSWORD", postgresql.password)
    address = postgresql.url.replace(postgresql.password, "${PLATFORM_PASSWORD}")
    assert (
        load_tables(address, rows()).database == f"postgresql+psycopg://127.0.0.1:{postgresql.port}/postgres"
    )
    engine = sqlalchemy.create_engine(postgresql.url)
    known = sqlalchemy.MetaData()
    known.reflect(engine)
    known.drop_all(engine)
    engine.dispose()
