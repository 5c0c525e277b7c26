"""What an enterprise is handed: that it stood in the committed frame, with its tickets. A file of its own."""

from dataclasses import dataclass
from typing import Literal

INCLUSION: Literal["onedoor.inclusion/1"] = "onedoor.inclusion/1"
"""Name and version of the form of :class:`InclusionProof`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketProof:
    """One task that could draw the enterprise, by its stratum.

    ``ticket`` and ``cutoff`` are empty before the draw, ``cutoff`` also where the quota is nought;
    ``drawn`` says what follows from them.
    """

    task_id: str
    stratum_id: str
    group: str
    size: int
    quota: int
    ticket: str
    cutoff: str
    drawn: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class InclusionProof:
    """``onedoor prove``: one row of the frame, its salt and path (digests from the leaf upwards).

    ``plan`` is the whole text of ``plan/plan.json``, which names the root: so the file needs nothing beside
    it but the plan's digest, made known before the draw. It never holds the seed or the key of the salts.
    """

    form: Literal["onedoor.inclusion/1"] = INCLUSION
    campaign_id: str
    rehearsal: bool
    plan_sha256: str
    plan: str
    enterprise_id: str
    frame_root: str
    frame_size: int
    index: int
    row: str
    salt: str
    path: tuple[str, ...]
    seed_commitment: str
    tickets: tuple[TicketProof, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofChecked:
    """What a checked proof shows, and by which plan."""

    campaign_id: str
    rehearsal: bool
    plan_sha256: str
    enterprise_id: str
    index: int
    frame_size: int
    tickets: tuple[TicketProof, ...]
