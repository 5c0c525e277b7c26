"""The stages in order, each a function from a run folder to a sealed folder in it.

In: a campaign file or a run folder; for the draw the ceremony's text, for solving a solver. Out: sealed
stages and small results. May import: the rooms and :mod:`scheduler.domain`; it decides nothing itself.

Every function does nothing where its stage stands sealed (``fresh`` false in the result), carries on
where an earlier call was killed, and refuses what would change a sealed stage. Errors of all:
``pipeline.no_run``, ``pipeline.not_a_run``, ``pipeline.locked``, ``pipeline.stage_missing``
(:class:`UsageError`), ``pipeline.unwritable`` (:class:`InputError`), ``pipeline.ledger_broken``,
``pipeline.changed_file``, ``pipeline.missing_file``, ``pipeline.stray`` (:class:`SealError`), and those of
the room.
"""

from pathlib import Path
from typing import Literal

from scheduler.domain.errors import UsageError, refuse
from scheduler.domain.ports import AssignmentSolver, Progress
from scheduler.pipeline import after, attempts, before, lifecycle
from scheduler.pipeline.attempts import PLAIN, Asked
from scheduler.pipeline.escrow import escrow_of, refuse_unready
from scheduler.pipeline.folder import opened
from scheduler.pipeline.importing import NOTHING_MORE, ImportOptions
from scheduler.pipeline.results import (
    Certified,
    Closed,
    Committed,
    Drawn,
    Imported,
    Merged,
    RunResult,
    Solved,
    Voided,
    Written,
)
from scheduler.pipeline.shelf import Shelf


def import_campaign(
    campaign_file: Path,
    run: Path,
    *,
    options: ImportOptions = NOTHING_MORE,
    progress: Progress | None = None,
) -> Imported:
    """Read a campaign's files into ``intake/``; a refused campaign leaves no run folder behind, but the
    workbook of problems where ``options`` ask for it.

    Errors: those of :func:`scheduler.pipeline.importing.read_for_import`; ``pipeline.other_campaign``,
    ``pipeline.input_changed`` (:class:`UsageError`) where the folder was sealed from other files.
    """
    read = before.prepare(campaign_file, run, options, progress)
    with opened(run, create=True, progress=progress) as folder:
        return before.seal_intake(folder, Shelf(folder), campaign_file, read, options)


def commit(
    run: Path,
    *,
    frame_key: str = "",
    escrow: Path | None = None,
    previous: Path | None = None,
    progress: Progress | None = None,
) -> Committed:
    """Fix frame, strata, quotas and pools in ``plan/``, before any seed is known.

    ``frame_key`` (64 hexadecimal digits) repeats the salts of another run of the same campaign; by default
    the program makes one. ``escrow`` is the new file outside the run folder that a plan with a secret needs.
    ``previous`` is the run folder (or the ledger) whose head the settings name: where it is given, an attempt
    above 1 has to follow a void run and be one more. Errors: ``pipeline.frame_key_form``,
    ``verify.previous_not_void``, ``verify.previous_attempt`` (:class:`InputError`), those of
    :func:`scheduler.verify.read_previous` and of :mod:`scheduler.pipeline.escrow`.
    """
    with opened(run, progress=progress) as folder:
        shelf = Shelf(folder)
        if previous is not None:
            before.refuse_other_previous(shelf.settings, previous)
        return before.seal_plan(folder, shelf, frame_key=frame_key, escrow=escrow)


def draw(
    run: Path,
    ceremony: str,
    *,
    secret: str = "",
    beacon: str = "",
    processes: int = 1,
    progress: Progress | None = None,
) -> Drawn:
    """Draw with the ceremony's text into ``draw/``; the same bytes for any number of processes.

    0 processes stand for a number that suits frame and machine; whoever asks for more than one from a script
    guards its start with ``if __name__ == "__main__"``.

    ``secret`` is the text of the secret's escrow file, ``beacon`` that of the beacon's, each empty where the
    plan has no such source.

    Errors: ``pipeline.second_draw`` (:class:`UsageError`) where something else was entered before.
    """
    entered = before.Entered(ceremony=ceremony, secret=secret, beacon=beacon)
    with opened(run, progress=progress) as folder:
        return before.seal_draw(folder, Shelf(folder), entered, processes=processes)


def merge(run: Path, *, progress: Progress | None = None) -> Merged:
    """Merge requirements into visits in ``merge/``."""
    with opened(run, progress=progress) as folder:
        return after.seal_merge(folder, Shelf(folder))


def solve(
    run: Path,
    solver: AssignmentSolver,
    *,
    rounds: int | None = None,
    warm_start: int = 0,
    limited: bool = False,
    progress: Progress | None = None,
) -> Solved:
    """Seal a roster in ``solve-001/``; with other ``rounds`` than committed, a further attempt.

    ``warm_start`` is a sealed attempt to start from. Such attempts are discretionary; other rounds come only
    after the first attempt. An attempt that a clock or an interrupt ended is sealed and discretionary, too,
    and a call without ``limited`` (the solver was given no clock) then solves again. Errors:
    ``pipeline.committed_first``, ``pipeline.certified_already`` (:class:`UsageError`), ``attempt.no_start``
    (:class:`InputError`).
    """
    asked = Asked(rounds=rounds, warm_start=warm_start, limited=limited)
    with opened(run, progress=progress) as folder:
        return attempts.seal_attempt(folder, Shelf(folder), solver, asked)


