"""Ordered visits: lawful with document, approver and time; a visit without its order is not."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from small import END
from verify.evidence import evidence, failing, five_of_six, refreshed, wide_registers

from scheduler.domain.registers import Order, PastInspection
from scheduler.domain.settings import Exclusions
from scheduler.verify import Evidence, check

ORDER = Order(
    order_id="ZL-7",
    enterprise_id="E10",
    department_id="D-work",
    item_codes=("R01",),
    start=dt.date(2026, 3, 4),
    end=END,
    approver="局长",
    document="青市监指〔2026〕7号",
    approved_at="2026-02-25T09:30",
    reason="投诉举报",
)


@pytest.fixture(scope="module")
def given() -> Evidence:
    return evidence(wide_registers(orders=(ORDER,)), five_of_six())


def with_order(given: Evidence, **changes: object) -> Evidence:
    order = replace(given.registers.orders[0], **changes)  # type: ignore[arg-type]
    return refreshed(replace(given, registers=replace(given.registers, orders=(order,))))


def test_an_ordered_visit_is_served_beside_the_drawn_ones_and_lawful(given: Evidence) -> None:
    assert "ZL-7:E10" in {need.requirement_id for need in given.requirements}
    visit = next(v for v in given.visits if "ZL-7:E10" in v.requirement_ids)
    assert any(seat.visit_id == visit.visit_id for seat in given.seats)
    assert check(given).violations == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda e: with_order(e, approver=""), {"R01", "plan"}),
        (lambda e: with_order(e, document=" "), {"R01", "plan"}),
        (lambda e: with_order(e, approved_at="2026-02-25"), {"R01", "plan"}),
        (lambda e: with_order(e, approved_at="2026-03-05T08:00"), {"R01", "plan"}),
        (lambda e: with_order(e, department_id="D-fire"), {"plan", "merge"}),
        (lambda e: with_order(e, order_id="T-work"), {"plan", "merge", "R01", "draw"}),
        (
            lambda e: refreshed(replace(e, registers=replace(e.registers, orders=()))),
            {"R01", "merge", "draw"},
        ),
        (lambda e: replace(e, orders=()), {"draw", "merge"}),
        (
            lambda e: replace(e, orders=(replace(e.orders[0], ticket="0" * 64),)),
            {"draw", "merge"},
        ),
    ],
)
def test_an_order_that_does_not_stand_is_found(
    given: Evidence, change: Callable[[Evidence], Evidence], expected: set[str]
) -> None:
    assert expected <= failing(change(given))


def test_an_ordered_visit_stays_in_the_orders_window(given: Evidence) -> None:
    visit = next(v for v in given.visits if "ZL-7:E10" in v.requirement_ids)
    day = dt.date(2026, 3, 3)
    seats = tuple(replace(s, day=day) if s.visit_id == visit.visit_id else s for s in given.seats)
    assert "R12" in failing(refreshed(replace(given, seats=seats)))


def test_a_cap_does_not_bind_an_ordered_visit() -> None:
    """It bypasses the draw, with somebody's name under it."""
    past = PastInspection(enterprise_id="E10", inspector_id="work-1", day=dt.date(2026, 1, 15))
    known = wide_registers(orders=(ORDER,), history=(past,))
    made = evidence(known, five_of_six(exclusions=Exclusions(annual_cap=1)))
    assert {row.reason for row in made.excluded if row.subject_id == "E10"} == {"excluded.cap"}
    assert not failing(made)
