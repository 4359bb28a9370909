"""Running a job to its end, whatever it does."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from tests.factories import make_actor, make_organization
from tests.operations import kinds
from tests.operations.conftest import stored_files
from zaozhuang_portal.accounts.models import Membership, Organization
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job, Notification
from zaozhuang_portal.operations.registry import JobKind, JobResult, register_job_kind
from zaozhuang_portal.operations.services import job_runner
from zaozhuang_portal.operations.services.job_runner import run_job
from zaozhuang_portal.operations.services.jobs import cancel_job

pytestmark = pytest.mark.django_db


def test_done_with_one_file_result_and_notification(actor, ask, private_files):
    job = ask(batches=4)
    assert run_job(job_id=job.pk) == JobState.DONE
    job.refresh_from_db()
    assert (job.stage, job.done_count, job.total_count) == ("正在生成", 4, 4)
    attachment = Attachment.objects.get(owner_kind="job", owner_id=job.pk)
    listed = {"uid": str(attachment.uid), "label": "年度报告.pdf", "size": attachment.size}
    assert job.result == {"message": "共 4 批。", "url": "", "data": {"batches": 4}, "files": [listed]}
    assert (attachment.label, attachment.content_type) == ("年度报告.pdf", "application/pdf")
    assert len(stored_files(private_files)) == 1
    assert job.expires_at - job.finished_at == timedelta(days=7)
    notification = Notification.objects.get(user=actor.user)
    assert notification.title == "（已完成）测试报告"
    assert notification.url == f"/jobs/{job.uid}/"


def test_running_twice_gives_one_result(actor, ask, private_files):
    organization = make_organization()
    before = organization.sort_order
    job = ask(counter=organization.code)
    assert run_job(job_id=job.pk) == JobState.DONE
    assert run_job(job_id=job.pk) is None
    assert Attachment.objects.count() == 1
    assert len(stored_files(private_files)) == 1
    assert Organization.objects.get(pk=organization.pk).sort_order == before + 1


def test_rights_are_asked_again_when_it_runs(actor, ask, private_files):
    job = ask()
    kinds.REFUSED.add(actor.user.username)
    assert run_job(job_id=job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert job.error == "您不能生成这份报告。"
    assert stored_files(private_files) == []


@pytest.mark.parametrize("how", ["left", "disabled"])
def test_capacity_no_longer_in_force(actor, ask, how):
    job = ask()
    if how == "left":
        Membership.objects.filter(user=actor.user).update(valid_to=clock.now().date() - timedelta(days=2))
    else:
        actor.user.is_active = False
        actor.user.save()
    assert run_job(job_id=job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert "已失效" in job.error
    assert actor.capacity.label in job.error


def test_domain_error_fails_at_once_with_its_message(actor, ask, private_files):
    job = ask("test.refused")
    assert run_job(job_id=job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert (job.attempts, job.error_code) == (1, "")
    assert "Pango" in job.error
    assert stored_files(private_files) == []
    assert not Attachment.objects.exists()
    notification = Notification.objects.get()
    assert notification.title == "（未完成）缺组件的报告"
    assert "Pango" in notification.body


def test_unexpected_error_is_tried_three_times_then_parked(actor, ask, private_files, caplog):
    job = ask("test.crash")
    times = [clock.now()]
    pauses = []
    for attempt in (1, 2, 3):
        state = run_job(job_id=job.pk, now=lambda: times[-1])
        job.refresh_from_db()
        assert job.attempts == attempt
        if attempt < 3:
            assert state == JobState.PENDING
            pauses.append((job.not_before - times[-1]).total_seconds())
            assert run_job(job_id=job.pk, now=lambda: times[-1]) is None, "not before its pause"
            times.append(job.not_before)
    assert pauses == [10, 60]
    assert state == JobState.FAILED
    assert job.error_code
    assert job.error_code in job.error
    assert "secret detail" not in job.error
    assert job.error_code in caplog.text
    assert stored_files(private_files) == []


def test_second_try_can_succeed(actor, ask):
    job = ask("test.crash_once")
    assert run_job(job_id=job.pk) == JobState.PENDING
    job.refresh_from_db()
    assert run_job(job_id=job.pk, now=lambda: job.not_before) == JobState.DONE
    job.refresh_from_db()
    assert (job.error, job.error_code) == ("", "")


def test_cancel_stops_between_batches_and_says_what_was_kept(actor, ask, private_files, monkeypatch):
    job = ask(batches=5)
    progress = job_runner.RunningJob.progress

    def press_cancel(self, stage, done=0, total=None):
        progress(self, stage, done, total)
        if done == 2:
            cancel_job(actor=actor, job=Job.objects.get(pk=job.pk), now=clock.now())

    monkeypatch.setattr(job_runner.RunningJob, "progress", press_cancel)
    assert run_job(job_id=job.pk) == JobState.CANCELLED
    job.refresh_from_db()
    assert job.error == "已处理 2 批。"
    assert stored_files(private_files) == []


def test_a_run_that_lost_its_lease_leaves_nothing(actor, ask, private_files):
    thief = uuid.uuid4()
    counted = make_organization()

    def lose(context):
        context.write_file("旧.pdf", b"%PDF-1.7 old")
        Job.objects.filter(pk=context.job.pk).update(lease_token=thief)
        return JobResult(commit=lambda: Organization.objects.filter(pk=counted.pk).update(name="两次"))

    register_job_kind(JobKind(f"test.lose.{thief.hex[:8]}", "丢失租约", lose))
    job = ask(f"test.lose.{thief.hex[:8]}")
    assert run_job(job_id=job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.lease_token) == (JobState.RUNNING, thief)
    assert stored_files(private_files) == []
    assert not Attachment.objects.exists()
    assert Organization.objects.get(pk=counted.pk).name != "两次"


@pytest.mark.parametrize("call", ["progress", "check_cancelled"])
def test_progress_and_check_notice_the_lost_lease(actor, ask, call):
    reached = []

    def lose(context):
        Job.objects.filter(pk=context.job.pk).update(lease_token=uuid.uuid4())
        context.progress("x", 1, 2) if call == "progress" else context.check_cancelled()
        reached.append(1)
        return JobResult()

    key = f"test.notice.{uuid.uuid4().hex[:8]}"
    register_job_kind(JobKind(key, "丢失租约", lose))
    assert run_job(job_id=ask(key).pk) is None
    assert reached == []


def test_a_full_disk_leaves_no_row_and_no_partial_file(actor, ask, private_files, monkeypatch):
    def full(name, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(default_storage, "_save", full)
    job = ask()
    assert run_job(job_id=job.pk) == JobState.PENDING
    monkeypatch.undo()
    assert not Attachment.objects.exists()
    assert stored_files(private_files) == []
    job.refresh_from_db()
    assert run_job(job_id=job.pk, now=lambda: job.not_before) == JobState.DONE, "recovers without restart"


def test_files_of_killed_tries_go_when_a_later_try_is_done(actor, ask, private_files):
    job = ask()
    left = private_files / "jobs" / job.uid.hex / uuid.uuid4().hex / "1"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"from a killed worker")
    assert run_job(job_id=job.pk) == JobState.DONE
    assert not left.exists()
    assert len(stored_files(private_files)) == 1


def test_a_file_may_come_from_a_path(actor, ask, tmp_path: Path):
    source = tmp_path / "built.xlsx"
    source.write_bytes(b"PK" + b"\0" * 200_000)

    def build(context):
        context.write_file("台账.xlsx", source)
        return JobResult()

    key = f"test.path.{uuid.uuid4().hex[:8]}"
    register_job_kind(JobKind(key, "台账", build))
    run_job(job_id=ask(key).pk)
    assert Attachment.objects.get().size == 200_002


def test_one_kind_key_belongs_to_one_kind():
    register_job_kind(kinds.KINDS[0])
    with pytest.raises(ValueError, match="twice"):
        register_job_kind(JobKind("test.report", "别的", kinds.refuse))
    with pytest.raises(ValueError, match="40"):
        register_job_kind(JobKind("x" * 41, "太长", kinds.refuse))


def test_other_people_do_not_see_the_job(actor, ask):
    ask()
    assert not Job.objects.visible_to(make_actor()).exists()
