"""What a verdict owes to the world outside the folder: the void run before, and the day of the check.

In: a run folder, an earlier ledger, a date the checker brings. Out: the certificate with what is wrong. May
import: the domain and this room's reading of folders and ledgers. Nothing is written, no clock is read.
"""

import dataclasses
import datetime as dt
from pathlib import Path

from scheduler.domain.errors import InputError, OneDoorError, Problem, SealError, Value
from scheduler.domain.layout import LEDGER, PLAN
from scheduler.domain.plan import Plan
from scheduler.domain.schedule import Certificate, Violation
from scheduler.domain.settings import Settings
from scheduler.verify.folder import document
from scheduler.verify.ledger import Line, book_of
from scheduler.verify.witnesses import NO_HEAD, read_previous


def succession_fault(settings: Settings, previous: Path) -> Problem | None:
    """What is wrong with a campaign as the one after ``previous``, a ledger or the run folder that holds it.

    An attempt above 1 follows a run that was declared void before the head that the plan names, and is one
    more than that run's. Attempt 1 follows no void run of its own slot; that is seen where the folder is
    there and not the ledger alone. Errors (:class:`InputError`): those of reading the earlier ledger.
    """
    head = read_previous(previous, settings.previous_head).head
    file = previous / LEDGER if previous.is_dir() else previous
    lines = (line for line in _lines(file) if line.kind == "void" and line.number <= head)
    void = next(lines, None)
    place: dict[str, Value] = {"file": str(previous)}
    if void is None:
        if settings.attempt == 1:
            return None
        return Problem(code="verify.previous_not_void", place=place, params={"attempt": settings.attempt})
    told = void.facts.get("attempt")
    due = told + 1 if isinstance(told, int) and not isinstance(told, bool) else 0
    if settings.attempt == due or (settings.attempt == 1 and _slot(previous) != settings.slot):
        return None
    params: dict[str, Value] = {"attempt": settings.attempt, "due": due}
    return Problem(code="verify.previous_attempt", place=place, params=params)


def _lines(file: Path) -> tuple[Line, ...]:
    try:
        return book_of(file.read_bytes()).lines
    except (OSError, SealError):
        return ()


def _slot(previous: Path) -> str:
    """The slot of the run before, empty where its plan is not at hand."""
    try:
        return document(previous, PLAN, Plan).settings.slot
    except (OneDoorError, OSError):
        return ""


def with_previous(certificate: Certificate, run: Path, previous: Path | None) -> Certificate:
    """The certificate after a look at the run before, which the checker brings; unchanged without it.

    For a first attempt an earlier ledger that is missing, broken or another is a matter of the order alone
    (:func:`scheduler.verify.anchors.verify_order`); an attempt above 1 fails by it.
    """
    settings = _settings(run)
    if previous is None or settings is None or settings.previous_head == NO_HEAD:
        return certificate
    try:
        fault = succession_fault(settings, previous)
    except InputError as error:
        fault = error.problems[0] if settings.attempt > 1 else None
    return certificate if fault is None else _failed(certificate, "plan", fault)


def with_date(certificate: Certificate, run: Path, as_of: dt.date | None) -> Certificate:
    """The certificate as it stands on that day: once a campaign has ended its secret has to be revealed.

    Without a day nothing is decided by one: before its close a campaign stays ``unrevealed``.
    """
    settings = _settings(run)
    if as_of is None or settings is None or as_of < settings.end:
        return certificate
    if certificate.secret in (None, "revealed"):
        return certificate
    params: dict[str, Value] = {"end": settings.end.isoformat(), "as_of": as_of.isoformat()}
    problem = Problem(code="verify.secret_overdue", place={"file": LEDGER}, params=params)
    return _failed(certificate, "draw", problem)


def _settings(run: Path) -> Settings | None:
    """The plan's settings; a plan that cannot be read has failed already."""
    try:
        return document(run, PLAN, Plan).settings
    except (OneDoorError, OSError):
        return None


def _failed(certificate: Certificate, rule: str, problem: Problem) -> Certificate:
    violation = Violation(rule=rule, code=problem.code, params={**problem.place, **problem.params})
    rules = tuple(
        dataclasses.replace(row, violations=row.violations + 1) if row.rule == rule else row
        for row in certificate.rules
    )
    return dataclasses.replace(
        certificate, verdict="failed", rules=rules, violations=(*certificate.violations, violation)
    )
