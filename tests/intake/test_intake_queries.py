"""Registers out of real databases: PostgreSQL, MariaDB, SQLite, with a schema as a platform would have it."""

import gc
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from servers import Server
from sqlalchemy.engine import make_url

from scheduler.domain.errors import InputError
from scheduler.domain.messages import render
from scheduler.intake import read_campaign
from scheduler.intake.limits import Limits
from scheduler.intake.queries import QuerySource, refuse_writing, safe_name
from scheduler.intake.sections import Query

ENGINES = ("postgresql", "mariadb", "sqlite")
PHONE = "13800138000"


@pytest.fixture(params=ENGINES)
def platform(request: pytest.FixtureRequest, campaign: Any) -> Iterator[tuple[str, Any]]:
    """A database's URL with every table of the small campaign in it, its own columns beside ours."""
    if request.param == "sqlite":
        campaign.folder.mkdir(parents=True, exist_ok=True)
        url = "sqlite:///platform.db"
        engine = sqlalchemy.create_engine(f"sqlite:///{campaign.folder / 'platform.db'}")
    else:
        server: Server = request.getfixturevalue(request.param)
        url = server.url
        patience = {
            "postgresql": {"options": "-c lock_timeout=10s"},
            "mariadb": {"init_command": "SET lock_wait_timeout=10"},
        }
        engine = sqlalchemy.create_engine(url, connect_args=patience[request.param])
    tables = load(engine, campaign)
    yield url, campaign
    gc.collect()  # a source whose reading was refused half-way keeps its transaction until it is gone
    tables.drop_all(engine)
    engine.dispose()


def load(engine: sqlalchemy.Engine, campaign: Any) -> sqlalchemy.MetaData:
    """Each table as ``t_<name>``; the key is its primary key, and people have telephones."""
    meta = sqlalchemy.MetaData()
    with engine.begin() as connection:
        for name, rows in campaign.tables.items():
            extra = ["联系电话"] if name == "inspectors" else []
            columns = [
                sqlalchemy.Column(head, sqlalchemy.String(200), primary_key=place == 0 and name != "leave")
                for place, head in enumerate([*rows[0], *extra])
            ]
            columns += [sqlalchemy.Column("更新时间", sqlalchemy.DateTime())]
            if name in {"recusals", "history", "leave"}:
                for column in columns:
                    column.primary_key = False
            table = sqlalchemy.Table(f"t_{name}", meta, *columns)
            table.create(connection)
            padded = [dict(zip(rows[0], row, strict=True)) | dict.fromkeys(extra, PHONE) for row in rows[1:]]
            connection.execute(table.insert(), list(reversed(padded)))
    return meta


def point(campaign: Any, url: str, entries: dict[str, str]) -> None:
    for name in campaign.tables:
        rest = entries.get(name, f'table = "t_{name}"')
        campaign.entries[name] = f'{{ sql = "{url}", {rest} }}'


def test_tables_of_a_database_give_the_same_registers_as_files(platform: tuple[str, Any]) -> None:
    url, campaign = platform
    wanted = read_campaign(campaign.write()).registers
    point(campaign, url, {})
    path = campaign.write()
    first, second = read_campaign(path), read_campaign(path)
    assert first.registers == wanted
    digests = [[table.sha256 for table in intake.report.tables] for intake in (first, second)]
    assert digests[0] == digests[1]
    assert all(len(digest) == 64 for digest in digests[0])
    told = {line.column: line.code for line in first.report.warnings if line.table == "inspectors"}
    assert told == {"联系电话": "intake.column_personal", "更新时间": "intake.column_needless"}
    assert PHONE not in repr(first)


def test_the_rows_as_read_are_what_the_digest_fixes(platform: tuple[str, Any]) -> None:
    url, campaign = platform
    source = QuerySource(
        Query(url=url, statement="SELECT 工号 FROM t_inspectors ORDER BY 工号"), campaign.folder
    )
    records = list(source.records())
    assert (records[0], len(records)) == ((1, ["工号"]), 13)
    other = QuerySource(
        Query(url=url, statement="SELECT 工号 FROM t_inspectors ORDER BY 工号 DESC"), campaign.folder
    )
    list(other.records())
    assert source.sha256() != other.sha256()


