"""Loading a checklist as a draft and publishing it. Published content never changes; rounds pin their row."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from evaluation.enums import ChecklistState
from evaluation.models import InspectionChecklist
from evaluation.rules.problems import Problem
from evaluation.rules.spot_checks.checklists import Checklist, ChecklistError
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.kernel.limited import OverLimit, Refused, open_limited


def _require_keeper(actor: Actor | None) -> None:
    """The city office; None is the system itself (the first start)."""
    if actor is not None and actor.role != Role.CITY_OFFICE:
        raise NotAllowed("落实情况检查表由市三方委员会办公室载入和发布，您当前的身份只能查看。")


def read_checklist_file(source: bytes) -> Checklist:
    """A checklist as it comes from a person, opened in the limited process. Raises ChecklistError with every problem."""
    try:
        facts = open_limited("check_checklist", source, {}).facts
    except (OverLimit, Refused):
        words = "文件无法读取：内容过大、嵌套过深或不是检查表。请对照样表重新制作。"
        raise ChecklistError((Problem("UNREADABLE", "", words),)) from None
    if "problems" in facts:
        raise ChecklistError(tuple(Problem(*one) for one in facts["problems"]))
    given = facts["checklist"]
    return Checklist(**{**given, "lines": tuple(given["lines"])})


@transaction.atomic
def load_checklist(*, actor: Actor | None, checklist: Checklist, now: datetime) -> InspectionChecklist:
    """The draft of this code and version; the same content again changes nothing, published content is refused."""
    _require_keeper(actor)
    row = (
        InspectionChecklist.objects.select_for_update()
        .filter(code=checklist.code, version=checklist.version)
        .first()
    )
    if row is not None and row.content_hash == checklist.content_hash:
        return row
    if row is not None and row.state != ChecklistState.DRAFT:
        raise DomainError(
            f"{checklist.code} 的 {checklist.version} 版{row.get_state_display()}，内容不能再改。"
            "请在文件中改用新的版本号（version）后重新载入。",
            code="published",
        )
    before = row.content_hash if row else ""
    row, _ = InspectionChecklist.objects.update_or_create(
        code=checklist.code,
        version=checklist.version,
        defaults={
            "title": checklist.title,
            "source": checklist.source,
            "lines": list(checklist.lines),
            "content_hash": checklist.content_hash,
            "loaded_at": now,
            "loaded_by": actor.user if actor else None,
        },
    )
    record_audit(
        actor=actor,
        at=now,
        action="载入落实情况检查表",
        kind="InspectionChecklist",
        object_id=row.pk,
        label=str(row),
        changes={"content_hash": [before, row.content_hash]},
    )
    return row


@transaction.atomic
def publish_checklist(
    *, actor: Actor | None, checklist: InspectionChecklist, now: datetime, expected_hash: str = ""
) -> InspectionChecklist:
    """From now on new rounds may use it; the version published before retires.

    `expected_hash`: of the content that was shown, where somebody saw it; ConflictError when the draft was loaded anew.
    """
    _require_keeper(actor)
    held = InspectionChecklist.objects.select_for_update().get(pk=checklist.pk)
    if expected_hash and held.content_hash != expected_hash:
        raise ConflictError("这一版草稿刚刚重新载入过，内容已不同。请刷新页面核对后再发布。")
    moved = InspectionChecklist.objects.filter(pk=checklist.pk, state=ChecklistState.DRAFT).update(
        state=ChecklistState.PUBLISHED, published_at=now, published_by=actor.user if actor else None
    )
    if not moved:
        raise IllegalTransition("这一版检查表已经发布或停用，请刷新页面。")
    InspectionChecklist.objects.filter(code=checklist.code, state=ChecklistState.PUBLISHED).exclude(
        pk=checklist.pk
    ).update(state=ChecklistState.RETIRED)
    record_audit(
        actor=actor,
        at=now,
        action="发布落实情况检查表",
        kind="InspectionChecklist",
        object_id=checklist.pk,
        label=str(checklist),
        changes={"state": [ChecklistState.DRAFT, ChecklistState.PUBLISHED]},
    )
    checklist.refresh_from_db()
    return checklist
