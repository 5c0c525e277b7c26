"""Commit: registers and settings to the plan, the frame and the exclusions; docs/draw-spec.md §4–§8, §11.

In: what intake accepted. Out: :class:`Commitment`. May import: the domain, the standard library.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from scheduler.domain.errors import InputError, Problem, StaffingError
from scheduler.domain.plan import (
    SPEC,
    Centre,
    Commitment,
    Exclusion,
    FrameRow,
    Plan,
    Pool,
    Stratum,
    spec_digest,
)
from scheduler.domain.registers import RISK_CLASSES, Enterprise, Item, Registers
from scheduler.domain.settings import Quotas, Settings
from scheduler.draw.checks import campaign_problems
from scheduler.draw.demand import competence_problems, demand_of
from scheduler.draw.entropy import entropy_sources
from scheduler.draw.exclusions import excluded_from_tasks
from scheduler.draw.fixed import fixed_group_problems
from scheduler.draw.geometry import centres_of, cosine_ppm
from scheduler.draw.orders import order_frames, order_strata
from scheduler.draw.people import Attendance, attendance_of, excluded_people, staff_of
from scheduler.draw.pools import PoolMaker
from scheduler.draw.quotas import parse_quota
from scheduler.draw.scopes import Competence, Grouped, TaskFrame, competence_of, grouped, task_frame
from scheduler.draw.strata import strata_of
from scheduler.draw.tickets import coordinated


def commit(
    registers: Registers, settings: Settings, digests: Mapping[str, str], rejected_rows: int
) -> Commitment:
    """Fix everything that decides who can be drawn, before any seed is known.

    ``digests`` maps run-folder paths to digests and goes into the plan as it is. The frame is sorted by
    enterprise, the exclusions by role, subject and task, strata and pools by id. The order of rows in the
    registers shows nowhere.

    Errors: :class:`InputError` with every ``draw.…`` problem of ids, settings, windows and quotas, and
    with those of staffing beside them; :class:`StaffingError` where only staffing is wrong.
    """
    registers = replace(registers, tasks=coordinated(registers.tasks, settings))
    attendance = attendance_of(registers, settings)
    problems = campaign_problems(registers, settings, attendance)
    active = sorted(
        (
            one
            for one in registers.enterprises
            if one.status == "active" and one.risk_class in RISK_CLASSES  # another one is among the problems
        ),
        key=lambda one: one.enterprise_id,
    )
    frame = _frame(active)
    competence = competence_of(sorted(registers.departments, key=lambda row: row.department_id))
    items = {item.item_code: item for item in registers.items}
    lawful = excluded_from_tasks(registers, settings, frame, competence, attendance)
    frames = _task_frames(registers, competence, items, grouped(frame), lawful)
    strata, quota_problems = _strata(frames, settings.quotas)
    people = excluded_people(registers, settings, attendance)
    ordered = order_frames(registers)
    pools, pool_problems, staffing = _pools(
        registers,
        settings,
        attendance,
        [*frames, *ordered],
        [*strata, *order_strata(ordered)],
        people,
        competence,
    )
    problems += [*quota_problems, *pool_problems, *fixed_group_problems(registers, settings, people)]
    _raise(problems + _collisions(strata, pools), staffing)
    excluded = [*_inactive(registers), *_without_item(frames), *lawful, *people]
    return Commitment(
        plan=_plan(settings, digests, rejected_rows, strata, pools, centres_of(active)),
        frame=frame,
        excluded=tuple(sorted(excluded, key=_exclusion_order)),
    )


def _frame(active: Iterable[Enterprise]) -> tuple[FrameRow, ...]:
    return tuple(
        FrameRow(
            enterprise_id=one.enterprise_id,
            authority=one.authority,
            unit=one.unit,
            district=one.district,
            industry=one.industry,
            risk_class=one.risk_class,
            tags=one.tags,
        )
        for one in active
    )


def _task_frames(
    registers: Registers,
    competence: Competence,
    items: dict[str, Item],
    groups: Grouped[list[str]],
    lawful: list[Exclusion],
) -> list[TaskFrame]:
    left_out: dict[str, set[str]] = {}
    for row in lawful:
        left_out.setdefault(row.task_id, set()).add(row.subject_id)
    return [
        task_frame(
            task,
            competence.by_id.get(task.lead_id),
            items,
            groups,
            frozenset(left_out.get(task.task_id, ())),
        )
        for task in sorted(registers.tasks, key=lambda task: task.task_id)
    ]


def _strata(frames: list[TaskFrame], rules: Quotas) -> tuple[list[Stratum], list[Problem]]:
    strata: list[Stratum] = []
    problems: list[Problem] = []
    for frame in frames:
        task, sizes = frame.task, frame.sizes
        try:
            quota = parse_quota(task.quota, task.task_id, rules.range)
            if sizes:
                strata += strata_of(task, quota, sizes, rules)
            else:
                problems.append(Problem(code="draw.frame_empty", params={"task": task.task_id}))
        except InputError as error:
            problems += error.problems
    return sorted(strata, key=lambda stratum: stratum.stratum_id), problems


def _pools(
    registers: Registers,
    settings: Settings,
    attendance: Attendance,
    frames: list[TaskFrame],
    strata: list[Stratum],
    people: list[Exclusion],
    competence: Competence,
) -> tuple[list[Pool], list[Problem], list[Problem]]:
    """Pools, what is wrong with their settings, and what cannot be staffed."""
    items = {item.item_code: item for item in registers.items}
    maker = PoolMaker(
        settings=settings,
        staff=staff_of(registers, people, settings.teams),
        demand=demand_of(frames, strata, items, competence, settings.merging),
        helpers=registers.helpers(settings.teams),
        items=items,
        departments=competence.by_id,
        attendance=attendance,
    )
    staffing = [*competence_problems(frames, items, competence), *maker.staffing_problems()]
    try:
        return maker.pools(), [], staffing
    except InputError as error:
        return [], list(error.problems), staffing


def _collisions(strata: list[Stratum], pools: list[Pool]) -> list[Problem]:
    names = [stratum.stratum_id for stratum in strata], [pool.pool_id for pool in pools]
    return [
        Problem(code="draw.name_twice", place={"value": one})
        for ids in names
        for one, following in pairwise(ids)
        if one == following
    ]


def _raise(problems: list[Problem], staffing: list[Problem]) -> None:
    if problems:
        raise InputError(problems + staffing)
    if staffing:
        raise StaffingError(staffing)


def _inactive(registers: Registers) -> Iterable[Exclusion]:
    return (
        Exclusion(
            role="enterprise", subject_id=one.enterprise_id, reason="excluded.status", detail=one.status
        )
        for one in registers.enterprises
        if one.status != "active"
    )


def _without_item(frames: list[TaskFrame]) -> Iterable[Exclusion]:
    return (
        Exclusion(role="enterprise", subject_id=ident, task_id=frame.task.task_id, reason="excluded.no_item")
        for frame in frames
        for ident in frame.without_item
    )


def _exclusion_order(row: Exclusion) -> tuple[str, str, str, str]:
    return row.role, row.subject_id, row.task_id, row.reason


def _plan(
    settings: Settings,
    digests: Mapping[str, str],
    rejected_rows: int,
    strata: list[Stratum],
    pools: list[Pool],
    centres: tuple[Centre, ...],
) -> Plan:
    return Plan(
        spec=SPEC,
        spec_sha256=spec_digest(settings.profile),
        settings=settings,
        digests=dict(sorted(digests.items())),
        rejected_rows=rejected_rows,
        strata=tuple(strata),
        pools=tuple(pools),
        entropy=entropy_sources(settings),
        cosine_ppm=cosine_ppm(centres),
        centres=centres,
    )
