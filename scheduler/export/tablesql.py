"""The platform's tables in its own database: all of a campaign in one transaction, each row once.

In: an address, rows by table. Out: how many rows stand there. May import: the standard library, sqlalchemy,
:mod:`scheduler.domain`.

Exporting again replaces the campaign's rows. The ledger decides whether it is the same run: what stands there
must be the beginning of what comes, so neither another run under the same number nor an older state of this
one can take the place of what the platform has.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, String, Text, exc
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeEngine

from scheduler.domain.canonical import canonical_json
from scheduler.domain.databases import (
    DRIVERS,
    PATIENCE_S,
    driver_name,
    safe_name,
    variables_lacking,
    with_variables,
)
from scheduler.domain.errors import InputError, OneDoorError, UsageError, refuse
from scheduler.export.tablerows import Rows, Value
from scheduler.export.tablespec import LEDGER, PREFIX, TABLES, VERSION, Kind, Table

LONGEST_ID = 190
"""Characters of a column that may be a key: four of them fit into InnoDB's 3,072 bytes."""

AT_ONCE = 5_000
"""Rows of one insert."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Where the rows went, without account and password, and how many stand in each table now."""

    database: str
    rows: dict[str, int]


def load_tables(address: str, rows: Rows) -> Loaded:
    """Write the rows into ``onedoor_<table>``; tables that are not there are made first.

    Errors (:class:`InputError` unless said): ``export.sql_url``, ``export.sql_driver``,
    ``export.sql_variable``, ``export.sql_extra``, ``export.sql_failed`` with the server's words,
    ``export.sql_version`` where the tables there are of another version, ``export.sql_long`` for an id too
    long for a key, ``export.sql_other_run`` (:class:`UsageError`) where the database holds another run of
    this campaign, or a later state of this one. After an error nothing of this call stands there, but perhaps
    empty tables.
    """
    database = safe_name(address)
    _refuse_long(rows, database)
    made = _metadata()
    with _connected(address, database) as engine:
        made.create_all(engine)
        with engine.begin() as connection:
            _refuse_version(connection, made, database)
            campaign = str(rows[LEDGER][0][0])
            _refuse_other_run(connection, made, campaign, rows[LEDGER], database)
            for table, lines in rows.items():
                _replace(connection, made.tables[PREFIX + table.name], table, campaign, lines)
    return Loaded(database=database, rows={table.name: len(lines) for table, lines in rows.items()})


def _metadata() -> MetaData:
    """All tables with their keys; text compares byte by byte in MySQL, as it does elsewhere."""
    made = MetaData()
    options: dict[str, Any] = {
        "mysql_engine": "InnoDB",
        "mysql_charset": "utf8mb4",
        "mysql_collate": "utf8mb4_bin",
    }
    for table in TABLES:
        columns = (
            Column(
                field.name,
                _column_type(field.kind),
                primary_key=field.name in table.key,
                nullable=field.optional,
                autoincrement=False,
            )
            for field in table.fields
        )
        sqlalchemy.Table(PREFIX + table.name, made, *columns, **options)
    name = Column("name", String(LONGEST_ID), primary_key=True)
    sqlalchemy.Table(f"{PREFIX}schema", made, name, Column("version", Integer, nullable=False), **options)
    return made


def _column_type(kind: Kind) -> TypeEngine[Any]:
    kinds: dict[Kind, TypeEngine[Any]] = {
        "id": String(LONGEST_ID),
        "time": String(5),
        "int": sqlalchemy.BigInteger(),
        "bool": Boolean(),
        "date": Date(),
    }
    return kinds.get(kind) or Text().with_variant(LONGTEXT(), "mysql", "mariadb")


def _refuse_long(rows: Rows, database: str) -> None:
    for table, lines in rows.items():
        places = [place for place, field in enumerate(table.fields) if field.kind == "id"]
        for line in lines:
            for place in places:
                if len(str(line[place] or "")) > LONGEST_ID:
                    where = {"file": database, "column": f"{PREFIX}{table.name}.{table.columns[place]}"}
                    raise refuse(
                        InputError, "export.sql_long", {**where, "value": str(line[place])}, most=LONGEST_ID
                    )


