"""From a run folder to its certificate: the ledger replayed, every file weighed, every rule looked at.

In: a folder. Out: :class:`Certificate`, whose bytes depend only on the stages up to the solve attempt as
long as nothing is wrong. Nothing is written.
"""

import csv
import dataclasses
import re
from collections import Counter
from pathlib import Path
from typing import Any

from scheduler.domain.canonical import canonical_json
from scheduler.domain.codec import to_json
from scheduler.domain.errors import InputError, OneDoorError, Problem, SealError, refuse
from scheduler.domain.hashes import digest_hex
from scheduler.domain.intake import IntakeReport
from scheduler.domain.layout import (
    ATTEMPT_FILES,
    CERTIFICATE,
    DELTA,
    FRAME,
    FRAME_KEY,
    IF_ANY,
    INTAKE_REPORT,
    LATE_FILES,
    LEDGER,
    MERGE_REPORT,
    PLAN,
    REJECTED,
    RESERVE_EVENT,
    RESERVE_FILES,
    SEED,
    SETTINGS,
    TABLE_FILES,
    attempt,
    intake_table,
    intake_tables,
)
from scheduler.domain.plan import Plan
from scheduler.domain.registers import TABLES, Registers
from scheduler.domain.reserves import ReserveEvent, SealedReserve
from scheduler.domain.schedule import Certificate, SolveReport, Violation
from scheduler.domain.settings import Budget, Settings
from scheduler.domain.visits import MergeReport
from scheduler.verify.census import seed_of
from scheduler.verify.evidence import Cases, Evidence, Findings
from scheduler.verify.folder import (
    State,
    Table,
    document,
    inspect,
    table_of,
    unreadable,
)
from scheduler.verify.judge import check
from scheduler.verify.latefacts import events_of, late_cases
from scheduler.verify.ledger import Book, ledger_cases, read_book
from scheduler.verify.lifecycle import has_secret, life_cases, void_line
from scheduler.verify.merkle import frame_root
from scheduler.verify.voided import voided_evidence, voided_findings

BROKEN = frozenset({"ledger", "digest"})
NOTHING = Findings(rules=(), violations=(), goals=(), n_requirements=0, n_served=0, n_unscheduled=0)


def verify_run(run: Path, *, attempt: int | None = None, processes: int = 1) -> Certificate:
    """Judge a run folder; ``attempt`` says which roster, otherwise the certified one, else the latest.

    The verdict is the same for any number of processes, which hash tickets side by side; 0 stands for a
    number that suits frame and machine.

    Whatever is wrong in the folder comes out as a violation that names its ``file``. Errors:
    ``verify.no_ledger`` (:class:`SealError`) where no ledger line can be read, ``verify.no_attempt``
    (:class:`InputError`) where the ledger is whole and tells of no such roster.
    """
    book = read_book(run)
    number = _in_force(book) if attempt is None else attempt
    state, digests = inspect(run, book, number)
    ledger = ledger_cases(book, frozenset(line.number for line in state.base_lines))
    if number not in book.attempts() and attempt is None and void_line(state) is not None:
        return _with_life(state, _void_before_roster(state, ledger, digests))
    if number not in book.attempts():
        if not ledger.n_broken and not digests.n_broken:
            raise refuse(InputError, "verify.no_attempt", {"file": LEDGER}, attempt=number)
        ledger.broken("verify.no_attempt", file=LEDGER, attempt=number)
    certificate = _judged(state, ledger, digests, processes)
    if attempt in (None, _in_force(book)):
        certificate = _with_seal_compared(state, certificate)
    return _with_life(state, certificate)


def exit_code(certificate: Certificate) -> int:
    """0 certified, 7 where the ledger or a digest is broken, else 6."""
    if certificate.verdict == "certified":
        return 0
    return 7 if any(violation.rule in BROKEN for violation in certificate.violations) else 6


def _in_force(book: Book) -> int:
    """The attempt the certificate's line names, else the latest, else 0."""
    line = book.stage("certificate")
    named = 0 if line is None else line.facts.get("attempt")
    if isinstance(named, int) and not isinstance(named, bool) and named in book.attempts():
        return named
    return max(book.attempts(), default=0)


