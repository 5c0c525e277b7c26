"""What a roster's bytes depend on besides its input: the versions installed here.

In: nothing. Out: names with versions; a refusal where another place has others. May import:
``scheduler.domain``, the standard library.
"""

import hashlib
import platform
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

from scheduler.domain.errors import Problem, UsageError

Answer = TypeVar("Answer")
PACKAGES = (
    "chinesecalendar",
    "icalendar",
    "jinja2",
    "networkx",
    "numba",
    "numpy",
    "ortools",
    "python-calamine",
    "tzdata",
    "xlsxwriter",
)
SOURCES = ("solvers", "scheduler")
"""Of our own program all that a block or a campaign of a batch runs through: compared by its text, for a
version number can stay."""
TEXTS = (".py", ".toml", ".html", ".css", ".js")
"""How the names of its files end: words of messages and pages stand in what is sealed, too."""


@cache
def installed() -> Mapping[str, str]:
    """Python, processor, the packages that decide, and our own version with a digest of its sources."""
    return {
        "python": platform.python_version(),
        "processor": platform.machine(),
        **{name: _version(name) for name in PACKAGES},
        "onedoor": f"{_version('onedoor')}+{_sources()}",
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


def _sources() -> str:
    digest = hashlib.sha256()
    for package in SOURCES:
        for path, data in sorted(_texts(files(package), package)):
            digest.update(f"{path} {hashlib.sha256(data).hexdigest()}\n".encode())
    return digest.hexdigest()[:12]


def _texts(folder: Traversable, name: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            found += _texts(entry, path)
        elif entry.name.endswith(TEXTS):
            found.append((path, entry.read_bytes()))
    return found


def differences(worker: str, here: Mapping[str, str], there: Mapping[str, str]) -> list[Problem]:
    """What ``worker`` has in another version, each by name."""
    return [
        Problem(
            code="executor.versions",
            params={
                "worker": worker,
                "name": name,
                "version": there.get(name, "-"),
                "wanted": here.get(name, "-"),
            },
        )
        for name in sorted({*here, *there})
        if here.get(name) != there.get(name)
    ]


def run_checked(wanted: Mapping[str, str], function: Callable[..., Answer], *args: object) -> Answer:
    """The function's answer, on a worker whose versions are those wanted: one that came later is seen, too.

    Errors: ``executor.versions`` (:class:`UsageError`).
    """
    problems = differences(platform.node(), wanted, installed())
    if problems:
        raise UsageError(problems)
    return function(*args)
