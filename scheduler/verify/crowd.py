"""The census of a sealed register in columns: the same verdict as row by row, in a fraction of the time.

In: evidence whose register and frame lie in files. Out: :class:`Census`. May import: the domain, and of this
room the census and who hashes.

Each column is looked at as a whole: what a text may be is asked once for every value that occurs, whether
the spelling is canonical by writing the rows again, the frame by writing out what it has to be. Whatever is
not as it should be ends the pass without a word, and the census goes row by row and names it.
"""

import csv
import hashlib
import io
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import compress, islice
from operator import lt
from pathlib import Path
from typing import BinaryIO, get_type_hints

from scheduler.domain.canonical import file_sha256
from scheduler.domain.codec import from_cells, to_cells
from scheduler.domain.errors import OneDoorError
from scheduler.domain.frame_csv import HEADER
from scheduler.domain.hands import hands_for
from scheduler.domain.plan import FrameRow
from scheduler.domain.registers import Enterprise, RiskClass
from scheduler.verify.census import (
    Census,
    account,
    count,
    named_in,
    new_census,
    seed_of,
    take_census,
    told_of,
    untrue,
)
from scheduler.verify.crew import crew_of, reading
from scheduler.verify.evidence import Evidence
from scheduler.verify.folder import Table
from scheduler.verify.names import is_id, is_name
from scheduler.verify.replay import ranking_of

CHUNK = 1000
"""So many rows are held at a time: they stay near the processor while their columns are looked at."""

NAMES = tuple(field.name for field in fields(Enterprise))
FRAME_NAMES = tuple(field.name for field in fields(FrameRow))

Columns = Mapping[str, Sequence[str]]
Place = tuple[str, str, str]
"""District, industry and the text of the tags: what scopes see of an enterprise that is exempt from
nothing."""


def census_of(evidence: Evidence, *, processes: int = 1) -> Census:
    """The census in columns where register and frame are sealed files and nothing is wrong with them, else
    row by row. The same for any number of processes."""
    quick = _quick(evidence, processes)
    return take_census(evidence, processes=processes) if quick is None else quick


def _quick(evidence: Evidence, processes: int) -> Census | None:
    register, frame = evidence.enterprises, evidence.frame
    if not (isinstance(register, Table) and isinstance(frame, Table)):
        return None
    crowd = _Crowd(evidence)
    path = frame.run / frame.name
    processes = hands_for(path, processes)
    try:
        if not crowd.read(register.run / register.name, path):
            return None
    except (OneDoorError, OSError, ValueError, csv.Error):
        return None  # the pass row by row names it
    untrue(crowd.census, crowd.told)
    plan, scopes = evidence.plan, crowd.census.scopes
    seed = seed_of(evidence.seed_text, plan.settings.profile)
    with reading(path, crowd.exempt, processes) as hands:
        crew = crew_of(hands)
        if crew is None or crew.sizes != crowd.census.sizes:
            return None
        ranking = ranking_of(plan, scopes.tasks, crew.sizes, scopes.in_frame, seed, crew.ask)
    crowd.census.ranked.update(ranking.ranked)
    crowd.census.members.update(ranking.members)
    crowd.census.outside.update(ranking.outside)
    register.n_rows, frame.n_rows = crowd.n_rows, crowd.n_active
    return crowd.census


