"""A PostgreSQL query as parts of text, by COPY: the server writes the very lines that are wanted.

In: a :class:`scheduler.intake.queries.QuerySource`. Out: :class:`scheduler.intake.bulktext.Part`, or
:class:`scheduler.intake.bulktext.DeclinedError`. May import: the standard library, numpy, sqlalchemy,
psycopg, the room's queries and parts.

Only columns whose text on the server is the text of the value in Python are read so: texts, whole and decimal
numbers, dates. A table with any other column goes by the server-side cursor.
"""

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy.engine import Connection

from scheduler.intake.bulktext import GAP, MARK, UTF8, DeclinedError, Part, decoded, has_long_line
from scheduler.intake.queries import QuerySource
from scheduler.intake.values import RowsDigest

if TYPE_CHECKING:
    import psycopg

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
        if _may_be_odd(block) and ODD.search(block):
            raise DeclinedError
        asides: dict[int, list[str]] = {}
        if b"\\" in block or MARK.encode() in block:
            lines = decoded(block, UTF8).split("\n")[:-1]
            for at, line in enumerate(lines):
                cells = line.split(GAP)
                if "\\" in line or MARK in line:
                    asides[at] = cells = _cells(line)
                    lines[at] = MARK
                self._digest.add(cells)
            block = "\n".join([*lines, ""]).encode()
        else:
            self._digest.add_lines(block)
        return Part(data=block, n_records=n_records, separator=GAP, line_end="\n", asides=asides, first=first)


def _may_be_odd(block: bytes) -> bool:
    """Whether :data:`ODD` may be found: a look at what all of its forms hold costs a third of the search."""
    if any(sign in block for sign in (b"nf", b"NaN", b" BC")):
        return True
    signs = np.frombuffer(block, dtype=np.uint8)
    at = np.flatnonzero(signs[5:] == ord("-")) + 5
    for before in (3, 5, 1, 2, 4):  # of a usual date no dash is left after two of them
        sign = signs[at - before]
        at = at[(sign >= ord("0")) & (sign <= ord("9"))]
    return len(at) > 0


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
    """Whole lines of the server's text format. Errors: :class:`DeclinedError` where the server has some: the
    cursor's reading then tells it."""
    import psycopg  # noqa: PLC0415 - only where a database is asked for

    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise DeclinedError
    text = f"COPY ({statement}) TO STDOUT (FORMAT text, DELIMITER E'\\x1f', NULL '', ENCODING 'UTF8')"
    kept: list[bytes] = []
    size = 0
    try:
        with closing(_lines(driver, text.encode(driver.info.encoding))) as lines:
            for line in lines:
                kept.append(line)
                size += len(line)
                if size >= piece:
                    yield b"".join(kept)
                    kept, size = [], 0
    except psycopg.Error as error:
        raise DeclinedError from error
    if kept:
        yield b"".join(kept)


def _lines(driver: "psycopg.Connection[Any]", text: bytes) -> Generator[bytes, None, None]:
    """Each line as it comes over the wire. The driver's own loop waits in Python for each of them, which took
    0.6 s of processor time for a million, this 0.26."""
    from psycopg.pq import ExecStatus  # noqa: PLC0415

    wire = driver.pgconn
    n_bytes = int(wire.exec_(text).status == ExecStatus.COPY_OUT)
    failed = not n_bytes
    try:
        while n_bytes > 0:
            n_bytes, line = wire.get_copy_data(0)
            if n_bytes > 0:
                yield bytes(line)
    finally:
        if n_bytes > 0:  # given up half-way
            driver.cancel()
            while wire.get_copy_data(0)[0] > 0:
                pass
        while result := wire.get_result():
            failed |= result.status != ExecStatus.COMMAND_OK
    if failed:
        raise DeclinedError


def _cells(line: str) -> list[str]:
    """The cells of a line with escapes."""
    found = [cell[1] for cell in _CELL.finditer(line)]
    if not line.endswith(GAP):
        found.pop()  # the empty match at the end of the line
    return [_ESCAPE.sub(lambda sign: _ESCAPED.get(sign[1], sign[1]), cell) for cell in found]
