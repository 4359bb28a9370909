"""Journeys: a seeded portal under gunicorn on PostgreSQL, driven by Debian's Chromium.

`portal` is the running portal with the demo city, fresh for every test (the database is copied from a template).
`page` is a watched page: a console error, a CSP violation, a 5xx answer or a request to another host fails the test.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests import templates
from tests.servers import ROOT, CeleryWorker, Databases, GunicornServer, RedisServer, missing

CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DATABASE = f"journey_{os.getpid()}"


@dataclass
class Portal:
    """Handles of the running portal."""

    url: str
    databases: Databases
    environment: dict[str, str]
    worker: CeleryWorker
    redis: RedisServer
    data_dir: Path
    _templates: dict[str, tuple[str, Path]] = field(default_factory=dict)

    def manage(self, *arguments: str) -> str:
        """Run a manage.py command against the portal's database; its standard output."""
        return run_manage(self.environment, *arguments)

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of one SQL statement on the portal's database (committed)."""
        with psycopg.connect(self.databases.url(DATABASE), autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)  # type: ignore[arg-type]  # test-written SQL
            return cursor.fetchall() if cursor.description else []

    def restore(self, stage: str) -> None:
        """Put back database and files as `seed_demo --stage` left them; seeds the template at first use."""
        files = self.data_dir / "files"
        if stage not in self._templates:
            self._templates[stage] = self._seeded(stage)
        template, kept = self._templates[stage]
        self.databases.create(DATABASE, template)
        shutil.rmtree(files, ignore_errors=True)
        shutil.copytree(kept, files)
        if not self.worker.alive:
            self.worker.start()
        if not self.redis.answers():
            self.redis.start()

    def _seeded(self, stage: str) -> tuple[str, Path]:
        """(template database, its files), made once for all processes of this machine."""
        url = self.databases.url("postgres")
        name = f"portal_seed_{stage or 'plain'}_{templates.of_everything()}"
        kept = Path(tempfile.gettempdir()) / f"{name}_{os.getuid()}_files"

        def seed(draft: str) -> None:
            with tempfile.TemporaryDirectory(prefix="portal-seed-") as folder:
                environment = {**self.environment, "DATABASE_URL": draft, "PORTAL_DATA_DIR": folder}
                run_manage(environment, "seed_demo", *(["--stage", stage] if stage else []))
                shutil.rmtree(kept, ignore_errors=True)
                (Path(folder) / "files").mkdir(exist_ok=True)
                shutil.copytree(Path(folder) / "files", kept)

        return templates.template(url, name, seed, lambda: templates.migrated(url), kept), kept

    def drop_all(self) -> None:
        self.databases.drop(DATABASE)


def run_manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


@contextlib.contextmanager
def run_portal(databases: Databases, **extra: str) -> Iterator[tuple[Portal, GunicornServer]]:
    """gunicorn, worker and Redis on a database that `Portal.restore` swaps under them; `extra` is environment."""
    if not shutil.which("redis-server"):
        missing("redis-server")
    redis = RedisServer().start()
    data_dir = Path(tempfile.mkdtemp(prefix="portal-journey-"))
    environment = {
        "DATABASE_URL": databases.create(DATABASE),
        "REDIS_URL": redis.url,
        "PORTAL_DATA_DIR": str(data_dir),
        "SECRET_KEY": "journey-" * 10,
        "PORTAL_DEMO": "1",
        "PORTAL_NO_BOOTSTRAP": "1",
        "WEB_WORKERS": "1",
        **extra,
    }
    web = GunicornServer(environment)
    portal = Portal(web.url, databases, environment, CeleryWorker(environment), redis, data_dir)
    try:
        web.start()
        yield portal, web
    finally:
        web.stop()
        portal.worker.stop()
        redis.stop()
        portal.drop_all()
        shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def portal_stack(databases: Databases) -> Iterator[tuple[Portal, GunicornServer]]:
    """The running portal, once per session."""
    with run_portal(databases) as stack:
        yield stack


