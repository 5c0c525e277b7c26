"""The commitment: frame, exclusions, geometry, and everything it refuses, all at once."""

import datetime as dt
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import AUTHORITY, DISTRICT, END, START, UNIT, registers, settings

from scheduler.domain.canonical import sha256_hex
from scheduler.domain.errors import InputError, OneDoorError, StaffingError
from scheduler.domain.messages import render
from scheduler.domain.plan import Centre
from scheduler.domain.registers import Department, Expert, Leave, Registers, Task
from scheduler.domain.settings import Pairs, Pools, Quotas, Settings, Teams
from scheduler.draw import SPEC, SPEC_SHA256, commit
from scheduler.draw.geometry import centres_of, cosine_ppm

BASE = registers()
FIRE, FOOD, WORK = BASE.tasks


def refused(
    campaign: Registers, rules: Settings | None = None, kind: type[OneDoorError] = InputError
) -> list[str]:
    with pytest.raises(kind) as caught:
        commit(campaign, rules or settings(), {}, 0)
    assert type(caught.value) is kind
    for problem in caught.value.problems:
        assert render(problem, "zh")
        assert render(problem, "en")
    return [problem.code for problem in caught.value.problems]


def with_tasks(*tasks: Task) -> Registers:
    return replace(BASE, tasks=tasks)


def test_the_frame_holds_every_active_enterprise_once_and_the_others_with_a_reason() -> None:
    states = {"E01": "cancelled", "E02": "revoked", "E03": "moved"}
    shops = tuple(replace(e, status=states.get(e.enterprise_id, "active")) for e in BASE.enterprises)  # type: ignore[arg-type]
    committed = commit(replace(BASE, enterprises=shops[::-1]), settings(), {}, 0)
    assert [row.enterprise_id for row in committed.frame] == [f"E{n:02d}" for n in range(4, 13)]
    assert [(row.subject_id, row.reason, row.detail, row.task_id) for row in committed.excluded] == [
        ("E01", "excluded.status", "cancelled", ""),
        ("E02", "excluded.status", "revoked", ""),
        ("E03", "excluded.status", "moved", ""),
    ]


def test_who_is_in_scope_without_an_applicable_item_is_left_out_of_that_task_only() -> None:
    wide = replace(FOOD, tags=(), quota="50%")
    committed = commit(with_tasks(FIRE, wide, WORK), settings(), {}, 0)
    left = [row for row in committed.excluded if row.reason == "excluded.no_item"]
    assert [row.subject_id for row in left] == ["E02", "E04", "E06", "E08", "E10", "E12"]
    assert {(row.role, row.task_id) for row in left} == {("enterprise", "T-food")}
    assert len(committed.frame) == 12
    assert sum(s.size for s in committed.plan.strata if s.task_id == "T-food") == 6


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ({}, 12),
        ({"industries": ("H62",)}, 6),
        ({"industries": ("H63",), "tags": ("餐饮",)}, 0),
        ({"industries": ("H", "F52")}, 12),
        ({"tags": ("零售", "餐饮")}, 12),
        ({"districts": (DISTRICT, "1")}, 12),
        ({"districts": ("3301",)}, 0),
        ({"tags": ("零售",), "industries": ("H",)}, 0),
    ],
)
def test_a_scope_takes_any_of_each_list_and_all_lists_together(changes: dict[str, object], size: int) -> None:
    task = replace(WORK, quota="50%", **changes)  # type: ignore[arg-type]
    if size == 0:
        assert refused(with_tasks(task)) == ["draw.frame_empty"]
    else:
        strata = commit(with_tasks(task), settings(), {}, 0).plan.strata
        assert sum(stratum.size for stratum in strata) == size


def test_the_lead_department_bounds_the_frame_to_its_jurisdiction() -> None:
    shops = tuple(replace(e, district="330183") if e.enterprise_id > "E08" else e for e in BASE.enterprises)
    campaign = replace(BASE, enterprises=shops, tasks=(replace(WORK, quota="50%"),))
    strata = commit(campaign, settings(), {}, 0).plan.strata
    assert sum(stratum.size for stratum in strata) == 8


