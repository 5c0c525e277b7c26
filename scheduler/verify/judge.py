"""The judge: one check per rule, all of them looked at, none of them trusting another room.

In: :class:`Evidence`. Out: :class:`Findings`.
"""

from collections.abc import Callable

from scheduler.verify import conservation, drawing, goals, merging, people, plan, teams, times
from scheduler.verify.census import take_census
from scheduler.verify.evidence import Cases, Evidence, Findings
from scheduler.verify.facts import Facts, facts_of

CHECKS: dict[str, Callable[[Facts], Cases]] = {
    "plan": plan.plan_holds,
    "draw": drawing.draw_holds,
    "merge": merging.merge_holds,
    "R01": people.drawn_enterprises_only,
    "R02": people.drawn_people_only,
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
    "R15": plan.LaterCheck("R15", "leader_required", "newcomer_with_senior"),
    "R16": plan.LaterCheck("R16", "fixed_groups"),
    "R17": teams.published_items_only,
    "R18": conservation.everything_accounted_for,
    "R19": plan.LaterCheck("R19"),
    "goal": goals.goals_agree,
}
"""Every rule of the register and every check beside it to the function that looks at it."""


def check(evidence: Evidence) -> Findings:
    """All checks over the evidence, in the order of :data:`CHECKS`.

    Where the settings themselves are unusable (``verify.setting_bad``) nothing else can be computed, and
    only that is told.
    """
    bad = tuple(plan.settings_are_usable(evidence.plan.settings))
    if bad:
        return _unusable(bad, len(evidence.requirements))
    facts = facts_of(evidence, take_census(evidence))
    tallies = [look(facts) for look in CHECKS.values()]
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
