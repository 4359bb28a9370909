"""Who works on a job: every change is one UPDATE on the state and the lease token, so of two workers one wins."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobResult, LeaseLost, find_job_kind
from zaozhuang_portal.operations.rules.leases import lease_end, next_try
from zaozhuang_portal.operations.services.job_files import OutputFile, register_output
from zaozhuang_portal.operations.services.notifications import notify_job_ended
from zaozhuang_portal.operations.workflows import JOB_WORKFLOW, WORKER

NO_LEASE: Mapping[str, Any] = {"lease_token": None, "lease_until": None}


def take_job(*, job_id: int, now: datetime) -> Job | None:
    """Start a waiting job: RUNNING with a fresh lease token. None when it is not waiting, or not yet due."""
    token = uuid.uuid4()
    JOB_WORKFLOW.find(JobState.PENDING, "take", WORKER)
    taken = (
        Job.objects.filter(pk=job_id, state=JobState.PENDING)
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
        .update(
            state=JobState.RUNNING,
            lease_token=token,
            lease_until=lease_end(now, settings.JOB_LEASE_SECONDS),
            attempts=F("attempts") + 1,
            started_at=now,
            stage="正在准备",
            done_count=0,
            total_count=None,
        )
    )
    if not taken:
        return None
    return (
        Job.objects.select_related("requested_by", "organization")
        .filter(pk=job_id, lease_token=token)
        .first()
    )


def renew_lease(*, job_id: int, token: uuid.UUID, now: datetime) -> bool:
    """False when the lease is somebody else's by now, or the job has ended."""
    held = Job.objects.filter(pk=job_id, state=JobState.RUNNING, lease_token=token)
    return held.update(lease_until=lease_end(now, settings.JOB_LEASE_SECONDS)) == 1


@transaction.atomic
def finish_job(*, job: Job, result: JobResult, outputs: list[OutputFile], now: datetime) -> JobState:
    """End the job with its result. The conditional UPDATE comes first and holds the row, so `result.commit`,
    the file rows, the notification and the audit entry happen once. Raises LeaseLost.
    """
    expires_at = now + timedelta(days=find_job_kind(job.kind).keep_days) if outputs else None
    _end(job, "finish", now, error="", error_code="", expires_at=expires_at)
    added = result.commit() if result.commit else None
    files = register_output(job, outputs, now)
    summary = {
        "message": result.message,
        "url": result.url,
        "data": {**result.data, **(added or {})},
        # For lists, so that they need no second statement.
        "files": [{"uid": str(file.uid), "label": file.label, "size": file.size} for file in files],
    }
    Job.objects.filter(pk=job.pk).update(result=summary)
    notify_job_ended(job=job, state=JobState.DONE, text=result.message, now=now)
    record_audit(
        actor=None,
        at=now,
        action="任务完成",
        kind="Job",
        object_id=job.pk,
        label=job.title,
        changes={"files": [None, [output.sha256 for output in outputs]]},
    )
    return JobState.DONE


@transaction.atomic
def fail_job(*, job: Job, reason: str, error_code: str = "", now: datetime) -> JobState:
    """End the job without result; `reason` is for the person. Raises LeaseLost."""
    _end(job, "fail", now, error=reason, error_code=error_code)
    notify_job_ended(job=job, state=JobState.FAILED, text=reason, now=now)
    record_audit(
        actor=None, at=now, action="任务未完成", kind="Job", object_id=job.pk, label=job.title, reason=reason
    )
    return JobState.FAILED


@transaction.atomic
def stop_job(*, job: Job, kept: str, now: datetime) -> JobState:
    """The requester cancelled it. `kept` says what stays done. Raises LeaseLost."""
    _end(job, "stop", now, error=kept or "已由发起人取消，没有生成任何文件。", seen_at=now)
    record_audit(
        actor=None, at=now, action="任务已取消", kind="Job", object_id=job.pk, label=job.title, reason=kept
    )
    return JobState.CANCELLED


def postpone_or_park(*, job: Job, reason: str, error_code: str, now: datetime) -> JobState:
    """After an unexpected error: back to the queue with a pause, or FAILED after the third try. Raises LeaseLost."""
    again = next_try(now, job.attempts)
    if again is None:
        return fail_job(job=job, reason=reason, error_code=error_code, now=now)
    _move(job, "postpone", not_before=again, nudged_at=None, error=reason, error_code=error_code)
    return JobState.PENDING


def _end(job: Job, action: str, now: datetime, **changes: Any) -> None:
    _move(job, action, finished_at=now, cancel_requested=False, **changes)


def _move(job: Job, action: str, **changes: Any) -> None:
    target = JOB_WORKFLOW.find(JobState.RUNNING, action, WORKER).target
    held = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease_token=job.lease_token)
    if not held.update(state=target, **NO_LEASE, **changes):
        raise LeaseLost
