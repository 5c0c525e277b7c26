"""A solver's answer in positions in; the schedule in the campaign's own ids out.

May import: the domain and this room.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from scheduler.domain.codec import to_json
from scheduler.domain.errors import OneDoorError, Problem
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.domain.plan import Plan
from scheduler.domain.problem import AssignmentProblem, Outcome, Placement
from scheduler.domain.registers import Registers
from scheduler.domain.schedule import PairCap, Schedule, Seat, SolveReport, Unscheduled
from scheduler.domain.settings import Budget
from scheduler.domain.visits import MergeResult
from scheduler.problem.notes import place_notes

LOTTERY_LEFT_OUT = "problem.lottery_left_out"
"""Note in the solve report of a problem that was too large for lottery weights."""


def problem_sha256(problem: AssignmentProblem, profile: Profile = "sha256") -> str:
    """The digest of the problem's canonical JSON, in 64 hexadecimal digits."""
    return digest_hex(to_json(problem), profile)


def to_schedule(
    problem: AssignmentProblem,
    plan: Plan,
    registers: Registers,
    merged: MergeResult,
    outcome: Outcome,
    *,
    attempt: int,
    discretionary: bool,
) -> Schedule:
    """Seats sorted by day, start, visit, department, person; unscheduled requirements by id.

    Every requirement of ``merged`` comes out once, seated or with its reason (R18). A team is told as
    the solver gave it: whether it is lawful is for the checker to say. What another solver than the
    committed one made, or one that was interrupted, is discretionary whatever the caller says.

    Errors, as a bug and all at once: ``problem.not_conserved`` for a visit answered twice, not at all or
    in part.
    """
    _refuse_lost(problem, outcome)
    seats = sorted(_seats(problem, outcome), key=_order)
    return Schedule(
        seats=tuple(seats),
        unscheduled=_unscheduled(problem, merged, outcome),
        report=SolveReport(
            attempt=attempt,
            draw_sha256=problem.draw_sha256,
            problem_sha256=problem_sha256(problem, plan.settings.profile),
            method=outcome.method,
            solver=outcome.solver,
            solver_version=outcome.solver_version,
            reproducible=outcome.reproducible,
            discretionary=discretionary or not _is_committed(outcome, plan.settings.budget),
            work_units=outcome.work_units,
            goals=outcome.goals,
            notes=outcome.notes + _lottery_note(problem) + place_notes(problem, plan, registers, merged),
            pair_cap=_pair_cap(problem, plan),
        ),
    )


def _pair_cap(problem: AssignmentProblem, plan: Plan) -> PairCap | None:
    if not plan.settings.pairs.cap_permille:
        return None
    starved = (
        f"{problem.visits[v].visit_id}/{problem.departments[problem.visits[v].groups[g].department_idx]}"
        for v, g in problem.starved
    )
    return PairCap(bound_permille=problem.pair_bound_permille, starved=tuple(sorted(starved)))


def _is_committed(outcome: Outcome, budget: Budget) -> bool:
    """Whether the outcome is the one that the committed solver gives, whoever runs it."""
    solver = outcome.solver, outcome.solver_version
    return outcome.reproducible and solver == (budget.solver, budget.solver_version)


def _refuse_lost(problem: AssignmentProblem, outcome: Outcome) -> None:
    answered = Counter([p.visit_idx for p in outcome.placements] + [n for n, _ in outcome.unplaced])
    partial = {
        p.visit_idx for p in outcome.placements if len(p.teams) != len(problem.visits[p.visit_idx].groups)
    }
    lost = [v.visit_id for n, v in enumerate(problem.visits) if answered[n] != 1 or n in partial]
    if lost:
        raise OneDoorError(Problem(code="problem.not_conserved", params={"visit": name}) for name in lost)


def _seats(problem: AssignmentProblem, outcome: Outcome) -> Iterator[Seat]:
    for placement in outcome.placements:
        visit = problem.visits[placement.visit_idx]
        for group, team in zip(visit.groups, placement.teams, strict=True):
            department = problem.departments[group.department_idx] if group.department_idx >= 0 else ""
            for person in team:
                yield _seat(problem, placement, department, person)


def _seat(problem: AssignmentProblem, placement: Placement, department: str, person: int) -> Seat:
    visit = problem.visits[placement.visit_idx]
    return Seat(
        visit_id=visit.visit_id,
        day=dt.date.fromisoformat(problem.days[placement.day_idx]),
        start_min=placement.start_min,
        end_min=placement.start_min + visit.duration_min,
        department_id=department,
        person_id=problem.people[person].person_id,
        role="officer" if department else "expert",
    )


def _order(seat: Seat) -> tuple[dt.date, int, str, str, str]:
    return seat.day, seat.start_min, seat.visit_id, seat.department_id, seat.person_id


def _unscheduled(
    problem: AssignmentProblem, merged: MergeResult, outcome: Outcome
) -> tuple[Unscheduled, ...]:
    reasons = {problem.visits[n].visit_id: reason for n, reason in outcome.unplaced}
    rows = (
        Unscheduled(requirement_id=ident, visit_id=visit.visit_id, reason=reasons[visit.visit_id])
        for visit in merged.visits
        if visit.visit_id in reasons
        for ident in visit.requirement_ids
    )
    return tuple(sorted(rows, key=lambda row: row.requirement_id))


def _lottery_note(problem: AssignmentProblem) -> tuple[str, ...]:
    drawn = any(group.lottery for visit in problem.visits for group in visit.groups)
    seated = any(group.pools for visit in problem.visits for group in visit.groups)
    return (LOTTERY_LEFT_OUT,) if seated and not drawn else ()
