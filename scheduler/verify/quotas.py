"""A quota's text and the sizes of a task's cells in; strata with their n out (``docs/draw-spec.md`` §6).

May import: the domain and the standard library. Written from the specification, not from the draw.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from scheduler.domain.registers import RISK_CLASSES, RiskClass
from scheduler.domain.settings import Quotas

Cell = tuple[str, RiskClass]
"""District (empty where the task has no strata by district) and class."""

NUMBER = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([%‰])", re.ASCII)
COUNT = re.compile(r"(\d{1,9})[家户人所个名]", re.ASCII)
SPLIT_NUMBER = re.compile(r"\d\s+[\d.]|\.\s+\d")
LEAST = re.compile(r"≥|>=|不低于|不少于|至少")
BASE = re.compile(r"基数(\d{1,9})[家户人所个名]?[;,、](.+)", re.ASCII)
YEARLY = re.compile("[;,、]([1一]次/年|每年[1一]次|年度[1一]次|本年度[1一]次|[1一]年[1一]次)$")
BESIDE = re.compile(r"(.+)\((\d{1,9})[家户人所个名]\)", re.ASCII)
SPAN = re.compile(
    r"(\d{1,9}(?:\.\d{1,9})?)([%‰家户人所个名]?)[-~–—至到](\d{1,9}(?:\.\d{1,9})?)([%‰家户人所个名])", re.ASCII
)
CASE = re.compile(r"(<=|>=|<|>|≤|≥)(\d{1,9})[家户人所个名]?:(.+)", re.ASCII)
ENTRY = re.compile(r"([A-Da-d]|低|一般|较高|高)(?:风险|类|级)?:(.+)")
CHINESE: dict[str, RiskClass] = {"低": "A", "一般": "B", "较高": "C", "高": "D"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A ratio or a count; ``text`` is its normal spelling."""

    text: str
    ratio: Fraction | None
    count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """A quota for the whole task, or a term per class."""

    whole: Term | None
    least: bool
    classes: Mapping[RiskClass, Term]


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One stratum while it is being made: its classes, size N, exact share s and whole n."""

    district: str
    classes: tuple[RiskClass, ...]
    size: int
    share: Fraction
    n: int = 0

    def tie(self) -> tuple[int, str]:
        """The order among equals: higher class first, then smaller district."""
        return (-RISK_CLASSES.index(max(self.classes)), self.district)


def normal(text: str) -> str:
    """NFKC without white space; empty where white space parts a number, which no form allows."""
    wide = unicodedata.normalize("NFKC", text)
    return "" if SPLIT_NUMBER.search(wide) else "".join(wide.split())


def term_of(text: str) -> Term | None:
    """A term in normal spelling, None where it is none."""
    if match := NUMBER.fullmatch(text):
        return Term(text=text, ratio=Fraction(match[1]) / (100 if match[2] == "%" else 1000))
    if match := COUNT.fullmatch(text):
        return Term(text=text, ratio=None, count=int(match[1]))
    return None


def quota_of(text: str, frame: int, end: str = "low") -> Quota | None:
    """A quota's text for a frame of that size, ``end`` of a range drawn; None where the specification knows
    no such form, or the text contradicts the frame."""
    text = rest = normal(text)
    if match := BASE.fullmatch(rest):
        if int(match[1]) != frame:
            return None
        rest = match[2]
    rest = YEARLY.sub("", rest)
    if CASE.match(rest):
        return _case_of(rest, text, frame, end)
    return _list_of(rest, end) if ":" in rest else _whole_of(rest, text, frame, end)


def _case_of(rest: str, text: str, frame: int, end: str) -> Quota | None:
    """Of the cases by size the one that holds; every case must be understood, and exactly one hold."""
    found: list[Quota] = []
    for part in _entries(rest):
        match = CASE.fullmatch(part)
        quota = _whole_of(match[3], text, frame, end) if match and "(" not in part else None
        if match is None or quota is None:
            return None
        if _is_case(frame, match[1], int(match[2])):
            found.append(quota)
    return found[0] if len(found) == 1 else None


def _is_case(frame: int, sign: str, bound: int) -> bool:
    if frame == bound:
        return sign in {"<=", ">=", "≤", "≥"}
    return (sign[0] in "<≤") == (frame < bound)


def _whole_of(rest: str, text: str, frame: int, end: str) -> Quota | None:
    least = LEAST.match(rest)
    if least:
        rest = rest[least.end() :]
    beside = BESIDE.fullmatch(rest)
    term = term_of(beside[1]) if beside else term_of(rest) if least else _one_of(rest, end)
    if term is None:
        return None
    if beside:
        if term.ratio is None:
            return None
        due, count = term.ratio * frame, int(beside[2])
        if count not in ({ceil(due)} if least else {floor(due), ceil(due)}):
            return None
        term = Term(text=text, ratio=None, count=count)
    return Quota(whole=replace(term, text=text), least=least is not None, classes={})


def _one_of(text: str, end: str) -> Term | None:
    """A term, or of a range from less to more in one unit the end that the plan says."""
    match = SPAN.fullmatch(text)
    if match is None:
        return term_of(text)
    if match[2] not in {"", match[4]} or Fraction(match[1]) > Fraction(match[3]):
        return None
    low, high = term_of(match[1] + match[4]), term_of(match[3] + match[4])
    if low is None or high is None:
        return None
    return replace(low if end == "low" else high, text=text)


def _entries(text: str) -> list[str]:
    return re.split("[;,、]", text.removesuffix(text[-1]) if text[-1] in ";,、" else text)


def _list_of(text: str, end: str) -> Quota | None:
    classes: dict[RiskClass, Term] = {}
    for entry in _entries(text):
        match = ENTRY.fullmatch(entry)
        term = _one_of(match[2], end) if match else None
        if match is None or term is None:
            return None
        risk_class = _class_of(match[1])
        if risk_class in classes:
            return None
        classes[risk_class] = term
    return Quota(whole=None, least=False, classes=classes)


def _class_of(name: str) -> RiskClass:
    return CHINESE[name] if name in CHINESE else next(c for c in RISK_CLASSES if c == name.upper())


def ratio_text(quota: Quota, classes: Sequence[RiskClass]) -> str:
    """What ``stratum.ratio`` has to say."""
    if quota.whole is not None:
        return quota.whole.text
    return ";".join(f"{c}:{quota.classes[c].text}" for c in classes if c in quota.classes)


def strata_of(quota: Quota, cells: Mapping[Cell, int], rule: Quotas) -> tuple[Share, ...]:
    """The cells of one task's frame with their n, pooled where the rule says so.

    ``cells`` maps each cell to its size, none empty; its classes have to be in a quota by class.
    """
    frame = sum(cells.values())
    shares = [
        Share(district=district, classes=(risk,), size=size, share=_share(quota, risk, size, frame))
        for (district, risk), size in sorted(cells.items())
    ]
    total = _total(quota, shares, rule)
    shares = _apportioned(shares, total)
    counted = quota.whole is not None and quota.whole.ratio is None
    if not any(_is_starved(share) for share in shares) or rule.zero == "refuse":
        return tuple(shares)
    if rule.zero == "one" and not counted:
        return tuple(replace(share, n=1) if _is_starved(share) else share for share in shares)
    if rule.zero == "one" and total >= len(shares):
        return tuple(_taken_from_largest(shares))
    return tuple(_pooled(shares, total))


def is_refused(quota: Quota, shares: Sequence[Share], *, by_district: bool) -> bool:
    """Whether no plan may be made from the quota: more than there is, nothing at all, a class that it
    does not name, a stratum that the zero rule may not leave empty, a class's count in every district."""
    named = quota.whole is not None or all(c in quota.classes for share in shares for c in share.classes)
    counted = any(term.ratio is None for term in quota.classes.values())
    return (
        not named
        or (by_district and counted)
        or not any(share.share for share in shares)
        or any(share.share > share.size or share.n > share.size or _is_starved(share) for share in shares)
    )


