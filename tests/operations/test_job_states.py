"""The whole product state × action of jobs: what is not in the table is refused and changes nothing."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta

import pytest

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import IllegalTransition
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobResult, LeaseLost
from zaozhuang_portal.operations.services.jobs import cancel_job, remove_job, retry_job
from zaozhuang_portal.operations.services.leases import (
    fail_job,
    finish_job,
    postpone_or_park,
    renew_lease,
    stop_job,
    take_job,
)
from zaozhuang_portal.operations.services.sweeping import expire_downloads, release_lapsed

pytestmark = pytest.mark.django_db
S = JobState
OPEN = {S.PENDING, S.RUNNING}

# (state, action) -> state after; everything else must leave the row as it is.
AFTER = {
    (S.PENDING, "take"): S.RUNNING,
    (S.PENDING, "cancel"): S.CANCELLED,
    (S.RUNNING, "cancel"): S.RUNNING,
    (S.RUNNING, "renew"): S.RUNNING,
    (S.RUNNING, "finish"): S.DONE,
    (S.RUNNING, "fail"): S.FAILED,
    (S.RUNNING, "stop"): S.CANCELLED,
    (S.RUNNING, "postpone"): S.PENDING,
    (S.RUNNING, "lapse"): S.PENDING,
    (S.RUNNING, "lapse_last"): S.FAILED,
    (S.RUNNING, "lapse_cancelled"): S.CANCELLED,
    (S.FAILED, "retry"): S.PENDING,
    (S.CANCELLED, "retry"): S.PENDING,
    (S.DONE, "expire"): S.EXPIRED,
    (S.DONE, "remove"): S.EXPIRED,
    (S.FAILED, "remove"): S.FAILED,
    (S.CANCELLED, "remove"): S.CANCELLED,
    (S.EXPIRED, "remove"): S.EXPIRED,
}


def _act(action: str, job: Job, actor: Actor) -> None:
    now = clock.now()
    late = now + timedelta(hours=1)
    if job.lease_token is None:
        job.lease_token = uuid.uuid4()  # a worker that believes it holds the job
    match action:
        case "take":
            take_job(job_id=job.pk, now=now)
        case "renew":
            renew_lease(job_id=job.pk, token=job.lease_token, now=now)
        case "finish":
            finish_job(job=job, result=JobResult(), outputs=[], now=now)
        case "fail":
            fail_job(job=job, reason="原因", now=now)
        case "stop":
            stop_job(job=job, kept="", now=now)
        case "postpone":
            postpone_or_park(job=job, reason="原因", error_code="E1", now=now)
        case "lapse":
            release_lapsed(now=late)
        case "lapse_last":
            Job.objects.update(attempts=3)
            release_lapsed(now=late)
        case "lapse_cancelled":
            Job.objects.update(cancel_requested=True)
            release_lapsed(now=late)
        case "cancel":
            cancel_job(actor=actor, job=job, now=now)
        case "retry":
            retry_job(actor=actor, job=job, now=now)
        case "remove":
            remove_job(actor=actor, job=job, now=now)
        case "expire":
            expire_downloads(now=now + timedelta(days=8))


ACTIONS = sorted({action for _, action in AFTER})


@pytest.mark.parametrize(("state", "action"), list(itertools.product(JobState, ACTIONS)))
def test_every_state_and_action(state: JobState, action: str, actor: Actor, ask) -> None:
    job = ask()
    now = clock.now()
    running = state == S.RUNNING
    Job.objects.filter(pk=job.pk).update(
        state=state,
        attempts=1,
        lease_token=uuid.uuid4() if running else None,
        lease_until=now + timedelta(seconds=45) if running else None,
        finished_at=None if state in OPEN else now,
        expires_at=now + timedelta(days=7) if state == S.DONE else None,
    )
    job.refresh_from_db()
    expected = AFTER.get((state, action))
    refused = False
    try:
        _act(action, job, actor)
    except (IllegalTransition, LeaseLost):
        refused = True
    after = Job.objects.get(pk=job.pk)
    assert after.state == (expected or state)
    if expected is not None:
        assert not refused
        assert (after.lease_token is not None) == (after.state == S.RUNNING)
        assert (after.finished_at is None) == (after.state in OPEN)


def test_only_the_token_holder_may_end_a_job(actor, ask) -> None:
    job = take_job(job_id=ask().pk, now=clock.now())
    assert job is not None
    Job.objects.filter(pk=job.pk).update(lease_token=uuid.uuid4())
    for ending in (
        lambda: finish_job(job=job, result=JobResult(), outputs=[], now=clock.now()),
        lambda: fail_job(job=job, reason="x", now=clock.now()),
        lambda: stop_job(job=job, kept="", now=clock.now()),
        lambda: postpone_or_park(job=job, reason="x", error_code="", now=clock.now()),
    ):
        with pytest.raises(LeaseLost):
            ending()
    assert renew_lease(job_id=job.pk, token=job.lease_token, now=clock.now()) is False
    assert Job.objects.get().state == S.RUNNING
