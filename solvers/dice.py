"""Numbers that look random and are the same everywhere: the local search's only source of variety.

In: a fixed number. Out: integers. May import: nothing. (Vigna, splitmix64, public domain, 2015.)
"""

_MASK = (1 << 64) - 1


class Dice:
    """A stream of integers that depends on its start alone; nothing lawful is ever decided by it."""

    def __init__(self, start: int) -> None:
        self._state = start & _MASK

    def below(self, limit: int) -> int:
        """The next number in ``[0, limit)``; ``limit`` at least 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ (mixed >> 31)) % limit
