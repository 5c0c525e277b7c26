"""The committed plan: what is fixed, hashed and sealed before any seed is known."""

from dataclasses import dataclass
from typing import Literal

from scheduler.domain.registers import RiskClass
from scheduler.domain.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameRow:
    """One enterprise of the frame (抽样框), with exactly the columns that scopes and strata look at."""

    enterprise_id: str
    authority: str
    unit: str
    district: str
    industry: str
    risk_class: RiskClass
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Exclusion:
    """Someone lawfully left out before the draw; ``task_id`` empty means out of every task or pool.

    ``reason`` is a message code, such as ``excluded.status``.
    """

    role: Literal["enterprise", "inspector", "expert"]
    subject_id: str
    task_id: str = ""
    reason: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stratum:
    """层: a task's enterprises of some risk classes (and one district where the task says so).

    ``size`` is N, ``quota`` is n, ``ratio`` the quota's text for these classes. ``group`` is the group
    string in the tickets. A task's strata partition its frame; an empty stratum is not listed.
    """

    stratum_id: str
    task_id: str
    risk_classes: tuple[RiskClass, ...]
    district: str = ""
    group: str
    ratio: str
    size: int
    quota: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """People drawn together: officers of one department and jurisdiction, or experts of one specialty.

    ``size`` is N, ``quota`` n, ``k_max`` how many reserves may be called at most.
    """

    pool_id: str
    role: Literal["officer", "expert"]
    department_id: str = ""
    authority: str = ""
    unit: str = ""
    specialty: str = ""
    size: int
    quota: int
    k_max: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EntropySource:
    """One committed source of the seed and its grammar; ``min_entropy_bits`` is what it is trusted for."""

    kind: Literal["ceremony"]
    alphabet: str
    length: int
    order: str
    min_entropy_bits: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Centre:
    """A district's centre, the median of its accepted coordinates; district empty for the whole campaign."""

    district: str
    lon_udeg: int
    lat_udeg: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """``plan.json``. ``digests`` maps every file any later stage reads to its SHA-256.

    ``cosine_ppm`` is the campaign's cosine of latitude in millionths, for planar metres.
    """

    spec: str
    spec_sha256: str
    settings: Settings
    digests: dict[str, str]
    rejected_rows: int
    strata: tuple[Stratum, ...]
    pools: tuple[Pool, ...]
    entropy: tuple[EntropySource, ...]
    cosine_ppm: int
    centres: tuple[Centre, ...]


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """What the commit stage makes: the plan, the frame and the exclusions, sorted by id."""

    plan: Plan
    frame: tuple[FrameRow, ...]
    excluded: tuple[Exclusion, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnEnterprise:
    """A row of the draw: rank 1 has the smallest ticket of its stratum; ``drawn`` false is a reserve."""

    task_id: str
    stratum_id: str
    rank: int
    enterprise_id: str
    ticket: str
    drawn: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Cutoff:
    """A stratum's result for the public: drawn is every ticket not above ``cutoff`` (empty where n = 0)."""

    stratum_id: str
    size: int
    quota: int
    cutoff: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnPerson:
    """A person's place in a pool's ticket order; ``drawn`` false is a reserve, never used unless called."""

    pool_id: str
    rank: int
    person_id: str
    ticket: str
    drawn: bool


@dataclass(frozen=True, kw_only=True)
class DrawResult:
    """What the draw stage makes, each table sorted by stratum or pool, then rank."""

    seed_commitment: str
    enterprises: tuple[DrawnEnterprise, ...]
    cutoffs: tuple[Cutoff, ...]
    people: tuple[DrawnPerson, ...]
