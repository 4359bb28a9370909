"""Judging one line of a check on site: once per id of a save, against the revision it was made on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from evaluation.enums import CheckState, Judgement, Severity
from evaluation.models import CheckLine, LineSave, SpotCheck, TeamMember
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.selectors.spot_checks.site import ON_SITE
from evaluation.services.spot_checks.facts import keep_facts
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.conflicts import changed_since
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length

_WORDS = (
    ("seen", "所见事实", MAX_COMMENT),
    ("said_by", "何人陈述", 100),
    ("papers", "查阅材料", 300),
    ("difference_words", "差异说明", 300),
)


@dataclass(frozen=True)
class LineEntry:
    """What an inspector says of one line. `value`: {"inputs": […]}, the answer judged on site as the set takes it."""

    judgement: str
    seen: str = ""
    said_by: str = ""
    severity: str = ""
    papers: str = ""
    evidence_of: date | None = None
    value: Any = None
    difference_reason: str = ""
    difference_words: str = ""


@dataclass(frozen=True)
class LineReceipt:
    """`already`: this save had arrived before, nothing was written."""

    uid: UUID
    revision: int
    saved_at: datetime
    already: bool


@transaction.atomic
def judge_line(
    *, actor: Actor, line: CheckLine, uid: UUID, seen_revision: int, entry: LineEntry, now: datetime
) -> LineReceipt:
    """Keep one judgement, once per `uid`; the first of a notified check begins it.

    Raises NotAllowed for anyone but the team, IllegalTransition outside the time on site, ConflictError when the line
    was saved elsewhere since `seen_revision` (nothing is written), DomainError for what cannot be.
    """
    check = SpotCheck.objects.select_for_update().get(pk=line.check_record_id)
    if not TeamMember.objects.filter(
        check_record=check, inspector__user=actor.user, until_at__isnull=True
    ).exists():
        raise NotAllowed("只有本次检查的检查人员可以判断。")
    if known := LineSave.objects.filter(uid=uid).first():
        if known.line_id != line.pk or known.user_id != actor.user.pk:
            raise DomainError("这次保存的编号已用于别处，请刷新页面后重新保存。", code="uid_used")
        return LineReceipt(uid, known.revision, known.saved_at, already=True)
    values = _checked(entry)
    if CheckLine.objects.get(pk=line.pk).revision != seen_revision:
        last = LineSave.objects.filter(line=line).order_by("-id").first()
        words = changed_since(f"{line.code} 的判断", actor.user.pk, last.user_id if last else None)
        raise ConflictError(f"{words}，请选择保留哪一份。", code="stale_revision")
    moved = SpotCheck.objects.filter(pk=check.pk, state__in=ON_SITE).update(
        state=CheckState.UNDER_WAY, began_at=Coalesce(F("began_at"), now)
    )
    if not moved:
        raise IllegalTransition(
            f"检查现在是“{check.get_state_display()}”，不能再改判断。", code="not_on_site"
        )
    if check.began_at is None:
        keep_facts(check, now)
    CheckLine.objects.filter(pk=line.pk).update(
        **values, judged_at=now, judged_by=actor.user, revision=seen_revision + 1
    )
    LineSave.objects.create(uid=uid, line=line, user=actor.user, revision=seen_revision + 1, saved_at=now)
    return LineReceipt(uid, seen_revision + 1, now, already=False)


def _checked(entry: LineEntry) -> dict[str, object]:
    """The columns of the line. What a verdict asks for stands in the database too."""
    values = asdict(entry)
    for name, label, most in _WORDS:
        values[name] = require_length(label, getattr(entry, name), most, field=name)
    if entry.judgement not in Judgement.values:
        raise DomainError("请选择判断。", code="required", field="judgement")
    if entry.judgement != Judgement.MET and not values["seen"]:
        raise DomainError("请写明所见事实：看到什么、在何处。", code="required", field="seen")
    if entry.judgement == Judgement.NOT_MET and entry.severity not in Severity.values:
        raise DomainError("不符合的请选择性质。", code="required", field="severity")
    return values
