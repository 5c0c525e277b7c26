"""OneDoor's public API: one random draw, one visit per enterprise, one provably lawful roster.

In: registers as files or data frames. Out: the names below, each imported when first asked for, so that
``import scheduler`` alone costs nothing. May import: its own rooms; it knows no solver, whoever calls
:mod:`scheduler.pipeline` hands one in that honours :class:`scheduler.domain.ports.AssignmentSolver`.

The stages one by one are :mod:`scheduler.pipeline`'s functions (``commit``, ``draw``, ``merge`` …); the rooms
of the same names are packages here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from scheduler.domain.errors import (
        InputError,
        NoAnswerError,
        OneDoorError,
        Problem,
        SealError,
        StaffingError,
        UsageError,
        VerificationError,
    )
    from scheduler.domain.messages import render
    from scheduler.domain.ports import AssignmentSolver, Progress
    from scheduler.domain.problem import AssignmentProblem, Outcome, Placement
    from scheduler.domain.registers import Registers
    from scheduler.domain.schedule import Certificate, Schedule
    from scheduler.domain.settings import Settings
    from scheduler.intake import read_campaign, registers_from_frames
    from scheduler.pipeline import (
        InMemoryRun,
        RunResult,
        certify,
        import_campaign,
        run_all,
        run_batch,
        solve_in_memory,
    )
    from scheduler.verify import verify_run

__all__ = [
    "AssignmentProblem",
    "AssignmentSolver",
    "Certificate",
    "InMemoryRun",
    "InputError",
    "NoAnswerError",
    "OneDoorError",
    "Outcome",
    "Placement",
    "Problem",
    "Progress",
    "Registers",
    "RunResult",
    "Schedule",
    "SealError",
    "Settings",
    "StaffingError",
    "UsageError",
    "VerificationError",
    "certify",
    "import_campaign",
    "read_campaign",
    "registers_from_frames",
    "render",
    "run_all",
    "run_batch",
    "solve_in_memory",
    "verify_run",
]

_HOMES = {
    "scheduler.domain.errors": (
        "InputError NoAnswerError OneDoorError Problem SealError StaffingError UsageError VerificationError"
    ),
    "scheduler.domain.messages": "render",
    "scheduler.domain.ports": "AssignmentSolver Progress",
    "scheduler.domain.problem": "AssignmentProblem Outcome Placement",
    "scheduler.domain.registers": "Registers",
    "scheduler.domain.schedule": "Certificate Schedule",
    "scheduler.domain.settings": "Settings",
    "scheduler.intake": "read_campaign registers_from_frames",
    "scheduler.pipeline": ("InMemoryRun RunResult certify import_campaign run_all run_batch solve_in_memory"),
    "scheduler.verify": "verify_run",
}
"""Module to the names it gives; the imports above say the same to type checkers."""


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names.split():
            return getattr(import_module(module), name)
    raise AttributeError(name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