class _Crowd:
    """What was counted so far. ``exempt`` are those of the frame who are exempt from some task."""

    def __init__(self, evidence: Evidence) -> None:
        self.census = new_census(evidence)
        self.told = told_of(evidence)
        self.exempt: dict[bytes, tuple[str, ...]] = {}
        self.n_rows = 0
        self.n_active = 0
        self._named = named_in(evidence)
        self._known = self.census.exemptions.known()
        self._values = _Values()
        self._last = ""
        self._districts: set[str] = set()
        self._sizes: Counter[tuple[Place, str]] = Counter()
        self._odd: dict[Place, bool] = {}

    def read(self, register: Path, frame: Path) -> bool:
        """Count everybody; False where something is not as it should be."""
        with register.open(encoding="utf-8", newline="") as stream, frame.open("rb") as told:
            rows = csv.reader(stream, strict=True)
            if tuple(next(rows, ())) != NAMES or told.readline() != HEADER:
                return False
            spelled = hashlib.sha256(_written([NAMES]).encode())
            for chunk in iter(lambda: list(islice(rows, CHUNK)), []):
                text = _written(chunk)
                spelled.update(text.encode())
                if not (_is_canonical(text) and {*map(len, chunk)} == {len(NAMES)}):
                    return False
                columns = _columns(chunk)
                if not (self._lawful(chunk, columns) and self._counted(chunk, columns, told)):
                    return False
            in_full = not told.read(1)
        self._join()
        return in_full and spelled.hexdigest() == file_sha256(register)

    def _lawful(self, chunk: Sequence[Sequence[str]], columns: Columns) -> bool:
        """Whether every cell may be what it is, and the ids ascend."""
        if not self._values.hold(chunk[0], columns):
            return False
        ids, districts = columns["enterprise_id"], set(columns["district"]) - self._districts
        if not (is_id("".join(ids)) and all(ids) and all(map(lt, (self._last, *ids[:-1]), ids))):
            return False
        self._last = ids[-1]
        self._districts |= districts
        return all(is_name(name) for name in districts if name)

    def _counted(self, chunk: Sequence[Sequence[str]], columns: Columns, told: BinaryIO) -> bool:
        self.n_rows += len(chunk)
        self._keep(chunk, columns["enterprise_id"])
        rows = chunk
        if {*columns["status"]} != {"active"}:
            active = [status == "active" for status in columns["status"]]
            for ident, status in zip(columns["enterprise_id"], columns["status"], strict=True):
                if status != "active":
                    account(self.census, self.told, (ident, "", "excluded.status", status))
            rows = list(compress(chunk, active))
            columns = {name: tuple(compress(column, active)) for name, column in columns.items()}
        frame = _written(zip(*(columns[name] for name in FRAME_NAMES), strict=True)).encode()
        if told.read(len(frame)) != frame:
            return False
        self.n_active += len(rows)
        self.census.frame.checked += len(rows)
        self._count(rows, columns)
        return True

    def _keep(self, chunk: Sequence[Sequence[str]], ids: Sequence[str]) -> None:
        """Those that later tables name."""
        for place in _places(ids, self._named):
            self.census.kept[ids[place]] = from_cells(Enterprise, chunk[place])

    def _count(self, rows: Sequence[Sequence[str]], columns: Columns) -> None:
        """Who is like many others is counted with them; the others one by one."""
        places = list(zip(columns["district"], columns["industry"], columns["tags"], strict=True))
        alone = set(_places(columns["enterprise_id"], self._known))
        odd = {place for place in set(places) if self._is_odd(place)}
        if odd:
            alone.update(number for number, place in enumerate(places) if place in odd)
        self._sizes.update(zip(places, columns["risk_class"], strict=True))
        for number in sorted(alone):
            self._sizes[places[number], columns["risk_class"][number]] -= 1
            enterprise = from_cells(Enterprise, rows[number])
            look = count(enterprise, self.census, self.told)
            if look[3]:
                self.exempt[enterprise.enterprise_id.encode()] = look[3]
        east, north = self.census.lon, self.census.lat
        where = zip(columns["district"], columns["lon_udeg"], columns["lat_udeg"], strict=True)
        for number, (district, lon, lat) in enumerate(where):
            if lon and lat and number not in alone:
                east[district].append(int(lon))
                north[district].append(int(lat))

    def _join(self) -> None:
        """The crowd to those who were counted one by one."""
        self.census.ids.clear()
        for ((district, industry, tags), told), size in self._sizes.items():
            if size:
                risk_class: RiskClass = self._values.risk_class(told)
                self.census.sizes[(district, industry, self._values.tags(tags), ()), risk_class] += size

    def _is_odd(self, place: Place) -> bool:
        """Whether some task wants such enterprises and has no item for them: each needs its exclusion."""
        if place not in self._odd:
            district, industry, tags = place
            works = self.census.scopes.works((district, industry, self._values.tags(tags), ()))
            self._odd[place] = not all(work.items for work in works.values())
        return self._odd[place]


class _Values:
    """What the cells of each column may be: any text, any integer as it is written, or a value that was read
    as a row's and is written like that again."""

    def __init__(self) -> None:
        hints = get_type_hints(Enterprise)
        self._integers = [n for n, name in enumerate(NAMES) if hints[name] == int | None]
        others = [n for n, name in enumerate(NAMES) if hints[name] not in (str, int | None)]
        self._known: dict[int, dict[str, Enterprise]] = {number: {} for number in others}

    def hold(self, first: Sequence[str], columns: Columns) -> bool:
        """Whether all cells are what they may be; ``first`` is one of the rows. Errors: :class:`ValueError`,
        ``codec.field``."""
        for number in self._integers:
            told = [cell for cell in columns[NAMES[number]] if cell]
            if list(map(str, map(int, told))) != told:
                return False
        for number, known in self._known.items():
            for value in {*columns[NAMES[number]]} - known.keys():
                cells = list(first)
                cells[number] = value
                row = from_cells(Enterprise, cells)
                if to_cells(row)[number] != value:
                    return False
                known[value] = row
        return True

    def tags(self, text: str) -> tuple[str, ...]:
        """The tags of a cell that is known."""
        return self._known[NAMES.index("tags")][text].tags

    def risk_class(self, text: str) -> RiskClass:
        """The class of a cell that is known."""
        return self._known[NAMES.index("risk_class")][text].risk_class


def _columns(rows: Sequence[Sequence[str]]) -> Columns:
    return dict(zip(NAMES, zip(*rows, strict=True), strict=True))


def _places(ids: Sequence[str], wanted: frozenset[str]) -> Iterator[int]:
    """Where the wanted ones stand."""
    found = wanted.intersection(ids)
    if found:
        yield from (place for place, ident in enumerate(ids) if ident in found)


def _written(rows: Iterable[Sequence[str]]) -> str:
    """The rows as CSV, in the one spelling that is canonical for cells that are."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def _is_canonical(text: str) -> bool:
    """Whether all cells in it are in normal form and no line ends with a carriage return. Nothing composes
    with a comma, a quote or a line feed, so what holds for the whole holds for each cell."""
    return "\r" not in text and unicodedata.is_normalized("NFC", text)
