"""How much memory a solve will take, told before anything large is made.

In: facts, the number of processes. Out: megabytes; a refusal above a limit. May import:
``scheduler.domain``, ``solvers.facts``, ``solvers.size``.

An upper estimate by what is counted below, from measured sizes (docs/benchmarks-executors.md); it refuses
what cannot work, it does not predict.
"""

import os

from scheduler.domain.errors import InputError, refuse
from scheduler.domain.ports import Progress
from solvers.facts import Facts
from solvers.size import estimated_literals, is_small

MB = 1 << 20
PROCESS_MB = 320
"""Python with OR-Tools, the compiled loops and one block in CP-SAT: each process has its own."""
LITERAL_B = 12_000
"""Of the exact model: a literal with its clauses, arcs and watch lists, in presolve and search."""
VISIT_B, SEAT_B, PERSON_B = 4_000, 1_500, 3_000
"""Python objects: a visit with its place, a person's seat in it with his route, a person."""
COPIES = 3
"""The roster's tables stand in memory so many times at once: whole, walked anew, and cut into blocks."""
DAY_MIN = 24 * 60


def estimated_mb(facts: Facts, processes: int = 1) -> int:
    """Megabytes of this process and so many workers beside it (1: none) together, rounded up."""
    people, visits = facts.people, facts.visits
    seats = sum(group.n_seats for visit in visits for group in visit.groups)
    total = VISIT_B * len(visits) + SEAT_B * seats + PERSON_B * len(people)
    if is_small(facts):
        return PROCESS_MB + -(-(total + LITERAL_B * estimated_literals(facts)) // MB)
    total += COPIES * _tables(facts)
    return PROCESS_MB * (1 + processes if processes > 1 else 1) + -(-total // MB)


def _tables(facts: Facts) -> int:
    """Bytes of a roster in tables: per day and person the stops that a day can hold (see
    ``solvers.blocks.land``)."""
    if not facts.visits or not facts.people:
        return 0
    by_time = DAY_MIN // max(1, min(facts.duration))
    stops = min(by_time, max(facts.visits_day))
    return len(facts.problem.days) * len(facts.people) * (4 * (2 * stops + 4) + 2)


def refuse_too_large(facts: Facts, limit_mb: int, processes: int, progress: Progress) -> None:
    """Tell the estimate; refuse what is above the limit (0: what this machine has).

    Errors: ``solve.too_large`` (:class:`InputError`).
    """
    estimate = estimated_mb(facts, processes)
    limit = limit_mb or _machine_mb() or estimate
    progress("solve.memory", mb=estimate)
    if estimate > limit:
        raise refuse(
            InputError,
            "solve.too_large",
            mb=estimate,
            limit=limit,
            n_visits=len(facts.visits),
            n_people=len(facts.people),
            n_days=len(facts.problem.days),
        )


def _machine_mb() -> int:
    """Memory of this machine; 0 where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    except (AttributeError, OSError, ValueError):
        return 0
