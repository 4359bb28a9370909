"""A Redis cache that may be away: an error is a cache miss, never an error page (design §8)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
Value = TypeVar("Value")
# After an error Redis is left alone this long (seconds), so that a page with many look-ups waits once.
PAUSE_SECONDS = 5.0


class ForgivingRedisCache(RedisCache):
    """Errors are swallowed and logged once per outage. Set OPTIONS socket_connect_timeout and socket_timeout ≤ 1 s.

    While Redis is away: get() gives the default, add() and set() pretend, incr() raises ValueError as for a missing key.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._outage = _outage_of(str(server))

    def _try(self, call: Callable[[], Value], fallback: Value) -> Value:
        if self._outage.paused():
            return fallback
        try:
            value = call()
        except (RedisError, OSError) as error:
            self._outage.begin(error)
            return fallback
        self._outage.end()
        return value

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        return self._try(lambda: super(ForgivingRedisCache, self).add(key, value, *args, **kwargs), True)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._try(lambda: super(ForgivingRedisCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        self._try(lambda: super(ForgivingRedisCache, self).set(key, value, *args, **kwargs), None)

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return self._try(lambda: super(ForgivingRedisCache, self).touch(key, *args, **kwargs), False)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._try(lambda: super(ForgivingRedisCache, self).delete(key, version), False)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return self._try(lambda: super(ForgivingRedisCache, self).get_many(keys, version), {})

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return self._try(lambda: super(ForgivingRedisCache, self).has_key(key, version), False)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        value = self._try(lambda: int(super(ForgivingRedisCache, self).incr(key, delta, version)), None)
        if value is None:
            raise ValueError(f"Key {key!r} not found")
        return value

    def set_many(self, data: dict[Any, Any], *args: Any, **kwargs: Any) -> list[Any]:
        return self._try(lambda: super(ForgivingRedisCache, self).set_many(data, *args, **kwargs), list(data))

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._try(lambda: super(ForgivingRedisCache, self).delete_many(keys, version), None)

    def clear(self) -> None:
        self._try(lambda: super(ForgivingRedisCache, self).clear(), None)


class _Outage:
    """Whether this process believes Redis to be away. Shared by the cache objects of all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._since: float | None = None
        self._retry_at = 0.0

    def paused(self) -> bool:
        return self._since is not None and time.monotonic() < self._retry_at

    def begin(self, error: Exception) -> None:
        with self._lock:
            self._retry_at = time.monotonic() + PAUSE_SECONDS
            if self._since is None:
                self._since = time.monotonic()
                logger.error("Redis cache not reached, going on without it: %s", error)

    def end(self) -> None:
        if self._since is None:
            return
        with self._lock:
            if self._since is not None:
                logger.info("Redis cache is back after %.0f s", time.monotonic() - self._since)
                self._since = None


_outages: dict[str, _Outage] = {}


def _outage_of(server: str) -> _Outage:
    return _outages.setdefault(server, _Outage())
