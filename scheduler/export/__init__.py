"""What departments get: one roster workbook each, and a summary over all of them.

In: the plan, the registers, the merge result, the schedule, the certificate. Out: file names with their
bytes; nothing is written here. May import: :mod:`scheduler.domain`, xlsxwriter.
"""

from scheduler.export.books import workbooks

__all__ = ["workbooks"]
