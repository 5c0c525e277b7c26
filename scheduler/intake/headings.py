"""Which columns a source has: its heading found, understood, and checked for what is missing.

In: a :class:`scheduler.intake.source.Source`. Out: :class:`Bound`, or problems. May import: the
standard library, the room's columns, cells and rows, :mod:`scheduler.domain`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest

from scheduler.domain.errors import Problem, Value
from scheduler.intake.aliases import PAIRS, SECOND
from scheduler.intake.asides import Sieve
from scheduler.intake.celltext import clean
from scheduler.intake.columns import COLUMNS, Column, Kind, plain_head
from scheduler.intake.mapping import HEADING_WITHIN, MappedSource
from scheduler.intake.rows import Origin, shown
from scheduler.intake.source import Record, Source
from scheduler.intake.vocabulary import DEFAULT, Vocabulary

Place = tuple[int, Column, Kind]
"""A column's position in the file, what it is, how its cells are read."""


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A source whose heading is understood.

    ``columns`` are the known columns with their positions, ``unknown`` the headings nobody asks for,
    ``records`` the data rows below the heading, once, out of all that stands ``below`` it; ``sieve`` counts
    what was no data. ``row`` is the heading's number. ``personal`` are positions of personal data that nobody
    needs: dropped, counted by the sieve. ``needless`` are headings understood and not needed, each with what
    says the same here.
    ``instead`` gives positions whose empty cells are filled from another (主体代码 from 注册号), ``named``
    counts the cells that gave a department by name, by position, while the records are read. ``available`` is
    the position and heading of the days on which people work (:mod:`scheduler.intake.availability`).
    """

    origin: Origin
    source: Source
    width: int
    columns: tuple[Place, ...]
    unknown: tuple[str, ...]
    records: Iterator[Record]
    below: Iterator[Record]
    sieve: Sieve
    row: int
    personal: tuple[tuple[int, str], ...] = ()
    needless: tuple[tuple[str, str], ...] = ()
    instead: tuple[tuple[int, int], ...] = ()
    named: Mapping[int, int] = field(default_factory=dict)
    available: tuple[int, str] | None = None


@dataclass(frozen=True, kw_only=True)
class _Heads:
    """Columns in use; positions of weaker headings of the same columns, by the position in use."""

    columns: tuple[Place, ...]
    weaker: dict[int, list[int]]


def bind(table: str, source: Source, vocabulary: Vocabulary = DEFAULT) -> tuple[Bound | None, list[Problem]]:
    """The source with its heading understood, or ``None`` with the reasons: ``intake.column_missing`` naming
    every missing heading, ``intake.column_twice``."""
    records = source.records()
    first = list(islice(records, HEADING_WITHIN))
    number, raw = _heading(table, first, vocabulary)
    heads = [clean(cell) for cell in raw]
    found = _choose(table, heads, vocabulary)
    problems = list(_problems(table, source, number, heads, found.columns))
    if problems:
        return None, problems
    own_heads = source.own_heads() if isinstance(source, MappedSource) else {}
    instead = tuple((best, weak[0]) for best, weak in sorted(found.weaker.items()))
    more = (*_second(table, found), *_pair(table, heads, found))
    columns = tuple(sorted((*found.columns, *more), key=lambda place: place[0]))
    used = {position for position, _, _ in columns} | {weak for _, weak in instead}
    rest = [(place, head) for place, head in enumerate(heads) if head and place not in used]
    available = next((pair for pair in rest if vocabulary.is_available(table, pair[1])), None)
    rest = [pair for pair in rest if pair != available]
    said = {place: vocabulary.unneeded(table, head) for place, head in rest}
    personal = tuple((place, head) for place, head in rest if said[place] == "personal")
    key = next(position for position, column, _ in columns if column.field == _key_of(columns))
    below = chain((record for record in first if record[0] > number), records)
    sieve = Sieve(
        heads=raw,
        key=key,
        is_heading=lambda text: vocabulary.find(table, text) is not None,
        personal=[place for place, _ in personal],
        n_heads=sum(record[0] <= number for record in first),
        instead=instead,
    )
    bound = Bound(
        origin=Origin(
            table=table,
            file=source.file,
            sheet=source.sheet,
            heads={column.field: heads[position] for position, column, _ in columns} | dict(own_heads),
        ),
        source=source,
        width=len(heads),
        columns=columns,
        unknown=tuple(head for place, head in rest if said[place] is None),
        records=sieve.data(below),
        below=below,
        sieve=sieve,
        row=number,
        personal=personal,
        needless=tuple(
            (head, said[place] or "") for place, head in rest if said[place] not in {None, "personal"}
        ),
        instead=instead,
        available=available,
    )
    return bound, []


def _key_of(columns: tuple[Place, ...]) -> str:
    """The field by which a record is told from a note: the first that every row needs, else the first."""
    return next((column.field for _, column, _ in columns if column.filled), columns[0][1].field)


def _heading(table: str, first: list[Record], vocabulary: Vocabulary) -> tuple[int, Sequence[str]]:
    """The record among the first with the most headings of this table, as it is written; two records where a
    heading has sub-headings below it (坐标 over 经度 and 纬度), as one."""
    known = [_fields(table, cells, vocabulary) for _, cells in first]
    if not first:
        return 1, []
    best = max(range(len(first)), key=lambda place: (len(known[place]), -place))
    for upper, lower in ((best - 1, best), (best, best + 1)):
        if upper < 0 or lower == len(first) or first[lower][0] != first[upper][0] + 1:
            continue
        if known[upper] - known[lower] and known[lower] - known[upper]:
            over, under = ([clean(cell) for cell in first[place][1]] for place in (upper, lower))
            if all(_is_heading(table, cell, vocabulary) for cell in under if cell):
                return first[lower][0], _joined(table, over, under, vocabulary)
    return first[best]


def _fields(table: str, cells: Sequence[str], vocabulary: Vocabulary) -> set[str]:
    found = (vocabulary.find(table, clean(cell)) for cell in cells)
    return {column.field for column, _ in filter(None, found)}


def _is_heading(table: str, head: str, vocabulary: Vocabulary) -> bool:
    """Whether this is a heading that is understood, needed or not."""
    return (
        vocabulary.find(table, head) is not None
        or vocabulary.unneeded(table, head) is not None
        or vocabulary.is_available(table, head)
    )


def _joined(table: str, over: list[str], under: list[str], vocabulary: Vocabulary) -> list[str]:
    """Column by column the sub-heading where there is one that means something, else the heading."""
    return [
        low if low and (not high or vocabulary.find(table, low) is not None) else high
        for high, low in zip_longest(over, under, fillvalue="")
    ]


def _choose(table: str, heads: list[str], vocabulary: Vocabulary) -> _Heads:
    """A strong heading of a column leaves no room for its weak ones; of weak ones alone the first counts."""
    by_field: dict[str, list[Place]] = {}
    for position, head in enumerate(heads):
        found = vocabulary.find(table, head)
        if found is not None:
            by_field.setdefault(found[0].field, []).append((position, *found))
    columns: list[Place] = []
    weaker: dict[int, list[int]] = {}
    for places in by_field.values():
        strong = [place for place in places if not vocabulary.is_weak(table, heads[place[0]], place[1])]
        weak = [place for place in places if place not in strong]
        used = strong or weak[:1]
        columns += used
        spare = [place[0] for place in weak if place not in used]
        if spare and used[0][1].field == "enterprise_id":
            weaker[used[0][0]] = spare
    return _Heads(columns=tuple(sorted(columns, key=lambda place: place[0])), weaker=weaker)


def _second(table: str, found: _Heads) -> Iterator[Place]:
    """注册号 beside 统一社会信用代码 is the firm's former number."""
    there = {column.field for _, column, _ in found.columns}
    for position, column, _ in found.columns:
        name = SECOND.get((table, column.field), "")
        if name and name not in there and position in found.weaker:
            own = next(one for one in COLUMNS[table] if one.field == name)
            yield found.weaker[position][0], own, own.kind


