"""Seats, candidates, pair cap and wishes: problem and checker work them out alone and must agree."""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, reject
from hypothesis import settings as tries
from hypothesis import strategies as st
from verify.evidence import FRIDAY, evidence, failed, failing, five_of_six, refreshed, wide_registers
from verify.staffed import (
    ALL_TEAMS,
    by_the_model,
    problem_of,
    rostered,
    staffed,
    staffed_registers,
    staffed_settings,
)
from verify.test_verify_solved import solved

from scheduler.domain.errors import InputError, StaffingError
from scheduler.domain.problem import AssignmentProblem
from scheduler.domain.registers import PastInspection, Registers
from scheduler.domain.settings import Goals, Limits, Merging, Pairs, Pools, Settings, Teams
from scheduler.verify import Evidence, check
from scheduler.verify.census import take_census
from scheduler.verify.facts import Facts, facts_of
from scheduler.verify.paircap import likelihood
from scheduler.verify.vacancy import groups_of
from scheduler.verify.wishes import officers_sent, wishes_paid


def looked_up(given: Evidence) -> Facts:
    return facts_of(given, take_census(given))


def codes(given: Evidence) -> set[str]:
    return {violation.code for violation in check(given).violations}


def seats_agree(given: Evidence, made: AssignmentProblem) -> bool:
    """Candidates of every group, and its seats wherever a team is possible at all."""
    facts = looked_up(given)
    for visit, need in zip(given.visits, made.visits, strict=True):
        own = groups_of(facts, visit)
        told = [tuple(made.people[n].person_id for n in made.candidates(group)) for group in need.groups]
        if told != [group.candidates for group in own]:
            return False
        if [group.n_seats for group in need.groups] != [group.n_seats for group in own]:
            return False
    return True


CAMPAIGNS = st.fixed_dictionaries(
    {
        "leaders": st.sets(st.integers(0, 17), min_size=4),
        "newcomers": st.sets(st.integers(0, 17), max_size=12),
        "pairs": st.sets(st.integers(0, 16), max_size=5),
        "qualified": st.sets(st.integers(0, 17), min_size=3),
    }
)
TEAMS = st.builds(
    Teams,
    per=st.sampled_from(("department", "visit")),
    officers=st.integers(2, 3),
    one_officer_many_items=st.booleans(),
    leader_required=st.booleans(),
    newcomer_with_senior=st.booleans(),
    fixed_groups=st.booleans(),
)
CAPS = st.builds(
    Pairs,
    cap_permille=st.sampled_from((0, 0, 200, 500, 900)),
    spare=st.integers(1, 2),
    fallback=st.sampled_from(("next", "none")),
)


def campaign(people: dict[str, set[int]]) -> Registers:
    base = wide_registers()
    names: dict[int, str] = {}
    for at in sorted(people["pairs"]):
        if at % 6 != 5:  # a pair is of one department
            names.update({one: names.get(one, f"FG-{at}") for one in (at, at + 1)})
    rows = tuple(
        replace(
            row,
            is_leader=at in people["leaders"],
            is_newcomer=at in people["newcomers"],
            qualifications=("食品",) if at in people["qualified"] else (),
            fixed_group=names.get(at, ""),
        )
        for at, row in enumerate(base.inspectors)
    )
    return replace(base, inspectors=rows)


@tries(max_examples=60, deadline=None)
@given(people=CAMPAIGNS, teams=TEAMS, cap=CAPS, most=st.sampled_from((0, 5, 10)))
def test_seats_and_candidates_of_problem_and_checker_agree(
    people: dict[str, set[int]], teams: Teams, cap: Pairs, most: int
) -> None:
    own = five_of_six(
        teams=teams, pairs=cap, pools=Pools(inspectors="3人"), merging=Merging(max_officers=most)
    )
    try:
        found = evidence(campaign(people), own)
    except (InputError, StaffingError):
        reject()  # it cannot be committed
    assert seats_agree(found, problem_of(found))


