"""`manage.py demo` as a visitor meets it: address, sign-ins, clean stop, nothing lost at the second start."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import sys

import pytest

from tests.servers import Process, free_port, get_status, wait_until
from zaozhuang_portal.runtime.ports import choose_port, is_free

# Loads the whole demo city: once per run is enough.
pytestmark = [pytest.mark.servers]


class Demo(Process):
    def __init__(self, data_dir, port: int) -> None:
        environment = {
            "PORTAL_DATA_DIR": str(data_dir),
            "PORTAL_NO_BOOTSTRAP": "1",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "PYTHONUNBUFFERED": "1",
        }
        super().__init__([sys.executable, "manage.py", "demo", "--port", str(port)], environment)

    def start(self) -> str:
        """Returns the printed address."""
        super().start()
        wait_until(lambda: "Ctrl+C" in self.output() or not self.alive, 240, "demo")
        found = re.search(r"http://127\.0\.0\.1:\d+", self.output())
        assert found, self.output()
        wait_until(lambda: get_status(found[0] + "/healthz") == 200, 30, "demo page")
        return found[0]

    def interrupt(self) -> int:
        """Ctrl+C: the terminal sends it to the whole group."""
        self.signal_group(signal.SIGINT)
        return self.popen.wait(20)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


def users(data_dir) -> int:
    with sqlite3.connect(data_dir / "portal.sqlite3") as connection:
        return connection.execute("SELECT count(*) FROM accounts_user").fetchone()[0]


def test_from_nothing_to_a_page(data_dir):
    demo = Demo(data_dir, free_port())
    try:
        address = demo.start()
        assert get_status(address + "/accounts/login/") == 200
        assert get_status(address + "/readyz") == 200
        assert "密码" in demo.output()
        second = Demo(data_dir, free_port())
        Process.start(second)
        assert second.popen.wait(30) == 1
        assert "REDIS_URL" in second.output()
        assert "Traceback" not in second.output()
        second.stop()
        assert demo.interrupt() == 0, demo.output()
        assert "Traceback" not in demo.output()
    finally:
        demo.stop()


def test_second_start_keeps_everything_and_takes_the_next_port(data_dir):
    before = users(data_dir)
    assert before > 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = Demo(data_dir, port)
        try:
            address = demo.start()
            assert not address.endswith(f":{port}")
            assert f"端口 {port} 已被占用" in demo.output()
            assert "沿用已有的演示数据" in demo.output()
            demo.interrupt()
        finally:
            demo.stop()
    assert users(data_dir) == before


def test_demo_refuses_production_servers(data_dir):
    demo = Demo(data_dir, free_port())
    demo.env |= {"REDIS_URL": "redis://127.0.0.1:1/0"}
    Process.start(demo)
    assert demo.popen.wait(30) == 1
    assert "DATABASE_URL" in demo.output()
    demo.stop()


def test_port_is_chosen_upward():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free("127.0.0.1", port)
        chosen = choose_port("127.0.0.1", port)
        assert chosen is not None
        assert port < chosen < port + 100


def test_the_secret_key_is_private(data_dir):
    assert os.stat(data_dir / "secret_key").st_mode & 0o077 == 0
