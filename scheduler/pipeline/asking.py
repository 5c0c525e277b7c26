"""Questions put to a run: was I in the frame (``prove``), why was I drawn or not (``why``).

In: a run folder and an id. Out: a proof to hand out, or the reasons as message codes. Nothing is written
into the run. May import: the draw, the checker (for a proof's check) and the domain.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import BinaryIO

from scheduler import draw as draw_room
from scheduler import verify as verify_room
from scheduler.domain.codec import from_plain, to_json
from scheduler.domain.errors import InputError, SealError, UsageError, Value, refuse
from scheduler.domain.layout import FRAME, FRAME_KEY, PLAN
from scheduler.domain.messages import Language, text
from scheduler.domain.plan import Exclusion, FrameRow, Pool, Stratum
from scheduler.domain.ports import Progress
from scheduler.domain.proofs import INCLUSION, InclusionProof, ProofChecked, TicketProof
from scheduler.domain.registers import Order
from scheduler.pipeline.folder import RunFolder, opened
from scheduler.pipeline.ordering import late_story
from scheduler.pipeline.reserving import reserve_outcome, reserve_story
from scheduler.pipeline.shelf import Shelf


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One sentence of an answer: ``code`` names the message, ``params`` fill it."""

    code: str
    params: dict[str, Value]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Why an enterprise or a person was drawn or not; ``outcome`` is the most that happened to it."""

    run: str
    subject_id: str
    role: str
    outcome: str
    cases: tuple[Case, ...]

    def lines(self, language: Language) -> list[str]:
        """The answer as one paragraph."""
        told = [text(case.code, language, **_spoken(case, language)) for case in self.cases]
        return ["".join(told) if language == "zh" else " ".join(told)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proved:
    """A proof and the file it was written to, empty where it was only shown."""

    run: str
    file: str
    proof: InclusionProof

    def lines(self, language: Language) -> list[str]:
        """The proof for a reader: what the JSON file holds, but for the plan's text."""
        return _proof_lines(self.proof, language, self.file)


def answer_lines(result: Answer | Proved | ProofChecked, language: Language) -> list[str]:
    """Any answer of this module in words."""
    return _checked_lines(result, language) if isinstance(result, ProofChecked) else result.lines(language)


def prove(
    run: Path,
    enterprise_id: str,
    out: Path | None = None,
    *,
    tickets: bool = True,
    progress: Progress | None = None,
) -> Proved:
    """The enterprise's row of the committed frame with its salt and Merkle path, and its tickets.

    ``tickets`` false leaves them out: before the visit they tell the enterprise whether it is drawn. The
    seed and the key of the salts are never in it. With ``out`` the proof is written there as JSON.
    Errors: ``pipeline.not_in_frame`` (:class:`InputError`).
    """
    with opened(run, progress=progress) as folder:
        shelf = Shelf(folder)
        proof = _proof(folder, shelf, _clean(enterprise_id), tickets=tickets)
    if out is not None:
        out.write_bytes(to_json(proof))
    return Proved(run=str(run), file=str(out or ""), proof=proof)


def prove_or_check(
    *,
    run: Path | None,
    ident: str | None,
    out: Path | None,
    no_tickets: bool,
    check: Path | None,
    plan_sha256: str,
    progress: Progress | None = None,
) -> Proved | ProofChecked:
    """One of the two, as the options ask. Errors: ``pipeline.prove_or_check`` (:class:`UsageError`)."""
    if check and not (run or ident or out or no_tickets):
        return check_proof(check, plan_sha256)
    if check or plan_sha256 or run is None or ident is None:
        raise refuse(UsageError, "pipeline.prove_or_check")
    return prove(run, ident, out, tickets=not no_tickets, progress=progress)


def check_proof(file: Path, plan_sha256: str = "") -> ProofChecked:
    """Check a proof offline; see :func:`scheduler.verify.check_proof`."""
    return verify_room.check_proof(file.read_bytes(), plan_sha256=plan_sha256, file=str(file))


def why(run: Path, ident: str, *, progress: Progress | None = None) -> Answer:
    """Why an enterprise, inspector or expert was drawn, is a reserve, was not drawn, or was left out."""
    with opened(run, progress=progress) as folder:
        shelf = Shelf(folder)
        return _answer(folder, shelf, _clean(ident))


def _clean(ident: str) -> str:
    """The id as text that can be written; what the console could not decode stands as ``?``."""
    return ident.strip().encode("utf-8", "replace").decode()


