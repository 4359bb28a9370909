"""佐证材料 of answers, declarations, adoptions and 代录 scans: each owner row, then the file through operations."""

from __future__ import annotations

from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from evaluation.enums import Layer
from evaluation.models import Answer, Assessment, Declaration, ReturnedItem
from evaluation.rules.self_assessment import fit_inputs
from evaluation.selectors.checks import ANSWER, DECLARATION
from evaluation.services.declarations import declarable
from evaluation.services.saving import open_self
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.services.attachments import store_attachment


@transaction.atomic
def evidence_owner(*, actor: Actor, assessment: Assessment, code: str, now: datetime) -> tuple[str, int]:
    """(owner kind, owner id) of an item or declaration of the SELF layer; an untouched one gets an empty row.

    The empty row has revision 0, as the card on the screen does, so that the next save is no conflict.
    """
    opened = open_self(actor=actor, assessment=assessment)
    known = declarable(opened.definition)
    indicator = opened.definition.indicator(code)
    stamp = {"revision": 0, "updated_at": now, "updated_by": actor.user}
    if indicator is not None:
        opened.require_writable(code, indicator.name)
        answer, _ = Answer.objects.get_or_create(
            assessment=opened.assessment,
            layer=Layer.SELF,
            indicator=code,
            defaults={"inputs": fit_inputs(indicator, []), **stamp},
        )
        return ANSWER, answer.pk
    if code not in known:
        raise DomainError(f"指标 {code} 不在本标准中，请刷新页面后重试。", code="unknown_code")
    opened.require_writable(code, known[code][1])
    declaration, _ = Declaration.objects.get_or_create(
        assessment=opened.assessment, layer=Layer.SELF, code=code, defaults={"kind": known[code][0], **stamp}
    )
    return DECLARATION, declaration.pk


def attach_evidence(
    *,
    actor: Actor,
    assessment: Assessment,
    code: str,
    upload: UploadedFile[bytes],
    now: datetime,
    valid_until: date | None = None,
) -> Attachment:
    """Store one file for an item or declaration. Raises NotAllowed, DomainError, UploadError."""
    owner_kind, owner_id = evidence_owner(actor=actor, assessment=assessment, code=code, now=now)
    attachment = store_attachment(
        actor=actor,
        owner_kind=owner_kind,
        owner_id=owner_id,
        upload=upload,
        now=now,
        organization=assessment.organization,
        valid_until=valid_until,
    )
    resolve_by_file(assessment, code, now)
    return attachment


def resolve_by_file(assessment: Assessment, code: str, now: datetime) -> None:
    """A file added to a returned item answers the return as an edit does."""
    ReturnedItem.objects.filter(
        round__assessment=assessment, round__closed_at__isnull=True, indicator=code
    ).update(resolved_at=now)
