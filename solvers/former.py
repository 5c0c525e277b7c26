"""A former roster as a start: of its placements those that are lawful here, one beside the other.

In: facts, placements from elsewhere. Out: a roster that breaks no rule. May import: ``scheduler.domain``,
``solvers`` below. What came from outside is not believed: every placement is held against every rule.
"""

from collections.abc import Iterable

from scheduler.domain.problem import Placement
from solvers.company import in_lawful_company
from solvers.facts import Facts
from solvers.roster import Roster


def roster_of(facts: Facts, placements: Iterable[Placement]) -> Roster:
    """The placements in their order, without those that are not lawful or not lawful beside the others."""
    roster = Roster(facts)
    for placement in placements:
        if _is_whole(facts, placement) and _is_free(roster, placement):
            roster.put(placement)
    return roster


def _is_whole(facts: Facts, placement: Placement) -> bool:
    """Whether visit, day, start and teams are lawful by themselves."""
    if not 0 <= placement.visit_idx < len(facts.visits):
        return False
    need = facts.visits[placement.visit_idx]
    start, beside = divmod(placement.start_min, facts.grid)
    lawful = (
        placement.day_idx in need.days
        and start >= 0
        and not beside
        and facts.starts[placement.visit_idx] >> start & 1
        and len(placement.teams) == len(need.groups)
    )
    if not lawful:
        return False
    for group, team in zip(need.groups, placement.teams, strict=True):
        members = frozenset(facts.members(group)) - frozenset(group.barred)
        if len(team) != group.n_seats or not members.issuperset(team) or not facts.covers(group, team):
            return False
    people = [person for team in placement.teams for person in team]
    bodies = {facts.body[person] for person in people}
    apart = all(other not in facts.barred_with.get(one, ()) for one in people for other in people)
    return len(bodies) == len(people) and apart and in_lawful_company(facts, [placement])


def _is_free(roster: Roster, placement: Placement) -> bool:
    """Whether all of the teams can be there beside what they have to do already."""
    visit = placement.visit_idx
    return roster.placed[visit] is None and all(
        _can_come(roster, person, placement) for team in placement.teams for person in team
    )


def _can_come(roster: Roster, person: int, placement: Placement) -> bool:
    facts, visit, day = roster.facts, placement.visit_idx, placement.day_idx
    if not facts.days_mask[person] >> day & 1:
        return False
    route = roster.routes[facts.body[person]].get(day) or roster.route(person, ())
    if len(route.stops) >= facts.visits_day[person]:
        return False
    spare = facts.minutes_day[person] - route.on_site - route.travel - facts.duration[visit]
    start = placement.start_min // facts.grid
    slots = roster.gaps(route, visit).slots
    return any(slot.starts >> start & 1 and slot.extra <= spare for slot in slots) and (
        not facts.long_limits[person] or roster.within_long_limits(person, visit, day)
    )
