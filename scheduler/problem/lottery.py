"""The seed and pairs of enterprise and person in; goal 6's weights out (``docs/reference/lottery.md``).

May import: the domain, the standard library.
"""

from collections.abc import Iterable

from scheduler.domain.hashes import Profile, digest_hex

MAX_PAIRS = 200_000
"""Above so many pairs of seat group and candidate no weights are made: goals 1 to 3 are then never
proved optimal, and the lottery is claimed only where they are."""

WEIGHT_DIGITS = 3
"""Hexadecimal digits of a weight: 0 to 4095 keeps the sum over 80,000 visits of ten below 2**32."""


def ticket(seed: str, role: str, group: str, ident: str, profile: Profile = "sha256") -> str:
    """The digest of ``seed|role|group|id`` in hexadecimal digits."""
    return digest_hex(f"{seed}|{role}|{group}|{ident}".encode(), profile)


def weights(
    seed: str, campaign_id: str, enterprise_id: str, people: Iterable[str], profile: Profile = "sha256"
) -> tuple[int, ...]:
    """A weight from 0 to 4095 for each person at the enterprise, in the order given."""
    tickets = (ticket(seed, "W", campaign_id, f"{enterprise_id}:{person}", profile) for person in people)
    return tuple(int(one[:WEIGHT_DIGITS], 16) for one in tickets)
