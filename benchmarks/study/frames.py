"""A sealed commitment of any size, made once: the frame that the draw's benchmarks draw from.

In: a size and a seed of the generator. Out: a run folder with sealed ``intake/`` and ``plan/``. May import:
instances, scheduler.pipeline and the rooms.

The generator's enterprises go straight into the commitment, all of them active: the frame has as many rows
as the size has enterprises. ``intake/enterprises.csv`` stays empty, no later stage of these benchmarks
reads it.
"""

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

import numpy as np

from instances import people
from instances.cache import default_cache, generator_digest
from instances.campaign import ceremony_text
from instances.enterprises import chunks
from instances.items import items
from instances.places import layout
from instances.sizes import Size, size_named
from instances.tasks import Place, tasks
from instances.trades import TRADES
from scheduler import __version__
from scheduler import draw as draw_room
from scheduler.domain.codec import to_json, write_csv
from scheduler.domain.intake import IntakeReport, Rejected
from scheduler.domain.registers import (
    RISK_CLASSES,
    SORT_KEYS,
    TABLES,
    Enterprise,
    Registers,
    RiskClass,
    Task,
)
from scheduler.domain.settings import Pools, Settings
from scheduler.intake.workdays import state_calendar
from scheduler.pipeline import before
from scheduler.pipeline.folder import opened
from scheduler.pipeline.ledger import Fact
from scheduler.pipeline.shelf import Shelf

BUILDERS = ("scheduler.domain", "scheduler.draw", "scheduler.pipeline", "benchmarks.study")
"""Packages whose sources decide a byte of what is sealed, beside the generator's."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A run folder that waits for its draw, and the ceremony's text."""

    run: Path
    ceremony: str


def sealed_plan(size: str, *, seed: int = 1, cache: Path | None = None) -> Sealed:
    """The commitment of that size and seed, made at the first call and kept under the sources' digest."""
    made = size_named(size)
    run = (cache or default_cache()) / f"plan-{size}-{seed}-{_digest()}"
    if not run.exists():
        run.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".plan-{size}-", dir=run.parent))
        try:
            # In a process of its own: what it holds in memory must not count as the draw's.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                pool.submit(seal, size, seed, draft / "run").result()
            (draft / "run").rename(run)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return Sealed(run=run, ceremony=ceremony_text(made.name, seed))


def _digest() -> str:
    digest = hashlib.sha256(generator_digest().encode())
    for package in BUILDERS:
        for entry in sorted(files(package).iterdir(), key=lambda one: one.name):
            if entry.name.endswith(".py"):
                digest.update(entry.name.encode() + b"\0" + entry.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def seal(size: str, seed: int, run: Path) -> None:
    """Commit a generated campaign into a new run folder."""
    registers, settings = campaign_of(size_named(size), seed)
    with opened(run, create=True) as folder:
        folder.open({"campaign_id": settings.campaign_id, "version": __version__})
        folder.seal("intake", lambda temp: _write_intake(temp, settings, registers))
        files_of = folder.require("intake").files
        commitment = draw_room.commit(
            registers, settings, before.committed_digests(files_of, settings.profile), 0
        )
        before.seal_plan(folder, Shelf(folder), commitment)


def campaign_of(size: Size, seed: int) -> tuple[Registers, Settings]:
    """The generated campaign as domain rows, nobody excluded: no history, no quiet periods, all active."""
    campaigns, settings = campaigns_of(size, {"": size.coordinated}, seed)
    return campaigns[""], settings


def campaigns_of(
    size: Size, chances: Mapping[str, float], seed: int
) -> tuple[dict[str, Registers], Settings]:
    """By name the campaign as it is with that chance of a task to join another's group: only the tasks
    differ, the enterprises are the same objects."""
    settings = _settings(size, seed)
    everything, place = _registers(size, settings, seed)
    campaigns = {
        name: replace(everything, tasks=_tasks(replace(place, size=replace(size, coordinated=chance)), seed))
        for name, chance in chances.items()
    }
    return campaigns, settings


def _tasks(place: Place, seed: int) -> tuple[Task, ...]:
    return _in_order("tasks", tasks(place, seed))


def _settings(size: Size, seed: int) -> Settings:
    inspectors, experts = size.pools
    return Settings(
        campaign_id=f"{size.name}-{seed}",
        name=f"{size.place}{size.start.year}年度双随机抽查演练",
        authority=f"{size.place}市场监管联席会议",
        slot=f"{size.start.year}-01",
        rehearsal=True,
        start=size.start,
        end=size.end,
        pools=Pools(inspectors=inspectors, experts=experts),
    )


def _registers(size: Size, settings: Settings, seed: int) -> tuple[Registers, Place]:
    """All registers but the tasks, and what tasks are planned from."""
    place = layout(size, seed)
    bodies = people.departments(size, place, seed)
    officers = people.inspectors(size, bodies, seed)
    listed = items(size, seed)
    cells: Counter[tuple[str, str, str]] = Counter()
    shops = tuple(_enterprises(size, seed, cells))
    shape = (len(size.districts), len(TRADES), len(RISK_CLASSES))
    counts = np.zeros(shape, dtype=np.int64)
    for d, (division, _) in enumerate(size.districts):
        for t, trade in enumerate(TRADES):
            for r, risk in enumerate(RISK_CLASSES):
                counts[d, t, r] = cells[division, trade.industry, risk]
    by_id = {body.department_id: body for body in bodies}
    registers = Registers(
        departments=_in_order("departments", bodies),
        enterprises=shops,
        inspectors=_in_order("inspectors", officers),
        experts=_in_order("experts", people.experts(size, place, seed)),
        items=_in_order("items", [item for rows in listed.values() for item in rows]),
        tasks=(),
        leave=_in_order("leave", people.leave(size, officers, seed)),
        calendar=state_calendar(settings)[0],
    )
    return registers, Place(size=size, bodies=by_id, items=listed, cells=counts)


def _in_order(table: str, rows: Any) -> tuple[Any, ...]:
    return tuple(sorted(rows, key=lambda row: tuple(getattr(row, column) for column in SORT_KEYS[table])))


def _enterprises(size: Size, seed: int, cells: Counter[tuple[str, str, str]]) -> Iterator[Enterprise]:
    """Every enterprise with the columns that a draw looks at; ``cells`` counts districts, trades, classes."""
    tags: dict[str, tuple[str, ...]] = {}
    for chunk in chunks(size, layout(size, seed), seed):
        columns: Mapping[str, list[str]] = chunk.columns
        cells.update(zip(columns["district"], columns["industry"], columns["risk_class"], strict=True))
        names = ("enterprise_id", "authority", "unit", "district", "industry", "risk_class", "tags")
        for ident, authority, unit, district, industry, risk, marks in zip(
            *(columns[name] for name in names), strict=True
        ):
            yield Enterprise(
                enterprise_id=ident,
                id_kind="other",
                name="",
                authority=authority,
                unit=unit,
                district=district,
                industry=industry,
                risk_class=cast(RiskClass, risk),
                tags=tags.setdefault(marks, tuple(marks.split("；"))),
            )


def _write_intake(temp: Path, settings: Settings, registers: Registers) -> dict[str, Fact]:
    (temp / "settings.json").write_bytes(to_json(settings))
    (temp / "report.json").write_bytes(to_json(IntakeReport(tables=(), warnings=())))
    write_csv(temp / "rejected.csv", Rejected, ())
    for name, cls in TABLES.items():
        write_csv(temp / f"{name}.csv", cls, () if name == "enterprises" else getattr(registers, name))
    return {}