def _refuse_version(connection: Connection, made: MetaData, database: str) -> None:
    table = made.tables[f"{PREFIX}schema"]
    there = connection.execute(sqlalchemy.select(table.c.version)).scalars().all()
    if not there:
        connection.execute(table.insert(), [{"name": "onedoor", "version": VERSION}])
    elif list(there) != [VERSION]:
        raise refuse(InputError, "export.sql_version", {"file": database}, found=max(there), ours=VERSION)


def _refuse_other_run(
    connection: Connection, made: MetaData, campaign: str, ours: list[tuple[Value, ...]], database: str
) -> None:
    table = made.tables[PREFIX + LEDGER.name]
    query = sqlalchemy.select(table.c.hash).where(table.c.campaign_id == campaign).order_by(table.c.seq)
    # Rows that somebody else is just replacing are waited for; SQLite locks the whole file anyway.
    theirs = connection.execute(query.with_for_update()).scalars().all()
    place = LEDGER.columns.index("hash")
    if list(theirs) != [line[place] for line in ours[: len(theirs)]]:
        raise refuse(UsageError, "export.sql_other_run", {"file": database}, campaign=campaign)


def _replace(
    connection: Connection,
    target: sqlalchemy.Table,
    table: Table,
    campaign: str,
    lines: list[tuple[Value, ...]],
) -> None:
    connection.execute(target.delete().where(target.c.campaign_id == campaign))
    for start in range(0, len(lines), AT_ONCE):
        part = lines[start : start + AT_ONCE]
        records = [dict(zip(table.columns, map(_value, line), strict=True)) for line in part]
        connection.execute(target.insert(), records)


def _value(value: Value) -> Any:
    return canonical_json(value).decode() if isinstance(value, dict) else value


@contextmanager
def _connected(address: str, database: str) -> Iterator[Engine]:
    engine = _engine(address, database)
    try:
        yield engine
    except (exc.SQLAlchemyError, sqlite3.Error, OSError, UnicodeError, TypeError) as error:
        # The driver's own text may name the account, so it is not carried along.
        raise _failed(error, engine.url, database) from None
    finally:
        engine.dispose()


def _engine(address: str, database: str) -> Engine:
    url = _url(address, database)
    arguments: dict[str, object] = {} if url.drivername == "sqlite" else {"connect_timeout": PATIENCE_S}
    try:
        return sqlalchemy.create_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise refuse(InputError, "export.sql_extra", {"file": database}, module=error.name or "") from None
    except (exc.ArgumentError, ValueError, TypeError):
        raise refuse(InputError, "export.sql_url", {"file": database}) from None


def _url(address: str, database: str) -> URL:
    try:
        given = driver_name(address)
    except ValueError:
        raise refuse(InputError, "export.sql_url", {"file": database}) from None
    driver = DRIVERS.get(given)
    if driver is None:
        known = "/".join(DRIVERS)
        raise refuse(InputError, "export.sql_driver", {"file": database}, driver=given, known=known)
    if lacking := variables_lacking(address):
        raise refuse(InputError, "export.sql_variable", {"file": database}, names="、".join(lacking))
    if driver != "sqlite":
        return with_variables(address).set(drivername=driver)
    path = make_url(address).database or ""
    if not path or not Path(path).absolute().parent.is_dir():
        raise refuse(InputError, "export.sql_url", {"file": database})
    return URL.create("sqlite", database=os.fspath(Path(path).absolute()))


def _failed(error: BaseException, url: URL, database: str) -> OneDoorError:
    original = getattr(error, "orig", None) or error
    text = str(original.args[-1] if original.args else original).strip().partition("\n")[0]
    for secret in (url.password, url.username, *url.query.values()):
        if secret:
            text = text.replace(str(secret), "***")
    detail = f"{type(original).__name__}: {text[:200].rstrip('.')}"
    return refuse(InputError, "export.sql_failed", {"file": database}, detail=detail)
