"""Real servers for the tests, each in a temporary folder: PostgreSQL over a Unix socket, Redis, Celery, gunicorn.

What is not installed is a skip that says so, and a failure under CI=true (`missing`).
"""

from __future__ import annotations

import contextlib
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
UNDER_CI = os.environ.get("CI", "").lower() in {"1", "true"}
# Set by tests/run.py: the socket folder of the PostgreSQL that all sessions of one run share.
SHARED_POSTGRES = "PORTAL_TEST_POSTGRES"


def missing(what: str) -> None:
    """Skip for want of a server; under CI=true that is a failure."""
    message = f"本机缺少 {what}，此项未测"
    if UNDER_CI:
        pytest.fail(message)
    pytest.skip(message)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready, seconds: float = 20, what: str = "server") -> None:
    """Poll `ready()` until it is true; TimeoutError after `seconds`."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} not ready within {seconds} s")
        time.sleep(0.05)


class Process:
    """A child in its own process group, its output in `log`."""

    def __init__(self, command: list[str], env: Mapping[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-proc-"))
        self.log = self.folder / "log"
        self.command = command
        self.env = {**os.environ, **(env or {})}
        self.popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                self.command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def alive(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def output(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def signal_group(self, number: signal.Signals) -> None:
        """Send to the process and all its children."""
        if self.popen is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.popen.pid, number)

    def kill(self) -> None:
        """kill -9 of the whole group: the fault of issue 2."""
        self.signal_group(signal.SIGKILL)
        if self.popen is not None:
            self.popen.wait()

    def stop(self, seconds: float = 8) -> None:
        if self.alive and self.popen is not None:
            self.popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(seconds)
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def postgres_programs() -> Path | None:
    """The folder of initdb, pg_dump and psql of the newest PostgreSQL of this machine."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: float(path.split("/")[4]))
    on_path = shutil.which("initdb")
    return Path(found[-1]) if found else Path(on_path).resolve().parent if on_path else None


