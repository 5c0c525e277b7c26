"""Changes to lawful evidence, each as small as it can be; the goals are told anew after each."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from verify.evidence import refreshed

from scheduler.domain.plan import Exclusion
from scheduler.domain.registers import Leave, PastInspection, QuietPeriod, Recusal, Registers
from scheduler.domain.schedule import Seat, Unscheduled
from scheduler.domain.settings import Limits, Teams
from scheduler.domain.visits import SecondDoor, Visit
from scheduler.verify import Evidence

Change = Callable[[Evidence], Evidence]
WORK = "V-E06-1"
"""A visit of one department whose items ask for no qualification."""
FIRE = "V-E04-1"
"""A visit of two departments and an expert."""
FOOD = "V-E01-1"
"""A visit whose item asks for a qualification, and whose window ends before the campaign's."""
SATURDAY = dt.date(2026, 3, 7)


def seats_of(given: Evidence, visit_id: str) -> list[Seat]:
    return [seat for seat in given.seats if seat.visit_id == visit_id]


def with_seats(given: Evidence, change: Callable[[Seat], Seat | None]) -> Evidence:
    """Every seat changed or, where that gives None, dropped; goals told anew."""
    seats = [new for seat in given.seats if (new := change(seat)) is not None]
    ordered = sorted(seats, key=lambda s: (s.day, s.start_min, s.visit_id, s.department_id, s.person_id))
    return refreshed(replace(given, seats=tuple(ordered)))


def moved(given: Evidence, visit_id: str, **changes: object) -> Evidence:
    return with_seats(
        given,
        lambda seat: replace(seat, **changes) if seat.visit_id == visit_id else seat,  # type: ignore[arg-type]
    )


def reseated(given: Evidence, old: Seat, **changes: object) -> Evidence:
    return with_seats(given, lambda seat: replace(seat, **changes) if seat == old else seat)  # type: ignore[arg-type]


def with_registers(given: Evidence, **changes: object) -> Evidence:
    return refreshed(replace(given, registers=replace(given.registers, **changes)))  # type: ignore[arg-type]


def with_settings(given: Evidence, **changes: object) -> Evidence:
    plan = replace(given.plan, settings=replace(given.plan.settings, **changes))  # type: ignore[arg-type]
    return refreshed(replace(given, plan=plan))


def with_visit(given: Evidence, visit_id: str, change: Callable[[Visit], Visit]) -> Evidence:
    visits = tuple(change(v) if v.visit_id == visit_id else v for v in given.visits)
    return refreshed(replace(given, visits=visits))


def officer(given: Evidence, visit_id: str, department: str = "") -> Seat:
    """The visit's first officer (of the department)."""
    return next(s for s in seats_of(given, visit_id) if s.role == "officer" and department in s.department_id)


def expert(given: Evidence, visit_id: str) -> Seat:
    return next(s for s in seats_of(given, visit_id) if s.role == "expert")


def idle(given: Evidence, prefix: str, day: dt.date, *, drawn: bool = True) -> list[str]:
    """Listed people with that prefix who have no visit on the day."""
    busy = {seat.person_id for seat in given.seats if seat.day == day}
    everyone = [row.inspector_id for row in given.registers.inspectors]
    in_pool = {row.person_id for row in given.people if row.drawn}
    return [p for p in everyone if p.startswith(prefix) and p not in busy and (p in in_pool) == drawn]


def undrawn_enterprise(given: Evidence) -> Evidence:
    rows = tuple(
        replace(row, drawn=False) if (row.task_id, row.enterprise_id) == ("T-work", "E06") else row
        for row in given.drawn_enterprises
    )
    return refreshed(replace(given, drawn_enterprises=rows))


def unknown_visit(given: Evidence) -> Evidence:
    seat = officer(given, WORK)
    person = idle(given, "work", seat.day)[0]
    extra = replace(seat, visit_id="V-E99-1", person_id=person)
    return refreshed(replace(given, seats=(*given.seats, extra)))


def undrawn_person(given: Evidence) -> Evidence:
    seat = officer(given, WORK)
    return reseated(given, seat, person_id=idle(given, "work", seat.day, drawn=False)[0])


