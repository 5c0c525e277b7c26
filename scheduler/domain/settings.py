"""Every setting of the committed plan, with the defaults of DESIGN §11 and where each comes from."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """The working day: half-open pieces in minutes after midnight, starts on a grid; lunch is the gap."""

    pieces: tuple[tuple[int, int], ...] = ((540, 720), (810, 1020))
    grid_min: int = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Travel:
    """Planar travel: detour in per mille, speed in km/h, least minutes between different addresses."""

    detour_permille: int = 1300
    speed_kmh: int = 25
    least_min: int = 5
    outlier_km: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Upper limits per person (R10); zero means no limit. Daily minutes include travel, weekly and
    campaign minutes are on-site minutes. A week is an ISO week."""

    visits_day: int = 4
    minutes_day: int = 420
    visits_week: int = 0
    minutes_week: int = 0
    visits_campaign: int = 0
    minutes_campaign: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Teams:
    """Who makes a lawful team (R03, R05, R15, R16, R08)."""

    officers: int = 2
    per: Literal["department", "visit"] = "department"
    one_officer_many_items: bool = True
    leader_required: bool = False
    newcomer_with_senior: bool = False
    fixed_groups: bool = False
    neighbours_help: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Merging:
    """Durations and maxima of one visit (DESIGN §6, §11); zero means no maximum."""

    item_min: int = 30
    overhead_min: int = 10
    max_departments: int = 4
    max_officers: int = 10
    max_minutes: int = 180


@dataclass(frozen=True, kw_only=True, slots=True)
class Pools:
    """How many inspectors are drawn per department and jurisdiction: ``auto``, ``30%`` or ``12人``;
    ``k_max`` reserves may be called at most. ``experts`` likewise per specialty."""

    inspectors: str = "auto"
    experts: str = "auto"
    k_max: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotas:
    """Rounding: a task's total is rounded by ``rounding`` (``up``: never below the ratio) and shared over
    its strata by largest remainders; what then has n = 0 for N > 0 follows ``zero``."""

    rounding: Literal["up", "half_up"] = "up"
    zero: Literal["one", "pool", "refuse"] = "one"
    reserves_listed: int = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Goals:
    """Tolerances that a level gives up to the next, in per mille of its value; the capacity floor in
    minutes keeps a nearly expired officer's load ratio meaningful."""

    load_tolerance_permille: int = 0
    capacity_floor_min: int = 420


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """Deterministic work units of the solver: in all, and per goal of an exact solve."""

    solver: str = "ortools"
    solver_version: str = "9.15.6755"
    exact_units: int = 60
    block_units: int = 2
    rounds: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Ceremony:
    """Public dice or lottery results: exactly ``length`` characters out of ``alphabet``, in the ``order``
    described in words."""

    alphabet: str = "0123456789"
    length: int = 40
    order: str = "as called out"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The campaign as committed. ``start``/``end`` is the half-open window of all tasks; ``slot`` the
    number in the annual plan; ``previous_head`` the ledger head of the campaign before (64 zeros if none).
    """

    campaign_id: str
    name: str
    authority: str
    slot: str
    previous_head: str = "0" * 64
    rehearsal: bool = False
    timezone: str = "Asia/Shanghai"
    calendar: Literal["cn", "file"] = "cn"
    start: dt.date
    end: dt.date
    hours: Hours = field(default_factory=Hours)
    travel: Travel = field(default_factory=Travel)
    limits: Limits = field(default_factory=Limits)
    teams: Teams = field(default_factory=Teams)
    merging: Merging = field(default_factory=Merging)
    pools: Pools = field(default_factory=Pools)
    quotas: Quotas = field(default_factory=Quotas)
    goals: Goals = field(default_factory=Goals)
    budget: Budget = field(default_factory=Budget)
    ceremony: Ceremony = field(default_factory=Ceremony)
