"""What a run stands on: a private PostgreSQL with a small and a large database, and the portal under gunicorn."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import templates
from tests.servers import ROOT, Databases, PostgresServer, Process, free_port, get_status, wait_until

# A PostgreSQL that `python -m bench serve` holds open, so that a second run need not load a million rows again.
KEPT = "BENCH_POSTGRES"


@dataclass
class World:
    """`small` and `large` are database URLs; `sessions` the cookies of a clerk signed in to each."""

    folder: Path
    rounds: int
    small_size: int
    large_size: int
    urls: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    socket: str = ""
    # A run on 200 firms that shows that every measurement still works; its numbers say nothing.
    smoke: bool = False

    def at_most(self, usual: int) -> int:
        """How many rows a measurement takes: its usual number, or a few hundred in a smoke run."""
        return min(usual, 400) if self.smoke else usual

    def environment(self, size: str = "small") -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "DATABASE_URL": self.urls[size],
            "PORTAL_DATA_DIR": str(self.folder / "data"),
            "PORTAL_EMBEDDED_WORKER": "0",
            "PORTAL_NO_BOOTSTRAP": "1",
            "BENCH_SMOKE": "1" if self.smoke else "",
            "SECRET_KEY": "b" * 50,
        }


class Web(Process):
    """The portal under one synchronous gunicorn worker: requests per second of one process, no threads to argue over."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-w", "1", "-k", "sync", "-b", f"127.0.0.1:{self.port}"]
        super().__init__(
            [*command, "--log-level", "error", "--no-control-socket", "zaozhuang_portal.wsgi"], env
        )

    def start(self) -> None:
        super().start()
        wait_until(lambda: self._answers() or not self.alive, 60, "gunicorn")
        if not self.alive:
            raise RuntimeError(self.output())

    def _answers(self) -> bool:
        return get_status(f"http://127.0.0.1:{self.port}/healthz") == 200


@dataclass(frozen=True)
class Browser:
    """One signed-in caller of one web process. A page that is not 200 stops the run."""

    port: int
    session: str

    def get(self, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("GET", path, headers={"Cookie": f"sessionid={self.session}"})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}: {body[:300]!r}")
        return body.decode("utf-8")


@contextmanager
def served(world: World, size: str) -> Iterator[Browser]:
    """The portal on the small or the large database."""
    web = Web(world.environment(size))
    try:
        web.start()
        yield Browser(web.port, world.sessions[size])
    finally:
        web.stop()


def load(world: World, sizes: list[str]) -> None:
    """Databases, rows and sessions; what a kept server already holds is used again."""
    databases = Databases(world.socket)
    for size in sizes:
        count = world.small_size if size == "small" else world.large_size
        name = f"bench_{size}_{count}"
        world.urls[size] = databases.url(name)
        note = Path(world.socket) / f"{name}.json"
        if not note.exists():
            print(f"loading {count:,} enterprises …", file=sys.stderr, flush=True)
            databases.create(name, templates.migrated(databases.url("postgres")))
            arguments = [str(count), *(["--assessments"] if size == "small" else [])]
            done = subprocess.run(
                [sys.executable, "-m", "bench.generator", *arguments],
                cwd=ROOT,
                env={**os.environ, **world.environment(size)},
                check=True,
                stdout=subprocess.PIPE,
            )
            note.write_bytes(done.stdout)
        world.sessions[size] = json.loads(note.read_text())["session"]


@contextmanager
def postgres() -> Iterator[str]:
    """The socket folder of a server: the kept one, or one for this run. It commits to disk as production does."""
    if kept := os.environ.get(KEPT):
        yield kept
        return
    server = PostgresServer(durable=True)
    if not server.available:
        raise SystemExit("PostgreSQL is not installed (Debian: apt-get install postgresql).")
    try:
        yield str(server.start().folder)
    finally:
        server.remove()


@contextmanager
def private_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        yield Path(name)
