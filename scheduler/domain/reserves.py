"""Reserves called (递补): the events that change who may be sent, and the proof that a call was needed.

An event is one sealed folder ``reserve-001/`` between merge and solve; docs/draw-spec.md §9.1 says when.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from scheduler.domain.plan import DrawnPerson

ReserveKind = Literal["shortage", "replacement"]
ReplaceReason = Literal["leave", "recusal", "certificate"]
"""Why a person is replaced: leave or another duty, a recusal found late, a certificate lost."""

Measure = Literal["visits", "minutes"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """One pool's shortage: seats of one need, all of them in the days ``[start, end)``.

    ``need`` is empty for the seats of a team, ``item:S01`` for somebody in it who masters the item,
    ``leader`` for its leader. ``demand`` and both supplies are counted in ``unit``: seats, or person-minutes.
    ``supply_before`` is the most that is there with one reserve less than the ``n_called`` (a fixed group is
    one reserve), ``supply`` the most with all of them.
    """

    pool_id: str
    need: str
    unit: Measure
    start: dt.date
    end: dt.date
    n_called: int
    demand: int
    supply_before: int
    supply: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ReserveEvent:
    """``event.json``. A ``shortage`` has a cut for each pool it calls from; a ``replacement`` has none, and
    names the person, why, on what evidence and by whose decision."""

    kind: ReserveKind
    person_id: str = ""
    reason: ReplaceReason | Literal[""] = ""
    evidence: str = ""
    decider: str = ""
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CalledReserve:
    """A row of ``called.csv``: a reserve of the sealed draw who may be sent from now on; ``replaces`` is the
    person whose seats he takes, empty where the pool grows."""

    pool_id: str
    rank: int
    person_id: str
    ticket: str
    replaces: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CutSeat:
    """A row of ``seats.csv``: how many seats of the cut a visit asks for, and its minutes."""

    pool_id: str
    visit_id: str
    seats: int
    minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CutPerson:
    """A row of ``people.csv``: what one person can contribute to the cut at most, in the cut's unit.

    ``n_days`` are the days of the cut on which he may work, ``n_visits`` how many of its visits he may join;
    ``capacity`` is -1 where no limit is committed. ``called`` marks the reserves of this event.
    """

    pool_id: str
    person_id: str
    called: bool
    n_days: int
    n_visits: int
    capacity: int
    supply: int


@dataclass(frozen=True, kw_only=True)
class SealedReserve:
    """One event with its tables, sorted by pool, then rank and person, visit, or person."""

    event: ReserveEvent
    called: tuple[CalledReserve, ...]
    seats: tuple[CutSeat, ...] = ()
    people: tuple[CutPerson, ...] = ()


def people_in_force(
    people: Iterable[DrawnPerson], events: Iterable[SealedReserve]
) -> tuple[DrawnPerson, ...]:
    """The rows of the draw after the events: ``drawn`` is true for whoever may be sent now.

    Somebody replaced is out of every pool, whatever event follows, and with him those of his fixed group.
    """
    rows, told = tuple(people), tuple(events)
    called = {(row.pool_id, row.person_id) for event in told for row in event.called}
    out = people_out(rows, told)
    return tuple(
        replace(row, drawn=(row.drawn or (row.pool_id, row.person_id) in called) and row.person_id not in out)
        for row in rows
    )


def people_out(people: Iterable[DrawnPerson], events: Iterable[SealedReserve]) -> frozenset[str]:
    """Whoever was replaced, and whoever shares his ticket: the others of a fixed group."""
    rows = tuple(people)
    named = {event.event.person_id for event in events} - {""}
    tickets = {(row.pool_id, row.ticket) for row in rows if row.person_id in named}
    return frozenset(named | {row.person_id for row in rows if (row.pool_id, row.ticket) in tickets})


def still_callable(
    people: Iterable[DrawnPerson], events: Iterable[SealedReserve], k_max: int, pool_id: str
) -> tuple[tuple[DrawnPerson, ...], ...]:
    """The reserves of a pool that may still be called, next one first, as many as ``k_max`` leaves.

    A reserve is everybody of one ticket: one person, or a fixed group. Listed ones count who were neither
    called nor replaced before.
    """
    rows, told = tuple(people), tuple(events)
    called = {row.ticket for event in told for row in event.called if row.pool_id == pool_id}
    out = people_out(rows, told)
    units: dict[str, tuple[DrawnPerson, ...]] = {}
    for row in sorted(rows, key=lambda row: (row.rank, row.person_id)):
        free = not row.drawn and row.ticket not in called and row.person_id not in out
        if row.pool_id == pool_id and free:
            units[row.ticket] = (*units.get(row.ticket, ()), row)
    return tuple(units.values())[: max(0, k_max - len(called))]
