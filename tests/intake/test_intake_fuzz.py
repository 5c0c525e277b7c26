"""Good files of every kind, mutated: only coded errors come out, every line is accounted for, and the source
stays what it is. The mutations are seeded, so a failure comes again."""

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
import xlsxwriter
from oldxls import xls_bytes

from scheduler.domain.errors import InputError
from scheduler.domain.messages import catalogue, render
from scheduler.intake import Examined, examine

Rows = list[list[str]]
Make = Callable[[Rows], bytes]
MARKS = [
    b"\0",
    b'"',
    b",",
    b"\n",
    b"<",
    b">",
    b"&",
    b"\xff",
    b"\xfe",
    b"\x80",
    b"PK",
    b"A1",
    b"99999999",
    b"<!DOCTYPE ",
]
ROUNDS = 20


def csv_bytes(encoding: str) -> Make:
    return lambda rows: "\r\n".join(",".join(row) for row in rows).encode(encoding)


def xlsx_bytes(rows: Rows) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("人员")
        for place, row in enumerate(rows):
            for column, text in enumerate(row):
                page.write(place, column, text)
    return out.getvalue()


def ml_bytes(rows: Rows) -> bytes:
    ns = "urn:schemas-microsoft-com:office:spreadsheet"
    cells = ["".join(f'<Cell><Data ss:Type="String">{text}</Data></Cell>' for text in row) for row in rows]
    inside = "".join(f"<Row>{text}</Row>" for text in cells)
    sheet = f'<Worksheet ss:Name="人员"><Table>{inside}</Table></Worksheet>'
    return f'<?xml version="1.0"?><Workbook xmlns="{ns}" xmlns:ss="{ns}">{sheet}</Workbook>'.encode()


def parquet_bytes(rows: Rows) -> bytes:
    frame = pd.DataFrame(rows[1:], columns=pd.Index(rows[0]))  # noqa: F841 - DuckDB finds it by its name
    path = Path("fuzz.parquet")
    duckdb.sql("SELECT * FROM frame").write_parquet(str(path))
    content = path.read_bytes()
    path.unlink()
    return content


KINDS: dict[str, tuple[str, Make]] = {
    "csv in utf-8": ("人员.csv", csv_bytes("utf-8")),
    "csv in gb18030": ("人员.csv", csv_bytes("gb18030")),
    "xlsx": ("人员.xlsx", xlsx_bytes),
    "xlsx named xls": ("人员.xls", xlsx_bytes),
    "xls": ("人员.xls", lambda rows: xls_bytes({"人员": rows})),
    "xml of 2003": ("人员.xls", ml_bytes),
    "parquet": ("人员.parquet", parquet_bytes),
}


def mutated(content: bytes, chance: random.Random) -> bytes:
    """One to four changes: bytes turned, pieces cut, doubled, moved, marks put in, the end cut off."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(data)), chance.randrange(len(data))
        kind = chance.randrange(6)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            data[at:at] = chance.choice(MARKS)
        elif kind == 2:
            del data[at : at + chance.randint(1, 40)]
        elif kind == 3:
            data[at:at] = data[other : other + chance.randint(1, 200)]
        elif kind == 4:
            data[at] ^= 1 << chance.randrange(8)
        elif chance.random() < 0.3:
            del data[max(1, at) :]
        if not data:
            data = bytearray(b"x")
    return bytes(data)


def mutated_part(content: bytes, chance: random.Random) -> bytes:
    """A workbook packed anew with one part mutated, so that checksums are right and its reader must cope."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        hit = chance.choice([name for name in names if name.startswith("xl/")])
        for name in names:
            data = old.read(name)
            new.writestr(name, mutated(data, chance) if name == hit else data)
    return out.getvalue()


def checked(campaign: Any) -> Examined | None:
    """What came out; whatever it was, it is explained and adds up."""
    try:
        found = examine(campaign.write())
    except InputError as error:
        problems = error.problems
        found = None
    else:
        problems = found.problems
        for table in found.report.tables:
            aside = table.heads + table.examples + table.hints + table.blank
            assert table.lines == aside + table.rows_read
            assert table.rows_read == table.accepted + table.rejected + table.merged
            lines = {line.row for line in found.rejected if line.table == table.table}
            assert table.rejected == len(lines)
            if found.intake is not None:
                assert table.accepted == len(getattr(found.intake.registers, table.table))
    for problem in problems:
        assert problem.code in catalogue()
        assert render(problem, "zh")
        assert render(problem, "en")
    return found


def with_asides(rows: Rows) -> Rows:
    """A good table as it really comes: title, hints, examples, a blank line, a footer."""
    width = len(rows[0])

    def line(*cells: str) -> list[str]:
        return [*cells, *[""] * (width - len(cells))]

    example = ["案例（请删除）", *rows[1][1:]]
    return [line("名录"), rows[0], line("填写说明", "必填"), example, line(), *rows[1:], line("注：完")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutated_file_gives_coded_errors_or_lines_that_add_up(
    campaign: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign.folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(campaign.folder)
    file, make = KINDS[kind]
    rows = with_asides(campaign.tables["inspectors"])
    if kind == "parquet":
        rows = rows[1:]
    good = make(rows)
    campaign.entries["inspectors"] = f'"{file}"'
    path = campaign.folder / file
    path.write_bytes(good)
    found = checked(campaign)
    assert found is not None
    assert found.intake is not None
    report = next(table for table in found.report.tables if table.table == "inspectors")
    assert (report.lines, report.examples, report.hints, report.accepted) == (len(rows), 1, 2, 12)
    chance = random.Random(f"onedoor {kind}")  # noqa: S311 - seeded on purpose
    outcomes = set()
    for _ in range(ROUNDS if kind != "xls" else ROUNDS // 2):
        deep = kind.startswith("xlsx") and chance.random() < 0.7
        content = mutated_part(good, chance) if deep else mutated(good, chance)
        path.write_bytes(content)
        found = checked(campaign)
        outcomes.add(found is not None and found.intake is not None)
        assert path.read_bytes() == content
    assert False in outcomes


def test_a_mutated_campaign_file_gives_coded_errors_or_a_campaign(campaign: Any) -> None:
    path = campaign.write()
    good = path.read_bytes() + b'\n[aliases.items]\n"x" = "name"\n[import]\nrows = 999\n'
    chance = random.Random("onedoor campaign.toml")  # noqa: S311 - seeded on purpose
    for _ in range(ROUNDS):
        path.write_bytes(mutated(good, chance))
        try:
            found = examine(path)
        except InputError as error:
            problems = error.problems
        else:
            problems = found.problems
        assert all(render(problem, "zh") for problem in problems)
