"""A large CSV in pieces that cut at line ends alone: one line per record, no quoting left, in the very bytes
of the file wherever no cell is quoted.

In: the bytes of a file, piece by piece. Out: :class:`Part`, or :class:`DeclinedError` where only the record
reader can say what is wrong. May import: the standard library, numpy, :mod:`scheduler.intake.csvfile`,
:mod:`scheduler.domain`.

Every record keeps its place: line ``i`` of a part is record ``i`` of it. A record that no single line can
hold (a line break in a cell) leaves a mark there and its cells in ``asides``.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from scheduler.domain.hashes import hasher
from scheduler.intake.csvfile import UTF8_WORDS, CsvFile

UTF8 = "utf-8"

GAP = "\x1f"
"""Parts cells where commas may stand inside them (ASCII unit separator)."""

MARK = "\x01"
"""The line of a record that stands among the asides."""

SPECIAL = f'"{GAP}'
"""Characters for which a line is read by the record reader."""

_SPECIAL = re.compile(f"[{SPECIAL}]")

STRETCH = 1 << 18
"""Bytes looked at together: so few stay near the processor."""

DENSE = 4
"""One quote in so many lines: then the record reader takes the whole piece."""

FOLLOWING = (1, 2, 4, 5, 7, 8, 10, 11)
"""Where the other bytes of four ideographs in UTF-8 stand, counted from the first byte."""


class DeclinedError(Exception):
    """The file is for the record reader: it is damaged, or unlike anything a program exports."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """``n_records`` lines of ``data``, text in ``encoding`` that may still hold what is none, each ended by
    ``line_end``, cells parted by ``separator``; no byte of these is part of another character, and no byte is
    zero. ``asides`` are cells by position in the part. ``first`` is the number of its first record, if known.
    The line of a record without a cell is empty."""

    data: bytes
    n_records: int
    separator: str
    line_end: str
    asides: dict[int, list[str]]
    encoding: str = UTF8
    first: int = 0


class CsvPieces:
    """A CSV's parts in order; the digest is of the very bytes that were taken."""

    def __init__(self, source: CsvFile, piece: int) -> None:
        self._source = source
        self._piece = piece
        self._digest = hasher(source.profile)()
        self._encoding = source.encoding.removesuffix("-sig")
        self._separator = source.separator
        self._width = 0
        limits = source.limits
        self._longest = min(limits.cell_chars, limits.line_chars, csv.field_size_limit())
        self.n_read = 0

    def parts(self) -> Iterator[Part]:
        """Every part. Errors: :class:`DeclinedError`."""
        if not self._separator.isascii():
            raise DeclinedError
        with self._source.path.open("rb") as stream:
            rest, first = b"", True
            while data := stream.read(self._piece):
                self._digest.update(data)
                self.n_read += len(data)
                whole, rest = _cut(rest + data)
                if whole:
                    yield self._part(whole, is_first=first)
                    first = False
                if len(rest) > self._source.limits.line_chars * 4:
                    raise DeclinedError  # no end of line in sight
            if rest:
                yield self._part(rest.removesuffix(b"\n") + b"\n", is_first=first)

    def sha256(self) -> str:
        """Digest of what has been taken."""
        return self._digest.hexdigest()

    def _part(self, data: bytes, *, is_first: bool) -> Part:
        if b"\0" in data or has_long_line(data, self._longest):
            raise DeclinedError
        if self._encoding != UTF8 and _is_mixed(data):
            raise DeclinedError
        if is_first:
            data = data.removeprefix(codecs.BOM_UTF8) if self._encoding == UTF8 else data
            self._width = _width(decoded(data, self._encoding), self._separator)
        if any(special.encode() in data for special in SPECIAL):
            return _quoted(data, self._encoding, self._separator, self._width, self._longest)
        return _unquoted(data, self._encoding, self._separator)


def decoded(data: bytes, encoding: str) -> str:
    """The text of these bytes. GBK is GB18030 without codes of four bytes: where all of a text is in it, its
    codec says the same in three quarters of the time. Errors: :class:`DeclinedError`."""
    try:
        if encoding != UTF8:
            with suppress(UnicodeDecodeError):  # a code of four bytes, or none at all
                return data.decode("gbk")
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DeclinedError from error


