"""Secret, void and close on the command line: each file its own option, each refusal its exit code."""

import json
from pathlib import Path
from typing import Any

import pytest
from small import CEREMONY
from small_files import write_small

import cli
from scheduler.pipeline import Closed
from scheduler.pipeline.told import lines


def write(folder: Path) -> Path:
    path = write_small(folder, rehearsal=False)
    said = path.read_text(encoding="utf-8")
    path.write_text(f'{said}\n[entropy]\nsources = ["secret", "ceremony"]\n', encoding="utf-8")
    return path


def call(*words: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    exit_code = cli.call([*(str(word) for word in words), "--json"])
    return exit_code, json.loads(capsys.readouterr().out)


def test_a_campaign_with_a_secret_from_commitment_to_close(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign, run, escrow = write(tmp_path / "input"), tmp_path / "run", tmp_path / "escrow.txt"
    (tmp_path / "dice.txt").write_text(f"{CEREMONY}\n")
    begun = ("run", campaign, "--run", run)
    assert call(*begun, capsys=capsys)[0] == 2
    assert not run.exists()
    exit_code, told = call(*begun, "--escrow", escrow, capsys=capsys)
    assert (exit_code, told["waiting"], told["committed"]["sources"]) == (0, True, ["secret", "ceremony"])
    assert call("publish", run, "--stage", "commit", capsys=capsys)[0] == 0
    assert call("publish", run, "--stage", "close", capsys=capsys)[0] == 2
    assert call("draw", run, "--entropy", tmp_path / "dice.txt", capsys=capsys)[0] == 3
    entered = ("--entropy", tmp_path / "dice.txt", "--secret", escrow)
    assert call("draw", run, *entered, "--beacon", escrow, capsys=capsys)[0] == 3
    assert call("draw", run, *entered, capsys=capsys)[0] == 0
    assert call(*begun, *entered, capsys=capsys)[0] == 0
    assert {"secret": "unrevealed"}.items() <= call("verify", run, capsys=capsys)[1].items()
    exit_code, told = call("close", run, capsys=capsys)
    assert (exit_code, told["secret"]) == (0, escrow.read_text().splitlines()[-1].removeprefix("secret="))
    assert call("publish", run, "--stage", "close", capsys=capsys)[0] == 0
    exit_code, told = call("verify", run, capsys=capsys)
    assert (exit_code, told["verdict"], told["secret"]) == (0, "certified", "revealed")


def test_a_void_is_told_in_words_and_fails_verify_until_the_close(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, escrow = tmp_path / "run", tmp_path / "escrow.txt"
    assert cli.call(["run", str(write(tmp_path / "input")), "--run", str(run), "--escrow", str(escrow)]) == 0
    assert "--secret" in capsys.readouterr().out
    void = ["void", str(run), "--approver", "A", "--document", "D", "--reason", "R", "--organ"]
    assert cli.call([*void, "青石县市场监督管理局"]) == 3
    assert cli.call([*void, "纪委监委"]) == 0
    assert "Void (attempt 1): A (纪委监委), D, R." in capsys.readouterr().out
    assert cli.call(["verify", str(run)]) == 6
    assert cli.call(["close", str(run)]) == 3
    assert cli.call(["close", str(run), "--secret", str(escrow)]) == 0
    assert cli.call(["verify", str(run)]) == 0
    assert "This campaign is void." in capsys.readouterr().out
    assert cli.call(["merge", str(run)]) == 2


@pytest.mark.parametrize(("secret", "said"), [("abc", "seed 12, secret abc;"), ("", "seed 12; the next")])
def test_a_close_tells_a_secret_only_where_there_was_one(secret: str, said: str) -> None:
    closed = Closed(
        run="r", seed="12", secret=secret, voided=False, drawn=True, attempt=1, head="h", fresh=True
    )
    assert said in lines(closed, "en")[0]
