"""Campaign years 2023–2027 with statistical period, milestones and targets, all as data."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cultivation.enums import TargetMetric
from zaozhuang_portal.accounts.models import Organization, User


class CampaignYear(models.Model):
    """年度. `period_start`–`period_end` is the statistical period, both days included (default 1 Dec – 30 Nov)."""

    year = models.PositiveSmallIntegerField("年度", primary_key=True)
    period_start = models.DateField("统计期起")
    period_end = models.DateField("统计期止")
    # From the day after this one an unmet target is 未达标. The notice sets none: 系统设定.
    cutoff_on = models.DateField("目标判定日")
    # Off for a year before the portal went into use: what it lacks is to be back-filled (补录), without alarms, and a
    # past roster or report of it may be entered from paper. On: what was owed and never done stays owed.
    in_use = models.BooleanField("门户启用后的年度", default=True)
    # Closed by the city's act once its reports are received (design §3): afterwards rosters, assessments and ledgers of the
    # year change only under a YearCorrection the city consented to. What was open then may still be finished.
    closed_at = models.DateTimeField("封存时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="封存人"
    )
    close_reason = models.CharField("封存说明", max_length=200, blank=True)
    # The notice reads "1 park or township"; on, it asks for one of each.
    separate_park_and_township = models.BooleanField("园区与乡镇（街道）分别计数", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "年度"
        ordering = ["year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year__gte=2023, year__lte=2027), name="campaign_years_2023_2027"
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")), name="statistical_period_order"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | (Q(closed_by__isnull=False) & ~Q(close_reason="")),
                name="closed_year_has_author_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年度"


class Milestone(models.Model):
    """时间节点: a date of the notice with its clause, or one the portal sets (系统设定)."""

    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="milestones", verbose_name="年度")
    code = models.CharField("代码", max_length=40)
    name = models.CharField("事项", max_length=80)
    due_on = models.DateField("截止日")
    clause = models.CharField("依据", max_length=40, blank=True)
    system_default = models.BooleanField("系统设定", default=False)
    # Only for what the portal holds no records of (市级抽查, 评估): the city says when it was done, and by what paper.
    done_on = models.DateField("完成日期", null=True, blank=True)
    done_basis = models.CharField("完成依据", max_length=160, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "时间节点"
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["year", "code"], name="unique_milestone"),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True, done_basis="")
                | (Q(done_on__isnull=False) & ~Q(done_basis="")),
                name="done_milestone_has_basis",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year_id}年度{self.name}"


class AnnualTarget(models.Model):
    """目标任务: what one organization owes in one year. `maximum` empty: no upper bound.

    A change needs a reason and a document number; both stand on the row, the old value in the audit log.
    """

    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="targets", verbose_name="年度")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="targets", verbose_name="单位"
    )
    metric = models.CharField("指标", max_length=40, choices=TargetMetric)
    minimum = models.PositiveSmallIntegerField("最少")
    maximum = models.PositiveSmallIntegerField("最多", null=True, blank=True)
    clause = models.CharField("依据", max_length=60)
    change_reason = models.CharField("调整理由", max_length=200, blank=True)
    change_document = models.CharField("调整文号", max_length=60, blank=True)
    # When it was entered and changed last: a figure of an earlier day reads what was known then (RowVersion).
    entered_at = models.DateTimeField("录入时间", null=True, blank=True, editable=False)
    changed_at = models.DateTimeField("更新时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "目标任务"
        ordering = ["year_id", "organization_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["year", "organization", "metric"], name="unique_target"),
            models.CheckConstraint(
                condition=Q(maximum__isnull=True) | Q(maximum__gte=F("minimum")),
                name="target_maximum_not_below_minimum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year_id}年度 {self.organization} {self.get_metric_display()}"
