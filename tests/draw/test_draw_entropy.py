"""The ceremony's grammar: exactly one byte string fits, too little entropy is refused."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import CEREMONY, registers, settings

from scheduler.domain.errors import InputError
from scheduler.domain.plan import Plan
from scheduler.domain.settings import Ceremony
from scheduler.draw import FLAGGED_BELOW_BITS, commit, entropy_bits, seed_text
from scheduler.draw.entropy import ceremony_source


@pytest.fixture(scope="module")
def plan() -> Plan:
    return commit(registers(), settings(), {}, 0).plan


def codes(ceremony: Ceremony) -> list[str]:
    with pytest.raises(InputError) as caught:
        commit(registers(), settings(ceremony=ceremony), {}, 0)
    return [problem.code for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("alphabet", "length", "bits"),
    [
        ("01", 64, 64),
        ("0123456789", 40, 132),
        ("123456", 25, 64),
        ("123456", 50, 129),
        ("0123456789", 20, 66),
    ],
)
def test_min_entropy_is_counted_in_whole_bits(alphabet: str, length: int, bits: int) -> None:
    assert ceremony_source(Ceremony(alphabet=alphabet, length=length)).min_entropy_bits == bits
    assert 2**bits <= len(alphabet) ** length < 2 ** (bits + 1)


def test_a_plan_between_64_and_128_bits_is_committed_and_can_be_flagged(plan: Plan) -> None:
    weak = commit(registers(), settings(ceremony=Ceremony(alphabet="123456", length=25)), {}, 0).plan
    assert entropy_bits(weak) == 64 < FLAGGED_BELOW_BITS <= entropy_bits(plan)


def test_under_64_bits_is_refused() -> None:
    assert codes(Ceremony(alphabet="123456", length=24)) == ["draw.entropy_low"]


@pytest.mark.parametrize(
    ("alphabet", "code"),
    [
        ("", "draw.alphabet_signs"),
        ("7", "draw.alphabet_signs"),
        ("01 ", "draw.alphabet_signs"),
        ("01|", "draw.alphabet_signs"),
        ("01\n", "draw.alphabet_signs"),
        ("红蓝", "draw.alphabet_signs"),
        ("0120", "draw.alphabet_twice"),
    ],
)
def test_an_alphabet_that_two_texts_could_share_is_refused(alphabet: str, code: str) -> None:
    assert codes(Ceremony(alphabet=alphabet, length=200)) == [code]


@pytest.mark.parametrize("length", [0, -1, 4097])
def test_a_length_out_of_range_is_refused(length: int) -> None:
    assert codes(Ceremony(length=length)) == ["draw.ceremony_setting"]


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_line_end_after_the_text_is_dropped(plan: Plan, end: str) -> None:
    assert seed_text(plan, CEREMONY + end) == seed_text(plan, CEREMONY)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (" " + CEREMONY[1:], 1),
        (CEREMONY[:7] + "x" + CEREMONY[8:], 8),
        (CEREMONY[:39] + "３", 40),
        ("\ufeff" + CEREMONY, 1),
        (CEREMONY[:-1] + "\n\n", 40),
    ],
)
def test_the_first_wrong_character_is_named_by_its_position(plan: Plan, text: str, position: int) -> None:
    with pytest.raises(InputError) as caught:
        seed_text(plan, text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.params["position"]) == ("draw.ceremony_character", position)


@pytest.mark.parametrize("text", ["", CEREMONY[:-1], CEREMONY + "0", CEREMONY + "\n\n", CEREMONY + "\r"])
def test_a_text_of_another_length_is_refused(plan: Plan, text: str) -> None:
    with pytest.raises(InputError) as caught:
        seed_text(plan, text)
    assert [problem.code for problem in caught.value.problems] == ["draw.ceremony_length"]


@given(st.text(max_size=60))
@quick(max_examples=50, deadline=None)
def test_any_text_gives_a_seed_file_that_shows_it_or_a_coded_refusal(text: str) -> None:
    committed = _PLAN
    try:
        shown = seed_text(committed, text)
    except InputError:
        return
    assert shown.splitlines()[-1] == "ceremony=" + text.rstrip("\r\n")


def test_slot_and_campaign_enter_the_seed(plan: Plan) -> None:
    other = replace(plan, settings=replace(plan.settings, slot="2026-02"))
    assert seed_text(other, CEREMONY) != seed_text(plan, CEREMONY)


_PLAN = commit(registers(), settings(), {}, 0).plan
