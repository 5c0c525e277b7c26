"""A tiny writer of sealed run folders, so that the checker is tested without the pipeline."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from scheduler.domain.canonical import canonical_json, file_sha256, sha256_hex
from scheduler.domain.codec import to_json, write_csv
from scheduler.domain.intake import IntakeReport, Rejected, TableReport
from scheduler.domain.layout import ATTEMPT_FILES, FRAME, FRAME_KEY, IF_ANY, TABLE_FILES
from scheduler.domain.registers import TABLES
from scheduler.verify import Evidence, verify_run
from scheduler.verify.merkle import frame_root

KEY = "5a17" * 16
AT = "2026-02-20T09:00:00+08:00"


class Writer:
    """Appends ledger lines to a run folder; ``facts`` and files are whatever the test wants."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.lines: list[dict[str, Any]] = []

    def line(
        self, kind: str, stage: str = "", *, facts: dict[str, Any], hidden: tuple[str, ...] = ()
    ) -> None:
        files = {}
        if stage:
            paths = sorted(path for path in (self.run / stage).rglob("*") if path.is_file())
            names = [path.relative_to(self.run).as_posix() for path in paths]
            files = {name: file_sha256(self.run / name) for name in names if name not in hidden}
        body = {
            "seq": len(self.lines),
            "prev": self.lines[-1]["hash"] if self.lines else "0" * 64,
            "kind": kind,
            "stage": stage,
            "files": files,
            "facts": facts,
            "at": AT,
        }
        self.lines.append({**body, "hash": sha256_hex(canonical_json(body))})
        self.save()

    def save(self) -> None:
        text = b"".join(canonical_json(line) + b"\n" for line in self.lines)
        (self.run / "ledger.jsonl").write_bytes(text)

    def rechain(self) -> None:
        """Make the chain whole again after lines were changed: what a forger would do."""
        before = "0" * 64
        for number, line in enumerate(self.lines):
            line.pop("hash")
            line.update(seq=number, prev=before)
            line["hash"] = before = sha256_hex(canonical_json(line))
        self.save()


def write_run(run: Path, given: Evidence, *, certified: bool = True) -> Writer:
    """Seal the evidence as a run folder with one attempt, and its certificate."""
    writer = Writer(run)
    for name in ("intake", "plan", "draw", "merge", "solve-001"):
        (run / name).mkdir(parents=True)
    settings = given.plan.settings
    writer.line("open", facts={"campaign_id": settings.campaign_id, "version": "0"})
    _write_intake(run, given)
    writer.line("stage", "intake", facts={})
    _write_plan(run, given)
    writer.line("stage", "plan", facts={})
    seed = hashlib.sha256(given.seed_text.encode()).hexdigest()
    commitment = sha256_hex(f"onedoor-seed-commit|{seed}".encode())
    writer.line("entropy", facts={"seed_commitment": commitment})
    (run / "draw/seed.txt").write_text(given.seed_text, encoding="utf-8", newline="")
    for name, rows in {
        "draw/enterprises.csv": given.drawn_enterprises,
        "draw/cutoffs.csv": given.cutoffs,
        "draw/people.csv": given.people,
        "draw/orders.csv": given.orders,
    }.items():
        write_csv(run / name, TABLE_FILES[name], rows)
    writer.line("stage", "draw", facts={"seed_commitment": commitment}, hidden=("draw/seed.txt",))
    _write_merge(run, given)
    writer.line("stage", "merge", facts={})
    write_attempt(writer, given, 1)
    if certified:
        seal_certificate(writer)
    return writer


def _write_intake(run: Path, given: Evidence) -> None:
    (run / "intake/settings.json").write_bytes(to_json(given.plan.settings))
    (run / "intake/report.json").write_bytes(to_json(IntakeReport(tables=_figures(given), warnings=())))
    write_csv(run / "intake/rejected.csv", Rejected, ())
    for name in tables_of(given):
        write_csv(run / f"intake/{name}.csv", TABLES[name], getattr(given.registers, name))


