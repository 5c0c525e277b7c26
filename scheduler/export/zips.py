"""Zip files whose bytes follow from their contents alone.

In: names with bytes. Out: bytes. May import: the standard library.
"""

import io
import zipfile
from collections.abc import Iterable

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment a zip can name; no clock is read."""


def zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """The parts in their order, deflated."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts:
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return stream.getvalue()
