"""Identifiers of enterprises with right check characters, many at a time.

In: serial numbers. Out: codes as text. May import: numpy only.
Every serial gives its own code: the serial goes through a bijection, so codes look unordered but never
collide.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015 (no I, O, S, V, Z)."""

USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
"""3**i mod 31 for the first 17 places, GB 32100-2015 table 3."""

ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
"""GB 11714-1997, the eight places before the check character."""

FORMS = {
    "company": "91",
    "shop": "92",
    "coop": "93",
    "private": "52",
    "public": "12",
}
"""Form of an organisation to registering authority and category, the first two characters of its code."""

_LETTERS = np.frombuffer(USCC_ALPHABET.encode(), dtype=np.uint8)
_VALUE_31 = np.zeros(128, dtype=np.int64)
_VALUE_31[_LETTERS] = np.arange(31)
_VALUE_36 = np.zeros(128, dtype=np.int64)
_VALUE_36[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")] = np.arange(36)

_BODY_RANGE = 31**6
_BODY_FACTOR = 286_332_331  # no multiple of 31, so that the mapping is one to one
_LEGACY_RANGE = 10**8
_LEGACY_FACTOR = 37_036_981  # odd and no multiple of 5, for the same reason


def _digits(values: Ints, base: int, places: int) -> Ints:
    powers = base ** np.arange(places - 1, -1, -1, dtype=np.int64)
    return (values[:, None] // powers) % base


def uscc(serials: Ints, forms: NDArray[np.uint8], divisions: Ints, salt: int) -> list[str]:
    """统一社会信用代码 (GB 32100-2015) with both check characters right.

    ``serials`` (n,) below 31**6; ``forms`` (n, 2) ASCII of the first two characters; ``divisions`` (n,)
    six-digit division codes; ``salt`` shifts all bodies, so that other seeds give other codes.
    """
    n = len(serials)
    code = np.empty((n, 18), dtype=np.uint8)
    code[:, :2] = forms
    code[:, 2:8] = _digits(divisions, 10, 6) + ord("0")
    code[:, 8:10] = list(b"MA")
    body = (serials * _BODY_FACTOR + salt) % _BODY_RANGE
    code[:, 10:16] = _LETTERS[_digits(body, 31, 6)]
    total = (_VALUE_36[code[:, 8:16]] * np.array(ORGANISATION_WEIGHTS)).sum(axis=1)
    check = (11 - total % 11) % 11
    code[:, 16] = np.where(check == 10, ord("X"), check + ord("0"))
    total = (_VALUE_31[code[:, :17]] * np.array(USCC_WEIGHTS)).sum(axis=1)
    code[:, 17] = _LETTERS[(31 - total % 31) % 31]
    return _texts(code)


def legacy(serials: Ints, divisions: Ints, salt: int) -> list[str]:
    """15-digit 注册号 (GS 15-2006), check digit by ISO 7064 MOD 11,10; arguments as in :func:`uscc`."""
    body = (serials * _LEGACY_FACTOR + salt) % _LEGACY_RANGE
    digits = np.concatenate([_digits(divisions, 10, 6), _digits(body, 10, 8)], axis=1)
    product = np.full(len(serials), 10, dtype=np.int64)
    for place in range(14):
        total = (product + digits[:, place]) % 10
        product = np.where(total == 0, 10, total) * 2 % 11
    check = (11 - product) % 10
    code = np.concatenate([digits, check[:, None]], axis=1) + ord("0")
    return _texts(code.astype(np.uint8))


def _texts(code: NDArray[np.uint8]) -> list[str]:
    width = code.shape[1]
    flat = np.ascontiguousarray(code).view(f"S{width}").reshape(-1)
    texts: list[str] = flat.astype(f"U{width}").tolist()
    return texts
