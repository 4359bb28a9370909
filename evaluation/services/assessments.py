"""Starting an assessment with the right standard, checking the basics, extending the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from cultivation.enums import CorrectionArea, SubjectKind, SubjectState
from cultivation.models import CampaignYear, Enrollment, Subject
from cultivation.selectors.own_dates import SELF_ASSESSMENT, own_dates_now
from cultivation.services.closed_years import guard_years
from evaluation.enums import OPEN_STATES, Layer
from evaluation.models import Assessment, IndicatorSet
from evaluation.permissions import require_self_entry
from evaluation.selectors.definitions import definition_of, published_sets_for
from evaluation.selectors.layers import LayerRows
from evaluation.selectors.self_due import owes_assessment, self_assessment_due
from evaluation.services.saving import lock_assessment
from evaluation.services.score_sheets import write_sheets
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length


def start_assessment(
    *,
    actor: Actor,
    subject: Subject,
    year: CampaignYear,
    now: datetime,
    set_code: str = "",
    entered_on_behalf_of: str = "",
    source_document: str = "",
) -> Assessment:
    """Start, or return the one that exists for (subject, year, standard).

    The version is the published one in effect at the end of the year's statistical period; the organization is
    the one frozen by the year's enrollment, else the present manager. `entered_on_behalf_of` (代录) names the
    person who filled in the stamped paper; `source_document` marks it 补录 where the year
    lies before the portal's use. Raises DomainError
    for a standard that does not apply to this kind of subject or a year that is not running (`require_startable`),
    YearClosed for a closed year without a 更正, NotAllowed for a stranger.
    """
    behalf = entered_on_behalf_of.strip()
    _require_starter(actor, subject, behalf)
    if subject.state != SubjectState.ACTIVE:
        raise DomainError(
            f"“{subject.name}”{subject.get_state_display()}，不能开展自评。", code="inactive_subject"
        )
    indicator_set = choose_set(subject=subject, year=year, set_code=set_code)
    known = {"subject": subject, "year": year, "set_code": indicator_set.code}
    existing = Assessment.objects.filter(**known).first()
    if existing is not None:
        return existing
    require_startable(actor, subject, year, source_document=source_document.strip(), today=shanghai_date(now))
    try:
        return _create(actor, subject, year, indicator_set, now, behalf, source_document.strip())
    except IntegrityError:  # the colleague pressed the same button first
        return Assessment.objects.get(**known)


def require_startable(
    actor: Actor, subject: Subject, year: CampaignYear, *, source_document: str, today: date
) -> None:
    """Only the running years may be begun, and one that is over by whom it is owed: a subject on that year's roster, late.
    Of others by the district from stamped paper, as 补录 with its source."""
    if today < year.period_start:
        raise DomainError(
            f"{year}自评自 {year.period_start} 起填报，现在还不能开始。", code="year_not_begun", field="year"
        )
    if today <= year.cutoff_on or owes_assessment(subject, year):
        return
    if actor.role == Role.SUBJECT_CONTACT:
        raise DomainError(
            f"{year}自评已于 {year.cutoff_on} 截止，不能再开始。当年以纸质表完成自评的，请把盖章件交"
            "区（市）三方办公室代录。",
            code="year_over",
            field="year",
        )
    if not source_document:
        raise DomainError(
            f"{year}自评已于 {year.cutoff_on} 截止，只能作为历史资料补录。请写明来源，如“{year.year}年自评表（盖章件）”。",
            code="source",
            field="source_document",
        )


def _require_starter(actor: Actor, subject: Subject, behalf: str) -> None:
    if actor.role == Role.SUBJECT_CONTACT and actor.subject_id == subject.pk:
        return
    manages = actor.organization is not None and actor.organization.pk == subject.managing_organization_id
    if actor.is_district and manages:
        if not behalf:
            raise DomainError(
                "请填写纸质自评表的原填报人姓名，并在开始后上传盖章扫描件。",
                code="behalf_required",
                field="entered_on_behalf_of",
            )
        return
    raise NotAllowed("只有该培育对象的经办人可以开始自评；区（市）可依据盖章纸质表代录本区（市）的对象。")


def choose_set(*, subject: Subject, year: CampaignYear, set_code: str = "") -> IndicatorSet:
    """The published version for this kind and year. Raises DomainError when there is none or the wrong one is asked."""
    fitting = published_sets_for(subject.kind, year.period_end)
    if set_code:
        asked = [found for found in fitting if found.code == set_code]
        if not asked:
            names = "、".join(f"{found.code}《{found.title}》" for found in fitting) or "（尚未发布）"
            kind = SubjectKind(subject.kind).label
            raise DomainError(
                f"{kind}不适用 {set_code}，应使用 {names}。", code="wrong_indicator_set", field="set_code"
            )
        return asked[0]
    if not fitting:
        kind = SubjectKind(subject.kind).label
        raise DomainError(
            f"{year.year}年度没有已发布的{kind}评价标准，暂不能开始自评。请联系市三方委员会办公室发布标准。",
            code="no_indicator_set",
        )
    return fitting[0]


@transaction.atomic
def _create(
    actor: Actor,
    subject: Subject,
    year: CampaignYear,
    indicator_set: IndicatorSet,
    now: datetime,
    behalf: str,
    source_document: str,
) -> Assessment:
    enrolled = (
        Enrollment.objects.filter(subject=subject, year=year).values_list("organization", flat=True).first()
    )
    organization_id = enrolled or subject.managing_organization_id
    guard_years(
        actor=actor,
        places=[(year.pk, organization_id)],
        area=CorrectionArea.ASSESSMENT,
        now=now,
        what=f"开始自评：{subject.name}",
    )
    assessment = Assessment.objects.create(
        subject=subject,
        year=year,
        set_code=indicator_set.code,
        indicator_set=indicator_set,
        organization_id=organization_id,
        due_on=self_assessment_due(subject, year, today=shanghai_date(now)),
        entered_on_behalf_of=behalf,
        # Of a year the portal was in use it is 代录 from paper and as late as it is; 补录 would say nothing of lateness.
        backfilled=bool(source_document) and not year.in_use,
        source_document=source_document,
        created_at=now,
        created_by=actor.user,
        updated_at=now,
    )
    write_sheets(
        assessment=assessment,
        layers=[Layer.SELF],
        definition=definition_of(indicator_set),
        rows=LayerRows(),
        now=now,
    )
    record_audit(
        actor=actor,
        at=now,
        action="开始自评" if not behalf else "开始代录自评",
        kind="Assessment",
        object_id=assessment.pk,
        label=str(assessment),
        changes={"indicator_set": ["", str(indicator_set)]}
        | ({"entered_on_behalf_of": ["", behalf]} if behalf else {}),
    )
    return assessment


def follow_late_additions(enrollments: Sequence[Enrollment], now: datetime) -> None:
    """Subjects just confirmed on a roster that had begun of their own accord: what is still open gets the date of a late
    addition, if that is later. Call inside the transaction of the confirmation. Statements: 3 per year."""
    chosen: dict[int, set[int]] = {}
    for row in enrollments:
        if row.is_key and not row.backfilled:
            chosen.setdefault(row.year_id, set()).add(row.subject_id)
    for year in CampaignYear.objects.filter(pk__in=chosen):
        due = own_dates_now(SELF_ASSESSMENT, year).of(shanghai_date(now))
        begun = Assessment.objects.filter(
            year=year, subject_id__in=chosen[year.pk], state__in=list(OPEN_STATES)
        )
        begun.filter(due_on__lt=due).update(due_on=due)


@transaction.atomic
def confirm_profile(*, actor: Actor, assessment: Assessment, now: datetime) -> Assessment:
    """核对基本信息: the subject has looked at its own facts."""
    locked = lock_assessment(assessment.pk)
    require_self_entry(actor, locked)
    if not locked.is_open:
        raise DomainError("自评已提交，不需再核对基本信息。", code="locked")
    locked.profile_checked_at = now
    locked.save(update_fields=["profile_checked_at"])
    return locked


@transaction.atomic
def grant_extension(
    *, actor: Actor, assessment: Assessment, extended_to: date, reason: str, now: datetime
) -> Assessment:
    """The managing district puts off the deadline of one subject, with a reason; logged."""
    locked = lock_assessment(assessment.pk)
    district = actor.organization
    if not actor.is_district or district is None or district.pk != locked.organization_id:
        raise NotAllowed("只有管理该对象的区（市）三方办公室可以延长填报期限。")
    if not reason.strip():
        raise DomainError("请填写延期理由。", code="reason_required", field="reason")
    if extended_to <= locked.due:
        raise DomainError(f"延期日期应晚于现在的截止日 {locked.due}。", code="not_later", field="extended_to")
    old = locked.due
    locked.extended_to = extended_to
    locked.extension_reason = require_length("延期理由", reason, 200, field="reason")
    locked.save(update_fields=["extended_to", "extension_reason"])
    record_audit(
        actor=actor,
        at=now,
        action="延长填报期限",
        kind="Assessment",
        object_id=locked.pk,
        label=str(locked),
        changes={"due": [str(old), str(extended_to)]},
        reason=locked.extension_reason,
    )
    return locked
