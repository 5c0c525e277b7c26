"""The roster problem of small campaigns, compared with what one computes by hand."""

import datetime as dt
import hashlib
from dataclasses import replace

import pytest
from drawn import SEED, draw, plan
from small import DISTRICT, END, START, registers, settings

from scheduler.domain.errors import InputError
from scheduler.domain.plan import Centre, DrawResult
from scheduler.domain.problem import AssignmentProblem, SeatGroup, VisitNeed
from scheduler.domain.registers import CalendarDay, Expert, Leave, QuietPeriod, Recusal, Registers
from scheduler.domain.settings import Goals, Hours, Limits, Merging, Teams
from scheduler.merge import merge
from scheduler.problem import build_problem, lottery, problem_sha256

ROWS = ("T-fire:E01", "T-food:E01", "T-food:E03", "T-work:E02")


def problem(
    known: Registers | None = None,
    rows: tuple[str, ...] = ROWS,
    drawn: DrawResult | None = None,
    **own: object,
) -> AssignmentProblem:
    known = known or registers()
    committed, result = plan(known, settings(**own)), drawn or draw(known, rows)
    merged = merge(committed, known, result)
    return build_problem(committed, known, result, merged, draw_sha256="d" * 64, seed=SEED)


def visit(made: AssignmentProblem, visit_id: str) -> VisitNeed:
    (found,) = [need for need in made.visits if need.visit_id == visit_id]
    return found


def group(made: AssignmentProblem, visit_id: str, department: str) -> SeatGroup:
    index = made.departments.index(department) if department else -1
    (found,) = [one for one in visit(made, visit_id).groups if one.department_idx == index]
    return found


def names(made: AssignmentProblem, seats: SeatGroup) -> list[str]:
    return [made.people[n].person_id for n in made.candidates(seats)]


def refused(known: Registers | None = None, **own: object) -> list[tuple[str, dict[str, str | int]]]:
    with pytest.raises(InputError) as error:
        problem(known, **own)  # type: ignore[arg-type]
    return [(one.code, one.params) for one in error.value.problems]


def test_a_small_campaign_computed_by_hand() -> None:
    made = problem()
    assert made.days == tuple(f"2026-03-{day:02d}" for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13))
    assert made.weeks == (0, 0, 0, 0, 0, 1, 1, 1, 1, 1)
    assert (made.grid_min, made.draw_sha256, made.distinct_cover) == (15, "d" * 64, False)
    assert made.departments == ("D-fire", "D-food", "D-work")
    assert [person.person_id for person in made.people] == [
        "EX1",
        "EX2",
        *(f"{code}-{n}" for code in ("fire", "food", "work") for n in (1, 2, 3, 4)),
    ]
    assert [need.visit_id for need in made.visits] == ["V-E01-1", "V-E02-1", "V-E03-1"]
    first, second, third = made.visits
    # E01, class B: S01 and S02 by food (30 + 30 + 10), X01 by fire (30 + 10).
    assert (first.duration_min, first.served, first.pieces) == (70, (0, 0, 2, 0), ((540, 720), (810, 1020)))
    # The food task ends on the 12th, so the 12th and 13th are out.
    assert first.days == tuple(range(8))
    # E02, class C: 45 + 10 minutes, from the 5th.
    assert (second.duration_min, second.served, second.days) == (55, (0, 1, 0, 0), tuple(range(3, 10)))
    # E03, class D, stays longest; then C, then B.
    assert (third.rank, second.rank, first.rank) == (0, 1, 2)
    assert [(g.department_idx, g.n_seats) for g in first.groups] == [(0, 2), (1, 2), (-1, 1)]
    assert [(g.department_idx, g.n_seats) for g in second.groups] == [(2, 2)]


