"""The public beacon: one named round of a pinned drand chain, its signature verified offline.

In: the committed source, the file of the round as drand's HTTP interface gives it. Out: the signature in
hexadecimal digits; docs/draw-spec.md §2. May import: the domain, the standard library; py_ecc (the extra
``drand``) where a signature is verified.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from scheduler.domain.beacons import CHAINS, MOST_ROUND, Chain, recursion_limit_kept
from scheduler.domain.errors import InputError, Problem, UsageError, Value, refuse
from scheduler.domain.plan import EntropySource
from scheduler.domain.settings import Drand

BEACON_BITS = 128
"""What a round counts for: the security level BLS12-381 was chosen for. Whoever holds a quorum of the keys
knows the round before, so a beacon never stands alone."""

SIGNATURE_DIGITS = 96
_KEYS = frozenset({"round", "signature", "randomness", "previous_signature"})
_HEX = re.compile(r"(?:[0-9a-f]{2})+")


def beacon_problems(drand: Drand) -> Iterator[Problem]:
    """What is wrong with the beacon's settings: a chain that is not pinned, no round."""
    if drand.chain_hash not in CHAINS:
        yield Problem(code="draw.drand_chain", place={"value": drand.chain_hash})
    if not 1 <= drand.round <= MOST_ROUND:
        yield Problem(code="draw.drand_round", params={"most": MOST_ROUND}, place={"value": drand.round})


def beacon_source(drand: Drand) -> EntropySource:
    """The committed source: the chain's parameters and the round."""
    chain = CHAINS[drand.chain_hash]
    return EntropySource(
        kind="drand",
        alphabet="0123456789abcdef",
        length=SIGNATURE_DIGITS,
        order="",
        min_entropy_bits=BEACON_BITS,
        chain_hash=chain.chain_hash,
        public_key=chain.public_key,
        scheme=chain.scheme,
        genesis=chain.genesis,
        period_s=chain.period_s,
        round=drand.round,
    )


def entered_beacon(source: EntropySource, text: str) -> str:
    """The signature of the committed round, verified under the committed key.

    Errors: ``draw.beacon_form``; ``draw.beacon_round`` for another round; ``draw.beacon_chain`` for a
    signature of another kind of chain; ``draw.beacon_signature``; ``draw.py_ecc_missing``
    (:class:`UsageError`) where the extra ``drand`` is not installed.
    """
    fields = _fields(text)
    number, signature = fields["round"], fields["signature"]
    if number != source.round:
        raise refuse(InputError, "draw.beacon_round", committed=source.round or 0, found=number)
    if len(signature) != SIGNATURE_DIGITS or fields.get("previous_signature"):
        raise refuse(InputError, "draw.beacon_chain", chain=source.chain_hash or "")
    randomness = fields.get("randomness", "")
    if randomness not in ("", hashlib.sha256(bytes.fromhex(signature)).hexdigest()):
        raise refuse(InputError, "draw.beacon_signature", round=number)
    if not signature_holds(CHAINS[source.chain_hash or ""], number, signature):
        raise refuse(InputError, "draw.beacon_signature", round=number)
    return str(signature)


def _fields(text: str) -> dict[str, Any]:
    """The file's fields: an object with ``round`` and ``signature``, and nothing unknown beside them."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refuse(InputError, "draw.beacon_form") from error
    lawful = (
        isinstance(found, dict)
        and {"round", "signature"} <= set(found) <= _KEYS
        and type(found["round"]) is int
        and abs(found["round"]) <= MOST_ROUND
        and _is_hex(found["signature"])
        and _is_hex(found.get("randomness", "00"))
        and (not found.get("previous_signature") or _is_hex(found["previous_signature"]))
    )
    if not lawful:
        raise refuse(InputError, "draw.beacon_form")
    return dict(found)


def _is_hex(value: object) -> bool:
    return isinstance(value, str) and bool(_HEX.fullmatch(value))


def signature_holds(chain: Chain, number: int, signature: str) -> bool:
    """Whether the signature is the chain's over the round: e(signature, g2) = e(H(message), key).

    Errors: ``draw.py_ecc_missing`` (:class:`UsageError`).
    """
    try:
        # Imported here: py_ecc is an extra, and takes a second to load.
        with recursion_limit_kept():
            from py_ecc.bls.g2_primitives import signature_to_G2, subgroup_check  # noqa: PLC0415
            from py_ecc.bls.hash_to_curve import hash_to_G1  # noqa: PLC0415
            from py_ecc.bls.point_compression import decompress_G1  # noqa: PLC0415
            from py_ecc.bls.typing import G1Compressed  # noqa: PLC0415
            from py_ecc.optimized_bls12_381.optimized_curve import G2, is_inf  # noqa: PLC0415
            from py_ecc.optimized_bls12_381.optimized_pairing import pairing  # noqa: PLC0415
    except ImportError as error:
        place: dict[str, Value] = {"value": "py_ecc"}
        raise refuse(UsageError, "draw.py_ecc_missing", place) from error
    message = hashlib.sha256(number.to_bytes(8, "big")).digest()
    try:
        point = decompress_G1(G1Compressed(int(signature, 16)))
        key = signature_to_G2(bytes.fromhex(chain.public_key))  # type: ignore[arg-type]
    except ValueError:
        return False
    if is_inf(point) or is_inf(key) or not subgroup_check(point) or not subgroup_check(key):
        return False
    hashed = hash_to_G1(message, chain.dst.encode(), hashlib.sha256)  # type: ignore[arg-type]
    return bool(pairing(G2, point) == pairing(key, hashed))
