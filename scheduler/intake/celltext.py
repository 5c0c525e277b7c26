"""The text of a cell as it is kept, and what is raised where a cell cannot be read.

In: the text of a cell. Out: text, :class:`BadCellError`. May import: the standard library, the columns.
"""

import re
import unicodedata

from scheduler.intake.columns import FULL_WIDTH

MAX_TEXT = 1_000
"""Longest text taken from one cell, in characters: far above any name or address, far below the cell size
at which Python's csv reader gives up (131,072), so that what is sealed can be read again."""

BROWSER_CODES = {
    **dict(
        zip(
            (*range(0xE78D, 0xE797), 0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864),
            (0xFE10, 0xFE12, 0xFE11, *range(0xFE13, 0xFE1A), *range(0x9FB4, 0x9FBC)),
            strict=True,
        )
    ),
    0xE7C7: 0x1E3F,
    0xE5E5: 0x3000,
}
"""Private-use characters to those of the Encoding Standard's index gb18030 (WHATWG, 2024-09-18).

Python decodes 20 two-byte codes as GB 18030-2000 did, to private use; GB 18030-2022 (18 of them), GB
18030-2005 (A8BC) and browsers (A3A0) do not. Untranslated, a page and this program would hash different
text."""


UNSEEN = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF))
"""Characters without a sign of their own (Unicode, category Cf), which come along when a code is copied out
of a page, or turn around what follows (U+202E): they are no part of a text. The joiners of scripts and of
pictures, U+200C and U+200D, are."""

_VALUE = re.compile(r"(?:[^;；,，、(（]|[(（][^()（）]*[)）]?)+")
"""One of several values in a cell: what parts them, no identifier holds; within brackets it parts nothing."""

_GUARD = re.compile(r"""="(.*)"|['`](.*)""")
"""A code as some exports write it lest a spreadsheet make a number of it: ``="0012"``, ``'0012``."""


class BadCellError(Exception):
    """A cell that cannot be read: ``code`` names the message, ``detail`` fills it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def clean(cell: str) -> str:
    """The text as it is kept: NFC, stripped, browser's GB 18030 characters, line breaks as one blank, nothing
    unseen."""
    text = unicodedata.normalize("NFC", cell.strip())
    if text.isprintable():
        return text
    text = re.sub(r"[\t\r\n]+", " ", text.translate(BROWSER_CODES | UNSEEN)).strip()
    return unicodedata.normalize("NFC", text)


def plain(cell: str) -> str:
    """The text of an identifier or figure: full-width digits, letters and punctuation become ASCII, what
    guards it from a spreadsheet is left out."""
    text = cell.strip()
    return unguarded(text if text.isascii() else clean(text).translate(FULL_WIDTH).strip())


def several(cell: str) -> list[str]:
    """The values of a cell, parted by semicolons, commas or ``、``: 食品、药品(含疫苗、血液制品) are two."""
    return _VALUE.findall(unguarded(cell.strip()))


def unguarded(text: str) -> str:
    """The text that ``="…"`` or a leading ``'`` guards, or the text itself."""
    found = _GUARD.fullmatch(text)
    return (found[1] or found[2] or "").strip() if found else text
