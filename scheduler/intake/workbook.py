"""A workbook's sheets as records, with cell types told apart before they become text.

In: a path, a sheet's name. Out: :class:`Book`, :class:`WorkbookSheet` (a
:class:`scheduler.intake.source.Source`). May import: the standard library, python-calamine, the room's
sources and limits, :mod:`scheduler.domain`.
"""

import datetime as dt
import io
import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Protocol, cast
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from scheduler.domain.errors import InputError, OneDoorError, Value, refuse
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.intake.limits import DEFAULT, Limits
from scheduler.intake.sheetcuts import CutSheet
from scheduler.intake.sheetscan import SheetFacts, plain_part, read_small, scan
from scheduler.intake.source import Note, Record

EXACT = 10**15
"""A spreadsheet keeps 15 significant digits: a longer whole number has lost some."""

Typed = str | int | float | bool | Decimal | dt.date | dt.datetime | dt.time | dt.timedelta | None


class Book(Protocol):
    """An opened workbook. ``visible`` and ``hidden`` are the names of its worksheets, in their order."""

    file: str
    visible: tuple[str, ...]
    hidden: tuple[str, ...]

    def sha256(self) -> str:
        """Digest of the file."""
        ...

    def rows(self, sheet: str) -> Iterator[Sequence[Typed]]:
        """The sheet's rows from row 1 on, blank ones included."""
        ...

    def height(self, sheet: str) -> int:
        """How many rows there are, 0 where unknown."""
        ...

    def notes(self, sheet: str) -> tuple[Note, ...]:
        """Formulas, merged areas, hidden rows and columns of the sheet."""
        ...


class WorkbookSheet:
    """One sheet of a workbook as a source; ``sheet`` may be empty where only one is visible.

    Errors: ``intake.sheet_missing``, ``intake.sheet_choose``.
    """

    def __init__(self, book: Book, sheet: str, limits: Limits = DEFAULT) -> None:
        self.file = book.file
        self.sheet = _chosen(book, sheet)
        self._book = book
        self._limits = limits
        self._numbers: Counter[int] = Counter()
        self._read = 0

    def records(self) -> Iterator[Record]:
        """Every record, the blank ones before the heading, too."""
        longest = self._limits.cell_chars
        for number, cells in enumerate(self._book.rows(self.sheet), start=1):
            self._read = number
            if number > self._limits.rows:
                raise self._refused("intake.rows_many", number, limit=self._limits.rows)
            if len(cells) > self._limits.columns:
                raise self._refused("intake.columns_many", number, n=len(cells), limit=self._limits.columns)
            try:
                n_chars, texts = len("".join(cast(list[str], cells))), cast(list[str], list(cells))
            except TypeError:  # not all of them are texts
                self._numbers.update(
                    place
                    for place, cell in enumerate(cells)
                    if isinstance(cell, float | int) and not isinstance(cell, bool)
                )
                texts = [cell if isinstance(cell, str) else cell_text(cell) for cell in cells]
                n_chars = len("".join(texts))
            if n_chars > longest and max(map(len, texts)) > longest:
                raise self._refused("intake.cell_giant", number, limit=longest)
            yield number, texts

    def sha256(self) -> str:
        """Digest of the whole file."""
        return self._book.sha256()

    def share(self) -> tuple[int, int]:
        """Rows read, rows in all."""
        return self._read, self._book.height(self.sheet)

    def numbers(self) -> Mapping[int, int]:
        """Position of a cell to how many records hold a number there."""
        return self._numbers

    def notes(self) -> tuple[Note, ...]:
        """What the book says of the sheet, and which sheets nobody sees."""
        own = self._book.notes(self.sheet)
        hidden = "、".join(self._book.hidden)
        return (*own, Note(code="intake.sheets_hidden", detail=hidden)) if hidden else own

    def _refused(self, code: str, row: int, **params: Value) -> OneDoorError:
        return refuse(InputError, code, {"file": self.file, "sheet": self.sheet, "row": row}, **params)


def _chosen(book: Book, sheet: str) -> str:
    place: dict[str, Value] = {"file": book.file}
    names = "、".join(book.visible)
    if sheet and sheet not in (*book.visible, *book.hidden):
        raise refuse(InputError, "intake.sheet_missing", place, wanted=sheet, sheets=names)
    if not sheet and len(book.visible) != 1:
        raise refuse(InputError, "intake.sheet_choose", place, sheets=names)
    return sheet or book.visible[0]


