"""Kinds of job for the tests: each does one thing a real report does, or breaks in one way.

A real worker process of tests/operations/test_faults.py loads this module too.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult, register_job_kind

REFUSED: set[str] = set()


def allow(actor: Actor, parameters: Mapping[str, Any]) -> None:
    if actor.user.username in REFUSED:
        raise NotAllowed("您不能生成这份报告。")


def write_report(context: JobContext) -> JobResult:
    """Batches with progress, one file, one row written exactly once."""
    batches = int(context.job.parameters.get("batches", 3))
    pause = float(context.job.parameters.get("pause", 0))
    for batch in range(batches):
        context.check_cancelled(kept=f"已处理 {batch} 批。")
        context.progress("正在生成", batch + 1, batches)
        time.sleep(pause)
    context.write_file("年度报告.pdf", b"%PDF-1.7 " + b"x" * int(context.job.parameters.get("size", 1000)))
    if started := os.environ.get("TEST_STARTS"):
        with Path(started).open("a", encoding="ascii") as log:
            log.write(f"{context.job.pk} {os.getpid()}\n")
    time.sleep(float(context.job.parameters.get("pause_after_file", 0)))

    def commit() -> dict[str, Any]:
        code = context.job.parameters.get("counter")
        if code:
            organization = Organization.objects.select_for_update().get(code=code)
            organization.sort_order += 1
            organization.save(update_fields=["sort_order"])
        return {"batches": batches}

    return JobResult(message=f"共 {batches} 批。", commit=commit)


def refuse(context: JobContext) -> JobResult:
    context.write_file("半成品.pdf", b"%PDF-1.7 half")
    raise DomainError(
        "服务器缺少 PDF 组件（Pango），请系统管理员安装后重试；Word 和 Excel 可以照常生成。", code="pango"
    )


def crash(context: JobContext) -> JobResult:
    context.write_file("半成品.pdf", b"%PDF-1.7 half")
    raise RuntimeError("secret detail of the crash")


def crash_once(context: JobContext) -> JobResult:
    if context.job.attempts == 1:
        raise RuntimeError("first try")
    return write_report(context)


KINDS = [
    JobKind("test.report", "测试报告", write_report, allow),
    JobKind("test.refused", "缺组件的报告", refuse),
    JobKind("test.crash", "出错的报告", crash),
    JobKind("test.crash_once", "第二次成功的报告", crash_once),
]
for kind in KINDS:
    register_job_kind(kind)