def test_in_city_draws_with_county_checks_each_district_owes_its_own_department() -> None:
    shops = tuple(replace(e, district="330183") if e.enterprise_id > "E08" else e for e in BASE.enterprises)
    task = replace(WORK, quota="50%", mode="municipal_to_district", by_district=True)
    campaign = replace(BASE, enterprises=shops, tasks=(task,))
    assert set(refused(campaign, kind=StaffingError)) == {"draw.no_department"}
    second = Department(
        department_id="D-work2",
        name="二",
        field="人社",
        level="district",
        authority="乙",
        unit="所",
        districts=("330183",),
    )
    officers = tuple(
        replace(i, inspector_id=f"second-{n}", department_id="D-work2", authority="乙", unit="所")
        for n, i in enumerate(BASE.inspectors[:3])
    )
    campaign = replace(
        campaign,
        departments=(*campaign.departments, second),
        inspectors=(*campaign.inspectors, *officers),
    )
    plan = commit(campaign, settings(), {}, 0).plan
    assert [pool.pool_id for pool in plan.pools] == [f"D-work/{AUTHORITY}/{UNIT}", "D-work2/乙/所"]
    assert {stratum.district for stratum in plan.strata} == {DISTRICT, "330183"}
    rival = replace(second, department_id="D-work3")
    campaign = replace(campaign, departments=(*campaign.departments, rival))
    assert set(refused(campaign, kind=StaffingError)) == {"draw.department_ambiguous"}


def test_a_cooperating_department_outside_its_jurisdiction_is_named() -> None:
    departments = tuple(
        replace(d, districts=("999999",)) if d.department_id == "D-food" else d for d in BASE.departments
    )
    codes = refused(replace(BASE, departments=departments, tasks=(FIRE,)), kind=StaffingError)
    assert codes == ["draw.district_uncovered"]


def test_people_are_left_out_of_pools_with_the_first_reason_that_holds() -> None:
    def change(code: str, **fields: object) -> Registers:
        people = tuple(
            replace(i, **fields) if i.inspector_id == code else i  # type: ignore[arg-type]
            for i in BASE.inspectors
        )
        return replace(BASE, inspectors=people)

    away = (Leave(person_id="fire-2", start=START, end=END), Leave(person_id="EX2", start=START, end=END))
    cases = [
        (
            change("fire-1", certificate_expires=START - dt.timedelta(days=1)),
            ("fire-1", "excluded.certificate", "2026-03-01"),
        ),
        (change("fire-1", unit="别处"), ("fire-1", "excluded.jurisdiction", "D-fire")),
        (replace(BASE, leave=away[:1]), ("fire-2", "excluded.absent", "")),
    ]
    for campaign, expected in cases:
        committed = commit(campaign, settings(), {}, 0)
        assert [(r.subject_id, r.reason, r.detail) for r in committed.excluded] == [expected]
        pools = {pool.department_id: pool.size for pool in committed.plan.pools}
        assert (pools["D-fire"], pools["D-food"]) == (3, 4)
    expert = commit(replace(BASE, leave=away[1:]), settings(), {}, 0)
    assert [(r.role, r.subject_id) for r in expert.excluded] == [("expert", "EX2")]
    last_day = change("fire-1", certificate_expires=START)
    assert commit(last_day, settings(), {}, 0).excluded == ()


def test_an_inspector_of_an_unknown_department_is_in_no_pool_and_breaks_nothing() -> None:
    stray = replace(BASE.inspectors[0], inspector_id="stray", department_id="D-none")
    committed = commit(replace(BASE, inspectors=(*BASE.inspectors, stray)), settings(), {}, 0)
    assert committed.plan == commit(BASE, settings(), {}, 0).plan


def test_the_plan_carries_digests_settings_spec_and_rejected_rows_as_given() -> None:
    digests = {"intake/tasks.csv": sha256_hex(b"t"), "intake/enterprises.csv": sha256_hex(b"e")}
    plan = commit(BASE, settings(), digests, 7).plan
    assert plan.digests == digests
    assert list(plan.digests) == sorted(digests)
    assert (plan.spec, plan.spec_sha256, plan.rejected_rows) == (SPEC, SPEC_SHA256, 7)
    assert plan.settings == settings()


