"""自评: one assessment per subject, year and standard; it pins the version of the standard (design §4)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from cultivation.models import CampaignYear, Subject
from cultivation.models.subjects import served_by
from evaluation.enums import OPEN_STATES, AssessmentState
from evaluation.models.indicator_sets import IndicatorSet
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor

_S = AssessmentState
_NOT_SUBMITTED = [_S.DRAFT, _S.AWAITING_ADOPTION]
_NOT_OPENED = [*_NOT_SUBMITTED, _S.SUBMITTED]
_VERIFIED = [_S.VERIFIED, _S.CONFIRMED, _S.ARCHIVED]
_CONFIRMED = [_S.CONFIRMED, _S.ARCHIVED]


def _null_exactly_in(field: str, states: list[AssessmentState]) -> Q:
    """`field` is empty in these states and filled in all others."""
    return Q(**{"state__in": states, f"{field}__isnull": True}) | (
        ~Q(state__in=states) & Q(**{f"{field}__isnull": False})
    )


def _filled_exactly_in(field: str, states: list[AssessmentState]) -> Q:
    return Q(**{"state__in": states, f"{field}__isnull": False}) | (
        ~Q(state__in=states) & Q(**{f"{field}__isnull": True})
    )


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, actor: Actor) -> AssessmentQuerySet:
        """City: all. District: by the organization frozen for the year. Township and contact: their own."""
        if actor.sees_whole_city:
            return self
        if actor.role == Role.SUBJECT_CONTACT:
            return self.filter(subject_id=actor.subject_id)
        if actor.is_administrator or actor.organization is None:
            return self.none()
        if actor.role == Role.TOWNSHIP_STAFF:
            return self.filter(subject__township_id=actor.organization.pk)
        district = actor.district
        if district is None:
            return self.none()
        own = self.filter(organization_id=district.pk)
        return own.filter(subject_id__in=served_by(actor)) if actor.role == Role.INSTRUCTOR else own

    def submitted(self) -> AssessmentQuerySet:
        """Handed in at least once and not withdrawn: what offices may read in full."""
        return self.filter(submitted_at__isnull=False)

    def awaiting_review(self) -> AssessmentQuerySet:
        return self.filter(state__in=[_S.SUBMITTED, _S.UNDER_REVIEW])

    def with_subject(self) -> AssessmentQuerySet:
        """Everything the head of a page names, in one statement."""
        return self.select_related("subject", "organization", "indicator_set", "year")


class Assessment(models.Model):
    """One self-assessment and its way through verification.

    `organization` is the managing district, frozen when the assessment starts. Answers, declarations and
    score sheets hang below by layer. `submitted_at` … `archived_at` are tied to the state by CHECK
    constraints; what happened earlier stays in the audit log and the return rounds.
    """

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="assessments", verbose_name="培育对象")
    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="assessments", verbose_name="年度")
    set_code = models.CharField("标准号", max_length=40)
    indicator_set = models.ForeignKey(
        IndicatorSet, models.PROTECT, related_name="assessments", verbose_name="评价标准（版本）"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="assessments", verbose_name="管理单位"
    )
    state = models.CharField("状态", max_length=20, choices=AssessmentState, default=AssessmentState.DRAFT)
    # NULL while never submitted: keeps the unique constraint off drafts.
    receipt_number = models.CharField("受理编号", max_length=30, null=True, blank=True, unique=True)
    # Counts every change of the SELF layer.
    revision = models.PositiveIntegerField(default=0, editable=False)
    # The card edited last, to resume there (ux F14).
    last_indicator = models.CharField(max_length=20, blank=True, editable=False)
    profile_checked_at = models.DateTimeField("核对基本信息时间", null=True, blank=True)

    due_on = models.DateField("填报截止")
    extended_to = models.DateField("延期至", null=True, blank=True)
    extension_reason = models.CharField("延期理由", max_length=200, blank=True)

    # 代录: the person of the firm who filled in the stamped paper; empty when the subject types it itself.
    entered_on_behalf_of = models.CharField("代录（原填报人）", max_length=40, blank=True)
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("补录来源", max_length=160, blank=True)

    signer_name = models.CharField("承诺人", max_length=40, blank=True)
    signer_post = models.CharField("承诺人职务", max_length=40, blank=True)
    commitment_at = models.DateTimeField("承诺时间", null=True, blank=True)
    first_submitted_at = models.DateTimeField("首次提交时间", null=True, blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提交人"
    )
    review_opened_at = models.DateTimeField("打开核验时间", null=True, blank=True)
    review_opened_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核验人"
    )
    verified_at = models.DateTimeField("核验完成时间", null=True, blank=True)
    verified_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核验完成人"
    )
    # Set when the city opens a verified assessment; from then on the district cannot recall it.
    city_opened_at = models.DateTimeField("市级打开时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("市级确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="市级确认人"
    )
    archived_at = models.DateTimeField("归档时间", null=True, blank=True)
    created_at = models.DateTimeField("开始时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="开始人")
    updated_at = models.DateTimeField("保存时间")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自评"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "year", "set_code"], name="one_assessment_per_year_and_set"
            ),
            models.CheckConstraint(
                condition=_null_exactly_in("submitted_at", _NOT_SUBMITTED), name="assessment_submitted_at"
            ),
            models.CheckConstraint(
                condition=_null_exactly_in("review_opened_at", _NOT_OPENED),
                name="assessment_review_opened_at",
            ),
            models.CheckConstraint(
                condition=_filled_exactly_in("verified_at", _VERIFIED), name="assessment_verified_at"
            ),
            models.CheckConstraint(
                condition=_filled_exactly_in("confirmed_at", _CONFIRMED), name="assessment_confirmed_at"
            ),
            models.CheckConstraint(
                condition=_filled_exactly_in("archived_at", [_S.ARCHIVED]), name="assessment_archived_at"
            ),
            models.CheckConstraint(
                condition=Q(city_opened_at__isnull=False, state__in=_VERIFIED)
                | Q(city_opened_at__isnull=True) & ~Q(state__in=_CONFIRMED),
                name="assessment_city_opened_at",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True)
                | (
                    Q(
                        receipt_number__isnull=False,
                        commitment_at__isnull=False,
                        first_submitted_at__isnull=False,
                    )
                    & ~Q(signer_name="")
                    & ~Q(signer_post="")
                ),
                name="submitted_assessment_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(extended_to__isnull=True) | ~Q(extension_reason=""), name="extension_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(backfilled=False) | ~Q(source_document=""),
                name="backfilled_assessment_has_source",
            ),
        ]
        indexes = [
            models.Index(fields=["year", "organization", "state", "id"], name="assessment_of_district"),
            models.Index(fields=["year", "set_code", "state"], name="assessment_of_set"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}{self.year_id}年度自评"

    @property
    def is_open(self) -> bool:
        """Lies with the subject."""
        return self.state in OPEN_STATES

    @property
    def due(self) -> date:
        """The last day to hand in, extension included."""
        return self.extended_to or self.due_on