def officer_missing(given: Evidence) -> Evidence:
    gone = officer(given, WORK)
    return with_seats(given, lambda seat: None if seat == gone else seat)


def officer_without_certificate(given: Evidence) -> Evidence:
    person = officer(given, WORK).person_id
    return with_registers(given, inspectors=inspectors(given.registers, person, certificate_no=""))


def inspectors(known: Registers, person: str, **changes: object) -> tuple[object, ...]:
    return tuple(
        replace(row, **changes) if row.inspector_id == person else row  # type: ignore[arg-type]
        for row in known.inspectors
    )


def idle_department(given: Evidence) -> Evidence:
    seat = officer(given, WORK)
    person = idle(given, "fire", seat.day)[0]
    return refreshed(
        replace(given, seats=(*given.seats, replace(seat, department_id="D-fire", person_id=person)))
    )


def certificate_expired(given: Evidence) -> Evidence:
    seat = officer(given, WORK)
    day = seat.day - dt.timedelta(days=1)
    return with_registers(
        given, inspectors=inspectors(given.registers, seat.person_id, certificate_expires=day)
    )


def unqualified(given: Evidence) -> Evidence:
    """On a day when all of food is free, two without the qualification go."""
    team, friday = seats_of(given, FOOD), dt.date(2026, 3, 6)
    able = {row.inspector_id for row in given.registers.inspectors if row.qualifications}
    names = [person for person in idle(given, "food", friday) if person not in able][:2]
    seats = [seat for seat in given.seats if seat not in team]
    seats += [replace(seat, person_id=name, day=friday) for seat, name in zip(team, names, strict=True)]
    return with_seats(replace(given, seats=tuple(seats)), lambda seat: seat)


def one_for_each_item(given: Evidence) -> Evidence:
    """Food has two items at E07, and one of its two officers stays away."""
    gone = next(s for s in seats_of(given, "V-E07-1") if s.department_id == "D-food")
    fewer = replace(given, seats=tuple(seat for seat in given.seats if seat != gone))
    return with_settings(fewer, teams=Teams(one_officer_many_items=False))


def expert_missing(given: Evidence) -> Evidence:
    gone = expert(given, FIRE)
    return with_seats(given, lambda seat: None if seat == gone else seat)


def expert_as_officer(given: Evidence) -> Evidence:
    seat = officer(given, WORK)
    return reseated(given, seat, person_id="EX2")


def expert_unasked(given: Evidence) -> Evidence:
    seat = officer(given, WORK)
    extra = replace(seat, department_id="", person_id="EX2", role="expert")
    return refreshed(replace(given, seats=(*given.seats, extra)))


def with_recusal(given: Evidence, recusal: Recusal) -> Evidence:
    return with_registers(given, recusals=(*given.registers.recusals, recusal))


def barred_enterprise(given: Evidence) -> Evidence:
    person = officer(given, WORK).person_id
    return with_recusal(
        given, Recusal(inspector_id=person, enterprise_id="E06", kind="亲属", state="applied")
    )


def barred_team(given: Evidence) -> Evidence:
    one, other = (seat.person_id for seat in seats_of(given, WORK))
    return with_recusal(given, Recusal(inspector_id=other, other_inspector_id=one, kind="近亲属"))


def other_departments_officer(given: Evidence) -> Evidence:
    seat = officer(given, WORK)
    return reseated(given, seat, person_id=idle(given, "fire", seat.day)[0])


def two_at_once(given: Evidence) -> Evidence:
    """E12 gets the team of E06 at the same time."""
    team = seats_of(given, WORK)
    seats = [seat for seat in given.seats if seat.visit_id != "V-E12-1"]
    seats += [replace(seat, visit_id="V-E12-1") for seat in team]
    return with_seats(replace(given, seats=tuple(seats)), lambda seat: seat)


def no_time_to_travel(given: Evidence) -> Evidence:
    """E12 follows E06 for the same team on the next quarter of an hour, too near for the way."""
    team = seats_of(given, WORK)
    start = team[0].end_min + 5
    seats = [seat for seat in given.seats if seat.visit_id != "V-E12-1"]
    seats += [replace(seat, visit_id="V-E12-1", start_min=start, end_min=start + 55) for seat in team]
    return with_seats(replace(given, seats=tuple(seats)), lambda seat: seat)


