"""The committed plan: what is fixed, hashed and sealed before any seed is known."""

from dataclasses import dataclass
from typing import Literal

from scheduler.domain.hashes import Profile
from scheduler.domain.registers import RiskClass
from scheduler.domain.settings import EntropyKind, Settings

SPEC = "onedoor-draw/1"
SPEC_SHA256 = "4a52f40c990bf1015948e69793f9f32d25d9d43bd4374b02ef6bac798c900fce"
SPEC_SM3 = "ec0dcfb842136e9581f355bd982f2e3eafe105ec32cd2766101ada348bf206d7"
"""Version and digests of docs/draw-spec.md: the page is not part of an installed package, its name in the
plan is. Draw and checker are written from this page: a plan made under another is not theirs to judge."""


def spec_digest(profile: Profile) -> str:
    """What a plan of this profile names the page by."""
    return SPEC_SM3 if profile == "sm3" else SPEC_SHA256


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

    ``size`` is N, ``quota`` n, ``k_max`` how many reserves may be called at most. ``qualification_quotas``
    pairs a label (``qualification:食品``, ``item:S01``) with how many of its holders are drawn at least:
    drawn is the union, one ticket per person (docs/draw-spec.md §8). ``stratum`` ``leaders`` and ``fixed``
    are strata of their own beside a department's other officers; of ``fixed`` all numbers count groups.
    """

    pool_id: str
    role: Literal["officer", "expert"]
    department_id: str = ""
    authority: str = ""
    unit: str = ""
    specialty: str = ""
    stratum: Literal["", "leaders", "fixed"] = ""
    size: int
    quota: int
    k_max: int
    qualification_quotas: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EntropySource:
    """One committed source of the seed and its grammar; ``min_entropy_bits`` is what it is trusted for.

    What enters the seed is ``length`` characters of ``alphabet``. A secret has its commitment; a beacon its
    chain and the ``round`` that counts. The bits of a secret, fixed before the plan, count for secrecy only.
    """

    kind: EntropyKind
    alphabet: str
    length: int
    order: str
    min_entropy_bits: int
    secret_commitment: str | None = None
    chain_hash: str | None = None
    public_key: str | None = None
    scheme: str | None = None
    genesis: int | None = None
    period_s: int | None = None
    round: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Centre:
    """A district's centre, the median of its accepted coordinates; district empty for the whole campaign."""

    district: str
    lon_udeg: int
    lat_udeg: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """``plan.json``. ``digests`` maps every file any later stage reads to its digest. It, ``spec_sha256`` and
    every other digest are of the profile that the settings name.

    ``cosine_ppm`` is the campaign's cosine of latitude in millionths, for planar metres. ``frame_root`` is
    the Merkle root over the salted rows of ``frame.csv``, ``frame_size`` their number; the pipeline fills
    both in, a plan that never was a file has neither.
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
    frame_root: str = ""
    frame_size: int = 0


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


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTicket:
    """The ticket of an ordered visit (指令检查): nobody is drawn by it, it only ranks the visit."""

    order_id: str
    enterprise_id: str
    ticket: str


@dataclass(frozen=True, kw_only=True)
class DrawResult:
    """What the draw stage makes, each table sorted by stratum or pool, then rank; ``orders`` by id."""

    seed_commitment: str
    enterprises: tuple[DrawnEnterprise, ...]
    cutoffs: tuple[Cutoff, ...]
    people: tuple[DrawnPerson, ...]
    orders: tuple[OrderTicket, ...] = ()
