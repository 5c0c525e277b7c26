"""Proofs from outside: witnesses' keys for campaigns to come, their signatures, time stamps.

In: a run folder, and files from witnesses or a time stamp authority. Out: a ledger line, and for an anchor a
sealed folder ``anchor-001/``. May import: the rooms and :mod:`scheduler.domain`.

What cannot count is refused when it is brought, with the checker's own eyes; ``verify`` looks again.
"""

from collections.abc import Mapping
from pathlib import Path

from scheduler import verify as verify_room
from scheduler.domain.errors import InputError, Problem, UsageError, refuse
from scheduler.domain.layout import PLAN
from scheduler.domain.layout import anchor as anchor_folder
from scheduler.domain.ports import Progress
from scheduler.pipeline.folder import RunFolder, opened
from scheduler.pipeline.ledger import Fact
from scheduler.pipeline.results import Anchored, AnchorRequest, WitnessRegistered
from scheduler.pipeline.shelf import Shelf

LARGEST = 1 << 20
"""Keys, statements, signatures and stamps are smaller by far; a larger file is none of them."""


def anchor(
    run: Path,
    *,
    witness: Path | None = None,
    organ: str | None = None,
    previous: Path | None = None,
    statement: Path | None = None,
    stamp: Path | None = None,
    roots: Path | None = None,
    progress: Progress | None = None,
) -> Anchored | AnchorRequest:
    """Attach a witness's signature or a time stamp; with neither, tell what to sign or to stamp.

    Errors: ``anchor.usage`` (:class:`UsageError`), and those of the three functions below.
    """
    signing, stamping = (witness, organ, previous, statement), (stamp, roots)
    if witness and organ and previous and not any(stamping):
        return attach_signature(
            run, witness, organ=organ, previous=previous, statement=statement, progress=progress
        )
    if stamp and roots and not any(signing):
        return attach_stamp(run, stamp, roots, progress=progress)
    if any(signing) or any(stamping):
        raise refuse(UsageError, "anchor.usage")
    return anchor_request(run, progress=progress)


def register_witness(
    run: Path, key_file: Path, organ: str, *, progress: Progress | None = None
) -> WitnessRegistered:
    """Tell a run's ledger an organ's public key, for the plans of later campaigns.

    Errors: ``anchor.key_bad``, ``anchor.organ_bad`` (:class:`InputError`), ``anchor.key_registered``,
    ``pipeline.stage_missing`` (:class:`UsageError`).
    """
    key = verify_room.read_key(_bytes(key_file), str(key_file))
    if not organ.isprintable() or not verify_room.same_name(organ):
        raise refuse(InputError, "anchor.organ_bad", {"value": organ})
    with opened(run, progress=progress) as folder:
        folder.require("intake")
        for known in _registered(folder):
            if known.key == key:
                raise refuse(UsageError, "anchor.key_registered", organ=known.organ, line=known.line)
        facts = {"algorithm": key.algorithm, "key": key.text, "organ": organ}
        entry = folder.append("witness", facts=facts)
    return WitnessRegistered(
        run=str(run), organ=organ, algorithm=key.algorithm, key_sha256=key.sha256, head=entry.hash
    )


def anchor_request(run: Path, *, progress: Progress | None = None) -> AnchorRequest:
    """What to hand to witnesses and to a time stamp authority; nothing is written."""
    with opened(run, progress=progress) as folder:
        settings, digest = Shelf(folder).plan.settings, folder.require("plan").files[PLAN]
    said = verify_room.statement(settings.campaign_id, settings.slot, digest).decode()
    return AnchorRequest(run=str(run), plan=str(run / PLAN), plan_sha256=digest, statement=said)


