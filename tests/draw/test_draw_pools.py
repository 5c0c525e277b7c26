"""How many people are drawn: the ``auto`` formula by hand, ratios, counts, labels, unions, reserves."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import CEREMONY, registers, settings

from scheduler.domain.plan import DrawResult, Plan, Pool
from scheduler.domain.registers import Inspector, Leave, Registers
from scheduler.domain.settings import Pools, Settings
from scheduler.draw import commit, draw, seed_of, seed_text

BASE = registers()
FIRE, FOOD, WORK = BASE.tasks


def office(n: int, **changes: object) -> tuple[Inspector, ...]:
    """``n`` officers of the food department; ``changes`` for the even ones."""
    food = next(i for i in BASE.inspectors if i.department_id == "D-food")
    plain = replace(food, qualifications=())
    even = replace(plain, **changes)  # type: ignore[arg-type]
    return tuple(replace(even if k % 2 == 0 else plain, inspector_id=f"food-{k:03d}") for k in range(n))


def staffed(people: tuple[Inspector, ...], **changes: object) -> Registers:
    others = tuple(i for i in BASE.inspectors if i.department_id != "D-food")
    return replace(BASE, inspectors=(*others, *people), **changes)  # type: ignore[arg-type]


def run(campaign: Registers, rules: Settings) -> tuple[Plan, DrawResult]:
    committed = commit(campaign, rules, {}, 0)
    seed = seed_of(seed_text(committed.plan, CEREMONY))
    return committed.plan, draw(committed.plan, committed.frame, committed.excluded, campaign, seed)


def pool_of(plan: Plan, name: str) -> Pool:
    return next(pool for pool in plan.pools if name in (pool.department_id, pool.specialty))


def test_the_auto_pool_is_twice_the_expected_minutes_over_the_median_capacity() -> None:
    shops = tuple(replace(BASE.enterprises[0], enterprise_id=f"E{k:04d}", tags=("餐饮",)) for k in range(600))
    food = replace(FOOD, quota="50%")
    campaign = staffed(office(40, qualifications=("食品",)), enterprises=shops, tasks=(food, WORK))
    plan = commit(campaign, settings(), {}, 0).plan
    # 300 visits of 30 + 10 minutes with two officers; the window has eight working days of 390 minutes.
    enough = ceil(Fraction(2 * 300 * 40 * 2, 8 * 390))
    assert enough == 16
    assert pool_of(plan, "D-food").quota == enough
    assert pool_of(plan, "D-food").qualification_quotas == (("qualification:食品", enough),)
    assert pool_of(plan, "D-food").k_max == 2


def test_capacity_leaves_out_leave_and_days_after_expiry_but_keeps_the_floor() -> None:
    shops = tuple(replace(BASE.enterprises[0], enterprise_id=f"E{k:04d}") for k in range(600))
    short = replace(WORK, quota="10%")
    people = tuple(
        replace(i, certificate_expires=dt.date(2026, 3, 6))
        for i in BASE.inspectors
        if i.department_id == "D-work"
    )
    many = tuple(replace(people[0], inspector_id=f"w{k:03d}") for k in range(60))
    leave = tuple(
        Leave(person_id=i.inspector_id, start=dt.date(2026, 3, 3), end=dt.date(2026, 3, 6)) for i in many
    )
    campaign = replace(BASE, enterprises=shops, tasks=(short,), inspectors=many)
    # 60 visits of 45 + 10 minutes with two officers, from 5 March: two days of 390 minutes, or the floor.
    for rows, capacity in (((), 2 * 390), (leave, 420)):
        plan = commit(replace(campaign, leave=rows), settings(), {}, 0).plan
        assert pool_of(plan, "D-work").quota == ceil(Fraction(2 * 60 * 55 * 2, capacity))
    floor = replace(settings(), goals=replace(settings().goals, capacity_floor_min=2640))
    assert pool_of(commit(replace(campaign, leave=leave), floor, {}, 0).plan, "D-work").quota == 5


def test_expected_minutes_weigh_each_item_by_the_chance_to_be_drawn() -> None:
    shops = tuple(replace(BASE.enterprises[k % 12], enterprise_id=f"E{k:04d}") for k in range(1200))
    plan = commit(
        replace(staffed(office(80, qualifications=("食品",))), enterprises=shops), settings(), {}, 0
    ).plan
    # T-food: half of 300 in class B and all 300 in D, 40 minutes, in eight days; T-fire: a quarter of 1200,
    # 40 minutes, in ten.
    assert pool_of(plan, "D-food").quota == ceil(Fraction(2 * 2 * 40 * (150 + 300 + 300), 3900))
    assert pool_of(plan, "D-food").qualification_quotas == (
        ("qualification:食品", ceil(Fraction(2 * 2 * 40 * 450, 8 * 390))),
    )


def test_the_auto_pool_staffs_the_week_in_which_most_is_due() -> None:
    shops = tuple(replace(BASE.enterprises[0], enterprise_id=f"E{k:04d}") for k in range(600))
    people = tuple(
        replace(BASE.inspectors[-1], inspector_id=f"w{k:03d}", certificate_expires=dt.date(2028, 1, 1))
        for k in range(90)
    )
    wide = replace(WORK, task_id="T-wide", quota="10%", start=settings().start)
    due_early = replace(WORK, task_id="T-early", quota="20%", start=wide.start, end=dt.date(2026, 3, 4))
    campaign = replace(BASE, enterprises=shops, inspectors=people)
    quotas = [
        pool_of(commit(replace(campaign, tasks=tasks), settings(), {}, 0).plan, "D-work").quota
        for tasks in ((wide,), (due_early, wide))
    ]
    # 60 visits of 55 minutes in ten days; 120 more in the first two of them, which ask for more.
    assert quotas == [ceil(Fraction(2 * 60 * 55 * 2, 3900)), ceil(Fraction(2 * 120 * 55 * 2, 780))]


def test_a_small_pool_is_drawn_whole() -> None:
    plan = commit(BASE, settings(), {}, 0).plan
    assert [(pool.size, pool.quota, pool.k_max) for pool in plan.pools] == [(4, 4, 0)] * 3 + [(2, 2, 0)]


@pytest.mark.parametrize(
    ("text", "quota", "labelled"),
    [
        ("30%", 7, 2),
        ("12人", 12, 2),
        ("1人", 2, 2),
        ("99人", 21, 2),
        ("100%", 21, 2),
        ("1%", 2, 2),
        ("３０％", 7, 2),
    ],
)
def test_a_ratio_or_a_count_is_kept_between_a_team_and_the_whole_pool(
    text: str, quota: int, labelled: int
) -> None:
    campaign = staffed(office(21, qualifications=("食品",)))
    pool = pool_of(commit(campaign, settings(pools=Pools(inspectors=text)), {}, 0).plan, "D-food")
    assert (pool.quota, pool.qualification_quotas) == (quota, (("qualification:食品", labelled),))


def test_an_item_whose_scope_few_have_gets_a_label_of_its_own() -> None:
    people = office(20, qualifications=("食品",), item_scopes=("S0*",))
    narrow = (replace(people[0], item_scopes=("S02",)), *people[1:])
    plan = commit(staffed(narrow), settings(), {}, 0).plan
    assert pool_of(plan, "D-food").qualification_quotas == (("item:S01", 4), ("qualification:食品", 4))


def test_only_pools_that_some_task_needs_are_made() -> None:
    plan = commit(replace(BASE, tasks=(WORK,)), settings(), {}, 0).plan
    assert [pool.department_id for pool in plan.pools] == ["D-work"]


@given(st.integers(8, 40), st.integers(0, 39), st.integers(0, 3))
@quick(max_examples=30, deadline=None)
def test_drawn_is_the_union_of_the_first_and_of_the_first_qualified(n: int, holders: int, k_max: int) -> None:
    people = tuple(
        replace(person, qualifications=("食品",) if k <= holders else ())
        for k, person in enumerate(office(n))
    )
    plan, result = run(staffed(people), settings(pools=Pools(inspectors="3人", k_max=k_max)))
    pool = pool_of(plan, "D-food")
    listed = [row for row in result.people if row.pool_id == pool.pool_id]
    drawn = {row.person_id for row in listed if row.drawn}
    able = {person.inspector_id for person in people if person.qualifications}
    least = dict(pool.qualification_quotas)["qualification:食品"]
    assert len(drawn & able) >= least == min(len(able), 2)
    assert len(drawn) <= pool.quota + least
    assert {row.person_id for row in listed if row.rank <= pool.quota} <= drawn
    reserves = [row for row in listed if not row.drawn]
    assert len(reserves) == min(pool.k_max, n - len(drawn))
    assert [row.rank for row in listed] == sorted(row.rank for row in listed)
    assert [row.ticket for row in listed] == sorted(row.ticket for row in listed)


def test_an_officers_ticket_depends_neither_on_department_nor_on_qualification() -> None:
    _, one = run(BASE, settings())
    others = tuple(replace(i, qualifications=("食品", "特种")) for i in BASE.inspectors)
    _, other = run(replace(BASE, inspectors=others), settings())
    assert {(p.person_id, p.ticket) for p in one.people} == {(p.person_id, p.ticket) for p in other.people}
