"""Public randomness beacons that a plan may name: the pinned parameters of each chain.

Source of ``QUICKNET``: the drand project's published chain information of its mainnet network "quicknet"
(``/52db9ba7…e971/info``); the key was checked with the signature of round 123.
"""

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """One drand chain: ``public_key`` on G2 in 192 hexadecimal digits, ``genesis`` in seconds of Unix time.

    Round r is signed at ``genesis + (r - 1) * period_s``; the signature, on G1, is that of
    SHA-256 of r in eight bytes, big-endian, under ``dst``.
    """

    chain_hash: str
    public_key: str
    scheme: Literal["bls-unchained-g1-rfc9380"]
    genesis: int
    period_s: int
    dst: str = "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"

    def time_of(self, number: int) -> dt.datetime:
        """When the round is signed."""
        return dt.datetime.fromtimestamp(self.genesis + (number - 1) * self.period_s, tz=dt.UTC)


QUICKNET = Chain(
    chain_hash="52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    public_key=(
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
        "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    scheme="bls-unchained-g1-rfc9380",
    genesis=1_692_803_367,
    period_s=3,
)

CHAINS: dict[str, Chain] = {QUICKNET.chain_hash: QUICKNET}
"""The chains this version knows, by hash; a plan that names another one is refused."""

MOST_ROUND = 10**10
"""Above any round of this millennium; keeps its time inside the calendar."""


@contextmanager
def recursion_limit_kept() -> Iterator[None]:
    """Importing py_ecc raises Python's recursion limit to 100,000 for the whole process: a document nested
    as deep would then overflow the stack and end the process instead of being refused. Afterwards it is as
    it was."""
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
