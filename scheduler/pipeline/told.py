"""Results in words: what a person reads on the screen after a stage.

In: a result and a language. Out: lines of text. May import: :mod:`scheduler.domain` and the results.
"""

import shlex
from typing import Any

from scheduler.domain.codec import to_plain
from scheduler.domain.messages import Language, render, text
from scheduler.domain.proofs import ProofChecked
from scheduler.domain.rules import GOALS
from scheduler.domain.schedule import Certificate
from scheduler.pipeline.asking import Answer, Proved, answer_lines
from scheduler.pipeline.batch import BatchResult
from scheduler.pipeline.handing import HandedOut
from scheduler.pipeline.ordering import Ordered
from scheduler.pipeline.reserving import Reserved
from scheduler.pipeline.results import (
    Anchored,
    AnchorRequest,
    Certified,
    Closed,
    Committed,
    Drawn,
    Imported,
    Merged,
    RunResult,
    Solved,
    Voided,
    WitnessRegistered,
    Written,
)

Stage = (
    Voided
    | Closed
    | Imported
    | Committed
    | Drawn
    | Merged
    | Solved
    | Written
    | WitnessRegistered
    | AnchorRequest
    | Anchored
    | Reserved
    | Ordered
)

Told = HandedOut | Stage | Certified | Certificate | RunResult | BatchResult | Answer | Proved | ProofChecked

CODES: dict[type[Stage], str] = {
    Imported: "pipeline.done_import",
    Committed: "pipeline.done_commit",
    Drawn: "pipeline.done_draw",
    Merged: "pipeline.done_merge",
    Solved: "pipeline.done_solve",
    Written: "pipeline.done_written",
    Voided: "pipeline.done_void",
    Closed: "pipeline.done_close",
    WitnessRegistered: "anchor.done_witness",
    AnchorRequest: "anchor.request",
    Anchored: "anchor.done_anchor",
    Reserved: "reserve.done_shortage",
    Ordered: "order.done",
}


def lines(result: Told, language: Language) -> list[str]:
    """The result as lines of text, without line feeds at their ends."""
    if isinstance(result, RunResult):
        return _run(result, language)
    if isinstance(result, BatchResult):
        return _batch(result, language)
    if isinstance(result, Answer | Proved | ProofChecked):
        return answer_lines(result, language)
    if isinstance(result, Certified | Certificate):
        return _verdict(result.certificate if isinstance(result, Certified) else result, language)
    if isinstance(result, HandedOut | Reserved):
        return _reserved(result, language) if isinstance(result, Reserved) else _handed_out(result, language)
    without_secret = isinstance(result, Closed) and not result.secret
    code = "pipeline.done_close_open" if without_secret else CODES[type(result)]
    told = [_filled(code, language, result)]
    if isinstance(result, Ordered):
        told += [_filled("order.left", language, result)] if result.left else []
    if isinstance(result, Imported):
        told += _imported(result, language)
    if isinstance(result, Solved):
        told += [text("pipeline.discretionary", language)] if result.discretionary else []
        told += [text("attempt.not_reproducible", language)] if result.stopped else []
    if isinstance(result, Committed):
        told += [_filled("pipeline.strata_certain", language, result)] if result.certain else []
        told += [_filled("pipeline.strata_impossible", language, result)] if result.impossible else []
    return told


def _reserved(result: Reserved, language: Language) -> list[str]:
    if result.kind == "replacement":
        code = "reserve.done_replacement" if result.called else "reserve.done_removed"
        told = [_filled(code, language, result)]
        return [*told, _filled("reserve.nobody_left", language, result)] if result.short else told
    told = [_filled("reserve.done_shortage", language, result)]
    if result.short:
        told.append(_filled("reserve.still_short", language, result))
    if result.n_hopeless:
        told.append(_filled("reserve.n_hopeless", language, result))
    return told