def limit(**limits: int) -> Change:
    return lambda given: with_settings(given, limits=Limits(**limits))


def own_limit(given: Evidence) -> Evidence:
    person = officer(given, FIRE).person_id
    return with_registers(given, inspectors=inspectors(given.registers, person, max_minutes_day=30))


def on_leave(given: Evidence) -> Evidence:
    seat = officer(given, WORK)
    leave = Leave(person_id=seat.person_id, start=seat.day, end=seat.day + dt.timedelta(days=1), kind="duty")
    return with_registers(given, leave=(*given.registers.leave, leave))


def expert_on_leave(given: Evidence) -> Evidence:
    seat = expert(given, FIRE)
    leave = Leave(person_id=seat.person_id, start=seat.day, end=seat.day + dt.timedelta(days=1))
    return with_registers(given, leave=(*given.registers.leave, leave))


def inspected_this_year(given: Evidence) -> Evidence:
    row = PastInspection(enterprise_id="E06", inspector_id="work-1", day=dt.date(2026, 1, 15))
    return with_registers(given, history=(*given.registers.history, row))


def closed(given: Evidence) -> Evidence:
    return with_enterprise(given, "E06", opening=("10:00-12:00", "13:30-17:00"))


def with_enterprise(given: Evidence, enterprise_id: str, **changes: object) -> Evidence:
    rows = tuple(
        replace(row, **changes) if row.enterprise_id == enterprise_id else row  # type: ignore[arg-type]
        for row in given.registers.enterprises
    )
    return with_registers(given, enterprises=rows)


def quiet(**place: str) -> Change:
    def change(given: Evidence) -> Evidence:
        day = officer(given, WORK).day
        period = QuietPeriod(start=day, end=day + dt.timedelta(days=1), **place)  # type: ignore[arg-type]
        return with_registers(given, quiet=(period,))

    return change


def department_late(given: Evidence) -> Evidence:
    def change(seat: Seat) -> Seat:
        if (seat.visit_id, seat.department_id) == (FIRE, "D-fire"):
            return replace(seat, start_min=seat.start_min + 15, end_min=seat.end_min + 15)
        return seat

    return with_seats(given, change)


def too_short(given: Evidence) -> Evidence:
    seat = officer(given, WORK)
    return moved(given, WORK, end_min=seat.end_min - 15)


def unpublished_item(given: Evidence) -> Evidence:
    return with_visit(given, WORK, lambda visit: replace(visit, item_codes=("Z99",)))


def vanished(given: Evidence) -> Evidence:
    return with_seats(given, lambda seat: None if seat.visit_id == WORK else seat)


def unscheduled_for(reason: str) -> Change:
    def change(given: Evidence) -> Evidence:
        row = Unscheduled(requirement_id="T-work:E06", visit_id=WORK, reason=reason)  # type: ignore[arg-type]
        return replace(vanished(given), unscheduled=(row,))

    return change


def two_ends(given: Evidence) -> Evidence:
    row = Unscheduled(requirement_id="T-work:E06", visit_id=WORK, reason="no_room")
    return replace(given, unscheduled=(row,))


def unknown_unscheduled(given: Evidence) -> Evidence:
    row = Unscheduled(requirement_id="T-work:E99", visit_id="V-E99-1", reason="no_room")
    return replace(given, unscheduled=(row,))


def stratum_quota(given: Evidence) -> Evidence:
    first, *rest = given.plan.strata
    plan = replace(given.plan, strata=(replace(first, quota=first.quota + 1), *rest))
    return refreshed(replace(given, plan=plan))


def pool_reserves(given: Evidence) -> Evidence:
    first, *rest = given.plan.pools
    plan = replace(given.plan, pools=(replace(first, k_max=0), *rest))
    return refreshed(replace(given, plan=plan))


def weak_entropy(given: Evidence) -> Evidence:
    (source,) = given.plan.entropy
    plan = replace(given.plan, entropy=(replace(source, length=10),))
    return replace(given, plan=plan)


