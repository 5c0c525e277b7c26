"""R02's second clause: each way of calling a reserve wrongly is found by its name, and nothing else is."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verify.evidence import evidence, failed, five_of_six, refreshed, wide_registers

from scheduler.domain.reserves import (
    CalledReserve,
    ReserveEvent,
    SealedReserve,
    people_in_force,
    still_callable,
)
from scheduler.domain.settings import Limits, Pools, Teams
from scheduler.domain.visits import MergeResult
from scheduler.problem import reserves_needed
from scheduler.verify import Evidence, check
from scheduler.verify.filling import fills

FIRE, FOOD, WORK = (f"D-{name}/青石县市场监督管理局/城关所" for name in ("fire", "food", "work"))
Change = Callable[[SealedReserve], SealedReserve]


def short_of_people() -> Evidence:
    """Two officers are drawn per department and each may go once: three pools cannot fill their seats."""
    tight = five_of_six(pools=Pools(inspectors="2人", k_max=3), limits=Limits(visits_campaign=1))
    return evidence(wide_registers(), tight)


def called_for(base: Evidence) -> SealedReserve:
    """The event that the program would seal."""
    waiting = {
        pool.pool_id: still_callable(base.people, base.reserves, pool.k_max, pool.pool_id)
        for pool in base.plan.pools
    }
    merged = MergeResult(requirements=base.requirements, visits=base.visits, report=base.merge_report)
    people = people_in_force(base.people, base.reserves)
    found = reserves_needed(base.plan, base.registers, merged, people, waiting)
    by_pool = sorted(found.calls, key=lambda call: call.cut.pool_id)
    return SealedReserve(
        event=ReserveEvent(kind="shortage", cuts=tuple(call.cut for call in found.calls)),
        called=tuple(row for call in by_pool for row in call.called),
        seats=tuple(row for call in by_pool for row in call.seats),
        people=tuple(row for call in by_pool for row in call.people),
    )


@pytest.fixture(scope="module")
def base() -> Evidence:
    return replace(short_of_people(), seats=())


@pytest.fixture(scope="module")
def event(base: Evidence) -> SealedReserve:
    return called_for(base)


def told_by_r02(base: Evidence, *events: SealedReserve) -> set[str]:
    findings = check(refreshed(replace(base, reserves=events)))
    return {found.code for found in findings.violations if found.rule == "R02"}


def only(event: SealedReserve, pool: str) -> SealedReserve:
    """The event for one pool alone."""
    return replace(
        event,
        event=replace(event.event, cuts=tuple(cut for cut in event.event.cuts if cut.pool_id == pool)),
        called=tuple(row for row in event.called if row.pool_id == pool),
        seats=tuple(row for row in event.seats if row.pool_id == pool),
        people=tuple(row for row in event.people if row.pool_id == pool),
    )


def in_place_of(base: Evidence, person: str, pool: str, *before: SealedReserve) -> SealedReserve:
    rows = next(row for row in base.plan.pools if row.pool_id == pool)
    waiting = still_callable(base.people, before, rows.k_max, pool)
    return SealedReserve(
        event=ReserveEvent(
            kind="replacement", person_id=person, reason="leave", evidence="假条3号", decider="科长"
        ),
        called=tuple(
            CalledReserve(
                pool_id=pool, rank=row.rank, person_id=row.person_id, ticket=row.ticket, replaces=person
            )
            for unit in waiting[:1]
            for row in unit
        ),
    )


def drawn_of(base: Evidence, pool: str) -> list[str]:
    return [row.person_id for row in base.people if row.pool_id == pool and row.drawn]


def test_a_proved_shortage_calls_the_next_reserves_of_each_pool_and_is_lawful(
    base: Evidence, event: SealedReserve
) -> None:
    assert {cut.pool_id for cut in event.event.cuts} == {FIRE, FOOD, WORK}
    for cut in event.event.cuts:
        assert cut.supply_before < cut.demand <= cut.supply
    assert told_by_r02(base, event) == set()


def test_a_called_reserve_may_sit_and_one_who_is_not_called_may_not(event: SealedReserve) -> None:
    full = short_of_people()
    one = next(row.person_id for row in event.called if row.pool_id == WORK)
    seat = next(seat for seat in full.seats if seat.department_id == "D-work")
    seats = tuple(replace(row, person_id=one) if row == seat else row for row in full.seats)
    swapped = replace(full, seats=seats)
    assert "verify.person_not_drawn" in told_by_r02(swapped)
    assert told_by_r02(swapped, event) == set()


def test_with_enough_people_there_is_no_cut_and_nothing_to_call() -> None:
    assert called_for(evidence()).called == ()


def test_a_second_event_builds_on_the_first(base: Evidence, event: SealedReserve) -> None:
    later = replace(base, reserves=(only(event, WORK),))
    assert told_by_r02(base, only(event, WORK), called_for(later)) == set()
    assert "verify.reserve_order" in told_by_r02(base, only(event, WORK), event)


def skipped(event: SealedReserve) -> SealedReserve:
    """The first reserve called is left out, the second stands in his place."""
    mine = only(event, FOOD)
    return replace(mine, called=mine.called[1:])


def other_ticket(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    return replace(mine, called=(replace(mine.called[0], ticket="0" * 64), *mine.called[1:]))


def one_too_few(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    last = mine.called[-1].person_id
    rest = tuple(row for row in mine.people if row.person_id != last)
    cut = mine.event.cuts[0]
    less = cut.supply_before - sum(row.supply for row in rest if row.person_id == mine.called[0].person_id)
    cut = replace(cut, n_called=cut.n_called - 1, supply=cut.supply_before, supply_before=less)
    return replace(mine, event=replace(mine.event, cuts=(cut,)), called=mine.called[:-1], people=rest)


def edited_figure(name: str, by: int) -> Change:
    def change(event: SealedReserve) -> SealedReserve:
        mine = only(event, WORK)
        cut = mine.event.cuts[0]
        return replace(
            mine, event=replace(mine.event, cuts=(replace(cut, **{name: getattr(cut, name) + by}),))
        )

    return change


def edited_person(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    return replace(mine, people=(replace(mine.people[0], supply=0), *mine.people[1:]))


def person_left_out(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    return replace(mine, people=mine.people[1:])


def edited_seats(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    return replace(mine, seats=(replace(mine.seats[0], seats=3), *mine.seats[1:]))


def foreign_visit(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    theirs = next(row for row in event.seats if row.pool_id == FIRE)
    return replace(mine, seats=(*mine.seats, replace(theirs, pool_id=WORK)))


def no_proof(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    return replace(mine, event=replace(mine.event, cuts=()), seats=(), people=())


def shorter_window(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    cut = replace(mine.event.cuts[0], end=dt.date(2026, 3, 6))
    return replace(mine, event=replace(mine.event, cuts=(cut,)))


def no_days(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    cut = replace(mine.event.cuts[0], end=mine.event.cuts[0].start)
    return replace(mine, event=replace(mine.event, cuts=(cut,)))


def longer_window(event: SealedReserve) -> SealedReserve:
    mine = only(event, WORK)
    cut = replace(mine.event.cuts[0], start=dt.date(2026, 3, 2))
    return replace(mine, event=replace(mine.event, cuts=(cut,)))


def nobody(event: SealedReserve) -> SealedReserve:
    return replace(event, event=replace(event.event, cuts=()), called=(), seats=(), people=())


def with_a_reason(event: SealedReserve) -> SealedReserve:
    return replace(event, event=replace(event.event, evidence="假条3号"))


MUTATIONS: Mapping[str, tuple[Change, str]] = {
    "the next in order is skipped": (skipped, "verify.reserve_order"),
    "another ticket than drawn": (other_ticket, "verify.reserve_order"),
    "one called too few": (one_too_few, "verify.reserve_unfilled"),
    "demand edited": (edited_figure("demand", 1), "verify.reserve_cut"),
    "supply edited": (edited_figure("supply", 1), "verify.reserve_cut"),
    "supply before edited": (edited_figure("supply_before", -1), "verify.reserve_cut"),
    "number edited": (edited_figure("n_called", 1), "verify.reserve_cut"),
    "somebody's days made worthless": (edited_person, "verify.reserve_cut"),
    "somebody in force left out": (person_left_out, "verify.reserve_cut"),
    "a visit asks for more seats": (edited_seats, "verify.reserve_visit"),
    "a visit of another department": (foreign_visit, "verify.reserve_visit"),
    "days that do not hold the visits": (shorter_window, "verify.reserve_visit"),
    "no days at all": (no_days, "verify.reserve_visit"),
    "longer days than the people's were counted in": (longer_window, "verify.reserve_cut"),
    "no cut at all": (no_proof, "verify.reserve_needless"),
    "an event without anybody": (nobody, "verify.reserve_event"),
    "a shortage with somebody's evidence": (with_a_reason, "verify.reserve_event"),
}


@pytest.mark.parametrize("name", list(MUTATIONS))
def test_a_wrong_call_is_found_by_its_name(base: Evidence, event: SealedReserve, name: str) -> None:
    change, code = MUTATIONS[name]
    assert code in told_by_r02(base, change(event))
    assert failed(check(refreshed(replace(base, reserves=(change(event),))))) >= {"R02"}


def test_one_called_too_many_is_found(base: Evidence, event: SealedReserve) -> None:
    mine = only(event, WORK)
    more = still_callable(base.people, (mine,), 3, WORK)[0][0]
    row = CalledReserve(pool_id=WORK, rank=more.rank, person_id=more.person_id, ticket=more.ticket)
    cut = mine.event.cuts[0]
    one = replace(mine.people[-1], person_id=more.person_id, called=True)
    cut = replace(cut, n_called=cut.n_called + 1, supply_before=cut.supply, supply=cut.supply + one.supply)
    people = tuple(sorted((*mine.people, one), key=lambda each: each.person_id))
    wrong = replace(mine, event=replace(mine.event, cuts=(cut,)), called=(*mine.called, row), people=people)
    assert "verify.reserve_needless" in told_by_r02(base, wrong)


def test_a_call_without_need_is_found() -> None:
    rich = replace(evidence(), seats=())
    next_one = still_callable(rich.people, (), 1, WORK)[0][0]
    row = CalledReserve(
        pool_id=WORK, rank=next_one.rank, person_id=next_one.person_id, ticket=next_one.ticket
    )
    event = SealedReserve(event=ReserveEvent(kind="shortage"), called=(row,))
    assert told_by_r02(rich, event) == {"verify.reserve_needless"}


def test_more_than_the_committed_number_is_found(base: Evidence, event: SealedReserve) -> None:
    mine = only(event, FOOD)
    assert len(mine.called) == 3
    extra = replace(mine.called[-1], rank=99, person_id="food-9", ticket="f" * 64)
    assert "verify.reserve_over_limit" in told_by_r02(base, replace(mine, called=(*mine.called, extra)))


def test_a_replacement_with_evidence_is_lawful_and_its_person_may_not_sit_any_more() -> None:
    full = short_of_people()
    gone = next(seat.person_id for seat in full.seats if seat.department_id == "D-work")
    event = in_place_of(full, gone, WORK)
    assert told_by_r02(replace(full, seats=()), event) == set()
    assert told_by_r02(full, event) == {"verify.person_not_drawn"}


def test_a_replacement_takes_the_next_reserve_and_only_for_the_seats_of_the_person(base: Evidence) -> None:
    gone = drawn_of(base, WORK)[0]
    right = in_place_of(base, gone, WORK)
    second = still_callable(base.people, (right,), 3, WORK)[0][0]
    skipping = replace(right.called[0], rank=second.rank, person_id=second.person_id, ticket=second.ticket)
    assert "verify.reserve_order" in told_by_r02(base, replace(right, called=(skipping,)))
    assert "verify.reserve_seats" in told_by_r02(base, replace(right, called=()))
    elsewhere = in_place_of(base, gone, FIRE)
    both = replace(right, called=(*elsewhere.called, *right.called))
    assert told_by_r02(base, both) == {"verify.reserve_seats"}
    other = replace(right, called=(replace(right.called[0], replaces="work-9"),))
    assert told_by_r02(base, other) == {"verify.reserve_seats"}


@pytest.mark.parametrize("field", ["evidence", "decider", "reason"])
def test_a_replacement_without_its_grounds_is_found(base: Evidence, field: str) -> None:
    right = in_place_of(base, drawn_of(base, WORK)[0], WORK)
    wrong = replace(right, event=replace(right.event, **{field: ""}))
    assert told_by_r02(base, wrong) == {"verify.reserve_replacement"}


def test_nobody_is_replaced_twice_or_who_was_not_there(base: Evidence) -> None:
    gone = drawn_of(base, WORK)[0]
    once = in_place_of(base, gone, WORK)
    again = in_place_of(base, gone, WORK, once)
    assert "verify.reserve_replacement" in told_by_r02(base, once, again)
    stranger = in_place_of(base, "work-9", WORK)
    assert "verify.reserve_replacement" in told_by_r02(base, stranger)


def test_once_the_number_is_used_up_a_replacement_calls_nobody(base: Evidence, event: SealedReserve) -> None:
    three = only(event, FOOD)
    gone = in_place_of(base, drawn_of(base, FOOD)[0], FOOD, three)
    assert gone.called == ()
    assert told_by_r02(base, three, gone) == set()
    late = replace(three.called[0], replaces=gone.event.person_id, person_id="food-9", ticket="f" * 64)
    codes = told_by_r02(base, three, replace(gone, called=(late,)))
    assert "verify.reserve_over_limit" in codes


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_flow_agrees_with_trying_every_assignment(data: st.DataObject) -> None:
    visits = [f"v{n}" for n in range(data.draw(st.integers(1, 3)))]
    people = [f"p{n}" for n in range(data.draw(st.integers(1, 4)))]
    seats = {visit: data.draw(st.integers(1, 2)) for visit in visits}
    able = {person: [v for v in visits if data.draw(st.booleans())] for person in people}
    room = {person: data.draw(st.integers(0, 2)) for person in people}

    sat: set[tuple[str, str]] = set()

    def search(left: list[str], free: dict[str, int]) -> bool:
        if not left:
            return True
        visit, *rest = left
        for person in people:
            if free[person] and visit in able[person] and (visit, person) not in sat:
                sat.add((visit, person))
                if search(rest, {**free, person: free[person] - 1}):
                    return True
                sat.discard((visit, person))
        return False

    asked = [visit for visit in visits for _ in range(seats[visit])]
    assert fills(seats, dict.fromkeys(visits, 1), able, room) == search(asked, room)


def with_leaders() -> Evidence:
    known = wide_registers()
    people = tuple(replace(row, is_leader=row.inspector_id[-1] in "156") for row in known.inspectors)
    own = five_of_six(
        teams=Teams(leader_required=True),
        pools=Pools(inspectors="2人", leaders="1人", k_max=2),
        limits=Limits(visits_campaign=1),
    )
    return replace(evidence(replace(known, inspectors=people), own), seats=())


def with_groups() -> Evidence:
    known = wide_registers()
    people = tuple(
        replace(row, fixed_group=f"G{row.department_id}{(int(row.inspector_id[-1]) - 1) // 2}")
        for row in known.inspectors
    )
    own = five_of_six(
        teams=Teams(fixed_groups=True),
        pools=Pools(fixed_groups="1人", k_max=2),
        limits=Limits(visits_campaign=1),
    )
    return replace(evidence(replace(known, inspectors=people, recusals=()), own), seats=())


def test_leaders_are_called_first_for_teams_without_one() -> None:
    base = with_leaders()
    event = called_for(base)
    first = event.event.cuts[0]
    assert (first.need, first.pool_id.rsplit("/", 1)[-1]) == ("leader", "leaders")
    assert told_by_r02(base, event) == set()
    turned = replace(event, event=replace(event.event, cuts=tuple(reversed(event.event.cuts))))
    assert "verify.reserve_event" in told_by_r02(base, turned)


def test_a_fixed_group_is_one_reserve_and_comes_whole() -> None:
    base = with_groups()
    event = only(called_for(base), f"{WORK}/fixed")
    assert [row.rank for row in event.called] == [event.called[0].rank] * 2
    assert event.event.cuts[0].n_called == 1
    assert told_by_r02(base, event) == set()
    half = replace(event, called=event.called[:1])
    assert "verify.reserve_order" in told_by_r02(base, half)


def test_whoever_is_replaced_takes_his_fixed_group_along() -> None:
    base = with_groups()
    pool = f"{WORK}/fixed"
    gone, mate = drawn_of(base, pool)
    event = in_place_of(base, gone, pool)
    assert len(event.called) == 2
    assert told_by_r02(base, event) == set()
    left = {row.person_id for row in people_in_force(base.people, [event]) if row.drawn}
    assert not {gone, mate} & left
    again = in_place_of(base, mate, pool, event)
    assert "verify.reserve_replacement" in told_by_r02(base, event, again)


def test_the_flow_hands_a_visit_on_where_somebody_else_can_take_it() -> None:
    able = {"p1": ["v1", "v2"], "p2": ["v1", "v3"], "p3": ["v3"]}
    one = dict.fromkeys(("v1", "v2", "v3"), 1)
    assert fills(one, one, able, {"p1": 1, "p2": 1, "p3": 1})
    assert not fills(one, one, able, {"p1": 1, "p2": 1, "p3": 0})


def test_the_flow_counts_minutes_and_gives_a_visit_up_again_where_it_has_to() -> None:
    seats, minutes = {"v1": 1, "v2": 1}, {"v1": 60, "v2": 40}
    able = {"p1": ["v1", "v2"], "p2": ["v1"]}
    assert fills(seats, minutes, able, {"p1": 60, "p2": 40})
    assert not fills(seats, minutes, able, {"p1": 60, "p2": 39})
