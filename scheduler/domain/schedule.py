"""The sealed schedule, what is told about it, and the checker's verdict."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from scheduler.domain.errors import Problem, Value
from scheduler.domain.hashes import Profile
from scheduler.domain.problem import GoalResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """One row of ``schedule.csv``: one person in one visit's team. ``[start_min, end_min)`` after midnight.

    ``department_id`` is the department whose seat it is; empty for an expert.
    """

    visit_id: str
    day: dt.date
    start_min: int
    end_min: int
    department_id: str
    person_id: str
    role: Literal["officer", "expert"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unscheduled:
    """A requirement that is not served, with the reason the checker has to confirm."""

    requirement_id: str
    visit_id: str
    reason: Literal["unstaffable", "no_room"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PairCap:
    """What the pair cap (R19) left: ``bound_permille`` bounds how likely any officer is admitted at any
    enterprise, fallback included, rounded up; ``starved`` are the visits and departments for which the
    fallback counted, as ``<visit_id>/<department_id>``, sorted."""

    bound_permille: int
    starved: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SolveReport:
    """``solve.json``: how a schedule came about; ``discretionary`` where it is not what the committed
    budget gives (other budget, interrupted, edited by hand). ``pair_cap`` is there where the plan has one."""

    attempt: int
    draw_sha256: str
    problem_sha256: str
    method: str
    solver: str
    solver_version: str
    reproducible: bool
    discretionary: bool
    work_units: int
    goals: tuple[GoalResult, ...]
    notes: tuple[str, ...] = ()
    pair_cap: PairCap | None = None


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What the solve stage makes: seats sorted by day, start, visit, department, person."""

    seats: tuple[Seat, ...]
    unscheduled: tuple[Unscheduled, ...]
    report: SolveReport


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """One broken rule, with what broke it; ``rule`` is R01–R19 or one of the checks ``ledger``,
    ``digest``, ``plan``, ``draw``, ``merge``, ``goal``. ``code`` names the message."""

    rule: str
    code: str
    params: dict[str, Value]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleVerdict:
    """How often a rule was looked at and how often it was broken; ``checked`` 0 says it had no case."""

    rule: str
    checked: int
    violations: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """核验证书: the checker's verdict. ``digests`` are all files it looked at, by path in the run folder.

    ``order`` says whether commitment before entropy is proved from outside: no folder alone can, so the
    sealed certificate says ``unproven`` and lacks ``order_reasons``, which a checker fills who brings the
    earlier ledger or trusted roots. ``secret`` is None where the plan has none, ``voided`` where it is not
    void. ``profile`` is the hash that every digest here is of. ``n_called`` counts the reserves called,
    ``n_replaced`` the people replaced, ``n_late_orders`` the orders made after the draw and ``n_late_placed``
    those of them that have a visit; no other figure counts these. ``goals`` hold recomputed
    values; a goal's ``proved`` repeats the solver's claim, its value and bound relation are checked.
    ``reproducible`` is false where a clock or an interrupt ended the solve, ``other_solver`` names the solver
    and version where they are not those committed.
    """

    verdict: Literal["certified", "failed"]
    rehearsal: bool
    order: Literal["proven", "unproven"]
    attempt: int
    campaign_id: str
    profile: Profile = "sha256"
    plan_sha256: str
    seed_commitment: str
    rules: tuple[RuleVerdict, ...]
    goals: tuple[GoalResult, ...]
    n_requirements: int
    n_served: int
    n_unscheduled: int
    discretionary: bool
    violations: tuple[Violation, ...]
    digests: dict[str, str]
    order_reasons: tuple[Problem, ...] | None = None
    secret: Literal["unrevealed", "revealed"] | None = None
    voided: bool | None = None
    n_called: int = 0
    n_replaced: int = 0
    n_late_orders: int = 0
    n_late_placed: int = 0
    reproducible: bool = True
    other_solver: str = ""
