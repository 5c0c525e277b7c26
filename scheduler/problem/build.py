"""Plan, registers, draw and visits in; the roster problem out.

May import: the domain and this room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scheduler.domain.errors import InputError, Problem
from scheduler.domain.plan import DrawResult, Plan
from scheduler.domain.problem import AssignmentProblem, SeatGroup, VisitNeed
from scheduler.domain.registers import (
    RISK_CLASSES,
    Department,
    Enterprise,
    Inspector,
    Recusal,
    Registers,
    Task,
)
from scheduler.domain.rules import GOALS
from scheduler.domain.visits import MergeResult, Requirement, Visit
from scheduler.problem.lottery import MAX_PAIRS, weights
from scheduler.problem.pairs import Capped, PairCapper
from scheduler.problem.people import Drawn, Positions, barred_pairs, circles, drawn_people, person, place_of
from scheduler.problem.places import Places, Spot, numbered, places
from scheduler.problem.seats import Seating, Staff, covers, staff
from scheduler.problem.sizes import LEADER, SENIOR
from scheduler.problem.skills import skills
from scheduler.problem.times import Times, times
from scheduler.problem.ways import zoned
from scheduler.problem.wishes import day_wishes, last_inspectors, pair_wishes, spaced, wishes_of

ORDER = tuple(reversed(RISK_CLASSES))
"""Goal 1's order of classes: D, C, B, A."""


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What every part of the problem is made from."""

    plan: Plan
    registers: Registers
    merged: MergeResult
    enterprises: Mapping[str, Enterprise]
    departments: Mapping[str, Department]
    requirements: Mapping[str, Requirement]
    tasks: Mapping[str, Task]
    places: Places
    times: Times


def build_problem(
    plan: Plan,
    registers: Registers,
    draw: DrawResult,
    merged: MergeResult,
    *,
    draw_sha256: str,
    seed: str,
) -> AssignmentProblem:
    """The drawn people and merged visits in integers, people and visits sorted by id; all six goals.

    Only drawn people get a position, and only working days of the campaign. An on-site visit's days are
    its window without quiet periods, its pieces the day's within the opening hours; a desk check has all of
    both. Either may be empty, and such a visit is unstaffable. Recusals bar for a visit's whole window
    where they overlap it. ``seed`` in 64 hexadecimal digits serves the pair cap and the lottery weights;
    those are left out above ``MAX_PAIRS`` pairs.

    Errors, each kind all at once: ``problem.unknown_id``, ``problem.person_twice``, ``problem.opening``,
    ``problem.travel_places``.
    """
    ground = _ground(plan, registers, merged)
    drawn = drawn_people(plan, registers, draw)
    spots = [_visit_place(visit, ground) for visit in merged.visits]
    helpers = registers.helpers(plan.settings.teams)
    positions = _positions(drawn, spots, circles(helpers, plan.pools), ground)
    shared = plan.settings.teams.one_officer_many_items
    work = {pair for v in merged.visits for pair in zip(v.department_ids, v.item_codes, strict=True)}
    items = {row.item_code: row for row in registers.items}
    known = skills(work, items, drawn, helpers, shared=shared)
    people = tuple(
        person(one, known.masks.get(one.person_id, 0), positions, ground.places, ground.times, plan.settings)
        for one in drawn
    )
    crew = staff(drawn, people, positions)
    seating = Seating(
        staff=crew,
        skills=known,
        items=items,
        departments=ground.departments,
        positions=positions,
        recusals=_by_enterprise(registers.recusals),
        settings=plan.settings,
        helpers=helpers,
    )
    seated = [seating.groups(v, ground.enterprises[v.enterprise_id]) for v in merged.visits]
    capped = _capped(seated, ground, crew, seating.asked, drawn, seed)
    goals, before = plan.settings.goals, plan.settings.start
    zones, legs = zoned((zone for _, _, zone, _ in positions.sites), ground.places.ways)
    wished = wishes_of(capped.groups, merged.visits, crew, last_inspectors(registers.history, before), goals)
    return AssignmentProblem(
        draw_sha256=draw_sha256,
        days=tuple(day.isoformat() for day in ground.times.days),
        weeks=ground.times.weeks(),
        grid_min=plan.settings.hours.grid_min,
        people=people,
        visits=_visits(
            ground, spots, positions, _with_lottery(wished, ground, crew, seed), asked=seating.asked
        ),
        sites=tuple((x, y) for x, y, _, _ in positions.sites),
        departments=tuple(positions.departments),
        pools=tuple(positions.pools),
        skills=known.names,
        barred_pairs=barred_pairs(registers.recusals, crew.index, plan.settings),
        distinct_cover=not shared,
        detour_permille=plan.settings.travel.detour_permille,
        speed_kmh=plan.settings.travel.speed_kmh,
        least_min=plan.settings.travel.least_min,
        load_tolerance_permille=goals.load_tolerance_permille,
        pair_wishes=pair_wishes(registers.history, crew, before, goals),
        spaced=spaced(merged.visits, goals),
        pair_bound_permille=capped.bound_permille,
        starved=capped.starved,
        goals=tuple(goal.goal for goal in GOALS),
        zones=zones,
        legs=legs,
    )


def _capped(
    seated: Sequence[tuple[SeatGroup, ...]],
    ground: _Ground,
    crew: Staff,
    asked: int,
    drawn: Sequence[Drawn],
    seed: str,
) -> Capped:
    """The groups as the pair cap leaves them, or as they are where the plan has none (R19)."""
    settings = ground.plan.settings
    if not settings.pairs.cap_permille:
        return Capped(groups=tuple(seated), starved=(), bound_permille=1000)
    names = {
        n: one.row.fixed_group
        for n, one in enumerate(drawn)
        if settings.teams.fixed_groups and isinstance(one.row, Inspector) and one.row.fixed_group
    }
    capper = PairCapper(seed=seed, settings=settings, staff=crew, names=names, asked=asked)
    visits = zip((visit.enterprise_id for visit in ground.merged.visits), seated, strict=True)
    return capper.capped(list(visits))


def _ground(plan: Plan, registers: Registers, merged: MergeResult) -> _Ground:
    ground = _Ground(
        plan=plan,
        registers=registers,
        merged=merged,
        enterprises={row.enterprise_id: row for row in registers.enterprises},
        departments={row.department_id: row for row in registers.departments},
        requirements={row.requirement_id: row for row in merged.requirements},
        tasks=registers.tasks_and_orders(),
        places=places(plan, registers),
        times=times(registers, plan.settings),
    )
    _refuse_unknown(ground)
    return ground


def _refuse_unknown(ground: _Ground) -> None:
    items = {row.item_code for row in ground.registers.items}
    used = (
        (ground.enterprises, {v.enterprise_id for v in ground.merged.visits}),
        (ground.departments, {ident for v in ground.merged.visits for ident in v.department_ids}),
        (items, {code for v in ground.merged.visits for code in v.item_codes}),
        (ground.requirements, {ident for v in ground.merged.visits for ident in v.requirement_ids}),
        (ground.tasks, {row.task_id for row in ground.merged.requirements}),
    )
    unknown = sorted(ident for known, idents in used for ident in idents if ident not in known)
    if unknown:
        raise InputError(Problem(code="problem.unknown_id", params={"ident": ident}) for ident in unknown)


def _visit_place(visit: Visit, ground: _Ground) -> Spot:
    enterprise = ground.enterprises[visit.enterprise_id]
    if visit.on_site:
        return ground.places.of(enterprise)
    task = ground.tasks[ground.requirements[visit.requirement_ids[0]].task_id]
    return ground.places.of(_lead(task, enterprise, ground))


def _lead(task: Task, enterprise: Enterprise, ground: _Ground) -> Department:
    """Whose desk an off-site visit uses: the lead's; in mode 市抽县查 the local department of its field."""
    lead = ground.departments[task.lead_id]
    if task.mode != "municipal_to_district":
        return lead
    local = (
        row
        for row in ground.registers.departments
        if row.level == "district" and row.field == lead.field and covers(row, enterprise.district)
    )
    return next(local, lead)


