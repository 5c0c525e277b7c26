"""Orders made after the draw: what the program seals passes, each way of sealing something else is found."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import settings as quickly
from hypothesis import strategies as st
from small import END
from verify.evidence import evidence, refreshed, wide_registers

from scheduler.domain.late import SealedOrders, seats_in_order
from scheduler.domain.plan import DrawResult
from scheduler.domain.registers import Leave, Order, QuietPeriod, Recusal
from scheduler.domain.schedule import Schedule, Seat, Unscheduled
from scheduler.domain.settings import Limits, Pairs, Teams
from scheduler.domain.visits import MergeResult
from scheduler.draw import seed_of
from scheduler.pipeline.ordering import event_of
from scheduler.verify import Evidence, check
from scheduler.verify.evidence import Findings

FIRST = dt.date(2026, 3, 4)


def order(ident: str, enterprise: str, department: str, *items: str, **changes: Any) -> Order:
    base = Order(
        order_id=ident,
        enterprise_id=enterprise,
        department_id=department,
        item_codes=items,
        start=FIRST,
        end=END,
        approver="局长",
        document="督查〔2026〕3号",
        approved_at="2026-03-03T16:00",
        reason="群众举报",
    )
    return replace(base, **changes)


FIRE = order("ZL-1", "E10", "D-fire", "X01")
WORK = order("ZL-2", "E01", "D-work", "R01")
FOOD = order("ZL-3", "E10", "D-food", "S01")


def sealed(base: Evidence, *orders: Order) -> Evidence:
    """The evidence with one event more, as the program would seal it."""
    merged = MergeResult(requirements=base.requirements, visits=base.visits, report=base.merge_report)
    roster = Schedule(seats=base.seats, unscheduled=base.unscheduled, report=base.solve_report)
    drawn = DrawResult(
        seed_commitment="", enterprises=base.drawn_enterprises, cutoffs=base.cutoffs, people=base.people
    )
    shelf = SimpleNamespace(
        plan=base.plan,
        registers=base.registers,
        merged=merged,
        draw_in_force=drawn,
        late_orders=base.late,
        seed=seed_of(base.seed_text, base.plan.settings.profile),
        schedule=lambda _attempt: roster,
    )
    event = event_of(cast("Any", shelf), orders, 1)
    made: Evidence = replace(base, late=(*base.late, event))
    return made


def told(given: Evidence) -> set[str]:
    return {found.code for found in check(given).violations}


@pytest.fixture(scope="module")
def base() -> Evidence:
    return evidence()


@pytest.fixture(scope="module")
def ordered(base: Evidence) -> Evidence:
    """Two events: three orders at once, then one more. Every visit is placed."""
    late = sealed(sealed(base, FIRE, WORK, FOOD), replace(FIRE, order_id="ZL-4"))
    assert not any(event.unscheduled for event in late.late)
    return late


def test_orders_beside_the_roster_break_no_rule_and_are_all_looked_at(
    base: Evidence, ordered: Evidence
) -> None:
    before, after = check(base), check(ordered)
    assert after.violations == ()

    def looked(found: Findings) -> dict[str, int]:
        return {row.rule: row.checked for row in found.rules}

    more = {rule for rule, n in looked(after).items() if n > looked(before)[rule]}
    assert {"R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08", "R11", "R12", "R13"} <= more
    same = {"plan", "draw", "merge", "R14", "R18", "goal"}
    assert {rule: looked(after)[rule] for rule in same} == {rule: looked(before)[rule] for rule in same}
    assert (before.goals, before.n_requirements) == (after.goals, after.n_requirements)


def test_nothing_of_the_roster_moves(base: Evidence, ordered: Evidence) -> None:
    assert (ordered.seats, ordered.visits, ordered.unscheduled) == (base.seats, base.visits, base.unscheduled)


def test_the_team_has_the_lowest_tickets_of_those_free(ordered: Evidence) -> None:
    tickets = {row.person_id: row.ticket for row in ordered.people if row.pool_id.startswith("D-work/")}
    drawn = {row.person_id for row in ordered.people if row.drawn}
    team = [seat for seat in ordered.late[0].seats if seat.department_id == "D-work"]
    (day,) = {seat.day for seat in team}
    busy = {seat.person_id for seat in ordered.seats if seat.day == day}
    lowest = sorted((ticket, who) for who, ticket in tickets.items() if who in drawn and who not in busy)
    away = {row.person_id for row in ordered.registers.leave if row.start <= day < row.end}
    free = [who for _, who in lowest if who not in away]
    if len({seat.person_id for seat in team} & busy) == 0:
        assert {seat.person_id for seat in team} == set(free[:2])


def test_an_order_begins_no_earlier_than_it_was_approved(base: Evidence) -> None:
    late = sealed(base, replace(WORK, approved_at="2026-03-04T13:40"))
    (seat, *_) = late.late[0].seats
    assert (seat.day, seat.start_min) >= (FIRST, 13 * 60 + 40)
    assert told(late) == set()


def changed(given: Evidence, change: Callable[[SealedOrders], SealedOrders]) -> Evidence:
    return replace(given, late=(change(given.late[0]), *given.late[1:]))


def seats_changed(given: Evidence, ident: str, change: Callable[[Seat], Seat]) -> Evidence:
    """The seats of the first event's visit at that enterprise changed, in their order."""

    def event(old: SealedOrders) -> SealedOrders:
        seats = [change(seat) if seat.visit_id == ident else seat for seat in old.seats]
        return replace(old, seats=seats_in_order(seats))

    return changed(given, event)


