"""The search for a certain shortage: what it finds, what it leaves alone, and that no fewer would do."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from small import CEREMONY, registers, settings

from scheduler import draw, merge
from scheduler.domain.plan import DrawResult, Plan
from scheduler.domain.registers import Leave, Recusal, Registers
from scheduler.domain.reserves import still_callable
from scheduler.domain.settings import Limits, Pools, Settings, Teams
from scheduler.domain.visits import MergeResult
from scheduler.problem import Shortage, reserves_needed
from scheduler.problem.capacity import most_in
from scheduler.problem.flow import Asked, carried


class Case:
    """The small campaign drawn and merged, ready to be asked."""

    def __init__(self, own: Settings, known: Registers | None = None) -> None:
        self.known = known or registers()
        made = draw.commit(self.known, own, {}, 0)
        self.plan: Plan = made.plan
        seed = draw.seed_of(draw.seed_text(self.plan, CEREMONY))
        self.drawn: DrawResult = draw.draw(self.plan, made.frame, made.excluded, self.known, seed)
        self.merged: MergeResult = merge.merge(self.plan, self.known, self.drawn)

    def asked(self, **k_max: int) -> Shortage:
        """With ``k_max`` per department where it is given (``work=1``), else as committed."""
        waiting = {
            pool.pool_id: still_callable(
                self.drawn.people,
                (),
                k_max.get(pool.department_id.removeprefix("D-"), pool.k_max),
                pool.pool_id,
            )
            for pool in self.plan.pools
        }
        return reserves_needed(self.plan, self.known, self.merged, self.drawn.people, waiting)

    def drawn_of(self, code: str) -> list[str]:
        rows = [row for row in self.drawn.people if row.drawn and row.pool_id.startswith(f"D-{code}/")]
        return [row.person_id for row in rows]


TWO = Pools(inspectors="2人", k_max=2)


def called(found: Shortage) -> dict[str, int]:
    return {call.cut.pool_id.split("/")[0]: call.cut.n_called for call in found.calls}


def test_a_pool_that_can_fill_its_seats_calls_nobody() -> None:
    assert Case(settings(pools=TWO)).asked() == Shortage(calls=(), short=(), hopeless=())


def test_each_pool_calls_just_as_many_as_fill_its_seats() -> None:
    found = Case(settings(pools=TWO, limits=Limits(visits_campaign=1))).asked()
    assert called(found)["D-work"] == 2
    for call in found.calls:
        assert [row.rank for row in call.called] == sorted(row.rank for row in call.called)
        assert call.cut.supply_before < call.cut.demand <= call.cut.supply
        assert sum(row.supply for row in call.people) == call.cut.supply
        assert sum(row.seats for row in call.seats) == call.cut.demand


def test_with_fewer_allowed_it_calls_for_as_many_whole_visits_as_can_be_filled() -> None:
    case = Case(settings(pools=TWO, limits=Limits(visits_campaign=1)))
    found = case.asked(work=1)
    assert "D-work" not in called(found)  # a third officer alone fills no team of two
    assert any(pool.startswith("D-work/") for pool in found.short)


def test_minutes_are_a_shortage_as_well() -> None:
    found = Case(settings(pools=TWO, limits=Limits(minutes_campaign=100))).asked()
    units = {call.cut.pool_id.split("/")[0]: call.cut.unit for call in found.calls}
    assert units["D-work"] == "minutes"


def test_leave_of_the_drawn_through_the_window_calls_the_next() -> None:
    first = Case(settings(pools=TWO))
    gone = first.drawn_of("work")[0]
    away = Leave(person_id=gone, start=dt.date(2026, 3, 3), end=dt.date(2026, 3, 14))
    known = replace(registers(), leave=(*registers().leave, away))
    # The day before he leaves lies before the task's window, so he is in the pool and in no visit.
    assert called(Case(settings(pools=TWO), known).asked()) == {"D-work": 1}


def test_recusals_make_a_shortage_at_one_visit() -> None:
    first = Case(settings(pools=TWO))
    visit = next(v for v in first.merged.visits if "D-work" in v.department_ids)
    barred = Recusal(inspector_id=first.drawn_of("work")[0], enterprise_id=visit.enterprise_id, kind="亲属")
    known = replace(registers(), recusals=(*registers().recusals, barred))
    found = Case(settings(pools=TWO), known).asked()
    assert called(found) == {"D-work": 1}
    assert [row.visit_id for row in found.calls[0].seats] == [visit.visit_id]
    assert {row.person_id: row.n_visits for row in found.calls[0].people}[barred.inspector_id] == 0


def test_a_visit_nobody_can_fill_calls_nobody_and_is_named() -> None:
    first = Case(settings(pools=TWO))
    visit = next(v for v in first.merged.visits if "D-work" in v.department_ids)
    barred = tuple(
        Recusal(inspector_id=f"work-{n}", enterprise_id=visit.enterprise_id, kind="亲属") for n in (1, 2, 3)
    )
    known = replace(registers(), recusals=(*registers().recusals, *barred))
    found = Case(settings(pools=TWO), known).asked()
    assert visit.visit_id in found.hopeless
    assert all(row.visit_id != visit.visit_id for call in found.calls for row in call.seats)


def test_closed_all_day_is_no_reason_to_call() -> None:
    known = registers()
    shut = replace(
        known, enterprises=tuple(replace(row, opening=("20:00-21:00",)) for row in known.enterprises)
    )
    case = Case(settings(pools=TWO, limits=Limits(visits_campaign=1)), known)
    closed = reserves_needed(
        case.plan,
        shut,
        case.merged,
        case.drawn.people,
        {pool.pool_id: still_callable(case.drawn.people, (), 2, pool.pool_id) for pool in case.plan.pools},
    )
    assert closed.calls == ()
    assert set(closed.hopeless) == {visit.visit_id for visit in case.merged.visits}


def test_where_teams_count_per_visit_a_department_owes_one_seat() -> None:
    own = settings(pools=TWO, limits=Limits(visits_campaign=1), teams=Teams(per="visit"))
    assert "D-work" not in called(Case(own).asked())


def test_the_order_of_rows_does_not_show() -> None:
    case = Case(settings(pools=TWO, limits=Limits(visits_campaign=1)))
    turned = replace(case.merged, visits=tuple(reversed(case.merged.visits)))
    people = tuple(reversed(case.drawn.people))
    waiting = {pool.pool_id: still_callable(people, (), pool.k_max, pool.pool_id) for pool in case.plan.pools}
    assert reserves_needed(case.plan, case.known, turned, people, waiting) == case.asked()


@pytest.mark.parametrize(
    ("limits", "most"),
    [((0, 0, 0), -1), ((0, 0, 5), 5), ((4, 0, 0), 24), ((4, 10, 0), 14), ((0, 10, 0), 20), ((4, 10, 12), 12)],
)
def test_limits_a_day_a_week_and_a_campaign_hold_together(limits: tuple[int, int, int], most: int) -> None:
    week = [dt.date(2026, 3, 2) + dt.timedelta(days=n) for n in range(5)]
    assert most_in([*week, dt.date(2026, 3, 9)], limits) == most


@hypothesis_settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_flow_is_largest_and_its_cut_says_why(data: st.DataObject) -> None:
    people = [f"p{n}" for n in range(data.draw(st.integers(1, 4)))]
    room: Mapping[str, int] = {person: data.draw(st.integers(0, 3)) for person in people}
    asked = [
        Asked(
            amount=data.draw(st.integers(0, 4)),
            each=data.draw(st.integers(1, 2)),
            able=tuple(person for person in people if data.draw(st.booleans())),
        )
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    found = carried(asked, room)
    total = sum(one.amount for one in asked)
    assert (found.flow == total) == (found.short == ())
    # Of the classes in the cut, the people can carry no more than this; so the flow cannot be larger.
    inside = sum(
        min(room[person], sum(asked[n].each for n in found.short if person in asked[n].able))
        for person in people
    )
    outside = sum(one.amount for n, one in enumerate(asked) if n not in found.short)
    assert found.flow == inside + outside or not found.short
    assert found.flow <= inside + outside
    if found.short:
        assert inside < sum(asked[n].amount for n in found.short)
