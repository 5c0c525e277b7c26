"""The page about anchors does what it says: its commands are run, in both languages the same."""

import re
import shlex
from pathlib import Path

import pytest
from witnessed import ORGANS, Authority, committed, head, hours_from_now, imported, openssl, statement

import cli

HOWTO = Path(__file__).parents[2] / "docs/howto"
PAGES = ("anchor-a-commitment.md", "anchor-a-commitment.zh-CN.md")


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"(?ms)^```{kind}\n(.*?)^```", (HOWTO / page).read_text(encoding="utf-8"))


def commands(page: str = PAGES[0]) -> list[list[str]]:
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    return [shlex.split(line) for line in lines]


def test_both_languages_give_the_same_commands_and_settings() -> None:
    for kind in ("sh", "toml"):
        assert blocks(PAGES[0], kind) == blocks(PAGES[1], kind) != []


def test_the_commands_of_the_page_prove_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    imported(tmp_path).rename("earlier-run")
    genpkey, public, register, sign, attach, query, stamp, verify = commands()
    for organ in ORGANS:
        openssl(*genpkey[1:])
        openssl(*public[1:])
        Path("key.pem").rename(f"{organ}-key.pem")
        assert cli.call([organ if word == ORGANS[0] else word for word in register[1:]]) == 0
    run = committed(tmp_path, head(Path("earlier-run")), at=hours_from_now(-1))
    assert run == tmp_path / "run"
    for organ in ORGANS:
        Path("statement.txt").write_bytes(statement(run))
        Path(f"{organ}-key.pem").replace("key.pem")
        openssl(*sign[1:])
        assert cli.call([organ if word == ORGANS[0] else word for word in attach[1:]]) == 0
    openssl(*query[1:])
    authority = Authority(tmp_path / "tsa")
    authority.answered(Path("plan.tsq")).rename("plan.tsr")
    authority.root.rename("roots.pem")
    assert cli.call(stamp[1:]) == 0
    call = ["run", "input/campaign.toml", "--run", "run", "--entropy", "input/later.txt"]
    assert cli.call(call) == 0
    assert cli.call(verify[1:]) == 0