class PostgresServer:
    """A cluster of its own, run as an unprivileged user: C.UTF-8, no TCP, fsync off unless `durable`."""

    def __init__(self, *, durable: bool = False) -> None:
        self.durable = durable
        self.bin = postgres_programs()
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        self.user = self._unprivileged_user()

    @staticmethod
    def _unprivileged_user() -> str | None:
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name).pw_name
        return None

    @property
    def available(self) -> bool:
        return self.bin is not None

    def _run(self, program: str, *arguments: str) -> None:
        assert self.bin is not None
        prefix = ["runuser", "-u", self.user, "--"] if self.user else []
        log = self.folder / "commands.log"
        with log.open("ab") as output:
            # A file, not a pipe: the server inherits the handle and would keep a pipe open for ever.
            done = subprocess.run(
                [*prefix, str(self.bin / program), *arguments],
                cwd=self.folder,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{log.read_text(errors='replace')}")

    def start(self) -> PostgresServer:
        if not (self.folder / "data").exists():
            if self.user:
                shutil.chown(self.folder, self.user)
            self._run(
                "initdb", "-D", f"{self.folder}/data", "-U", "portal", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8",
                "--no-sync",
            )  # fmt: skip
        careless = "" if self.durable else "-c fsync=off -c synchronous_commit=off -c full_page_writes=off "
        options = (
            f"-k {self.folder} -c listen_addresses='' {careless}"
            "-c max_connections=120 -c shared_buffers=128MB -c jit=off"
        )
        self._run(
            "pg_ctl",
            "-D",
            f"{self.folder}/data",
            "-w",
            "-l",
            f"{self.folder}/server.log",
            "-o",
            options,
            "start",
        )
        return self

    def stop(self, mode: str = "fast") -> None:
        """`mode`: fast, or immediate (a crash)."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", mode, "stop")

    def remove(self) -> None:
        with contextlib.suppress(RuntimeError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def restart(self, mode: str = "immediate") -> None:
        self.stop(mode)
        self.start()

    def url(self, database: str = "postgres") -> str:
        return postgres_url(str(self.folder), database)


def postgres_url(socket_folder: str, database: str) -> str:
    """A DATABASE_URL over a Unix socket."""
    return f"postgresql://portal@/{database}?host={socket_folder}"


class Databases:
    """Creates, copies and drops databases in a running cluster."""

    def __init__(self, socket_folder: str) -> None:
        self.socket_folder = socket_folder

    def url(self, database: str) -> str:
        return postgres_url(self.socket_folder, database)

    def _execute(self, *statements: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def create(self, name: str, template: str = "template0") -> str:
        """(Re)create `name` as a copy of `template`, cutting whoever is connected to it. Returns its URL."""
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)),
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)),
        )
        return self.url(name)

    def drop(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


class RedisServer:
    """On a free loopback port, nothing kept on disk. `stop()` and `start()` keep the port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process = self._make()

    def _make(self) -> Process:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        return Process(command)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def start(self) -> RedisServer:
        self.process = self._make()
        self.process.start()
        wait_until(self.answers, what="redis-server")
        return self

    def stop(self) -> None:
        self.process.stop()

    def restart(self) -> None:
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Keep the connection open but answer nothing (a half-open socket)."""
        self.process.signal_group(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.signal_group(signal.SIGCONT)


class CeleryWorker(Process):
    """A real `celery worker` with one prefork child; `kill()` is kill -9 of worker and child."""

    def __init__(self, env: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "celery", "-A", "zaozhuang_portal", "worker", "--loglevel", "INFO"]
        super().__init__(
            [
                *command,
                "--concurrency",
                "1",
                "--without-mingle",
                "--without-gossip",
                "-n",
                f"t{free_port()}@%h",
            ],
            env,
        )

    def start(self) -> None:
        super().start()
        wait_until(lambda: " ready." in self.output() or not self.alive, 40, "celery worker")
        if not self.alive:
            raise RuntimeError(self.output())


class GunicornServer(Process):
    """The portal under gunicorn, as in production (deploy/gunicorn.conf.py), on a free loopback port."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "zaozhuang_portal.wsgi"]
        super().__init__(command, {"BIND": f"127.0.0.1:{self.port}", **env})

    def start(self) -> None:
        super().start()
        wait_until(lambda: get_status(f"{self.url}/healthz") == 200 or not self.alive, 40, "gunicorn")
        if not self.alive:
            raise RuntimeError(self.output())


def get_status(url: str, headers: Mapping[str, str] | None = None) -> int:
    """HTTP status of a GET without following redirects into errors; 0 when nothing answers."""
    request = urllib.request.Request(url, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


# --- fixtures -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """A running PostgreSQL: the one of the whole run, or one started for this session."""
    if shared := os.environ.get(SHARED_POSTGRES):
        yield Databases(shared)
        return
    server = PostgresServer()
    try:
        if not server.available:
            missing("PostgreSQL")
        server.start()
        yield Databases(str(server.folder))
    finally:
        server.remove()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL this test may stop, crash and restart."""
    server = PostgresServer()
    try:
        if not server.available:
            missing("PostgreSQL")
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis this test may stop, freeze and restart."""
    if not shutil.which("redis-server"):
        missing("redis-server")
    server = RedisServer().start()
    yield server
    server.thaw()
    server.stop()


@pytest.fixture
def live_database_url(transactional_db: None) -> str:
    """The test's own database, for other processes: rows committed by the test are seen there, and the reverse."""
    from django.db import connection

    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    host = settings["HOST"] or settings.get("OPTIONS", {}).get("host", "")
    return postgres_url(str(host), str(settings["NAME"]))


@pytest.fixture
def live_environment(live_database_url: str, redis_server: RedisServer) -> dict[str, str]:
    """Environment of a worker or web process that shares database, files and Redis with the test."""
    from django.conf import settings

    return {
        "DATABASE_URL": live_database_url,
        "REDIS_URL": redis_server.url,
        "PORTAL_DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "PORTAL_DEMO": "1",
        "PORTAL_NO_BOOTSTRAP": "1",
    }


@pytest.fixture
def celery_worker(live_environment: dict[str, str]) -> Iterator[CeleryWorker]:
    """A running worker on the test's database; `.kill()` is kill -9, `.start()` starts it again."""
    worker = CeleryWorker(live_environment)
    try:
        worker.start()
        yield worker
    finally:
        worker.stop()


@pytest.fixture
def gunicorn_server(live_environment: dict[str, str]) -> Iterator[GunicornServer]:
    """The portal over HTTP on the test's database; `.url` is its address."""
    server = GunicornServer(live_environment)
    try:
        server.start()
        yield server
    finally:
        server.stop()
