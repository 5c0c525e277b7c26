"""A table as read, and how a line of the report is made from it.

In: rows of the domain with the numbers they stood at. Out: :class:`Origin`, :class:`Rows`. May import: the
standard library and :mod:`scheduler.domain`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

from scheduler.domain.canonical import nfc
from scheduler.domain.intake import Rejected, TableReport
from scheduler.domain.registers import SORT_KEYS, Leave
from scheduler.intake.rest import Rest

SHOWN = 200
"""Characters of a value that the report shows."""

_PICTURES = {code: 0x2400 + code for code in range(32)} | {0x7F: 0x2421}
"""Control characters to the pictures of them (Unicode block Control Pictures)."""


def shown(value: object) -> str:
    """A value as the report shows it, in characters that every file can hold on one line."""
    text = str(value)[:SHOWN].encode("utf-8", "replace").decode()
    return nfc(text.translate(_PICTURES))


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a table comes from; ``heads`` maps a field to its heading as written there."""

    table: str
    file: str
    sheet: str
    heads: Mapping[str, str]

    def entry(self, number: int, name: str, value: object, code: str, detail: str = "") -> Rejected:
        """A line of the report about one field of one row (``number`` 0 for the whole file)."""
        return Rejected(
            table=self.table,
            file=self.file,
            sheet=self.sheet,
            row=number,
            column=shown(self.heads.get(name, name)),
            value=shown(value),
            code=code,
            detail=detail,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """Records of a source that are no data, and all records in ``total``; all 0 where nobody counted."""

    total: int = 0
    heads: int = 0
    examples: int = 0
    hints: int = 0
    blank: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """``rows`` and their ``numbers`` run in parallel, sorted by the table's sort key.

    ``lost`` maps the keys of rejected rows, as far as they could be read, to a row number. ``rest`` are the
    accepted rows of a large register that are not among ``rows``. ``away`` are days on which the people of
    this table do not work, ``n_added`` how many of the ``rows`` were made of such.
    """

    origin: Origin
    sha256: str = ""
    rows: list[Any] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejected: tuple[Rejected, ...] = ()
    warnings: tuple[Rejected, ...] = ()
    lost: Mapping[str, int] = field(default_factory=dict)
    merged: int = 0
    lines: Lines = field(default_factory=Lines)
    rest: Rest | None = None
    away: tuple[Leave, ...] = ()
    n_added: int = 0

    def without(self, found: Iterable[tuple[int, Rejected]]) -> "Rows":
        """The table without the rows at these positions, each with its reason."""
        reasons = list(found)
        if not reasons:
            return self
        gone = {position for position, _ in reasons}
        key = SORT_KEYS[self.origin.table][0]
        kept = [position for position in range(len(self.rows)) if position not in gone]
        lost = {str(getattr(self.rows[position], key)): self.numbers[position] for position in sorted(gone)}
        told = (
            replace(reason, ident=shown(getattr(self.rows[position], key))) for position, reason in reasons
        )
        return replace(
            self,
            rows=[self.rows[position] for position in kept],
            numbers=[self.numbers[position] for position in kept],
            rejected=(*self.rejected, *told),
            lost={**self.lost, **lost},
        )

    def warned(self, found: Iterable[Rejected]) -> "Rows":
        """The table with these warnings added."""
        more = tuple(found)
        return replace(self, warnings=(*self.warnings, *more)) if more else self

    def joined(self, found: Iterable[tuple[int, Any]]) -> "Rows":
        """The table with more rows, each with its number, in its order."""
        key = attrgetter(SORT_KEYS[self.origin.table][0])
        both = sorted([*zip(self.numbers, self.rows, strict=True), *found], key=lambda pair: key(pair[1]))
        return replace(self, rows=[row for _, row in both], numbers=[number for number, _ in both])

    def with_added(self, found: Iterable[Any]) -> "Rows":
        """The table with rows that no row of its source says, in its order; their numbers are 0."""
        added = [(0, row) for row in found]
        names = attrgetter(*SORT_KEYS[self.origin.table])
        both = sorted([*zip(self.numbers, self.rows, strict=True), *added], key=lambda pair: names(pair[1]))
        return replace(
            self,
            rows=[row for _, row in both],
            numbers=[number for number, _ in both],
            n_added=self.n_added + len(added),
        )

    def n_accepted(self) -> int:
        """Accepted rows of the source, the rest among them."""
        return len(self.rows) - self.n_added + (self.rest.n_rows if self.rest else 0)

    def report(self) -> TableReport:
        """The table's figures: rows read are accepted, rejected or merged."""
        n_rejected = len({entry.row for entry in self.rejected})
        warned = {entry.row for entry in self.warnings} - {0}
        return TableReport(
            table=self.origin.table,
            file=self.origin.file,
            sheet=self.origin.sheet,
            sha256=self.sha256,
            rows_read=self.n_accepted() + n_rejected + self.merged,
            accepted=self.n_accepted(),
            rejected=n_rejected,
            merged=self.merged,
            warnings=len(warned),
            lines=self.lines.total,
            heads=self.lines.heads,
            examples=self.lines.examples,
            hints=self.lines.hints,
            blank=self.lines.blank,
            added=self.n_added,
        )
