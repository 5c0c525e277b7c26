"""Which requirements share a door, and what is told where they do not."""

import datetime as dt
import random
from dataclasses import replace

import pytest
from drawn import draw, plan
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from small import END, START, registers, settings

from scheduler.domain.codec import to_json
from scheduler.domain.errors import InputError
from scheduler.domain.messages import text
from scheduler.domain.registers import Enterprise, Item, QuietPeriod, Registers, Task
from scheduler.domain.settings import Hours, Merging, Teams
from scheduler.domain.visits import MergeResult, SecondDoor
from scheduler.merge import merge
from scheduler.merge.sharing import REASONS

FIELDS = {"D-fire": "消防", "D-food": "市场监管", "D-work": "人社"}


def item(code: str, department: str = "D-work", **own: object) -> Item:
    return Item(item_code=code, name=code, field=FIELDS[department], **own)  # type: ignore[arg-type]


def task(code: str, *items: str, lead: str = "D-work", **own: object) -> Task:
    base: dict[str, object] = {"start": START, "end": END, "quota": "1家", "name": code, **own}
    return Task(task_id=code, lead_id=lead, item_codes=items, **base)  # type: ignore[arg-type]


def world(items: list[Item], tasks: list[Task], **own: object) -> Registers:
    return registers(
        items=tuple(sorted(items, key=lambda row: row.item_code)),
        tasks=tuple(sorted(tasks, key=lambda row: row.task_id)),
        **own,
    )


def merged(known: Registers, enterprise: str = "E01", **own: object) -> MergeResult:
    rows = [f"{row.task_id}:{enterprise}" for row in known.tasks]
    return merge(plan(known, settings(**own)), known, draw(known, rows))


def second(known: Registers, **own: object) -> SecondDoor:
    (found,) = merged(known, **own).report.second_doors
    return found


def blocks(result: MergeResult) -> list[tuple[str, ...]]:
    return [visit.requirement_ids for visit in result.visits]


def test_two_tasks_with_a_common_day_share_one_visit_and_the_same_item_is_done_once() -> None:
    known = world([item("R1"), item("R2")], [task("T1", "R1", "R2"), task("T2", "R2", end=START + ONE)])
    result = merged(known)
    (visit,) = result.visits
    assert visit.visit_id == "V-E01-1"
    assert visit.requirement_ids == ("T1:E01", "T2:E01")
    assert (visit.item_codes, visit.department_ids) == (("R1", "R2"), ("D-work", "D-work"))
    assert (visit.start, visit.end) == (START, START + ONE)
    assert visit.duration_min == 30 + 30 + 10
    assert (result.report.doors, result.report.doors_unmerged, result.report.second_doors) == (1, 2, ())


ONE = dt.timedelta(days=1)


def test_a_visit_lasts_as_long_as_its_longest_department() -> None:
    known = world(
        [item("F1", "D-fire", duration_min=20), item("R1", duration_min=50), item("R2")],
        [task("T1", "F1", lead="D-fire"), task("T2", "R1", "R2")],
    )
    assert [visit.duration_min for visit in merged(known).visits] == [90]


def test_windows_without_a_common_day_need_two_doors() -> None:
    split = dt.date(2026, 3, 5)
    known = world([item("R1"), item("R2")], [task("T1", "R1", end=split), task("T2", "R2", start=split)])
    assert second(known) == SecondDoor(
        enterprise_id="E01",
        n_visits=2,
        reason="merge.reason_window",
        proof="pairwise",
        witness=("T1:E01", "T2:E01"),
    )


def test_windows_that_share_a_weekend_only_need_two_doors() -> None:
    known = world(
        [item("R1"), item("R2")],
        [task("T1", "R1", end=dt.date(2026, 3, 9)), task("T2", "R2", start=dt.date(2026, 3, 7))],
    )
    assert second(known).reason == "merge.reason_window"


@pytest.mark.parametrize(
    "period",
    [
        QuietPeriod(enterprise_id="E01", start=dt.date(2026, 3, 5), end=dt.date(2026, 3, 6)),
        QuietPeriod(district="330182", start=dt.date(2026, 3, 5), end=dt.date(2026, 3, 6)),
        QuietPeriod(start=dt.date(2026, 3, 5), end=dt.date(2026, 3, 6)),
        QuietPeriod(
            enterprise_id="E01", district="330182", start=dt.date(2026, 3, 5), end=dt.date(2026, 3, 6)
        ),
    ],
)
def test_a_quiet_period_takes_away_the_only_common_day(period: QuietPeriod) -> None:
    tasks = [task("T1", "R1", end=dt.date(2026, 3, 6)), task("T2", "R2", start=dt.date(2026, 3, 5))]
    known = world([item("R1"), item("R2")], tasks)
    assert merged(known).report.doors == 1
    assert second(replace(known, quiet=(period,))).reason == "merge.reason_window"
    elsewhere = replace(period, enterprise_id="E02", district="")
    assert merged(replace(known, quiet=(elsewhere,))).report.doors == 1


