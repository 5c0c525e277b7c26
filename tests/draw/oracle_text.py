"""Hashes, canonical JSON and tables of docs/draw-spec.md (§1, §10, §16), written from the page alone
by somebody who had not read scheduler/draw.
"""

import csv
import hashlib
import io
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

PROFILES = ("sha256", "sm3")
CLASSES = "ABCD"


class RefusedError(ValueError):
    """The page says that this plan or draw is refused; each of `reasons` begins with the section."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def has_profile(profile: str) -> bool:
    """§16: whether this Python's own OpenSSL knows the profile's hash."""
    return profile in hashlib.algorithms_available


def hash_bytes(data: bytes, profile: str) -> bytes:
    """§1: the profile's hash, 32 bytes."""
    if profile not in PROFILES:
        raise RefusedError(f"§16 profile {profile!r}")
    return hashlib.new(profile, data).digest()


def hash_text(text: str, profile: str) -> str:
    """§1: hash(x) of a text in UTF-8, NFC, as 64 lower-case hexadecimal digits."""
    return hash_bytes(nfc(text).encode(), profile).hex()


def nfc(text: str) -> str:
    """§1: Unicode in normal form C."""
    return unicodedata.normalize("NFC", text)


def is_ascii_id(text: str) -> bool:
    """§1: printable ASCII without space, | and ; (and not empty)."""
    return bool(text) and all("!" <= c <= "~" and c not in "|;" for c in text)


def is_name(text: str) -> bool:
    """§1: printable text in NFC without |, and not empty."""
    return bool(text) and text.isprintable() and nfc(text) == text and "|" not in text


def canonical_json(value: object) -> str:
    """§10: sorted keys, no white space, NFC, one LF at the end."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return nfc(text) + "\n"


def parts(cell: str) -> tuple[str, ...]:
    """§10: the parts of a list cell, in their order; an empty cell has none."""
    return tuple(cell.split(";")) if cell else ()


def read_table(text: str) -> list[dict[str, str]]:
    """§10: the rows of a sealed table by heading."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def cell_text(cell: object) -> str:
    """§10: quoted only where it holds a comma, a quote or a line end."""
    text = str(int(cell)) if isinstance(cell, bool) else str(cell)
    if any(c in text for c in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def row_text(cells: Iterable[object]) -> str:
    """§10: one line of a table without its LF."""
    return ",".join(cell_text(cell) for cell in cells)


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """§10: a table with one header line and LF after each line."""
    lines = [row_text(columns), *(row_text(row[c] for c in columns) for row in rows)]
    return "".join(line + "\n" for line in lines)
