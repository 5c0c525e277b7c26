"""The key of the frame's salts: given, or made; and the tree it grows over the frame.

In: a key file's text, or none; the frame. Out: the key, root and size. May import: the draw, the domain.

The key is committed (its digest stands in the plan) and stays in the house: whoever has it can try out the
rows of others against the paths that were handed out (docs/adr/0013-salted-frame-tree.md).
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace

from scheduler import draw as draw_room
from scheduler.domain.errors import InputError, refuse
from scheduler.domain.hashes import digest_hex
from scheduler.domain.plan import Plan
from scheduler.domain.settings import Settings

_KEY = re.compile(r"[0-9a-f]{64}")


def frame_key_of(settings: Settings, given: str = "") -> str:
    """The key in 64 hexadecimal digits.

    A key that is given counts, so that a run can be repeated byte by byte. Without one a rehearsal derives
    it from the campaign's id, which hides nothing and is not meant to; a real campaign gets a random one.
    Errors: ``pipeline.frame_key_form``.
    """
    if given:
        key = given.removesuffix("\n").removesuffix("\r")
        if not _KEY.fullmatch(key):
            raise refuse(InputError, "pipeline.frame_key_form")
        return key
    if settings.rehearsal:
        return digest_hex(f"onedoor-frame-key|rehearsal|{settings.campaign_id}".encode(), settings.profile)
    return secrets.token_hex(32)


def with_frame_tree(plan: Plan, lines: Iterable[bytes], frame_key: str) -> Plan:
    """The plan with root and size of the tree over the lines of ``frame.csv``."""
    tree = draw_room.frame_tree(draw_room.frame_records(lines), frame_key, plan.settings.profile)
    return replace(plan, frame_root=tree.root, frame_size=tree.size)


def key_text(frame_key: str) -> str:
    """The text of ``plan/frame-key.txt``."""
    return f"{frame_key}\n"
