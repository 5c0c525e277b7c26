"""The public view of a campaign: plain records, and for each output the fields it may show.

In: plan, draw, merge result, certificate, registers. Out: lists of flat records of strings, integers,
booleans and lists of strings. May import: :mod:`scheduler.domain`.

What of it an output may show stands in :mod:`scheduler.publish.fields`.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.plan import Cutoff, DrawResult, EntropySource, Plan, Pool, Stratum
from scheduler.domain.registers import Department, Registers, Task
from scheduler.domain.reserves import SealedReserve
from scheduler.domain.rules import RULES
from scheduler.domain.schedule import Certificate, RuleVerdict
from scheduler.domain.visits import MergeReport, MergeResult

Shown = str | int | list[str]
Record = dict[str, Shown]
View = dict[str, list[Record]]

ENOUGH_BITS = 128
"""Min-entropy in sum under which a draw is flagged (DESIGN §5)."""


def public_view(
    plan: Plan,
    draw: DrawResult,
    merged: MergeResult,
    certificate: Certificate,
    registers: Registers,
    reserves: Sequence[SealedReserve] = (),
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
        "pools": [_pool(pool, departments) | _reserves(pool, reserves) for pool in plan.pools],
        "merging": [_merging(merged.report)],
        "certificate": [
            _picked(
                certificate,
                "verdict attempt discretionary n_requirements n_served n_unscheduled"
                " n_late_orders n_late_placed",
            )
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
            "stratum_id": row.stratum_id,
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
                "profile": plan.settings.profile,
                "plan_sha256": plan_sha256,
                "frame_root": plan.frame_root,
                "frame_size": plan.frame_size,
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
        "round_at": _round_at(source),
    }


def _round_at(source: EntropySource) -> str:
    """When a beacon's round is due, by its chain's clock; empty for another source."""
    if source.round is None or source.genesis is None or source.period_s is None:
        return ""
    seconds = source.genesis + (source.round - 1) * source.period_s
    return dt.datetime.fromtimestamp(seconds, tz=dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _commitment(plan: Plan, draw: DrawResult, certificate: Certificate) -> Record:
    # A secret is fixed before the plan: what nobody could choose comes after it.
    bits = sum(source.min_entropy_bits for source in plan.entropy if source.kind != "secret")
    return {
        "profile": plan.settings.profile,
        "plan_sha256": certificate.plan_sha256,
        "frame_root": plan.frame_root,
        "frame_size": plan.frame_size,
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
        "stratum_id": stratum.stratum_id,
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
    return _picked(pool, "role authority unit specialty stratum size quota k_max") | {
        "department": department.name if department else "",
        "certain": pool.size == pool.quota,
    }


def _reserves(pool: Pool, events: Sequence[SealedReserve]) -> Record:
    """How many reserves the pool called, and how many of them took a replaced person's seats."""
    rows = [row for event in events for row in event.called if row.pool_id == pool.pool_id]
    return {"called": len(rows), "replaced": sum(bool(row.replaces) for row in rows)}


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
