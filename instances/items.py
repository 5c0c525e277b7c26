"""The published list of items (随机抽查事项清单) of an invented place.

In: a size and a seed. Out: domain rows. May import: the domain and this package.
"""

from dataclasses import replace

import numpy as np

from instances.chance import happens, pick, stream
from instances.fields import Line, lines
from instances.sizes import ALL_FIELDS, Size
from scheduler.domain.registers import Item

MINUTES = (20, 25, 30, 35, 40, 45, 50)

DESK_ITEMS = frozenset({"公示信息检查", "申报情况检查", "优惠备案检查", "账簿凭证检查", "年检情况检查"})
"""Done from papers, without a door."""

APART = (("用火用电检查", "计量器具检查"), ("废气治理设施检查", "动火作业检查"))
"""Cannot share a visit: one needs the power off (the plant stopped), the other needs it on (running)."""


def prefixes(size: Size) -> tuple[str, ...]:
    """Lines of business that some body of the place has, municipal ones included."""
    wanted = set(size.fields) | set(ALL_FIELDS[: size.municipal])
    return tuple(prefix for prefix in ALL_FIELDS if prefix in wanted)


def items(size: Size, seed: int) -> dict[str, list[Item]]:
    """Items by prefix, the sum of lengths is the size's; names repeat with a running number if they must."""
    rng = stream(seed, size.name, "items")
    there = prefixes(size)
    share, rest = divmod(size.n_items, len(there))
    found = {
        prefix: [_item(lines()[prefix], k, rng) for k in range(share + (place < rest))]
        for place, prefix in enumerate(there)
    }
    return _keep_apart(found)


def _item(line: Line, k: int, rng: np.random.Generator) -> Item:
    turn, place = divmod(k, len(line.items))
    name = line.items[place] + (f"（细目{turn + 1}）" if turn else "")
    needs_skill = k > 0 and line.items[place] not in DESK_ITEMS and happens(rng, 0.75)
    needs_expert = bool(line.specialty) and place == len(line.items) - 1
    return Item(
        item_code=f"{line.prefix}{k + 1:04d}",
        name=name,
        field=line.field,
        basis=line.basis,
        method="offsite" if line.items[place] in DESK_ITEMS else "onsite",
        item_class=pick(rng, ("A", "A", "B", "C")),
        qualification=line.qualifications[(k - 1) % 3] if needs_skill else "",
        expert=line.specialty if needs_expert else "",
        duration_min=pick(rng, MINUTES),
        documents=(f"{line.field}许可或备案文件", f"{line.items[place].removesuffix('检查')}的台账与记录"),
    )


def _keep_apart(found: dict[str, list[Item]]) -> dict[str, list[Item]]:
    codes = {item.name: item.item_code for rows in found.values() for item in rows}
    pairs = [(a, b) for a, b in APART if a in codes and b in codes]
    against = {a: (codes[b],) for a, b in pairs} | {b: (codes[a],) for a, b in pairs}
    return {
        prefix: [replace(item, incompatible_with=against.get(item.name, ())) for item in rows]
        for prefix, rows in found.items()
    }