def visit_of(given: Evidence, order_id: str) -> str:
    visits = given.late[0].visits
    return next(v.visit_id for v in visits if v.requirement_ids[0].startswith(f"{order_id}:"))


def test_another_lawful_person_in_the_team_is_found(ordered: Evidence) -> None:
    visit = visit_of(ordered, "ZL-2")
    team = [seat.person_id for seat in ordered.late[0].seats if seat.visit_id == visit]
    others = sorted(
        row.person_id
        for row in ordered.people
        if row.drawn and row.pool_id.startswith("D-work/") and row.person_id not in team
    )
    codes = [
        told(
            seats_changed(
                ordered,
                visit,
                lambda seat, other=other: (
                    replace(seat, person_id=other)  # type: ignore[misc]
                    if seat.person_id == team[-1]
                    else seat
                ),
            )
        )
        for other in others
    ]
    assert all("verify.late_team" in found for found in codes)


@pytest.mark.parametrize("minutes", [15, 30, -15])
def test_another_opening_than_the_earliest_is_found(ordered: Evidence, minutes: int) -> None:
    shifted = seats_changed(
        ordered,
        visit_of(ordered, "ZL-2"),
        lambda s: replace(s, start_min=s.start_min + minutes, end_min=s.end_min + minutes),
    )
    assert "verify.late_opening" in told(shifted)


def test_a_later_day_is_found_though_it_is_lawful(ordered: Evidence) -> None:
    visit = visit_of(ordered, "ZL-2")
    later = seats_changed(ordered, visit, lambda s: replace(s, day=s.day + dt.timedelta(days=1)))
    assert "verify.late_opening" in told(later)


def test_a_drawn_visit_moved_out_of_the_way_is_found(ordered: Evidence) -> None:
    """The roster's seat gives way to the order: the order has no longer the place that the roster leaves."""
    late = ordered.late[0].seats
    crowd = {seat.person_id for seat in late}
    own = next(s for s in ordered.seats if s.person_id in crowd)
    there = next(s for s in late if s.person_id == own.person_id)
    moved = [
        replace(
            s, day=there.day, start_min=there.start_min, end_min=there.start_min + s.end_min - s.start_min
        )
        if s.visit_id == own.visit_id
        else s
        for s in ordered.seats
    ]
    found = told(refreshed(replace(ordered, seats=seats_in_order(moved))))
    assert {"verify.two_places"} <= found


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("approved_at", "2026-03-05T09:00", "verify.order_unsigned"),
        ("approved_at", "yesterday", "verify.order_unsigned"),
        ("approved_at", "2026-03-04T16:30", "verify.late_opening"),
        ("document", " ", "verify.order_unsigned"),
        ("approver", "", "verify.order_unsigned"),
        ("item_codes", ("R02",), "verify.order_unlawful"),
        ("item_codes", (), "verify.order_unlawful"),
        ("department_id", "D-food", "verify.order_unlawful"),
        ("enterprise_id", "E99", "verify.order_unlawful"),
        ("enterprise_id", "E02", "verify.late_event"),
        ("order_id", "T-work", "verify.order_unlawful"),
        ("order_id", "ZL-1", "verify.order_unlawful"),
        ("order_id", "ZL-9", "verify.late_event"),
        ("end", END + dt.timedelta(days=1), "verify.order_unlawful"),
        ("start", FIRST + dt.timedelta(days=1), "verify.late_event"),
    ],
)
def test_a_changed_order_is_found(ordered: Evidence, name: str, value: object, code: str) -> None:
    def change(event: SealedOrders) -> SealedOrders:
        orders = [
            replace(row, **{name: value}) if row.order_id == "ZL-2" else row  # type: ignore[arg-type]
            for row in event.orders
        ]
        return replace(event, orders=tuple(orders))

    assert code in told(changed(ordered, change))


def test_an_event_without_its_orders_is_found(ordered: Evidence) -> None:
    found = told(changed(ordered, lambda event: replace(event, orders=())))
    assert {"verify.late_event", "verify.not_drawn"} <= found


@pytest.mark.parametrize("table", ["requirements", "visits"])
def test_a_row_less_in_an_event_is_found(ordered: Evidence, table: str) -> None:
    cut = changed(ordered, lambda event: replace(event, **{table: getattr(event, table)[1:]}))
    assert "verify.late_event" in told(cut)


def test_another_ticket_of_a_requirement_is_found(ordered: Evidence) -> None:
    def change(event: SealedOrders) -> SealedOrders:
        first, *more = event.requirements
        return replace(event, requirements=(replace(first, ticket="0" * 64), *more))

    assert "verify.late_event" in told(changed(ordered, change))


