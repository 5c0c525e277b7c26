"""How fast an import is: from a file or a table to sealed tables and report, beside the bare reader of each.

In: the scale of the rows. Out: a list of cases. May import: instances, scheduler.pipeline, the tests'
servers. ``docs/benchmarks-intake.md`` says what each figure means and how to repeat it.
"""

import codecs
import contextlib
import importlib.util
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from python_calamine import CalamineWorkbook

from benchmarks.measuring import measured
from benchmarks.study.intake_files import (
    TABLE,
    Expected,
    register,
    write_campaign,
    write_csv,
    write_tables,
    write_workbook,
)
from instances.tables import fields_of, headings_of
from scheduler import pipeline
from scheduler.domain.codec import read_csv, read_json
from scheduler.domain.intake import IntakeReport, Rejected
from scheduler.domain.layout import INTAKE_REPORT, REJECTED

ROWS = {"csv-gb18030": 6_430_000, "xlsx": 500_000, "postgresql": 1_000_000}
"""Cases with their rows at full scale: a metropolis' register, half of a full sheet, a platform's table."""

PIECE = 1 << 20
PARTITION = 10_000
THREADS = 2

Figures = dict[str, Any]


def main(*, as_json: bool, scale: float, only: str, cache: Path | None) -> None:
    """Measure and print."""
    found = [
        measure(name, max(1_000, round(rows * scale)), cache)
        for name, rows in ROWS.items()
        if only in {"", name}
    ]
    if as_json:
        print(json.dumps(found, indent=1))
        return
    for case in found:
        print(" ".join(f"{name}={value}" for name, value in case.items() if not isinstance(value, dict)))


def measure(name: str, rows: int, cache: Path | None = None) -> Figures:
    """One case: its files made, the bare reader, then the import, each in a process of its own."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="intake-", dir=cache)))
        tables = {table: json.dumps(file) for table, file in write_tables(folder, rows).items()}
        path, expected, bare = _MAKERS[name](folder, rows, stack, tables)
        campaign = write_campaign(folder, tables)
        bare_figures = measured(bare, path)
        figures = measured(import_campaign, campaign, folder / "run")
        _compare(folder / "run", expected)
    return {
        "name": name,
        "rows": expected.rows,
        "seconds": figures["seconds"],
        "seconds_bare": bare_figures["seconds"],
        "ratio": round(figures["seconds"] / bare_figures["seconds"], 2),
        "peak_mb": figures["peak_mb"],
        "peak_mb_bare": bare_figures["peak_mb"],
        "machine": figures["machine"] | {"duckdb": duckdb.__version__},
    }


def _compare(run: Path, expected: Expected) -> None:
    """The import must have said what was planted, or its time is worth nothing. Firms that the generator
    lists twice by chance, old number and new, are counted apart: a handful in millions."""
    report = read_json(IntakeReport, run / INTAKE_REPORT)
    table = next(one for one in report.tables if one.table == TABLE)
    chance = sum(line.code == "intake.two_ids" for line in read_csv(Rejected, run / REJECTED))
    found = Expected(
        rows=table.rows_read, rejected=table.rejected - chance, merged=table.merged, set_aside=table.warnings
    )
    if found != expected:
        message = f"planted {expected}, found {found}"
        raise RuntimeError(message)


def import_campaign(campaign: Path, run: Path) -> Figures:
    """From the files to the sealed folder."""
    start = time.perf_counter()
    pipeline.import_campaign(campaign, run)
    return {"seconds": round(time.perf_counter() - start, 2)}


def bare_csv(path: str) -> Figures:
    """Decode to UTF-8, then let DuckDB make a table of it."""
    start = time.perf_counter()
    decoded = Path(path).with_suffix(".utf8")
    with Path(path).open("rb") as source, decoded.open("w", encoding="utf-8", newline="") as target:
        decoder = codecs.getincrementaldecoder("gb18030")()
        while piece := source.read(PIECE):
            target.write(decoder.decode(piece))
        target.write(decoder.decode(b"", final=True))
    with duckdb.connect(config={"threads": THREADS}) as database:
        database.execute("SET enable_progress_bar = false")
        database.execute(
            "CREATE TABLE register AS SELECT * FROM read_csv(?, all_varchar=true, store_rejects=true)",
            [str(decoded)],
        )
        seconds = time.perf_counter() - start
    decoded.unlink()
    return {"seconds": round(seconds, 2)}


def bare_workbook(path: str) -> Figures:
    """The workbook's parser iterated."""
    start = time.perf_counter()
    for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows():
        pass
    return {"seconds": round(time.perf_counter() - start, 2)}


def bare_postgresql(url: str) -> Figures:
    """A server-side cursor by 10,000 rows."""
    start = time.perf_counter()
    with psycopg.connect(url) as connection, connection.cursor(name="bare") as cursor:
        cursor.execute("SELECT * FROM platform.register")
        while cursor.fetchmany(PARTITION):
            pass
    return {"seconds": round(time.perf_counter() - start, 2)}


Made = tuple[str, Expected, Callable[..., Figures]]


def _csv(folder: Path, rows: int, _stack: contextlib.ExitStack, tables: dict[str, str]) -> Made:
    path = folder / "register.csv"
    tables[TABLE] = json.dumps(path.name)
    return str(path), write_csv(path, rows), bare_csv


def _xlsx(folder: Path, rows: int, _stack: contextlib.ExitStack, tables: dict[str, str]) -> Made:
    path = folder / "register.xlsx"
    tables[TABLE] = json.dumps(path.name)
    return str(path), write_workbook(path, rows), bare_workbook


def _postgresql(_folder: Path, rows: int, stack: contextlib.ExitStack, tables: dict[str, str]) -> Made:
    url = stack.enter_context(server_url())
    tables[TABLE] = f'{{ sql = "{url}", table = "platform.register" }}'
    plain = url.replace("+psycopg", "")
    return plain, _load(plain, rows), bare_postgresql


_MAKERS: dict[str, Callable[[Path, int, contextlib.ExitStack, dict[str, str]], Made]] = {
    "csv-gb18030": _csv,
    "xlsx": _xlsx,
    "postgresql": _postgresql,
}


@contextlib.contextmanager
def server_url() -> Iterator[str]:
    """A PostgreSQL of its own on a free loopback port, as the tests start it."""
    path = Path(__file__).parents[2] / "tests" / "servers.py"
    spec = importlib.util.spec_from_file_location("servers", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    servers = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(servers)
    with servers.postgresql_server() as server:
        yield server.url


TYPES = {"last_inspected": "date", "lon_udeg": "numeric(9,6)", "lat_udeg": "numeric(9,6)"}
"""Columns that a platform keeps as something else than text."""


def _load(url: str, rows: int) -> Expected:
    """A table with Chinese headings and typed columns, as a platform has it."""
    expected = Expected()
    names, heads = fields_of(TABLE), headings_of(TABLE)
    columns = ", ".join(
        f'"{head}" {TYPES.get(name, "text")}' for name, head in zip(names, heads, strict=True)
    )
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA platform; CREATE TABLE platform.register ({columns})")
        with cursor.copy("COPY platform.register FROM STDIN") as copy:
            for chunk in register(rows, expected):
                for cells in zip(*(chunk[name] for name in names), strict=True):
                    copy.write_row([cell or None for cell in cells])
    return expected
