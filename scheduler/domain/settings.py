"""Every setting of the committed plan, with the defaults of DESIGN §11 and where each comes from."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

from scheduler.domain.hashes import Profile


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """The working day: half-open pieces in minutes after midnight, starts on a grid; lunch is the gap."""

    pieces: tuple[tuple[int, int], ...] = ((540, 720), (810, 1020))
    grid_min: int = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Travel:
    """Planar travel: detour in per mille, speed in km/h, least minutes between different addresses. With
    ``source`` ``districts`` the minutes of the table ``travel`` count first, between division codes and
    offices, with ``matrix`` between any places; what it does not say goes by coordinates."""

    source: Literal["coordinates", "districts", "matrix"] = "coordinates"
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
    """Who makes a lawful team (R03, R05, R15, R16, R08): ``per`` says whether officers, leaders and seniors
    are counted per department or per visit. With ``fixed_groups`` the inspectors of one 固定小组 come
    together. With ``neighbours_help`` officers of the departments that the table ``neighbours`` names as a
    department's helpers may take its seats like its own."""

    officers: int = 2
    per: Literal["department", "visit"] = "department"
    one_officer_many_items: bool = True
    leader_required: bool = False
    newcomer_with_senior: bool = False
    fixed_groups: bool = False
    neighbours_help: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairs:
    """The cap on pairs of enterprise and inspector (R19): a pair is admitted where its P-ticket is below
    ``cap_permille`` thousandths of all tickets; 0 means no cap. A visit is starved where of a department's
    officers, or of those with something that is asked for, fewer than ``spare`` times the need are admitted;
    ``fallback`` then admits the next tickets in order (``next``) or nobody (``none``)."""

    cap_permille: int = 0
    spare: int = 2
    fallback: Literal["next", "none"] = "next"


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
    ``k_max`` reserves may be called at most. ``experts`` likewise per specialty; ``leaders`` and
    ``fixed_groups`` (counted in groups) where ``[teams]`` asks for them."""

    inspectors: str = "auto"
    experts: str = "auto"
    leaders: str = "auto"
    fixed_groups: str = "auto"
    k_max: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotas:
    """Rounding: a task's total is rounded by ``rounding`` (``up``: never below the ratio) and shared over
    its strata by largest remainders; what then has n = 0 for N > 0 follows ``zero``. ``range`` says which end
    of a range such as ``10-20%`` is drawn."""

    rounding: Literal["up", "half_up"] = "up"
    zero: Literal["one", "pool", "refuse"] = "one"
    reserves_listed: int = 5
    range: Literal["low", "high"] = "low"


@dataclass(frozen=True, kw_only=True, slots=True)
class Exclusions:
    """Who is left out of a task's frame before the commitment (docs/draw-spec.md §4): enterprises that an
    authority inspected ``annual_cap`` times in the year (R14), and those whose items were all inspected
    within ``cool_off_days`` before the task; zero means no such rule."""

    annual_cap: int = 0
    cool_off_days: int = 0


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Goals:
    """Tolerances that a level gives up to the next, in per mille of its value; the capacity floor in
    minutes keeps a nearly expired officer's load ratio meaningful.

    The others are goal 5's penalties, 0 for no such wish: ``rotation`` for a seat of somebody who was at the
    enterprise's last inspection; ``pairs`` for a visit of two who were together in ``pairs_times`` past
    inspections or more; ``spacing`` for two visits of one enterprise less than ``spacing_days`` working days
    apart; ``early`` for a visit of class C on its last possible day, less the earlier it is, twice as much in
    class D; ``preferred`` for a visit on none of the ``preferred_days`` (where any are named).
    """

    load_tolerance_permille: int = 0
    capacity_floor_min: int = 420
    rotation: int = 4
    pairs: int = 1
    pairs_times: int = 3
    spacing: int = 2
    spacing_days: int = 5
    early: int = 4
    preferred: int = 2
    preferred_days: tuple[Weekday, ...] = ()


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
    described in words. ``at`` is the announced time of the public ceremony, ISO 8601 with offset, empty where
    none is committed: only against it can a time stamp prove anything (docs/howto/anchor-a-commitment.md)."""

    alphabet: str = "0123456789"
    length: int = 40
    order: str = "as called out"
    at: str = ""


EntropyKind = Literal["secret", "ceremony", "drand"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entropy:
    """Where the seed comes from, each kind once, always in this order: the program's own secret, the
    ceremony, a round of a public beacon (docs/draw-spec.md §2)."""

    sources: tuple[EntropyKind, ...] = ("ceremony",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drand:
    """The beacon's chain by its hash (drand quicknet by default) and the one round that counts; round 0
    names none."""

    chain_hash: str = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
    round: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The campaign as committed. ``start``/``end`` is the half-open window of all tasks; ``slot`` the
    number in the annual plan; ``previous_head`` the ledger head of the campaign before (64 zeros if none).
    ``attempt`` counts the draws of one slot: after a void the next campaign's is one more. With
    ``coordination`` ``independent`` every task has its own tickets, whatever group it names. ``profile`` is
    the hash of the whole run: SHA-256, or SM3 (GB/T 32905-2016).
    """

    campaign_id: str
    name: str
    authority: str
    slot: str
    previous_head: str = "0" * 64
    attempt: int = 1
    rehearsal: bool = False
    timezone: str = "Asia/Shanghai"
    calendar: Literal["cn", "file"] = "cn"
    profile: Profile = "sha256"
    coordination: Literal["shared", "independent"] = "shared"
    start: dt.date
    end: dt.date
    hours: Hours = field(default_factory=Hours)
    travel: Travel = field(default_factory=Travel)
    limits: Limits = field(default_factory=Limits)
    teams: Teams = field(default_factory=Teams)
    pairs: Pairs = field(default_factory=Pairs)
    merging: Merging = field(default_factory=Merging)
    pools: Pools = field(default_factory=Pools)
    quotas: Quotas = field(default_factory=Quotas)
    exclusions: Exclusions = field(default_factory=Exclusions)
    goals: Goals = field(default_factory=Goals)
    budget: Budget = field(default_factory=Budget)
    ceremony: Ceremony = field(default_factory=Ceremony)
    entropy: Entropy = field(default_factory=Entropy)
    drand: Drand = field(default_factory=Drand)