def test_a_query_may_join_and_rename_and_have_percent_signs_and_colons(platform: tuple[str, Any]) -> None:
    url, campaign = platform
    wanted = read_campaign(campaign.write()).registers
    heads = ", ".join(f"i.{head}" for head in campaign.tables["inspectors"][0] if "(" not in head)
    where = "i.姓名 LIKE '%' AND '12:30' <> ':x' -- ; 注"
    statement = f"SELECT {heads} FROM t_inspectors i WHERE {where}"  # noqa: S608 - headings of our own
    point(campaign, url, {"inspectors": f'query = "{statement}"'})
    assert read_campaign(campaign.write()).registers.inspectors == wanted.inspectors


WRITING = {
    "DELETE FROM t_items": "DELETE",
    "UPDATE t_items SET 事项名称 = 'x'": "UPDATE",
    "SELECT 1; DROP TABLE t_items": ";",
    "WITH gone AS (DELETE FROM t_items RETURNING 1) SELECT * FROM gone": "DELETE",
    "SELECT * INTO copied FROM t_items": "INTO",
    "SELECT 1 /*! INTO OUTFILE '/tmp/x' */": "/*!",
    "SELECT '\\'; DELETE FROM t_items; --'": ";",
    "SELECT 1 # ; \n; DELETE FROM t_items": ";",
    "SELECT $$ ' $$; DELETE FROM t_items; SELECT ' '": ";",
    "SELECT 1--1 INTO OUTFILE '/tmp/x'": "INTO",
    "SELECT 1 --\r; DELETE FROM t_items": ";",
    "SELECT E'\\'', '\\'; DELETE FROM t_items --'": ";",
    "SELECT $$ ' $$, 1 AS a$$; DELETE FROM t_items; --' $$": ";",
    "SELECT 1 /* /* */ ' */; DELETE FROM t_items --'": "/*",
    "SELECT ['], 1; DELETE FROM t_items --']": ";",
    "SELECT dblink_exec('x', 'y')": "DBLINK_EXEC",
    "CALL harm()": "CALL",
    "": "''",
    "EXPLAIN ANALYZE DELETE FROM t_items": "EXPLAIN",
}


@pytest.mark.parametrize("statement", WRITING)
def test_a_statement_that_writes_is_refused_by_its_word(statement: str) -> None:
    with pytest.raises(InputError) as error:
        refuse_writing(statement, "x")
    assert [(p.code, p.params["word"]) for p in error.value.problems] == [
        ("intake.sql_writes", WRITING[statement])
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT update_time, deleted FROM t",
        "select \"delete\", `insert` from t where a = 'drop; table' -- alter\n",
        "WITH a AS (SELECT 1) SELECT * FROM a;",
        "(SELECT 1) UNION (SELECT 2)",
        "VALUES (1), (2)",
        "SELECT replace(name, 'a', 'b') /* update */ FROM t",
        "SELECT 'it''s', a->>'b', c #> d, '/*', 5 --5 of it's\nFROM t",
    ],
)
def test_a_statement_that_only_reads_passes(statement: str) -> None:
    refuse_writing(statement, "x")


