"""Ctrl-C and the system's wish to end, while a solve runs.

In: a :class:`~solvers.watch.Stop`. Out: it is asked at the first signal; the second one breaks off. May
import: the standard library, ``solvers.watch``.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from solvers.watch import Stop

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping_on_signals(stop: Stop) -> Iterator[Stop]:
    """Inside, the first SIGINT or SIGTERM asks the solve to stop; another one raises ``KeyboardInterrupt``.

    A signal that this process ignores (``nohup``) stays ignored. In a thread that is not the main one nothing
    changes: signals do not reach it.
    """

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.cause == "interrupt":
            raise KeyboardInterrupt
        stop.ask("interrupt")

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, ask) for number in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
