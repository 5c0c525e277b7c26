"""The platform's tables as files: CSV for spreadsheets, JSON and Parquet for programs.

In: rows by table, a folder. Out: ``<table>.csv``, ``.json``, ``.parquet``.
May import: :mod:`scheduler.domain`, duckdb.
"""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scheduler.domain.canonical import canonical_json
from scheduler.domain.csvtext import kept_as_text
from scheduler.export.tablerows import Rows, Value
from scheduler.export.tablespec import Kind, Table

_SQL: dict[Kind, str] = {"int": "BIGINT", "bool": "BOOLEAN", "date": "DATE"}


def write_tables(rows: Rows, folder: Path) -> Iterator[str]:
    """Write every table three times into the folder, which is there; yields the file names.

    The same rows give the same bytes. CSV is UTF-8 with a byte-order mark, comma, every text that a
    spreadsheet would take for a formula with an apostrophe before it; JSON is canonical, one object with
    ``schema`` and ``rows``; Parquet has the columns' types, JSON as text. The latter two hold exact texts.
    """
    for table, lines in rows.items():
        for ending, write in (("csv", _csv), ("json", _json), ("parquet", _parquet)):
            name = f"{table.name}.{ending}"
            write(table, lines, folder / name)
            yield name


def _csv(table: Table, lines: list[tuple[Value, ...]], path: Path) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_cell(value) for value in line] for line in lines)
    path.write_bytes(b"\xef\xbb\xbf" + stream.getvalue().encode())


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return kept_as_text(value) if isinstance(value, str) else str(_plain(value))


def _plain(value: Value) -> str | int:
    if isinstance(value, dt.date):
        return value.isoformat()
    return canonical_json(value).decode() if isinstance(value, dict) else value  # type: ignore[return-value]


def _json(table: Table, lines: list[tuple[Value, ...]], path: Path) -> None:
    rows = [dict(zip(table.columns, map(_jsonable, line), strict=True)) for line in lines]
    # None is a value here, which canonical JSON has not: the same order and spacing by hand.
    text = json.dumps(
        {"rows": rows, "schema": table.schema}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    path.write_bytes(text.encode() + b"\n")


def _jsonable(value: Value) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _parquet(table: Table, lines: list[tuple[Value, ...]], path: Path) -> None:
    import duckdb  # noqa: PLC0415 - only where tables are asked for

    columns = {field.name: _SQL.get(field.kind, "VARCHAR") for field in table.fields}
    with TemporaryDirectory(prefix="onedoor-") as room, duckdb.connect() as base:
        base.execute("SET threads = 1; SET autoinstall_known_extensions = false")
        source = Path(room) / "rows.json"
        with source.open("w", encoding="utf-8") as stream:
            for line in lines:
                cells = (value if value is None else _typed(value) for value in line)
                row = dict(zip(table.columns, cells, strict=True))
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
        names = ", ".join(f'"{name}"' for name in table.columns)
        base.execute(
            f"COPY (SELECT {names} FROM read_json($source, format = 'newline_delimited', columns = $columns))"  # noqa: S608 - names of our own
            " TO $target (FORMAT parquet, COMPRESSION zstd)",
            {"source": str(source), "columns": columns, "target": str(path)},
        )


def _typed(value: str | int | dt.date | dict[str, Any]) -> str | int:
    return value if isinstance(value, bool) else _plain(value)
