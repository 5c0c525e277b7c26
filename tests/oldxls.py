"""A small writer of real .xls files ([MS-XLS] BIFF8 in an [MS-CFB] container), so that tests can have any,
hostile ones too. Texts stand in the shared string table, numbers as NUMBER records."""

import struct
from collections.abc import Iterable, Mapping, Sequence

Cell = str | float | None
SECTOR = 512


def xls_bytes(
    sheets: Mapping[str, Sequence[Sequence[Cell]]],
    *,
    hidden: Iterable[str] = (),
    extra: bytes = b"",
    globals_extra: bytes = b"",
) -> bytes:
    """The workbook; ``extra`` goes into the first sheet, ``globals_extra`` in front of the list of sheets."""
    return container(workbook_stream(sheets, set(hidden), extra, globals_extra))


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def number(row: int, column: int, value: float) -> bytes:
    return record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def formula(row: int, column: int, value: float) -> bytes:
    """A formula whose stored result is the value; the formula itself is the integer 1."""
    parsed = struct.pack("<BH", 0x1E, 1)
    return record(0x0006, struct.pack("<HHHdHIH", row, column, 0, value, 0, 0, len(parsed)) + parsed)


def error(row: int, column: int) -> bytes:
    """A cell that holds ``#N/A``."""
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, 0x2A, 1))


def hidden_row(row: int) -> bytes:
    return record(0x0208, struct.pack("<HHHHHHI", row, 0, 5, 255, 0, 0, 0x20))


def hidden_columns(first: int, last: int) -> bytes:
    return record(0x007D, struct.pack("<HHHHHH", first, last, 2304, 0, 1, 0))


def merged(first_row: int, last_row: int, first_column: int, last_column: int) -> bytes:
    return record(0x00E5, struct.pack("<HHHHH", 1, first_row, last_row, first_column, last_column))


def workbook_stream(
    sheets: Mapping[str, Sequence[Sequence[Cell]]], hidden: set[str], extra: bytes, globals_extra: bytes
) -> bytes:
    texts = list(
        dict.fromkeys(
            cell for rows in sheets.values() for row in rows for cell in row if isinstance(cell, str)
        )
    )
    places = {text: place for place, text in enumerate(texts)}
    bodies = [
        _sheet(rows, places, extra if place == 0 else b"") for place, rows in enumerate(sheets.values())
    ]
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    strings = _strings(texts)
    names = [name.encode("utf-16-le") for name in sheets]
    listed = sum(4 + 8 + len(name) for name in names)
    at = len(begin) + len(globals_extra) + listed + len(strings) + 4
    bound = b""
    for (name, body), text in zip(zip(sheets, bodies, strict=True), names, strict=True):
        state = 1 if name in hidden else 0
        bound += record(0x0085, struct.pack("<IBBBB", at, state, 0, len(name), 1) + text)
        at += len(body)
    return begin + globals_extra + bound + strings + record(0x000A) + b"".join(bodies)


def _sheet(rows: Sequence[Sequence[Cell]], places: Mapping[str, int], extra: bytes) -> bytes:
    out = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                out += record(0x00FD, struct.pack("<HHHI", row, column, 0, places[cell]))
            elif cell is not None:
                out += number(row, column, cell)
    return out + extra + record(0x000A)


def _strings(texts: Sequence[str]) -> bytes:
    """The shared string table, continued where a record is full; a continued text repeats its flag byte."""
    parts = [struct.pack("<II", len(texts), len(texts))]
    for text in texts:
        data = text.encode("utf-16-le")
        head = struct.pack("<HB", len(data) // 2, 1)
        if len(parts[-1]) + len(head) + 2 > 8000:
            parts.append(b"")
        parts[-1] += head
        while data:
            room = (8200 - len(parts[-1])) // 2 * 2
            if room <= 0:
                parts.append(b"\x01")
                continue
            parts[-1] += data[:room]
            data = data[room:]
    return record(0x00FC, parts[0]) + b"".join(record(0x003C, part) for part in parts[1:])


def container(stream: bytes) -> bytes:
    """An OLE container with the one stream ``Workbook``, padded so that it needs no small sectors."""
    stream = stream.ljust(4096, b"\0")
    stream += bytes(-len(stream) % SECTOR)
    n_stream = len(stream) // SECTOR
    per = SECTOR // 4
    n_table = 1
    while n_table * per < n_stream + 1 + n_table:
        n_table += 1
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    chain = [*range(1, n_stream), end, end, *[fat] * n_table]
    chain += [free] * (n_table * per - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, n_table, n_stream, 0, 4096, end, 0, end, 0)
    table_at = [n_stream + 1 + place for place in range(n_table)]
    header += struct.pack("<109I", *(table_at[:109] + [free] * (109 - min(109, n_table))))
    entries = _entry("Root Entry", 5, end, 0, 1) + _entry("Workbook", 2, 0, len(stream), free) + bytes(256)
    return header + stream + entries + struct.pack(f"<{len(chain)}I", *chain)


def _entry(name: str, kind: int, first: int, size: int, child: int) -> bytes:
    free = 0xFFFFFFFF
    text = (name + "\0").encode("utf-16-le")
    out = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
    return out + bytes(36) + struct.pack("<IQ", first, size)