def _proof(folder: RunFolder, shelf: Shelf, ident: str, *, tickets: bool) -> InclusionProof:
    plan = shelf.plan  # compares the stage with its digests first
    key = (folder.path / FRAME_KEY).read_bytes().decode("ascii", "replace").strip()
    with _frame_lines(folder) as lines:
        found = draw_room.inclusion(draw_room.frame_records(lines), key, ident, plan.settings.profile)
    if found is None:
        raise refuse(InputError, "pipeline.not_in_frame", {"value": ident})
    entropy = folder.entropy()
    return InclusionProof(
        form=INCLUSION,
        campaign_id=plan.settings.campaign_id,
        rehearsal=plan.settings.rehearsal,
        plan_sha256=folder.require("plan").files[PLAN],
        plan=(folder.path / PLAN).read_text(encoding="utf-8"),
        enterprise_id=ident,
        frame_root=found.tree.root,
        frame_size=found.tree.size,
        index=found.index,
        row=found.row,
        salt=found.salt,
        path=found.path,
        seed_commitment=str(entropy.facts["seed_commitment"]) if entropy else "",
        tickets=_tickets(folder, shelf, _row_of(found.row)) if tickets else (),
    )


def _tickets(folder: RunFolder, shelf: Shelf, row: FrameRow) -> tuple[TicketProof, ...]:
    strata = draw_room.strata_of_enterprise(shelf.plan, shelf.without_enterprises, shelf.excluded, row)
    found = draw_room.enterprise_standings(strata, row.enterprise_id, _sealed(folder, shelf))
    return tuple(
        TicketProof(
            task_id=one.where.task_id,
            stratum_id=one.where.stratum_id,
            group=one.where.group,
            size=one.where.size,
            quota=one.where.quota,
            ticket=one.ticket,
            cutoff=one.cutoff,
            drawn=one.drawn,
        )
        for one in found
        if isinstance(one.where, Stratum)
    )


def _sealed(folder: RunFolder, shelf: Shelf) -> draw_room.SealedDraw | None:
    if folder.sealed("draw") is None:
        return None
    return draw_room.SealedDraw(result=shelf.draw, seed=shelf.seed, profile=folder.profile)


def _row_of(line: str) -> FrameRow:
    names = tuple(field.name for field in fields(FrameRow))
    try:
        data: dict[str, object] = dict(zip(names, next(csv.reader([line], strict=True)), strict=True))
    except (csv.Error, ValueError) as error:
        raise refuse(SealError, "codec.csv", {"file": FRAME}, detail=type(error).__name__) from error
    data["tags"] = tuple(str(data["tags"]).split(";")) if data["tags"] else ()
    return from_plain(FrameRow, data, FRAME)


def _answer(folder: RunFolder, shelf: Shelf, ident: str) -> Answer:
    plan, registers = shelf.plan, shelf.without_enterprises
    mine = [row for row in shelf.excluded if row.subject_id == ident]
    row = _frame_row(folder, ident)
    people = {one.inspector_id for one in registers.inspectors}
    experts = {one.expert_id for one in registers.experts}
    cases = [Case(code="why.rehearsal", params={})] if plan.settings.rehearsal else []
    cases += [_left_out(one) for one in mine]
    ordered = [one for one in registers.orders if one.enterprise_id == ident]
    cases += [_ordered(one) for one in ordered]
    cases += [Case(code=code, params=params) for code, params in late_story(shelf.late_orders, ident)]
    ordered += [one for event in shelf.late_orders for one in event.orders if one.enterprise_id == ident]
    told = ""
    if row is not None or ordered or any(one.role == "enterprise" for one in mine):
        role, standings = "enterprise", [] if row is None else _of_enterprise(folder, shelf, row)
        cases += [_enterprise_case(one, ident) for one in standings]
    elif ident in people | experts:
        role = "inspector" if ident in people else "expert"
        sealed = _sealed(folder, shelf)
        standings = list(draw_room.person_standings(plan, registers, shelf.excluded, ident, sealed))
        cases += [_person_case(one, ident) for one in standings]
        events = reserve_story(shelf.reserves, ident)
        cases += [Case(code=code, params=params) for code, params in events]
        told = reserve_outcome(events)
    else:
        cases.append(Case(code="why.unknown", params={"id": ident}))
        return Answer(
            run=str(folder.path), subject_id=ident, role="unknown", outcome="unknown", cases=tuple(cases)
        )
    if not standings and not ordered and not any(not one.task_id for one in mine):
        code = "why.in_no_task" if role == "enterprise" else "why.in_no_pool"
        cases.append(Case(code=code, params={"id": ident}))
    return Answer(
        run=str(folder.path),
        subject_id=ident,
        role=role,
        outcome=told or (_outcome(standings, mine) if standings or not ordered else "ordered"),
        cases=tuple(cases),
    )


def _of_enterprise(folder: RunFolder, shelf: Shelf, row: FrameRow) -> list[draw_room.Standing]:
    strata = draw_room.strata_of_enterprise(shelf.plan, shelf.without_enterprises, shelf.excluded, row)
    return draw_room.enterprise_standings(strata, row.enterprise_id, _sealed(folder, shelf))


@contextmanager
def _frame_lines(folder: RunFolder) -> Iterator[BinaryIO]:
    """The frame's lines. Errors: ``codec.csv`` (:class:`SealError`) where it is no table of text."""
    try:
        with (folder.path / FRAME).open("rb") as lines:
            yield lines
    except (csv.Error, UnicodeDecodeError) as error:
        raise refuse(SealError, "codec.csv", {"file": FRAME}, detail=type(error).__name__) from error


