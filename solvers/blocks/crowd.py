"""Running blocks wherever there is room: in this process, a pool of processes, a cluster.

In: a function and its tasks. Out: its answers in the tasks' order, whoever computed them. May import: the
standard library.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from typing import TypeVar

Answer = TypeVar("Answer")


def run_all(
    executor: Executor | None, function: Callable[..., Answer], tasks: Sequence[tuple[object, ...]]
) -> Iterator[Answer]:
    """The answers in order. What a worker could not finish because it was killed is computed here instead:
    the function is pure, so the answer is the same."""
    if executor is None:
        for task in tasks:
            yield function(*task)
        return
    waiting = [executor.submit(function, *task) for task in tasks]
    for task, future in zip(tasks, waiting, strict=True):
        try:
            yield future.result()
        except (BrokenExecutor, CancelledError, OSError):
            yield function(*task)
