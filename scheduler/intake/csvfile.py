"""A CSV export as records: encoding and separator found out, nothing swallowed.

In: a path. Out: :class:`CsvFile`, a :class:`scheduler.intake.source.Source`. May import: the standard
library, :mod:`scheduler.intake.source`, :mod:`scheduler.intake.limits`, :mod:`scheduler.domain`.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from scheduler.domain.errors import InputError, OneDoorError, Value, refuse
from scheduler.domain.hashes import Profile, hasher
from scheduler.intake.limits import DEFAULT, Limits
from scheduler.intake.source import Note, Record

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 1 << 20
"""Bytes read at once."""

SEPARATORS = (",", "\t", ";", "，")
"""What parts the cells, the usual one first."""

FIRST_LINES = 10
"""Lines by which the separator is found: the heading is among them."""

HEADINGS = 2
"""Cells by which a record is known as a heading."""

FIRST_CELLS = 200
"""Cells of a line by which the separator is found."""

UTF8_WORDS = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){4}")
"""Four ideographs (U+4E00 to U+9FFF) in UTF-8 running: read as GB18030 they are six other ideographs, so only
a suspicion; the line that holds them is then looked at whole."""


class HashedFile(io.RawIOBase):
    """A file that is hashed as it is read, so that the digest is of the very bytes that were parsed."""

    def __init__(self, path: Path, profile: Profile) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._digest = hasher(profile)()
        self.n_read = 0
        self.has_nul = False
        self.watch: re.Pattern[bytes] | None = None
        self.seen = False

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer from the file; how many bytes came."""
        count = self._file.readinto(buffer)
        piece = bytes(memoryview(buffer)[:count])
        self._digest.update(piece)
        self.n_read += count
        self.has_nul = self.has_nul or b"\0" in piece
        if self.watch is not None and not self.seen:
            self.seen = self.watch.search(piece) is not None
        return count

    def close(self) -> None:
        """Close the file beneath, too."""
        self._file.close()
        super().close()

    def hexdigest(self) -> str:
        """SHA-256 of what has been read so far."""
        return self._digest.hexdigest()


