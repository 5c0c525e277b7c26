"""Roster problems at the drawn stage: figures, statistics, feasible by construction."""

import dataclasses
import datetime as dt

import pytest

from instances.roster import PIECES, make_roster, roster, working_dates
from instances.roster_sizes import ROSTERS
from scheduler.domain.errors import UsageError
from scheduler.domain.problem import AssignmentProblem


@pytest.fixture(scope="module")
def month() -> AssignmentProblem:
    return roster("city-month")


def test_the_figures_of_the_sizes_are_those_asked_for() -> None:
    facts = {name: (s.n_visits, s.n_officers, s.n_days) for name, s in ROSTERS.items()}
    assert facts == {
        "street": (15, 12, 10),
        "county": (700, 300, 20),
        "city-month": (5_000, 3_709, 22),
        "metro-month": (7_000, 8_452, 22),
        "metro-year": (81_827, 8_452, 250),
    }
    departments = {n: s.n_districts * s.per_district + s.municipal for n, s in ROSTERS.items()}
    assert departments == {
        "street": 4,
        "county": 19,
        "city-month": 163,
        "metro-month": 178,
        "metro-year": 178,
    }


def test_the_same_seed_gives_the_same_problem_and_another_another() -> None:
    assert roster("county") == roster("county")
    assert roster("county", seed=2).visits != roster("county").visits


def test_an_unknown_roster_is_refused() -> None:
    with pytest.raises(UsageError) as refused:
        roster("galaxy")
    assert refused.value.problems[0].code == "instance.size"


def test_a_city_month_has_its_people_visits_and_days(month: AssignmentProblem) -> None:
    officers = [person for person in month.people if person.department_idx >= 0]
    assert (len(month.visits), len(officers), len(month.departments), len(month.days)) == (
        5_000,
        3_709,
        163,
        22,
    )
    assert len(month.people) - len(officers) == 135
    assert list(month.weeks) == sorted(month.weeks)


def test_the_statistics_are_the_documented_ones(month: AssignmentProblem) -> None:
    officers = [person for person in month.people if person.department_idx >= 0]
    at_work = sum(len(person.days) for person in officers) / (len(officers) * len(month.days))
    assert 0.88 < at_work < 0.96
    merged = sum(1 for visit in month.visits if sum(visit.served) > 1) / len(month.visits)
    assert 0.15 < merged < 0.22
    single = sum(1 for visit in month.visits if len(visit.groups) == 1) / len(month.visits)
    assert 0.45 < single < 0.7
    pairs = sum(len(group.barred) for visit in month.visits for group in visit.groups)
    seats = sum(len(month.candidates(group)) for visit in month.visits[:300] for group in visit.groups[:1])
    assert pairs
    assert seats > 300 * 4
    assert {visit.duration_min for visit in month.visits} == {60, 75, 90, 105, 120}
    assert all(4 <= len(visit.days) <= 20 for visit in month.visits)


def test_every_index_points_somewhere_and_every_visit_fits_a_piece(month: AssignmentProblem) -> None:
    n_people, n_sites = len(month.people), len(month.sites)
    for visit in month.visits:
        assert 0 <= visit.site_idx < n_sites
        assert visit.pieces == PIECES
        assert any(end - start >= visit.duration_min for start, end in visit.pieces)
        assert visit.days == tuple(range(visit.days[0], visit.days[-1] + 1))
        assert visit.days[-1] < len(month.days)
        assert sum(visit.served) in {1, 2}
        for group in visit.groups:
            assert all(0 <= pool < len(month.pools) for pool in group.pools)
            assert all(0 <= skill < len(month.skills) for skill in group.skills)
            assert list(group.barred) == sorted(set(group.barred))
            assert all(person < n_people for person in group.barred)
    assert sorted(visit.rank for visit in month.visits) == list(range(len(month.visits)))
    assert all(i < j < n_people for i, j in month.barred_pairs)


def test_ranks_put_the_higher_class_first(month: AssignmentProblem) -> None:
    ordered = sorted(month.visits, key=lambda visit: visit.rank)
    assert [v.served for v in ordered] == sorted((v.served for v in ordered), reverse=True)


@pytest.mark.parametrize("name", ["street", "county"])
def test_every_visit_has_a_lawful_team_on_some_day_when_alone(name: str) -> None:
    problem = roster(name)
    for visit in problem.visits:
        assert any(_team_on(problem, visit_groups=visit.groups, day=day) for day in visit.days)


def _team_on(problem: AssignmentProblem, *, visit_groups: tuple, day: int) -> bool:
    for group in visit_groups:
        there = [i for i in problem.candidates(group) if day in problem.people[i].days]
        held = 0
        for person in there:
            held |= problem.people[person].skills
        if len(there) < group.n_seats or not all(held >> skill & 1 for skill in group.skills):
            return False
    return True


def test_a_year_shares_what_repeats() -> None:
    small = dataclasses.replace(ROSTERS["metro-year"], n_visits=3_000)
    problem = make_roster(small, 1)
    assert len(problem.days) == 250
    assert (problem.days[0], problem.days[-1]) == ("2025-12-30", "2026-12-31")
    windows = {id(visit.days) for visit in problem.visits}
    assert len(windows) < 1_000
    assert len({id(visit.pieces) for visit in problem.visits}) == 1


def test_working_dates_follow_the_calendar_with_its_worked_saturdays() -> None:
    days = working_dates(dt.date(2026, 5, 6), 10)
    assert dt.date(2026, 5, 9) in days
    assert days[-1] == dt.date(2026, 5, 18)
