"""The check character of GB 32100-2015, against an independent implementation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc as oracle

from scheduler.intake import uscc

BODY = st.text(alphabet=uscc.ALPHABET, min_size=17, max_size=17)


@settings(max_examples=100, deadline=None)
@given(body=BODY)
def test_exactly_one_check_character_is_right_and_it_is_the_oracles(body: str) -> None:
    right = [letter for letter in uscc.ALPHABET if uscc.valid(body + letter)]
    assert right == [oracle.calc_check_digit(body)]


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=20))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    assert uscc.valid(text) == (
        len(text) == 18 and set(text) <= set(uscc.ALPHABET) and text[17] == oracle.calc_check_digit(text[:17])
    )


@settings(max_examples=50, deadline=None)
@given(body=BODY, place=st.integers(0, 16), letter=st.sampled_from(uscc.ALPHABET))
def test_a_single_wrong_character_is_always_noticed(body: str, place: int, letter: str) -> None:
    code = body + oracle.calc_check_digit(body)
    wrong = code[:place] + letter + code[place + 1 :]
    assert uscc.valid(wrong) == (wrong == code)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000600037341L"])
def test_published_codes_are_valid_in_either_case(code: str) -> None:
    assert uscc.valid(code)
    assert uscc.canonical(code.lower()) == code
