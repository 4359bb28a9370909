"""Defaults of every test session: cheap password hashing, private folders, no network, one clock zone."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["tests.servers", "tests.browser"]

# Set by tests/run.py for the second database: what never touches one was run already.
DATABASE_TESTS_ONLY = "PORTAL_TEST_DATABASE_ONLY"

# Playwright's synchronous API runs an event loop in the main thread; the ORM is used beside it on purpose.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_configure(config: pytest.Config) -> None:
    # A time limit ends us by SIGTERM: end the session properly, so that no server of a fixture stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    folder = tempfile.TemporaryDirectory(prefix="portal-test-")
    config.add_cleanup(folder.cleanup)
    settings.DATA_DIR = Path(folder.name)
    settings.MEDIA_ROOT = settings.DATA_DIR / "files"
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # A file, not shared memory: threads and other processes meet the same locks as in the embedded default.
        database.setdefault("TEST", {})["NAME"] = str(settings.DATA_DIR / "test.sqlite3")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    from django.conf import settings

    vendor = settings.DATABASES["default"]["ENGINE"].rsplit(".", 1)[-1]
    for item in items:
        if item.get_closest_marker("postgres_only") and vendor != "postgresql":
            item.add_marker(pytest.mark.skip(reason="只在 PostgreSQL 上运行"))
        if item.get_closest_marker("sqlite_only") and vendor != "sqlite3":
            item.add_marker(pytest.mark.skip(reason="只在 SQLite 上运行"))
    if os.environ.get(DATABASE_TESTS_ONLY):
        others = [item for item in items if not touches_database(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if touches_database(item)]


def touches_database(item: pytest.Item) -> bool:
    """Whether the test may use the database; pytest-django refuses the connection to every other."""
    fixtures = set(getattr(item, "fixturenames", ()))
    asked = fixtures & {"db", "transactional_db", "django_db_setup", "live_server"}
    return bool(item.get_closest_marker("django_db") or asked)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Two processes share the files; all journeys go to one of them, for one Chromium and one gunicorn."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return "tests/journeys" if path.startswith("tests/journeys/") else path

    return ByFile(config, log)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The SQLite file is put there migrated, in a folder that goes with the session; it is not made anew."""
    from django.conf import settings

    return bool(settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The test database is a copy of one that is migrated; migrating it again finds nothing to do."""
    from django.conf import settings
    from django.db import connection

    from tests import templates

    if connection.vendor == "postgresql":
        settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = templates.migrated(
            os.environ["DATABASE_URL"]
        )
    else:
        templates.migrated_sqlite(Path(connection.settings_dict["TEST"]["NAME"]))


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """Lock-outs and throttles live in the cache; no test inherits another's."""
    from django.core.cache import caches

    for alias in caches:
        caches[alias].clear()
    yield


@pytest.fixture(scope="session", autouse=True)
def audit_log_may_be_emptied() -> Iterator[None]:
    """The audit log refuses DELETE and TRUNCATE; emptying the database after a transactional test needs them."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from zaozhuang_portal.accounts.rules import audit_triggers

    original = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        vendor = self.connection.vendor
        if any(audit_triggers.ENTRY in sql for sql in sql_list):
            sql_list = [*audit_triggers.remove(vendor), *sql_list, *audit_triggers.install(vendor)]
        original(self, sql_list)

    BaseDatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]  # for tests only
    yield
    BaseDatabaseOperations.execute_sql_flush = original  # type: ignore[method-assign]
