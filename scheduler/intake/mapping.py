"""A foreign file under the headings of a table: columns renamed, joined, filled and translated.

In: ``[columns]`` of campaign.toml, a source. Out: a source with canonical headings. May import: the standard
library, the room's columns, cells and rows, :mod:`scheduler.domain`.

A mapping says for each field of the table one of: a heading of the file; ``{ value = "…" }``, the same in
every row; ``{ join = ["…", "…"] }``, several cells with a blank between; ``{ from = "…", words = { … } }``, a
cell translated word by word. A word that is not listed stays as it is, so that it is reported and not
guessed, unless ``other = "…"`` names what all of them are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from scheduler.domain.errors import InputError, Problem, refuse
from scheduler.domain.registers import TABLES
from scheduler.intake.aliases import is_personal
from scheduler.intake.celltext import clean
from scheduler.intake.columns import COLUMNS, heading, plain_head
from scheduler.intake.rows import shown
from scheduler.intake.settingsfile import problem_at
from scheduler.intake.source import Note, Record, Source

HEADING_WITHIN = 10
"""A heading is looked for among the first records: exports carry a title or a note above it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Where one field comes from: ``heads`` of the file joined by a blank, or the ``value`` of every row
    where there are none; ``words`` translate, ``other`` is what every other filled cell becomes."""

    heads: tuple[str, ...] = ()
    value: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    other: str | None = None

    def cell(self, cells: Sequence[str], places: Mapping[str, int]) -> str:
        """The field's cell of one record."""
        if not self.heads:
            return self.value
        found = (clean(cells[places[head]]) for head in self.heads if places[head] < len(cells))
        text = " ".join(cell for cell in found if cell)
        if text in self.words:
            return self.words[text]
        return self.other if text and self.other is not None else text


Mapped = Mapping[str, Part]
"""Field to where it comes from."""


class MappedSource:
    """A source read through a mapping; its records keep their numbers."""

    def __init__(self, source: Source, table: str, mapped: Mapped) -> None:
        self.file = source.file
        self.sheet = source.sheet
        self._source = source
        self._table = table
        self._mapped = mapped
        self._places: dict[str, int] = {}
        self._heads: list[str] = []
        self._personal: dict[int, int] = {}
        self._unmapped: tuple[str, ...] = ()

    def own_heads(self) -> Mapping[str, str]:
        """Field to the heading of the file that it comes from, the first of several; those with a value of
        their own have none."""
        return {name: part.heads[0] for name, part in self._mapped.items() if part.heads}

    def records(self) -> Iterator[Record]:
        """What stands above the heading as it is, the canonical heading, then the records; a blank record
        stays blank. Errors: those of the source, and ``intake.columns_missing`` with every heading that
        lacks."""
        reading = self._source.records()
        first = list(islice(reading, HEADING_WITHIN))
        wanted = {head for part in self._mapped.values() for head in part.heads}
        number, self._places = _find(first, wanted)
        lacking = sorted(wanted - self._places.keys())
        if lacking:
            place: dict[str, str | int] = {"file": self.file, "sheet": self.sheet}
            raise refuse(
                InputError, "intake.columns_missing", place, table=self._table, missing="、".join(lacking)
            )
        self._left_out(next((cells for at, cells in first if at == number), []), wanted)
        for record in chain(first, reading):
            if record[0] < number:
                yield record
            elif record[0] == number:
                yield number, [heading(self._table, name) for name in self._mapped]
            else:
                yield record[0], self._mapped_cells(record[1])

    def _mapped_cells(self, cells: Sequence[str]) -> list[str]:
        if not any(cell.strip() for cell in cells):
            return [""] * len(self._mapped)
        for place in self._personal:
            self._personal[place] += place < len(cells) and bool(cells[place].strip())
        return [part.cell(cells, self._places) for part in self._mapped.values()]

    def sha256(self) -> str:
        """Digest of the file beneath."""
        return self._source.sha256()

    def share(self) -> tuple[int, int]:
        """As the file beneath."""
        return self._source.share()

    def numbers(self) -> Mapping[int, int]:
        """Position of a field to how many of its cells are stored as numbers in the file beneath."""
        beneath = self._source.numbers()
        counts = (
            (position, beneath.get(self._places.get(part.heads[0], -1), 0))
            for position, part in enumerate(self._mapped.values())
            if len(part.heads) == 1
        )
        return {position: count for position, count in counts if count}

    def notes(self) -> tuple[Note, ...]:
        """As the file beneath, and the columns that the mapping leaves out: personal data with the number of
        cells that were filled."""
        own = [Note(code="intake.column_unmapped", column=head) for head in self._unmapped]
        own += [
            Note(code="intake.column_personal", column=self._heads[place], detail=str(n))
            for place, n in self._personal.items()
        ]
        return (*own, *self._source.notes())

    def _left_out(self, cells: Sequence[str], wanted: set[str]) -> None:
        self._heads = [shown(clean(cell)) for cell in cells]
        others = [place for place, cell in enumerate(cells) if clean(cell) and clean(cell) not in wanted]
        self._personal = {place: 0 for place in others if is_personal(plain_head(self._heads[place]))}
        self._unmapped = tuple(self._heads[place] for place in others if place not in self._personal)


