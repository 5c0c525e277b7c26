"""Where blocks run: processes of this machine, or the workers of a Dask cluster.

In: an address and a number. Out: a ``concurrent.futures.Executor`` that outlives its workers. May import:
``scheduler.domain``, the standard library; for a cluster the extra ``distributed``.

A worker that dies costs the block that it was at: the block is computed anew by another one.
"""

import ipaddress
import multiprocessing
import os
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from scheduler.domain.errors import Problem, UsageError, refuse
from solvers.versions import differences, installed, run_checked

if TYPE_CHECKING:
    from distributed import Client

LOCAL = "local"
MOST_PROCESSES = 4
"""Processes by default at most: each holds blocks of its own in memory."""
TRIES = 3
"""How often a piece of work is given to a fresh worker before it is told as lost."""
CONNECT_S = 10
"""How long a cluster may take to answer, and to have a worker."""


class _Work(NamedTuple):
    future: "Future[Any]"
    function: Callable[..., Any]
    args: tuple[Any, ...]


class Processes(Executor):
    """So many spawned processes, started when there is work; one that dies is replaced and its work redone.

    ``concurrent.futures.ProcessPoolExecutor`` gives up as a whole when one of its processes is killed. Here
    each process has its own pipe, and a thread of this process that feeds it. Work waits here, not in pipes.
    Errors of :meth:`submit`'s future: what the function raises; :class:`BrokenExecutor` where the work
    killed three workers. A script that uses it guards its start with ``__name__ == "__main__"``.
    """

    def __init__(self, count: int) -> None:
        self.count = max(1, count)
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._workers: set[_Worker] = set()
        self._lock = Lock()
        self._closed = self._ended = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """The function with its arguments, all of which can be pickled (no keyword arguments)."""
        if kwargs or self._closed:
            raise RuntimeError("keyword arguments, or a closed executor")
        future: Future[Any] = Future()
        self._waiting.put(_Work(future, fn, args))
        if len(self._threads) < self.count:
            self._threads.append(Thread(target=self._feed, daemon=True))
            self._threads[-1].start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as in the base class
        """Let what was submitted end, or with ``cancel_futures`` end the processes where they are."""
        with self._lock:
            self._closed, self._ended = True, cancel_futures
            for worker in self._workers if cancel_futures else ():
                worker.kill()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads if wait else ():
            thread.join()

    def __exit__(self, *_error: object) -> None:
        """Whoever leaves has all answers he wanted: nothing that still runs is waited for."""
        self.shutdown(cancel_futures=True)

    def pids(self) -> tuple[int, ...]:
        """Of the processes that run now, ascending."""
        with self._lock:
            return tuple(sorted(worker.pid for worker in self._workers))

    def _feed(self) -> None:
        worker = None
        try:
            while (work := self._waiting.get()) is not None:
                if not work.future.set_running_or_notify_cancel():
                    continue
                worker = self._done(work, worker)
        finally:
            if worker is not None:
                self._drop(worker)

    def _done(self, work: _Work, worker: "_Worker | None") -> "_Worker | None":
        """Answer the work's future; the worker that is alive afterwards, if any."""
        for _ in range(TRIES):
            worker = worker or self._fresh()
            if worker is None:
                break
            try:
                is_answer, answer = worker.ask(work.function, work.args)
            except (EOFError, OSError):
                self._drop(worker)
                worker = None
                continue
            except Exception as error:  # noqa: BLE001 - what cannot be pickled is the caller's to know
                is_answer, answer = False, error
            if is_answer:
                work.future.set_result(answer)
            else:
                work.future.set_exception(answer)
            return worker
        work.future.set_exception(BrokenExecutor("the work's processes ended without an answer"))
        return worker

    def _fresh(self) -> "_Worker | None":
        """A new worker; none where the processes were ended."""
        with self._lock:
            if self._ended:
                return None
            worker = _Worker()
            self._workers.add(worker)
            return worker

    def _drop(self, worker: "_Worker") -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.kill()


class _Worker:
    """One process and the pipe to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()  # or its end would not be seen here when the process is killed

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def ask(self, function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bool, Any]:
        """(True, the answer) or (False, what was raised). Errors: ``EOFError``, ``OSError`` if it died."""
        self._pipe.send((function, args))
        answer: tuple[bool, Any] = self._pipe.recv()
        return answer

    def kill(self) -> None:
        """End the process, wherever it is."""
        self._process.kill()
        self._process.join()


def _serve(pipe: Connection) -> None:
    """A worker's life: it ends with the pipe, so no worker outlives the process that made it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in the terminal is the caller's to answer
    while True:
        try:
            function, args = pipe.recv()
            answer = True, function(*args)
        except (EOFError, BrokenPipeError):
            return
        except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
            answer = False, error
        try:
            pipe.send(answer)
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 - an answer that cannot be pickled
            pipe.send((False, TypeError(f"{type(error).__name__}: {error}")))


