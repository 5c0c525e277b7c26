"""A copy of one source with every problem at its cell.

In: a source, the lines of the report about it. Out: a :class:`scheduler.intake.pages.Page`. May import: the
standard library, the rest of the room, :mod:`scheduler.domain`.

A copy of up to :data:`WHOLE` records is the whole source, row by row at the same numbers; of a larger one
only the heading and the rows with problems are copied, and the page says so. Columns of personal data are
emptied: what the import drops at the door is not handed on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scheduler.domain.errors import OneDoorError
from scheduler.domain.messages import Language, remedy, text
from scheduler.intake.celltext import clean
from scheduler.intake.csvfile import CsvFile
from scheduler.intake.pages import Colour, Page, cell_name
from scheduler.intake.picking import LARGE, picked
from scheduler.intake.rows import shown
from scheduler.intake.source import Record, Source

WHOLE = 20_000
"""Most records of a source that is copied whole: what a person still pages through."""

HEADING_WITHIN = 30
"""The heading is looked for among the first records."""

SHORT_OR_LONG, LACKING = "intake.row_width", "？"
"""A row without a cell would look whole in a copy, each value under some heading: what lacks is marked, so
that nobody imports the copy before he has looked."""

WIDTH = 16
"""Width of a copied column in characters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One problem as the workbook shows it; ``row`` is 0 where it concerns no single row."""

    severity: Colour
    table: str
    file: str
    sheet: str
    row: int
    column: str
    value: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """The page, and where on it each (row, column heading) of the source stands; ``whole`` is false where
    only rows with problems were copied, ``broken`` true where the source ended in an error."""

    page: Page
    cells: Mapping[tuple[int, str], str]
    whole: bool
    broken: bool


def annotate(
    source: Source, name: str, findings: Sequence[Finding], personal: frozenset[str], language: Language
) -> Annotated:
    """The copy under the name. A source that cannot be read to its end is copied as far as it goes."""
    by_row: defaultdict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.row:
            by_row[finding.row].append(finding)
    wanted = {finding.column for finding in findings if finding.column} | personal
    kept = _keep(source, by_row, wanted)
    heads = _positions(kept.records, wanted)
    emptied = _columns_under(kept.records, heads.row, personal)
    width = max((len(cells) for _, cells in kept.records), default=0)
    added = [
        text("intake.book_row", language),
        text("intake.book_problem", language),
        text("intake.book_remedy", language),
        text("intake.book_code", language),
    ]
    rows: list[list[str]] = []
    colours: dict[tuple[int, int], Colour] = {}
    cells_at: dict[tuple[int, str], str] = {}
    for number, cells in kept.records:
        line, place = list(cells), len(rows)
        below = number > heads.row
        if below:
            gone = _shifted(emptied, len(cells) - heads.width)
            line = ["" if position in gone else cell for position, cell in enumerate(line)]
        found = by_row.get(number, [])
        if any(one.code == SHORT_OR_LONG for one in found):
            line += [LACKING] * (heads.width - len(line))
        line += [""] * (width - len(line))
        told = added if number == heads.row else _told(number, found)
        rows.append([*line, *told])
        for finding in found:
            column = heads.places.get(finding.column, 0)
            _paint(colours, (place, column), finding.severity)
            cells_at[number, finding.column] = cell_name(place, column)
        if found or number == heads.row:
            worst = _worst(found) if found else "head"
            colours |= {(place, width + n): worst for n in range(len(added))}
    page = Page(
        name=name,
        rows=rows,
        n_head=next((n for n, (number, _) in enumerate(kept.records, start=1) if number == heads.row), 1),
        widths=[*[WIDTH] * width, 8, 64, 64, 28],
        colours=colours,
    )
    return Annotated(page=page, cells=cells_at, whole=kept.whole, broken=kept.broken)


def _told(number: int, found: Sequence[Finding]) -> list[str]:
    if not found:
        return []
    return [
        str(number),
        "\n".join(f"{one.column}：{one.message}" if one.column else one.message for one in found),
        "\n".join(dict.fromkeys(one.remedy for one in found if one.remedy)),
        "\n".join(dict.fromkeys(one.code for one in found)),
    ]


_RANK: Mapping[Colour, int] = {"stop": 2, "reject": 1, "notice": 0}


def _worst(found: Iterable[Finding]) -> Colour:
    return max((one.severity for one in found), key=lambda severity: _RANK[severity])


def _paint(colours: dict[tuple[int, int], Colour], place: tuple[int, int], severity: Colour) -> None:
    before = colours.get(place)
    if before is None or _RANK[severity] > _RANK[before]:
        colours[place] = severity


@dataclass(frozen=True, kw_only=True)
class _Kept:
    records: list[Record]
    whole: bool
    broken: bool


def _keep(source: Source, by_row: Mapping[int, object], wanted: set[str]) -> _Kept:
    """The first records up to :data:`WHOLE`; once there are more, only those wanted."""
    records: list[Record] = []
    whole, last = True, max(by_row, default=0)
    if isinstance(source, CsvFile) and source.path.stat().st_size >= LARGE:
        numbers = {*range(1, HEADING_WITHIN + 1), *by_row}
        quick = picked(source, numbers, last)
        if quick is not None:
            head = _positions(quick, wanted).row
            kept = [record for record in quick if record[0] <= head or record[0] in by_row]
            return _Kept(records=kept, whole=False, broken=False)
    reading = _until_error(source)
    for number, cells in reading:
        if whole and len(records) >= WHOLE:
            head = _positions(records, wanted).row
            records = [record for record in records if record[0] <= head or record[0] in by_row]
            whole = False
        if not whole and number > last:
            break
        if whole or number in by_row:
            records.append((number, list(cells)))
    return _Kept(records=records, whole=whole, broken=reading.broken)


class _until_error:  # noqa: N801 - reads like the function it is
    """The source's records up to its end or to the first error, which was told when it was read first."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.broken = False

    def __iter__(self) -> Iterator[Record]:
        try:
            yield from self._source.records()
        except OneDoorError:
            self.broken = True


