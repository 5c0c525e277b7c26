"""The forms of real plans, from ranges to conditions on the base, and the laws of sharing a total."""

import csv
import os
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import registers

from scheduler.domain import messages
from scheduler.domain.errors import InputError, OneDoorError
from scheduler.domain.plan import Stratum
from scheduler.domain.registers import RISK_CLASSES
from scheduler.domain.settings import Quotas
from scheduler.draw.quotas import parse_quota
from scheduler.draw.scopes import Cell
from scheduler.draw.strata import Layer, largest_remainders, strata_of

TASK = registers().tasks[0]

REAL_FORMS = {
    "": "draw.quota_empty",
    "1户": "",
    "10%": "",
    "10% (20户)": "",
    "10%(6户)": "",
    "10-20%": "",
    "20%": "",
    "20%(1户)": "",
    "20%(3户)": "",
    "3%": "",
    "3%;2次/年": "draw.quota_frequency",
    "3%;本年度一次": "",
    "30%": "",
    "30%(1户)": "",
    "5%": "",
    "50%": "",
    "60-70家": "",
    "8%": "",
    "≤10所: 不少于2所; >10所: ≥50%": "",
    "≥20%;1次/年": "",
    "三级≥50%;二级≥30%;一级及以下一定比例": "draw.quota_grades",
    "不低于0.5%": "",
    "基数1;100%": "",
    "基数7;10%": "",
}
"""Every form in two published plans of joint inspections, and the code by which it is refused."""


def resolve(text: str, size: int, **rules: object) -> Stratum:
    """The one stratum of a task of that size in class B."""
    committed = Quotas(**rules)  # type: ignore[arg-type]
    quota = parse_quota(text, "T", committed.range)
    (stratum,) = strata_of(replace(TASK, task_id="T", quota=text), quota, {Cell("", "B"): size}, committed)
    return stratum


@pytest.mark.parametrize(("text", "code"), REAL_FORMS.items())
def test_every_form_of_real_plans_is_understood_or_refused_by_name(text: str, code: str) -> None:
    if not code:
        assert parse_quota(text, "T-9")
        return
    with pytest.raises(InputError) as caught:
        parse_quota(text, "T-9")
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == (code, {"value": text})
    for language in ("zh", "en"):
        assert "T-9" in messages.render(problem, language)
        assert messages.remedy(problem.code, language, **problem.params)


@pytest.mark.external
@pytest.mark.skipif("ONEDOOR_EXTERNAL" not in os.environ, reason="ONEDOOR_EXTERNAL does not name the data")
def test_the_published_plans_hold_no_form_that_is_not_listed_here() -> None:
    path = Path(os.environ["ONEDOOR_EXTERNAL"]) / "data/joint_plans_cn/joint_items.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        texts = {row["ratio_or_count"] for row in csv.DictReader(stream)}
    assert texts == set(REAL_FORMS)


@pytest.mark.parametrize(
    ("text", "size", "rules", "n"),
    [
        ("10-20%", 100, {}, 10),
        ("10-20%", 100, {"range": "high"}, 20),
        ("10%至20%", 15, {"range": "high", "rounding": "half_up"}, 3),
        ("60-70家", 100, {}, 60),
        ("60～70家", 100, {"range": "high"}, 70),
        ("B:1-3家", 100, {"range": "high"}, 3),
        ("20%(3户)", 15, {}, 3),
        ("20%(3户)", 11, {}, 3),
        ("20%(3户)", 19, {}, 3),
        ("10% (20户)", 200, {}, 20),
        ("≥20%(3户)", 15, {}, 3),
        ("3%;本年度一次", 100, {}, 3),
        ("≥20%;1次/年", 14, {"rounding": "half_up"}, 3),
        ("基数7;10%", 7, {}, 1),
        ("基数7家；100%；1次/年", 7, {}, 7),
        ("≤10所: 不少于2所; >10所: ≥50%", 10, {}, 2),
        ("≤10所: 不少于2所; >10所: ≥50%", 11, {"rounding": "half_up"}, 6),
        ("<100:5%;≥100:3%", 100, {}, 3),
        ("8‰", 1000, {}, 8),
        ("不低于0.5%", 201, {"rounding": "half_up"}, 2),
    ],
)
def test_a_form_resolves_to_one_number(text: str, size: int, rules: dict[str, object], n: int) -> None:
    stratum = resolve(text, size, **rules)
    assert stratum.quota == n
    assert stratum.size == size


@pytest.mark.parametrize(
    ("text", "size", "code", "params"),
    [
        ("20%(3户)", 10, "draw.quota_two_figures", {"count": 3, "exact": "2"}),
        ("20%(3户)", 20, "draw.quota_two_figures", {"count": 3, "exact": "4"}),
        ("≥20%(3户)", 16, "draw.quota_two_figures", {"count": 3, "exact": "16/5"}),
        ("基数7;10%", 8, "draw.quota_base", {"base": 7}),
        ("≤10所:2所;>20所:5%", 15, "draw.quota_conditional", {"n": 0}),
        ("≤10所:2所;≥5所:5%", 7, "draw.quota_conditional", {"n": 2}),
    ],
)
def test_a_form_that_contradicts_the_frame_is_refused_with_both_figures(
    text: str, size: int, code: str, params: dict[str, object]
) -> None:
    with pytest.raises(OneDoorError) as caught:
        resolve(text, size)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == (code, {"value": text})
    assert problem.params == {"task": "T", "size": size, **params}


def test_the_stratum_keeps_the_text_that_was_committed() -> None:
    assert resolve("20% （3户）", 15).ratio == "20%(3户)"
    assert resolve("≤10所: 不少于2所; >10所: ≥50%", 12).ratio == "≤10所:不少于2所;>10所:≥50%"


layers = st.lists(st.integers(1, 40), min_size=1, max_size=120).map(
    lambda sizes: [(f"{k // 4:03d}", RISK_CLASSES[k % 4], size) for k, size in enumerate(sizes)]
)


@given(cells=layers, permille=st.integers(0, 1000), up=st.booleans())
@quick(max_examples=100, deadline=None)
def test_many_small_strata_share_the_rounded_total_and_none_strays_by_one(
    cells: list[tuple[str, str, int]], permille: int, *, up: bool
) -> None:
    ratio = Fraction(permille, 1000)
    made = [
        Layer(district=district, classes=(risk,), size=size, share=ratio * size)  # type: ignore[arg-type]
        for district, risk, size in cells
    ]
    exact = ratio * sum(size for _, _, size in cells)
    total = ceil(exact) if up else floor(exact + Fraction(1, 2))
    quotas = largest_remainders(made, total)
    assert sum(quotas) == total
    assert all(abs(n - ratio * layer.size) < 1 for n, layer in zip(quotas, made, strict=True))
    assert all(0 <= n <= layer.size for n, layer in zip(quotas, made, strict=True))
