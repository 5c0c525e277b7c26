"""Tickets (票号) and the seed: text in, digests of the plan's profile out; docs/draw-spec.md §2 and §3.

In: seed, role, group, ids. Out: digests. May import: the domain, the standard library.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from scheduler.domain.canonical import nfc
from scheduler.domain.errors import InputError, refuse
from scheduler.domain.hashes import Hash, Profile, digest_hex, hasher
from scheduler.domain.plan import Pool
from scheduler.domain.registers import Task
from scheduler.domain.settings import Settings

SEPARATOR = "|"
OFFICERS = "officers"
FIXED_GROUPS = "fixed"
_SEED = re.compile(r"[0-9a-f]{64}")


def ticket(seed: str, role: str, group: str, ident: str, profile: Profile = "sha256") -> str:
    """The place of one id in the random order: 64 hexadecimal digits.

    Errors: ``draw.seed_form``, ``draw.bar`` where a part holds the separator.
    """
    return digests(seed, role, group, (ident,), profile)[0].hex()


def digests(
    seed: str, role: str, group: str, idents: Iterable[str], profile: Profile = "sha256"
) -> list[bytes]:
    """Raw tickets of many ids of one group, in the order of the ids; errors as :func:`ticket`."""
    require_seed(seed)
    for part in (role, group):
        _require_no_separator(part)
    # The seed fills exactly one block: hashing the common head once halves the work.
    head = hasher(profile)(f"{seed}|{role}|{nfc(group)}|".encode())
    return [_finish(head.copy(), ident) for ident in idents]


def _finish(state: Hash, ident: str) -> bytes:
    if SEPARATOR in ident:
        _require_no_separator(ident)
    state.update(ident.encode() if ident.isascii() else nfc(ident).encode())
    return state.digest()


def seed_of(seed_text: str, profile: Profile = "sha256") -> str:
    """The seed: the digest of ``seed.txt``."""
    return digest_hex(seed_text.encode(), profile)


def seed_commitment(seed: str, profile: Profile = "sha256") -> str:
    """What the ledger shows of the seed before the close; the seed cannot be found from it."""
    return digest_hex(f"onedoor-seed-commit|{seed}".encode(), profile)


def require_seed(seed: str) -> None:
    """Refuses what is not 64 lower-case hexadecimal digits (``draw.seed_form``)."""
    if not _SEED.fullmatch(seed):
        raise refuse(InputError, "draw.seed_form")


def enterprise_group(task_id: str, group: str) -> str:
    """The group string of a task's enterprise tickets."""
    return f"group:{group}" if group else f"task:{task_id}"


def coordinated(tasks: Iterable[Task], settings: Settings) -> tuple[Task, ...]:
    """The tasks with the coordination groups that the plan lets them share tickets in: all, or none."""
    if settings.coordination == "shared":
        return tuple(tasks)
    return tuple(replace(task, group="") for task in tasks)


def order_group(order_id: str) -> str:
    """The group string of an ordered visit's ticket."""
    return f"order:{order_id}"


def expert_group(specialty: str) -> str:
    """The group string of a specialty's expert tickets."""
    return f"expert:{specialty}"


def pool_group(pool: Pool) -> str:
    """The group string of the tickets by which a pool is drawn."""
    if pool.role == "expert":
        return expert_group(pool.specialty)
    return FIXED_GROUPS if pool.stratum == "fixed" else OFFICERS


def _require_no_separator(part: str) -> None:
    if SEPARATOR in part:
        raise refuse(InputError, "draw.bar", {"value": part})
