# ruff: noqa: S608 - no text from outside enters a statement but by its parameters; the parts are ours
"""Millions of plain rows in a table of their own, looked at by set operations only.

In: parts of text, the screening. Out: what is not plain, by its numbers; the plain rows asked for; the sealed
CSV. May import: the standard library, duckdb, numpy, the room's screening, :mod:`scheduler.domain`.

Memory is bounded by ``memory_mb``; beyond it DuckDB writes into the folder given, which the caller removes.
Nothing depends on the number of threads: every row carries its number, every result is sorted.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from scheduler.domain.codec import read_csv
from scheduler.domain.registers import Enterprise
from scheduler.intake.bulkfolder import OwnFolder
from scheduler.intake.bulklines import Lines
from scheduler.intake.bulkplain import look
from scheduler.intake.bulkscreen import GAP, Screen
from scheduler.intake.bulktext import STRETCH, DeclinedError, Part
from scheduler.intake.bulkwords import Words
from scheduler.intake.bulkwrite import FIELDS, NOTHING, SortedFile, beside, joins, line, settle, sql_text
from scheduler.intake.places import SURELY_NEAR, Centre
from scheduler.intake.source import Record

SAMPLE = 20_000
"""Rows whose words are learnt at a time, spread over a part."""

WORTH = 500
"""Rows of a part with words that are new by which the part is screened again, now that these are known."""

ROUNDS = 3
"""Most times that a part is screened again."""

PIECE = 1 << 14
"""Rows handed over at a time."""


class Store:
    """The plain rows of one source."""

    def __init__(self, folder: Path, screen: Screen, *, memory_mb: int) -> None:
        self._own = OwnFolder(folder)
        self._folder = self._own.path
        self._screen = screen
        self._db = duckdb.connect(":memory:", config=_config(self._folder, memory_mb))
        settle(self._db)
        codes = "".join(f", g{n} UINTEGER" for n in range(len(screen.groups)))
        filled = "".join(f", filled{n} BOOLEAN" for n in range(len(screen.personal)))
        self._db.execute(
            "CREATE TABLE plain (number UINTEGER, ok BOOLEAN, lead UBIGINT, id VARCHAR, place VARCHAR, "
            f"lon INTEGER, lat INTEGER{codes}{filled})"
        )
        self._words = Words(self._db, screen)
        self._starting = Lock()
        self._marks: list[tuple[NDArray[np.uint32], NDArray[np.uint64]]] = []

    def close(self) -> None:
        """Forget everything and remove the folder."""
        self._db.close()
        self._own.remove()

    def take(self, part: Part, first: int) -> list[Record]:
        """Keep the part's plain rows, numbered from ``first``; the other records come back in their order.
        Parts of other numbers may be taken at the same time.

        Errors: :class:`DeclinedError` where the part does not cut into as many rows as it has lines.
        """
        lines = Lines(part, self._screen.width)
        if lines.has_empty():
            lines = Lines(part.without_blank(), self._screen.width)
        path = self._folder / f"part{first}.csv"
        _save(path, lines.part.text)
        try:
            with beside(self._db) as own:
                own.register("sight", self._sight(lines, first))
                return self._take(own, path, lines, first)
        finally:
            path.unlink()

    def _sight(self, lines: Lines, first: int) -> dict[str, NDArray[Any]]:
        """What is known of each line before its words are looked up."""
        plain = look(lines, self._screen)
        numbers = np.arange(first, first + lines.part.n_records, dtype=np.uint32)
        self._marks.append((numbers[plain.ok], plain.mark[plain.ok]))
        return {"number": numbers, "ok": plain.ok, "lead": plain.lead, "lon": plain.lon, "lat": plain.lat}

    def _take(self, own: duckdb.DuckDBPyConnection, path: Path, lines: Lines, first: int) -> list[Record]:
        """As :meth:`take`, each try in a transaction of this connection's own."""
        n_records = lines.part.n_records
        with self._starting:
            if not any(before := self._words.known()):
                step = max(1, n_records // SAMPLE)
                self._words.learn(lines.records(np.arange(0, n_records, step)), before)
        for turn in range(ROUNDS + 1):
            before = self._words.known()
            own.begin()
            if self._insert(own, path, lines.part) != n_records or _lacks(own, first + n_records - 1):
                raise DeclinedError
            left = _left(own, first, n_records)
            records = lines.records(left - first)
            step = max(1, len(records) // SAMPLE)
            if turn == ROUNDS or self._words.learn(records[::step], before) * step < WORTH:
                break
            own.rollback()
        own.execute("DELETE FROM plain WHERE number BETWEEN ? AND ? AND NOT ok", _span(first, n_records))
        own.commit()
        return [(int(number), cells) for number, cells in zip(left, records, strict=True)]

    def _insert(self, own: duckdb.DuckDBPyConnection, path: Path, part: Part) -> int:
        screen = self._screen
        found = " AND ".join(["ok", *(f"w{n}.code IS NOT NULL" for n in range(len(screen.groups)))])
        columns = [
            "number",
            f"coalesce({found}, false)",
            "lead",
            f"coalesce({screen.cell('enterprise_id')}, c0)",
            screen.place(),
            "nullif(lon, 0)",
            "nullif(lat, 0)",
            *(f"w{n}.code" for n in range(len(screen.groups))),
            *(f"c{position} <> ''" for position in screen.personal),
        ]
        look_ups = " ".join(
            f"LEFT JOIN words{n} w{n} ON w{n}.raw = {group.key}" for n, group in enumerate(screen.groups)
        )
        rows = f"{_file(path, part, screen.width)} POSITIONAL JOIN sight"
        # in order, so that a piece of the sealed file passes over most of what is not in it
        query = f"INSERT INTO plain SELECT {', '.join(columns)} FROM {rows} {look_ups} ORDER BY lead"
        (count,) = own.execute(query).fetchone() or (0,)
        return int(count)

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
        """Numbers of rows whose identifier occurs more than once, among them some of rows that are not here;
        equal marks of unlike identifiers do no harm."""
        if not self._marks:
            return []
        numbers, marks = (np.concatenate(parts) for parts in zip(*self._marks, strict=True))
        in_order = np.sort(marks)
        twice = in_order[1:][in_order[1:] == in_order[:-1]]
        ends = np.zeros(1 << 16, dtype=np.bool_)  # most marks tell by their last 16 bits that they are none
        ends[twice.astype(np.uint16)] = True
        at = np.flatnonzero(ends[marks.astype(np.uint16)])
        found: list[int] = np.sort(numbers[at[np.isin(marks[at], twice)]]).tolist()
        return found

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
            f"SELECT number, id, place, lon, lat, concat_ws('{GAP}', {raw}) FROM plain p "
            f"{joins(self._screen)} WHERE number IN (SELECT unnest(?)) ORDER BY number"
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
            f"SELECT number, {line(self._screen)} FROM plain p {joins(self._screen)} "
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
        """Write the canonical CSV of the plain rows and the others, sorted by identifier."""
        SortedFile(self._db, self._folder, self._screen).write(path, others)


def _save(path: Path, text: str) -> None:
    """Write a text in UTF-8, a stretch at a time: a copy of the whole costs more than its writing."""
    with path.open("wb") as stream:
        for start in range(0, len(text), STRETCH):
            stream.write(text[start : start + STRETCH].encode())


def _lacks(database: duckdb.DuckDBPyConnection, last: int) -> bool:
    """Whether fewer rows were read than there are lines: the last line then has no cell."""
    found = database.execute("SELECT id IS NULL FROM plain WHERE number = ?", [last]).fetchone()
    return found != (False,)


def _left(database: duckdb.DuckDBPyConnection, first: int, n_records: int) -> NDArray[np.int64]:
    """Numbers of a part's rows that are not plain."""
    query = "SELECT number FROM plain WHERE number BETWEEN ? AND ? AND NOT ok ORDER BY number"
    numbers = database.execute(query, _span(first, n_records)).fetchnumpy()["number"]
    return np.asarray(numbers, dtype=np.int64)


def _span(first: int, n_records: int) -> list[int]:
    return [first, first + n_records - 1]


def _config(folder: Path, memory_mb: int) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": f"{memory_mb}MB",
        "checkpoint_threshold": "1TB",  # or every second commit packs the table anew, and all wait for it
        "threads": 1,  # those who take parts or sort pieces have one each; more wait for each other
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def _file(path: Path, part: Part, width: int) -> str:
    """SQL of a part's rows: each cell a text, NULL where cells lack, one column more for a row too long."""
    columns = ", ".join([*(f"'c{n}': 'VARCHAR'" for n in range(width)), "'x': 'VARCHAR'"])
    line_end = "\\r\\n" if part.line_end == "\r\n" else "\\n"
    return (
        f"read_csv('{sql_text(path)}', columns = {{{columns}}}, header = false, auto_detect = false, "
        f"delim = '{part.separator}', quote = '', escape = '', comment = '', nullstr = '{NOTHING}', "
        f"new_line = '{line_end}', null_padding = true, strict_mode = false)"
    )
