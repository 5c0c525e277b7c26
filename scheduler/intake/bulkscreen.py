"""Which rows of the register of enterprises are plainly good, said in SQL: such a row reads without a
problem, and nothing that is checked between rows or tables can concern it.

In: the columns of a bound source, what other tables say. Out: :class:`Screen`: conditions, values, words. May
import: the standard library, the room's cells, columns and codes, :mod:`scheduler.domain`.

Nothing is judged here. A condition that is too strict costs time, for the row then goes to the record
reader; one that is too wide would be a fault, and ``tests/intake/test_intake_bulk.py`` compares both ways.
Few distinct words stand in most columns: each is read once, by the cell reader that the record reader has.
"""

import datetime as dt
from dataclasses import MISSING, dataclass, fields

from scheduler.domain.codec import LIST_MARK
from scheduler.domain.registers import Enterprise
from scheduler.intake import uscc
from scheduler.intake.asides import EXAMPLE_SIGN
from scheduler.intake.cells import Read, Value, reader
from scheduler.intake.celltext import MAX_TEXT, BadCellError
from scheduler.intake.headings import Bound

GROUPS = (
    ("id_kind", "authority", "unit", "district"),
    ("industry", "tags"),
    ("status", "risk_class", "opening"),
    ("last_inspected",),
)
"""Fields of few distinct words, together where few combinations occur: each group is looked up at once."""

PLAIN = (
    (0x20, 0x7E),
    (0x3001, 0x3002),
    (0x3008, 0x3011),
    (0x4E00, 0x9FA5),
    (0xFF01, 0xFF5E),
)
"""Characters of plain texts: ASCII, Chinese punctuation, the ideographs of Unicode 1.1 in their first block,
full-width forms. All are printable, in NFC alone and side by side, and none but U+0020 is a blank."""

BOX = ((73_000_000, 136_000_000), (3_000_000, 54_000_000))
"""Longitudes and latitudes of plain points in micro-degrees: around China, where no two can be swapped."""

