"""One rule at a time: a model with this rule alone takes the patterns that obey it and no others.

Each pattern is a set of placements in a tiny problem. The independent checker has to see the same.
"""

from dataclasses import dataclass, replace

import pytest
from plain_roster import broken, need, person, place, tiny

from scheduler.domain.problem import AssignmentProblem, Placement, SeatGroup
from scheduler.domain.rules import RULES
from solvers import coverage, cpsat
from solvers.facts import Facts
from solvers.model.constraints import CONSTRAINTS
from solvers.model.model import RosterModel

PAIR = SeatGroup(department_idx=0, n_seats=2, pools=(0,))
EXPERT = SeatGroup(department_idx=-1, n_seats=1, pools=(1,))
TWO_VISITS = (need("V0"), need("V1", site_idx=2))
WITH_EXPERTS = (person("P0"), person("P1"), person("X0", pool_idx=1, department_idx=-1))


@dataclass(frozen=True, kw_only=True)
class Case:
    """A pattern that keeps or breaks one rule."""

    rule: str
    says: str
    lawful: bool
    problem: AssignmentProblem
    pattern: tuple[Placement, ...]


def keeps(rule: str, says: str, problem: AssignmentProblem, *pattern: Placement) -> Case:
    return Case(rule=rule, says=says, lawful=True, problem=problem, pattern=pattern)


def breaks(rule: str, says: str, problem: AssignmentProblem, *pattern: Placement) -> Case:
    return Case(rule=rule, says=says, lawful=False, problem=problem, pattern=pattern)


def limited(**limits: int) -> AssignmentProblem:
    people = tuple(replace(who, **limits) for who in tiny().people)  # type: ignore[arg-type]
    return tiny(people=people, visits=TWO_VISITS)


ABSENT_TUESDAY = tiny(people=(person("P0"), person("P1", days=(0,)), person("P2")))
SKILLED = tiny(
    people=(person("P0", skills=1), person("P1", skills=3), person("P2", skills=0)),
    visits=(need("V0", groups=(replace(PAIR, skills=(0, 1)),)),),
    skills=("k0", "k1"),
)
DISTINCT = replace(SKILLED, distinct_cover=True)
WITH_EXPERT = tiny(people=WITH_EXPERTS, visits=(need("V0", groups=(PAIR, EXPERT)),))
RECUSED = tiny(visits=(need("V0", groups=(replace(PAIR, barred=(1,)),)),))
FOES = replace(tiny(), barred_pairs=((0, 2),))
FOE_EXPERT = replace(WITH_EXPERT, barred_pairs=((0, 2),))
TWO = tiny(visits=TWO_VISITS)
JOINT = tiny(
    people=(*tiny().people, person("Q0", pool_idx=1, department_idx=1)),
    visits=(need("V0", groups=(PAIR, SeatGroup(department_idx=1, n_seats=1, pools=(1,)))),),
    departments=("D", "E"),
    pools=("D/pool", "E/pool"),
)
FINE = tiny(grid_min=15, visits=TWO_VISITS)
LED = tiny(
    people=(person("P0", is_leader=True), person("P1", is_newcomer=True), person("P2", is_newcomer=True)),
    visits=(need("V0", groups=(replace(PAIR, leader=True),)),),
)
GUIDED = replace(LED, visits=(need("V0", groups=(replace(PAIR, senior=True),)),))
ONE_EACH = (
    SeatGroup(department_idx=0, n_seats=1, pools=(0,)),
    SeatGroup(department_idx=1, n_seats=1, pools=(1,)),
)
LED_VISIT = replace(
    JOINT,
    people=(
        person("P0"),
        person("P1", is_leader=True),
        person("Q0", pool_idx=1, department_idx=1, is_newcomer=True),
    ),
    visits=(need("V0", groups=ONE_EACH, leader=True),),
)
GUIDED_VISIT = replace(
    LED_VISIT,
    people=(person("P0"), person("P1", is_newcomer=True), LED_VISIT.people[2]),
    visits=(need("V0", groups=ONE_EACH, senior=True),),
)
FIXED = tiny(people=(person("P0", fixed_idx=0), person("P1", fixed_idx=0), person("P2"), person("P3")))
SPLIT = tiny(
    people=(person("P0", fixed_idx=0), person("P1"), person("P2"), person("Q0", pool_idx=1, fixed_idx=0))
)
WEEKS = replace(limited(max_visits_week=1), weeks=(10, 11))

