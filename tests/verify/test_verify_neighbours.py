"""R08 where neighbours help: who may sit, who may not, and that every count looks at helpers alike."""

from dataclasses import replace
from pathlib import Path

import pytest
from near import FOOD, HELP, HILL, HILL_POOL, near_registers
from small import settings
from verify.evidence import evidence, failed, refreshed
from verify.folders import write_run
from verify.test_verify_reserves import called_for
from verify.test_verify_solved import solved

from scheduler.domain.registers import Neighbour
from scheduler.domain.schedule import Unscheduled
from scheduler.domain.settings import Limits, Pairs, Pools, Settings, Teams
from scheduler.verify import Evidence, check, verify_run


@pytest.fixture(scope="module")
def lawful() -> Evidence:
    return solved(evidence(near_registers(), settings(teams=HELP)))


def with_table(given: Evidence, *rows: tuple[str, str]) -> Evidence:
    table = tuple(Neighbour(department_id=own, helper_id=helper) for own, helper in rows)
    return replace(given, registers=replace(given.registers, neighbours=table))


def codes(given: Evidence, rule: str) -> set[str]:
    return {found.code for found in check(given).violations if found.rule == rule}


def test_a_roster_with_helpers_is_lawful(lawful: Evidence) -> None:
    assert check(lawful).violations == ()
    sent = {seat.person_id for seat in lawful.seats if seat.department_id == FOOD}
    assert any(person.startswith("hill-") for person in sent)


@pytest.mark.parametrize(
    ("own", "n_own"),
    [
        (settings(teams=HELP), 1),
        (settings(teams=HELP, limits=Limits(visits_campaign=2)), 2),
        (settings(teams=replace(HELP, per="visit")), 1),
        (settings(teams=replace(HELP, one_officer_many_items=False)), 1),
        (settings(teams=replace(HELP, leader_required=True, newcomer_with_senior=True)), 1),
        (settings(teams=HELP, pairs=Pairs(cap_permille=300, spare=1)), 2),
        (settings(teams=HELP, pairs=Pairs(cap_permille=50, spare=2)), 1),
        (settings(teams=HELP, pairs=Pairs(cap_permille=50, fallback="none")), 2),
    ],
)
def test_what_the_solver_makes_of_helpers_is_lawful(own: Settings, n_own: int) -> None:
    known = near_registers(n_own)
    if own.teams.leader_required:
        leaders = {"hill-1", "fire-1", "work-1"}
        people = tuple(
            replace(row, is_leader=row.inspector_id in leaders, is_newcomer=row.inspector_id == "food-1")
            for row in known.inspectors
        )
        known = replace(known, inspectors=people)
    findings = check(solved(evidence(known, own)))
    assert findings.violations == ()
    assert findings.n_served + findings.n_unscheduled == findings.n_requirements


def test_somebody_of_a_department_that_is_no_neighbour_is_caught(lawful: Evidence) -> None:
    """The seat is taken over by an officer of another department, drawn and free that day."""
    fire = {seat.person_id for seat in lawful.seats if seat.department_id == "D-fire"}
    at = next(n for n, seat in enumerate(lawful.seats) if seat.person_id.startswith("hill-"))
    free = next(row.person_id for row in lawful.people if row.person_id.startswith("work-") and row.drawn)
    assert free not in fire
    seats = (*lawful.seats[:at], replace(lawful.seats[at], person_id=free), *lawful.seats[at + 1 :])
    found = check(refreshed(replace(lawful, seats=seats)))
    assert "verify.outside_jurisdiction" in {one.code for one in found.violations if one.rule == "R08"}


def test_help_in_the_other_direction_is_caught(lawful: Evidence) -> None:
    turned = with_table(lawful, (HILL, FOOD))
    assert codes(turned, "R08") == {"verify.outside_jurisdiction"}


def test_help_that_the_plan_does_not_allow_is_caught(lawful: Evidence) -> None:
    plan = replace(lawful.plan, settings=replace(lawful.plan.settings, teams=Teams()))
    assert codes(replace(lawful, plan=plan), "R08") == {"verify.outside_jurisdiction"}


def test_a_helper_of_another_jurisdiction_than_his_department_is_caught(lawful: Evidence) -> None:
    people = tuple(
        replace(row, unit="别处") if row.department_id == HILL else row for row in lawful.registers.inspectors
    )
    moved = replace(lawful, registers=replace(lawful.registers, inspectors=people))
    assert codes(moved, "R08") == {"verify.outside_jurisdiction"}


def test_help_outside_the_helped_departments_districts_is_caught(lawful: Evidence) -> None:
    departments = tuple(
        replace(row, districts=("330183",)) if row.department_id == FOOD else row
        for row in lawful.registers.departments
    )
    moved = replace(lawful, registers=replace(lawful.registers, departments=departments))
    assert "verify.outside_jurisdiction" in codes(moved, "R08")


@pytest.mark.parametrize("rows", [(), ((FOOD, FOOD),), ((FOOD, "D-vale"),), ((FOOD, "D-fire"),)])
def test_a_committed_table_that_holds_no_two_departments_of_one_field_is_told(
    lawful: Evidence, rows: tuple[tuple[str, str], ...]
) -> None:
    assert "verify.neighbour" in codes(with_table(lawful, *rows), "plan")


