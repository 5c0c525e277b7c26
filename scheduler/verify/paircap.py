"""R19: the cap on pairs of enterprise and inspector, its tickets, its counts and its bound.

In: :class:`Facts`. Out: whom the cap admits. The contract is ``docs/reference/pair-cap.md``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import comb

from scheduler.domain.hashes import digest_hex
from scheduler.domain.visits import Visit
from scheduler.verify.facts import Facts
from scheduler.verify.leaders import fixed_group, marks_of

HIGHEST = 2**256


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """Who of a department's candidates may come to a visit, whether a count was short, and the bound."""

    people: frozenset[str]
    starved: bool
    bound: Fraction


def is_capped(facts: Facts) -> bool:
    """Whether the plan has a pair cap."""
    return facts.settings.pairs.cap_permille > 0


def pair_ticket(facts: Facts, enterprise_id: str, person: str) -> int:
    """The number of a pair's ticket; a fixed group has one, under its name."""
    seed = digest_hex(facts.evidence.seed_text.encode(), facts.settings.profile)
    name = fixed_group(facts, person) or person
    text = f"{seed}|P|{facts.settings.campaign_id}|{enterprise_id}:{name}"
    return int(digest_hex(text.encode(), facts.settings.profile), 16)


def under_threshold(facts: Facts, enterprise_id: str, person: str) -> bool:
    """Whether the pair's ticket alone admits it."""
    limit = Fraction(facts.settings.pairs.cap_permille, 1000) * HIGHEST
    return pair_ticket(facts, enterprise_id, person) < limit


def admission(
    facts: Facts, visit: Visit, people: Sequence[str], needs: Iterable[frozenset[str]], n_seats: int
) -> Admission:
    """Whom the cap admits out of a department's candidates; ``needs`` are the holders of each item."""
    cap, spare = Fraction(facts.settings.pairs.cap_permille, 1000), facts.settings.pairs.spare
    tickets = {person: pair_ticket(facts, visit.enterprise_id, person) for person in people}
    by_ticket = {person for person in people if tickets[person] < cap * HIGHEST}
    everyone = frozenset(people)
    wanted = {everyone: spare * n_seats}
    for holders in (*needs, *marks_of(facts, people)):
        wanted.setdefault(holders & everyone, spare)
    admitted, starved, bound = set(by_ticket), False, cap
    for counted, least in wanted.items():
        if not counted:
            continue
        due = min(least, len(counted))
        starved = starved or len(by_ticket & counted) < due
        units = sorted({(tickets[person], fixed_group(facts, person) or person) for person in counted})
        have = 0
        for _, name in units:
            if have >= due:
                break
            group = {person for person in people if (fixed_group(facts, person) or person) == name}
            admitted |= group
            have += len(group & counted)
        bound += likelihood(len(units), min(due, len(units)), cap) - cap
    if facts.settings.pairs.fallback == "none":
        return Admission(people=frozenset(by_ticket), starved=starved, bound=cap)
    return Admission(people=frozenset(admitted), starved=starved, bound=min(bound, Fraction(1)))


@cache
def likelihood(n: int, least: int, cap: Fraction) -> Fraction:
    """How likely one of n tickets is under the threshold or among the ``least`` smallest: the mean of the
    larger of ``least`` and the binomial number under the threshold, over n."""
    mean = sum(
        (max(least, k) * comb(n, k) * cap**k * (1 - cap) ** (n - k) for k in range(n + 1)), Fraction(0)
    )
    return mean / n
