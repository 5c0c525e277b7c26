"""An inclusion proof checked offline: from a file and the plan's digest to what it shows, or what is wrong.

In: the bytes of a proof. Out: :class:`ProofChecked`. Nothing else is read, no run folder, no network.
"""

import csv
import dataclasses
import re
from collections.abc import Iterator

from scheduler.domain.codec import from_json
from scheduler.domain.errors import InputError, OneDoorError, Problem, VerificationError, refuse
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.domain.plan import FrameRow, Plan, Stratum
from scheduler.domain.proofs import InclusionProof, ProofChecked, TicketProof
from scheduler.verify.merkle import includes, leaf

_DIGEST = re.compile(r"[0-9a-f]{64}")
_COLUMNS = tuple(field.name for field in dataclasses.fields(FrameRow))


def check_proof(data: bytes, *, plan_sha256: str = "", file: str = "") -> ProofChecked:
    """Whether the row stood in the frame of the plan with that digest, by default of the one it names.

    Tickets are compared with their cutoffs and with the plan's strata; that a ticket is the seed's is for
    one hash by hand once the seed is told, that a cutoff is the one made known for whoever reads both.

    Errors: ``verify.proof_unreadable`` (:class:`InputError`); every ``verify.proof_…`` that is wrong at
    once (:class:`VerificationError`).
    """
    try:
        proof = from_json(InclusionProof, data)
        plan = from_json(Plan, proof.plan.encode())
    except (OneDoorError, ValueError, RecursionError) as error:
        raise refuse(InputError, "verify.proof_unreadable", {"file": file}) from error
    problems = [
        *_plan_problems(proof, plan, plan_sha256 or proof.plan_sha256),
        *_row_problems(proof, plan.settings.profile),
        *(problem for shown in proof.tickets for problem in _ticket_problems(shown, proof, plan)),
    ]
    if problems:
        raise VerificationError([dataclasses.replace(found, place={"file": file}) for found in problems])
    return ProofChecked(
        campaign_id=proof.campaign_id,
        rehearsal=proof.rehearsal,
        plan_sha256=proof.plan_sha256,
        enterprise_id=proof.enterprise_id,
        index=proof.index,
        frame_size=proof.frame_size,
        tickets=proof.tickets,
    )


def _plan_problems(proof: InclusionProof, plan: Plan, expected: str) -> Iterator[Problem]:
    found = digest_hex(proof.plan.encode(), plan.settings.profile)
    if not found == proof.plan_sha256 == expected:
        yield Problem(code="verify.proof_other_plan", params={"expected": expected, "found": found})
    told = (proof.frame_root, proof.frame_size, proof.campaign_id, proof.rehearsal)
    if told != (plan.frame_root, plan.frame_size, plan.settings.campaign_id, plan.settings.rehearsal):
        yield Problem(code="verify.proof_other_root", params={"root": plan.frame_root})


def _row_problems(proof: InclusionProof, profile: Profile) -> Iterator[Problem]:
    digests = (proof.frame_root, proof.salt, *proof.path)
    if not all(_DIGEST.fullmatch(digest) for digest in digests):
        yield Problem(code="verify.proof_not_included", params={"enterprise": proof.enterprise_id})
        return
    root, path = bytes.fromhex(proof.frame_root), [bytes.fromhex(digest) for digest in proof.path]
    own = leaf(proof.row, proof.salt, profile)
    if not includes(root, proof.frame_size, proof.index, own, path, profile):
        yield Problem(code="verify.proof_not_included", params={"enterprise": proof.enterprise_id})
    if _cells(proof.row).get("enterprise_id") != proof.enterprise_id:
        yield Problem(code="verify.proof_other_row", params={"enterprise": proof.enterprise_id})


def _cells(row: str) -> dict[str, str]:
    try:
        return dict(zip(_COLUMNS, next(csv.reader([row], strict=True), []), strict=False))
    except csv.Error:
        return {}


def _ticket_problems(shown: TicketProof, proof: InclusionProof, plan: Plan) -> Iterator[Problem]:
    stratum = next((one for one in plan.strata if one.stratum_id == shown.stratum_id), None)
    if stratum is None or not _of_stratum(shown, stratum, _cells(proof.row)):
        yield Problem(code="verify.proof_other_stratum", params={"stratum": shown.stratum_id})
    forms = all(not digest or _DIGEST.fullmatch(digest) for digest in (shown.ticket, shown.cutoff))
    drawn = bool(shown.ticket) and bool(shown.cutoff) and shown.ticket <= shown.cutoff
    if not forms or shown.drawn != drawn:
        yield Problem(code="verify.proof_ticket", params={"stratum": shown.stratum_id})


def _of_stratum(shown: TicketProof, stratum: Stratum, cells: dict[str, str]) -> bool:
    told = (shown.task_id, shown.group, shown.size, shown.quota)
    return (
        told == (stratum.task_id, stratum.group, stratum.size, stratum.quota)
        and cells.get("risk_class") in stratum.risk_classes
        and stratum.district in ("", cells.get("district"))
    )