def test_people_have_their_days_limits_and_capacity() -> None:
    made = problem()
    by_id = {person.person_id: person for person in made.people}
    assert by_id["fire-1"].days == tuple(range(10))
    assert by_id["fire-1"].capacity_min == 10 * 390
    assert by_id["fire-1"].is_leader
    # Leave on the 3rd and 4th.
    assert by_id["fire-2"].days == (0, 3, 4, 5, 6, 7, 8, 9)
    # The certificate's last valid day is Monday the 9th.
    assert by_id["work-3"].days == (0, 1, 2, 3, 4, 5)
    assert by_id["work-3"].capacity_min == 6 * 390
    assert (by_id["EX1"].department_idx, by_id["EX1"].max_visits_day) == (-1, 4)
    assert (by_id["fire-1"].max_visits_day, by_id["fire-1"].max_minutes_day) == (4, 420)


def test_the_capacity_floor_lifts_who_is_hardly_there() -> None:
    known = registers(leave=(Leave(person_id="fire-2", start=START, end=END),))
    made = problem(known, goals=Goals(capacity_floor_min=500))
    (person,) = [one for one in made.people if one.person_id == "fire-2"]
    assert (person.days, person.capacity_min) == ((), 500)


def test_of_the_plans_daily_limit_and_a_personal_one_both_hold() -> None:
    known = registers()
    inspectors = tuple(
        replace(row, max_visits_day=2, max_minutes_day=500) if row.inspector_id == "fire-1" else row
        for row in known.inspectors
    )
    made = problem(replace(known, inspectors=inspectors), limits=Limits(visits_week=9, minutes_campaign=99))
    by_id = {person.person_id: person for person in made.people}
    own, general = by_id["fire-1"], by_id["fire-3"]
    assert (own.max_visits_day, own.max_minutes_day) == (2, 420)
    assert (general.max_visits_day, general.max_minutes_day) == (4, 420)
    assert (own.max_visits_week, own.max_minutes_week, own.max_visits, own.max_minutes) == (9, 0, 0, 99)


def test_weeks_are_iso_weeks_across_a_new_year() -> None:
    start = dt.date(2027, 12, 30)
    days = (start + dt.timedelta(days=n) for n in range(6))
    known = registers(
        calendar=tuple(CalendarDay(day=day, is_working=True, source="test") for day in days), tasks=()
    )
    made = problem(known, (), start=start, end=start + dt.timedelta(days=6))
    # 2028-01-01 and 02 still belong to the ISO week of 2027-12-27.
    assert made.weeks == (0, 0, 0, 0, 1, 1)


def test_reserves_never_get_a_position() -> None:
    known = registers()
    made = problem(known, drawn=draw(known, ROWS, reserves=["fire-4", "EX2", "T-work:E03"]))
    people = [person.person_id for person in made.people]
    assert "fire-4" not in people
    assert "EX2" not in people
    assert [need.visit_id for need in made.visits] == ["V-E01-1", "V-E02-1", "V-E03-1"]


def test_skills_tell_officers_apart_and_only_where_they_differ() -> None:
    made = problem()
    # Everybody in food may check prices (S02), not everybody food licences (S01).
    assert made.skills == ("D-food:S01",)
    assert group(made, "V-E01-1", "D-food").skills == (0,)
    assert group(made, "V-E01-1", "D-fire").skills == ()
    skilled = [person.person_id for person in made.people if person.skills]
    assert skilled == ["food-1", "food-3", "food-4"]


def with_scopes(**scopes: tuple[str, ...]) -> Registers:
    known = registers()
    own = {name.replace("_", "-"): value for name, value in scopes.items()}
    return replace(
        known,
        inspectors=tuple(
            replace(row, item_scopes=own.get(row.inspector_id, ()), qualifications=("食品",))
            for row in known.inspectors
        ),
    )


def test_items_that_the_same_people_may_do_share_a_skill() -> None:
    made = problem(with_scopes(food_1=("X*",), food_2=("S*",), food_3=("S01", "S02")))
    assert made.skills == ("D-food:S01,S02",)
    assert [person.person_id for person in made.people if person.skills] == ["food-2", "food-3", "food-4"]


def test_somebody_else_for_each_item_keeps_a_skill_and_a_seat_per_item() -> None:
    made = problem(teams=Teams(officers=1, one_officer_many_items=False))
    assert made.distinct_cover
    food = group(made, "V-E01-1", "D-food")
    assert [made.skills[n] for n in food.skills] == ["D-food:S01", "D-food:S02"]
    assert food.n_seats == 2
    assert group(made, "V-E03-1", "D-food").n_seats == 1


