"""The register of mutations: each breaks one rule of lawful evidence, and says which checks must notice.

``expected`` holds more than one rule only where they necessarily fall together; ``why`` says so.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from verify.changes import (
    FOOD,
    SATURDAY,
    WORK,
    Change,
    barred_enterprise,
    barred_team,
    certificate_expired,
    closed,
    cutoff_changed,
    department_late,
    expert_as_officer,
    expert_missing,
    expert_on_leave,
    expert_unasked,
    false_second_door,
    frame_class,
    frame_row_gone,
    goal,
    goal_missing,
    idle_department,
    inspected_this_year,
    limit,
    longer_visit,
    merge_figure,
    moved,
    no_time_to_travel,
    officer_missing,
    officer_without_certificate,
    on_leave,
    one_for_each_item,
    other_centre,
    other_cosine,
    other_departments_officer,
    other_draw,
    other_seed,
    own_limit,
    person_rank,
    pool_reserves,
    quiet,
    requirement_gone,
    requirement_window,
    reserve_gone,
    seed_line_more,
    stratum_quota,
    teams,
    ticket_changed,
    too_short,
    two_at_once,
    two_ends,
    undrawn_enterprise,
    undrawn_person,
    unknown_unscheduled,
    unknown_visit,
    unpublished_item,
    unqualified,
    unscheduled_for,
    vanished,
    weak_entropy,
    with_exclusion,
)
from verify.evidence import evidence, five_of_six, wide_registers
from verify.staffed import cap_told, only_newcomers, staffed, swapped, with_pairs

from scheduler.domain.settings import Exclusions, Pairs
from scheduler.verify import Evidence


@dataclass(frozen=True, kw_only=True)
class Mutation:
    name: str
    change: Change
    expected: frozenset[str]
    code: str
    why: str = ""
    given: str = "plain"
    """Which lawful evidence it changes; see :func:`lawful`."""


def mutation(
    name: str, change: Change, expected: str, code: str, why: str = "", *, given: str = "plain"
) -> Mutation:
    rules = frozenset(expected.split())
    return Mutation(name=name, change=change, expected=rules, code=code, why=why, given=given)


MUTATIONS = (
    mutation(
        "a visited enterprise is only a reserve",
        undrawn_enterprise,
        "R01 draw merge",
        "verify.not_drawn",
        "the table says reserve where the ticket says drawn, and a requirement stands for a row not drawn",
    ),
    mutation("a visit nobody merged", unknown_visit, "R01", "verify.visit_unknown"),
    mutation("an officer who was not drawn", undrawn_person, "R02", "verify.person_not_drawn"),
    mutation("one officer alone", officer_missing, "R03", "verify.too_few_officers"),
    mutation("an officer without certificate", officer_without_certificate, "R03", "verify.too_few_officers"),
    mutation("a department without an item", idle_department, "R03", "verify.seat_without_item"),
    mutation(
        "a certificate that ended the day before", certificate_expired, "R04", "verify.certificate_expired"
    ),
    mutation("nobody with the qualification", unqualified, "R05", "verify.item_uncovered"),
    mutation(
        "one officer for two items",
        one_for_each_item,
        "R03 R05",
        "verify.item_uncovered",
        "two items of two officers are always covered one by one, so one of them has to be missing",
    ),
    mutation("no expert", expert_missing, "R06", "verify.expert_missing"),
    mutation("an expert nobody asked for", expert_unasked, "R06", "verify.expert_unasked"),
    mutation(
        "an expert in an officer's seat",
        expert_as_officer,
        "R02 R03 R06",
        "verify.expert_as_officer",
        "he was drawn as an expert only, and leaves one officer too few",
    ),
    mutation("a recusal applied for", barred_enterprise, "R07", "verify.barred_enterprise"),
    mutation("relatives in one team", barred_team, "R07", "verify.barred_team"),
    mutation("another department's officer", other_departments_officer, "R08", "verify.outside_jurisdiction"),
    mutation("neighbours help, and none is named", teams(neighbours_help=True), "plan", "verify.neighbour"),
    mutation("one team at two doors", two_at_once, "R09", "verify.two_places"),
    mutation("no time for the way", no_time_to_travel, "R09", "verify.two_places"),
    mutation("too many minutes a day", limit(minutes_day=30), "R10", "verify.over_limit"),
    mutation("too many visits a week", limit(visits_week=1), "R10", "verify.over_limit"),
    mutation("too many minutes a week", limit(minutes_week=41), "R10", "verify.over_limit"),
    mutation("too many visits in all", limit(visits_campaign=1), "R10", "verify.over_limit"),
    mutation("too many minutes in all", limit(minutes_campaign=41), "R10", "verify.over_limit"),
    mutation("more than the officer's own limit", own_limit, "R10", "verify.over_limit"),
    mutation("an officer on duty elsewhere", on_leave, "R11", "verify.on_leave"),
    mutation("an expert on leave", expert_on_leave, "R11", "verify.on_leave"),
    mutation("a Saturday", lambda e: moved(e, WORK, day=SATURDAY), "R11", "verify.day_off"),
    mutation(
        "over lunch", lambda e: moved(e, WORK, start_min=705, end_min=760), "R11", "verify.outside_hours"
    ),
    mutation(
        "off the grid", lambda e: moved(e, WORK, start_min=841, end_min=896), "R11", "verify.outside_hours"
    ),
    mutation(
        "after the task's window",
        lambda e: moved(e, FOOD, day=dt.date(2026, 3, 12)),
        "R12",
        "verify.outside_window",
    ),
    mutation("before opening", closed, "R12", "verify.closed"),
    mutation("quiet period of the firm", quiet(enterprise_id="E06"), "R12", "verify.quiet_period"),
    mutation(
        "quiet period of its district",
        quiet(district="330182", enterprise_id="E06"),
        "R12",
        "verify.quiet_period",
    ),
    mutation("one department late", department_late, "R13", "verify.not_together"),
    mutation("shorter than due", too_short, "R13", "verify.duration"),
    mutation(
        "an enterprise at its annual cap",
        inspected_this_year,
        "R14 plan draw",
        "verify.over_cap",
        "whoever has reached the cap is out of the frame, so its stratum is smaller and others are drawn",
    ),
    mutation("a team without its leader", swapped("R15"), "R15", "verify.no_leader", given="led"),
    mutation("newcomers alone", only_newcomers, "R15", "verify.no_senior", given="led"),
    mutation("half of a fixed pair", swapped("R16"), "R16", "verify.group_split", given="led"),
    mutation(
        "a pair that no ticket admits",
        with_pairs(Pairs(cap_permille=1, fallback="none")),
        "R19",
        "verify.pair_kept_apart",
        given="capped",
    ),
    mutation("nobody told as starved", cap_told(starved=()), "R19", "verify.pair_cap", given="capped"),
    mutation(
        "a better bound than true", cap_told(bound_permille=1), "R19", "verify.pair_cap", given="capped"
    ),
    mutation("a cap the plan has not", with_pairs(Pairs()), "R19", "verify.pair_cap", given="capped"),
    mutation(
        "an item not on the list",
        unpublished_item,
        "R17 R05 merge",
        "verify.item_unpublished",
        "nobody can cover what is not on the list, and the visit is not what its requirements give",
    ),
    mutation("a requirement that vanished", vanished, "R18", "verify.vanished"),
    mutation("no room where there is room", unscheduled_for("no_room"), "R18", "verify.reason_untrue"),
    mutation("unstaffable where it is not", unscheduled_for("unstaffable"), "R18", "verify.reason_untrue"),
    mutation("visited and unscheduled", two_ends, "R18", "verify.two_ends"),
    mutation("unscheduled and unknown", unknown_unscheduled, "R18", "verify.unscheduled_unknown"),
    mutation(
        "a larger quota",
        stratum_quota,
        "plan draw",
        "verify.stratum",
        "what the plan says is drawn, then, is not what was drawn",
    ),
    mutation(
        "fewer reserves",
        pool_reserves,
        "plan draw",
        "verify.pool",
        "the draw lists a reserve more than the plan allows",
    ),
    mutation("entropy cut short", weak_entropy, "plan", "verify.entropy"),
    mutation(
        "an excluded enterprise that is active",
        with_exclusion("enterprise", "E01", "excluded.status"),
        "plan",
        "verify.exclusion_untrue",
    ),
    mutation(
        "an excluded officer who is there",
        with_exclusion("inspector", "fire-1", "excluded.absent"),
        "plan",
        "verify.exclusion_untrue",
    ),
    mutation("another cosine", other_cosine, "plan", "verify.cosine"),
    mutation("another centre", other_centre, "plan", "verify.centres"),
    mutation("an enterprise less in the frame", frame_row_gone, "plan", "verify.frame_row"),
    mutation("another class in the frame", frame_class, "plan", "verify.frame_row"),
    mutation("another ceremony", other_seed, "draw", "verify.draw_row"),
    mutation("a line more in the seed", seed_line_more, "draw", "verify.seed_text"),
    mutation("another ticket", ticket_changed, "draw", "verify.draw_row"),
    mutation("a reserve less", reserve_gone, "draw", "verify.draw_missing"),
    mutation("another cutoff", cutoff_changed, "draw", "verify.cutoff"),
    mutation("another rank in a pool", person_rank, "draw", "verify.draw_row"),
    mutation("a schedule of another draw", other_draw, "draw", "verify.other_draw"),
    mutation("another class in a requirement", requirement_window, "merge", "verify.requirement_differs"),
    mutation(
        "a requirement less",
        requirement_gone,
        "merge R01",
        "verify.requirement_missing",
        "its visit serves something that does not exist",
    ),
    mutation("a longer visit", longer_visit, "merge", "verify.visit_differs"),
    mutation("a second door that is none", false_second_door, "merge", "verify.second_door"),
    mutation("a wrong figure of doors", merge_figure, "merge", "verify.merge_figure"),
    mutation("a better travel than true", goal(3, value=(1,), bound=(1,)), "goal", "verify.goal_value"),
    mutation("a bound above the minimum", goal(3, bound=(9999,)), "goal", "verify.goal_bound"),
    mutation("a bound below the maximum", goal(1, bound=(0, 0, 0, 0)), "goal", "verify.goal_bound"),
    mutation("a proof with a gap", goal(3, bound=(1,), proved=True), "goal", "verify.goal_proof"),
    mutation("a proved lottery over unproved goals", goal(6, proved=True), "goal", "verify.lottery_proof"),
    mutation("a goal left out", goal_missing, "goal", "verify.goals_listed"),
)


@cache
def lawful(kind: str = "plain") -> Evidence:
    """Evidence that breaks nothing; every rule in force has a case in one kind of it or another."""
    if kind == "plain":
        return evidence(wide_registers(), five_of_six(exclusions=Exclusions(annual_cap=1)))
    return staffed(kind)


KINDS = ("plain", "led", "capped", "both")
