"""The documentation cannot drift from the program: links, commands, rendered pages, the house itself."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import onedoor
from docs import render
from scheduler.domain.rules import GOALS, RULES
from scheduler.intake.columns import COLUMNS
from scheduler.intake.settingsfile import LIMITS

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
TOP = {
    ".ci",
    ".gitignore",
    "LICENSE",
    "Makefile",
    "README.md",
    "README.zh-CN.md",
    "benchmarks",
    "cli.py",
    "docs",
    "instances",
    "pyproject.toml",
    "requirements.lock",
    "scheduler",
    "solvers",
    "tests",
}
"""DESIGN §4's list, the documents, and what git, make and pip need."""


def repository_files() -> list[Path]:
    """Files that are, or are about to be, in the repository; skipped where it is none."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git repository here")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def pages() -> list[Path]:
    """Every Markdown page outside the tests."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return re.sub(r"(?ms)^```.*?^```", "", page.read_text(encoding="utf-8"))


def shell_lines(page: Path) -> Iterator[str]:
    for block in re.findall(r"(?ms)^```(?:sh|console)\n(.*?)^```", page.read_text(encoding="utf-8")):
        yield from block.splitlines()


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# --- the house -------------------------------------------------------------------------------------------


def test_the_top_level_is_exactly_the_given_list() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in repository_files()} == TOP


