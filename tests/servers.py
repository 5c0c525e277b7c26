"""Real database servers for tests: Debian's PostgreSQL and MariaDB on a free loopback port, each with a data
folder of its own that goes away with the test session.

``postgresql`` and ``mariadb`` are session fixtures: import them into a ``conftest.py``. Each pytest-xdist
worker starts a server of its own. A server that is not installed skips by name, except in CI (``CI`` is set),
where it fails. As root the server runs as another user, because it refuses to run as root.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE_S = 60
"""Seconds in which a server must have started or stopped; both usually take one or two."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server: ``url`` is an SQLAlchemy URL of its administrator with the password in it."""

    name: str
    port: int
    user: str
    password: str
    database: str
    folder: Path

    @property
    def url(self) -> str:
        """With driver, account and database."""
        driver = {"postgresql": "postgresql+psycopg", "mariadb": "mysql+pymysql"}[self.name]
        return f"{driver}://{self.user}:{self.password}@127.0.0.1:{self.port}/{self.database}"


def _missing(name: str, package: str) -> None:
    reason = f"{name} is not installed (Debian: apt-get install {package})"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _find(program: str, *folders: str) -> str:
    """The newest of Debian's versioned binaries, else what the path has; empty where there is none."""
    beside = sorted(
        path for pattern in folders for path in Path("/").glob(f"{pattern.lstrip('/')}/{program}")
    )
    return str(beside[-1]) if beside else shutil.which(program) or ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _account(*names: str) -> str:
    """Whom the server runs as: empty where we are not root, else the first of these users there is."""
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in (*names, "nobody") if name in known)


@contextmanager
def _folder(account: str) -> Iterator[Path]:
    """A folder outside pytest's own, which other users may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="onedoor-server-"))
    try:
        if account:
            shutil.chown(folder, account)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(account: str, *command: str) -> None:
    """A command as that user, its output shown where it fails."""
    done = subprocess.run(command, capture_output=True, cwd="/", user=account or None, check=False)
    if done.returncode:
        pytest.fail(done.stderr.decode(errors="replace")[-2000:])


@contextmanager
def _running(
    account: str, command: list[str], folder: Path, ready: list[str], stop: signal.Signals
) -> Iterator[None]:
    """The server in the foreground, from the first answer to ``ready`` until the signal ``stop`` ended it,
    whoever is still connected."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", user=account or None)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while subprocess.run(ready, capture_output=True, check=False).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail((folder / "server.log").read_text(errors="replace")[-2000:])
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def postgresql_server() -> Iterator[Server]:
    """PostgreSQL with password logins only; ``fsync`` off, for its data live as long as the tests."""
    initdb = _find("initdb", "/usr/lib/postgresql/*/bin")
    if not initdb:
        _missing("PostgreSQL", "postgresql")
    account = _account("postgres")
    with ExitStack() as stack:
        folder = stack.enter_context(_folder(account))
        password, port = secrets.token_hex(16), _free_port()
        secret = folder / "password"
        secret.write_text(password)
        if account:
            shutil.chown(secret, account)
        made = [initdb, "-D", str(folder / "data"), "-U", "onedoor", "--pwfile", str(secret)]
        settings = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]
        _run(account, *made, *settings)
        options = [
            f"port={port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={folder}",
            "fsync=off",
            "shared_buffers=64MB",
        ]
        server = [str(Path(initdb).with_name("postgres")), "-D", str(folder / "data")]
        command = [*server, *[part for option in options for part in ("-c", option)]]
        ready = [str(Path(initdb).with_name("pg_isready")), "-h", "127.0.0.1", "-p", str(port), "-q"]
        # SIGINT is the fast shutdown: SIGTERM would wait for every client
        stack.enter_context(_running(account, command, folder, ready, signal.SIGINT))
        yield Server(
            name="postgresql",
            port=port,
            user="onedoor",
            password=password,
            database="postgres",
            folder=folder,
        )


@contextmanager
def mariadb_server() -> Iterator[Server]:
    """MariaDB with one account that has a password; its socket and data in a folder of its own."""
    daemon = _find("mariadbd", "/usr/sbin")
    install = _find("mariadb-install-db", "/usr/bin")
    admin = _find("mariadb-admin", "/usr/bin")
    if not (daemon and install and admin):
        _missing("MariaDB", "mariadb-server")
    account = _account("mysql")
    with ExitStack() as stack:
        folder = stack.enter_context(_folder(account))
        password, port = secrets.token_hex(16), _free_port()
        data = ["--no-defaults", f"--datadir={folder / 'data'}"]
        making = [install, *data, "--auth-root-authentication-method=normal", "--skip-test-db"]
        _run(account, *making)
        setup = folder / "setup.sql"
        setup.write_text(
            "CREATE DATABASE platform CHARACTER SET utf8mb4;\n"
            f"CREATE USER onedoor@'127.0.0.1' IDENTIFIED BY '{password}';\n"
            "GRANT ALL ON *.* TO onedoor@'127.0.0.1';\nFLUSH PRIVILEGES;\n"
        )
        if account:
            shutil.chown(setup, account)
        options = [
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={folder / 'server.sock'}",
            f"--pid-file={folder / 'server.pid'}",
            f"--init-file={setup}",
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=64M",
        ]
        login = ["--no-defaults", "-h", "127.0.0.1", "-P", str(port), "-u", "onedoor", f"-p{password}"]
        command = [daemon, *data, *options]
        stack.enter_context(_running(account, command, folder, [admin, *login, "ping"], signal.SIGTERM))
        yield Server(
            name="mariadb", port=port, user="onedoor", password=password, database="platform", folder=folder
        )


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One PostgreSQL for the session of this worker."""
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """One MariaDB for the session of this worker."""
    with mariadb_server() as server:
        yield server
