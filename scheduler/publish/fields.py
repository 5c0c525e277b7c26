"""What each public output may show, field by field: ``section.name`` of the public view.

In: nothing. Out: tuples of names. May import: nothing.

A field reaches an output, or the script inside a page, only through its tuple here. Before the close none of
them names a person or an enterprise, and the seed is not among them.
"""

SCHEMA = "onedoor.public-draw/1"

_CAMPAIGN = (
    "campaign.campaign_id",
    "campaign.name",
    "campaign.authority",
    "campaign.slot",
    "campaign.start",
    "campaign.end",
    "campaign.rehearsal",
    "campaign.open_from_draw",
)
_COMMITMENT = (
    "commitment.profile",
    "commitment.plan_sha256",
    "commitment.frame_root",
    "commitment.frame_size",
    "commitment.seed_commitment",
    "commitment.spec",
    "commitment.spec_sha256",
    "commitment.order",
    "commitment.entropy_bits",
    "commitment.entropy_weak",
    "entropy.kind",
    "entropy.alphabet",
    "entropy.length",
    "entropy.order",
    "entropy.min_entropy_bits",
    "entropy.secret_commitment",
    "entropy.chain_hash",
    "entropy.round",
    "entropy.round_at",
)
_STRATA = (
    "strata.task_id",
    "strata.task",
    "strata.lead",
    "strata.risk_classes",
    "strata.district",
    "strata.ticket_group",
    "strata.ratio",
    "strata.size",
    "strata.quota",
    "strata.certain",
    "strata.cutoff",
    "strata.tickets",
)
_POOLS = (
    "pools.role",
    "pools.department",
    "pools.authority",
    "pools.unit",
    "pools.specialty",
    "pools.stratum",
    "pools.size",
    "pools.quota",
    "pools.k_max",
    "pools.certain",
    "pools.called",
    "pools.replaced",
)
_MERGING = (
    "merging.n_requirements",
    "merging.n_onsite_requirements",
    "merging.n_enterprises",
    "merging.n_visits",
    "merging.doors",
    "merging.doors_unmerged",
    "merging.saved_basis_points",
    "merging.n_fewest_proved",
)
_VERDICT = (
    "certificate.verdict",
    "certificate.attempt",
    "certificate.discretionary",
    "certificate.n_requirements",
    "certificate.n_served",
    "certificate.n_unscheduled",
    "certificate.n_late_orders",
    "certificate.n_late_placed",
    "rules.rule",
    "rules.state",
    "rules.checked",
    "rules.violations",
)

JSON_FIELDS: tuple[str, ...] = (
    *_CAMPAIGN,
    *_COMMITMENT,
    "strata.stratum_id",
    *_STRATA,
    *_POOLS,
    *_MERGING,
    *_VERDICT,
)
"""What ``draw.json`` may show."""

PAGE_FIELDS: tuple[str, ...] = JSON_FIELDS
"""What ``draw.html`` may show: the page says in words what the data file holds."""

CSV_FIELDS: tuple[str, ...] = ("campaign.rehearsal", *_STRATA)
"""What ``draw.csv`` may show: strata and the tickets drawn in them."""

_CHECK = (
    "campaign.campaign_id",
    "campaign.slot",
    "commitment.profile",
    "commitment.spec",
    "commitment.plan_sha256",
    "entropy.kind",
    "entropy.alphabet",
    "entropy.length",
)
_CHECK_STRATA = (
    "strata.stratum_id",
    "strata.task",
    "strata.risk_classes",
    "strata.district",
    "strata.ticket_group",
    "strata.size",
    "strata.quota",
    "strata.cutoff",
)

COMMIT_CHECK: tuple[str, ...] = _CHECK
"""What the script of ``commit.html`` may compute with: digests and grammar, neither groups nor cutoffs."""

DRAW_CHECK: tuple[str, ...] = (*_CHECK, "commitment.seed_commitment", *_CHECK_STRATA)
"""What the script of ``draw.html`` may compute with: never the seed, whatever the plan's sources."""


VOID_FIELDS = ("approver", "organ", "document", "reason")
"""Of a void the page tells who from outside approved it, and why: an act of office, not personal data."""

_COMMITTED = (
    *_CAMPAIGN,
    "commitment.profile",
    "commitment.plan_sha256",
    "commitment.frame_root",
    "commitment.frame_size",
    "commitment.previous_head",
    "commitment.attempt",
    "commitment.spec",
    "commitment.spec_sha256",
    "commitment.entropy_bits",
    "commitment.entropy_weak",
    *(name for name in _COMMITMENT if name.startswith("entropy.")),
    "strata.stratum_id",
    *(name for name in _STRATA if name not in {"strata.ticket_group", "strata.cutoff", "strata.tickets"}),
    *(name for name in _POOLS if name not in {"pools.called", "pools.replaced"}),
)

COMMIT_FIELDS: tuple[str, ...] = (*_COMMITTED, *(f"excluded.{name}" for name in ("reason", "n")))
"""What ``commit.html`` and ``commit.json`` may show: the plan, and of those left out only how many."""

CLOSE_FIELDS: tuple[str, ...] = (
    *_COMMITTED,
    "commitment.seed_commitment",
    "strata.ticket_group",
    "strata.cutoff",
    *(f"reveal.{name}" for name in ("seed", "seed_text", "secret", "drawn", "voided")),
    *(f"void.{name}" for name in VOID_FIELDS),
    *(
        f"drawn.{name}"
        for name in ("task_id", "task", "stratum_id", "rank", "enterprise_id", "name", "ticket")
    ),
    *(f"people.{name}" for name in ("pool_id", "rank", "ticket", "drawn", "called", "replaced")),
)
"""What ``close.html`` and ``close.json`` may show: of enterprises code and name, of people only tickets."""

CLOSE_CHECK: tuple[str, ...] = (*DRAW_CHECK, "reveal.seed", "reveal.seed_text")
"""What the script of ``close.html`` may compute with: now the seed, too."""