def test_the_import_contract_holds() -> None:
    done = subprocess.run(
        [BIN / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_room_says_what_it_may_import() -> None:
    rooms = [path for path in (ROOT / "scheduler").iterdir() if (path / "__init__.py").is_file()]
    assert rooms
    for room in rooms:
        words = (room / "__init__.py").read_text(encoding="utf-8").split('"""')[1]
        assert re.search(r"\bin(to)?\b", words, re.IGNORECASE), room.name
        assert re.search(r"\bout\b", words, re.IGNORECASE), room.name
        assert "ay import" in words, room.name


def test_the_repository_names_no_workplace_and_no_package_index() -> None:
    """Parts of the words are put together here, so that this file does not hold them."""
    forbidden = re.compile(
        "|".join(
            [
                r"(?<![\w.}$\"'-])/(?:work|root|home/\w+)/",
                "python" + "hosted",
                "pypi" + r"\.org",
                "--index" + "-url",
                "--extra-index" + "-url",
                "arti" + "factory",
            ]
        )
    )
    found = [
        (named(path), match[0])
        for path in repository_files()
        if path.suffix not in {".gz", ".png", ".xlsx"}
        if (match := forbidden.search(path.read_text(encoding="utf-8")))
    ]
    assert not found


def test_no_input_data_lies_in_the_repository() -> None:
    assert not [
        named(path) for path in repository_files() if path.suffix in {".xls", ".xlsx", ".parquet", ".zip"}
    ]


def test_the_licence_is_the_whole_apache_text() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text
    assert "9. Accepting Warranty or Additional Liability" in text
    assert "END OF TERMS AND CONDITIONS" in text


# --- pages -----------------------------------------------------------------------------------------------


def test_rendered_pages_are_fresh() -> None:
    assert not [named(path) for path in render.stale()]


def test_a_stale_page_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.setattr(render, "REFERENCE", tmp_path / "docs/reference")
    monkeypatch.setattr(render, "DECISIONS", tmp_path / "docs/adr")
    render.main([])
    assert render.main(["--check"]) == 0
    rules = tmp_path / "docs/reference/rules.md"
    rules.write_text(rules.read_text(encoding="utf-8").replace("R07", "R70"), encoding="utf-8")
    assert render.main(["--check"]) == 1
    assert render.main([]) == 0
    assert render.main(["--check"]) == 0


def test_the_rules_page_has_a_row_for_every_rule_and_goal() -> None:
    page = (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"| {rule.rule_id} | {rule.zh} | {rule.en} |" in page
    for goal in GOALS:
        assert f"| {goal.goal} | {goal.zh} |" in page


def test_the_index_of_decisions_is_complete() -> None:
    folder = ROOT / "docs/adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert len({name[:4] for name in files}) == len(files)
    assert all(f"]({name})" in index for name in files)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:", target) and not target.startswith("#"):
            path, _, _ = target.partition("#")
            assert (page.parent / path).exists(), target


@pytest.mark.parametrize("page", pages(), ids=named)
def test_files_named_in_the_pages_exist(page: Path) -> None:
    for name in re.findall(r"`((?:scheduler|solvers|instances|tests|benchmarks|docs)/[^`\s]*)`", prose(page)):
        assert list(ROOT.glob(name.rstrip("/"))), name


def test_every_page_can_be_reached_from_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    linked = {(ROOT / "docs" / target).resolve() for target in re.findall(r"\]\(([^)\s#]+)", index)}
    alone = {"docs/README.md"}
    for page in pages():
        inside = page.parent.name in {"adr", "changelog.d"} or page.parent == ROOT
        if not inside and named(page) not in alone:
            assert page.resolve() in linked, named(page)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_commands_in_the_pages_exist(page: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    text = page.read_text(encoding="utf-8")
    # In prose a command stands in backquotes; in a block it begins a line.
    spoken = [line.strip() for line in shell_lines(page)] + re.findall(r"`([^`\n]+)`", prose(page))
    for line in spoken:
        words = line.split()
        if words[:1] == ["make"] and len(words) > 1 and words[1].isalpha():
            assert words[1] in targets, line
        if words[:1] == ["onedoor"] and len(words) > 1 and not words[1].startswith("-"):
            assert words[1] in onedoor.commands, line
            options = {name for option in onedoor.commands[words[1]].params for name in option.opts}
            given = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert given <= options | {"--help"}, line
    assert text.endswith("\n")


# --- two READMEs of equal rank -----------------------------------------------------------------------------


def test_both_readmes_have_the_same_shape() -> None:
    shapes = []
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        text = re.sub(r"\.(en|zh)\.png", ".png", text)  # a picture may show its page in either language
        pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)
        levels = re.findall(r"(?m)^(#+) ", prose(ROOT / name))
        rows = re.findall(r"(?m)^\|", text)
        promises = re.findall(r"(?m)^\d\. ", text)
        commands = [line.split("#")[0].strip() for line in shell_lines(ROOT / name)]
        links = [link.replace(".zh-CN", "") for link in re.findall(r"\]\(([^)]+)\)", text)]
        shapes.append((pictures, levels, len(rows), len(promises), commands, links))
    assert shapes[0] == shapes[1]


def test_the_first_screen_has_the_picture_and_the_two_commands() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        screen = "\n".join((ROOT / name).read_text(encoding="utf-8").splitlines()[:15])
        assert "docs/road.svg" in screen
        assert "make demo" in screen
        assert "make test" in screen


def test_the_readmes_name_every_command_and_every_exit_code() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        for command in onedoor.commands:
            assert f"onedoor {command}" in text, command
        for code in range(8):
            assert re.search(rf"[ ：，]{code} ?\S", text)


def test_the_makefile_waits_for_the_lock_and_knows_too_old_a_python() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "$(STAMP): requirements.lock pyproject.toml" in makefile
    least = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert least == ">=3.11"
    assert "(3, 11)" in makefile
    if shutil.which("make"):
        old = ["make", "-n", "PYTHON=false", "VENV=nowhere", "test"]
        told = subprocess.run(old, cwd=ROOT, capture_output=True, text=True, check=False)
        assert "needs Python 3.11 or newer" in told.stdout


def test_the_lock_names_no_index_and_hashes_everything() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"(?m)^[a-z0-9][\w.-]*==", lock)
    assert pinned
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert not re.search(r"(?m)^--", lock)


def test_the_ci_entry_runs_the_readmes_commands() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in script
    assert "make test" in script
    assert "make check" in script
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_the_inputs_page_has_every_heading_and_every_setting() -> None:
    page = (ROOT / "docs/reference/inputs.md").read_text(encoding="utf-8")
    for table, columns in COLUMNS.items():
        assert f"### `{table}` (" in page
        assert all(f"| {column.heading} |" in page for column in columns)
    for key in LIMITS:
        section, _, name = key.partition(".")
        assert f"| `[{section}]` | `{name}` |" in page