def with_exclusion(role: str, subject: str, reason: str) -> Change:
    row = Exclusion(role=role, subject_id=subject, reason=reason)  # type: ignore[arg-type]
    return lambda given: replace(given, excluded=(*given.excluded, row))


def other_cosine(given: Evidence) -> Evidence:
    return refreshed(replace(given, plan=replace(given.plan, cosine_ppm=given.plan.cosine_ppm + 1)))


def other_centre(given: Evidence) -> Evidence:
    first, *rest = given.plan.centres
    plan = replace(given.plan, centres=(replace(first, lon_udeg=first.lon_udeg + 1), *rest))
    return refreshed(replace(given, plan=plan))


def frame_row_gone(given: Evidence) -> Evidence:
    return replace(given, frame=tuple(given.frame)[1:])


def frame_class(given: Evidence) -> Evidence:
    first, *rest = given.frame
    return replace(given, frame=(replace(first, risk_class="A" if first.risk_class != "A" else "B"), *rest))


def other_seed(given: Evidence) -> Evidence:
    return refreshed(replace(given, seed_text=given.seed_text.replace("3141592653", "3141592654")))


def seed_line_more(given: Evidence) -> Evidence:
    return refreshed(replace(given, seed_text=given.seed_text + "note=x\n"))


def ticket_changed(given: Evidence) -> Evidence:
    first, *rest = given.drawn_enterprises
    row = replace(first, ticket="0" * 64)
    needs = tuple(
        replace(n, ticket=row.ticket) if n.requirement_id == f"{row.task_id}:{row.enterprise_id}" else n
        for n in given.requirements
    )
    return replace(given, drawn_enterprises=(row, *rest), requirements=needs)


def reserve_gone(given: Evidence) -> Evidence:
    gone = next(row for row in given.drawn_enterprises if not row.drawn)
    return replace(given, drawn_enterprises=tuple(row for row in given.drawn_enterprises if row != gone))


def cutoff_changed(given: Evidence) -> Evidence:
    first, *rest = given.cutoffs
    return replace(given, cutoffs=(replace(first, cutoff="f" * 64), *rest))


def person_rank(given: Evidence) -> Evidence:
    first, *rest = given.people
    return replace(given, people=(replace(first, rank=first.rank + 10), *rest))


def other_draw(given: Evidence) -> Evidence:
    return replace(given, draw_sha256="a" * 64)


def requirement_window(given: Evidence) -> Evidence:
    needs = tuple(
        replace(n, risk_class="A") if n.requirement_id == "T-work:E06" else n for n in given.requirements
    )
    return refreshed(replace(given, requirements=needs))


def requirement_gone(given: Evidence) -> Evidence:
    needs = tuple(n for n in given.requirements if n.requirement_id != "T-work:E06")
    return refreshed(replace(given, requirements=needs))


def longer_visit(given: Evidence) -> Evidence:
    longer = with_visit(given, WORK, lambda visit: replace(visit, duration_min=visit.duration_min + 15))
    return moved(longer, WORK, end_min=officer(given, WORK).end_min + 15)


def false_second_door(given: Evidence) -> Evidence:
    row = SecondDoor(
        enterprise_id="E06", n_visits=2, reason="merge.reason_window", proof="pairwise", witness=()
    )
    return replace(given, merge_report=replace(given.merge_report, second_doors=(row,)))


def merge_figure(given: Evidence) -> Evidence:
    return replace(given, merge_report=replace(given.merge_report, doors_unmerged=99))


def goal(number: int, **changes: object) -> Change:
    def change(given: Evidence) -> Evidence:
        goals = tuple(
            replace(one, **changes) if one.goal == number else one  # type: ignore[arg-type]
            for one in given.solve_report.goals
        )
        return replace(given, solve_report=replace(given.solve_report, goals=goals))

    return change


def goal_missing(given: Evidence) -> Evidence:
    report = given.solve_report
    return replace(given, solve_report=replace(report, goals=report.goals[1:]))


def teams(**changes: bool) -> Change:
    return lambda given: with_settings(given, teams=Teams(**changes))
