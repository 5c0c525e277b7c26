"""What is not served: reasons that hold are accepted, others are not, and the order of giving up is kept."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from small import registers
from verify.changes import with_enterprise, with_registers, with_settings
from verify.evidence import (
    FRIDAY,
    evidence,
    failing,
    five_of_six,
    refreshed,
    roster,
    squeezed,
    wide_registers,
)

from scheduler.domain.registers import Item, Recusal, Task
from scheduler.domain.schedule import Unscheduled
from scheduler.domain.settings import Limits, Merging, Teams
from scheduler.domain.visits import Visit
from scheduler.verify import Evidence, check
from scheduler.verify.census import take_census
from scheduler.verify.facts import Facts, facts_of
from scheduler.verify.squads import team_exists
from scheduler.verify.vacancy import free_people, want_of


def facts(given: Evidence) -> Facts:
    return facts_of(given, take_census(given))


def one_day(**limits: int) -> Evidence:
    """All visits have to share one Friday, and everyone goes once."""
    known = wide_registers()
    calendar = tuple(replace(row, is_working=row.day == FRIDAY) for row in known.calendar)
    return evidence(
        replace(known, calendar=calendar), five_of_six(limits=Limits(**{"visits_day": 1, **limits}))
    )


def rank(given: Evidence) -> Callable[[Visit], tuple[int, str, str]]:
    needs = {need.requirement_id: need for need in given.requirements}

    def key(visit: Visit) -> tuple[int, str, str]:
        own = [needs[r] for r in visit.requirement_ids]
        return ("DCBA".index(own[0].risk_class), min(n.ticket for n in own), visit.visit_id)

    return key


def test_visits_without_room_are_accepted_when_the_smallest_tickets_stay() -> None:
    given = one_day()
    kept = squeezed(given, sorted(given.visits, key=rank(given)), "no_room")
    assert kept.unscheduled
    assert check(kept).violations == ()
    assert check(kept).n_unscheduled == len(kept.unscheduled)


def test_a_smaller_ticket_given_up_for_a_larger_of_the_same_class_is_found() -> None:
    given = one_day()
    order = sorted(given.visits, key=rank(given), reverse=True)
    kept = squeezed(given, order, "no_room")
    found = {v.code for v in check(kept).violations}
    assert (failing(kept), found) == ({"R18"}, {"verify.given_up_too_early"})


def test_room_that_is_left_is_found() -> None:
    given = one_day(visits_day=4)
    kept = squeezed(given, given.visits, "no_room")
    assert {v.code for v in check(kept).violations} == {"verify.reason_untrue"}


def test_a_visit_that_nobody_may_make_is_unstaffable_and_not_merely_without_room() -> None:
    given = evidence()
    people = [row.inspector_id for row in given.registers.inspectors if row.department_id == "D-work"]
    bars = tuple(Recusal(inspector_id=p, enterprise_id="E06", kind="亲属") for p in people)
    barred = with_registers(given, recusals=(*given.registers.recusals, *bars))
    seats = tuple(seat for seat in barred.seats if seat.visit_id != "V-E06-1")
    for reason, expected in (("unstaffable", set()), ("no_room", {"R18"})):
        row = Unscheduled(requirement_id="T-work:E06", visit_id="V-E06-1", reason=reason)  # type: ignore[arg-type]
        assert failing(refreshed(replace(barred, seats=seats, unscheduled=(row,)))) == expected


@pytest.mark.parametrize("opening", ["09:00-09:30", "18:00-19:00"])
def test_a_firm_that_never_opens_long_enough_is_unstaffable(opening: str) -> None:
    given = with_enterprise(evidence(), "E06", opening=(opening,))
    seats = tuple(seat for seat in given.seats if seat.visit_id != "V-E06-1")
    row = Unscheduled(requirement_id="T-work:E06", visit_id="V-E06-1", reason="unstaffable")
    assert failing(refreshed(replace(given, seats=seats, unscheduled=(row,)))) == set()


def possible(given: Evidence, visit_id: str, people: str) -> bool:
    """Whether exactly these people hold a lawful team for the visit, with nobody else to serve."""
    known = facts(given)
    want = want_of(known, known.visits[visit_id])
    free = free_people(known, {}, want, want.openings[0])
    return team_exists(want, free & set(people.split()))


@pytest.mark.parametrize(
    ("people", "lawful"),
    [
        ("food-1 food-3", True),
        ("food-2 food-3", True),
        ("food-2 food-5 food-6", False),
        ("food-1 food-2", False),
        ("food-1", False),
        ("food-1 food-2 food-5", True),
        ("fire-1 fire-3", False),
    ],
)
def test_a_team_needs_two_of_the_department_one_qualified_and_no_relatives(
    people: str, *, lawful: bool
) -> None:
    everybody = evidence(wide_registers(), five_of_six())
    rows = tuple(replace(row, drawn=True) for row in everybody.people)
    assert possible(replace(everybody, people=rows), "V-E01-1", people) is lawful


def test_where_teams_count_per_visit_one_of_each_department_is_enough() -> None:
    given = with_settings(evidence(), teams=Teams(per="visit"))
    rows = tuple(replace(row, drawn=True) for row in given.people)
    drawn = replace(given, people=rows)
    assert possible(drawn, "V-E04-1", "food-1 fire-1 EX1")
    assert not possible(drawn, "V-E04-1", "food-1 food-3 EX1")
    assert not possible(drawn, "V-E01-1", "food-1")


def test_where_each_item_wants_somebody_else_two_items_want_two_able_officers() -> None:
    given = with_settings(evidence(), teams=Teams(officers=1, one_officer_many_items=False))
    rows = tuple(replace(row, drawn=True) for row in given.people)
    drawn = replace(given, people=rows)
    assert possible(drawn, "V-E07-1", "food-1 food-3 fire-1 EX1")
    assert not possible(drawn, "V-E07-1", "food-2 food-5 fire-1 EX1")
    assert not possible(drawn, "V-E07-1", "food-1 fire-1 EX1")


def test_an_expert_with_two_specialties_sits_in_one_seat_only() -> None:
    known = registers()
    items = tuple(
        replace(item, expert="特种设备") if item.item_code == "S02" else item for item in known.items
    )
    both = tuple(replace(row, specialties=("特种设备", "电气")) for row in known.experts)
    given = evidence(replace(known, items=items, experts=both))
    assert possible(given, "V-E04-1", "food-1 food-3 fire-1 fire-3 EX1 EX2")
    assert not possible(given, "V-E04-1", "food-1 food-3 fire-1 fire-3 EX1")


def test_a_desk_check_is_at_the_lead_departments_office_and_knows_no_quiet_period() -> None:
    known = wide_registers()
    desk = Item(item_code="W01", name="用工备案核对", field="人社", method="offsite")
    task = Task(
        task_id="T-desk",
        name="备案核对",
        lead_id="D-work",
        item_codes=("W01",),
        quota="2家",
        start=dt.date(2026, 3, 9),
        end=dt.date(2026, 3, 12),
    )
    items = tuple(sorted((*known.items, desk), key=lambda item: item.item_code))
    tasks = tuple(sorted((*known.tasks, task), key=lambda task: task.task_id))
    given = evidence(replace(known, items=items, tasks=tasks))
    desks = [visit for visit in given.visits if not visit.on_site]
    known_facts = facts(given)
    assert len(desks) == 2
    assert {known_facts.site(visit) for visit in desks} == {known_facts.workers["work-1"].home}
    assert failing(given) == set()


def test_maxima_make_second_doors_whose_proof_holds() -> None:
    settings = five_of_six(merging=Merging(max_departments=1))
    known = wide_registers()
    tasks = tuple(
        replace(task, cooperating_ids=(), item_codes=("X01",)) if task.task_id == "T-fire" else task
        for task in known.tasks
    )
    given = evidence(replace(known, tasks=tasks), settings)
    assert given.merge_report.second_doors
    assert failing(given) == set()
    first, *rest = given.merge_report.second_doors
    for wrong in (
        replace(first, reason="merge.reason_window"),
        replace(first, witness=first.witness[:1]),
        replace(first, witness=(first.witness[0], first.witness[0])),
        replace(first, proof="exhaustive", reason="merge.reason_several"),
        replace(first, n_visits=3),
    ):
        report = replace(given.merge_report, second_doors=(wrong, *rest))
        assert failing(replace(given, merge_report=report)) == {"merge"}


def test_roster_places_everything_in_the_plain_campaign() -> None:
    given = evidence()
    assert {seat.visit_id for seat in roster(given)} == {visit.visit_id for visit in given.visits}