@pytest.fixture
def portal(request: pytest.FixtureRequest, portal_stack: tuple[Portal, GunicornServer]) -> Portal:
    """The portal as seeded. `@pytest.mark.seed("verified")` chooses another stage of `seed_demo`."""
    running, web = portal_stack
    marker = request.node.get_closest_marker("seed")
    running.restore(marker.args[0] if marker else "")
    if not web.alive:
        web.start()
    return running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        missing("浏览器 Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


class Watch:
    """What must not happen in a browser: errors on the console, CSP violations, 5xx, requests to other hosts."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def allow(self, pattern: str) -> None:
        """Expect problems whose text matches `pattern` (a 409 on purpose, a server stopped by the test)."""
        self._allowed.append(re.compile(pattern))

    def follow(self, context: BrowserContext, host: str) -> None:
        context.on(
            "console",
            lambda message: (
                message.type == "error"
                and self._note(f"控制台：{message.text} {message.location.get('url', '')}".rstrip())
            ),
        )
        context.on("weberror", lambda error: self._note(f"脚本错误：{error.error}"))
        context.on("request", lambda request: self._judge_address(request.url, host))
        context.on(
            "response",
            lambda response: response.status >= 500 and self._note(f"{response.status} {response.url}"),
        )

    def _judge_address(self, url: str, host: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != host:
            self._note(f"外部请求：{url}")

    def _note(self, text: str) -> None:
        self.problems.append(text)

    def unexpected(self) -> list[str]:
        return [text for text in self.problems if not any(pattern.search(text) for pattern in self._allowed)]


@pytest.fixture
def watch() -> Iterator[Watch]:
    watcher = Watch()
    yield watcher
    assert not watcher.unexpected(), "\n".join(watcher.unexpected())


@pytest.fixture
def new_page(chromium: Browser, portal: Portal, watch: Watch) -> Iterator[Callable[..., Page]]:
    """`new_page(width=1280, height=800)`: a page in a context (browser session) of its own, watched."""
    contexts: list[BrowserContext] = []

    def make(width: int = 1280, height: int = 800) -> Page:
        context = chromium.new_context(
            base_url=portal.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        context.add_init_script(MARK_LEAVING)
        watch.follow(context, urlsplit(portal.url).netloc)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """A failed journey shows what the server said and leaves a picture in var/journeys."""
    report = yield
    arguments = getattr(item, "funcargs", {})
    if report.failed and "portal_stack" in arguments:
        report.sections.append(("gunicorn", arguments["portal_stack"][1].output()[-6000:]))
        report.sections.append(("celery", arguments["portal_stack"][0].worker.output()[-3000:]))
    if report.failed and call.when == "call" and "page" in arguments:
        picture = ROOT / "var" / "journeys" / f"{item.name}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(PlaywrightError):
            arguments["page"].screenshot(path=picture, full_page=True)
            report.sections.append(("screenshot", str(picture)))
    return report


# A click returns before the page turns. The old page says so, for three seconds: a download keeps it open.
MARK_LEAVING = """addEventListener("beforeunload", () => {
  window.isLeaving = true;
  setTimeout(() => { window.isLeaving = false; }, 3000);
});"""


def settle(page: Page) -> None:
    """Wait until the page a click leads to stands."""
    page.wait_for_timeout(60)  # a form is sent in a task of its own, after the click has returned
    page.wait_for_function("() => !window.isLeaving && document.readyState === 'complete'")


def sign_in(page: Page, username: str, password: str) -> None:
    """Through the sign-in page, as a user does; ends on the first page."""
    page.goto("/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "login" not in url)


def assert_accessible(page: Page) -> None:
    """No WCAG 2.1 A or AA violation that axe can see."""
    settle(page)
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert results.violations_count == 0, results.generate_report()
