"""Typed values of a query, a Parquet file or a DataFrame as text, and the digest of the rows as read.

In: Python values. Out: text. May import: the standard library, the room's workbook, :mod:`scheduler.domain`.
"""

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any

from scheduler.domain.errors import InputError, Value, refuse
from scheduler.domain.hashes import Profile, hasher
from scheduler.intake.workbook import cell_text

GAP = "\x1f"
ODD_LINE = "\x01"


BITS = {b"\0": False, b"\1": True}
"""What MySQL's BIT(1) comes as."""


class BinaryValueError(TypeError):
    """A value that has no text: bytes."""


def row_texts(values: Sequence[Any], heads: Sequence[str], place: dict[str, Value]) -> list[str]:
    """The texts of a row. Errors: ``intake.value_binary`` with the headings of such cells."""
    try:
        return [value_text(value) for value in values]
    except BinaryValueError as error:
        pairs = zip(heads, values, strict=True)
        binary = "、".join(head for head, value in pairs if isinstance(value, bytes | bytearray | memoryview))
        raise refuse(InputError, "intake.value_binary", place, heads=binary or "、".join(heads)) from error


def value_text(value: Any) -> str:
    """The text of a value. Lists are parted by ``;``, sets sorted before; a mapping is JSON.

    Errors: :class:`BinaryValueError` for bytes that are no bit.
    """
    if value is None or isinstance(value, str | bool | int | float | Decimal | dt.date | dt.time):
        return cell_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return cell_text(_bit(bytes(value)))
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if isinstance(value, Sequence | AbstractSet):
        texts = map(value_text, value)
        return ";".join(sorted(texts) if isinstance(value, AbstractSet) else texts)
    if hasattr(value, "tolist"):  # numpy's arrays and numbers
        return value_text(value.tolist())
    return str(value) if isinstance(value, uuid.UUID) else cell_text(value)


def _bit(value: bytes) -> bool:
    if value not in BITS:
        raise BinaryValueError(len(value))
    return BITS[value]


class RowsDigest:
    """The digest of the rows as they were read, a line each: the cells parted by U+001F, or, where that would
    not be plain to read back, U+0001 and the JSON array of the cells."""

    def __init__(self, profile: Profile) -> None:
        self._digest = hasher(profile)()

    def add(self, cells: list[str]) -> None:
        """One more record, in the order read."""
        line = GAP.join(cells)
        if line.count(GAP) != len(cells) - 1 or "\n" in line or line.startswith(ODD_LINE):
            line = ODD_LINE + json.dumps(cells, ensure_ascii=False)
        self._digest.update(line.encode("utf-8", "surrogatepass") + b"\n")

    def add_lines(self, lines: bytes) -> None:
        """Records that are such plain lines already."""
        self._digest.update(lines)

    def hexdigest(self) -> str:
        """Of all records so far."""
        return self._digest.hexdigest()
