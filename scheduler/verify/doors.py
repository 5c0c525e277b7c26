"""The merge replayed: what keeps requirements from sharing a door, and how few doors would do.

In: :class:`Facts` and requirements of one enterprise. Out: what keeps them apart, or a number of doors.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from scheduler.domain.visits import Requirement, Visit
from scheduler.verify.facts import Facts
from scheduler.verify.times import is_quiet, pieces_of

MOST_STEPS = 2_000_000
"""So many steps an exhaustive search may take before its claim counts as not confirmed."""


def pairs_of(needs: Iterable[Requirement]) -> tuple[tuple[str, str], ...]:
    """Distinct (item, department) pairs, sorted: what is asked twice is done once."""
    return tuple(
        sorted({pair for need in needs for pair in zip(need.item_codes, need.department_ids, strict=False)})
    )


def minutes_of_work(facts: Facts, pairs: Iterable[tuple[str, str]]) -> int:
    """How long the pairs take: the longest department's items and the overhead; 0 for no pairs."""
    merging = facts.settings.merging
    total: dict[str, int] = {}
    for code, department_id in pairs:
        item = facts.items.get(code)
        own = None if item is None else item.duration_min
        spent = merging.item_min if own is None else own
        total[department_id] = total.get(department_id, merging.overhead_min) + spent
    return max(total.values(), default=0)


def apart(facts: Facts, needs: Sequence[Requirement]) -> frozenset[str]:
    """Why requirements of one enterprise cannot share one visit, by reason code; empty where they can."""
    merging = facts.settings.merging
    pairs = pairs_of(needs)
    minutes = minutes_of_work(facts, pairs)
    visit = _as_visit(needs)
    reasons = {
        "merge.reason_window": not any(
            visit.start <= day < visit.end and not is_quiet(facts, visit, day) for day in facts.working_days
        ),
        "merge.reason_incompatible": _incompatible(facts, needs),
        "merge.reason_departments": _above(len({d for _, d in pairs}), merging.max_departments),
        "merge.reason_officers": _above(_people(facts, pairs), merging.max_officers),
        "merge.reason_minutes": _above(minutes, merging.max_minutes)
        or minutes > _longest(facts, facts.settings.hours.pieces),
        "merge.reason_opening": minutes > _longest(facts, pieces_of(facts, visit)),
    }
    return frozenset(reason for reason, holds in reasons.items() if holds)


def _as_visit(needs: Sequence[Requirement]) -> Visit:
    return Visit(
        visit_id="",
        enterprise_id=needs[0].enterprise_id,
        requirement_ids=(),
        item_codes=(),
        department_ids=(),
        start=max(need.start for need in needs),
        end=min(need.end for need in needs),
        duration_min=0,
        on_site=needs[0].on_site,
    )


def _above(figure: int, most: int) -> bool:
    return 0 < most < figure


def _longest(facts: Facts, pieces: Iterable[tuple[int, int]]) -> int:
    grid = facts.settings.hours.grid_min
    return max((hi - -(-lo // grid) * grid for lo, hi in pieces), default=0)


def _people(facts: Facts, pairs: Iterable[tuple[str, str]]) -> int:
    """The fewest people who have to come, experts included."""
    teams = facts.settings.teams
    work: dict[str, int] = defaultdict(int)
    experts = set()
    for code, department_id in pairs:
        work[department_id] += 1
        item = facts.items.get(code)
        experts.add("" if item is None else item.expert)
    least = 1 if teams.per == "visit" else teams.officers
    own = sum(max(least, 0 if teams.one_officer_many_items else n) for n in work.values())
    return max(own, teams.officers) + len(experts - {""})


def _incompatible(facts: Facts, needs: Sequence[Requirement]) -> bool:
    """Whether an item of one requirement may not share a visit with another's (either may say so)."""
    for index, need in enumerate(needs):
        others = {code for at, other in enumerate(needs) if at != index for code in other.item_codes}
        for code in need.item_codes:
            item = facts.items.get(code)
            if item is not None and (others - {code}).intersection(item.incompatible_with):
                return True
    return False


Fits = Callable[[tuple[int, ...]], bool]


def fewest_doors(n: int, fits: Fits) -> int | None:
    """The least number of blocks that ``n`` positions can be packed into, by trying all packings.

    ``fits`` has to be hereditary; a single position always fits. None where the search grows too large.
    """
    best = n
    steps = 0
    known: dict[tuple[int, ...], bool] = {}

    def may(block: tuple[int, ...]) -> bool:
        if block not in known:
            known[block] = fits(block)
        return known[block]

    def place(position: int, blocks: list[tuple[int, ...]]) -> None:
        nonlocal best, steps
        steps += 1
        if len(blocks) >= best or steps > MOST_STEPS:
            return
        if position == n:
            best = len(blocks)
            return
        for index, block in enumerate(blocks):
            larger = (*block, position)
            if may(larger):
                place(position + 1, [*blocks[:index], larger, *blocks[index + 1 :]])
        place(position + 1, [*blocks, (position,)])

    place(0, [])
    return best if steps <= MOST_STEPS else None
