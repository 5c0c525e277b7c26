"""R15 and R16 of one placement, in plain loops: who leads, who guides, who comes together.

In: facts and a placement. Out: whether it is lawful in this. May import: the domain, ``solvers.facts``,
``solvers.detours``.

Whatever prepares a first roster or a hint is held against this before the exact model trusts it.
"""

from collections.abc import Iterable, Sequence

from scheduler.domain.problem import Placement
from solvers.detours import reachable
from solvers.facts import Facts


def in_lawful_company(facts: Facts, placements: Iterable[Placement]) -> bool:
    """Whether every team has the leader and the senior it wants, and every fixed group is whole."""
    return all(_is_lawful(facts, placement) for placement in placements)


def only_lawful_company(facts: Facts, placements: Iterable[Placement]) -> tuple[Placement, ...]:
    """The placements of which that holds, without those whose people cannot get about without the others."""
    return reachable(facts, tuple(placement for placement in placements if _is_lawful(facts, placement)))


def _is_lawful(facts: Facts, placement: Placement) -> bool:
    need = facts.visits[placement.visit_idx]
    officers: list[int] = []
    for group, team in zip(need.groups, placement.teams, strict=True):
        if not _is_led(facts, team, leader=group.leader, senior=group.senior) or not facts.is_whole(team):
            return False
        officers += team if group.department_idx >= 0 else ()
    return _is_led(facts, officers, leader=need.leader, senior=need.senior)


def _is_led(facts: Facts, team: Sequence[int], *, leader: bool, senior: bool) -> bool:
    people = [facts.people[person] for person in team]
    led = not leader or any(person.is_leader for person in people)
    return led and not (senior and people and all(person.is_newcomer for person in people))
