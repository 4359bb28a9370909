"""`python3 manage.py test`: the whole suite, in sessions, each on the servers it is about.

1. checks: lint, types, import contracts, migrations, deployment settings
2. unit and service tests on SQLite
3. the same on PostgreSQL, except what never touches a database (pytest-django refuses it the connection)
4. permission matrix, browser journeys, and what needs a real Redis and worker, on PostgreSQL
5. every measurement of bench once on 200 firms, whether it still runs

With pytest arguments: one session with these arguments, on SQLite or on DATABASE_URL when that is set.
What could not be tested is printed with its reason; under CI=true that is a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNIT = "not journey and not matrix and not servers"
WHOLE = "journey or matrix or servers"


@dataclass
class Tally:
    """Sums over all sessions."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    broken_sessions: list[str] = field(default_factory=list)

    def add_report(self, report: Path) -> None:
        """Read one JUnit report; a test that failed and then broke in teardown stands there twice and counts once."""
        cases: dict[tuple[str | None, str | None], list[ElementTree.Element]] = {}
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            cases.setdefault((case.get("classname"), case.get("name")), []).extend(case)
        for outcomes in cases.values():
            tags = {outcome.tag: outcome for outcome in outcomes}
            skip = tags.get("skipped")
            if "failure" in tags or "error" in tags:
                self.failed += 1
            elif skip is not None and skip.get("type") != "pytest.xfail":
                self.skipped += 1
                self.reasons[skip.get("message") or "no reason given"] += 1
            else:
                self.passed += 1


def run_pytest(tally: Tally, title: str, arguments: list[str], extra: Mapping[str, str]) -> None:
    """One pytest session in a process of its own; its output goes straight through."""
    print(f"\n== {title} ==", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="portal-report-") as folder:
        report = Path(folder) / "report.xml"
        session = subprocess.Popen(
            [sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments],
            cwd=ROOT,
            env={**os.environ, "PORTAL_NO_BOOTSTRAP": "1", **extra},
        )
        try:
            status = session.wait()
        finally:
            # Only when this process itself is being ended: let the session stop its servers.
            if session.poll() is None:
                session.terminate()
                session.wait()
        if report.exists():
            tally.add_report(report)
        # 1: tests failed, counted above. 5: nothing collected. Anything else broke the session itself.
        if status not in {0, 1, 5}:
            tally.broken_sessions.append(title)
    print(f"   {title}: {time.monotonic() - begun:.0f} s", flush=True)


# The server of bench, when another keeps it: `bench.world.KEPT`, named here to import nothing of the portal.
KEPT = "BENCH_POSTGRES"


def run_bench(tally: Tally, socket: str) -> None:
    """Every measurement once on 200 firms, on the sessions' server: that it still runs; its numbers say nothing."""
    print("\n== 测速脚本（--smoke） ==", flush=True)
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--smoke"],
        cwd=ROOT,
        env={**os.environ, "PORTAL_NO_BOOTSTRAP": "1", KEPT: socket},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode == 0:
        tally.passed += 1
    else:
        tally.failed += 1
        print("\n".join(done.stdout.splitlines()[-30:]), flush=True)
    print(f"   bench --smoke: {time.monotonic() - begun:.0f} s", flush=True)


def processes() -> list[str]:
    """Two test processes on two or more processors; more only crowd the servers."""
    return ["-n", "2", "--dist", "loadfile"] if (os.cpu_count() or 1) > 1 else []


def run_everything() -> int:
    from tests import checks
    from tests.servers import SHARED_POSTGRES, UNDER_CI, PostgresServer, postgres_url

    begun = time.monotonic()
    tally = Tally()
    untested: list[str] = []
    print("== 代码检查 ==", flush=True)
    failed_checks = checks.run()
    # Not earlier: conftest sets what the deployment check rightly refuses.
    from tests.conftest import DATABASE_TESTS_ONLY

    run_pytest(
        tally, "SQLite：单元与服务", ["-q", "-m", UNIT, *processes()], {"DATABASE_URL": "", "REDIS_URL": ""}
    )
    server = PostgresServer()
    try:
        if server.available:
            server.start()
            # The unprivileged owner of the folder lets the tests' own user in to the socket.
            environment = {
                "DATABASE_URL": postgres_url(str(server.folder), "portal"),
                "REDIS_URL": "",
                SHARED_POSTGRES: str(server.folder),
            }
            run_pytest(
                tally,
                "PostgreSQL：单元与服务",
                ["-q", "-m", UNIT, *processes()],
                {**environment, DATABASE_TESTS_ONLY: "1"},
            )
            title = "PostgreSQL：权限矩阵、浏览器、Redis 与任务进程"
            run_pytest(tally, title, ["-q", "-m", WHOLE, *processes()], environment)
            run_bench(tally, str(server.folder))
        else:
            untested.append("PostgreSQL 上的全部测试、权限矩阵与浏览器流程：本机没有 PostgreSQL")
    finally:
        server.remove()
    return conclude(tally, failed_checks, untested, UNDER_CI, time.monotonic() - begun)


def conclude(
    tally: Tally, failed_checks: list[str], untested: list[str], under_ci: bool, seconds: float
) -> int:
    """Print what was not tested and the closing line; the exit status."""
    lacking = [(reason, count) for reason, count in tally.reasons.items() if "本机缺少" in reason]
    print()
    for reason, count in tally.reasons.most_common():
        print(f"未测 {count} 项：{reason.removeprefix('Skipped: ')}")
    for line in untested:
        print(f"未测：{line}")
    for name in failed_checks:
        print(f"检查未通过：{name}")
    for title in tally.broken_sessions:
        print(f"测试会话异常结束：{title}")
    bad = tally.failed + len(failed_checks) + len(tally.broken_sessions)
    if under_ci and (untested or lacking):
        print("CI=true：缺少服务即为失败。")
        bad += len(untested) + len(lacking)
    print(f"用时 {seconds:.0f} 秒")
    print(f"{tally.passed} passed, {bad} failed, {tally.skipped} skipped")
    return 1 if bad else 0


def run_some(arguments: list[str]) -> int:
    """The tests the caller named, in one session."""
    begun = time.monotonic()
    tally = Tally()
    extra = {} if os.environ.get("DATABASE_URL") else {"DATABASE_URL": "", "REDIS_URL": ""}
    run_pytest(tally, "pytest", arguments, extra)
    from tests.servers import UNDER_CI

    return conclude(tally, [], [], UNDER_CI, time.monotonic() - begun)


def main(arguments: list[str]) -> int:
    # A time limit ends us by SIGTERM: leave through the `finally` clauses, so that no server stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not shutil.which("runuser") and os.geteuid() == 0:
        print("缺少 runuser（util-linux），无法以普通用户启动 PostgreSQL。")
    return run_some(arguments) if arguments else run_everything()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
