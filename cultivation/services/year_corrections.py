"""更正 of a closed year: a unit asks, the city consents or not, the unit does it within a term and says it is done."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse

from cultivation.enums import CorrectionArea, CorrectionState
from cultivation.models import CampaignYear, CultivationRoster, YearCorrection
from cultivation.permissions.years import CORRECTION_DECIDERS, CORRECTION_REQUESTERS, YEAR_CLOSERS
from cultivation.selectors.calendar import forget_periods
from cultivation.workflows import CORRECTION_WORKFLOW
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Membership, Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.operations.services.notifications import notify

SHORTEST_REASON = 5
# 系统设定: how long a consented correction stays open when the city says nothing else, and at most, in days.
TERM_DAYS = 15
LONGEST_TERM_DAYS = 90


def clean_words(value: str, what: str, field: str, *, longest: int, shortest: int = SHORTEST_REASON) -> str:
    """Without spaces around it, `shortest`–`longest` characters; DomainError with the field otherwise."""
    cleaned = value.strip().replace("\r\n", "\n")
    if len(cleaned) < shortest:
        raise DomainError(
            f"请写明{what}（至少{shortest}个字）。" if shortest > 1 else f"请填写{what}。",
            code="words_required",
            field=field,
        )
    if len(cleaned) > longest:
        raise DomainError(
            f"{what}最多{longest}个字，现有{len(cleaned)}个字，请删减。", code="too_long", field=field
        )
    return cleaned


@transaction.atomic
def request_correction(
    *,
    actor: Actor,
    year: CampaignYear,
    organization: Organization,
    area: str,
    content: str,
    reason: str,
    document_number: str,
    now: datetime,
) -> YearCorrection:
    """Ask for the correction of a closed year (or of a roster sealed with its report).

    `content` up to 300, `reason` up to 200, `document_number` up to 60 characters. Raises NotAllowed for another
    unit's, DomainError when the year is open or a request is running.
    """
    own = actor.organization if actor.is_city else actor.district
    if actor.role not in CORRECTION_REQUESTERS or own is None or own.pk != organization.pk:
        raise NotAllowed("只能由本单位的三方办公室提出更正申请。")
    if area not in CorrectionArea.values:
        raise DomainError("请选择更正范围。", code="area", field="area")
    content = clean_words(content, "更正内容", "content", longest=300)
    reason = clean_words(reason, "更正理由", "reason", longest=200)
    document = clean_words(document_number, "依据文号", "document_number", longest=60, shortest=1)
    if not _is_closed(year, organization, area):
        raise DomainError(
            f"{year.year}年度尚未封存，可以直接修改，无需申请更正。", code="not_closed", field="year"
        )
    _end_lapsed(year, organization, area, now)
    try:
        with transaction.atomic():
            correction = YearCorrection.objects.create(
                year=year,
                organization=organization,
                area=area,
                content=content,
                reason=reason,
                document_number=document,
                requested_at=now,
                requested_by=actor.user,
            )
    except IntegrityError as error:
        raise DomainError(
            "同一年度、同一范围已有一件更正在办理，请先办结或撤回。", code="open_correction", field="area"
        ) from error
    _audit(actor, correction, "申请年度更正", now, ["", correction.state], reason)
    _tell(
        correction,
        Membership.objects.in_force(shanghai_date(now)).filter(role__in=CORRECTION_DECIDERS),
        f"{organization.name}申请更正{year}，请答复",
        now,
    )
    return correction


def _is_closed(year: CampaignYear, organization: Organization, area: str) -> bool:
    if CampaignYear.objects.filter(pk=year.pk, closed_at__isnull=False).exists():
        return True
    sealed = CultivationRoster.objects.filter(year=year, organization=organization, sealed_at__isnull=False)
    return area == CorrectionArea.ROSTER and sealed.exists()


def _end_lapsed(year: CampaignYear, organization: Organization, area: str, now: datetime) -> None:
    """One whose term has passed is done: it opens nothing any more."""
    lapsed = YearCorrection.objects.filter(
        year=year,
        organization=organization,
        area=area,
        state=CorrectionState.CONSENTED,
        open_until__lt=shanghai_date(now),
    )
    lapsed.update(state=CorrectionState.DONE, finished_at=now)


@transaction.atomic
def consent_to_correction(
    *, actor: Actor, correction: YearCorrection, now: datetime, open_until: date | None = None, note: str = ""
) -> YearCorrection:
    """The city agrees; the unit may change the area until `open_until` (default 15 days, at most 90, that day included).

    Raises NotAllowed for the one who asked: the city's own correction is consented to by another person.
    """
    today = shanghai_date(now)
    until = open_until or today + timedelta(days=TERM_DAYS)
    if not today <= until <= today + timedelta(days=LONGEST_TERM_DAYS):
        raise DomainError(
            f"办理期限应在今天起{LONGEST_TERM_DAYS}天以内。", code="open_until", field="open_until"
        )
    _refuse_own(actor, correction)
    return _decide(actor, correction, "consent", "同意年度更正", note.strip(), now, open_until=until)


@transaction.atomic
def refuse_correction(
    *, actor: Actor, correction: YearCorrection, reason: str, now: datetime
) -> YearCorrection:
    """The city does not agree, with a reason."""
    _refuse_own(actor, correction)
    note = clean_words(reason, "不同意的理由", "reason", longest=200)
    return _decide(actor, correction, "refuse", "不同意年度更正", note, now)


def _refuse_own(actor: Actor, correction: YearCorrection) -> None:
    if correction.requested_by_id == actor.user.pk:
        raise NotAllowed("不能答复本人提出的更正申请，请由市三方委员会办公室其他人员办理。")


def _decide(
    actor: Actor,
    correction: YearCorrection,
    action: str,
    words: str,
    note: str,
    now: datetime,
    open_until: date | None = None,
) -> YearCorrection:
    if len(note) > 200:
        raise DomainError(
            f"答复意见最多200个字，现有{len(note)}个字，请删减。", code="too_long", field="note"
        )
    before = correction.state
    CORRECTION_WORKFLOW.apply(
        correction,
        action,
        role=actor.role,
        changes={
            "decided_at": now,
            "decided_by": actor.user,
            "decision_note": note,
            "open_until": open_until,
        },
    )
    _audit(actor, correction, words, now, [before, correction.state], note)
    holders = Membership.objects.in_force(shanghai_date(now)).filter(
        organization_id=correction.organization_id, role__in=CORRECTION_REQUESTERS
    )
    _tell(correction, holders, f"{correction}：{correction.get_state_display()}", now)
    return correction


@transaction.atomic
def withdraw_correction(*, actor: Actor, correction: YearCorrection, now: datetime) -> YearCorrection:
    """Take back a request that was not answered yet."""
    return _by_requester(actor, correction, "withdraw", "撤回年度更正", {}, now)


@transaction.atomic
def finish_correction(*, actor: Actor, correction: YearCorrection, now: datetime) -> YearCorrection:
    """Say that the correction is made: the year is closed again. Later papers of the year go on naming it."""
    return _by_requester(actor, correction, "finish", "办结年度更正", {"finished_at": now}, now)


def _by_requester(
    actor: Actor,
    correction: YearCorrection,
    action: str,
    words: str,
    changes: dict[str, object],
    now: datetime,
) -> YearCorrection:
    own = actor.organization if actor.is_city else actor.district
    if own is None or own.pk != correction.organization_id:
        raise NotAllowed("只能由提出申请的单位办理。")
    before = correction.state
    CORRECTION_WORKFLOW.apply(correction, action, role=actor.role, changes=changes)
    _audit(actor, correction, words, now, [before, correction.state], "")
    return correction


def _audit(
    actor: Actor, correction: YearCorrection, action: str, now: datetime, state: list[str], reason: str
) -> None:
    record_audit(
        actor=actor,
        at=now,
        action=action,
        kind="YearCorrection",
        object_id=correction.pk,
        label=str(correction),
        changes={"state": state, "document_number": ["", correction.document_number]},
        reason=reason,
    )


def _tell(correction: YearCorrection, holders: QuerySet[Membership], title: str, now: datetime) -> None:
    people = holders.filter(user__is_active=True).select_related("user")
    notify(
        users=[membership.user for membership in people],
        title=title,
        body=correction.content,
        url=reverse("cultivation:correction_detail", kwargs={"pk": correction.pk}),
        now=now,
        kind="YearCorrection",
        object_id=correction.pk,
    )


# --- closing and sealing ----------------------------------------------------------------------------------------------


def require_year_closer(actor: Actor) -> None:
    if actor.role not in YEAR_CLOSERS:
        raise NotAllowed("只有市三方委员会办公室可以封存年度。")


def close_campaign_year(*, actor: Actor, year: CampaignYear, reason: str, now: datetime) -> CampaignYear:
    """Close a year (design §3). What must be received first is asked by the caller above; call inside its transaction.

    Waits for whatever is being written in the year (`closed_years.hold_closed_years`). Raises NotAllowed for anyone but
    the city office, ConflictError when it is closed already.
    """
    require_year_closer(actor)
    words = clean_words(reason, "封存说明", "reason", longest=200)
    updated = CampaignYear.objects.filter(pk=year.pk, closed_at__isnull=True).update(
        closed_at=now, closed_by=actor.user, close_reason=words
    )
    if not updated:
        raise ConflictError(f"{year}已经封存，请刷新页面。", code="closed_already")
    year.closed_at, year.closed_by, year.close_reason = now, actor.user, words
    forget_periods()
    record_audit(
        actor=actor,
        at=now,
        action="封存年度",
        kind="CampaignYear",
        object_id=year.pk,
        label=str(year),
        changes={"closed_at": ["", now.isoformat()]},
        reason=words,
    )
    return year


def seal_roster(*, year: CampaignYear, organization: Organization, now: datetime) -> None:
    """The city received the district's report: the confirmed roster it counts no longer changes by itself."""
    rosters = CultivationRoster.objects.filter(year=year, organization=organization, sealed_at__isnull=True)
    rosters.update(sealed_at=now)
