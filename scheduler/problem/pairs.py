"""Seat groups, seed and the committed cap in; whom the cap admits, who is starved and the bound out (R19).

May import: the domain and this room. The contract is ``docs/reference/pair-cap.md``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from math import ceil, comb

from scheduler.domain.problem import SeatGroup
from scheduler.domain.settings import Settings
from scheduler.problem.lottery import ticket
from scheduler.problem.seats import Staff
from scheduler.problem.sizes import LEADER, SENIOR

ALL_TICKETS = 1 << 256
"""A ticket is one of so many numbers."""


@dataclass(frozen=True, kw_only=True)
class Capped:
    """The groups without those whom the cap does not admit; whether each group was starved; the bound."""

    groups: tuple[tuple[SeatGroup, ...], ...]
    starved: tuple[tuple[int, int], ...]
    bound_permille: int


@dataclass(frozen=True, kw_only=True)
class PairCapper:
    """Applies the cap to one visit after the other. ``names`` is each fixed group's own name by member: it is
    admitted or not as one, under its name. ``asked`` are R15's flags; ``known`` remembers tickets."""

    seed: str
    settings: Settings
    staff: Staff
    names: Mapping[int, str]
    asked: int
    known: dict[tuple[str, str], int] = field(default_factory=dict)

    def capped(self, visits: Sequence[tuple[str, tuple[SeatGroup, ...]]]) -> Capped:
        """All visits, each with its enterprise; experts are not capped."""
        made, starved, bound = [], [], Fraction(self.settings.pairs.cap_permille, 1000)
        for at, (enterprise_id, groups) in enumerate(visits):
            own = list(groups)
            for place, group in enumerate(groups):
                if group.department_idx < 0:
                    continue
                admitted, short, likely = self._admitted(enterprise_id, group)
                everyone = self.staff.candidates(group.pools, ())
                own[place] = replace(group, barred=tuple(n for n in everyone if n not in admitted))
                bound = max(bound, likely)
                starved += [(at, place)] if short else []
            made.append(tuple(own))
        return Capped(groups=tuple(made), starved=tuple(starved), bound_permille=ceil(1000 * bound))

    def _admitted(self, enterprise_id: str, group: SeatGroup) -> tuple[frozenset[int], bool, Fraction]:
        """Who may come, whether some count was short, and the bound on anybody's chance to be admitted."""
        pairs = self.settings.pairs
        threshold = ALL_TICKETS * pairs.cap_permille
        order = sorted(
            dict.fromkeys(
                (self._ticket(enterprise_id, n), self.staff.mates.get(n, (n,)))
                for n in self.staff.candidates(group.pools, group.barred)
            )
        )
        admitted = {n for place, unit in order if 1000 * place < threshold for n in unit}
        more: set[int] = set()
        short, cap = False, Fraction(pairs.cap_permille, 1000)
        likely = cap
        for wanted, least in self._counts(group, order):
            units = [unit for _, unit in order if wanted.intersection(unit)]
            first = _first(units, wanted, least)
            short = short or len(wanted & admitted) < least
            more.update(n for unit in units[:first] for n in unit)
            likely += _expected(len(units), min(least, len(units)), pairs.cap_permille) - cap
        if pairs.fallback == "none":
            return frozenset(admitted), short, cap
        return frozenset(admitted | more), short, min(Fraction(1), likely)

    def _ticket(self, enterprise_id: str, person: int) -> int:
        name = self.names.get(person) or self.staff.people[person].person_id
        key = enterprise_id, name
        if key not in self.known:
            text = ticket(
                self.seed,
                "P",
                self.settings.campaign_id,
                f"{enterprise_id}:{name}",
                self.settings.profile,
            )
            self.known[key] = int(text, 16)
        return self.known[key]

    def _counts(
        self, group: SeatGroup, order: Sequence[tuple[int, tuple[int, ...]]]
    ) -> Iterator[tuple[frozenset[int], int]]:
        """Candidates who count for something, and how many of them there have to be: all of them for the
        seats; who hold a skill, who lead, who are no newcomers. Sets without anybody and sets equal to an
        earlier one are left out."""
        spare, people = self.settings.pairs.spare, self.staff.people
        everyone = frozenset(n for _, unit in order for n in unit)
        sets = {everyone: spare * group.n_seats}
        for skill in group.skills:
            sets.setdefault(frozenset(n for n in everyone if people[n].skills >> skill & 1), spare)
        if self.asked & LEADER:
            sets.setdefault(frozenset(n for n in everyone if people[n].is_leader), spare)
        if self.asked & SENIOR:
            sets.setdefault(frozenset(n for n in everyone if not people[n].is_newcomer), spare)
        return ((wanted, min(least, len(wanted))) for wanted, least in sets.items() if wanted)


def _first(units: Sequence[tuple[int, ...]], wanted: frozenset[int], least: int) -> int:
    """How many of the units, smallest ticket first, it takes to have so many of the wanted."""
    have = 0
    for at, unit in enumerate(units):
        if have >= least:
            return at
        have += len(wanted.intersection(unit))
    return len(units)


@cache
def _expected(n_units: int, least: int, cap_permille: int) -> Fraction:
    """The chance of one of ``n_units`` with equal chances to be among those under the threshold or the
    ``least`` smallest: E[max(B, least)] / n with B binomial.

    E[max(B, s)] = s + Σ_{k > s} (k - s) · C(n, k) · q^k · (1 - q)^(n - k).
    """
    chance = Fraction(cap_permille, 1000)
    shares = (
        (k - least) * comb(n_units, k) * chance**k * (1 - chance) ** (n_units - k)
        for k in range(least + 1, n_units + 1)
    )
    above = sum(shares, Fraction(0))
    return (least + above) / n_units