def _positions(
    drawn: Sequence[Drawn], spots: Sequence[Spot], circle: Mapping[str, str], ground: _Ground
) -> Positions:
    seated = {ident for visit in ground.merged.visits for ident in visit.department_ids}
    staffed = {one.office.department_id for one in drawn if one.office is not None}
    firsts = {circle[ident] for ident in staffed}
    departments = {ident: n for n, ident in enumerate(sorted(seated | staffed | firsts))}
    homes = [place_of(one, ground.places) for one in drawn]
    fixed = {one.row.fixed_group for one in drawn if isinstance(one.row, Inspector)} - {""}
    asked = ground.plan.settings.teams.fixed_groups
    return Positions(
        fixed={name: n for n, name in enumerate(sorted(fixed if asked else ()))},
        pools={name: n for n, name in enumerate(sorted({one.pool for one in drawn}))},
        departments=departments,
        evened={ident: departments[circle[ident]] for ident in staffed},
        sites=numbered([*spots, *homes]),
    )


def _by_enterprise(recusals: Sequence[Recusal]) -> dict[str, list[Recusal]]:
    found: dict[str, list[Recusal]] = {}
    for row in recusals:
        if row.enterprise_id:
            found.setdefault(row.enterprise_id, []).append(row)
    return found


def _with_lottery(
    groups: Sequence[tuple[SeatGroup, ...]], ground: _Ground, crew: Staff, seed: str
) -> list[tuple[SeatGroup, ...]]:
    """The groups with goal 6's weights, or as they are where the problem has too many pairs."""
    asked = [[crew.candidates(group.pools, group.barred) for group in own] for own in groups]
    if sum(len(candidates) for own in asked for candidates in own) > MAX_PAIRS:
        return list(groups)
    settings = ground.plan.settings
    return [
        tuple(
            replace(
                group,
                lottery=weights(
                    seed,
                    settings.campaign_id,
                    visit.enterprise_id,
                    (crew.people[n].person_id for n in candidates),
                    settings.profile,
                ),
            )
            for group, candidates in zip(own, lists, strict=True)
        )
        for visit, own, lists in zip(ground.merged.visits, groups, asked, strict=True)
    ]


