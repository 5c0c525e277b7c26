"""What intake tells about the rows it read: every line is accounted for."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """One problem of one rejected row. ``row`` counts from 1 as the spreadsheet shows it, 0 for a file.

    ``code`` names the message; ``detail`` fills its ``{detail}``; ``value`` is what stood there, cut at 200
    characters. A row with two problems appears twice and counts once. ``ident`` is the row's own code as far
    as it could be read: rows move, codes stay.
    """

    table: str
    file: str
    sheet: str
    row: int
    column: str
    value: str
    code: str
    detail: str
    ident: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TableReport:
    """One source's figures: ``rows_read = accepted + rejected + merged`` always holds.

    ``rows_read`` counts data rows (no heading, no blank line), ``merged`` exact repetitions folded into one.
    ``warnings`` counts accepted rows with something set aside (a coordinate, say), listed in the report.
    ``lines`` counts every record of the source, and ``lines = heads + examples + hints + blank +
    rows_read``: ``heads`` are the titles above the heading and the heading, ``examples`` rows marked as
    examples, ``hints`` notes on how to fill in, footers and repeated headings, ``blank`` rows without text.
    ``added`` counts rows of ``leave`` that no row of the source says: the days that 可用日期 leaves out.
    """

    table: str
    file: str
    sheet: str
    sha256: str
    rows_read: int
    accepted: int
    rejected: int
    merged: int
    warnings: int
    lines: int = 0
    heads: int = 0
    examples: int = 0
    hints: int = 0
    blank: int = 0
    added: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeReport:
    """``intake/report.json``: per source its figures, and what was set aside without rejecting the row."""

    tables: tuple[TableReport, ...]
    warnings: tuple[Rejected, ...]


Register = Literal["enterprises", "inspectors"]
"""The registers that are compared with those of an earlier run."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One line of ``intake/delta.csv``: how a register differs from that of an earlier run.

    ``field``, ``before`` and ``after`` are set where something changed, empty where a row entered or left;
    ``reason`` is a message code, empty where none is known, and ``detail`` fills it (for a rejected row the
    code that names its fault). Sorted by table, ``ident``, field.
    """

    table: Register
    ident: str
    name: str
    change: Literal["entered", "left", "changed"]
    field: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""
    detail: str = ""