def attach_signature(
    run: Path,
    signature: Path,
    *,
    organ: str,
    previous: Path,
    statement: Path | None = None,
    progress: Progress | None = None,
) -> Anchored:
    """Seal a witness's signature, made after the commitment and before any entropy was entered.

    ``previous`` is the earlier ledger, or its run folder; ``statement`` the bytes the witness signed, by
    default those due for this plan. Errors: ``anchor.late``, those of the earlier ledger (``anchor.no_head``,
    ``anchor.previous_missing``, ``anchor.previous_broken``, ``anchor.previous_other``), of the statement
    (``anchor.statement_bad``, ``anchor.other_campaign``, ``anchor.other_slot``, ``anchor.other_plan``), the
    organ (``anchor.organ_inside``, ``anchor.organ_twice``) and of the key (``anchor.key_unknown``,
    ``anchor.key_late``, ``anchor.signature_wrong``); ``pipeline.voided`` once the campaign is void.
    """
    with opened(run, progress=progress) as folder:
        folder.refuse_voided("anchor")
        plan, digest = Shelf(folder).plan, folder.require("plan").files[PLAN]
        if folder.entropy():
            raise refuse(UsageError, "anchor.late", {"file": str(signature)})
        known = verify_room.read_previous(previous, plan.settings.previous_head)
        due = verify_room.statement(plan.settings.campaign_id, plan.settings.slot, digest)
        files = {
            "signature.bin": _bytes(signature),
            "statement.txt": _bytes(statement) if statement else due,
        }
        fault = verify_room.witness_fault(
            plan, digest, known, organ=organ, before=_organs(folder), files=files
        )
        if fault:
            raise InputError(Problem(code=fault, place={"file": str(signature)}, params={"organ": organ}))
        return _seal(folder, files, {"kind": "witness", "organ": organ})


def attach_stamp(run: Path, stamp: Path, roots: Path, *, progress: Progress | None = None) -> Anchored:
    """Seal a time stamp response over ``plan.json``; it may be brought at any time, its own time counts.

    Errors: ``anchor.roots_bad``, ``anchor.stamp_bad``, ``anchor.stamp_refused``, ``anchor.stamp_hash``,
    ``anchor.stamp_other``, ``anchor.stamp_bare``, ``anchor.root_expired``, ``anchor.root_unknown``
    (:class:`InputError`), ``anchor.extra_missing``, ``pipeline.voided`` (:class:`UsageError`).
    """
    with opened(run, progress=progress) as folder:
        folder.refuse_voided("anchor")
        folder.check(["plan"])
        response, message = _bytes(stamp), (folder.path / PLAN).read_bytes()
        trusted = verify_room.read_roots(_bytes(roots), str(roots))
        time = verify_room.stamped_before(response, message, trusted, str(stamp))
        facts: dict[str, Fact] = {"kind": "stamp", "stamped_before": time.isoformat()}
        return _seal(folder, {"response.tsr": response}, facts)


def _seal(folder: RunFolder, files: Mapping[str, bytes], facts: Mapping[str, Fact]) -> Anchored:
    def write(temp: Path) -> Mapping[str, Fact]:
        for name, data in files.items():
            (temp / name).write_bytes(data)
        return facts

    entry = folder.seal(anchor_folder(len(folder.anchors()) + 1), write, kind="anchor")
    return Anchored(
        run=str(folder.path),
        folder=entry.stage,
        kind=str(facts["kind"]),
        what=str(facts.get("organ") or facts.get("stamped_before")),
    )


def _registered(folder: RunFolder) -> tuple[verify_room.Registered, ...]:
    told = ((entry.seq + 1, entry.facts) for entry in folder.entries if entry.kind == "witness")
    return verify_room.registered(told)


def _organs(folder: RunFolder) -> frozenset[str]:
    """The organs that signed this plan already, as names are compared."""
    return frozenset(verify_room.same_name(str(entry.facts.get("organ", ""))) for entry in folder.anchors())


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise refuse(InputError, "anchor.file_unreadable", {"file": str(path)}) from error
    if len(data) > LARGEST:
        raise refuse(InputError, "anchor.file_unreadable", {"file": str(path)})
    return data
