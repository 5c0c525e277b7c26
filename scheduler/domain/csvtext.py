"""Text in CSV files that people open in a spreadsheet.

In: text. Out: text. May import: nothing.
"""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def kept_as_text(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
