"""The tutorial's commands are run as they stand, at street size."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(page: str) -> list[str]:
    return re.findall(r"(?ms)^```sh\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"))


def test_both_tutorials_run_the_same_commands() -> None:
    assert blocks("tutorial.md") == blocks("tutorial.zh-CN.md")
    assert len(blocks("tutorial.md")) >= 6


@pytest.mark.slow
def test_the_tutorials_commands_run(tmp_path: Path) -> None:
    script = "set -euo pipefail\n" + "\n".join(blocks("tutorial.md"))
    # English, whatever the locale of whoever tests.
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ONEDOOR_LANG": "en",
    }
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"found, exit code [67]", done.stdout)
    assert "visits.csv" in done.stdout + done.stderr
    assert re.search(r"the ticket of \S+ is right", done.stdout)
    page = (tmp_path / "town-run/publish/draw.html").read_text(encoding="utf-8")
    assert "演练：" not in page
    assert "演练：" in (tmp_path / "s/publish/draw.html").read_text(encoding="utf-8")
    assert (tmp_path / "town-run/export/汇总.xlsx").is_file()