def test_the_server_itself_refuses_to_write(
    platform: tuple[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first lock taken off: the read-only transaction must hold alone."""
    url, campaign = platform
    monkeypatch.setattr("scheduler.intake.queries.refuse_writing", lambda *_: None)
    writes = ["DELETE FROM t_items", "DROP TABLE t_items"]
    if url.startswith("postgresql"):
        writes = [
            "SELECT nextval('s_numbers')",
            "WITH a AS (DELETE FROM t_items RETURNING 1) SELECT * FROM a",
        ]
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE SEQUENCE IF NOT EXISTS s_numbers")
        engine.dispose()
    for statement in writes:
        with pytest.raises(InputError) as error:
            list(QuerySource(Query(url=url, statement=statement), campaign.folder).records())
        assert error.value.problems[0].code in {"intake.sql_writes", "intake.sql_failed"}
    left = QuerySource(Query(url=url, relation="t_items"), campaign.folder)
    assert len(list(left.records())) == len(campaign.tables["items"])


@pytest.mark.parametrize("platform", ["postgresql", "mariadb"], indirect=True)  # SQLite has no accounts
def test_no_password_leaves_the_program(platform: tuple[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    url, campaign = platform
    password = str(make_url(url).password)
    monkeypatch.setenv("ONEDOOR_TEST_PASSWORD", password)
    hidden = url.replace(password, "${ONEDOOR_TEST_PASSWORD}")
    point(campaign, hidden, {})
    intake = read_campaign(campaign.write())
    assert password not in repr((intake, campaign.write().read_text(encoding="utf-8")))
    texts = []
    for bad in (
        url.replace(f":{password}@", f":{password}x@"),
        url.replace(f":{make_url(url).port}/", ":1/"),
        f"{url}?password={password}&x=1",
        url.replace("//", "//" + password, 1),
    ):
        for query in (Query(url=bad, relation="nowhere"), Query(url=bad, statement="DROP TABLE x")):
            with pytest.raises(InputError) as error:
                list(QuerySource(query, campaign.folder).records())
            texts += [f"{problem!r}{render(problem, 'zh')}{query!r}" for problem in error.value.problems]
            texts.append(f"{error.value!r}{error.value.__cause__!r}")
    for entry in (f'"{url}"', f'{{ sql = "{url}", wrong = 3 }}', f'{{ sql = "{url}" }}'):
        campaign.entries = {"items": entry}
        with pytest.raises(InputError) as error:
            read_campaign(campaign.write())
        texts += [f"{problem!r}" for problem in error.value.problems]
    assert not [text for text in texts if password in text]


def test_what_a_database_cannot_give_is_told_by_name(platform: tuple[str, Any]) -> None:
    url, campaign = platform
    for query, code in (
        (Query(url=url, relation="nowhere"), "intake.sql_failed"),
        (Query(url=url, statement="SELECT nothing FROM t_items"), "intake.sql_failed"),
        (Query(url=url, statement=f"SELECT CAST('a' AS {_binary(url)}) AS x"), "intake.value_binary"),
    ):
        with pytest.raises(InputError) as error:
            list(QuerySource(query, campaign.folder).records())
        assert [problem.code for problem in error.value.problems] == [code]


def _binary(url: str) -> str:
    return {"postgresql": "BYTEA", "mysql": "BINARY", "sqlite": "BLOB"}[make_url(url).get_backend_name()]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("oracle://a:b@h/d", "intake.sql_driver"),
        ("no url at all", "intake.sql_url"),
        ("postgresql://a:b@h:port/d", "intake.sql_url"),
        ("postgresql://a:${ONEDOOR_NOT_SET}@h/d", "intake.sql_variable"),
        ("sqlite:///nowhere.db", "intake.file_missing"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(campaign: Any, url: str, code: str) -> None:
    campaign.entries["items"] = f'{{ sql = "{url}", table = "t" }}'
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert [problem.code for problem in error.value.problems] == [code]


def test_a_file_that_is_no_database_is_refused(campaign: Any) -> None:
    campaign.folder.mkdir(parents=True, exist_ok=True)
    (campaign.folder / "x.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    campaign.entries["items"] = '{ sql = "sqlite:///x.db", table = "t" }'
    with pytest.raises(InputError) as error:
        read_campaign(campaign.write())
    assert [problem.code for problem in error.value.problems] == ["intake.sql_failed"]


def test_limits_bind_a_query(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [("x", "y" * 50)] * 30)
    connection.close()
    for limits, code in (
        (Limits(rows=5), "intake.rows_many"),
        (Limits(columns=1), "intake.columns_many"),
        (Limits(cell_chars=9), "intake.cell_giant"),
    ):
        with pytest.raises(InputError) as error:
            list(QuerySource(Query(url="sqlite:///x.db", relation="t"), tmp_path, limits).records())
        assert [problem.code for problem in error.value.problems] == [code]


def test_a_safe_name_shows_host_and_database_only() -> None:
    assert (
        safe_name("postgresql://u:p%40w@db.example:5432/reg?password=q") == "postgresql://db.example:5432/reg"
    )
    assert safe_name("sqlite:////srv/secret/x.db") == "sqlite:///x.db"
    assert safe_name("://") == "SQL"
    assert safe_name("postgresql://u:hu@sh@db.example/reg") == "SQL"
