"""The pages of jobs, downloads and notifications, with and without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tests.factories import login, make_actor
from tests.operations import kinds
from tests.operations.test_attachments import KIND, owner, picture  # noqa: F401 - `owner` is a fixture
from zaozhuang_portal.accounts.models import Membership
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job, Notification
from zaozhuang_portal.operations.services.job_runner import run_job
from zaozhuang_portal.operations.services.leases import take_job
from zaozhuang_portal.operations.services.notifications import notify
from zaozhuang_portal.operations.views.uploads import handle_upload

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def signed_in(client, actor):
    return login(client, actor)


def running(ask, **columns):
    job = take_job(job_id=ask().pk, now=clock.now())
    Job.objects.filter(pk=job.pk).update(**columns)
    return job


def test_a_waiting_job_works_without_script(signed_in, ask):
    page = signed_in.get(f"/jobs/{ask().uid}/").content.decode()
    assert '<meta http-equiv="refresh" content="3">' in page
    assert "取消任务" in page
    assert "任务已开始" in page


def test_progress_has_stage_count_and_role(signed_in, ask):
    job = running(ask, stage="正在校验", done_count=320, total_count=1200)
    page = signed_in.get(f"/jobs/{job.uid}/").content.decode()
    assert 'role="progressbar"' in page
    assert 'aria-valuenow="26"' in page or 'aria-valuenow="27"' in page
    assert "正在校验 320／1200" in page


def test_polling_is_quick_then_slow_and_ends(signed_in, ask):
    job = running(ask)
    assert 'hx-trigger="every 1s"' in signed_in.get(f"/jobs/{job.uid}/?poll=1", headers=HTMX).content.decode()
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        fragment = signed_in.get(f"/jobs/{job.uid}/?poll=1", headers=HTMX).content.decode()
    assert 'hx-trigger="every 3s"' in fragment
    assert "<html" not in fragment
    Job.objects.filter(pk=job.pk).update(
        state=JobState.FAILED,
        lease_token=None,
        lease_until=None,
        finished_at=clock.now(),
        error="缺少组件。",
        error_code="E261122-AB12",
    )
    fragment = signed_in.get(f"/jobs/{job.uid}/?poll=1", headers=HTMX).content.decode()
    assert "every" not in fragment
    assert "缺少组件。" in fragment
    assert "错误编号：E261122-AB12" in fragment
    assert "重试" in fragment
    assert "<title>（未完成）测试报告</title>" in fragment


def test_announcements_only_at_start_half_and_end(signed_in, ask):
    job = running(ask, done_count=1, total_count=4)
    url = f"/jobs/{job.uid}/"
    said = "任务已开始，完成后这里会提示"
    assert "hx-swap-oob" not in signed_in.get(url, {"poll": 1, "said": said}, headers=HTMX).content.decode()
    Job.objects.update(done_count=2)
    half = signed_in.get(url, {"poll": 1, "said": said}, headers=HTMX).content.decode()
    assert "任务已完成一半" in half
    again = signed_in.get(url, {"poll": 1, "said": "任务已完成一半"}, headers=HTMX).content.decode()
    assert "hx-swap-oob" not in again


def test_a_done_job_offers_the_file_and_clears_its_badge(signed_in, ask):
    job = ask()
    run_job(job_id=job.pk)
    page = signed_in.get(f"/jobs/{job.uid}/").content.decode()
    attachment = Attachment.objects.get()
    assert f'href="/files/{attachment.uid}/"' in page
    assert "（已完成）测试报告" in page
    assert f"/jobs/{job.uid}/seen/" in page
    badge = signed_in.get("/badges/").content.decode()
    assert "1 项已结束未查看" in badge
    assert "1 条未读" in badge
    assert signed_in.post(f"/jobs/{job.uid}/seen/").status_code == 204
    assert "未查看" not in signed_in.get("/badges/").content.decode()


def test_the_words_while_the_broker_is_away(signed_in, ask):
    job = ask()
    Job.objects.update(nudged_at=None)
    page = signed_in.get(f"/jobs/{job.uid}/").content.decode()
    assert "不需要重新提交" in page


def test_cancel_retry_and_repeat_by_plain_post(signed_in, ask):
    job = ask()
    answer = signed_in.post(f"/jobs/{job.uid}/cancel/")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/jobs/{job.uid}/")
    assert Job.objects.get().state == JobState.CANCELLED
    signed_in.post(f"/jobs/{job.uid}/retry/")
    assert Job.objects.get().state == JobState.PENDING
    run_job(job_id=job.pk)
    answer = signed_in.post(f"/jobs/{job.uid}/repeat/")
    assert Job.objects.count() == 2
    assert answer.headers["Location"] == f"/jobs/{Job.objects.first().uid}/"
    too_late = signed_in.post(f"/jobs/{job.uid}/cancel/", follow=True).content.decode()
    assert "不能" in too_late


def test_rights_are_checked_at_download(client, actor, ask):
    job = ask()
    run_job(job_id=job.pk)
    url = Attachment.objects.get().get_absolute_url()
    assert login(client, actor).get(url).status_code == 200
    kinds.REFUSED.add(actor.user.username)
    assert client.get(url).status_code == 404
    kinds.REFUSED.clear()
    make_actor(user=actor.user)
    Membership.objects.filter(pk=actor.capacity.key[1:]).update(
        valid_to=clock.now().date() - timedelta(days=2)
    )
    assert client.get(url).status_code == 404, "signed in by another capacity, the requesting one has ended"


def test_two_users_cannot_fetch_each_others_files(client, actor, ask):
    job = ask()
    run_job(job_id=job.pk)
    stranger = login(client, make_actor())
    assert stranger.get(f"/jobs/{job.uid}/").status_code == 404
    assert stranger.get(Attachment.objects.get().get_absolute_url()).status_code == 404
    assert "测试报告" not in stranger.get("/downloads/").content.decode()


def test_downloads_list_words_and_statements(signed_in, ask):
    for year in range(60):
        job = ask(year=year)
        if year % 3 == 0:
            run_job(job_id=job.pk)
    ask("test.refused")
    run_job(job_id=Job.objects.first().pk)
    signed_in.get("/downloads/")
    with CaptureQueriesContext(connection) as captured:
        page = signed_in.get("/downloads/").content.decode()
    assert len(captured) <= 4, [query["sql"][:90] for query in captured]
    for word in ("可下载", "排队中", "失败", "下一页", "61"):
        assert word in page


def test_remove_from_downloads(signed_in, ask):
    job = ask()
    run_job(job_id=job.pk)
    assert signed_in.post(f"/jobs/{job.uid}/remove/").headers["Location"] == "/downloads/"
    assert "还没有后台任务" in signed_in.get("/downloads/").content.decode()


def test_notifications(signed_in, actor):
    stranger = make_actor()
    notify(
        users=[actor.user, stranger.user, actor.user], title="退回修改", url="/downloads/", now=clock.now()
    )
    assert Notification.objects.count() == 2
    assert "退回修改" in signed_in.get("/notifications/").content.decode()
    foreign = Notification.objects.get(user=stranger.user)
    assert signed_in.post(f"/notifications/{foreign.pk}/open/").status_code == 404
    own = Notification.objects.get(user=actor.user)
    assert signed_in.get(f"/notifications/{own.pk}/open/").status_code == 405
    assert signed_in.post(f"/notifications/{own.pk}/open/").headers["Location"] == "/downloads/"
    own.refresh_from_db()
    assert own.read_at is not None
    assert "没有未读通知" in signed_in.get("/notifications/?unread=1").content.decode()
    signed_in.post("/notifications/read/")
    foreign.refresh_from_db()
    assert foreign.read_at is None


def upload(actor, headers, *files):
    request = RequestFactory().post(
        "/evidence/", {"file": list(files), "next": "/downloads/"}, headers=headers
    )
    request.actor = actor
    request.session = {}
    from django.contrib.messages.storage.cookie import CookieStorage

    request._messages = CookieStorage(request)
    return handle_upload(request, KIND, 7)


def good(name="好.png"):
    return SimpleUploadedFile(name, picture())


def bad(name="坏.svg"):
    return SimpleUploadedFile(name, b"<svg/>")


def test_upload_answers_by_what_was_asked_for(actor, owner):  # noqa: F811 - the fixture imported above
    answer = upload(actor, {"Accept": "application/json"}, good(), bad())
    assert answer.status_code == 422
    assert b"\xe5\x9d\x8f.svg" in answer.content
    assert Attachment.objects.count() == 1, "the good one is kept"
    row = upload(actor, {"X-Upload": "1", **HTMX}, good("二.png"))
    assert row.status_code == 200
    assert row.content.decode().count("<li") == 1
    refused = upload(actor, {"X-Upload": "1", **HTMX}, bad())
    assert (refused.status_code, refused.headers["Content-Type"]) == (422, "text/plain; charset=utf-8")
    listed = upload(actor, HTMX, bad()).content.decode()
    assert "坏.svg" in listed
    assert "二.png" in listed
    assert "内容相同" in listed
    plain = upload(actor, {}, good("三.png"))
    assert (plain.status_code, plain.headers["Location"]) == (303, "/downloads/")
    page = upload(actor, {}, bad())
    assert page.status_code == 422
    assert "返回重新选择" in page.content.decode()
    assert upload(make_actor(), {"Accept": "application/json"}, good()).status_code == 403
    assert upload(actor, {"Accept": "application/json"}).status_code == 422
