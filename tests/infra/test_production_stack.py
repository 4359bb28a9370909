"""The production settings, without containers: the image's entrypoint on a local PostgreSQL and Redis."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT, PostgresServer, Process, RedisServer, free_port, missing, wait_until

pytestmark = pytest.mark.servers

HOST = "portal.test"
ENTRYPOINT = str(ROOT / "deploy" / "entrypoint.sh")


class Stack:
    """web, worker and beat as docker-compose.yml starts them."""

    def __init__(self, folder: Path) -> None:
        self.postgres = PostgresServer()
        self.redis = RedisServer()
        self.port = free_port()
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PORTAL_NO_BOOTSTRAP": "1",
            "PYTEST_VERSION": "",
            "DATABASE_URL": self.postgres.url(),
            "REDIS_URL": self.redis.url,
            "SECRET_KEY": "production-" * 8,
            "ALLOWED_HOSTS": HOST,
            "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
            "PORTAL_DATA_DIR": str(folder / "data"),
            "STATIC_ROOT": str(folder / "static"),
            "TLS_DIR": str(folder / "tls"),
            "BEAT_SCHEDULE": str(folder / "beat-schedule"),
            "BIND": f"127.0.0.1:{self.port}",
            "WEB_WORKERS": "2",
            "WORKER_PROCESSES": "1",
        }
        self.folder = folder
        self.processes = {
            name: Process([ENTRYPOINT, name], self.environment) for name in ("web", "worker", "beat")
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self) -> None:
        self.postgres.start()
        self.redis.start()
        for command in (
            [ENTRYPOINT, "manage", "collectstatic", "--noinput", "-v", "0"],
            [ENTRYPOINT, "setup"],
        ):
            done = self.run(*command)
            assert done.returncode == 0, done.stdout + done.stderr
        for process in self.processes.values():
            process.start()
        wait_until(lambda: self.get("/healthz").status == 200, 40, "web")

    def stop(self) -> None:
        for process in self.processes.values():
            process.stop()
        self.redis.stop()
        self.postgres.remove()

    def get(self, path: str, host: str = HOST, scheme: str = "https") -> http.client.HTTPResponse:
        """A GET as the proxy passes it on; status 0 when nothing answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": scheme})
            response = connection.getresponse()
            response.body = response.read()
        except OSError:
            response = http.client.HTTPResponse.__new__(http.client.HTTPResponse)
            response.status = 0
        finally:
            connection.close()
        return response

    def healthy(self, name: str) -> bool:
        return self.run(sys.executable, "deploy/healthcheck.py", name).returncode == 0

    def sweeps(self) -> int:
        return self.processes["worker"].output().count("operations.sweep_jobs")


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("stack"))
    if not running.postgres.available:
        missing("PostgreSQL")
    if not any((Path(folder) / "redis-server").exists() for folder in os.environ["PATH"].split(":")):
        missing("redis-server")
    try:
        running.start()
        yield running
    finally:
        running.stop()


class TestProduction:
    def test_probes(self, stack):
        assert stack.get("/healthz", scheme="http").status == 200
        ready = stack.get("/readyz")
        assert (ready.status, ready.body) == (200, b'{"status": "ok"}')

    def test_sign_in_page_is_hardened(self, stack):
        page = stack.get("/accounts/login/")
        assert page.status == 200
        assert "登录" in page.body.decode()
        assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        for cookie in page.headers.get_all("Set-Cookie"):
            assert "Secure" in cookie

    def test_static_files_have_lasting_names(self, stack):
        page = stack.get("/accounts/login/").body.decode()
        address = page.split('rel="stylesheet"')[1].split('href="')[1].split('"')[0]
        sheet = stack.get(address)
        assert sheet.status == 200
        assert "immutable" in sheet.headers["Cache-Control"]

    def test_plain_http_goes_to_https(self, stack):
        answer = stack.get("/accounts/login/", scheme="http")
        assert answer.status == 301
        assert answer.headers["Location"].startswith(f"https://{HOST}/")

    def test_another_name_is_refused(self, stack):
        assert stack.get("/accounts/login/", host="evil.example").status == 400

    def test_demo_data_is_refused(self, stack):
        done = stack.run(ENTRYPOINT, "manage", "seed_demo")
        assert done.returncode != 0

    def test_the_tls_slot_is_filled_once(self, stack):
        before = (stack.folder / "tls" / "portal.crt").read_bytes()
        assert b"BEGIN CERTIFICATE" in before
        assert stack.run(ENTRYPOINT, "setup").returncode == 0
        assert (stack.folder / "tls" / "portal.crt").read_bytes() == before

    def test_containers_are_healthy(self, stack):
        assert stack.healthy("web")
        wait_until(lambda: stack.healthy("worker"), 30, "worker")
        wait_until(lambda: stack.healthy("beat"), 30, "beat")

    def test_beat_reaches_the_worker(self, stack):
        seen = stack.sweeps()
        wait_until(lambda: stack.sweeps() > seen, 30, "sweep")

    def test_pages_live_without_redis_and_the_worker_comes_back(self, stack):
        stack.redis.stop()
        begun = time.monotonic()
        assert stack.get("/accounts/login/").status == 200
        assert stack.get("/readyz").status == 200
        assert time.monotonic() - begun < 4
        assert not stack.healthy("worker")
        stack.redis.start()
        seen = stack.sweeps()
        wait_until(lambda: stack.sweeps() > seen, 60, "sweep after Redis came back")

    def test_a_restarted_database_is_found_again(self, stack):
        assert stack.get("/readyz").status == 200
        stack.postgres.stop("immediate")
        assert stack.get("/readyz").status == 503
        assert stack.get("/healthz").status == 200
        stack.postgres.start()
        wait_until(lambda: stack.get("/readyz").status == 200, 5, "web after PostgreSQL came back")
        assert stack.get("/accounts/login/").status == 200
        seen = stack.sweeps()
        wait_until(lambda: stack.sweeps() > seen, 30, "sweep after PostgreSQL came back")
