"""The committed plan recomputed from the registers: frame, exclusions, strata, quotas, pools, coordinates.

In: :class:`Facts`. Out: cases of ``plan``. The contract is ``docs/draw-spec.md``.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal, localcontext
from itertools import pairwise

from scheduler.domain.plan import SPEC, Centre, Exclusion, Plan, Pool, Stratum, spec_digest
from scheduler.domain.registers import RISK_CLASSES, Task
from scheduler.domain.settings import Settings
from scheduler.verify.census import Census
from scheduler.verify.demand import PoolSizes
from scheduler.verify.entropy import check_sources
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts, Worker
from scheduler.verify.leaders import check_fixed_groups
from scheduler.verify.names import bad_names
from scheduler.verify.orders import check_orders
from scheduler.verify.people import covers
from scheduler.verify.quotas import Cell, is_refused, quota_of, ratio_text, strata_of

PI = Decimal("3.14159265358979323846264338327950288419716939937511")
DAY_MIN = 24 * 60


def settings_are_usable(settings: Settings) -> Iterator[str]:
    """Names of settings that no computation can start from; nothing where all are well."""
    pieces, travel = settings.hours.pieces, settings.travel
    ordered = all(0 <= lo < hi <= DAY_MIN for lo, hi in pieces)
    if not pieces or not ordered or any(a[1] > b[0] for a, b in pairwise(pieces)):
        yield "hours.pieces"
    if not 1 <= settings.hours.grid_min <= DAY_MIN:
        yield "hours.grid_min"
    if travel.speed_kmh < 1:
        yield "travel.speed_kmh"
    if travel.detour_permille < 0 or travel.least_min < 0:
        yield "travel.detour_permille"
    if settings.start >= settings.end:
        yield "end"
    if not 2 <= settings.teams.officers <= 100:  # fewer than two is no lawful team (R03)
        yield "teams.officers"


def plan_holds(facts: Facts) -> Cases:
    """The plan holds what the registers and settings give: nothing in it could be chosen by hand."""
    cases = Cases("plan")
    plan, registers, census = facts.evidence.plan, facts.evidence.registers, facts.census
    known = (plan.spec, plan.spec_sha256) == (SPEC, spec_digest(plan.settings.profile))
    cases.look(known, "verify.spec_unknown", spec=plan.spec, sha256=plan.spec_sha256)
    cases.absorb(census.frame)
    for column, value in bad_names(registers, plan.settings):
        cases.look(False, "verify.name_form", column=column, value=value)
    _check_tasks(cases, facts)
    _check_competence(cases, facts)
    check_orders(cases, registers, plan.settings, census.scopes, census.kept)
    _check_strata(cases, facts)
    _check_people(cases, facts)
    check_fixed_groups(cases, facts, people_free(facts))
    _check_neighbours(cases, facts)
    _check_pools(cases, plan, PoolSizes(plan, registers, census, people_free(facts)))
    check_sources(cases, plan)
    _check_places(cases, plan, census)
    return cases


def _check_tasks(cases: Cases, facts: Facts) -> None:
    groups: dict[str, list[Task]] = defaultdict(list)
    settings = facts.settings
    for task in facts.tasks.values():
        inside = settings.start <= task.start < task.end <= settings.end
        works = any(task.start <= day < task.end for day in facts.working_days)
        cases.look(inside and works, "verify.task_window", task=task.task_id)
        known = {task.lead_id, *task.cooperating_ids} <= facts.departments.keys()
        listed = set(task.item_codes) <= facts.items.keys()
        cases.look(known and listed, "verify.task_names", task=task.task_id)
        if task.group and settings.coordination == "shared":
            groups[task.group].append(task)
    for group, tasks in sorted(groups.items()):
        meets = all(a.start < b.end and b.start < a.end for a in tasks for b in tasks)
        cases.look(meets, "verify.group_window", group=group)


def _check_competence(cases: Cases, facts: Facts) -> None:
    """Every item of every task has one competent department wherever the frame has an enterprise for it."""
    owners: dict[tuple[str, str, str], str] = {}
    for look in {look for look, _ in facts.census.sizes}:
        for task_id, work in facts.census.scopes.works(look).items():
            for item, owner in zip(work.items, work.department_ids, strict=True):
                owners[task_id, item.item_code, look[0]] = owner
    for (task_id, item_code, district), owner in sorted(owners.items()):
        department = facts.departments.get(owner)
        lawful = department is not None and covers(department, district)
        cases.look(lawful, "verify.no_department", task=task_id, item=item_code, district=district)


def strata_due(facts: Facts) -> tuple[Stratum, ...]:
    """Every stratum as the quotas and the frame make it, sorted by id."""
    census, rule = facts.census, facts.settings.quotas
    cells: dict[str, dict[Cell, int]] = defaultdict(lambda: defaultdict(int))
    by_district = {task.task_id: task.by_district for task in facts.tasks.values()}
    for (look, risk_class), size in census.sizes.items():
        for task_id, work in census.scopes.works(look).items():
            if work.items:
                cells[task_id][look[0] if by_district[task_id] else "", risk_class] += size
    made: list[Stratum] = []
    for task_id, sizes in cells.items():
        task = facts.tasks[task_id]
        quota = quota_of(task.quota, sum(sizes.values()), rule.range)
        if quota is None:
            continue
        shared = task.group if facts.settings.coordination == "shared" else ""
        group = f"group:{shared}" if shared else f"task:{task_id}"
        shares = strata_of(quota, sizes, rule)
        if is_refused(quota, shares, by_district=task.by_district):
            continue
        for share in shares:
            classes = tuple(c for c in RISK_CLASSES if c in share.classes)
            where = f"{share.district}/" if task.by_district else ""
            made.append(
                Stratum(
                    stratum_id=f"{task_id}/{where}{''.join(classes)}",
                    task_id=task_id,
                    risk_classes=classes,
                    district=share.district,
                    group=group,
                    ratio=ratio_text(quota, classes),
                    size=share.size,
                    quota=share.n,
                )
            )
    return tuple(sorted(made, key=lambda s: s.stratum_id))


def _check_strata(cases: Cases, facts: Facts) -> None:
    due = {s.stratum_id: s for s in strata_due(facts)}
    told = facts.evidence.plan.strata
    tasks = {task.task_id for task in facts.evidence.registers.tasks}
    for task_id in sorted(tasks - {s.task_id for s in due.values()}):
        cases.look(False, "verify.task_refused", task=task_id)
    found: dict[str, list[Stratum | None]] = defaultdict(list)
    for stratum in told:
        found[stratum.stratum_id].append(stratum)
    for stratum_id in sorted({*due, *found}):
        expected = due.get(stratum_id)
        n = -1 if expected is None else expected.quota
        cases.look(found[stratum_id] == [expected], "verify.stratum", stratum=stratum_id, quota=n)
    cases.look(list(told) == sorted(told, key=lambda s: s.stratum_id), "verify.plan_order", table="strata")


def _check_people(cases: Cases, facts: Facts) -> None:
    due = set(_people_excluded(facts))
    told = {row for row in facts.evidence.excluded if row.role != "enterprise"}
    for row in sorted(due | told, key=lambda row: (row.subject_id, row.reason)):
        place = {"subject": row.subject_id, "task": row.task_id, "reason": row.reason}
        cases.look(row in due, "verify.exclusion_untrue", **place)
        cases.look(row in told, "verify.exclusion_missing", **place)


def people_free(facts: Facts) -> dict[str, frozenset[dt.date]]:
    """Everyone who is not excluded from the pools, with the days on which he may work."""
    out = {row.subject_id for row in _people_excluded(facts)}
    return {person: w.days for person, w in facts.workers.items() if person not in out}


def _people_excluded(facts: Facts) -> Iterator[Exclusion]:
    start = facts.settings.start
    for officer in facts.inspectors.values():
        department = facts.departments.get(officer.department_id)
        if department is None:
            continue
        ident = officer.inspector_id
        if officer.certificate_expires < start:
            detail = officer.certificate_expires.isoformat()
            yield Exclusion(role="inspector", subject_id=ident, reason="excluded.certificate", detail=detail)
        elif (officer.authority, officer.unit) != (department.authority, department.unit):
            yield Exclusion(
                role="inspector",
                subject_id=ident,
                reason="excluded.jurisdiction",
                detail=officer.department_id,
            )
        elif _is_absent(facts.workers.get(ident)):
            yield Exclusion(role="inspector", subject_id=ident, reason="excluded.absent")
    for expert_id in facts.experts:
        if _is_absent(facts.workers.get(expert_id)):
            yield Exclusion(role="expert", subject_id=expert_id, reason="excluded.absent")


def _is_absent(worker: Worker | None) -> bool:
    return worker is None or not worker.days


def _check_neighbours(cases: Cases, facts: Facts) -> None:
    """Whoever helps (R08) is another department of the register, of the same field; where neighbours help,
    somebody is named."""
    rows = facts.evidence.registers.neighbours if facts.settings.teams.neighbours_help else ()
    for row in rows:
        own, other = facts.departments.get(row.department_id), facts.departments.get(row.helper_id)
        lawful = own is not None and other is not None and own != other and own.field == other.field
        cases.look(lawful, "verify.neighbour", department=row.department_id, helper=row.helper_id)
    named = bool(rows) or not facts.settings.teams.neighbours_help
    cases.look(named, "verify.neighbour", department="", helper="")


def _check_pools(cases: Cases, plan: Plan, sizes: PoolSizes) -> None:
    due = {pool.pool_id: pool for pool in sizes.pools()}
    for pool_id in sorted({*due, *(p.pool_id for p in plan.pools)}):
        told = [p for p in plan.pools if p.pool_id == pool_id]
        expected = due.get(pool_id)
        cases.look(
            told == [expected], "verify.pool", pool=pool_id, quota=-1 if expected is None else expected.quota
        )
    cases.look(list(plan.pools) == sorted(plan.pools, key=_pool_id), "verify.plan_order", table="pools")
    for pool in due.values():
        if pool.role == "expert":
            cases.look(pool.size >= 1, "verify.pool_too_small", pool=pool.pool_id, n=pool.size)
        elif not pool.stratum and sizes.is_asked(pool):
            _check_department(cases, plan, sizes, pool, list(due.values()))


def _check_department(cases: Cases, plan: Plan, sizes: PoolSizes, pool: Pool, due: Sequence[Pool]) -> None:
    """A department's strata, with those of its helpers, can make a team and do every item; ``pool`` is that
    of the others."""
    teams, senders = plan.settings.teams, sizes.senders(pool)
    own = [one for one in due if one.role == "officer" and one.department_id in senders]
    people = [row for one in own if not one.stratum for row in sizes.people(one)]
    least = teams.officers if teams.per == "department" else 1
    cases.look(len(people) >= least, "verify.pool_too_small", pool=pool.pool_id, n=len(people))
    for name in sizes.items_of(pool):
        able = any(sizes.holders(one, f"item:{name}") for one in own)
        cases.look(able, "verify.nobody_able", pool=pool.pool_id, item=name)
    if teams.per == "department" and people:
        led = not teams.leader_required or any(one.is_leader for one in people)
        guided = not teams.newcomer_with_senior or not all(one.is_newcomer for one in people)
        cases.look(led and guided, "verify.nobody_leads", pool=pool.pool_id)


def _pool_id(pool: Pool) -> str:
    return pool.pool_id


def _check_places(cases: Cases, plan: Plan, census: Census) -> None:
    centres = centres_of(census.lon, census.lat)
    cases.look(plan.centres == centres, "verify.centres")
    latitude = centres[0].lat_udeg if centres else 0
    cosine = cosine_ppm(latitude)
    cases.look(plan.cosine_ppm == cosine, "verify.cosine", told=plan.cosine_ppm, found=cosine)


def centres_of(lon: Mapping[str, Sequence[int]], lat: Mapping[str, Sequence[int]]) -> tuple[Centre, ...]:
    """The medians of the frame's coordinates: the whole campaign's first, then each district's."""
    every = {"": [x for xs in lon.values() for x in xs]}, {"": [y for ys in lat.values() for y in ys]}
    if not every[0][""]:
        return ()
    districts = sorted(district for district in lon if district)
    return (
        Centre(district="", lon_udeg=_median(every[0][""]), lat_udeg=_median(every[1][""])),
        *(Centre(district=d, lon_udeg=_median(lon[d]), lat_udeg=_median(lat[d])) for d in districts),
    )


def _median(values: Sequence[int]) -> int:
    return sorted(values)[(len(values) - 1) // 2]


def cosine_ppm(lat_udeg: int) -> int:
    """⌊10⁶·cos φ + 1/2⌋ by the cosine's series in 50 decimal digits: no floating point decides."""
    with localcontext() as context:
        context.prec = 50
        angle = Decimal(lat_udeg) * PI / 180_000_000
        term, total = Decimal(1), Decimal(1)
        for n in range(1, 60):
            term = -term * angle * angle / ((2 * n - 1) * (2 * n))
            total += term
        return int((total * 1_000_000 + Decimal("0.5")).to_integral_value(rounding=ROUND_FLOOR))
