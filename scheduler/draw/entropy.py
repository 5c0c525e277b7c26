"""Entropy: the committed sources with their grammar, what is entered afterwards, the seed's bytes.

In: the settings; later the plan and what is entered for each source. Out: sources with their min-entropy in
bits, ``seed.txt``; docs/draw-spec.md §2. May import: the domain, the standard library.
"""

from collections.abc import Callable, Iterator
from functools import partial

from scheduler.domain.errors import InputError, Problem, refuse
from scheduler.domain.plan import EntropySource, Plan
from scheduler.domain.settings import Ceremony, EntropyKind, Settings
from scheduler.draw.beacon import beacon_problems, beacon_source, entered_beacon
from scheduler.draw.secret import entered_secret, secret_source
from scheduler.draw.tickets import SEPARATOR

REFUSED_BELOW_BITS = 64
FLAGGED_BELOW_BITS = 128
"""Min-entropy in bits under which a plan is refused, and under which it is flagged (DESIGN §5)."""

MAX_LENGTH = 4096

ORDER: tuple[EntropyKind, ...] = ("secret", "ceremony", "drand")
"""The one order of sources: what is fixed first stands first, what nobody in the house knows last."""


def ceremony_source(ceremony: Ceremony) -> EntropySource:
    """The committed source; its bits are counted in integers, so no logarithm rounds."""
    return EntropySource(
        kind="ceremony",
        alphabet=ceremony.alphabet,
        length=ceremony.length,
        order=ceremony.order,
        min_entropy_bits=(len(ceremony.alphabet) ** ceremony.length).bit_length() - 1,
    )


def entropy_sources(settings: Settings) -> tuple[EntropySource, ...]:
    """The committed sources in their order; the settings must be free of :func:`entropy_problems`."""
    makers: dict[EntropyKind, Callable[[], EntropySource]] = {
        "secret": secret_source,
        "ceremony": partial(ceremony_source, settings.ceremony),
        "drand": partial(beacon_source, settings.drand),
    }
    return tuple(makers[kind]() for kind in settings.entropy.sources)


def entropy_bits(plan: Plan) -> int:
    """Min-entropy of the sources that come after the commitment; a plan under
    :data:`FLAGGED_BELOW_BITS` is to be flagged. The secret is fixed before it and does not count here."""
    return _bits_after(plan.entropy)


def _bits_after(sources: tuple[EntropySource, ...]) -> int:
    return sum(source.min_entropy_bits for source in sources if source.kind != "secret")


def entropy_problems(settings: Settings) -> list[Problem]:
    """What is wrong with the sources; empty where each admits exactly one byte string and they suffice."""
    kinds = settings.entropy.sources
    if not kinds or list(kinds) != [kind for kind in ORDER if kind in kinds]:
        return [Problem(code="draw.entropy_order", place={"value": ", ".join(kinds)})]
    if kinds == ("drand",):
        return [Problem(code="draw.drand_alone")]
    problems = [
        *(ceremony_problems(settings.ceremony) if "ceremony" in kinds else ()),
        *(beacon_problems(settings.drand) if "drand" in kinds else ()),
    ]
    if problems:
        return problems
    bits = _bits_after(entropy_sources(settings))
    if bits < REFUSED_BELOW_BITS:
        return [Problem(code="draw.entropy_low", params={"bits": bits, "least": REFUSED_BELOW_BITS})]
    return []


def ceremony_problems(ceremony: Ceremony) -> list[Problem]:
    """What is wrong with the ceremony's grammar; empty where exactly one byte string satisfies it."""
    place = {"value": ceremony.alphabet}
    alphabet, length = ceremony.alphabet, ceremony.length
    if len(alphabet) < 2 or not all("!" <= sign <= "~" and sign != SEPARATOR for sign in alphabet):
        return [Problem(code="draw.alphabet_signs", place={**place})]
    twice = sorted({sign for sign in alphabet if alphabet.count(sign) > 1})
    if twice:
        return [Problem(code="draw.alphabet_twice", params={"signs": "".join(twice)}, place={**place})]
    if not 1 <= length <= MAX_LENGTH:
        return [Problem(code="draw.ceremony_setting", params={"length": length, "most": MAX_LENGTH})]
    return []


def seed_text(plan: Plan, ceremony: str = "", *, secret: str = "", beacon: str = "") -> str:
    """The text of ``seed.txt``: fixed fields in fixed order, one for each source, LF after each.

    ``secret`` is the secret in hexadecimal digits, ``beacon`` the text of the round's file. Errors:
    ``draw.source_missing``, ``draw.source_unasked`` for each source; ``draw.ceremony_length``,
    ``draw.ceremony_character`` with the position counted from 1; those of
    :func:`~scheduler.draw.secret.entered_secret` and :func:`~scheduler.draw.beacon.entered_beacon`.
    """
    entered: dict[EntropyKind, str] = {"secret": secret, "ceremony": ceremony, "drand": beacon}
    problems = list(_missing_or_unasked(plan, entered))
    if problems:
        raise InputError(problems)
    readers: dict[EntropyKind, Callable[[EntropySource, str], str]] = {
        "secret": partial(entered_secret, profile=plan.settings.profile),
        "ceremony": _called_out,
        "drand": entered_beacon,
    }
    fields: dict[str, str] = {
        "spec": plan.spec,
        "profile": plan.settings.profile,
        "campaign": plan.settings.campaign_id,
        "slot": plan.settings.slot,
    }
    for source in plan.entropy:
        fields[source.kind] = readers[source.kind](source, entered[source.kind])
    return "".join(f"{name}={value}\n" for name, value in fields.items())


def _missing_or_unasked(plan: Plan, entered: dict[EntropyKind, str]) -> Iterator[Problem]:
    wanted = {source.kind for source in plan.entropy}
    for kind, text in entered.items():
        if kind in wanted and not text and kind != "ceremony":
            yield Problem(code="draw.source_missing", params={"source": kind})
        elif text and kind not in wanted:
            yield Problem(code="draw.source_unasked", params={"source": kind})


def _called_out(source: EntropySource, text: str) -> str:
    body = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
    for position, sign in enumerate(body[: source.length], start=1):
        if sign not in source.alphabet:
            raise refuse(
                InputError,
                "draw.ceremony_character",
                position=position,
                sign=sign if sign.isprintable() else "",
                code_point=f"U+{ord(sign):04X}",
                alphabet=source.alphabet,
            )
    if len(body) != source.length:
        raise refuse(InputError, "draw.ceremony_length", expected=source.length, found=len(body))
    return body
