"""The web server of the embedded way: one gunicorn process with threads, worker and beat inside it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from zaozhuang_portal.runtime import embedded

THREADS = 8


class OneProcessServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with one gthread worker. `when_ready` runs once it listens."""

    def __init__(self, bind: str, when_ready: Callable[[], None]) -> None:
        self._bind = bind
        self._when_ready = when_ready
        super().__init__(prog="zaozhuang_portal")

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": embedded.STOP_SECONDS + 2,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda _server: self._when_ready(),
            "worker_exit": lambda _server, _worker: embedded.stop(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # Static files are found in their source folders; nobody collected them here.
        warnings.filterwarnings("ignore", message="No directory at", category=UserWarning)
        # Imported in the worker process: importing it starts the embedded threads.
        from zaozhuang_portal.wsgi import application

        return application