@pytest.mark.parametrize(
    "own",
    [
        staffed_settings(),
        staffed_settings(teams=Teams(per="visit", leader_required=True, newcomer_with_senior=True)),
        staffed_settings(teams=Teams(per="visit", fixed_groups=True), pairs=Pairs()),
        staffed_settings(pairs=Pairs(cap_permille=300, spare=1, fallback="none"), teams=Teams()),
        staffed_settings(goals=Goals(preferred_days=("tue", "thu"), rotation=9, early=9), pairs=Pairs()),
    ],
    ids=["everything", "per-visit", "per-visit-fixed", "cap-without-fallback", "wishes"],
)
def test_what_the_exact_model_makes_is_lawful(own: Settings) -> None:
    found = evidence(staffed_registers(), own)
    made = problem_of(found)
    outcome = by_the_model(made, 5)
    judged = check(rostered(found, made, outcome))
    assert judged.violations == ()
    assert judged.n_served > 0


def test_a_visit_counts_its_officers_over_all_departments() -> None:
    own = staffed_settings(teams=Teams(per="visit"), pairs=Pairs())
    made = problem_of(evidence(staffed_registers(), own))
    officers = [[g.n_seats for g in need.groups if g.department_idx >= 0] for need in made.visits]
    assert {tuple(seats) for seats in officers} == {(2,), (1, 1)}


def test_an_officer_too_few_in_the_whole_visit_is_seen() -> None:
    own = staffed_settings(teams=Teams(per="visit"), pairs=Pairs())
    found = evidence(staffed_registers(), own)
    made = problem_of(found)
    lawful = rostered(found, made, by_the_model(made, 2))
    alone = next(
        seat
        for seat in lawful.seats
        if seat.role == "officer"
        and sum(s.visit_id == seat.visit_id and s.role == "officer" for s in lawful.seats) == 2
    )
    assert "R03" in failing(refreshed(replace(lawful, seats=tuple(s for s in lawful.seats if s != alone))))


def test_a_group_or_a_department_that_the_draw_would_refuse_is_seen() -> None:
    lawful = staffed("led")
    people = lawful.registers.inspectors
    mixed = tuple(replace(row, fixed_group="FG-1") if row.inspector_id == "work-3" else row for row in people)
    assert "verify.group_unlawful" in codes(
        replace(lawful, registers=replace(lawful.registers, inspectors=mixed))
    )
    unled = tuple(replace(row, is_leader=False) for row in people)
    assert "verify.nobody_leads" in codes(
        replace(lawful, registers=replace(lawful.registers, inspectors=unled))
    )


def test_a_setting_on_a_draw_made_without_it_breaks_the_plan() -> None:
    plain = evidence(wide_registers(), five_of_six())
    teams = Teams(leader_required=True)
    changed = replace(plain, plan=replace(plain.plan, settings=replace(plain.plan.settings, teams=teams)))
    assert {"plan", "R15"} <= failed(check(changed))


@pytest.mark.parametrize("n", range(1, 7))
@pytest.mark.parametrize("least", [0, 1, 2, 4])
def test_the_bound_is_the_chance_over_all_ways_the_tickets_fall(n: int, least: int) -> None:
    cap, chance = Fraction(3, 10), Fraction(0)
    for under in range(2**n):
        below = under.bit_count()
        weight = cap**below * (1 - cap) ** (n - below)
        # Of those over the threshold each is equally likely to come next.
        chance += weight * (
            Fraction(1)
            if under & 1
            else Fraction(max(0, min(least, n) - below), n - below)
            if n > below
            else Fraction(0)
        )
    assert likelihood(n, min(least, n), cap) == chance


def test_no_cap_and_a_cap_of_all_admit_the_same() -> None:
    free = problem_of(evidence(staffed_registers(), staffed_settings(pairs=Pairs())))
    everyone = problem_of(evidence(staffed_registers(), staffed_settings(pairs=Pairs(cap_permille=1000))))
    assert [[g.barred for g in v.groups] for v in free.visits] == [
        [g.barred for g in v.groups] for v in everyone.visits
    ]
    assert (everyone.pair_bound_permille, everyone.starved) == (1000, ())


def test_a_larger_pool_has_a_bound_that_says_something() -> None:
    own = staffed_settings(
        teams=Teams(), pools=Pools(inspectors="6人"), pairs=Pairs(cap_permille=500, spare=1)
    )
    made = problem_of(evidence(staffed_registers(), own))
    assert 500 < made.pair_bound_permille < 1000


WORK = "V-E06-1"
"""A visit of one department."""
QUIET_GOALS = Goals(rotation=0, pairs=0, spacing=0, early=0, preferred=0)


