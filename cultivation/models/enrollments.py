"""The yearly choice of subjects (重点培育) and plain participation (参与创建)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from cultivation.enums import EnrollmentState
from cultivation.models.campaign import CampaignYear
from cultivation.models.subjects import Subject, served_by
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def visible_to(self, actor: Actor) -> EnrollmentQuerySet:
        """Same scope as the subjects, but by the organization frozen for the year."""
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

    def to_serve(self, actor: Actor) -> EnrollmentQuerySet:
        """Those whose subject the actor looks after today: help follows the subject, counts stay with `organization`."""
        if actor.sees_whole_city:
            return self
        return self.filter(subject__in=Subject.objects.visible_to(actor).order_by().values("pk"))

    def counted(self) -> EnrollmentQuerySet:
        """What counts toward a target: confirmed key enrollments (design §3)."""
        return self.filter(state=EnrollmentState.CONFIRMED, is_key=True)


class Enrollment(models.Model):
    """One subject chosen for one year. `organization` is frozen for the year, also when the subject moves."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="enrollments", verbose_name="培育对象")
    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="enrollments", verbose_name="年度")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="enrollments", verbose_name="管理单位"
    )
    is_key = models.BooleanField("重点培育", default=True)
    state = models.CharField(
        "状态", max_length=12, choices=EnrollmentState, default=EnrollmentState.CANDIDATE
    )
    reason = models.CharField("调整理由", max_length=200, blank=True)
    enrolled_at = models.DateTimeField("列入时间")
    enrolled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="列入人")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("补录来源", max_length=160, blank=True)
    # When it was changed last: a figure of an earlier day reads what was known then (RowVersion).
    changed_at = models.DateTimeField("更新时间", null=True, blank=True, editable=False)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重点培育"
        ordering = ["year_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "year"], name="unique_enrollment_of_year"),
            models.CheckConstraint(
                condition=~Q(state=EnrollmentState.CONFIRMED) | Q(confirmed_at__isnull=False),
                name="confirmed_enrollment_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=EnrollmentState.REMOVED) | ~Q(reason=""),
                name="removed_enrollment_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["year", "organization", "state", "is_key"], name="enrollment_of_year")
        ]

    def __str__(self) -> str:
        return f"{self.subject}（{self.year_id}年度）"


class Participation(models.Model):
    """参与创建 of one year: coverage = participating ÷ should participate."""

    subject = models.ForeignKey(
        Subject, models.PROTECT, related_name="participations", verbose_name="培育对象"
    )
    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="participations", verbose_name="年度")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="管理单位")
    joined_at = models.DateTimeField("参与时间")
    backfilled = models.BooleanField("补录", default=False)
    # When it was changed last: a figure of an earlier day reads what was known then (RowVersion).
    changed_at = models.DateTimeField("更新时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "参与创建"
        constraints = [
            models.UniqueConstraint(fields=["subject", "year"], name="unique_participation_of_year")
        ]

    def __str__(self) -> str:
        return f"{self.subject}（{self.year_id}年度参与创建）"
