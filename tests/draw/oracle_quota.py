"""Quotas and strata of docs/draw-spec.md (§6), written from the page alone by somebody who had not read
scheduler/draw. Everything here is exact: integers and fractions.
"""

import operator
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from draw.oracle_text import CLASSES, RefusedError

DIGITS = "[0-9]{1,9}"
NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
UNIT = "[家户人所个名]"
MARK = "[%‰家户人所个名]"
LEAST = re.compile("≥|>=|不低于|不少于|至少")
TERM = re.compile(f"(?P<ratio>{NUMBER})(?P<mark>[%‰])|(?P<count>{DIGITS}){UNIT}")
RANGE = re.compile(f"({NUMBER})({MARK})?[-~–—至到]({NUMBER})({MARK})")
RATIO_WITH_COUNT = re.compile(rf"({NUMBER}[%‰])\(({DIGITS}){UNIT}\)")
CASE = re.compile(f"(<=|>=|<|>|≤|≥)({DIGITS}){UNIT}?:")
ENTRY = re.compile("([A-Da-d]|低|一般|较高|高)(?:风险|类|级)?:(.*)")
BASE = re.compile(f"基数({DIGITS}){UNIT}?")
ONCE = re.compile("[1一]次/年|(?:每年|年度|本年度|1年|一年)[1一]次")
COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    "≤": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "≥": operator.ge,
}
CHINESE = {"低": "A", "一般": "B", "较高": "C", "高": "D"}


@dataclass(frozen=True, kw_only=True)
class Amount:
    """§6.1: a ratio (`is_ratio`) or a count."""

    value: Fraction
    is_ratio: bool


@dataclass(frozen=True, kw_only=True)
class Quota:
    """§6.1: a quota as read for a frame of one size: `whole`, or amounts and texts of entries by class."""

    text: str
    least: bool = False
    whole: Amount | None = None
    classes: Mapping[str, Amount]
    entries: Mapping[str, str]

    @property
    def is_count(self) -> bool:
        """Whether it is a count of the whole task, which stays exact."""
        return self.whole is not None and not self.whole.is_ratio


@dataclass(frozen=True, kw_only=True)
class Cell:
    """§6.2: a cell, or several that were pooled; `classes` in the order A to D."""

    district: str
    classes: str
    size: int
    share: Fraction

    @property
    def tie(self) -> tuple[int, str]:
        """The order among equals: the higher class first, then the smaller district."""
        return (-CLASSES.index(max(self.classes)), self.district)


def compact(text: str) -> str:
    """§6.1: NFKC without white space; white space inside a number is refused."""
    folded = unicodedata.normalize("NFKC", text)
    if re.search(r"[0-9]\s+[0-9.]|\.\s+[0-9]", folded):
        raise RefusedError("§6.1 white space in a number")
    return re.sub(r"\s", "", folded)


def read_term(text: str) -> Amount | None:
    """§6.1: term, a ratio or a count; None where the text is none."""
    found = TERM.fullmatch(text)
    if not found:
        return None
    if found["count"]:
        return Amount(value=Fraction(int(found["count"])), is_ratio=False)
    return Amount(value=Fraction(found["ratio"]) / (100 if found["mark"] == "%" else 1000), is_ratio=True)


def read_range(text: str, end: str) -> Amount:
    """§6.1: a range from less to more, or of one number twice, with one mark stands for one of its ends."""
    found = RANGE.fullmatch(text)
    if not found:
        raise RefusedError(f"§6.1 amount {text!r}")
    low, first, high, mark = found.groups()
    if first not in {None, mark} or Fraction(low) > Fraction(high):
        raise RefusedError(f"§6.1 range {text!r}")
    value = Fraction(high if end == "high" else low)
    if mark in "%‰":
        return Amount(value=value / (100 if mark == "%" else 1000), is_ratio=True)
    if any(Fraction(number).denominator > 1 for number in (low, high)):
        raise RefusedError(f"§6.1 range of a count {text!r}")
    return Amount(value=value, is_ratio=False)


def read_amount(text: str, end: str) -> Amount:
    """§6.1: amount, a term or a range."""
    return read_term(text) or read_range(text, end)


