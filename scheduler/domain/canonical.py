"""One byte string for one content: what is hashed must not depend on who wrote it.

Canonical JSON has sorted keys, no spaces, UTF-8 in NFC, and only objects, arrays, strings, integers
and booleans: no float and no null can enter a digest.
"""

import hashlib
import json
import unicodedata
from pathlib import Path

from scheduler.domain.errors import InputError, refuse


def nfc(text: str) -> str:
    """The text in Unicode normal form C, the only form that is ever hashed."""
    return unicodedata.normalize("NFC", text)


def sha256_hex(data: bytes) -> str:
    """SHA-256 in 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(value: object) -> bytes:
    """Canonical bytes of a JSON value, without a line end.

    Errors: ``canonical.type`` for a float, null or anything that is not JSON.
    """
    return json.dumps(
        _checked(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _checked(value: object) -> object:
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, dict):
        return {nfc(str(key)): _checked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_checked(item) for item in value]
    raise refuse(InputError, "canonical.type", type=type(value).__name__)