def test_nobody_qualified_leaves_a_skill_that_nobody_has() -> None:
    known = registers()
    nobody = tuple(replace(row, qualifications=()) for row in known.inspectors)
    made = problem(replace(known, inspectors=nobody))
    seats = group(made, "V-E03-1", "D-food")
    assert len(seats.skills) == 1
    assert not any(person.skills for person in made.people)
    assert seats.n_seats == 2


def test_seats_grow_to_the_fewest_that_can_cover_the_skills() -> None:
    known = with_scopes(food_1=("S01",), food_2=("S02",), food_3=("S01",), food_4=("S02",))
    made = problem(known, teams=Teams(officers=1))
    assert group(made, "V-E01-1", "D-food").n_seats == 2
    assert group(made, "V-E03-1", "D-food").n_seats == 1
    # One officer who may do both is enough, unless he is barred from this enterprise.
    known = with_scopes(food_1=("S*",), food_2=("S02",), food_3=("S01",), food_4=("S02",))
    assert group(problem(known, teams=Teams(officers=1)), "V-E01-1", "D-food").n_seats == 1
    known = replace(known, recusals=(Recusal(inspector_id="food-1", enterprise_id="E01", kind="亲属"),))
    assert group(problem(known, teams=Teams(officers=1)), "V-E01-1", "D-food").n_seats == 2


def test_a_merged_visit_grows_only_up_to_the_maximum_of_people() -> None:
    known = with_scopes(food_1=("S01",), food_2=("S02",), food_3=("S01",), food_4=("S02",))
    tight, roomy = Merging(max_officers=3), Merging(max_officers=4)
    one = Teams(officers=1)
    # Fire, food and one expert are three already.
    assert group(problem(known, teams=one, merging=tight), "V-E01-1", "D-food").n_seats == 1
    assert group(problem(known, teams=one, merging=roomy), "V-E01-1", "D-food").n_seats == 2


def test_a_single_requirement_may_exceed_the_maximum() -> None:
    known = with_scopes(food_1=("S01",), food_2=("S02",), food_3=("S01",), food_4=("S02",))
    task = replace(known.tasks[1], item_codes=("S01", "S02"))
    known = replace(known, tasks=(task,))
    made = problem(known, ("T-food:E01",), teams=Teams(officers=1), merging=Merging(max_officers=1))
    assert group(made, "V-E01-1", "D-food").n_seats == 2


def test_teams_per_visit_give_each_department_one_seat_and_fill_up_where_most_people_are() -> None:
    known = registers()
    made = problem(
        known,
        drawn=draw(known, ROWS, reserves=["fire-3", "fire-4"]),
        teams=Teams(officers=4, per="visit"),
    )
    # fire has two people, food four: the spare seats go to food first.
    assert group(made, "V-E01-1", "D-fire").n_seats == 1
    assert group(made, "V-E01-1", "D-food").n_seats == 3
    assert group(made, "V-E02-1", "D-work").n_seats == 4
    pair = problem(teams=Teams(officers=2, per="visit"))
    assert [one.n_seats for one in visit(pair, "V-E01-1").groups] == [1, 1, 1]


def test_recusals_bar_whether_applied_for_or_granted_but_not_when_rejected() -> None:
    assert names(problem(), group(problem(), "V-E03-1", "D-food")) == ["food-1", "food-2", "food-3", "food-4"]
    rows = [
        Recusal(inspector_id="food-1", enterprise_id="E03", kind="亲属", state="applied"),
        Recusal(inspector_id="food-2", enterprise_id="E03", kind="亲属", state="granted"),
        Recusal(inspector_id="food-3", enterprise_id="E03", kind="亲属", state="rejected"),
        Recusal(inspector_id="work-1", enterprise_id="E03", kind="亲属"),
        Recusal(inspector_id="EX1", enterprise_id="E01", kind="顾问"),
        Recusal(inspector_id="nobody", enterprise_id="E03", kind="亲属"),
    ]
    made = problem(registers(recusals=tuple(rows)))
    seats = group(made, "V-E03-1", "D-food")
    assert names(made, seats) == ["food-3", "food-4"]
    # Only candidates of the group are listed.
    assert [made.people[n].person_id for n in seats.barred] == ["food-1", "food-2"]
    assert names(made, group(made, "V-E01-1", "")) == ["EX2"]


