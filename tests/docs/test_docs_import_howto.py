"""The snippets of the how-to on importing are what the program reads, in both languages alike."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from scheduler.domain.errors import Problem
from scheduler.domain.registers import TABLES
from scheduler.intake.queries import refuse_writing
from scheduler.intake.sections import limits_of, query_of, vocabulary_of

PAGES = [
    Path("docs/howto") / name
    for name in ("import-from-your-platform.md", "import-from-your-platform.zh-CN.md")
]


def snippets(page: Path) -> list[dict[str, Any]]:
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    return [tomllib.loads(found) for found in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_snippet_is_taken_without_a_word(page: Path, tmp_path: Path) -> None:
    problems: list[Problem] = []
    n_queries = 0
    for snippet in snippets(page):
        assert set(snippet) <= {"tables", "aliases", "import"}
        assert set(snippet.get("tables", {})) <= set(TABLES)
        limits_of(snippet.get("import", {}), "campaign.toml", problems)
        vocabulary_of(snippet.get("aliases", {}), tmp_path / "campaign.toml", problems)
        for entry in snippet.get("tables", {}).values():
            if "sql" in entry and isinstance(entry, dict):
                query = query_of(entry)
                assert query is not None
                n_queries += 1
                if query.statement:
                    refuse_writing(query.statement, "x")
    assert not problems
    assert n_queries == 2


def test_both_languages_show_the_same_snippets() -> None:
    assert snippets(PAGES[0]) == snippets(PAGES[1])
