"""The table of ordered visits: read, checked, and fatal where a row cannot stand."""

import datetime as dt
from typing import Any

import pytest

from scheduler.domain.errors import InputError
from scheduler.domain.registers import Order
from scheduler.intake import read_campaign
from scheduler.intake.celldates import read_moment
from scheduler.intake.celltext import BadCellError

HEADS = [
    *("指令编号", "主体代码", "部门", "抽查事项", "开始日期", "截止日期"),
    *("批准人", "文号", "批准时间", "事由"),
]
ROW = ["ZL-1", "E08", "D-food", "S02", "2026-03-03", "2026-03-05", "局长", "1号", "2026-02-25 09:30", "投诉"]


@pytest.fixture
def ordered(campaign: Any) -> Any:
    campaign.tables["orders"] = [HEADS, list(ROW)]
    return campaign


def test_an_order_is_read_with_its_last_day_and_its_time(ordered: Any) -> None:
    assert read_campaign(ordered.write()).registers.orders == (
        Order(
            order_id="ZL-1",
            enterprise_id="E08",
            department_id="D-food",
            item_codes=("S02",),
            start=dt.date(2026, 3, 3),
            end=dt.date(2026, 3, 6),
            approver="局长",
            document="1号",
            approved_at="2026-02-25T09:30",
            reason="投诉",
        ),
    )


@pytest.mark.parametrize(
    ("heading", "value", "code"),
    [
        ("批准人", "", "intake.empty"),
        ("文号", "", "intake.empty"),
        ("批准时间", "2026-02-25", "intake.moment"),
        ("批准时间", "昨天", "intake.moment"),
        ("主体代码", "E99", "intake.reference_unknown"),
        ("部门", "D-none", "intake.reference_unknown"),
        ("抽查事项", "Z99", "intake.reference_unknown"),
        ("指令编号", "T-work", "intake.order_is_task"),
        ("截止日期", "2026-03-02", "intake.range"),
        ("开始日期", "2026-03-01", "intake.task_window"),
    ],
)
def test_an_order_that_cannot_stand_stops_the_import(
    ordered: Any, heading: str, value: str, code: str
) -> None:
    ordered.change("orders", 2, heading, value)
    with pytest.raises(InputError) as caught:
        read_campaign(ordered.write())
    (problem,) = caught.value.problems
    assert (problem.code, problem.place["row"], problem.place["column"]) == (code, 2, heading)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-02-25 09:30", "2026-02-25T09:30"),
        ("2026/2/25 9:30:15", "2026-02-25T09:30"),
        ("2026年2月25日　９：３０", "2026-02-25T09:30"),
        ("2026-02-25T23:59", "2026-02-25T23:59"),
        ("", None),
    ],
)
def test_a_moment_is_a_day_with_its_time(cell: str, expected: str | None) -> None:
    assert read_moment(cell) == expected


@pytest.mark.parametrize("cell", ["09:30", "2026-02-25 24:00", "2026-02-25 9:60", "2026-02-30 09:30", "长期"])
def test_what_is_no_moment_is_refused(cell: str) -> None:
    with pytest.raises(BadCellError):
        read_moment(cell)
