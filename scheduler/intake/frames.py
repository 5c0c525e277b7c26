"""pandas DataFrames instead of files: the same headings or English field names, the same checks.

In: a DataFrame per table, the settings. Out: registers and rejected rows. May import: the standard library,
pandas for types only, the rest of the room, :mod:`scheduler.domain`.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from scheduler.domain.errors import InputError, Problem
from scheduler.domain.hashes import Profile
from scheduler.domain.intake import Rejected
from scheduler.domain.registers import TABLES, Registers
from scheduler.domain.settings import Settings
from scheduler.intake.assemble import assemble
from scheduler.intake.availability import read_people
from scheduler.intake.campaign import NEEDED_TABLES
from scheduler.intake.headings import bind
from scheduler.intake.named import with_numbers
from scheduler.intake.rows import Rows
from scheduler.intake.source import Note, Record
from scheduler.intake.values import RowsDigest, row_texts

if TYPE_CHECKING:
    import pandas as pd


class FrameSource:
    """A DataFrame's rows, numbered as if its column names were row 1; a missing value is an empty cell."""

    def __init__(self, table: str, frame: "pd.DataFrame", profile: Profile) -> None:
        self.file = f"DataFrame:{table}"
        self.sheet = ""
        self._frame = frame
        self._digest = RowsDigest(profile)
        self._read = 0

    def records(self) -> Iterator[Record]:
        """The column names, then every row."""
        heads = [str(head) for head in self._frame.columns]
        yield 1, heads
        values = self._frame.astype(object).where(self._frame.notna(), None)
        for number, cells in enumerate(values.itertuples(index=False, name=None), start=2):
            self._read = number
            texts = row_texts(cells, heads, {"file": self.file, "row": number})
            self._digest.add(texts)
            yield number, texts

    def sha256(self) -> str:
        """Digest of the rows as read: a DataFrame has no bytes of its own."""
        return self._digest.hexdigest()

    def share(self) -> tuple[int, int]:
        """Rows read, rows in all."""
        return self._read, len(self._frame) + 1

    def numbers(self) -> Mapping[int, int]:
        """Nothing: a DataFrame's codes are what the caller made them."""
        return {}

    def notes(self) -> tuple[Note, ...]:
        """Nothing."""
        return ()


def registers_from_frames(
    frames: "Mapping[str, pd.DataFrame]", settings: Settings
) -> tuple[Registers, tuple[Rejected, ...]]:
    """Registers from DataFrames keyed by table name, and the rows that were rejected.

    Chinese headings read as in files, English field names as the row classes define them (half-open ``end``,
    integer ``lon_udeg``). A cell of several values is text with ``;`` or a list.

    Errors: :class:`InputError` with every problem at once; codes as :func:`scheduler.intake.read_campaign`.
    """
    problems = [
        Problem(
            code="intake.table_unknown",
            params={"field": name, "value": "", "known": "/".join(TABLES)},
        )
        for name in frames
        if name not in TABLES
    ]
    needed = (*NEEDED_TABLES, "calendar") if settings.calendar == "file" else NEEDED_TABLES
    problems += [
        Problem(code="intake.table_missing", params={"field": name, "value": ""})
        for name in needed
        if name not in frames
    ]
    bounds = []
    for name in TABLES:
        if name in frames:
            bound, wrong = bind(name, FrameSource(name, frames[name], settings.profile))
            problems += wrong
            bounds += [] if bound is None else [bound]
    if problems:
        raise InputError(problems)
    tables: dict[str, Rows] = {}
    for bound in bounds:  # departments first, as in TABLES: others may give their names
        tables[bound.origin.table] = read_people(with_numbers(bound, tables.get("departments")), settings)
    assembled = assemble(tables, settings)
    return assembled.registers, assembled.rejected
