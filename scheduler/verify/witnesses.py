"""Witnesses: organs whose keys an earlier ledger registered, each signing one plan per slot.

In: an earlier ledger, a statement and its signature. Out: what is wrong with it, as a message code.
May import: :mod:`scheduler.domain` and the room's reading of ledgers and keys.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduler.domain.errors import InputError, SealError, refuse
from scheduler.domain.layout import LEDGER
from scheduler.verify.keys import Key, holds, key_of_text
from scheduler.verify.ledger import book_of

MARK = "onedoor-witness/1"
NO_HEAD = "0" * 64
_DIGEST = re.compile(rb"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Registered:
    """A witness's key and the number of the ledger line that registered it."""

    organ: str
    key: Key
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Previous:
    """An earlier ledger: its keys in order, and the number of the line that the plan names as head."""

    keys: tuple[Registered, ...]
    head: int


def statement(campaign_id: str, slot: str, plan_sha256: str) -> bytes:
    """The bytes a witness signs: no line feed at their end, UTF-8 in NFC."""
    return unicodedata.normalize("NFC", f"{MARK}|{campaign_id}|{slot}|{plan_sha256}").encode()


def read_previous(path: Path, head: str) -> Previous:
    """The keys of an earlier ledger (``ledger.jsonl``, or the run folder that holds it).

    ``head`` is what the plan names: the hash of any line of it. A key counts for the organ that
    registered it first. Errors (:class:`InputError`): ``anchor.no_head``, ``anchor.previous_missing``,
    ``anchor.previous_broken``, ``anchor.previous_other``.
    """
    if head == NO_HEAD:
        raise refuse(InputError, "anchor.no_head")
    file = path / LEDGER if path.is_dir() else path
    try:
        book = book_of(file.read_bytes())
    except OSError as error:
        raise refuse(InputError, "anchor.previous_missing", {"file": str(file)}) from error
    except SealError as error:
        raise refuse(InputError, "anchor.previous_broken", {"file": str(file)}, line=1) from error
    if book.faults:
        raise refuse(InputError, "anchor.previous_broken", {"file": str(file)}, line=book.faults[0][0])
    named = next((line.number for line in book.lines if line.hash == head), 0)
    if not named:
        raise refuse(InputError, "anchor.previous_other", {"file": str(file)}, head=head)
    told = ((line.number, line.facts) for line in book.lines if line.kind == "witness")
    return Previous(keys=registered(told), head=named)


def registered(told: Iterable[tuple[int, Mapping[str, Any]]]) -> tuple[Registered, ...]:
    """The keys in the facts of ``witness`` lines, given as pairs of line number and facts, in order."""
    found: dict[str, Registered] = {}
    for number, facts in told:
        entry = _registered(number, facts)
        if entry is not None:
            found.setdefault(entry.key.text, entry)
    return tuple(found.values())


def _registered(number: int, facts: Mapping[str, Any]) -> Registered | None:
    key, organ = key_of_text(facts.get("key")), facts.get("organ")
    if key is None or not isinstance(organ, str) or not same_name(organ):
        return None
    return Registered(organ=organ, key=key, line=number)


def same_name(organ: str) -> str:
    """A name as it is compared: one organ written in two ways is one organ."""
    return "".join(unicodedata.normalize("NFKC", organ).casefold().split())


def statement_fault(found: bytes, wanted: bytes) -> str:
    """What a statement says otherwise than this plan's, empty where nothing."""
    parts, due = found.split(b"|"), wanted.split(b"|")
    if len(parts) != 4 or len(due) != 4 or parts[0] != due[0] or not _DIGEST.fullmatch(parts[3]):
        return "anchor.statement_bad"
    codes = ("anchor.other_campaign", "anchor.other_slot", "anchor.other_plan")
    return next((c for c, mine, theirs in zip(codes, parts[1:], due[1:], strict=True) if mine != theirs), "")


def signature_fault(previous: Previous, organ: str, signature: bytes, message: bytes) -> str:
    """Why an organ's signature does not count, empty where it does; errors as :func:`keys.holds`."""
    mine = [entry for entry in previous.keys if same_name(entry.organ) == same_name(organ)]
    if not mine:
        return "anchor.key_unknown"
    holding = [entry for entry in mine if holds(entry.key, signature, message)]
    if any(entry.line <= previous.head for entry in holding):
        return ""
    in_time = any(entry.line <= previous.head for entry in mine)
    return "anchor.key_late" if holding or not in_time else "anchor.signature_wrong"
