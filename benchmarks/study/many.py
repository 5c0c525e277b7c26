"""Many draws of many plans over one frame, hashing once what several of them ask for.

In: plans, the frame, seeds. Out: the same rows as :func:`scheduler.draw.draw_columns` draws. May import: the
rooms and the domain.
"""

from collections.abc import Iterable, Mapping, Sequence

from scheduler.domain.frame import LINE, FrameColumns
from scheduler.domain.plan import DrawResult, FrameRow, Plan
from scheduler.domain.registers import Enterprise, Registers
from scheduler.draw.fast import Lot, Piece, Prepared, cut, prepared, under_bounds
from scheduler.draw.tickets import seed_commitment

Place = tuple[str, tuple[bytes, ...], tuple[tuple[int, tuple[int, ...]], ...]]


class Draws:
    """Plans over one frame, nobody excluded, ready to be drawn under any seed.

    Two plans that want the same tickets, as those of a task outside every group are in all plans of a
    campaign, share one look at them.
    """

    def __init__(self, plans: Mapping[str, tuple[Plan, Registers]], frame: FrameColumns) -> None:
        self.plans = plans
        self._ready = {
            name: prepared(plan, frame, (), registers) for name, (plan, registers) in plans.items()
        }
        distinct = {_key(lot): lot for one in self._ready.values() for lot in one.lots}
        self._lots = list(distinct.values())
        places = {key: number for number, key in enumerate(distinct)}
        self._places = {
            name: [places[_key(lot)] for lot in ready.lots] for name, ready in self._ready.items()
        }
        # Pieces follow from the frame alone, so they are those of every plan.
        self.pieces: Sequence[Piece] = next(iter(self._ready.values())).pieces
        self._shares = cut([piece.ids for piece in self.pieces], 1)

    def ready(self, name: str) -> Prepared:
        """The strata of one plan."""
        return self._ready[name]

    def draw(self, seed: str) -> dict[str, DrawResult]:
        """Every plan under this seed: the enterprises, in the order of the real draw. People, cutoffs and
        orders are left out, nothing here looks at them."""
        found = under_bounds(seed, self._lots, self._shares[0])
        drawn = {}
        for name, ready in self._ready.items():
            own = [found[place] for place in self._places[name]]
            rows = ready.rows(seed, [own], self._shares)
            drawn[name] = DrawResult(
                seed_commitment=seed_commitment(seed, self.plans[name][0].settings.profile),
                enterprises=tuple(sorted(rows, key=lambda row: (row.stratum_id, row.rank))),
                cutoffs=(),
                people=(),
            )
        return drawn


def _key(lot: Lot) -> Place:
    return lot.group, lot.bounds, tuple(lot.pieces.items())


def drawn_shops(frame: FrameColumns, draws: Iterable[DrawResult]) -> dict[str, Enterprise]:
    """The enterprises that any of the draws drew, by id."""
    ids = {row.enterprise_id.encode() for drawn in draws for row in drawn.enterprises if row.drawn}
    return {
        ident.decode(): _enterprise(row, ident.decode())
        for row, joined in frame.ids.items()
        for ident in ids.intersection(joined.split(LINE))
    }


def _enterprise(row: FrameRow, ident: str) -> Enterprise:
    return Enterprise(
        enterprise_id=ident,
        id_kind="other",
        name="",
        authority=row.authority,
        unit=row.unit,
        district=row.district,
        industry=row.industry,
        risk_class=row.risk_class,
        tags=row.tags,
    )
