"""A second implementation, written from docs/draw-spec.md alone, agrees with the draw on any campaign."""

import datetime as dt
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, given, reject
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import CEREMONY, END, START, registers
from small import settings as small_settings

from scheduler.domain.errors import InputError, StaffingError
from scheduler.domain.registers import PastInspection, QuietPeriod, Registers
from scheduler.domain.settings import Exclusions, Settings
from scheduler.draw import commit, draw, seed_commitment, seed_of, seed_text


def beside(name: str) -> Any:
    """A module of this folder, which is no package."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        module: ModuleType = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


oracle = beside("oracle")
generator = beside("test_draw_second_reading")

QUOTAS = (
    "10-20%",
    "20%~30%",
    "2至5家",
    "≤90家:不少于2家;>90家:≥5%",
    "5%;1次/年",
    "A:1-2%;B:3%;C:5家;D:10%",
    "≥3家",
)
DAYS = [dt.date(2025, 12, 30), dt.date(2026, 1, 15), dt.date(2026, 2, 20)]


@st.composite
def campaigns(draw_from: st.DrawFn) -> Registers:
    """The campaigns of the second reading, with past inspections, quiet periods and more forms of quotas."""
    base: Registers = draw_from(generator.campaigns())
    choose = draw_from(st.randoms(use_true_random=False))
    codes = [item.item_code for item in base.items]
    history = {
        PastInspection(
            enterprise_id=firm.enterprise_id,
            inspector_id=choose.choice(base.inspectors).inspector_id,
            day=choose.choice(DAYS),
            items=tuple(choose.sample(codes, choose.randrange(len(codes) + 1))),
        )
        for firm in choose.sample(base.enterprises, 25)
        for _ in range(choose.randrange(1, 4))
    }
    quiet = tuple(
        QuietPeriod(enterprise_id=ident, start=START, end=choose.choice([END, dt.date(2026, 3, 9)]))
        for ident in sorted(choose.sample([firm.enterprise_id for firm in base.enterprises], 8))
    )
    tasks = tuple(
        replace(task, quota=choose.choice(QUOTAS)) if choose.random() < 0.4 and not task.by_district else task
        for task in base.tasks
    )
    past = sorted(history, key=lambda row: (row.enterprise_id, row.inspector_id, row.day, row.items))
    return replace(base, history=tuple(past), quiet=quiet, tasks=tasks)


rules = st.builds(
    lambda rule, cap, days, end, coordination: replace(
        rule,
        exclusions=Exclusions(annual_cap=cap, cool_off_days=days),
        quotas=replace(rule.quotas, range=end),
        coordination=coordination,
    ),
    generator.rules,
    st.sampled_from([0, 0, 1, 2]),
    st.sampled_from([0, 0, 30, 60]),
    st.sampled_from(["low", "high"]),
    st.sampled_from(["shared", "shared", "independent"]),
)


NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A campaign has hundreds of rows: shrinking one takes longer than reading the difference."""
UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much)


def compare(campaign: Registers, rule: Settings) -> None:
    committed = commit(campaign, rule, {}, 0)
    seed = seed_of(seed_text(committed.plan, CEREMONY))
    result = draw(committed.plan, committed.frame, committed.excluded, campaign, seed)
    reading = oracle.Reading(campaign, rule)
    assert oracle.seed_text(rule, CEREMONY) == seed_text(committed.plan, CEREMONY)
    assert oracle.sha256("onedoor-seed-commit|" + seed) == seed_commitment(seed)
    assert [row.enterprise_id for row in committed.frame] == [firm.enterprise_id for firm in reading.active]
    assert set(committed.excluded) == reading.excluded
    assert list(committed.plan.strata) == reading.strata
    assert list(committed.plan.pools) == reading.pools
    rows, cutoffs = oracle.enterprises(reading, seed)
    assert (list(result.enterprises), list(result.cutoffs)) == (rows, cutoffs)
    assert list(result.people) == oracle.people(reading, seed)
    assert list(result.orders) == oracle.orders(reading, seed)


@given(campaigns(), rules)
@quick(max_examples=50, deadline=None, phases=NO_SHRINKING, suppress_health_check=UNHURRIED)
def test_the_oracle_agrees_with_plan_and_draw_on_every_campaign(campaign: Registers, rule: Settings) -> None:
    try:
        commit(campaign, rule, {}, 0)
    except (InputError, StaffingError):
        reject()
    compare(campaign, rule)


def test_the_oracle_agrees_on_the_small_campaign() -> None:
    compare(registers(), small_settings())


def test_the_oracle_imports_nothing_but_the_domain() -> None:
    text = Path(str(oracle.__file__)).read_text(encoding="utf-8")
    rooms = {line.split()[1].split(".")[1] for line in text.splitlines() if line.startswith("from scheduler")}
    assert rooms == {"domain"}