class XlsxBook:
    """An .xlsx, packed in memory, looked at by :mod:`scheduler.intake.sheetscan` before it is parsed, a large
    sheet in pieces.

    Errors: those of the scan, ``intake.sheets_many``, ``intake.workbook_password``,
    ``intake.workbook_broken``.
    """

    def __init__(self, path: Path, file: str, limits: Limits = DEFAULT, profile: Profile = "sha256") -> None:
        data = path.read_bytes()
        self.file = file
        self._data = data
        self._digest = digest_hex(data, profile)
        with _faults_told(file):
            self._parts = {name: plain_part(part) for name, part in _parts(data, file).items()}
            facts = scan(data, file, limits, frozenset(self._parts.values()))
            self._facts = {name: facts[part] for name, part in self._parts.items()}
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            sheets = [meta for meta in self._book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
        if len(sheets) > limits.sheets:
            raise refuse(InputError, "intake.sheets_many", {"file": file}, n=len(sheets), limit=limits.sheets)
        is_visible = {meta.name: meta.visible == SheetVisibleEnum.Visible for meta in sheets}
        self.visible = tuple(name for name, seen in is_visible.items() if seen)
        self.hidden = tuple(name for name, seen in is_visible.items() if not seen)
        self._height: dict[str, int] = {}

    def sha256(self) -> str:
        """Digest of the whole file."""
        return self._digest

    def rows(self, sheet: str) -> Iterator[Sequence[Typed]]:
        """The sheet's rows. Errors: ``intake.workbook_broken``."""
        facts = self._facts.get(sheet, SheetFacts())
        with _faults_told(self.file):
            rows = CutSheet(self._data, sheet, self._parts.get(sheet, ""), facts).rows()
            if rows is None:
                found = self._book.get_sheet_by_name(sheet)
                self._height[sheet], rows = found.total_height, found.iter_rows()
            else:
                self._height[sheet] = facts.last_row
            yield from rows

    def height(self, sheet: str) -> int:
        """Rows of a sheet that is being read."""
        return self._height.get(sheet, 0)

    def notes(self, sheet: str) -> tuple[Note, ...]:
        """What the scan found in the sheet's part."""
        return notes_of(self._facts.get(sheet, SheetFacts()))


FAULTS = (
    CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    expat.ExpatError,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # a part with a password
    OSError,
    EOFError,
    KeyError,
    IndexError,
    ValueError,
)
"""What a damaged archive or workbook raises, all through the libraries that read it."""


@contextmanager
def _faults_told(file: str) -> Iterator[None]:
    """Faults of a damaged workbook become ``intake.workbook_broken``. A panic of the Rust parser reaches
    Python as an exception outside ``Exception``."""
    try:
        yield
    except FAULTS as error:
        raise broken(file, type(error).__name__) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise broken(file, "PanicException") from error


def notes_of(facts: SheetFacts) -> tuple[Note, ...]:
    """One note for each kind of thing that a reader of the table should know."""
    figures = (
        ("intake.formulas", facts.n_formulas),
        ("intake.formulas_unknown", facts.n_unknown),
        ("intake.cells_error", facts.n_errors),
        ("intake.cells_merged", facts.n_merged),
        ("intake.rows_hidden", facts.n_hidden_rows),
        ("intake.columns_hidden", facts.n_hidden_columns),
    )
    return tuple(Note(code=code, detail=str(n)) for code, n in figures if n)


def broken(file: str, detail: str) -> OneDoorError:
    """``intake.workbook_broken``; a password is told by name."""
    if detail == "PasswordError":
        return refuse(InputError, "intake.workbook_password", {"file": file})
    return refuse(InputError, "intake.workbook_broken", {"file": file}, detail=detail)


def _parts(data: bytes, file: str) -> dict[str, str]:
    """Sheet name to the part that holds it. Errors: those of :func:`read_small`."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        targets: dict[str, str] = {}
        for name, attributes in _elements(read_small(archive, "xl/_rels/workbook.xml.rels", file)):
            if name == "Relationship":
                target = attributes.get("Target", "").lstrip("/")
                targets[attributes.get("Id", "")] = target if target.startswith("xl/") else f"xl/{target}"
        return {
            attributes["name"]: targets.get(_relation(attributes), "")
            for name, attributes in _elements(read_small(archive, "xl/workbook.xml", file))
            if name == "sheet" and "name" in attributes
        }


def _relation(attributes: Mapping[str, str]) -> str:
    return next((value for key, value in attributes.items() if key.endswith(":id")), "")


def _elements(text: bytes) -> list[tuple[str, dict[str, str]]]:
    """Local names and attributes of all elements, in their order."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: found.append(
        (name.rpartition(":")[2], dict(attributes))
    )
    parser.Parse(text, True)
    return found


def cell_text(cell: Typed) -> str:
    """The text of a typed cell. A whole number beyond 15 digits comes out in scientific notation, which no
    identifier may have: the digits that a spreadsheet lost must not be made up."""
    if isinstance(cell, str):
        return cell
    if cell is None or isinstance(cell, bool):
        return {None: "", True: "是", False: "否"}[cell]
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ") if cell.time() != dt.time.min else cell.date().isoformat()
    return cell.isoformat(timespec="minutes") if isinstance(cell, dt.time) else str(cell)


def _number_text(number: float) -> str:
    if number.is_integer():
        return str(int(number)) if abs(number) < EXACT else f"{number:.14E}"
    return f"{number:.12f}".rstrip("0")
