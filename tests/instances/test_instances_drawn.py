"""Invented campaigns taken through draw and merge: as many visits as promised, all of them servable."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from instances import write_campaign
from instances.enterprises import make_chunk
from instances.items import items
from instances.people import departments
from instances.places import layout
from instances.sizes import SIZES
from instances.tasks import Place, tasks
from scheduler.domain.problem import AssignmentProblem, SeatGroup
from scheduler.draw import commit, draw, seed_of, seed_text
from scheduler.draw.quotas import parse_quota
from scheduler.intake import read_campaign
from scheduler.merge import merge
from scheduler.problem import build_problem

STREET, COUNTY = range(10, 21), range(650, 751)
"""About 15 and about 700 visits."""


def _drawn(size: str, seed: int, out: Path) -> tuple[AssignmentProblem, int]:
    intake = read_campaign(write_campaign(size, out, seed=seed))
    committed = commit(intake.registers, intake.settings, {}, len(intake.rejected))
    assert intake.ceremony is not None
    text = seed_of(seed_text(committed.plan, intake.ceremony))
    drawn = draw(committed.plan, committed.frame, committed.excluded, intake.registers, text)
    merged = merge(committed.plan, intake.registers, drawn)
    problem = build_problem(committed.plan, intake.registers, drawn, merged, draw_sha256="0" * 64, seed=text)
    return problem, sum(stratum.quota for stratum in committed.plan.strata)


def _staffed(problem: AssignmentProblem, group: SeatGroup, day: int) -> bool:
    there = [i for i in problem.candidates(group) if day in problem.people[i].days]
    held = 0
    for person in there:
        held |= problem.people[person].skills
    return len(there) >= group.n_seats and all(held >> skill & 1 for skill in group.skills)


def _servable_alone(problem: AssignmentProblem) -> bool:
    return all(
        any(all(_staffed(problem, group, day) for group in visit.groups) for day in visit.days)
        and any(end - start >= visit.duration_min for start, end in visit.pieces)
        for visit in problem.visits
    )


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_a_street_has_about_15_visits_and_a_team_for_each(seed: int, tmp_path: Path) -> None:
    problem, _ = _drawn("street", seed, tmp_path)
    assert len(problem.visits) in STREET
    assert len([person for person in problem.people if person.department_idx >= 0]) == 12
    assert _servable_alone(problem)


def test_a_city_plans_all_three_modes_and_meets_its_numbers() -> None:
    size = replace(SIZES["city"], n_enterprises=40_000)
    place = layout(size, 1)
    serials = np.arange(size.n_enterprises)
    cells = make_chunk(size, place, serials, 1, number=0).cells
    bodies = {body.department_id: body for body in departments(size, place, 1)}
    rows = tasks(Place(size=size, bodies=bodies, items=items(size, 1), cells=cells), 1)
    assert {task.mode for task in rows} == {"municipal", "municipal_to_district", "district"}
    assert any(task.by_district for task in rows)
    assert (len(rows), sum(1 for task in rows if task.cooperating_ids)) == (579, 129)
    assert all(code in bodies for task in rows for code in (task.lead_id, *task.cooperating_ids))
    assert all(parse_quota(task.quota, task.task_id) for task in rows)


def test_a_county_has_about_700_visits_its_planned_draws_and_a_team_for_each(tmp_path: Path) -> None:
    problem, draws = _drawn("county", 1, tmp_path)
    assert draws == 900
    assert len(problem.visits) in COUNTY
    assert _servable_alone(problem)
