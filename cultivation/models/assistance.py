"""用工咨询、矛盾纠纷调解、企业文化活动. No worker's name is stored anywhere (notice 三（二）1, 2: C052–C053, C061)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cultivation.enums import AdvisoryOutcome, AdvisoryTopic, CultureKind, MediationOutcome, MediationTopic
from cultivation.models.records import LIVE, DatedRecord, SubjectRecordQuerySet, subject_key
from zaozhuang_portal.accounts.models import MemberUnit
from zaozhuang_portal.kernel.bounds import BoundedTextField


class EmploymentAdvisory(DatedRecord):
    """用工咨询: one case (`tally` False, count 1), or a month's number of one topic and outcome (`tally` True)."""

    subject = subject_key("advisories", required=False)
    topic = models.CharField("咨询类别", max_length=20, choices=AdvisoryTopic)
    outcome = models.CharField(
        "办理结果", max_length=16, choices=AdvisoryOutcome, default=AdvisoryOutcome.ANSWERED
    )
    tally = models.BooleanField("按月汇总", default=False)
    count = models.PositiveIntegerField("件数", default=1)
    provider = models.ForeignKey(
        MemberUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="服务单位"
    )
    summary = BoundedTextField("内容摘要", max_length=4000, blank=True)

    objects = SubjectRecordQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "用工咨询"
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(count__gte=1), name="advisory_count_positive"),
            models.CheckConstraint(condition=Q(tally=True) | Q(count=1), name="single_advisory_counts_one"),
            models.CheckConstraint(
                condition=Q(tally=False) | Q(happened_on__day=1), name="advisory_tally_first_of_month"
            ),
            models.UniqueConstraint(
                fields=["organization", "happened_on", "topic", "outcome"],
                condition=LIVE & Q(tally=True, subject__isnull=True, township__isnull=True),
                name="one_advisory_tally_per_month",
            ),
            models.UniqueConstraint(
                fields=["organization", "township", "happened_on", "topic", "outcome"],
                condition=LIVE & Q(tally=True, subject__isnull=True, township__isnull=False),
                name="one_advisory_tally_per_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()}咨询 {self.count} 件"


class Mediation(DatedRecord):
    """矛盾纠纷调解: one case, or a month's number of one topic and outcome. `amount` in 元."""

    subject = subject_key("mediations", required=False)
    topic = models.CharField("纠纷类别", max_length=20, choices=MediationTopic)
    outcome = models.CharField(
        "调解结果", max_length=16, choices=MediationOutcome, default=MediationOutcome.OPEN
    )
    tally = models.BooleanField("按月汇总", default=False)
    count = models.PositiveIntegerField("件数", default=1)
    people_count = models.PositiveIntegerField("涉及人数", null=True, blank=True)
    amount = models.DecimalField("涉及金额（元）", max_digits=14, decimal_places=2, null=True, blank=True)
    mediator_body = models.CharField("调解组织", max_length=100, blank=True)
    closed_on = models.DateField("结案日期", null=True, blank=True)
    summary = BoundedTextField("情况摘要", max_length=4000, blank=True)

    objects = SubjectRecordQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "矛盾纠纷调解"
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(condition=Q(count__gte=1), name="mediation_count_positive"),
            models.CheckConstraint(condition=Q(tally=True) | Q(count=1), name="single_mediation_counts_one"),
            models.CheckConstraint(
                condition=Q(tally=False) | Q(happened_on__day=1), name="mediation_tally_first_of_month"
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("happened_on")),
                name="mediation_period",
            ),
            models.UniqueConstraint(
                fields=["organization", "happened_on", "topic", "outcome"],
                condition=LIVE & Q(tally=True, subject__isnull=True, township__isnull=True),
                name="one_mediation_tally_per_month",
            ),
            models.UniqueConstraint(
                fields=["organization", "township", "happened_on", "topic", "outcome"],
                condition=LIVE & Q(tally=True, subject__isnull=True, township__isnull=False),
                name="one_mediation_tally_per_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()}调解 {self.count} 件"


class CultureActivity(DatedRecord):
    """企业文化、职工文化活动 of a firm."""

    subject = subject_key("culture_activities")
    kind = models.CharField("类别", max_length=20, choices=CultureKind)
    title = models.CharField("活动名称", max_length=120)
    participants = models.PositiveIntegerField("参加人数", null=True, blank=True)
    summary = BoundedTextField("活动情况", max_length=4000, blank=True)

    objects = SubjectRecordQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "企业文化活动"

    def __str__(self) -> str:
        return self.title
