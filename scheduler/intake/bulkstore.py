"""Millions of plain rows on the disk, looked at by set operations only.

In: parts of text, the screening. Out: what is not plain; the plain rows asked for; the sealed CSV. May
import: the standard library, numpy, the room's parts of the engine, :mod:`scheduler.domain`.

In memory stand some sixty bytes for each row; their lines are in files in the folder given, which the caller
removes. Nothing depends on the order in which parts are taken: every row carries its number, and every result
is sorted.
"""

import csv
import errno
import gc
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scheduler.domain.codec import from_cells
from scheduler.domain.hashes import Profile
from scheduler.domain.registers import Enterprise
from scheduler.intake.bulkfolder import OwnFolder
from scheduler.intake.bulkform import FIELDS, form
from scheduler.intake.bulklines import (
    NEW_LINE,
    Bytes,
    Holds,
    Lines,
    Places,
    always,
    padded,
    side_by_side,
    texts,
)
from scheduler.intake.bulkplain import BOX, NEAR, Plain, look
from scheduler.intake.bulkruns import Plains, Run, Sought, in_order, letters, marks_of, place_marks
from scheduler.intake.bulkscreen import GROUPS, Screen
from scheduler.intake.bulktext import UTF8, Part, decoded
from scheduler.intake.bulkwords import NONE, Words
from scheduler.intake.bulkwrite import write_sorted
from scheduler.intake.places import SURELY_NEAR, Centre
from scheduler.intake.source import Record

NAME, ADDRESS = FIELDS.index("name"), FIELDS.index("address")


