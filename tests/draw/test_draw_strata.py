"""Shares, rounding, largest remainders and the zero rule, in tables and as laws."""

from dataclasses import replace
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import assume, given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import registers

from scheduler.domain.errors import InputError
from scheduler.domain.plan import Stratum
from scheduler.domain.settings import Quotas
from scheduler.draw.quotas import parse_quota
from scheduler.draw.scopes import Cell
from scheduler.draw.strata import strata_of

TASK = registers().tasks[0]


def resolve(quota: str, sizes: dict[Cell, int], rules: Quotas | None = None) -> list[Stratum]:
    by_district = any(cell.district for cell in sizes)
    task = replace(TASK, task_id="T", quota=quota, by_district=by_district)
    return strata_of(task, parse_quota(quota, "T"), sizes, rules or Quotas())


def classes(a: int = 0, b: int = 0, c: int = 0, d: int = 0) -> dict[Cell, int]:
    sizes = {Cell("", "A"): a, Cell("", "B"): b, Cell("", "C"): c, Cell("", "D"): d}
    return {cell: size for cell, size in sizes.items() if size}


def drawn(strata: list[Stratum]) -> dict[str, int]:
    return {stratum.stratum_id.removeprefix("T/"): stratum.quota for stratum in strata}


PAGE_SIZES = classes(20, 11, 7, 3)


@pytest.mark.parametrize(
    ("quota", "zero", "expected"),
    [
        ("5%", "one", {"A": 1, "B": 1, "C": 1, "D": 1}),
        ("5%", "pool", {"A": 1, "B": 1, "CD": 1}),
        ("A:1%;B:3%;C:5%;D:10%", "one", {"A": 1, "B": 1, "C": 1, "D": 1}),
        ("A:1%;B:3%;C:5%;D:10%", "pool", {"AB": 1, "CD": 1}),
        ("4家", "one", {"A": 1, "B": 1, "C": 1, "D": 1}),
        ("4家", "pool", {"A": 2, "B": 1, "CD": 1}),
        ("10‰", "one", {"A": 1, "B": 1, "C": 1, "D": 1}),
        ("10‰", "pool", {"ABCD": 1}),
        ("2家", "one", {"A": 1, "BCD": 1}),
        ("100%", "one", {"A": 20, "B": 11, "C": 7, "D": 3}),
        ("41家", "one", {"A": 20, "B": 11, "C": 7, "D": 3}),
        ("A:0%;B:3家;C:1%;D:100%", "one", {"A": 0, "B": 3, "C": 1, "D": 3}),
    ],
)
def test_the_quotas_of_the_page_resolve_as_it_says(quota: str, zero: str, expected: dict[str, int]) -> None:
    assert drawn(resolve(quota, PAGE_SIZES, Quotas(zero=zero))) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quota", "rounding", "total"),
    [("7%", "up", 3), ("7%", "half_up", 3), ("6%", "up", 3), ("6%", "half_up", 2), ("≥6%", "half_up", 3)],
)
def test_the_task_total_is_rounded_once(quota: str, rounding: str, total: int) -> None:
    sizes = classes(10, 10, 10, 10)
    strata = resolve(quota, sizes, Quotas(rounding=rounding, zero="pool"))  # type: ignore[arg-type]
    assert sum(stratum.quota for stratum in strata) == total


def test_among_equal_remainders_the_higher_class_comes_first_then_the_smaller_district() -> None:
    rules = Quotas(zero="pool")
    sizes = {Cell(district, risk): 10 for district in ("01", "02") for risk in ("A", "D")}  # type: ignore[arg-type]
    found = resolve("3家", {Cell("", "A"): 10, Cell("", "D"): 10}, rules)
    assert drawn(found) == {"A": 1, "D": 2}
    assert drawn(resolve("5家", sizes, rules)) == {"01/A": 1, "01/D": 2, "02/A": 1, "02/D": 1}


def test_a_stratum_tells_its_classes_group_size_and_quota_text() -> None:
    pooled, high = resolve("A:1%;B:3%;D:50%", classes(20, 11, 0, 4), Quotas(zero="pool"))
    assert (pooled.stratum_id, pooled.risk_classes, pooled.ratio) == ("T/AB", ("A", "B"), "A:1%;B:3%")
    assert (pooled.size, pooled.group, pooled.district) == (31, "group:G1", "")
    assert (high.stratum_id, high.ratio, high.quota) == ("T/D", "D:50%", 2)


