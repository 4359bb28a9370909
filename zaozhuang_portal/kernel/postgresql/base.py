"""Before the first statement of a request Django asks PostgreSQL `SELECT 1` whether a kept connection still lives.

A server that stopped, restarted or threw the connection out has closed its socket: then there is something to read, if
only the end. So the socket is looked at, and only one that has something to read is asked. A line that died without a
word shows in neither way before a time-out. Columns that are altered to a bound get its CHECK (`schema.py`).
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base

from zaozhuang_portal.kernel.postgresql.schema import BoundedSchemaEditor


def nothing_arrived(descriptor: int) -> bool:
    """Whether the socket is open and has nothing to read: no message, no error, no end."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLPRI)
    return not poll.poll(0)


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = BoundedSchemaEditor
    health_check_enabled: bool
    health_check_done: bool

    def close_if_health_check_failed(self) -> None:
        if self.connection is not None and self.health_check_enabled and not self.health_check_done:
            self.health_check_done = not self.connection.closed and nothing_arrived(self.connection.fileno())
        super().close_if_health_check_failed()
