"""The life of a campaign beside its stages: void, close, and what is published before and after.

In: an open run folder. Out: a typed void line, the sealed ``close/``, ``publish-commit/`` and
``publish-close/``. May import: the rooms and the domain.
"""

from pathlib import Path

from scheduler import draw as draw_room
from scheduler import publish as publish_room
from scheduler.domain.canonical import nfc
from scheduler.domain.close import Reveal
from scheduler.domain.codec import to_json
from scheduler.domain.errors import InputError, Problem, SealError, UsageError, refuse
from scheduler.domain.layout import PLAN, REVEAL, SEED
from scheduler.pipeline.after import seal_files, standing
from scheduler.pipeline.folder import RunFolder
from scheduler.pipeline.ledger import Fact
from scheduler.pipeline.results import Closed, Voided, Written
from scheduler.pipeline.shelf import Shelf

VOID_FACTS = ("approver", "organ", "document", "reason")
_MOST_SIGNS = 1000


def declare_void(folder: RunFolder, shelf: Shelf, facts: dict[str, str]) -> Voided:
    """Tell the ledger that the campaign is void, who from outside approved it, and why.

    ``facts`` are those of :data:`VOID_FACTS`. Errors (:class:`UsageError`): ``pipeline.stage_missing``
    before the commitment, ``pipeline.voided_already``, ``pipeline.closed``; (:class:`InputError`)
    ``pipeline.void_fact`` for each that is empty, ``pipeline.void_organ`` for an organ of the campaign's own.
    """
    folder.require("plan")
    if folder.void():
        raise refuse(UsageError, "pipeline.voided_already")
    if folder.sealed("close"):
        raise refuse(UsageError, "pipeline.closed")
    said = {name: nfc(facts[name]).strip() for name in VOID_FACTS}
    problems = [
        Problem(code="pipeline.void_fact", params={"name": name})
        for name, value in said.items()
        if not value or not value.isprintable() or len(value) > _MOST_SIGNS
    ]
    if said["organ"] in _own_organs(shelf):
        problems.append(Problem(code="pipeline.void_organ", place={"value": said["organ"]}))
    if problems:
        raise InputError(problems)
    told: dict[str, Fact] = {**said, "attempt": shelf.settings.attempt}
    entry = folder.append("void", facts=told)
    return Voided(run=str(folder.path), head=entry.hash, attempt=shelf.settings.attempt, **said)


def _own_organs(shelf: Shelf) -> frozenset[str]:
    """The campaign's authority and every department that takes part: none of them is from outside."""
    departments = shelf.registers.departments
    names = [
        shelf.settings.authority,
        *(row.authority for row in departments),
        *(row.name for row in departments),
    ]
    return frozenset(nfc(name).strip() for name in names)


def seal_close(folder: RunFolder, shelf: Shelf, escrow: str) -> Closed:
    """Reveal seed and secret in ``close/``, once: after the certificate, or after a void.

    ``escrow`` is the escrow file's text, needed only where nothing was drawn. Errors:
    ``pipeline.stage_missing`` (:class:`UsageError`); ``pipeline.draw_first`` (:class:`UsageError`) where a
    void campaign's seed is fixed and its list not drawn; ``draw.source_missing``, ``draw.secret_form``,
    ``draw.secret_other`` (:class:`InputError`).
    """
    fresh = folder.sealed("close") is None
    if fresh:
        if not folder.void():
            folder.require("certificate")
        reveal = _reveal(folder, shelf, escrow)
        folder.seal("close", lambda temp: _write_reveal(temp, reveal))
    else:
        folder.progress("pipeline.already_sealed", folder="close/")
    told = shelf.reveal()
    return Closed(
        run=str(folder.path),
        seed=told.seed,
        secret=told.secret,
        voided=told.voided,
        drawn=told.drawn,
        attempt=told.attempt,
        head=folder.entries[-1].hash,
        fresh=fresh,
    )


def _reveal(folder: RunFolder, shelf: Shelf, escrow: str) -> Reveal:
    drawn = folder.sealed("draw") is not None
    if not drawn and (folder.entropy() or not _needs_ceremony(shelf)):
        raise refuse(UsageError, "pipeline.draw_first")
    text = _seed_text(folder, shelf) if drawn else ""
    return Reveal(
        campaign_id=shelf.settings.campaign_id,
        slot=shelf.settings.slot,
        attempt=shelf.settings.attempt,
        plan_sha256=folder.require("plan").files[PLAN],
        voided=folder.void() is not None,
        drawn=drawn,
        seed_text=text,
        seed=shelf.seed if drawn else "",
        secret=_secret(shelf, text, escrow),
    )


def _needs_ceremony(shelf: Shelf) -> bool:
    """Whether the seed hangs on a ceremony that was perhaps never held; a beacon's round always comes."""
    return any(source.kind == "ceremony" for source in shelf.plan.entropy)


def _seed_text(folder: RunFolder, shelf: Shelf) -> str:
    """``draw/seed.txt`` as sealed; its seed is compared with the ledger's commitment first."""
    text = (folder.path / SEED).read_text(encoding="utf-8")
    if draw_room.seed_of(text, folder.profile) != shelf.seed:
        raise refuse(SealError, "pipeline.changed_file", {"file": SEED})
    return text


def _secret(shelf: Shelf, seed_text: str, escrow: str) -> str:
    source = next((one for one in shelf.plan.entropy if one.kind == "secret"), None)
    if source is None:
        return ""
    lines = dict(line.split("=", 1) for line in seed_text.splitlines())
    if "secret" in lines:
        return lines["secret"]
    if not escrow:
        raise refuse(InputError, "draw.source_missing", source="secret")
    secret = draw_room.read_escrow(escrow).secret
    if draw_room.secret_commitment(secret, shelf.plan.settings.profile) != source.secret_commitment:
        raise refuse(InputError, "draw.secret_other")
    return secret


def _write_reveal(temp: Path, reveal: Reveal) -> dict[str, Fact]:
    (temp / Path(REVEAL).name).write_bytes(to_json(reveal))
    return {"voided": reveal.voided, "drawn": reveal.drawn}


def seal_commit_pages(folder: RunFolder, shelf: Shelf) -> Written:
    """Publish the commitment: the plan's digest, strata, pools, the grammar of the entropy."""
    digest = folder.require("plan").files[PLAN]
    if folder.sealed("publish-commit"):
        return standing(folder, "publish-commit")
    folder.progress("pipeline.publishing")
    pages = publish_room.commit_pages(shelf.plan, digest, shelf.registers, shelf.excluded)
    return seal_files(folder, "publish-commit", sorted(pages.items()))


def seal_close_pages(folder: RunFolder, shelf: Shelf) -> Written:
    """Publish everything: seed, secret, and who was drawn."""
    folder.require("close")
    if folder.sealed("publish-close"):
        return standing(folder, "publish-close")
    folder.progress("pipeline.publishing")
    void = folder.void()
    facts = {name: str(void.facts[name]) for name in VOID_FACTS} if void else {}
    drawn = shelf.draw if folder.sealed("draw") else None
    pages = publish_room.close_pages(
        shelf.plan, shelf.reveal(), drawn, shelf.registers, facts, shelf.reserves
    )
    return seal_files(folder, "publish-close", sorted(pages.items()))
