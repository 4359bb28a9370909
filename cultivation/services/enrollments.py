"""The yearly choice: candidates, the confirmed roster, changes only with a reason (notice 三（二）2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from cultivation.enums import BackfillMatter, CorrectionArea, EnrollmentState, RosterState, SubjectState
from cultivation.models import CampaignYear, CultivationRoster, Enrollment, Participation, Subject
from cultivation.permissions.rosters import CHOOSERS, CONFIRMERS
from cultivation.services.backfill import check_backfill
from cultivation.services.closed_years import guard_years
from cultivation.services.rosters import clean_change_reason, guard_roster, raise_rosters, remove_from_roster
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed

__all__ = [
    "CHOOSERS",
    "CONFIRMERS",
    "choose_subjects",
    "confirm_enrollments",
    "join_campaign",
    "register_confirmation_follower",
    "remove_enrollment",
]


Follower = Callable[[Sequence[Enrollment], datetime], None]
_followers: list[Follower] = []


def register_confirmation_follower(follower: Follower) -> None:
    """What an upper app does in the transaction of a confirmation; called in AppConfig.ready(), once each."""
    if follower not in _followers:
        _followers.append(follower)


def _require(actor: Actor, roles: frozenset[Role], organization_id: int) -> None:
    if actor.role not in roles:
        raise NotAllowed()
    if not actor.is_city and (actor.district is None or actor.district.pk != organization_id):
        raise NotAllowed("只能办理本区（市）的培育名单。")


@transaction.atomic
def choose_subjects(
    *,
    actor: Actor,
    year: CampaignYear,
    subjects: Iterable[Subject],
    now: datetime,
    is_key: bool = True,
    backfilled: bool = False,
    source_document: str = "",
    counted_for: Organization | None = None,
) -> list[Enrollment]:
    """Put subjects on the year's list as candidates; one already on it is left as it is, a removed one comes back.

    The managing organization is frozen on the row; back-filled rows may name the one of that time (`counted_for`), which
    must have known the subject. Participation is recorded with it.
    Raises DomainError for a merged subject, and for a deregistered one unless a past year is back-filled; a district
    back-fills a year in which the portal was in use only with the city's consent.
    """
    chosen = []
    for subject in subjects:
        organization_id = subject.managing_organization_id
        if backfilled and counted_for is not None and counted_for.pk != organization_id:
            known = Subject.objects.known_to(counted_for).filter(pk=subject.pk)
            organization_id = counted_for.pk if known.exists() else organization_id
        _require(actor, CHOOSERS, organization_id)
        if backfilled and actor.role != Role.CITY_OFFICE:
            check_backfill(year=year, organization_id=organization_id, matter=BackfillMatter.ROSTER)
        gone_since = backfilled and subject.state == SubjectState.DEREGISTERED
        if subject.state != SubjectState.ACTIVE and not gone_since:
            raise DomainError(
                f"“{subject.name}”已{subject.get_state_display()[1:]}，不能列入培育名单。", code="not_active"
            )
        enrollment, created = Enrollment.objects.get_or_create(
            subject=subject,
            year=year,
            defaults={
                "organization_id": organization_id,
                "is_key": is_key,
                "enrolled_at": now,
                "enrolled_by": actor.user,
                "backfilled": backfilled,
                "source_document": source_document,
            },
        )
        if not created and enrollment.state == EnrollmentState.REMOVED:
            Enrollment.objects.filter(pk=enrollment.pk, state=EnrollmentState.REMOVED).update(
                state=EnrollmentState.CANDIDATE, reason="", is_key=is_key, confirmed_at=None, changed_at=now
            )
            enrollment.refresh_from_db()
            created = True
        if created:
            _guard_choice(actor, enrollment, now)
        Participation.objects.get_or_create(
            subject=subject,
            year=year,
            defaults={
                "organization_id": organization_id,
                "joined_at": now,
                "backfilled": backfilled,
            },
        )
        if created:
            record_audit(
                actor=actor,
                at=now,
                action="列入培育名单",
                kind="Enrollment",
                object_id=enrollment.pk,
                label=str(enrollment),
                changes={"is_key": [None, is_key]},
            )
        chosen.append(enrollment)
    return chosen


def _guard_choice(actor: Actor, enrollment: Enrollment, now: datetime) -> None:
    """A closed year gets no new candidates while its roster is confirmed; one never confirmed is still to be finished."""
    confirmed = CultivationRoster.objects.filter(
        organization_id=enrollment.organization_id, year_id=enrollment.year_id, state=RosterState.CONFIRMED
    ).first()
    if confirmed is not None:
        guard_roster(actor=actor, roster=confirmed, what=f"列入候选：{enrollment.subject}", now=now)


@transaction.atomic
def confirm_enrollments(
    *,
    actor: Actor,
    enrollments: Iterable[Enrollment],
    now: datetime,
    reason: str = "",
    document_number: str = "",
) -> list[Enrollment]:
    """Confirm candidates: from now on they count, and the district's roster of the year is confirmed with them.

    On a roster that is confirmed already they are additions and need a reason (at least 5 characters); back-filled
    rows name their source instead. One that moved on in the meantime raises ConflictError.
    """
    confirmed = []
    for enrollment in enrollments:
        _require(actor, CONFIRMERS, enrollment.organization_id)
        if enrollment.state == EnrollmentState.CONFIRMED:
            continue
        updated = Enrollment.objects.filter(pk=enrollment.pk, state=EnrollmentState.CANDIDATE).update(
            state=EnrollmentState.CONFIRMED, confirmed_at=now, changed_at=now
        )
        if not updated:
            raise ConflictError(f"“{enrollment.subject.name}”的状态刚刚改变，请刷新名单后再确认。")
        record_audit(
            actor=actor,
            at=now,
            action="确认培育名单",
            kind="Enrollment",
            object_id=enrollment.pk,
            label=str(enrollment),
            changes={"state": [EnrollmentState.CANDIDATE.value, EnrollmentState.CONFIRMED.value]},
        )
        confirmed.append(enrollment)
    raise_rosters(actor=actor, confirmed=confirmed, reason=reason, document_number=document_number, now=now)
    for enrollment in confirmed:
        enrollment.state, enrollment.confirmed_at = EnrollmentState.CONFIRMED, now
    for follow in _followers:
        follow(confirmed, now)
    return confirmed


@transaction.atomic
def remove_enrollment(
    *, actor: Actor, enrollment: Enrollment, reason: str, now: datetime, document_number: str = ""
) -> Enrollment:
    """Take a subject off the year's list. The row stays with its reason (at least 5 characters).

    A confirmed subject leaves the confirmed roster as a change of its own revision.
    """
    _require(
        actor,
        CHOOSERS if enrollment.state == EnrollmentState.CANDIDATE else CONFIRMERS,
        enrollment.organization_id,
    )
    reason = clean_change_reason(reason, "调出")
    old = enrollment.state
    updated = (
        Enrollment.objects.filter(pk=enrollment.pk, state=old)
        .exclude(state=EnrollmentState.REMOVED)
        .update(state=EnrollmentState.REMOVED, reason=reason, changed_at=now)
    )
    if not updated:
        raise ConflictError("该对象刚刚已被调出，请刷新名单。")
    enrollment.state, enrollment.reason = EnrollmentState.REMOVED, reason
    record_audit(
        actor=actor,
        at=now,
        action="调出培育名单",
        kind="Enrollment",
        object_id=enrollment.pk,
        label=str(enrollment),
        changes={"state": [old, EnrollmentState.REMOVED.value]},
        reason=enrollment.reason,
    )
    if old == EnrollmentState.CONFIRMED:
        remove_from_roster(
            actor=actor, enrollment=enrollment, reason=reason, document_number=document_number, now=now
        )
    return enrollment


@transaction.atomic
def join_campaign(*, actor: Actor, year: CampaignYear, subject: Subject, now: datetime) -> Participation:
    """Record plain participation (参与创建): shown in coverage, never counted toward the quota."""
    _require(actor, CHOOSERS, subject.managing_organization_id)
    guard_years(
        actor=actor,
        places=[(year.pk, subject.managing_organization_id)],
        area=CorrectionArea.ROSTER,
        now=now,
        what=f"参与创建：{subject.name}",
    )
    try:
        with transaction.atomic():
            participation = Participation.objects.create(
                subject=subject, year=year, organization_id=subject.managing_organization_id, joined_at=now
            )
    except IntegrityError:
        return Participation.objects.get(subject=subject, year=year)
    record_audit(
        actor=actor,
        at=now,
        action="参与创建",
        kind="Participation",
        object_id=participation.pk,
        label=subject.name,
    )
    return participation
