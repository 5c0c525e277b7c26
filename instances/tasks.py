"""The plan's lines (抽查任务): who checks what, at whom, when, and at what ratio per risk class.

In: a size, its departments, items and the counts of the register. Out: domain rows. May import: the
domain and this package.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from instances.calendars import stretches
from instances.chance import happens, sample, stream
from instances.fields import lines
from instances.quotas import Frame, frame, plan_quotas
from instances.sizes import ALL_FIELDS, Size
from scheduler.domain.registers import Department, Item, Mode, Task

LEAST_FRAME = 5
"""No task has a smaller frame than this, where its department has any choice."""

LEAST_MINUTES, MOST_MINUTES = 45, 110
"""A department's items in one task: with 10 minutes overhead a visit takes one to two hours."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """What tasks are planned from: bodies by id, items by prefix, counts (district, trade, class)."""

    size: Size
    bodies: Mapping[str, Department]
    items: Mapping[str, Sequence[Item]]
    cells: NDArray[np.int64]


def tasks(place: Place, seed: int) -> list[Task]:
    """All tasks in the order of their numbers, with coordination groups and quotas."""
    rng = stream(seed, place.size.name, "tasks")
    size = place.size
    joint = {int(i) for i in rng.choice(size.n_tasks, size.n_joint, replace=False)}
    rows = [_task(place, number, rng, joint=number in joint) for number in range(size.n_tasks)]
    grouped = _grouped(rows, size.coordinated, rng)
    quotas = plan_quotas([_frame(place, task) for task in grouped], size.draws, rng)
    return [replace(task, quota=quota) for task, quota in zip(grouped, quotas, strict=True)]


def _task(place: Place, number: int, rng: np.random.Generator, *, joint: bool) -> Task:
    size = place.size
    mode, division, prefixes = _scene(size, number, rng)
    lead = prefixes[(number // len(size.districts)) % len(prefixes)]
    tag = _tag(place, lead, division, rng)
    # Half of the joint tasks have two departments or three, few have four (assumed 60/25/15 %).
    partners = (
        _partners(lead, tag, prefixes, 1 + int(rng.choice(3, p=(0.6, 0.25, 0.15))), rng) if joint else []
    )
    start, end = _window(size, rng)
    code = division if mode == "district" else size.division
    return Task(
        task_id=f"RW{number + 1:04d}",
        name=f"{tag}行业{'部门联合' if partners else lines()[lead].field}双随机抽查",
        lead_id=f"{code}{lead}",
        cooperating_ids=tuple(f"{code}{partner}" for partner in partners),
        item_codes=_items(place, [lead, *partners], rng),
        tags=(tag,),
        districts=() if mode != "district" else (division,),
        quota="",
        start=start,
        end=end,
        mode=mode,
        by_district=mode == "municipal_to_district" and happens(rng, 0.3),
    )


def _scene(size: Size, number: int, rng: np.random.Generator) -> tuple[Mode, str, tuple[str, ...]]:
    """Who draws and who checks, where, and which lines of business take part."""
    division = size.districts[number % len(size.districts)][0]
    modes: tuple[Mode, Mode, Mode] = ("municipal", "municipal_to_district", "district")
    mode = modes[int(rng.choice(3, p=(0.15, 0.2, 0.65)))] if size.municipal else "district"
    above = ALL_FIELDS[: size.municipal]
    if mode == "district":
        return mode, division, size.fields
    if mode == "municipal":
        return mode, "", above
    return mode, "", tuple(prefix for prefix in above if prefix in size.fields)


def _tag(place: Place, lead: str, division: str, rng: np.random.Generator) -> str:
    """A trade that the line inspects; large frames are likelier, but not in proportion."""
    tags = lines()[lead].tags
    counts = [frame(place.cells, place.size, (tag,), division).size for tag in tags]
    fit = [(tag, count) for tag, count in zip(tags, counts, strict=True) if count >= LEAST_FRAME]
    if not fit:
        return tags[int(np.argmax(counts))]
    weight = np.sqrt([count for _, count in fit])
    return fit[int(rng.choice(len(fit), p=weight / weight.sum()))][0]


def _partners(
    lead: str, tag: str, prefixes: Sequence[str], count: int, rng: np.random.Generator
) -> list[str]:
    """Departments that inspect the same trade; where there are too few, the most general ones help."""
    others = [prefix for prefix in prefixes if prefix != lead]
    same = sample(rng, [prefix for prefix in others if tag in lines()[prefix].tags], count)
    return (same + [prefix for prefix in others if prefix not in same])[:count]


def _items(place: Place, prefixes: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    chosen: list[Item] = []
    for prefix in prefixes:
        chosen += _items_of(place.items[prefix], chosen, rng)
    return tuple(item.item_code for item in chosen)


def _items_of(rows: Sequence[Item], before: Sequence[Item], rng: np.random.Generator) -> list[Item]:
    """One to four items of a department, with at most two different qualifications and one expert."""
    barred = {code for item in before for code in item.incompatible_with}
    chosen: list[Item] = []
    skills: set[str] = set()
    minutes = 0
    for place in rng.permutation(len(rows)).tolist():
        item = rows[place]
        wanted = skills | ({item.qualification} if item.qualification else set())
        needs = minutes + (item.duration_min or 0)
        rare = bool(item.expert) and not happens(rng, 0.6)
        if item.item_code in barred or len(wanted) > 2 or needs > MOST_MINUTES or rare:
            continue
        chosen.append(item)
        barred |= set(item.incompatible_with)
        skills, minutes = wanted, needs
        if minutes >= LEAST_MINUTES:
            break
    return sorted(chosen or [rows[0]], key=lambda item: item.item_code)


def _window(size: Size, rng: np.random.Generator) -> tuple[dt.date, dt.date]:
    """Whole stretches of a week: one to four of them, so 4 to 20 working days."""
    pieces = stretches(size.start, size.end)
    length = min(len(pieces), 1 + int(rng.choice(4, p=(0.1, 0.25, 0.25, 0.4))))
    first = int(rng.integers(0, len(pieces) - length + 1))
    return pieces[first][0], pieces[first + length - 1][1]


def _grouped(rows: Sequence[Task], chance: float, rng: np.random.Generator) -> list[Task]:
    """With that chance a task joins the last one on the same trade and place: same tickets, same window."""
    last: dict[tuple[str, ...], int] = {}
    leader = list(range(len(rows)))
    for place, task in enumerate(rows):
        key = (*task.tags, *task.districts)
        if key in last and happens(rng, chance):
            leader[place] = leader[last[key]]
        last[key] = place
    sizes = Counter(leader)
    return [
        replace(task, group=f"XT{first + 1:04d}", start=rows[first].start, end=rows[first].end)
        if sizes[first] > 1
        else task
        for task, first in zip(rows, leader, strict=True)
    ]


def _frame(place: Place, task: Task) -> Frame:
    division = "".join(task.districts)
    return frame(place.cells, place.size, task.tags, division, by_district=task.by_district)
