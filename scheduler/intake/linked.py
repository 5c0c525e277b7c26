"""One firm under two codes is one row: its old 注册号 leads to its 统一社会信用代码 in every other table.

In: the tables as read. Out: the tables with old codes followed, each change told; rows that only repeat a
firm under its old number are rejected. May import: the standard library, :mod:`scheduler.intake.rows`,
:mod:`scheduler.domain`.

A firm with two rows would have two tickets (DESIGN §5). Two rows are one firm where one names the other's
number as its own former one, or where name and address, both given, are the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from scheduler.domain.intake import Rejected
from scheduler.domain.registers import SORT_KEYS
from scheduler.intake.rows import Rows

FOLLOWING = ("recusals", "history", "quiet", "orders")
"""Tables that name enterprises."""


def follow_old_codes(tables: Mapping[str, Rows]) -> dict[str, Rows]:
    """The tables with one row per firm. ``intake.two_ids`` rejects the row under the old number,
    ``intake.id_linked`` tells that another table's old number was followed, ``intake.legacy_shared`` that
    several rows claim one old number, which then leads nowhere."""
    links, shared = links_of(tables["enterprises"])
    found = dict(tables)
    if shared:
        found["enterprises"] = tables["enterprises"].warned(_shared(tables["enterprises"], shared))
    if links:
        found["enterprises"] = _one_row_per_firm(found["enterprises"], links)
        for name in FOLLOWING:
            found[name] = _followed(found[name], links)
    return found


def links_of(enterprises: Rows) -> tuple[dict[str, str], frozenset[str]]:
    """Old number to the code of the firm that had it, and the numbers that several firms claim."""
    claims: dict[str, set[str]] = {}
    for row in enterprises.rows:
        if row.legacy_id and row.legacy_id != row.enterprise_id:
            claims.setdefault(row.legacy_id, set()).add(row.enterprise_id)
    homes = {
        (row.name, row.address): row.enterprise_id
        for row in enterprises.rows
        if row.id_kind == "legacy" and row.address
    }
    for row in enterprises.rows if homes else ():
        old = homes.get((row.name, row.address)) if row.id_kind == "uscc" else None
        if old is not None:
            claims.setdefault(old, set()).add(row.enterprise_id)
    shared = frozenset(old for old, codes in claims.items() if len(codes) > 1)
    return {old: next(iter(codes)) for old, codes in claims.items() if len(codes) == 1}, shared


def _shared(enterprises: Rows, shared: frozenset[str]) -> Iterator[Rejected]:
    for position, row in enumerate(enterprises.rows):
        if row.legacy_id in shared:
            number = enterprises.numbers[position]
            yield enterprises.origin.entry(number, "legacy_id", row.legacy_id, "intake.legacy_shared")


def _one_row_per_firm(enterprises: Rows, links: Mapping[str, str]) -> Rows:
    return enterprises.without(
        (
            position,
            enterprises.origin.entry(
                enterprises.numbers[position],
                "enterprise_id",
                row.enterprise_id,
                "intake.two_ids",
                links[row.enterprise_id],
            ),
        )
        for position, row in enumerate(enterprises.rows)
        if row.enterprise_id in links
    )


def _followed(table: Rows, links: Mapping[str, str]) -> Rows:
    rows, warnings = list(table.rows), []
    for position, row in enumerate(rows):
        code = links.get(row.enterprise_id)
        if code is not None:
            rows[position] = replace(row, enterprise_id=code)
            number = table.numbers[position]
            warnings.append(
                table.origin.entry(number, "enterprise_id", row.enterprise_id, "intake.id_linked", code)
            )
    if not warnings:
        return table
    return sorted_again(replace(table, rows=rows).warned(warnings))


def sorted_again(table: Rows) -> Rows:
    """The table in its order after a key was changed; rows that became equal are one, and counted."""
    names = SORT_KEYS[table.origin.table]

    def key(position: int) -> tuple[str, ...]:
        row = table.rows[position]
        return (*(str(getattr(row, name)) for name in names), repr(row))

    kept: list[int] = []
    for position in sorted(range(len(table.rows)), key=key):
        if not kept or table.rows[kept[-1]] != table.rows[position]:
            kept.append(position)
    return replace(
        table,
        rows=[table.rows[position] for position in kept],
        numbers=[table.numbers[position] for position in kept],
        merged=table.merged + len(table.rows) - len(kept),
    )
