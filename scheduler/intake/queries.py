"""A database's table or query as records, read without being able to write.

In: an SQLAlchemy URL with a table's name or a SELECT. Out: :class:`QuerySource`, a
:class:`scheduler.intake.source.Source`. May import: the standard library, sqlalchemy, the room's sources and
values, :mod:`scheduler.domain`.

Three locks, each enough for honest mistakes: a statement that writes is refused by its words; the transaction
is read-only (PostgreSQL ``REPEATABLE READ, READ ONLY``, MySQL ``START TRANSACTION READ ONLY``, SQLite opened
``mode=ro``); and the documentation asks for an account that may only read. A password is part of the URL in
memory and of nothing else: every text that leaves this module names host and database only.
"""

import re
import sqlite3
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import NullPool

from scheduler.domain.databases import (
    DRIVERS,
    PATIENCE_S,
    driver_name,
    safe_name,
    variables_lacking,
    with_variables,
)
from scheduler.domain.errors import InputError, OneDoorError, Value, refuse
from scheduler.domain.hashes import Profile
from scheduler.intake.limits import DEFAULT, Limits
from scheduler.intake.sections import Query
from scheduler.intake.source import Note, Record
from scheduler.intake.values import RowsDigest, row_texts

PARTITION = 10_000
"""Rows of one fetch from the server's cursor; without a size SQLAlchemy reads one by one, or all."""

_COMMENT = r"/\*(?:(?!/\*|\*/).)*\*/"
_TEXT, _NAME, _TICKED = r"'(?:[^']|'')*'", r'"(?:[^"]|"")*"', r"`(?:[^`]|``)*`"
_ESCAPED_TEXT, _ESCAPED_NAME = r"'(?:[^'\\]|''|\\.)*'", r'"(?:[^"\\]|""|\\.)*"'
_POSTGRESQL = rf"--[^\r\n]*|{_COMMENT}|{_NAME}|{_TICKED}|(?<![\w$])\$(\w*)\$.*?\$\1\$"
_MYSQL = rf"--(?=[\0- ]|$)[^\n]*|\#[^\n]*|{_COMMENT}|{_TICKED}"
_SQLITE = rf"--[^\n]*|{_COMMENT}|{_TICKED}|\[[^\]]*\]"
_NO_CODE = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        rf"(?<![\w$])[eE]{_ESCAPED_TEXT}|{_TEXT}|{_POSTGRESQL}",
        rf"{_ESCAPED_TEXT}|{_POSTGRESQL}",  # standard_conforming_strings = off
        rf"{_ESCAPED_TEXT}|{_ESCAPED_NAME}|{_MYSQL}",
        rf"{_ESCAPED_TEXT}|{_NAME}|{_MYSQL}",  # ANSI_QUOTES
        rf"{_TEXT}|{_NAME}|{_MYSQL}",  # NO_BACKSLASH_ESCAPES
        rf"{_TEXT}|{_NAME}|{_SQLITE}",
    )
)
"""What is no code, as each server sees it: what one takes for a comment or a text, another executes, so a
statement has to be harmless under every reading. Comments do not nest here as PostgreSQL's do, and what is
left of such a one gives the statement away; a backtick is nothing that PostgreSQL could execute. PostgreSQL,
*SQL Syntax*, 4.1; MySQL, *Language Structure*."""

_READS = re.compile(r"\s*\(*\s*(select|with|values|table)\b", re.IGNORECASE)
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|drop|alter|create|truncate|grant|revoke|into|replace\s+into|call|copy"
    r"|attach|detach|pragma|vacuum|load_file|load_extension|lo_\w+|nextval|setval|set_config|dblink\w*"
    r"|pg_(?:read|write|ls|terminate|cancel|advisory|logical|reload|rotate|create|drop|switch|promote)_\w+"
    r"|(?:get|release)_lock)\b",
    re.IGNORECASE,
)
_READ_ONLY_STATES = {"25006", "1792", "1290"}
"""SQLSTATE read_only_sql_transaction; MySQL's errors of a read-only transaction and server."""


