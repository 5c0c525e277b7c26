"""One entry of ``[tables]`` to the source behind it, whatever that really is.

In: the campaign's folder, an entry. Out: a :class:`scheduler.intake.source.Source`. May import: the standard
library, the room's sources, :mod:`scheduler.domain`. Nothing is ever written to a source.
"""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.hashes import Profile
from scheduler.intake.books import open_book
from scheduler.intake.campaign import TableFile
from scheduler.intake.celltext import clean
from scheduler.intake.csvfile import CsvFile
from scheduler.intake.limits import DEFAULT, Limits
from scheduler.intake.mapping import MappedSource
from scheduler.intake.source import Format, Source, look
from scheduler.intake.vocabulary import DEFAULT as USUAL
from scheduler.intake.vocabulary import Vocabulary
from scheduler.intake.workbook import Book, WorkbookSheet


class Opener:
    """Opens sources for one import; a workbook of several tables is read and looked at once. ``profile`` is
    the hash of the campaign, by which a source is named in the report."""

    def __init__(
        self,
        folder: Path,
        limits: Limits = DEFAULT,
        vocabulary: Vocabulary = USUAL,
        profile: Profile = "sha256",
    ) -> None:
        self._profile: Profile = profile
        self._folder = folder
        self._limits = limits
        self._vocabulary = vocabulary
        self._books: dict[str, Book] = {}
        self._leaving = ExitStack()

    def open(self, entry: TableFile) -> Source:
        """The source, through the user's mapping where there is one; errors as
        :func:`scheduler.intake.source.look` and those of each kind of source."""
        source = self.beneath(entry)
        return MappedSource(source, entry.table, entry.mapped) if entry.mapped else source

    def beneath(self, entry: TableFile) -> Source:
        """The source as it came, without a mapping."""
        if entry.query is not None:
            from scheduler.intake.queries import QuerySource  # noqa: PLC0415 - SQLAlchemy only where asked for

            query = QuerySource(entry.query, self._folder, self._limits, self._profile)
            self._leaving.callback(query.close)
            return query
        path = self._folder / entry.file
        kind = look(path, entry.file)
        if kind == "csv":
            self._refuse_sheet(entry, "CSV")
            return CsvFile(path, entry.file, self._limits, self._is_heading(entry), self._profile)
        if kind == "parquet":
            from scheduler.intake.parquet import ParquetFile  # noqa: PLC0415 - DuckDB only where asked for

            self._refuse_sheet(entry, "Parquet")
            return ParquetFile(path, entry.file, self._limits, self._profile)
        return WorkbookSheet(self.book(entry.file, kind), entry.sheet, self._limits)

    def _is_heading(self, entry: TableFile) -> Callable[[str], bool]:
        """Whether a text is a heading of this source: of the user's mapping, where there is one."""
        foreign = {head for part in entry.mapped.values() for head in part.heads}
        if foreign:
            return lambda head: clean(head) in foreign
        return lambda head: self._vocabulary.find(entry.table, head) is not None

    def close(self) -> None:
        """End what was begun and not read to its end: a database must not wait for us."""
        self._leaving.close()

    def book(self, file: str, kind: Format) -> Book:
        """The workbook of this name, opened once."""
        if file not in self._books:
            self._books[file] = open_book(self._folder / file, file, kind, self._limits, self._profile)
        return self._books[file]

    @staticmethod
    def _refuse_sheet(entry: TableFile, kind: str) -> None:
        if entry.sheet:
            place: dict[str, str | int] = {"file": entry.file}
            raise refuse(InputError, "intake.sheet_missing", place, wanted=entry.sheet, sheets=kind)
