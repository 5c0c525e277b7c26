"""Neighbours in the roster problem: who may sit where (R08), what he can do there, where he is evened out."""

from dataclasses import replace

from drawn import SEED, draw, plan
from near import FOOD, HELP, HILL, near_registers
from small import CEREMONY, registers, settings

from scheduler import draw as draw_room
from scheduler.domain.problem import AssignmentProblem, SeatGroup
from scheduler.domain.registers import Neighbour, PastInspection, Recusal, Registers
from scheduler.domain.reserves import still_callable
from scheduler.domain.settings import Limits, Pools, Settings, Teams
from scheduler.merge import merge
from scheduler.problem import build_problem, reserves_needed

ROWS = ("T-fire:E01", "T-food:E01", "T-food:E03", "T-work:E02")
WITH = settings(teams=HELP)


def problem(known: Registers, own: Settings = WITH) -> AssignmentProblem:
    committed, result = plan(known, own), draw(known, ROWS)
    merged = merge(committed, known, result)
    return build_problem(committed, known, result, merged, draw_sha256="d" * 64, seed=SEED)


def group(made: AssignmentProblem, visit_id: str, department: str) -> SeatGroup:
    need = next(one for one in made.visits if one.visit_id == visit_id)
    return next(one for one in need.groups if one.department_idx == made.departments.index(department))


def names(made: AssignmentProblem, seats: SeatGroup) -> list[str]:
    return [made.people[n].person_id for n in made.candidates(seats)]


def test_own_people_and_helpers_alike_may_take_a_seat_and_nobody_else() -> None:
    made = problem(near_registers(2))
    assert names(made, group(made, "V-E01-1", FOOD)) == [
        "food-1",
        "food-2",
        *(f"hill-{n}" for n in range(1, 5)),
    ]
    assert names(made, group(made, "V-E01-1", "D-fire")) == [f"fire-{n}" for n in range(1, 5)]
    alone = problem(near_registers(2), settings())
    assert names(alone, group(alone, "V-E01-1", FOOD)) == ["food-1", "food-2"]


def test_help_goes_one_way_and_only_one_step() -> None:
    known = near_registers(2)
    backwards = replace(known, neighbours=(Neighbour(department_id=HILL, helper_id=FOOD),))
    made = problem(backwards)
    assert names(made, group(made, "V-E01-1", FOOD)) == ["food-1", "food-2"]


def test_a_department_that_does_not_cover_the_district_gets_no_help_there() -> None:
    known = near_registers(2)
    elsewhere = tuple(
        replace(row, districts=("330183",)) if row.department_id == FOOD else row for row in known.departments
    )
    made = problem(replace(known, departments=elsewhere))
    assert group(made, "V-E01-1", FOOD).pools == ()


def test_a_helper_covers_the_items_he_is_qualified_for_and_no_others() -> None:
    known = near_registers(2)
    people = tuple(
        replace(row, qualifications=()) if row.inspector_id in ("food-1", "food-2", "hill-1") else row
        for row in known.inspectors
    )
    made = problem(replace(known, inspectors=people))
    seats = group(made, "V-E01-1", FOOD)
    (skill,) = seats.skills
    able = [one.person_id for one in made.people if one.skills >> skill & 1]
    assert able == ["hill-2", "hill-3", "hill-4"]


def test_a_recusal_bars_a_helper_like_anybody() -> None:
    known = near_registers(2)
    barred = Recusal(inspector_id="hill-2", enterprise_id="E01", kind="亲属", evidence="申请书")
    made = problem(replace(known, recusals=(*known.recusals, barred)))
    assert "hill-2" not in names(made, group(made, "V-E01-1", FOOD))


def test_who_shares_seats_is_evened_out_together_and_starts_from_his_own_office() -> None:
    made = problem(near_registers(2))
    by_name = {one.person_id: one for one in made.people}
    assert by_name["hill-1"].department_idx == by_name["food-1"].department_idx
    assert by_name["hill-1"].department_idx != by_name["fire-1"].department_idx
    assert by_name["hill-1"].site_idx != by_name["food-1"].site_idx
    alone = problem(near_registers(2), settings())
    assert len({one.department_idx for one in alone.people if one.department_idx >= 0}) == 4


def test_a_permanent_pair_is_one_of_one_department() -> None:
    known = near_registers(2)
    days = (replace(known.history[0], day=known.history[0].day.replace(day=n)) for n in (1, 2, 3))
    history = tuple(
        PastInspection(enterprise_id="E05", inspector_id=name, day=row.day)
        for row in days
        for name in ("food-1", "food-2", "hill-1")
    )
    made = problem(replace(known, history=history))
    pairs = {(made.people[a].person_id, made.people[b].person_id) for a, b, _ in made.pair_wishes}
    assert pairs == {("food-1", "food-2")}


def test_without_the_setting_the_problem_is_what_it_was() -> None:
    known = registers()
    made = problem(known, settings())
    assert (
        problem(replace(known, neighbours=(Neighbour(department_id=FOOD, helper_id="D-fire"),)), settings())
        == made
    )


def called(known: Registers, own: Settings) -> dict[str, int]:
    """How many reserves each department's pools call after the draw."""
    made = draw_room.commit(known, own, {}, 0)
    seed = draw_room.seed_of(draw_room.seed_text(made.plan, CEREMONY))
    drawn = draw_room.draw(made.plan, made.frame, made.excluded, known, seed)
    merged = merge(made.plan, known, drawn)
    waiting = {
        pool.pool_id: still_callable(drawn.people, (), pool.k_max, pool.pool_id) for pool in made.plan.pools
    }
    found = reserves_needed(made.plan, known, merged, drawn.people, waiting)
    return {call.cut.pool_id.partition("/")[0]: call.cut.n_called for call in found.calls}


def test_helpers_in_force_spare_reserves_and_are_not_called_for_others() -> None:
    """Two officers are drawn of each pool, each for two visits: the bureau's seven visits lack seats either
    way, but fewer with help; the pool beyond the hill calls nobody for seats that are not its own."""
    tight = {"pools": Pools(inspectors="2人", k_max=2), "limits": Limits(visits_campaign=4)}
    alone = called(near_registers(4), settings(**tight))
    helped = called(near_registers(4), settings(**tight, teams=Teams(neighbours_help=True)))
    assert alone[FOOD] == 2
    assert FOOD not in helped
    assert HILL not in helped
