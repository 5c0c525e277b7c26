"""Quotas to strata: exact shares, one rounding per task, largest remainders, the zero rule; draw-spec §6.2.

In: a task, its quota, the sizes of its cells. Out: strata with N and n. May import: the domain, the
standard library.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from scheduler.domain.errors import InputError, Problem, Value
from scheduler.domain.plan import Stratum
from scheduler.domain.registers import RISK_CLASSES, RiskClass, Task
from scheduler.domain.settings import Quotas
from scheduler.draw.quotas import Quota, Term, settled
from scheduler.draw.scopes import Cell
from scheduler.draw.tickets import enterprise_group


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One stratum in the making: its cells' classes, size N and exact share."""

    district: str
    classes: tuple[RiskClass, ...]
    size: int
    share: Fraction

    @property
    def tie_order(self) -> tuple[int, str]:
        """Who comes first among equals: the higher class, then the smaller district."""
        return -RISK_CLASSES.index(self.classes[-1]), self.district


def strata_of(task: Task, quota: Quota, sizes: Mapping[Cell, int], rules: Quotas) -> list[Stratum]:
    """The task's strata, sorted by id; ``sizes`` hold no empty cell and are not empty.

    Errors: ``draw.quota_…`` codes, all that hold at once.
    """
    quota = settled(quota, task.task_id, task.quota, sum(sizes.values()))
    _refuse_unfit(task, quota, sizes)
    layers = _layers(quota, sizes)
    if not any(layer.share for layer in layers):
        raise InputError(_problem(task, "draw.quota_nothing"))
    total = _total(quota, layers, rules)
    quotas = largest_remainders(layers, total)
    if any(_left_out(layer, n) for layer, n in zip(layers, quotas, strict=True)):
        layers, quotas = _zero_rule(task, quota, layers, quotas, rules)
    strata = [_stratum(task, quota, layer, n) for layer, n in zip(layers, quotas, strict=True)]
    return sorted(strata, key=lambda stratum: stratum.stratum_id)


def largest_remainders(layers: list[Layer], total: int) -> list[int]:
    """Share ``total`` over the layers: everyone's whole part, then one each by the largest remainder."""
    quotas = [floor(layer.share) for layer in layers]
    order = sorted(
        range(len(layers)), key=lambda k: (floor(layers[k].share) - layers[k].share, layers[k].tie_order)
    )
    for k in order[: total - sum(quotas)]:
        quotas[k] += 1
    return quotas


def _layers(quota: Quota, sizes: Mapping[Cell, int]) -> list[Layer]:
    everyone = sum(sizes.values())
    layers = []
    for cell, size in sizes.items():
        term = quota.term(cell.risk_class)
        of_all = Fraction(size, everyone) if quota.is_total_count else Fraction(1)
        share = term.value * size if term.kind == "ratio" else term.value * of_all
        layers.append(Layer(district=cell.district, classes=(cell.risk_class,), size=size, share=share))
    return sorted(layers, key=lambda layer: layer.tie_order)


def _total(quota: Quota, layers: list[Layer], rules: Quotas) -> int:
    exact = sum((layer.share for layer in layers), Fraction(0))
    if rules.rounding == "up" or quota.at_least:
        return ceil(exact)
    return floor(exact + Fraction(1, 2))


def _left_out(layer: Layer, quota: int) -> bool:
    return quota == 0 and layer.share > 0


def _zero_rule(
    task: Task, quota: Quota, layers: list[Layer], quotas: list[int], rules: Quotas
) -> tuple[list[Layer], list[int]]:
    if rules.zero == "refuse":
        left = [layer for layer, n in zip(layers, quotas, strict=True) if _left_out(layer, n)]
        raise InputError([_zero_problem(task, layer) for layer in left])
    if rules.zero == "one" and not quota.is_total_count:
        raised = [int(_left_out(layer, n)) or n for layer, n in zip(layers, quotas, strict=True)]
        return layers, raised
    if rules.zero == "one" and sum(quotas) >= len(layers):
        return layers, _moved(quotas)
    return _pooled(task, layers, quotas)


def _moved(quotas: list[int]) -> list[int]:
    """Everyone gets one within the same total; layers, and so quotas, stand in the order of the ties."""
    moved = list(quotas)
    for taker in [k for k, n in enumerate(quotas) if n == 0]:
        giver = max(range(len(moved)), key=lambda k: (moved[k], k))
        moved[giver] -= 1
        moved[taker] = 1
    return moved


