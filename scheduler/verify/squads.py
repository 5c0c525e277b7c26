"""Is there a lawful team? Every choice of people for a visit's seats, by plain enumeration.

In: who is wanted and who is free. Out: whether a team exists, and how many seats it takes at least. This
confirms the reasons of unscheduled requirements (R18); it shares nothing with a solver.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product

from scheduler.domain.visits import Visit
from scheduler.verify.facts import Facts
from scheduler.verify.ground import Point
from scheduler.verify.leaders import marks_of, mates_of
from scheduler.verify.teams import specialties

NO_MAXIMUM = 10**9
"""More people than any visit has."""
Ask = tuple[frozenset[str], bool]
"""People of whom one is wanted, and whether he may be wanted for something else as well."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Seats that must be filled together: ``n_seats`` of the candidates, who cover every need.

    ``needs`` are the sets of candidates that cover one item each; ``distinct`` asks somebody else for each.
    Of each of the ``marks`` (leaders, seniors) somebody must be among them.
    """

    n_seats: int
    candidates: tuple[str, ...]
    needs: tuple[frozenset[str], ...]
    distinct: bool
    marks: tuple[frozenset[str], ...] = ()
    is_officers: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A day and a start at which a visit may lawfully lie."""

    day: dt.date
    start_min: int


@dataclass(frozen=True, kw_only=True)
class Want:
    """One visit's demand: where, when it may be, and who may come. ``foes`` may not come together, ``mates``
    of a fixed group only so. ``marks`` are those of all the visit's officers together (R15)."""

    visit: Visit
    site: Point
    openings: tuple[Opening, ...]
    groups: tuple[Group, ...]
    foes: Mapping[str, frozenset[str]]
    mates: Mapping[str, tuple[str, ...]]
    marks: tuple[frozenset[str], ...] = ()

    @cached_property
    def people(self) -> tuple[str, ...]:
        """Everyone who might sit in the team, sorted."""
        return tuple(sorted({person for group in self.groups for person in group.candidates}))

    @cached_property
    def n_groups(self) -> Counter[str]:
        """In how many groups each of the people might sit."""
        return Counter(person for group in self.groups for person in group.candidates)

    @cached_property
    def abilities(self) -> dict[str, tuple[bool, ...]]:
        """In which groups each of the people may sit, and which needs he covers there."""
        return {
            person: tuple(
                held
                for group in self.groups
                for held in (
                    person in group.candidates,
                    *(person in some for some in (*group.needs, *group.marks)),
                )
            )
            for person in self.people
        }


def team_exists(want: Want, free: frozenset[str]) -> bool:
    """Whether the free people hold a lawful team: every group full and covered, no two foes in it, every
    fixed group whole, with the leader and the senior that the visit wants from one group or another."""
    if not want.marks:
        return _fill_groups(want, free, 0, ())
    officers = [at for at, group in enumerate(want.groups) if group.is_officers]
    return any(
        _fill_groups(_marked(want, chosen), free, 0, ())
        for chosen in product(officers, repeat=len(want.marks))
    )


def _marked(want: Want, chosen: Sequence[int]) -> Want:
    """The same with each mark asked of one group."""
    groups = list(want.groups)
    for at, mark in zip(chosen, want.marks, strict=True):
        own = mark & frozenset(groups[at].candidates)
        groups[at] = replace(groups[at], marks=(*groups[at].marks, own))
    return replace(want, groups=tuple(groups), marks=())


def _fill_groups(want: Want, free: frozenset[str], index: int, team: tuple[str, ...]) -> bool:
    if index == len(want.groups):
        return True
    group = want.groups[index]
    there = frozenset(
        p for p in group.candidates if p in free and p not in team and not _meets_foe(want, p, team)
    )
    usable = [p for p in group.candidates if p in there and there.issuperset(want.mates.get(p, ()))]
    if len(usable) < group.n_seats:
        return False
    asks = [(need, not group.distinct) for need in group.needs] + [(mark, True) for mark in group.marks]
    return any(
        _fill_groups(want, free, index + 1, (*team, *chosen))
        for chosen in _cover(want, group, usable, (), (), asks)
    )


def _meets_foe(want: Want, person: str, team: Sequence[str]) -> bool:
    foes = want.foes.get(person)
    return foes is not None and any(other in foes for other in team)


def _cover(
    want: Want,
    group: Group,
    usable: Sequence[str],
    chosen: tuple[str, ...],
    dealt: tuple[str, ...],
    asks: Sequence[Ask],
) -> Iterator[tuple[str, ...]]:
    """Lawful fillings of one group: ask after ask is given somebody, then the other seats are filled.

    ``dealt`` are those of the chosen who stand for an ask that nobody else may share. People without a foe or
    a fixed group who can do the same in every group stand for each other: one of them is tried.
    """
    if not asks:
        yield from _fill(want, group, usable, chosen)
        return
    (people, shared), rest = asks[0], asks[1:]
    if shared and any(person in people for person in chosen):
        yield from _cover(want, group, usable, chosen, dealt, rest)
        return
    for person in chosen:
        if not shared and person in people and person not in dealt:
            yield from _cover(want, group, usable, chosen, (*dealt, person), rest)
    tried: set[tuple[bool, ...]] = set()
    for person in usable:
        unit = want.mates.get(person, (person,))
        if person not in people or person in chosen or not _fits(want, group, chosen, unit):
            continue
        if not want.foes.get(person) and person not in want.mates:
            if want.abilities[person] in tried:
                continue
            tried.add(want.abilities[person])
        longer = dealt if shared else (*dealt, person)
        yield from _cover(want, group, usable, (*chosen, *unit), longer, rest)


