# ruff: noqa: S608 - no text from outside enters a statement but by its parameters; the parts are ours
"""Millions of plain rows in a table of their own, looked at by set operations only.

In: parts of text, the screening. Out: what is not plain, by its numbers; the plain rows asked for; the sealed
CSV. May import: the standard library, duckdb, numpy, the room's screening, :mod:`scheduler.domain`.

Memory is bounded by ``memory_mb``; beyond it DuckDB writes into the folder given, which the caller removes.
Nothing depends on the number of threads: every row carries its number, every result is sorted.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import duckdb
import numpy as np
from numpy.typing import NDArray

from scheduler.domain.codec import csv_bytes, read_csv
from scheduler.domain.registers import Enterprise
from scheduler.intake.bulkfolder import OwnFolder
from scheduler.intake.bulkscreen import GAP, Screen
from scheduler.intake.bulktext import DeclinedError, Part
from scheduler.intake.places import SURELY_NEAR, Centre
from scheduler.intake.source import Record

FIELDS = tuple(field.name for field in fields(Enterprise))

SAMPLE = 20_000
"""Rows whose words are learnt at a time, spread over a part."""

WORTH = 500
"""Rows of a part with words that are new by which the part is screened again, now that these are known."""

ROUNDS = 3
"""Most times that a part is screened again."""

WORDS_MOST = 300_000
"""Most combinations of words learnt per group; rows with others go to the record reader."""

SORTED = 1_000_000
"""Rows sorted at a time for the sealed file."""

PIECE = 1 << 14
"""Rows handed over at a time."""

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


class Store:
    """The plain rows of one source."""

    def __init__(self, folder: Path, screen: Screen, *, memory_mb: int, threads: int) -> None:
        self._own = OwnFolder(folder)
        self._folder = self._own.path
        self._screen = screen
        self._codes: list[dict[str, int]] = [{} for _ in screen.groups]
        self._db = duckdb.connect(":memory:", config=_config(self._folder, memory_mb, threads))
        self._db.execute("SET enable_progress_bar = false")
        # A look-up is small and the file is large, which no planner can know of a file it has not read.
        self._db.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        codes = "".join(f", g{n} UINTEGER" for n in range(len(screen.groups)))
        filled = "".join(f", filled{n} BOOLEAN" for n in range(len(screen.personal)))
        self._db.execute(
            "CREATE TABLE plain (number UINTEGER, ok BOOLEAN, id VARCHAR, place VARCHAR, "
            f"lon INTEGER, lat INTEGER{codes}{filled})"
        )
        for n, group in enumerate(screen.groups):
            words = ", ".join(f"{name} VARCHAR" for name in group.fields)
            self._db.execute(f"CREATE TABLE words{n} (code UINTEGER, raw VARCHAR, {words})")

    def close(self) -> None:
        """Forget everything and remove the folder."""
        self._db.close()
        self._own.remove()

    def take(self, part: Part, first: int) -> list[Record]:
        """Keep the part's plain rows, numbered from ``first``; the other records come back in their order.

        Errors: :class:`DeclinedError` where the part does not cut into as many rows as it has lines.
        """
        path = self._folder / "part.csv"
        path.write_bytes(part.text)
        try:
            if not any(self._codes):
                self._learn(part.cells(np.arange(0, part.n_records, max(1, part.n_records // SAMPLE))))
            for _ in range(ROUNDS):
                if self._insert(path, part, first) != part.n_records:
                    self._db.execute("DELETE FROM plain WHERE number >= ?", [first])
                    part = part.without_blank()
                    path.write_bytes(part.text)
                    if self._insert(path, part, first) != part.n_records:
                        raise DeclinedError
                left = self._left(first)
                records = part.cells(left - first)
                step = max(1, len(records) // SAMPLE)
                if self._learn(records[::step]) * step < WORTH:
                    break
                self._db.execute("DELETE FROM plain WHERE number >= ?", [first])
            else:
                self._insert(path, part, first)
                left = self._left(first)
                records = part.cells(left - first)
        finally:
            path.unlink()
        self._db.execute("DELETE FROM plain WHERE number >= ? AND NOT ok", [first])
        return [(int(number), cells) for number, cells in zip(left, records, strict=True)]

    def _learn(self, records: list[list[str]]) -> int:
        """Read the words that are new; how many of the records hold plain ones among them."""
        width = self._screen.width
        whole = [cells for cells in records if len(cells) == width]
        holders: set[int] = set()
        for n, group in enumerate(self._screen.groups):
            codes = self._codes[n]
            new: dict[str, tuple[int | str, ...]] = {}
            places = [self._screen.position(name) for name in group.fields]
            for at, cells in enumerate(whole):
                key = GAP.join("" if place is None else cells[place] for place in places)
                if key not in codes and len(codes) < WORDS_MOST:
                    words = self._screen.words(group, key)
                    codes[key] = len(codes)
                    new |= {} if words is None else {key: (codes[key], key, *words)}
                if key in new:
                    holders.add(at)
            if new:
                self._add_words(n, list(new.values()))
        return len(holders)

    def _add_words(self, n: int, new: list[tuple[int | str, ...]]) -> None:
        marks = ", ".join("unnest(?)" for _ in new[0])
        columns = [list(column) for column in zip(*new, strict=True)]
        self._db.execute(f"INSERT INTO words{n} SELECT {marks}", columns)

    def _insert(self, path: Path, part: Part, first: int) -> int:
        screen = self._screen
        coordinates = [
            screen.micro(name) if screen.position(name) is not None else "NULL"
            for name in ("lon_udeg", "lat_udeg")
        ]
        found = " AND ".join(["", *(f"w{n}.code IS NOT NULL" for n in range(len(screen.groups)))])
        columns = [
            "number",
            f"coalesce({screen.condition()}{found}, false)",
            screen.cell("enterprise_id"),
            screen.place(),
            *coordinates,
            *(f"w{n}.code" for n in range(len(screen.groups))),
            *(f"regexp_matches(c{position}, '[^ ]')" for position in screen.personal),
        ]
        joins = " ".join(
            f"LEFT JOIN words{n} w{n} ON w{n}.raw = {group.key}" for n, group in enumerate(screen.groups)
        )
        rows = (
            f"(SELECT {first - 1} + row_number() OVER () AS number, * FROM {_file(path, part, screen.width)})"
        )
        query = f"INSERT INTO plain SELECT {', '.join(columns)} FROM {rows} r {joins}"
        (count,) = self._db.execute(query).fetchone() or (0,)
        return int(count)

    def _left(self, first: int) -> NDArray[np.int64]:
        query = "SELECT number FROM plain WHERE number >= ? AND NOT ok ORDER BY number"
        numbers = self._db.execute(query, [first]).fetchnumpy()["number"]
        return np.asarray(numbers, dtype=np.int64)

    @property
    def n_rows(self) -> int:
        """Plain rows there are."""
        return self._one("SELECT count(*) FROM plain")

    def first_number(self) -> int:
        """The smallest number of a plain row; 0 where there is none."""
        return self._one("SELECT coalesce(min(number), 0) FROM plain")

    def n_filled(self) -> list[int]:
        """Per column of personal data, how many plain rows had something there."""
        return [
            self._one(f"SELECT count(*) FROM plain WHERE filled{n}")
            for n in range(len(self._screen.personal))
        ]

    def _one(self, query: str) -> int:
        row = self._db.execute(query).fetchone()
        return int(row[0]) if row else 0

    def repeated(self) -> list[int]:
        """Numbers of rows whose identifier occurs more than once (or whose hash does, which does no harm)."""
        query = (
            "SELECT number FROM plain WHERE hash(id) IN "
            "(SELECT hash(id) FROM plain GROUP BY hash(id) HAVING count(*) > 1) ORDER BY number"
        )
        return [number for (number,) in self._db.execute(query).fetchall()]

    def named(self, names: Iterable[str]) -> dict[str, int]:
        """Those of the identifiers that are here, with their numbers."""
        query = "SELECT id, number FROM plain WHERE id IN (SELECT unnest(?)) ORDER BY number"
        return dict(self._db.execute(query, [sorted(names)]).fetchall())

    def placed(self, places: Iterable[tuple[str, str]]) -> list[int]:
        """Numbers of rows with one of these names and addresses."""
        texts = sorted(f"{name}{GAP}{address}" for name, address in places)
        query = "SELECT number FROM plain WHERE place IN (SELECT unnest(?)) ORDER BY number"
        return [number for (number,) in self._db.execute(query, [texts]).fetchall()]

    def pull(self, numbers: Iterable[int]) -> list[Record]:
        """These rows as records of the source, here no longer; cells nobody reads are empty."""
        wanted = sorted(set(numbers))
        names = [name for group in self._screen.groups for name in group.fields]
        raw = ", ".join(f"w{n}.raw" for n in range(len(self._screen.groups)))
        query = (
            f"SELECT number, id, place, lon, lat, concat_ws('{GAP}', {raw}) FROM plain p {self._joins()} "
            "WHERE number IN (SELECT unnest(?)) ORDER BY number"
        )
        records = []
        for number, ident, place, lon, lat, words in self._db.execute(query, [wanted]).fetchall():
            name, address = place.split(GAP)
            cells = dict(zip(names, words.split(GAP), strict=True))
            cells |= {"enterprise_id": ident, "name": name, "address": address}
            cells |= {"lon_udeg": self._degrees("lon_udeg", lon), "lat_udeg": self._degrees("lat_udeg", lat)}
            records.append((number, self._record(cells)))
        self._db.execute("DELETE FROM plain WHERE number IN (SELECT unnest(?))", [wanted])
        return records

    def _record(self, cells: Mapping[str, str]) -> list[str]:
        record = [""] * self._screen.width
        for name, text in cells.items():
            position = self._screen.position(name)
            if position is not None:
                record[position] = text
        return record

    def _degrees(self, name: str, micro: int | None) -> str:
        if micro is None:
            return ""
        if self._screen.kind(name) == "micro":
            return str(micro)
        whole, rest = divmod(micro, 1_000_000)  # plain ones are positive
        return f"{whole}.{rest:06d}"

    def _joins(self) -> str:
        return " ".join(f"JOIN words{n} w{n} ON w{n}.code = p.g{n}" for n in range(len(self._screen.groups)))

    def _line(self) -> str:
        """SQL of a row's line in the canonical CSV."""
        own = {
            "enterprise_id": "p.id",
            "name": _QUOTED,
            "lon_udeg": "p.lon",
            "lat_udeg": "p.lat",
            "legacy_id": "''",
        }
        own |= {name: f"w{n}.{name}" for n, group in enumerate(self._screen.groups) for name in group.fields}
        own |= {name: f"coalesce({own[name]}::VARCHAR, '')" for name in ("lon_udeg", "lat_udeg")}
        cells = ", ".join(own[name] for name in FIELDS if name != "address")
        return f"concat_ws(',', {cells})"

    def districts(self) -> frozenset[str]:
        """Division codes of the rows."""
        query = (
            "SELECT DISTINCT w0.district FROM (SELECT DISTINCT g0 FROM plain) p "
            "JOIN words0 w0 ON w0.code = p.g0"
        )
        return frozenset(district for (district,) in self._db.execute(query).fetchall())

    def points(self) -> Iterator[tuple[str, NDArray[np.int32], NDArray[np.int32]]]:
        """Per district the longitudes and the latitudes of its rows in micro-degrees."""
        for district in sorted(self.districts()):
            query = (
                "SELECT lon, lat FROM plain p JOIN words0 w0 ON w0.code = p.g0 "
                "WHERE w0.district = ? AND lon IS NOT NULL"
            )
            found = self._db.execute(query, [district]).fetchnumpy()
            yield district, np.asarray(found["lon"], dtype=np.int32), np.asarray(found["lat"], dtype=np.int32)

    def not_near(self, centres: Mapping[str, Centre], km: int) -> list[tuple[int, Enterprise]]:
        """Rows without coordinates, or not surely within ``km`` of their district's centre, in the order of
        their identifiers; here no longer."""
        known = sorted(centres)
        self._db.execute(
            "CREATE OR REPLACE TABLE centres AS SELECT unnest(?::VARCHAR[]) AS district, "
            "unnest(?::INTEGER[]) AS lon, unnest(?::INTEGER[]) AS lat",
            [known, [centres[name].lon_udeg for name in known], [centres[name].lat_udeg for name in known]],
        )
        query = (
            "SELECT p.number FROM plain p JOIN words0 w0 ON w0.code = p.g0 "
            "LEFT JOIN centres c USING (district) "
            f"WHERE p.lon IS NULL OR abs(p.lon - c.lon) + abs(p.lat - c.lat) >= {km * SURELY_NEAR}"
        )
        numbers = [number for (number,) in self._db.execute(query).fetchall()]
        return self._objects(numbers) if numbers else []

    def _objects(self, numbers: list[int]) -> list[tuple[int, Enterprise]]:
        query = (
            f"SELECT number, {self._line()} FROM plain p {self._joins()} "
            "WHERE number IN (SELECT unnest(?)) ORDER BY id"
        )
        path = self._folder / "rows.csv"
        found = []
        with path.open("w", encoding="utf-8", newline="") as stream:
            stream.write(",".join(FIELDS) + "\n")
            cursor = self._db.execute(query, [numbers])
            while rows := cursor.fetchmany(PIECE):
                found += [number for number, _ in rows]
                stream.writelines(f"{line}\n" for _, line in rows)
        objects = list(zip(found, read_csv(Enterprise, path), strict=True))
        path.unlink()
        self._db.execute("DELETE FROM plain WHERE number IN (SELECT unnest(?))", [numbers])
        return objects

    def write(self, path: Path, others: Iterable[Enterprise]) -> None:
        """Write the canonical CSV of the plain rows and the others, sorted by identifier, piece by piece: a
        piece is sorted in memory while the one before it goes to the disk."""
        rows = list(others)
        lines = csv_bytes(Enterprise, rows).decode().split("\n")[1:-1]
        self._db.execute(
            "CREATE OR REPLACE TABLE others AS "
            "SELECT unnest(?::VARCHAR[]) AS id, unnest(?::VARCHAR[]) AS line",
            [[row.enterprise_id for row in rows], lines],
        )
        with path.open("wb") as stream, ThreadPoolExecutor(1) as appender:
            stream.write((",".join(FIELDS) + "\n").encode())
            job: Future[None] | None = None
            for n, (low, high) in enumerate(pairwise(self._bounds())):
                piece = self._folder / f"sorted{n % 2}.csv"
                if job is not None:
                    job.result()
                self._copy(piece, low, high)
                job = appender.submit(_append, piece, stream)
            if job is not None:
                job.result()

    def _copy(self, piece: Path, low: str, high: str) -> None:
        """Write the rows with identifiers in ``[low, high)``; an empty ``high`` has no end."""
        within = f"id >= '{low}'" + (f" AND id < '{high}'" if high else "")
        rows = f"SELECT p.id, {self._line()} AS line FROM plain p {self._joins()} WHERE {within}"
        both = f"{rows} UNION ALL SELECT id, line FROM others WHERE {within}"
        self._db.execute(
            f"COPY (SELECT line FROM ({both}) ORDER BY id) TO '{_sql_text(piece)}' "
            f"(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '{NOTHING}')"
        )

    def _bounds(self) -> list[str]:
        """Identifiers that cut the rows into pieces of about :data:`SORTED` rows; the last is empty."""
        n_pieces = self.n_rows // SORTED + 1
        step = max(1, self.n_rows // (n_pieces * 200))
        query = f"SELECT id FROM plain WHERE number % {step} = 0 ORDER BY id"
        sample = [ident for (ident,) in self._db.execute(query).fetchall()]
        inner = [sample[n * len(sample) // n_pieces] for n in range(1, n_pieces)] if sample else []
        return ["", *dict.fromkeys(inner), ""]


def _append(piece: Path, stream: BinaryIO) -> None:
    """Move a piece to the end of the file and onto the disk, which is the slowest part of sealing it."""
    with piece.open("rb") as source:
        shutil.copyfileobj(source, stream, 1 << 20)
    piece.unlink()
    stream.flush()
    os.fsync(stream.fileno())


def _config(folder: Path, memory_mb: int, threads: int) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": f"{memory_mb}MB",
        "threads": threads,
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def _sql_text(path: Path) -> str:
    return str(path).replace("'", "''")


def _file(path: Path, part: Part, width: int) -> str:
    """SQL of a part's rows: each cell a text, NULL where cells lack, one column more for a row too long."""
    columns = ", ".join([*(f"'c{n}': 'VARCHAR'" for n in range(width)), "'x': 'VARCHAR'"])
    line_end = "\\r\\n" if part.line_end == "\r\n" else "\\n"
    return (
        f"read_csv('{_sql_text(path)}', columns = {{{columns}}}, header = false, auto_detect = false, "
        f"delim = '{part.separator}', quote = '', escape = '', comment = '', nullstr = '{NOTHING}', "
        f"new_line = '{line_end}', null_padding = true, strict_mode = false)"
    )
