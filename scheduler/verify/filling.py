"""Can these people fill these seats? A flow from visits to people, grown until it is as large as it gets.

In: seats and who may take them, each person's room. Out: yes or no. Own code: whoever made a claim about a
shortage is not asked. May import: the standard library.
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence


def fills(
    seats: Mapping[str, int],
    weight: Mapping[str, int],
    able: Mapping[str, Sequence[str]],
    room: Mapping[str, int],
) -> bool:
    """Whether the people can carry all seats of all visits: each person at most one seat of a visit, within
    his room. A visit's seat weighs ``weight``; what is asked may be split. An empty demand is filled."""
    return _Flow(seats, weight, able, room).is_full()


class _Flow:
    """A flow from visits to people, grown along shortest paths until nothing more goes."""

    def __init__(
        self,
        seats: Mapping[str, int],
        weight: Mapping[str, int],
        able: Mapping[str, Sequence[str]],
        room: Mapping[str, int],
    ) -> None:
        self.weight = weight
        self.missing = {visit: n * weight[visit] for visit, n in seats.items()}
        self.room = dict(room)
        self.people: dict[str, list[str]] = defaultdict(list)
        for person, visits in sorted(able.items()):
            for visit in visits:
                self.people[visit].append(person)
        self.load: dict[tuple[str, str], int] = defaultdict(int)
        self.served: dict[str, set[str]] = defaultdict(set)

    def is_full(self) -> bool:
        """Grow the flow to its largest; whether nothing is missing then."""
        for visit, amount in self.missing.items():
            left = amount
            while left and (path := self._search(visit)) is not None:
                left -= self._push(path, left)
            if left:
                return False  # once a visit finds no path, later ones open none for it
        return True

    def _search(self, start: str) -> list[tuple[str, str]] | None:
        """Steps (visit, person) to somebody with room; a person on the way hands another visit on."""
        queue, parent, seen = deque([start]), dict[str, tuple[str, str]](), {start}
        came: dict[str, str] = {}
        while queue:
            visit = queue.popleft()
            for person in self.people[visit]:
                if person in came or self.load[visit, person] >= self.weight[visit]:
                    continue
                came[person] = visit
                if self.room[person] > 0:
                    path = [(visit, person)]
                    while path[0][0] != start:
                        path.insert(0, parent[path[0][0]])
                    return path
                for other in sorted(self.served[person] - seen):
                    seen.add(other)
                    parent[other] = (visit, person)
                    queue.append(other)
        return None

    def _push(self, path: Sequence[tuple[str, str]], left: int) -> int:
        step = min(left, self.room[path[-1][1]])
        for at, (visit, person) in enumerate(path):
            step = min(step, self.weight[visit] - self.load[visit, person])
            if at:
                step = min(step, self.load[visit, path[at - 1][1]])
        for at, (visit, person) in enumerate(path):
            if at:
                self._add(visit, path[at - 1][1], -step)
            self._add(visit, person, step)
        self.room[path[-1][1]] -= step
        return step

    def _add(self, visit: str, person: str, step: int) -> None:
        self.load[visit, person] += step
        if self.load[visit, person]:
            self.served[person].add(visit)
        else:
            self.served[person].discard(visit)
