"""The secret in escrow: a file outside the run folder, and what must hold before a plan can be sealed.

In: an open run folder, the path the user names. Out: the secret, on the disk before the plan that shows its
hash. May import: the draw and the domain.
"""

import datetime as dt
import os
from pathlib import Path

from scheduler import draw as draw_room
from scheduler.domain.beacons import CHAINS
from scheduler.domain.errors import InputError, OneDoorError, UsageError, refuse
from scheduler.domain.plan import Plan
from scheduler.domain.settings import Settings
from scheduler.pipeline.folder import RunFolder


def refuse_unready(settings: Settings, run: Path, escrow: Path | None) -> None:
    """Refuse a commitment whose secret has no lawful place, or whose beacon has spoken already.

    A rehearsal may name a round of the past. Errors: ``pipeline.no_escrow``, ``pipeline.escrow_inside``
    (:class:`UsageError`), ``pipeline.round_passed`` (:class:`InputError`).
    """
    sources = settings.entropy.sources
    if "secret" in sources:
        if escrow is None:
            raise refuse(UsageError, "pipeline.no_escrow")
        if run.resolve() in escrow.resolve().parents:
            raise refuse(UsageError, "pipeline.escrow_inside", {"file": str(escrow)})
    chain = CHAINS.get(settings.drand.chain_hash)
    if "drand" in sources and chain is not None and not settings.rehearsal:
        at = chain.time_of(settings.drand.round)
        if at <= dt.datetime.now(dt.UTC):
            raise refuse(InputError, "pipeline.round_passed", round=settings.drand.round, at=at.isoformat())


def secret_in_escrow(folder: RunFolder, settings: Settings, escrow: Path) -> str:
    """Make the secret and put it into escrow, before anything is sealed that depends on it.

    A call killed before the plan was sealed has left its file: it is taken up again, for its ``head`` is that
    of this very ledger. Any other file is left alone. Errors: ``pipeline.escrow_exists``
    (:class:`UsageError`), ``pipeline.escrow_unwritable`` (:class:`InputError`).
    """
    head = folder.entries[-1].hash
    standing = _standing(escrow)
    if standing:
        return _taken_up(escrow, standing, settings, head)
    made = draw_room.Escrow(
        campaign=settings.campaign_id, slot=settings.slot, head=head, secret=draw_room.make_secret()
    )
    _write(escrow, draw_room.escrow_text(made))
    folder.progress("pipeline.escrow_written", file=str(escrow))
    return made.secret


def _standing(escrow: Path) -> bytes:
    """What stands there; a call killed before it wrote leaves an empty file."""
    try:
        return escrow.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise refuse(InputError, "pipeline.escrow_unwritable", {"file": str(escrow)}) from error


def _taken_up(escrow: Path, standing: bytes, settings: Settings, head: str) -> str:
    try:
        found = draw_room.read_escrow(standing.decode())
    except (OneDoorError, ValueError):
        found = None
    ours = (settings.campaign_id, settings.slot, head)
    if found is None or (found.campaign, found.slot, found.head) != ours:
        raise refuse(UsageError, "pipeline.escrow_exists", {"file": str(escrow)})
    return found.secret


def _write(escrow: Path, text: str) -> None:
    try:
        handle = os.open(escrow, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        if os.name != "nt":
            folder = os.open(escrow.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise refuse(InputError, "pipeline.escrow_unwritable", {"file": str(escrow)}) from error


def escrow_of(escrow: Path | None, plan: Plan) -> str:
    """The text of the escrow file just written, empty where the plan has no secret."""
    if escrow is None or not any(source.kind == "secret" for source in plan.entropy):
        return ""
    return escrow.read_text(encoding="utf-8")
