"""Running one job: take the lease, keep it alive, run, end it once. Called by the task and by tests."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from zaozhuang_portal.accounts.actors import Actor, find_capacity
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.registry import JobCancelled, JobKind, LeaseLost, find_job_kind, watched_run
from zaozhuang_portal.operations.rules.leases import heartbeat_seconds
from zaozhuang_portal.operations.services.job_files import OutputFile, discard_output, store_output
from zaozhuang_portal.operations.services.leases import (
    fail_job,
    finish_job,
    postpone_or_park,
    renew_lease,
    stop_job,
    take_job,
)

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]
PROGRESS_SECONDS = 0.5
# A database that restarts is back within seconds; ending the job waits for it this often, one second apart.
_END_TRIES = 10


def run_job(*, job_id: int, now: Clock = clock.now) -> str | None:
    """Run one waiting job to its end. Returns the state it is left in, None when there was nothing to take.

    Safe to call twice, at once or later: the second call finds no waiting job. Never raises for what the job does.
    """
    job = take_job(job_id=job_id, now=now())
    if job is None:
        return None
    token = _token(job)
    try:
        kind = find_job_kind(job.kind)
        actor = requester_of(job)
        kind.allow(actor, job.parameters)
        with Heartbeat(job, kind, now) as heartbeat:
            context = RunningJob(job, actor, heartbeat, now)
            with watched_run(actor, kind.title, f"job/{job.uid}"):
                result = kind.run(context)
            outputs = context.outputs
            _settle(lambda: finish_job(job=job, result=result, outputs=outputs, now=now()))
    except LeaseLost:
        logger.warning("job %s: lease lost, this run is dropped", job.pk)
        discard_output(job, token=token)
        return None
    except JobCancelled as stopped:
        kept = stopped.kept
        return _end(job, lambda: stop_job(job=job, kept=kept, now=now()))
    except DomainError as refusal:
        reason = refusal.message
        return _end(job, lambda: fail_job(job=job, reason=reason, now=now()))
    except Exception as error:  # whatever a job raises, it must end and say so
        code = new_error_code(now())
        logger.error("job %s (%s) failed, %s", job.pk, job.kind, code, exc_info=error)
        accident = f"系统处理时发生意外，已记录（错误编号 {code}）。"
        return _end(job, lambda: postpone_or_park(job=job, reason=accident, error_code=code, now=now()))
    discard_output(job, keep=token)
    return JobState.DONE


def requester_of(job: Job) -> Actor:
    """The requester acting in the capacity of the request, read from the database now.

    Raises NotAllowed when that capacity is no longer in force (security checklist 9).
    """
    found = find_capacity(job.capacity_key)
    if found is None or found[0].pk != job.requested_by_id or not found[0].is_active:
        raise NotAllowed(
            f"发起时的身份“{job.capacity_label or job.capacity_key}”已失效（离任、停用或到期），任务未执行。"
            "请切换到有效身份后重新发起。",
            code="capacity_ended",
        )
    return Actor(user=found[0], capacity=found[1], request_id=f"job-{job.pk}")


def _token(job: Job) -> UUID:
    if job.lease_token is None:
        raise LeaseLost
    return job.lease_token


def _end(job: Job, change: Callable[[], JobState]) -> str | None:
    """End a run without result; what it stored goes."""
    try:
        return _settle(change)
    except LeaseLost:
        return None
    except DatabaseError:
        # The lease lapses by itself and the sweep takes the job again.
        logger.exception("job %s could not be ended", job.pk)
        return None
    finally:
        discard_output(job, token=job.lease_token)


def new_error_code(now: datetime) -> str:
    """Shown to the person and written to the log: day in Shanghai and four random hex digits."""
    return f"E{clock.shanghai_date(now):%y%m%d}-{secrets.token_hex(2).upper()}"


def _settle(change: Callable[[], JobState]) -> JobState:
    """Do one short ending transaction, waiting out a database that restarts."""
    for _ in range(_END_TRIES - 1):
        try:
            return change()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close_if_unusable_or_obsolete()
            time.sleep(1)
    return change()


class RunningJob:
    """The JobContext of registry.py: everything a run writes goes through the lease."""

    def __init__(self, job: Job, actor: Actor, heartbeat: Heartbeat, now: Clock) -> None:
        self._job = job
        self._actor = actor
        self._heartbeat = heartbeat
        self._now = now
        self._shown: tuple[str, int | None] = ("", None)
        self._shown_at = 0.0
        self.outputs: list[OutputFile] = []

    @property
    def job(self) -> Job:
        return self._job

    @property
    def actor(self) -> Actor:
        return self._actor

    def progress(self, stage: str, done: int = 0, total: int | None = None) -> None:
        self._heartbeat.check()
        recent = time.monotonic() - self._shown_at < PROGRESS_SECONDS
        if (stage, total) == self._shown and recent and done != total:
            return
        held = Job.objects.filter(pk=self._job.pk, state=JobState.RUNNING, lease_token=self._job.lease_token)
        count = done if total is None else min(done, total)
        if not held.update(stage=shortened(stage, 60), done_count=count, total_count=total):
            raise LeaseLost
        self._shown, self._shown_at = (stage, total), time.monotonic()

    def check_cancelled(self, kept: str = "") -> None:
        self._heartbeat.check()
        row = Job.objects.filter(pk=self._job.pk).values_list("lease_token", "cancel_requested").first()
        if row is None or row[0] != self._job.lease_token:
            raise LeaseLost
        if row[1]:
            raise JobCancelled(kept)

    def write_file(self, name: str, content: bytes | Path) -> None:
        self._heartbeat.check()
        number = len(self.outputs) + 1
        self.outputs.append(store_output(self._job, _token(self._job), number, name, content))


class Heartbeat:
    """A thread with its own connection that renews the lease while the run goes on, up to the kind's `max_minutes`."""

    def __init__(self, job: Job, kind: JobKind, now: Clock) -> None:
        self._job = job
        self._now = now
        self._ends_at = time.monotonic() + kind.max_minutes * 60
        self._stopped = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"job-{job.pk}-heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def check(self) -> None:
        """Raises LeaseLost once a renewal was refused."""
        if self._lost.is_set():
            raise LeaseLost

    def _beat(self) -> None:
        try:
            while not self._stopped.wait(heartbeat_seconds(settings.JOB_LEASE_SECONDS)):
                if time.monotonic() > self._ends_at:
                    logger.error("job %s runs longer than its kind allows, its lease is let go", self._job.pk)
                    return
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        try:
            if not renew_lease(job_id=self._job.pk, token=_token(self._job), now=self._now()):
                self._lost.set()
        except DatabaseError as error:
            # Three more beats fit into the lease.
            logger.warning("job %s: lease not renewed, trying again: %s", self._job.pk, error)
            connection.close()
