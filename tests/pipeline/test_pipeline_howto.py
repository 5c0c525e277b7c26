"""The page about DataFrames says what happens: its code is run here."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "from-dataframes.md"


def test_the_code_of_the_page_makes_a_roster_without_touching_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"(?s)```python\n(.*?)```", PAGE.read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    exec(compile(code, PAGE.name, "exec"), names)  # noqa: S102 - the page is ours
    drawn, roster, run = names["drawn"], names["roster"], names["run"]
    assert len(drawn) == 4  # type: ignore[arg-type]
    assert len(roster) == 8  # type: ignore[arg-type]
    assert run.schedule.unscheduled == ()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []
