"""The same draw for millions: the frame in columns, tickets by several processes, nothing sorted whole.

In: what :func:`scheduler.draw.drawing.draw` takes, with the frame in columns. Out: the same
:class:`DrawResult` for any number of processes; the tests compare them. May import: the domain, the
standard library.

Every process gets its share of each piece of the frame, hashes it once for each group, and hands back
only tickets under a bound that the strata's sizes give beforehand.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing import get_context

from scheduler.domain.canonical import nfc
from scheduler.domain.frame import LINE, FrameColumns
from scheduler.domain.hashes import Hash, Profile, hasher
from scheduler.domain.plan import DrawnEnterprise, DrawResult, Exclusion, Plan, Stratum
from scheduler.domain.registers import Registers, Task
from scheduler.draw.drawing import (
    Tasks,
    changed,
    refuse_missing_tasks,
    refuse_repeated,
    rows_of,
    shown_of,
    tasks_of,
    with_people,
)
from scheduler.draw.scopes import Cell, Grouped, Kind, cell_of, in_groups, scope_of, within
from scheduler.draw.tickets import SEPARATOR, digests, require_seed

Found = list[tuple[bytes, bytes]]
"""Raw tickets with their ids in UTF-8."""

NO_BOUND = b"\xff" * 33
"""Above every digest of 32 bytes."""

_DIGEST_BITS = 256


def draw_columns(
    plan: Plan,
    frame: FrameColumns,
    excluded: Sequence[Exclusion],
    registers: Registers,
    seed: str,
    *,
    processes: int = 1,
) -> DrawResult:
    """As :func:`scheduler.draw.drawing.draw`, which is the reference; ``registers.enterprises`` is not read.

    More than one process means that many new interpreters: whoever asks for them from a script guards its
    start with ``if __name__ == "__main__"``.
    """
    require_seed(seed)
    drawn = drawn_enterprises(plan, frame, excluded, registers, seed, processes=processes)
    return with_people(plan, drawn, excluded, registers, seed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """Enterprises alike to every scope and stratum: place among the pieces, ids (one a line), how many."""

    number: int
    kind: Kind
    cell: Cell
    ids: bytes
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A stratum with the pieces it is made of; whom of them its task leaves out (ids in UTF-8)."""

    stratum: Stratum
    pieces: tuple[int, ...]
    left_out: frozenset[bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lot:
    """All that one group's tickets decide: a bound per stratum, and for each piece the strata it is in.

    ``profile`` is the plan's hash.
    """

    group: str
    bounds: tuple[bytes, ...]
    pieces: dict[int, tuple[int, ...]]
    profile: Profile = "sha256"


def drawn_enterprises(
    plan: Plan,
    frame: FrameColumns,
    excluded: Sequence[Exclusion],
    registers: Registers,
    seed: str,
    *,
    processes: int = 1,
) -> list[DrawnEnterprise]:
    """The drawn and the listed reserves of every stratum, group by group."""
    if not frame.ascending:
        refuse_repeated([ident for ids in frame.ids.values() for ident in _texts(ids)])
    refuse_missing_tasks(plan, registers)
    ready = prepared(plan, frame, excluded, registers)
    for lot in ready.lots:
        _refuse_unfit(seed, lot, ready.pieces)
    shares = cut([piece.ids for piece in ready.pieces], processes)
    return ready.rows(seed, run(seed, ready.lots, shares), shares)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """All of a plan's draw that no seed decides: strata and lots by group, and the pieces they are of."""

    layers: Mapping[str, Sequence[Layer]]
    lots: Sequence[Lot]
    pieces: Sequence[Piece]
    listed: int

    def rows(
        self, seed: str, parts: Sequence[list[list[Found]]], shares: Sequence[Sequence[bytes]]
    ) -> list[DrawnEnterprise]:
        """The drawn and the listed reserves, group by group, from what :func:`run` found for the lots."""
        rows: list[DrawnEnterprise] = []
        for lot, tickets in zip(self.lots, _merged(self.lots, parts), strict=True):
            rows += _drawn(seed, lot, self.layers[lot.group], tickets, shares, self.listed)
        return rows


def prepared(
    plan: Plan, frame: FrameColumns, excluded: Sequence[Exclusion], registers: Registers
) -> Prepared:
    """What stays the same under every seed; errors as :func:`group_layers`."""
    listed = plan.settings.quotas.reserves_listed
    layers, pieces = group_layers(plan, frame, excluded, registers)
    profile = plan.settings.profile
    lots = [lot_of(group, members, listed, profile) for group, members in layers.items()]
    return Prepared(layers=layers, lots=lots, pieces=pieces, listed=listed)


def group_layers(
    plan: Plan, frame: FrameColumns, excluded: Sequence[Exclusion], registers: Registers
) -> tuple[dict[str, list[Layer]], list[Piece]]:
    """By group string the strata of its tasks, and the pieces they are made of.

    Errors: ``draw.stratum_changed`` where a size is not the committed one.
    """
    groups = _in_pieces(frame)
    pieces = [piece for cells in groups.ids.values() for piece in cells.values()]
    tasks = tasks_of(plan, excluded, registers)
    homes = _homes(frozenset().union(*tasks.left_out.values()), pieces)
    layers = {
        group: [layer for task in members for layer in _layers(task, tasks, groups, homes)]
        for group, members in tasks.by_group.items()
    }
    return layers, pieces


def _in_pieces(frame: FrameColumns) -> Grouped[Piece]:
    joined: dict[Kind, dict[Cell, list[bytes]]] = {}
    for row, ids in frame.ids.items():
        cells = joined.setdefault(Kind(row.industry, row.tags), {})
        cells.setdefault(Cell(row.district, row.risk_class), []).append(ids)
    numbers = count()
    return in_groups(
        {
            kind: {cell: _piece(next(numbers), kind, cell, b"".join(parts)) for cell, parts in cells.items()}
            for kind, cells in joined.items()
        }
    )


def _piece(number: int, kind: Kind, cell: Cell, ids: bytes) -> Piece:
    return Piece(number=number, kind=kind, cell=cell, ids=ids, count=ids.count(LINE))


def _homes(idents: frozenset[str], pieces: Sequence[Piece]) -> dict[str, int]:
    """In which piece each of the ids stands; those of no piece are not in the answer."""
    if not idents:
        return {}
    return {ident: piece.number for piece in pieces for ident in idents.intersection(_texts(piece.ids))}


def _layers(task: Task, tasks: Tasks, groups: Grouped[Piece], homes: Mapping[str, int]) -> Iterator[Layer]:
    """The task's strata as committed; their sizes must be what the frame says now."""
    left_out = tasks.left_out.get(task.task_id, frozenset())
    lost = Counter(homes[ident] for ident in left_out if ident in homes)
    strata = tasks.strata.get(task.task_id, {})
    found: dict[str, list[int]] = {stratum.stratum_id: [] for stratum in strata.values()}
    sizes = Counter[str]()
    scope = scope_of(task, tasks.departments.get(task.lead_id), groups)
    for _, place, piece in within(scope, groups):
        inside = piece.count - lost[piece.number]
        if inside:
            cell = cell_of(task, place)
            if cell not in strata:
                raise changed(task.task_id, "/".join(filter(None, cell)), 0, inside)
            found[strata[cell].stratum_id].append(piece.number)
            sizes[strata[cell].stratum_id] += inside
    out = frozenset(ident.encode() for ident in left_out)
    for stratum in dict.fromkeys(strata.values()):
        name = stratum.stratum_id
        if sizes[name] != stratum.size:
            raise changed(task.task_id, name, stratum.size, sizes[name])
        yield Layer(stratum=stratum, pieces=tuple(found[name]), left_out=out)


def lot_of(
    group: str, layers: Sequence[Layer], listed: int, profile: Profile = "sha256", *, bound: bool = True
) -> Lot:
    """The group's lot; without bounds every ticket comes back. A stratum that draws nobody is in no piece."""
    pieces: dict[int, tuple[int, ...]] = {}
    for place, layer in enumerate(layers):
        for number in layer.pieces if layer.stratum.quota else ():
            pieces[number] = (*pieces.get(number, ()), place)
    bounds = (_bound(layer.stratum, listed) if bound else NO_BOUND for layer in layers)
    return Lot(group=group, bounds=tuple(bounds), pieces=pieces, profile=profile)


def _bound(stratum: Stratum, listed: int) -> bytes:
    """What about twice the tickets wanted lie under, by the uniformity of the hash."""
    likely = 2 * shown_of(stratum, listed) + 34
    if likely >= stratum.size:
        return NO_BOUND
    return ((likely << _DIGEST_BITS) // stratum.size).to_bytes(_DIGEST_BITS // 8, "big")


def _refuse_unfit(seed: str, lot: Lot, pieces: Sequence[Piece]) -> None:
    """Refuses a separator in the group or an id, as the reference does."""
    barred = [pieces[number].ids for number in lot.pieces if SEPARATOR.encode() in pieces[number].ids]
    digests(seed, "E", lot.group, (ident for ids in barred for ident in _texts(ids)), lot.profile)


def cut(pieces: Sequence[bytes], processes: int) -> list[list[bytes]]:
    """Every piece in as many parts as there are processes, cut between lines; per process its parts."""
    ends = [[_line_end(ids, len(ids) * k // processes) for k in range(processes + 1)] for ids in pieces]
    return [
        [ids[end[k] : end[k + 1]] for ids, end in zip(pieces, ends, strict=True)] for k in range(processes)
    ]


def _line_end(ids: bytes, near: int) -> int:
    return ids.find(LINE, near - 1) + 1 if near else 0


def run(seed: str, lots: Sequence[Lot], shares: Sequence[Sequence[bytes]]) -> list[list[list[Found]]]:
    """Per share, lot and stratum the tickets under the bound, each share in a process of its own."""
    work = partial(under_bounds, seed, lots)
    if len(shares) < 2:
        return [work(share) for share in shares]
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, shares))


def under_bounds(seed: str, lots: Sequence[Lot], share: Sequence[bytes]) -> list[list[Found]]:
    """Per lot and stratum the tickets of this share under the stratum's bound, in no order."""
    used = {number for lot in lots for number in lot.pieces}
    lines = {number: share[number].split(LINE)[:-1] for number in used}
    odd = frozenset(number for number in used if not share[number].isascii())
    return [_of_lot(seed, lot, lines, odd) for lot in lots]


def _of_lot(seed: str, lot: Lot, lines: Mapping[int, list[bytes]], odd: frozenset[int]) -> list[Found]:
    # The seed fills exactly one block: hashing the common head once halves the work.
    head = hasher(lot.profile)(nfc(f"{seed}|E|{lot.group}|").encode())
    found: list[Found] = [[] for _ in lot.bounds]
    for number, places in lot.pieces.items():
        limit = max(lot.bounds[place] for place in places)
        look = _under_in_nfc if number in odd else _under
        under = look(head, lines[number], limit)
        for place in places:
            bound = lot.bounds[place]
            found[place] += under if bound == limit else [pair for pair in under if pair[0] < bound]
    return found


def _under(head: Hash, ids: Sequence[bytes], limit: bytes) -> Found:
    """The one loop that counts: it is run for every enterprise of every group."""
    found = []
    copy = head.copy
    for ident in ids:
        state = copy()
        state.update(ident)
        digest = state.digest()
        if digest < limit:
            found.append((digest, ident))
    return found


def _under_in_nfc(head: Hash, ids: Sequence[bytes], limit: bytes) -> Found:
    """The same for ids that are not ASCII: hashed in normal form, told as they stand."""
    normal = [nfc(ident.decode()).encode() for ident in ids]
    tickets = zip(_under(head, normal, NO_BOUND), ids, strict=True)
    return [(digest, ident) for (digest, _), ident in tickets if digest < limit]


def _merged(lots: Sequence[Lot], parts: Sequence[list[list[Found]]]) -> list[list[Found]]:
    """Per lot and stratum what all shares found, ascending."""
    return [
        [sorted(pair for part in parts for pair in part[idx][place]) for place in range(len(lot.bounds))]
        for idx, lot in enumerate(lots)
    ]


def _drawn(
    seed: str,
    lot: Lot,
    layers: Sequence[Layer],
    tickets: Sequence[Found],
    shares: Sequence[Sequence[bytes]],
    listed: int,
) -> Iterator[DrawnEnterprise]:
    firsts = [_first(layer, found, listed) for layer, found in zip(layers, tickets, strict=True)]
    if any(first is None for first in firsts):
        # Chance left too few under a bound: hash this group again and keep everything.
        everything = lot_of(lot.group, layers, listed, lot.profile, bound=False)
        (again,) = _merged([everything], run(seed, [everything], shares))
        firsts = [_first(layer, found, listed) for layer, found in zip(layers, again, strict=True)]
    for layer, first in zip(layers, firsts, strict=True):
        yield from rows_of(layer.stratum, first or [], listed)


def _first(layer: Layer, found: Found, listed: int) -> list[tuple[bytes, str]] | None:
    """The smallest tickets that :func:`rows_of` asks for, None where they are not all among these."""
    stratum = layer.stratum
    if not stratum.quota:
        return []
    wanted = shown_of(stratum, listed) + 1
    first = [(digest, ident.decode()) for digest, ident in found if ident not in layer.left_out][:wanted]
    return first if len(first) == min(wanted, stratum.size) else None


def _texts(ids: bytes) -> list[str]:
    return ids.decode().split("\n")[:-1]
