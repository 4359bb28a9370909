"""The health check of a kept PostgreSQL connection looks at the socket first."""

from __future__ import annotations

import socket

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zaozhuang_portal.kernel.postgresql.base import nothing_arrived


def test_a_closed_or_talking_peer_is_seen() -> None:
    here, there = socket.socketpair()
    with here:
        assert nothing_arrived(here.fileno())
        there.send(b"E")
        assert not nothing_arrived(here.fileno())
        here.recv(1)
        assert nothing_arrived(here.fileno())
        there.close()
        assert not nothing_arrived(here.fileno())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could go away")
@pytest.mark.django_db(transaction=True)
def test_a_connection_the_server_threw_out_is_opened_again() -> None:
    def backend() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return int(cursor.fetchone()[0])

    first = backend()
    connection.health_check_enabled, connection.health_check_done = True, False
    with CaptureQueriesContext(connection) as captured:
        assert backend() == first
    assert len(captured) == 1
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()
    connection.health_check_enabled, connection.health_check_done = True, False
    assert backend() != first
