"""What the records of an old .xls tell: formulas, hidden rows and columns, a password.

In: the bytes of an OLE container ([MS-CFB]) with a BIFF8 workbook ([MS-XLS]). Out: :class:`BookFacts`. May
import: the standard library. A container that is damaged tells nothing: its reader says what is wrong.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

END = 0xFFFFFFFA
"""Sector numbers from here on are marks (end of chain, free), no sectors."""

FORMULA, FILEPASS, BOF, BOUNDSHEET, COLINFO, ROW = 0x0006, 0x002F, 0x0809, 0x0085, 0x007D, 0x0208
BOOLERR = 0x0205
"""Record types, [MS-XLS] section 2.3."""


@dataclass(kw_only=True)
class BiffFacts:
    """Numbers of formulas, cells with an error, hidden rows and hidden column groups of one sheet."""

    n_formulas: int = 0
    n_errors: int = 0
    n_hidden_rows: int = 0
    n_hidden_columns: int = 0


@dataclass(kw_only=True)
class BookFacts:
    """Facts by sheet name, and whether the workbook asks for a password."""

    sheets: dict[str, BiffFacts] = field(default_factory=dict)
    has_password: bool = False


def biff_facts(data: bytes) -> BookFacts:
    """The facts; empty where there is no workbook stream that can be walked."""
    book = BookFacts()
    try:
        stream = _workbook(data)
        names = _walk(stream, book)
    except (struct.error, IndexError, ValueError):
        return BookFacts()
    book.sheets = dict(zip(names, book.sheets.values(), strict=False))
    return book


def _walk(stream: bytes, book: BookFacts) -> list[str]:
    """Counts by position into ``book.sheets``; the sheets' names in the order of their substreams."""
    names: dict[int, str] = {}
    facts = BiffFacts()
    for place, kind, body in _records(stream):
        if kind == BOF:
            facts = book.sheets.setdefault(str(place), BiffFacts())
        elif kind == BOUNDSHEET:
            names[struct.unpack_from("<I", body)[0]] = _name(body)
        elif kind == FILEPASS:
            book.has_password = True
        elif kind == FORMULA:
            facts.n_formulas += 1
            facts.n_errors += body[6] == 2 and body[12:14] == b"\xff\xff"
        elif kind == BOOLERR:
            facts.n_errors += body[7]
        elif kind == ROW and body[12] & 0x20:
            facts.n_hidden_rows += 1
        elif kind == COLINFO and body[8] & 0x01:
            facts.n_hidden_columns += 1
    book.sheets = {str(place): book.sheets.get(str(place), BiffFacts()) for place in names}
    return list(names.values())


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    place = 0
    while place + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, place)
        if not kind and not size:
            return
        yield place, kind, stream[place + 4 : place + 4 + size]
        place += 4 + size


def _name(body: bytes) -> str:
    length, wide = body[6], body[7] & 1
    return body[8 : 8 + 2 * length].decode("utf-16-le") if wide else body[8 : 8 + length].decode("latin-1")


def _workbook(data: bytes) -> bytes:
    """The stream ``Workbook`` (or ``Book``) of the container."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    if not 128 <= size <= 4096:
        raise ValueError(size)
    table = _allocation(data, size)
    directory = _chain(data, table, size, struct.unpack_from("<I", data, 48)[0])
    small_limit = struct.unpack_from("<I", data, 56)[0]
    entries = [directory[at : at + 128] for at in range(0, len(directory) - 127, 128)]
    for entry in entries:
        length = struct.unpack_from("<H", entry, 64)[0]
        name = entry[: max(0, length - 2)].decode("utf-16-le", "ignore")
        first, n_bytes = struct.unpack_from("<II", entry, 116)
        if name in {"Workbook", "Book"}:
            if n_bytes >= small_limit:
                return _chain(data, table, size, first)[:n_bytes]
            root_first = struct.unpack_from("<I", entries[0], 116)[0]
            small = _chain(data, table, size, root_first)
            shorts = _numbers(_chain(data, table, size, struct.unpack_from("<I", data, 60)[0]))
            return _follow(small, shorts, 64, first, 0)[:n_bytes]
    raise ValueError(len(entries))


def _allocation(data: bytes, size: int) -> list[int]:
    """The table of chains: for each sector the next one."""
    sectors = [number for number in struct.unpack_from("<109I", data, 76) if number < END]
    following, most = struct.unpack_from("<I", data, 68)[0], len(data) // size
    while following < END and most:
        block = _numbers(data[(following + 1) * size : (following + 2) * size])
        sectors += [number for number in block[:-1] if number < END]
        following, most = block[-1], most - 1
    found: list[int] = []
    for number in sectors[: len(data) // size + 1]:
        found += _numbers(data[(number + 1) * size : (number + 2) * size])
    return found


def _numbers(block: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(block) // 4}I", block[: len(block) // 4 * 4]))


def _chain(data: bytes, table: list[int], size: int, first: int) -> bytes:
    return _follow(data, table, size, first, 1)


def _follow(data: bytes, table: list[int], size: int, first: int, skip: int) -> bytes:
    """The sectors of a chain together; a chain that runs in a circle ends where it must."""
    parts = []
    number, most = first, len(table)
    while number < END and most:
        parts.append(data[(number + skip) * size : (number + skip + 1) * size])
        number, most = table[number], most - 1
    return b"".join(parts)
