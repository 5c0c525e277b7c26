"""R19: only admitted pairs, and the truth about the starved and the bound.

In: :class:`Facts`. Out: cases.
"""

from fractions import Fraction
from math import ceil

from scheduler.domain.schedule import PairCap
from scheduler.verify.evidence import Cases
from scheduler.verify.facts import Facts
from scheduler.verify.paircap import admission, is_capped, under_threshold
from scheduler.verify.vacancy import unlimited_groups


def admitted_pairs_only(facts: Facts) -> Cases:
    """R19: with a pair cap, only pairs whose P-ticket admits them, or that the committed fallback adds where
    a count over committed facts starves a visit; who was starved and the bound are told as they are."""
    cases = Cases("R19")
    told = facts.evidence.solve_report.pair_cap
    if not is_capped(facts):
        if told is not None:
            cases.broken("verify.pair_cap", bound=1000, starved=0)
        return cases
    starved: list[str] = []
    bound = Fraction(facts.settings.pairs.cap_permille, 1000)
    for visit in facts.evidence.visits:
        owners = sorted(set(visit.department_ids))
        for owner, group in zip(owners, unlimited_groups(facts, visit), strict=True):
            found = admission(facts, visit, group.candidates, group.needs, group.n_seats)
            bound = max(bound, found.bound)
            if found.starved:
                starved.append(f"{visit.visit_id}/{owner}")
            for seat in facts.seats.get(visit.visit_id, ()):
                if seat.role == "officer" and seat.department_id == owner:
                    person = seat.person_id
                    lawful = person in found.people or under_threshold(facts, visit.enterprise_id, person)
                    cases.look(lawful, "verify.pair_kept_apart", visit=visit.visit_id, person=person)
    due = PairCap(bound_permille=ceil(1000 * bound), starved=tuple(sorted(starved)))
    cases.look(told == due, "verify.pair_cap", bound=due.bound_permille, starved=len(starved))
    return cases
