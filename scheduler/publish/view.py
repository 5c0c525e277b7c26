"""The public view of a campaign: plain records, and for each output the fields it may show.

In: plan, draw, merge result, certificate, registers. Out: lists of flat records of strings, integers,
booleans and lists of strings. May import: :mod:`scheduler.domain`.

A field reaches an output only through that output's tuple of fields, so what is shown can be read here.
None of them names a person or an enterprise, and the seed does not come into this room at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.plan import Cutoff, DrawResult, EntropySource, Plan, Pool, Stratum
from scheduler.domain.registers import Department, Registers, Task
from scheduler.domain.rules import RULES
from scheduler.domain.schedule import Certificate, RuleVerdict
from scheduler.domain.visits import MergeReport, MergeResult

Shown = str | int | list[str]
Record = dict[str, Shown]
View = dict[str, list[Record]]

SCHEMA = "onedoor.public-draw/1"

ENOUGH_BITS = 128
"""Min-entropy in sum under which a draw is flagged (DESIGN §5)."""

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
    "commitment.plan_sha256",
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
    "pools.size",
    "pools.quota",
    "pools.k_max",
    "pools.certain",
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
    "rules.rule",
    "rules.state",
    "rules.checked",
    "rules.violations",
)

JSON_FIELDS: tuple[str, ...] = _CAMPAIGN + _COMMITMENT + _STRATA + _POOLS + _MERGING + _VERDICT
"""What ``draw.json`` may show."""

PAGE_FIELDS: tuple[str, ...] = JSON_FIELDS
"""What ``draw.html`` may show: the page says in words what the data file holds."""

CSV_FIELDS: tuple[str, ...] = ("campaign.rehearsal", *_STRATA)
"""What ``draw.csv`` may show: strata and the tickets drawn in them."""


def public_view(
    plan: Plan, draw: DrawResult, merged: MergeResult, certificate: Certificate, registers: Registers
) -> View:
    """Everything that may be told, section by section; a section with one record is a list of one.

    Errors: ``publish.mismatch`` where the certificate belongs to another campaign or draw.
    """
    _refuse_mixture(plan, draw, certificate)
    departments = {row.department_id: row for row in registers.departments}
    tasks = {row.task_id: row for row in registers.tasks}
    return {
        "campaign": [_campaign(plan)],
        "commitment": [_commitment(plan, draw, certificate)],
        "entropy": [_source(source) for source in plan.entropy],
        "strata": _strata(plan.strata, draw, tasks, departments),
        "pools": [_pool(pool, departments) for pool in plan.pools],
        "merging": [_merging(merged.report)],
        "certificate": [
            _picked(certificate, "verdict attempt discretionary n_requirements n_served n_unscheduled")
        ],
        "rules": _rules(certificate.rules),
    }


def task_names(registers: Registers) -> dict[str, str]:
    """Each task's name by its id."""
    return {row.task_id: row.name for row in registers.tasks}


def committed_view(plan: Plan, plan_sha256: str, registers: Registers) -> View:
    """What the plan alone tells: campaign, digests, sources, strata and pools; nothing of any seed."""
    departments = {row.department_id: row for row in registers.departments}
    tasks = {row.task_id: row for row in registers.tasks}
    bits = sum(source.min_entropy_bits for source in plan.entropy if source.kind != "secret")
    strata: list[Record] = [
        {
            "task_id": row.task_id,
            "task": tasks[row.task_id].name,
            "lead": departments[tasks[row.task_id].lead_id].name,
            "risk_classes": "".join(row.risk_classes),
            "district": row.district,
            "ratio": row.ratio,
            "size": row.size,
            "quota": row.quota,
            "certain": row.size == row.quota,
        }
        for row in plan.strata
    ]
    return {
        "campaign": [_campaign(plan)],
        "commitment": [
            {
                "plan_sha256": plan_sha256,
                "previous_head": plan.settings.previous_head,
                "attempt": plan.settings.attempt,
                "spec": plan.spec,
                "spec_sha256": plan.spec_sha256,
                "entropy_bits": bits,
                "entropy_weak": bits < ENOUGH_BITS,
            }
        ],
        "entropy": [_source(source) for source in plan.entropy],
        "strata": strata,
        "pools": [_pool(pool, departments) for pool in plan.pools],
    }


def select(view: View, fields: Iterable[str]) -> View:
    """The view cut down to the given ``section.field`` names, in their order; unknown names are a bug."""
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for path in fields:
        section, _, name = path.partition(".")
        wanted[section].append(name)
    return {
        section: [{name: row[name] for name in names} for row in view[section]]
        for section, names in wanted.items()
    }