GAP = "\x1f"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What other tables say about a plain enterprise: its last inspection lies before ``end``, its district
    is ``covered`` by a department (empty: all are) and is not among the ``changed`` division codes."""

    end: dt.date
    covered: frozenset[str]
    changed: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Group:
    """One look-up: ``key`` is SQL for the raw words joined by the gap, ``fields`` what they are words of."""

    key: str
    fields: tuple[str, ...]


class Screen:
    """The screening of one source with ``bound``'s columns; cells are SQL columns, from ``c0`` on."""

    def __init__(self, bound: Bound, around: Surroundings) -> None:
        self._around = around
        self._columns = {column.field: (position, column, kind) for position, column, kind in bound.columns}
        self.width = bound.width
        self.personal = tuple(position for position, _ in bound.personal)
        used = {position for position, _, _ in bound.columns} | set(self.personal)
        self._others = tuple(position for position in range(bound.width) if position not in used)
        self._reads: dict[str, Read] = {
            name: reader(column, kind, _default(name)) for name, (_, column, kind) in self._columns.items()
        }
        self.groups = tuple(self._group(names) for names in GROUPS)

    def cell(self, name: str) -> str:
        """SQL of a field's raw cell; an empty text where the source has no such column."""
        return f"c{self._columns[name][0]}" if name in self._columns else "''"

    def position(self, name: str) -> int | None:
        """Position of a field's column."""
        return self._columns[name][0] if name in self._columns else None

    def kind(self, name: str) -> str:
        """How the field's cells are read."""
        return self._columns[name][2] if name in self._columns else ""

    def condition(self) -> str:
        """SQL that holds for plain rows, the words of the groups left aside."""
        parts = [f"c{self.width - 1} IS NOT NULL", "x IS NULL", *self._identifier()]
        parts += [self._place_texts(), f"{self.cell('legacy_id')} = ''", self._places()]
        parts += [f"NOT contains(c{position}, '{EXAMPLE_SIGN}')" for position in self._others]
        parts += [
            f"c{position} = '' OR regexp_full_match(c{position}, '{plain_pattern()}')"
            for position in self.personal
        ]
        return " AND ".join(f"({part})" for part in parts)

    def _identifier(self) -> list[str]:
        """A 统一社会信用代码 in upper case with the right check character (GB 32100-2015), no zero in front:
        one that lost its zeros elsewhere is looked for among those that have some."""
        cell = self.cell("enterprise_id")
        values = (f"(instr('{uscc.ALPHABET}', substr({cell}, {n + 1}, 1)) - 1)" for n in range(uscc.LENGTH))
        total = " + ".join(f"{weight} * {value}" for weight, value in zip(uscc.WEIGHTS, values, strict=True))
        letters = uscc.ALPHABET
        return [
            f"regexp_full_match({cell}, '[{letters[1:]}][{letters}]{{{uscc.LENGTH - 1}}}')",
            f"({total}) % 31 = 0",
        ]

    def place(self) -> str:
        """SQL of name and address as one text."""
        return f"{self.cell('name')} || '{GAP}' || {self.cell('address')}"

    def _place_texts(self) -> str:
        """Name and address are plain texts, not too long for one cell, without the mark of an example."""
        place, plain = self.place(), plain_pattern()
        parts = [
            f"regexp_full_match({place}, '{plain}{GAP}({plain})?')",
            f"NOT contains({place}, '{EXAMPLE_SIGN}')",
            f"length({place}) <= {MAX_TEXT}",
        ]
        return " AND ".join(parts)

    def _places(self) -> str:
        """Both coordinates empty, or both plain and inside the box."""
        names = ("lon_udeg", "lat_udeg")
        empty = " AND ".join(f"{self.cell(name)} = ''" for name in names)
        if any(name not in self._columns for name in names):
            return empty
        full = " AND ".join(
            f"{self._is_number(name)} AND {self.micro(name)} BETWEEN {low} AND {high}"
            for name, (low, high) in zip(names, BOX, strict=True)
        )
        return f"({empty}) OR ({full})"

    def _is_number(self, name: str) -> str:
        """Decimal degrees that no rounding half to even decides, or integer micro-degrees."""
        cell = self.cell(name)
        if self.kind(name) == "micro":
            return f"regexp_full_match({cell}, '[1-9][0-9]{{6,8}}')"
        half = f"regexp_matches({cell}, '\\.[0-9]{{6}}50*$')"
        return (
            f"regexp_full_match({cell}, '[1-9][0-9]{{0,2}}(\\.[0-9]{{1,15}})?') "
            f"AND CASE WHEN strlen({cell}) <= 10 THEN true ELSE NOT {half} END"
        )

    def micro(self, name: str) -> str:
        """SQL of a coordinate in integer micro-degrees, NULL where it is none."""
        cell = self.cell(name)
        if self.kind(name) == "micro":
            return f"TRY_CAST({cell} AS INTEGER)"
        return f"CAST(TRY_CAST({cell} AS DECIMAL(9, 6)) * 1000000 AS INTEGER)"

    def _group(self, names: tuple[str, ...]) -> Group:
        cells = ", ".join(self.cell(name) for name in names)
        return Group(key=f"concat_ws('{GAP}', {cells})" if len(names) > 1 else cells, fields=names)

    def words(self, group: Group, key: str) -> tuple[str, ...] | None:
        """A group's raw words as cells of the canonical CSV, ``None`` where some word is not plain."""
        raw = key.split(GAP)
        if len(raw) != len(group.fields) or EXAMPLE_SIGN in key:
            return None
        found = [self._word(name, cell) for name, cell in zip(group.fields, raw, strict=True)]
        return None if None in found else tuple(text for text in found if text is not None)

    def _word(self, name: str, cell: str) -> str | None:
        try:
            value = self._reads[name](cell) if name in self._columns else _default(name)
        except BadCellError:
            return None
        if not self._is_plain(name, value):
            return None
        return "uscc" if name == "id_kind" else _canonical(value)

    def _is_plain(self, name: str, value: Value) -> bool:
        if name == "id_kind":
            return value in {None, "uscc"}
        if name == "district":
            covered = not self._around.covered or value in self._around.covered
            return covered and value not in self._around.changed
        if name == "last_inspected":
            return not isinstance(value, dt.date) or value < self._around.end
        return True


def plain_pattern() -> str:
    """A regular expression for plain texts of at least one character."""
    ranges = "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in PLAIN)
    solid = ranges.replace("\\x{20}", "\\x{21}", 1)
    return f"[{solid}]([{ranges}]*[{solid}])?"


def _default(name: str) -> Value:
    default = next(field.default for field in fields(Enterprise) if field.name == name)
    return None if default is MISSING else default


def _canonical(value: Value) -> str:
    """The cell of a canonical CSV, quoted where it has to be; the codec's own tests hold both together."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return quoted(LIST_MARK.join(value))
    return value.isoformat() if isinstance(value, dt.date) else quoted(str(value))


def quoted(text: str) -> str:
    """A text without line breaks as a cell of a CSV with minimal quotes."""
    if "," in text or '"' in text:
        text = text.replace('"', '""')
        return f'"{text}"'
    return text
