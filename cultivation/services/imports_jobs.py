"""Large imports in the background (ux E15): check, and confirm. The writes happen in the commit that ends the job."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from cultivation.models import ImportBatch
from cultivation.selectors.imports import get_batch
from cultivation.services.imports import (
    ROWS_AT_ONCE,
    check_import,
    confirm_import,
    examine_batch,
    keep_check,
    require_importer,
)
from cultivation.services.imports_registry import adapter_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult
from zaozhuang_portal.operations.services.jobs import request_job

CHECK_KIND = "cultivation.import_check"
CONFIRM_KIND = "cultivation.import_confirm"


def find_for_job(actor: Actor, parameters: Mapping[str, Any]) -> ImportBatch:
    """The batch a job is about, with the requester's rights of now. Raises DomainError when out of reach."""
    batch = get_batch(actor, int(parameters["batch"]))
    if batch is None:
        raise DomainError("导入批次不存在，或不属于您当前的身份。", code="no_batch")
    require_importer(actor, batch.organization, adapter_of(batch))
    return batch


def _allow(actor: Actor, parameters: Mapping[str, Any]) -> None:
    find_for_job(actor, parameters)


def batch_url(batch: ImportBatch) -> str:
    return reverse("cultivation:import_detail", args=[batch.pk])


def _run_check(context: JobContext) -> JobResult:
    batch = find_for_job(context.actor, context.job.parameters)
    context.progress("正在读取和校验", 0, batch.row_count or None)
    examination = examine_batch(batch, actor=context.actor, now=clock.now())
    context.check_cancelled("未写入任何内容。")
    context.progress("校验完成", examination.row_count, max(examination.row_count, batch.row_count) or None)

    def commit() -> Mapping[str, Any]:
        keep_check(actor=context.actor, batch=batch, examination=examination, now=clock.now())
        return {"batch": batch.pk}

    message = (
        f"共 {examination.row_count} 行：新增 {len(examination.plan.created)}，更新 {len(examination.plan.changed)}，"
        f"不变 {len(examination.plan.unchanged)}，错误 {examination.error_rows} 行。尚未写入，请核对后确认导入。"
    )
    return JobResult(message, url=batch_url(batch), commit=commit)


def _run_confirm(context: JobContext) -> JobResult:
    parameters = context.job.parameters
    batch = find_for_job(context.actor, parameters)
    context.progress("正在写入", 0, (batch.created_count + batch.changed_count) or None)

    def commit() -> Mapping[str, Any]:
        confirm_import(
            actor=context.actor,
            batch=batch,
            digest=parameters["digest"],
            only_good=bool(parameters["only_good"]),
            code_note=str(parameters["code_note"]),
            now=clock.now(),
        )
        return {"created": batch.created_count, "updated": batch.changed_count}

    message = f"导入完成：新增 {batch.created_count}，更新 {batch.changed_count}。"
    return JobResult(message, url=batch_url(batch), commit=commit)


IMPORT_JOBS = (
    JobKind(CHECK_KIND, "校验导入文件", _run_check, _allow),
    JobKind(CONFIRM_KIND, "导入登记数据", _run_confirm, _allow),
)


def begin_check(*, actor: Actor, batch: ImportBatch, now: datetime) -> Job | None:
    """Check at once, or by a job when there are more than 500 rows; returns the job."""
    if batch.row_count <= ROWS_AT_ONCE:
        check_import(actor=actor, batch=batch, now=now)
        return None
    return _request(actor, batch, CHECK_KIND, {"batch": batch.pk}, f"校验：{batch.label}", now)


def begin_confirm(
    *, actor: Actor, batch: ImportBatch, digest: str, only_good: bool, code_note: str, now: datetime
) -> Job | None:
    """Confirm at once, or by a job when more than 500 rows would be written; returns the job."""
    if batch.created_count + batch.changed_count <= ROWS_AT_ONCE:
        confirm_import(
            actor=actor, batch=batch, digest=digest, only_good=only_good, code_note=code_note, now=now
        )
        return None
    parameters = {"batch": batch.pk, "digest": digest, "only_good": only_good, "code_note": code_note}
    return _request(actor, batch, CONFIRM_KIND, parameters, f"导入：{batch.label}", now)


@transaction.atomic
def _request(
    actor: Actor, batch: ImportBatch, kind: str, parameters: dict[str, Any], title: str, now: datetime
) -> Job:
    job = request_job(
        actor=actor, kind=kind, title=title, parameters=parameters, now=now, organization=batch.organization
    )
    ImportBatch.objects.filter(pk=batch.pk).update(job_uid=job.uid)
    batch.job_uid = job.uid
    return job
