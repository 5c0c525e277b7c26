"""A workbook of whatever format, opened.

In: a path with its format. Out: a :class:`scheduler.intake.workbook.Book`. May import: the standard library,
the domain, the room's workbooks and limits.
"""

from collections.abc import Callable
from pathlib import Path

from scheduler.domain.hashes import Profile
from scheduler.intake.limits import Limits
from scheduler.intake.oldxls import XlsBook
from scheduler.intake.source import Format
from scheduler.intake.spreadsheetml import XmlBook
from scheduler.intake.workbook import Book, XlsxBook

WORKBOOKS: frozenset[Format] = frozenset({"xlsx", "xls", "xml"})
"""Formats with sheets."""


def open_book(path: Path, file: str, kind: Format, limits: Limits, profile: Profile = "sha256") -> Book:
    """The workbook; errors as its class."""
    books: dict[Format, Callable[[Path, str, Limits, Profile], Book]]
    books = {"xlsx": XlsxBook, "xls": XlsBook, "xml": XmlBook}
    return books[kind](path, file, limits, profile)
