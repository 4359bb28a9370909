"""What a person does with jobs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from tests.factories import make_actor
from tests.operations import kinds
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.services import nudges
from zaozhuang_portal.operations.services.job_runner import run_job
from zaozhuang_portal.operations.services.jobs import (
    cancel_job,
    remove_job,
    repeat_job,
    request_job,
    retry_job,
)

pytestmark = pytest.mark.django_db


def test_request_writes_row_and_audit_and_nudges_after_commit(
    actor, ask, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(nudges, "nudge", lambda job_id: sent.append(job_id))
    with django_capture_on_commit_callbacks(execute=True):
        job = ask(year=2026)
        assert sent == []
    assert sent == [job.pk]
    assert (job.state, job.title, job.parameters) == (JobState.PENDING, "测试报告", {"year": 2026})
    assert job.capacity_key == actor.capacity.key
    entry = AuditEntry.objects.get(kind="Job", object_id=str(job.pk))
    assert entry.user_id == actor.user.pk


def test_a_rolled_back_caller_leaves_no_job(actor):
    with pytest.raises(RuntimeError), transaction.atomic():
        request_job(actor=actor, kind="test.report", parameters={}, now=clock.now())
        raise RuntimeError
    assert not Job.objects.exists()


def test_second_press_within_60_s_returns_the_running_job(actor, ask):
    first = ask(year=2026)
    assert ask(year=2026) == first
    Job.objects.filter(pk=first.pk).update(
        state=JobState.RUNNING, lease_token=first.uid, lease_until=clock.now() + timedelta(seconds=45)
    )
    assert ask(year=2026) == first
    assert ask(year=2025) != first
    later = clock.now() + timedelta(seconds=61)
    assert request_job(actor=actor, kind="test.report", parameters={"year": 2026}, now=later) != first


def test_another_person_or_an_ended_job_is_not_the_same(actor, ask):
    first = ask(year=2026)
    assert ask(by=make_actor(), year=2026) != first
    run_job(job_id=first.pk)
    assert ask(year=2026) != first


def test_a_waiting_job_is_returned_whatever_its_age(actor, ask):
    first = ask(year=2026)
    later = clock.now() + timedelta(hours=2)
    assert request_job(actor=actor, kind="test.report", parameters={"year": 2026}, now=later) == first


def test_request_is_refused_without_the_right(actor, ask):
    kinds.REFUSED.add(actor.user.username)
    with pytest.raises(NotAllowed):
        ask()
    assert not Job.objects.exists()


def test_unknown_kind_says_so(actor):
    with pytest.raises(DomainError, match="不认识"):
        request_job(actor=actor, kind="gone", parameters={}, now=clock.now())


def test_cancel_a_waiting_job_ends_it(actor, ask):
    job = cancel_job(actor=actor, job=ask(), now=clock.now())
    assert job.state == JobState.CANCELLED
    assert run_job(job_id=job.pk) is None
    with pytest.raises(IllegalTransition):
        cancel_job(actor=actor, job=job, now=clock.now())


def test_retry_reuses_the_row_and_the_parameters(actor, ask):
    job = ask(kind="test.refused", year=2026)
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    retried = retry_job(actor=actor, job=job, now=clock.now())
    assert (retried.pk, retried.state, retried.error, retried.attempts) == (job.pk, JobState.PENDING, "", 0)
    assert retried.parameters == {"year": 2026}


def test_repeat_makes_a_new_job(actor, ask):
    job = ask(year=2026)
    run_job(job_id=job.pk)
    again = repeat_job(actor=actor, job=job, now=clock.now())
    assert again.pk != job.pk
    assert (again.kind, again.parameters) == (job.kind, job.parameters)


def test_remove_deletes_the_file_and_hides_the_row(
    actor, ask, private_files, django_capture_on_commit_callbacks
):
    job = ask()
    with pytest.raises(IllegalTransition):
        remove_job(actor=actor, job=job, now=clock.now())
    run_job(job_id=job.pk)
    job.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        remove_job(actor=actor, job=job, now=clock.now())
    assert [path for path in private_files.rglob("*") if path.is_file()] == []
    assert not Job.objects.visible_to(actor).listed().exists()
