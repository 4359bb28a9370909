"""Telling the broker: quick when it is there, quick and harmless when it is not."""

from __future__ import annotations

import time

import pytest

from tests.servers import RedisServer, free_port, redis_server  # noqa: F401 - a fixture
from zaozhuang_portal.celery import app
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.services.nudges import nudge
from zaozhuang_portal.operations.services.sweeping import sweep_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker(monkeypatch):
    """Point the application's messages to a broker."""

    def use(url):
        monkeypatch.setattr(app.conf, "broker_write_url", url)

    return use


def test_the_memory_broker_takes_the_message(ask):
    assert nudge(ask().pk) is True


def test_nobody_listens(ask, broker):
    broker(f"redis://127.0.0.1:{free_port()}/0")
    job = ask()
    began = time.monotonic()
    assert nudge(job.pk) is False
    assert time.monotonic() - began < 1
    assert Job.objects.get().nudged_at is None


@pytest.mark.servers
def test_redis_takes_the_message_and_only_ids_travel(ask, broker, redis_server: RedisServer):  # noqa: F811
    import redis

    broker(redis_server.url)
    job = ask(secret="张三的企业")
    assert nudge(job.pk) is True
    [message] = redis.Redis.from_url(redis_server.url).lrange("portal", 0, -1)
    assert "operations.run_job" in message.decode()
    assert "张三" not in message.decode("unicode_escape")


@pytest.mark.servers
def test_a_redis_that_hangs_costs_at_most_a_second(ask, broker, redis_server: RedisServer):  # noqa: F811
    broker(redis_server.url)
    assert nudge(ask(year=1).pk) is True
    redis_server.freeze()
    began = time.monotonic()
    assert nudge(ask(year=2).pk) is False
    assert time.monotonic() - began < 2
    redis_server.thaw()
    Job.objects.filter(parameters={"year": 1}).delete()
    assert sweep_jobs(now=clock.now()) == 1, "announced as soon as Redis answers again"