@pytest.mark.parametrize(
    ("start", "end", "bars"),
    [
        (None, None, True),
        (None, dt.date(2026, 3, 5), False),
        (None, dt.date(2026, 3, 6), True),
        (dt.date(2026, 3, 13), None, True),
        (dt.date(2026, 3, 14), None, False),
    ],
)
def test_a_recusal_with_dates_bars_as_soon_as_it_meets_the_window(
    start: dt.date | None, end: dt.date | None, *, bars: bool
) -> None:
    row = Recusal(inspector_id="work-1", enterprise_id="E02", kind="亲属", start=start, end=end)
    made = problem(registers(recusals=(row,)))
    assert bool(group(made, "V-E02-1", "D-work").barred) == bars


def test_people_who_may_not_be_in_one_team_are_listed_in_order() -> None:
    rows = [
        Recusal(inspector_id="work-2", other_inspector_id="food-1", kind="近亲属", state="applied"),
        Recusal(inspector_id="food-1", other_inspector_id="work-2", kind="近亲属"),
        Recusal(inspector_id="food-1", other_inspector_id="EX1", kind="师生"),
        Recusal(inspector_id="food-1", other_inspector_id="nobody", kind="师生"),
        Recusal(inspector_id="food-3", other_inspector_id="food-4", kind="近亲属", end=START),
    ]
    made = problem(registers(recusals=tuple(rows)))
    pairs = [(made.people[i].person_id, made.people[j].person_id) for i, j in made.barred_pairs]
    assert pairs == [("EX1", "food-1"), ("food-1", "work-2")]


def test_opening_hours_cut_the_pieces_and_quiet_periods_the_days() -> None:
    known = registers()
    opened = {"E01": ("10:00-11:30", "13:00-15:00"), "E02": ("06:00-08:00",)}
    known = replace(
        known,
        enterprises=tuple(
            replace(row, opening=opened.get(row.enterprise_id, ())) for row in known.enterprises
        ),
        quiet=(QuietPeriod(enterprise_id="E01", start=dt.date(2026, 3, 3), end=dt.date(2026, 3, 10)),),
    )
    made = problem(known)
    assert visit(made, "V-E01-1").pieces == ((600, 690), (810, 900))
    assert visit(made, "V-E01-1").days == (0, 6, 7)
    assert visit(made, "V-E02-1").pieces == ()
    assert visit(made, "V-E03-1").pieces == ((540, 720), (810, 1020))


def test_a_piece_inside_another_is_not_listed_twice() -> None:
    known = registers()
    known = replace(
        known,
        enterprises=tuple(replace(row, opening=("08:00-18:00", "10:00-11:00")) for row in known.enterprises),
    )
    assert visit(problem(known), "V-E01-1").pieces == ((540, 720), (810, 1020))


def test_opening_hours_that_cannot_be_read_are_refused() -> None:
    known = registers()
    known = replace(
        known, enterprises=tuple(replace(row, opening=("25:00-26:00",)) for row in known.enterprises)
    )
    with pytest.raises(InputError) as error:
        problem(known, ("T-work:E02",))
    assert error.value.problems[0].code == "problem.opening"


def offsite(known: Registers) -> Registers:
    items = tuple(replace(row, method="offsite") if row.item_code == "R01" else row for row in known.items)
    return replace(known, items=items)


def test_a_desk_check_is_at_the_lead_departments_office_on_any_working_day() -> None:
    known = offsite(registers())
    known = replace(
        known,
        enterprises=tuple(replace(row, opening=("06:00-08:00",)) for row in known.enterprises),
        quiet=(QuietPeriod(start=START, end=END),),
    )
    made = problem(known)
    desk = visit(made, "V-E02-1")
    (person,) = [one for one in made.people if one.person_id == "work-1"]
    assert desk.site_idx == person.site_idx
    assert (desk.days, desk.pieces) == (tuple(range(3, 10)), ((540, 720), (810, 1020)))


