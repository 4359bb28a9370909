"""A cache of this process that hands out the very objects it was given: code tables and drawn fragments."""

from __future__ import annotations

import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

_stores: dict[str, dict[str, tuple[Any, float | None]]] = {}


class ObjectCache(BaseCache):
    """A dictionary with an expiry. Unlike LocMemCache it does not pickle: reading the table of 80 organizations that
    way costs more than drawing a page's menu.

    What is kept is shared by all threads: nobody may change it. Nothing is ever thrown out before its time, so the
    keys must be few. Only get, set, delete and clear: it keeps tables, neither locks nor counters.
    """

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._store = _stores.setdefault(name, {})

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        value, until = self._store.get(self.make_key(key, version), (default, None))
        return default if until is not None and until < time.time() else value

    def set(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._store[self.make_key(key, version)] = (value, self.get_backend_timeout(timeout))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._store.pop(self.make_key(key, version), None) is not None

    def clear(self) -> None:
        self._store.clear()