def _share(quota: Quota, risk: RiskClass, size: int, frame: int) -> Fraction:
    term = quota.classes.get(risk) if quota.whole is None else quota.whole
    if term is None:
        return Fraction(0)
    if term.ratio is not None:
        return term.ratio * size
    return Fraction(term.count) if quota.whole is None else Fraction(term.count * size, frame)


def _total(quota: Quota, shares: Sequence[Share], rule: Quotas) -> int:
    if quota.whole is not None and quota.whole.ratio is None:
        return quota.whole.count
    return rounded(
        sum((share.share for share in shares), Fraction(0)), up=rule.rounding == "up" or quota.least
    )


def rounded(value: Fraction, *, up: bool) -> int:
    """⌈value⌉, or ⌊value + 1/2⌋."""
    return ceil(value) if up else floor(value + Fraction(1, 2))


def _apportioned(shares: Sequence[Share], total: int) -> list[Share]:
    """Largest remainders: the whole parts, and one more for the largest fractions until the total is met."""
    rest = total - sum(floor(share.share) for share in shares)
    order = sorted(
        range(len(shares)), key=lambda i: (floor(shares[i].share) - shares[i].share, shares[i].tie())
    )
    favoured = frozenset(order[: max(0, rest)])
    return [replace(share, n=floor(share.share) + (i in favoured)) for i, share in enumerate(shares)]


def _is_starved(share: Share) -> bool:
    return share.n == 0 and share.share > 0


def _taken_from_largest(shares: Sequence[Share]) -> list[Share]:
    made = sorted(shares, key=Share.tie)
    for index, share in enumerate(made):
        if _is_starved(share):
            giver = max(range(len(made)), key=lambda i: (made[i].n, i))
            made[giver] = replace(made[giver], n=made[giver].n - 1)
            made[index] = replace(share, n=1)
    return made


def _pooled(shares: Sequence[Share], total: int) -> list[Share]:
    made = list(shares)
    while starved := [share for share in made if _is_starved(share)]:
        poor = min(starved, key=lambda share: (share.district, min(share.classes)))
        partner = _neighbour(poor, made)
        if partner is None:
            break
        united = Share(
            district=poor.district,
            classes=tuple(sorted((*poor.classes, *partner.classes))),
            size=poor.size + partner.size,
            share=poor.share + partner.share,
        )
        made = _apportioned([share for share in made if share not in (poor, partner)] + [united], total)
    return made


def _neighbour(poor: Share, shares: Sequence[Share]) -> Share | None:
    """The stratum of the next higher class in the same district, else of the next lower."""
    others = [s for s in shares if s.district == poor.district and s is not poor and s.share > 0]
    higher = [s for s in others if min(s.classes) > max(poor.classes)]
    lower = [s for s in others if max(s.classes) < min(poor.classes)]
    nearest: Callable[[Share], RiskClass] = lambda s: min(s.classes)  # noqa: E731 - one key for both sides
    return min(higher, key=nearest) if higher else max(lower, key=nearest, default=None)
