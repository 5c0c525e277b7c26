"""The stages after the draw but the attempts: merge, certificate, publish, export.

In: an open run folder with a sealed draw. Out: results. May import: the rooms and the domain.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from scheduler import export as export_room
from scheduler import merge as merge_room
from scheduler import publish as publish_room
from scheduler import verify as verify_room
from scheduler.domain.codec import to_json, write_csv
from scheduler.domain.errors import InputError, UsageError, refuse
from scheduler.domain.late import registers_with, schedule_with, visits_with
from scheduler.domain.layout import attempt as attempt_folder
from scheduler.domain.schedule import Certificate
from scheduler.domain.visits import MergeResult, Requirement, Visit
from scheduler.pipeline.before import messages_digest
from scheduler.pipeline.folder import RunFolder
from scheduler.pipeline.ledger import Entry, Fact
from scheduler.pipeline.results import Certified, Merged, Written, failure_of
from scheduler.pipeline.shelf import Shelf


def seal_merge(folder: RunFolder, shelf: Shelf) -> Merged:
    """Seal requirements, visits and the report of doors."""
    fresh = folder.sealed("merge") is None
    if fresh:
        folder.require("draw")
        folder.progress("pipeline.merging")
        merged = merge_room.merge(shelf.plan, shelf.registers, shelf.draw)
        folder.seal("merge", lambda temp: _write_merge(temp, merged))
    else:
        folder.progress("pipeline.already_sealed", folder="merge/")
    report = shelf.merged.report
    return Merged(
        run=str(folder.path),
        n_requirements=report.n_requirements,
        n_visits=report.n_visits,
        doors_unmerged=report.doors_unmerged,
        doors=report.doors,
        fresh=fresh,
    )


def seal_certificate(folder: RunFolder, shelf: Shelf, number: int | None, *, processes: int = 1) -> Certified:
    """Have the whole folder checked and seal the verdict, unless it failed."""
    sealed = shelf.certificate() if folder.sealed("certificate") else None
    wanted = number or (sealed.attempt if sealed else len(folder.attempts()))
    folder.require(attempt_folder(wanted) if wanted else "solve")
    if folder.orders() and wanted != len(folder.attempts()):
        raise refuse(UsageError, "order.other_attempt", attempt=len(folder.attempts()))
    if sealed:
        if sealed.attempt != wanted:
            raise refuse(UsageError, "pipeline.other_attempt", attempt=sealed.attempt)
        folder.progress("pipeline.already_sealed", folder="certificate/")
        return _certified(folder, sealed, fresh=False)
    folder.progress("pipeline.verifying")
    certificate = verify_room.verify_run(folder.path, attempt=wanted, processes=processes)
    if failure_of(certificate) is None:
        folder.seal("certificate", lambda temp: _write_certificate(temp, certificate))
    return _certified(folder, certificate, fresh=True)


def seal_pages(folder: RunFolder, shelf: Shelf) -> Written:
    """Seal the public pages."""
    if folder.sealed("publish") is None:
        _refuse_other_messages(folder, shelf)
        folder.progress("pipeline.publishing")
        pages = publish_room.pages(
            shelf.plan, shelf.draw, shelf.merged, shelf.certificate(), shelf.registers, shelf.reserves
        )
        return seal_files(folder, "publish", sorted(pages.items()))
    return standing(folder, "publish")


def seal_workbooks(folder: RunFolder, shelf: Shelf) -> Written:
    """Seal the departments' workbooks and the planner's report."""
    if folder.sealed("export") is None:
        _refuse_other_messages(folder, shelf)
        folder.progress("pipeline.exporting")
        return seal_files(folder, "export", _exports(shelf))
    return standing(folder, "export")


def _exports(shelf: Shelf) -> Iterator[tuple[str, bytes]]:
    """The report and the workbooks, one after the other: never two in memory."""
    certificate, late = shelf.certificate(), shelf.late_orders
    registers, merged = registers_with(shelf.registers, late), visits_with(shelf.merged, late)
    schedule = schedule_with(shelf.schedule(certificate.attempt), late)
    page = export_room.report(shelf.plan, registers, shelf.draw_in_force, merged, schedule, certificate)
    yield export_room.REPORT, page
    yield from export_room.workbooks(shelf.plan, registers, merged, schedule, certificate, shelf.reserves)


def _certified(folder: RunFolder, certificate: Certificate, *, fresh: bool) -> Certified:
    sealed = folder.sealed("certificate") is not None
    return Certified(run=str(folder.path), certificate=certificate, sealed=sealed, fresh=fresh)


def _refuse_other_messages(folder: RunFolder, shelf: Shelf) -> None:
    """Reasons are told in the words that were committed, or not at all."""
    folder.require("certificate")
    if shelf.plan.digests.get("messages") != messages_digest(folder.profile):
        raise refuse(InputError, "pipeline.other_messages", version=str(folder.entries[0].facts["version"]))


def seal_files(folder: RunFolder, stage: str, files: Iterable[tuple[str, bytes]]) -> Written:
    """Seal files that a room made, by their names in the stage's folder."""

    def write(temp: Path) -> dict[str, Fact]:
        for name, data in files:
            (temp / name).parent.mkdir(parents=True, exist_ok=True)
            (temp / name).write_bytes(data)
        return {}

    return _written(folder, folder.seal(stage, write), fresh=True)


def standing(folder: RunFolder, stage: str) -> Written:
    """The result of a stage that stands sealed, its files compared with their digests."""
    folder.progress("pipeline.already_sealed", folder=f"{stage}/")
    folder.check([stage])
    return _written(folder, folder.require(stage), fresh=False)


def _written(folder: RunFolder, entry: Entry, *, fresh: bool) -> Written:
    return Written(run=str(folder.path), stage=entry.stage, files=tuple(sorted(entry.files)), fresh=fresh)


def _write_merge(temp: Path, merged: MergeResult) -> dict[str, Fact]:
    write_csv(temp / "requirements.csv", Requirement, merged.requirements)
    write_csv(temp / "visits.csv", Visit, merged.visits)
    (temp / "report.json").write_bytes(to_json(merged.report))
    return {}


def _write_certificate(temp: Path, certificate: Certificate) -> dict[str, Fact]:
    (temp / "certificate.json").write_bytes(to_json(certificate))
    return {"attempt": certificate.attempt, "verdict": certificate.verdict}