def task_case(**changes: object) -> Registers:
    return with_tasks(FIRE, FOOD, replace(WORK, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("campaign", "codes"),
    [
        (task_case(quota="13家"), ["draw.quota_exceeds"]),
        (task_case(quota="20-10%"), ["draw.quota_range"]),
        (task_case(lead_id="D-none"), ["draw.department_unknown", "draw.frame_empty"]),
        (task_case(cooperating_ids=("D-x", "D-x", "D-y")), ["draw.department_unknown"] * 2),
        (task_case(item_codes=("R01", "Z99")), ["draw.item_unknown"]),
        (task_case(start=END, end=START), ["draw.task_window"]),
        (task_case(end=END + dt.timedelta(days=1)), ["draw.task_window"]),
        (task_case(start=dt.date(2026, 3, 7), end=dt.date(2026, 3, 9)), ["draw.no_working_day"]),
        (task_case(task_id="T|work"), ["draw.id_form"]),
        (
            replace(BASE, enterprises=(replace(BASE.enterprises[0], risk_class=""), *BASE.enterprises[1:])),  # type: ignore[arg-type]
            ["draw.risk_class"],
        ),
        (task_case(task_id="T-food"), ["draw.id_twice", "draw.name_twice", "draw.name_twice"]),
        (task_case(group="G|"), ["draw.id_form"]),
        (task_case(group="cafe\u0301"), ["draw.id_form"]),
    ],
)
def test_a_faulty_task_is_refused_by_name(campaign: Registers, codes: list[str]) -> None:
    found = refused(campaign)
    if codes[0] == "draw.id_twice":
        assert codes[0] in found
    else:
        assert found == codes


def test_tasks_of_a_group_must_be_able_to_share_a_day() -> None:
    early = replace(WORK, group="G1", start=START, end=dt.date(2026, 3, 4))
    late = replace(FIRE, start=dt.date(2026, 3, 4), end=END)
    assert refused(with_tasks(late, FOOD, early)) == ["draw.group_windows"]
    touching = replace(early, end=dt.date(2026, 3, 5))
    assert commit(with_tasks(late, FOOD, touching), settings(), {}, 0).plan.strata


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"slot": ""}, "draw.slot"),
        ({"slot": "first"}, "draw.slot"),
        ({"slot": "2026 01"}, "draw.slot"),
        ({"slot": "2026|01"}, "draw.slot"),
        ({"slot": "1" * 65}, "draw.slot"),
        ({"slot": "2026\n1"}, "draw.slot"),
        ({"previous_head": ""}, "draw.previous_head"),
        ({"previous_head": "A" * 64}, "draw.previous_head"),
        ({"campaign_id": "a|b"}, "draw.id_form"),
        ({"campaign_id": "批次1"}, "draw.id_form"),
        ({"pairs": Pairs(cap_permille=-1)}, "draw.setting_range"),
        ({"pairs": Pairs(cap_permille=1001)}, "draw.setting_most"),
        ({"pairs": Pairs(spare=0)}, "draw.setting_range"),
        ({"teams": Teams(neighbours_help=True)}, "draw.no_neighbours"),
        ({"teams": Teams(officers=0)}, "draw.setting_range"),
        ({"pools": Pools(k_max=-1)}, "draw.setting_range"),
        ({"quotas": Quotas(reserves_listed=-1)}, "draw.setting_range"),
        ({"pools": Pools(inspectors="many")}, "draw.pool_form"),
        ({"pools": Pools(experts="0%")}, "draw.pool_form"),
        ({"pools": Pools(experts="101%")}, "draw.pool_form"),
        ({"pools": Pools(experts="1 0%")}, "draw.pool_form"),
        ({"teams": Teams(officers=1)}, "draw.setting_range"),
    ],
)
def test_a_setting_that_cannot_be_committed_is_refused_by_name(changes: dict[str, object], code: str) -> None:
    assert refused(BASE, settings(**changes)) == [code]


@pytest.mark.parametrize("slot", ["2026-01", "杭双随机〔2026〕3号", "1"])
def test_a_slot_may_be_written_as_annual_plans_write_it(slot: str) -> None:
    assert commit(BASE, settings(slot=slot), {}, 0).plan.settings.slot == slot


@pytest.mark.parametrize("ident", ["", "E 1", "E|1", "E;1", "企1", "E\u00e91", "E1\n"])
def test_an_id_that_two_spellings_could_share_is_refused(ident: str) -> None:
    shops = (replace(BASE.enterprises[0], enterprise_id=ident), *BASE.enterprises[1:])
    assert refused(replace(BASE, enterprises=shops)) == ["draw.id_form"]


def test_an_inspector_who_is_an_expert_too_is_refused() -> None:
    twin = replace(BASE.experts[0], expert_id=BASE.inspectors[0].inspector_id)
    assert refused(replace(BASE, experts=(*BASE.experts, twin))) == ["draw.id_twice"]


def test_two_strata_may_not_get_one_name() -> None:
    shops = tuple(replace(e, risk_class="A") for e in BASE.enterprises)
    by_district = replace(WORK, task_id="T", quota="1家", by_district=True)
    other = replace(WORK, task_id=f"T/{DISTRICT}", quota="1家")
    assert refused(replace(BASE, enterprises=shops, tasks=(by_district, other))) == ["draw.name_twice"]


