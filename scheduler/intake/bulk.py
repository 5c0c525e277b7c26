"""The register of enterprises at its real size: plain rows by set operations, others by the record reader.

In: a bound source, the tables read before it. Out: :class:`scheduler.intake.rows.Rows` of the rows that need
a look, with the others as its ``rest``. May import: the standard library, the room, :mod:`scheduler.domain`.

There is one truth, the record reader (:mod:`scheduler.intake.table` and what it calls): whatever is not
plainly good goes there, and so does every plain row that repeats an identifier or may be the same firm as
such a row. It alone words and judges. docs/adr/0017 has the figures.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.ports import Progress
from scheduler.domain.settings import Settings
from scheduler.intake.asides import Sieve
from scheduler.intake.bulkcopy import CopiedQuery
from scheduler.intake.bulkscreen import Screen, Surroundings
from scheduler.intake.bulkstore import Store, StoreError
from scheduler.intake.bulktext import GAP, MARK, CsvPieces, DeclinedError, Part
from scheduler.intake.csvfile import CsvFile
from scheduler.intake.divisions import in_force
from scheduler.intake.headings import Bound
from scheduler.intake.linked import FOLLOWING
from scheduler.intake.notices import covered_districts
from scheduler.intake.queries import QuerySource
from scheduler.intake.rows import Origin, Rows
from scheduler.intake.source import Record
from scheduler.intake.table import read_table

TABLE = "enterprises"
"""The one register of millions of rows."""

SLICE = 1_000
"""Records whose cells are joined at a time."""

AHEAD = 1
"""Parts prepared while others are taken in."""


@dataclass(frozen=True, kw_only=True)
class Spill:
    """Where and how a large register is kept while it is read; ``folder`` is its owner's to remove.

    A CSV from ``least_bytes`` on, any other source from ``least_rows`` records on is large. ``piece`` is the
    number of bytes, ``batch`` that of records taken at a time, ``hands`` how many parts are taken in at
    once. Pieces of the sealed file are sorted in ``memory_mb``; beside it stand 60 bytes for each row. None
    of these changes what is sealed.
    """

    folder: Path
    memory_mb: int = 500
    hands: int = 2
    least_bytes: int = 16_000_000
    least_rows: int = 20_000
    piece: int = 8_000_000
    batch: int = 100_000


def read_large(
    bound: Bound, tables: Mapping[str, Rows], settings: Settings, spill: Spill, progress: Progress | None
) -> Rows:
    """The register's rows; ``rest`` is set where it is large. ``tables`` are all others that could be read.

    Errors: as :func:`scheduler.intake.table.read_table`; ``intake.store_failed`` where the disk is full or
    memory does not do.
    """
    around = _surroundings(tables, settings)
    source = bound.source
    if isinstance(source, CsvFile):
        if source.path.stat().st_size < spill.least_bytes:
            return read_table(bound, progress)
        pieces = CsvPieces(source, spill.piece)
        try:
            rows = _read(bound, pieces.parts(), around, spill, tables, progress)
        except DeclinedError:
            return read_table(bound, progress)
        return replace(rows, sha256=pieces.sha256())
    if isinstance(source, QuerySource):
        copied = CopiedQuery(source, spill.piece)
        try:
            parts = _enough(copied.parts(), spill.least_rows)
            rows = _read(bound, parts, around, spill, tables, progress)
        except DeclinedError:
            pass
        else:
            source.close()
            return replace(rows, sha256=copied.sha256())
    first = list(islice(bound.below, spill.least_rows))
    below = chain(first, bound.below)
    if len(first) < spill.least_rows:
        return read_table(replace(bound, records=bound.sieve.data(below)), progress)
    return _read(bound, _batches(below, spill.batch), around, spill, tables, progress)


def _enough(parts: Iterator[Part], least_rows: int) -> Iterator[Part]:
    """The parts, if they hold so many records. Errors: :class:`DeclinedError` where they are fewer."""
    first: list[Part] = []
    while sum(part.n_records for part in first) < least_rows:
        part = next(parts, None)
        if part is None:
            raise DeclinedError
        first.append(part)
    return chain(first, parts)


def _surroundings(tables: Mapping[str, Rows], settings: Settings) -> Surroundings:
    """What the other tables say about an enterprise, as the checks between tables will see them."""
    names = ("departments", "enterprises", "quiet", "tasks", "divisions")
    small = {name: Rows(origin=Origin(table=name, file="", sheet="", heads={})) for name in names}
    small |= {name: tables[name] for name in ("departments", "divisions") if name in tables}
    now, _ = in_force(small, settings.start)
    return Surroundings(
        end=settings.end,
        covered=covered_districts(now["departments"].rows),
        changed=frozenset(row.old_code for row in small["divisions"].rows),
    )


class _Rest(Store):
    """The store with the names that other tables use."""

    names: frozenset[str] = frozenset()


def _read(
    bound: Bound,
    parts: Iterator[Part],
    around: Surroundings,
    spill: Spill,
    tables: Mapping[str, Rows],
    progress: Progress | None,
) -> Rows:
    store = _Rest(spill.folder, Screen(bound, around), memory_mb=spill.memory_mb)
    try:
        left = _take(bound, parts, store, spill.hands, progress)
        return _judged(bound, left, store, tables)
    except (StoreError, MemoryError) as error:
        store.close()
        place: dict[str, str | int] = {"file": bound.origin.file}
        raise refuse(InputError, "intake.store_failed", place, detail=str(error) or "MemoryError") from error
    except BaseException:
        store.close()
        raise


def _take(
    bound: Bound, parts: Iterator[Part], store: Store, hands: int, progress: Progress | None
) -> list[Record]:
    """All that is not plain, in the order of the file; while ``hands`` take parts in, the next is read."""
    limits = bound.source.limits if isinstance(bound.source, CsvFile) else None
    left: list[Record] = []
    waiting: deque[Future[list[Record]]] = deque()
    first = 1
    with ThreadPoolExecutor(hands) as takers:
        for part in parts:
            number = part.first or first
            first = number + part.n_records
            if limits and first - 1 > limits.rows:
                raise DeclinedError
            waiting.append(takers.submit(store.take, part, number))
            while len(waiting) > hands + AHEAD:
                left += waiting.popleft().result()
            if progress is not None:
                done, total = bound.source.share()
                progress("intake.progress", table=TABLE, rows=first - 1, done=done, total=total)
        for job in waiting:
            left += job.result()
    if limits and any(len(cells) > limits.columns for _, cells in left):
        raise DeclinedError
    return [record for record in left if record[0] > bound.row]


def _judged(bound: Bound, left: list[Record], store: _Rest, tables: Mapping[str, Rows]) -> Rows:
    """The record reader's rows, with every plain row that has to do with one of them among them."""
    filled = dict(zip((position for position, _ in bound.personal), store.n_filled(), strict=True))
    with ThreadPoolExecutor(1) as beside:
        repeated = beside.submit(store.repeated)
        rows = _by_reader(bound, left, store.first_number(), filled)
    numbers = {*repeated.result(), *store.named(_names(rows)).values(), *store.placed(_old_places(rows))}
    if numbers:
        left = sorted([*left, *store.pull(numbers)], key=_number)
        rows = _by_reader(bound, left, store.first_number(), filled)
    used = {row.enterprise_id for name in FOLLOWING if name in tables for row in tables[name].rows}
    ways = tables["travel"].rows if "travel" in tables else ()
    used |= {place for row in ways for place in (row.from_place, row.to_place)}
    store.names = frozenset(store.named(used - {""}))
    n_rows = store.n_rows
    lines = replace(rows.lines, total=rows.lines.total + n_rows)
    return replace(rows, rest=store, lines=lines)


