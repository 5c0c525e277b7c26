"""Campaigns written once and kept, under the digest of whatever made them.

In: a size, a seed, a folder. Out: the path of a campaign.toml. May import: this package.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from instances.campaign import CAMPAIGN, write_campaign
from instances.sizes import size_named
from scheduler.domain.ports import Progress

MAKERS = ("numpy", "xlsxwriter", "chinesecalendar")
"""Packages whose version can change a byte of what is written."""


def default_cache() -> Path:
    """``$ONEDOOR_CACHE``, else the user's cache folder."""
    named = os.environ.get("ONEDOOR_CACHE")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "onedoor"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "onedoor"


def generator_digest() -> str:
    """16 hexadecimal digits over this package's files, the heading table and the makers' versions."""
    digest = hashlib.sha256()
    for package, names in (("instances", None), ("scheduler.intake", {"columns.py"})):
        for entry in sorted(files(package).iterdir(), key=lambda one: one.name):
            if entry.name.endswith((".py", ".toml")) and (names is None or entry.name in names):
                digest.update(entry.name.encode() + b"\0" + entry.read_bytes() + b"\0")
    for name in (*MAKERS, "python"):
        used = ".".join(map(str, sys.version_info[:2])) if name == "python" else version(name)
        digest.update(f"{name}=={used}\0".encode())
    return digest.hexdigest()[:16]


def cached_campaign(
    size: str, cache_dir: Path | None = None, seed: int = 1, *, progress: Progress | None = None
) -> Path:
    """The campaign.toml of that size and seed, written at the first call and reused afterwards.

    A call that is killed leaves nothing that a later one would take for finished. Errors: as
    :func:`instances.write_campaign`.
    """
    size_named(size)
    root = default_cache() if cache_dir is None else cache_dir
    folder = root / f"{size}-{seed}-{generator_digest()}"
    if not (folder / CAMPAIGN).exists():
        root.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{size}-", dir=root))
        try:
            write_campaign(size, draft, seed=seed, progress=progress)
            _settle(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return folder / CAMPAIGN


def _settle(draft: Path, folder: Path) -> None:
    try:
        draft.replace(folder)
    except OSError:
        # Somebody else was faster; what stands there has the same bytes.
        if not (folder / CAMPAIGN).exists():
            raise
