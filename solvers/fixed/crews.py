"""Fewest officers where dates and starts are fixed: a proven least number, then a deal that reaches it.

In: facts, jobs, work units. Out: who takes which job, the bound, units spent. May import: ``solvers.facts``,
the compiled search and its tables.

Nobody can do with fewer officers than have work at the same minute. That number is tried first, then one more
at a time; what work is left goes into one fewer. Parts of the campaign that share nobody are searched alone.
"""

from collections.abc import Sequence
from itertools import accumulate, islice
from typing import NamedTuple

from scheduler.domain.ports import Progress
from solvers.facts import Facts
from solvers.fixed.jobs import MOST_PAIRS, Job, clashes
from solvers.fixed.tables import deal_of, ground_of, join
from solvers.fixed.tabu import BEST, LOOKS, NOBODY, Deal, Ground, search

MOST_CELLS = 20_000_000
"""Pairs of a job and anybody of its part: the tables take 17 bytes for each, about 340 MB."""
LOOKS_PER_UNIT = 200_000_000
"""Entries that the search looks at for one work unit: about a second of one core."""
LOOKS_PER_JOB = 1_000_000
"""At most so many for one unit and job: a handful of jobs is soon looked through."""
PATIENCE = 20_000
"""Steps without a better deal after which one officer is exchanged for another."""
STARTS, START_SHARE, GROWING_SHARE = 4, 8, 16
"""The least number gets four starts with an eighth of the budget each, every one more a sixteenth, one fewer
what is left."""
OFFICERS = 4


class Crew(NamedTuple):
    """Who takes each job, the fewest officers that can do it at all, and work units spent."""

    taken: tuple[int, ...]
    bound: int
    work_units: int


class Part(NamedTuple):
    """Jobs that hang together by the people who may take them: positions, their clashes, their people."""

    jobs: tuple[int, ...]
    clashes: tuple[tuple[int, int], ...]
    people: tuple[int, ...]


def fewest(facts: Facts, jobs: Sequence[Job], units: int, progress: Progress | None = None) -> Crew | None:
    """As few officers as the work units find, or nothing where not everything could be dealt out, where the
    tables would be too large, or where an officer and an expert could take the same seat.

    Experts do not count (goal 4): of a part with experts any deal will do.
    """
    pairs = tuple(islice(clashes(facts, jobs), MOST_PAIRS + 1))
    parts = parts_of(jobs, pairs)
    cells = sum(len(part.jobs) * len(part.people) for part in parts)
    if len(pairs) > MOST_PAIRS or cells > MOST_CELLS:
        return None
    if any(at_once([jobs[at] for at in part.jobs]) > len(part.people) for part in parts):
        return None
    taken, bound, spent = [NOBODY] * len(jobs), 0, 0
    for part in parts:
        kinds = {facts.people[person].department_idx >= 0 for person in part.people}
        least = at_once([jobs[at] for at in part.jobs]) if kinds == {True} else len(part.people)
        looks = units * len(part.jobs) * min(LOOKS_PER_JOB, LOOKS_PER_UNIT // len(jobs))
        dealt, used = _deal(part, jobs, least, looks)
        if dealt is None or len(kinds) > 1:
            return None
        for at, person in zip(part.jobs, dealt, strict=True):
            taken[at] = person
        bound += least if kinds == {True} else 0
        spent += used
        if progress is not None:
            progress("solve.goal", goal=OFFICERS, done=spent // LOOKS_PER_UNIT, total=units)
    return Crew(tuple(taken), bound, -(-spent // LOOKS_PER_UNIT))


def at_once(jobs: Sequence[Job]) -> int:
    """Most jobs under way at one minute: the largest clique of their intervals."""
    steps = sorted([(job.begin, 1) for job in jobs] + [(job.end, -1) for job in jobs])
    return max(accumulate(change for _, change in steps), default=0)


def parts_of(jobs: Sequence[Job], pairs: Sequence[tuple[int, int]]) -> tuple[Part, ...]:
    """The campaign's parts by their first job; jobs by position, people ascending."""
    root: dict[int, int] = {}
    for job in jobs:
        join(root, job.able)
    leader = [join(root, job.able[:1]) for job in jobs]
    members: dict[int, list[int]] = {}
    for at, first in enumerate(leader):
        members.setdefault(first, []).append(at)
    inside: dict[int, list[tuple[int, int]]] = {first: [] for first in members}
    for one, other in pairs:
        if leader[one] == leader[other]:
            inside[leader[one]].append((one, other))
    return tuple(
        Part(tuple(own), tuple(inside[first]), tuple(sorted({p for at in own for p in jobs[at].able})))
        for first, own in members.items()
    )


def _deal(part: Part, jobs: Sequence[Job], least: int, looks: int) -> tuple[tuple[int, ...] | None, int]:
    """Who takes the part's jobs, nothing where some stay open; entries looked at."""
    ground = ground_of(part.jobs, [jobs[at].able for at in part.jobs], part.clashes, part.people)
    found, size = None, least
    deal, spent = _start_anew(ground, least, looks // START_SHARE)
    while deal.tally[BEST] and size < len(part.people):
        size += 1
        one_more(ground, deal)
        search(ground, deal, int(deal.tally[LOOKS]) + looks // GROWING_SHARE, PATIENCE)
    while True:
        spent += int(deal.tally[LOOKS])
        if deal.tally[BEST]:
            break
        found, size = deal.best_taken.tolist(), size - 1
        if size < least or spent >= looks:
            break
        deal = deal_of(ground, size, seed=STARTS + len(part.people) - size)
        search(ground, deal, looks - spent, PATIENCE)
    return None if found is None else tuple(part.people[at] for at in found), spent


def _start_anew(ground: Ground, size: int, looks: int) -> tuple[Deal, int]:
    """The first of some starts that leaves nothing open, else the last; entries that those before it looked
    at. Which start is a lucky one differs from campaign to campaign."""
    spent = 0
    for seed in range(STARTS):
        deal = deal_of(ground, size, seed)
        search(ground, deal, looks, PATIENCE)
        if not deal.tally[BEST] or seed == STARTS - 1:
            break
        spent += int(deal.tally[LOOKS])
    return deal, spent


def one_more(ground: Ground, deal: Deal) -> None:
    """Who may take most of the open jobs joins; among equals the first."""
    waiting = deal.open[: deal.tally[0]]
    useful = ground.may[waiting].sum(axis=0) * (1 - deal.active) - deal.active
    deal.active[int(useful.argmax())] = 1