def _fits(want: Want, group: Group, chosen: tuple[str, ...], unit: tuple[str, ...]) -> bool:
    """Whether there are seats for the unit, and nobody in it meets a foe."""
    return len(chosen) + len(unit) <= group.n_seats and not any(
        _meets_foe(want, person, (*chosen, *unit)) for person in unit
    )


def _fill(
    want: Want, group: Group, usable: Sequence[str], chosen: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """Seats that nothing is asked of: first those who have no foe and can sit nowhere else, for nobody is
    hindered by them; every choice of the others where they are too few, and, where fixed groups may leave a
    seat over, also in their place."""
    missing = group.n_seats - len(chosen)
    rest = [p for p in usable if p not in chosen and not _meets_foe(want, p, chosen)]
    easy = [p for p in rest if not want.foes.get(p) and want.n_groups[p] == 1 and p not in want.mates]
    units = dict.fromkeys(want.mates.get(p, (p,)) for p in rest if p not in easy)
    whole = [unit for unit in units if all(p in rest for p in unit) and _fits(want, group, chosen, unit)]
    least = max(0, missing - len(easy))
    most = missing if any(len(unit) > 1 for unit in whole) else least
    for n_others in range(least, most + 1):
        for more in _choices(want, whole, n_others):
            yield (*chosen, *easy[: missing - n_others], *more)


def _choices(want: Want, units: Sequence[tuple[str, ...]], n_people: int) -> Iterator[tuple[str, ...]]:
    """Every choice of whole units of so many people together in which nobody meets a foe."""
    for n_units in range(n_people + 1):
        for chosen in combinations(units, n_units):
            people = tuple(person for unit in chosen for person in unit)
            if len(people) == n_people and not any(_meets_foe(want, p, people) for p in people):
                yield people


def visit_marks(facts: Facts, groups: Sequence[Group]) -> tuple[frozenset[str], ...]:
    """What R15 wants of all the visit's officers together; nothing where it is wanted per department."""
    if facts.settings.teams.per == "department":
        return ()
    return marks_of(facts, sorted({p for group in groups if group.is_officers for p in group.candidates}))


def sized(facts: Facts, visit: Visit, drafts: Sequence[Group]) -> tuple[Group, ...]:
    """The officers' groups with their seats where leaders, seniors or fixed groups count: per department the
    first number, not below the draft's, at which a lawful team exists; as many where none does.

    The visit's maximum of people binds but for a single requirement. Where teams count per visit, what is
    missing goes to the department with most people to spare, and a leader or senior whom these numbers do not
    allow enlarges the first department where it helps.
    """
    teams, most = facts.settings.teams, facts.settings.merging.max_officers
    single = most == 0 or len(visit.requirement_ids) == 1
    limit = NO_MAXIMUM if single else most - len(specialties(facts, visit))
    groups = list(drafts)
    for at, draft in enumerate(drafts):
        first = _next_size(facts, visit, draft, draft.n_seats)
        more = 0 if first is None else first - draft.n_seats
        if _seats(groups) + more <= limit:
            groups[at] = replace(draft, n_seats=draft.n_seats + more)
    while teams.per == "visit" and groups and _seats(groups) < teams.officers:
        spare = [len(group.candidates) - group.n_seats for group in groups]
        at = spare.index(max(spare))
        now = groups[at].n_seats
        larger = _next_size(facts, visit, groups[at], now + 1) or now + 1
        fits = _seats(groups) + larger - now <= limit
        groups[at] = replace(groups[at], n_seats=larger if fits else now + 1)
    return _enlarged(facts, visit, groups, limit)


def _seats(groups: Sequence[Group]) -> int:
    return sum(group.n_seats for group in groups)


def _enlarged(facts: Facts, visit: Visit, groups: Sequence[Group], limit: int) -> tuple[Group, ...]:
    if not visit_marks(facts, groups) or _possible(facts, visit, groups):
        return tuple(groups)
    for at, group in enumerate(groups):
        for n_seats in range(group.n_seats + 1, len(group.candidates) + 1):
            larger = [*groups[:at], replace(group, n_seats=n_seats), *groups[at + 1 :]]
            if _seats(larger) <= limit and _possible(facts, visit, larger):
                return tuple(larger)
    return tuple(groups)


def _next_size(facts: Facts, visit: Visit, group: Group, least: int) -> int | None:
    """The first number of seats from ``least`` on at which the group alone has a lawful team."""
    for n_seats in range(least, len(group.candidates) + 1):
        want = _bare(facts, visit, (replace(group, n_seats=n_seats),))
        if team_exists(want, frozenset(group.candidates)):
            return n_seats
    return None


def _possible(facts: Facts, visit: Visit, groups: Sequence[Group]) -> bool:
    want = replace(_bare(facts, visit, tuple(groups)), marks=visit_marks(facts, groups))
    return team_exists(want, frozenset(want.people))


def _bare(facts: Facts, visit: Visit, groups: tuple[Group, ...]) -> Want:
    """The groups with nobody's foes and at no time: seats are counted before who meets whom when."""
    people = [person for group in groups for person in group.candidates]
    mates = mates_of(facts, people)
    return Want(
        visit=visit, site=facts.ground.point(None, None), openings=(), groups=groups, foes={}, mates=mates
    )
