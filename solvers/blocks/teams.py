"""Compiled: the cheapest lawful team of one group among people sorted by cost.

In: a land and a bench whose ``come`` lists are filled. Out: a cost, the team in ``bench.seats[PICK]``.
May import: ``solvers.blocks`` (land, bench, jit).
"""

# ruff: noqa: C901, SIM110, FBT001 - compiled loops: plain and whole, generators are not compiled
# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from solvers.blocks.bench import AT, CHOSEN, COST, N_COME, PERSON, PICK, SUM, Bench
from solvers.blocks.jit import jit
from solvers.blocks.land import (
    ASKED,
    BODY,
    CREW,
    CREW_SIZE,
    DISTINCT,
    FOE_AT,
    FOE_END,
    G_LEADER,
    G_SEAT_AT,
    G_SEAT_END,
    G_SENIOR,
    IS_LEADER,
    IS_NEW,
    IS_OFFICER,
    SKILLS,
    Ints,
    Land,
)

NONE = 1 << 60
"""The cost of what does not exist."""
MOST_TRIES = 5_000
"""Teams looked at for one group and start: a guard against pools where almost nobody fits."""


@jit
def are_foes(land: Land, one: int, other: int) -> bool:
    """Whether the two may not be in one team: barred from each other, or one human being (R07, R09)."""
    if land.people[one, BODY] == land.people[other, BODY]:
        return True
    for at in range(land.people[one, FOE_AT], land.people[one, FOE_END]):
        if land.lists[at] == other:
            return True
    return False


@jit
def distinctly_covered(land: Land, asked: int, team: Ints) -> bool:
    """Whether each asked skill can be covered by somebody else (Hall): whatever skills are looked at, at
    least as many of the team hold one of them."""
    chosen = asked
    while chosen:
        holders, skills, rest = 0, 0, chosen
        while rest:
            skills += rest & 1
            rest >>= 1
        for person in team:
            holders += (land.people[person, SKILLS] & chosen) != 0
        if holders < skills:
            return False
        chosen = (chosen - 1) & asked
    return True


@jit
def has_leader(land: Land, team: Ints) -> bool:
    """Whether a leader is among them (R15)."""
    for person in team:
        if land.people[person, IS_LEADER]:
            return True
    return False


@jit
def accompanied(land: Land, team: Ints) -> bool:
    """Whether no newcomer is among the officers, or a senior beside him (R15)."""
    newcomers, seniors = 0, 0
    for person in team:
        if land.people[person, IS_OFFICER]:
            newcomers += land.people[person, IS_NEW]
            seniors += 1 - land.people[person, IS_NEW]
    return newcomers == 0 or seniors > 0


@jit
def whole(land: Land, team: Ints) -> bool:
    """Whether every fixed group of which somebody sits here sits here whole (R16)."""
    for person in team:
        crew = land.people[person, CREW]
        if crew >= 0:
            mates = 0
            for other in team:
                mates += land.people[other, CREW] == crew
            if mates != land.people[person, CREW_SIZE]:
                return False
    return True


@jit
def lawful(land: Land, group: int, team: Ints) -> bool:
    """Whether these people may be the group's team, seen alone: R05, R15, R16."""
    held, asked = 0, land.groups[group, ASKED]
    for person in team:
        held |= land.people[person, SKILLS]
    if asked & ~held:
        return False
    if land.scale[DISTINCT] and asked and not distinctly_covered(land, asked, team):
        return False
    if land.groups[group, G_LEADER] and not has_leader(land, team):
        return False
    if land.groups[group, G_SENIOR] and not accompanied(land, team):
        return False
    return whole(land, team)


@jit
def cheapest_team(
    land: Land, bench: Bench, group: int, place: int, before: int, limit: int, leader: bool
) -> int:
    """Cost of the group's cheapest team below the limit, or :data:`NONE`; it stands in the bench from seat
    ``before`` on, after the teams of the visit's earlier groups. ``place`` is the group's position; with
    ``leader`` it must bring one."""
    n_seats = land.groups[group, G_SEAT_END] - land.groups[group, G_SEAT_AT]
    if n_seats == 0:
        return 0
    pick, chosen, at, cost_at = bench.seats[PICK], bench.seats[CHOSEN], bench.seats[AT], bench.seats[SUM]
    found, depth, tries, n_come = NONE, 0, 0, bench.group[place, N_COME]
    at[0], cost_at[0] = -1, 0
    while depth >= 0 and tries < MOST_TRIES:
        tries += 1
        at[depth] += 1
        missing = n_seats - depth
        if at[depth] > n_come - missing:
            depth -= 1
            continue
        person, cost = bench.come[place, at[depth], PERSON], bench.come[place, at[depth], COST]
        if cost_at[depth] + cost * missing >= limit:
            depth -= 1
            continue
        free = True
        for seat in range(before + depth):
            if are_foes(land, person, pick[seat]):
                free = False
        if not free:
            continue
        pick[before + depth] = person
        if missing > 1:
            at[depth + 1] = at[depth]
            cost_at[depth + 1] = cost_at[depth] + cost
            depth += 1
            continue
        team = pick[before : before + n_seats]
        if lawful(land, group, team) and (not leader or has_leader(land, team)):
            found = limit = cost_at[depth] + cost
            for seat in range(before, before + n_seats):
                chosen[seat] = pick[seat]
    if found < NONE:
        for seat in range(before, before + n_seats):
            pick[seat] = chosen[seat]
    return found