@pytest.mark.parametrize("declaring", ["R1", "R2"])
def test_items_declared_incompatible_in_either_direction_need_two_doors(declaring: str) -> None:
    other = {"R1": "R2", "R2": "R1"}[declaring]
    rows = [item(code, incompatible_with=(other,) if code == declaring else ()) for code in ("R1", "R2")]
    assert second(world(rows, [task("T1", "R1"), task("T2", "R2")])).reason == "merge.reason_incompatible"


def test_what_one_task_asks_for_together_is_not_parted() -> None:
    rows = [item("R1", incompatible_with=("R2",)), item("R2")]
    assert merged(world(rows, [task("T1", "R1", "R2")])).report.doors == 1


def test_more_departments_than_a_visit_may_have_need_two_doors() -> None:
    known = world([item("F1", "D-fire"), item("R1")], [task("T1", "F1", lead="D-fire"), task("T2", "R1")])
    found = second(known, merging=Merging(max_departments=1))
    assert found.reason == "merge.reason_departments"
    assert merged(known, merging=Merging(max_departments=0)).report.doors == 1


def test_officers_and_experts_together_count_against_the_maximum() -> None:
    known = world(
        [item("F1", "D-fire", expert="电气"), item("R1")], [task("T1", "F1", lead="D-fire"), task("T2", "R1")]
    )
    assert second(known, merging=Merging(max_officers=4)).reason == "merge.reason_officers"
    assert merged(known, merging=Merging(max_officers=5)).report.doors == 1


def test_teams_counted_per_visit_need_fewer_people() -> None:
    known = world([item("F1", "D-fire"), item("R1")], [task("T1", "F1", lead="D-fire"), task("T2", "R1")])
    per_visit = Teams(per="visit")
    assert merged(known, merging=Merging(max_officers=2), teams=per_visit).report.doors == 1
    assert second(known, merging=Merging(max_officers=2)).reason == "merge.reason_officers"


def test_somebody_else_for_each_item_makes_the_team_larger() -> None:
    known = world([item(f"R{n}") for n in range(4)], [task("T1", "R0", "R1"), task("T2", "R2", "R3")])
    distinct = Teams(one_officer_many_items=False)
    assert merged(known, merging=Merging(max_officers=3)).report.doors == 1
    assert second(known, merging=Merging(max_officers=3), teams=distinct).reason == "merge.reason_officers"


def test_a_visit_that_would_be_too_long_is_two() -> None:
    known = world(
        [item("R1", duration_min=90), item("R2", duration_min=90)], [task("T1", "R1"), task("T2", "R2")]
    )
    assert second(known, merging=Merging(max_minutes=180)).reason == "merge.reason_minutes"
    assert merged(known, merging=Merging(max_minutes=190)).report.doors == 1


def test_without_a_maximum_the_longest_piece_of_the_day_still_bounds_a_visit() -> None:
    known = world(
        [item("R1", duration_min=90), item("R2", duration_min=90)], [task("T1", "R1"), task("T2", "R2")]
    )
    # A piece that begins off the grid loses the minutes up to the first start.
    off_grid = Hours(pieces=((545, 735),))
    assert second(known, merging=Merging(max_minutes=0), hours=off_grid).reason == "merge.reason_minutes"
    assert merged(known, merging=Merging(max_minutes=0)).report.doors == 1


def with_opening(known: Registers, *spans: str) -> Registers:
    def opened(row: Enterprise) -> Enterprise:
        return replace(row, opening=spans) if row.enterprise_id == "E01" else row

    return replace(known, enterprises=tuple(opened(row) for row in known.enterprises))


def test_opening_hours_that_leave_no_room_for_both_part_them() -> None:
    known = world([item("R1"), item("R2")], [task("T1", "R1"), task("T2", "R2")])
    assert second(with_opening(known, "06:00-10:00")).reason == "merge.reason_opening"
    assert merged(with_opening(known, "06:00-10:15")).report.doors == 1


@pytest.mark.parametrize("span", ["9:00-12:00", "12:00-09:00", "09:00-12:60", "09:00-24:15", "all day", ""])
def test_opening_hours_that_cannot_be_read_are_refused(span: str) -> None:
    known = world([item("R1"), item("R2")], [task("T1", "R1"), task("T2", "R2")])
    with pytest.raises(InputError) as refused:
        merged(with_opening(known, span))
    assert refused.value.problems[0].code == "merge.opening"
    assert refused.value.problems[0].params == {"enterprise": "E01", "opening": span}


