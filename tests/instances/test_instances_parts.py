"""Parts of the generator: chunks, quotas, calendars, places."""

import dataclasses
import datetime as dt
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instances.calendars import stretches, working_days
from instances.enterprises import chunks, make_chunk
from instances.people import head_counts
from instances.places import layout
from instances.quotas import Counts, Frame, draws, plan_quotas
from instances.sizes import SIZES
from instances.trades import TRADES
from scheduler.domain.registers import TABLES


@pytest.mark.parametrize("name", ["city", "metro"])
def test_a_chunk_of_a_large_register_has_its_counts_and_unique_codes(name: str) -> None:
    size = SIZES[name]
    place = layout(size, 1)
    serials = np.arange(1_000, 3_000)
    chunk = make_chunk(size, place, serials, 1, number=3, step=50)
    assert {len(cells) for cells in chunk.columns.values()} == {2_000}
    assert list(chunk.columns) == [field.name for field in dataclasses.fields(TABLES["enterprises"])]
    assert len(set(chunk.columns["enterprise_id"])) == 2_000
    active = chunk.columns["status"].count("存续")
    assert chunk.cells.shape == (len(size.districts), len(TRADES), 4)
    assert int(chunk.cells.sum()) == active
    assert 0 < len(chunk.known) <= 40
    divisions = {code for code, _ in size.districts}
    assert set(chunk.columns["district"]) == divisions


def test_chunks_cover_the_register_and_never_repeat_a_code() -> None:
    size = dataclasses.replace(SIZES["city"], n_enterprises=2_500)
    found = list(chunks(size, layout(size, 5), 5, rows=1_000))
    codes = [code for chunk in found for code in chunk.columns["enterprise_id"]]
    assert [len(chunk.columns["name"]) for chunk in found] == [1_000, 1_000, 500]
    assert len(set(codes)) == 2_500


def test_no_cell_of_a_chunk_needs_quoting() -> None:
    size = SIZES["metro"]
    chunk = make_chunk(size, layout(size, 1), np.arange(500), 1, number=0)
    assert not any(sign in cell for cells in chunk.columns.values() for cell in cells for sign in ',"\r\n')


def test_points_lie_in_their_district() -> None:
    size = SIZES["metro"]
    place = layout(size, 2)
    assert place.corners.shape == (10, 2)
    assert len({tuple(corner) for corner in place.corners.tolist()}) == 10
    assert int(place.corners.max()) == 3 * size.side_m


def test_trades_are_shares_of_a_thousand_with_sectioned_codes() -> None:
    assert sum(trade.permille for trade in TRADES) == 1_000
    assert len({trade.industry for trade in TRADES}) == len(TRADES)
    assert all(trade.industry[0].isalpha() and trade.industry[1:].isdigit() for trade in TRADES)


def test_stretches_cover_the_window_in_whole_weeks_with_enough_days() -> None:
    for name, size in SIZES.items():
        pieces = stretches(size.start, size.end)
        assert pieces[0][0] == size.start, name
        assert pieces[-1][1] == size.end
        assert all(a[1] == b[0] for a, b in pairwise(pieces))
        assert all(working_days(*piece) >= 4 for piece in pieces)


def test_windows_have_the_working_days_that_the_sizes_promise() -> None:
    days = {name: working_days(size.start, size.end) for name, size in SIZES.items()}
    # 2026-05-09 is a Saturday worked for the Labour Day holiday; 248 less the 1 worked on 4 January.
    assert days == {"street": 10, "county": 20, "city": 247, "metro": 247}
    assert working_days(dt.date(2026, 5, 9), dt.date(2026, 5, 10)) == 1


COUNTS = st.tuples(*[st.integers(0, 400)] * 4).filter(lambda counts: sum(counts) >= 5)


@settings(max_examples=50, deadline=None)
@given(counts=COUNTS, permille=st.integers(1, 125))
def test_draws_never_fall_below_the_ratio_nor_above_the_frame(counts: Counts, permille: int) -> None:
    ratios = [Fraction(permille * step, 1000) for step in (1, 2, 4, 8)]
    exact = sum(ratio * n for ratio, n in zip(ratios, counts, strict=True))
    n = draws(Frame(layers=(counts,)), ratios)
    assert exact <= n <= exact + 4
    assert n <= sum(counts)


@settings(max_examples=50, deadline=None)
@given(frames=st.lists(COUNTS, min_size=3, max_size=8), seed=st.integers(0, 99))
def test_a_plan_has_one_readable_quota_per_frame(frames: list[Counts], seed: int) -> None:
    rng = np.random.default_rng(seed)
    quotas = plan_quotas([Frame(layers=(counts,)) for counts in frames], 60, rng)
    assert len(quotas) == len(frames)
    assert all(quota[-1] in "%‰家" for quota in quotas)


@settings(max_examples=50, deadline=None)
@given(departments=st.integers(1, 40), per=st.integers(1, 60), seed=st.integers(0, 99))
def test_head_counts_sum_to_all_officers(departments: int, per: int, seed: int) -> None:
    counts = head_counts(departments * per, departments, np.random.default_rng(seed))
    assert sum(counts) == departments * per
    assert min(counts) >= min(per, 4)
