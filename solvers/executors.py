"""Where blocks run: processes of this machine, or the workers of a Dask cluster.

In: an address and a number. Out: a ``concurrent.futures.Executor`` that outlives its workers. May import:
``scheduler.domain``, the standard library; for a cluster the extra ``distributed``.

A worker that dies costs the block that it was at: the block is computed anew by another one.
"""

import asyncio
import ipaddress
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import IO, TYPE_CHECKING, Any, NamedTuple

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
LENGTH_BYTES = 8
"""Before each pickled message on a pipe stands its length."""
WORKER = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN);"  # a Ctrl-C is the caller's to answer
    " import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer);"
    " from solvers.executors import serve; serve()"
)
"""A worker's whole program. The caller's own script is not imported, as ``multiprocessing`` would: it
needs no ``__name__ == "__main__"``, and may be a notebook or come from a pipe."""


class _Work(NamedTuple):
    future: "Future[Any]"
    function: Callable[..., Any]
    args: tuple[Any, ...]


class Processes(Executor):
    """So many processes, started when there is work; one that dies is replaced and its work redone.

    ``concurrent.futures.ProcessPoolExecutor`` gives up as a whole when one of its processes is killed. Here
    each process has its own pipe, and a thread of this process that feeds it. Work waits here, not in pipes.
    Errors of :meth:`submit`'s future: what the function raises; :class:`BrokenExecutor` where the work
    killed three workers, or none could be started.
    """

    def __init__(self, count: int) -> None:
        self.count = max(1, count)
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._workers: set[_Worker] = set()
        self._lock = Lock()
        self._closed = self._ended = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """A module's function with its arguments, all of which can be pickled (no keyword arguments)."""
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
            try:
                worker = worker or self._fresh()
                if worker is None:
                    break
                is_answer, answer = worker.ask(work.function, work.args)
            except (EOFError, OSError):
                if worker is not None:
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
    """One process, and the pipes to and from it. Errors: ``OSError`` where the system starts no more."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this Python with a constant
            [sys.executable, "-P", "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._pipes: tuple[IO[bytes], IO[bytes]] = self._process.stdin, self._process.stdout  # type: ignore[assignment]
        self._is_told = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[bool, Any]:
        """(True, the answer) or (False, what was raised). Errors: ``EOFError``, ``OSError`` if it died."""
        there, back = self._pipes
        message = pickle.dumps((function, args))
        if not self._is_told:
            there.write(pickle.dumps(sys.path))
            self._is_told = True
        _send(there, message)
        answer: tuple[bool, Any] = pickle.loads(_receive(back))  # noqa: S301 - from the process started here
        return answer

    def kill(self) -> None:
        """End the process, wherever it is."""
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes:
            with suppress(OSError):  # what was not sent any more
                pipe.close()


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(LENGTH_BYTES) + message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    """The message. Errors: ``EOFError`` where the other end is gone, in the middle of it or before."""
    length = int.from_bytes(pipe.read(LENGTH_BYTES))
    message = pipe.read(length)
    if not length or len(message) < length:
        raise EOFError
    return message


def serve() -> None:
    """A worker's life."""
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    asked: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=(asked,), daemon=True).start()
    with suppress(BrokenPipeError):
        while True:
            _send(pipe, _told(*_answer(asked.get())))


def _listen(asked: "SimpleQueue[bytes]") -> None:
    """Hand on what comes, and end with the process that made this one, whatever is at work."""
    with suppress(EOFError):
        while True:
            asked.put(_receive(sys.stdin.buffer))
    os._exit(1)


def _answer(message: bytes) -> tuple[bool, Any]:
    """As :meth:`_Worker.ask` gives it."""
    try:
        function, args = pickle.loads(message)  # noqa: S301 - from the process that started this one
        return True, function(*args)
    except Exception as error:  # noqa: BLE001 - raised again where the answer is waited for
        return False, error


def _told(is_answer: bool, answer: Any) -> bytes:  # noqa: FBT001 - a pair's halves
    try:
        return pickle.dumps((is_answer, answer))
    except Exception as error:  # noqa: BLE001 - an answer that cannot be pickled
        return pickle.dumps((False, TypeError(f"{type(error).__name__}: {error}")))


class Cluster(Executor):
    """The workers of a Dask client; what a lost worker or a lost cluster took away is told as broken."""

    def __init__(self, client: "Client", versions: Mapping[str, str]) -> None:
        self._inner = client.get_executor(pure=False, retries=TRIES - 1)  # type: ignore[no-untyped-call]
        self._versions = versions

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """The function on some worker whose versions are those of this place (no keyword arguments).

        Errors: :class:`BrokenExecutor` once the scheduler is gone for good.
        """
        from distributed.client import ClosedClientError  # noqa: PLC0415 - an extra

        if kwargs:
            raise RuntimeError("keyword arguments")
        outer: Future[Any] = Future()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # blocks are what they are
            try:
                inner = self._inner.submit(run_checked, self._versions, fn, *args)
            except ClosedClientError as error:
                raise BrokenExecutor(str(error)) from error
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
    this one.
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
        with ThreadPoolExecutor(1) as aside:  # where this thread has an event loop of its own (a notebook)
            aside.submit(asyncio.run, _answers(where)).result()
        client = Client(where, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TypeError, ValueError) as error:  # TypeError: TLS without certificates
        detail = str(error) or f"> {CONNECT_S} s"
        raise refuse(UsageError, "executor.unreachable", address=address, detail=detail) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as error:
            raise refuse(UsageError, "executor.no_worker", address=address) from error
        yield client


async def _answers(where: str) -> None:
    """Ask a scheduler for its name: Dask's client would wait without end for one that takes a connection and
    says nothing. Errors: ``TimeoutError`` and others as there."""
    from distributed.core import rpc  # noqa: PLC0415 - an extra
    from distributed.security import Security  # noqa: PLC0415 - an extra

    keys = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    async with asyncio.timeout(CONNECT_S), rpc(where, connection_args=keys) as scheduler:  # type: ignore[no-untyped-call]
        await scheduler.identity()


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