def test_three_of_which_any_two_fit_are_proved_by_trying_all_packings() -> None:
    rows = [item(f"R{n}", duration_min=60) for n in (1, 2, 3)]
    known = world(rows, [task(f"T{n}", f"R{n}") for n in (1, 2, 3)])
    result = merged(known)
    assert blocks(result) == [("T1:E01", "T2:E01"), ("T3:E01",)]
    (found,) = result.report.second_doors
    assert (found.reason, found.proof, found.witness) == ("merge.reason_minutes", "exhaustive", ())
    assert result.report.n_fewest_proved == 1


def test_pairs_parted_by_unlike_rules_say_that_several_are_at_work() -> None:
    rows = [item("R1", incompatible_with=("R2",)), item("R2"), item("R3", duration_min=170)]
    known = world(rows, [task(f"T{n}", f"R{n}") for n in (1, 2, 3)])
    found = second(known)
    assert (found.reason, found.proof) == ("merge.reason_several", "pairwise")
    assert found.witness == ("T1:E01", "T2:E01", "T3:E01")


def test_more_requirements_than_can_be_tried_are_not_called_proved() -> None:
    rows = [item(f"R{n:02d}", duration_min=80) for n in range(11)]
    known = world(rows, [task(f"T{n:02d}", f"R{n:02d}") for n in range(11)])
    result = merged(known)
    assert (result.report.doors, result.report.n_fewest_proved) == (6, 0)
    assert result.report.second_doors[0].proof == "open"


def test_offsite_requirements_need_no_door_and_never_join_one() -> None:
    rows = [item("R1"), item("R2", method="offsite"), item("R3", method="offsite")]
    known = world(rows, [task("T2", "R1"), task("T1", "R2"), task("T3", "R3")])
    result = merged(known)
    assert [(v.visit_id, v.requirement_ids, v.on_site) for v in result.visits] == [
        ("V-E01-1", ("T2:E01",), True),
        ("V-E01-2", ("T1:E01", "T3:E01"), False),
    ]
    report = result.report
    assert (report.doors, report.doors_unmerged, report.n_visits, report.n_requirements) == (1, 1, 2, 3)
    assert (report.n_onsite_requirements, report.second_doors) == (1, ())


def test_a_desk_check_minds_neither_quiet_periods_nor_opening_hours() -> None:
    rows = [item("R2", method="offsite"), item("R3", method="offsite")]
    known = world(rows, [task("T1", "R2"), task("T3", "R3")], quiet=(QuietPeriod(start=START, end=END),))
    assert blocks(merged(with_opening(known, "06:00-07:00"))) == [("T1:E01", "T3:E01")]


def test_every_reason_has_its_words() -> None:
    for reason in (*REASONS, "merge.reason_several"):
        assert text(reason, "zh")
        assert text(reason, "en")


def test_nothing_drawn_gives_an_empty_result() -> None:
    known = registers()
    result = merge(plan(known), known, draw(known, []))
    assert (result.requirements, result.visits, result.report.n_visits) == ((), (), 0)


@hypothesis_settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 12),
            st.sampled_from(["T-fire", "T-food", "T-work"]),
        ),
        unique=True,
        max_size=20,
    ),
    st.randoms(use_true_random=False),
)
def test_counts_add_up_and_the_order_of_rows_never_shows(
    chosen: list[tuple[int, str]], shuffle: random.Random
) -> None:
    known = registers()
    rows = [f"{name}:E{n:02d}" for n, name in chosen if name != "T-food" or n % 2]
    first = merge(plan(known), known, draw(known, rows))
    drawn = draw(known, rows)
    mixed = list(drawn.enterprises)
    shuffle.shuffle(mixed)
    assert to_json(merge(plan(known), known, replace(drawn, enterprises=tuple(mixed)))) == to_json(first)
    served = sorted(ident for visit in first.visits for ident in visit.requirement_ids)
    assert served == [need.requirement_id for need in first.requirements] == sorted(rows)
    report = first.report
    assert report.n_requirements == len(rows)
    assert report.doors == sum(visit.on_site for visit in first.visits)
    assert report.doors - report.n_enterprises == sum(d.n_visits - 1 for d in report.second_doors)
    assert report.n_fewest_proved == report.n_enterprises
    assert [v.visit_id for v in first.visits] == sorted(v.visit_id for v in first.visits)
