"""How much a source may hold before it is refused: a file from outside must not fill the memory.

In: the section ``[import]`` of campaign.toml. Out: :class:`Limits`. May import: the standard library.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Largest sizes of one source; all at least 1.

    ``unpacked_mb``: a workbook's parts unpacked, in 10**6 bytes; a full sheet (1,048,576 rows) of 15 columns
    unpacks to about 1 GB. ``ratio``: unpacked to packed size of a part, weighed from 10 MB on; sheets of real
    exports reach 10 to 40, deflate cannot exceed 1,032. ``cells``: cells of the rectangle that holds a
    sheet's filled cells. ``sheets``, ``columns``, ``rows``: their numbers; ``cell_chars``: characters of one
    cell (a spreadsheet's own limit is 32,767); ``line_chars``: characters of one line of a CSV.
    """

    unpacked_mb: int = 2_000
    ratio: int = 200
    cells: int = 60_000_000
    sheets: int = 200
    columns: int = 1_000
    rows: int = 20_000_000
    cell_chars: int = 32_767
    line_chars: int = 1_000_000


DEFAULT = Limits()
