"""A Parquet file as records, read by DuckDB.

In: a path. Out: :class:`ParquetFile`, a :class:`scheduler.intake.source.Source`. May import: the standard
library, duckdb, the room's sources and values, :mod:`scheduler.domain`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from scheduler.domain.errors import InputError, OneDoorError, Value, refuse
from scheduler.domain.hashes import Profile, file_digest
from scheduler.intake.limits import DEFAULT, Limits
from scheduler.intake.source import Note, Record
from scheduler.intake.values import row_texts

BATCH = 10_000
"""Rows fetched at once."""

MEMORY_MB = 1_000
"""What DuckDB may use: a row group is unpacked whole."""

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": f"{MEMORY_MB}MB",
    "threads": 1,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": True,
}
"""One thread keeps the order of rows; nothing is ever loaded from a network."""


class ParquetFile:
    """The rows of one file; the heading is row 1, as in a spreadsheet. ``path`` is for other readers."""

    def __init__(self, path: Path, file: str, limits: Limits = DEFAULT, profile: Profile = "sha256") -> None:
        self.file = file
        self.sheet = ""
        self.path = path
        self._limits = limits
        self._digest = file_digest(path, profile)
        self._total = self._read = 0

    def records(self) -> Iterator[Record]:
        """The column names, then every row. Errors: ``intake.parquet_broken``, ``intake.value_binary``,
        ``intake.rows_many``, ``intake.columns_many``, ``intake.cell_giant``."""
        try:
            with duckdb.connect(":memory:", config=CONFIG) as connection:
                cursor = connection.execute("SELECT * FROM read_parquet(?)", [[str(self.path)]])
                heads = [column[0] for column in cursor.description or ()]
                if len(heads) > self._limits.columns:
                    raise self._refused("intake.columns_many", 1, n=len(heads), limit=self._limits.columns)
                yield 1, heads
                yield from self._rows(cursor, heads)
        except duckdb.Error as error:
            raise refuse(
                InputError, "intake.parquet_broken", {"file": self.file}, detail=type(error).__name__
            ) from error

    def _rows(self, cursor: duckdb.DuckDBPyConnection, heads: list[str]) -> Iterator[Record]:
        number = 1
        while batch := cursor.fetchmany(BATCH):
            for values in batch:
                number += 1
                if number > self._limits.rows:
                    raise self._refused("intake.rows_many", number, limit=self._limits.rows)
                cells = row_texts(values, heads, {"file": self.file, "row": number})
                if any(len(cell) > self._limits.cell_chars for cell in cells):
                    raise self._refused("intake.cell_giant", number, limit=self._limits.cell_chars)
                self._read = number
                yield number, cells

    def sha256(self) -> str:
        """Digest of the file."""
        return self._digest

    def share(self) -> tuple[int, int]:
        """Rows read; how many there are is not asked."""
        return self._read, self._total

    def numbers(self) -> Mapping[int, int]:
        """Nothing: a column of the wrong type shows in its cells."""
        return {}

    def notes(self) -> tuple[Note, ...]:
        """Nothing."""
        return ()

    def _refused(self, code: str, row: int, **params: Value) -> OneDoorError:
        return refuse(InputError, code, {"file": self.file, "row": row}, **params)
