"""专题培训 for heads of firms and HR people (notice 三（二）1, C046–C050)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cultivation.models.records import DatedRecord, SharedRecordQuerySet
from cultivation.models.subjects import Subject
from zaozhuang_portal.accounts.models import MemberUnit, Organization


class Training(DatedRecord):
    """One session, counted once by whoever held it; a district's part in a city session is its attendance rows.

    `topics` are codes of TrainingTopic. `other_attendance` are people who stand for no registered subject.
    """

    title = models.CharField("培训名称", max_length=160)
    ends_on = models.DateField("结束日期", null=True, blank=True)
    topics = models.JSONField("培训内容", default=list)
    other_topic = models.CharField("其他内容", max_length=80, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    lecturer = models.CharField("授课人", max_length=80, blank=True)
    organizer = models.ForeignKey(
        MemberUnit, models.PROTECT, null=True, blank=True, related_name="trainings", verbose_name="主办单位"
    )
    other_attendance = models.PositiveIntegerField("其他参训人次", default=0)

    objects = SharedRecordQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "专题培训"
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("happened_on")), name="training_period"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TrainingAttendance(models.Model):
    """参训人次 of one subject at one session, by audience."""

    training = models.ForeignKey(
        Training, models.CASCADE, related_name="attendances", verbose_name="专题培训"
    )
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="attendances", verbose_name="培育对象")
    # The district these people count for; stays when the subject moves.
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="区（市）")
    managers = models.PositiveIntegerField("企业负责人（人次）", default=0)
    hr = models.PositiveIntegerField("人力资源工作人员（人次）", default=0)
    # When it was entered and changed last: a figure of an earlier day reads what was known then (RowVersion).
    entered_at = models.DateTimeField("录入时间", null=True, blank=True, editable=False)
    changed_at = models.DateTimeField("更新时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "参训人次"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["training", "subject"], name="one_attendance_per_subject"),
            models.CheckConstraint(condition=Q(managers__gt=0) | Q(hr__gt=0), name="attendance_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}（{self.managers + self.hr}人次）"
