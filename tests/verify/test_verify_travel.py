"""Tables of travel times before the checker: its ways are the problem's, and a faster roster is refused."""

from dataclasses import replace
from itertools import pairwise, product

import pytest
from verify.evidence import evidence, five_of_six, wide_registers
from verify.test_verify_solved import solved

from scheduler import problem
from scheduler.domain.errors import InputError
from scheduler.domain.plan import DrawResult
from scheduler.domain.problem import AssignmentProblem
from scheduler.domain.registers import Registers, TravelTime
from scheduler.domain.settings import Travel
from scheduler.domain.visits import MergeResult
from scheduler.verify import Evidence, check
from scheduler.verify.census import seed_of, take_census
from scheduler.verify.facts import Facts, facts_of

FAR = "330199"


def way(one: str, other: str, minutes: int) -> TravelTime:
    return TravelTime(from_place=one, to_place=other, minutes=minutes)


BETWEEN = (
    way("330182", "330182", 35),
    way("D-fire", "330182", 50),
    way(FAR, "330182", 90),
    way("330182", FAR, 70),
)
PLACES = (*BETWEEN, way("E01", "E03", 3), way("E05", "330182", 61), way("EX1", "E07", 2), way("E09", FAR, 0))


def two_districts(ways: tuple[TravelTime, ...]) -> Registers:
    known = wide_registers()
    offices = tuple(replace(row, districts=("330182", FAR)) for row in known.departments[1:])
    shops = tuple(
        replace(row, district=FAR) if row.enterprise_id in {"E09", "E10", "E11"} else row
        for row in known.enterprises
    )
    first = replace(known.departments[0], districts=("330182", FAR))
    return replace(known, departments=(first, *offices), enterprises=shops, travel=ways)


def given_with(source: str, ways: tuple[TravelTime, ...]) -> Evidence:
    travel = Travel(source=source)  # type: ignore[arg-type]
    return evidence(two_districts(ways), five_of_six(travel=travel))


def problem_of(given: Evidence) -> AssignmentProblem:
    merged = MergeResult(requirements=given.requirements, visits=given.visits, report=given.merge_report)
    drawn = DrawResult(
        seed_commitment="",
        enterprises=given.drawn_enterprises,
        cutoffs=given.cutoffs,
        people=given.people,
    )
    seed = seed_of(given.seed_text)
    return problem.build_problem(given.plan, given.registers, drawn, merged, draw_sha256="0" * 64, seed=seed)


def known_to_the_checker(given: Evidence) -> Facts:
    return facts_of(given, take_census(given))


@pytest.mark.parametrize(("source", "ways"), [("districts", BETWEEN), ("matrix", PLACES)])
def test_problem_and_checker_know_the_same_ways(source: str, ways: tuple[TravelTime, ...]) -> None:
    given = given_with(source, ways)
    made, facts = problem_of(given), known_to_the_checker(given)
    assert made.zones
    points = {need.site_idx: facts.site(facts.visits[need.visit_id]) for need in made.visits}
    points |= {one.site_idx: facts.workers[one.person_id].home for one in made.people}
    for one, other in product(points, points):
        assert made.travel_min(one, other) == facts.ground.minutes(points[one], points[other])
    assert {made.travel_min(one, other) for one, other in product(points, points)} >= {0, 35, 50, 90}


def test_a_table_that_is_not_asked_for_changes_nothing() -> None:
    plain, unused = given_with("coordinates", ()), given_with("coordinates", BETWEEN)
    assert problem_of(plain).zones == problem_of(unused).zones == ()
    assert problem_of(plain).sites == problem_of(unused).sites


@pytest.mark.parametrize(("source", "ways"), [("districts", BETWEEN), ("matrix", PLACES)])
def test_what_the_solver_makes_by_a_table_is_certified(source: str, ways: tuple[TravelTime, ...]) -> None:
    made = solved(given_with(source, ways))
    findings = check(made)
    assert findings.violations == ()
    assert findings.n_served
    assert "problem.ways_by_coordinates" in made.solve_report.notes


def test_a_roster_made_by_coordinates_is_refused_where_the_table_is_slower() -> None:
    slow = tuple(replace(row, minutes=300) for row in BETWEEN)
    made = solved(given_with("coordinates", slow))
    assert check(made).violations == ()
    travel = Travel(source="districts")
    plan = replace(made.plan, settings=replace(made.plan.settings, travel=travel))
    rules = {violation.rule for violation in check(replace(made, plan=plan)).violations}
    assert {"R10", "goal"} <= rules
    assert rules <= {"R09", "R10", "goal"}


def test_between_two_visits_lies_the_time_of_the_table() -> None:
    made = solved(given_with("districts", BETWEEN))
    facts = known_to_the_checker(made)
    pairs = [
        (before, after)
        for days in facts.stays.values()
        for stays in days.values()
        for before, after in pairwise(stays)
    ]
    assert pairs, "somebody has two visits on one day"
    assert all(a.end_min + facts.ground.minutes(a.point, b.point) <= b.start_min for a, b in pairs)


def test_a_matrix_with_too_many_places_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.problem.ways.MOST_ZONES", 1)
    given = given_with("matrix", PLACES)
    with pytest.raises(InputError) as error:
        problem_of(given)
    assert [one.code for one in error.value.problems] == ["problem.travel_places"]
