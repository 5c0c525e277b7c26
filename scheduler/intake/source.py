"""One file or sheet as numbered records of text cells, whatever its format really is.

In: a path, a sheet's name. Out: :class:`Source`. May import: the standard library, python-calamine,
:mod:`scheduler.domain`.

What a file is, its first bytes say and not its name: a workbook may be called ``.xls`` or ``.csv``.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from scheduler.domain.errors import InputError, refuse

Record = tuple[int, list[str]]
"""A record's number, counted from 1 as a spreadsheet shows it, and its cells."""


class Source(Protocol):
    """Records in file order; the rest is known once they have all been read."""

    file: str
    sheet: str

    def records(self) -> Iterator[Record]:
        """Every record, blank ones included; read once.

        Errors: :class:`InputError` with ``intake.encoding``, ``intake.nul``, ``intake.csv_quote`` or
        ``intake.csv_broken`` and the row.
        """
        ...

    def sha256(self) -> str:
        """Digest of the bytes read, in hex."""
        ...

    def share(self) -> tuple[int, int]:
        """How much is read, of how much."""
        ...

    def numbers(self) -> Mapping[int, int]:
        """Position of a cell to how many records hold a number stored as such there."""
        ...


def look(path: Path, file: str) -> str:
    """``csv`` or ``xlsx``.

    Errors: ``intake.file_missing``, ``intake.file_unreadable``, ``intake.file_empty``,
    ``intake.workbook_old`` for the formats before .xlsx and for encrypted workbooks, ``intake.workbook_xml``
    for XML or HTML tables under a spreadsheet's name.
    """
    place: dict[str, str | int] = {"file": file}
    try:
        with path.open("rb") as stream:
            start = stream.read(1024)
    except FileNotFoundError as error:
        raise refuse(InputError, "intake.file_missing", place) from error
    except (OSError, ValueError) as error:
        raise refuse(InputError, "intake.file_unreadable", place, detail=type(error).__name__) from error
    if not start:
        raise refuse(InputError, "intake.file_empty", place)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse(InputError, "intake.workbook_old", place)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(
        (b"<?xml", b"<html", b"<HTML", b"<!DOCTYPE", b"<table")
    ):
        raise refuse(InputError, "intake.workbook_xml", place)
    return "xlsx" if start.startswith(b"PK\x03\x04") else "csv"
