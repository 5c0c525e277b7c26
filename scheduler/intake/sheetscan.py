"""A look at an .xlsx before any parser opens it: is it safe, and what should its reader be told.

In: the workbook's bytes. Out: :class:`SheetFacts` per worksheet part, or a refusal. May import: the standard
library, numpy, the room's tags and limits, :mod:`scheduler.domain`.

The parser behind this room allots a sheet as one rectangle, whatever it holds: two cells, ``A1`` and
``XFD1048576``, ask it for 550 GB, and the process dies (calamine 0.9 of python-calamine). It also copies a
shared string into each cell that names it. So every part is unpacked once in pieces, its checksum checked,
and the references in it weighed, before the parser sees it.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from scheduler.domain.errors import InputError, OneDoorError, Value, refuse
from scheduler.intake.limits import Limits
from scheduler.intake.sheettags import Tags

PIECE = 1 << 20
"""Bytes unpacked at once."""

TAIL = 1 << 12
"""Bytes carried over to the next piece, so that no tag is looked at in halves."""

LONGEST = 1 << 20
"""Bytes without a tag that are kept together."""

FEW = 10_000_000
"""Bytes below which no ratio is weighed: small parts of one repeated style compress very well."""

PLAIN_COLUMNS, PLAIN_ROWS = 26, 999_999
"""What references of one letter and at most six digits can reach: no harm in itself.