def _with_life(state: State, certificate: Certificate) -> Certificate:
    """The verdict with what came after the certificate was sealed: a void, a secret revealed."""
    closed = state.book.stage("close") is not None
    secret = "revealed" if certificate.secret and closed else certificate.secret
    return dataclasses.replace(certificate, secret=secret, voided=True if void_line(state) else None)


def _void_before_roster(state: State, ledger: Cases, digests: Cases) -> Certificate:
    """The verdict on a campaign that was void before there was a roster; its attempt is 0."""
    drawn = state.book.stage("draw") is not None
    evidence, findings = None, NOTHING
    try:
        if drawn:
            check_seed(state, digests)
        evidence = voided_evidence(state, seed_text_of(state) if drawn else "")
        findings = voided_findings(evidence, drawn=drawn)
        findings = _merged(findings, life_cases(state, evidence.plan, evidence.registers))
    except SealError as error:
        for problem in error.problems:
            digests.broken(problem.code, **problem.place, **problem.params)
    return _certificate(state, ledger, digests, evidence, findings)


def _judged(state: State, ledger: Cases, digests: Cases, processes: int) -> Certificate:
    check_seed(state, digests)
    evidence = None
    findings = NOTHING
    try:
        sealed = read_sealed(state)
        evidence = evidence_of(state, sealed)
        findings = _with_files(state, sealed, evidence, check(evidence, processes=processes))
        for path, table in sealed.tables.items():
            digests.look(not table.fault, table.fault, file=path)
        known = {FRAME_KEY, *sealed.documents, *sealed.tables}
        for path in sorted(state.base.keys() - known):
            digests.broken("verify.stray_file", file=path)
    except SealError as error:
        for problem in error.problems:
            digests.broken(problem.code, **problem.place, **problem.params)
    return _certificate(state, ledger, digests, evidence, findings)


def _certificate(
    state: State, ledger: Cases, digests: Cases, evidence: Evidence | None, findings: Findings
) -> Certificate:
    rules = (ledger.verdict(), digests.verdict(), *findings.rules)
    violations = (*ledger.violations, *digests.violations, *findings.violations)
    plan = None if evidence is None else evidence.plan
    report = None if evidence is None else evidence.solve_report
    return Certificate(
        verdict="failed" if any(row.violations for row in rules) or evidence is None else "certified",
        rehearsal=plan is not None and plan.settings.rehearsal,
        order="unproven",
        attempt=state.number,
        campaign_id=str(state.fact("open", "", "campaign_id")) if plan is None else plan.settings.campaign_id,
        profile=state.profile,
        plan_sha256=state.found.get(PLAN, ""),
        seed_commitment=str(state.fact("entropy", "", "seed_commitment")),
        rules=rules,
        goals=findings.goals,
        n_requirements=findings.n_requirements,
        n_served=findings.n_served,
        n_unscheduled=findings.n_unscheduled,
        discretionary=report is not None and report.discretionary,
        reproducible=report is None or report.reproducible,
        other_solver=_other_solver(plan, report),
        violations=violations,
        digests={path: state.found[path] for path in sorted(state.base) if path in state.found},
        secret="unrevealed" if plan is not None and has_secret(plan) else None,
        n_called=0 if evidence is None else sum(len(event.called) for event in evidence.reserves),
        n_replaced=0
        if evidence is None
        else sum(event.event.kind == "replacement" for event in evidence.reserves),
        n_late_orders=0 if evidence is None else sum(len(event.orders) for event in evidence.late),
        n_late_placed=0
        if evidence is None
        else sum(len(event.orders) - len(event.unscheduled) for event in evidence.late),
    )


def _other_solver(plan: Plan | None, report: SolveReport | None) -> str:
    """The solver that made the roster, where it is not the committed one."""
    if plan is None or report is None:
        return ""
    used, budget = (report.solver, report.solver_version), plan.settings.budget
    return "" if used == (budget.solver, budget.solver_version) else " ".join(used)


