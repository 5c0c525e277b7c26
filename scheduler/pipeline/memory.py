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
from scheduler.domain.codec import csv_bytes, to_json
from scheduler.domain.hashes import Profile, digest_hex
from scheduler.domain.layout import FRAME, FRAME_KEY, IF_ANY, SETTINGS, intake_table
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
    secret: str = "",
    beacon: str = "",
    rejected_rows: int = 0,
    progress: Progress | None = None,
) -> InMemoryRun:
    """Commit, draw, merge and solve; each table of ``registers`` sorted as intake sorts it.

    ``secret`` (64 hexadecimal digits, as :func:`scheduler.draw.make_secret` makes them) and ``beacon`` (the
    text of the round's file) are needed where the settings name such a source, and refused elsewhere; the
    plan shows the secret's hash. ``rejected_rows`` is the number of rows that were left out before, it stands
    in the plan. Errors: those of the rooms.
    """
    commitment = _commit(registers, settings, rejected_rows, secret)
    plan = commitment.plan
    seed_text = draw_room.seed_text(plan, ceremony, secret=secret, beacon=beacon)
    seed = draw_room.seed_of(seed_text, settings.profile)
    drawn = draw_room.draw(plan, commitment.frame, commitment.excluded, registers, seed)
    merged = merge_room.merge(plan, registers, drawn)
    problem = problem_room.build_problem(
        plan, registers, drawn, merged, draw_sha256=_draw_sha256(drawn, settings.profile), seed=seed
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


def _commit(registers: Registers, settings: Settings, rejected_rows: int, secret: str) -> Commitment:
    """The commitment with the digests that the same tables would have as files."""
    tables = {
        intake_table(name): csv_bytes(cls, getattr(registers, name))
        for name, cls in TABLES.items()
        if getattr(registers, name) or name not in IF_ANY
    }
    files = _digests({SETTINGS: to_json(settings), **tables}, settings.profile)
    digests = committed_digests(files, settings.profile)
    made = draw_room.commit(registers, settings, digests, rejected_rows)
    made = replace(made, plan=draw_room.with_secret(made.plan, secret))
    frame_key = frame_key_of(settings)
    own = {
        FRAME: csv_bytes(FrameRow, made.frame),
        "plan/excluded.csv": csv_bytes(Exclusion, made.excluded),
        FRAME_KEY: key_text(frame_key).encode(),
    }
    plan = with_frame_tree(made.plan, io.BytesIO(own[FRAME]), frame_key)
    return replace(made, plan=replace(plan, digests={**plan.digests, **_digests(own, settings.profile)}))


def _draw_sha256(drawn: DrawResult, profile: Profile) -> str:
    files = {
        "draw/enterprises.csv": csv_bytes(DrawnEnterprise, drawn.enterprises),
        "draw/cutoffs.csv": csv_bytes(Cutoff, drawn.cutoffs),
        "draw/people.csv": csv_bytes(DrawnPerson, drawn.people),
        "draw/orders.csv": csv_bytes(OrderTicket, drawn.orders),
    }
    return draw_digest(_digests(files, profile), profile)


def _digests(files: Mapping[str, bytes], profile: Profile) -> dict[str, str]:
    return {path: digest_hex(data, profile) for path, data in files.items()}