@dataclass(frozen=True, kw_only=True)
class _Heads:
    """The heading's row number and width, and the first place of each heading."""

    row: int
    width: int
    places: Mapping[str, int]


def _positions(records: Sequence[Record], wanted: set[str]) -> _Heads:
    """The record among the first in which most of the headings stand that the report names; without any, the
    first record. A heading in two rows has some of them beside it."""
    best = _Heads(row=records[0][0] if records else 1, width=len(records[0][1]) if records else 0, places={})
    for number, cells in records[:HEADING_WITHIN]:
        places: dict[str, int] = {}
        for position, cell in enumerate(cells):
            head = shown(clean(cell))
            if head in wanted:
                places.setdefault(head, position)
        if len(places) > len(best.places):
            best = _Heads(row=number, width=len(cells), places=places)
    beside = {
        shown(clean(cell)): position
        for number, cells in records[:HEADING_WITHIN]
        for position, cell in enumerate(cells)
        if abs(number - best.row) == 1 and shown(clean(cell)) in wanted
    }
    return replace(best, places=beside | dict(best.places))


def _columns_under(records: Sequence[Record], row: int, wanted: frozenset[str]) -> frozenset[int]:
    """Every place under one of the headings: two columns may share a name."""
    cells = next((cells for number, cells in records if number == row), [])
    return frozenset(place for place, cell in enumerate(cells) if shown(clean(cell)) in wanted)


def _shifted(places: frozenset[int], shift: int) -> frozenset[int]:
    """Where these columns may be in a row that has so many cells more than the heading (less: negative)."""
    steps = range(min(0, shift), max(0, shift) + 1)
    return frozenset(place + step for place in places for step in steps)


def with_message(finding: Finding, params: Mapping[str, str | int], language: Language) -> Finding:
    """The finding in words."""
    return replace(
        finding,
        message=text(finding.code, language, **params),
        remedy=remedy(finding.code, language, **params),
    )