def _frame_row(folder: RunFolder, ident: str) -> FrameRow | None:
    wanted = ident.encode()
    with _frame_lines(folder) as lines:
        found = (row for known, row in draw_room.frame_records(lines) if known == wanted)
        line = next(found, None)
        return None if line is None else _row_of(line.decode())


def _outcome(standings: list[draw_room.Standing], mine: list[Exclusion]) -> str:
    if any(one.drawn for one in standings):
        return "drawn"
    if any(one.rank for one in standings):
        return "reserve"
    if any(one.ticket for one in standings):
        return "not_drawn"
    if standings:
        return "not_yet_drawn"
    return "excluded" if mine else "in_no_draw"


def _left_out(row: Exclusion) -> Case:
    code = "why.left_out_of_task" if row.task_id else "why.left_out"
    params: dict[str, Value] = {"id": row.subject_id, "task": row.task_id}
    return Case(code=code, params={**params, "reason": row.reason, "detail": row.detail})


def _ordered(order: Order) -> Case:
    names = ("document", "approver", "approved_at")
    told: dict[str, Value] = {name: getattr(order, name) for name in names}
    return Case(code="why.ordered", params={"id": order.enterprise_id, "order": order.order_id, **told})


def _enterprise_case(one: draw_room.Standing, ident: str) -> Case:
    where = one.where
    if not isinstance(where, Stratum):
        raise TypeError(where)
    params: dict[str, Value] = {
        "id": ident,
        "task": where.task_id,
        "stratum": where.stratum_id,
        "size": where.size,
        "quota": where.quota,
        "ticket": one.ticket,
        "cutoff": one.cutoff,
        "rank": one.rank,
        "reserve": one.rank - where.quota,
    }
    if not one.ticket:
        return Case(code="why.not_yet", params=params)
    if not where.quota:
        return Case(code="why.quota_nought", params=params)
    if one.drawn:
        return Case(code="why.drawn", params=params)
    return Case(code="why.reserve" if one.rank else "why.not_drawn", params=params)


def _person_case(one: draw_room.Standing, ident: str) -> Case:
    pool = one.where
    if not isinstance(pool, Pool):
        raise TypeError(pool)
    params: dict[str, Value] = {
        "id": ident,
        "pool": pool.pool_id,
        "size": pool.size,
        "quota": pool.quota,
        "k_max": pool.k_max,
        "ticket": one.ticket,
        "rank": one.rank,
    }
    if not one.ticket:
        return Case(code="why.person_not_yet", params=params)
    if one.drawn:
        code = "why.person_drawn" if one.rank <= pool.quota else "why.person_drawn_for_skill"
        return Case(code=code, params=params)
    return Case(code="why.person_reserve" if one.rank else "why.person_not_drawn", params=params)


def _spoken(case: Case, language: Language) -> dict[str, Value]:
    """The parameters with the reason of an exclusion in words."""
    reason = str(case.params.get("reason", ""))
    if not reason:
        return case.params
    detail = str(case.params.get("detail", ""))
    return {**case.params, "reason": text(reason, language, detail=detail)}


def _proof_lines(proof: InclusionProof, language: Language, file: str) -> list[str]:
    """A proof in words."""
    head: dict[str, Value] = {
        "id": proof.enterprise_id,
        "campaign": proof.campaign_id,
        "plan": proof.plan_sha256,
        "root": proof.frame_root,
        "size": proof.frame_size,
        "place": proof.index + 1,
        "row": proof.row,
        "salt": proof.salt,
        "n_path": len(proof.path),
    }
    told = [text("why.rehearsal", language)] if proof.rehearsal else []
    told.append(text("why.proof", language, **head))
    told += [_ticket_line(one, language) for one in proof.tickets]
    return [*told, text("why.proof_written", language, file=file)] if file else told


def _checked_lines(checked: ProofChecked, language: Language) -> list[str]:
    """A checked proof in words."""
    told = [text("why.rehearsal", language)] if checked.rehearsal else []
    params: dict[str, Value] = {
        "id": checked.enterprise_id,
        "campaign": checked.campaign_id,
        "plan": checked.plan_sha256,
        "size": checked.frame_size,
        "place": checked.index + 1,
    }
    told.append(text("why.proof_right", language, **params))
    return told + [_ticket_line(one, language) for one in checked.tickets]


def _ticket_line(one: TicketProof, language: Language) -> str:
    params: dict[str, Value] = {
        "task": one.task_id,
        "stratum": one.stratum_id,
        "group": one.group,
        "size": one.size,
        "quota": one.quota,
        "ticket": one.ticket,
        "cutoff": one.cutoff,
    }
    if not one.ticket:
        return text("why.ticket_not_yet", language, **params)
    return text("why.ticket_drawn" if one.drawn else "why.ticket_not_drawn", language, **params)
