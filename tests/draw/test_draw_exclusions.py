"""Who is lawfully left out of a task before the commitment: at the cap, cooling off or quiet."""

import datetime as dt
from dataclasses import replace

import pytest
from small import CEREMONY, DISTRICT, END, START, registers, settings

from scheduler.domain.plan import Commitment
from scheduler.domain.registers import PastInspection, QuietPeriod
from scheduler.domain.settings import Exclusions
from scheduler.draw import commit, draw, seed_of, seed_text

BASE = registers()
DAY = dt.timedelta(days=1)
NEW_YEAR = dt.date(2026, 1, 1)


def past(day: dt.date, *items: str, who: str = "work-1", where: str = "E06") -> PastInspection:
    return PastInspection(enterprise_id=where, inspector_id=who, day=day, items=items)


def committed(*history: PastInspection, quiet: tuple[QuietPeriod, ...] = (), **rules: int) -> Commitment:
    campaign = replace(BASE, history=history, quiet=quiet)
    return commit(campaign, settings(exclusions=Exclusions(**rules)), {}, 0)


def left_out(made: Commitment) -> list[tuple[str, str, str, str]]:
    rows = (row for row in made.excluded if row.reason != "excluded.no_item")
    return [(row.subject_id, row.task_id, row.reason, row.detail) for row in rows]


def all_tasks(reason: str, detail: str = "") -> list[tuple[str, str, str, str]]:
    """E06 is in the scope of T-fire and T-work; T-food looks at restaurants only."""
    return [("E06", task, reason, detail) for task in ("T-fire", "T-work")]


AUTHORITY = BASE.departments[0].authority


@pytest.mark.parametrize(
    ("history", "cap", "expected"),
    [
        ([past(NEW_YEAR)], 1, all_tasks("excluded.cap", AUTHORITY)),
        ([past(NEW_YEAR - DAY)], 1, []),
        ([past(NEW_YEAR)], 0, []),
        ([past(NEW_YEAR)], 2, []),
        ([past(NEW_YEAR), past(NEW_YEAR, who="fire-1")], 2, []),
        ([past(NEW_YEAR), past(NEW_YEAR + DAY, who="fire-1")], 2, all_tasks("excluded.cap", AUTHORITY)),
    ],
)
def test_the_cap_counts_the_days_of_the_year_on_which_the_authority_came(
    history: list[PastInspection], cap: int, expected: list[tuple[str, str, str, str]]
) -> None:
    assert left_out(committed(*history, annual_cap=cap)) == expected


def test_the_cap_of_one_authority_says_nothing_of_another() -> None:
    departments = tuple(
        replace(row, authority="别局") if row.department_id == "D-work" else row for row in BASE.departments
    )
    officers = tuple(
        replace(row, authority="别局") if row.department_id == "D-work" else row for row in BASE.inspectors
    )
    campaign = replace(BASE, departments=departments, inspectors=officers, history=(past(NEW_YEAR),))
    made = commit(campaign, settings(exclusions=Exclusions(annual_cap=1)), {}, 0)
    assert left_out(made) == [("E06", "T-work", "excluded.cap", "别局")]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([past(dt.date(2026, 2, 3), "R01")], [("E06", "T-work", "excluded.cool_off", "2026-02-03")]),
        ([past(dt.date(2026, 2, 2), "R01")], []),
        ([past(dt.date(2026, 2, 10), "S02")], []),
        ([past(dt.date(2026, 2, 10))], []),
        (
            [past(dt.date(2026, 2, 10), "S02"), past(dt.date(2026, 2, 12), "X01", who="fire-1")],
            [("E06", "T-fire", "excluded.cool_off", "2026-02-10")],
        ),
        (
            [past(dt.date(2025, 2, 10), "R01"), past(dt.date(2026, 2, 10), "R01")],
            [("E06", "T-work", "excluded.cool_off", "2026-02-10")],
        ),
    ],
)
def test_cooling_off_needs_every_item_of_the_task_to_have_been_inspected(
    history: list[PastInspection], expected: list[tuple[str, str, str, str]]
) -> None:
    """T-work begins on 5 March: thirty days before it is 3 February."""
    assert left_out(committed(*history, cool_off_days=30)) == expected


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ([(START, END)], all_tasks("excluded.quiet")),
        ([(dt.date(2026, 3, 5), END)], [("E06", "T-work", "excluded.quiet", "")]),
        ([(START, dt.date(2026, 3, 7)), (dt.date(2026, 3, 9), END)], all_tasks("excluded.quiet")),
        ([(START, dt.date(2026, 3, 6)), (dt.date(2026, 3, 9), END)], []),
    ],
)
def test_a_quiet_period_excludes_where_it_leaves_no_working_day(
    periods: list[tuple[dt.date, dt.date]], expected: list[tuple[str, str, str, str]]
) -> None:
    quiet = tuple(QuietPeriod(enterprise_id="E06", start=start, end=end) for start, end in periods)
    assert left_out(committed(quiet=quiet)) == expected
    elsewhere = tuple(replace(one, district="999999") for one in quiet)
    assert left_out(committed(quiet=elsewhere)) == []
    whole_district = tuple(replace(one, enterprise_id="", district=DISTRICT) for one in quiet)
    assert left_out(committed(quiet=whole_district)) == []