def check_seed(state: State, digests: Cases) -> None:
    """The seed's text is not in the ledger; it has to give the commitment that entropy and draw tell."""
    told = state.fact("entropy", "", "seed_commitment")
    try:
        text = seed_text_of(state)
        seed = seed_of(text, state.profile)
        commitment = digest_hex(f"onedoor-seed-commit|{seed}".encode(), state.profile)
    except SealError as error:
        digests.broken(error.problems[0].code, file=SEED, detail="")
        return
    digests.look(commitment == told, "verify.seed_changed", file=SEED)
    drawn = state.fact("stage", "draw", "seed_commitment")
    digests.look(told == drawn, "verify.seed_commitments", file=LEDGER)


def seed_text_of(state: State) -> str:
    """The seed's text as sealed. Errors: ``verify.unreadable``, ``verify.symlink`` (:class:`SealError`)."""
    path = state.run / SEED
    try:
        if path.is_symlink() or path.parent.is_symlink():
            raise refuse(SealError, "verify.symlink", {"file": SEED})
        return path.read_bytes().decode()
    except (OSError, ValueError) as error:
        raise unreadable(SEED, error) from error


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sealed:
    """The files a verdict rests on: ``documents`` by path, ``rows`` of the tables that are held, and all
    ``tables`` by path; those in :data:`STREAMED` are read as they are needed."""

    documents: dict[str, Any]
    rows: dict[str, tuple[Any, ...]]
    tables: dict[str, Table[Any]]


STREAMED = frozenset({intake_table("enterprises"), "plan/frame.csv"})
"""Tables with a row per enterprise: a city has 730,000, of which a verdict holds a few thousand."""


def read_sealed(state: State) -> Sealed:
    """Read the files of all stages up to the attempt. Errors: ``verify.unreadable`` for every one that is
    missing or not what it has to be (:class:`SealError`)."""
    run, folder = state.run, attempt(state.number)
    kinds: dict[str, type] = {
        SETTINGS: Settings,
        INTAKE_REPORT: IntakeReport,
        PLAN: Plan,
        MERGE_REPORT: MergeReport,
        f"{folder}/solve.json": SolveReport,
        **{f"{stage}/{RESERVE_EVENT}": ReserveEvent for stage in state.book.reserves()},
    }
    paths = [
        *intake_tables(state.listed).values(),
        REJECTED,
        *TABLE_FILES,
        *(f"{folder}/{n}" for n in ATTEMPT_FILES),
        *(f"{stage}/{n}" for stage in state.book.reserves() for n in RESERVE_FILES),
        *(f"{stage}/{n}" for stage in state.book.orders(state.number) for n in LATE_FILES),
        *({DELTA} & set(state.listed)),
    ]
    sealed = Sealed(documents={}, rows={}, tables={path: Table(run, path, table_of(path)) for path in paths})
    problems: list[Problem] = []
    for path in (*kinds, *paths):
        try:
            if path not in state.found:
                raise refuse(SealError, "verify.unreadable", {"file": path}, detail="missing")
            if path in kinds:
                sealed.documents[path] = document(run, path, kinds[path])
            elif path not in STREAMED:
                sealed.rows[path] = tuple(sealed.tables[path])
        except OneDoorError as error:
            problems.extend(error.problems)
    if problems:
        raise SealError(problems)
    return sealed


