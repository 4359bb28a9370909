"""退回修改: a round names every defect at once and unlocks only the items it names (ux F30)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from evaluation.models.assessments import Assessment
from evaluation.rules.lengths import MAX_COMMENT
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.bounds import BoundedTextField


class ReturnRound(models.Model):
    """One return. It stays open, and keeps all other items locked, until the next review is opened."""

    assessment = models.ForeignKey(
        Assessment, models.CASCADE, related_name="return_rounds", verbose_name="自评"
    )
    number = models.PositiveSmallIntegerField("次数")
    returned_at = models.DateTimeField("退回时间")
    returned_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="退回人")
    comment = BoundedTextField("退回意见", max_length=MAX_COMMENT)
    due_on = models.DateField("修改截止")
    answered_at = models.DateTimeField("重新提交时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "退回"
        ordering = ["assessment_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="unique_return_round"),
            models.UniqueConstraint(
                fields=["assessment"], condition=Q(closed_at__isnull=True), name="one_open_return_round"
            ),
            models.CheckConstraint(condition=~Q(comment=""), name="return_has_comment"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}次退回"


class ReturnedItem(models.Model):
    """One returned indicator or declaration. Resolved by the subject's next save of that item."""

    round = models.ForeignKey(ReturnRound, models.CASCADE, related_name="items", verbose_name="退回")
    # Code of an indicator, veto, deduction or survey of the set.
    indicator = models.CharField("指标", max_length=20)
    comment = BoundedTextField("退回意见", max_length=MAX_COMMENT)
    # What the SELF layer held when it was returned (LayerRows.self_content), for the before/after view (ux F30).
    before = models.JSONField("退回前内容", default=dict, blank=True)
    resolved_at = models.DateTimeField("修改时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "退回事项"
        ordering = ["round_id", "indicator"]
        constraints = [
            models.UniqueConstraint(fields=["round", "indicator"], name="unique_returned_item"),
            models.CheckConstraint(condition=~Q(comment=""), name="returned_item_has_comment"),
        ]

    def __str__(self) -> str:
        return self.indicator
