"""What must hold before any test runs: lint, types, contracts, migrations, deployment settings (`make check`).

Each check is a command; run with `python -m tests.checks`. Exit status 0 only when all hold.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TYPED = ("rules", "services", "selectors")
APPS = (
    "zaozhuang_portal/kernel",
    "zaozhuang_portal/accounts",
    "zaozhuang_portal/operations",
    "zaozhuang_portal/runtime",
    "cultivation",
    "evaluation",
    "reporting",
)


def typed_paths() -> list[str]:
    """The floors under mypy --strict: rules, services and selectors of every app, kernel and runtime whole."""
    paths = ["zaozhuang_portal/kernel", "zaozhuang_portal/runtime"]
    for app in APPS:
        for floor in TYPED:
            for candidate in (Path(app) / floor, Path(app) / f"{floor}.py"):
                if (ROOT / candidate).exists():
                    paths.append(str(candidate))
    return paths


def production_environment(folder: str) -> dict[str, str]:
    """Settings as in production, without the servers: `check --deploy` connects to none of them."""
    return {
        "DATABASE_URL": "postgresql://portal:portal@127.0.0.1/portal",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "SECRET_KEY": "checks-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
        "ALLOWED_HOSTS": "portal.example.gov.cn",
        "CSRF_TRUSTED_ORIGINS": "https://portal.example.gov.cn",
        "PORTAL_DATA_DIR": folder,
        "REQUIRE_PDF": "0",
    }


def commands(folder: str) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Name → (command, extra environment)."""
    manage = [sys.executable, "manage.py"]
    tool = str(Path(sys.executable).parent) + "/"
    return {
        "ruff check": ([tool + "ruff", "check", "--quiet", "."], {}),
        "ruff format": ([tool + "ruff", "format", "--check", "--quiet", "."], {}),
        "import contracts": ([tool + "lint-imports", "--no-cache"], {}),
        "mypy": ([sys.executable, "-m", "mypy", *typed_paths()], {}),
        "migrations": (
            [*manage, "makemigrations", "--check", "--dry-run", "-v", "1"],
            {"PORTAL_DATA_DIR": folder},
        ),
        "check --deploy": (
            [*manage, "check", "--deploy", "--fail-level", "WARNING"],
            production_environment(folder),
        ),
    }


def run() -> list[str]:
    """Run every check, print one line each and the output of those that fail. Returns the names of the failed."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="portal-check-") as folder:
        for name, (command, extra) in commands(folder).items():
            begun = time.monotonic()
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, "PORTAL_NO_BOOTSTRAP": "1", **extra},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            verdict = "ok" if done.returncode == 0 else "FAILED"
            print(f"  {name:<18} {verdict}  {time.monotonic() - begun:.1f} s", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout, flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(1 if run() else 0)
