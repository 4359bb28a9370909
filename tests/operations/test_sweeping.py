"""What a lost message or a dead worker left behind is taken up again; two sweeps at once do no harm."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests import templates
from tests.operations.conftest import stored_files
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job, Notification
from zaozhuang_portal.operations.rules.leases import heartbeat_seconds, next_try
from zaozhuang_portal.operations.services import sweeping
from zaozhuang_portal.operations.services.job_runner import run_job
from zaozhuang_portal.operations.services.leases import take_job
from zaozhuang_portal.operations.services.orphans import remove_orphans
from zaozhuang_portal.operations.services.sweeping import expire_downloads, release_lapsed, sweep_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """The messages the sweep sends; `sent.broken` makes the broker fail."""

    class Sent(list):
        broken = False

        def __call__(self, job_id):
            if self.broken:
                Job.objects.filter(pk=job_id).update(nudged_at=None)
                return False
            self.append(job_id)
            return True

    recorder = Sent()
    monkeypatch.setattr(sweeping, "nudge", recorder)
    return recorder


def test_a_fresh_job_is_left_to_its_own_message(ask, sent):
    ask()
    assert sweep_jobs(now=clock.now()) == 0


def test_a_job_whose_message_was_lost_is_announced_once_a_minute(ask, sent):
    job = ask()
    later = clock.now() + timedelta(seconds=61)
    assert sweep_jobs(now=later) == 1
    assert sweep_jobs(now=later + timedelta(seconds=10)) == 0, "the broker may hold it for long"
    assert sweep_jobs(now=later + timedelta(seconds=60)) == 1
    assert sent == [job.pk, job.pk]


def test_a_job_the_broker_never_got_is_announced_at_the_next_sweep(ask, sent):
    job = ask()
    Job.objects.update(nudged_at=None)
    assert sweep_jobs(now=clock.now()) == 1
    assert sent == [job.pk]


def test_while_the_broker_is_away_the_sweep_stops_after_one_try(ask, sent):
    for year in range(5):
        ask(year=year)
    Job.objects.update(nudged_at=None)
    sent.broken = True
    assert sweep_jobs(now=clock.now()) == 0
    sent.broken = False
    assert sweep_jobs(now=clock.now()) == 5


def test_a_paused_job_waits_for_its_time(ask, sent):
    job = ask("test.crash")
    run_job(job_id=job.pk)
    assert sweep_jobs(now=clock.now()) == 0
    assert sweep_jobs(now=clock.now() + timedelta(seconds=11)) == 1


def test_a_lapsed_lease_is_released_and_announced_in_one_sweep(ask, sent, private_files):
    job = take_job(job_id=ask().pk, now=clock.now())
    half = private_files / "jobs" / job.uid.hex / job.lease_token.hex / "1"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    assert sweep_jobs(now=clock.now() + timedelta(seconds=40)) == 0, "the lease still holds"
    assert sweep_jobs(now=clock.now() + timedelta(seconds=46)) == 1
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.PENDING, 1)
    assert run_job(job_id=job.pk) == JobState.DONE


def test_the_third_lapse_parks_the_job_with_its_reason(ask, sent, caplog):
    job = ask()
    now = clock.now()
    for _ in range(3):
        assert take_job(job_id=job.pk, now=now)
        now += timedelta(seconds=46)
        release_lapsed(now=now)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "连续 3 次" in job.error
    assert job.error_code in caplog.text
    assert Notification.objects.filter(kind="Job", object_id=str(job.pk)).count() == 1


def test_a_killed_job_that_was_to_be_cancelled_ends_cancelled(ask, sent):
    job = take_job(job_id=ask().pk, now=clock.now())
    Job.objects.update(cancel_requested=True)
    release_lapsed(now=clock.now() + timedelta(seconds=46))
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_lease_sweep_and_start_fit_into_a_minute(settings):
    """kill -9 right after a heartbeat is the worst case: whole lease + one sweep period + message."""
    from zaozhuang_portal.celery import app

    sweep = app.conf.beat_schedule["sweep-jobs"]["schedule"]
    assert settings.JOB_LEASE_SECONDS + sweep + 1 <= 60
    assert heartbeat_seconds(settings.JOB_LEASE_SECONDS) * 3 < settings.JOB_LEASE_SECONDS


def test_pauses_between_tries():
    now = clock.now()
    assert [next_try(now, n) and (next_try(now, n) - now).total_seconds() for n in (1, 2, 3)] == [
        10,
        60,
        None,
    ]


def test_expired_files_go_and_the_row_stays(ask, private_files, django_capture_on_commit_callbacks):
    job = ask()
    run_job(job_id=job.pk)
    with django_capture_on_commit_callbacks(execute=True):
        assert expire_downloads(now=clock.now() + timedelta(days=6, hours=23)) == 0
        assert expire_downloads(now=clock.now() + timedelta(days=7, minutes=1)) == 1
    job.refresh_from_db()
    assert job.state == JobState.EXPIRED
    assert stored_files(private_files) == []
    assert not Attachment.objects.current().exists()


def test_orphans_are_removed_after_a_day_and_known_files_kept(ask, private_files):
    run_job(job_id=ask().pk)
    orphan = private_files / "attachments" / "ab" / uuid.uuid4().hex
    temporary = private_files / "attachments" / "ab" / "x.1234.tmp"
    orphan.parent.mkdir(parents=True)
    for path in (orphan, temporary):
        path.write_bytes(b"x")
    assert remove_orphans(now=clock.now()) == 0, "may be an upload going on"
    assert remove_orphans(now=clock.now() + timedelta(days=2)) == 2
    assert len(stored_files(private_files)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_takers_at_once_exactly_one_wins(ask):
    job = ask()
    barrier = threading.Barrier(8)
    wins = []

    def take():
        barrier.wait()
        try:
            if take_job(job_id=job.pk, now=clock.now()):
                wins.append(1)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wins) == 1


SWEEP = """
import django; django.setup()
from zaozhuang_portal.operations.services import sweeping
from zaozhuang_portal.kernel import clock
sent = []
sweeping.nudge = lambda job_id: sent.append(job_id) or True
sweeping.sweep_jobs(now=clock.now())
print(",".join(map(str, sent)))
"""


def test_two_processes_sweeping_one_sqlite_file_announce_each_job_once(tmp_path: Path):
    """Its own database file, because two processes cannot share the in-memory test database."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'sweep.sqlite3'}",
        "PORTAL_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "zaozhuang_portal.settings",
        "PORTAL_NO_BOOTSTRAP": "1",
        "REDIS_URL": "",
    }
    templates.migrated_sqlite(tmp_path / "sweep.sqlite3")
    setup = """
import django; django.setup()
from tests.factories import make_actor
from tests.operations import kinds
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.services.jobs import request_job
from zaozhuang_portal.kernel import clock
from django.db import transaction
actor = make_actor()
with transaction.atomic():
    for year in range(100):
        request_job(actor=actor, kind="test.report", parameters={"year": year}, now=clock.now())
    Job.objects.update(nudged_at=None)
    transaction.get_connection().run_on_commit.clear()
"""
    subprocess.run([sys.executable, "-c", setup], env=environment, check=True, timeout=120)
    sweepers = [
        subprocess.Popen([sys.executable, "-c", SWEEP], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [sweeper.communicate(timeout=60)[0].strip() for sweeper in sweepers]
    assert [sweeper.returncode for sweeper in sweepers] == [0, 0]
    announced = [job_id for output in outputs for job_id in output.split(",") if job_id]
    assert len(announced) == 100
    assert len(set(announced)) == 100
