"""What is handed out on demand, each maker loaded only where it is asked for: icalendar, duckdb and
SQLAlchemy take a second together, docxtpl is an extra.

In: what the makers take. Out: what they make. May import: this room.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scheduler.export.papers import Ending, Kind, Template, check_templates, papers
from scheduler.export.tablerows import LedgerLine, Rows, table_rows

if TYPE_CHECKING:
    from scheduler.export.tablesql import Loaded

__all__ = [
    "LedgerLine",
    "calendars",
    "calendars_there",
    "check_templates",
    "default",
    "docx_there",
    "load_tables",
    "papers",
    "table_rows",
    "write_tables",
]


def docx_there() -> bool:
    """Whether the extra ``documents`` is installed."""
    return find_spec("docxtpl") is not None


def calendars_there() -> bool:
    """Whether icalendar is installed."""
    return find_spec("icalendar") is not None


def default(kind: Kind, ending: Ending) -> Template:
    """Our own template."""
    from scheduler.export.paperdefaults import default_template  # noqa: PLC0415 - see above

    return Template(name=f"{kind}.{ending}", data=default_template(kind, ending))


def calendars(*given: Any, **more: Any) -> Iterator[tuple[str, bytes]]:
    """See :func:`scheduler.export.calendars.calendars`."""
    from scheduler.export.calendars import calendars as made  # noqa: PLC0415 - see above

    return made(*given, **more)


def write_tables(rows: Rows, folder: Path) -> Iterator[str]:
    """See :func:`scheduler.export.tablefiles.write_tables`."""
    from scheduler.export.tablefiles import write_tables as written  # noqa: PLC0415 - see above

    return written(rows, folder)


def load_tables(address: str, rows: Rows) -> "Loaded":
    """See :func:`scheduler.export.tablesql.load_tables`."""
    from scheduler.export.tablesql import load_tables as loaded  # noqa: PLC0415 - see above

    return loaded(address, rows)
