"""Real servers, real faults (issue 2 "Works when things go wrong"; security.md §3)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client

from tests import templates
from tests.factories import login, make_actor, make_organization
from tests.operations.conftest import stored_files
from tests.servers import (  # noqa: F401 - fixtures and their helpers
    CeleryWorker,
    Databases,
    GunicornServer,
    PostgresServer,
    RedisServer,
    get_status,
    live_database_url,
    live_environment,
    own_postgres,
    redis_server,
    wait_until,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.celery import app
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job, Notification
from zaozhuang_portal.operations.services.jobs import request_job
from zaozhuang_portal.operations.services.sweeping import sweep_jobs

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]
LEASE = 4


@pytest.fixture
def private_files(settings: Any, tmp_path: Path) -> Path:
    """Where the worker processes write too (MEDIA_ROOT = PORTAL_DATA_DIR/files)."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.JOB_LEASE_SECONDS = LEASE
    return tmp_path / "files"


@pytest.fixture
def start_worker(
    live_environment: dict[str, str],  # noqa: F811
    redis_server: RedisServer,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Callable[[], CeleryWorker]]:
    """Starts real workers that know the test kinds; this process sends to the same Redis."""
    monkeypatch.setattr(app.conf, "broker_write_url", redis_server.url)
    workers = []

    def start() -> CeleryWorker:
        environment = {
            **live_environment,
            "PORTAL_DATA_DIR": str(tmp_path),
            "JOB_LEASE_SECONDS": str(LEASE),
            "TEST_STARTS": str(tmp_path / "starts"),
        }
        worker = CeleryWorker(environment)
        worker.command += ["-I", "tests.operations.kinds"]
        workers.append(worker)
        worker.start()
        return worker

    yield start
    for worker in workers:
        worker.stop()


def request(actor: Actor, **parameters: Any) -> Job:
    with transaction.atomic():
        return request_job(actor=actor, kind="test.report", parameters=parameters, now=clock.now())