@pytest.mark.parametrize(
    ("quota", "sizes", "code", "params"),
    [
        ("42家", PAGE_SIZES, "draw.quota_exceeds", {"classes": "A/B/C/D", "quota": 42, "size": 41}),
        ("101%", PAGE_SIZES, "draw.quota_exceeds", {"classes": "A/B/C/D", "quota": 42, "size": 41}),
        ("A:1%;B:1%;C:1%;D:4家", PAGE_SIZES, "draw.quota_exceeds", {"classes": "D", "quota": 4, "size": 3}),
        ("A:1%;D:1家", classes(5), "draw.quota_exceeds", {"classes": "D", "quota": 1, "size": 0}),
        ("A:1%;B:3%;D:1%", PAGE_SIZES, "draw.quota_class_missing", {"risk_class": "C", "size": 7}),
        ("0%", PAGE_SIZES, "draw.quota_nothing", {}),
        ("0家", PAGE_SIZES, "draw.quota_nothing", {}),
        ("A:0%;D:9%", classes(5), "draw.quota_nothing", {}),
    ],
)
def test_a_quota_that_cannot_be_kept_is_refused_with_its_place(
    quota: str, sizes: dict[Cell, int], code: str, params: dict[str, object]
) -> None:
    with pytest.raises(InputError) as caught:
        resolve(quota, sizes)
    (problem,) = caught.value.problems
    assert (problem.code, problem.place) == (code, {"value": quota})
    assert problem.params == {"task": "T", **params}


def test_all_faults_of_a_quota_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        resolve("B:99家;D:200%", PAGE_SIZES)
    assert [problem.code for problem in caught.value.problems] == [
        "draw.quota_class_missing",
        "draw.quota_class_missing",
        "draw.quota_exceeds",
        "draw.quota_exceeds",
    ]


def test_the_zero_rule_refuse_names_every_stratum_left_out() -> None:
    with pytest.raises(InputError) as caught:
        resolve("10‰", PAGE_SIZES, Quotas(zero="refuse"))
    assert [problem.params["classes"] for problem in caught.value.problems] == ["D", "C", "B"]


def test_a_district_that_cannot_be_pooled_is_refused() -> None:
    sizes = {Cell("01", "A"): 10, Cell("02", "A"): 10}
    with pytest.raises(InputError) as caught:
        resolve("1家", sizes)
    assert [problem.code for problem in caught.value.problems] == ["draw.quota_zero"]
    assert caught.value.problems[0].params["district"] == "02"


def test_a_count_for_a_class_is_refused_where_drawn_by_district() -> None:
    with pytest.raises(InputError) as caught:
        resolve("A:2家", {Cell("01", "A"): 10})
    assert [problem.code for problem in caught.value.problems] == ["draw.quota_count_by_district"]


cells = st.dictionaries(
    st.builds(Cell, st.sampled_from(["", "01", "02"]), st.sampled_from("ABCD")),
    st.integers(1, 300),
    min_size=1,
    max_size=8,
).filter(lambda sizes: len({bool(cell.district) for cell in sizes}) == 1)
permille = st.integers(1, 1000)


@given(cells, permille, st.sampled_from(["one", "pool"]), st.sampled_from(["up", "half_up"]))
@quick(max_examples=100, deadline=None)
def test_strata_partition_the_frame_and_no_quota_exceeds_its_size(
    sizes: dict[Cell, int], ratio: int, zero: str, rounding: str
) -> None:
    try:
        strata = resolve(f"{ratio}‰", sizes, Quotas(zero=zero, rounding=rounding))  # type: ignore[arg-type]
    except InputError as error:
        assert zero == "pool"
        assert {problem.code for problem in error.problems} == {"draw.quota_zero"}  # noqa: PT017 - only some of these may be refused
        return
    homes = [(s.district, c) for s in strata for c in s.risk_classes]
    assert sorted(homes) == sorted((cell.district, cell.risk_class) for cell in sizes)
    assert sum(stratum.size for stratum in strata) == sum(sizes.values())
    assert all(0 < stratum.quota <= stratum.size for stratum in strata)
    exact = Fraction(ratio, 1000) * sum(sizes.values())
    total = sum(stratum.quota for stratum in strata)
    if zero == "pool":
        assert total == (ceil(exact) if rounding == "up" else int(exact + Fraction(1, 2)))
        assert all(abs(s.quota - Fraction(ratio, 1000) * s.size) < 1 for s in strata)
    else:
        assert total >= int(exact + Fraction(1, 2))


@given(cells, st.integers(1, 400), st.sampled_from(["one", "pool"]))
@quick(max_examples=100, deadline=None)
def test_a_count_stays_the_count(sizes: dict[Cell, int], count: int, zero: str) -> None:
    assume(count <= sum(sizes.values()))
    try:
        strata = resolve(f"{count}家", sizes, Quotas(zero=zero))  # type: ignore[arg-type]
    except InputError as error:
        assert {problem.code for problem in error.problems} == {"draw.quota_zero"}  # noqa: PT017 - only some of these may be refused
        return
    assert sum(stratum.quota for stratum in strata) == count
    assert all(0 < stratum.quota <= stratum.size for stratum in strata)


@given(cells, st.permutations(range(8)), permille)
@quick(max_examples=50, deadline=None)
def test_the_order_of_the_cells_changes_nothing(sizes: dict[Cell, int], order: list[int], ratio: int) -> None:
    items = list(sizes.items())
    shuffled = dict(items[k] for k in order if k < len(items))
    assert resolve(f"{ratio}‰", shuffled) == resolve(f"{ratio}‰", sizes)
