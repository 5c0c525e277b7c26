"""File names out of department names: readable, safe on every system, never two alike.

In: a position and a name. Out: a file name of at most 100 bytes. May import: :mod:`scheduler.domain`.
"""

import re

from scheduler.domain.canonical import nfc

LONGEST = 80
"""Bytes of UTF-8 kept of a name, so that a name with number and ending stays under 100."""

_UNSAFE = re.compile(
    r"[\x00-\x20\x7f-\x9f\\/:*?\"<>|\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+"
)


def workbook_name(position: int, name: str) -> str:
    """``003_市场监督管理局.xlsx``: the number keeps equal names apart and reserved words harmless."""
    return f"{position:03d}_{safe(name)}.xlsx"


def safe(name: str) -> str:
    """The name without separators, controls and direction marks, cut between characters."""
    kept = _UNSAFE.sub("_", nfc(name)).encode()[:LONGEST].decode(errors="ignore")
    return kept.strip("._") or "_"


def department_folder(position: int, name: str) -> str:
    """``003_市场监督管理局``: a department's folder, named like its workbook."""
    return f"{position:03d}_{safe(name)}"


class NameGiver:
    """Gives paths of which no two are the same on a system that ignores case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def give(self, folder: str, wanted: str) -> str:
        """``<folder>/<wanted>``, with a running number where that is taken."""
        stem, number = safe(wanted), 1
        path = f"{folder}/{stem}"
        while path.casefold() in self._taken:
            number += 1
            path = f"{folder}/{stem}~{number}"
        self._taken.add(path.casefold())
        return path
