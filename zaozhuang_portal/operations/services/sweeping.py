"""The periodic sweep: what a lost message or a dead worker left behind is taken up again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.rules.leases import MAX_ATTEMPTS, NUDGE_AGAIN_SECONDS
from zaozhuang_portal.operations.services.job_files import discard_output, forget_files
from zaozhuang_portal.operations.services.job_runner import new_error_code
from zaozhuang_portal.operations.services.leases import NO_LEASE
from zaozhuang_portal.operations.services.notifications import notify_job_ended
from zaozhuang_portal.operations.services.nudges import claim_nudge, nudge
from zaozhuang_portal.operations.workflows import JOB_WORKFLOW, SWEEPER

logger = logging.getLogger(__name__)
_BATCH = 200


def sweep_jobs(*, now: datetime) -> int:
    """Release lapsed leases, then announce every waiting job whose message is missing. Returns how many were announced.

    Any number of sweeps may run at once: each change is conditional on what was read.
    """
    release_lapsed(now=now)
    stale = now - timedelta(seconds=NUDGE_AGAIN_SECONDS)
    waiting = (
        Job.objects.filter(state=JobState.PENDING)
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
        .filter(Q(nudged_at__isnull=True) | Q(nudged_at__lte=stale))
        .order_by("id")[:_BATCH]
    )
    announced = 0
    for job in waiting:
        if claim_nudge(job, now):
            if not nudge(job.pk):
                break
            announced += 1
    return announced


def release_lapsed(*, now: datetime) -> int:
    """End or requeue the running jobs whose lease ran out. Returns how many."""
    lapsed = list(Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now).order_by("id")[:_BATCH])
    return sum(_release(job, now) for job in lapsed)


@transaction.atomic
def _release(job: Job, now: datetime) -> bool:
    token = job.lease_token
    # A run that is ending its job right now holds the row: leave it (SQLite: the transaction is the lock).
    if Job.objects.select_for_update(skip_locked=True).filter(pk=job.pk, lease_token=token).first() is None:
        return False
    if job.cancel_requested:
        reason = "已由发起人取消，没有生成任何文件。"
        changed = _move(job, "stop", finished_at=now, cancel_requested=False, error=reason)
    elif job.attempts >= MAX_ATTEMPTS:
        changed = _park(job, now)
    else:
        changed = _move(job, "postpone", nudged_at=None, not_before=None)
    if changed:
        logger.warning("job %s: lease lapsed after try %s", job.pk, job.attempts)
        transaction.on_commit(lambda: discard_output(job, token=token), robust=True)
    return changed


def _park(job: Job, now: datetime) -> bool:
    code = new_error_code(now)
    reason = f"处理程序连续 {MAX_ATTEMPTS} 次中断或超时，任务已停下。请联系系统管理员并提供错误编号 {code}。"
    if not _move(job, "fail", finished_at=now, error=reason, error_code=code):
        return False
    logger.error("job %s (%s) parked, %s", job.pk, job.kind, code)
    notify_job_ended(job=job, state=JobState.FAILED, text=reason, now=now)
    record_audit(
        actor=None, at=now, action="任务未完成", kind="Job", object_id=job.pk, label=job.title, reason=reason
    )
    return True


def _move(job: Job, action: str, **changes: object) -> bool:
    """Only while the lease is still the one that was read, and still lapsed."""
    target = JOB_WORKFLOW.find(JobState.RUNNING, action, SWEEPER).target
    held = Job.objects.filter(
        pk=job.pk, state=JobState.RUNNING, lease_token=job.lease_token, lease_until=job.lease_until
    )
    return held.update(state=target, **NO_LEASE, **changes) == 1


def expire_downloads(*, now: datetime) -> int:
    """Remove the result files of jobs past their keeping time. Returns how many jobs."""
    due = list(Job.objects.filter(state=JobState.DONE, expires_at__lte=now).order_by("expires_at")[:_BATCH])
    return sum(_expire(job, now) for job in due)


@transaction.atomic
def _expire(job: Job, now: datetime) -> bool:
    target = JOB_WORKFLOW.find(JobState.DONE, "expire", SWEEPER).target
    if not Job.objects.filter(pk=job.pk, state=JobState.DONE, expires_at=job.expires_at).update(state=target):
        return False
    forget_files(job, now)
    transaction.on_commit(lambda: discard_output(job), robust=True)
    return True
