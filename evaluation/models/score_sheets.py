"""得分表: derived, one per layer and one EFFECTIVE; rewritten in the transaction of each save (design §4)."""

from __future__ import annotations

from django.db import models

from evaluation.enums import Layer, Qualification
from evaluation.models.assessments import Assessment


class ScoreSheet(models.Model):
    """The result of evaluation.rules for one layer. All lists follow the order of the indicator set.

    `marks` are hundredths of a point or null; `states` has one letter per item: S scored, U unanswered,
    N not applicable. `entered_count` counts the items this layer entered itself (EFFECTIVE: those above SELF,
    that is 已核 x of `item_count`).
    """

    assessment = models.ForeignKey(
        Assessment, models.CASCADE, related_name="score_sheets", verbose_name="自评"
    )
    layer = models.CharField("层级", max_length=10, choices=Layer)
    marks = models.JSONField("得分（百分之一分）")
    states = models.CharField("状态", max_length=400)
    dimension_scores = models.JSONField("各项目得分（百分之一分）")
    deductions = models.DecimalField("扣分", max_digits=7, decimal_places=2)
    total = models.DecimalField("得分", max_digits=7, decimal_places=2)
    applicable_max = models.DecimalField("适用满分", max_digits=7, decimal_places=2)
    scored_max = models.DecimalField("已评满分", max_digits=7, decimal_places=2)
    scaled_total = models.DecimalField("折算得分", max_digits=7, decimal_places=2)
    qualification = models.CharField("结果", max_length=12, choices=Qualification)
    reasons = models.JSONField("原因", default=list)
    item_count = models.PositiveSmallIntegerField("指标数")
    answered_count = models.PositiveSmallIntegerField("已答数")
    entered_count = models.PositiveSmallIntegerField("本级填写数")
    computed_at = models.DateTimeField("计算时间")

    class Meta:
        verbose_name = verbose_name_plural = "得分表"
        ordering = ["assessment_id", "id"]
        constraints = [models.UniqueConstraint(fields=["assessment", "layer"], name="unique_score_sheet")]
        indexes = [models.Index(fields=["layer", "qualification", "scaled_total"], name="score_sheet_result")]

    def __str__(self) -> str:
        return f"{self.get_layer_display()}得分 {self.total}"
