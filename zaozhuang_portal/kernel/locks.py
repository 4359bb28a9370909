"""A lock on a name: for what has no row yet that could be locked."""

from __future__ import annotations

from django.db import connection


def lock_name(name: str) -> None:
    """Hold `name` until the transaction at hand ends; whoever asks for the same name meanwhile waits.

    Call inside a transaction. SQLite needs nothing: its transactions are IMMEDIATE, so there is one writer at a time.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
