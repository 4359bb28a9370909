"""划转 of a subject between districts: one side asks, the other accepts. Years, records and counts stay where they were."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from cultivation.enums import SubjectEvent, SubjectState, TransferState
from cultivation.models import Subject, SubjectTransfer
from cultivation.services.subject_lives import clean_reason, end_open_help, may_live, write_history
from cultivation.services.subjects import clash
from cultivation.workflows import TRANSFER_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Membership, Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.credit_code import normalize_credit_code
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.operations.services.notifications import notify

REQUESTERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})


def find_by_code(code: str) -> Subject:
    """The active enterprise with this credit code, whoever manages it. DomainError when there is none."""
    subject = (
        Subject.objects.filter(credit_code=normalize_credit_code(code), state=SubjectState.ACTIVE)
        .select_related("managing_organization")
        .first()
    )
    if subject is None:
        raise DomainError(
            "没有找到这个统一社会信用代码的在册企业，请核对18位代码；未建档的可直接新增。",
            code="unknown_code",
            field="credit_code",
        )
    return subject


@transaction.atomic
def request_transfer(
    *,
    actor: Actor,
    subject: Subject,
    to_organization: Organization,
    reason: str,
    now: datetime,
    to_township: Organization | None = None,
) -> SubjectTransfer:
    """Ask for a subject's move. The asking side is the actor's district (either end); the city may ask for any.

    Raises NotAllowed for a third district, DomainError when a request is already open.
    """
    if actor.role not in REQUESTERS:
        raise NotAllowed("您当前的身份不能申请划转。")
    may_live(subject)
    source = subject.managing_organization
    if to_organization.level != Level.DISTRICT:
        raise DomainError("请选择划入的区（市）。", code="to_organization", field="to_organization")
    if to_organization.pk == source.pk:
        raise DomainError(
            f"“{subject.name}”现由{source.name}管理，无需划转。",
            code="same_organization",
            field="to_organization",
        )
    asking = actor.organization if actor.is_city else actor.district
    if asking is None or (not actor.is_city and asking.pk not in {source.pk, to_organization.pk}):
        raise NotAllowed("只能申请划出本区（市）或划入本区（市）的对象。")
    if to_township is not None and to_township.parent_id != to_organization.pk:
        raise DomainError(
            f"“{to_township.name}”不由{to_organization.name}管理，请重新选择。",
            code="to_township",
            field="to_township",
        )
    try:
        with transaction.atomic():
            transfer = SubjectTransfer.objects.create(
                subject=subject,
                from_organization=source,
                to_organization=to_organization,
                to_township=to_township,
                requesting_organization=asking,
                reason=clean_reason(reason, "划转理由"),
                requested_at=now,
                requested_by=actor.user,
            )
    except IntegrityError as error:
        raise DomainError("该对象已有一个未办结的划转申请，请先办结或撤回。", code="open_transfer") from error
    record_audit(
        actor=actor,
        at=now,
        action="申请划转",
        kind="Subject",
        object_id=subject.pk,
        label=subject.name,
        changes={"managing_organization": [source.name, to_organization.name]},
        reason=transfer.reason,
    )
    _tell(
        transfer,
        _deciding_side(transfer),
        f"{asking.name}申请将“{subject.name}”由{source.name}划转至{to_organization.name}，请办理",
        transfer.reason,
        now,
    )
    return transfer


def _tell(transfer: SubjectTransfer, side: int, title: str, body: str, now: datetime) -> None:
    """The office people of one side; the list of requests is theirs to open, also after the subject left them."""
    holders = Membership.objects.in_force(shanghai_date(now)).filter(
        user__is_active=True, organization_id=side, role__in=REQUESTERS
    )
    notify(
        users=[membership.user for membership in holders.select_related("user")],
        title=title,
        body=body,
        url=reverse("cultivation:transfer_list"),
        now=now,
        kind="SubjectTransfer",
        object_id=transfer.pk,
    )


def _deciding_side(transfer: SubjectTransfer) -> int:
    """The district that has to answer; when the city asked, the district that gives it away."""
    if transfer.requesting_organization_id == transfer.from_organization_id:
        return transfer.to_organization_id
    return transfer.from_organization_id


def may_decide(actor: Actor, transfer: SubjectTransfer) -> bool:
    """The other side's office, or the city office."""
    if actor.role == Role.CITY_OFFICE:
        return True
    district = actor.district
    return (
        actor.role == Role.DISTRICT_OFFICE
        and district is not None
        and district.pk == _deciding_side(transfer)
    )