def _pooled(task: Task, layers: list[Layer], quotas: list[int]) -> tuple[list[Layer], list[int]]:
    total = sum(quotas)
    while left := [layer for layer, n in zip(layers, quotas, strict=True) if _left_out(layer, n)]:
        small = min(left, key=lambda layer: (layer.district, layer.classes))
        others = [
            layer
            for layer in layers
            if layer.district == small.district and layer.share > 0 and layer is not small
        ]
        if not others:
            raise InputError(_zero_problem(task, small))
        higher = [layer for layer in others if layer.classes > small.classes]
        partner = min(higher or others, key=lambda layer: _distance(small, layer))
        rest = [layer for layer in layers if layer is not small and layer is not partner]
        layers = sorted([*rest, _united(small, partner)], key=lambda layer: layer.tie_order)
        quotas = largest_remainders(layers, total)
    return layers, quotas


def _distance(one: Layer, other: Layer) -> int:
    return abs(RISK_CLASSES.index(one.classes[0]) - RISK_CLASSES.index(other.classes[0]))


def _united(one: Layer, other: Layer) -> Layer:
    return Layer(
        district=one.district,
        classes=tuple(sorted((*one.classes, *other.classes))),
        size=one.size + other.size,
        share=one.share + other.share,
    )


def _stratum(task: Task, quota: Quota, layer: Layer, n: int) -> Stratum:
    parts = [task.task_id, *([layer.district] if task.by_district else []), "".join(layer.classes)]
    return Stratum(
        stratum_id="/".join(parts),
        task_id=task.task_id,
        risk_classes=layer.classes,
        district=layer.district,
        group=enterprise_group(task.task_id, task.group),
        ratio=_ratio_text(quota, layer.classes),
        size=layer.size,
        quota=n,
    )


def _ratio_text(quota: Quota, classes: tuple[RiskClass, ...]) -> str:
    if quota.whole is not None:
        return quota.whole.text
    return ";".join(f"{risk_class}:{quota.classes[risk_class].text}" for risk_class in classes)


def _refuse_unfit(task: Task, quota: Quota, sizes: Mapping[Cell, int]) -> None:
    problems = [*_missing_classes(task, quota, sizes), *_too_much(task, quota, sizes)]
    if task.by_district and any(term.kind == "count" for term in quota.classes.values()):
        problems.append(_problem(task, "draw.quota_count_by_district"))
    if problems:
        raise InputError(problems)


def _missing_classes(task: Task, quota: Quota, sizes: Mapping[Cell, int]) -> list[Problem]:
    if quota.whole is not None:
        return []
    per_class = _per_class(sizes)
    return [
        _problem(task, "draw.quota_class_missing", risk_class=risk_class, size=per_class[risk_class])
        for risk_class in RISK_CLASSES
        if risk_class in per_class and risk_class not in quota.classes
    ]


def _too_much(task: Task, quota: Quota, sizes: Mapping[Cell, int]) -> list[Problem]:
    per_class = _per_class(sizes)
    if quota.whole is not None:
        asked = [("/".join(sorted(per_class)), quota.whole, sum(per_class.values()))]
    else:
        asked = [(name, term, per_class.get(name, 0)) for name, term in sorted(quota.classes.items())]
    return [
        _problem(task, "draw.quota_exceeds", classes=name, quota=_asked(term, size), size=size)
        for name, term, size in asked
        if _asked(term, size) > size or (term.kind == "ratio" and term.value > 1)
    ]


def _asked(term: Term, size: int) -> int:
    return ceil(term.value * size) if term.kind == "ratio" else ceil(term.value)


def _per_class(sizes: Mapping[Cell, int]) -> dict[RiskClass, int]:
    found: dict[RiskClass, int] = {}
    for cell, size in sizes.items():
        found[cell.risk_class] = found.get(cell.risk_class, 0) + size
    return found


def _zero_problem(task: Task, layer: Layer) -> Problem:
    return _problem(
        task, "draw.quota_zero", classes="".join(layer.classes), district=layer.district, size=layer.size
    )


def _problem(task: Task, code: str, **params: Value) -> Problem:
    return Problem(code=code, params={"task": task.task_id, **params}, place={"value": task.quota})
