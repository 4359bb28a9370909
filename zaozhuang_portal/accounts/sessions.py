"""Sessions in the database, as Django keeps them; read by a query that is put into SQL once."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from zaozhuang_portal.kernel.compiled import CompiledQuery, Slot


def _live_session() -> Any:
    return SessionStore.get_model_class().objects.filter(
        session_key=Slot("key", CharField()), expire_date__gt=Slot("now", DateTimeField())
    )[:1]


_SESSION: CompiledQuery[Any] = CompiledQuery(_live_session)


class SessionStore(DatabaseStore):
    def _get_session_from_db(self) -> Any:
        """The row of this key unless it has expired; without one the key is dropped."""
        row = _SESSION.first(key=self.session_key, now=timezone.now())
        if row is None:
            self._session_key = None
        return row
