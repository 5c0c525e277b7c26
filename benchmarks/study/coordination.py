"""What shared tickets spare enterprises: doors, departments and fairness, against independent tickets.

In: a size. Out: figures on stdout. May import: instances and the rooms. :mod:`benchmarks.study.many` draws
the rows of the real draw (:func:`scheduler.draw.draw_columns`), the real merge counts every door.
``docs/benchmarks-draw.md`` says what the levels are and why, and how to repeat it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from multiprocessing import get_context
from typing import Literal

from benchmarks.study.frames import campaigns_of
from benchmarks.study.inclusion import Inclusion, Subgroups
from benchmarks.study.many import Draws, drawn_shops
from instances.campaign import ceremony_text
from instances.sizes import Size, size_named
from scheduler import draw as draw_room
from scheduler import merge as merge_room
from scheduler.domain.canonical import sha256_hex
from scheduler.domain.frame import FrameColumns, frame_columns
from scheduler.domain.plan import DrawResult, Plan
from scheduler.domain.registers import Registers, Task
from scheduler.domain.visits import MergeResult

LEVELS: Mapping[str, float] = {"low": 0.25, "middle": 0.5, "high": 0.75}
"""The chance that a task aims at the trade, place and weeks of an earlier one and so joins its group."""

MIDDLE = "middle"
AS_GENERATED = "as_generated"
"""The generator's own chance for the size, beside the levels."""

PUBLISHED = 0.2262
"""1 − 81,827 / 105,743: what a metropolis reached in a year by merging afterwards (DESIGN §1)."""

SEEDS = 20
PROCESSES = 2
Mode = Literal["independent", "shared"]
MODES: tuple[Mode, Mode] = ("independent", "shared")
Figures = dict[str, object]


@dataclass(kw_only=True)
class Tally:
    """Sums over the seeds of one mode. ``draws`` need a door (desk checks do not count); ``overlaps`` are
    draws that fell on an enterprise which another task of the group drew; a department counts once for every
    task it comes with."""

    n_seeds: int = 0
    draws: int = 0
    doors: int = 0
    overlaps: int = 0
    departments: int = 0
    squares: int = 0
    shares: list[float] = field(default_factory=list)

    def add(self, drawn: DrawResult, merged: MergeResult, tasks: Iterable[Task]) -> None:
        """One more draw, merged."""
        report = merged.report
        self.n_seeds += 1
        self.draws += report.doors_unmerged
        self.doors += report.doors
        self.shares.append(1 - report.doors / report.doors_unmerged)
        groups = {task.task_id: task.group for task in tasks if task.group}
        found = [
            (groups[r.task_id], r.enterprise_id) for r in drawn.enterprises if r.drawn and r.task_id in groups
        ]
        self.overlaps += len(found) - len(set(found))
        burden: Counter[str] = Counter()
        for need in merged.requirements:
            burden[need.enterprise_id] += len(set(need.department_ids))
        self.departments += burden.total()
        self.squares += sum(n * n for n in burden.values())

    def join(self, other: "Tally") -> None:
        """The seeds that another process counted."""
        self.n_seeds += other.n_seeds
        self.draws += other.draws
        self.doors += other.doors
        self.overlaps += other.overlaps
        self.departments += other.departments
        self.squares += other.squares
        self.shares += other.shares

    @property
    def reduction(self) -> float:
        """The share of draws that need no door of their own."""
        return 1 - self.doors / self.draws

    def figures(self, n_rows: int, possible: int) -> Figures:
        """Means over the seeds; mean and variance of departments are over every enterprise of the frame."""
        people = n_rows * self.n_seeds
        mean = self.departments / people
        return {
            "draws_with_door": round(self.draws / self.n_seeds, 1),
            "doors": round(self.doors / self.n_seeds, 1),
            "reduction": round(self.reduction, 4),
            "reduction_least": round(min(self.shares), 4),
            "reduction_most": round(max(self.shares), 4),
            "overlap_of_possible": round(self.overlaps / self.n_seeds / possible, 4) if possible else 0,
            "departments_mean": round(mean, 6),
            "departments_variance": round(self.squares / people - mean * mean, 6),
        }


def main(
    size: str, *, as_json: bool = False, seeds: int = SEEDS, processes: int = PROCESSES, instance: int = 1
) -> None:
    """Measure and print."""
    figures = measure(size_named(size), seeds=seeds, processes=processes, instance=instance)
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        if name != "levels":
            print(f"{name:28} {value}")


def measure(size: Size, *, seeds: int = SEEDS, processes: int = PROCESSES, instance: int = 1) -> Figures:
    """All levels; the figures at the top are the middle one's, ``as_generated`` those of the size's own
    chance. The same for any number of processes."""
    chances = {**LEVELS, AS_GENERATED: size.coordinated}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        # In a process of its own: millions of rows are built there, only columns come back.
        world = pool.submit(_world, size, chances, instance).result()
    found = _tallied(world, list(_seeds(world, size, seeds)), processes)
    told = {name: _figures(name, chances[name], world, found) for name in chances}
    levels = {name: told[name] for name in LEVELS}
    top = {"size": size.name, "n_seeds": seeds, "level": MIDDLE, **levels[MIDDLE]}
    return {**top, "levels": levels, AS_GENERATED: told[AS_GENERATED]}


