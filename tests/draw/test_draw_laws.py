"""The laws of docs/draw-spec.md §13, on campaigns made up by hypothesis."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st
from small import CEREMONY, registers, settings

from scheduler.domain.errors import InputError
from scheduler.domain.hashes import Profile
from scheduler.domain.plan import Commitment, DrawnEnterprise, DrawResult
from scheduler.domain.registers import Registers, Task
from scheduler.domain.settings import Quotas, Settings
from scheduler.draw import commit, draw, seed_commitment, seed_of, seed_text
from scheduler.draw.drawing import smallest

ALL_LISTED = settings(quotas=Quotas(reserves_listed=1000))


def run(profile: Profile, campaign: Registers, rules: Settings = ALL_LISTED) -> tuple[Commitment, DrawResult]:
    committed = commit(campaign, replace(rules, profile=profile), {}, 0)
    seed = seed_of(seed_text(committed.plan, CEREMONY), profile)
    return committed, draw(committed.plan, committed.frame, committed.excluded, campaign, seed)


def town(n: int, *tasks: Task) -> Registers:
    """The small town with ``n`` shops in place of its twelve."""
    base = registers()
    shop = base.enterprises[0]
    shops = tuple(
        replace(
            shop,
            enterprise_id=f"E{k:04d}",
            risk_class="ABCD"[k % 4],  # type: ignore[arg-type]
            industry=("H6210", "F5211")[k % 2],
            tags=(("餐饮",), ("零售",), ())[k % 3],
        )
        for k in range(n)
    )
    return replace(base, enterprises=shops, tasks=tasks or base.tasks)


def order(result: DrawResult, stratum: str) -> list[str]:
    return [row.enterprise_id for row in result.enterprises if row.stratum_id == stratum]


def drawn(rows: tuple[DrawnEnterprise, ...], task_id: str) -> list[str]:
    return sorted(row.enterprise_id for row in rows if row.task_id == task_id and row.drawn)


WORK, FOOD = registers().tasks[2], registers().tasks[1]


@given(st.integers(0, 10**6))
@quick(max_examples=20, deadline=None)
def test_row_order_changes_nothing(profile: Profile, shuffle: int) -> None:
    campaign = registers()
    rng = random.Random(shuffle)  # noqa: S311 - a test's shuffle decides nothing

    def mixed(rows: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(rng.sample(rows, len(rows)))

    names = ("departments", "enterprises", "inspectors", "experts", "items", "tasks", "leave", "calendar")
    other = replace(campaign, **{name: mixed(getattr(campaign, name)) for name in names})  # type: ignore[arg-type]
    assert run(profile, other) == run(profile, campaign)
    committed, result = run(profile, campaign)
    seed = seed_of(seed_text(committed.plan, CEREMONY), profile)
    frame = tuple(rng.sample(committed.frame, len(committed.frame)))
    assert draw(committed.plan, frame, committed.excluded[::-1], other, seed) == result


@given(st.integers(4, 60), st.integers(1, 59))
@quick(max_examples=30, deadline=None)
def test_with_a_larger_quota_the_drawn_of_before_stay_drawn(
    profile: Profile, size: int, percent: int
) -> None:
    _, less = run(profile, town(size, replace(WORK, quota=f"{percent}%")))
    _, more = run(profile, town(size, replace(WORK, quota=f"{percent + 40}%")))
    assert set(drawn(less.enterprises, "T-work")) <= set(drawn(more.enterprises, "T-work"))
    assert [(row.rank, row.enterprise_id) for row in less.enterprises] == [
        (row.rank, row.enterprise_id) for row in more.enterprises
    ]


@given(st.integers(8, 60), st.sets(st.integers(0, 59), max_size=20))
@quick(max_examples=30, deadline=None)
def test_without_some_enterprises_the_others_keep_tickets_and_order(
    profile: Profile, size: int, gone: set[int]
) -> None:
    whole = town(size, replace(WORK, quota="10%"))
    kept = tuple(row for k, row in enumerate(whole.enterprises) if k not in gone)
    if not kept:
        return
    _, before = run(profile, whole)
    _, after = run(profile, replace(whole, enterprises=kept))
    left = {row.enterprise_id for row in kept}
    for risk_class in "ABCD":
        name = f"T-work/{risk_class}"
        assert order(after, name) == [ident for ident in order(before, name) if ident in left]
    tickets = {row.enterprise_id: row.ticket for row in before.enterprises}
    assert all(tickets[row.enterprise_id] == row.ticket for row in after.enterprises)


@given(st.integers(1, 100), st.sampled_from(["H", "F", ""]))
@quick(max_examples=30, deadline=None)
def test_changing_one_task_changes_nothing_in_unrelated_ones(
    profile: Profile, percent: int, industry: str
) -> None:
    food = replace(FOOD, group="", quota="50%")
    _, before = run(profile, town(40, food, replace(WORK, quota="20%")))
    other = replace(WORK, quota=f"{percent}%", industries=(industry,) if industry else ())
    _, after = run(profile, town(40, food, other))

    def of_food(result: DrawResult) -> list[DrawnEnterprise]:
        return [row for row in result.enterprises if row.task_id == "T-food"]

    assert of_food(after) == of_food(before)


def test_other_groups_slots_and_ceremonies_give_unrelated_tickets(profile: Profile) -> None:
    _, base = run(profile, registers())
    _, slot = run(profile, registers(), replace(ALL_LISTED, slot="2026-02"))
    _, group = run(
        profile,
        replace(registers(), tasks=tuple(replace(t, group=t.group and "G2") for t in registers().tasks)),
    )

    def tickets(result: DrawResult, *tasks: str) -> set[str]:
        return {row.ticket for row in result.enterprises if row.task_id in tasks}

    assert tickets(base, "T-fire", "T-food").isdisjoint(tickets(base, "T-work"))
    assert tickets(base, "T-fire", "T-food").isdisjoint(tickets(group, "T-fire", "T-food"))
    assert tickets(base, "T-work") == tickets(group, "T-work")
    assert tickets(base, "T-fire", "T-food", "T-work").isdisjoint(tickets(slot, "T-fire", "T-food", "T-work"))
    assert {p.ticket for p in base.people} == {p.ticket for p in group.people}


@given(st.integers(8, 60), st.integers(1, 50), st.integers(0, 50))
@quick(max_examples=30, deadline=None)
def test_tasks_of_one_group_overlap_as_much_as_they_can(
    profile: Profile, size: int, percent: int, more: int
) -> None:
    one = replace(WORK, task_id="T-1", group="G", quota=f"{percent}%")
    other = replace(WORK, task_id="T-2", group="G", quota=f"{percent + more}%")
    _, result = run(profile, town(size, one, other))
    first, second = drawn(result.enterprises, "T-1"), drawn(result.enterprises, "T-2")
    assert set(first) <= set(second)
    assert more or first == second


def test_the_same_id_twice_is_refused_at_the_commitment_and_at_the_draw(profile: Profile) -> None:
    campaign = registers()
    with pytest.raises(InputError) as caught:
        commit(replace(campaign, enterprises=campaign.enterprises * 2), settings(), {}, 0)
    assert {problem.code for problem in caught.value.problems} >= {"draw.id_twice"}
    committed, _ = run(profile, campaign)
    with pytest.raises(InputError) as caught:
        draw(committed.plan, committed.frame * 2, committed.excluded, campaign, "0" * 64)
    assert [problem.code for problem in caught.value.problems] == ["draw.id_twice"]


def test_equal_tickets_are_refused(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    committed, _ = run(profile, registers())
    monkeypatch.setattr(
        "scheduler.draw.drawing.digests",
        lambda _seed, _role, _group, ids, **_profile: [b"\0" * 32 for _ in ids],
    )
    with pytest.raises(InputError) as caught:
        draw(committed.plan, committed.frame, committed.excluded, registers(), "0" * 64)
    assert [problem.code for problem in caught.value.problems] == ["draw.equal_tickets"]


def test_the_draw_shows_drawn_reserves_and_the_cutoff(profile: Profile) -> None:
    committed, result = run(profile, town(40), settings(quotas=Quotas(reserves_listed=2)))
    for stratum in committed.plan.strata:
        rows = [row for row in result.enterprises if row.stratum_id == stratum.stratum_id]
        assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
        assert [row.ticket for row in rows] == sorted(row.ticket for row in rows)
        assert sum(row.drawn for row in rows) == stratum.quota
        assert len(rows) == min(stratum.size, stratum.quota + 2)
        (cutoff,) = [one for one in result.cutoffs if one.stratum_id == stratum.stratum_id]
        assert (cutoff.size, cutoff.quota) == (stratum.size, stratum.quota)
        assert all(row.drawn == (row.ticket <= cutoff.cutoff) for row in rows)
    seed = seed_of(seed_text(committed.plan, CEREMONY), profile)
    assert result.seed_commitment == seed_commitment(seed, profile)


def test_a_stratum_with_quota_nought_lists_nobody_and_has_no_cutoff(profile: Profile) -> None:
    quota = "A:0%;B:10%;C:10%;D:100%"
    _, result = run(profile, town(40, replace(WORK, quota=quota)))
    assert order(result, "T-work/A") == []
    assert {one.stratum_id: one.cutoff for one in result.cutoffs}["T-work/A"] == ""


def test_a_frame_that_grew_or_shrank_after_the_commitment_is_refused(profile: Profile) -> None:
    campaign = registers()
    committed, _ = run(profile, campaign)
    extra = replace(committed.frame[0], enterprise_id="E99")
    unseen = replace(extra, risk_class="A", tags=("餐饮",))
    for frame in (committed.frame[1:], (*committed.frame, extra), (*committed.frame, unseen)):
        with pytest.raises(InputError) as caught:
            draw(committed.plan, frame, committed.excluded, campaign, "0" * 64)
        assert [problem.code for problem in caught.value.problems] == ["draw.stratum_changed"]


def test_a_class_that_appeared_after_the_commitment_is_refused(profile: Profile) -> None:
    campaign = replace(registers(), tasks=(FOOD,))
    committed, _ = run(profile, campaign)
    extra = replace(committed.frame[0], enterprise_id="E99", risk_class="A")
    with pytest.raises(InputError) as caught:
        draw(committed.plan, (*committed.frame, extra), committed.excluded, campaign, "0" * 64)
    assert [problem.params["found"] for problem in caught.value.problems] == [1]


def test_a_task_that_vanished_after_the_commitment_is_refused(profile: Profile) -> None:
    campaign = registers()
    committed, _ = run(profile, campaign)
    fewer = replace(campaign, tasks=campaign.tasks[1:])
    with pytest.raises(InputError) as caught:
        draw(committed.plan, committed.frame, committed.excluded, fewer, "0" * 64)
    assert [problem.code for problem in caught.value.problems] == ["draw.stratum_changed"]


def test_an_exclusion_dropped_after_the_commitment_is_refused(profile: Profile) -> None:
    campaign = replace(registers(), tasks=(replace(FOOD, tags=(), quota="50%"), WORK))
    committed, _ = run(profile, campaign)
    with pytest.raises(InputError) as caught:
        draw(committed.plan, committed.frame, committed.excluded[1:], campaign, "0" * 64)
    assert [problem.code for problem in caught.value.problems] == ["draw.stratum_changed"]


def test_a_pool_that_changed_after_the_commitment_is_refused(profile: Profile) -> None:
    campaign = registers()
    committed, _ = run(profile, campaign)
    fewer = replace(campaign, inspectors=campaign.inspectors[1:])
    with pytest.raises(InputError) as caught:
        draw(committed.plan, committed.frame, committed.excluded, fewer, "0" * 64)
    assert [problem.code for problem in caught.value.problems] == ["draw.pool_changed"]


@given(st.lists(st.binary(min_size=2, max_size=2), unique=True, max_size=300), st.integers(1, 12))
@quick(max_examples=100, deadline=None)
def test_the_smallest_are_those_of_a_full_sort_even_for_digests_that_are_not_uniform(
    heads: list[bytes], count: int
) -> None:
    tickets = [head + bytes(30) for head in heads]
    ids = [f"E{k}" for k in range(len(heads))]
    assert smallest(tickets, ids, count) == sorted(zip(tickets, ids, strict=True))[:count]
