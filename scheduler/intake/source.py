"""One file, sheet or query as numbered records of text cells, whatever its format really is.

In: a path. Out: :class:`Source`, :func:`look`. May import: the standard library, :mod:`scheduler.domain`.

What a file is, its first bytes say and not its name: a workbook may be called ``.xls`` or ``.csv``.
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from scheduler.domain.errors import InputError, refuse

Record = tuple[int, list[str]]
"""A record's number, counted from 1 as a spreadsheet shows it, and its cells."""

Format = Literal["csv", "xlsx", "xls", "xml", "parquet"]
"""``xml`` is SpreadsheetML 2003, the XML that older platforms write under a spreadsheet's name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Something a reader of the file should know, and no reason to refuse it: ``code`` names the message,
    ``detail`` fills it, ``row`` is 0 where it concerns the whole sheet."""

    code: str
    detail: str = ""
    row: int = 0
    column: str = ""


class Source(Protocol):
    """Records in file order; the rest is known once they have all been read."""

    file: str
    sheet: str

    def records(self) -> Iterator[Record]:
        """Every record, blank ones included; read once.

        Errors: :class:`InputError` with ``intake.encoding``, ``intake.encoding_mixed``, ``intake.nul``,
        ``intake.csv_quote``, ``intake.csv_broken``, ``intake.cell_giant``, ``intake.line_giant``,
        ``intake.rows_many`` or ``intake.columns_many`` and the row.
        """
        ...

    def sha256(self) -> str:
        """Digest of the bytes read, in hex; of the rows as read where there are no bytes (a query, a
        DataFrame)."""
        ...

    def share(self) -> tuple[int, int]:
        """How much is read, of how much (0 where unknown)."""
        ...

    def numbers(self) -> Mapping[int, int]:
        """Position of a cell to how many records hold a number stored as such there."""
        ...

    def notes(self) -> tuple[Note, ...]:
        """Formulas, merged cells, hidden rows and the like, found while reading."""
        ...


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(rb"<(!doctype\s+html|html|table|meta|head|body|\?xml)\b", re.IGNORECASE)
_SPREADSHEET_ML = b"urn:schemas-microsoft-com:office:spreadsheet"
START = 4096
"""Bytes by which a file's kind is told."""


def look(path: Path, file: str) -> Format:
    """What the file is, by its first bytes.

    Errors: ``intake.file_missing``, ``intake.file_unreadable``, ``intake.file_empty``,
    ``intake.workbook_html`` for an HTML table and ``intake.workbook_xml`` for other XML under a spreadsheet's
    name, ``intake.workbook_other`` for a zip that is no .xlsx.
    """
    place: dict[str, str | int] = {"file": file}
    try:
        with path.open("rb") as stream:
            start = stream.read(START)
            is_xlsx = start.startswith(b"PK\x03\x04") and _names_workbook(stream)
    except FileNotFoundError as error:
        raise refuse(InputError, "intake.file_missing", place) from error
    except (OSError, ValueError) as error:
        raise refuse(InputError, "intake.file_unreadable", place, detail=type(error).__name__) from error
    if not start:
        raise refuse(InputError, "intake.file_empty", place)
    if start.startswith(_OLE):
        return "xls"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK\x03\x04"):
        if not is_xlsx:
            raise refuse(InputError, "intake.workbook_other", place)
        return "xlsx"
    return _markup(start, place)


def _names_workbook(stream: "io.BufferedReader") -> bool:
    """Whether the archive lists a workbook's parts; one whose list cannot be read is left to its reader,
    which says what is broken."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, IndexError, struct.error):
        return True


def _markup(start: bytes, place: dict[str, str | int]) -> Format:
    """Text that begins with a tag is a table in XML or HTML; anything else is taken for a CSV."""
    if start.startswith((b"\xff\xfe<\0", b"\xfe\xff\0<")):
        start = start.decode("utf-16", "ignore").encode()
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    found = _MARKUP.match(text)
    if not found:
        return "csv"
    if found[1].lower() != b"?xml":
        raise refuse(InputError, "intake.workbook_html", place)
    if _SPREADSHEET_ML in text:
        return "xml"
    code = "intake.workbook_html" if b"<html" in text.lower() else "intake.workbook_xml"
    raise refuse(InputError, code, place)
