"""Where one enterprise or person stands in a draw: strata and pools, tickets, cutoffs; draw-spec §5, §7, §9.

In: the sealed plan, exclusions, the small registers, one row of the frame; after the draw its result and
the seed. Out: one :class:`Standing` per stratum or pool. May import: the domain, the standard library.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scheduler.domain.hashes import Profile
from scheduler.domain.plan import DrawResult, Exclusion, FrameRow, Plan, Pool, Stratum
from scheduler.domain.registers import Registers
from scheduler.draw.people import person_id, staff_of, units_of
from scheduler.draw.scopes import cell_of, grouped, scope_of, within
from scheduler.draw.tickets import pool_group, ticket


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """``where`` it stands; ``ticket`` and ``cutoff`` are empty before the draw, ``cutoff`` also in a pool
    and where nobody is drawn; ``rank`` is 0 where the sealed draw does not list it."""

    where: Stratum | Pool
    ticket: str = ""
    cutoff: str = ""
    rank: int = 0
    drawn: bool = False


@dataclass(frozen=True, kw_only=True)
class SealedDraw:
    """The draw as sealed, its seed, and the plan's hash."""

    result: DrawResult
    seed: str
    profile: Profile = "sha256"


def strata_of_enterprise(
    plan: Plan, registers: Registers, excluded: Iterable[Exclusion], row: FrameRow
) -> list[Stratum]:
    """Every stratum the enterprise lies in, one per task that could draw it, sorted by id."""
    departments = {one.department_id: one for one in registers.departments}
    left_out = {
        one.task_id for one in excluded if one.role == "enterprise" and one.subject_id == row.enterprise_id
    }
    alone = grouped((row,))
    cells = {
        task.task_id: cell_of(task, place)
        for task in registers.tasks
        if task.task_id not in left_out
        for _, place, _ in within(scope_of(task, departments.get(task.lead_id), alone), alone)
    }
    return [
        stratum
        for stratum in plan.strata
        if (cell := cells.get(stratum.task_id)) is not None
        and cell.district == stratum.district
        and cell.risk_class in stratum.risk_classes
    ]


def enterprise_standings(
    strata: Sequence[Stratum], enterprise_id: str, sealed: SealedDraw | None
) -> list[Standing]:
    """The enterprise in each of its strata."""
    if sealed is None:
        return [Standing(where=stratum) for stratum in strata]
    cutoffs = {row.stratum_id: row.cutoff for row in sealed.result.cutoffs}
    listed = {row.stratum_id: row for row in sealed.result.enterprises if row.enterprise_id == enterprise_id}
    found = []
    for stratum in strata:
        row = listed.get(stratum.stratum_id)
        found.append(
            Standing(
                where=stratum,
                ticket=ticket(sealed.seed, "E", stratum.group, enterprise_id, sealed.profile),
                cutoff=cutoffs.get(stratum.stratum_id, ""),
                rank=row.rank if row else 0,
                drawn=row is not None and row.drawn,
            )
        )
    return found


def person_standings(
    plan: Plan, registers: Registers, excluded: Iterable[Exclusion], ident: str, sealed: SealedDraw | None
) -> Iterator[Standing]:
    """The person in each of the pools he is in, in the plan's order."""
    staff = staff_of(registers, excluded, plan.settings.teams)
    for pool in plan.pools:
        units = [u.ident for u in units_of(pool, staff) if any(person_id(one) == ident for one in u.members)]
        if not units:
            continue
        if sealed is None:
            yield Standing(where=pool)
            continue
        rows = (row for row in sealed.result.people if (row.pool_id, row.person_id) == (pool.pool_id, ident))
        row = next(rows, None)
        yield Standing(
            where=pool,
            ticket=ticket(sealed.seed, "I", pool_group(pool), units[0], plan.settings.profile),
            rank=row.rank if row else 0,
            drawn=row is not None and row.drawn,
        )
