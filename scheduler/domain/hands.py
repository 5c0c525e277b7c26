"""How many processes a large frame is worth.

In: what was asked for, the frame. Out: a number of processes. May import: the standard library. The number
changes no byte of what is made, only how long it takes.
"""

import os
from pathlib import Path

WORTH_BYTES = 1 << 24
"""A smaller frame (about 200,000 rows) is done before another process has started."""

MOST = 4
"""More were never measured; whoever has them asks for them."""


def hands_for(frame: Path, asked: int) -> int:
    """The number asked for; for 0 one process, and for a large frame as many as there are cores, up to
    :data:`MOST`."""
    if asked:
        return asked
    try:
        if frame.stat().st_size < WORTH_BYTES:
            return 1
    except OSError:
        return 1
    return min(MOST, _cores())


def _cores() -> int:
    """The cores that this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
