"""What departments get: one roster workbook each, a summary over all of them, the planner's report.

In: the plan, the registers, the merge result, the schedule, the certificate. Out: file names with their
bytes; nothing is written here. May import: :mod:`scheduler.domain`, xlsxwriter, jinja2.
"""

from scheduler.export.books import workbooks
from scheduler.export.report import REPORT, report

__all__ = ["REPORT", "report", "workbooks"]
