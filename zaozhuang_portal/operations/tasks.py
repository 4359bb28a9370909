"""Celery's doorways: ids only, safe to run twice."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from zaozhuang_portal.accounts.services import form_keys
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.services import job_runner, orphans, sweeping


@shared_task(name="operations.run_job", ignore_result=True)
def run_job(*, job_id: int) -> str | None:
    return job_runner.run_job(job_id=job_id)


@shared_task(name="operations.sweep_jobs", ignore_result=True)
def sweep_jobs() -> int:
    return sweeping.sweep_jobs(now=clock.now())


@shared_task(name="operations.expire_downloads", ignore_result=True)
def expire_downloads() -> int:
    """What is kept for a time: result files of jobs, and for a day the keys of sent forms."""
    form_keys.forget_form_keys(now=clock.now())
    return sweeping.expire_downloads(now=clock.now())


@shared_task(name="operations.remove_orphans", ignore_result=True)
def remove_orphans() -> int:
    return orphans.remove_orphans(now=clock.now())


@worker_ready.connect
def sweep_at_start(**_: Any) -> None:
    """What the last worker left behind does not wait for beat. Only a nudge: no database work in the consumer."""
    sweep_jobs.apply_async(retry=False)
