"""Hopeless and contradictory plans: an answer that is certified, or a refusal that names what is wrong."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from small import registers, settings
from verify.evidence import evidence, failing, five_of_six, wide_registers
from verify.test_verify_solved import solved

from scheduler import draw
from scheduler.domain.errors import OneDoorError
from scheduler.domain.registers import Enterprise, Recusal, Registers, TravelTime
from scheduler.domain.settings import Budget, Settings, Teams, Travel
from scheduler.verify import check

HASTE = Budget(exact_units=1, block_units=1, rounds=0)


def refused(known: Registers, plan: Settings) -> set[str]:
    with pytest.raises(OneDoorError) as error:
        draw.commit(known, plan, {}, 0)
    return {problem.code for problem in error.value.problems}


def test_a_plan_without_any_officer_is_refused_by_name() -> None:
    assert "draw.too_few_officers" in refused(replace(registers(), inspectors=()), settings())


def test_a_department_without_officers_is_refused_by_name() -> None:
    rows = tuple(row for row in registers().inspectors if row.department_id != "D-work")
    assert "draw.too_few_officers" in refused(replace(registers(), inspectors=rows), settings())


def test_fixed_pairs_that_exclude_each_other_are_refused_by_name() -> None:
    rows = tuple(
        replace(row, fixed_group="FG-1") if row.inspector_id in {"fire-1", "fire-3"} else row
        for row in wide_registers().inspectors
    )
    apart = Recusal(inspector_id="fire-1", other_inspector_id="fire-3", kind="夫妻")
    known = replace(wide_registers(), inspectors=rows, recusals=(*wide_registers().recusals[:1], apart))
    plan = five_of_six(teams=Teams(fixed_groups=True))
    assert refused(known, plan) == {"draw.group_barred"}


def test_a_plan_with_nobody_to_draw_is_refused_by_name() -> None:
    known = wide_registers()
    shut = tuple(replace(row, status="cancelled") for row in known.enterprises)
    codes = refused(replace(known, enterprises=shut), five_of_six())
    assert codes == {"draw.frame_empty"}


def unplaced(known: Registers, plan: Settings, budget: Budget = HASTE) -> set[str]:
    """Why whatever is not placed is not; the roster and its reasons are certified."""
    made = solved(evidence(known, plan), budget)
    assert failing(made) == set()
    findings = check(made)
    assert findings.n_served + findings.n_unscheduled == findings.n_requirements
    return {row.reason for row in made.unscheduled}


@pytest.mark.parametrize("source", ["coordinates", "districts"])
def test_a_way_longer_than_a_day_leaves_the_visit_unstaffable(source: Any) -> None:
    known = wide_registers()
    far = tuple(replace(row, lon_udeg=(row.lon_udeg or 0) + 5_000_000) for row in known.departments)
    ways = (
        TravelTime(from_place="330182", to_place="330182", minutes=5),
        *(TravelTime(from_place=row.department_id, to_place="330182", minutes=1440) for row in far),
    )
    known = replace(known, departments=far, travel=ways)
    assert unplaced(known, five_of_six(travel=Travel(source=source))) == {"unstaffable"}


@pytest.mark.parametrize("source", ["coordinates", "districts"])
def test_no_coordinates_anywhere_is_answered_and_told(source: Any) -> None:
    def lost(row: Any) -> Any:
        return replace(row, lon_udeg=None, lat_udeg=None)

    known = wide_registers()
    known = replace(
        known,
        departments=tuple(map(lost, known.departments)),
        enterprises=tuple(map(lost, known.enterprises)),
        experts=tuple(map(lost, known.experts)),
        travel=(TravelTime(from_place="330182", to_place="330182", minutes=15),),
    )
    made = solved(evidence(known, five_of_six(travel=Travel(source=source))), HASTE)
    assert failing(made) == set()
    assert {"problem.nowhere", "problem.places_at_centre", "problem.homes_at_centre"} <= set(
        made.solve_report.notes
    )
    # Places at one centre are told apart by the table alone.
    travel = next(goal for goal in made.solve_report.goals if goal.goal == 3)
    assert (travel.value == (0,)) == (source == "coordinates")


def test_a_day_that_is_shorter_than_any_visit_leaves_nobody_a_start() -> None:
    known = wide_registers()
    rows: tuple[Enterprise, ...] = tuple(replace(row, opening=("09:00-09:15",)) for row in known.enterprises)
    assert unplaced(replace(known, enterprises=rows), five_of_six()) == {"unstaffable"}


def test_nobody_at_work_in_the_window_is_refused_by_name() -> None:
    known = wide_registers()
    late = tuple(replace(row, certificate_expires=dt.date(2026, 2, 1)) for row in known.inspectors)
    assert "draw.too_few_officers" in refused(replace(known, inspectors=late), five_of_six())
