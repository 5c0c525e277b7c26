"""A small campaign as the files a platform would export, ready to be broken in one place."""

import csv
import datetime as dt
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from servers import mariadb, postgresql  # noqa: F401 - fixtures
from small import CEREMONY, registers

from scheduler.domain.registers import Registers
from scheduler.intake.columns import COLUMNS, Column

Table = list[list[str]]
FILES = (
    "departments",
    "enterprises",
    "inspectors",
    "experts",
    "items",
    "tasks",
    "recusals",
    "leave",
    "history",
)

TOML = """
[campaign]
campaign_id = "small-2026-01"
name = "青石县小样"
authority = "青石县市场监督管理局"
slot = "2026-01"
rehearsal = true
start = 2026-03-02
end = 2026-03-14
{flat}
{sections}
[tables]
{tables}
"""


def cell(column: Column, value: Any) -> str:
    if value is None or value == ():
        return ""
    if column.kind == "degree":
        sign = "-" if value < 0 else ""
        return f"{sign}{abs(value) // 1_000_000}.{abs(value) % 1_000_000:06d}"
    if column.kind == "last_day":
        return str(value - dt.timedelta(days=1))
    if column.kind == "flag":
        return "是" if value else "否"
    if column.kind == "choice":
        return next(word for word, meaning in column.choices.items() if meaning == value)
    return "；".join(value) if isinstance(value, tuple) else str(value)


def table(name: str, source: Registers) -> Table:
    columns = COLUMNS[name]
    rows = [[cell(column, getattr(row, column.field)) for column in columns] for row in getattr(source, name)]
    return [[column.heading for column in columns], *rows]


@dataclass
class Campaign:
    """Tables by name; ``write`` puts them into a folder and gives the path of campaign.toml."""

    folder: Path
    tables: dict[str, Table]
    raw: dict[str, bytes] = field(default_factory=dict)
    encoding: str = "utf-8"
    flat: str = ""
    sections: str = ""
    entries: dict[str, str] = field(default_factory=dict)

    def change(self, name: str, row: int, heading: str, value: str) -> None:
        """Write a value where the spreadsheet shows this row (the heading is row 1)."""
        place = self.tables[name][0].index(heading)
        self.tables[name][row - 1][place] = value

    def text(self, name: str) -> bytes:
        out = io.StringIO(newline="")
        csv.writer(out).writerows(self.tables[name])
        return out.getvalue().encode(self.encoding)

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        entries = {name: f'"{name}.csv"' for name in self.tables} | self.entries
        for name in self.tables:
            (self.folder / f"{name}.csv").write_bytes(self.raw.get(name) or self.text(name))
        listed = "\n".join(f"{name} = {entry}" for name, entry in entries.items() if entry)
        path = self.folder / "campaign.toml"
        path.write_text(TOML.format(flat=self.flat, sections=self.sections, tables=listed), encoding="utf-8")
        (self.folder / "ceremony.txt").write_text(CEREMONY + "\n", encoding="utf-8")
        return path


def small_campaign(folder: Path) -> Campaign:
    source = registers()
    return Campaign(folder=folder, tables={name: table(name, source) for name in FILES})


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return small_campaign(tmp_path)


@pytest.fixture(scope="session")
def make_campaign() -> Any:
    """For property tests, which need a fresh folder for each example."""
    return small_campaign


@pytest.fixture(scope="session")
def make_table() -> Any:
    """The heading and rows of one table as a platform exports them."""
    return table
