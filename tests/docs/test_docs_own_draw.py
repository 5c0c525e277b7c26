"""The pages on checking one's own draw: their commands are run on the example and on a street campaign."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from instances import write_campaign
from scheduler import pipeline
from scheduler.domain.hashes import PROFILES, Profile
from scheduler.domain.proofs import TicketProof

DOCS = Path(__file__).resolve().parents[2] / "docs" / "howto"
PAGES = ("check-your-own-draw.md", "check-your-own-draw.zh-CN.md")


def blocks(page: str) -> list[str]:
    return re.findall(r"(?ms)^```sh\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"))


def bash(script: str, folder: Path) -> list[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail\n{script}"],
        cwd=folder,
        env={**os.environ, "PATH": path, "ONEDOOR_LANG": "en"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


SHA256 = "digest() { sha256sum | cut -c1-64; }\n"
SM3 = "digest() { openssl dgst -sm3 -r | cut -c1-64; }\n"
KNOWN = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
"""SM3 of ``abc`` (GB/T 32905-2016, appendix A)."""


def needs_openssl(profile: Profile) -> None:
    """Skips by name where the pages' SM3 commands have no program to run."""
    if profile == "sm3":
        command = ["openssl", "dgst", "-sm3", "-r"]
        try:
            done = subprocess.run(command, input=b"abc", capture_output=True, check=False)
        except FileNotFoundError:
            pytest.skip("no openssl program")
        if not done.stdout.decode().startswith(KNOWN):
            pytest.skip("an openssl program without SM3")


def commands(profile: Profile) -> list[str]:
    """The blocks of parts 1 to 4; under SM3 with the line that part 5 puts in place of the first."""
    first, *others = blocks(PAGES[0])[:5]
    assert first.startswith(SHA256)
    assert blocks(PAGES[0])[5].startswith(SM3)
    return [first.replace(SHA256, SM3) if profile == "sm3" else first, *others]


def told(shown: TicketProof, ident: str, profile: Profile) -> str:
    """The page's commands with the values of one enterprise in one stratum."""
    script = "\n".join(commands(profile))
    for name, value in {"id": ident, "group": shown.group, "cutoff": shown.cutoff}.items():
        script, times = re.subn(rf"(?m)^{name}='[^']*'$", f"{name}='{value}'", script)
        assert times == 1
    return script


@pytest.fixture(scope="module", params=PROFILES)
def profile(request: pytest.FixtureRequest) -> Profile:
    chosen: Profile = request.param
    needs_openssl(chosen)
    return chosen


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> Path:
    folder = tmp_path_factory.mktemp("street")
    write_campaign("street", folder / "input")
    settings = folder / "input" / "campaign.toml"
    text = settings.read_text(encoding="utf-8").replace(
        "[campaign]\n", f'[campaign]\nprofile = "{profile}"\n'
    )
    settings.write_text(text, encoding="utf-8")
    run = folder / "run"
    pipeline.import_campaign(folder / "input" / "campaign.toml", run)
    pipeline.commit(run)
    pipeline.draw(run, (folder / "input" / "ceremony.txt").read_text(encoding="utf-8"))
    return run


def test_both_pages_have_the_same_commands() -> None:
    assert blocks(PAGES[0]) == blocks(PAGES[1])
    assert len(blocks(PAGES[0])) == 6


def test_the_example_gives_the_specifications_figures(tmp_path: Path) -> None:
    shown = bash("\n".join(blocks(PAGES[0])[:2]), tmp_path)
    page = (DOCS.parent / "draw-spec.md").read_text(encoding="utf-8")
    commitment, ticket, verdict = shown
    assert f"\n{commitment}  -\n" in page
    assert f"\n{ticket}  -\n" in page
    assert verdict == "E04 is drawn"


def test_the_example_under_sm3_gives_the_specifications_figures(tmp_path: Path) -> None:
    needs_openssl("sm3")
    page = (DOCS.parent / "draw-spec.md").read_text(encoding="utf-8")
    shown = bash(blocks(PAGES[0])[5], tmp_path)
    assert len(shown) == 2
    assert all(f"\n{digest} *stdin\n" in page for digest in shown)


def test_the_commands_hold_for_the_drawn_and_the_not_drawn_of_a_street(
    street: Path, tmp_path: Path, profile: Profile
) -> None:
    with (street / "draw/enterprises.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    plan = pipeline.prove(street, rows[0]["enterprise_id"]).proof
    (tmp_path / "seed.txt").write_bytes((street / "draw/seed.txt").read_bytes())
    for drawn in "10":
        row = next(row for row in rows if row["drawn"] == drawn)
        ident = row["enterprise_id"]
        proof = pipeline.prove(street, ident, tmp_path / "proof.json").proof
        (shown,) = [one for one in proof.tickets if one.stratum_id == row["stratum_id"]]
        commitment, ticket, verdict, line, frame, digest, found, *checked = bash(
            told(shown, ident, profile), tmp_path
        )
        assert commitment.split()[0] == plan.seed_commitment
        assert ticket == row["ticket"]
        assert verdict == f"{ident} is {'drawn' if drawn == '1' else 'not drawn'}"
        assert (line, frame) == (proof.row, "in the frame")
        assert (digest.split()[0], found) == (plan.plan_sha256, "1")
        assert f"Right: {ident}" in " ".join(checked)


def test_the_commands_see_a_row_that_was_changed(street: Path, tmp_path: Path, profile: Profile) -> None:
    with (street / "plan/frame.csv").open(encoding="utf-8", newline="") as stream:
        idents = [row["enterprise_id"] for row in csv.DictReader(stream)]
    script = (SM3 if profile == "sm3" else SHA256) + commands(profile)[2]
    for ident in (idents[0], idents[-1], idents[len(idents) // 2]):
        proof = pipeline.prove(street, ident, tmp_path / "proof.json").proof
        assert bash(script, tmp_path)[-1] == "in the frame"
        data = json.loads((tmp_path / "proof.json").read_bytes())
        data["row"] = proof.row.replace(ident, "X")
        text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        (tmp_path / "proof.json").write_text(text, encoding="utf-8")
        assert bash(script, tmp_path)[-1] == "NOT in the frame"
