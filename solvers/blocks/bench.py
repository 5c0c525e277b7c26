"""The workbench of the compiled search: scratch tables made once and written over and over.

In: a land. Out: a :class:`Bench`. May import: ``solvers.blocks.land``, NumPy.
"""

from typing import NamedTuple

import numpy as np

from solvers.blocks.land import GROUP_AT, GROUP_END, SEAT_AT, SEAT_END, Ints, Land, most_stops

MOST_OFFERS = 96
"""People compared for one group on one day, the cheapest of the idle ones and everybody under way."""
MOST_KINDS = 64
PERSON, BASE, KIND, ALONE = range(4)
"""Columns of ``Bench.fit``: who may sit, least strained first; cost of his load; skills and ranks as bits;
minutes to the visit and back where he has nothing else to do, -1 where that is too much for a day."""
O_LEAST, O_SLOTS = 2, 3
"""Columns of ``Bench.offer`` after PERSON and BASE: cost with the way, number of slots."""
S_EXTRA, S_FIRST, S_LAST = range(3)
"""Columns of ``Bench.slots``: extra travel, first and last start."""
COST = 1
"""Column of ``Bench.come`` after PERSON: who can begin at the start tried, cheapest first."""
N_FIT, N_OFFERS, N_COME, LEAST = range(4)
"""Columns of ``Bench.group``."""
PICK, TEAM, CHOSEN, AT, SUM = range(5)
"""Rows of ``Bench.seats``: teams being tried, the best ones, the best of a group; where a search stands."""
B_COST, B_DAY, B_START, B_FIRST, B_LAST = range(5)
"""Places in ``Bench.best``: the best place found; the first and last start on a free day."""


class Bench(NamedTuple):
    """The first index of three- and four-dimensional tables is the group's position in its visit."""

    fit: Ints
    offer: Ints
    slots: Ints
    come: Ints
    group: Ints
    seats: Ints
    kinds: Ints
    starts: Ints
    best: Ints
    dice: Ints


def bench_of(land: Land, seed: int) -> Bench:
    """A bench large enough for every visit of the land."""
    groups = max(1, int((land.visits[:, GROUP_END] - land.visits[:, GROUP_AT]).max(initial=0)))
    seats = max(1, int((land.visits[:, SEAT_END] - land.visits[:, SEAT_AT]).max(initial=0)))
    gaps = most_stops(land) + 1

    def ints(*shape: int) -> Ints:
        return np.zeros(shape, np.int64)

    return Bench(
        fit=ints(groups, max(1, len(land.people)), 4),
        offer=ints(groups, MOST_OFFERS, 4),
        slots=ints(groups, MOST_OFFERS, gaps, 3),
        come=ints(groups, MOST_OFFERS, 2),
        group=ints(groups, 4),
        seats=ints(5, seats + 1),
        kinds=ints(MOST_KINDS, 2),
        starts=ints(max(1, len(land.people), 2 * groups * MOST_OFFERS * gaps)),
        best=ints(5),
        dice=np.array([seed % 2_147_483_646 + 1], np.int64),
    )
