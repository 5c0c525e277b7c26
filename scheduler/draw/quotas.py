"""Quota texts (抽查比例) to exact numbers: what the plan line says, nothing guessed; draw-spec §6.1.

In: the committed text. Out: ratios as ``Fraction``, counts as integers, per class where told; what depends
on the size of the frame is :func:`settled` once that is known. May import: the domain, the standard library.
"""

import operator
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from scheduler.domain.errors import InputError, OneDoorError, Problem, Value, refuse
from scheduler.domain.registers import RiskClass

CLASS_NAMES: dict[str, RiskClass] = {
    "A": "A",
    "B": "B",
    "C": "C",
    "D": "D",
    "低": "A",
    "一般": "B",
    "较高": "C",
    "高": "D",
}
"""信用风险分类 as plans write it: 低, 一般, 较高, 高 are A to D."""

Range = Literal["low", "high"]
"""Which end of a range such as ``10-20%`` is committed (``settings.quotas.range``)."""

_UNIT = "[家户人所个名]"
_NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
_RATIO = re.compile(rf"(?P<number>{_NUMBER})(?P<unit>[%‰])", re.ASCII)
_COUNT = re.compile(rf"(?P<number>\d{{1,9}}){_UNIT}", re.ASCII)
_RANGE = re.compile(
    rf"(?P<low>{_NUMBER})(?P<low_unit>[%‰]|{_UNIT})?[-~–—至到](?P<high>{_NUMBER})(?P<unit>[%‰]|{_UNIT})",
    re.ASCII,
)
_TWO_FIGURES = re.compile(rf"(?P<ratio>.+[%‰])\((?P<count>\d{{1,9}}){_UNIT}\)", re.ASCII)
_LEAST = re.compile(r"(?:≥|>=|不低于|不少于|至少)")
_BASE = re.compile(rf"基数(?P<base>\d{{1,9}}){_UNIT}?[;,、](?P<rest>.+)", re.ASCII)
_ONCE = re.compile(r"[;,、](?:[1一]次/年|(?:每年|本?年度|[1一]年)[1一]次)$")
"""Once a year is what a task of a campaign is; more often would be more tasks."""

_CONDITION = re.compile(rf"(?P<sign><=|>=|[<>≤≥])(?P<bound>\d{{1,9}}){_UNIT}?:(?P<rest>.+)", re.ASCII)
_SIGNS: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {
        "<": operator.lt,
        "<=": operator.le,
        "≤": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
        "≥": operator.ge,
    }
)
_ENTRY = re.compile(r"(?P<name>[A-Da-d]|低|一般|较高|高)(?:风险|类|级)?:(?P<term>.+)")
_SEPARATORS = re.compile(r"[;,、]")
_LAST_SEPARATOR = re.compile(r"[;,、]$")
_SPLIT_NUMBER = re.compile(r"\d\s+[\d.]|\.\s+\d")
"""``1 0%``: without its white space it would be another number."""

