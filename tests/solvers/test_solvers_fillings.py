"""How many visits of each length fill a share, and what saying so finds."""

from itertools import product

import pytest
from plain_roster import broken, need, person, place, tiny

from scheduler.domain.problem import SeatGroup
from solvers.blocks import dating, dating_model
from solvers.blocks.fillings import MOST, fillings, full
from solvers.facts import Facts
from solvers.roster import Roster

ALONE = SeatGroup(department_idx=0, n_seats=1, pools=(0,))


@pytest.mark.parametrize("share", [0, 59, 60, 210, 315])
def test_fillings_are_all_counts_that_the_share_holds(share: int) -> None:
    lengths = {60: 2, 75: 4, 105: 1}
    ways = fillings(lengths, share)
    counted = {
        (long, middle, short): share - 105 * long - 75 * middle - 60 * short
        for long, middle, short in product(range(2), range(5), range(3))
        if 105 * long + 75 * middle + 60 * short <= share
    }
    assert ways == counted


def test_too_many_fillings_are_none() -> None:
    assert fillings(dict.fromkeys(range(1, 30), 30), MOST) is None
    assert full(dict.fromkeys(range(1, 30), 30), MOST, [MOST]) == {}


def test_only_what_leaves_room_for_everything_fills_a_share() -> None:
    assert full({60: 2, 90: 1}, 285, [150, 150]) == {150: [(1, 1)]}
    assert full({60: 2, 90: 2}, 300, [150, 165]) == {150: [(1, 1)], 165: [(1, 1)]}


def test_where_a_visit_more_would_fit_nothing_is_said() -> None:
    assert full({60: 4}, 120, [90, 90, 90]) == {}
    assert full({}, 0, [90]) == {}


def test_shares_that_lengths_cannot_reach_have_no_filling() -> None:
    assert full({60: 2, 90: 1}, 330, [150, 180]) == {150: [], 180: []}


def test_seats_are_found_where_shares_are_full() -> None:
    lengths = (60, 60, 90, 90)
    visits = tuple(need(f"V{at}", duration_min=length, groups=(ALONE,)) for at, length in enumerate(lengths))
    problem = tiny(people=(person("P0"), person("P1")), visits=visits)
    roster = Roster(Facts(problem))
    for visit, (day, start, who) in enumerate(((0, 540, 0), (0, 840, 0), (1, 540, 1), (1, 840, 1))):
        roster.put(place(visit, day, start, (who,)))
    # 780 minutes and 193 per mille: 150 each, so a short and a long visit each.
    block = dating.dating_block(roster, (0, 1), 193, dating.FILLED)
    assert block.filled
    assert dating.apply(roster, block, dating_model.date(block, 2))
    assert roster.load == [150, 150]
    assert not broken(problem, roster.placements())
