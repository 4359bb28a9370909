"""A cache without its Redis is slow once, then silent, and comes back by itself."""

from __future__ import annotations

import socket
import time

import pytest

from tests.servers import RedisServer, free_port, redis_server  # noqa: F401 - a fixture
from zaozhuang_portal.kernel import cache as module
from zaozhuang_portal.kernel.cache import ForgivingRedisCache

OPTIONS = {"OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1}}


def use_everything(cache: ForgivingRedisCache) -> None:
    assert cache.get("a", "default") == "default"
    assert cache.add("a", 1) is True
    cache.set("a", 1, 60)
    assert cache.get_many(["a", "b"]) == {}
    assert cache.set_many({"a": 1}) == ["a"]
    assert cache.touch("a") is False
    assert cache.delete("a") is False
    assert cache.has_key("a") is False
    assert cache.get_or_set("a", 5) == 5
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    cache.delete_many(["a"])
    cache.clear()


def test_nobody_listens(caplog):
    cache = ForgivingRedisCache(f"redis://127.0.0.1:{free_port()}/0", dict(OPTIONS))
    began = time.monotonic()
    use_everything(cache)
    assert time.monotonic() - began < 1
    assert caplog.text.count("Redis cache not reached") == 1


def test_a_host_that_never_answers_costs_at_most_a_second_in_all():
    """A listening socket whose queue nobody empties: connects, then silence."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        cache = ForgivingRedisCache(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", dict(OPTIONS))
        began = time.monotonic()
        use_everything(cache)
        assert time.monotonic() - began < 1.5


@pytest.mark.servers
def test_redis_stops_and_returns(redis_server: RedisServer, monkeypatch, caplog):  # noqa: F811 - the fixture
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.1)
    cache = ForgivingRedisCache(redis_server.url, dict(OPTIONS))
    cache.set("a", 1)
    assert cache.get("a") == 1
    assert cache.incr("a") == 2
    redis_server.stop()
    assert cache.get("a") is None
    assert cache.get("a", 3) == 3
    redis_server.start()
    time.sleep(0.2)
    cache.set("a", 4)
    assert cache.get("a") == 4
    assert caplog.text.count("Redis cache not reached") == 1
