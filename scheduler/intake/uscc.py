"""The check character of the 统一社会信用代码 (GB 32100-2015).

In: a code. Out: whether it is well formed. May import: the standard library.
"""

from operator import mul

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table of characters: 31 of them, without I, O, S, V, Z."""

WEIGHTS = (*(pow(3, place, 31) for place in range(17)), 1)
_VALUES = bytes(ALPHABET.find(chr(code)) % 256 for code in range(128)) + bytes([255]) * 128
LENGTH = 18


def valid(code: str) -> bool:
    """Whether the last character is right: ``sum(3**i * c_i for i in 0..16) + c_17 = 0 (mod 31)``."""
    if len(code) != LENGTH or not code.isascii():
        return False
    values = code.encode().translate(_VALUES)
    return max(values) < len(ALPHABET) and sum(map(mul, values, WEIGHTS)) % 31 == 0


def canonical(code: str) -> str:
    """The code as the register writes it: upper case where it then is a valid one, else as it stands."""
    upper = code.upper()
    return upper if valid(upper) else code
