"""The judge: one check per rule, all of them looked at, none of them trusting another room.

In: :class:`Evidence`. Out: :class:`Findings`.
"""

from collections.abc import Callable

from scheduler.verify import (
    capped,
    conservation,
    drawing,
    goals,
    late,
    leaders,
    merging,
    people,
    plan,
    reserves,
    teams,
    times,
)
from scheduler.verify.crowd import census_of
from scheduler.verify.evidence import Cases, Evidence, Findings
from scheduler.verify.facts import Facts, facts_of

CHECKS: dict[str, Callable[[Facts], Cases]] = {
    "plan": plan.plan_holds,
    "draw": drawing.draw_holds,
    "merge": merging.merge_holds,
    "R01": people.drawn_enterprises_only,
    "R02": reserves.people_in_force_only,
    "R03": teams.enough_officers,
    "R04": people.certificate_valid,
    "R05": teams.every_item_covered,
    "R06": teams.experts_present,
    "R07": people.no_barred_pair,
    "R08": people.inside_jurisdiction,
    "R09": times.nobody_in_two_places,
    "R10": times.within_limits,
    "R11": times.on_duty,
    "R12": times.in_window,
    "R13": teams.all_teams_together,
    "R14": people.below_annual_cap,
    "R15": leaders.led_and_guided,
    "R16": leaders.fixed_groups_together,
    "R17": teams.published_items_only,
    "R18": conservation.everything_accounted_for,
    "R19": capped.admitted_pairs_only,
    "goal": goals.goals_agree,
}
"""Every rule of the register and every check beside it to the function that looks at it."""

DRAWN_ALONE = frozenset({"plan", "draw", "merge", "R14", "R18", "R19", "goal"})
"""What looks at the draw and its roster without the orders made after it; all else sees both together."""


def check(evidence: Evidence, *, processes: int = 1) -> Findings:
    """All checks over the evidence, in the order of :data:`CHECKS`.

    Where the settings themselves are unusable (``verify.setting_bad``) nothing else can be computed, and
    only that is told. The same for any number of processes.
    """
    bad = tuple(plan.settings_are_usable(evidence.plan.settings))
    if bad:
        return _unusable(bad, len(evidence.requirements))
    facts = facts_of(evidence, census_of(evidence, processes=processes))
    whole = facts_of(late.with_late(evidence), facts.census) if evidence.late else facts
    tallies = [look(facts if name in DRAWN_ALONE else whole) for name, look in CHECKS.items()]
    if evidence.late:
        more = late.orders_after_the_draw(facts, whole)
        next(tally for tally in tallies if tally.rule == more.rule).absorb(more)
    left = {row.requirement_id for row in evidence.unscheduled} & set(facts.requirements)
    judged = goals.judged_goals(facts)
    return Findings(
        rules=tuple(tally.verdict() for tally in tallies),
        violations=tuple(violation for tally in tallies for violation in tally.violations),
        goals=judged,
        n_requirements=len(facts.requirements),
        n_served=sum(next((goal.value for goal in judged if goal.goal == 1), ())),
        n_unscheduled=len(left),
    )


def _unusable(bad: tuple[str, ...], n_requirements: int) -> Findings:
    cases = Cases("plan")
    for name in bad:
        cases.look(False, "verify.setting_bad", setting=name)
    return Findings(
        rules=(cases.verdict(),),
        violations=tuple(cases.violations),
        goals=(),
        n_requirements=n_requirements,
        n_served=0,
        n_unscheduled=0,
    )
