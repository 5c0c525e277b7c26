"""The stage itself: plan, registers and draw in; requirements, visits and the report out.

May import: the domain and this room.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby

from scheduler.domain.errors import InputError, Problem
from scheduler.domain.plan import DrawResult, Plan
from scheduler.domain.registers import Enterprise, Registers
from scheduler.domain.settings import Settings
from scheduler.domain.visits import MergeReport, MergeResult, Requirement, SecondDoor, Visit
from scheduler.merge.hours import OpenDays, longest_stretch, open_days, open_pieces
from scheduler.merge.packing import Packing, fewest
from scheduler.merge.requirements import Directory, directory, ordered, requirements
from scheduler.merge.sharing import Sharing, duration, pairs


@dataclass(frozen=True, kw_only=True, slots=True)
class _Merged:
    """One enterprise's visits, why they are more than one, and whether fewer doors are ruled out."""

    visits: tuple[Visit, ...]
    second: SecondDoor | None
    proved: bool


def merge(plan: Plan, registers: Registers, draw: DrawResult) -> MergeResult:
    """进一次门、查多项事: every drawn row's and every order's requirement, in the fewest visits per
    enterprise.

    Requirements share a visit where their windows have a common working day outside the enterprise's
    quiet periods, no item of one is declared incompatible with one of another (in either direction), and
    the visit keeps the maxima of departments, people and minutes, one piece of the day and the opening
    hours. One requirement alone may exceed a maximum, so that no draw is dropped. Off-site requirements
    need no door and never join a door visit; they are merged among themselves by the same rules but those
    of the enterprise's own times.

    Requirements are sorted by id, visits by id; ``V-<enterprise>-<k>`` counts the door visits first, then
    the off-site ones, each in the order of their smallest requirement id.

    Errors, all at once: those of :func:`scheduler.merge.requirements.requirements`, then
    ``merge.too_long`` for each requirement that fits no piece of the day; ``merge.opening``.
    """
    known = directory(registers)
    drawn = requirements(draw.enterprises, known, plan.settings)
    told = ordered(draw.orders, registers, known, plan.settings)
    needs = tuple(sorted((*drawn, *told), key=lambda need: need.requirement_id))
    _refuse_too_long(needs, known, plan.settings)
    days = open_days(registers, plan.settings)
    merged = tuple(
        _merged(tuple(own), known.enterprises[ident], known, days, plan.settings)
        for ident, own in groupby(sorted(needs, key=_door_order), key=lambda need: need.enterprise_id)
    )
    visits = sorted((v for one in merged for v in one.visits), key=lambda visit: visit.visit_id)
    return MergeResult(requirements=needs, visits=tuple(visits), report=_report(needs, merged))


def _door_order(need: Requirement) -> tuple[str, str]:
    return need.enterprise_id, need.requirement_id


def _refuse_too_long(needs: Iterable[Requirement], known: Directory, settings: Settings) -> None:
    longest = longest_stretch(settings.hours.pieces, settings.hours.grid_min)
    lengths = ((need, duration(pairs([need]), known.items, settings.merging)) for need in needs)
    problems = [
        Problem(
            code="merge.too_long",
            params={"requirement": need.requirement_id, "minutes": minutes, "longest": longest},
        )
        for need, minutes in lengths
        if minutes > longest
    ]
    if problems:
        raise InputError(problems)


def _merged(
    own: tuple[Requirement, ...],
    enterprise: Enterprise,
    known: Directory,
    days: OpenDays,
    settings: Settings,
) -> _Merged:
    at_door = [need for need in own if need.on_site]
    at_desk = [need for need in own if not need.on_site]
    blocks: list[tuple[Requirement, ...]] = [own]
    second, proved = None, True
    if len(own) > 1:
        rules, desk_rules = _sharing(enterprise, known, days, settings)
        doors, desks = _packed(at_door, rules), _packed(at_desk, desk_rules)
        blocks = [
            tuple(needs[n] for n in block)
            for needs, packing in ((at_door, doors), (at_desk, desks))
            for block in packing.blocks
        ]
        second = _second_door(enterprise.enterprise_id, at_door, doors, rules)
        proved = doors.proof != "open"
    visits = tuple(
        _visit(f"V-{enterprise.enterprise_id}-{k}", block, known, settings)
        for k, block in enumerate(blocks, start=1)
    )
    return _Merged(visits=visits, second=second, proved=proved)


def _sharing(
    enterprise: Enterprise, known: Directory, days: OpenDays, settings: Settings
) -> tuple[Sharing, Sharing]:
    """What binds at the door, and at the desk, where neither quiet periods nor opening hours count."""
    hours = settings.hours
    longest = longest_stretch(hours.pieces, hours.grid_min)
    desk = Sharing(
        items=known.items,
        merging=settings.merging,
        teams=settings.teams,
        days=days.working,
        day_min=longest,
        open_min=longest,
    )
    opening = longest_stretch(open_pieces(hours, enterprise), hours.grid_min)
    return replace(desk, days=days.at(enterprise), open_min=opening), desk


def _packed(needs: Sequence[Requirement], rules: Sharing) -> Packing:
    if not needs:
        return Packing(blocks=(), clique=(), proof="pairwise")
    return fewest(len(needs), lambda block: not rules.broken([needs[n] for n in block]))


def _visit(visit_id: str, block: Sequence[Requirement], known: Directory, settings: Settings) -> Visit:
    work = pairs(block)
    start = max(need.start for need in block)
    return Visit(
        visit_id=visit_id,
        enterprise_id=block[0].enterprise_id,
        requirement_ids=tuple(need.requirement_id for need in block),
        item_codes=tuple(code for code, _ in work),
        department_ids=tuple(department for _, department in work),
        start=start,
        end=min(need.end for need in block),
        duration_min=duration(work, known.items, settings.merging),
        on_site=block[0].on_site,
    )


def _second_door(
    enterprise_id: str, needs: Sequence[Requirement], packing: Packing, rules: Sharing
) -> SecondDoor | None:
    if len(packing.blocks) < 2:
        return None
    witness = tuple(needs[n].requirement_id for n in packing.clique) if len(packing.clique) > 1 else ()
    return SecondDoor(
        enterprise_id=enterprise_id,
        n_visits=len(packing.blocks),
        reason=_reason(needs, packing, rules),
        proof=packing.proof,
        witness=witness,
    )


def _reason(needs: Sequence[Requirement], packing: Packing, rules: Sharing) -> str:
    """The first rule that every pair of a proving clique breaks, else the only one that all together
    break; where there is none, several rules keep them apart between them."""
    if packing.proof == "pairwise":
        pairwise = [rules.broken([needs[i], needs[j]]) for i, j in combinations(packing.clique, 2)]
        common = [reason for reason in pairwise[0] if all(reason in broken for broken in pairwise)]
    else:
        broken = rules.broken(needs)
        common = list(broken) if len(broken) == 1 else []
    return common[0] if common else "merge.reason_several"


def _report(needs: Sequence[Requirement], merged: Sequence[_Merged]) -> MergeReport:
    n_onsite = sum(need.on_site for need in needs)
    return MergeReport(
        n_requirements=len(needs),
        n_onsite_requirements=n_onsite,
        n_enterprises=len(merged),
        n_visits=sum(len(one.visits) for one in merged),
        doors=sum(visit.on_site for one in merged for visit in one.visits),
        doors_unmerged=n_onsite,
        n_fewest_proved=sum(one.proved for one in merged),
        second_doors=tuple(one.second for one in merged if one.second is not None),
    )
