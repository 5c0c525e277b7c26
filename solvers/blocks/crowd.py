"""Running blocks wherever there is room: in this process, a pool of processes, a cluster.

In: a function and its tasks. Out: its answers in the tasks' order, whoever computed them. May import:
``solvers.watch``, the standard library.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from typing import TypeVar

from solvers.watch import POLL_S, check

Answer = TypeVar("Answer")
LOST = (BrokenExecutor, CancelledError, OSError)
"""What an executor says of work that nobody will answer any more."""


def run_all(
    executor: Executor | None, function: Callable[..., Answer], tasks: Sequence[tuple[object, ...]]
) -> Iterator[Answer]:
    """The answers in order. What a worker could not finish because it was killed is computed here instead:
    the function is pure, so the answer is the same. Between answers is a resting place."""
    if executor is None:
        for task in tasks:
            check()
            yield function(*task)
        return
    waiting = [_submitted(executor, function, task) for task in tasks]
    try:
        for task, future in zip(tasks, waiting, strict=True):
            yield _answer(future, function, task)
    finally:
        for future in waiting:
            if future is not None:
                future.cancel()


def _submitted(
    executor: Executor, function: Callable[..., Answer], task: tuple[object, ...]
) -> "Future[Answer] | None":
    try:
        return executor.submit(function, *task)
    except LOST:
        return None


def _answer(
    future: "Future[Answer] | None", function: Callable[..., Answer], task: tuple[object, ...]
) -> Answer:
    check()
    while future is not None:
        try:
            return future.result(timeout=POLL_S)
        except TimeoutError:  # an OSError, too: asked for first
            if future.done():  # the work itself timed out
                break
            check()
        except LOST:
            break
    return function(*task)
