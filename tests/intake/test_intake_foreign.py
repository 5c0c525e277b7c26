"""The how-to page on foreign columns, run on the public files it speaks of."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scheduler.intake import Examined, examine

PAGE = Path(__file__).resolve().parents[2] / "docs/howto/map-foreign-columns.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def data(name: str) -> Path:
    root = os.environ.get("ONEDOOR_EXTERNAL")
    if not root:
        pytest.skip("ONEDOOR_EXTERNAL is not set")
    folder = Path(root) / "data" / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


def prepared(campaign: Any, mapping: str, **files: Path) -> Any:
    """The small campaign's plan around foreign registers; what names its own enterprises is left out."""
    campaign.sections = mapping
    for name in ("recusals", "history"):
        campaign.tables.pop(name, None)
        campaign.entries.pop(name, None)
    for name, path in files.items():
        campaign.tables.pop(name, None)
        campaign.entries[name] = f'"{path}"'
    return campaign


def told(examined: Examined, table: str) -> Counter[str]:
    lines = (*examined.rejected, *examined.report.warnings)
    return Counter(line.code for line in lines if line.table == table and line.row)


def test_the_chinese_page_has_the_same_script_and_mappings() -> None:
    chinese = PAGE.with_suffix(".zh-CN.md").read_text(encoding="utf-8")
    assert all(block in chinese for kind in ("python", "toml") for block in blocks(kind))


def test_the_page_has_a_script_and_two_mappings() -> None:
    assert (len(blocks("python")), len(blocks("toml"))) == (1, 2)


@pytest.mark.external
def test_sutton_is_read_through_the_pages_mapping(campaign: Any, tmp_path: Path) -> None:
    source = data("uk_food") / "london_116_Sutton.json"
    out = tmp_path / "sutton.csv"
    subprocess.run([sys.executable, "-c", blocks("python")[0], source, out], check=True)
    examined = examine(prepared(campaign, blocks("toml")[0], enterprises=out).write())
    report = next(table for table in examined.report.tables if table.table == "enterprises")
    assert (report.rows_read, report.accepted, report.rejected, report.merged) == (1_223, 1_223, 0, 0)
    found = told(examined, "enterprises")
    assert (
        found.pop("intake.division_uncovered") == 1_223
    )  # the small campaign's departments cover Sutton not
    assert found["intake.place_missing"] == 237
    assert examined.intake is not None
    assert Counter(row.risk_class for row in examined.intake.registers.enterprises) == {
        "A": 721 + 190 + 115,
        "B": 113,
        "C": 15 + 57,
        "D": 10 + 2,
    }


@pytest.mark.external
def test_wake_countys_lost_zeros_are_each_told_with_the_code_they_were(campaign: Any) -> None:
    folder = data("wake_food")
    mapping = blocks("toml")[1]
    made = prepared(
        campaign,
        mapping,
        enterprises=folder / "restaurants.csv",
        history=folder / "inspections.csv",
    )
    examined = examine(made.write())
    report = {table.table: table for table in examined.report.tables}
    assert (report["enterprises"].rows_read, report["enterprises"].accepted) == (3_635, 3_635)
    assert told(examined, "enterprises")["intake.place_zero"] == 42
    lost = [line for line in examined.rejected if line.code == "intake.reference_zeros"]
    assert len(lost) == 35_633
    assert all(line.detail == f"0{line.value}" for line in lost)
    assert report["history"].rows_read == 36_657