def certify(
    run: Path, *, attempt: int | None = None, processes: int = 1, progress: Progress | None = None
) -> Certified:
    """Check the whole run and, where nothing is wrong, seal ``certificate/``.

    ``attempt`` is the roster to certify, by default the one in force, else the newest. A failed verdict is
    returned, not sealed. ``processes`` as for :func:`draw`. Errors:
    ``pipeline.other_attempt`` (:class:`UsageError`) where the certificate of another attempt is sealed.
    """
    with opened(run, progress=progress) as folder:
        return after.seal_certificate(folder, Shelf(folder), attempt, processes=processes)


def publish(
    run: Path, *, stage: Literal["commit", "draw", "close"] = "draw", progress: Progress | None = None
) -> Written:
    """Write what the public may see: after the commitment into ``publish-commit/``; cutoffs and counts into
    ``publish/``, which needs the certificate; everything into ``publish-close/``, which needs the close."""
    seals = {
        "commit": lifecycle.seal_commit_pages,
        "draw": after.seal_pages,
        "close": lifecycle.seal_close_pages,
    }
    with opened(run, progress=progress) as folder:
        return seals[stage](folder, Shelf(folder))


def void(
    run: Path,
    *,
    approver: str,
    organ: str,
    document: str,
    reason: str,
    progress: Progress | None = None,
) -> Voided:
    """Declare the campaign void, on the approval of somebody of another organ.

    Errors: ``pipeline.voided_already``, ``pipeline.closed`` (:class:`UsageError`), ``pipeline.void_fact``,
    ``pipeline.void_organ`` (:class:`InputError`).
    """
    facts = {"approver": approver, "organ": organ, "document": document, "reason": reason}
    with opened(run, progress=progress) as folder:
        return lifecycle.declare_void(folder, Shelf(folder), facts)


def close(run: Path, *, secret: str = "", progress: Progress | None = None) -> Closed:
    """Reveal seed and secret in ``close/``, after the certificate or a void; ``secret`` is the escrow file's
    text, needed only where nothing was drawn. Errors: ``pipeline.draw_first`` (:class:`UsageError`)."""
    with opened(run, progress=progress) as folder:
        return lifecycle.seal_close(folder, Shelf(folder), secret)


def export(run: Path, *, progress: Progress | None = None) -> Written:
    """Write one roster workbook per department into ``export/``; needs the certificate."""
    with opened(run, progress=progress) as folder:
        return after.seal_workbooks(folder, Shelf(folder))


def run_all(  # noqa: PLR0913 - all that any of the stages is told
    campaign_file: Path,
    run: Path,
    solver: AssignmentSolver,
    ceremony: str | None = None,
    *,
    secret: str = "",
    beacon: str = "",
    escrow: Path | None = None,
    options: ImportOptions = NOTHING_MORE,
    processes: int = 1,
    asked: Asked = PLAIN,
    progress: Progress | None = None,
) -> RunResult:
    """All stages, each where it is not yet sealed; ``options`` as for :func:`import_campaign`,
    ``processes`` as for :func:`draw`, ``asked`` what is wanted of the roster. A solve that was interrupted is
    the last stage.

    ``secret``, ``beacon`` and ``escrow`` are as for :func:`draw` and :func:`commit`; a call that puts the
    secret into escrow draws with it. A campaign for which not every source was entered stops after the
    commitment (``waiting``), and does so with ``pipeline.ceremony_early`` (:class:`UsageError`) where a real
    campaign's text was there before it. A failed verdict stops before publishing. A campaign that cannot be
    committed leaves no folder behind, unless its register of enterprises is so large that it is committed
    from what was sealed.
    """
    read = before.prepare(campaign_file, run, options, progress)
    intake = read.intake if read else None
    commitment = before.try_commit(intake) if intake and not intake.rest else None
    if intake:
        refuse_unready(intake.settings, run, escrow)
    with opened(run, create=True, progress=progress) as folder:
        shelf = Shelf(folder)
        imported = before.seal_intake(folder, shelf, campaign_file, read, options)
        committed = before.seal_plan(folder, shelf, commitment, escrow=escrow)
        if (ceremony or beacon) and committed.fresh and not imported.rehearsal:
            raise refuse(UsageError, "pipeline.ceremony_early", {"file": str(run)})
        entered = before.Entered(
            ceremony=ceremony or before.rehearsed_ceremony(folder, shelf, campaign_file, intake),
            secret=secret or (escrow_of(escrow, shelf.plan) if committed.fresh else ""),
            beacon=beacon,
        )
        if entered.lacks(shelf.plan) and not folder.sealed("draw"):
            return RunResult(
                campaign=str(campaign_file), waiting=True, imported=imported, committed=committed
            )
        drawn = before.seal_draw(folder, shelf, entered, processes=processes)
        merged = after.seal_merge(folder, shelf)
        solved = attempts.seal_attempt(folder, shelf, solver, asked)
        certified = None
        if not solved.cut_short():
            wanted = None if folder.sealed("certificate") else solved.attempt
            certified = after.seal_certificate(folder, shelf, wanted, processes=processes)
        whole = certified is not None and certified.failure() is None
        return RunResult(
            campaign=str(campaign_file),
            waiting=False,
            imported=imported,
            committed=committed,
            drawn=drawn,
            merged=merged,
            solved=solved,
            certified=certified,
            published=after.seal_pages(folder, shelf) if whole else None,
            exported=after.seal_workbooks(folder, shelf) if whole else None,
        )
