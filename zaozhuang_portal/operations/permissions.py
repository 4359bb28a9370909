"""Who may do what with jobs and their files, asked at every use, not only when the job was requested."""

from __future__ import annotations

from zaozhuang_portal.accounts.actors import Actor, find_capacity
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job
from zaozhuang_portal.operations.registry import find_job_kind


def may_use_result(actor: Actor, job: Job) -> bool:
    """The requester, while the capacity of the request is in force and the kind still allows it (ux L5); and whom the
    kind lets share the result, in the capacity the person acts in."""
    if job.state != JobState.DONE or job.removed_at is not None:
        return False
    if job.requested_by_id != actor.user.pk:
        try:
            return find_job_kind(job.kind).shared(actor, job.parameters)
        except DomainError:
            return False
    found = find_capacity(job.capacity_key)
    if found is None or found[0].pk != actor.user.pk:
        return False
    try:
        find_job_kind(job.kind).allow(Actor(found[0], found[1], actor.ip, actor.request_id), job.parameters)
    except DomainError:
        return False
    return True


def may_read_job_file(actor: Actor, attachment: Attachment) -> bool:
    job = Job.objects.filter(pk=attachment.owner_id).first()
    return job is not None and may_use_result(actor, job)


def never(actor: Actor, owner_id: int) -> bool:
    """Job files are written by the engine only."""
    return False
