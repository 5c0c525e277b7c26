"""The hidden folder of one import: its own alone, gone at the end, found again where a killed one left it.

In: the folder it is made in. Out: :class:`OwnFolder`. May import: the standard library.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

try:
    import fcntl
except ImportError:  # Windows has no flock; there, what a killed import left is the operator's to remove
    fcntl = None  # type: ignore[assignment]

PREFIX = ".tmp-onedoor-"
LOCK = "lock"


class OwnFolder:
    """A new folder in ``parent``, held as long as this process lives; those that nobody holds are removed."""

    def __init__(self, parent: Path) -> None:
        _remove_left(parent)
        self._temp = TemporaryDirectory(prefix=PREFIX, dir=parent, ignore_cleanup_errors=True)
        self.path = Path(self._temp.name)
        self._lock = (self.path / LOCK).open("wb")
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Remove it with all in it; again does no harm."""
        self._lock.close()
        self._temp.cleanup()


def _remove_left(parent: Path) -> None:
    """A killed process holds no lock any more."""
    for left in sorted(parent.glob(f"{PREFIX}*")):
        if fcntl is None or left.is_symlink() or not (left / LOCK).is_file():
            continue
        with (left / LOCK).open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(left, ignore_errors=True)
