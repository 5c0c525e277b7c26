"""The catalogue and the sources agree: no code without words, no words without a code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from scheduler.domain import messages
from scheduler.domain.errors import Problem
from scheduler.domain.messages import catalogue, remedy, render, text

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("scheduler", "solvers", "instances", "cli.py", "docs/render.py")
FIELDS = ("zh", "en", "remedy_zh", "remedy_en")
PLACE = {"file", "sheet", "row", "column", "value"}
CODE = re.compile(r"[a-z]+\.[A-Za-z][A-Za-z0-9_]*(?<!_)")
FILE_ENDINGS = {"csv", "css", "html", "json", "jsonl", "md", "parquet", "py", "svg", "toml", "txt", "xlsx"}


def python_files() -> Iterator[Path]:
    for source in SOURCES:
        path = ROOT / source
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def literals(tree: ast.AST) -> Iterator[str]:
    """Every string literal that is not a docstring, another bare expression or a part of an f-string."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    bare |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.value


def prefixes(tree: ast.AST) -> Iterator[str]:
    """What an f-string begins with, where it ends in a dot or underscore: ``f"place.{key}"``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
            start = str(node.values[0].value)
            if re.fullmatch(r"[a-z]+\.[a-z_]*", start) and len(node.values) > 1:
                yield start


def used_codes() -> dict[str, str]:
    """Code to a file that uses it, from Python literals and page templates."""
    rooms = {code.partition(".")[0] for code in catalogue()}
    found: dict[str, str] = {}
    for path in python_files():
        for literal in literals(ast.parse(path.read_text(encoding="utf-8"))):
            if CODE.fullmatch(literal):
                room, _, name = literal.partition(".")
                if literal in catalogue() or (room in rooms and name not in FILE_ENDINGS):
                    found.setdefault(literal, path.relative_to(ROOT).as_posix())
    for path in sorted((ROOT / "scheduler").rglob("*.html")):
        for code in re.findall(r'say\("([a-z]+\.[A-Za-z0-9_]+)"', path.read_text(encoding="utf-8")):
            found.setdefault(code, path.relative_to(ROOT).as_posix())
    return found


def used_prefixes() -> set[str]:
    return {
        start
        for path in python_files()
        for start in prefixes(ast.parse(path.read_text(encoding="utf-8")))
        if start.partition(".")[0] in {code.partition(".")[0] for code in catalogue()}
    }


def parameters(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_every_code_in_the_sources_has_its_words() -> None:
    missing = {code: path for code, path in used_codes().items() if code not in catalogue()}
    assert not missing


def test_no_message_is_left_over() -> None:
    used, starts = set(used_codes()), tuple(used_prefixes())
    assert not [code for code in catalogue() if code not in used and not (starts and code.startswith(starts))]


def test_no_two_files_give_words_to_the_same_code() -> None:
    headings: list[str] = []
    for path in sorted((ROOT / "scheduler/domain/messages").glob("*.toml")):
        headings += re.findall(r"(?m)^\[([^\]]+)\]", path.read_text(encoding="utf-8"))
    assert len(headings) == len(set(headings)) == len(catalogue())


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_a_message_says_the_same_in_both_languages(code: str) -> None:
    texts = catalogue()[code]
    assert set(texts) <= set(FIELDS)
    assert texts["zh"].strip()
    assert texts["en"].strip()
    assert ("remedy_zh" in texts) == ("remedy_en" in texts)
    assert parameters(texts["zh"]) == parameters(texts["en"])
    assert parameters(texts.get("remedy_zh", "")) == parameters(texts.get("remedy_en", ""))
    # Each is in its own language; headings and legal terms may stand in Chinese in an English sentence,
    # and a message that is a parameter or a sign only is in none.
    english = re.sub(r"\{[^}]*\}", "", texts["en"])
    if re.search(r"[a-z]{3}", english):
        assert re.search(r"[\u4e00-\u9fff]", texts["zh"])
    assert 2 * len(re.findall(r"[\u4e00-\u9fff]", english)) <= len(english)


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_a_message_can_be_rendered(code: str) -> None:
    texts = catalogue()[code]
    names = set().union(*(parameters(texts.get(field, "")) for field in FIELDS))
    params: dict[str, str | int] = dict.fromkeys(names, "x")
    for language in ("zh", "en"):
        assert text(code, language, **params)
        assert not re.search(r"\{\w*\}", text(code, language, **params) + remedy(code, language, **params))
        assert render(Problem(code=code, params=params, place={"file": "a.csv", "row": 2}), language)


def calls_with_codes() -> Iterator[tuple[str, str, set[str], bool]]:
    """Each ``refuse(Error, "code", place?, **params)`` with its line, its code and what it gives.

    The last value says whether everything given could be read from the source.
    """
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if found := _refused(node):
                yield (f"{path.relative_to(ROOT)}:{found[0]}", *found[1:])


def _refused(node: ast.AST) -> tuple[int, str, set[str], bool] | None:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refuse"):
        return None
    if len(node.args) < 2 or not isinstance(node.args[1], ast.Constant):
        return None
    given = {keyword.arg for keyword in node.keywords if keyword.arg}
    readable = all(keyword.arg for keyword in node.keywords)
    has_place = len(node.args) > 2 or "place" in given
    return node.lineno, str(node.args[1].value), given | (PLACE if has_place else set()), readable


def test_every_refusal_gives_the_parameters_its_message_wants() -> None:
    wrong = []
    for where, code, given, readable in calls_with_codes():
        texts = catalogue().get(code, {})
        wanted = set().union(*(parameters(texts.get(field, "")) for field in FIELDS))
        if readable and wanted - given:
            wrong.append((where, code, sorted(wanted - given)))
    assert not wrong


def test_a_problem_reads_place_first_then_what_then_remedy() -> None:
    problem = Problem(
        code="publish.mismatch", params={"ours": "a", "theirs": "b"}, place={"file": "x.csv", "row": 3}
    )
    assert render(problem, "en").startswith("file x.csv row 3: The certificate belongs to another draw: a")
    assert render(problem, "zh").startswith("文件 x.csv 第 3 行：核验证书")
    assert render(problem, "en").endswith("Verify this campaign again, then publish.")


def test_an_unknown_code_is_a_bug_and_not_an_empty_line() -> None:
    with pytest.raises(KeyError):
        messages.text("publish.nothing_like_it", "en")


def test_values_of_the_domain_are_told_in_the_readers_words() -> None:
    params: dict[str, str | int] = {"table": "items", "missing": "x", "found": "y"}
    assert text("intake.column_missing", "zh", **params).startswith("表 随机抽查事项清单 ")
    assert text("intake.column_missing", "en", **params).startswith("The table items ")
    place: dict[str, str | int] = {"alphabet": "01", "length": 9, "order": "as called out", "bits": 9}
    assert "按报出的次序" in text("publish.entropy_value", "zh", **place)
    assert "blue first" in text("publish.entropy_value", "zh", **{**place, "order": "blue first"})


def test_sentences_are_joined_as_each_language_does() -> None:
    problem = Problem(code="pipeline.locked", place={"file": "s"})
    assert "。 " not in render(problem, "zh")
    assert ". " in render(problem, "en")


def test_what_is_wrong_with_a_line_of_the_ledger_names_its_file() -> None:
    of_a_line = [code for code in catalogue() if code.startswith("verify.ledger_")]
    assert of_a_line
    for code in of_a_line:
        if "{line}" in catalogue()[code]["en"]:
            assert all("ledger.jsonl" in text(code, language, line=3) for language in ("zh", "en"))
