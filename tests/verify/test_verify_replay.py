"""The replay of plan, draw and merge agrees with the rooms it judges, over many unlike campaigns."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume
from hypothesis import given as holds_for
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from small import AUTHORITY, DISTRICT, END, START, UNIT, settings
from verify.changes import with_settings
from verify.evidence import evidence, failed, failing, wide_registers

from scheduler.domain.errors import OneDoorError
from scheduler.domain.registers import Department, Leave, QuietPeriod, Registers
from scheduler.domain.settings import Goals, Hours, Merging, Pools, Quotas, Settings, Teams, Travel
from scheduler.verify import CHECKS, Evidence, check

REPLAYED = {"plan", "draw", "merge", "R17"}
EAST = "330183"
STATUS = ("active", "active", "active", "cancelled", "revoked")
TAGS = (("餐饮",), ("零售",), ("餐饮", "零售"), ())
QUOTAS = ("25%", "8‰", "3家", "≥10%", "A:0%;B:50%;C:100%;D:100%", "100%")


def both_districts(known: Registers) -> tuple[Department, ...]:
    """The three departments in both districts, and a second food department of the east alone."""
    east = Department(
        department_id="D-east",
        name="东区市场监管局",
        field="市场监管",
        level="district",
        authority=AUTHORITY,
        unit="东区所",
        districts=(EAST,),
        lon_udeg=120_300_000,
        lat_udeg=30_200_000,
    )
    rows = [
        replace(row, districts=(DISTRICT,) if row.department_id == "D-food" else (DISTRICT, EAST))
        for row in known.departments
    ]
    return tuple(sorted((*rows, east), key=lambda row: row.department_id))


@st.composite
def campaigns(draw: st.DrawFn) -> tuple[Registers, Settings]:
    known = wide_registers()
    pick: Any = lambda values: draw(st.sampled_from(values))  # noqa: E731 - one word for many choices
    enterprises = tuple(
        replace(
            row,
            status=pick(STATUS),
            tags=pick(TAGS),
            district=pick((DISTRICT, DISTRICT, EAST)),
            risk_class=pick("ABCD"),
            lon_udeg=pick((row.lon_udeg, None)),
            opening=pick(((), ("09:00-11:00",))),
        )
        for row in known.enterprises
    )
    departments = both_districts(known)
    inspectors = tuple(
        replace(
            row,
            department_id="D-east"
            if row.inspector_id in {"food-5", "food-6", "work-6"}
            else row.department_id,
            unit="东区所" if row.inspector_id in {"food-5", "food-6"} else UNIT,
            certificate_expires=pick((row.certificate_expires, dt.date(2026, 3, 9), dt.date(2026, 2, 1)))
            if row.inspector_id.endswith("4")
            else row.certificate_expires,
            qualifications=("食品",) if row.inspector_id in {"food-5", "food-1"} else pick(((), ("食品",))),
            item_scopes=pick(((), (), ("S*",))) if row.inspector_id.startswith("food") else (),
        )
        for row in known.inspectors
    )
    tasks = tuple(
        replace(
            row,
            quota=pick(QUOTAS),
            by_district=pick((False, True)),
            tags=pick((row.tags, ())),
            districts=pick(((), (DISTRICT,))),
            group=pick(("G1", "", "G1")),
            mode=pick(("district", "municipal_to_district")),
        )
        for row in known.tasks
    )
    items = tuple(
        replace(row, method=pick(("onsite", "offsite")), duration_min=pick((row.duration_min, 90)))
        if row.item_code == "R01"
        else replace(row, incompatible_with=pick(((), ("S02",))))
        if row.item_code == "S01"
        else row
        for row in known.items
    )
    leave = (*known.leave, Leave(person_id=pick(("fire-5", "EX2")), start=START, end=END))
    quiet = (QuietPeriod(district=EAST, start=START, end=pick((dt.date(2026, 3, 4), END))),)
    rows = replace(
        known,
        enterprises=enterprises,
        departments=departments,
        inspectors=inspectors,
        tasks=tasks,
        items=items,
        leave=tuple(sorted(leave, key=lambda row: (row.person_id, row.start))),
        quiet=quiet,
    )
    return rows, settings(
        quotas=Quotas(
            rounding=pick(("up", "half_up")), zero=pick(("one", "pool")), reserves_listed=pick((0, 2))
        ),
        pools=Pools(
            inspectors=pick(("auto", "40%", "3人", "100%")), experts=pick(("auto", "1名")), k_max=pick((0, 2))
        ),
        merging=Merging(
            max_departments=pick((1, 2, 4)), max_officers=pick((4, 10)), max_minutes=pick((60, 180))
        ),
        teams=Teams(per=pick(("department", "visit")), one_officer_many_items=pick((True, False))),
    )


@hypothesis_settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@holds_for(campaign=campaigns())
def test_replay_agrees_with_every_campaign_that_can_be_committed(
    campaign: tuple[Registers, Settings],
) -> None:
    try:
        made = evidence(*campaign)
    except OneDoorError:
        assume(False)
    findings = check(replace(made, seats=()))  # the hand-made teams know no maximum of people
    assert failed(findings) & REPLAYED == set(), findings.violations


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"hours": Hours(pieces=())}, "hours.pieces"),
        ({"hours": Hours(pieces=((600, 540),))}, "hours.pieces"),
        ({"hours": Hours(pieces=((540, 720), (700, 800)))}, "hours.pieces"),
        ({"hours": Hours(grid_min=0)}, "hours.grid_min"),
        ({"travel": Travel(speed_kmh=0)}, "travel.speed_kmh"),
        ({"travel": Travel(least_min=-1)}, "travel.detour_permille"),
        ({"end": START}, "end"),
        ({"teams": Teams(officers=0)}, "teams.officers"),
    ],
)
def test_settings_that_nothing_can_start_from_are_named(changes: dict[str, Any], setting: str) -> None:
    given = evidence()
    plan = replace(given.plan, settings=replace(given.plan.settings, **changes))
    findings = check(replace(given, plan=plan))
    assert [(v.code, v.params) for v in findings.violations] == [("verify.setting_bad", {"setting": setting})]
    assert findings.goals == ()


def goal_two(given: Evidence, bound: int, tolerance: int) -> set[str]:
    value = given.solve_report.goals[1].value
    goals = tuple(
        replace(one, bound=(bound, value[1]), proved=True) if one.goal == 2 else one
        for one in given.solve_report.goals
    )
    told = replace(given, solve_report=replace(given.solve_report, goals=goals))
    plan = replace(
        told.plan, settings=replace(told.plan.settings, goals=Goals(load_tolerance_permille=tolerance))
    )
    return failing(replace(told, plan=plan))


def test_a_proof_of_even_load_may_leave_the_committed_tolerance_and_no_more() -> None:
    given = evidence()
    assert given.solve_report.goals[1].value[0] == 112
    assert goal_two(given, 110, 20) == set()
    assert goal_two(given, 110, 10) == {"goal"}
    assert goal_two(given, 110, 0) == {"goal"}
    assert goal_two(given, 112, 0) == set()


def test_a_window_outside_the_campaign_and_a_group_that_cannot_meet_are_named() -> None:
    given = evidence()
    shorter = with_settings(given, end=dt.date(2026, 3, 12))
    assert "verify.task_window" in {v.code for v in check(shorter).violations}
    first, second, third = given.registers.tasks
    apart = (replace(first, end=dt.date(2026, 3, 4)), replace(second, start=dt.date(2026, 3, 5)), third)
    known = replace(given.registers, tasks=apart)
    assert "verify.group_window" in {v.code for v in check(replace(given, registers=known)).violations}


def test_a_stratum_left_out_of_the_plan_leaves_its_enterprises_nowhere() -> None:
    given = evidence()
    plan = replace(given.plan, strata=given.plan.strata[1:])
    codes = {v.code for v in check(replace(given, plan=plan)).violations}
    assert {"verify.stratum", "verify.not_partition", "verify.draw_row"} <= codes


def test_every_check_answers_for_its_own_rule() -> None:
    given = evidence()
    assert [row.rule for row in check(given).rules] == list(CHECKS)
