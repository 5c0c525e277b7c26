"""Writes a whole invented campaign: tables, campaign.toml, a rehearsal's ceremony, what was planted.

In: a size, an empty folder, a seed. Out: the files, the same bytes for the same size and seed. May
import: the domain and this package.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instances import disorder, people
from instances.enterprises import Chunk, chunks
from instances.items import items
from instances.past import history, quiet_periods
from instances.places import layout
from instances.sizes import Size, size_named
from instances.tables import NAMES, Columns, write_chunks, write_rows
from instances.tasks import Place, tasks
from scheduler.domain.errors import UsageError, refuse
from scheduler.domain.ports import Progress

CAMPAIGN = "campaign.toml"
CEREMONY = "ceremony.txt"
PLANTED = "planted.json"
CEREMONY_DIGITS = 40

SMALL = 10_000
"""Up to so many enterprises the officers' register comes as a workbook, as small offices keep it."""


@dataclass(kw_only=True)
class _Register:
    """What passes by while the big table is written: counts for the plan, ids for the small tables."""

    cells: NDArray[np.int64] | None = None
    known: list[tuple[str, str]] = field(default_factory=list)
    planted: disorder.Planted | None = None

    def take(self, chunk: Chunk) -> None:
        self.cells = chunk.cells if self.cells is None else self.cells + chunk.cells
        self.known.extend(chunk.known)


def write_campaign(
    size: str, out: Path, *, seed: int = 1, progress: Progress | None = None, clean: bool = False
) -> Path:
    """Write a campaign of that size into the empty or new folder ``out``; returns its campaign.toml. A
    ``clean`` one has no fault at all, any other the benign disorder of :mod:`instances.disorder`.

    Errors: ``instance.size`` for an unknown size, ``instance.out_used`` where ``out`` holds files.
    """
    made = size_named(size)
    empty_folder(out)
    writer = _Writer(made, out, seed, progress, clean=clean)
    writer.write()
    return out / CAMPAIGN


def empty_folder(out: Path) -> None:
    """Make the folder, or see that it is empty. Errors: ``instance.out_used``."""
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        raise refuse(UsageError, "instance.out_used", path=str(out))


class _Writer:
    """One campaign on its way to disk."""

    def __init__(
        self, size: Size, out: Path, seed: int, progress: Progress | None, *, clean: bool = False
    ) -> None:
        self.size, self.out, self.seed, self.progress = size, out, seed, progress
        self.clean = clean
        self.place = layout(size, seed)
        self.files: dict[str, str] = {}

    def write(self) -> None:
        size, seed = self.size, self.seed
        register = _Register()
        self._write_enterprises(register)
        bodies = people.departments(size, self.place, seed)
        officers = people.inspectors(size, bodies, seed)
        specialists = people.experts(size, self.place, seed)
        listed = items(size, seed)
        cells = register.cells if register.cells is not None else np.zeros((1, 1, 4), dtype=np.int64)
        by_id = {body.department_id: body for body in bodies}
        plan = tasks(Place(size=size, bodies=by_id, items=listed, cells=cells), seed)
        past, orphans = history(size, officers, register.known, seed)
        past, orphans = (past[:-orphans], 0) if self.clean else (past, orphans)
        self._write("departments", bodies)
        self._write("inspectors", officers, workbook=size.n_enterprises <= SMALL)
        self._write("experts", specialists)
        self._write("items", [item for rows in listed.values() for item in rows], workbook=True)
        self._write("tasks", plan, workbook=True)
        self._write("recusals", people.recusals(size, officers, register.known, seed))
        self._write("leave", people.leave(size, officers, seed))
        self._write("history", past)
        self._write("quiet", quiet_periods(size, register.known, seed))
        (self.out / CEREMONY).write_text(ceremony_text(size.name, seed), encoding="utf-8", newline="")
        self._write_planted(register.planted, orphans)
        (self.out / CAMPAIGN).write_text(self._settings(), encoding="utf-8", newline="\n")

    def _write_enterprises(self, register: _Register) -> None:
        name = f"{NAMES['enterprises']}.csv"
        count = write_chunks(self.out / name, "enterprises", self._chunks(register))
        self.files["enterprises"] = name
        self._say("enterprises", count)

    def _chunks(self, register: _Register) -> Iterator[Columns]:
        done = 0
        for chunk in chunks(self.size, self.place, self.seed):
            columns = chunk.columns
            if register.planted is None and not self.clean:
                columns, register.planted = disorder.plant(columns, self.size, self.seed)
            register.take(chunk)
            yield columns
            done += len(chunk.columns["name"])
            self._say("enterprises", done)

    def _write(self, table: str, rows: Sequence[Any], *, workbook: bool = False) -> None:
        if not rows:
            return
        name = f"{NAMES[table]}.{'xlsx' if workbook else 'csv'}"
        write_rows(self.out / name, table, rows)
        self.files[table] = name
        self._say(table, len(rows))

    def _say(self, table: str, done: int) -> None:
        if self.progress is not None:
            self.progress("instance.progress", table=table, done=done)

    def _write_planted(self, planted: disorder.Planted | None, orphans: int) -> None:
        facts = dataclasses.asdict(planted) if planted else {}
        text = json.dumps(
            {"enterprises": facts, "history": {"orphans": orphans}},
            ensure_ascii=False,
            indent=1,
            sort_keys=True,
        )
        (self.out / PLANTED).write_text(text + "\n", encoding="utf-8", newline="\n")

    def _settings(self) -> str:
        size = self.size
        flat = {
            "campaign_id": f"{size.name}-{self.seed}",
            "name": f"{size.place}{size.start.year}年度双随机抽查演练",
            "authority": f"{size.place}市场监管联席会议",
            "slot": f"{size.start.year}-01",
            "rehearsal": True,
            "start": size.start,
            "end": size.end,
        }
        inspectors, experts = size.pools
        return campaign_toml(flat, {"pools": {"inspectors": inspectors, "experts": experts}}, self.files)


def campaign_toml(
    flat: Mapping[str, object], tables: Mapping[str, Mapping[str, object]], files: Mapping[str, str]
) -> str:
    """The text of a campaign.toml of a rehearsal: settings, ceremony, table files."""
    sections: dict[str, Mapping[str, object]] = {
        "campaign": flat,
        **tables,
        "ceremony": {"file": CEREMONY},
        "tables": files,
    }
    lines = []
    for name, values in sections.items():
        lines += [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in values.items()), ""]
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def ceremony_text(name: str, seed: int) -> str:
    """A rehearsal's dice: digits out of the campaign's name and seed. A real campaign throws them."""
    digest = hashlib.sha256(f"onedoor-rehearsal|{name}|{seed}".encode()).hexdigest()
    return str(int(digest, 16)).zfill(78)[-CEREMONY_DIGITS:]