def left_out(given: Evidence, reason: str) -> Evidence:
    """The order of the work department told as not placed."""
    visit = visit_of(given, "ZL-2")

    def change(event: SealedOrders) -> SealedOrders:
        row = Unscheduled(requirement_id="ZL-2:E01", visit_id=visit, reason=reason)  # type: ignore[arg-type]
        seats = tuple(seat for seat in event.seats if seat.visit_id != visit)
        return replace(event, seats=seats, unscheduled=(row,))

    return changed(given, change)


@pytest.mark.parametrize("reason", ["no_room", "unstaffable"])
def test_an_order_left_out_for_no_reason_is_found(ordered: Evidence, reason: str) -> None:
    assert "verify.late_reason" in told(left_out(ordered, reason))


def test_who_cannot_be_served_is_told_with_its_true_reason_and_another_is_found(base: Evidence) -> None:
    people = [row.person_id for row in base.people if row.drawn and row.pool_id.startswith("D-work/")]
    away = tuple(
        Leave(person_id=person, start=FIRST, end=END) for person in people if person not in people[:1]
    )
    own = replace(base, registers=replace(base.registers, leave=away))
    late = sealed(own, WORK)
    assert [row.reason for row in late.late[0].unscheduled] == ["unstaffable"]
    assert not {code for code in told(late) if code.startswith("verify.late")}
    assert "verify.late_reason" in told(left_out(late, "no_room"))


def test_where_the_roster_leaves_no_room_the_order_is_told_so(base: Evidence) -> None:
    once = replace(base.plan.settings, limits=Limits(visits_campaign=1))
    tight = replace(base, plan=replace(base.plan, settings=once))
    late = sealed(tight, *(replace(WORK, order_id=f"ZL-{n}") for n in range(5)))
    assert {row.reason for row in late.late[0].unscheduled} == {"no_room"}
    assert not {code for code in told(late) if code.startswith("verify.late")}
    lie = changed(
        late,
        lambda event: replace(
            event, unscheduled=tuple(replace(row, reason="unstaffable") for row in event.unscheduled)
        ),
    )
    assert "verify.late_reason" in told(lie)


TEAMS = st.builds(
    Teams,
    officers=st.sampled_from([2, 3]),
    per=st.sampled_from(["department", "visit"]),
    leader_required=st.booleans(),
    newcomer_with_senior=st.booleans(),
    fixed_groups=st.booleans(),
    one_officer_many_items=st.booleans(),
)
PEOPLE = [f"{code}-{n}" for code in ("fire", "food", "work") for n in range(1, 7)]
RECUSALS = st.lists(
    st.one_of(
        st.builds(
            Recusal, inspector_id=st.sampled_from(PEOPLE), enterprise_id=st.just("E10"), kind=st.just("亲属")
        ),
        st.builds(
            lambda one, other: Recusal(inspector_id=one, other_inspector_id=other, kind="亲属"),
            st.sampled_from(PEOPLE),
            st.sampled_from(PEOPLE),
        ),
    ),
    max_size=4,
)
LIMITS = st.builds(
    Limits,
    visits_day=st.sampled_from([0, 1, 2]),
    minutes_day=st.sampled_from([0, 240]),
    visits_week=st.sampled_from([0, 3]),
    visits_campaign=st.sampled_from([0, 2]),
)


@quickly(max_examples=30, deadline=None)
@given(
    teams=TEAMS,
    recusals=RECUSALS,
    limits=LIMITS,
    cap=st.sampled_from([0, 300, 700]),
    marked=st.sets(st.sampled_from(PEOPLE), max_size=5),
    paired=st.sets(st.sampled_from(PEOPLE), max_size=4),
    quiet=st.booleans(),
)
def test_program_and_checker_agree_whatever_the_plan_asks_of_a_team(
    teams: Teams,
    recusals: list[Recusal],
    limits: Limits,
    cap: int,
    marked: set[str],
    paired: set[str],
    quiet: bool,  # noqa: FBT001 - an example's own draw
) -> None:
    base = wide_registers()
    known = replace(
        base,
        inspectors=tuple(
            replace(
                row,
                is_newcomer=row.inspector_id in marked,
                fixed_group=f"{row.department_id}组" if row.inspector_id in paired else "",
            )
            for row in base.inspectors
        ),
        recusals=tuple(sorted((*base.recusals, *recusals), key=lambda r: (r.inspector_id, r.enterprise_id))),
        quiet=(QuietPeriod(enterprise_id="E10", start=FIRST, end=FIRST + dt.timedelta(days=2)),)
        if quiet
        else (),
    )
    # The roster is that of plain rules: what is judged here are the orders beside it.
    plain = evidence()
    own = replace(plain.plan.settings, teams=teams, limits=limits, pairs=Pairs(cap_permille=cap))
    given_plan = replace(plain, plan=replace(plain.plan, settings=own), registers=known)
    late = sealed(sealed(given_plan, FIRE, WORK), FOOD, replace(FIRE, order_id="ZL-4", item_codes=("X01",)))
    found = {code for code in told(late) if code.startswith(("verify.late", "verify.order"))}
    assert found == set()
