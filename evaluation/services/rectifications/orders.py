"""整改通知书: drafted from a finding, issued with number, term and letter, withdrawn with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from cultivation.rules.work_days import add_working_days
from cultivation.selectors.work_days import work_calendar
from evaluation.enums import LetterKind, RectificationState
from evaluation.models import Finding, Letter, Rectification
from evaluation.permissions.rectifications import require_rectification_office
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.rules.letters import MAX_REASON
from evaluation.rules.rectifications import MAX_TERM, SHORTEST_REASON, order_prefix
from evaluation.selectors.rectifications.words import order_sections
from evaluation.services.letters import send_letter, withdraw_letter
from evaluation.services.rectifications.common import (
    audit_rectification,
    changed_columns,
    filled,
    move_rectification,
)
from evaluation.workflows.rectifications import (
    ISSUE_RECTIFICATION,
    WITHDRAW_RECTIFICATION,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError
from zaozhuang_portal.kernel.lengths import require_length
from zaozhuang_portal.kernel.locks import lock_name

ABOUT = "Rectification"


@dataclass(frozen=True)
class OrderEntry:
    """What an order demands; `term_days` in working days, 1 to MAX_TERM."""

    requirement: str
    criterion: str
    consequence: str
    term_days: int
    reporting_way: str = ""


def _demands(entry: OrderEntry) -> dict[str, Any]:
    """The columns of what an order demands. Raises DomainError with the field that lacks something."""
    words: dict[str, Any] = {}
    for field, label, most in (
        ("requirement", "整改要求", MAX_COMMENT),
        ("criterion", "销号标准", MAX_COMMENT),
        ("consequence", "逾期后果", 300),
    ):
        words[field] = filled(label, getattr(entry, field), most, field)
    if not 1 <= entry.term_days <= MAX_TERM:
        raise DomainError(f"期限为1至{MAX_TERM}个工作日。", code="range", field="term_days")
    way = require_length("报送方式", entry.reporting_way, 200, field="reporting_way")
    return {**words, "term_days": entry.term_days, "reporting_way": way}


@transaction.atomic
def draft_rectification(*, actor: Actor, finding: Finding, entry: OrderEntry, now: datetime) -> Rectification:
    """待下达, of a finding that has no order yet. Raises ConflictError when it has one."""
    require_rectification_office(actor)
    demands = _demands(entry)
    lock_name(f"rectification:{finding.pk}")
    if Rectification.objects.filter(finding=finding).exists():
        raise ConflictError("该问题已经有整改通知书，不用再起草。")
    record = Rectification.objects.create(
        year_id=finding.year_id,
        finding=finding,
        organization_id=finding.organization_id,
        subject_id=finding.subject_id,
        created_at=now,
        created_by=actor.user,
        updated_at=now,
        **demands,
    )
    audit_rectification(actor, record, "起草整改通知书", now)
    return record


@transaction.atomic
def change_rectification(
    *, actor: Actor, rectification: Rectification, entry: OrderEntry, seen_revision: int, now: datetime
) -> Rectification:
    """修改 of what is not issued yet. Raises ConflictError when it was issued or somebody else saved meanwhile."""
    require_rectification_office(actor)
    demands = _demands(entry)
    rows = Rectification.objects.filter(pk=rectification.pk, state=RectificationState.DRAFTED)
    changed = rows.filter(revision=seen_revision).update(
        **demands, updated_at=now, revision=F("revision") + 1
    )
    if not changed and not rows.exists():
        raise ConflictError("整改通知书已下达或撤销，不能再修改。")
    if not changed:
        raise ConflictError("整改通知书刚刚被他人修改，请核对现在的内容后再保存。")
    changes = changed_columns(rectification, demands)
    rectification.refresh_from_db()
    audit_rectification(actor, rectification, "修改整改通知书", now, changes=changes)
    return rectification


@transaction.atomic
def issue_rectification(*, actor: Actor, rectification: Rectification, now: datetime) -> Rectification:
    """下达: number of the year without gaps, last day of the term, and the letter that is signed for (paper and portal)."""
    today = shanghai_date(now)
    prefix = order_prefix(rectification.year_id)
    lock_name(f"rectifications:{rectification.year_id}")
    taken = set(Rectification.objects.filter(number__startswith=prefix).values_list("number", flat=True))
    # Numbers of this year's own orders are 1, 2, 3 …; one that came from an earlier ledger is not given again.
    serial = next(n for n in range(1, len(taken) + 2) if f"{prefix}{n}号" not in taken)
    due_on = add_working_days(today, rectification.term_days, work_calendar())
    move_rectification(
        actor,
        rectification,
        ISSUE_RECTIFICATION,
        now,
        {
            "number": f"{prefix}{serial}号",
            "issued_on": today,
            "issued_at": now,
            "issued_by": actor.user,
            "due_on": due_on,
        },
    )
    send_letter(
        actor=actor,
        kind=LetterKind.RECTIFICATION_ORDER,
        year=rectification.year,
        number=str(rectification.number),
        title="整改通知书",
        sections=order_sections(rectification),
        addressees=[rectification.subject or rectification.organization],
        about=(ABOUT, rectification.pk),
        now=now,
    )
    audit_rectification(actor, rectification, "下达整改通知书", now)
    return rectification


@transaction.atomic
def withdraw_rectification(
    *, actor: Actor, rectification: Rectification, reason: str, now: datetime
) -> Rectification:
    """撤销 with its reason; the letter is withdrawn with it, the number is not used again."""
    require_rectification_office(actor)
    reason = require_length("撤销理由", reason, MAX_REASON, field="reason")
    if len(reason) < SHORTEST_REASON:
        raise DomainError(f"请写明撤销理由（至少{SHORTEST_REASON}个字）。", code="required", field="reason")
    move_rectification(
        actor,
        rectification,
        WITHDRAW_RECTIFICATION,
        now,
        {"withdrawn_at": now, "withdrawn_by": actor.user, "withdrawal": reason},
    )
    letters = Letter.objects.filter(about_kind=ABOUT, about_id=rectification.pk, withdrawn_at__isnull=True)
    for letter in letters:
        withdraw_letter(actor=actor, letter=letter, reason=reason, now=now)
    audit_rectification(actor, rectification, "撤销整改", now, reason)
    return rectification