def test_a_desk_check_drawn_by_the_city_is_at_the_local_office() -> None:
    known = offsite(registers())
    city = replace(known.departments[2], department_id="D-city", level="municipal", lat_udeg=31_000_000)
    task = replace(known.tasks[2], lead_id="D-city", mode="municipal_to_district")
    made = problem(replace(known, departments=(city, *known.departments), tasks=(task,)), ("T-work:E02",))
    (person,) = [one for one in made.people if one.person_id == "work-1"]
    assert made.visits[0].site_idx == person.site_idx
    assert made.departments == ("D-fire", "D-food", "D-work")


def test_a_desk_check_without_a_local_department_stays_with_the_lead() -> None:
    known = offsite(registers())
    city = replace(known.departments[2], department_id="D-city", level="municipal", field="劳动")
    task = replace(known.tasks[2], lead_id="D-city", mode="municipal_to_district")
    known = replace(known, departments=(city, *known.departments), tasks=(task,))
    made = problem(known, ("T-work:E02",))
    assert made.sites[made.visits[0].site_idx] == (769, 0)


def test_a_department_that_does_not_cover_the_district_has_no_candidates() -> None:
    known = registers()
    elsewhere = tuple(
        replace(row, districts=("330183",)) if row.department_id == "D-food" else row
        for row in known.departments
    )
    made = problem(replace(known, departments=elsewhere))
    assert group(made, "V-E01-1", "D-food").pools == ()
    assert names(made, group(made, "V-E01-1", "D-fire")) == ["fire-1", "fire-2", "fire-3", "fire-4"]


def test_officers_of_a_jurisdiction_that_does_not_reach_the_district_stay_out() -> None:
    known = registers()
    strangers = tuple(
        replace(row, unit="山后所") if row.inspector_id in ("work-1", "work-2") else row
        for row in known.inspectors
    )
    made = problem(replace(known, inspectors=strangers))
    assert names(made, group(made, "V-E02-1", "D-work")) == ["work-3", "work-4"]
    neighbour = replace(known.departments[0], department_id="D-hill", unit="山后所", districts=(DISTRICT,))
    covered = replace(known, inspectors=strangers, departments=(*known.departments, neighbour))
    made = problem(covered)
    assert names(made, group(made, "V-E02-1", "D-work")) == ["work-1", "work-2", "work-3", "work-4"]


def test_one_expert_of_two_specialties_is_one_person_and_may_take_either_seat() -> None:
    known = registers()
    both = Expert(expert_id="EX3", name="专家丙", specialties=("特种设备", "电气"))
    items = tuple(replace(row, expert="特种设备") if row.item_code == "S02" else row for row in known.items)
    made = problem(replace(known, items=items, experts=(*known.experts, both)))
    assert [person.person_id for person in made.people].count("EX3") == 1
    assert made.pools[-2:] == ("expert/特种设备+expert/电气", "expert/电气")
    special, electric = [one for one in visit(made, "V-E01-1").groups if one.department_idx < 0]
    assert names(made, special) == ["EX3"]
    assert names(made, electric) == ["EX1", "EX2", "EX3"]


def test_lottery_weights_are_parallel_to_the_candidates() -> None:
    made = problem()
    for need in made.visits:
        enterprise = need.visit_id.split("-")[1]
        for seats in need.groups:
            expected = [
                hashlib.sha256(f"{SEED}|W|small-2026-01|{enterprise}:{name}".encode()).hexdigest()
                for name in names(made, seats)
            ]
            assert seats.lottery == tuple(int(digest[:3], 16) for digest in expected)


def test_too_many_pairs_leave_every_weight_out(monkeypatch: pytest.MonkeyPatch) -> None:
    n_pairs = sum(len(one.lottery) for need in problem().visits for one in need.groups)
    monkeypatch.setattr("scheduler.problem.build.MAX_PAIRS", n_pairs)
    assert all(one.lottery for need in problem().visits for one in need.groups)
    monkeypatch.setattr("scheduler.problem.build.MAX_PAIRS", n_pairs - 1)
    assert not any(one.lottery for need in problem().visits for one in need.groups)


