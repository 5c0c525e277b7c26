"""Compiling the inner loops: integers only, one thread, kept on disk between runs.

In: a plain function over integers and integer arrays. Out: the same function, compiled at its first call.
May import: numba. Nothing here changes a result: with ``NUMBA_DISABLE_JIT=1`` the same functions run as
plain Python and give the same bytes (tests/solvers/test_solvers_large.py).
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
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
    compiled = numba.njit(**options)(function)
    kept = getattr(compiled, "_cache", None)  # None with NUMBA_DISABLE_JIT=1
    if kept is not None:
        # numba keeps what it compiled until the function's own file changes, though what the function calls
        # and the constants of other files are compiled into it.
        kept._cache_file._source_stamp = _sources(Path(function.__code__.co_filename).parent)  # noqa: SLF001
    return cast("Callable[Given, Made]", compiled)


@cache
def _sources(folder: Path) -> str:
    """A digest of all that a function of the folder may have been compiled from."""
    digest = hashlib.sha256()
    for path in sorted({*folder.glob("*.py"), *Path(__file__).parent.glob("*.py")}):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
