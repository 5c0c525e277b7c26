"""The program that reads one old .xls in a process of its own: run by :mod:`scheduler.intake.oldxls`.

In: argv: the most memory in bytes, ``-`` or a sheet's name; the workbook on stdin. Out: lines of JSON on
stdout. May import: the standard library, python-calamine; nothing of this package, so that it starts fast.

A .xls is read whole and as rectangles, and a shared text is copied into each cell that names it, so a small
hostile file can ask for any amount of memory; here that ends one process, under a limit, and nothing else.
"""

import datetime as dt
import io
import json
import sys

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

OK, REFUSED = 0, 9


def main(arguments: list[str]) -> int:
    """``{"sheets": [[name, visible], …]}`` for ``-``; otherwise the sheet's merged areas and one line for
    each row: texts, numbers, true, false, null, and ``{"t": ISO text}`` for dates and times."""
    limit, sheet = int(arguments[0]), arguments[1]
    _limit_memory(limit)
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        if sheet == "-":
            names = [
                [meta.name, meta.visible == SheetVisibleEnum.Visible]
                for meta in book.sheets_metadata
                if meta.typ == SheetTypeEnum.WorkSheet
            ]
            out.write(json.dumps({"sheets": names}) + "\n")
        else:
            found = book.get_sheet_by_name(sheet[1:])
            out.write(json.dumps({"merged": len(found.merged_cell_ranges or [])}) + "\n")
            for row in found.iter_rows():
                out.write(json.dumps(row, default=_moment) + "\n")
        out.flush()
    except (CalamineError, ValueError, OSError, MemoryError) as error:
        sys.stderr.write(type(error).__name__)
        return REFUSED
    return OK


def _moment(cell: object) -> dict[str, str]:
    if isinstance(cell, dt.datetime):
        whole = cell.time() == dt.time.min
        return {"t": cell.date().isoformat() if whole else cell.isoformat(sep=" ")}
    return {"t": cell.isoformat(timespec="minutes") if isinstance(cell, dt.time) else str(cell)}


def _limit_memory(limit: int) -> None:
    """Where the system can (not on Windows); a crash writes no core file."""
    try:
        import resource  # noqa: PLC0415 - only Unix has it
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
