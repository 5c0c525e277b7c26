"""Seeded random streams of the generator; nothing here ever decides a real draw.

In: a seed and a stream's name. Out: a numpy generator. May import: numpy.
Each table has its own stream, so that a change to one table leaves the others as they were.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Choice = TypeVar("Choice")


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """PCG64 seeded by the seed and the names; same arguments, same numbers."""
    text = "|".join([str(seed), *map(str, names)])
    entropy = int.from_bytes(hashlib.sha256(text.encode()).digest())
    return np.random.Generator(np.random.PCG64(entropy))


def pick(rng: np.random.Generator, options: Sequence[Choice]) -> Choice:
    """One of the options, each as likely."""
    return options[int(rng.integers(len(options)))]


def sample(rng: np.random.Generator, options: Sequence[Choice], count: int) -> list[Choice]:
    """``count`` different options (or all of them, where there are fewer), in their former order."""
    count = min(count, len(options))
    chosen = sorted(int(i) for i in rng.choice(len(options), count, replace=False))
    return [options[i] for i in chosen]


def happens(rng: np.random.Generator, chance: float) -> bool:
    """True with that chance."""
    return bool(rng.random() < chance)
