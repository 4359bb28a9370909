"""整改通知书: drafted from a finding, issued with number, term and letter, withdrawn with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from cultivation.rules.work_days import add_working_days
from cultivation.selectors.work_days import work_calendar
from evaluation.enums import LetterKind
from evaluation.models import Finding, Letter, Rectification
from evaluation.permissions.rectifications import require_rectification_office
from evaluation.rules.lengths import MAX_COMMENT
from evaluation.rules.rectifications import MAX_TERM, SHORTEST_REASON, order_prefix
from evaluation.services.letters import send_letter, withdraw_letter
from evaluation.workflows.rectifications import (
    ISSUE_RECTIFICATION,
    RECTIFICATION_WORKFLOW,
    WITHDRAW_RECTIFICATION,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
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


def audit_rectification(
    actor: Actor, record: Rectification, action: str, now: datetime, reason: str = ""
) -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="Rectification",
        object_id=record.pk,
        label=str(record),
        reason=reason,
    )


def move_rectification(
    actor: Actor, record: Rectification, action: str, now: datetime, changes: Mapping[str, Any] | None = None
) -> None:
    """The conditional UPDATE of the workflow; the revision counts it."""
    values = {**(changes or {}), "updated_at": now}
    RECTIFICATION_WORKFLOW.apply(record, action, role=actor.role, changes=values)
    Rectification.objects.filter(pk=record.pk).update(revision=F("revision") + 1)
    record.refresh_from_db()


@transaction.atomic
def draft_rectification(*, actor: Actor, finding: Finding, entry: OrderEntry, now: datetime) -> Rectification:
    """待下达, of a finding that has no order yet. Raises ConflictError when it has one."""
    require_rectification_office(actor)
    words = {}
    for field, label, most in (
        ("requirement", "整改要求", MAX_COMMENT),
        ("criterion", "销号标准", MAX_COMMENT),
        ("consequence", "逾期后果", 300),
    ):
        words[field] = require_length(label, getattr(entry, field), most, field=field)
        if not words[field]:
            raise DomainError(f"请填写{label}。", code="required", field=field)
    if not 1 <= entry.term_days <= MAX_TERM:
        raise DomainError(f"期限为1至{MAX_TERM}个工作日。", code="range", field="term_days")
    lock_name(f"rectification:{finding.pk}")
    if Rectification.objects.filter(finding=finding).exists():
        raise ConflictError("该问题已经有整改通知书，不用再起草。")
    record = Rectification.objects.create(
        year_id=finding.year_id,
        finding=finding,
        organization_id=finding.organization_id,
        subject_id=finding.subject_id,
        term_days=entry.term_days,
        reporting_way=require_length("报送方式", entry.reporting_way, 200, field="reporting_way"),
        created_at=now,
        created_by=actor.user,
        updated_at=now,
        **words,
    )
    audit_rectification(actor, record, "起草整改通知书", now)
    return record


@transaction.atomic
def issue_rectification(*, actor: Actor, rectification: Rectification, now: datetime) -> Rectification:
    """下达: number of the year without gaps, last day of the term, and the letter that is signed for (paper and portal)."""
    today = shanghai_date(now)
    prefix = order_prefix(rectification.year_id)
    lock_name(f"rectifications:{rectification.year_id}")
    serial = Rectification.objects.filter(number__startswith=prefix, backfilled=False).count() + 1
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
    finding = rectification.finding
    send_letter(
        actor=actor,
        kind=LetterKind.RECTIFICATION_ORDER,
        year=rectification.year,
        title=f"整改通知书（{rectification.number}）",
        sections=[
            ("发现的问题", f"{finding.title}\n{finding.facts}"),
            ("条款或指标", finding.clause),
            ("整改要求", rectification.requirement),
            ("销号标准", rectification.criterion),
            ("期限", f"{rectification.term_days}个工作日，至{due_on:%Y-%m-%d}"),
            ("逾期后果", rectification.consequence),
            ("报送方式", rectification.reporting_way),
        ],
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
    reason = require_length("撤销理由", reason, 300, field="reason")
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