def _visits(
    ground: _Ground,
    spots: Sequence[Spot],
    positions: Positions,
    groups: Sequence[tuple[SeatGroup, ...]],
    *,
    asked: int,
) -> tuple[VisitNeed, ...]:
    settings, times = ground.plan.settings, ground.times
    whole = asked if settings.teams.per == "visit" else 0
    days = [times.visit_days(v, ground.enterprises[v.enterprise_id]) for v in ground.merged.visits]
    needs = [[ground.requirements[ident] for ident in v.requirement_ids] for v in ground.merged.visits]
    ranks = _ranks(ground.merged.visits, needs)
    return tuple(
        VisitNeed(
            visit_id=visit.visit_id,
            site_idx=positions.sites[spot],
            duration_min=visit.duration_min,
            days=own_days,
            pieces=times.visit_pieces(visit, ground.enterprises[visit.enterprise_id]),
            groups=own,
            served=_served(wanted),
            rank=ranks[visit.visit_id],
            leader=bool(whole & LEADER),
            senior=bool(whole & SENIOR),
            day_wishes=day_wishes(own_days, times.days, _served(wanted), settings.goals),
        )
        for visit, spot, own, wanted, own_days in zip(
            ground.merged.visits, spots, groups, needs, days, strict=True
        )
    )


def _served(asked: Sequence[Requirement]) -> tuple[int, int, int, int]:
    d, c, b, a = (sum(need.risk_class == one for need in asked) for one in ORDER)
    return d, c, b, a


def _ranks(visits: Sequence[Visit], needs: Sequence[Sequence[Requirement]]) -> dict[str, int]:
    """Who is given up last comes first: higher class, smaller ticket among its requirements of that
    class, then the visit's id."""
    order = []
    for visit, asked in zip(visits, needs, strict=True):
        grade, smallest = min((ORDER.index(need.risk_class), need.ticket) for need in asked)
        order.append((grade, smallest, visit.visit_id))
    return {visit_id: n for n, (_, _, visit_id) in enumerate(sorted(order))}
