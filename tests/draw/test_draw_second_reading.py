"""The checker's replay was written from docs/draw-spec.md alone: on any campaign both must agree."""

import datetime as dt
from dataclasses import replace

from hypothesis import HealthCheck, given, reject
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import CEREMONY, END, START, registers, settings

from scheduler.domain.errors import InputError, StaffingError
from scheduler.domain.frame import frame_columns
from scheduler.domain.hashes import PROFILES
from scheduler.domain.plan import Commitment, DrawResult
from scheduler.domain.registers import (
    Department,
    Item,
    Leave,
    Order,
    PastInspection,
    QuietPeriod,
    Registers,
    Task,
)
from scheduler.domain.schedule import SolveReport
from scheduler.domain.settings import Exclusions, Merging, Pools, Quotas, Settings, Teams
from scheduler.domain.visits import MergeReport
from scheduler.draw import commit, draw, draw_columns, seed_of, seed_text
from scheduler.verify.census import take_census
from scheduler.verify.drawing import draw_holds
from scheduler.verify.evidence import Evidence
from scheduler.verify.facts import facts_of
from scheduler.verify.people import below_annual_cap
from scheduler.verify.plan import plan_holds

BASE = registers()
DISTRICTS = ("330181", "330182", "330183")
INDUSTRIES = ("H6210", "H6220", "F5211", "")
TAGS = ((), ("餐饮",), ("零售",), ("零售", "餐饮"))
QUOTAS = (
    "5%",
    "37‰",
    "3家",
    "12家",
    "≥7%",
    "5%至10%；1次/年",
    "2-3家",
    "≤40户: 不少于2户; >40户: ≥5%",
    "100%",
    "A:1%;B:30%;C:5%;D:100%",
    "低：0％，一般：3%，较高：2户，高：10%",
)
FIELDS = ("市场监管", "消防")


def departments() -> tuple[Department, ...]:
    made = [
        Department(
            department_id=f"M{k}", name="市", field=field, level="municipal", authority="市", unit=f"处{k}"
        )
        for k, field in enumerate(FIELDS)
    ]
    made += [
        Department(
            department_id=f"D{k}-{district}",
            name="区",
            field=field,
            level="district",
            authority=district,
            unit=f"所{k}",
            districts=(district,),
        )
        for k, field in enumerate(FIELDS)
        for district in DISTRICTS
    ]
    return tuple(sorted(made, key=lambda row: row.department_id))


items = st.lists(
    st.builds(
        Item,
        item_code=st.just(""),
        name=st.just("事项"),
        field=st.sampled_from(FIELDS),
        qualification=st.sampled_from(["", "", "食品", "电气"]),
        expert=st.sampled_from(["", "", "结构"]),
        duration_min=st.sampled_from([None, 45]),
        industries=st.sampled_from([(), (), ("H",), ("F5", "H622")]),
        tags=st.sampled_from([(), (), ("餐饮",)]),
    ),
    min_size=2,
    max_size=5,
).map(lambda rows: tuple(replace(row, item_code=f"S{k}") for k, row in enumerate(rows)))


@st.composite
def tasks(draw_from: st.DrawFn, codes: list[str]) -> tuple[Task, ...]:
    made = []
    for k in range(draw_from(st.integers(1, 4))):
        mode = draw_from(st.sampled_from(["municipal", "district", "municipal_to_district"]))
        district = draw_from(st.sampled_from(DISTRICTS))
        side = f"-{district}" if mode == "district" else ""
        letter = "D" if mode == "district" else "M"
        by_district = draw_from(st.booleans())
        made.append(
            Task(
                task_id=f"T{k}",
                name="任务",
                lead_id=f"{letter}0{side}",
                cooperating_ids=(f"{letter}1{side}",),
                item_codes=tuple(draw_from(st.lists(st.sampled_from(codes), min_size=1, max_size=4))),
                industries=draw_from(st.sampled_from([(), ("H",), ("F", "H621")])),
                tags=draw_from(st.sampled_from([(), (), ("零售",)])),
                districts=draw_from(st.sampled_from([(), (), DISTRICTS[:2]])),
                quota=draw_from(st.sampled_from(QUOTAS[:-1] if by_district else QUOTAS)),
                start=START,
                end=END,
                mode=mode,  # type: ignore[arg-type]
                group=draw_from(st.sampled_from(["", "G"])),
                by_district=by_district,
            )
        )
    return tuple(made)