def has_long_line(data: bytes, longest: int) -> bool:
    """Whether some line may be longer than a cell may be: its window then holds no line end."""
    window = max(1, longest // 2)
    return any(data.find(b"\n", at, at + window) < 0 for at in range(0, len(data) - window, window))


def _width(text: str, separator: str) -> int:
    """Cells of the first record, by which the record reader tells a record that swallowed others."""
    try:
        return len(next(csv.reader(_Lines(text, 0), strict=True, delimiter=separator), []))
    except csv.Error as error:
        raise DeclinedError from error


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """Whole lines, and what follows the last line end. Where the quotes so far are odd in number, the cut
    goes back to where they are even: a cell with line breaks stays whole. A stray quote makes a bad cut,
    which then ends inside quotes and is declined."""
    last = end = data.rfind(b"\n") + 1
    odd = data.count(b'"', 0, end) % 2 if b'"' in data else 0
    while odd and end:
        before = data.rfind(b"\n", 0, end - 1) + 1
        odd ^= data.count(b'"', before, end) % 2
        end = before
    end = end or last
    return data[:end], data[end:]


def _is_mixed(data: bytes) -> bool:
    """Whether a line looks like UTF-8 among lines of GB18030; the record reader names it."""
    if not has_utf8_words(data):
        return False
    return any(UTF8_WORDS.search(line) and _is_utf8(line) for line in data.split(b"\n"))


def has_utf8_words(data: bytes) -> bool:
    """Whether :data:`scheduler.intake.csvfile.UTF8_WORDS` is found, in an eightieth of the time."""
    signs = np.frombuffer(data, dtype=np.uint8)
    for start in range(0, len(signs) - FOLLOWING[-1], STRETCH):
        stretch = signs[start : start + STRETCH + FOLLOWING[-1]]
        first = stretch - np.uint8(0xE4) <= 0xE9 - 0xE4
        at = np.flatnonzero(first[:-11] & first[3:-8] & first[6:-5] & first[9:-2])
        for place in FOLLOWING:
            at = at[stretch[at + place] & 0xC0 == 0x80]
        if len(at):
            return True
    return False


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _unquoted(data: bytes, encoding: str, separator: str) -> Part:
    """The lines as they are."""
    n_ends, n_returns, n_both = _line_ends(data)
    line_end = "\n"
    if n_returns == n_both == n_ends:
        line_end = "\r\n"
    elif n_returns == n_both:
        data = data.replace(b"\r\n", b"\n")
    else:
        raise DeclinedError  # a bare carriage return ends a record, too
    return Part(
        data=data,
        n_records=n_ends,
        separator=separator,
        line_end=line_end,
        asides={},
        encoding=encoding,
    )


def _line_ends(data: bytes) -> tuple[int, int, int]:
    """How many line feeds, carriage returns, and both together there are; a seventh of what ``bytes.count``
    takes."""
    signs = np.frombuffer(data, dtype=np.uint8)
    counts = np.zeros(3, dtype=np.int64)
    for at in range(0, len(signs), STRETCH):
        feeds = signs[at : at + STRETCH] == ord("\n")
        returns = signs[max(0, at - 1) : at + STRETCH] == ord("\r")
        both = returns[:-1] & feeds[not at :]
        counts += [np.count_nonzero(found) for found in (feeds, returns[at > 0 :], both)]
    n_feeds, n_returns, n_both = counts.tolist()
    return n_feeds, n_returns, n_both


def _quoted(data: bytes, encoding: str, separator: str, width: int, longest: int) -> Part:
    """Lines with special characters are read by the record reader and written without quotes; the others stay
    as they are."""
    text = decoded(data, encoding)
    out: list[str] = []
    asides: dict[int, list[str]] = {}
    n_records = at = 0
    dense = text.count('"') * DENSE > text.count("\n")
    while at < len(text):
        start = at if dense else _line_of_next_special(text, at)
        if start > at:
            stretch = _stretch(text[at:start], separator)
            out.append(stretch)
            n_records += stretch.count("\n")
        lines = _Lines(text, start)
        for cells in _records(lines, separator, width):
            joined = GAP.join(cells)
            if joined.count(GAP) != max(0, len(cells) - 1) or any(end in joined for end in "\r\n"):
                asides[n_records], joined = cells, MARK
                if max(map(len, cells)) > longest:
                    raise DeclinedError
            out.append(joined + "\n")
            n_records += 1
            if not dense:
                break
        at = lines.at
    return Part(
        data="".join(out).encode(encoding),
        n_records=n_records,
        separator=GAP,
        line_end="\n",
        asides=asides,
        encoding=encoding,
    )


def _line_of_next_special(text: str, at: int) -> int:
    """Where the next line with a special character begins; the text's end where none follows."""
    found = _SPECIAL.search(text, at)
    return max(at, text.rfind("\n", at, found.start()) + 1) if found else len(text)


def _stretch(text: str, separator: str) -> str:
    """Lines without quotes, their cells parted by the gap."""
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        raise DeclinedError
    return text.replace(separator, GAP)


class _Lines:
    """Lines of a text from a place on; ``at`` is where the next one begins."""

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self.at = at

    def __iter__(self) -> Iterator[str]:
        while self.at < len(self._text):
            start, self.at = self.at, self._text.find("\n", self.at) + 1 or len(self._text)
            yield self._text[start : self.at]


def _records(lines: _Lines, separator: str, width: int) -> Iterator[list[str]]:
    """Records as the record reader cuts them. Errors: :class:`DeclinedError` for quotes that are not closed,
    and for a record of several lines that may have swallowed some."""
    reader = csv.reader(lines, strict=True, delimiter=separator)
    before = 0
    try:
        for cells in reader:
            breaks, before = reader.line_num - before - 1, reader.line_num
            if breaks and (
                len(cells) != width or any(_holds_rows(c, separator, breaks, width) for c in cells)
            ):
                raise DeclinedError
            yield cells
    except csv.Error as error:
        raise DeclinedError from error


def _holds_rows(cell: str, separator: str, breaks: int, width: int) -> bool:
    return "\n" in cell and cell.count(separator) >= breaks * (width - 1)
