"""docs/reference/cli.md cannot drift: every command, argument, option and exit code is compared."""

import re
from pathlib import Path

import click
import pytest

import cli
from scheduler.domain import errors
from scheduler.domain.messages import catalogue

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
COMMON = {"--json", "--lang"}


def sections() -> dict[str, str]:
    """Command name to its section, the heading line included."""
    parts = re.split(r"(?m)^### `onedoor ", PAGE)[1:]
    return {re.split(r"[ `]", part)[0]: part for part in parts}


def commands() -> dict[str, click.Command]:
    return dict(cli.onedoor.commands)


def test_every_command_has_a_section_and_every_section_a_command_in_this_order() -> None:
    assert list(sections()) == list(commands())


@pytest.mark.parametrize("name", list(commands()))
def test_a_section_tells_exactly_the_options_of_its_command(name: str) -> None:
    rows = re.findall(r"(?m)^\| `(--[a-z-]+)", sections()[name])
    options = [p.opts[0] for p in commands()[name].params if isinstance(p, click.Option)]
    assert sorted(rows) == sorted(set(options) - COMMON)


@pytest.mark.parametrize("name", list(commands()))
def test_a_heading_tells_the_arguments_of_its_command(name: str) -> None:
    heading = sections()[name].splitlines()[0]
    ctx = click.Context(commands()[name])
    arguments = [p.make_metavar(ctx) for p in commands()[name].params if isinstance(p, click.Argument)]
    told = " ".join("SIZE" if argument.startswith("{") else argument for argument in arguments)
    assert heading == f"{name} {told}`".replace(" `", "`")


@pytest.mark.parametrize("name", list(commands()))
def test_the_options_of_all_are_the_options_of_each(name: str) -> None:
    options = {p.opts[0] for p in commands()[name].params if isinstance(p, click.Option)}
    assert options >= COMMON
    assert all(f"`{option}" in PAGE for option in COMMON)


def test_every_exit_code_of_an_error_is_told_and_no_other() -> None:
    told = {int(code) for code in re.findall(r"(?m)^\| ([0-9]+) \|", PAGE)}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.OneDoorError)}
    assert told == codes | {0, cli.INTERRUPTED}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", [None, *commands()])
def test_help_is_told_in_both_languages(
    name: str | None, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.call([*([name] if name else []), "--lang", language, "--help"]) == 0
    shown = re.sub(r"\s", "", capsys.readouterr().out)
    command = commands()[name] if name else cli.onedoor
    codes = [command.help, *(p.help for p in command.params if isinstance(p, click.Option))]
    texts = [catalogue()[code][language] for code in codes if code in catalogue()]
    assert len(texts) > 2
    for text in texts:
        assert re.sub(r"\s", "", text) in shown
