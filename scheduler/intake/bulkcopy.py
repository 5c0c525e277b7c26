"""A PostgreSQL query as parts of text, by COPY: the server writes the very lines that are wanted.

In: a :class:`scheduler.intake.queries.QuerySource`. Out: :class:`scheduler.intake.bulktext.Part`, or
:class:`scheduler.intake.bulktext.DeclinedError`. May import: the standard library, sqlalchemy, the room's
queries and parts.

Only columns whose text on the server is the text of the value in Python are read so: texts, whole and decimal
numbers, dates. A table with any other column goes by the server-side cursor.
"""

import re
from collections.abc import Iterator
from contextlib import closing

from sqlalchemy.engine import Connection

from scheduler.intake.bulktext import GAP, MARK, DeclinedError, Part, has_long_line
from scheduler.intake.queries import QuerySource
from scheduler.intake.values import RowsDigest

SAME_TEXT = frozenset({20, 21, 23, 25, 1042, 1043, 1082, 1700})
"""Types by their numbers in ``pg_type``: int8, int2, int4, text, bpchar, varchar, date, numeric."""

ODD = re.compile(rb"[\x1f\n](?:-?[iI]nf|NaN|[0-9-]+ BC[\x1f\n]|[0-9]{5,}-[0-9]{2}-[0-9]{2}[\x1f\n])")
"""What may be a value that Python has no date or no figure for: the cursor's driver says what it is."""

_CELL = re.compile(r"((?:[^\\\x1f]|\\.)*)(?:\x1f|$)", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}


class CopiedQuery:
    """The rows of a query below its column names, numbered from 2."""

    def __init__(self, source: QuerySource, piece: int) -> None:
        self._source = source
        self._piece = piece
        self._digest = RowsDigest(source.profile)

    def parts(self) -> Iterator[Part]:
        """Every part. Errors: :class:`DeclinedError`; ``intake.sql_failed`` and the like."""
        with self._source.reading() as (connection, statement):
            self._digest.add(_heads(connection, statement))
            first = 2
            for block in _blocks(connection, statement, self._piece):
                yield self._part(block, first)
                first += block.count(b"\n")

    def sha256(self) -> str:
        """Digest of the rows, as the cursor's would be."""
        return self._digest.hexdigest()

    def _part(self, block: bytes, first: int) -> Part:
        n_records = block.count(b"\n")
        limits = self._source.limits
        if first + n_records - 1 > limits.rows or has_long_line(block, limits.cell_chars):
            raise DeclinedError
        if ODD.search(block):
            raise DeclinedError
        asides: dict[int, list[str]] = {}
        if b"\\" in block or MARK.encode() in block:
            lines = block.decode().split("\n")[:-1]
            for at, line in enumerate(lines):
                cells = line.split(GAP)
                if "\\" in line or MARK in line:
                    asides[at] = cells = _cells(line)
                    lines[at] = MARK
                self._digest.add(cells)
            block = "\n".join([*lines, ""]).encode()
        else:
            self._digest.add_lines(block)
        return Part(text=block, n_records=n_records, separator=GAP, line_end="\n", asides=asides, first=first)


def _heads(connection: Connection, statement: str) -> list[str]:
    """Column names of a statement whose columns all have the same text on both sides."""
    if connection.dialect.name != "postgresql":
        raise DeclinedError
    query = f"SELECT * FROM ({statement}) AS chosen LIMIT 0"  # noqa: S608 - it was found to be one SELECT
    with closing(connection.exec_driver_sql(query, execution_options={"no_parameters": True})) as result:
        if result.cursor is None or any(column[1] not in SAME_TEXT for column in result.cursor.description):
            raise DeclinedError
        return list(result.keys())


def _blocks(connection: Connection, statement: str, piece: int) -> Iterator[bytes]:
    """Whole lines of the server's text format."""
    driver = connection.connection.driver_connection
    if driver is None:
        raise DeclinedError
    text = f"COPY ({statement}) TO STDOUT (FORMAT text, DELIMITER E'\\x1f', NULL '', ENCODING 'UTF8')"
    with driver.cursor() as cursor, cursor.copy(text) as copy:
        kept: list[bytes] = []
        size = 0
        for block in copy:
            kept.append(bytes(block))
            size += len(kept[-1])
            if size >= piece:
                whole, _, rest = b"".join(kept).rpartition(b"\n")
                yield whole + b"\n"
                kept, size = [rest], len(rest)
        if rest := b"".join(kept):
            yield rest


def _cells(line: str) -> list[str]:
    """The cells of a line with escapes."""
    found = [cell[1] for cell in _CELL.finditer(line)]
    if not line.endswith(GAP):
        found.pop()  # the empty match at the end of the line
    return [_ESCAPE.sub(lambda sign: _ESCAPED.get(sign[1], sign[1]), cell) for cell in found]