CASES = [
    keeps("R03", "two officers", tiny(), place(0, 0, 540, (0, 1))),
    breaks("R03", "one officer", tiny(), place(0, 0, 540, (0,))),
    breaks("R03", "three officers", tiny(), place(0, 0, 540, (0, 1, 2))),
    keeps("R03", "no visit, no officers", tiny()),
    keeps("R04", "a day on which all are valid", ABSENT_TUESDAY, place(0, 0, 540, (0, 1))),
    keeps("R04", "others on the other day", ABSENT_TUESDAY, place(0, 1, 540, (0, 2))),
    breaks("R04", "a day after the certificate", ABSENT_TUESDAY, place(0, 1, 540, (0, 1))),
    keeps("R05", "both skills in the team", SKILLED, place(0, 0, 540, (1, 2))),
    breaks("R05", "one skill missing", SKILLED, place(0, 0, 540, (0, 2))),
    keeps("R05", "each skill by another one", DISTINCT, place(0, 0, 540, (0, 1))),
    breaks("R05", "one officer for both skills", DISTINCT, place(0, 0, 540, (1, 2))),
    keeps("R06", "the expert beside the officers", WITH_EXPERT, place(0, 0, 540, (0, 1), (2,))),
    breaks("R06", "no expert", WITH_EXPERT, place(0, 0, 540, (0, 1), ())),
    keeps("R07", "the team without the barred one", RECUSED, place(0, 0, 540, (0, 2))),
    breaks("R07", "someone barred from the enterprise", RECUSED, place(0, 0, 540, (0, 1))),
    keeps("R07", "only one of two barred from each other", FOES, place(0, 0, 540, (0, 1))),
    breaks("R07", "two barred from each other", FOES, place(0, 0, 540, (0, 2))),
    breaks("R07", "an officer and an expert so", FOE_EXPERT, place(0, 0, 540, (0, 1), (2,))),
    keeps("R09", "time for the way", TWO, place(0, 0, 540, (0, 1)), place(1, 0, 660, (0, 1))),
    breaks("R09", "no time for the way", TWO, place(0, 0, 540, (0, 1)), place(1, 0, 600, (1, 2))),
    breaks("R09", "at the same time", TWO, place(0, 0, 540, (0, 1)), place(1, 0, 540, (1, 2))),
    keeps("R09", "the same time for others", FOES, place(0, 0, 540, (0, 1))),
    keeps("R09", "exactly the way", FINE, place(0, 0, 540, (0, 1)), place(1, 0, 630, (0, 1))),
    breaks("R09", "a grid step too early", FINE, place(0, 0, 540, (0, 1)), place(1, 0, 615, (0, 1))),
    keeps(
        "R10",
        "one visit a day",
        limited(max_visits_day=1),
        place(0, 0, 540, (0, 1)),
        place(1, 1, 540, (0, 1)),
    ),
    breaks(
        "R10",
        "two on one day",
        limited(max_visits_day=1),
        place(0, 0, 540, (0, 1)),
        place(1, 0, 840, (0, 2)),
    ),
    keeps("R10", "the day's minutes with the way", limited(max_minutes_day=74), place(0, 0, 540, (0, 1))),
    breaks("R10", "a minute too much on the way", limited(max_minutes_day=73), place(0, 0, 540, (0, 1))),
    keeps("R10", "one a week", WEEKS, place(0, 0, 540, (0, 1)), place(1, 1, 540, (0, 1))),
    breaks(
        "R10",
        "two in one week",
        limited(max_visits_week=1),
        place(0, 0, 540, (0, 1)),
        place(1, 1, 540, (0, 2)),
    ),
    breaks(
        "R10",
        "too many minutes in one week",
        limited(max_minutes_week=119),
        place(0, 0, 540, (0, 1)),
        place(1, 1, 540, (0, 2)),
    ),
    breaks(
        "R10",
        "two in the campaign",
        limited(max_visits=1),
        place(0, 0, 540, (0, 1)),
        place(1, 1, 540, (0, 2)),
    ),
    keeps(
        "R10",
        "just the campaign's minutes",
        limited(max_minutes=120),
        place(0, 0, 540, (0, 1)),
        place(1, 1, 540, (0, 2)),
    ),
    breaks(
        "R10",
        "more than the campaign's minutes",
        limited(max_minutes=119),
        place(0, 0, 540, (0, 1)),
        place(1, 1, 540, (0, 2)),
    ),
    keeps("R11", "up to lunch", tiny(), place(0, 0, 660, (0, 1))),
    breaks("R11", "over lunch", tiny(), place(0, 0, 720, (0, 1))),
    breaks("R11", "before the day begins", tiny(), place(0, 0, 480, (0, 1))),
    breaks("R11", "somebody on leave", ABSENT_TUESDAY, place(0, 1, 540, (1, 2))),
    keeps("R12", "inside the window", tiny(visits=(need("V0", days=(1,)),)), place(0, 1, 540, (0, 1))),
    breaks("R12", "outside the window", tiny(visits=(need("V0", days=(1,)),)), place(0, 0, 540, (0, 1))),
    breaks(
        "R12",
        "before the enterprise opens",
        tiny(visits=(need("V0", pieces=((600, 720),)),)),
        place(0, 0, 540, (0, 1)),
    ),
    keeps("R13", "both departments", JOINT, place(0, 0, 540, (0, 1), (3,))),
    breaks("R13", "one department alone", JOINT, place(0, 0, 540, (0, 1), ())),
    keeps("R15", "a leader in the team", LED, place(0, 0, 540, (0, 2))),
    breaks("R15", "no leader in the team", LED, place(0, 0, 540, (1, 2))),
    keeps("R15", "a newcomer beside a senior", GUIDED, place(0, 0, 540, (0, 1))),
    breaks("R15", "newcomers alone", GUIDED, place(0, 0, 540, (1, 2))),
    keeps("R15", "a leader of either department", LED_VISIT, place(0, 0, 540, (1,), (2,))),
    breaks("R15", "no leader in the whole visit", LED_VISIT, place(0, 0, 540, (0,), (2,))),
    keeps("R15", "a senior of the other department", GUIDED_VISIT, place(0, 0, 540, (0,), (2,))),
    breaks("R15", "newcomers of both departments", GUIDED_VISIT, place(0, 0, 540, (1,), (2,))),
    keeps("R16", "the fixed pair", FIXED, place(0, 0, 540, (0, 1))),
    keeps("R16", "two who are not fixed", FIXED, place(0, 0, 540, (2, 3))),
    breaks("R16", "half of the fixed pair", FIXED, place(0, 0, 540, (1, 2))),
    keeps("R16", "without the pair that cannot come", SPLIT, place(0, 0, 540, (1, 2))),
    breaks("R16", "somebody whose partner is in no pool here", SPLIT, place(0, 0, 540, (0, 1))),
]


