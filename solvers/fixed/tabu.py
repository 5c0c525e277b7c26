"""Compiled: everybody's jobs dealt to a given number of officers, by taking back what is in the way.

In: tables of one component, a budget of looks. Out: the tables changed in place. May import: NumPy, the
compiled dice. Integers only, nothing allocated, one stream of dice: the same bytes everywhere.

A list colouring of an interval graph, searched as partial colourings: an open job goes where it displaces
least, what it displaces may not return there for a while (PartialCol: Blöchliger and Zufferey, Computers &
Operations Research 35, 2008). What a job weighs grows whenever it had to displace others, so that the search
finds out by itself which jobs are hard to place (measured: docs/adr/0028-fixed-starts.md).
"""

# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from typing import NamedTuple

from solvers.blocks.dice import below
from solvers.blocks.jit import jit
from solvers.blocks.land import Flags, Ints, Shorts

NOBODY = -1
SHORTEST_REST, SPREAD_REST = 5, 10
"""A displaced job may not return to where it was for so many steps and a thrown part of the spread, and six
more per ten open jobs (Galinier and Hao, Journal of Combinatorial Optimization 3, 1999)."""
EXCHANGE_TRIES = 60
SPREAD_REPLACED = 8
FAR = 1 << 60

N_OPEN, STEPS, LOOKS, BEST, LEAST, SINCE, EXCHANGES = range(7)
"""Places in ``Deal.tally``: open jobs now, steps made, entries looked at (what the budget counts), fewest
open so far, fewest since the last exchange of officers, steps since then, exchanges made."""


class Ground(NamedTuple):
    """What never changes: jobs that clash and people who are able, as lists by job; jobs by person."""

    clash_at: Ints
    clash: Shorts
    able_at: Ints
    able: Shorts
    own_at: Ints
    own: Shorts
    may: Flags


class Deal(NamedTuple):
    """Who has which job. ``blocked[person, job]`` is what the person's jobs that clash with it weigh;
    ``rest[job, person]`` the step until which the job may not return."""

    taken: Shorts
    active: Flags
    blocked: Ints
    weight: Ints
    rest: Ints
    replaced: Ints
    open: Shorts
    best_taken: Shorts
    best_active: Flags
    tally: Ints
    dice: Ints
    move: Ints


@jit
def give(ground: Ground, deal: Deal, job: int, person: int) -> None:
    """The job to the person."""
    deal.taken[job] = person
    for at in range(ground.clash_at[job], ground.clash_at[job + 1]):
        deal.blocked[person, ground.clash[at]] += deal.weight[job]


@jit
def take_back(ground: Ground, deal: Deal, job: int) -> None:
    """The job from whoever has it; it is open then."""
    person = deal.taken[job]
    deal.taken[job] = NOBODY
    for at in range(ground.clash_at[job], ground.clash_at[job + 1]):
        deal.blocked[person, ground.clash[at]] -= deal.weight[job]
    deal.open[deal.tally[N_OPEN]] = job
    deal.tally[N_OPEN] += 1


@jit
def cheapest(ground: Ground, deal: Deal) -> int:
    """Position among the open jobs of the best move, its person in ``move``, its cost in ``move``; -1 where
    every move rests."""
    tally, least, ties, chosen = deal.tally, FAR, 0, -1
    for at in range(tally[N_OPEN]):
        job = deal.open[at]
        first, last = ground.able_at[job], ground.able_at[job + 1]
        tally[LOOKS] += last - first
        for place in range(first, last):
            person = ground.able[place]
            if not deal.active[person]:
                continue
            blocked = deal.blocked[person, job]
            cost = blocked - deal.weight[job]
            if cost > least:
                continue
            rests = deal.rest[job, person] > tally[STEPS]
            if rests and (blocked > 0 or tally[N_OPEN] > tally[BEST]):
                continue
            ties = 1 if cost < least else ties + 1
            if ties == 1 or below(deal.dice, ties) == 0:
                least, chosen = cost, at
                deal.move[0] = person
    deal.move[1] = least
    return chosen


