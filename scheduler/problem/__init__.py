"""Drawn people and merged visits in; the roster problem in integers out, and its answer as a schedule.

May import: the domain and the standard library. Knows no solver; the seed is needed for the lottery only.
"""

from scheduler.problem.build import build_problem
from scheduler.problem.schedule import problem_sha256, to_schedule

__all__ = ["build_problem", "problem_sha256", "to_schedule"]
