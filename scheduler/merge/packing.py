"""Positions 0..n-1 and a test of what fits together in; a fewest packing with its proof out.

May import: the standard library and networkx. Knows nothing of enterprises: the test has to be
hereditary (a part of what fits, fits) and a single position always makes a block of its own.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Literal

import networkx as nx

EXHAUSTIVE_LIMIT = 10
"""Up to this many positions all packings are tried: Bell's number of 10 is 115,975."""

CLIQUE_LIMIT = 20_000
"""So many maximal cliques are looked at; each one found is a lower bound, the best need not be seen."""

Fits = Callable[[tuple[int, ...]], bool]
"""Whether ascending positions may share one block."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Packing:
    """Blocks in the order of their smallest position, each ascending.

    ``clique`` are positions no two of which fit together, as many as were found; with as many as there
    are blocks the proof is ``pairwise``. ``exhaustive`` says that all packings were tried, ``open``
    that fewer blocks are not ruled out.
    """

    blocks: tuple[tuple[int, ...], ...]
    clique: tuple[int, ...]
    proof: Literal["pairwise", "exhaustive", "open"]


def fewest(count: int, fits: Fits) -> Packing:
    """A packing of ``count`` positions (at least one) into the fewest blocks.

    Among equally few blocks the choice is fixed: position by position, each goes into the earliest block
    it can (the lexicographically smallest sequence of block numbers). Above ``EXHAUSTIVE_LIMIT`` the best
    of three first-fit packings is taken, proved only where a clique is as large.
    """
    everything = tuple(range(count))
    if count == 1 or fits(everything):
        return Packing(blocks=(everything,), clique=everything[:1], proof="pairwise")
    apart = _conflicts(count, fits)
    clique = _largest_clique(apart)
    if count <= EXHAUSTIVE_LIMIT:
        blocks = _search(count, fits, len(clique))
        proof: Literal["exhaustive", "open"] = "exhaustive"
    else:
        blocks = _best_first_fit(apart, fits)
        proof = "open"
    return Packing(blocks=blocks, clique=clique, proof="pairwise" if len(blocks) == len(clique) else proof)


def _conflicts(count: int, fits: Fits) -> "nx.Graph[int]":
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(pair for pair in combinations(range(count), 2) if not fits(pair))
    return graph


def _largest_clique(graph: "nx.Graph[int]") -> tuple[int, ...]:
    """The largest clique seen, the lexicographically smallest of equals."""
    seen = (tuple(sorted(clique)) for clique in islice(nx.find_cliques(graph), CLIQUE_LIMIT))
    return min(seen, key=lambda clique: (-len(clique), clique))


def _search(count: int, fits: Fits, at_least: int) -> tuple[tuple[int, ...], ...]:
    """All packings into ``at_least`` blocks, then one more, and so on; the first found is the choice."""
    known: dict[tuple[int, ...], bool] = {}

    def remembered(block: tuple[int, ...]) -> bool:
        if block not in known:
            known[block] = len(block) == 1 or fits(block)
        return known[block]

    def place(
        position: int, blocks: tuple[tuple[int, ...], ...], most: int
    ) -> tuple[tuple[int, ...], ...] | None:
        if position == count:
            return blocks
        for index, block in enumerate(blocks):
            larger = (*block, position)
            if remembered(larger):
                done = place(position + 1, (*blocks[:index], larger, *blocks[index + 1 :]), most)
                if done is not None:
                    return done
        return place(position + 1, (*blocks, (position,)), most) if len(blocks) < most else None

    tried = (place(0, (), most) for most in range(at_least, count + 1))
    return next(blocks for blocks in tried if blocks is not None)


def _best_first_fit(graph: "nx.Graph[int]", fits: Fits) -> tuple[tuple[int, ...], ...]:
    """First fit by position, by number of conflicts and by the colours of a greedy colouring."""
    colours = nx.greedy_color(graph, strategy="DSATUR")
    orders: list[Sequence[int]] = [
        sorted(graph),
        sorted(graph, key=lambda node: (-graph.degree[node], node)),
        sorted(graph, key=lambda node: (colours[node], node)),
    ]
    return min((_first_fit(order, fits) for order in orders), key=len)


def _first_fit(order: Iterable[int], fits: Fits) -> tuple[tuple[int, ...], ...]:
    blocks: list[tuple[int, ...]] = []
    for node in order:
        for index, block in enumerate(blocks):
            larger = tuple(sorted((*block, node)))
            if fits(larger):
                blocks[index] = larger
                break
        else:
            blocks.append((node,))
    return tuple(sorted(blocks))