def test_a_task_nobody_is_qualified_for_cannot_be_staffed() -> None:
    people = tuple(replace(i, qualifications=()) for i in BASE.inspectors)
    with pytest.raises(StaffingError) as caught:
        commit(replace(BASE, inspectors=people), settings(), {}, 0)
    (problem,) = caught.value.problems
    assert caught.value.exit_code == 4
    assert problem.code == "draw.nobody_qualified"
    assert problem.params == {
        "task": "T-food",
        "item": "S01",
        "department": "D-food",
        "qualification": "食品",
    }


def test_an_item_outside_everybodys_scope_a_missing_expert_and_a_small_department_are_told_at_once() -> None:
    people = tuple(
        replace(i, item_scopes=("R0*",) if i.department_id == "D-work" else ("X02",))
        for i in BASE.inspectors
        if i.department_id != "D-food" or i.inspector_id == "food-1"
    )
    codes = refused(replace(BASE, inspectors=people, experts=()), kind=StaffingError)
    assert codes == [
        "draw.too_few_officers",
        "draw.nobody_in_scope",
        "draw.nobody_qualified",
        "draw.nobody_in_scope",
        "draw.no_expert",
    ]


def test_where_a_team_counts_per_visit_one_officer_of_a_department_is_enough() -> None:
    people = tuple(i for i in BASE.inspectors if i.department_id != "D-food" or i.inspector_id == "food-1")
    campaign = replace(BASE, inspectors=people)
    assert refused(campaign, kind=StaffingError) == ["draw.too_few_officers"]
    assert commit(campaign, settings(teams=Teams(per="visit")), {}, 0).plan.pools


def test_faults_of_input_and_of_staffing_are_told_together_as_bad_input() -> None:
    campaign = replace(task_case(quota="30"), experts=())
    assert refused(campaign, settings(slot="")) == ["draw.slot", "draw.quota_no_unit", "draw.no_expert"]


@given(st.integers(-90_000_000, 90_000_000))
@quick(max_examples=200, deadline=None)
def test_the_cosine_is_the_nearest_millionth(latitude: int) -> None:
    found = cosine_ppm((Centre(district="", lon_udeg=0, lat_udeg=latitude),))
    assert abs(found - 1e6 * math.cos(math.radians(latitude / 1e6))) <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("degrees", "ppm"), [(0, 1_000_000), (60, 500_000), (90, 0), (30, 866_025), (-60, 500_000)]
)
def test_the_cosine_of_known_angles(degrees: int, ppm: int) -> None:
    assert cosine_ppm((Centre(district="", lon_udeg=0, lat_udeg=degrees * 10**6),)) == ppm


def test_centres_are_lower_medians_of_the_frame_per_district_and_whole() -> None:
    shop = BASE.enterprises[0]
    points = [("1", 10, 40), ("1", 30, 20), ("2", 5, 5), ("2", 6, 1), ("2", 7, 9)]
    shops = [replace(shop, district=d, lon_udeg=x, lat_udeg=y) for d, x, y in points]
    shops += [replace(shop, district="3", lon_udeg=None), replace(shop, district="1", lat_udeg=None)]
    assert centres_of(shops) == (
        Centre(district="", lon_udeg=7, lat_udeg=9),
        Centre(district="1", lon_udeg=10, lat_udeg=20),
        Centre(district="2", lon_udeg=6, lat_udeg=5),
    )


def test_without_coordinates_there_is_no_centre() -> None:
    shops = tuple(replace(e, lon_udeg=None, lat_udeg=None) for e in BASE.enterprises)
    plan = commit(replace(BASE, enterprises=shops), settings(), {}, 0).plan
    assert (plan.centres, plan.cosine_ppm) == ((), 1_000_000)


def test_enterprises_outside_the_frame_move_no_centre() -> None:
    far = replace(
        BASE.enterprises[0], enterprise_id="E00", status="moved", lon_udeg=1, lat_udeg=1, district="9"
    )
    campaign = replace(BASE, enterprises=(far, *BASE.enterprises))
    assert commit(campaign, settings(), {}, 0).plan.centres == commit(BASE, settings(), {}, 0).plan.centres


def test_experts_of_several_specialties_count_once_in_each() -> None:
    both = Expert(expert_id="EX3", name="丙", specialties=("电气", "电气", "消防"))
    plan = commit(replace(BASE, experts=(*BASE.experts, both)), settings(), {}, 0).plan
    assert {pool.pool_id: pool.size for pool in plan.pools}["expert/电气"] == 3
