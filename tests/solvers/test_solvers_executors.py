"""Blocks anywhere, the same bytes: processes of this machine, a Dask cluster, workers that are killed."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor
from functools import partial
from pathlib import Path

import crewwork
import pytest
from plain_roster import random_tiny
from town import in_small_blocks, town

from scheduler.domain.errors import UsageError
from scheduler.domain.settings import Budget
from solvers import executor_of, local_processes, size, solve, versions
from solvers.blocks.crowd import run_all
from solvers.executors import Cluster, Processes

ROOT = Path(__file__).parents[2]
TASKS = [(number,) for number in range(8)]
SQUARES = [number * number for number in range(8)]
BUDGET = Budget(rounds=1, block_units=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_blocks(monkeypatch)


def code_of(error: pytest.ExceptionInfo[UsageError]) -> set[str]:
    return {problem.code for problem in error.value.problems}


def digest(executor: Executor | None) -> str:
    return hashlib.sha256(repr(solve(town(40), BUDGET, executor)).encode()).hexdigest()


# --- processes of this machine -----------------------------------------------------------------------------


def test_answers_come_in_the_order_of_the_tasks_from_more_than_one_process() -> None:
    with local_processes(2) as pool:
        assert list(run_all(pool, crewwork.square, TASKS)) == SQUARES
        assert len(set(run_all(pool, crewwork.pid, TASKS))) == 2


def test_one_process_is_this_one() -> None:
    with local_processes(1) as nobody:
        assert nobody is None
    assert list(run_all(None, crewwork.square, TASKS)) == SQUARES


def test_no_process_is_started_before_there_is_work() -> None:
    with Processes(4) as pool:
        assert pool.pids() == ()


def test_a_process_killed_in_the_middle_costs_its_block_alone(tmp_path: Path) -> None:
    with Processes(2) as pool:
        tasks = [(str(tmp_path), number) for number in range(8)]
        assert list(run_all(pool, crewwork.die_once, tasks)) == SQUARES
        assert (tmp_path / "3").exists()
        assert list(run_all(pool, crewwork.square, TASKS)) == SQUARES


def test_a_process_killed_between_two_turns_is_replaced() -> None:
    with Processes(1) as pool:
        assert list(run_all(pool, crewwork.square, TASKS)) == SQUARES
        (before,) = pool.pids()
        os.kill(before, signal.SIGKILL)
        assert list(run_all(pool, crewwork.square, TASKS)) == SQUARES
        assert pool.pids() != (before,)


def test_a_block_that_kills_every_worker_is_computed_here() -> None:
    with Processes(2) as pool:
        tasks = [(os.getpid(), number) for number in range(3)]
        assert list(run_all(pool, crewwork.die_anywhere_but, tasks)) == SQUARES[:3]
        with pytest.raises(BrokenExecutor):
            pool.submit(crewwork.die_anywhere_but, os.getpid(), 1).result()


def test_what_a_block_raises_is_raised_here_and_the_worker_lives_on() -> None:
    with Processes(1) as pool:
        with pytest.raises(LookupError, match="not here"):
            list(run_all(pool, crewwork.refuse, TASKS))
        with pytest.raises(TypeError):
            pool.submit(crewwork.lambda_back, 1).result()
        with pytest.raises(Exception, match=r"pickle|lambda"):
            pool.submit(lambda: 1).result()
        assert list(run_all(pool, crewwork.square, TASKS)) == SQUARES
        assert len(pool.pids()) == 1


def test_leaving_ends_what_still_runs() -> None:
    began = time.monotonic()
    with Processes(1) as pool:
        pool.submit(crewwork.slow, 60.0)
        time.sleep(0.5)
        pids = pool.pids()
    assert time.monotonic() - began < 30
    assert not [pid for pid in pids if Path(f"/proc/{pid}/cmdline").exists()]


def test_a_closed_executor_takes_nothing_and_gives_what_it_took() -> None:
    pool = Processes(2)
    taken = [pool.submit(crewwork.square, number) for number in range(4)]
    pool.shutdown()
    assert [future.result() for future in taken] == SQUARES[:4]
    with pytest.raises(RuntimeError):
        pool.submit(crewwork.square, 1)


@pytest.mark.parametrize("where", ["a script without a guard", "standard input"])
def test_the_callers_program_is_not_run_again_in_its_workers(where: str, tmp_path: Path) -> None:
    program = (
        "import crewwork\n"
        "from solvers import local_processes\n"
        "with local_processes(2) as pool:\n"
        "    print(pool.submit(crewwork.square, 7).result(timeout=60))\n"
    )
    script = tmp_path / "pickle.py"  # of this name, too
    script.write_text(program, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-P", *([script] if "script" in where else ["-"])],
        input=None if "script" in where else program,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert (told.stdout, told.stderr) == ("49\n", "")


def test_what_a_block_prints_is_no_answer(capfd: pytest.CaptureFixture[str]) -> None:
    with Processes(1) as pool:
        assert [pool.submit(crewwork.talk, number).result() for number in (1, 2)] == [1, 2]
    assert capfd.readouterr() == ("", "talk\ntalk\n")


def test_a_system_that_starts_no_process_is_told_and_the_blocks_are_computed_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Processes(2) as pool:
        assert list(run_all(pool, crewwork.square, TASKS)) == SQUARES
        with pytest.raises(BrokenExecutor):
            pool.submit(crewwork.square, 1).result(timeout=60)


@pytest.mark.parametrize("seconds", [0, 300], ids=["idle", "at work"])
def test_no_worker_outlives_a_killed_caller(seconds: int, tmp_path: Path) -> None:
    program = (
        "import time, crewwork\n"
        "from solvers.executors import Processes\n"
        "pool = Processes(1)\n"
        "print(pool.submit(crewwork.pid, 1).result(), flush=True)\n"
        f"pool.submit(crewwork.slow, {seconds})\n"
        "time.sleep(60)\n"
    )
    script = tmp_path / "caller.py"
    script.write_text(program, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    with subprocess.Popen(
        [sys.executable, script], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment
    ) as caller:
        assert caller.stdout is not None
        worker = int(caller.stdout.readline())
        time.sleep(0.5)
        caller.kill()
        caller.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and _runs(worker):
        time.sleep(0.1)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_the_roster_has_the_same_bytes_for_1_2_and_4_processes() -> None:
    digests = {digest(None)}
    for count in (2, 4):
        with local_processes(count) as pool:
            digests.add(digest(pool))
    assert len(digests) == 1


# --- addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["", "somewhere", "dask://", "dask://127.0.0.1", "tcp://127.0.0.1:8786", "dask://127.0.0.1:x"]
)
def test_what_is_no_address_is_refused_by_name(address: str) -> None:
    with pytest.raises(UsageError) as error, executor_of(address):
        pass
    assert code_of(error) == {"executor.address"}


@pytest.mark.parametrize(
    "host", ["10.1.2.3", "cluster.example", "127.0.0.1.example", "[2001:db8::1]", "192.0.2.7"]
)
def test_plain_connections_to_other_machines_are_refused_by_name(host: str) -> None:
    with pytest.raises(UsageError) as error, executor_of(f"dask://{host}:8786"):
        pass
    assert code_of(error) == {"executor.not_loopback"}


@pytest.mark.parametrize("scheme", ["dask", "tls"])
def test_a_cluster_that_does_not_answer_is_refused_by_name(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvers.executors.CONNECT_S", 0.5)
    with pytest.raises(UsageError) as error, executor_of(f"{scheme}://127.0.0.1:9"):
        pass
    assert code_of(error) == {"executor.unreachable"}


def test_a_cluster_that_takes_the_connection_and_says_nothing_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("solvers.executors.CONNECT_S", 0.5)
    began = time.monotonic()
    with (
        socket.create_server(("127.0.0.1", 0)) as deaf,
        pytest.raises(UsageError) as error,
        executor_of(f"dask://127.0.0.1:{deaf.getsockname()[1]}"),
    ):
        pass
    assert code_of(error) == {"executor.unreachable"}
    assert time.monotonic() - began < 30


def test_without_the_extra_an_address_of_a_cluster_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError) as error, executor_of("dask://127.0.0.1:8786"):
        pass
    assert code_of(error) == {"executor.extra"}


# --- versions ----------------------------------------------------------------------------------------------


def test_every_difference_between_a_worker_and_here_is_named() -> None:
    here = dict(versions.installed())
    assert set(here) == {"python", "processor", *versions.PACKAGES, "onedoor"}
    assert versions.differences("w", here, here) == []
    there = {**here, "numba": "0.1", "onedoor": "0.0"}
    del there["ortools"]
    found = versions.differences("w", here, there)
    assert [problem.params["name"] for problem in found] == ["numba", "onedoor", "ortools"]
    assert found[2].params["version"] == "-"


def test_other_words_of_messages_or_pages_are_other_sources(tmp_path: Path) -> None:
    package = tmp_path / "room"
    (package / "__pycache__").mkdir(parents=True)
    for name in ("a.py", "words.toml", "page.html", "__pycache__/a.pyc", "left.txt"):
        (package / name).write_bytes(name.encode())
    found = dict(versions._texts(package, "room"))
    assert sorted(found) == ["room/a.py", "room/page.html", "room/words.toml"]


def test_work_that_comes_to_a_worker_with_other_versions_is_refused_there() -> None:
    assert versions.run_checked(versions.installed(), crewwork.square, 3) == 9
    with pytest.raises(UsageError) as error:
        versions.run_checked({**versions.installed(), "numpy": "1.0"}, crewwork.square, 3)
    assert code_of(error) == {"executor.versions"}


# --- a Dask cluster ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
            memory_limit=0,
        )
        with made:
            yield made.scheduler_address.replace("tcp://", "dask://")


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(cluster: str) -> None:
    with executor_of(cluster) as crew:
        assert crew is not None
        assert list(run_all(crew, crewwork.square, TASKS)) == SQUARES
        assert digest(crew) == digest(None)


@pytest.mark.slow
def test_a_worker_of_the_cluster_killed_in_the_middle_costs_its_block_alone(
    cluster: str, tmp_path: Path
) -> None:
    with executor_of(cluster) as crew:
        tasks = [(str(tmp_path), number) for number in range(8)]
        assert list(run_all(crew, crewwork.die_once, tasks)) == SQUARES
        assert (tmp_path / "3").exists()


@pytest.mark.slow
def test_what_a_block_raises_on_the_cluster_is_raised_here(cluster: str) -> None:
    with executor_of(cluster) as crew, pytest.raises(LookupError, match="not here"):
        list(run_all(crew, crewwork.refuse, TASKS[:2]))


@pytest.mark.slow
def test_a_worker_with_other_versions_is_refused_before_any_work(
    cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvers.executors.installed", partial(crewwork.versions_unlike, os.getpid()))
    with pytest.raises(UsageError) as error, executor_of(cluster):
        pass
    assert code_of(error) == {"executor.versions"}
    assert {problem.params["name"] for problem in error.value.problems} == {"numpy"}


def test_a_cluster_that_is_gone_for_good_leaves_the_blocks_to_this_process() -> None:
    client = pytest.importorskip("distributed.client")

    class Gone:
        def get_executor(self, **_given: object) -> "Gone":
            return self

        def submit(self, *_given: object) -> None:
            raise client.ClosedClientError("Client is closed.")

    crew = Cluster(Gone(), versions.installed())  # type: ignore[arg-type]
    assert list(run_all(crew, crewwork.square, TASKS)) == SQUARES


def test_small_campaigns_need_no_executor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(size, "EXACT_LITERALS", 10_000)
    with local_processes(2) as pool:
        assert solve(random_tiny(3), BUDGET, pool) == solve(random_tiny(3), BUDGET)
        assert isinstance(pool, Processes)
        assert pool.pids() == ()


@pytest.mark.slow
def test_a_cluster_elsewhere_is_reached_by_tls_with_the_certificates_of_dasks_configuration() -> None:
    distributed = pytest.importorskip("distributed")
    dask = pytest.importorskip("dask")
    security = distributed.Security.temporary()
    names = {"ca-file": "tls_ca_file", "client.cert": "tls_client_cert", "client.key": "tls_client_key"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
            memory_limit=0,
            security=security,
        )
        with made:
            address = made.scheduler_address
            assert address.startswith("tls://")
            with pytest.raises(UsageError) as error, executor_of(address):
                pass
            assert code_of(error) == {"executor.unreachable"}
            told = {f"distributed.comm.tls.{key}": getattr(security, name) for key, name in names.items()}
            with dask.config.set(told), executor_of(address) as crew:
                assert list(run_all(crew, crewwork.square, TASKS)) == SQUARES
