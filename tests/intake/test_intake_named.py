"""Departments by name, as exports write them: taken where one has it, refused by name otherwise."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small import registers, settings

from scheduler.intake import read_campaign, read_orders, registers_from_frames

PLACES = {"inspectors": "部门编号", "tasks": "发起部门"}


def name_departments(campaign: Any, table: str, heading: str) -> None:
    """Names instead of numbers in the column, under the heading that exports have."""
    names = {row[0]: row[1] for row in campaign.tables["departments"][1:]}
    heads = campaign.tables[table][0]
    place = heads.index(PLACES[table])
    heads[place] = heading
    for row in campaign.tables[table][1:]:
        row[place] = names[row[place]]


@pytest.mark.parametrize(
    ("table", "heading"),
    [
        ("inspectors", "部门"),
        ("inspectors", "部门名称"),
        ("inspectors", "部门编号"),
        ("tasks", "发起部门"),
        ("tasks", "发起部门名称"),
    ],
)
def test_a_name_that_one_department_has_is_taken_for_its_number(
    campaign: Any, table: str, heading: str
) -> None:
    wanted = read_campaign(campaign.write()).registers
    name_departments(campaign, table, heading)
    found = read_campaign(campaign.write())
    assert found.registers == wanted
    told = [one for one in found.report.warnings if one.code == "intake.departments_named"]
    assert [(one.table, one.column, one.detail) for one in told] == [
        (table, heading, str(len(campaign.tables[table]) - 1))
    ]


def test_cooperating_departments_may_be_names_and_numbers_together(campaign: Any) -> None:
    campaign.change("tasks", 2, "配合部门", "青石县市场监管局； D-work")
    tasks = {task.task_id: task.cooperating_ids for task in read_campaign(campaign.write()).registers.tasks}
    assert tasks["T-fire"] == ("D-food", "D-work")


def test_a_name_that_two_departments_have_or_none_is_refused_with_what_to_do(campaign: Any) -> None:
    name_departments(campaign, "inspectors", "部门")
    twice = campaign.tables["departments"][2][1] = campaign.tables["departments"][1][1]
    place = campaign.tables["inspectors"][0].index("部门")
    n_lost = sum(row[place] == twice for row in campaign.tables["inspectors"][1:])
    campaign.tables["inspectors"][1][place] = "没有的部门"
    found = read_campaign(campaign.write()).rejected
    codes = [line.code for line in found if line.table == "inspectors"]
    assert codes == ["intake.department_name"] * len(codes)
    assert len(codes) > n_lost


def test_a_table_named_before_the_departments_still_gets_their_numbers(campaign: Any) -> None:
    name_departments(campaign, "inspectors", "部门")
    campaign.tables = {"inspectors": campaign.tables.pop("inspectors"), **campaign.tables}
    assert len(read_campaign(campaign.write()).registers.inspectors) == len(registers().inspectors)


def test_frames_may_give_names_too(make_table: Any) -> None:
    tables = {
        name: make_table(name, registers()) for name in ("departments", "enterprises", "items", "tasks")
    }
    people = make_table("inspectors", registers())
    names = {row[0]: row[1] for row in tables["departments"][1:]}
    place = people[0].index("部门编号")
    people[1:] = [[*row[:place], names[row[place]], *row[place + 1 :]] for row in people[1:]]
    frames = {name: pd.DataFrame(rows[1:], columns=rows[0]) for name, rows in tables.items()}
    frames["inspectors"] = pd.DataFrame(people[1:], columns=people[0])
    found, _ = registers_from_frames(frames, replace(settings(), calendar="cn"))
    assert found.inspectors == registers().inspectors


def test_a_late_order_may_name_its_department(tmp_path: Path) -> None:
    known = registers()
    department, firm = known.departments[0], known.enterprises[0]
    item = next(row for row in known.items if row.field == department.field)
    said = settings()
    heads = "指令编号,主体代码,部门,抽查事项,开始日期,截止日期,批准人,文号,批准时间"
    row = (
        f"O-1,{firm.enterprise_id},{department.name},{item.item_code},{said.start},{said.start},"
        f"某局长,文〔2026〕1号,{said.start} 09:00"
    )
    (tmp_path / "orders.csv").write_text(f"{heads}\n{row}\n", encoding="utf-8")
    orders = read_orders(tmp_path / "orders.csv", said, known)
    assert [order.department_id for order in orders] == [department.department_id]
