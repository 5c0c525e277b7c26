"""Compiling the inner loops: integers only, one thread, kept on disk between runs.

In: a plain function over integers and integer arrays. Out: the same function, compiled at its first call.
May import: numba. Nothing here changes a result: with ``NUMBA_DISABLE_JIT=1`` the same functions run as
plain Python and give the same bytes (tests/solvers/test_solvers_large.py).
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba

Given = ParamSpec("Given")
Made = TypeVar("Made")


def jit(function: Callable[Given, Made]) -> Callable[Given, Made]:
    """The function compiled: no fast floats, no threads, cached beside the source or in the user's cache.

    Without numba's reference counting: nothing here allocates, and counting references to the tables at
    every access took four fifths of the time (measured: docs/adr/0020-the-roster-at-scale.md).
    """
    options: dict[str, Any] = {"cache": True, "_nrt": False}
    return cast("Callable[Given, Made]", numba.njit(**options)(function))
