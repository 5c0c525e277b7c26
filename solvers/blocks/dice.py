"""Compiled: numbers that look random and are the same everywhere.

In: a one-element array that holds the stream's place. Out: integers. May import: ``solvers.blocks.jit``.
(Lehmer's generator modulo 2^31 - 1 with multiplier 48271: Park, Miller, Stockmeyer, CACM 36(7), 1993.)
"""

# Items of NumPy arrays are Any to mypy, integers once compiled.
# mypy: disable-error-code="no-any-return"
from solvers.blocks.jit import jit
from solvers.blocks.land import Ints


@jit
def below(dice: Ints, limit: int) -> int:
    """The next number in ``[0, limit)``; ``limit`` from 1 to 2^31."""
    dice[0] = dice[0] * 48271 % 2_147_483_647
    return dice[0] * limit >> 31
