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
from scheduler.intake.bulkform import FIELDS, chained, form
from scheduler.intake.bulklines import UNIT, Holds, Lines, Places, Whole
from scheduler.intake.bulkplain import BOX, NEAR, Plain, look, place_marks
from scheduler.intake.bulkruns import Plains, Run, Sought, in_order, letters, marks_of
from scheduler.intake.bulkscreen import GROUPS, Screen
from scheduler.intake.bulktext import GAP, Part
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
        Parts of other numbers may be taken at the same time. Errors:
        :class:`StoreError`."""
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
        whole = lines.these(at)
        columns = [whole.cells(position) for position in self._screen.personal]
        self._filled.append(np.array([np.count_nonzero(ends > starts) for starts, ends in columns]))
        places = [self._screen.position(name) for name in ("name", "address")]
        names, addresses = ((ends - starts).astype(np.int32) for starts, ends in map(whole.cells, places))
        path = self._own.path / f"run{first}"
        try:
            with path.open("wb") as stream:
                for some in lines.some(at, NEAR):
                    cells = map(some.cells, places)
                    text = chained(lines.padded, [(starts, ends - starts) for starts, ends in cells])
                    stream.write(text.tobytes())
        except OSError as error:
            raise StoreError(errno.errorcode.get(error.errno or 0, "OSError")) from error
        rows = Plains(
            numbers=(at + first).astype(np.uint32),
            high=plain.high[at],
            low=plain.low[at],
            place=plain.place[at],
            lon=plain.lon[at],
            lat=plain.lat[at],
            codes=codes[:, at],
            names=names,
            addresses=addresses,
            commas=self._commas(lines, whole),
        )
        ends = np.concatenate(([0], np.cumsum(names + addresses, dtype=np.int64)))
        return Run(path=path, rows=rows, ends=ends, here=np.ones(len(at), dtype=np.bool_))

    def _commas(self, lines: Lines, whole: Whole) -> NDArray[np.uint8]:
        """As in :class:`Plains`; where commas part the cells, none holds any."""
        found = np.zeros(len(whole.numbers), dtype=np.uint8)
        if lines.part.separator != ",":
            held = lines.holding(np.flatnonzero(lines.units == ord(",")))
            for n, name in enumerate(("name", "address")):
                position = self._screen.position(name)
                if position is not None:
                    found |= whole.column(held, position).astype(np.uint8) << n
        return found

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
            own = [bytes(row).decode("utf-16-le") for row in letters(run.rows.high[at], run.rows.low[at])]
            found |= {
                name: n for name, n in zip(own, run.rows.numbers[at].tolist(), strict=True) if name in wanted
            }
        return found

    def _cells(self, run: Run, at: Places) -> list[list[str]]:
        """The canonical cells of some rows of a run."""
        if not len(at):
            return []
        sizes = run.ends[at + 1] - run.ends[at]
        text = chained(np.memmap(run.path, dtype=UNIT, mode="r"), [(run.ends[at], sizes)])
        formed = form(run.rows.some(at), text, np.cumsum(sizes) - sizes, self._words.texts())
        lines = b"".join(formed).decode()
        return list(csv.reader(io.StringIO(lines, newline="")))

    def placed(self, places: Iterable[tuple[str, str]]) -> list[int]:
        """Numbers of rows with one of these names and addresses."""
        wanted = {place for place in places if not any(GAP in cell or "\n" in cell for cell in place)}
        text = "".join(f"{name}{GAP}{address}\n" for name, address in wanted)
        part = Part(text=text, n_records=len(wanted), separator=GAP, line_end="\n", asides={})
        sought = Sought(place_marks(Lines(part, 2).these(np.arange(len(wanted))), 0, 1))
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

    def write(self, path: Path, others: Iterable[Enterprise], profile: Profile) -> str:
        """Write the canonical CSV of the plain rows and the others, sorted by identifier; its digest."""
        texts = self._words.texts()
        with uncollected():
            return write_sorted(path, self._runs, texts, list(others), self._memory_mb, profile)


def _by_code(names: Sequence[str], values: Mapping[str, int]) -> NDArray[np.int64]:
    """The value of each code's name, 0 for names without one."""
    return np.array([values.get(name, 0) for name in names], dtype=np.int64)