def evidence_of(state: State, sealed: Sealed) -> Evidence:
    """The evidence in sealed files that could all be read."""
    rows, folder = sealed.rows, attempt(state.number)
    registers: dict[str, Any] = {name: rows.get(intake_table(name), ()) for name in TABLES}
    return Evidence(
        plan=sealed.documents[PLAN],
        registers=Registers(**registers),
        enterprises=sealed.tables[intake_table("enterprises")],
        frame=sealed.tables["plan/frame.csv"],
        excluded=rows["plan/excluded.csv"],
        drawn_enterprises=rows["draw/enterprises.csv"],
        cutoffs=rows["draw/cutoffs.csv"],
        people=rows["draw/people.csv"],
        orders=rows["draw/orders.csv"],
        seed_text=seed_text_of(state),
        requirements=rows["merge/requirements.csv"],
        visits=rows["merge/visits.csv"],
        merge_report=sealed.documents[MERGE_REPORT],
        seats=rows[f"{folder}/schedule.csv"],
        unscheduled=rows[f"{folder}/unscheduled.csv"],
        solve_report=sealed.documents[f"{folder}/solve.json"],
        draw_sha256=state.draw_sha256(),
        reserves=tuple(
            SealedReserve(
                event=sealed.documents[f"{stage}/{RESERVE_EVENT}"],
                called=rows[f"{stage}/called.csv"],
                seats=rows[f"{stage}/seats.csv"],
                people=rows[f"{stage}/people.csv"],
            )
            for stage in state.book.reserves()
        ),
        late=events_of(state, rows),
    )


def _with_files(state: State, sealed: Sealed, evidence: Evidence, findings: Findings) -> Findings:
    """The findings, and beside the plan's and draw's own cases those that only a folder shows."""
    plan, draw = Cases("plan"), Cases("draw")
    plan.look(evidence.plan.settings == sealed.documents[SETTINGS], "verify.plan_settings", file=PLAN)
    _check_intake(plan, evidence.plan, sealed)
    own = {FRAME, FRAME_KEY, "plan/excluded.csv"}
    committed = {SETTINGS, *intake_tables(state.listed).values(), *own} | ({DELTA} & set(state.listed))
    digests = dict(evidence.plan.digests)
    # The words of reasons are the version's, not the run's: they are committed, and no verdict rests on them.
    words = digests.pop("messages", "")
    plan.look(re.fullmatch("[0-9a-f]{64}", words) is not None, "verify.plan_digest", file="messages")
    for path in sorted(committed | digests.keys()):
        told, found = digests.get(path, ""), state.found.get(path, "")
        plan.look(told == found and path in committed, "verify.plan_digest", file=path)
    for path in (intake_table(name) for name in IF_ANY if not getattr(evidence.registers, name)):
        plan.look(path not in committed, "verify.plan_digest", file=path)
    plan.look(_frame_root_holds(state.run, evidence.plan), "verify.frame_root", file=FRAME_KEY)
    told_id = state.fact("open", "", "campaign_id")
    plan.look(told_id == evidence.plan.settings.campaign_id, "verify.other_campaign", file=LEDGER)
    _check_attempt(draw, state, evidence.plan.settings.budget, evidence.solve_report)
    reserves = Cases("R02")
    _check_reserve_facts(reserves, state, evidence)
    life = life_cases(state, evidence.plan, evidence.registers)
    return _merged(findings, plan, draw, reserves, life, late_cases(state, evidence))


def _frame_root_holds(run: Path, plan: Plan) -> bool:
    """Whether the plan's Merkle root is that of the sealed frame with the sealed key."""
    try:
        key = (run / FRAME_KEY).read_text(encoding="utf-8")
        tree = frame_root(run / FRAME, key.removesuffix("\n"), plan.settings.profile)
    except (OSError, ValueError, csv.Error):
        return False
    return (plan.frame_root, plan.frame_size) == tree


def _check_intake(cases: Cases, plan: Plan, sealed: Sealed) -> None:
    """Every row read was accepted, rejected with a reason, or folded into an equal one."""
    report: IntakeReport = sealed.documents[INTAKE_REPORT]
    rejected = sum(table.rejected for table in report.tables)
    told = plan.rejected_rows
    cases.look(told == rejected, "verify.rejected_rows", told=told, found=rejected)
    sources = {table.table: table for table in report.tables}
    lost = {(row.table, row.file, row.sheet, row.row) for row in sealed.rows[REJECTED]}
    n_lost = Counter(table for table, *_ in lost)
    for name in sorted({*TABLES, *sources, *n_lost}):
        source, table = sources.get(name), sealed.tables.get(intake_table(name))
        n_rows = 0 if table is None else table.n_rows
        if source is None:
            # The Chinese calendar is built, not read; no other table comes from nowhere.
            built = name == "calendar" and plan.settings.calendar == "cn"
            holds = {"accepted": built or not n_rows, "rejected": not n_lost[name]}
        else:
            ends = source.accepted + source.rejected + source.merged
            holds = {
                "accepted": source.accepted + source.added == n_rows,
                "added": not source.added or name == "leave",
                "rejected": source.rejected == n_lost[name],
                "rows_read": source.rows_read == ends,
            }
        for figure, lawful in holds.items():
            cases.look(lawful, "verify.intake_figures", table=name, figure=figure)