@jit
def place(ground: Ground, deal: Deal, at: int, person: int) -> None:
    """The open job at this position to the person; what it displaces is open and rests."""
    tally = deal.tally
    job = deal.open[at]
    tally[N_OPEN] -= 1
    deal.open[at] = deal.open[tally[N_OPEN]]
    tally[LOOKS] += ground.clash_at[job + 1] - ground.clash_at[job]
    if deal.blocked[person, job] > 0:
        for spot in range(ground.clash_at[job], ground.clash_at[job + 1]):
            other = ground.clash[spot]
            if deal.taken[other] == person:
                take_back(ground, deal, other)
                thrown = below(deal.dice, SPREAD_REST)
                deal.rest[other, person] = tally[STEPS] + SHORTEST_REST + thrown + tally[N_OPEN] * 6 // 10
    give(ground, deal, job, person)


@jit
def weigh_more(ground: Ground, deal: Deal, job: int) -> None:
    """One more for a job that has somebody."""
    person = deal.taken[job]
    deal.weight[job] += 1
    for at in range(ground.clash_at[job], ground.clash_at[job + 1]):
        deal.blocked[person, ground.clash[at]] += 1


@jit
def loss(ground: Ground, deal: Deal, leaves: int, comes: int) -> int:
    """Weight of the jobs that could not be handed over, less the open jobs that the newcomer may take."""
    cost = 0
    for at in range(ground.own_at[leaves], ground.own_at[leaves + 1]):
        job = ground.own[at]
        if deal.taken[job] == leaves and not ground.may[job, comes]:
            cost += deal.weight[job]
    for at in range(deal.tally[N_OPEN]):
        cost -= ground.may[deal.open[at], comes]
    return cost


@jit
def exchange(ground: Ground, deal: Deal) -> None:
    """The best of some thrown pairs: one who waits takes the place of one who goes."""
    tally, dice = deal.tally, deal.dice
    n_people = len(deal.active)
    tally[EXCHANGES] += 1
    least, chosen_out, chosen_in = FAR, -1, -1
    for _ in range(EXCHANGE_TRIES):
        comes, leaves = below(dice, n_people), below(dice, n_people)
        if deal.active[comes] or not deal.active[leaves]:
            continue
        if max(deal.replaced[comes], deal.replaced[leaves]) > tally[EXCHANGES]:
            continue
        tally[LOOKS] += ground.own_at[leaves + 1] - ground.own_at[leaves]
        cost = loss(ground, deal, leaves, comes)
        if cost < least:
            least, chosen_out, chosen_in = cost, leaves, comes
    if chosen_in >= 0:
        hand_over(ground, deal, chosen_out, chosen_in)
        for person in (chosen_out, chosen_in):
            deal.replaced[person] = tally[EXCHANGES] + 1 + below(dice, SPREAD_REPLACED)


@jit
def hand_over(ground: Ground, deal: Deal, leaves: int, comes: int) -> None:
    """One officer's jobs to another who had none, as far as he may; the others are open."""
    for at in range(ground.own_at[leaves], ground.own_at[leaves + 1]):
        job = ground.own[at]
        if deal.taken[job] == leaves:
            take_back(ground, deal, job)
            if ground.may[job, comes]:
                deal.tally[N_OPEN] -= 1
                give(ground, deal, job, comes)
    deal.active[leaves], deal.active[comes] = 0, 1


@jit
def keep_best(deal: Deal) -> None:
    """Remember the deal where it has fewer open jobs than any before."""
    tally = deal.tally
    if tally[N_OPEN] < tally[LEAST]:
        tally[LEAST] = tally[N_OPEN]
        tally[SINCE] = 0
    if tally[N_OPEN] < tally[BEST]:
        tally[BEST] = tally[N_OPEN]
        for job in range(len(deal.taken)):
            deal.best_taken[job] = deal.taken[job]
        for person in range(len(deal.active)):
            deal.best_active[person] = deal.active[person]


@jit
def search(ground: Ground, deal: Deal, looks: int, patience: int) -> None:
    """Until nothing is open or so many entries were looked at; officers are exchanged where ``patience``
    steps brought nothing."""
    tally = deal.tally
    keep_best(deal)
    while tally[LOOKS] < looks and tally[N_OPEN] > 0:
        tally[STEPS] += 1
        tally[SINCE] += 1
        tally[LOOKS] += 1
        if tally[SINCE] > patience:
            exchange(ground, deal)
            tally[SINCE], tally[LEAST] = 0, FAR
        chosen = cheapest(ground, deal)
        if chosen >= 0:
            job = deal.open[chosen]
            place(ground, deal, chosen, deal.move[0])
            if deal.move[1] >= 0:
                weigh_more(ground, deal, job)
        keep_best(deal)
