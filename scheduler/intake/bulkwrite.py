# ruff: noqa: S608 - no text from outside enters a statement but by its parameters; the parts are ours
"""Plain rows as lines of the canonical CSV, and the sealed register made of them.

In: a database that holds plain rows, the screening. Out: SQL of a line; the sealed file. May import: the
standard library, duckdb, the room's screening, :mod:`scheduler.domain`.
"""

import os
import shutil
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import duckdb

from scheduler.domain.codec import csv_bytes
from scheduler.domain.registers import Enterprise
from scheduler.intake.bulkplain import LEAD
from scheduler.intake.bulkscreen import GAP, Screen

FIELDS = tuple(field.name for field in fields(Enterprise))

SORTED = 500_000
"""Rows sorted together for the sealed file."""

SORTERS = 2
"""Pieces sorted at the same time."""

NOTHING = "\x02"
"""What no cell is: an empty cell is a text, a cell that lacks is none."""

_SIMPLE = f"replace(p.place, '{GAP}', ',')"
_CELLS = (f"""replace(split_part(p.place, '{GAP}', {n}), '"', '""')""" for n in (1, 2))
_QUOTED = (
    """CASE WHEN contains(p.place, ',') OR contains(p.place, '"') THEN """
    + " || ',' || ".join(
        f"""CASE WHEN regexp_matches({cell}, '[,"]') THEN '"' || {cell} || '"' ELSE {cell} END"""
        for cell in _CELLS
    )
    + f" ELSE {_SIMPLE} END"
)
"""Name and address as two cells of a CSV with minimal quotes."""


def settle(database: duckdb.DuckDBPyConnection) -> None:
    """What holds for every connection."""
    database.execute("SET enable_progress_bar = false")
    # A look-up is small and the file is large, which no planner can know of a file it has not read.
    database.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")


def beside(database: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another connection to the same tables, for another thread; the caller closes it."""
    own = database.cursor()
    settle(own)
    return own


def joins(screen: Screen) -> str:
    """SQL that looks the words of a plain row ``p`` up again."""
    return " ".join(f"JOIN words{n} w{n} ON w{n}.code = p.g{n}" for n in range(len(screen.groups)))


def line(screen: Screen) -> str:
    """SQL of a row's line in the canonical CSV."""
    own = {
        "enterprise_id": "p.id",
        "name": _QUOTED,
        "lon_udeg": "p.lon",
        "lat_udeg": "p.lat",
        "legacy_id": "''",
    }
    own |= {name: f"w{n}.{name}" for n, group in enumerate(screen.groups) for name in group.fields}
    own |= {name: f"coalesce({own[name]}::VARCHAR, '')" for name in ("lon_udeg", "lat_udeg")}
    cells = ", ".join(own[name] for name in FIELDS if name != "address")
    return f"concat_ws(',', {cells})"


def lead(ident: str) -> int:
    """The first characters of an identifier as a number of 64 bits, in the order of identifiers: it is found
    among millions in a tenth of the time."""
    return int.from_bytes(ident.encode()[:LEAD].ljust(LEAD, b"\0"))


class SortedFile:
    """The sealed register of the plain rows in ``database`` and others; ``folder`` takes what waits."""

    def __init__(self, database: duckdb.DuckDBPyConnection, folder: Path, screen: Screen) -> None:
        self._db = database
        self._folder = folder
        self._rows = f"SELECT p.id, {line(screen)} AS line FROM plain p {joins(screen)}"

    def write(self, path: Path, others: Iterable[Enterprise]) -> None:
        """Write the canonical CSV, sorted by identifier, piece by piece: pieces are sorted in memory while
        those before them go to the disk."""
        rows = list(others)
        lines = csv_bytes(Enterprise, rows).decode().split("\n")[1:-1]
        self._db.execute(
            "CREATE OR REPLACE TABLE others AS "
            "SELECT unnest(?::UBIGINT[]) AS lead, unnest(?::VARCHAR[]) AS id, unnest(?::VARCHAR[]) AS line",
            [[lead(row.enterprise_id) for row in rows], [row.enterprise_id for row in rows], lines],
        )
        with path.open("wb") as stream, ThreadPoolExecutor(SORTERS) as sorters:
            stream.write((",".join(FIELDS) + "\n").encode())
            waiting: deque[Future[Path]] = deque()
            for low, high in pairwise(self._bounds()):
                waiting.append(sorters.submit(self._copy, low, high))
                while len(waiting) > SORTERS:
                    _append(waiting.popleft().result(), stream)
            for job in waiting:
                _append(job.result(), stream)

    def _copy(self, low: str, high: str) -> Path:
        """Write the rows with identifiers in ``[low, high)`` to a file; an empty ``high`` has no end."""
        piece = self._folder / f"sorted-{low}.csv"
        within = f"lead >= {lead(low)} AND id >= '{low}'"
        within += f" AND lead <= {lead(high)} AND id < '{high}'" if high else ""
        both = f"{self._rows} WHERE {within} UNION ALL SELECT id, line FROM others WHERE {within}"
        with beside(self._db) as own:
            own.execute(
                f"COPY (SELECT line FROM ({both}) ORDER BY id) TO '{sql_text(piece)}' "
                f"(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '{NOTHING}')"
            )
        return piece

    def _bounds(self) -> list[str]:
        """Identifiers that cut the rows into pieces of about :data:`SORTED` rows; the last is empty."""
        (n_rows,) = self._db.execute("SELECT count(*) FROM plain").fetchone() or (0,)
        n_pieces = n_rows // SORTED + 1
        step = max(1, n_rows // (n_pieces * 200))
        query = f"SELECT id FROM plain WHERE number % {step} = 0 ORDER BY id"
        sample = [ident for (ident,) in self._db.execute(query).fetchall()]
        inner = [sample[n * len(sample) // n_pieces] for n in range(1, n_pieces)] if sample else []
        return ["", *dict.fromkeys(inner), ""]


def sql_text(path: Path) -> str:
    """A path inside quotes of SQL."""
    return str(path).replace("'", "''")


def _append(piece: Path, stream: BinaryIO) -> None:
    """Move a piece to the end of the file and onto the disk, which is the slowest part of sealing it."""
    with piece.open("rb") as source:
        shutil.copyfileobj(source, stream, 1 << 20)
    piece.unlink()
    stream.flush()
    os.fsync(stream.fileno())