def _handed_out(result: HandedOut, language: Language) -> list[str]:
    told = [_filled("export.done", language, part) for part in result.parts]
    if result.database:
        tables = (", " if language == "en" else "、").join(f"{name} {n:,}" for name, n in result.rows.items())
        told.append(text("export.done_sql", language, database=result.database, tables=tables))
    return told


def _imported(result: Imported, language: Language) -> list[str]:
    told = [_filled("pipeline.rejected_rows", language, result)] if result.rejected else []
    told += [_filled("pipeline.problems_written", language, result)] if result.problems_file else []
    if result.since is not None:
        told.append(_filled("pipeline.problems_since", language, result.since))
        for table, counts in result.since.registers.items():
            told.append(text("pipeline.changes_since", language, table=table, **counts))
    return told


def _run(result: RunResult, language: Language) -> list[str]:
    parts = (
        result.imported,
        result.committed,
        result.drawn,
        result.merged,
        result.solved,
        result.certified,
        result.published,
        result.exported,
    )
    told = [line for part in parts if part for line in lines(part, language)]
    if result.waiting:
        typed = {"campaign": shlex.quote(result.campaign), "run": shlex.quote(result.imported.run)}
        only_ceremony = result.committed.sources == ("ceremony",)
        code = "pipeline.waiting" if only_ceremony else "pipeline.waiting_sources"
        told.append(_filled(code, language, result.committed, **typed))
    return told


def _batch(result: BatchResult, language: Language) -> list[str]:
    rows = [_filled("pipeline.batch_row", language, row) for row in result.rows]
    rows += [
        f"{row.name}: {text('attempt.not_reproducible', language)}" for row in result.rows if row.stopped
    ]
    end = text("pipeline.batch_summary", language, out=result.out)
    return [text("pipeline.batch_head", language), *rows, end]


def _verdict(certificate: Certificate, language: Language) -> list[str]:
    certified = certificate.verdict == "certified"
    head = "pipeline.verdict_certified" if certified else "pipeline.verdict_failed"
    names = {goal.goal: goal.zh if language == "zh" else goal.en for goal in GOALS}
    notes = {
        "anchor.order_proven": certificate.order == "proven",
        "pipeline.order_unproven": certificate.order == "unproven",
        "pipeline.rehearsal": certificate.rehearsal,
        "pipeline.discretionary": certificate.discretionary,
        "attempt.not_reproducible": not certificate.reproducible,
        "pipeline.secret_unrevealed": certificate.secret == "unrevealed",  # noqa: S105 - a state, no password
        "pipeline.is_void": bool(certificate.voided),
    }
    return [
        _filled(head, language, certificate),
        *(_filled("pipeline.goal", language, goal, what=names[goal.goal]) for goal in certificate.goals),
        *(_filled("pipeline.rule_broken", language, row) for row in certificate.rules if row.violations),
        *_reserves_of(certificate, language),
        *([_filled("order.in_certificate", language, certificate)] if certificate.n_late_orders else []),
        *_solver_of(certificate, language),
        *(text(code, language) for code, holds in notes.items() if holds),
        *(f"  {render(problem, language)}" for problem in certificate.order_reasons or ()),
    ]


def _solver_of(certificate: Certificate, language: Language) -> list[str]:
    used = certificate.other_solver
    return [text("attempt.other_solver", language, solver=used)] if used else []


def _reserves_of(certificate: Certificate, language: Language) -> list[str]:
    told = certificate.n_called or certificate.n_replaced
    return [_filled("reserve.in_certificate", language, certificate)] if told else []


def _filled(code: str, language: Language, data: object, **more: str) -> str:
    """The message with the data's fields: lists joined and counted as ``n_<name>``, truth in words."""
    told: dict[str, str | int] = {}
    plain: dict[str, Any] = to_plain(data)
    for key, value in plain.items():
        if isinstance(value, bool):
            told[key] = text("pipeline.yes" if value else "pipeline.no", language)
        elif isinstance(value, list):
            told[key] = " ".join(str(part) for part in value)
            told[f"n_{key}"] = len(value)
        elif isinstance(value, str | int):
            told[key] = value
    return text(code, language, **{**told, **more})