_KNOWN_FORMS = (
    (re.compile(r"[一二三四五六七八九]级"), "draw.quota_grades"),
    (re.compile(r"次/|/年|每年|年度"), "draw.quota_frequency"),
    (re.compile(rf"\d(?:[%‰]|{_UNIT})?[-~–—至到]\d"), "draw.quota_range"),
    (re.compile(rf"^{_NUMBER}$", re.ASCII), "draw.quota_no_unit"),
)
"""Forms met in real plans that are refused, the most telling first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """One ratio (0.05 for 5 %) or one count; ``text`` as committed, without white space."""

    kind: Literal["ratio", "count"]
    value: Fraction
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """A quota for frames whose size is ``sign`` (``≤``, ``>`` …) ``bound``."""

    sign: str
    bound: int
    quota: "Quota"

    def holds(self, size: int) -> bool:
        """Whether a frame of this size falls under it."""
        return _SIGNS[self.sign](size, self.bound)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """A task's quota: one term for the whole task, or one per class. ``at_least`` always rounds up.

    Until it is :func:`settled` it may state the ``base`` (the size of the frame) or, beside a ratio, the
    ``count`` that it comes to, or hold ``conditions`` on the size instead of a term.
    """

    whole: Term | None = None
    classes: dict[RiskClass, Term] = field(default_factory=dict)
    at_least: bool = False
    base: int | None = None
    count: int | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def is_total_count(self) -> bool:
        """Whether the whole task has a count, which no rule may raise."""
        return self.whole is not None and self.whole.kind == "count"

    def term(self, risk_class: RiskClass) -> Term:
        """What holds for a class that the quota names."""
        return self.whole if self.whole is not None else self.classes[risk_class]


def parse_quota(text: str, task_id: str, span: Range = "low") -> Quota:
    """The quota that the text means; ``span`` says which end of a range.

    Errors: one of the ``draw.quota_…`` codes for what is not understood, with task and text as place.
    """
    clean = clean_text(text)
    stated = _BASE.fullmatch(clean)
    body = _ONCE.sub("", stated["rest"] if stated else clean)
    quota = _read(body, clean, span) if _is_whole(body) else None
    if quota is None:
        quota = Quota(classes=_classes(body, text, task_id, span)) if ":" in body else None
    if quota is None:
        raise _refusal(body, text, task_id)
    return replace(quota, base=int(stated["base"])) if stated else quota


def settled(quota: Quota, task_id: str, value: str, size: int) -> Quota:
    """The quota for a frame of this size, with nothing left that depends on it; ``value`` is its text.

    Errors: ``draw.quota_base`` where the stated base is another, ``draw.quota_two_figures`` where the
    count beside a ratio is not the ratio rounded up or down, ``draw.quota_conditional`` where not exactly
    one condition holds.
    """
    problems = list(_unsettled(quota, task_id, value, size))
    if problems:
        raise InputError(problems)
    if quota.conditions:
        return next(case.quota for case in quota.conditions if case.holds(size))
    if quota.count is not None and quota.whole is not None:
        counted = Term(kind="count", value=Fraction(quota.count), text=quota.whole.text)
        return Quota(whole=counted, at_least=quota.at_least)
    return replace(quota, base=None)


def _unsettled(quota: Quota, task_id: str, value: str, size: int) -> Iterator[Problem]:
    def problem(code: str, **params: Value) -> Problem:
        return Problem(code=code, params={"task": task_id, "size": size, **params}, place={"value": value})

    if quota.base is not None and quota.base != size:
        yield problem("draw.quota_base", base=quota.base)
    holding = sum(case.holds(size) for case in quota.conditions)
    if quota.conditions and holding != 1:
        yield problem("draw.quota_conditional", n=holding)
    if quota.count is not None and quota.whole is not None:
        exact = quota.whole.value * size
        if abs(quota.count - exact) >= 1 or (quota.at_least and quota.count < exact):
            yield problem("draw.quota_two_figures", count=quota.count, exact=str(exact))


def read_term(clean: str) -> Term | None:
    """A ratio or a count, or None for anything else."""
    if found := _RATIO.fullmatch(clean):
        return _term(found["number"], found["unit"], clean)
    if found := _COUNT.fullmatch(clean):
        return _term(found["number"], "", clean)
    return None


def clean_text(text: str) -> str:
    """NFKC without any white space: full-width digits and punctuation become the plain ones.

    Empty, which no form allows, where white space parts a number.
    """
    wide = unicodedata.normalize("NFKC", text)
    return "" if _SPLIT_NUMBER.search(wide) else "".join(wide.split())


def _term(number: str, unit: str, text: str) -> Term:
    if unit not in {"%", "‰"}:
        return Term(kind="count", value=Fraction(number), text=text)
    return Term(kind="ratio", value=Fraction(number) / (100 if unit == "%" else 1000), text=text)


def _amount(clean: str, span: Range) -> Term | None:
    """A term, or the committed end of a range from less to more in one unit."""
    found = _RANGE.fullmatch(clean)
    if found is None:
        return read_term(clean)
    low, high = (_term(found[name], found["unit"], clean) for name in ("low", "high"))
    one_unit = found["low_unit"] in {None, found["unit"]}
    whole = low.kind == "ratio" or low.value.denominator == high.value.denominator == 1
    if not one_unit or not whole or low.value > high.value:
        return None
    return low if span == "low" else high


def _is_whole(body: str) -> bool:
    return ":" not in body or _CONDITION.match(body) is not None


def _read(body: str, text: str, span: Range) -> Quota | None:
    """A quota for the whole task, with conditions or without; None where it is not understood."""
    if ":" not in body:
        return _whole(body, text, span)
    conditions = []
    for part in _parts(body):
        found = _CONDITION.fullmatch(part)
        quota = _whole(found["rest"], text, span) if found else None
        if found is None or quota is None:
            return None
        conditions.append(Condition(sign=found["sign"], bound=int(found["bound"]), quota=quota))
    return Quota(conditions=tuple(conditions))


def _whole(body: str, text: str, span: Range) -> Quota | None:
    least = _LEAST.match(body)
    rest = body[least.end() :] if least else body
    if (both := _TWO_FIGURES.fullmatch(rest)) and ":" not in text:
        term, count = read_term(both["ratio"]), int(both["count"])
    else:
        term, count = read_term(rest) if least else _amount(rest, span), None
    if term is None:
        return None
    return Quota(whole=replace(term, text=text), at_least=least is not None, count=count)


def _parts(body: str) -> list[str]:
    return _SEPARATORS.split(_LAST_SEPARATOR.sub("", body))


def _classes(body: str, text: str, task_id: str, span: Range) -> dict[RiskClass, Term]:
    found: dict[RiskClass, Term] = {}
    for part in _parts(body):
        entry = _ENTRY.fullmatch(part)
        term = _amount(entry["term"], span) if entry else None
        if entry is None or term is None:
            raise _refusal(entry["term"] if entry else part, text, task_id)
        risk_class = CLASS_NAMES[entry["name"].upper()]
        if risk_class in found:
            raise refuse(
                InputError, "draw.quota_class_twice", {"value": text}, task=task_id, risk_class=risk_class
            )
        found[risk_class] = term
    return found


def _refusal(clean: str, text: str, task_id: str) -> OneDoorError:
    """The most telling reason why a text is not understood."""
    if not text.strip():
        return refuse(InputError, "draw.quota_empty", {"value": text}, task=task_id)
    code = next((code for pattern, code in _KNOWN_FORMS if pattern.search(clean)), "draw.quota_unreadable")
    if _LEAST.match(clean) and ":" in clean_text(text) and code == "draw.quota_unreadable":
        code = "draw.quota_least_in_class"
    return refuse(InputError, code, {"value": text}, task=task_id)
