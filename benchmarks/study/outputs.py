"""How long what people get takes to make, how large it is, and how soon the report is ready in a browser.

In: a size of ``instances.roster``. Out: figures on stdout. May import: :mod:`scheduler.export`,
:mod:`benchmarks.study.ended`. ``docs/benchmarks-outputs.md`` says what each figure means.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.measuring import Stopwatch, machine
from benchmarks.study.ended import Ended, ended
from scheduler import export
from scheduler.export import fill
from scheduler.export.papers import KINDS, Ending, Kind, Template
from scheduler.export.tablerows import Rows

Files = Iterable[tuple[str, bytes]]
ENDINGS: tuple[Ending, ...] = ("docx", "html")
TRIES = 3
READY_MS = 120_000


def _report(case: Ended, _folder: Path) -> Files:
    return [
        (
            export.REPORT,
            export.report(case.plan, case.registers, case.draw, case.merged, case.schedule, case.certificate),
        )
    ]


def _workbooks(case: Ended, _folder: Path) -> Files:
    return export.workbooks(case.plan, case.registers, case.merged, case.schedule, case.certificate)


def _calendars(case: Ended, _folder: Path) -> Files:
    return fill.calendars(case.plan, case.registers, case.merged, case.schedule)


def _papers(case: Ended, _folder: Path) -> Files:
    templates: dict[tuple[str, Kind, Ending], Template] = {
        ("", kind, ending): fill.default(kind, ending) for kind in KINDS for ending in ENDINGS
    }
    return fill.papers(case.plan, case.registers, case.merged, case.schedule, templates)


def _rows(case: Ended) -> Rows:
    line = fill.LedgerLine(seq=0, kind="open", stage="", at="", prev="0", hash="0", facts={}, files={})
    return fill.table_rows(
        case.plan,
        case.registers,
        case.merged,
        case.schedule,
        case.certificate,
        certificate_sha256="0" * 64,
        ledger=[line],
    )


def _tables(case: Ended, folder: Path) -> Files:
    list(fill.write_tables(_rows(case), folder))
    return ()


def _database(case: Ended, folder: Path) -> Files:
    fill.load_tables(f"sqlite:///{folder}/platform.db", _rows(case))
    return ()


OUTPUTS: dict[str, Callable[[Ended, Path], Files]] = {
    "report": _report,
    "workbooks": _workbooks,
    "calendars": _calendars,
    "papers": _papers,
    "tables": _tables,
    "database": _database,
}
"""Name to what makes the files; one that writes into the folder itself gives none back."""


def main(size: str, *, only: str = "", as_json: bool = False, keep: Path | None = None) -> None:
    """Measure and print; ``keep`` is a folder in which the outputs stay, ``only`` one of them by name."""
    figures = measure(size, keep, only)
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for row in figures.pop("outputs"):
        print(f"{row['name']:12} {row['seconds']:8} s {row['bytes']:12,} bytes {row['files']:6} files")
    for name, value in figures.items():
        print(f"{name:20} {value}")


def measure(size: str, keep: Path | None = None, only: str = "") -> dict[str, Any]:
    """Every output made once and written; the report opened three times in a fresh page each, median told."""
    case = ended(size)
    folder = Path(tempfile.mkdtemp(prefix="onedoor-outputs-")) if keep is None else keep
    try:
        rows = [_made(name, case, folder / name) for name in OUTPUTS if only in ("", name)]
        page = folder / "report" / export.REPORT
        ready = report_ready_ms(page) if page.exists() else None
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    return {
        "size": size,
        "n_visits": len(case.merged.visits),
        "n_seats": len(case.schedule.seats),
        "roster": "the solver's first one, lawful, not improved",
        "outputs": rows,
        "seconds_total": round(sum(row["seconds"] for row in rows), 1),
        "report_ready_ms": ready,
        "machine": machine(),
    }


def _made(name: str, case: Ended, folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True)
    watch = Stopwatch()
    for path, data in OUTPUTS[name](case, folder):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    spent = watch.seconds()
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return {"name": name, **spent, "bytes": sum(sizes), "files": len(sizes)}


def report_ready_ms(file: Path) -> int | None:
    """From the call to open the file to the page's own word that everything is drawn and painted; the browser
    itself is running. None without playwright or Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool of the developers, not of users
    except ImportError:
        return None
    if program is None:
        return None
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    spent = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=arguments)
        for _ in range(TRIES):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            page = context.new_page()
            started = time.perf_counter()
            page.goto(file.resolve().as_uri())
            page.wait_for_selector("html[data-ready=yes]", timeout=READY_MS)
            page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
            spent.append(time.perf_counter() - started)
            context.close()
        browser.close()
    return round(1000 * sorted(spent)[TRIES // 2])
