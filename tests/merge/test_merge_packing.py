"""The fewest blocks, against brute force over all set partitions."""

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.merge.packing import EXHAUSTIVE_LIMIT, Fits, Packing, fewest


def partitions(items: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
    """All set partitions, written without regard to the program's order."""
    if not items:
        yield []
        return
    last = items[-1]
    for rest in partitions(items[:-1]):
        yield [*rest, (last,)]
        for n, block in enumerate(rest):
            yield [*rest[:n], (*block, last), *rest[n + 1 :]]


def lawful(blocks: list[tuple[int, ...]], fits: Fits) -> bool:
    return all(len(block) == 1 or fits(block) for block in blocks)


def block_numbers(count: int, blocks: tuple[tuple[int, ...], ...]) -> list[int]:
    ordered = sorted(tuple(sorted(block)) for block in blocks)
    return [next(n for n, block in enumerate(ordered) if item in block) for item in range(count)]


@st.composite
def worlds(draw: st.DrawFn, most: int = 6) -> tuple[int, Fits]:
    count = draw(st.integers(1, most))
    pairs = [(i, j) for j in range(count) for i in range(j)]
    apart = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    weights = draw(st.lists(st.integers(1, 5), min_size=count, max_size=count))
    limit = draw(st.integers(3, 12))

    def fits(block: tuple[int, ...]) -> bool:
        together = sum(weights[n] for n in block) <= limit
        return together and not any((i, j) in apart for j in block for i in block if i < j)

    return count, fits


def check_sound(count: int, fits: Fits, packing: Packing) -> None:
    assert sorted(n for block in packing.blocks for n in block) == list(range(count))
    assert lawful(list(packing.blocks), fits)
    assert not any(fits((i, j)) for i in packing.clique for j in packing.clique if i < j)
    assert len(packing.clique) <= len(packing.blocks)
    assert (packing.proof == "pairwise") == (len(packing.clique) == len(packing.blocks))


@settings(max_examples=80, deadline=None)
@given(worlds())
def test_no_partition_has_fewer_blocks_and_none_as_small_comes_earlier(world: tuple[int, Fits]) -> None:
    count, fits = world
    packing = fewest(count, fits)
    check_sound(count, fits, packing)
    everything = [
        blocks
        for blocks in partitions(tuple(range(count)))
        # A single position is lawful whatever its weight; the whole set is not asked for count 1.
        if lawful(blocks, fits)
    ]
    best = min(len(blocks) for blocks in everything)
    assert len(packing.blocks) == best
    choice = min(block_numbers(count, tuple(blocks)) for blocks in everything if len(blocks) == best)
    assert block_numbers(count, packing.blocks) == choice
    assert packing.proof != "open"


@settings(max_examples=30, deadline=None)
@given(worlds(most=18))
def test_larger_sets_are_packed_lawfully_and_claim_only_what_a_clique_proves(world: tuple[int, Fits]) -> None:
    count, fits = world
    packing = fewest(count, fits)
    check_sound(count, fits, packing)
    assert (packing.proof == "exhaustive") <= (count <= EXHAUSTIVE_LIMIT)


def test_above_the_limit_an_unproved_packing_says_so() -> None:
    packing = fewest(EXHAUSTIVE_LIMIT + 1, lambda block: len(block) <= 2)
    assert (len(packing.blocks), packing.proof) == (6, "open")


def test_above_the_limit_a_clique_still_proves() -> None:
    packing = fewest(20, lambda block: len({n % 4 for n in block}) == 1)
    assert (len(packing.blocks), packing.proof) == (4, "pairwise")


def test_three_of_which_any_two_fit_need_the_exhaustive_proof() -> None:
    packing = fewest(3, lambda block: len(block) <= 2)
    assert packing == Packing(blocks=((0, 1), (2,)), clique=(0,), proof="exhaustive")
