"""The sources of the seed judged: the plan's grammar, the seed's text, the beacon's signature.

In: the plan, the text of ``seed.txt``. Out: cases of ``plan``, and whether the text is lawful
(``docs/draw-spec.md`` §2). Own code: the draw is not asked. py_ecc (the extra ``drand``) verifies a beacon.
"""

import hashlib
import re
from dataclasses import replace

from scheduler.domain.beacons import CHAINS, Chain, recursion_limit_kept
from scheduler.domain.errors import UsageError, refuse
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.domain.plan import SPEC, EntropySource, Plan
from scheduler.domain.settings import Ceremony, Settings
from scheduler.verify.evidence import Cases

LEAST_BITS = 64
"""Less entropy than this after the commitment is refused (``docs/draw-spec.md`` §2)."""

HEX = "0123456789abcdef"
_DIGEST = re.compile(r"[0-9a-f]{64}")


def entropy_bits(ceremony: Ceremony) -> int:
    """⌊log₂(a^length)⌋ for an alphabet of a characters, 0 where the grammar itself is not lawful."""
    letters = ceremony.alphabet
    lawful = (
        len(letters) >= 2
        and len(set(letters)) == len(letters)
        and all("!" <= c <= "~" and c != "|" for c in letters)
        and 1 <= ceremony.length <= 4096
    )
    return (len(letters) ** ceremony.length).bit_length() - 1 if lawful else 0


def check_sources(cases: Cases, plan: Plan) -> None:
    """The sources are those of the settings, in their order, and enough of them comes afterwards."""
    due = _sources_due(plan.settings)
    told = [_without_commitment(source) for source in plan.entropy]
    after = [source for source in due if source.kind != "secret"]
    bits = sum(source.min_entropy_bits for source in after)
    lawful = (
        told == due
        and all(_DIGEST.fullmatch(committed_secret(plan)) for one in due if one.kind == "secret")
        and [one.kind for one in due] != ["drand"]
        and all(source.min_entropy_bits for source in after)
        and bits >= LEAST_BITS
    )
    cases.look(lawful, "verify.entropy", bits=bits)
    settings = plan.settings
    counted = settings.attempt == 1 or (settings.attempt > 1 and settings.previous_head != "0" * 64)
    cases.look(counted, "verify.attempt_head", attempt=settings.attempt)


def committed_secret(plan: Plan) -> str:
    """What the plan shows of its secret, empty where it has none."""
    return next((one.secret_commitment or "" for one in plan.entropy if one.kind == "secret"), "")


def _without_commitment(source: EntropySource) -> EntropySource:
    return replace(source, secret_commitment=None) if source.kind == "secret" else source


def _sources_due(settings: Settings) -> list[EntropySource]:
    ceremony, chain = settings.ceremony, CHAINS.get(settings.drand.chain_hash)
    due: list[EntropySource] = []
    kinds = settings.entropy.sources
    if "secret" in kinds:
        due.append(EntropySource(kind="secret", alphabet=HEX, length=64, order="", min_entropy_bits=256))
    if "ceremony" in kinds:
        due.append(
            EntropySource(
                kind="ceremony",
                alphabet=ceremony.alphabet,
                length=ceremony.length,
                order=ceremony.order,
                min_entropy_bits=entropy_bits(ceremony),
            )
        )
    if "drand" in kinds and chain is not None and 1 <= settings.drand.round <= 10**10:
        due.append(
            EntropySource(
                kind="drand",
                alphabet=HEX,
                length=96,
                order="",
                min_entropy_bits=128,
                chain_hash=chain.chain_hash,
                public_key=chain.public_key,
                scheme=chain.scheme,
                genesis=chain.genesis,
                period_s=chain.period_s,
                round=settings.drand.round,
            )
        )
    return due if [source.kind for source in due] == list(kinds) else []


def seed_text_holds(text: str, plan: Plan) -> bool:
    """Whether the seed's text is one the plan admits: its lines in order and nothing else.

    Errors: ``verify.py_ecc_missing`` (:class:`UsageError`) where a beacon's signature cannot be verified.
    """
    settings = plan.settings
    head = [
        f"spec={SPEC}",
        f"profile={settings.profile}",
        f"campaign={settings.campaign_id}",
        f"slot={settings.slot}",
    ]
    lines = text.split("\n")
    sources = _sources_due(settings)
    if lines[: len(head)] != head or lines[-1] or len(lines) != len(head) + len(sources) + 1:
        return False
    values = [line.partition("=") for line in lines[len(head) : -1]]
    return all(
        name == source.kind and mark == "=" and _admits(source, value, plan)
        for source, (name, mark, value) in zip(sources, values, strict=True)
    )


def _admits(source: EntropySource, value: str, plan: Plan) -> bool:
    if len(value) != source.length or any(letter not in source.alphabet for letter in value):
        return False
    if source.kind == "secret":
        return commitment_of(value, plan.settings.profile) == committed_secret(plan)
    chain = CHAINS.get(source.chain_hash or "")
    if source.kind == "drand":
        return chain is not None and source.round is not None and round_holds(chain, source.round, value)
    return True


def commitment_of(secret: str, profile: Profile) -> str:
    """What a plan shows of a secret."""
    return digest_hex(f"onedoor-secret-commit|{secret}".encode(), profile)


def secret_in(text: str) -> str:
    """The secret in a seed's text, empty where there is none."""
    return next((line[7:] for line in text.split("\n") if line.startswith("secret=")), "")


def round_holds(chain: Chain, number: int, signature: str) -> bool:
    """Whether the product of the pairings of (signature, −g2) and (H(round), key) is one."""
    try:
        # Imported here: py_ecc is an extra, and takes a second to load.
        with recursion_limit_kept():
            from py_ecc.bls.g2_primitives import signature_to_G2, subgroup_check  # noqa: PLC0415
            from py_ecc.bls.hash_to_curve import hash_to_G1  # noqa: PLC0415
            from py_ecc.bls.point_compression import decompress_G1  # noqa: PLC0415
            from py_ecc.bls.typing import G1Compressed  # noqa: PLC0415
            from py_ecc.fields import optimized_bls12_381_FQ12 as FQ12  # noqa: PLC0415
            from py_ecc.optimized_bls12_381.optimized_curve import G2, is_inf, neg  # noqa: PLC0415
            from py_ecc.optimized_bls12_381.optimized_pairing import final_exponentiate, pairing  # noqa: PLC0415
    except ImportError as error:
        raise refuse(UsageError, "verify.py_ecc_missing", {"value": "py_ecc"}) from error
    try:
        point = decompress_G1(G1Compressed(int(signature, 16)))
        key = signature_to_G2(bytes.fromhex(chain.public_key))  # type: ignore[arg-type]
    except ValueError:
        return False
    if is_inf(point) or is_inf(key) or not (subgroup_check(point) and subgroup_check(key)):
        return False
    message = hashlib.sha256(number.to_bytes(8, "big")).digest()
    hashed = hash_to_G1(message, chain.dst.encode(), hashlib.sha256)  # type: ignore[arg-type]
    product = pairing(neg(G2), point, final_exponentiate=False) * pairing(
        key, hashed, final_exponentiate=False
    )
    return bool(final_exponentiate(product) == FQ12.one())
