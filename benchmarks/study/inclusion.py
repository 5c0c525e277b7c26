"""Whether everybody of a stratum is drawn as often as the quota says: 16 subgroups fixed before any seed.

In: a plan, its frame, draws under many seeds. Out: the worst deviation from the nominal share. May import:
the rooms and the domain.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from statistics import NormalDist

from scheduler.domain.frame import LINE, FrameColumns
from scheduler.domain.plan import DrawResult, Plan
from scheduler.domain.registers import Enterprise
from scheduler.draw.fast import Layer, Piece

BLOCKS = 8
DIVISIONS = 4
SIZES = ("规模以上", "连锁", "特种设备", "")
"""Marks of the generator that go with an enterprise's size; the last is everybody without any."""

FAMILY_WISE = 0.01
LEAST_VARIANCE = 10
"""Below this variance a count is too far from normal for a tail of one in a million; it is left out."""

FIRST_BLOCK = DIVISIONS + len(SIZES)


class Subgroups:
    """The 16 subgroups of a frame: division and size by what a piece is, block of rows by the id."""

    def __init__(self, columns: FrameColumns, pieces: Sequence[Piece]) -> None:
        self._ends = block_ends(columns)
        districts = sorted({row.district for row in columns.ids})
        self._divisions = {name: n % DIVISIONS for n, name in enumerate(districts)}
        self._counts = [self._of_piece(piece) for piece in pieces]

    def of(self, shop: Enterprise) -> tuple[int, int, int]:
        """The three subgroups that an enterprise is in."""
        block = bisect_left(self._ends, shop.enterprise_id.encode())
        return (*self._alike(shop.district, shop.tags), FIRST_BLOCK + block)

    def count(self, layers: Iterable[Layer]) -> Counter[tuple[str, int]]:
        """How many of each stratum are in each subgroup; nobody is left out of these frames."""
        found: Counter[tuple[str, int]] = Counter()
        for layer in layers:
            for number in layer.pieces:
                for subgroup, count in self._counts[number]:
                    found[layer.stratum.stratum_id, subgroup] += count
        return found

    def _of_piece(self, piece: Piece) -> list[tuple[int, int]]:
        alike = [(one, piece.count) for one in self._alike(piece.cell.district, piece.kind.tags)]
        blocks = _blocks(piece.ids, self._ends)
        return [*alike, *((FIRST_BLOCK + block, count) for block, count in enumerate(blocks))]

    def _alike(self, district: str, tags: Sequence[str]) -> tuple[int, int]:
        size = next(n for n, mark in enumerate(SIZES) if not mark or mark in tags)
        return self._divisions[district], DIVISIONS + size


class Inclusion:
    """Counts per task and subgroup what was drawn; compares it with the hypergeometric expectation."""

    def __init__(self, plan: Plan, layers: Iterable[Layer], subgroups: Subgroups) -> None:
        self._strata = {stratum.stratum_id: stratum for stratum in plan.strata}
        self._members = subgroups.count(layers)
        self.drawn: Counter[tuple[str, int]] = Counter()
        self.n_seeds = 0

    def add(self, drawn: DrawResult, subgroups: Mapping[str, Sequence[int]]) -> None:
        """One more seed's draw, with the subgroups of at least the drawn enterprises by id."""
        self.n_seeds += 1
        for row in drawn.enterprises:
            if row.drawn:
                for subgroup in subgroups[row.enterprise_id]:
                    self.drawn[row.task_id, subgroup] += 1

    def join(self, other: "Inclusion") -> None:
        """The draws that another process counted for the same plan."""
        self.n_seeds += other.n_seeds
        self.drawn.update(other.drawn)

    def figures(self) -> dict[str, object]:
        """The worst |z| of all tasks and subgroups, its limit, and how many were compared."""
        scores = dict(self._scores())
        limit = NormalDist().inv_cdf(1 - FAMILY_WISE / (2 * max(1, len(scores))))
        worst = max(scores, key=lambda key: (abs(scores[key]), key), default=("", -1))
        deviation = abs(scores.get(worst, 0.0))
        return {
            "compared": len(scores),
            "worst": round(deviation, 2),
            "limit": round(limit, 2),
            "worst_task": worst[0],
            "worst_subgroup": worst[1],
            "holds": deviation <= limit,
        }

    def _scores(self) -> Iterator[tuple[tuple[str, int], float]]:
        """By task and subgroup the deviation in standard deviations, the strata of the task together."""
        expected: dict[tuple[str, int], float] = defaultdict(float)
        variance: dict[tuple[str, int], float] = defaultdict(float)
        for (stratum_id, subgroup), members in self._members.items():
            stratum = self._strata[stratum_id]
            key, n, size = (stratum.task_id, subgroup), stratum.quota, stratum.size
            share = members / size
            expected[key] += self.n_seeds * n * share
            variance[key] += self.n_seeds * n * share * (1 - share) * (size - n) / max(1, size - 1)
        for key, spread in variance.items():
            if spread >= LEAST_VARIANCE:
                yield key, (self.drawn[key] - expected[key]) / sqrt(spread)


def block_ends(columns: FrameColumns) -> list[bytes]:
    """The last id of every block of the frame's rows, in their order, but of the last block."""
    ids = sorted(ident for joined in columns.ids.values() for ident in joined.split(LINE)[:-1])
    return [ids[len(ids) * k // BLOCKS - 1] for k in range(1, BLOCKS)]


def _blocks(ids: bytes, ends: Sequence[bytes]) -> list[int]:
    lines = sorted(ids.split(LINE)[:-1])
    places = [0, *(bisect_right(lines, end) for end in ends), len(lines)]
    return [high - low for low, high in pairwise(places)]