class CsvFile:
    """Separated records with minimal or full quoting; a heading is needed, an encoding mark is not.

    ``is_heading`` tells a heading of the table, by which the separator is found. ``path``, ``encoding``,
    ``separator`` and ``profile``, the campaign's hash, are for readers that take the file by another way.
    """

    def __init__(
        self,
        path: Path,
        file: str,
        limits: Limits = DEFAULT,
        is_heading: Callable[[str], bool] | None = None,
        profile: Profile = "sha256",
    ) -> None:
        self.file = file
        self.profile: Profile = profile
        self.sheet = ""
        self.path = path
        self.encoding = find_encoding(path, file)
        self.separator = find_separator(path, self.encoding, is_heading)
        self._is_heading = is_heading or (lambda _: False)
        self.limits = limits
        self._size = path.stat().st_size
        self._raw = HashedFile(path, profile)
        self._raw.watch = UTF8_WORDS if self.encoding == "gb18030" else None

    def records(self) -> Iterator[Record]:
        """Every record; errors as :meth:`scheduler.intake.source.Source.records`."""
        buffered = io.BufferedReader(self._raw, PIECE)
        with io.TextIOWrapper(buffered, encoding=self.encoding, errors="strict", newline="") as stream:
            reader = csv.reader(self._lines(stream), strict=True, delimiter=self.separator)
            number = lines = 0
            widest = 0
            try:
                for cells in reader:
                    number += 1
                    if reader.line_num - lines > 1:
                        self._refuse_swallowed(number, cells, widest)
                    widest = max(widest, len(cells))
                    lines = reader.line_num
                    self._refuse_large(number, cells)
                    if self._raw.has_nul:
                        raise self._refused("intake.nul", self._line(lambda line: b"\0" not in line))
                    yield number, cells
            except UnicodeDecodeError as error:
                raise self._undecodable() from error
            except csv.Error as error:
                raise self._broken(number + 1, str(error)) from error
            if self._raw.has_nul:
                raise self._refused("intake.nul", self._line(lambda line: b"\0" not in line))
            if self._raw.seen:
                self._refuse_mixed()

    def _lines(self, stream: TextIO) -> Iterator[str]:
        """Lines, none longer than the limit: a file without line ends must not come into memory whole."""
        longest = self.limits.line_chars
        number = 0
        while line := stream.readline(longest + 1):
            number += 1
            if len(line) > longest:
                raise self._refused("intake.line_giant", number, limit=longest)
            yield line

    def sha256(self) -> str:
        """Digest of the bytes read."""
        return self._raw.hexdigest()

    def share(self) -> tuple[int, int]:
        """Bytes read, bytes in all."""
        return self._raw.n_read, self._size

    def numbers(self) -> Mapping[int, int]:
        """Nothing: all cells of a CSV are text."""
        return {}

    def notes(self) -> tuple[Note, ...]:
        """Nothing: a CSV has neither formulas nor anything hidden."""
        return ()

    def _refused(self, code: str, row: int, **params: Value) -> OneDoorError:
        return refuse(InputError, code, {"file": self.file, "row": row}, **params)

    def _broken(self, row: int, detail: str) -> OneDoorError:
        if "unexpected end of data" in detail:
            return self._refused("intake.csv_quote", row)
        if "field limit" in detail:
            return self._refused("intake.cell_giant", row, limit=csv.field_size_limit())
        if "expected after" in detail:
            return self._refused("intake.csv_after_quote", row)
        return self._refused("intake.csv_broken", row, detail=detail)

    def _refuse_swallowed(self, number: int, cells: list[str], widest: int) -> None:
        """A stray quote joins rows into one cell until the next quote: the record then is wider than any
        before it, which only a heading below a title may be, or that cell holds the separators of whole rows.
        """
        breaks = "".join(cells).count("\n")
        least = breaks * max(1, len(cells) - 1)
        is_wide = 0 < widest < len(cells) and sum(map(self._is_heading, cells)) < HEADINGS
        if breaks and (is_wide or any(cell.count(self.separator) >= least for cell in cells)):
            raise self._refused("intake.csv_quote", number)

    def _refuse_large(self, number: int, cells: list[str]) -> None:
        if len(cells) > self.limits.columns:
            raise self._refused("intake.columns_many", number, n=len(cells), limit=self.limits.columns)
        if number > self.limits.rows:
            raise self._refused("intake.rows_many", number, limit=self.limits.rows)
        longest = self.limits.cell_chars
        if any(len(cell) > longest for cell in cells):
            raise self._refused("intake.cell_giant", number, limit=longest)

    def _undecodable(self) -> OneDoorError:
        """A line in the other encoding is told from a damaged one."""
        other = "gb18030" if self.encoding == "utf-8-sig" else "utf-8"
        row = self._line(lambda line: _decodes(line, self.encoding))
        with self.path.open("rb") as stream:
            line = next((line for number, line in enumerate(stream, start=1) if number == row), b"")
        if _decodes(line, other) and sum(byte > 0x7F for byte in line) >= 4:  # less may be chance
            return self._refused("intake.encoding_mixed", row, encoding=self.encoding, other=other)
        return self._refused("intake.encoding", row, encoding=self.encoding)

    def _refuse_mixed(self) -> None:
        """A line of UTF-8 in a file of GB18030 decodes without an error, to nonsense."""
        row = self._line(lambda line: not (UTF8_WORDS.search(line) and _decodes(line, "utf-8")), default=0)
        if row:
            raise self._refused("intake.encoding_mixed", row, encoding=self.encoding, other="utf-8")

    def _line(self, good: Callable[[bytes], bool], default: int = 1) -> int:
        """Number of the first line that is not good: the row, unless line breaks stand inside cells."""
        with self.path.open("rb") as stream:
            return next((number for number, line in enumerate(stream, start=1) if not good(line)), default)


def find_encoding(path: Path, file: str = "") -> str:
    """``utf-8-sig`` or ``gb18030``: UTF-8 wherever the whole file is, or its non-ASCII heading is.

    Text in GB18030 practically never is valid UTF-8; a UTF-8 file with one damaged byte must not be taken
    for GB18030 and read as nonsense, so the first line decides there.

    Errors: ``intake.encoding_utf16`` for a file that begins with the mark of UTF-16 or UTF-32.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="strict")
    with path.open("rb") as stream:
        first = stream.readline(PIECE)
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
            raise refuse(InputError, "intake.encoding_utf16", {"file": file or path.name})
        if first.startswith(codecs.BOM_UTF8) or (not first.isascii() and _decodes(first, "utf-8")):
            return "utf-8-sig"
        stream.seek(0)
        try:
            while piece := stream.read(PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def find_separator(path: Path, encoding: str, is_heading: Callable[[str], bool] | None = None) -> str:
    """The separator under which one of the first lines holds the most headings of the table, or, where no
    headings are known, the most cells; a comma where none stands out."""
    with path.open("rb") as stream:
        lines = [stream.readline(PIECE).decode(encoding, "replace") for _ in range(FIRST_LINES)]
    best, most = SEPARATORS[0], 0
    for separator in SEPARATORS:
        for line in lines:
            cells = [cell.strip().strip('"') for cell in line.split(separator, FIRST_CELLS)]
            n = sum(map(is_heading, cells)) if is_heading else len(cells) - 1
            if n > most:
                best, most = separator, n
    return best


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
