"""Drawn people and merged visits in; the roster problem in integers out, and its answer as a schedule.

May import: the domain and the standard library. Knows no solver; the seed is needed for the lottery only.
"""

from scheduler.problem.build import build_problem
from scheduler.problem.former import placements_of
from scheduler.problem.late import Late, late_seats
from scheduler.problem.schedule import problem_sha256, to_schedule
from scheduler.problem.shortage import PoolCall, Shortage, reserves_needed

__all__ = [
    "Late",
    "PoolCall",
    "Shortage",
    "build_problem",
    "late_seats",
    "placements_of",
    "problem_sha256",
    "reserves_needed",
    "to_schedule",
]
