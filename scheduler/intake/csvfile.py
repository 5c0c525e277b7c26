"""A CSV export as records: GB18030 or UTF-8 found out by strict decoding, nothing swallowed.

In: a path. Out: :class:`CsvFile`, a :class:`scheduler.intake.source.Source`. May import: the standard
library, :mod:`scheduler.intake.source`, :mod:`scheduler.domain`.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.domain.errors import InputError, OneDoorError, Value, refuse
from scheduler.intake.source import Record

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 1 << 20
"""Bytes read at once."""


class HashedFile(io.RawIOBase):
    """A file that is hashed as it is read, so that the digest is of the very bytes that were parsed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._digest = hashlib.sha256()
        self.n_read = 0
        self.has_nul = False

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
        return count

    def close(self) -> None:
        """Close the file beneath, too."""
        self._file.close()
        super().close()

    def hexdigest(self) -> str:
        """SHA-256 of what has been read so far."""
        return self._digest.hexdigest()


class CsvFile:
    """Comma-separated records with minimal or full quoting; a heading is needed, an encoding mark is not."""

    def __init__(self, path: Path, file: str) -> None:
        self.file = file
        self.sheet = ""
        self._path = path
        self._size = path.stat().st_size
        self._raw = HashedFile(path)

    def records(self) -> Iterator[Record]:
        """Every record; errors as :meth:`scheduler.intake.source.Source.records`."""
        encoding = find_encoding(self._path)
        buffered = io.BufferedReader(self._raw, PIECE)
        with io.TextIOWrapper(buffered, encoding=encoding, errors="strict", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            number = lines = width = 0
            try:
                for cells in reader:
                    number += 1
                    width = width or len(cells)
                    if reader.line_num - lines > 1:
                        self._refuse_swallowed(number, cells, width, reader.line_num - lines - 1)
                    lines = reader.line_num
                    if self._raw.has_nul:
                        raise self._refused("intake.nul", self._line(lambda line: b"\0" not in line))
                    yield number, cells
            except UnicodeDecodeError as error:
                row = self._line(lambda line: _decodes(line, encoding))
                raise self._refused("intake.encoding", row, encoding=encoding) from error
            except csv.Error as error:
                raise self._broken(number + 1, str(error)) from error
            if self._raw.has_nul:
                raise self._refused("intake.nul", self._line(lambda line: b"\0" not in line))

    def sha256(self) -> str:
        """Digest of the bytes read."""
        return self._raw.hexdigest()

    def share(self) -> tuple[int, int]:
        """Bytes read, bytes in all."""
        return self._raw.n_read, self._size

    def numbers(self) -> Mapping[int, int]:
        """Nothing: all cells of a CSV are text."""
        return {}

    def _refused(self, code: str, row: int, **params: Value) -> OneDoorError:
        return refuse(InputError, code, {"file": self.file, "row": row}, **params)

    def _broken(self, row: int, detail: str) -> OneDoorError:
        if "unexpected end of data" in detail:
            return self._refused("intake.csv_quote", row)
        return self._refused("intake.csv_broken", row, detail=detail)

    def _refuse_swallowed(self, number: int, cells: list[str], width: int, breaks: int) -> None:
        """A stray quote joins rows into one cell until the next quote: the record then has another width,
        or that cell holds the separators of whole rows."""
        least = breaks * (width - 1)
        if len(cells) != width or any("\n" in cell and cell.count(",") >= least for cell in cells):
            raise self._refused("intake.csv_quote", number)

    def _line(self, good: Callable[[bytes], bool]) -> int:
        """Number of the first line that is not good: the row, unless line breaks stand inside cells."""
        with self._path.open("rb") as stream:
            return next((number for number, line in enumerate(stream, start=1) if not good(line)), 1)


def find_encoding(path: Path) -> str:
    """``utf-8-sig`` or ``gb18030``: UTF-8 wherever the whole file is, or its non-ASCII heading is.

    Text in GB18030 practically never is valid UTF-8; a UTF-8 file with one damaged byte must not be taken
    for GB18030 and read as nonsense, so the first line decides there.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="strict")
    with path.open("rb") as stream:
        first = stream.readline(PIECE)
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


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