def paid(goals: Goals, rows: list[tuple[str, str, str]]) -> int:
    """Goal 5 of the plain roster with these settings and this history (enterprise, person, day)."""
    given = evidence(wide_registers(), five_of_six())
    team = sorted(seat.person_id for seat in given.seats if seat.visit_id == WORK)
    history = tuple(
        PastInspection(
            enterprise_id=enterprise,
            inspector_id={"one": team[0], "other": team[1]}.get(person, person),
            day=dt.date.fromisoformat(day),
        )
        for enterprise, person, day in rows
    )
    settings = replace(given.plan.settings, goals=goals)
    changed = replace(
        given,
        plan=replace(given.plan, settings=settings),
        registers=replace(given.registers, history=history),
    )
    assert officers_sent(looked_up(changed)) == len(
        {seat.person_id for seat in given.seats if seat.role == "officer"}
    )
    return wishes_paid(looked_up(changed))


TOGETHER = [(f"E{n:02d}", who, "2025-05-06") for n in (1, 2, 3) for who in ("one", "other")]


@pytest.mark.parametrize(
    ("goals", "rows", "due"),
    [
        (QUIET_GOALS, TOGETHER, 0),
        (replace(QUIET_GOALS, rotation=4), [("E06", "one", "2025-05-06")], 4),
        (replace(QUIET_GOALS, rotation=4), [("E06", who, "2025-05-06") for who in ("one", "other")], 8),
        (
            replace(QUIET_GOALS, rotation=4),
            [("E06", "one", "2025-05-06"), ("E06", "food-1", "2025-05-07")],
            0,
        ),
        (replace(QUIET_GOALS, rotation=4), [("E06", "one", "2026-03-02")], 0),
        (replace(QUIET_GOALS, pairs=3, pairs_times=3), TOGETHER[:4], 0),
    ],
    ids=["off", "last", "both", "somebody-later", "in-the-campaign", "too-rarely"],
)
def test_a_wish_is_paid_as_the_page_says(goals: Goals, rows: list[tuple[str, str, str]], due: int) -> None:
    assert paid(goals, rows) == due


def test_a_permanent_pair_is_paid_for_at_every_visit_where_both_sit() -> None:
    given = evidence(wide_registers(), five_of_six())
    team = {seat.person_id for seat in given.seats if seat.visit_id == WORK}
    teams: dict[str, set[str]] = {}
    for seat in given.seats:
        teams.setdefault(seat.visit_id, set()).add(seat.person_id)
    times = sum(team <= people for people in teams.values())
    assert paid(replace(QUIET_GOALS, pairs=3, pairs_times=3), TOGETHER) == 3 * times > 0


def test_a_day_that_is_not_preferred_and_a_late_day_are_paid() -> None:
    given = evidence(wide_registers(), five_of_six())
    days = {seat.visit_id: seat.day for seat in given.seats}
    wrong = sum(day.weekday() != 1 for day in days.values())
    assert paid(replace(QUIET_GOALS, preferred=2, preferred_days=("tue",)), []) == 2 * wrong > 0
    assert paid(replace(QUIET_GOALS, early=1000), []) > paid(replace(QUIET_GOALS, early=1), [])


@pytest.mark.parametrize(
    ("own", "days"),
    [
        (staffed_settings(pairs=Pairs()), 1),
        (staffed_settings(limits=Limits(visits_day=1)), 2),
        (staffed_settings(teams=replace(ALL_TEAMS, per="visit"), limits=Limits(minutes_day=90)), 1),
        (staffed_settings(teams=Teams(), pairs=Pairs(cap_permille=300, spare=1, fallback="none")), 2),
    ],
    ids=["one-day", "one-visit-a-day", "per-visit", "cap"],
)
def test_tight_campaigns_are_lawful_and_their_reasons_hold(own: Settings, days: int) -> None:
    known = staffed_registers()
    working = [row.day for row in known.calendar if row.is_working and row.day >= FRIDAY][:days]
    calendar = tuple(replace(row, is_working=row.day in working) for row in known.calendar)
    judged = check(solved(evidence(replace(known, calendar=calendar), own)))
    assert judged.violations == ()
    assert judged.n_served > 0
    assert judged.n_served + judged.n_unscheduled == judged.n_requirements
