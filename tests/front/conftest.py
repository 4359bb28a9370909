"""The gallery as a running site without a database, and a browser page that fails on console errors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from playwright.sync_api import Browser, Page

from tests.browser import Watch
from tests.front import gallery
from zaozhuang_portal.kernel import navigation, preferences

HERE = Path(__file__).parent
MIDDLEWARE = [
    "zaozhuang_portal.kernel.http.GuardHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tests.front.gallery.GalleryActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zaozhuang_portal.kernel.http.DomainErrorMiddleware",
]


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        return


# Per file, not per session: other files of the same test process need the portal's own URLs.
@pytest.fixture(scope="module")
def gallery_settings() -> Iterator[None]:
    templates = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], HERE / "templates"]}]
    templates += settings.TEMPLATES[1:]
    changed = override_settings(
        ROOT_URLCONF="tests.front.gallery",
        MIDDLEWARE=MIDDLEWARE,
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        TEMPLATES=templates,
        DEBUG_PROPAGATE_EXCEPTIONS=False,
    )
    menu = {item.key: item for item in gallery.NAV}
    with changed, patch.dict(navigation._items, menu, clear=True), patch.object(preferences, "_savers", []):
        yield


@pytest.fixture(scope="module")
def gallery_url(gallery_settings: None) -> Iterator[str]:
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.daemon_threads = True
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_page(chromium: Browser, gallery_url: str, watch: Watch) -> Iterator[Callable[..., Page]]:
    """`open_page("/path/", width=1366, elder=False)`: a watched page of the gallery."""
    contexts = []

    def make(
        address: str,
        width: int = 1366,
        height: int = 860,
        elder: bool = False,
        script: bool = True,
        touch: bool = False,
    ) -> Page:
        context = chromium.new_context(
            base_url=gallery_url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
            java_script_enabled=script,
            has_touch=touch,
            is_mobile=touch,
        )
        context.set_default_timeout(10_000)
        if elder:
            context.add_cookies([{"name": "portal_elder", "value": "on", "url": gallery_url}])
        watch.follow(context, urlsplit(gallery_url).netloc)
        contexts.append(context)
        page = context.new_page()
        page.goto(address)
        return page

    yield make
    for context in contexts:
        context.close()
