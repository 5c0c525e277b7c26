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
from scheduler.domain.errors import InputError, OneDoorError, UsageError, refuse
from scheduler.domain.hashes import file_digest

LIST = "清单.json"
SCHEMA = "onedoor.handed-out/1"
TEMP = ".onedoor-"
"""What the name of the hidden folder begins with in which one is made."""

Write = Callable[[Path], Iterable[str]]
"""Writes files into the folder given and yields their paths in it, as POSIX writes them."""


def put(target: Path, write: Write, facts: Mapping[str, str | int]) -> list[str]:
    """Write a folder beside its place and move it there; returns its files' paths, sorted, the list last.

    ``facts`` (with ``campaign_id`` and ``plan_sha256``) stand in its list ``清单.json``, with every file's
    SHA-256. A folder that an earlier call made for the same campaign is replaced, if nobody has changed,
    added or taken away a file in it since: what was filled in by hand is not lost. A link to a folder stays
    one. On any error everything stands as it stood.

    What a killed call for the same plan left beside the place is cleared away: the caller holds the run, so
    nobody else is writing there.

    Errors: ``export.folder_foreign``, ``export.folder_changed``, ``export.folder_campaign``
    (:class:`UsageError`), ``export.folder_unwritable`` (:class:`InputError`) with the system's words.
    """
    refuse_in_the_way(target, str(facts["campaign_id"]))
    hidden: Path | None = None
    try:
        place = target.resolve()
        place.parent.mkdir(parents=True, exist_ok=True)
        prefix = f"{TEMP}{str(facts['plan_sha256'])[:16]}-"
        for stale in place.parent.glob(f"{prefix}*"):
            shutil.rmtree(stale, ignore_errors=True)
        hidden = Path(mkdtemp(prefix=prefix, dir=place.parent))
        new = hidden / "new"
        new.mkdir()
        files = sorted(write(new))
        listed = {name: file_digest(new / name, "sha256") for name in files}
        (new / LIST).write_bytes(canonical_json({"schema": SCHEMA, **facts, "files": listed}) + b"\n")
        _swap(new, place, hidden / "old")
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        if hidden is not None:
            shutil.rmtree(hidden, ignore_errors=True)
    return [*files, LIST]


def refuse_in_the_way(target: Path, campaign_id: str) -> None:
    """Refuse a place that holds anything but what this program put there. Errors: as :func:`put`."""
    try:
        _refuse_foreign(target, campaign_id)
    except OSError as error:
        raise _unwritable(target, error) from error


def _refuse_foreign(target: Path, campaign_id: str) -> None:
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


def _swap(new: Path, place: Path, old: Path) -> None:
    """Put the new folder in its place; what stood there goes to ``old``, and back if that fails."""
    if not place.exists():
        new.rename(place)
        return
    place.rename(old)
    try:
        new.rename(place)
    except BaseException:
        old.rename(place)
        raise


def _unwritable(target: Path, error: OSError) -> OneDoorError:
    detail = error.strerror or type(error).__name__
    return refuse(InputError, "export.folder_unwritable", {"file": str(target)}, detail=detail)
