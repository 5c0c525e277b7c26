"""How much of a demand people can carry at most, and which part of it they cannot: a largest flow, its cut.

In: classes of demand, capacities. Out: the flow and the demanding side of a smallest cut.
May import: the standard library.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Demand of one class: ``amount`` in all, of which each person of ``able`` carries at most ``each``."""

    amount: int
    each: int
    able: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """``flow`` is the most that can be carried; ``short`` are the positions of a set of classes of which even
    all people together cannot carry everything, empty where all is carried."""

    flow: int
    short: tuple[int, ...]


def carried(asked: Sequence[Asked], capacity: Mapping[str, int]) -> Carried:
    """A largest flow from the classes to the people, each within his capacity (a missing one has none).

    Shortest augmenting paths; the cut is the set of classes that can still be reached from what is open.
    """
    given: list[dict[str, int]] = [{} for _ in asked]
    takers: dict[str, dict[int, int]] = {}
    left = dict(capacity)
    open_amount = [one.amount for one in asked]
    for n, one in enumerate(asked):  # what needs no detour
        for person in sorted(one.able, key=lambda who: (-left.get(who, 0), who)):
            step = min(open_amount[n], one.each, left.get(person, 0))
            if step > 0:
                _move(given, takers, n, person, step)
                left[person] -= step
                open_amount[n] -= step
    while (path := _path(asked, given, takers, left, open_amount)) is not None:
        step = min(open_amount[path[0][0]], left[path[-1][1]])
        for at, (n, person) in enumerate(path):
            step = min(step, asked[n].each - given[n].get(person, 0))
            if at:
                step = min(step, given[n][path[at - 1][1]])
        for at, (n, person) in enumerate(path):
            if at:
                _move(given, takers, n, path[at - 1][1], -step)
            _move(given, takers, n, person, step)
        open_amount[path[0][0]] -= step
        left[path[-1][1]] -= step
    short = _reached(asked, given, takers, open_amount)
    return Carried(flow=sum(one.amount for one in asked) - sum(open_amount), short=short)


def _move(
    given: Sequence[dict[str, int]], takers: dict[str, dict[int, int]], n: int, person: str, step: int
) -> None:
    given[n][person] = takers.setdefault(person, {})[n] = given[n].get(person, 0) + step


def _path(
    asked: Sequence[Asked],
    given: Sequence[dict[str, int]],
    takers: Mapping[str, dict[int, int]],
    left: Mapping[str, int],
    open_amount: Sequence[int],
) -> list[tuple[int, str]] | None:
    """The shortest way from an open class to somebody with room: steps (class, person who takes more of it);
    between two steps the next class gives up some of what that person carries for it."""
    queue = deque(n for n, amount in enumerate(open_amount) if amount)
    seen = set(queue)
    before: dict[str, int] = {}
    handed: dict[int, str] = {}
    while queue:
        n = queue.popleft()
        for person in asked[n].able:
            if person in before or given[n].get(person, 0) >= asked[n].each or person not in left:
                continue
            before[person] = n
            if left[person] > 0:
                return _steps(person, before, handed)
            for other, amount in sorted(takers.get(person, {}).items()):
                if amount and other not in seen:
                    seen.add(other)
                    handed[other] = person
                    queue.append(other)
    return None


def _steps(person: str, before: Mapping[str, int], handed: Mapping[int, str]) -> list[tuple[int, str]]:
    steps = [(before[person], person)]
    while (giver := handed.get(steps[0][0])) is not None:
        steps.insert(0, (before[giver], giver))
    return steps


def _reached(
    asked: Sequence[Asked],
    given: Sequence[dict[str, int]],
    takers: Mapping[str, dict[int, int]],
    open_amount: Sequence[int],
) -> tuple[int, ...]:
    queue = deque(n for n, amount in enumerate(open_amount) if amount)
    seen, met = set(queue), set[str]()
    while queue:
        n = queue.popleft()
        for person in asked[n].able:
            if person not in met and given[n].get(person, 0) < asked[n].each:
                met.add(person)
                more = {k for k, amount in takers.get(person, {}).items() if amount} - seen
                seen |= more
                queue.extend(sorted(more))
    return tuple(sorted(seen))
