"""A subject's life: renamed, deregistered, reinstated. Every step leaves a SubjectHistory row; open help ends with it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from cultivation.enums import SubjectEvent, SubjectKind, SubjectState
from cultivation.models import LiaisonAssignment, Pairing, Subject, SubjectHistory
from cultivation.rules.subjects import derive_names
from cultivation.services.subjects import check_keeper, clash, stale_subject
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError

SHORTEST_REASON = 5


def clean_reason(reason: str, what: str) -> str:
    """The reason trimmed; fewer than 5 characters are refused."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise DomainError(
            f"请写明{what}（至少{SHORTEST_REASON}个字）。", code="reason_required", field="reason"
        )
    if len(reason) > 200:
        raise DomainError(
            f"{what}最多 200 个字，现有 {len(reason)} 个字，请删减。", code="reason_long", field="reason"
        )
    return reason


def clean_event_day(happened_on: date | None, now: datetime) -> date:
    """The day of the event, today when blank; a day to come is refused."""
    today = shanghai_date(now)
    if happened_on is not None and happened_on > today:
        raise DomainError(
            f"日期 {happened_on} 在今天之后，请填已经发生的日期。", code="future", field="happened_on"
        )
    return happened_on or today


def write_history(
    *,
    actor: Actor,
    subject: Subject,
    event: SubjectEvent,
    happened_on: date,
    before: str,
    after: str,
    reason: str,
    now: datetime,
    document_number: str = "",
    merged_subject: Subject | None = None,
) -> SubjectHistory:
    """One row of history and its audit entry."""
    row = SubjectHistory.objects.create(
        subject=subject,
        event=event,
        happened_on=happened_on,
        before=before,
        after=after,
        reason=reason,
        document_number=document_number,
        merged_subject=merged_subject,
        at=now,
        by=actor.user,
    )
    record_audit(
        actor=actor,
        at=now,
        action=event.label,
        kind="Subject",
        object_id=subject.pk,
        label=subject.name,
        changes={event.label: [before, after]},
        reason=reason,
    )
    return row


def end_open_help(*, subject: Subject, on: date, reason: str, actor: Actor, now: datetime) -> int:
    """End the subject's open pairings and liaisons on a day (not before they began). Returns how many."""
    ended = 0
    for model in (Pairing, LiaisonAssignment):
        rows = model.objects.live().filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), subject=subject)
        for row in rows:
            row.ends_on = max(on, row.starts_on)
            row.end_reason = reason
            row.version += 1
            row.updated_at, row.updated_by = now, actor.user
            row.save(update_fields=["ends_on", "end_reason", "version", "updated_at", "updated_by"])
            record_audit(
                actor=actor,
                at=now,
                action="结束",
                kind=model.__name__,
                object_id=row.pk,
                label=str(row),
                changes={"ends_on": [None, str(row.ends_on)]},
                reason=reason,
            )
            ended += 1
    return ended


@transaction.atomic
def rename_subject(
    *,
    actor: Actor,
    subject: Subject,
    expected_version: int,
    name: str,
    reason: str,
    now: datetime,
    happened_on: date | None = None,
    document_number: str = "",
) -> Subject:
    """更名: the new name stands from now on, the old one stays in the history (曾用名).

    Raises DomainError (field named) for a blank, unchanged or taken name, ConflictError when the record moved on.
    """
    check_keeper(actor, subject.managing_organization)
    name = name.strip()
    if not name or len(name) > 120:
        raise DomainError("请填写新名称（不超过120个字）。", code="name", field="name")
    if name == subject.name:
        raise DomainError("新名称与现名称相同，无需更名。", code="name", field="name")
    reason = clean_reason(reason, "更名原因")
    day = clean_event_day(happened_on, now)
    old = subject.name
    names = derive_names(name)
    try:
        with transaction.atomic():
            updated = Subject.objects.filter(pk=subject.pk, version=expected_version).update(
                name=name,
                normalized_name=names.normalized_name,
                search_name=names.search_name,
                name_bigrams=names.name_bigrams,
                version=expected_version + 1,
                updated_at=now,
                updated_by=actor.user,
            )
    except IntegrityError as error:
        raise clash(subject.kind) from error
    if not updated:
        raise stale_subject(actor, subject, "请核对最新内容后再更名")
    write_history(
        actor=actor,
        subject=subject,
        event=SubjectEvent.RENAMED,
        happened_on=day,
        before=old,
        after=name,
        reason=reason,
        now=now,
        document_number=document_number.strip(),
    )
    subject.refresh_from_db()
    return subject


@transaction.atomic
def deregister_subject(*, actor: Actor, subject: Subject, reason: str, now: datetime) -> Subject:
    """注销: record and history stay; it can no longer be chosen for a year; open pairings and liaisons end today."""
    check_keeper(actor, subject.managing_organization)
    reason = clean_reason(reason, "注销原因")
    _move_state(subject, SubjectState.ACTIVE, SubjectState.DEREGISTERED, actor, now)
    today = shanghai_date(now)
    end_open_help(subject=subject, on=today, reason=f"对象注销：{reason}", actor=actor, now=now)
    write_history(
        actor=actor,
        subject=subject,
        event=SubjectEvent.DEREGISTERED,
        happened_on=today,
        before="在册",
        after="已注销",
        reason=reason,
        now=now,
    )
    subject.refresh_from_db()
    return subject


@transaction.atomic
def reinstate_subject(*, actor: Actor, subject: Subject, reason: str, now: datetime) -> Subject:
    """恢复在册 of one deregistered by mistake. What was ended stays ended; pair again."""
    check_keeper(actor, subject.managing_organization)
    reason = clean_reason(reason, "恢复原因")
    _move_state(subject, SubjectState.DEREGISTERED, SubjectState.ACTIVE, actor, now)
    write_history(
        actor=actor,
        subject=subject,
        event=SubjectEvent.REINSTATED,
        happened_on=shanghai_date(now),
        before="已注销",
        after="在册",
        reason=reason,
        now=now,
    )
    subject.refresh_from_db()
    return subject


def _move_state(
    subject: Subject, source: SubjectState, target: SubjectState, actor: Actor, now: datetime
) -> None:
    updated = Subject.objects.filter(pk=subject.pk, state=source).update(
        state=target, version=subject.version + 1, updated_at=now, updated_by=actor.user
    )
    if not updated:
        raise ConflictError("该档案的状态刚刚改变，请刷新页面。")


def may_live(subject: Subject) -> None:
    """Moves and mergers are for active enterprises, parks and pilots; a township stays where it is."""
    if subject.state != SubjectState.ACTIVE:
        raise DomainError(f"“{subject.name}”{subject.get_state_display()}，不能办理。", code="not_active")
    if subject.kind == SubjectKind.TOWNSHIP:
        raise DomainError(
            "乡镇（街道）随行政区划，不能划转或合并。区划调整请联系市三方委员会办公室。", code="township"
        )