def test_a_desk_check_knows_no_quiet_period() -> None:
    items = tuple(replace(row, method="offsite") if row.item_code == "R01" else row for row in BASE.items)
    quiet = (QuietPeriod(enterprise_id="E06", start=START, end=END),)
    made = commit(replace(BASE, items=items, quiet=quiet), settings(), {}, 0)
    assert left_out(made) == [("E06", "T-fire", "excluded.quiet", "")]


def test_whoever_is_left_out_is_in_no_stratum_and_is_never_drawn() -> None:
    campaign = replace(BASE, history=(past(NEW_YEAR),))
    rules = settings(exclusions=Exclusions(annual_cap=1))
    made, free = commit(campaign, rules, {}, 0), commit(BASE, rules, {}, 0)
    sizes = [
        {one.task_id: sum(s.size for s in plan.strata if s.task_id == one.task_id) for one in BASE.tasks}
        for plan in (made.plan, free.plan)
    ]
    assert {task: sizes[1][task] - sizes[0][task] for task in sizes[0]} == {
        "T-fire": 1,
        "T-food": 0,
        "T-work": 1,
    }
    for n in range(20):
        seed = seed_of(seed_text(made.plan, f"{n:02d}{CEREMONY[2:]}"))
        drawn = draw(made.plan, made.frame, made.excluded, campaign, seed)
        assert "E06" not in {row.enterprise_id for row in drawn.enterprises}


def test_with_independent_tickets_a_group_shares_nothing() -> None:
    shared = commit(BASE, settings(), {}, 0).plan
    apart = commit(BASE, settings(coordination="independent"), {}, 0).plan
    assert {s.task_id: s.group for s in shared.strata} == {
        "T-fire": "group:G1",
        "T-food": "group:G1",
        "T-work": "task:T-work",
    }
    assert {s.task_id: s.group for s in apart.strata} == {
        name: f"task:{name}" for name in ("T-fire", "T-food", "T-work")
    }


def test_independent_tasks_need_no_common_window() -> None:
    early = replace(BASE.tasks[0], end=dt.date(2026, 3, 4))
    late = replace(BASE.tasks[1], start=dt.date(2026, 3, 9))
    campaign = replace(BASE, tasks=(early, late, BASE.tasks[2]))
    assert commit(campaign, settings(coordination="independent"), {}, 0)


def test_independent_tickets_are_drawn_as_the_plan_says() -> None:
    rules = settings(coordination="independent")
    made = commit(BASE, rules, {}, 0)
    seed = seed_of(seed_text(made.plan, CEREMONY))
    result = draw(made.plan, made.frame, made.excluded, BASE, seed)
    plain = replace(BASE, tasks=tuple(replace(task, group="") for task in BASE.tasks))
    assert draw(made.plan, made.frame, made.excluded, plain, seed) == result