def _refuse_mixture(plan: Plan, draw: DrawResult, certificate: Certificate) -> None:
    pairs = (
        (plan.settings.campaign_id, certificate.campaign_id),
        (draw.seed_commitment, certificate.seed_commitment),
    )
    for ours, theirs in pairs:
        if ours != theirs:
            raise refuse(InputError, "publish.mismatch", ours=ours, theirs=theirs)


def _picked(row: object, names: str) -> Record:
    return {name: getattr(row, name) for name in names.split()}


def _campaign(plan: Plan) -> Record:
    settings = plan.settings
    return _picked(settings, "campaign_id name authority slot rehearsal") | {
        "start": settings.start.isoformat(),
        "end": settings.end.isoformat(),
        # Ceremony and beacon are public: whoever knows them can work out the seed at once.
        "open_from_draw": all(source.kind != "secret" for source in plan.entropy),
    }


def _source(source: EntropySource) -> Record:
    return _picked(source, "kind alphabet length order min_entropy_bits") | {
        "secret_commitment": source.secret_commitment or "",
        "chain_hash": source.chain_hash or "",
        "round": source.round or 0,
    }


def _commitment(plan: Plan, draw: DrawResult, certificate: Certificate) -> Record:
    # A secret is fixed before the plan: what nobody could choose comes after it.
    bits = sum(source.min_entropy_bits for source in plan.entropy if source.kind != "secret")
    return {
        "plan_sha256": certificate.plan_sha256,
        "seed_commitment": draw.seed_commitment,
        "spec": plan.spec,
        "spec_sha256": plan.spec_sha256,
        "order": certificate.order,
        "entropy_bits": bits,
        "entropy_weak": bits < ENOUGH_BITS,
    }


def _strata(
    strata: Sequence[Stratum],
    draw: DrawResult,
    tasks: Mapping[str, Task],
    departments: Mapping[str, Department],
) -> list[Record]:
    cutoffs = {row.stratum_id: row for row in draw.cutoffs}
    tickets: defaultdict[str, list[str]] = defaultdict(list)
    for row in draw.enterprises:
        if row.drawn:
            tickets[row.stratum_id].append(row.ticket)
    return [
        _stratum(row, tasks[row.task_id], departments, cutoffs[row.stratum_id], tickets[row.stratum_id])
        for row in strata
    ]


def _stratum(
    stratum: Stratum, task: Task, departments: Mapping[str, Department], cutoff: Cutoff, tickets: list[str]
) -> Record:
    return {
        "task_id": task.task_id,
        "task": task.name,
        "lead": departments[task.lead_id].name,
        "risk_classes": "".join(stratum.risk_classes),
        "district": stratum.district,
        "ticket_group": stratum.group,
        "ratio": stratum.ratio,
        "size": stratum.size,
        "quota": stratum.quota,
        "certain": stratum.size == stratum.quota,
        "cutoff": cutoff.cutoff,
        "tickets": sorted(tickets),
    }


def _pool(pool: Pool, departments: Mapping[str, Department]) -> Record:
    department = departments.get(pool.department_id)
    return _picked(pool, "role authority unit specialty size quota k_max") | {
        "department": department.name if department else "",
        "certain": pool.size == pool.quota,
    }


def _merging(report: MergeReport) -> Record:
    names = "n_requirements n_onsite_requirements n_enterprises n_visits doors doors_unmerged n_fewest_proved"
    saved = report.doors_unmerged - report.doors
    # Rounded down: the saving is never told larger than it is.
    share = 10_000 * saved // report.doors_unmerged if report.doors_unmerged else 0
    return _picked(report, names) | {"saved_basis_points": share}


def _rules(verdicts: Sequence[RuleVerdict]) -> list[Record]:
    """Every rule of the register in its order, then the checker's other checks in the certificate's order."""
    by_rule = {verdict.rule: verdict for verdict in verdicts}
    later = {rule.rule_id for rule in RULES if rule.state == "later"}
    order = [rule.rule_id for rule in RULES]
    order += [verdict.rule for verdict in verdicts if verdict.rule not in set(order)]
    return [_rule(name, by_rule.get(name), later) for name in order]


def _rule(name: str, verdict: RuleVerdict | None, later: set[str]) -> Record:
    checked = verdict.checked if verdict else 0
    violations = verdict.violations if verdict else 0
    state = "held" if checked else "no_case"
    if violations:
        state = "broken"
    elif name in later:
        state = "later"
    elif verdict is None:
        state = "unchecked"
    return {"rule": name, "state": state, "checked": checked, "violations": violations}
