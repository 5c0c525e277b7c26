"""What intake tells about the rows it read: every line is accounted for."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """One problem of one rejected row. ``row`` counts from 1 as the spreadsheet shows it, 0 for a file.

    ``code`` names the message; ``detail`` fills its ``{detail}``; ``value`` is what stood there, cut at 200
    characters. A row with two problems appears twice and counts once.
    """

    table: str
    file: str
    sheet: str
    row: int
    column: str
    value: str
    code: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TableReport:
    """One source's figures: ``rows_read = accepted + rejected + merged`` always holds.

    ``rows_read`` counts data rows (no heading, no blank line), ``merged`` exact repetitions folded into one.
    ``warnings`` counts accepted rows with something set aside (a coordinate, say), listed in the report.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeReport:
    """``intake/report.json``: per source its figures, and what was set aside without rejecting the row."""

    tables: tuple[TableReport, ...]
    warnings: tuple[Rejected, ...]