class QuerySource:
    """The rows of a query; the column names count as row 1. Errors while opening: ``intake.sql_url``,
    ``intake.sql_driver``, ``intake.sql_variable``, ``intake.sql_writes``."""

    def __init__(
        self, query: Query, folder: Path, limits: Limits = DEFAULT, profile: Profile = "sha256"
    ) -> None:
        self.file = safe_name(query.url)
        self.sheet = query.relation
        self._query = query
        self.limits = limits
        self._url = _url(query.url, self.file, folder)
        self.profile: Profile = profile
        self._digest = RowsDigest(profile)
        self._read = 0
        self._going: Generator[Record, None, None] | None = None
        if query.statement:
            refuse_writing(query.statement, self.file)

    def records(self) -> Iterator[Record]:
        """Column names, then rows by server-side cursor. Errors: ``intake.sql_failed``, ``intake.sql_writes``
        where the server itself refuses to write, ``intake.value_binary``, ``intake.rows_many``,
        ``intake.columns_many``, ``intake.cell_giant``."""
        self._going = self._records()
        return self._going

    def close(self) -> None:
        """End the transaction of a reading that was given up half-way."""
        if self._going is not None:
            self._going.close()

    def _records(self) -> Generator[Record, None, None]:
        with self.reading() as (connection, statement), closing(self._rows(connection, statement)) as rows:
            for record in rows:
                self._read = record[0]
                self._digest.add(record[1])
                yield record

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, str]]:
        """A connection that cannot write, and what to select. Errors: ``intake.sql_failed``,
        ``intake.sql_writes``."""
        engine = self._engine()
        try:
            with engine.connect() as connection:
                reading = _reading(connection)
                written = self._query.statement.strip().rstrip(";")
                yield reading, written or _selection(reading, self._query.relation)
        except (exc.SQLAlchemyError, sqlite3.Error, OSError, UnicodeDecodeError, TypeError) as error:
            # TypeError: an option in the URL that the driver does not know. The driver's own text may name
            # the account, so it is not carried along.
            raise self._failed(error) from None
        finally:
            engine.dispose()

    def _rows(self, connection: Connection, statement: str) -> Generator[Record, None, None]:
        options = {"stream_results": True, "yield_per": PARTITION, "no_parameters": True}
        with closing(connection.exec_driver_sql(statement, execution_options=options)) as result:
            heads = list(result.keys())
            if len(heads) > self.limits.columns:
                raise self._refused("intake.columns_many", 1, n=len(heads), limit=self.limits.columns)
            yield 1, heads
            number = 1
            for part in result.partitions(PARTITION):
                for row in part:
                    number += 1
                    yield number, self._cells(number, tuple(row), heads)

    def _cells(self, number: int, row: tuple[object, ...], heads: list[str]) -> list[str]:
        if number > self.limits.rows:
            raise self._refused("intake.rows_many", number, limit=self.limits.rows)
        cells = row_texts(row, heads, {"file": self.file, "sheet": self.sheet, "row": number})
        if any(len(cell) > self.limits.cell_chars for cell in cells):
            raise self._refused("intake.cell_giant", number, limit=self.limits.cell_chars)
        return cells

    def sha256(self) -> str:
        """Digest of the rows as they were read: the database may say something else tomorrow."""
        return self._digest.hexdigest()

    def share(self) -> tuple[int, int]:
        """Rows read; how many there are is not asked."""
        return self._read, 0

    def numbers(self) -> Mapping[int, int]:
        """Nothing: a column of the wrong type shows in its cells."""
        return {}

    def notes(self) -> tuple[Note, ...]:
        """Nothing."""
        return ()

    def _engine(self) -> Engine:
        name = self._url.get_backend_name()
        arguments: dict[str, object] = {} if name == "sqlite" else {"connect_timeout": PATIENCE_S}
        try:
            engine = sqlalchemy.create_engine(
                self._url, poolclass=NullPool, connect_args=arguments, hide_parameters=True
            )
        except ModuleNotFoundError as error:
            place: dict[str, Value] = {"file": self.file}
            raise refuse(InputError, "intake.sql_extra", place, module=error.name or "") from None
        except (exc.ArgumentError, ValueError, TypeError):
            raise refuse(InputError, "intake.sql_url", {"file": self.file}) from None
        if name == "mysql":
            event.listen(engine, "connect", _mysql_reads_only)
        return engine

    def _refused(self, code: str, row: int, **params: Value) -> OneDoorError:
        place: dict[str, Value] = {"file": self.file, "sheet": self.sheet, "row": row}
        return refuse(InputError, code, place, **params)

    def _failed(self, error: BaseException) -> OneDoorError:
        """The server's own words, without the password and without the statement."""
        original = getattr(error, "orig", None) or error
        state = str(getattr(original, "sqlstate", "") or (original.args[0] if original.args else ""))
        place: dict[str, Value] = {"file": self.file, "sheet": self.sheet}
        if state in _READ_ONLY_STATES or "readonly database" in str(original):
            return refuse(InputError, "intake.sql_writes", place, word="READ ONLY")
        return refuse(InputError, "intake.sql_failed", place, detail=self._said(original))

    def _said(self, error: BaseException) -> str:
        text = str(error.args[-1] if error.args else error).strip().partition("\n")[0]
        options = (value for name, value in self._url.query.items() if name not in {"mode", "uri"})
        for secret in (self._url.password, self._url.username, *options):
            if secret:
                text = text.replace(str(secret), "***")
        return f"{type(error).__name__}: {text[:200]}"


