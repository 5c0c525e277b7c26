"""What shared tickets spare enterprises: doors, departments and fairness, against independent tickets.

In: a size. Out: figures on stdout. May import: instances and the rooms. Every draw is the real one
(:func:`scheduler.draw.draw_columns`), every door is counted by the real merge.
``docs/benchmarks-draw.md`` says what the levels are and why, and how to repeat it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from benchmarks.study.frames import campaign_of
from benchmarks.study.inclusion import Inclusion
from instances.campaign import ceremony_text
from instances.sizes import Size, size_named
from scheduler import draw as draw_room
from scheduler import merge as merge_room
from scheduler.domain.canonical import sha256_hex
from scheduler.domain.frame import LINE, FrameColumns, frame_columns
from scheduler.domain.plan import DrawResult, FrameRow, Plan
from scheduler.domain.registers import Enterprise, Task
from scheduler.domain.visits import MergeResult

LEVELS: Mapping[str, float] = {"low": 0.25, "middle": 0.5, "high": 0.75}
"""The chance that a task aims at the trade, place and weeks of an earlier one and so joins its group."""

MIDDLE = "middle"
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
    """All levels; the figures at the top are the middle one's."""
    levels = {
        name: _level(replace(size, coordinated=chance), seeds, processes, instance)
        for name, chance in LEVELS.items()
    }
    return {"size": size.name, "n_seeds": seeds, "level": MIDDLE, **levels[MIDDLE], "levels": levels}


def _level(size: Size, seeds: int, processes: int, instance: int) -> Figures:
    registers, settings = campaign_of(size, instance)
    made = draw_room.commit(registers, settings, {}, 0)
    plan, columns, few = made.plan, frame_columns(made.frame), replace(registers, enterprises=())
    del made, registers  # a metropolis of rows would stay in memory; only the columns are needed
    inclusion = {mode: Inclusion(plan, few, columns) for mode in MODES}
    tallies = {mode: Tally() for mode in MODES}
    for seed in _seeds(plan, size, seeds):
        for mode in MODES:
            own = replace(plan, settings=replace(plan.settings, coordination=mode))
            drawn = draw_room.draw_columns(own, columns, (), few, seed, processes=processes)
            shops = _drawn_shops(columns, drawn)
            inclusion[mode].add(drawn, shops)
            at_doors = replace(few, enterprises=tuple(shops[ident] for ident in sorted(shops)))
            tallies[mode].add(drawn, merge_room.merge(own, at_doors, drawn), few.tasks)
    return _figures(size, plan, few.tasks, columns.n_rows, tallies, inclusion)


def _seeds(plan: Plan, size: Size, count: int) -> Iterable[str]:
    """One after another the seeds of as many rehearsals, each from a ceremony of its own."""
    for number in range(1, count + 1):
        yield sha256_hex(f"{plan.settings.campaign_id}|{ceremony_text(size.name, number)}".encode())


def _drawn_shops(columns: FrameColumns, drawn: DrawResult) -> dict[str, Enterprise]:
    ids = {row.enterprise_id.encode() for row in drawn.enterprises if row.drawn}
    return {
        ident.decode(): _enterprise(row, ident.decode())
        for row, joined in columns.ids.items()
        for ident in ids.intersection(joined.split(LINE))
    }


def _enterprise(row: FrameRow, ident: str) -> Enterprise:
    return Enterprise(
        enterprise_id=ident,
        id_kind="other",
        name="",
        authority=row.authority,
        unit=row.unit,
        district=row.district,
        industry=row.industry,
        risk_class=row.risk_class,
        tags=row.tags,
    )


def _figures(
    size: Size,
    plan: Plan,
    tasks: Sequence[Task],
    n_rows: int,
    tallies: Mapping[Mode, Tally],
    inclusion: Mapping[Mode, Inclusion],
) -> Figures:
    quotas = Counter[str]()
    for stratum in plan.strata:
        quotas[stratum.task_id] += stratum.quota
    grouped = [task for task in tasks if task.group]
    possible = most_possible(grouped, quotas)
    figures: Figures = {
        "chance_to_join": size.coordinated,
        "frame_rows": n_rows,
        "n_tasks": len(tasks),
        "n_tasks_in_groups": len(grouped),
        "scope_overlap": round(sum(quotas[task.task_id] for task in grouped) / quotas.total(), 4),
        "n_draws": quotas.total(),
    }
    for mode in MODES:
        told = {**tallies[mode].figures(n_rows, possible), **inclusion[mode].figures()}
        figures |= {f"{name}_{mode}": value for name, value in told.items()}
    figures["overlap_of_possible"] = figures["overlap_of_possible_shared"]
    independent, shared = (tallies[mode].reduction for mode in MODES)
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
