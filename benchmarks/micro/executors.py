"""One roster by every executor: the same bytes, what more processes gain, what a killed worker costs.

In: a size of ``instances.roster``. Out: a figure per mode. May import: ``instances``, ``scheduler``,
``solvers``; for the cluster the extra ``distributed``.
"""

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from benchmarks.compiled import compile_loops
from benchmarks.measuring import Stopwatch, measured
from instances import roster
from scheduler.domain.codec import to_json
from scheduler.domain.settings import Budget
from solvers import executor_of, local_processes, solve
from solvers.executors import Processes

CLUSTER_WORKERS = 2
Pids = Callable[[], tuple[int, ...]]
Place = tuple[Executor | None, Pids]
"""Where blocks run, and the processes that run there."""


def measure_executors(size: str, seed: int) -> list[dict[str, Any]]:
    """Each mode in a process of its own; ``speed_up`` and ``overhead`` are against one process, the latter of
    all processor seconds. Half-way is half of what the mode took undisturbed."""
    compile_loops()
    found = [_measured(size, seed, "local", count, 0) for count in (1, 2, 4)]
    found.append(_measured(size, seed, "local", 2, found[1]["seconds"] / 2))
    found.append(_measured(size, seed, "dask", CLUSTER_WORKERS, 0))
    found.append(_measured(size, seed, "dask", CLUSTER_WORKERS, found[-1]["seconds"] / 2))
    first = found[0]
    for figures in found:
        figures["speed_up"] = round(first["seconds"] / figures["seconds"], 2)
        extra = figures["processor_seconds"] / first["processor_seconds"] - 1
        figures["overhead_percent"] = round(100 * extra)
    return found


def _measured(size: str, seed: int, kind: str, count: int, kill_after: float) -> dict[str, Any]:
    return measured(_mode, size, seed, kind, count, kill_after)


def _mode(size: str, seed: int, kind: str, count: int, kill_after: float) -> dict[str, Any]:
    problem = roster(size, seed=seed)
    killed: list[int] = []
    watch = Stopwatch()
    with (_cluster if kind == "dask" else _processes)(count) as (executor, pids):
        began = time.perf_counter()
        if kill_after:
            threading.Thread(target=_kill_one, args=(pids, kill_after, killed), daemon=True).start()
        outcome = solve(problem, Budget(), executor)
        seconds = time.perf_counter() - began
    return {
        "mode": _name(kind, count, killed=bool(kill_after)),
        "size": size,
        "processes": count,
        "seconds": round(seconds, 1),
        "seconds_with_start": watch.seconds()["seconds"],
        "processor_seconds": watch.seconds()["processor_seconds"],
        "n_killed": len(killed),
        "sha256": hashlib.sha256(to_json(outcome)).hexdigest(),
    }


def _name(kind: str, count: int, *, killed: bool) -> str:
    place = f"dask, {count} workers" if kind == "dask" else f"{count} processes" if count > 1 else "1 process"
    return f"{place}, one killed half-way" if killed else place


def _kill_one(pids: Pids, after: float, killed: list[int]) -> None:
    time.sleep(after)
    alive = pids()
    if alive:
        os.kill(alive[0], signal.SIGKILL)
        killed.append(alive[0])


@contextmanager
def _processes(count: int) -> Iterator[Place]:
    with local_processes(count) as executor:
        yield executor, executor.pids if isinstance(executor, Processes) else tuple


@contextmanager
def _cluster(count: int) -> Iterator[Place]:
    from distributed import LocalCluster  # noqa: PLC0415 - an extra

    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=count,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
        memory_limit=0,
    ) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        with executor_of(address) as executor:
            pids = tuple(sorted(worker.pid for worker in cluster.workers.values()))
            yield executor, lambda: pids
