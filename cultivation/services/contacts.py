"""企业经办人: a claim code bound to the subject's credit code opens or extends an account (design §2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from cultivation.enums import SubjectState
from cultivation.models import Subject, SubjectContact
from cultivation.services.subjects import KEEPERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import OneTimeCode, User
from zaozhuang_portal.accounts.selectors.account_requests import roles_held
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.accounts.services.codes import (
    IssuedCode,
    find_one_time_code,
    issue_one_time_code,
    redeem_one_time_code,
)
from zaozhuang_portal.accounts.services.passwords import check_password_strength, set_password
from zaozhuang_portal.accounts.services.users import new_user
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.credit_code import normalize_credit_code
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length
from zaozhuang_portal.operations.services.notifications import notify

CLAIM = "claim"
CLAIM_LIFETIME = timedelta(days=30)


def claim_key(subject: Subject) -> str:
    """What the code is bound to: the credit code, or the record's number for subjects without one."""
    return subject.credit_code or f"S{subject.pk}"


def _check_keeper(actor: Actor, subject: Subject) -> None:
    if actor.role not in KEEPERS or (
        not actor.is_city
        and (actor.district is None or actor.district.pk != subject.managing_organization_id)
    ):
        raise NotAllowed("只有管理该对象的区（市）可以办理经办人。")


@transaction.atomic
def issue_claim(*, actor: Actor, subject: Subject, now: datetime) -> IssuedCode:
    """A new claim code, valid 30 days, shown once; a former open one is void."""
    _check_keeper(actor, subject)
    if subject.state != SubjectState.ACTIVE:
        raise DomainError("该对象已注销，不能开通经办人账号。", code="not_active")
    issued = issue_one_time_code(
        purpose=CLAIM,
        key=claim_key(subject),
        at=now,
        lifetime=CLAIM_LIFETIME,
        payload={"subject": subject.pk},
        issued_by=actor.user,
    )
    record_audit(
        actor=actor, at=now, action="签发认领码", kind="Subject", object_id=subject.pk, label=subject.name
    )
    return issued


def find_claim(
    *, key: str, code: str, now: datetime, count_failure: bool = True
) -> tuple[OneTimeCode, Subject]:
    """The open claim and its subject. DomainError (the same words for every cause) when there is none."""
    row = find_one_time_code(
        purpose=CLAIM, key=normalize_credit_code(key), code=code, at=now, count_failure=count_failure
    )
    return row, Subject.objects.get(pk=row.payload["subject"])


def claim_with_new_account(
    *,
    key: str,
    code: str,
    username: str,
    full_name: str,
    phone: str,
    password: str,
    now: datetime,
    signed_in: User | None = None,
) -> SubjectContact:
    """Open an account for the person who holds the code and make it the subject's contact.

    `signed_in`: who is signed in where the code is used; NotAllowed when that is somebody of an office, who would become
    the firm whose self-assessment his office reviews.
    """
    row, subject = find_claim(key=key, code=code, now=now)
    if signed_in is not None:
        _check_no_officer(signed_in, row, now)
    with transaction.atomic():
        user = new_user(username=username, full_name=full_name, phone=phone, phone_confirmed_at=now)
        check_password_strength(password, user)
        redeem_one_time_code(purpose=CLAIM, key=normalize_credit_code(key), code=code, at=now)
        set_password(user=user, password=password, at=now)
        return _make_contact(user, subject, now, row)


def claim_for_account(*, actor_user: User, key: str, code: str, now: datetime) -> SubjectContact:
    """Add the subject to an account that exists already: one HR agent may serve several firms.

    NotAllowed for an account of an office, and for whoever issued the code.
    """
    row, subject = find_claim(key=key, code=code, now=now)
    _check_no_officer(actor_user, row, now)
    with transaction.atomic():
        redeem_one_time_code(purpose=CLAIM, key=normalize_credit_code(key), code=code, at=now)
        return _make_contact(actor_user, subject, now, row)


def _check_no_officer(user: User, claim: OneTimeCode, now: datetime) -> None:
    if claim.issued_by_id == user.pk or roles_held(user, on=shanghai_date(now)):
        raise NotAllowed("工作人员的账号不能认领企业：请由企业经办人本人在自己的设备上办理。", code="officer")


def _make_contact(user: User, subject: Subject, now: datetime, claim: OneTimeCode) -> SubjectContact:
    try:
        with transaction.atomic():
            contact = SubjectContact.objects.create(user=user, subject=subject, valid_from=shanghai_date(now))
    except IntegrityError:
        raise ConflictError(f"您已经是“{subject.name}”的经办人，请在页首切换身份。") from None
    record_audit(
        actor=None,
        user=user,
        at=now,
        action="认领成为经办人",
        kind="Subject",
        object_id=subject.pk,
        label=subject.name,
        changes={"contact": [None, user.full_name]},
        reason=f"认领码由{claim.issued_by.full_name}签发" if claim.issued_by else "",
    )
    _tell_other_contacts(contact, now)
    return contact


def _tell_other_contacts(contact: SubjectContact, now: datetime) -> None:
    """The firm's own people see at once who else acts for it: nobody joins them unseen."""
    others = SubjectContact.objects.in_force(shanghai_date(now)).filter(subject=contact.subject)
    notify(
        users=User.objects.filter(pk__in=others.exclude(user=contact.user).values("user_id")),
        title=f"{contact.user.full_name}认领成为“{contact.subject.name}”的经办人",
        body="不是本单位人员的，请立即告诉区（市）三方办公室或市三方委员会办公室。",
        now=now,
        kind="Subject",
        object_id=contact.subject_id,
    )


@transaction.atomic
def end_contact(*, actor: Actor, contact: SubjectContact, reason: str, now: datetime) -> SubjectContact:
    """End a contact's capacity from now on; what the person entered stays."""
    _check_keeper(actor, contact.subject)
    if len(reason.strip()) < 2:
        raise DomainError("请写明结束原因，如“已离职”。", code="reason_required", field="reason")
    reason = require_length("结束原因", reason, 100, field="reason")
    today = shanghai_date(now)
    last = max(contact.valid_from, today - timedelta(days=1))
    if last >= today:
        # Begun today: the row goes, so that the capacity ends at once.
        contact.delete()
    elif not SubjectContact.objects.filter(pk=contact.pk, valid_to__isnull=True).update(valid_to=last):
        raise ConflictError("该经办人刚刚已结束，请刷新页面。")
    record_audit(
        actor=actor,
        at=now,
        action="结束经办人",
        kind="Subject",
        object_id=contact.subject_id,
        label=contact.subject.name,
        changes={"contact": [contact.user.full_name, None]},
        reason=reason,
    )
    return contact
