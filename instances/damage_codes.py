"""Codes damaged as people and spreadsheets damage them, each so that only one thing is wrong with it.

In: a right code. Out: a wrong one. May import: intake's check characters.
"""

from itertools import count

from scheduler.intake import uscc
from scheduler.intake.codes import legacy_valid


def letters_for_digits(code: str, digit: str, letter: str) -> str:
    """The first such digit written as the letter it looks like."""
    return code.replace(digit, letter, 1)


def with_letter(code: str, letter: str) -> str:
    """A letter that no code has, where reading it as the digit it looks like would not help."""
    tries = (code[:place] + letter + code[place + 1 :] for place in range(8, 17))
    looks_like = {"Z": "2", "S": "5", "I": "1", "O": "0"}
    return next(
        wrong for wrong in tries if not uscc.valid(wrong.replace(letter, looks_like.get(letter, letter)))
    )


def rounded_code(division: str) -> str:
    """Eighteen digits of which a spreadsheet kept fifteen."""
    tries = (f"91{division}{n:07d}000" for n in count(1234567))
    return next(code for code in tries if len(code) == uscc.LENGTH and not uscc.valid(code))


def decimal_code(code: str) -> str:
    """A number with decimals."""
    return f"{code}.0"


def zeroless_legacy() -> str:
    """A 15-digit 注册号 that begins with a zero, without it."""
    tries = (f"0{n:014d}" for n in count(31000000000017))
    return next(code for code in tries if legacy_valid(code))[1:]