def _pair(table: str, heads: list[str], found: _Heads) -> Iterator[Place]:
    """Both coordinates out of one column, where neither has its own."""
    kinds: dict[str, Kind] = {"lon_udeg": "pair_lon", "lat_udeg": "pair_lat"}
    own = [column for column in COLUMNS[table] if column.field in kinds]
    position = next((place for place, head in enumerate(heads) if plain_head(head) in PAIRS), None)
    if position is not None and not {column.field for _, column, _ in found.columns} & kinds.keys():
        yield from ((position, column, kinds[column.field]) for column in own)


def _problems(
    table: str, source: Source, number: int, heads: list[str], columns: tuple[Place, ...]
) -> Iterator[Problem]:
    place: dict[str, Value] = {"file": source.file, "sheet": source.sheet, "row": number}
    there = {column.field for _, column, _ in columns}
    missing = [column.heading for column in COLUMNS[table] if column.needed and column.field not in there]
    if missing:
        found = shown("、".join(head for head in heads if head))
        params: dict[str, Value] = {"table": table, "missing": "、".join(missing), "found": found}
        yield Problem(code="intake.column_missing", params=params, place=place)
    for name in sorted(there):
        twice = [heads[position] for position, column, _ in columns if column.field == name]
        if len(twice) > 1:
            yield Problem(
                code="intake.column_twice", params={"table": table, "heads": "、".join(twice)}, place=place
            )
