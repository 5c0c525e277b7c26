"""A wrong code is named for what happened to it, and no other is touched."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_10 as oracle

from scheduler.intake import read_campaign, uscc
from scheduler.intake.codes import kind_of, legacy_doubt, legacy_fault, legacy_valid, uscc_fault

GOOD = "91350100M000100Y43"
LEGACY = "110108000000016"
"""A published sample of a 15-digit 注册号."""

DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("code", "fault", "detail"),
    [
        ("9l350100M000100Y43", "intake.uscc_letters", GOOD),
        ("9i350100M000100Y43", "intake.uscc_letters", GOOD),
        ("9135O100M000100Y43", "intake.uscc_letters", GOOD),
        ("9135o10oM000100y43", "intake.uscc_letters", GOOD),
        ("9135Z100M000100Y43", "intake.uscc_alphabet", "Z"),
        ("91VI0100M000100Y43", "intake.uscc_alphabet", "VI"),
        ("91350100M000100Y44", "intake.uscc", ""),
        ("1350100M000100Y43", "intake.uscc_length", "17"),
        ("91350100M000100Y4300", "intake.uscc_length", "20"),
        ("91350100-M000100Y4-3", "intake.uscc_alphabet", "-"),
        ("911101080123456000", "intake.code_rounded", ""),
    ],
)
def test_each_fault_of_a_code_has_its_own_name(code: str, fault: str, detail: str) -> None:
    assert uscc_fault(code) == (fault, detail)


def test_lost_zeros_are_named_where_the_check_character_agrees() -> None:
    body = "0" + GOOD[1:17]
    last = next(letter for letter in uscc.ALPHABET if uscc.valid(body + letter))
    whole = body + last
    assert uscc_fault(whole[1:]) == ("intake.uscc_zeros", whole)


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet="0123456789lIiOoABCXYZsz", min_size=1, max_size=20))
def test_a_suggestion_always_is_a_right_code(text: str) -> None:
    code, detail = uscc_fault(text)
    assert (code in {"intake.uscc_letters", "intake.uscc_zeros"}) == uscc.valid(detail)


@settings(max_examples=60, deadline=None)
@given(body=st.text(alphabet=DIGITS, min_size=14, max_size=14))
def test_exactly_one_check_digit_of_a_legacy_number_is_right_and_it_is_the_oracles(body: str) -> None:
    assert [digit for digit in DIGITS if legacy_valid(body + digit)] == [oracle.calc_check_digit(body)]


def test_a_published_legacy_number_is_right_and_its_lost_zeros_are_named() -> None:
    assert legacy_valid(LEGACY)
    assert legacy_doubt(LEGACY) is None
    assert legacy_doubt(LEGACY[:-1] + "7") == ("intake.legacy_check", "")
    assert legacy_doubt("1101080000001") is None  # 13 digits had no check digit
    zero = "0" + "1" * 13 + oracle.calc_check_digit("0" + "1" * 13)
    assert legacy_fault(zero[1:]) == ("intake.legacy_zeros", zero)
    assert legacy_fault(LEGACY) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (GOOD, "uscc"),
        ("9l350100M000100Y43", "uscc"),
        ("91350100M000100Y44", "uscc"),
        (GOOD[:-1], "uscc"),
        (GOOD + "43", "uscc"),
        (f"{GOOD[:8]}-{GOOD[8:]}", "uscc"),
        (LEGACY, "legacy"),
        ("1101080000001", "legacy"),
        ("W-1", "other"),
        ("04092016024", "other"),
    ],
)
def test_the_kind_is_what_the_code_was_meant_to_be(code: str, kind: str) -> None:
    assert kind_of(code) == kind


def test_eighteen_characters_do_not_pass_as_another_kind_of_code(campaign: Any) -> None:
    campaign.change("enterprises", 3, "主体代码", "9135O100M000100Y44")
    campaign.change("enterprises", 3, "代码类型", "")
    intake = read_campaign(campaign.write())
    assert [(line.row, line.code) for line in intake.rejected] == [(3, "intake.uscc_alphabet")]


def test_a_wrong_check_digit_of_a_legacy_number_is_told_and_the_row_accepted(campaign: Any) -> None:
    campaign.change("enterprises", 3, "主体代码", LEGACY[:-1] + "7")
    campaign.change("enterprises", 3, "代码类型", "注册号")
    intake = read_campaign(campaign.write())
    assert not [line for line in intake.rejected if line.table == "enterprises"]
    told = [(line.row, line.column) for line in intake.report.warnings if line.code == "intake.legacy_check"]
    assert told == [(3, "主体代码")]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("9.1135E+17", "intake.code_damaged"),
        ("9.1135e17", "intake.code_damaged"),
        ("110108000000016.0", "intake.code_decimal"),
    ],
)
def test_codes_that_became_numbers_are_told_apart(campaign: Any, cell: str, code: str) -> None:
    campaign.change("enterprises", 3, "主体代码", cell)
    intake = read_campaign(campaign.write())
    assert [line.code for line in intake.rejected if line.row == 3] == [code]


@pytest.mark.parametrize("cell", ["3E01", "1.2.3", "330182.5", "12.0"])
def test_codes_that_only_look_like_numbers_are_kept(campaign: Any, cell: str) -> None:
    campaign.change("enterprises", 3, "主体代码", cell)
    campaign.change("enterprises", 3, "代码类型", "其他")
    intake = read_campaign(campaign.write())
    assert cell in {row.enterprise_id for row in intake.registers.enterprises}