@st.composite
def campaigns(draw_from: st.DrawFn) -> Registers:
    listed = draw_from(items)
    choose = draw_from(st.randoms(use_true_random=False))
    shops = tuple(
        replace(
            BASE.enterprises[0],
            enterprise_id=f"E{k:03d}",
            district=choose.choice(DISTRICTS),
            industry=choose.choice(INDUSTRIES),
            tags=choose.choice(TAGS),
            risk_class=choose.choice("AABCD"),
            status=choose.choice(["active"] * 8 + ["moved"]),
            lon_udeg=choose.choice([None, 120_000_000 + choose.randrange(10**6)]),
        )
        for k in range(draw_from(st.integers(60, 200)))
    )
    bodies = departments()
    officers = tuple(
        replace(
            BASE.inspectors[0],
            inspector_id=f"I{n:02d}-{body.department_id}",
            department_id=body.department_id,
            authority=body.authority,
            unit=choose.choice([body.unit] * 9 + ["别处"]),
            qualifications=choose.choice([("食品", "电气"), ("食品", "电气"), ("食品",), ("电气",), ()]),
            item_scopes=choose.choice([(), (), ("S*",), ("S0", "S1"), ("S2",)]) if n else (),
            certificate_expires=choose.choice(
                [dt.date(2030, 1, 1), dt.date(2026, 3, 6), dt.date(2026, 2, 1)]
            ),
        )
        for body in bodies
        for n in range(choose.randrange(8, 16))
    )
    codes = [item.item_code for item in listed]
    orders = tuple(
        Order(
            order_id=f"O{k}",
            enterprise_id=one.enterprise_id,
            department_id=f"M{FIELDS.index(item.field)}",
            item_codes=(item.item_code,),
            start=START,
            end=END,
            approver="局长",
            document=f"{k}号",
            approved_at="2026-02-25T09:30",
        )
        for k, (one, item) in enumerate(
            (choose.choice(shops), choose.choice(listed)) for _ in range(choose.choice([0, 0, 1, 4]))
        )
    )
    history = tuple(
        PastInspection(
            enterprise_id=choose.choice(shops).enterprise_id,
            inspector_id=choose.choice(officers).inspector_id,
            day=START - dt.timedelta(days=choose.randrange(120)),
            items=tuple(choose.sample(codes, choose.randrange(len(codes) + 1))),
        )
        for _ in range(draw_from(st.sampled_from([0, 40, 150])))
    )
    quiet = tuple(
        QuietPeriod(
            enterprise_id=choose.choice(shops).enterprise_id,
            district=choose.choice(["", "", DISTRICTS[0]]),
            start=choose.choice([START, START - dt.timedelta(days=1)]),
            end=choose.choice([END, END - dt.timedelta(days=1), END - dt.timedelta(days=5)]),
        )
        for _ in range(choose.randrange(6))
    )
    experts = tuple(replace(BASE.experts[0], expert_id=f"X{n}", specialties=("结构",)) for n in range(6))
    leave = tuple(
        Leave(person_id=one.inspector_id, start=START, end=choose.choice([END, dt.date(2026, 3, 5)]))
        for one in officers[::5]
    )
    return replace(
        BASE,
        departments=bodies,
        enterprises=shops,
        inspectors=tuple(sorted(officers, key=lambda row: row.inspector_id)),
        experts=experts,
        items=listed,
        tasks=draw_from(tasks([item.item_code for item in listed])),
        recusals=(),
        leave=leave,
        history=history,
        quiet=quiet,
        orders=orders,
    )


rules = st.builds(
    settings,
    quotas=st.builds(
        Quotas,
        rounding=st.sampled_from(["up", "half_up"]),
        zero=st.sampled_from(["one", "one", "pool"]),
        reserves_listed=st.integers(0, 6),
        range=st.sampled_from(["low", "high"]),
    ),
    coordination=st.sampled_from(["shared", "shared", "independent"]),
    profile=st.sampled_from(PROFILES),
    exclusions=st.builds(
        Exclusions, annual_cap=st.sampled_from([0, 1, 2]), cool_off_days=st.sampled_from([0, 30, 90])
    ),
    pools=st.builds(
        Pools, inspectors=st.sampled_from(["auto", "30%", "4人"]), experts=st.sampled_from(["auto", "50%"])
    ),
    teams=st.builds(Teams, officers=st.integers(2, 3)),
    merging=st.builds(Merging, item_min=st.sampled_from([30, 600])),
)


def evidence(campaign: Registers, committed: Commitment, drawn: DrawResult) -> Evidence:
    return Evidence(
        plan=committed.plan,
        registers=campaign,
        frame=committed.frame,
        excluded=committed.excluded,
        drawn_enterprises=drawn.enterprises,
        cutoffs=drawn.cutoffs,
        people=drawn.people,
        orders=drawn.orders,
        seed_text=seed_text(committed.plan, CEREMONY),
        requirements=(),
        visits=(),
        merge_report=MergeReport(
            n_requirements=0,
            n_onsite_requirements=0,
            n_enterprises=0,
            n_visits=0,
            doors=0,
            doors_unmerged=0,
            n_fewest_proved=0,
            second_doors=(),
        ),
        seats=(),
        unscheduled=(),
        solve_report=SolveReport(
            attempt=1,
            draw_sha256="",
            problem_sha256="",
            method="exact",
            solver="",
            solver_version="",
            reproducible=True,
            discretionary=False,
            work_units=0,
            goals=(),
        ),
    )


@given(campaigns(), rules)
@quick(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_fast_draw_is_the_reference_draw(campaign: Registers, rule: Settings) -> None:
    try:
        plan = commit(campaign, rule, {}, 0)
    except (InputError, StaffingError):
        reject()
    seed = seed_of(seed_text(plan.plan, CEREMONY), rule.profile)
    people_only = replace(campaign, enterprises=())
    columns = frame_columns(plan.frame)
    fast = draw_columns(plan.plan, columns, plan.excluded, people_only, seed)
    assert fast == draw(plan.plan, plan.frame, plan.excluded, campaign, seed)


@given(campaigns(), rules)
@quick(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_plan_and_draw_are_what_the_checker_reads_from_the_page(campaign: Registers, rule: Settings) -> None:
    try:
        committed = commit(campaign, rule, {}, 0)
    except (InputError, StaffingError):
        reject()  # hypothesis itself complains where too few campaigns are lawful
    result = draw(
        committed.plan,
        committed.frame,
        committed.excluded,
        campaign,
        seed_of(seed_text(committed.plan, CEREMONY), rule.profile),
    )
    seen = evidence(campaign, committed, result)
    facts = facts_of(seen, take_census(seen))
    for cases in (plan_holds(facts), draw_holds(facts), below_annual_cap(facts)):
        assert cases.violations == []
        assert cases.checked or cases.rule == "R14"