def tables_of(given: Evidence) -> list[str]:
    return [name for name in TABLES if name not in IF_ANY or getattr(given.registers, name)]


def _figures(given: Evidence) -> tuple[TableReport, ...]:
    sizes = {name: len(getattr(given.registers, name)) for name in TABLES}
    return tuple(
        TableReport(
            table=name,
            file=f"{name}.csv",
            sheet="",
            sha256="0" * 64,
            rows_read=size,
            accepted=size,
            rejected=0,
            merged=0,
            warnings=0,
        )
        for name, size in sizes.items()
        if size
    )


def _write_plan(run: Path, given: Evidence) -> None:
    write_csv(run / "plan/frame.csv", TABLE_FILES["plan/frame.csv"], given.frame)
    write_csv(run / "plan/excluded.csv", TABLE_FILES["plan/excluded.csv"], given.excluded)
    (run / FRAME_KEY).write_text(f"{KEY}\n", encoding="utf-8")
    names = ["intake/settings.json", FRAME, "plan/excluded.csv", FRAME_KEY]
    names += [f"intake/{name}.csv" for name in tables_of(given)]
    digests = {name: file_sha256(run / name) for name in names}
    root, size = frame_root(run / FRAME, KEY)
    committed = {**digests, "messages": "0" * 64}
    plan = replace(given.plan, digests=committed, frame_root=root, frame_size=size)
    (run / "plan/plan.json").write_bytes(to_json(plan))


def _write_merge(run: Path, given: Evidence) -> None:
    write_csv(run / "merge/requirements.csv", TABLE_FILES["merge/requirements.csv"], given.requirements)
    write_csv(run / "merge/visits.csv", TABLE_FILES["merge/visits.csv"], given.visits)
    (run / "merge/report.json").write_bytes(to_json(given.merge_report))


def write_attempt(writer: Writer, given: Evidence, number: int) -> None:
    stage = f"solve-{number:03d}"
    folder = writer.run / stage
    folder.mkdir(exist_ok=True)
    draw = next(line for line in writer.lines if line["stage"] == "draw")
    digest = sha256_hex(canonical_json(draw["files"]))
    budget = given.plan.settings.budget
    report = replace(
        given.solve_report,
        attempt=number,
        draw_sha256=digest,
        solver=budget.solver,
        solver_version=budget.solver_version,
        discretionary=number > 1,
    )
    (folder / "solve.json").write_bytes(to_json(report))
    write_csv(folder / "schedule.csv", ATTEMPT_FILES["schedule.csv"], given.seats)
    write_csv(folder / "unscheduled.csv", ATTEMPT_FILES["unscheduled.csv"], given.unscheduled)
    facts = {"attempt": number, "discretionary": report.discretionary, "draw_sha256": digest, "rounds": 2}
    writer.line("stage", stage, facts=facts)


def seal_certificate(writer: Writer, attempt: int | None = None) -> None:
    certificate = verify_run(writer.run, attempt=attempt)
    (writer.run / "certificate").mkdir()
    (writer.run / "certificate/certificate.json").write_bytes(to_json(certificate))
    facts = {"attempt": certificate.attempt, "verdict": certificate.verdict}
    writer.line("stage", "certificate", facts=facts)


def forged(run: Path, change: Callable[[list[dict[str, Any]]], None]) -> set[str]:
    """The codes found once the ledger's lines were changed and the chain made whole again."""
    writer = Writer(run)
    writer.lines = [json.loads(line) for line in (run / "ledger.jsonl").read_bytes().splitlines()]
    change(writer.lines)
    writer.rechain()
    return {found.code for found in verify_run(run).violations}


def place_of(entries: list[dict[str, Any]], stage: str) -> int:
    return next(n for n, entry in enumerate(entries) if entry["stage"] == stage)
