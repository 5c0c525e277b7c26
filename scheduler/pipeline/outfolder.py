"""Folders outside the run that hold what is handed out: made aside, put in place whole, never over something
else.

In: a folder, a function that writes. Out: the folder with its list of files. May import:
:mod:`scheduler.domain`.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from scheduler.domain.canonical import canonical_json
from scheduler.domain.errors import InputError, UsageError, Value, refuse
from scheduler.domain.hashes import file_digest

LIST = "清单.json"
SCHEMA = "onedoor.handed-out/1"
TEMP = ".onedoor-"
"""What a hidden folder's name begins with while it is being written."""

Write = Callable[[Path], Iterable[str]]
"""Writes files into the folder given and yields their paths in it, as POSIX writes them."""


def put(target: Path, write: Write, facts: Mapping[str, str | int]) -> list[str]:
    """Write a folder beside its place and move it there; returns its files' paths, sorted, the list last.

    ``facts`` (with ``campaign_id``) stand in its list ``清单.json``, with every file's SHA-256. A folder that
    an earlier call made for the same campaign is replaced, if nobody has changed, added or taken away a file
    in it since: what was filled in by hand is not lost. On any error everything stands as it stood.

    Errors: ``export.folder_foreign``, ``export.folder_changed``, ``export.folder_campaign``
    (:class:`UsageError`), ``export.folder_unwritable`` (:class:`InputError`) with the system's words.
    """
    refuse_in_the_way(target, str(facts["campaign_id"]))
    temp: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temp = Path(mkdtemp(prefix=TEMP, dir=target.parent))
        files = sorted(write(temp))
        listed = {name: file_digest(temp / name, "sha256") for name in files}
        (temp / LIST).write_bytes(canonical_json({"schema": SCHEMA, **facts, "files": listed}) + b"\n")
        temp.chmod(0o755)
        _swap(temp, target)
    except OSError as error:
        _clear(temp)
        place: dict[str, Value] = {"file": str(target)}
        raise refuse(
            InputError, "export.folder_unwritable", place, detail=error.strerror or type(error).__name__
        ) from error
    except BaseException:
        _clear(temp)
        raise
    return [*files, LIST]


def refuse_in_the_way(target: Path, campaign_id: str) -> None:
    """Refuse a place that holds anything but what this program put there. Errors: as :func:`put`."""
    if not target.exists() and not target.is_symlink():
        return
    there = _files(target) if target.is_dir() else []
    if target.is_dir() and not there:
        return
    known = _list_of(target)
    if known is None:
        found = there[0] if there else target.name
        raise refuse(UsageError, "export.folder_foreign", {"file": str(target)}, found=found)
    if known["campaign_id"] != campaign_id:
        raise refuse(
            UsageError, "export.folder_campaign", {"file": str(target)}, campaign=str(known["campaign_id"])
        )
    listed: dict[str, str] = known["files"]
    for name in sorted({*listed, *there} - {LIST}):
        path = target / name
        if not path.is_file() or listed.get(name) != file_digest(path, "sha256"):
            raise refuse(UsageError, "export.folder_changed", {"file": str(path)})


def _list_of(target: Path) -> dict[str, Any] | None:
    """The folder's list, None where there is none of ours."""
    try:
        known = json.loads((target / LIST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(known, dict) and known.get("schema") == SCHEMA
    return known if whole and isinstance(known.get("files"), dict) and "campaign_id" in known else None


def _files(folder: Path) -> list[str]:
    """All files below, as POSIX paths in it."""
    found = (Path(at) / name for at, _, names in os.walk(folder) for name in names)
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _swap(temp: Path, target: Path) -> None:
    """Put the new folder in place of the old one, which goes only when the new one stands."""
    if not target.exists():
        temp.rename(target)
        return
    old = Path(mkdtemp(prefix=TEMP, dir=target.parent))
    kept = old / "old"
    target.rename(kept)
    try:
        temp.rename(target)
    except OSError:
        kept.rename(target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _clear(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
