"""What the solver makes of tight campaigns is lawful: rosters, reasons, order of giving up, goals."""

from dataclasses import replace

import pytest
from verify.evidence import FRIDAY, evidence, five_of_six, wide_registers

import solvers
from scheduler import problem
from scheduler.domain.plan import DrawResult
from scheduler.domain.settings import Budget, Limits, Settings, Teams
from scheduler.domain.visits import MergeResult
from scheduler.verify import Evidence, check
from scheduler.verify.census import seed_of

QUICK = Budget(exact_units=4, block_units=1, rounds=1)


def solved(given: Evidence, budget: Budget = QUICK) -> Evidence:
    """The evidence with the solver's roster in place of the one made by hand."""
    seed = seed_of(given.seed_text)
    merged = MergeResult(requirements=given.requirements, visits=given.visits, report=given.merge_report)
    drawn = DrawResult(
        seed_commitment="",
        enterprises=given.drawn_enterprises,
        cutoffs=given.cutoffs,
        people=given.people,
    )
    made = problem.build_problem(given.plan, given.registers, drawn, merged, draw_sha256="0" * 64, seed=seed)
    outcome = solvers.solve(made, budget)
    schedule = problem.to_schedule(
        made, given.plan, given.registers, merged, outcome, attempt=1, discretionary=False
    )
    return replace(
        given, seats=schedule.seats, unscheduled=schedule.unscheduled, solve_report=schedule.report
    )


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        (five_of_six(), 10),
        (five_of_six(limits=Limits(visits_day=1)), 1),
        (five_of_six(limits=Limits(minutes_day=90)), 1),
        (five_of_six(limits=Limits(visits_week=1, minutes_campaign=100)), 2),
        (five_of_six(teams=Teams(per="visit")), 1),
        (five_of_six(teams=Teams(one_officer_many_items=False), limits=Limits(visits_day=2)), 1),
    ],
)
def test_what_the_solver_makes_is_lawful(settings: Settings, days: int) -> None:
    known = wide_registers()
    working = [row.day for row in known.calendar if row.is_working and row.day >= FRIDAY][:days]
    calendar = tuple(replace(row, is_working=row.day in working) for row in known.calendar)
    # An officer whose own limit is wider than the plan's stays inside the plan's.
    eager = tuple(replace(row, max_visits_day=9, max_minutes_day=900) for row in known.inspectors)
    known = replace(known, calendar=calendar, inspectors=eager)
    findings = check(solved(evidence(known, settings)))
    assert findings.violations == ()
    assert findings.n_served + findings.n_unscheduled == findings.n_requirements == 11
