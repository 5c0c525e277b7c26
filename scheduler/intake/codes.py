"""What happened to an identifier that is not a right one: told apart, never mended by guessing.

In: an identifier. Out: the message code that names its fault, with what it probably was. May import: the
standard library, :mod:`scheduler.intake.uscc`. Pure functions of one cell.

A suggestion is only made where the check character agrees with it: one wrong reading in 31 agrees by chance,
so that the row is rejected all the same and a person decides.
"""

from scheduler.intake import uscc

LEGACY_LENGTH = 15
"""Digits of a 注册号 since 2007 (GS 15-2006); the older ones have 13 and no check digit."""

NEARLY = 2
"""Characters too few or too many with which a code is still meant as a 统一社会信用代码."""

LOOKALIKES = str.maketrans("lIiOoSsZz", "111005522")
"""Letters that GB 32100-2015 leaves out because they look like a digit, and ``l``, to that digit."""

ROUNDED = "000"
"""How the 18 digits end that a spreadsheet kept to 15 significant ones."""

Fault = tuple[str, str]
"""A message code and its detail."""


def legacy_valid(code: str) -> bool:
    """Whether a 15-digit 注册号 has the right last digit: ISO 7064 MOD 11,10 as GS 15-2006 names it."""
    if len(code) != LEGACY_LENGTH or not (code.isascii() and code.isdigit()):
        return False
    product = 10
    for digit in code[:-1]:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return (product + int(code[-1])) % 10 == 1


def kind_of(ident: str) -> str:
    """``uscc``, ``legacy`` or ``other`` where the file does not say.

    16 to 20 letters and digits, dashes between them not counted, are meant as a 统一社会信用代码,
    right or wrong; 13 or 15 digits are a 注册号, and 14 with the right check digit after a zero are one that
    lost it. Any other code passes as ``other``, and is told.
    """
    letters = ident.replace("-", "")
    if abs(len(letters) - uscc.LENGTH) <= NEARLY and letters.isalnum():
        return "uscc"
    if ident.isdigit() and len(ident) in {13, LEGACY_LENGTH}:
        return "legacy"
    return "legacy" if len(ident) == LEGACY_LENGTH - 1 and legacy_valid(f"0{ident}") else "other"


def uscc_fault(ident: str) -> Fault:
    """Why this is no 统一社会信用代码: ``intake.uscc_letters`` (``l`` for 1 and the like; the detail is what
    it was), ``intake.uscc_alphabet`` (letters that no code has), ``intake.code_rounded`` (18 digits of which
    a spreadsheet kept 15), ``intake.uscc_zeros`` (lost zeros; the detail has them), ``intake.uscc_length``,
    else ``intake.uscc`` (wrong check character)."""
    upper = ident.upper()
    read = ident.translate(LOOKALIKES).upper()
    if read != upper and uscc.valid(read):
        return "intake.uscc_letters", read
    strange = "".join(dict.fromkeys(letter for letter in upper if letter not in uscc.ALPHABET))
    if len(ident) != uscc.LENGTH and "-" not in strange:
        padded = upper.zfill(uscc.LENGTH)
        is_short = uscc.valid(padded)
        return ("intake.uscc_zeros", padded) if is_short else ("intake.uscc_length", str(len(ident)))
    if strange:
        return "intake.uscc_alphabet", strange
    if ident.isdigit() and ident.endswith(ROUNDED):
        return "intake.code_rounded", ""
    return "intake.uscc", ""


def legacy_fault(ident: str) -> Fault | None:
    """``intake.legacy_zeros`` for a 注册号 that lost its first zeros; nothing for any other: its check digit
    does not bind (DESIGN §11), see :func:`legacy_doubt`."""
    padded = ident.zfill(LEGACY_LENGTH)
    lost = len(ident) < LEGACY_LENGTH and len(ident) != 13 and legacy_valid(padded)
    return ("intake.legacy_zeros", padded) if lost else None


def legacy_doubt(ident: str) -> Fault | None:
    """``intake.legacy_check`` for a 15-digit 注册号 whose check digit is wrong: looked at, not rejected."""
    wrong = len(ident) == LEGACY_LENGTH and ident.isdigit() and not legacy_valid(ident)
    return ("intake.legacy_check", "") if wrong else None