class Cluster(Executor):
    """The workers of a Dask client; what a lost worker or a lost cluster took away is told as broken."""

    def __init__(self, client: "Client", versions: Mapping[str, str]) -> None:
        self._inner = client.get_executor(pure=False, retries=TRIES - 1)  # type: ignore[no-untyped-call]
        self._versions = versions

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """The function on some worker whose versions are those of this place (no keyword arguments)."""
        if kwargs:
            raise RuntimeError("keyword arguments")
        outer: Future[Any] = Future()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # blocks are what they are
            inner = self._inner.submit(run_checked, self._versions, fn, *args)
        outer.set_running_or_notify_cancel()
        inner.add_done_callback(lambda done: _hand_on(done, outer))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - as in the base class
        """As told by :class:`concurrent.futures.Executor`."""
        self._inner.shutdown(wait=wait and not cancel_futures)


def _hand_on(done: "Future[Any]", outer: "Future[Any]") -> None:
    from distributed import KilledWorker  # noqa: PLC0415 - an extra

    error = BrokenExecutor("cancelled") if done.cancelled() else done.exception()
    if isinstance(error, KilledWorker):
        error = BrokenExecutor(str(error))
    if error is None:
        outer.set_result(done.result())
    else:
        outer.set_exception(error)


@contextmanager
def executor_of(address: str = LOCAL, processes: int = 0) -> Iterator[Executor | None]:
    """The executor that an address names: ``local``, ``dask://HOST:PORT`` on this machine's own loopback, or
    ``tls://HOST:PORT`` with the certificates of Dask's own configuration.

    ``processes`` counts for ``local`` alone: 0 stands for one per core up to four, 1 for none beside this
    one. Errors (:class:`UsageError`): ``executor.address``, ``executor.not_loopback``, ``executor.extra``,
    ``executor.unreachable``, ``executor.no_worker``, ``executor.versions`` once per worker and package.
    """
    if address == LOCAL:
        with local_processes(processes or min(MOST_PROCESSES, _cores())) as executor:
            yield executor
        return
    where = _dask_address(address)
    with _client(address, where) as client:
        _refuse_other_versions(address, client)
        yield Cluster(client, installed())


@contextmanager
def local_processes(count: int) -> Iterator[Executor | None]:
    """An executor of so many processes of this machine for :func:`solvers.solve`; nothing for one: that is
    this one. The processes are spawned, so a script that uses them guards its start with
    ``__name__ == "__main__"``.
    """
    if count <= 1:
        yield None
        return
    with Processes(count) as pool:
        yield pool


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _dask_address(address: str) -> str:
    """The address in Dask's words: plain TCP never leaves this machine, for whoever can speak to a worker
    can have it run anything."""
    scheme, _, place = address.partition("://")
    host, _, port = place.rpartition(":")
    if scheme not in {"dask", "tls"} or not host or not port.isdecimal() or int(port) > 65535:
        raise refuse(UsageError, "executor.address", address=address)
    if scheme == "tls":
        return address
    bare = host.removeprefix("[").removesuffix("]")
    if bare == "localhost":
        return f"tcp://127.0.0.1:{port}"
    try:
        is_own = ipaddress.ip_address(bare).is_loopback
    except ValueError:
        is_own = False  # a name can be made to mean any machine
    if not is_own:
        raise refuse(UsageError, "executor.not_loopback", address=address)
    return f"tcp://{host}:{port}"


@contextmanager
def _client(address: str, where: str) -> Iterator["Client"]:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise refuse(UsageError, "executor.extra", address=address) from error
    try:
        client = Client(where, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TypeError, ValueError) as error:  # TypeError: TLS without certificates
        raise refuse(UsageError, "executor.unreachable", address=address, detail=str(error)) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as error:
            raise refuse(UsageError, "executor.no_worker", address=address) from error
        yield client


def _refuse_other_versions(address: str, client: Any) -> None:
    """Before any work; a worker without our program has no version of it."""
    problems: list[Problem] = []
    told = client.run(installed, on_error="return")
    for worker, there in sorted(told.items()):
        if isinstance(there, BaseException):
            params: dict[str, str | int] = {"worker": worker, "detail": f"{type(there).__name__}: {there}"}
            problems.append(Problem(code="executor.worker_silent", params=params))
        else:
            problems += differences(worker, installed(), there)
    if problems:
        raise UsageError(problems)
    if not client.ncores():
        raise refuse(UsageError, "executor.no_worker", address=address)
