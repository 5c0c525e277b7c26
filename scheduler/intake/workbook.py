"""A workbook's sheet as records, with cell types told apart before they become text.

In: a path, a sheet's name. Out: :class:`WorkbookSheet`, a :class:`scheduler.intake.source.Source`. May
import: the standard library, python-calamine, :mod:`scheduler.intake.source`, :mod:`scheduler.domain`.
"""

import datetime as dt
import io
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from scheduler.domain.canonical import sha256_hex
from scheduler.domain.errors import InputError, refuse
from scheduler.intake.source import Record

MAX_UNPACKED = 2_000_000_000
"""Largest unpacked size of a workbook in bytes. A full sheet (1,048,576 rows) of 15 columns unpacks to
about 1 GB; more is a zip bomb or should be a CSV."""

EXACT = 10**15
"""A spreadsheet keeps 15 significant digits: a longer whole number has lost some."""

Typed = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None


class WorkbookSheet:
    """One sheet of an .xlsx workbook, all in memory."""

    def __init__(self, path: Path, file: str, sheet: str) -> None:
        data = path.read_bytes()
        self.file = file
        self._digest = sha256_hex(data)
        self._sheet = _sheet(data, file, sheet)
        self.sheet = self._sheet.name
        self._numbers: Counter[int] = Counter()
        self._read = 0

    def records(self) -> Iterator[Record]:
        """Every record, the blank ones before the heading, too."""
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            self._read = number
            self._numbers.update(place for place, cell in enumerate(cells) if isinstance(cell, float))
            yield number, [cell_text(cell) for cell in cells]

    def sha256(self) -> str:
        """Digest of the whole file."""
        return self._digest

    def share(self) -> tuple[int, int]:
        """Rows read, rows in all."""
        return self._read, self._sheet.total_height

    def numbers(self) -> Mapping[int, int]:
        """Position of a cell to how many records hold a number there."""
        return self._numbers


def _sheet(data: bytes, file: str, sheet: str) -> CalamineSheet:
    place: dict[str, str | int] = {"file": file}
    try:
        _refuse_bomb(data, file)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [
            meta.name
            for meta in book.sheets_metadata
            if meta.typ == SheetTypeEnum.WorkSheet and (meta.name == sheet or _visible(meta.visible))
        ]
        if sheet and sheet not in names:
            raise refuse(InputError, "intake.sheet_missing", place, wanted=sheet, sheets="、".join(names))
        if not sheet and len(names) != 1:
            raise refuse(InputError, "intake.sheet_choose", place, sheets="、".join(names))
        return book.get_sheet_by_name(sheet or names[0])
    except (CalamineError, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        # zipfile raises RuntimeError for encrypted and NotImplementedError for unknown compression
        raise refuse(InputError, "intake.workbook_broken", place, detail=type(error).__name__) from error


def _visible(state: SheetVisibleEnum) -> bool:
    return state == SheetVisibleEnum.Visible


def _refuse_bomb(data: bytes, file: str) -> None:
    """Declared sizes first, then the packed bytes are unpacked once: a lying size fails its checksum."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise refuse(InputError, "intake.workbook_bomb", {"file": file}, limit=MAX_UNPACKED)
        broken = archive.testzip()
    if broken is not None:
        raise zipfile.BadZipFile(broken)


def cell_text(cell: Typed) -> str:
    """The text of a typed cell. A whole number beyond 15 digits comes out in scientific notation, which no
    identifier may have: the digits that a spreadsheet lost must not be made up."""
    if isinstance(cell, str):
        return cell
    if cell is None or isinstance(cell, bool):
        return {None: "", True: "是", False: "否"}[cell]
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ") if cell.time() != dt.time.min else cell.date().isoformat()
    return cell.isoformat(timespec="minutes") if isinstance(cell, dt.time) else str(cell)


def _number_text(number: float) -> str:
    if number.is_integer():
        return str(int(number)) if abs(number) < EXACT else f"{number:.14E}"
    return f"{number:.12f}".rstrip("0")
