"""Celery worker and beat as threads of the one web process: the way without Redis (design §8).

The memory:// queue lives in this process, so a second process on the same data would have a queue nobody serves:
it is refused by a lock on the data folder. Jobs survive a stop, because their rows do; the sweep announces them anew.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from typing import IO, Any

from celery.beat import EmbeddedService
from celery.signals import worker_ready
from celery.worker import WorkController
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from zaozhuang_portal.celery import app

logger = logging.getLogger(__name__)
# Two, so that a long report does not keep an import waiting.
THREADS = 2
# Seconds given to a running job at the end; one that needs longer is taken again from its row at the next start.
STOP_SECONDS = 8

_start_lock = threading.Lock()
_running: EmbeddedWorker | None = None


class EmbeddedWorker:
    """One worker and one beat, as daemon threads; holds the lock of the data folder for the life of the process."""

    def __init__(self) -> None:
        self._lock_file = _lock_data_folder()
        self._worker = WorkController(
            app=app,
            pool_cls="threads",
            concurrency=THREADS,
            loglevel="WARNING",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        self._beat: Any = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
        self._thread = threading.Thread(target=self._serve, name="celery-embedded", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._beat.start()
        # Sent by the command-line worker only; here its receivers (the sweep at start) are told by hand.
        worker_ready.send(sender=self._worker)

    def _serve(self) -> None:
        app.set_current()
        self._worker.start()

    def stop(self) -> None:
        """End both threads; waits at most STOP_SECONDS for a running job."""
        self._beat.service.stop()
        stopper = threading.Thread(target=self._worker.stop, name="celery-embedded-stop", daemon=True)
        stopper.start()
        stopper.join(STOP_SECONDS)
        self._lock_file.close()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()


def _open_lock() -> IO[str]:
    return (settings.DATA_DIR / "embedded.lock").open("a+", encoding="ascii")


def refuse_second_process(handle: IO[str] | None = None) -> None:
    """ImproperlyConfigured when another process holds the data folder. Keeps the lock on `handle` when given."""
    probe = handle or _open_lock()
    try:
        fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        probe.seek(0)
        holder = probe.read().strip() or "未知"
        raise ImproperlyConfigured(
            f"数据文件夹 {settings.DATA_DIR} 正由另一个门户进程（进程号 {holder}）使用。未设置 REDIS_URL 时只能运行一个进程："
            "请先停止那个进程，或设置 REDIS_URL 和 DATABASE_URL 后用多进程方式部署（见 docs/operations.md）。"
        ) from None
    finally:
        if handle is None:
            probe.close()


def _lock_data_folder() -> IO[str]:
    """The lock that makes this the only embedded process; released when the handle closes or the process dies."""
    handle = _open_lock()
    try:
        refuse_second_process(handle)
    except ImproperlyConfigured:
        handle.close()
        raise
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def start_if_needed() -> EmbeddedWorker | None:
    """Start worker and beat in this process when there is no Redis; with Redis do nothing.

    PORTAL_EMBEDDED_WORKER=0 leaves them out: a process that shows pages only, its jobs wait for one that has a worker.
    """
    global _running
    if settings.REDIS_URL or not settings.EMBEDDED_WORKER:
        return None
    with _start_lock:
        if _running is None:
            worker = EmbeddedWorker()
            worker.start()
            _running = worker
            logger.info("内置任务线程已启动")
        return _running


def stop() -> None:
    """Called when the web process ends."""
    global _running
    with _start_lock:
        if _running is not None:
            _running.stop()
            _running = None
