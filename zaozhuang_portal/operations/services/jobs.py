"""What a person does with a job: request, cancel, retry, repeat, remove. The work itself: services/job_runner.py."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import IllegalTransition
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import find_job_kind
from zaozhuang_portal.operations.services.job_files import discard_output, forget_files
from zaozhuang_portal.operations.services.nudges import nudge_after_commit
from zaozhuang_portal.operations.workflows import JOB_WORKFLOW, REQUESTER

# A second press within this time returns the job that is running already (ux L1).
SAME_REQUEST = timedelta(seconds=60)


def fingerprint_of(kind: str, user_id: int, capacity_key: str, parameters: Mapping[str, Any]) -> str:
    """SHA-256 over what makes two requests the same."""
    text = json.dumps([kind, user_id, capacity_key, parameters], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def request_job(
    *,
    actor: Actor,
    kind: str,
    title: str = "",
    parameters: Mapping[str, Any],
    now: datetime,
    organization: Organization | None = None,
) -> Job:
    """Put one job in the queue, in the caller's transaction; the broker hears of it after the commit.

    `parameters`: ids and plain JSON values only. The same request pressed again returns the job that still waits,
    or the one that began less than 60 s ago. Raises what the kind's `allow` raises.
    """
    job_kind = find_job_kind(kind)
    job_kind.allow(actor, parameters)
    # Two presses at once queue behind the person's own row (SQLite: behind the transaction).
    User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)
    fingerprint = fingerprint_of(kind, actor.user.pk, actor.capacity.key, parameters)
    same = (
        Job.objects.filter(fingerprint=fingerprint, cancel_requested=False)
        .filter(Q(state=JobState.PENDING) | Q(state=JobState.RUNNING, requested_at__gt=now - SAME_REQUEST))
        .first()
    )
    if same is not None:
        return same
    job = Job.objects.create(
        kind=kind,
        title=title or job_kind.title,
        parameters=dict(parameters),
        fingerprint=fingerprint,
        requested_by=actor.user,
        capacity_key=actor.capacity.key,
        capacity_label=shortened(actor.capacity.label, 160),
        organization=organization,
        requested_at=now,
        nudged_at=now,
    )
    record_audit(
        actor=actor,
        at=now,
        action="发起任务",
        kind="Job",
        object_id=job.pk,
        label=job.title,
        changes={"kind": [None, kind], "parameters": [None, dict(parameters)]},
    )
    nudge_after_commit(job)
    return job


@transaction.atomic
def cancel_job(*, actor: Actor, job: Job, now: datetime) -> Job:
    """A waiting job ends at once; a running one stops between two batches. Raises IllegalTransition when ended."""
    JOB_WORKFLOW.find(job.state, "cancel", REQUESTER)
    changed = Job.objects.filter(pk=job.pk, state=JobState.PENDING).update(
        state=JobState.CANCELLED, finished_at=now, seen_at=now, error="已由发起人取消，未开始处理。"
    ) or Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(cancel_requested=True)
    if not changed:
        raise IllegalTransition("任务刚刚已经结束，不能取消。请刷新页面查看结果。")
    record_audit(actor=actor, at=now, action="取消任务", kind="Job", object_id=job.pk, label=job.title)
    job.refresh_from_db()
    return job


@transaction.atomic
def retry_job(*, actor: Actor, job: Job, now: datetime) -> Job:
    """Put a failed or cancelled job back in the queue with the same parameters."""
    find_job_kind(job.kind).allow(actor, job.parameters)
    JOB_WORKFLOW.apply(
        job,
        "retry",
        role=REQUESTER,
        changes={
            "attempts": 0,
            "not_before": None,
            "nudged_at": now,
            "started_at": None,
            "finished_at": None,
            "cancel_requested": False,
            "stage": "",
            "done_count": 0,
            "total_count": None,
            "error": "",
            "error_code": "",
            "seen_at": None,
        },
    )
    record_audit(actor=actor, at=now, action="重试任务", kind="Job", object_id=job.pk, label=job.title)
    nudge_after_commit(job)
    return job


def repeat_job(*, actor: Actor, job: Job, now: datetime) -> Job:
    """重新生成: a new job with the same parameters, in the capacity one acts in now."""
    return request_job(
        actor=actor,
        kind=job.kind,
        title=job.title,
        parameters=job.parameters,
        now=now,
        organization=job.organization,
    )


@transaction.atomic
def remove_job(*, actor: Actor, job: Job, now: datetime) -> Job:
    """Take an ended job out of the download centre; its files go. Raises IllegalTransition while it is open."""
    if job.state in {JobState.PENDING, JobState.RUNNING}:
        raise IllegalTransition("任务尚未结束，不能删除。请先取消。")
    if job.state == JobState.DONE:
        JOB_WORKFLOW.apply(job, "expire", role=REQUESTER, changes={"expires_at": now})
    Job.objects.filter(pk=job.pk).update(removed_at=now)
    job.removed_at = now
    forget_files(job, now)
    transaction.on_commit(lambda: discard_output(job), robust=True)
    record_audit(actor=actor, at=now, action="删除任务文件", kind="Job", object_id=job.pk, label=job.title)
    return job


def mark_jobs_seen(*, actor: Actor, now: datetime, job_id: int | None = None) -> int:
    """Clear the badge: one job, or all of the person's ended ones. Returns how many changed."""
    jobs = Job.objects.visible_to(actor).unseen()
    return (jobs if job_id is None else jobs.filter(pk=job_id)).update(seen_at=now)