class StoreError(Exception):
    """What is put down found no room; the text names why."""


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the search for cycles among objects: there are none to find in rows, and it looks at all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Store:
    """The plain rows of one source."""

    def __init__(self, folder: Path, screen: Screen, *, memory_mb: int) -> None:
        self._own = OwnFolder(folder)
        self._screen = screen
        self._memory_mb = memory_mb
        self._words = Words(screen)
        self._runs: list[Run] = []
        self._filled: list[NDArray[np.int64]] = []

    def close(self) -> None:
        """Forget everything and remove the folder."""
        self._runs.clear()
        self._own.remove()

    def take(self, part: Part, first: int) -> list[Record]:
        """Keep the part's plain rows, numbered from ``first``; the other records come back in their order.
        Parts of other numbers may be taken at the same time. Errors: :class:`StoreError`,
        :class:`scheduler.intake.bulktext.DeclinedError` for bytes that are no text."""
        lines = Lines(part, self._screen.width)
        plain = look(lines, self._screen)
        codes = self._codes(lines, plain.ok)
        is_plain = (codes != NONE).all(axis=0)
        rows = np.flatnonzero(is_plain)
        rows = rows[in_order(plain.high[rows], plain.low[rows])]
        if len(rows):
            self._runs.append(self._run(lines, plain, codes, rows, first))
        left = np.flatnonzero(~is_plain)
        return list(zip((left + first).tolist(), lines.records(left), strict=True))

    def _codes(self, lines: Lines, oks: Holds) -> NDArray[np.int32]:
        """By group and line the codes of words; those of lines that are not plain else are not asked for."""
        codes = np.full((len(GROUPS), len(oks)), NONE, dtype=np.int32)
        for some in lines.some(np.flatnonzero(oks), NEAR):
            codes[:, some.numbers] = self._words.codes(some)
        return codes

    def _run(self, lines: Lines, plain: Plain, codes: NDArray[np.int32], at: Places, first: int) -> Run:
        """Put these rows down, in this order."""
        columns = [lines.cells(at, position) for position in self._screen.personal]
        self._filled.append(np.array([np.count_nonzero(sizes) for _, sizes in columns]))
        text, starts, names, addresses = _two_lines(self._places(lines, at))
        path = self._own.path / f"run{first}"
        try:
            path.write_bytes(text.data)
        except OSError as error:
            raise StoreError(errno.errorcode.get(error.errno or 0, "OSError")) from error
        rows = Plains(
            numbers=(at + first).astype(np.uint32),
            high=plain.high[at],
            low=plain.low[at],
            place=place_marks(text, starts[:-1], names, addresses),
            lon=plain.lon[at],
            lat=plain.lat[at],
            codes=codes[:, at],
            names=names.astype(np.int32),
            addresses=addresses.astype(np.int32),
            commas=plain.commas[at],
        )
        return Run(path=path, rows=rows, starts=starts, here=np.ones(len(at), dtype=np.bool_))

    def _places(self, lines: Lines, at: Places) -> bytes:
        """Names and addresses of these lines in UTF-8, a line each."""
        end = always(b"\n")
        cells = [lines.cells(at, self._screen.position(name)) for name in ("name", "address")]
        found = []
        for first in range(0, len(at), NEAR):
            some = slice(first, first + NEAR)
            name, address = (texts(lines.padded, starts[some], sizes[some]) for starts, sizes in cells)
            found.append(side_by_side([name, end, address, end]))
            if lines.part.encoding != UTF8:
                found[-1] = decoded(found[-1], lines.part.encoding).encode()
        return b"".join(found)

    @property
    def n_rows(self) -> int:
        """Plain rows there are."""
        return sum(int(np.count_nonzero(run.here)) for run in self._runs)

    def first_number(self) -> int:
        """The smallest number of a plain row; 0 where there is none."""
        return min((int(run.rows.numbers[run.here].min()) for run in self._runs if run.here.any()), default=0)

    def n_filled(self) -> list[int]:
        """Per column of personal data, how many plain rows had something there."""
        n_columns = len(self._screen.personal)
        found: list[int] = sum(self._filled, start=np.zeros(n_columns, dtype=np.int64)).tolist()
        return found

    def repeated(self) -> list[int]:
        """Numbers of rows whose identifier occurs more than once; equal marks of unlike identifiers do no
        harm."""
        if not self._runs:
            return []
        marks = [run.rows.marks() for run in self._runs]
        every = np.sort(np.concatenate(marks))
        twice = every[1:][every[1:] == every[:-1]]
        sought = Sought(np.unique(twice))
        found = [run.rows.numbers[sought.rows(own)] for run, own in zip(self._runs, marks, strict=True)]
        return sorted(np.concatenate(found).tolist())

    def named(self, names: Iterable[str]) -> dict[str, int]:
        """Those of the identifiers that are here, with their numbers."""
        wanted = set(names)
        sought = Sought(marks_of(wanted))
        found: dict[str, int] = {}
        for run in self._runs:
            at = sought.rows(run.rows.marks())
            at = at[run.here[at]]
            own = [bytes(row).decode() for row in letters(run.rows.high[at], run.rows.low[at])]
            found |= {
                name: n for name, n in zip(own, run.rows.numbers[at].tolist(), strict=True) if name in wanted
            }
        return found

    def _cells(self, run: Run, at: Places) -> list[list[str]]:
        """The canonical cells of some rows of a run."""
        if not len(at):
            return []
        text = np.memmap(run.path, dtype=np.uint8, mode="r")
        formed = form(run.rows.some(at), text, run.starts[at], self._words.texts())
        lines = b"".join(formed).decode()
        return list(csv.reader(io.StringIO(lines, newline="")))

    def placed(self, places: Iterable[tuple[str, str]]) -> list[int]:
        """Numbers of rows with one of these names and addresses."""
        wanted = {place for place in places if not any("\n" in cell for cell in place)}
        text = "".join(f"{name}\n{address}\n" for name, address in wanted).encode(errors="replace")
        lines, starts, names, addresses = _two_lines(text)
        sought = Sought(place_marks(lines, starts[:-1], names, addresses))
        found: list[int] = []
        for run in self._runs:
            rows = sought.rows(run.rows.place)
            rows = rows[run.here[rows]]
            cells = self._cells(run, rows)
            places_of = [(row[NAME], row[ADDRESS]) in wanted for row in cells]
            found += run.rows.numbers[rows[np.array(places_of, dtype=np.bool_)]].tolist()
        return sorted(found)

    def pull(self, numbers: Iterable[int]) -> list[Record]:
        """These rows as records of the source, here no longer; cells nobody reads are empty."""
        wanted = np.array(sorted(set(numbers)), dtype=np.uint32)
        records: list[Record] = []
        for run in self._runs:
            rows = run.with_numbers(wanted)
            for row, cells in zip(rows.tolist(), self._cells(run, rows), strict=True):
                known = dict(zip(FIELDS, cells, strict=True))
                known |= self._words.raw(run.rows.codes[:, row].tolist())
                known |= {name: self._degrees(name, known[name]) for name in BOX}
                records.append((int(run.rows.numbers[row]), self._record(known)))
            run.here[rows] = False
        return sorted(records, key=lambda record: record[0])

    def _record(self, cells: Mapping[str, str]) -> list[str]:
        record = [""] * self._screen.width
        for name, text in cells.items():
            position = self._screen.position(name)
            if position is not None:
                record[position] = text
        return record

    def _degrees(self, name: str, micro: str) -> str:
        """A coordinate as the source has it; plain ones have seven digits and more."""
        return f"{micro[:-6]}.{micro[-6:]}" if micro and self._screen.kind(name) != "micro" else micro

    def districts(self) -> frozenset[str]:
        """Division codes of the rows."""
        names = self._words.districts()
        seen = np.zeros(len(names), dtype=np.bool_)
        for run in self._runs:
            seen[run.rows.codes[0][run.here]] = True
        return frozenset(names[code] for code in np.flatnonzero(seen).tolist())

    def points(self) -> Iterator[tuple[str, NDArray[np.int32], NDArray[np.int32]]]:
        """Per district the longitudes and the latitudes of its rows in micro-degrees."""
        names = sorted(self.districts())
        if not names:
            return
        by_code = _by_code(self._words.districts(), {name: at for at, name in enumerate(names)})
        placed = [(run, np.flatnonzero(run.here & (run.rows.lon != 0))) for run in self._runs]
        found = [
            (by_code[run.rows.codes[0][rows]], run.rows.lon[rows], run.rows.lat[rows]) for run, rows in placed
        ]
        district, lon, lat = map(np.concatenate, zip(*found, strict=True))
        order = np.argsort(district.astype(np.min_scalar_type(len(names))), kind="stable")
        ends = np.cumsum(np.bincount(district, minlength=len(names)))[:-1]
        yield from zip(names, np.split(lon[order], ends), np.split(lat[order], ends), strict=True)

    def not_near(self, centres: Mapping[str, Centre], km: int) -> list[tuple[int, Enterprise]]:
        """Rows without coordinates, or not surely within ``km`` of their district's centre, in the order of
        their identifiers; here no longer."""
        names = self._words.districts()
        lons = _by_code(names, {name: centre.lon_udeg for name, centre in centres.items()})
        lats = _by_code(names, {name: centre.lat_udeg for name, centre in centres.items()})
        known = np.array([name in centres for name in names])
        found: list[tuple[int, Enterprise]] = []
        for run in self._runs:
            code = run.rows.codes[0]
            far = np.abs(run.rows.lon - lons[code]) + np.abs(run.rows.lat - lats[code]) >= km * SURELY_NEAR
            rows = np.flatnonzero(run.here & ((run.rows.lon == 0) | (far & known[code])))
            objects = (from_cells(Enterprise, cells) for cells in self._cells(run, rows))
            found += zip(run.rows.numbers[rows].tolist(), objects, strict=True)
            run.here[rows] = False
        return sorted(found, key=lambda pair: pair[1].enterprise_id)

    @uncollected()
    def write(self, path: Path, others: Iterable[Enterprise], profile: Profile) -> str:
        """Write the canonical CSV of the plain rows and the others, sorted by identifier; its digest."""
        known = self._words.texts()
        return write_sorted(path, self._runs, known, list(others), self._memory_mb, profile)


def _two_lines(data: bytes) -> tuple[Bytes, Places, Places, Places]:
    """A padded text; where its pairs of lines begin, with its end; lengths of the first and second ones."""
    text = padded(data)
    ends = np.flatnonzero(text == NEW_LINE)
    starts = np.concatenate(([0], ends[1::2] + 1))
    return text, starts, ends[::2] - starts[:-1], ends[1::2] - ends[::2] - 1


def _by_code(names: Sequence[str], values: Mapping[str, int]) -> NDArray[np.int64]:
    """The value of each code's name, 0 for names without one."""
    return np.array([values.get(name, 0) for name in names], dtype=np.int64)