def read_whole(text: str, size: int, end: str) -> tuple[Amount, bool]:
    """§6.1: whole, or what stands in a case: the amount, and whether it has `least`."""
    found = LEAST.match(text)
    rest = text[found.end() :] if found else text
    with_count = RATIO_WITH_COUNT.fullmatch(rest)
    if with_count:
        return ratio_with_count(with_count[1], int(with_count[2]), size, least=bool(found)), bool(found)
    if found:
        term = read_term(rest)
        if term is None:
            raise RefusedError(f"§6.1 {text!r}")
        return term, True
    return read_amount(rest, end), False


def ratio_with_count(ratio: str, count: int, size: int, *, least: bool) -> Amount:
    """§6.1: the count must be the ratio of the frame rounded up or down, with `least` not below it."""
    term = read_term(ratio)
    exact = (term.value if term else Fraction(0)) * size
    if abs(count - exact) >= 1 or (least and count < exact) or (term and term.value > 1):
        raise RefusedError(f"§6.1 {ratio}({count})")
    return Amount(value=Fraction(count), is_ratio=False)


def read_cases(pieces: Iterable[str], size: int, end: str) -> tuple[Amount, bool]:
    """§6.1: exactly one of the cases must hold, and it is the quota."""
    holding = []
    for piece in pieces:
        found = CASE.match(piece)
        rest = piece[found.end() :] if found else ""
        if not found or RATIO_WITH_COUNT.fullmatch(LEAST.sub("", rest, count=1)):
            raise RefusedError(f"§6.1 case {piece!r}")
        quota = read_whole(rest, size, end)
        if COMPARE[found[1]](size, int(found[2])):
            holding.append(quota)
    if len(holding) != 1:
        raise RefusedError("§6.1 not just one case holds")
    return holding[0]


def read_entries(pieces: Iterable[str], end: str) -> tuple[dict[str, Amount], dict[str, str]]:
    """§6.1: amounts and texts by class; no class twice."""
    amounts: dict[str, Amount] = {}
    texts: dict[str, str] = {}
    for piece in pieces:
        found = ENTRY.fullmatch(piece)
        if not found:
            raise RefusedError(f"§6.1 entry {piece!r}")
        name = CHINESE.get(found[1], found[1].upper())
        if name in amounts:
            raise RefusedError(f"§6.1 class {name} twice")
        amounts[name] = read_amount(found[2], end)
        texts[name] = f"{name}:{found[2]}"
    return amounts, texts


def read_quota(text: str, size: int, end: str) -> Quota:
    """§6.1: the quota's text, for a task's frame of `size`; `end` is `settings.quotas.range`."""
    whole_text = compact(text)
    pieces = re.split("[;,、]", whole_text)
    base = BASE.fullmatch(pieces[0])
    if base and int(base[1]) != size:
        raise RefusedError("§6.1 base")
    pieces = pieces[1:] if base else pieces
    pieces = pieces[:-1] if pieces and ONCE.fullmatch(pieces[-1]) else pieces
    if not pieces:
        raise RefusedError("§6.1 no quota")
    listed = pieces[:-1] if len(pieces) > 1 and not pieces[-1] else pieces
    if CASE.match(pieces[0]):
        amount, least = read_cases(listed, size, end)
    elif ENTRY.fullmatch(pieces[0]):
        amounts, texts = read_entries(listed, end)
        return Quota(text=whole_text, classes=amounts, entries=texts)
    elif len(pieces) == 1:
        amount, least = read_whole(pieces[0], size, end)
    else:
        raise RefusedError("§6.1 more than one quota")
    return Quota(text=whole_text, whole=amount, least=least, classes={}, entries={})


def check_whole(amount: Amount, size: int) -> None:
    """§6.2: K above the size of the frame, r above 1."""
    if amount.value > (1 if amount.is_ratio else size):
        raise RefusedError("§6.2 quota above the frame")


def check_classes(quota: Quota, sizes: Mapping[str, int], *, by_district: bool) -> None:
    """§6.1, §6.2: what a list of classes is refused for; `sizes` by class, of the task's frame."""
    if not set(sizes) <= set(quota.classes):
        raise RefusedError("§6.1 a class of the frame does not stand in the list")
    for name, amount in quota.classes.items():
        if by_district and not amount.is_ratio:
            raise RefusedError("§6.1 a class's count by district")
        check_whole(amount, sizes.get(name, 0))


def share(quota: Quota, name: str, size: int, frame: int) -> Fraction:
    """§6.2: the exact share of a cell of `size` in class `name`, the task's frame being `frame`."""
    amount = quota.classes[name] if quota.whole is None else quota.whole
    if amount.is_ratio:
        return amount.value * size
    return amount.value if quota.whole is None else amount.value * size / frame


