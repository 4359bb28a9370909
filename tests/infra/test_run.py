"""The closing words of `manage.py test`: what was counted, what was not tested, and when that is a failure."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from tests.run import Tally, conclude
from tests.servers import ROOT


@pytest.fixture
def tally(tmp_path) -> Tally:
    """Counted from the report of a real pytest session."""
    (tmp_path / "test_sample.py").write_text(
        textwrap.dedent(
            """
            import pytest
            def test_good(): pass
            def test_bad(): assert 0
            @pytest.fixture
            def broken():
                yield
                raise RuntimeError
            def test_bad_and_broken(broken): assert 0
            @pytest.mark.xfail(reason="known")
            def test_known(): assert 0
            def test_no_server(): pytest.skip("本机缺少 PostgreSQL，此项未测")
            def test_other(): pytest.skip("只在 SQLite 上运行")
            """
        )
    )
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", f"--junitxml={report}", str(tmp_path)]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    counted = Tally()
    counted.add_report(report)
    return counted


def test_each_test_counts_once(tally):
    assert (tally.passed, tally.failed, tally.skipped) == (2, 2, 2)


def test_the_last_line_is_plain(tally, capsys):
    assert conclude(tally, [], [], under_ci=False, seconds=1) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 2 failed, 2 skipped"


def test_what_was_not_tested_is_said_with_its_reason(tally, capsys):
    conclude(tally, [], ["浏览器流程：本机没有 PostgreSQL"], under_ci=False, seconds=1)
    said = capsys.readouterr().out
    assert "未测 1 项：本机缺少 PostgreSQL" in said
    assert "未测：浏览器流程" in said


def test_a_missing_server_fails_under_ci_only():
    green = Tally(passed=5)
    assert conclude(green, [], ["PostgreSQL"], under_ci=False, seconds=1) == 0
    assert conclude(green, [], ["PostgreSQL"], under_ci=True, seconds=1) == 1
    green.reasons["本机缺少 redis-server，此项未测"] = 1
    green.skipped = 1
    assert conclude(green, [], [], under_ci=True, seconds=1) == 1


def test_a_skip_for_another_reason_does_not_fail_under_ci():
    green = Tally(passed=5, skipped=1)
    green.reasons["只在 SQLite 上运行"] = 1
    assert conclude(green, [], [], under_ci=True, seconds=1) == 0


def test_a_failed_check_or_a_broken_session_fails():
    assert conclude(Tally(passed=5), ["mypy"], [], under_ci=False, seconds=1) == 1
    assert conclude(Tally(passed=5, broken_sessions=["SQLite"]), [], [], under_ci=False, seconds=1) == 1


def test_ci_calls_exactly_the_one_command():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    assert lines[0] == "#!/usr/bin/env bash"
    assert lines[1] == "set -euo pipefail"
    assert lines[-1].removeprefix("exec ") == "python3 manage.py test"
