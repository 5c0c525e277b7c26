"""Solve attempts: the committed one, and what else was tried, each sealed and told for what it is.

In: an open run folder with sealed visits, a solver. Out: sealed attempts. May import: the rooms, the domain.

The committed attempt is the first that the committed solver and budget carried to their end from nothing.
Any other (other rounds, a former roster as start, a clock or an interrupt that ended it) is discretionary.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scheduler import problem as problem_room
from scheduler.domain.codec import to_json, write_csv
from scheduler.domain.errors import InputError, UsageError, refuse
from scheduler.domain.layout import attempt as attempt_folder
from scheduler.domain.ports import AssignmentSolver
from scheduler.domain.problem import AssignmentProblem, Placement
from scheduler.domain.schedule import Schedule, Seat, SolveReport, Unscheduled
from scheduler.pipeline.folder import RunFolder
from scheduler.pipeline.ledger import Entry, Fact
from scheduler.pipeline.results import Solved
from scheduler.pipeline.shelf import Shelf

CAUSES = {"solve.by_clock": "clock", "solve.by_interrupt": "interrupt", "solve.by_failure": "failure"}
"""A solver's note to the ledger's word for what ended it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a call wants: ``rounds`` other than committed (None: those), the sealed attempt ``warm_start`` as
    start (0: none); ``limited`` says that a clock may end it."""

    rounds: int | None = None
    warm_start: int = 0
    limited: bool = False

    def facts(self, committed: int) -> dict[str, Fact]:
        """What the ledger tells of it."""
        rounds: dict[str, Fact] = {"rounds": committed if self.rounds is None else self.rounds}
        return {**rounds, **({"warm_start": self.warm_start} if self.warm_start else {})}

    def is_answered_by(self, facts: Mapping[str, Fact], committed: int) -> bool:
        """Whether a sealed attempt is what would be made: asked alike and run to its end, or ended by a
        clock where this call has one, too."""
        alike = all(facts.get(name) == value for name, value in self.facts(committed).items())
        ended = "stopped" not in facts or (facts["stopped"] == "clock" and self.limited)
        return alike and ("warm_start" in facts) == bool(self.warm_start) and ended


PLAIN = Asked()


def seal_attempt(folder: RunFolder, shelf: Shelf, solver: AssignmentSolver, asked: Asked = PLAIN) -> Solved:
    """Solve and seal an attempt, where none stands that was asked for alike."""
    folder.refuse_voided("solve")
    folder.require("merge")
    attempts, committed = folder.attempts(), shelf.plan.settings.budget.rounds
    made = _in_force(folder, shelf) if asked in (PLAIN, Asked(limited=True)) else None
    made = made or next((entry for entry in attempts if asked.is_answered_by(entry.facts, committed)), None)
    if made is None:
        _refuse_attempt(folder, attempts, asked, committed)
        schedule = _solve(shelf, folder, solver, asked, number=len(attempts) + 1)
        made = _seal_schedule(folder, shelf, schedule, asked.facts(committed))
    else:
        folder.progress("pipeline.already_sealed", folder=f"{made.stage}/")
    return _solved(folder, shelf, made, fresh=len(folder.attempts()) > len(attempts))


def _in_force(folder: RunFolder, shelf: Shelf) -> Entry | None:
    """The attempt that the certificate names, or beside which late orders stand: whatever it is, nothing is
    solved after it."""
    if folder.sealed("certificate"):
        return folder.sealed(attempt_folder(shelf.certificate().attempt))
    return folder.attempts()[-1] if folder.orders() else None


def _refuse_attempt(folder: RunFolder, attempts: tuple[Entry, ...], asked: Asked, committed: int) -> None:
    if folder.sealed("certificate"):
        raise refuse(UsageError, "pipeline.certified_already")
    if folder.orders():
        raise refuse(UsageError, "order.no_new_roster")
    if asked.warm_start > len(attempts):
        raise refuse(InputError, "attempt.no_start", attempt=asked.warm_start, n_attempts=len(attempts))
    if asked.rounds not in (None, committed) and not any(
        PLAIN.is_answered_by(entry.facts, committed) for entry in attempts
    ):
        raise refuse(UsageError, "pipeline.committed_first")


def _solve(
    shelf: Shelf, folder: RunFolder, solver: AssignmentSolver, asked: Asked, *, number: int
) -> Schedule:
    plan, merged = shelf.plan, shelf.merged
    folder.progress("pipeline.solving", n_visits=len(merged.visits))
    problem = problem_room.build_problem(
        plan, shelf.registers, shelf.draw_in_force, merged, draw_sha256=shelf.draw_sha256, seed=shelf.seed
    )
    committed = plan.settings.budget
    budget = committed if asked.rounds is None else replace(committed, rounds=asked.rounds)
    start = _start(shelf, problem, asked.warm_start)
    if start:
        outcome = solver(problem, budget, progress=folder.progress, start=start)
    else:
        outcome = solver(problem, budget, progress=folder.progress)
    return problem_room.to_schedule(
        problem,
        plan,
        shelf.registers,
        merged,
        outcome,
        attempt=number,
        discretionary=budget != committed or bool(asked.warm_start),
    )


def _start(shelf: Shelf, problem: AssignmentProblem, number: int) -> tuple[Placement, ...]:
    return problem_room.placements_of(problem, shelf.schedule(number)) if number else ()


def _seal_schedule(folder: RunFolder, shelf: Shelf, schedule: Schedule, asked: dict[str, Fact]) -> Entry:
    report = schedule.report
    causes = [CAUSES[note] for note in report.notes if note in CAUSES]
    facts: dict[str, Fact] = {
        "attempt": report.attempt,
        "discretionary": report.discretionary,
        "draw_sha256": shelf.draw_sha256,
        **asked,
        **({"stopped": causes[0]} if causes else {}),
    }
    return folder.seal(attempt_folder(report.attempt), lambda temp: _write_schedule(temp, schedule, facts))


def _write_schedule(temp: Path, schedule: Schedule, facts: dict[str, Fact]) -> dict[str, Fact]:
    (temp / "solve.json").write_bytes(to_json(schedule.report))
    write_csv(temp / "schedule.csv", Seat, schedule.seats)
    write_csv(temp / "unscheduled.csv", Unscheduled, schedule.unscheduled)
    return facts


def _solved(folder: RunFolder, shelf: Shelf, entry: Entry, *, fresh: bool) -> Solved:
    schedule = shelf.schedule(int(entry.facts["attempt"]))
    n_unscheduled, report = len(schedule.unscheduled), schedule.report
    return Solved(
        run=str(folder.path),
        attempt=report.attempt,
        method=report.method,
        discretionary=report.discretionary,
        n_served=len(shelf.merged.requirements) - n_unscheduled,
        n_unscheduled=n_unscheduled,
        fresh=fresh,
        stopped=_stopped(report),
    )


def _stopped(report: SolveReport) -> str:
    return next((CAUSES[note] for note in report.notes if note in CAUSES), "")
