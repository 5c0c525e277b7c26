"""Whether a campaign is small enough to be solved whole.

In: facts. Out: an estimate, a decision. May import: ``solvers.facts``.
"""

from solvers.facts import Facts

EXACT_LITERALS = 10_000
"""Up to this many literals the exact model is used (measured: docs/benchmarks.md)."""


def estimated_literals(facts: Facts) -> int:
    """Literals of the exact model: two arcs per ordered pair of a person's visits, seats, days of seats."""
    visits_of: dict[int, int] = {}
    for visit in facts.visits:
        for group in visit.groups:
            for person in facts.members(group):
                visits_of[person] = visits_of.get(person, 0) + 1
    n_days = len(facts.problem.days)
    return sum(2 * count * (count + 1) + count * (1 + n_days) for count in visits_of.values())


def is_small(facts: Facts) -> bool:
    """Exact up to :data:`EXACT_LITERALS` estimated literals, else blocks; nothing else is looked at."""
    return estimated_literals(facts) <= EXACT_LITERALS