def test_the_documented_limit_is_the_one_used() -> None:
    assert (lottery.MAX_PAIRS, lottery.WEIGHT_DIGITS) == (200_000, 3)


def test_rank_follows_the_highest_class_then_the_smallest_ticket_of_that_class() -> None:
    known = registers()
    rows = tuple(f"T-work:E{n:02d}" for n in range(1, 13))
    drawn = draw(known, (*rows, "T-food:E03", "T-fire:E04"))
    made = problem(known, drawn=drawn)
    classes = {row.enterprise_id: row.risk_class for row in known.enterprises}
    tickets: dict[str, str] = {}
    for row in drawn.enterprises:
        tickets[row.enterprise_id] = min(row.ticket, tickets.get(row.enterprise_id, "g"))
    wanted = sorted(classes, key=lambda name: ("DCBA".index(classes[name]), tickets[name]))
    assert [need.visit_id.split("-")[1] for need in sorted(made.visits, key=lambda v: v.rank)] == wanted
    assert sorted(need.rank for need in made.visits) == list(range(12))


def test_an_unknown_person_is_refused() -> None:
    known = registers()
    drawn = draw(known, ROWS)
    lost = replace(known, inspectors=known.inspectors[1:], experts=known.experts[1:])
    with pytest.raises(InputError) as error:
        problem(lost, drawn=drawn)
    assert [(one.code, one.params["ident"]) for one in error.value.problems] == [
        ("problem.unknown_id", "EX1"),
        ("problem.unknown_id", "fire-1"),
    ]


def test_an_unknown_pool_is_refused() -> None:
    known = registers()
    drawn = draw(known, ROWS)
    people = (replace(drawn.people[0], pool_id="D-none/x/y"), *drawn.people[1:])
    with pytest.raises(InputError) as error:
        problem(known, drawn=replace(drawn, people=people))
    assert error.value.problems[0].params == {"ident": "D-none/x/y"}


def test_one_id_as_officer_and_as_expert_is_refused() -> None:
    known = registers()
    twin = Expert(expert_id="fire-1", name="专家丁", specialties=("电气",))
    assert refused(replace(known, experts=(*known.experts, twin))) == [
        ("problem.person_twice", {"person": "fire-1"})
    ]


def test_visits_that_name_what_no_register_holds_are_refused() -> None:
    known = registers()
    committed, drawn = plan(known), draw(known, ROWS)
    merged = merge(committed, known, drawn)
    lost = replace(known, items=known.items[1:], tasks=known.tasks[1:])
    with pytest.raises(InputError) as error:
        build_problem(committed, lost, drawn, merged, draw_sha256="", seed=SEED)
    assert [one.params["ident"] for one in error.value.problems] == ["R01", "T-fire"]


def test_hours_and_grid_come_from_the_plan() -> None:
    made = problem(hours=Hours(pieces=((480, 660),), grid_min=30))
    assert made.grid_min == 30
    assert visit(made, "V-E01-1").pieces == ((480, 660),)
    assert made.people[0].capacity_min == 10 * 180


def test_the_digest_names_the_content() -> None:
    made = problem()
    assert problem_sha256(made) == problem_sha256(problem())
    assert problem_sha256(made) != problem_sha256(replace(made, grid_min=30))


def test_sites_follow_the_centres() -> None:
    known = registers()
    centre = Centre(district="", lon_udeg=120_200_000, lat_udeg=30_200_000)
    committed = plan(known, centres=(centre,))
    drawn = draw(known, ROWS)
    made = build_problem(committed, known, drawn, merge(committed, known, drawn), draw_sha256="", seed=SEED)
    assert made.sites == tuple(sorted(set(made.sites)))
    # E01: 9,000 micro-degrees east, 10,000 north; 9000 * 111320 * 864000 // 10**12 = 865.
    assert made.sites[visit(made, "V-E01-1").site_idx] == (865, 1113)
    # The expert without coordinates starts from the campaign's centre, as does the fire department's office.
    by_id = {person.person_id: person for person in made.people}
    assert made.sites[by_id["EX2"].site_idx] == (0, 0) == made.sites[by_id["fire-1"].site_idx]
