"""What the public sees of a draw: one redacted page, a table and a data file; before it, the commitment
alone; after the close, everything.

In: the plan, the draw, the merge result, the certificate, the registers (for department and task names).
Out: file names with their bytes; nothing is written here. May import: :mod:`scheduler.domain`, jinja2.
"""

from scheduler.publish.outputs import pages
from scheduler.publish.staged import close_pages, commit_pages

__all__ = ["close_pages", "commit_pages", "pages"]
