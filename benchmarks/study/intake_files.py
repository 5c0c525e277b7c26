"""What the benchmark of the import reads: a metropolis' register with planted defects, in three forms.

In: a number of enterprises, an empty folder. Out: campaign.toml with its tables, and how many rows an import
has to accept, reject and fold. May import: instances, the domain.

The rows are those of the generator's largest size; one in a thousand gets a defect, of eight kinds in turn.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from instances import people
from instances.chance import stream
from instances.enterprises import chunks
from instances.items import items
from instances.places import layout
from instances.sizes import Size, size_named
from instances.tables import Columns, fields_of, headings_of, write_chunks, write_rows
from instances.tasks import Place, tasks

TABLE = "enterprises"
DEFECTS_PER_THOUSAND = 1
SEED = 1

Text = dict[str, list[str]]


@dataclass(kw_only=True)
class Expected:
    """What an import must say of the register; ``set_aside`` counts rows with a warning."""

    rows: int = 0
    rejected: int = 0
    merged: int = 0
    set_aside: int = 0


def write_tables(folder: Path, n_enterprises: int) -> dict[str, str]:
    """Write every needed table but the register; table name to file name."""
    size, place = _size(n_enterprises), layout(_size(n_enterprises), SEED)
    bodies = people.departments(size, place, SEED)
    listed = items(size, SEED)
    first = next(iter(chunks(dataclasses.replace(size, n_enterprises=20_000), place, SEED)))
    plan = Place(
        size=size, bodies={one.department_id: one for one in bodies}, items=listed, cells=first.cells
    )
    rows: dict[str, Iterable[Any]] = {
        "departments": bodies,
        "inspectors": people.inspectors(size, bodies, SEED),
        "items": [item for found in listed.values() for item in found],
        "tasks": tasks(plan, SEED),
    }
    for name, found in rows.items():
        write_rows(folder / f"{name}.csv", name, found)
    return {name: f"{name}.csv" for name in rows}


def write_campaign(folder: Path, tables: dict[str, str]) -> Path:
    """Write campaign.toml; ``tables`` maps a table to its value in TOML."""
    size = size_named("metro")
    path = folder / "campaign.toml"
    lines = [f"{name} = {value}" for name, value in tables.items()]
    path.write_text(
        f'[campaign]\ncampaign_id = "intake-benchmark"\nname = "导入基准"\nauthority = "{size.place}"\n'
        f'slot = "2026-01"\nstart = {size.start}\nend = {size.end}\n\n[tables]\n' + "\n".join(lines) + "\n",
        encoding="utf-8",
    )
    return path


def register(n_enterprises: int, expected: Expected) -> Iterator[Columns]:
    """The register's columns chunk by chunk, with defects; ``expected`` is filled on the way."""
    size = _size(n_enterprises)
    for number, chunk in enumerate(chunks(size, layout(size, SEED), SEED)):
        columns: Text = {
            **chunk.columns,
            "legacy_id": chunk.columns.get("legacy_id", [""] * len(chunk.columns["name"])),
        }
        yield _damaged(columns, number, expected)


def _size(n_enterprises: int) -> Size:
    return dataclasses.replace(size_named("metro"), n_enterprises=n_enterprises)


def _damaged(columns: Text, number: int, expected: Expected) -> Text:
    """A defect of each kind in turn at rows chosen by chance; repetitions are put at the end."""
    n = len(columns["name"])
    rng = stream(SEED, "intake-benchmark", number)
    # shops may be listed under an old 注册号: their rows stay as they are, so that each count is certain
    sound = np.array([len(ident) == 18 for ident in columns["enterprise_id"]])
    chosen = rng.choice(np.flatnonzero(sound), max(1, n * DEFECTS_PER_THOUSAND // 1000), replace=False)
    kinds = (_check, _risk, _date, _zero, _far, _name, _repeat, _differ)
    expected.rows += n
    for at, place in enumerate(sorted(int(one) for one in chosen)):
        kinds[at % len(kinds)](columns, place, expected)
    return columns


def _check(columns: Text, place: int, expected: Expected) -> None:
    code = columns["enterprise_id"][place]
    columns["enterprise_id"][place] = code[:-1] + ("1" if code[-1] != "1" else "2")
    expected.rejected += 1


def _risk(columns: Text, place: int, expected: Expected) -> None:
    columns["risk_class"][place] = "未评定"
    expected.rejected += 1


def _date(columns: Text, place: int, expected: Expected) -> None:
    columns["last_inspected"][place] = "9999-09-09"
    expected.set_aside += 1


def _zero(columns: Text, place: int, expected: Expected) -> None:
    columns["lon_udeg"][place] = columns["lat_udeg"][place] = "0"
    expected.set_aside += 1


def _far(columns: Text, place: int, expected: Expected) -> None:
    columns["lon_udeg"][place] = "87.600000"
    expected.set_aside += 1


def _name(columns: Text, place: int, expected: Expected) -> None:
    columns["name"][place] = ""
    expected.rejected += 1


def _repeat(columns: Text, place: int, expected: Expected) -> None:
    for cells in columns.values():
        cells.append(cells[place])
    expected.rows += 1
    expected.merged += 1


def _differ(columns: Text, place: int, expected: Expected) -> None:
    for cells in columns.values():
        cells.append(cells[place])
    columns["name"][-1] += "分店"
    expected.rows += 1
    expected.rejected += 2


def write_csv(path: Path, n_enterprises: int) -> Expected:
    """The register as a GB18030 CSV."""
    expected = Expected()
    write_chunks(path, TABLE, register(n_enterprises, expected))
    return expected


def write_workbook(path: Path, n_enterprises: int) -> Expected:
    """The register as a workbook of texts, written row by row so that memory stays small."""
    expected = Expected()
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("检查对象")
    sheet.write_row(0, 0, headings_of(TABLE))
    number = 0
    for columns in register(n_enterprises, expected):
        for cells in zip(*(columns[name] for name in fields_of(TABLE)), strict=True):
            number += 1
            for place, cell in enumerate(cells):
                if cell:
                    sheet.write_string(number, place, cell)
    book.close()
    return expected
