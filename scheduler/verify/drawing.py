"""The draw replayed: seed, tickets, ranks, cutoffs, people (``docs/draw-spec.md`` §2, §3, §7, §9).

In: :class:`Facts` with the census's rankings. Out: cases of ``draw``.
"""

from collections import defaultdict

from scheduler.domain.hashes import Profile
from scheduler.domain.plan import Cutoff, DrawnEnterprise, DrawnPerson, OrderTicket, Pool
from scheduler.verify.census import seed_of, ticket_of
from scheduler.verify.demand import PoolSizes
from scheduler.verify.entropy import seed_text_holds
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts
from scheduler.verify.plan import people_free


def draw_holds(facts: Facts) -> Cases:
    """The drawn and the listed reserves are those with the smallest tickets, and nobody else."""
    cases = Cases("draw")
    evidence = facts.evidence
    cases.look(seed_text_holds(evidence.seed_text, evidence.plan), "verify.seed_text", file="draw/seed.txt")
    _check_enterprises(cases, facts)
    check_order_tickets(cases, facts)
    _check_people(cases, facts)
    if evidence.draw_sha256:
        told = evidence.solve_report.draw_sha256
        cases.look(told == evidence.draw_sha256, "verify.other_draw", told=told, found=evidence.draw_sha256)
    return cases


def _check_enterprises(cases: Cases, facts: Facts) -> None:
    evidence, census = facts.evidence, facts.census
    told: dict[str, list[DrawnEnterprise]] = defaultdict(list)
    for row in evidence.drawn_enterprises:
        told[row.stratum_id].append(row)
    strata = {s.stratum_id: s for s in evidence.plan.strata}
    for stratum_id, stratum in strata.items():
        ranked = census.ranked.get(stratum_id, [])
        due = [
            DrawnEnterprise(
                task_id=stratum.task_id,
                stratum_id=stratum_id,
                rank=rank,
                enterprise_id=ident,
                ticket=ticket,
                drawn=rank <= stratum.quota,
            )
            for rank, (ticket, ident) in enumerate(ranked, start=1)
        ]
        _compare(cases, stratum_id, due, told.pop(stratum_id, []))
        members = census.members[stratum_id]
        cases.look(members == stratum.size, "verify.stratum_size", stratum=stratum_id, found=members)
    for stratum_id in sorted(told):
        cases.look(False, "verify.draw_row", group=stratum_id, subject="")
    for task_id, n in sorted(census.outside.items()):
        cases.broken("verify.not_partition", task=task_id, n=n)
    _check_cutoffs(cases, facts)


def check_order_tickets(cases: Cases, facts: Facts) -> None:
    """Every order of the register has its ticket (§7.1), in the order of their ids, and nothing else has."""
    profile = facts.settings.profile
    seed = seed_of(facts.evidence.seed_text, profile)
    due = [
        OrderTicket(
            order_id=order.order_id,
            enterprise_id=order.enterprise_id,
            ticket=ticket_of(seed, "E", f"order:{order.order_id}", order.enterprise_id, profile),
        )
        for order in sorted(facts.evidence.registers.orders, key=lambda order: order.order_id)
    ]
    told = list(facts.evidence.orders)
    for row in told:
        cases.look(row in due, "verify.draw_row", group=row.order_id, subject=row.enterprise_id)
    for row in due:
        if row not in told:
            cases.look(False, "verify.draw_missing", group=row.order_id, subject=row.enterprise_id)
    cases.look(told == due or set(told) != set(due), "verify.draw_order", group="orders")


def _compare(cases: Cases, group: str, due: list[DrawnEnterprise], told: list[DrawnEnterprise]) -> None:
    lawful, listed = set(due), set(told)
    for row in told:
        cases.look(row in lawful, "verify.draw_row", group=group, subject=row.enterprise_id)
    for row in due:
        if row not in listed:
            cases.look(False, "verify.draw_missing", group=group, subject=row.enterprise_id)
    if lawful == listed:
        cases.look(told == due, "verify.draw_order", group=group)


def _check_cutoffs(cases: Cases, facts: Facts) -> None:
    ranked = facts.census.ranked
    due = tuple(
        Cutoff(
            stratum_id=s.stratum_id,
            size=s.size,
            quota=s.quota,
            cutoff=ranked[s.stratum_id][s.quota - 1][0] if 0 < s.quota <= len(ranked[s.stratum_id]) else "",
        )
        for s in facts.evidence.plan.strata
    )
    told = {row.stratum_id: row for row in facts.evidence.cutoffs}
    for row in due:
        cases.look(told.get(row.stratum_id) == row, "verify.cutoff", stratum=row.stratum_id)
    cases.look(len(facts.evidence.cutoffs) == len(due), "verify.cutoff", stratum="")


def _check_people(cases: Cases, facts: Facts) -> None:
    evidence = facts.evidence
    sizes = PoolSizes(evidence.plan, evidence.registers, facts.census, people_free(facts))
    told: dict[str, set[DrawnPerson]] = defaultdict(set)
    for row in evidence.people:
        told[row.pool_id].add(row)
    profile = evidence.plan.settings.profile
    seed = seed_of(evidence.seed_text, profile)
    for pool in evidence.plan.pools:
        due = _people_due(pool, sizes, seed, profile)
        for wrong in sorted({row.person_id for row in due ^ told.pop(pool.pool_id, set())}):
            cases.broken("verify.draw_row", group=pool.pool_id, subject=wrong)
        cases.checked += len(due)
    for pool_id in sorted(told):
        cases.look(False, "verify.draw_row", group=pool_id, subject="")


def _people_due(pool: Pool, sizes: PoolSizes, seed: str, profile: Profile) -> set[DrawnPerson]:
    """The first n of the pool by ticket, and of each label's holders the first so many: the union; then
    the first reserves."""
    group = f"expert:{pool.specialty}" if pool.role == "expert" else "officers"
    if pool.stratum == "fixed":
        group = "fixed"
    units = sizes.units(pool)
    order = sorted((ticket_of(seed, "I", group, name, profile), name) for name in units)
    drawn = {name for _, name in order[: max(0, pool.quota)]}
    for label, number in pool.qualification_quotas:
        holders = sizes.holders(pool, label)
        drawn.update([name for _, name in order if name in holders][: max(0, number)])
    reserves = [name for _, name in order if name not in drawn][: max(0, pool.k_max)]
    listed = drawn.union(reserves)
    return {
        DrawnPerson(pool_id=pool.pool_id, rank=rank, person_id=person, ticket=ticket, drawn=name in drawn)
        for rank, (ticket, name) in enumerate(order, start=1)
        if name in listed
        for person in units[name]
    }
