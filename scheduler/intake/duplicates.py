"""What two rows of one code do not agree on.

In: rows that share a key. Out: the words a report names them by. May import: the standard library,
:mod:`scheduler.intake.rows`.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.intake.rows import Origin

NAMED = 10
"""Most rows that a rejected repetition names."""


def others(origin: Origin, number: int, rows: Mapping[int, Any], lost: Sequence[int] = ()) -> str:
    """The other rows of the code by number, each with the headings under which it says something else:
    ``7（名称、住所）、12``. Rows that cannot be read (``lost``) stand by their number alone."""
    mine = rows[number]
    told = {other: differing(origin, mine, row) for other, row in rows.items() if other != number}
    told |= {other: "" for other in lost if other != number}
    return "、".join(
        f"{other}（{told[other]}）" if told[other] else str(other) for other in sorted(told)[:NAMED]
    )


def differing(origin: Origin, first: Any, second: Any) -> str:
    """The headings as the file writes them, in the row's order; empty where both say the same."""
    return "、".join(
        origin.heads.get(field.name, field.name)
        for field in dataclasses.fields(first)
        if getattr(first, field.name) != getattr(second, field.name)
    )
