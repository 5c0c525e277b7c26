"""The words of a large register's columns, each combination read once.

In: records, the screening. Out: tables ``words0``, ``words1``… of a database, one for each group of fields.
May import: the standard library, duckdb, the room's screening.
"""

from collections.abc import Sequence
from threading import Lock

import duckdb

from scheduler.intake.bulkscreen import GAP, Screen

WORDS_MOST = 300_000
"""Most combinations of words learnt per group; rows with others go to the record reader."""

NOT_PLAIN = -1
"""The code of a combination that is known and not plain."""

Codes = tuple[int, ...]


class Words:
    """What has been read so far; several threads may learn at the same time."""

    def __init__(self, database: duckdb.DuckDBPyConnection, screen: Screen) -> None:
        self._db = database
        self._screen = screen
        self._codes: list[dict[str, int]] = [{} for _ in screen.groups]
        self._lock = Lock()
        for n, group in enumerate(screen.groups):
            words = ", ".join(f"{name} VARCHAR" for name in group.fields)
            self._db.execute(f"CREATE TABLE words{n} (code UINTEGER, raw VARCHAR, {words})")

    def known(self) -> Codes:
        """The next code of each group: a look-up begun from now on finds all before it."""
        with self._lock:
            return tuple(map(len, self._codes))

    def learn(self, records: Sequence[list[str]], before: Codes) -> int:
        """Read the words that are new; how many of the records hold plain ones that :meth:`known` did not
        have when it gave ``before``."""
        whole = [cells for cells in records if len(cells) == self._screen.width]
        holders: set[int] = set()
        with self._lock:
            for n, next_code in enumerate(before):
                self._learn(n, whole)
                codes = self._codes[n]
                holders |= {
                    at for at, cells in enumerate(whole) if codes.get(self._key(n, cells), -1) >= next_code
                }
        return len(holders)

    def _key(self, n: int, cells: list[str]) -> str:
        places = (self._screen.position(name) for name in self._screen.groups[n].fields)
        return GAP.join("" if place is None else cells[place] for place in places)

    def _learn(self, n: int, records: Sequence[list[str]]) -> None:
        group, codes = self._screen.groups[n], self._codes[n]
        new: list[tuple[int | str, ...]] = []
        for cells in records:
            key = self._key(n, cells)
            if key not in codes and len(codes) < WORDS_MOST:
                words = self._screen.words(group, key)
                if words is not None:
                    new.append((len(codes), key, *words))
                codes[key] = NOT_PLAIN if words is None else len(codes)
        if new:
            marks = ", ".join("unnest(?)" for _ in new[0])
            columns = [list(column) for column in zip(*new, strict=True)]
            self._db.execute(f"INSERT INTO words{n} SELECT {marks}", columns)