@dataclass(frozen=True, kw_only=True)
class World:
    """One frame, and by level the plan with its small registers."""

    columns: FrameColumns
    levels: dict[str, tuple[Plan, Registers]]


def _world(size: Size, chances: Mapping[str, float], instance: int) -> World:
    campaigns, settings = campaigns_of(size, chances, instance)
    levels: dict[str, tuple[Plan, Registers]] = {}
    columns: FrameColumns | None = None
    for name, registers in campaigns.items():
        made = draw_room.commit(registers, settings, {}, 0)
        columns = columns or frame_columns(made.frame)
        levels[name] = made.plan, replace(registers, enterprises=())
    if columns is None:
        message = "no level is asked for"
        raise ValueError(message)
    return World(columns=columns, levels=levels)


def _seeds(world: World, size: Size, count: int) -> Iterator[str]:
    """One after another the seeds of as many rehearsals, each from a ceremony of its own; the same for all
    levels."""
    plan = world.levels[MIDDLE][0]
    for number in range(1, count + 1):
        yield sha256_hex(f"{plan.settings.campaign_id}|{ceremony_text(size.name, number)}".encode())


Found = dict[tuple[str, Mode], tuple[Tally, Inclusion]]


def _tallied(world: World, seeds: Sequence[str], processes: int) -> Found:
    """Tallies of all seeds by level and mode; the seeds are dealt to the processes."""
    hands = [seeds[first::processes] for first in range(min(processes, len(seeds)))]
    if len(hands) < 2:
        return tally(world, seeds)
    with ProcessPoolExecutor(len(hands), mp_context=get_context("spawn")) as pool:
        first, *others = pool.map(partial(tally, world), hands)
    for other in others:
        for key, (counted, inclusion) in first.items():
            counted.join(other[key][0])
            inclusion.join(other[key][1])
    return first


def tally(world: World, seeds: Iterable[str]) -> Found:
    """Draw every level's plan in both modes under each seed, merge, and count."""
    draws = Draws(
        {f"{name}/{mode}": _in_mode(*pair, mode) for name, pair in world.levels.items() for mode in MODES},
        world.columns,
    )
    subgroups = Subgroups(world.columns, draws.pieces)
    found: Found = {}
    for name, (plan, _) in world.levels.items():
        for mode in MODES:
            layers = chain.from_iterable(draws.ready(f"{name}/{mode}").layers.values())
            found[name, mode] = Tally(), Inclusion(plan, layers, subgroups)
    for seed in seeds:
        drawn = draws.draw(seed)
        shops = drawn_shops(world.columns, drawn.values())
        known = {ident: subgroups.of(shop) for ident, shop in shops.items()}
        for (name, mode), (counted, inclusion) in found.items():
            result = drawn[f"{name}/{mode}"]
            inclusion.add(result, known)
            plan, registers = draws.plans[f"{name}/{mode}"]
            ids = sorted({row.enterprise_id for row in result.enterprises if row.drawn})
            at_doors = replace(registers, enterprises=tuple(shops[ident] for ident in ids))
            counted.add(result, merge_room.merge(plan, at_doors, result), registers.tasks)
    return found


def _in_mode(plan: Plan, registers: Registers, mode: Mode) -> tuple[Plan, Registers]:
    return replace(plan, settings=replace(plan.settings, coordination=mode)), registers


def _figures(level: str, chance: float, world: World, found: Found) -> Figures:
    plan, registers = world.levels[level]
    tasks, n_rows = registers.tasks, world.columns.n_rows
    quotas = Counter[str]()
    for stratum in plan.strata:
        quotas[stratum.task_id] += stratum.quota
    grouped = [task for task in tasks if task.group]
    possible = most_possible(grouped, quotas)
    figures: Figures = {
        "chance_to_join": chance,
        "frame_rows": n_rows,
        "n_tasks": len(tasks),
        "n_tasks_in_groups": len(grouped),
        "scope_overlap": round(sum(quotas[task.task_id] for task in grouped) / quotas.total(), 4),
        "n_draws": quotas.total(),
    }
    for mode in MODES:
        counted, inclusion = found[level, mode]
        told = {**counted.figures(n_rows, possible), **inclusion.figures()}
        figures |= {f"{name}_{mode}": value for name, value in told.items()}
    figures["overlap_of_possible"] = figures["overlap_of_possible_shared"]
    independent, shared = (found[level, mode][0].reduction for mode in MODES)
    figures["shared_over_independent"] = round(shared / independent, 2) if independent else 0
    figures["twice"] = shared >= 2 * independent
    figures["above_published"] = shared > PUBLISHED
    return figures


def most_possible(grouped: Iterable[Task], quotas: Mapping[str, int]) -> int:
    """So many draws at most could fall on enterprises that their group has drawn already: no group can do
    with fewer enterprises than its largest task draws."""
    groups: dict[str, list[int]] = {}
    for task in grouped:
        groups.setdefault(task.group, []).append(quotas[task.task_id])
    return sum(sum(draws) - max(draws) for draws in groups.values())