The search for others is written for the usual spelling, ``r="AB12"``, and for any other only in pieces that
hold one: 0.6 s instead of 2 s for 500,000 rows of 10 columns."""

LEAST_CELL = 21
"""Bytes of the shortest cell that names a shared string: ``<c t="s"><v>0</v></c>``."""

_FAR = re.compile(rb"""r="(?:([A-Za-z]{2,})(\d*)|([A-Za-z]?)(\d{7,}))["']""")
_FAR_ODD = re.compile(rb"""r\s*=\s*["'](?:([A-Za-z]{2,})(\d*)|([A-Za-z]?)(\d{7,}))["']""")
_ODD = re.compile(rb"""r(?:\s+=|=[^"])""")
_ANY = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]*)(\d+)["']""")
_NUMBER = re.compile(rb">\s*0*(\d{1,12})\s*<")
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*0*(\d{1,12})\s*<""")
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HIDDEN = re.compile(rb"""<(row|col)\b[^>]*\shidden\s*=\s*["'](?:1|true)["']""")
_FORMULA = re.compile(rb"<f[\s/>]")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt\s*=\s*["']e["']""")
_NOT_COMPUTED = re.compile(rb"</f>(?:<v\s*/>|<v></v>)?</c>")
_LOOSE = re.compile(rb"""<(?:\w+:)?(?:(row)\b(?:(?=[^>]*?\sr\s*=)|())|c(?![^\s/>])(?![^>]*?\sr\s*=)[^>]*>)""")
"""A row (the second group where it has no number), or a cell without a reference."""

_LOOSE_START = re.compile(rb"""<(?:c|row)(?! r=")""")
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
SHARED_PART = "xl/sharedstrings.xml"
FOREIGN_PARTS = frozenset({"content.xml", "mimetype", "xl/workbook.bin"})
"""Parts of other formats, which the parser would try where it cannot read the workbook that was weighed."""


@dataclass(kw_only=True)
class SheetFacts:
    """What one worksheet part holds: numbers of formulas (``n_unknown`` of them without a stored result), of
    cells that hold an error (``#N/A``), of merged areas, of hidden rows and column groups; the farthest
    column and row that a reference names; the most cells without a reference in one row (``n_loose``) and the
    rows in all where some has no number (``n_rows``): these follow each other; the bytes of the part
    unpacked. Where ``is_plain`` every row and cell is spelt as usual and stands in its order
    (:class:`scheduler.intake.sheettags.Tags`), ``last_column`` and ``last_row`` are the farthest that are
    named."""

    n_formulas: int = 0
    n_unknown: int = 0
    n_errors: int = 0
    n_merged: int = 0
    n_hidden_rows: int = 0
    n_hidden_columns: int = 0
    columns: int = PLAIN_COLUMNS
    rows: int = PLAIN_ROWS
    n_loose: int = 0
    n_rows: int = 0
    n_bytes: int = 0
    is_plain: bool = False
    last_column: int = 0
    last_row: int = 0

    def width(self) -> int:
        """The most columns there can be."""
        return (
            max(self.columns, self.n_loose) if self.columns <= PLAIN_COLUMNS else self.columns + self.n_loose
        )

    def height(self) -> int:
        """The most rows there can be."""
        return max(self.rows, self.n_rows) if self.rows <= PLAIN_ROWS else self.rows + self.n_rows


def plain_part(name: str) -> str:
    """A part's name as it is compared: the parser minds neither case nor the kind of stroke."""
    return name.replace("\\", "/").lower()


def scan(
    data: bytes, file: str, limits: Limits, sheet_parts: frozenset[str] = frozenset()
) -> dict[str, SheetFacts]:
    """Facts by :func:`plain_part` of the parts that hold sheets, after every part has been unpacked once:
    those at the usual place and ``sheet_parts``, for a workbook may keep its sheets anywhere.

    Errors: ``intake.workbook_bomb`` (too large, too well packed, a shared string named too often),
    ``intake.workbook_dtd`` (entities declared), ``intake.sheet_giant`` (a rectangle of too many cells),
    ``zipfile.BadZipFile`` where a checksum or a size is wrong.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = {plain_part(entry.filename) for entry in entries}
        if len(names) < len(entries):
            raise zipfile.BadZipFile("two parts of one name")
        if names & FOREIGN_PARTS:
            raise zipfile.BadZipFile("two formats in one")
        _refuse_large(entries, file, limits)
        facts, longest = {}, 0
        for entry in entries:
            part = plain_part(entry.filename)
            if part in sheet_parts or _SHEET_PART.fullmatch(part):
                facts[part] = _sheet(archive, entry, file, limits)
            elif part == SHARED_PART:
                longest = max(_string_sizes(archive, entry, file), default=0)
            else:
                _read_through(archive, entry, file)
        for part, sheet in facts.items():
            most = limits.unpacked_mb * 1_000_000
            if longest * sheet.n_bytes // LEAST_CELL > most:
                _refuse_copies(archive, part, file, limits)
    return facts


def read_small(archive: zipfile.ZipFile, part: str, file: str) -> bytes:
    """A part that lists others, whole. Errors: ``intake.workbook_dtd``; ``zipfile.BadZipFile`` beyond
    :data:`FEW` bytes."""
    with archive.open(part) as stream:
        data = stream.read(FEW + 1)
    if len(data) > FEW:
        raise zipfile.BadZipFile(part)
    if _DECLARED.search(data):
        raise refuse(InputError, "intake.workbook_dtd", {"file": file}, part=part)
    return data


def _refuse_large(entries: list[zipfile.ZipInfo], file: str, limits: Limits) -> None:
    if sum(entry.file_size for entry in entries) > limits.unpacked_mb * 1_000_000:
        raise _bomb(file, limits)
    for entry in entries:
        if entry.file_size > FEW and entry.file_size > limits.ratio * max(1, entry.compress_size):
            raise refuse(
                InputError, "intake.workbook_ratio", {"file": file}, part=entry.filename, limit=limits.ratio
            )


def _bomb(file: str, limits: Limits) -> OneDoorError:
    return refuse(InputError, "intake.workbook_bomb", {"file": file}, limit=limits.unpacked_mb)


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[tuple[bytes, int]]:
    """Pieces of a part, each up to where a tag begins, and in front of each, how many bytes of it were seen
    before: whatever ends within those has been looked at. So no tag is cut but one of :data:`LONGEST`, and
    what spans several is seen whole in the next piece."""
    tail = rest = b""
    with archive.open(entry) as stream, ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(stream.read, PIECE)
        while piece := ahead.result():
            ahead = reader.submit(stream.read, PIECE)
            rest += piece
            cut = rest.rfind(b"<")
            if cut <= 0 and len(rest) <= LONGEST:
                continue
            cut = cut if cut > 0 else len(rest)
            data, rest = tail + rest[:cut], rest[cut:]
            yield data, len(tail)
            tail = data[-TAIL:]
    if rest:
        yield tail + rest, len(tail)


def _refuse_declared(piece: bytes, entry: zipfile.ZipInfo, file: str) -> None:
    if b"<!" in piece and _DECLARED.search(piece):
        raise refuse(InputError, "intake.workbook_dtd", {"file": file}, part=entry.filename)


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str) -> None:
    for piece, _ in _pieces(archive, entry):
        _refuse_declared(piece, entry, file)


def _sheet(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str, limits: Limits) -> SheetFacts:
    facts = SheetFacts(n_bytes=entry.file_size)
    tags, row, before = Tags(), _Row(), True
    for piece, seen in _pieces(archive, entry):
        odd = tags.feed(piece[seen:])
        if odd or before or facts.n_formulas:
            _refuse_declared(piece, entry, file)
            _look(facts, row, piece, seen)
        elif b"<row" in piece:
            row.restart()
        _count_hidden(facts, piece, seen)
        facts.n_errors += _count(_ERROR, piece, seen) if b'"e"' in piece or b"'e'" in piece else 0
        before = odd
    facts.columns = max(facts.columns, tags.columns)
    facts.is_plain, facts.last_column, facts.last_row = tags.is_plain, tags.columns, tags.last_row
    if facts.width() > limits.columns:
        place: dict[str, Value] = {"file": file}
        raise refuse(InputError, "intake.columns_many", place, n=facts.width(), limit=limits.columns)
    if facts.width() * facts.height() > limits.cells:
        _measure(archive, entry, facts)
    if facts.width() * facts.height() > limits.cells:
        size = f"{facts.height()}×{facts.width()}"
        raise refuse(InputError, "intake.sheet_giant", {"file": file}, size=size, limit=limits.cells)
    return facts


def _look(facts: SheetFacts, row: "_Row", piece: bytes, seen: int) -> None:
    """All that is asked of a piece, tag by tag."""
    _reach_far(facts, piece)
    facts.n_formulas += _count(_FORMULA, piece, seen)
    facts.n_unknown += _count(_NOT_COMPUTED, piece, seen) if facts.n_formulas else 0
    facts.n_merged += piece.count(b"mergeCell ", seen)
    if _may_be_loose(piece):
        row.count(piece, seen, facts)


def _count_hidden(facts: SheetFacts, piece: bytes, seen: int) -> None:
    if b"hidden" in piece:
        for found in _HIDDEN.finditer(piece):
            if found.end() > seen:
                facts.n_hidden_rows += found[1] == b"row"
                facts.n_hidden_columns += found[1] == b"col"


def _may_be_loose(piece: bytes) -> bool:
    """Whether some row or cell may lack its reference. Nearly every sheet begins them ``<c r="``; other tags
    on c (``<cols>``) or a prefix cost a second look and no more."""
    signs = np.frombuffer(piece, dtype=np.uint8)
    after = signs[1:][signs[:-1] == ord(":")]  # what follows a colon, found faster than each tag by itself
    prefixed = bool(np.any((after == ord("c")) | (after == ord("r"))))
    return prefixed or _LOOSE_START.search(piece) is not None


class _Row:
    """Cells without a reference in the row that the scan is in."""

    def __init__(self) -> None:
        self._n_loose = 0
        self._n_rows = 0

    def restart(self) -> None:
        """A new row, and no cell without a reference in it."""
        self._n_loose = 0

    def count(self, piece: bytes, seen: int, facts: SheetFacts) -> None:
        """Those of a piece, and rows without numbers."""
        for found in _LOOSE.finditer(piece):
            if found.end() <= seen:
                continue
            if found[1] is None:
                self._n_loose += 1
                facts.n_loose = max(facts.n_loose, self._n_loose)
            else:
                self._n_loose = 0
                self._n_rows += 1
                facts.n_rows = self._n_rows if found[2] is not None else facts.n_rows


def _count(pattern: re.Pattern[bytes], piece: bytes, seen: int) -> int:
    return sum(found.end() > seen for found in pattern.finditer(piece))


def _reach_far(facts: SheetFacts, piece: bytes) -> None:
    """References that plain ones do not cover; LibreOffice's ``useFirstPageNumber="true"`` is none."""
    for found in (_FAR_ODD if _ODD.search(piece) else _FAR).finditer(piece):
        if piece[found.start() - 1 : found.start()].isspace():
            _reach(facts, found[1] or found[3], found[2] or found[4] or b"")


def _reach(facts: SheetFacts, letters: bytes, digits: bytes) -> None:
    facts.columns = max(facts.columns, _column(letters))
    facts.rows = max(facts.rows, int(digits[:12] or b"0"))


def _column(letters: bytes) -> int:
    """``A`` is 1, ``XFD`` 16,384; more letters than any sheet has count as endless."""
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number


def _measure(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, facts: SheetFacts) -> None:
    """The exact rectangle, for a sheet that is wide or names far rows: every reference is looked at."""
    facts.columns = facts.rows = 1
    for piece, _ in _pieces(archive, entry):
        for found in _ANY.finditer(piece):
            _reach(facts, found[1], found[2])


def _string_sizes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str) -> Iterator[int]:
    """Bytes of each shared string with its markup, in order."""
    rest = 0
    with archive.open(entry) as stream:
        tail = b""
        while piece := stream.read(PIECE):
            if b"<!" in tail[-16:] + piece and _DECLARED.search(tail[-16:] + piece):
                raise refuse(InputError, "intake.workbook_dtd", {"file": file}, part=entry.filename)
            *whole, last = (tail + piece).split(b"</si>") if len(tail) < PIECE else (piece,)
            if whole:
                yield rest + len(whole[0])
                yield from map(len, whole[1:])
                rest = 0
            elif len(tail) >= PIECE:
                rest += len(tail)
            tail = last
    yield rest + len(tail)


def _refuse_copies(archive: zipfile.ZipFile, part: str, file: str, limits: Limits) -> None:
    """The text of all cells together, each shared string counted as often as it is named: first as if every
    number were the number of a string, which is fast, and only where that is too much, exactly."""
    shared = next(entry for entry in archive.infolist() if plain_part(entry.filename) == SHARED_PART)
    sizes = np.fromiter(_string_sizes(archive, shared, file), dtype=np.int64)
    most = limits.unpacked_mb * 1_000_000
    if all(_copied(archive, part, sizes, pattern) > most for pattern in (_NUMBER, _SHARED)):
        raise _bomb(file, limits)


def _copied(
    archive: zipfile.ZipFile,
    part: str,
    sizes: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    pattern: re.Pattern[bytes],
) -> int:
    """Bytes of the strings that the pattern finds named; one in the overlap of two pieces counts twice."""
    total = 0
    sheet = next(entry for entry in archive.infolist() if plain_part(entry.filename) == part)
    for piece, _ in _pieces(archive, sheet):
        named = np.array(pattern.findall(piece), dtype="S12").astype(np.int64)
        total += int(sizes[named[named < len(sizes)]].sum())
    return total
