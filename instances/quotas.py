"""Ratios per risk class such that a whole plan draws about as many as wanted, and its total exactly.

In: class counts per task, the wanted sum. Out: quota texts. May import: numpy and this package.
The arithmetic repeats the committed rule of DESIGN §11 (a task's total rounded up, an empty quota raised
to one), because the total of published plans is to be met; the draw itself never looks here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from instances.sizes import Size
from instances.trades import TRADES
from scheduler.domain.registers import RISK_CLASSES

Counts = tuple[int, int, int, int]
"""Enterprises in class A, B, C, D."""

STEPS = (1, 2, 4, 8)
"""Ratio of each class against A's: the higher the risk, the oftener (assumed; 1/3/5/10 % is usual)."""

FINEST = Fraction(3, 1000)
"""Below this ratio in class A a plan gives numbers of enterprises, or decimals of a per cent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """A task's enterprises: counts per district where the task is drawn by district, else in one."""

    layers: tuple[Counts, ...]
    by_district: bool = False

    @property
    def counts(self) -> Counts:
        """Per class, all districts together."""
        a, b, c, d = (sum(layer[place] for layer in self.layers) for place in range(4))
        return a, b, c, d

    @property
    def size(self) -> int:
        """All enterprises of the frame."""
        return sum(self.counts)


def frame(
    cells: NDArray[np.int64], size: Size, tags: Sequence[str], division: str, *, by_district: bool = False
) -> Frame:
    """Active enterprises with one of the tags, in one division or (empty) everywhere.

    ``cells`` (n_districts, n_trades, 4) are counts of the register.
    """
    trades = [place for place, trade in enumerate(TRADES) if trade.tag in tags]
    places = [i for i, (code, _) in enumerate(size.districts) if not division or code == division]
    layers = []
    for group in [[place] for place in places] if by_district else [places]:
        a, b, c, d = (int(n) for n in cells[np.ix_(group, trades)].sum(axis=(0, 1)))
        layers.append((a, b, c, d))
    return Frame(layers=tuple(layers), by_district=by_district)


def plan_quotas(frames: Sequence[Frame], total: int, rng: np.random.Generator) -> list[str]:
    """One quota text per frame; the draws they lead to sum to ``total`` where one task can take the
    difference, which it then states as a plain number (``37家``)."""
    sizes = np.array([one.size for one in frames], dtype=np.int64)
    planned = [_quota(one, n) for one, n in zip(frames, _wanted(sizes, total, rng), strict=True)]
    quotas = [quota for quota, _ in planned]
    drawn = [count for _, count in planned]
    for last in sorted(range(len(frames)), key=lambda place: (-drawn[place], place)):
        left = drawn[last] + total - sum(drawn)
        if len(frames[last].layers) * 4 <= left <= int(sizes[last]) // 2:
            quotas[last] = f"{left}家"
            break
    return quotas


def _wanted(sizes: NDArray[np.int64], total: int, rng: np.random.Generator) -> list[int]:
    """Draws per task: more from larger frames, never more than two fifths of one."""
    weight = rng.gamma(2.0, 1.0, len(sizes)) * np.sqrt(sizes)
    most = np.maximum(1, sizes * 2 // 5)
    share = weight * (total / weight.sum())
    for _ in range(20):
        # What a small frame cannot take goes to the others.
        share = np.minimum(share, most)
        room = share < most
        if not room.any():
            break
        share[room] += (total - share.sum()) * share[room] / share[room].sum()
    return [max(2, int(n)) for n in np.minimum(share, most)]


def _quota(one: Frame, wanted: int) -> tuple[str, int]:
    """A quota text that draws about ``wanted`` of the frame, and how many it really draws."""
    base = Fraction(wanted, sum(step * n for step, n in zip(STEPS, one.counts, strict=True)))
    if base < FINEST and not one.by_district:
        counts = [min(n, max(1, round(base * step * n))) for step, n in zip(STEPS, one.counts, strict=True)]
        parts = [f"{risk}:{n}家" for risk, n in zip(RISK_CLASSES, counts, strict=True) if n]
        return ";".join(parts), sum(counts)
    # Whole per mille where that is fine enough, else ten thousandths of a per cent.
    grain = 1_000 if base >= FINEST else 1_000_000
    parts_of = max(1, round(base * grain))
    if parts_of * STEPS[-1] > grain:
        # Plans for few enterprises speak in steps of five per cent.
        percent = min(100, 5 * max(1, round(Fraction(20 * wanted, one.size))))
        return f"{percent}%", draws(one, [Fraction(percent, 100)] * 4)
    ratios = [Fraction(parts_of * step, grain) for step in STEPS]
    texts = [f"{risk}:{_ratio(ratio)}" for risk, ratio in zip(RISK_CLASSES, ratios, strict=True)]
    return ";".join(texts), draws(one, ratios)


def _ratio(ratio: Fraction) -> str:
    if (ratio * 100).denominator == 1:
        return f"{ratio * 100}%"
    if (ratio * 1000).denominator == 1:
        return f"{ratio * 1000}‰"
    whole, rest = divmod(int(ratio * 1_000_000), 10_000)
    return f"{whole}.{rest:04d}".rstrip("0") + "%"


def draws(one: Frame, ratios: Sequence[Fraction]) -> int:
    """How many a task draws: its total rounded up and shared by largest remainders; no class that has
    somebody is left at zero. Among equal remainders the higher class comes first, then the lower district:
    who gets one decides who has to be raised from zero."""
    exact = [ratio * n for layer in one.layers for ratio, n in zip(ratios, layer, strict=True)]
    total = ceil(sum(exact))
    shares = [int(part) for part in exact]
    by_rest = sorted(range(len(exact)), key=lambda place: (shares[place] - exact[place], -(place % 4), place))
    for place in by_rest[: total - sum(shares)]:
        shares[place] += 1
    return sum(max(share, 1) for share, part in zip(shares, exact, strict=True) if part)
