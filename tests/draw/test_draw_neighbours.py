"""Neighbours in the draw (docs/draw-spec.md §8): whose pool there is, how large, and what is refused."""

from dataclasses import replace

import pytest
from near import FOOD, HELP, HILL, HILL_POOL, near_registers
from small import CEREMONY, settings

from scheduler.domain.errors import OneDoorError, StaffingError
from scheduler.domain.plan import Plan, Pool
from scheduler.domain.registers import Neighbour, Registers
from scheduler.domain.settings import Pools, Teams
from scheduler.draw import commit, draw, seed_of, seed_text

WITH, WITHOUT = settings(teams=HELP), settings()


def plan(known: Registers, own: object = WITH) -> Plan:
    return commit(known, own, {}, 0).plan  # type: ignore[arg-type]


def pool(made: Plan, pool_id: str) -> Pool:
    return next(one for one in made.pools if one.pool_id == pool_id)


def refused(known: Registers, own: object = WITH) -> list[str]:
    with pytest.raises(OneDoorError) as error:
        commit(known, own, {}, 0)  # type: ignore[arg-type]
    return [problem.code for problem in error.value.problems]


def test_a_bureau_of_one_is_refused_alone_and_committed_with_its_neighbour() -> None:
    with pytest.raises(StaffingError) as error:
        commit(near_registers(), WITHOUT, {}, 0)
    assert [problem.code for problem in error.value.problems] == ["draw.too_few_officers"]
    made = plan(near_registers())
    assert pool(made, HILL_POOL).size == 4
    assert pool(made, HILL_POOL).quota == 4


def test_who_helps_is_drawn_for_the_work_he_may_be_asked_for() -> None:
    """Beyond the hill nobody has work: the pool is that of the market bureau's needs, label by label."""
    made = plan(near_registers(4))
    own, helping = pool(made, f"{FOOD}/青石县市场监督管理局/城关所"), pool(made, HILL_POOL)
    assert dict(helping.qualification_quotas).keys() == dict(own.qualification_quotas).keys()
    assert helping.quota == own.quota


def crowded(known: Registers) -> Registers:
    """Everything is drawn and takes a day, and beyond the hill there are eight hundred officers."""
    hill = [row for row in known.inspectors if row.department_id == HILL]
    more = (replace(row, inspector_id=f"{row.inspector_id}-{n}") for row in hill for n in range(200))
    return replace(
        known,
        inspectors=tuple(sorted((*known.inspectors, *more), key=lambda row: row.inspector_id)),
        tasks=tuple(replace(row, quota="100%") for row in known.tasks),
        items=tuple(replace(row, duration_min=420) for row in known.items),
    )


def test_both_works_are_added_up_where_both_have_some() -> None:
    known = crowded(near_registers(4))
    asked = pool(plan(known), HILL_POOL).quota
    food = next(row for row in known.tasks if row.task_id == "T-food")
    own = replace(food, task_id="T-hill", lead_id=HILL, group="", item_codes=("S02",), tags=(), quota="100%")
    anywhere = tuple(
        replace(row, districts=()) if row.department_id == HILL else row for row in known.departments
    )
    busy = replace(known, tasks=(*known.tasks, own), departments=anywhere)
    alone = pool(plan(replace(busy, neighbours=()), WITHOUT), HILL_POOL).quota
    assert min(asked, alone) > 4
    assert abs(pool(plan(busy), HILL_POOL).quota - asked - alone) <= 1


def test_no_ticket_and_no_other_pool_changes() -> None:
    known = near_registers(4)

    def people(own: object) -> dict[tuple[str, str], tuple[str, bool]]:
        made = commit(known, own, {}, 0)  # type: ignore[arg-type]
        seed = seed_of(seed_text(made.plan, CEREMONY))
        rows = draw(made.plan, made.frame, made.excluded, known, seed).people
        return {(row.pool_id, row.person_id): (row.ticket, row.drawn) for row in rows}

    helped, alone = people(WITH), people(WITHOUT)
    assert {key: value for key, value in helped.items() if key[0] != HILL_POOL} == alone
    assert len(helped) == len(alone) + 4


def test_who_helps_the_helper_helps_nobody_else() -> None:
    known = near_registers()
    hill = next(row for row in known.departments if row.department_id == HILL)
    vale = replace(hill, department_id="D-vale", name="谷底县市场监管局", unit="谷底所")
    more = replace(
        known,
        departments=(*known.departments, vale),
        neighbours=(*known.neighbours, Neighbour(department_id=HILL, helper_id="D-vale")),
    )
    assert [one.pool_id for one in plan(more).pools] == [one.pool_id for one in plan(known).pools]


def test_what_nobody_can_do_is_counted_over_all_who_may_come() -> None:
    known = near_registers(2)
    unqualified = tuple(
        replace(row, qualifications=()) if row.department_id == FOOD else row for row in known.inspectors
    )
    assert refused(replace(known, inspectors=unqualified), WITHOUT) == ["draw.nobody_qualified"]
    assert plan(replace(known, inspectors=unqualified))
    led = replace(HELP, leader_required=True)
    nobody = tuple(replace(row, is_leader=row.department_id == HILL) for row in known.inspectors)
    codes = refused(replace(known, inspectors=nobody), settings(teams=led))
    assert set(codes) == {"draw.no_leader"}
    assert len(codes) == 2  # fire and work; the market bureau's leaders are beyond the hill


def test_a_size_that_is_stated_holds_for_the_helpers_pool_too() -> None:
    assert (
        pool(plan(near_registers(), settings(teams=HELP, pools=Pools(inspectors="3人"))), HILL_POOL).quota
        == 3
    )


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((), "draw.no_neighbours"),
        ((Neighbour(department_id=FOOD, helper_id=FOOD),), "draw.neighbour"),
        ((Neighbour(department_id=FOOD, helper_id="D-vale"),), "draw.neighbour"),
        ((Neighbour(department_id=FOOD, helper_id="D-fire"),), "draw.neighbour"),
    ],
)
def test_a_table_that_names_no_two_departments_of_one_field_is_refused(
    rows: tuple[Neighbour, ...], code: str
) -> None:
    assert refused(near_registers(4, neighbours=rows)) == [code]


def test_a_table_without_the_setting_changes_nothing() -> None:
    bare = near_registers(4, neighbours=())
    assert plan(near_registers(4), WITHOUT) == plan(bare, WITHOUT)
    assert Teams() == WITHOUT.teams
