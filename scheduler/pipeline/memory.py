"""The whole way from registers to a roster without touching the disk.

In: registers, settings, the ceremony's text, a solver. Out: every stage's result as domain objects.
May import: the rooms and :mod:`scheduler.domain`.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace

from scheduler import draw as draw_room
from scheduler import merge as merge_room
from scheduler import problem as problem_room
from scheduler.domain.canonical import sha256_hex
from scheduler.domain.codec import csv_bytes, to_json
from scheduler.domain.layout import FRAME, FRAME_KEY, SETTINGS, intake_table
from scheduler.domain.plan import (
    Commitment,
    Cutoff,
    DrawnEnterprise,
    DrawnPerson,
    DrawResult,
    Exclusion,
    FrameRow,
    OrderTicket,
    Plan,
)
from scheduler.domain.ports import AssignmentSolver, Progress
from scheduler.domain.problem import AssignmentProblem
from scheduler.domain.registers import TABLES, Registers
from scheduler.domain.schedule import Schedule
from scheduler.domain.settings import Settings
from scheduler.domain.visits import MergeResult
from scheduler.pipeline.before import committed_digests
from scheduler.pipeline.framekey import frame_key_of, key_text, with_frame_tree
from scheduler.pipeline.shelf import draw_digest


@dataclass(frozen=True, kw_only=True)
class InMemoryRun:
    """One run in memory, equal field by field to what a run folder of the same registers holds.

    Nothing is sealed: there is no ledger and no certificate, so this proves nothing to others.
    """

    plan: Plan
    commitment: Commitment
    seed_text: str
    draw: DrawResult
    merged: MergeResult
    problem: AssignmentProblem
    schedule: Schedule


def solve_in_memory(
    registers: Registers,
    settings: Settings,
    ceremony: str,
    solver: AssignmentSolver,
    *,
    rejected_rows: int = 0,
    progress: Progress | None = None,
) -> InMemoryRun:
    """Commit, draw, merge and solve; each table of ``registers`` sorted as intake sorts it.

    ``rejected_rows`` is the number of rows that were left out before, it stands in the plan. Errors:
    those of the rooms.
    """
    commitment = _commit(registers, settings, rejected_rows)
    plan = commitment.plan
    seed_text = draw_room.seed_text(plan, ceremony)
    seed = draw_room.seed_of(seed_text)
    drawn = draw_room.draw(plan, commitment.frame, commitment.excluded, registers, seed)
    merged = merge_room.merge(plan, registers, drawn)
    problem = problem_room.build_problem(
        plan, registers, drawn, merged, draw_sha256=_draw_sha256(drawn), seed=seed
    )
    outcome = solver(problem, plan.settings.budget, progress=progress)
    schedule = problem_room.to_schedule(
        problem, plan, registers, merged, outcome, attempt=1, discretionary=False
    )
    return InMemoryRun(
        plan=plan,
        commitment=commitment,
        seed_text=seed_text,
        draw=drawn,
        merged=merged,
        problem=problem,
        schedule=schedule,
    )


def _commit(registers: Registers, settings: Settings, rejected_rows: int) -> Commitment:
    """The commitment with the digests that the same tables would have as files."""
    tables = {intake_table(name): csv_bytes(cls, getattr(registers, name)) for name, cls in TABLES.items()}
    files = _digests({SETTINGS: to_json(settings), **tables})
    made = draw_room.commit(registers, settings, committed_digests(files), rejected_rows)
    frame_key = frame_key_of(settings)
    own = {
        FRAME: csv_bytes(FrameRow, made.frame),
        "plan/excluded.csv": csv_bytes(Exclusion, made.excluded),
        FRAME_KEY: key_text(frame_key).encode(),
    }
    plan = with_frame_tree(made.plan, io.BytesIO(own[FRAME]), frame_key)
    return replace(made, plan=replace(plan, digests={**plan.digests, **_digests(own)}))


def _draw_sha256(drawn: DrawResult) -> str:
    files = {
        "draw/enterprises.csv": csv_bytes(DrawnEnterprise, drawn.enterprises),
        "draw/cutoffs.csv": csv_bytes(Cutoff, drawn.cutoffs),
        "draw/people.csv": csv_bytes(DrawnPerson, drawn.people),
        "draw/orders.csv": csv_bytes(OrderTicket, drawn.orders),
    }
    return draw_digest(_digests(files))


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: sha256_hex(data) for path, data in files.items()}
