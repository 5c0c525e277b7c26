"""The columns of a register of enterprises and their words, as the rows that are plainly good have them: such
a row reads without a problem, and nothing that is checked between rows or tables can concern it.

In: the columns of a bound source, what other tables say. Out: :class:`Screen`. May import: the standard
library, the room's cells and columns, :mod:`scheduler.domain`.

Few distinct words stand in most columns: each is read once, by the cell reader that the record reader has.
:mod:`scheduler.intake.bulkplain` looks at the other columns.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields

from scheduler.domain.codec import LIST_MARK
from scheduler.domain.registers import Enterprise
from scheduler.intake.asides import EXAMPLE_SIGN
from scheduler.intake.cells import Read, Value, reader
from scheduler.intake.celltext import BadCellError
from scheduler.intake.headings import Bound

GROUPS = (
    ("id_kind", "authority", "unit", "district"),
    ("industry", "tags"),
    ("status", "risk_class", "opening"),
    ("last_inspected",),
)
"""Fields of few distinct words, together where few combinations occur: each group is looked up at once."""

STRETCHES = (
    ("authority", "unit", "district"),
    ("industry",),
    ("status", "risk_class"),
    ("tags",),
    ("lon_udeg", "lat_udeg"),
    ("opening",),
    ("last_inspected",),
)
"""The fields between address and former number in their order; those of one group side by side together."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What other tables say about a plain enterprise: its last inspection lies before ``end``, its district
    is ``covered`` by a department (empty: all are) and is not among the ``changed`` division codes."""

    end: dt.date
    covered: frozenset[str]
    changed: frozenset[str]


class Screen:
    """The screening of one source with ``bound``'s columns.
    ``personal`` and ``others`` are positions of columns of personal data and of those that nobody reads."""

    def __init__(self, bound: Bound, around: Surroundings) -> None:
        self._around = around
        self._columns = {column.field: (position, column, kind) for position, column, kind in bound.columns}
        self.width = bound.width
        self.personal = tuple(position for position, _ in bound.personal)
        used = {position for position, _, _ in bound.columns} | set(self.personal)
        self.others = tuple(position for position in range(bound.width) if position not in used)
        self._reads: dict[str, Read] = {
            name: reader(column, kind, _default(name)) for name, (_, column, kind) in self._columns.items()
        }

    def position(self, name: str) -> int | None:
        """Position of a field's column."""
        return self._columns[name][0] if name in self._columns else None

    def kind(self, name: str) -> str:
        """How the field's cells are read."""
        return self._columns[name][2] if name in self._columns else ""

    def words(self, names: Sequence[str], raw: Sequence[str]) -> tuple[str, ...] | None:
        """The raw words of these fields as cells of the canonical CSV, ``None`` where some is not plain."""
        if any(EXAMPLE_SIGN in cell for cell in raw):
            return None
        found = [self._word(name, cell) for name, cell in zip(names, raw, strict=True)]
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