def refuse_writing(statement: str, file: str) -> None:
    """A statement must be one SELECT. Errors: ``intake.sql_writes`` with the word that gave it away.
    Comments, texts and quoted names are not looked at."""
    place: dict[str, Value] = {"file": file}
    if "/*!" in statement or "/*M!" in statement:  # comments that MySQL and MariaDB execute
        raise refuse(InputError, "intake.sql_writes", place, word="/*!")
    for pattern in _NO_CODE:
        word = _writing_word(pattern.sub(" '' ", statement))
        if word:
            raise refuse(InputError, "intake.sql_writes", place, word=word)


def _writing_word(code: str) -> str:
    """The word that gives a statement away, empty where it is one that reads."""
    code = code.strip().rstrip(";").rstrip()
    if ";" in code or "/*" in code:
        return ";" if ";" in code else "/*"
    if not _READS.match(code):
        return code.split(maxsplit=1)[0][:40] if code else "''"
    found = _WRITES.search(code)
    return found[0].upper() if found else ""


def _url(text: str, file: str, folder: Path) -> URL:
    place: dict[str, Value] = {"file": file}
    try:
        given = driver_name(text)
    except ValueError:
        raise refuse(InputError, "intake.sql_url", place) from None
    driver = DRIVERS.get(given)
    if driver is None:
        raise refuse(InputError, "intake.sql_driver", place, driver=given, known="/".join(DRIVERS))
    if lacking := variables_lacking(text):
        raise refuse(InputError, "intake.sql_variable", place, names="、".join(lacking))
    return _resolved(make_url(text) if driver == "sqlite" else with_variables(text), driver, folder, place)


def _resolved(url: URL, driver: str, folder: Path, place: dict[str, Value]) -> URL:
    """SQLite's path is relative to campaign.toml, must be there, and is opened for reading only."""
    if driver != "sqlite":
        return url.set(drivername=driver)
    path = folder / (url.database or "")
    if not path.is_file():
        raise refuse(InputError, "intake.file_missing", {**place, "file": url.database or place["file"]})
    return URL.create("sqlite", database=f"{path.absolute().as_uri()}", query={"mode": "ro", "uri": "true"})


def _mysql_reads_only(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # the driver's connection
    cursor.execute("SET SESSION TRANSACTION READ ONLY")
    cursor.close()


def _reading(connection: Connection) -> Connection:
    """The connection in a transaction that cannot write and, where the server can, sees one moment."""
    name = connection.dialect.name
    if name == "postgresql":
        return connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True, stream_results=True
        )
    if name == "mysql":
        return connection.execution_options(isolation_level="REPEATABLE READ")
    connection.exec_driver_sql("PRAGMA query_only = ON")
    return connection


def _selection(connection: Connection, relation: str) -> str:
    """All of a table or view, by its primary key where it has one: the same data are the same rows."""
    schema, _, name = relation.rpartition(".")
    inspector = sqlalchemy.inspect(connection)
    key = inspector.get_pk_constraint(name, schema=schema or None)["constrained_columns"]
    quote = connection.dialect.identifier_preparer.quote_identifier
    source = f"{quote(schema)}.{quote(name)}" if schema else quote(name)
    order = f" ORDER BY {', '.join(map(quote, key))}" if key else ""
    return f"SELECT * FROM {source}{order}"  # noqa: S608 - names quoted by the dialect, nothing else comes in
