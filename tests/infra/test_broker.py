"""A dead, frozen or returning Redis never holds up the page that publishes."""

from __future__ import annotations

import time

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from tests.servers import RedisServer, free_port
from zaozhuang_portal import settings
from zaozhuang_portal.celery import app

pytestmark = pytest.mark.servers


def publish_through(url: str) -> None:
    """One message with the options of production; the test settings have those of memory://."""
    options = settings.REDIS_TRANSPORT_OPTIONS
    with Connection(
        url, transport_options=options, connect_timeout=app.conf.broker_connection_timeout
    ) as connection:
        app.send_task("operations.sweep_jobs", connection=connection, retry=app.conf.task_publish_retry)


def test_a_dead_broker_is_noticed_within_a_second():
    begun = time.monotonic()
    with pytest.raises(OperationalError):
        publish_through(f"redis://127.0.0.1:{free_port()}/0")
    assert time.monotonic() - begun < 1.5


def test_a_frozen_broker_is_given_up_soon(redis_server: RedisServer):
    publish_through(redis_server.url)
    redis_server.freeze()
    begun = time.monotonic()
    with pytest.raises((OperationalError, TimeoutError)):
        publish_through(redis_server.url)
    assert time.monotonic() - begun < 5


def test_messages_are_json_only():
    assert set(app.conf.accept_content) == {"json"}
    assert app.conf.task_serializer == "json"


def test_a_message_is_not_given_out_twice_while_its_task_runs():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert settings.REDIS_TRANSPORT_OPTIONS["visibility_timeout"] > 3600
    assert app.conf.task_publish_retry is False