WITH = {"R05": ("R05", "R13"), "R06": ("R06", "R13"), "R13": ("R03", "R06", "R13"), "R15": ("R13", "R15")}
"""That a visit has all its groups is R13, what makes a group full are R03 and R06: alone they say nothing."""


def accepted(case: Case, rules: tuple[str, ...]) -> bool:
    model = RosterModel(Facts(case.problem), rules)
    model.fix(case.pattern)
    return cpsat.run(model.model, 5).found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.says.replace(' ', '-')}")
def test_a_model_with_one_rule_takes_what_keeps_it_and_nothing_else(case: Case) -> None:
    assert accepted(case, WITH.get(case.rule, (case.rule,))) == case.lawful
    if case.rule != "R13":
        assert (case.rule in broken(case.problem, case.pattern)) != case.lawful


@pytest.mark.parametrize("case", [c for c in CASES if c.lawful], ids=lambda c: f"{c.rule}-{c.says}")
def test_what_keeps_all_rules_is_taken_by_the_whole_model(case: Case) -> None:
    assert accepted(case, tuple(CONSTRAINTS)) == (not broken(case.problem, case.pattern))


@pytest.mark.parametrize("rule", sorted(CONSTRAINTS))
def test_every_rule_with_a_constraint_has_an_accepting_and_a_rejecting_pattern(rule: str) -> None:
    assert {case.lawful for case in CASES if case.rule == rule} == {True, False}


def test_coverage_names_a_method_or_a_proof_for_every_rule_in_force() -> None:
    told = coverage()
    assert set(told) == {rule.rule_id for rule in RULES if rule.state == "in_force"}
    for rule in RULES:
        if rule.enforced == "constraint":
            assert told[rule.rule_id].startswith("constraint: ")
        elif rule.state == "in_force":
            assert told[rule.rule_id].startswith("absent: ")


@pytest.mark.parametrize("rule", sorted(CONSTRAINTS))
def test_a_constraint_begins_with_its_rule(rule: str) -> None:
    assert (CONSTRAINTS[rule].__doc__ or "").startswith(f"{rule} ")
