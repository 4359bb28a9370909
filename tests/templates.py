"""Databases made once and copied: migrating takes most of a minute, copying a second.

A template lives in the PostgreSQL cluster it is copied in; a second cluster reads it from the dump of the first. Its name
carries a fingerprint of what it was made from, so that nothing that outlives the run ever serves an older one. Several
test processes ask at once; one makes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.servers import postgres_programs

ROOT = Path(__file__).resolve().parent.parent
APPS = ("zaozhuang_portal", "cultivation", "evaluation", "reporting")


def fingerprint(*patterns: str) -> str:
    """Twelve hex digits of all files of the apps that match."""
    found = hashlib.sha256()
    for path in sorted(path for app in APPS for pattern in patterns for path in (ROOT / app).rglob(pattern)):
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:12]


@cache
def of_migrations() -> str:
    return fingerprint("migrations/*.py")


@cache
def of_everything() -> str:
    return fingerprint("*.py", "*.yaml", "*.json", "*.csv")


def at(url: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@contextlib.contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Among all processes of this machine."""
    with (Path(tempfile.gettempdir()) / f"portal-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def template(
    url: str,
    name: str,
    make: Callable[[str], None],
    base: Callable[[], str] = lambda: "template0",
    beside: Path | None = None,
) -> str:
    """The name of a database of this server made by `make(its URL)`, now or by an earlier call; a copy of `base()` at first.

    It is made under another name and renamed when whole: what was interrupted is never taken for a template. What was
    made in another cluster of this machine is read from its dump, as long as the folder `beside` it still stands.
    """
    dump = Path(tempfile.gettempdir()) / f"{name}_{os.getuid()}.sql"
    with one_at_a_time(name), psycopg.connect(at(url, "postgres"), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        draft = f"{name}_draft"
        known = dump.exists() and (beside is None or beside.exists())
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(draft)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(draft), sql.Identifier("template0" if known else base())
            )
        )
        if known:
            _run(
                "psql", "-X", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", "-f", str(dump), at(url, draft)
            )
        else:
            make(at(url, draft))
            _run("pg_dump", "--no-owner", "-f", str(dump.with_suffix(".draft")), at(url, draft))
            dump.with_suffix(".draft").rename(dump)
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name))
        )
    return name


def _run(program: str, *arguments: str) -> None:
    subprocess.run([str((postgres_programs() or Path()) / program), *arguments], check=True)


def migrated(url: str) -> str:
    """The name of a PostgreSQL database of this server with every migration applied and nothing else in it."""
    return template(url, f"portal_migrated_{of_migrations()}", _migrate)


def migrated_sqlite(target: Path) -> None:
    """`target` becomes an SQLite file with every migration applied and nothing else in it."""
    name = f"portal_migrated_{of_migrations()}"
    made = Path(tempfile.gettempdir()) / f"{name}_{os.getuid()}.sqlite3"
    with one_at_a_time(f"{name}_sqlite"):
        if not made.exists():
            with tempfile.TemporaryDirectory(prefix="portal-migrated-") as folder:
                draft = Path(folder) / "draft.sqlite3"
                _migrate(f"sqlite:///{draft}")
                shutil.copy(draft, made.with_suffix(".draft"))
                made.with_suffix(".draft").rename(made)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(made, target)


def _migrate(url: str) -> None:
    environment = {**os.environ, "DATABASE_URL": url, "PORTAL_NO_BOOTSTRAP": "1", "REDIS_URL": ""}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True
    )
