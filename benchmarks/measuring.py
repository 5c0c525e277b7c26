"""Seconds and memory of one call in a process of its own.

In: a function and its arguments. Out: its result with the figures. May import: the standard library.
"""

import multiprocessing
import os
import platform
import resource
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any


def measured(function: Callable[..., dict[str, Any]], /, *args: object) -> dict[str, Any]:
    """The function's figures with ``peak_mb``, in a fresh process so that nothing before it counts."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(_in_child, function, args).result()


def _in_child(function: Callable[..., dict[str, Any]], args: tuple[object, ...]) -> dict[str, Any]:
    figures = function(*args)
    own_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Of several children the system tells the largest alone: times their number it is no less than the sum.
    child_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    children = figures.get("processes", 1) if child_kb else 0
    return {**figures, "peak_mb": (own_kb + children * child_kb) // 1024, "machine": machine()}


def machine() -> dict[str, str]:
    """What the figures depend on; no ``commit`` outside of a checkout, one ending in ``-dirty`` where files
    differ from it."""
    return {
        "processor": platform.machine(),
        "python": platform.python_version(),
        "ortools": version("ortools"),
        **_commit(),
    }


def _commit() -> dict[str, str]:
    command = ("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    try:
        told = subprocess.run(  # noqa: S603 - a fixed command
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"commit": told.stdout.strip()}


class Stopwatch:
    """Wall-clock and processor seconds since it was made; those of children count once they have ended."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), _processor()

    def seconds(self, digits: int = 1) -> dict[str, float]:
        """Both, to a tenth of a second, or to more digits."""
        return {
            "seconds": round(time.perf_counter() - self._wall, digits),
            "processor_seconds": round(_processor() - self._processor, digits),
        }


def _processor() -> float:
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system
