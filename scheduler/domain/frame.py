"""The frame in columns: who is alike stands together, so that a million rows are a few thousand entries.

In: the frame's rows. Out: :class:`FrameColumns`. May import: the domain without its codec.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.plan import FrameRow

LINE = b"\n"


@dataclass(frozen=True, kw_only=True)
class FrameColumns:
    """The ids of all enterprises that differ in nothing but the id, each followed by one line feed, UTF-8.

    ``ids`` maps a profile, which is a row with an empty id, to them in the frame's order; ``n_rows`` counts
    them all. ``ascending`` says that every id of the whole frame is above the one before it, so that none
    occurs twice.
    """

    ids: dict[FrameRow, bytes]
    n_rows: int
    ascending: bool


def frame_columns(rows: Iterable[FrameRow]) -> FrameColumns:
    """Rows in columns; a row is held no longer than it takes to file its id.

    Errors: ``codec.id_line`` for an id with a line feed.
    """
    found: dict[FrameRow, bytearray] = {}
    count, ascending, before = 0, True, ""
    for row in rows:
        if "\n" in row.enterprise_id:
            raise refuse(InputError, "codec.id_line", {"value": row.enterprise_id})
        ascending = ascending and (not count or before < row.enterprise_id)
        count, before = count + 1, row.enterprise_id
        profile = replace(row, enterprise_id="")
        found.setdefault(profile, bytearray()).extend(row.enterprise_id.encode() + LINE)
    ids = {profile: bytes(joined) for profile, joined in found.items()}
    return FrameColumns(ids=ids, n_rows=count, ascending=ascending)
