"""Which column a heading means, by the one table of headings and the user's own names.

In: headings as files write them, ``[aliases]`` of campaign.toml. Out: :class:`Vocabulary`. May import: the
standard library, :mod:`scheduler.intake.columns`, :mod:`scheduler.intake.aliases`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from scheduler.intake.aliases import AVAILABLE, AVAILABLE_FIELD, NEEDLESS, is_personal
from scheduler.intake.columns import COLUMNS, Column, Kind, find, plain_head

DROPPED = "-"
"""What a user writes for a column that is to be left out on purpose."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """``own`` maps a table to plain headings and the fields they mean (``-``: none, left out). A user's name
    goes before every other; its cells are read as those under the canonical heading."""

    own: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def find(self, table: str, head: str) -> tuple[Column, Kind] | None:
        """The column with the kind its cells have; ``None`` where the heading means nothing here."""
        name = self.own.get(table, {}).get(plain_head(head))
        if name is None:
            return find(table, head)
        return next(((column, column.kind) for column in COLUMNS[table] if column.field == name), None)

    def is_weak(self, table: str, head: str, column: Column) -> bool:
        """Whether the heading counts only where no better one of the column is there."""
        plain = plain_head(head)
        return plain not in self.own.get(table, {}) and plain in {plain_head(word) for word in column.weak}

    def is_available(self, table: str, head: str) -> bool:
        """Whether the heading is that of the days on which a person works; a user's own name may mean it."""
        own = self.own.get(table, {}).get(plain_head(head))
        return own == AVAILABLE_FIELD if own else plain_head(head) in AVAILABLE.get(table, frozenset())

    def unneeded(self, table: str, head: str) -> str | None:
        """``personal``, or what says the same here (possibly nothing), for a column that is understood and
        left out; ``None`` for one that nobody knows."""
        plain = plain_head(head)
        if is_personal(plain):
            return "personal"
        if self.own.get(table, {}).get(plain) == DROPPED:
            return ""
        for words in (NEEDLESS.get(table, {}), NEEDLESS[""]):
            if plain in words:
                return words[plain]
        return None


DEFAULT = Vocabulary()
