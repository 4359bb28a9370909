"""Jobs as their requester sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse

from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.keyset import KeysetPage, SortKey, fetch_page
from zaozhuang_portal.operations.enums import JOB_FILES, JobState
from zaozhuang_portal.operations.models import Attachment, Job, Notification
from zaozhuang_portal.operations.registry import job_kind_title
from zaozhuang_portal.operations.selectors.attachments import attachments_of

PAGE_SIZE = 50
TONES = {
    JobState.PENDING: "neutral",
    JobState.RUNNING: "info",
    JobState.DONE: "ok",
    JobState.FAILED: "danger",
    JobState.CANCELLED: "draft",
    JobState.EXPIRED: "draft",
}
# The words of the download centre (ux L5).
DOWNLOAD_WORDS = {JobState.RUNNING: "生成中", JobState.DONE: "可下载", JobState.FAILED: "失败"}


@dataclass(frozen=True)
class JobFile:
    """A result file as the row of its job remembers it."""

    uid: str
    label: str
    size: int

    @property
    def url(self) -> str:
        return reverse("operations:file", args=[self.uid])


@dataclass(frozen=True)
class JobRow:
    """One line of the download centre."""

    job: Job
    kind_title: str
    files: list[JobFile]
    size: int
    tone: str
    word: str


@dataclass(frozen=True)
class JobView:
    """What the progress page shows."""

    job: Job
    files: list[Attachment]
    is_open: bool
    ahead: int
    tone: str
    kind_title: str

    @property
    def broker_away(self) -> bool:
        """The message could not be sent; the sweep will send it."""
        return self.job.state == JobState.PENDING and self.job.nudged_at is None and self.job.attempts == 0

    @property
    def half_done(self) -> bool:
        total = self.job.total_count
        return bool(total) and self.job.done_count * 2 >= (total or 0)


def find_job(actor: Actor, uid: UUID) -> Job:
    """The person's own job, Http404 otherwise."""
    return get_object_or_404(
        Job.objects.visible_to(actor).select_related("organization", "requested_by"), uid=uid
    )


def view_job(job: Job) -> JobView:
    """At most one statement more: the files of an ended job, or how many are ahead of a waiting one."""
    waiting = job.state == JobState.PENDING
    return JobView(
        job=job,
        files=attachments_of(JOB_FILES, [job.pk]).get(job.pk, []) if job.state == JobState.DONE else [],
        is_open=job.state in {JobState.PENDING, JobState.RUNNING},
        ahead=Job.objects.open().filter(pk__lt=job.pk).count() if waiting else 0,
        tone=TONES[JobState(job.state)],
        kind_title=job_kind_title(job.kind),
    )


def list_jobs(actor: Actor, cursor: Mapping[str, str], size: int = PAGE_SIZE) -> KeysetPage[JobRow]:
    """The person's own jobs, newest first, in two statements."""
    jobs = Job.objects.visible_to(actor).listed().select_related("organization")
    page: KeysetPage[Any] = fetch_page(jobs, [SortKey("id", descending=True)], cursor=cursor, size=size)
    page.rows[:] = [_row(job) for job in page.rows]
    return page


def _row(job: Job) -> JobRow:
    state = JobState(job.state)
    files = [JobFile(**file) for file in job.result.get("files", [])] if state == JobState.DONE else []
    word = DOWNLOAD_WORDS.get(state, str(state.label))
    if state == JobState.DONE and not files:
        word = str(state.label)
    return JobRow(job, job_kind_title(job.kind), files, sum(file.size for file in files), TONES[state], word)


@dataclass(frozen=True)
class Badges:
    """The two numbers of the header."""

    notifications: int
    jobs: int


def count_badges(actor: Actor) -> Badges:
    return Badges(
        notifications=Notification.objects.visible_to(actor).unread().count(),
        jobs=Job.objects.visible_to(actor).unseen().count(),
    )
