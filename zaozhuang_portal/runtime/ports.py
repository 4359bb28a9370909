"""Choosing the port of the demo."""

from __future__ import annotations

import socket

FIRST_PORT = 8000
LAST_PORT = 8099


def is_free(host: str, port: int) -> bool:
    """Whether `host:port` can be listened on now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As gunicorn does: a connection in TIME_WAIT from the last run does not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def choose_port(host: str, first: int = FIRST_PORT) -> int | None:
    """The first free port from `first` (100 tried); None when all are taken."""
    return next(
        (port for port in range(first, first + LAST_PORT - FIRST_PORT + 1) if is_free(host, port)), None
    )