def _by_reader(bound: Bound, left: list[Record], first_plain: int, filled: Mapping[int, int]) -> Rows:
    """The records as the record reader takes them; it must know that there are data rows before them, for
    notes on how to fill in stand above all data."""
    sieve = replace(bound.sieve, counts=Counter(), rows={}, n_personal=Counter(filled), n_records=0, n_data=0)
    records = sieve.data(_passing(left, sieve, first_plain))
    return read_table(replace(bound, records=records, sieve=sieve))


def _passing(left: list[Record], sieve: Sieve, first_plain: int) -> Iterator[Record]:
    for number, cells in left:
        if 0 < first_plain < number:
            sieve.n_data += not sieve.n_data
        yield number, list(cells)  # the sieve may fill a cell from another


def _number(record: Record) -> int:
    return record[0]


def _names(rows: Rows) -> set[str]:
    """Identifiers that a plain row may share with a row of the record reader, or be meant by one."""
    former = {row.legacy_id for row in rows.rows if row.legacy_id}
    return {row.enterprise_id for row in rows.rows} | set(rows.lost) | former


def _old_places(rows: Rows) -> set[tuple[str, str]]:
    """Names with addresses under which a firm is listed by its old number."""
    return {(row.name, row.address) for row in rows.rows if row.id_kind == "legacy" and row.address}


def _batches(records: Iterable[Record], size: int) -> Iterator[Part]:
    """Records of any source as parts of about ``size`` consecutive numbers."""
    waiting: list[Part] = []
    n_records = 0
    for part in _slices(records, min(size, SLICE)):
        if waiting and (n_records >= size or part.first != waiting[-1].first + waiting[-1].n_records):
            yield _together(waiting)
            waiting, n_records = [], 0
        waiting.append(part)
        n_records += part.n_records
    if waiting:
        yield _together(waiting)


def _slices(records: Iterable[Record], size: int) -> Iterator[Part]:
    """Few records at a time: their cells must not fill the memory before they are joined."""
    stream = iter(records)
    while batch := list(islice(stream, size)):
        first = batch[0][0]
        if [number for number, _ in batch] == list(range(first, first + len(batch))):
            yield _part(first, [cells for _, cells in batch])
        else:
            for number, cells in batch:
                yield _part(number, [cells])


def _together(parts: list[Part]) -> Part:
    first = parts[0].first
    return replace(
        parts[0],
        data=b"".join(part.data for part in parts),
        n_records=sum(part.n_records for part in parts),
        asides={part.first - first + at: cells for part in parts for at, cells in part.asides.items()},
    )


def _part(first: int, rows: list[list[str]]) -> Part:
    lines = list(map(GAP.join, rows))
    data = _cut_again(lines, rows)
    asides: dict[int, list[str]] = {}
    if data is None:
        asides = {at: cells for at, cells in enumerate(rows) if _cut_again([lines[at]], [cells]) is None}
        data = "\n".join([*(MARK if at in asides else line for at, line in enumerate(lines)), ""]).encode()
    return Part(data=data, n_records=len(rows), separator=GAP, line_end="\n", asides=asides, first=first)


def _cut_again(lines: list[str], rows: list[list[str]]) -> bytes | None:
    """The lines in UTF-8, or ``None`` where they would not cut into the same cells again."""
    text = "\n".join([*lines, ""])
    if text.count(GAP) != sum(map(len, rows)) - len(rows) or text.count("\n") != len(rows):
        return None
    if not all(lines) or any(sign in text for sign in "\r\0"):
        return None
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return None
