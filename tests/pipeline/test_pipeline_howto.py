"""The page about DataFrames says what happens: its code is run here."""

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "from-dataframes.md"
CHINESE = PAGE.with_name("from-dataframes.zh-CN.md")


def code_of(page: Path) -> str:
    return "\n".join(re.findall(r"(?s)```python\n(.*?)```", page.read_text(encoding="utf-8")))


def test_both_languages_have_the_same_code() -> None:
    assert code_of(PAGE) == code_of(CHINESE)


def test_the_code_of_the_page_makes_a_roster_without_touching_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(code_of(PAGE), PAGE.name, "exec"), names)  # noqa: S102 - the page is ours
    drawn, roster, run = names["drawn"], names["roster"], names["run"]
    assert list(names["places"]["visit_id"]) == [visit.visit_id for visit in run.problem.visits]
    assert list(names["goals"]["goal"]) == [1, 2, 3, 4, 5, 6]
    assert names["outcome"].goals == run.schedule.report.goals
    assert names["again"].reproducible
    assert names["again"].goals == names["outcome"].goals
    assert len(drawn) == 4
    assert len(roster) == 8
    assert run.schedule.unscheduled == ()
    assert list(tmp_path.iterdir()) == []
