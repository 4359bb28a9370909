"""The firm's consent to being cited, given by its own contact in the portal (peers row 62)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cultivation.models import BestPractice
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, NotAllowed


def _check_contact(actor: Actor, practice: BestPractice) -> None:
    if actor.role != Role.SUBJECT_CONTACT or practice.subject_id != actor.subject_id:
        raise NotAllowed("只有该企业的经办人可以在线同意；凭书面同意书的，请在典型经验中代录。")


@transaction.atomic
def give_consent(
    *, actor: Actor, practice: BestPractice, expected_version: int, now: datetime
) -> BestPractice:
    """The contact agrees to exactly the text shown (`expected_version`). Raises ConflictError when it was changed."""
    _check_contact(actor, practice)
    changed = BestPractice.objects.filter(
        pk=practice.pk, version=expected_version, removed_at__isnull=True
    ).update(
        consented_on=shanghai_date(now),
        consented_by=actor.user.full_name,
        consent_online=True,
        version=expected_version + 1,
        updated_at=now,
        updated_by=actor.user,
    )
    if not changed:
        raise ConflictError("这条经验的文字刚刚被修改，请重新阅读后再决定是否同意。")
    return _told(actor, practice, "在线同意引用典型经验", ["", actor.user.full_name], now)


@transaction.atomic
def withdraw_consent(*, actor: Actor, practice: BestPractice, now: datetime) -> BestPractice:
    """The contact takes an online consent back; reports submitted before keep what they cited."""
    _check_contact(actor, practice)
    changed = BestPractice.objects.filter(
        pk=practice.pk, consent_online=True, removed_at__isnull=True
    ).update(
        consented_on=None,
        consented_by="",
        consent_online=False,
        version=practice.version + 1,
        updated_at=now,
        updated_by=actor.user,
    )
    if not changed:
        raise ConflictError("这条经验没有您在线作出的同意；凭书面同意的，请联系区（市）三方办公室。")
    return _told(actor, practice, "撤回引用典型经验的同意", [practice.consented_by, ""], now)


def _told(
    actor: Actor, practice: BestPractice, action: str, change: list[str], now: datetime
) -> BestPractice:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="BestPractice",
        object_id=practice.pk,
        label=practice.title,
        changes={"consented_by": change},
    )
    practice.refresh_from_db()
    return practice
