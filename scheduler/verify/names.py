"""Names as the draw's specification allows them (``docs/draw-spec.md`` §1, §12): one spelling, one chance.

In: registers and settings. Out: what has a forbidden form. May import: the domain, the standard library.
"""

import re
from collections.abc import Iterator

from scheduler.domain.canonical import nfc
from scheduler.domain.registers import Registers
from scheduler.domain.settings import Settings

BANNED = frozenset(" |;")
SLOT_MOST = 64


def is_id(text: str) -> bool:
    """Printable ASCII without space, ``|`` and ``;``."""
    return bool(text) and text.isascii() and text.isprintable() and BANNED.isdisjoint(text)


def is_name(text: str) -> bool:
    """Printable text in NFC without ``|``."""
    return bool(text) and text.isprintable() and "|" not in text and nfc(text) == text


def bad_names(registers: Registers, settings: Settings) -> Iterator[tuple[str, str]]:
    """Column and value of each forbidden name but those of enterprises, and of each person who would have
    two tickets as inspector and as expert."""
    officers = {row.inspector_id for row in registers.inspectors}
    experts = {row.expert_id for row in registers.experts}
    ids = {"campaign_id": {settings.campaign_id}, "inspector_id": officers, "expert_id": experts}
    names = {
        "department_id": {row.department_id for row in registers.departments},
        "authority": {row.authority for row in registers.departments},
        "unit": {row.unit for row in registers.departments},
        "item_code": {row.item_code for row in registers.items},
        "qualification": {row.qualification for row in registers.items} - {""},
        "expert": {row.expert for row in registers.items} - {""},
        "task_id": {row.task_id for row in registers.tasks},
        "group": {row.group for row in registers.tasks} - {""},
    }
    for column, found in ids.items():
        yield from ((column, value) for value in sorted(found) if not is_id(value))
    for column, found in names.items():
        yield from ((column, value) for value in sorted(found) if not is_name(value))
    yield from (("expert_id", value) for value in sorted(officers & experts))
    if not _is_slot(settings.slot):
        yield "slot", settings.slot
    if not re.fullmatch("[0-9a-f]{64}", settings.previous_head):
        yield "previous_head", settings.previous_head


def _is_slot(slot: str) -> bool:
    spaced, counted = any(c.isspace() for c in slot), any("0" <= c <= "9" for c in slot)
    return is_name(slot) and len(slot) <= SLOT_MOST and counted and not spaced
