"""The small campaign of :mod:`small` as the files a platform would export."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from small import CEREMONY, registers, settings

from instances.campaign import campaign_toml
from instances.tables import NAMES, write_rows
from scheduler.domain.registers import TABLES, Registers

UNITS = 2
"""Work units per goal: these campaigns are about files and stages, not about the best roster."""


def write_small(
    folder: Path,
    *,
    rehearsal: bool = True,
    campaign_id: str = "small-2026-01",
    tables: Registers | None = None,
    teams: Mapping[str, object] | None = None,
) -> Path:
    """Write the campaign into the folder; returns its campaign.toml. ``teams`` are settings of that section.

    A rehearsal names its ceremony's text in advance; a real campaign's stands in ``later.txt``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = replace(settings(), campaign_id=campaign_id, rehearsal=rehearsal)
    names = ("campaign_id", "name", "authority", "slot", "rehearsal", "start", "end")
    flat = {name: getattr(said, name) for name in names} | {"calendar": "file"}
    files: dict[str, str] = {}
    for table in TABLES:
        rows = getattr(tables or registers(), table)
        if rows:
            files[table] = f"{NAMES[table]}.csv"
            write_rows(folder / files[table], table, rows)
    own: dict[str, Mapping[str, object]] = {"teams": teams} if teams else {}
    text = campaign_toml(flat, {**own, "budget": {"exact_units": UNITS}}, files)
    if rehearsal:
        (folder / "ceremony.txt").write_text(CEREMONY, encoding="utf-8")
    else:
        text = text.replace('[ceremony]\nfile = "ceremony.txt"\n', "")
        (folder / "later.txt").write_text(f"{CEREMONY}\n", encoding="utf-8")
    path = folder / "campaign.toml"
    path.write_text(text, encoding="utf-8")
    return path
