"""Records picked by number are those that the reader gives under these numbers."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.intake import annotated, examine, write_problem_book
from scheduler.intake.csvfile import CsvFile
from scheduler.intake.picking import picked

CELL = st.text(alphabet='ab甲", ', max_size=4)


def opened(path: Path) -> CsvFile:
    return CsvFile(path, "a.csv", is_heading=lambda head: head in {"甲", "乙"})


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=8),
    numbers=st.sets(st.integers(1, 9)),
    end=st.sampled_from(["\r\n", "\n"]),
    encoding=st.sampled_from(["utf-8", "gb18030"]),
)
def test_picked_records_are_those_of_the_reader(
    rows: list[list[str]], numbers: set[int], end: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerows([["甲", "乙"], *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(out.getvalue().encode(encoding))
        want = [(number, list(cells)) for number, cells in opened(path).records() if number in numbers]
        assert picked(opened(path), numbers, max(numbers, default=0)) == want


@pytest.mark.parametrize("text", ['a,b\n"x\ny",1\n2,3\n', "a,b\rx,1\r2,3\r"])
def test_a_record_that_is_no_line_is_not_picked(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    assert picked(CsvFile(path, "a.csv"), {3}, 3) is None


def test_a_large_csv_gives_the_same_sheet_as_the_slow_way(
    campaign: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign.change("enterprises", 4, "信用风险等级", "E")
    path = campaign.write()
    monkeypatch.setattr(annotated, "WHOLE", 2)
    write_problem_book(campaign.folder / "slow.xlsx", examine(path), "zh")
    monkeypatch.setattr(annotated, "LARGE", 1)
    write_problem_book(campaign.folder / "quick.xlsx", examine(path), "zh")
    slow, quick = (
        list(openpyxl.load_workbook(campaign.folder / f"{name}.xlsx")["检查对象名录库"].values)
        for name in ("slow", "quick")
    )
    assert slow == quick
    assert len(slow) == 2
