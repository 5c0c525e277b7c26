"""Identifiers against a third-party oracle."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc as oracle
from stdnum.iso7064 import mod_11_10

from instances.codes import FORMS, legacy, uscc

SERIALS = st.lists(st.integers(0, 31**6 - 1), min_size=1, max_size=30, unique=True)


def _forms(count: int) -> np.ndarray:
    prefixes = [list(form.encode()) for form in FORMS.values()]
    return np.array([prefixes[i % len(prefixes)] for i in range(count)], dtype=np.uint8)


@settings(max_examples=50, deadline=None)
@given(serials=SERIALS, salt=st.integers(0, 10**8))
def test_every_uscc_satisfies_gb_32100_and_no_two_are_alike(serials: list[int], salt: int) -> None:
    divisions = np.full(len(serials), 380724, dtype=np.int64)
    codes = uscc(np.array(serials), _forms(len(serials)), divisions, salt)
    assert all(oracle.is_valid(code) for code in codes)
    assert len({code[8:16] for code in codes}) == len(serials)


def test_a_published_uscc_has_the_same_organisation_check_character() -> None:
    # GB 11714-1997: the body D2143569 has the check character X (example of the standard).
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    values = ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c) for c in "D2143569"]
    assert 11 - sum(w * v for w, v in zip(weights, values, strict=True)) % 11 == 10
    code = uscc(np.array([5]), _forms(1), np.array([380724]), 0)[0]
    own = ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c) for c in code[8:16]]
    check = (11 - sum(w * v for w, v in zip(weights, own, strict=True)) % 11) % 11
    assert code[16] == ("X" if check == 10 else str(check))


def test_a_wrong_check_character_is_told_by_the_oracle() -> None:
    code = uscc(np.array([7]), _forms(1), np.array([380724]), 3)[0]
    assert not oracle.is_valid(code[:-1] + ("0" if code[-1] != "0" else "1"))


@settings(max_examples=50, deadline=None)
@given(serials=st.lists(st.integers(0, 10**8 - 1), min_size=1, max_size=30, unique=True))
def test_every_legacy_number_has_15_digits_and_its_check_digit(serials: list[int]) -> None:
    codes = legacy(np.array(serials), np.full(len(serials), 380724), 11)
    assert all(len(code) == 15 and mod_11_10.is_valid(code) for code in codes)
    assert len(set(codes)) == len(serials)
