"""Jobs, files, notifications: everything here belongs to one person; the right is asked again at each use."""

from __future__ import annotations

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.factories import make_actor
from tests.matrix.matrix import EVERYONE, Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.access import register_attachment_access
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job
from zaozhuang_portal.operations.registry import JobContext, JobKind, JobResult, register_job_kind
from zaozhuang_portal.operations.services.attachments import remove_attachment, store_attachment
from zaozhuang_portal.operations.services.job_runner import run_job
from zaozhuang_portal.operations.services.jobs import request_job
from zaozhuang_portal.operations.services.notifications import notify


def _write(context: JobContext) -> JobResult:
    context.write_file(f"{context.job.title}.csv", context.job.title.encode())
    return JobResult(context.job.title)


register_job_kind(JobKind("matrix.report", "矩阵报告", _write))


def _requester(world: World, place: Place) -> Actor:
    """The district office of district A asks in its own places, somebody in district B in the foreign one."""
    if place.relation == "foreign":
        return make_actor(Role.DISTRICT_OFFICE, place.district)
    return world.actors[Role.DISTRICT_OFFICE]


def _job(world: World, place: Place, *, run: bool, hint: str) -> Job:
    job = request_job(
        actor=_requester(world, place),
        kind="matrix.report",
        title=f"{place.canary}报告",
        parameters={"place": place.relation, "hint": hint},
        now=clock.now(),
    )
    if run:
        run_job(job_id=job.pk)
        job.refresh_from_db()
    return job


@register_object("finished_job")
def finished_job(world: World, place: Place) -> dict[str, object]:
    return {"uid": _job(world, place, run=True, hint="finished").uid}


@register_object("waiting_job")
def waiting_job(world: World, place: Place) -> dict[str, object]:
    return {"uid": _job(world, place, run=False, hint="waiting").uid}


@register_object("failed_job")
def failed_job(world: World, place: Place) -> dict[str, object]:
    job = _job(world, place, run=False, hint="failed")
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, finished_at=clock.now(), error="原因")
    return {"uid": job.uid}


@register_object("job_file")
def job_file(world: World, place: Place) -> dict[str, object]:
    job = _job(world, place, run=True, hint="file")
    return {"uid": Attachment.objects.of("job", job.pk).get().uid}


# Evidence of a person: the owner is the user.
register_attachment_access(
    "matrix.evidence",
    lambda actor, attachment: attachment.owner_id == actor.user.pk,
    lambda actor, owner_id: owner_id == actor.user.pk,
    max_files=100,
    purposes={"OTHER": "其他材料", "SCAN": "扫描件"},
)


def _evidence(actor: Actor, place: Place) -> Attachment:
    picture = BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    upload = SimpleUploadedFile(f"{place.canary}.png", picture.getvalue())
    return store_attachment(
        actor=actor, owner_kind="matrix.evidence", owner_id=actor.user.pk, upload=upload, now=clock.now()
    )


@register_object("evidence_file")
def evidence_file(world: World, place: Place) -> dict[str, object]:
    return {"uid": _evidence(_requester(world, place), place).uid}


@register_object("removed_file")
def removed_file(world: World, place: Place) -> dict[str, object]:
    actor = _requester(world, place)
    attachment = _evidence(actor, place)
    remove_attachment(actor=actor, attachment=attachment, now=clock.now())
    return {"uid": attachment.uid}


@register_object("notification")
def notification(world: World, place: Place) -> dict[str, object]:
    [row] = notify(
        users=[_requester(world, place).user], title=place.canary, url="/downloads/", now=clock.now()
    )
    return {"pk": row.pk}


OWNER = {"DISTRICT_OFFICE": "own"}
POST = ("POST",)

ENTRIES = [
    Entry("operations:job", OWNER, object="finished_job", shows_own=True),
    Entry("operations:job_cancel", OWNER, object="waiting_job", methods=POST),
    Entry("operations:job_retry", OWNER, object="failed_job", methods=POST),
    Entry("operations:job_repeat", OWNER, object="finished_job", methods=POST),
    Entry("operations:job_seen", OWNER, object="finished_job", methods=POST),
    Entry("operations:job_remove", OWNER, object="finished_job", methods=POST),
    Entry("operations:downloads", EVERYONE),
    Entry("operations:downloads_seen", EVERYONE, methods=POST),
    Entry("operations:file", OWNER, object="job_file", shows_own=True, logs_reading=True),
    Entry("operations:file_preview", OWNER, object="job_file"),
    Entry("operations:file_remove", OWNER, object="evidence_file", methods=POST),
    Entry("operations:file_restore", OWNER, object="removed_file", methods=POST),
    Entry("operations:file_replace", OWNER, object="evidence_file", methods=POST, data={}),
    Entry("operations:file_purpose", OWNER, object="evidence_file", methods=POST, data={"purpose": "SCAN"}),
    Entry("operations:notifications", EVERYONE),
    Entry("operations:notifications_read", EVERYONE, methods=POST),
    Entry("operations:notification_open", OWNER, object="notification", methods=POST),
    Entry("operations:badges", EVERYONE),
]
