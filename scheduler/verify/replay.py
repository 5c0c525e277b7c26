"""The draw of enterprises replayed from those who are alike: cells counted, tickets ranked.

In: ids by (look, class), the plan, the seed. Out: :class:`Ranking`. Written from ``docs/draw-spec.md`` §3,
§5 and §7; may import the domain, the standard library, and of this room what says who is in scope.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

from scheduler.domain.canonical import nfc
from scheduler.domain.plan import Plan, Stratum
from scheduler.domain.registers import RiskClass, Task

Look = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""What scopes see of an enterprise: district, industry, tags, and the tasks it is exempt from (§4)."""

Alike = Mapping[tuple[Look, RiskClass], tuple[int, bytes]]
"""How many enterprises look so, and their ids in UTF-8, each followed by a line feed."""

STEP = 2000
"""So many ids are hashed before the strata's limits are looked at again."""

InFrame = Callable[[Look], Iterable[str]]
"""The tasks in whose frame everybody of a look is (§5)."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """``ranked`` holds each stratum's smallest (ticket, id) in order, the drawn and the listed reserves;
    ``members`` its true size. ``outside`` are per task how many of its frame lie in no or in several
    strata."""

    ranked: dict[str, list[tuple[str, str]]]
    members: Counter[str]
    outside: Counter[str]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Enterprises of one look and class, and by group string the strata they lie in."""

    ids: bytes
    strata: dict[str, tuple[str, ...]]

    @property
    def work(self) -> int:
        """About how long it takes: bytes of ids times hashes of each."""
        return len(self.ids) * len(self.strata)


def replay(
    plan: Plan, tasks: Iterable[Task], alike: Alike, in_frame: InFrame, seed: str, *, processes: int = 1
) -> Ranking:
    """Rank every stratum. The answer is the same for any number of processes."""
    members: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    cells: list[Cell] = []
    strata = _Strata(plan, tasks)
    for (look, risk_class), (count, ids) in alike.items():
        groups: dict[str, tuple[str, ...]] = {}
        for task_id in in_frame(look):
            found = strata.of(task_id, look[0], risk_class)
            if len(found) != 1:
                outside[task_id] += count
            for stratum in found:
                members[stratum.stratum_id] += count
                groups[stratum.group] = (*groups.get(stratum.group, ()), stratum.stratum_id)
        cells.append(Cell(ids=ids, strata=groups))
    listed = plan.settings.quotas.reserves_listed
    wanted = {s.stratum_id: max(0, s.quota + listed) if s.quota else 0 for s in plan.strata}
    ranked: dict[str, list[tuple[str, str]]] = {name: [] for name in wanted}
    for part in _mapped(partial(rank, seed, wanted), _dealt(cells, processes)):
        for name, found_in_part in part.items():
            ranked[name] += found_in_part
    smallest = {name: sorted(pairs)[: wanted[name]] for name, pairs in ranked.items()}
    return Ranking(ranked=smallest, members=members, outside=outside)


class _Strata:
    """The plan's strata by task, district and class."""

    def __init__(self, plan: Plan, tasks: Iterable[Task]) -> None:
        self._found: dict[tuple[str, str, RiskClass], list[Stratum]] = defaultdict(list)
        self._by_district = {task.task_id for task in tasks if task.by_district}
        for stratum in plan.strata:
            for risk_class in stratum.risk_classes:
                self._found[stratum.task_id, stratum.district, risk_class].append(stratum)

    def of(self, task_id: str, district: str, risk_class: RiskClass) -> list[Stratum]:
        """The strata in which such enterprises of the task's frame lie: lawful is exactly one."""
        return self._found.get((task_id, district if task_id in self._by_district else "", risk_class), [])


def _dealt(cells: list[Cell], processes: int) -> list[list[Cell]]:
    """The cells for each process, the largest first to whoever has least to do."""
    hands: list[list[Cell]] = [[] for _ in range(max(1, processes))]
    loads = [0] * len(hands)
    for cell in sorted(cells, key=lambda cell: -cell.work):
        least = loads.index(min(loads))
        hands[least].append(cell)
        loads[least] += cell.work
    return hands


def _mapped(
    work: Callable[[list[Cell]], dict[str, list[tuple[str, str]]]], hands: list[list[Cell]]
) -> Iterator[dict[str, list[tuple[str, str]]]]:
    if len(hands) < 2:
        yield from map(work, hands)
        return
    with ProcessPoolExecutor(len(hands), mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, hands)


def rank(seed: str, wanted: Mapping[str, int], cells: Iterable[Cell]) -> dict[str, list[tuple[str, str]]]:
    """Per stratum of these cells their smallest (ticket, id), no more than the stratum wants."""
    best: dict[str, _Smallest] = {}
    starts: dict[str, hashlib._Hash] = {}
    for cell in cells:
        idents = cell.ids.split(b"\n")[:-1]
        normal = idents if cell.ids.isascii() else [nfc(one.decode()).encode() for one in idents]
        for group, names in cell.strata.items():
            own = [best.setdefault(name, _Smallest(wanted[name])) for name in names]
            if group not in starts:
                starts[group] = hashlib.sha256(nfc(f"{seed}|E|{group}|").encode())
            for first in range(0, len(idents), STEP):
                part = slice(first, first + STEP)
                limit = max(one.limit for one in own)
                under = _tickets(starts[group], idents[part], normal[part], limit)
                for one in own:
                    one.offer(under)
    return {
        name: [(ticket.hex(), ident.decode()) for ticket, ident in smallest.pairs()]
        for name, smallest in best.items()
    }


def _tickets(
    start: "hashlib._Hash", idents: list[bytes], normal: list[bytes], limit: bytes
) -> list[tuple[bytes, bytes]]:
    """Raw tickets up to the limit with their ids: the bytes before the id are hashed once for all."""
    if not limit:
        return []
    found = []
    again = start.copy
    for place, text in enumerate(normal):
        state = again()
        state.update(text)
        ticket = state.digest()
        if ticket <= limit:
            found.append((ticket, idents[place]))
    return found


class _Smallest:
    """Holds the smallest pairs of all offered; never many more than twice those wanted and one piece.

    ``limit`` is a ticket that none of the wanted ones can be above, as far as is known.
    """

    def __init__(self, wanted: int) -> None:
        self.limit = b"\xff" * 32 if wanted else b""
        self._wanted = wanted
        self._held: list[tuple[bytes, bytes]] = []

    def offer(self, pairs: list[tuple[bytes, bytes]]) -> None:
        """Look at more pairs."""
        limit = self.limit
        self._held += [pair for pair in pairs if pair[0] <= limit]
        if len(self._held) > 2 * self._wanted + 200:
            self._cut()

    def pairs(self) -> list[tuple[bytes, bytes]]:
        """The wanted ones, ascending."""
        self._cut()
        return self._held

    def _cut(self) -> None:
        self._held.sort()
        del self._held[self._wanted :]
        if self._held and len(self._held) == self._wanted:
            self.limit = self._held[-1][0]