def rounded(exact: Fraction, rounding: str, *, least: bool = False) -> int:
    """§6.2: up, or to the nearest, halves up; `least` always up."""
    return ceil(exact) if rounding == "up" or least else floor(exact + Fraction(1, 2))


def largest_remainders(cells: Iterable[Cell], total: int) -> dict[Cell, int]:
    """§6.2: each the whole part, the rest one each to the largest remainders."""
    got = {cell: floor(cell.share) for cell in cells}
    order = sorted(got, key=lambda c: (-(c.share - floor(c.share)), c.tie))
    for cell in order[: total - sum(got.values())]:
        got[cell] += 1
    return got


def take_from_largest(got: Mapping[Cell, int]) -> dict[Cell, int]:
    """§6.2, `one` for a count of the whole task: each empty cell takes one from the largest."""
    given = dict(got)
    for cell in sorted(given, key=lambda c: c.tie):
        if given[cell] == 0 and cell.share > 0:
            largest = max(given, key=lambda c: (given[c], c.tie))
            given[largest] -= 1
            given[cell] = 1
    return given


def unite_one(got: Mapping[Cell, int]) -> list[Cell]:
    """§6.2, `pool`: the cells after the first empty one was united with its neighbour."""
    empty = [cell for cell in got if cell.share > 0 and got[cell] == 0]
    cell = min(empty, key=lambda c: (c.district, c.classes))
    others = [c for c in got if c.district == cell.district and c.share > 0 and c != cell]
    above = [c for c in others if min(c.classes) > max(cell.classes)]
    below = [c for c in others if max(c.classes) < min(cell.classes)]
    if not others:
        raise RefusedError("§6.2 a cell with no other to be united with")
    mate = min(above, key=lambda c: c.classes) if above else max(below, key=lambda c: c.classes)
    united = Cell(
        district=cell.district,
        classes="".join(sorted(cell.classes + mate.classes)),
        size=cell.size + mate.size,
        share=cell.share + mate.share,
    )
    return [c for c in got if c not in {cell, mate}] + [united]


def pooled(got: Mapping[Cell, int], total: int) -> dict[Cell, int]:
    """§6.2, `pool`: until no cell with a share has nothing."""
    while any(cell.share > 0 and n == 0 for cell, n in got.items()):
        got = largest_remainders(unite_one(got), total)
    return dict(got)


def zero_rule(got: Mapping[Cell, int], total: int, zero: str, *, is_count: bool) -> dict[Cell, int]:
    """§6.2: what becomes of cells with a share that got nothing."""
    if all(n or not cell.share for cell, n in got.items()):
        return dict(got)
    if zero == "refuse":
        raise RefusedError("§6.2 zero rule refuse")
    if zero == "one" and not is_count:
        return {cell: n or int(cell.share > 0) for cell, n in got.items()}
    if zero == "one" and total >= len(got):
        return take_from_largest(got)
    return pooled(got, total)


def strata_numbers(
    sizes: Mapping[tuple[str, str], int], text: str, settings: Mapping[str, str], *, by_district: bool
) -> tuple[Quota, dict[Cell, int]]:
    """§6: the quota as read and n by stratum, from the sizes of the cells by (district, class).

    `settings` is `settings.quotas`.
    """
    frame = sum(sizes.values())
    if not frame:
        raise RefusedError("§6 a task with an empty frame")
    quota = read_quota(text, frame, settings["range"])
    if quota.whole is None:
        by_class = {name: sum(n for key, n in sizes.items() if key[1] == name) for _, name in sizes}
        check_classes(quota, by_class, by_district=by_district)
    else:
        check_whole(quota.whole, frame)
    cells = [
        Cell(district=d, classes=c, size=n, share=share(quota, c, n, frame)) for (d, c), n in sizes.items()
    ]
    exact = sum((cell.share for cell in cells), Fraction(0))
    if not exact:
        raise RefusedError("§6.2 all shares nought")
    total = rounded(exact, settings["rounding"], least=quota.least)
    got = largest_remainders(cells, total)
    return quota, zero_rule(got, total, settings["zero"], is_count=quota.is_count)


def ratio_text(quota: Quota, classes: str) -> str:
    """§6.2: `stratum.ratio`, the whole text or the entries of the stratum's classes."""
    return quota.text if quota.whole else ";".join(quota.entries[c] for c in classes)
