"""From drawn rows to requirements: items that apply, who is competent, the window."""

import datetime as dt
from dataclasses import replace

import pytest
from drawn import draw, plan, ticket_of
from small import END, START, registers, settings

from scheduler.domain.errors import InputError
from scheduler.domain.registers import Department, Registers, Task
from scheduler.domain.visits import Requirement
from scheduler.merge import merge


def needs(known: Registers, *rows: str, **own: object) -> dict[str, Requirement]:
    merged = merge(plan(known, settings(**own)), known, draw(known, rows))
    return {need.requirement_id: need for need in merged.requirements}


def with_task(index: int, **changes: object) -> Registers:
    known = registers()
    tasks = list(known.tasks)
    tasks[index] = replace(tasks[index], **changes)  # type: ignore[arg-type]
    return replace(known, tasks=tuple(tasks))


def codes(known: Registers, *rows: str) -> list[str]:
    with pytest.raises(InputError) as refused:
        needs(known, *rows)
    return [problem.code for problem in refused.value.problems]


def test_each_item_goes_to_the_department_of_its_field_lead_or_cooperating() -> None:
    need = needs(registers(), "T-fire:E01")["T-fire:E01"]
    assert need.item_codes == ("S02", "X01")
    assert need.department_ids == ("D-food", "D-fire")
    assert need.ticket == ticket_of("T-fire", "E01")
    assert need.risk_class == "B"
    assert (need.start, need.end, need.on_site) == (START, END, True)


def test_reserves_ask_for_nothing() -> None:
    known = registers()
    merged = merge(plan(known), known, draw(known, ["T-work:E01"], reserves=["T-work:E02"]))
    assert [need.requirement_id for need in merged.requirements] == ["T-work:E01"]
    assert merged.report.n_enterprises == 1


def test_an_item_goes_along_only_where_its_industry_and_its_tags_hold() -> None:
    known = with_task(0, item_codes=("S01", "X01"), cooperating_ids=("D-food",))
    assert needs(known, "T-fire:E01")["T-fire:E01"].item_codes == ("S01", "X01")
    assert needs(known, "T-fire:E02")["T-fire:E02"].item_codes == ("X01",)
    items = tuple(
        replace(row, industries=("H62", "H63")) if row.item_code == "S01" else row for row in known.items
    )
    narrowed = replace(known, items=items)
    assert needs(narrowed, "T-fire:E01")["T-fire:E01"].item_codes == ("S01", "X01")
    moved = tuple(
        replace(row, industry="F5211") if row.enterprise_id == "E01" else row for row in known.enterprises
    )
    assert needs(replace(narrowed, enterprises=moved), "T-fire:E01")["T-fire:E01"].item_codes == ("X01",)


def test_the_window_is_cut_to_the_campaign() -> None:
    known = with_task(2, start=dt.date(2026, 2, 1), end=dt.date(2026, 5, 1))
    need = needs(known, "T-work:E01")["T-work:E01"]
    assert (need.start, need.end) == (START, END)


def test_a_window_outside_the_campaign_is_empty_and_not_negative() -> None:
    known = with_task(2, start=dt.date(2026, 5, 1), end=dt.date(2026, 5, 2))
    need = needs(known, "T-work:E01")["T-work:E01"]
    assert need.start == need.end


def test_offsite_items_alone_make_a_requirement_without_a_door() -> None:
    known = registers()
    items = tuple(replace(row, method="offsite") if row.item_code == "R01" else row for row in known.items)
    known = replace(known, items=items)
    assert not needs(known, "T-work:E01")["T-work:E01"].on_site
    mixed = replace(
        known, tasks=(replace(known.tasks[0], item_codes=("R01", "X01"), cooperating_ids=("D-work",)),)
    )
    assert needs(mixed, "T-fire:E01")["T-fire:E01"].on_site


def municipal(known: Registers) -> Registers:
    city = Department(
        department_id="D-city",
        name="市消防",
        field="消防",
        level="municipal",
        authority="市局",
        unit="市局",
    )
    task = Task(
        task_id="T-city",
        name="市抽县查",
        lead_id="D-city",
        item_codes=("X01",),
        quota="1家",
        start=START,
        end=END,
        mode="municipal_to_district",
    )
    return replace(known, departments=(city, *known.departments), tasks=(task,))


def test_drawn_by_the_city_and_inspected_by_the_district_department_of_that_field() -> None:
    assert needs(municipal(registers()), "T-city:E01")["T-city:E01"].department_ids == ("D-fire",)


def test_a_district_without_such_a_department_is_refused_by_name() -> None:
    known = municipal(registers())
    moved = tuple(replace(row, district="330183") for row in known.enterprises)
    known = replace(known, enterprises=moved)
    with pytest.raises(InputError) as refused:
        needs(known, "T-city:E01", "T-city:E02")
    assert [(p.code, p.params["item"], p.params["enterprise"]) for p in refused.value.problems] == [
        ("merge.no_department", "X01", "E01"),
        ("merge.no_department", "X01", "E02"),
    ]


def test_a_district_department_that_names_no_district_covers_all() -> None:
    known = municipal(registers())
    everywhere = tuple(replace(row, districts=()) for row in known.departments)
    moved = tuple(replace(row, district="330183") for row in known.enterprises)
    known = replace(known, departments=everywhere, enterprises=moved)
    assert needs(known, "T-city:E01")["T-city:E01"].department_ids == ("D-fire",)


def test_two_district_departments_of_one_field_are_refused() -> None:
    known = municipal(registers())
    twin = replace(known.departments[1], department_id="D-fire-2")
    known = replace(known, departments=(*known.departments, twin))
    assert codes(known, "T-city:E01") == ["merge.two_departments"]


def test_a_field_nobody_in_the_task_has_is_refused() -> None:
    assert codes(with_task(0, cooperating_ids=()), "T-fire:E01") == ["merge.no_department"]


def test_an_enterprise_without_any_item_is_refused_because_the_frame_should_not_hold_it() -> None:
    assert codes(registers(), "T-food:E02") == ["merge.no_item"]


def test_only_published_items_may_be_inspected() -> None:
    assert codes(with_task(2, item_codes=("R01", "R99")), "T-work:E01") == ["merge.unknown_id"]


def test_every_broken_row_is_told_at_once() -> None:
    assert codes(registers(), "T-none:E01", "T-work:E99", "T-work:E01", "T-work:E01", "T-food:E02") == [
        "merge.unknown_id",
        "merge.unknown_id",
        "merge.drawn_twice",
        "merge.no_item",
    ]


def test_a_requirement_longer_than_the_longest_piece_of_the_day_is_refused_by_name() -> None:
    known = registers()
    items = tuple(replace(row, duration_min=201) if row.item_code == "R01" else row for row in known.items)
    with pytest.raises(InputError) as refused:
        needs(replace(known, items=items), "T-work:E01", "T-food:E03", "T-work:E02")
    assert [(p.code, p.params) for p in refused.value.problems] == [
        ("merge.too_long", {"requirement": "T-work:E01", "minutes": 211, "longest": 210}),
        ("merge.too_long", {"requirement": "T-work:E02", "minutes": 211, "longest": 210}),
    ]


def test_above_the_maxima_yet_within_a_piece_a_single_requirement_keeps_its_visit() -> None:
    known = registers()
    items = tuple(replace(row, duration_min=200) if row.item_code == "R01" else row for row in known.items)
    known = replace(known, items=items)
    merged = merge(plan(known), known, draw(known, ["T-work:E01"]))
    assert [visit.duration_min for visit in merged.visits] == [210]
