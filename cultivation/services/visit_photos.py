"""Photos of a visit whose form was not saved yet: kept, so that a slip or a question costs nobody a second photo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from cultivation.ledgers.visits import VISITS
from cultivation.models import GuidanceVisit
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.access import register_attachment_access
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.services.attachments import move_attachments, remove_attachment

VISIT_DRAFT = "VisitDraft"  # owner_id is the user's number
_KEPT = timedelta(days=1)


def _mine(actor: Actor, attachment: Attachment) -> bool:
    return attachment.owner_id == actor.user.pk


def _may_keep(actor: Actor, owner_id: int) -> bool:
    return owner_id == actor.user.pk and actor.role in VISITS.keepers


def register_visit_drafts() -> None:
    """Called in AppConfig.ready()."""
    register_attachment_access(VISIT_DRAFT, _mine, _may_keep)


def kept_photos(actor: Actor, uids: Iterable[str]) -> list[Attachment]:
    """Those of the named files that are this person's and belong to no visit yet. Statements: 1, none without names."""
    wanted = []
    for text in uids:
        try:
            wanted.append(UUID(text))
        except ValueError:
            continue
    if not wanted:
        return []
    return list(Attachment.objects.of(VISIT_DRAFT, actor.user.pk).filter(uid__in=wanted[:50]))


def forget_old_photos(*, actor: Actor, now: datetime) -> None:
    """Drop what this person left with forms that were never saved, a day later."""
    for attachment in Attachment.objects.of(VISIT_DRAFT, actor.user.pk).filter(uploaded_at__lt=now - _KEPT):
        remove_attachment(actor=actor, attachment=attachment, now=now)


def adopt_photos(
    *, actor: Actor, visit: GuidanceVisit, photos: Iterable[Attachment], now: datetime
) -> list[Attachment]:
    """The kept photos become the visit's. Raises NotAllowed."""
    return move_attachments(
        actor=actor,
        attachments=photos,
        owner_kind=VISITS.kind,
        owner_id=visit.pk,
        now=now,
        organization=visit.organization,
    )
