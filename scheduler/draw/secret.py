"""The program's own secret: made before the plan is sealed, shown by its hash, kept in an escrow file.

In: campaign, slot and the ledger head that the plan follows. Out: the secret, its commitment, the escrow
file's text and back; docs/draw-spec.md §2. May import: the domain, the standard library.
"""

import re
import secrets
from dataclasses import dataclass, replace

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.domain.plan import EntropySource, Plan

SECRET_BITS = 256
ALPHABET = "0123456789abcdef"
LENGTH = 64

_LINES = ("form", "campaign", "slot", "head", "secret")
_FORM = "onedoor-secret/1"
_DIGITS = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Escrow:
    """What an escrow file says: the secret, and the one commitment it was made for. ``head`` is the hash of
    the ledger line before the plan's, so that no second plan can take the same secret."""

    campaign: str
    slot: str
    head: str
    secret: str


def make_secret() -> str:
    """256 bits of the system's generator as 64 hexadecimal digits. Nothing else in the draw is made here."""
    return secrets.token_hex(SECRET_BITS // 8)


def secret_commitment(secret: str, profile: Profile = "sha256") -> str:
    """What the plan shows of the secret; the secret cannot be found from it."""
    return digest_hex(f"onedoor-secret-commit|{secret}".encode(), profile)


def secret_source() -> EntropySource:
    """The source as planned; its commitment follows when the secret is made (:func:`with_secret`)."""
    return EntropySource(
        kind="secret",
        alphabet=ALPHABET,
        length=LENGTH,
        order="",
        min_entropy_bits=SECRET_BITS,
        secret_commitment="",
    )


def with_secret(plan: Plan, secret: str) -> Plan:
    """The plan with the secret's commitment; unchanged where the plan has no secret."""
    committed = secret_commitment(secret, plan.settings.profile)
    sources = (
        replace(one, secret_commitment=committed) if one.kind == "secret" else one for one in plan.entropy
    )
    return replace(plan, entropy=tuple(sources))


def escrow_text(escrow: Escrow) -> str:
    """The escrow file: five lines, LF after each."""
    values = (_FORM, escrow.campaign, escrow.slot, escrow.head, escrow.secret)
    return "".join(f"{name}={value}\n" for name, value in zip(_LINES, values, strict=True))


def read_escrow(text: str) -> Escrow:
    """An escrow file's content. Errors: ``draw.secret_form`` where it is not one, byte for byte."""
    parts = [line.partition("=") for line in text.split("\n")[:-1]]
    if tuple(name for name, _, _ in parts) == _LINES:
        form, campaign, slot, head, secret = (value for _, _, value in parts)
        escrow = Escrow(campaign=campaign, slot=slot, head=head, secret=secret)
        if form == _FORM and _DIGITS.fullmatch(secret) and escrow_text(escrow) == text:
            return escrow
    raise refuse(InputError, "draw.secret_form")


def entered_secret(source: EntropySource, secret: str, *, profile: Profile) -> str:
    """The secret, if it is the committed one.

    Errors: ``draw.secret_form``; ``draw.secret_other`` where its hash is not the plan's.
    """
    if not _DIGITS.fullmatch(secret):
        raise refuse(InputError, "draw.secret_form")
    if secret_commitment(secret, profile) != source.secret_commitment:
        raise refuse(InputError, "draw.secret_other")
    return secret