def state_of(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def sweep_until(job: Job, state: str, seconds: float) -> float:
    """Sweep as beat does until the job is in `state`; how many seconds it took."""
    began = time.monotonic()

    def reached() -> bool:
        sweep_jobs(now=clock.now())
        time.sleep(0.3)
        return state_of(job) == state

    wait_until(reached, seconds, f"job in {state}, now {Job.objects.filter(pk=job.pk).values()}")
    return time.monotonic() - began


def check_one_result(job: Job, folder: Path) -> None:
    assert state_of(job) == JobState.DONE
    assert Attachment.objects.filter(owner_kind="job", owner_id=job.pk).count() == 1
    assert len(stored_files(folder)) == 1, stored_files(folder)
    assert Notification.objects.filter(kind="Job", object_id=str(job.pk)).count() == 1


def test_redis_stopped_everything_works_and_the_job_runs_when_it_returns(
    start_worker,
    redis_server: RedisServer,  # noqa: F811
    private_files: Path,
):
    actor = make_actor()
    start_worker()
    redis_server.stop()
    began = time.monotonic()
    job = request(actor)
    assert time.monotonic() - began < 2
    page = login(Client(), actor).get(f"/jobs/{job.uid}/")
    assert page.status_code == 200
    assert "不需要重新提交" in page.content.decode()
    assert sweep_jobs(now=clock.now()) == 0
    redis_server.start()
    sweep_until(job, JobState.DONE, 90)
    check_one_result(job, private_files)


@pytest.mark.parametrize("moment", ["in a batch", "after the file was written"])
def test_worker_killed_in_the_middle_is_taken_again_with_one_file(
    start_worker, private_files: Path, moment: str
):
    organization = make_organization()
    before = organization.sort_order
    actor = make_actor()
    worker = start_worker()
    parameters = {"batches": 30, "pause": 0.2} if moment == "in a batch" else {"pause_after_file": 5}
    job = request(actor, counter=organization.code, **parameters)
    if moment == "in a batch":
        wait_until(lambda: Job.objects.get(pk=job.pk).done_count > 3, 60, "progress")
    else:
        wait_until(lambda: len(stored_files(private_files)) == 1, 60, "file")
    worker.kill()
    assert state_of(job) == JobState.RUNNING
    assert sweep_until(job, JobState.PENDING, 30) < LEASE + 3, "one lease and one sweep after the kill"
    start_worker()
    sweep_until(job, JobState.DONE, 90)
    check_one_result(job, private_files)
    assert Job.objects.get(pk=job.pk).attempts == 2
    assert Organization.objects.get(pk=organization.pk).sort_order == before + 1


def test_duplicate_delivery_to_two_workers_gives_one_result(
    start_worker, private_files: Path, tmp_path: Path
):
    organization = make_organization()
    before = organization.sort_order
    actor = make_actor()
    start_worker()
    start_worker()
    jobs = [request(actor, counter=organization.code, number=number, batches=2) for number in range(5)]
    for _ in range(4):
        for job in jobs:
            app.send_task("operations.run_job", kwargs={"job_id": job.pk})
    for job in jobs:
        wait_until(lambda job=job: state_of(job) == JobState.DONE, 90, "done")
    time.sleep(1)
    assert Organization.objects.get(pk=organization.pk).sort_order == before + 5
    assert len(stored_files(private_files)) == 5
    starts = (tmp_path / "starts").read_text(encoding="ascii").split("\n")
    assert len([line for line in starts if line]) == 5


def test_a_frozen_worker_that_wakes_up_late_cannot_finish(start_worker, private_files: Path):
    """SIGSTOP beats the heartbeat too: the lease lapses, another worker finishes, the sleeper is dropped."""
    actor = make_actor()
    sleeper = start_worker()
    job = request(actor, pause_after_file=3)
    wait_until(lambda: len(stored_files(private_files)) == 1, 60, "file")
    sleeper.signal_group(signal.SIGSTOP)
    time.sleep(LEASE + 0.5)
    start_worker()
    sweep_until(job, JobState.DONE, 90)
    sleeper.signal_group(signal.SIGCONT)
    time.sleep(6)
    check_one_result(job, private_files)
    assert "this run is dropped" in sleeper.output()


def test_a_long_job_keeps_its_lease(start_worker, private_files: Path):
    actor = make_actor()
    start_worker()
    job = request(actor, pause_after_file=LEASE * 2)
    wait_until(lambda: state_of(job) == JobState.RUNNING, 60, "start")
    while state_of(job) == JobState.RUNNING:
        assert sweep_jobs(now=clock.now()) == 0
        time.sleep(0.5)
    check_one_result(job, private_files)
    assert Job.objects.get(pk=job.pk).attempts == 1


RUN_ONE = """
import sys, django; django.setup()
from tests.operations import kinds
from zaozhuang_portal.operations.services.job_runner import run_job
from datetime import timedelta
from zaozhuang_portal.kernel import clock
later = timedelta(seconds=int(sys.argv[2]))
print(run_job(job_id=int(sys.argv[1]), now=lambda: clock.now() + later))
"""
PREPARE = """
import django; django.setup()
from django.test import Client
from tests.factories import login, make_actor
from tests.operations import kinds
from zaozhuang_portal.operations.services.jobs import request_job
from zaozhuang_portal.kernel import clock
actor = make_actor()
job = request_job(actor=actor, kind="test.report", parameters={"batches": 100, "pause": 0.05}, now=clock.now())
print(job.pk, login(Client(), actor).session.session_key)
"""


def batches_done(server: PostgresServer) -> int:
    with psycopg.connect(server.url("portal")) as link:
        row = link.execute("SELECT done_count FROM operations_job").fetchone()
    return row[0] if row else 0


def test_postgresql_crash_and_restart(own_postgres: PostgresServer, tmp_path: Path):  # noqa: F811
    """The next request is clean; the job that was running ends exactly once."""
    databases = Databases(str(own_postgres.folder))
    environment = {
        **os.environ,
        "DATABASE_URL": databases.create("portal", templates.migrated(own_postgres.url())),
        "PORTAL_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "zaozhuang_portal.settings",
        "PORTAL_DEMO": "1",
        "PORTAL_NO_BOOTSTRAP": "1",
        "PORTAL_EMBEDDED_WORKER": "0",
        "JOB_LEASE_SECONDS": str(LEASE),
        "REDIS_URL": "",
    }

    def python(script: str, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", script, *arguments]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    job_id, cookie = python(PREPARE).communicate(timeout=120)[0].split()[-2:]
    web = GunicornServer(environment)
    web.start()
    try:
        headers = {"Cookie": f"sessionid={cookie}"}
        assert get_status(f"{web.url}/downloads/", headers) == 200
        runner = python(RUN_ONE, job_id, "0")
        wait_until(lambda: batches_done(own_postgres) > 3, 60, "progress")
        own_postgres.restart("immediate")
        assert get_status(f"{web.url}/downloads/", headers) == 200, web.output()
    finally:
        web.stop()
    assert runner.communicate(timeout=60)[0].strip() == JobState.PENDING, (
        "the broken try goes back to the queue"
    )
    assert stored_files(tmp_path / "files") == []
    again = python(RUN_ONE, job_id, "11")
    assert again.communicate(timeout=60)[0].strip() == JobState.DONE
    assert len(stored_files(tmp_path / "files")) == 1


@pytest.mark.postgres_only  # SQLite has one writer: there is no row lock to wait for
def test_the_sweep_leaves_a_job_that_is_being_ended(ask):
    """A long commit holds the row longer than the lease; the sweep must neither take it nor wait."""
    import threading

    from zaozhuang_portal.operations.registry import JobResult
    from zaozhuang_portal.operations.services.leases import finish_job, take_job

    job = take_job(job_id=ask().pk, now=clock.now())
    reached, go_on = threading.Event(), threading.Event()

    def commit() -> None:
        reached.set()
        go_on.wait(20)

    def finish() -> None:
        try:
            finish_job(job=job, result=JobResult(commit=commit), outputs=[], now=clock.now())
        finally:
            connection.close()

    finisher = threading.Thread(target=finish)
    finisher.start()
    assert reached.wait(10)
    began = time.monotonic()
    assert sweep_jobs(now=clock.now() + timedelta(seconds=LEASE + 60)) == 0
    assert time.monotonic() - began < 2
    go_on.set()
    finisher.join()
    assert state_of(job) == JobState.DONE