def may_withdraw(actor: Actor, transfer: SubjectTransfer) -> bool:
    own = actor.organization if actor.is_city else actor.district
    return actor.role in REQUESTERS and own is not None and own.pk == transfer.requesting_organization_id


@transaction.atomic
def accept_transfer(
    *, actor: Actor, transfer: SubjectTransfer, now: datetime, to_township: Organization | None = None
) -> Subject:
    """Move the subject. This year's enrollment and every record stay with the district they were entered for.

    Open pairings and liaisons end today: their partners belong to the former district.
    """
    if not may_decide(actor, transfer):
        raise NotAllowed("请由对方区（市）三方办公室或市三方委员会办公室办理。")
    subject = Subject.objects.select_for_update().get(pk=transfer.subject_id)
    may_live(subject)
    target, source = transfer.to_organization, transfer.from_organization
    if subject.managing_organization_id != source.pk:
        raise DomainError("该对象已不由划出单位管理，请退回本申请。", code="moved_already")
    township = to_township or transfer.to_township
    if township is not None and township.parent_id != target.pk:
        raise DomainError(
            f"“{township.name}”不由{target.name}管理，请重新选择。", code="to_township", field="to_township"
        )
    TRANSFER_WORKFLOW.apply(
        transfer,
        "accept",
        role=actor.role,
        changes={"decided_at": now, "decided_by": actor.user, "to_township": township},
    )
    try:
        with transaction.atomic():
            Subject.objects.filter(pk=subject.pk).update(
                managing_organization=target,
                township=township,
                division_code=(township or target).code,
                version=F("version") + 1,
                updated_at=now,
                updated_by=actor.user,
            )
    except IntegrityError as error:
        raise clash(subject.kind) from error
    end_open_help(
        subject=subject,
        on=shanghai_date(now),
        reason=f"划转至{target.name}",
        actor=actor,
        now=now,
    )
    write_history(
        actor=actor,
        subject=subject,
        event=SubjectEvent.MOVED,
        happened_on=shanghai_date(now),
        before=source.name,
        after=target.name,
        reason=transfer.reason,
        now=now,
    )
    _tell(
        transfer,
        transfer.requesting_organization_id,
        f"“{subject.name}”划转至{target.name}的申请已办理",
        "",
        now,
    )
    subject.refresh_from_db()
    return subject


@transaction.atomic
def refuse_transfer(
    *, actor: Actor, transfer: SubjectTransfer, reason: str, now: datetime
) -> SubjectTransfer:
    """Send the request back with a reason (at least 5 characters)."""
    if not may_decide(actor, transfer):
        raise NotAllowed("请由对方区（市）三方办公室或市三方委员会办公室办理。")
    refused = _close(actor, transfer, "refuse", "退回划转申请", clean_reason(reason, "退回理由"), now)
    title = f"“{transfer.subject.name}”划转至{transfer.to_organization.name}的申请被退回"
    _tell(refused, transfer.requesting_organization_id, title, refused.decision_note, now)
    return refused


@transaction.atomic
def withdraw_transfer(*, actor: Actor, transfer: SubjectTransfer, now: datetime) -> SubjectTransfer:
    """Take back one's own request."""
    if not may_withdraw(actor, transfer):
        raise NotAllowed("只能撤回本单位提出的申请。")
    return _close(actor, transfer, "withdraw", "撤回划转申请", "", now)


def _close(
    actor: Actor, transfer: SubjectTransfer, action: str, words: str, note: str, now: datetime
) -> SubjectTransfer:
    TRANSFER_WORKFLOW.apply(
        transfer,
        action,
        role=actor.role,
        changes={"decided_at": now, "decided_by": actor.user, "decision_note": note},
    )
    record_audit(
        actor=actor,
        at=now,
        action=words,
        kind="Subject",
        object_id=transfer.subject_id,
        label=transfer.subject.name,
        changes={"state": [TransferState.REQUESTED.value, transfer.state]},
        reason=note,
    )
    return transfer
