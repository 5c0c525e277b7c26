"""Quota texts to exact numbers; what is not built is refused by name."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st

from scheduler.domain.errors import InputError
from scheduler.draw.quotas import CLASS_NAMES, parse_quota


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("5%", "ratio", Fraction(1, 20)),
        (" 5 % ", "ratio", Fraction(1, 20)),
        ("５％", "ratio", Fraction(1, 20)),
        ("0.5%", "ratio", Fraction(1, 200)),
        ("8‰", "ratio", Fraction(1, 125)),
        ("100%", "ratio", Fraction(1)),
        ("33.333333333%", "ratio", Fraction(33333333333, 10**11)),
        ("30家", "count", Fraction(30)),
        ("1户", "count", Fraction(1)),
        ("１２人", "count", Fraction(12)),
    ],
)
def test_a_ratio_or_a_count_is_read_exactly(text: str, kind: str, value: Fraction) -> None:
    quota = parse_quota(text, "T")
    assert quota.whole is not None
    assert (quota.whole.kind, quota.whole.value, quota.at_least) == (kind, value, False)


@pytest.mark.parametrize("text", ["≥5%", ">=5%", "不低于5%", "不少于 5%", "至少5%"])
def test_at_least_is_the_ratio_that_is_never_rounded_down(text: str) -> None:
    quota = parse_quota(text, "T")
    assert quota.at_least
    assert quota.whole is not None
    assert quota.whole.value == Fraction(1, 20)


@pytest.mark.parametrize(
    "text",
    [
        "A:1%;B:3%;C:10家;D:10%",
        "a：１％；b：3%；c：10户；d:10%；",
        "低:1%;一般:3%;较高:10家;高:10%",
        "低风险：1%，一般风险：3%，较高风险：10家，高风险：10%",
        "A类:1%、B级:3%、C类:10家、D类:10%",
    ],
)
def test_classes_are_read_in_both_spellings(text: str) -> None:
    found = {name: (term.kind, term.value) for name, term in parse_quota(text, "T").classes.items()}
    assert found == {
        "A": ("ratio", Fraction(1, 100)),
        "B": ("ratio", Fraction(3, 100)),
        "C": ("count", Fraction(10)),
        "D": ("ratio", Fraction(1, 10)),
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("20-10%", "draw.quota_range"),
        ("10%～20‰", "draw.quota_range"),
        ("60%-70家", "draw.quota_range"),
        ("≥10-20%", "draw.quota_range"),
        ("6.5-7家", "draw.quota_range"),
        ("A:3-2%", "draw.quota_range"),
        ("3家(3户)", "draw.quota_unreadable"),
        ("10-20%(3户)", "draw.quota_range"),
        ("3%;2次/年", "draw.quota_frequency"),
        ("≥20%;12次/年", "draw.quota_frequency"),
        ("3%;本年度两次", "draw.quota_frequency"),
        ("基数;10%", "draw.quota_unreadable"),
        ("≤10所: 一定比例; >10所: ≥50%", "draw.quota_unreadable"),
        ("≤10:5%(1户);>10:1家", "draw.quota_unreadable"),
        ("30", "draw.quota_no_unit"),
        ("0.05", "draw.quota_no_unit"),
        ("A:≥3%", "draw.quota_least_in_class"),
        ("A:3%;a:4%", "draw.quota_class_twice"),
        ("A:3%;低:4%", "draw.quota_class_twice"),
        ("三级≥50%;二级≥30%;一级及以下一定比例", "draw.quota_grades"),
        ("", "draw.quota_empty"),
        ("1 0%", "draw.quota_unreadable"),
        ("1 ②%", "draw.quota_unreadable"),
        ("-3%", "draw.quota_unreadable"),
        ("E:3%", "draw.quota_unreadable"),
        ("A:3%;;", "draw.quota_unreadable"),
        ("A:3%;;B:4%", "draw.quota_unreadable"),
        ("٣%", "draw.quota_unreadable"),
        ("1e2%", "draw.quota_unreadable"),
        ("12345678901家", "draw.quota_unreadable"),
    ],
)
def test_a_form_that_is_not_built_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_quota(text, "T-9")
    (problem,) = caught.value.problems
    assert (problem.code, problem.place, problem.params["task"]) == (code, {"value": text}, "T-9")


@given(st.text(alphabet="0123456789.%‰家户ABCD低高:;≥-~() 次年", max_size=24))
@quick(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused_with_a_code(text: str) -> None:
    try:
        quota = parse_quota(text, "T")
    except InputError as error:
        assert all(problem.code.startswith("draw.quota_") for problem in error.problems)  # noqa: PT017 - some texts are read
    else:
        terms = [quota.whole] if quota.whole else list(quota.classes.values())
        terms += [case.quota.whole for case in quota.conditions]
        assert terms
        assert all(term is not None and term.value >= 0 for term in terms)


def test_the_class_names_are_those_of_the_credit_risk_classes() -> None:
    assert CLASS_NAMES["低"] == "A"
    assert CLASS_NAMES["高"] == "D"
