"""Telling the broker that a job waits. A hint only: the row is the truth, the sweep repeats a lost hint."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from zaozhuang_portal.operations.models import Job

logger = logging.getLogger(__name__)
TASK = "operations.run_job"
# A dead broker must not make a page slow: one attempt, each step bounded (seconds).
_FAIL_FAST = {
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}


def nudge_after_commit(job: Job) -> None:
    """Nudge once the caller's transaction is committed; never raises, takes at most about a second."""
    job_id = job.pk
    transaction.on_commit(lambda: nudge(job_id), robust=True)


def nudge(job_id: int) -> bool:
    """Send the one message. When the broker is away the row is marked, so that the next sweep sends it again."""
    try:
        with current_app.connection(connect_timeout=0.5, transport_options=_FAIL_FAST) as connection:
            current_app.send_task(
                TASK, kwargs={"job_id": job_id}, connection=connection, retry=False, ignore_result=True
            )
    except (KombuError, RedisError, OSError) as error:
        logger.warning("broker not reached, job %s waits for the sweep: %s", job_id, error)
        Job.objects.filter(pk=job_id).update(nudged_at=None)
        return False
    return True


def claim_nudge(job: Job, now: datetime) -> bool:
    """Of several sweeps at once exactly one nudges this job: conditional on the mark it was read with."""
    return Job.objects.filter(pk=job.pk, nudged_at=job.nudged_at).update(nudged_at=now) == 1
