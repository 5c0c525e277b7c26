"""The seed and pairs of enterprise and person in; goal 6's weights out (``docs/reference/lottery.md``).

May import: the standard library.
"""

import hashlib
from collections.abc import Iterable

MAX_PAIRS = 200_000
"""Above so many pairs of seat group and candidate no weights are made: goals 1 to 3 are then never
proved optimal, and the lottery is claimed only where they are."""

WEIGHT_DIGITS = 3
"""Hexadecimal digits of a weight: 0 to 4095 keeps the sum over 80,000 visits of ten below 2**32."""


def ticket(seed: str, role: str, group: str, ident: str) -> str:
    """``sha256(seed|role|group|id)`` in hexadecimal digits."""
    return hashlib.sha256(f"{seed}|{role}|{group}|{ident}".encode()).hexdigest()


def weights(seed: str, campaign_id: str, enterprise_id: str, people: Iterable[str]) -> tuple[int, ...]:
    """A weight from 0 to 4095 for each person at the enterprise, in the order given."""
    return tuple(
        int(ticket(seed, "W", campaign_id, f"{enterprise_id}:{person}")[:WEIGHT_DIGITS], 16)
        for person in people
    )
