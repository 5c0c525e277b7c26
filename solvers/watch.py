"""Whether a solve should go on, and the best lawful roster it has so far.

In: a wish to stop, seconds, progress. Out: :class:`Stopped` raised at the next resting place; what was kept.
May import: ``scheduler.domain``, the standard library.

A watch is ambient in its context (as cancel scopes are in structured concurrency), so that the search below
needs no more than :func:`keep` at a resting place. Worker processes have none: what they compute is pure.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, TypeVar

from scheduler.domain.ports import Progress
from scheduler.domain.problem import Placement

Cause = Literal["clock", "interrupt", "failure"]
Answer = TypeVar("Answer")
POLL_S = 0.1
"""How long something in C may run before the wish to stop is looked at again."""


class Stop:
    """The wish that a running solve ends early; may be asked for by other threads and signal handlers.

    What was asked stays asked. Nothing here takes a lock: a handler may come while one is held.
    """

    def __init__(self) -> None:
        self.cause: Cause | None = None

    def ask(self, cause: Cause = "interrupt") -> None:
        """End at the next resting place; the best roster so far is what the solve gives."""
        self.cause = cause if cause == "interrupt" else self.cause or cause


class Stopped(Exception):  # noqa: N818 - no error: the caller takes what was kept
    """Raised at a resting place once somebody, or the clock, wished for the end."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause: Cause = cause


class Watch:
    """One solve's: ``best`` is the latest lawful roster, None before there is one; ``listens`` says whether
    anybody can wish for the end."""

    def __init__(
        self,
        stop: Stop,
        seconds: float,
        progress: Progress | None,
        told: Callable[["Watch"], None],
        *,
        listens: bool = True,
    ) -> None:
        self.listens = listens
        self.stop = stop
        self.best: tuple[Placement, ...] | None = None
        self._end = time.monotonic() + seconds if seconds else None
        self._progress = progress
        self._told = told

    def __call__(self, code: str, /, **params: str | int) -> None:
        """Progress: every word of it is a resting place."""
        self.check()
        if self._progress is not None:
            self._progress(code, **params)

    def check(self) -> None:
        """Raise :class:`Stopped` where the end is wished for."""
        cause = self.stop.cause
        if cause is None and self._end is not None and time.monotonic() >= self._end:
            cause = "clock"
        if cause is not None:
            raise Stopped(cause)

    def keep(self, placements: tuple[Placement, ...]) -> None:
        """Remember a lawful roster, tell how good it is, and end here if that is wished for."""
        self.best = placements
        self.check()
        self._told(self)


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Make the watch that of this context."""
    token = _WATCH.set(watch)
    try:
        yield
    finally:
        _WATCH.reset(token)


def keep(placements: Callable[[], Iterable[Placement]]) -> None:
    """A resting place with a lawful roster of the whole campaign; nothing where nobody watches."""
    watch = _WATCH.get()
    if watch is not None:
        watch.keep(tuple(placements()))


def check() -> None:
    """A resting place without a roster."""
    watch = _WATCH.get()
    if watch is not None:
        watch.check()


def attend(work: Callable[[], Answer], end: Callable[[], None]) -> Answer:
    """Do work that does not listen (CP-SAT) and ``end`` it where the end is wished for.

    The work runs in a thread of its own, so that signals reach this one. It is waited for even then: a
    process that ends while C++ is at work aborts, whatever it has sealed. One more Ctrl-C does not wait.
    """
    watch = _WATCH.get()
    if watch is None or not watch.listens:
        return work()
    done: list[Answer | BaseException] = []
    thread = threading.Thread(target=lambda: done.append(_tried(work)), daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL_S)
            watch.check()
    except BaseException:
        end()
        while thread.is_alive():
            thread.join(POLL_S)
        raise
    watch.check()
    answer = done[0]
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _tried(work: Callable[[], Answer]) -> Answer | BaseException:
    try:
        return work()
    except BaseException as error:  # noqa: BLE001 - carried over to the thread that waits, and raised there
        return error