def _find(first: Sequence[Record], wanted: set[str]) -> tuple[int, dict[str, int]]:
    """The record with the most of the headings, and where they stand."""
    best, places = 1, dict[str, int]()
    for number, cells in first:
        found: dict[str, int] = {}
        for position, cell in enumerate(cells):
            if clean(cell) in wanted:
                found.setdefault(clean(cell), position)
        if len(found) > len(places):
            best, places = number, found
    return best, places


def mappings_of(section: object, file: str, problems: list[Problem]) -> dict[str, Mapped]:
    """``[columns]``: a table of fields for each table. Errors are added to ``problems``:
    ``intake.setting_type``, ``intake.table_unknown``, ``intake.columns_field``, ``intake.columns_part``."""
    if not isinstance(section, dict):
        problems.append(problem_at("intake.setting_type", file, "columns", "", expected="[table]"))
        return {}
    found: dict[str, Mapped] = {}
    for table, fields in section.items():
        key = f"columns.{table}"
        if table not in TABLES:
            problems.append(problem_at("intake.table_unknown", file, key, "", known="/".join(TABLES)))
        elif not isinstance(fields, dict):
            problems.append(problem_at("intake.setting_type", file, key, "", expected="[table]"))
        else:
            found[table] = _mapped(table, fields, file, problems)
    return found


def _mapped(table: str, fields: Mapping[str, Any], file: str, problems: list[Problem]) -> Mapped:
    known = {column.field for column in COLUMNS[table]}
    parts: dict[str, Part] = {}
    for name, said in fields.items():
        key = f"columns.{table}.{name}"
        part = _part(said)
        if name not in known:
            problems.append(problem_at("intake.columns_field", file, key, "", known="/".join(sorted(known))))
        elif part is None:
            problems.append(problem_at("intake.columns_part", file, key, ""))
        else:
            parts[name] = part
    return parts


def _part(said: object) -> Part | None:
    """What one field says; ``None`` where it is not one of the four forms."""
    part: Part | None = None
    match said:
        case str(head) if head:
            part = Part(heads=(head,))
        case {"value": str(value), **rest} if not rest:
            part = Part(value=value)
        case {"join": [*heads], **rest} if not rest and heads and all(map(_is_text, heads)):
            part = Part(heads=tuple(heads))
        case {"from": str(head), "words": dict(words), **rest} if head and _are_texts(words):
            other = rest.pop("other", None)
            if not rest and (other is None or isinstance(other, str)):
                part = Part(heads=(head,), words=dict(words), other=other)
    return part


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _are_texts(words: Mapping[Any, Any]) -> bool:
    return all(isinstance(text, str) for pair in words.items() for text in pair)
