"""Ordered visits bypass the draw: signed, inside the campaign, counted in the pools, ranked by a ticket."""

import datetime as dt
from dataclasses import replace

import pytest
from small import CEREMONY, END, START, registers, settings

from scheduler.domain.errors import InputError, OneDoorError
from scheduler.domain.registers import Order, Registers
from scheduler.draw import commit, draw, seed_of, seed_text, ticket
from scheduler.merge import merge

BASE = registers()
ORDER = Order(
    order_id="ZL-1",
    enterprise_id="E08",
    department_id="D-food",
    item_codes=("S02", "S01", "S02"),
    start=dt.date(2026, 3, 3),
    end=dt.date(2026, 3, 6),
    approver="局长",
    document="青市监指〔2026〕1号",
    approved_at="2026-02-25T09:30",
)


def with_orders(*orders: Order) -> Registers:
    return replace(BASE, orders=orders)


def changed(**changes: object) -> Registers:
    return with_orders(replace(ORDER, **changes))  # type: ignore[arg-type]


def test_an_order_changes_no_stratum_and_no_draw_and_gets_a_ticket_of_its_own() -> None:
    plain, made = commit(BASE, settings(), {}, 0), commit(with_orders(ORDER), settings(), {}, 0)
    assert made.plan.strata == plain.plan.strata
    assert made.frame == plain.frame
    seed = seed_of(seed_text(made.plan, CEREMONY))
    result = draw(made.plan, made.frame, made.excluded, with_orders(ORDER), seed)
    assert result.enterprises == draw(plain.plan, plain.frame, plain.excluded, BASE, seed).enterprises
    (row,) = result.orders
    assert (row.order_id, row.enterprise_id) == ("ZL-1", "E08")
    assert row.ticket == ticket(seed, "E", "order:ZL-1", "E08")


def test_the_requirement_holds_all_items_of_the_order_whatever_their_scope() -> None:
    made = commit(with_orders(ORDER), settings(), {}, 0)
    seed = seed_of(seed_text(made.plan, CEREMONY))
    result = draw(made.plan, made.frame, made.excluded, with_orders(ORDER), seed)
    merged = merge(made.plan, with_orders(ORDER), result)
    need = next(one for one in merged.requirements if one.requirement_id == "ZL-1:E08")
    assert (need.task_id, need.item_codes, need.department_ids) == (
        "ZL-1",
        ("S01", "S02"),
        ("D-food", "D-food"),
    )
    assert (need.start, need.end, need.ticket) == (ORDER.start, ORDER.end, result.orders[0].ticket)
    assert sum("ZL-1:E08" in visit.requirement_ids for visit in merged.visits) == 1


def test_pools_grow_by_what_orders_ask_for() -> None:
    """Thirty orders of a day each ask for more of labour's officers than the draw does."""
    many = tuple(
        replace(
            ORDER,
            order_id=f"ZL-{n}",
            department_id="D-work",
            item_codes=("R01",),
            enterprise_id=f"E{n % 12 + 1:02d}",
        )
        for n in range(300)
    )
    people = tuple(
        replace(BASE.inspectors[-1], inspector_id=f"work-{n}", certificate_expires=dt.date(2030, 1, 1))
        for n in range(10, 40)
    )
    base = replace(BASE, inspectors=(*BASE.inspectors, *people))
    few, more = (
        {pool.department_id: pool.quota for pool in commit(one, settings(), {}, 0).plan.pools}
        for one in (base, replace(base, orders=many))
    )
    assert more["D-work"] > few["D-work"]
    assert {k: v for k, v in more.items() if k != "D-work"} == {k: v for k, v in few.items() if k != "D-work"}


def test_a_department_that_only_an_order_asks_for_has_a_pool() -> None:
    tasks = tuple(task for task in BASE.tasks if task.task_id == "T-work")
    made = commit(replace(BASE, tasks=tasks, orders=(ORDER,)), settings(), {}, 0)
    assert {pool.department_id for pool in made.plan.pools} == {"D-food", "D-work"}


@pytest.mark.parametrize(
    ("campaign", "code"),
    [
        (changed(approver=""), "draw.order_unsigned"),
        (changed(document="  "), "draw.order_unsigned"),
        (changed(approved_at=""), "draw.order_unsigned"),
        (changed(approved_at="2026-02-25"), "draw.order_unsigned"),
        (changed(approved_at="2026-03-04T00:00"), "draw.order_late"),
        (changed(start=START - dt.timedelta(days=1)), "draw.order_window"),
        (changed(end=END + dt.timedelta(days=1)), "draw.order_window"),
        (changed(start=dt.date(2026, 3, 7), end=dt.date(2026, 3, 9)), "draw.order_window"),
        (changed(enterprise_id="E99"), "draw.order_unknown"),
        (changed(department_id="D-none"), "draw.order_unknown"),
        (changed(item_codes=("Z99",)), "draw.order_unknown"),
        (changed(item_codes=()), "draw.order_unknown"),
        (changed(item_codes=("R01",)), "draw.no_department"),
        (changed(order_id="T-work"), "draw.id_twice"),
        (changed(order_id="ZL|1"), "draw.id_form"),
        (with_orders(ORDER, ORDER), "draw.id_twice"),
    ],
)
def test_an_order_that_cannot_stand_is_refused_by_name(campaign: Registers, code: str) -> None:
    with pytest.raises(OneDoorError) as caught:
        commit(campaign, settings(), {}, 0)
    assert code in {problem.code for problem in caught.value.problems}


def test_a_ticket_of_an_unknown_order_is_refused_by_the_merge() -> None:
    made = commit(with_orders(ORDER), settings(), {}, 0)
    seed = seed_of(seed_text(made.plan, CEREMONY))
    result = draw(made.plan, made.frame, made.excluded, with_orders(ORDER), seed)
    for campaign in (BASE, changed(enterprise_id="E07"), changed(item_codes=("R01",))):
        with pytest.raises(InputError):
            merge(made.plan, campaign, result)