def test_a_pool_of_helpers_that_is_missing_or_smaller_is_found(lawful: Evidence) -> None:
    def pools(change: int) -> Evidence:
        made = tuple(
            replace(pool, quota=pool.quota + change) if pool.pool_id == HILL_POOL else pool
            for pool in lawful.plan.pools
            if change or pool.pool_id != HILL_POOL
        )
        return replace(lawful, plan=replace(lawful.plan, pools=made))

    assert codes(pools(-1), "plan") == {"verify.pool"}
    assert "verify.pool" in codes(pools(0), "plan")


def test_one_officer_in_two_departments_seats_of_a_visit_is_caught() -> None:
    """A visit of the bureau and of the one that helps it: the helper is counted once."""
    known = near_registers(2)
    anywhere = tuple(
        replace(row, districts=()) if row.department_id == HILL else row for row in known.departments
    )
    food = next(row for row in known.tasks if row.task_id == "T-food")
    own = replace(food, task_id="T-hill", lead_id=HILL, item_codes=("S02",))
    both = replace(known, departments=anywhere, tasks=(*known.tasks, own))
    given = solved(evidence(both, settings(teams=HELP)))
    assert check(given).violations == ()
    by_visit = {
        visit.visit_id: [seat for seat in given.seats if seat.visit_id == visit.visit_id]
        for visit in given.visits
        if {FOOD, HILL} <= set(visit.department_ids)
    }
    seats = next(rows for rows in by_visit.values() if rows)
    mine = next(seat for seat in seats if seat.department_id == FOOD)
    theirs = next(
        seat
        for seat in seats
        if seat.department_id == HILL
        and seat.person_id not in {s.person_id for s in seats if s.department_id == FOOD}
    )
    doubled = tuple(
        replace(seat, person_id=theirs.person_id) if seat == mine else seat for seat in given.seats
    )
    assert "verify.two_seats" in codes(refreshed(replace(given, seats=doubled)), "R03")


def test_load_is_told_over_all_who_share_seats(lawful: Evidence) -> None:
    """The same seats without the tie would be two departments with a largest load each."""
    told = next(goal for goal in check(lawful).goals if goal.goal == 2).value
    apart = with_table(lawful, (HILL, FOOD), (FOOD, HILL))
    assert next(goal for goal in check(apart).goals if goal.goal == 2).value == told
    nobody = replace(lawful.plan, settings=replace(lawful.plan.settings, teams=Teams()))
    alone = check(replace(lawful, plan=nobody)).goals
    assert next(goal for goal in alone if goal.goal == 2).value[0] > told[0]


def test_a_visit_told_unstaffable_though_a_helper_could_come_is_found(lawful: Evidence) -> None:
    visit = next(one for one in lawful.visits if set(one.department_ids) == {FOOD})
    seats = tuple(seat for seat in lawful.seats if seat.visit_id != visit.visit_id)
    left = tuple(
        Unscheduled(requirement_id=ident, visit_id=visit.visit_id, reason="unstaffable")
        for ident in visit.requirement_ids
    )
    assert "R18" in failed(check(refreshed(replace(lawful, seats=seats, unscheduled=left))))


def test_a_run_folder_holds_the_table_where_it_has_rows_and_only_there(
    lawful: Evidence, tmp_path: Path
) -> None:
    write_run(tmp_path / "with", lawful)
    assert verify_run(tmp_path / "with").violations == ()
    without = evidence()
    write_run(tmp_path / "without", without)
    assert not (tmp_path / "without/intake/neighbours.csv").exists()
    monkey = pytest.MonkeyPatch()
    monkey.setattr("verify.folders.IF_ANY", frozenset())
    write_run(tmp_path / "empty", without)
    monkey.undo()
    found = {
        one.params.get("file") for one in verify_run(tmp_path / "empty").violations if one.rule == "plan"
    }
    assert found == {"intake/neighbours.csv"}


def tight(own: Teams) -> Evidence:
    """Two officers are drawn of each pool, each for two visits: with help the bureau's seats are filled."""
    limits, pools = Limits(visits_campaign=4), Pools(inspectors="2人", k_max=2)
    return replace(evidence(near_registers(4), settings(teams=own, limits=limits, pools=pools)), seats=())


def told_of_reserves(given: Evidence) -> set[str]:
    return {found.code for found in check(refreshed(given)).violations if found.rule == "R02"}


def test_a_call_that_helpers_spare_is_needless_and_one_beside_them_is_lawful() -> None:
    alone, helped = tight(Teams()), tight(HELP)
    event = called_for(alone)
    assert any(row.pool_id.startswith(f"{FOOD}/") for row in event.called)
    assert told_of_reserves(replace(alone, reserves=(event,))) == set()
    assert "verify.reserve_needless" in told_of_reserves(replace(helped, reserves=(event,)))


def test_who_helps_is_counted_among_those_who_fill_a_cut() -> None:
    """Each may go once: the two drawn officers of the bureau and of its helper are too few together."""
    limits, pools = Limits(visits_campaign=1), Pools(inspectors="2人", k_max=2)
    own = settings(teams=HELP, limits=limits, pools=pools)
    given = replace(evidence(near_registers(4), own), seats=())
    event = called_for(given)
    counted = {row.person_id for row in event.people if row.pool_id.startswith(f"{FOOD}/")}
    assert any(person.startswith("hill-") for person in counted)
    assert told_of_reserves(replace(given, reserves=(event,))) == set()
    fewer = tuple(row for row in event.people if not row.person_id.startswith("hill-"))
    assert "verify.reserve_cut" in told_of_reserves(replace(given, reserves=(replace(event, people=fewer),)))
