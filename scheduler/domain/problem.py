"""The roster problem in integers only, and a solver's answer to it: all that a solver ever sees.

``*_idx`` are positions inside one problem. Minutes are after midnight or durations; days are positions
in ``AssignmentProblem.days``.
"""

from dataclasses import dataclass, field
from math import isqrt
from typing import Literal

Interval = tuple[int, int]
"""Half-open ``[start, end)``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A drawn inspector or expert.

    ``days`` are the working days on which the person may work (no leave, certificate valid), ascending;
    ``skills`` a bit mask over ``skill_idx``; limits as in :class:`scheduler.domain.settings.Limits`, 0 none.
    ``department_idx`` is where the load is evened out, -1 for experts; departments that may take each other's
    seats share one. People of one ``fixed_idx`` (-1 none)
    make a fixed group (R16): whoever of them sits in a seat group, all of them sit in it.
    """

    person_id: str
    pool_idx: int
    department_idx: int
    site_idx: int
    days: tuple[int, ...]
    skills: int
    capacity_min: int
    is_leader: bool = False
    is_newcomer: bool = False
    fixed_idx: int = -1
    max_visits_day: int = 0
    max_minutes_day: int = 0
    max_visits_week: int = 0
    max_minutes_week: int = 0
    max_visits: int = 0
    max_minutes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SeatGroup:
    """席位 of one department (or one expert specialty) in a visit: exactly ``n_seats`` people.

    Candidates are the members of ``pools`` without ``barred``; every skill in ``skills`` must be covered
    by someone of the group, where ``AssignmentProblem.distinct_cover`` by somebody else for each.
    ``leader`` asks for a leader among them, ``senior`` for somebody who is no newcomer beside every newcomer
    (R15). ``wishes`` hold goal 5's penalty and ``lottery`` goal 6's weight per candidate in ascending person
    order, or are empty.
    """

    department_idx: int
    n_seats: int
    pools: tuple[int, ...]
    skills: tuple[int, ...] = ()
    barred: tuple[int, ...] = ()
    leader: bool = False
    senior: bool = False
    wishes: tuple[int, ...] = ()
    lottery: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitNeed:
    """One visit to place: on one of ``days``, wholly inside one of ``pieces``, starting on the grid.

    ``served`` counts its requirements by class in goal 1's order (D, C, B, A); ``rank`` orders visits for
    what is given up last: smaller stays longer (higher class first, then smaller ticket). ``leader`` and
    ``senior`` as in :class:`SeatGroup`, over all officers of the visit together. ``day_wishes`` hold goal 5's
    penalty per day of ``days``, or are empty.
    """

    visit_id: str
    site_idx: int
    duration_min: int
    days: tuple[int, ...]
    pieces: tuple[Interval, ...]
    groups: tuple[SeatGroup, ...]
    served: tuple[int, int, int, int]
    rank: int
    leader: bool = False
    senior: bool = False
    day_wishes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AssignmentProblem:
    """Everything a solver may know. ``draw_sha256`` names the sealed draw this problem was made from.

    ``weeks[day_idx]`` is a week's number, ascending; ``sites`` planar metres; a site's travel to itself or
    to equal coordinates takes no time. ``zones`` (one per site, -1 for none; empty without a travel table)
    name rows and columns of ``legs``, stated minutes from zone to zone, symmetric, -1 where nothing is
    stated: what is stated counts before the coordinates, also between two sites of equal ones (places without
    coordinates lie at one centre). With it a way over another place may be shorter than the direct one.
    ``barred_pairs`` are people who may not be in one team (i < j).
    ``pair_wishes`` are (i, j, penalty) with i < j: goal 5 pays it for every visit where both sit;
    ``spaced`` are (visit a, visit b, least days between, penalty) with a < b: goal 5 pays where they are
    nearer (positions of days); ``least_visits`` are (person, least, penalty): goal 5 pays for every
    visit that the person lacks of the least. ``pair_bound_permille`` bounds from above how likely any officer
    is admitted at any enterprise under the pair cap (R19), 1000 without one; ``starved`` are the (visit,
    group) where its fallback counted. ``goals`` are those that are optimised, ascending; the others are
    neither pursued nor reported.
    """

    draw_sha256: str
    days: tuple[str, ...]
    weeks: tuple[int, ...]
    grid_min: int
    people: tuple[Person, ...]
    visits: tuple[VisitNeed, ...]
    sites: tuple[tuple[int, int], ...]
    departments: tuple[str, ...]
    pools: tuple[str, ...]
    skills: tuple[str, ...] = ()
    barred_pairs: tuple[tuple[int, int], ...] = ()
    distinct_cover: bool = False
    detour_permille: int = 1300
    speed_kmh: int = 25
    least_min: int = 5
    load_tolerance_permille: int = 0
    pair_wishes: tuple[tuple[int, int, int], ...] = ()
    spaced: tuple[tuple[int, int, int, int], ...] = ()
    least_visits: tuple[tuple[int, int, int], ...] = ()
    pair_bound_permille: int = 1000
    starved: tuple[tuple[int, int], ...] = ()
    goals: tuple[int, ...] = (1, 2, 3, 6)
    zones: tuple[int, ...] = ()
    legs: tuple[tuple[int, ...], ...] = ()

    def travel_min(self, site_a: int, site_b: int) -> int:
        """Minutes from site to site, rounded up; symmetric; 0 where nothing is stated between equal
        coordinates."""
        (ax, ay), (bx, by) = self.sites[site_a], self.sites[site_b]
        stated = self.stated_min(site_a, site_b)
        if stated >= 0:
            return max(self.least_min, stated)
        metres = isqrt((ax - bx) ** 2 + (ay - by) ** 2)
        if (ax, ay) == (bx, by):
            return 0
        minutes = -(-metres * self.detour_permille * 60 // (1_000_000 * self.speed_kmh))
        return max(self.least_min, minutes)

    def stated_min(self, site_a: int, site_b: int) -> int:
        """Minutes that the travel table states from site to site; -1 where it does not, and for one site."""
        if not self.zones or site_a == site_b:
            return -1
        one, other = self.zones[site_a], self.zones[site_b]
        return -1 if one < 0 or other < 0 else self.legs[one][other]

    def candidates(self, group: SeatGroup) -> tuple[int, ...]:
        """People who may sit in the group on some day, ascending."""
        pools, barred = frozenset(group.pools), frozenset(group.barred)
        return tuple(i for i, p in enumerate(self.people) if p.pool_idx in pools and i not in barred)


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """Where a solver put one visit: ``teams[g]`` are the person positions in group ``g``, ascending."""

    visit_idx: int
    day_idx: int
    start_min: int
    teams: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class GoalResult:
    """One goal's value with its proven bound, in the components that :data:`scheduler.domain.rules.GOALS`
    names. ``proved`` is true only where the solver showed that no better value exists given the goals
    before it (within their tolerance)."""

    goal: int
    value: tuple[int, ...]
    bound: tuple[int, ...]
    proved: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A solver's answer: placements sorted by visit, and what it left out with a reason code.

    ``unplaced`` pairs a visit with ``unstaffable`` (no lawful team on any day even with nobody else to
    serve) or ``no_room`` (cannot be added to this schedule). ``method`` names what was used;
    ``reproducible`` is false once a clock or an interrupt had a say. ``work_units`` are deterministic.
    """

    placements: tuple[Placement, ...]
    unplaced: tuple[tuple[int, Literal["unstaffable", "no_room"]], ...]
    goals: tuple[GoalResult, ...]
    method: Literal["exact", "blocks"]
    solver: str
    solver_version: str
    reproducible: bool = True
    work_units: int = 0
    notes: tuple[str, ...] = field(default=())