def _check_reserve_facts(cases: Cases, state: State, evidence: Evidence) -> None:
    """What the ledger tells of a reserve event is so."""
    for stage, event in zip(state.book.reserves(), evidence.reserves, strict=True):
        for name, value in {"kind": event.event.kind, "n_called": len(event.called)}.items():
            told = state.fact("stage", stage, name)
            cases.look(told == value, "verify.reserve_fact", fact=name, file=LEDGER, stage=stage)


def _check_attempt(cases: Cases, state: State, budget: Budget, report: SolveReport) -> None:
    """What the ledger tells of the attempt is so; only the first that the committed solver and budget
    carried to their end from nothing is not discretionary: all before it must say that they are."""
    stage = attempt(state.number)
    facts = {
        "attempt": state.number,
        "discretionary": report.discretionary,
        "draw_sha256": state.draw_sha256(),
    }
    for name, value in facts.items():
        cases.look(state.fact("stage", stage, name) == value, "verify.solve_fact", fact=name, file=LEDGER)
    same = report.attempt == state.number
    cases.look(same, "verify.solve_fact", fact="attempt", file=f"{stage}/solve.json")
    started = state.fact("stage", stage, "warm_start")
    lawful = started == "" or started in range(1, state.number)
    cases.look(lawful, "verify.solve_fact", fact="warm_start", file=LEDGER)
    stopped = state.fact("stage", stage, "stopped")
    lawful = stopped == "" or (stopped in ("clock", "interrupt", "failure") and not report.reproducible)
    cases.look(lawful, "verify.solve_fact", fact="stopped", file=LEDGER)
    former = (state.fact("stage", attempt(number), "discretionary") for number in range(1, state.number))
    committed = (
        all(discretionary is True for discretionary in former)
        and started == ""
        and report.reproducible
        and (report.solver, report.solver_version) == (budget.solver, budget.solver_version)
        and state.fact("stage", stage, "rounds") == budget.rounds
    )
    lawful = committed or report.discretionary
    cases.look(lawful, "verify.not_discretionary", attempt=state.number)


def _merged(findings: Findings, *more: Cases) -> Findings:
    rules = tuple(
        dataclasses.replace(
            row,
            checked=row.checked + sum(cases.checked for cases in more if cases.rule == row.rule),
            violations=row.violations + sum(cases.n_broken for cases in more if cases.rule == row.rule),
        )
        for row in findings.rules
    )
    violations = (*findings.violations, *(v for cases in more for v in cases.violations))
    return dataclasses.replace(findings, rules=rules, violations=violations)


def _with_seal_compared(state: State, certificate: Certificate) -> Certificate:
    """A sealed certificate of the attempt in force has to be this one: its line, its bytes, nothing else."""
    line = state.book.stage("certificate")
    if line is None or certificate.violations:
        return certificate
    facts = {"attempt": certificate.attempt, "verdict": certificate.verdict}
    files = {CERTIFICATE: digest_hex(to_json(certificate), state.profile)}
    if canonical_json([line.facts, line.files]) == canonical_json([facts, files]):
        return certificate
    told = Violation(rule="digest", code="verify.certificate_differs", params={"file": CERTIFICATE})
    rules = tuple(
        dataclasses.replace(row, violations=row.violations + 1) if row.rule == "digest" else row
        for row in certificate.rules
    )
    return dataclasses.replace(certificate, verdict="failed", rules=rules, violations=(told,))
