"""A table as read, and how a line of the report is made from it.

In: rows of the domain with the numbers they stood at. Out: :class:`Origin`, :class:`Rows`. May import: the
standard library and :mod:`scheduler.domain`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scheduler.domain.canonical import nfc
from scheduler.domain.intake import Rejected, TableReport
from scheduler.domain.registers import SORT_KEYS

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
class Rows:
    """``rows`` and their ``numbers`` run in parallel, sorted by the table's sort key.

    ``lost`` maps the keys of rejected rows, as far as they could be read, to a row number.
    """

    origin: Origin
    sha256: str = ""
    rows: list[Any] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejected: tuple[Rejected, ...] = ()
    warnings: tuple[Rejected, ...] = ()
    lost: Mapping[str, int] = field(default_factory=dict)
    merged: int = 0

    def without(self, found: Iterable[tuple[int, Rejected]]) -> "Rows":
        """The table without the rows at these positions, each with its reason."""
        reasons = list(found)
        if not reasons:
            return self
        gone = {position for position, _ in reasons}
        key = SORT_KEYS[self.origin.table][0]
        kept = [position for position in range(len(self.rows)) if position not in gone]
        lost = {str(getattr(self.rows[position], key)): self.numbers[position] for position in sorted(gone)}
        return replace(
            self,
            rows=[self.rows[position] for position in kept],
            numbers=[self.numbers[position] for position in kept],
            rejected=(*self.rejected, *(reason for _, reason in reasons)),
            lost={**self.lost, **lost},
        )

    def report(self) -> TableReport:
        """The table's figures: rows read are accepted, rejected or merged."""
        n_rejected = len({entry.row for entry in self.rejected})
        warned = {entry.row for entry in self.warnings} - {0}
        return TableReport(
            table=self.origin.table,
            file=self.origin.file,
            sheet=self.origin.sheet,
            sha256=self.sha256,
            rows_read=len(self.rows) + n_rejected + self.merged,
            accepted=len(self.rows),
            rejected=n_rejected,
            merged=self.merged,
            warnings=len(warned),
        )
