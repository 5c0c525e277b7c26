"""File names out of department names: readable, safe on every system, never two alike.

In: a position and a name. Out: a file name of at most 100 bytes. May import: :mod:`scheduler.domain`.
"""

import re

from scheduler.domain.canonical import nfc

LONGEST = 80
"""Bytes of UTF-8 kept of a name, so that a name with number and ending stays under 100."""

_UNSAFE = re.compile(
    r"[\x00-\x20\x7f-\x9f\\/:*?\"<>|\u2028\u2029\u200e\u200f\u202a-\u202e\ud800-\udfff\ufffe\uffff]+"
)


def workbook_name(position: int, name: str) -> str:
    """``003_市场监督管理局.xlsx``: the number keeps equal names apart and reserved words harmless."""
    return f"{position:03d}_{safe(name)}.xlsx"


def safe(name: str) -> str:
    """The name without separators, controls and direction marks, cut between characters."""
    kept = _UNSAFE.sub("_", nfc(name)).encode()[:LONGEST].decode(errors="ignore")
    return kept.strip("._") or "_"
