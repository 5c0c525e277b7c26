"""What a spreadsheet's cells and names can hold (Excel specifications and limits).

In: text. Out: text. May import: the standard library.
"""

import re

LONGEST_TEXT = 32_767
"""UTF-16 units in a cell."""

LONGEST_NAME = 31
"""UTF-16 units in a sheet's name: an emoji takes two."""

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, and U+007F."""


def line_feeds(text: str) -> str:
    """The text with line feeds alone: spreadsheets change carriage returns on their own."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def holdable(text: str) -> str:
    """What a cell can hold of a text: � for what XML forbids, cut at the cell's limit."""
    text = _ILLEGAL.sub("�", text)
    if len(text) * 2 <= LONGEST_TEXT or len(text.encode("utf-16-le")) <= 2 * LONGEST_TEXT:
        return text
    return cut(text, LONGEST_TEXT - 1) + "…"


def cut(text: str, most: int) -> str:
    """The text's beginning, of so many UTF-16 units at most and without half a character at its end."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")
