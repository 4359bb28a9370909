"""整改提升: a lost point of an assessment taken up by the unit itself, without an order (peers.md row 40)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from evaluation.enums import ImprovementState
from evaluation.models.assessments import Assessment
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.bounds import BoundedTextField

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class ImprovementQuerySet(models.QuerySet["Improvement"]):
    def visible_to(self, actor: Actor) -> ImprovementQuerySet:
        """Those of the assessments the actor may see."""
        return self.filter(assessment__in=Assessment.objects.visible_to(actor).order_by().values("pk"))

    def open(self) -> ImprovementQuerySet:
        return self.filter(state=ImprovementState.OPEN)


class Improvement(models.Model):
    """One lost point with its measure, person and date. `lost` in hundredths of a point when it was taken up."""

    assessment = models.ForeignKey(
        Assessment, models.CASCADE, related_name="improvements", verbose_name="自评"
    )
    indicator = models.CharField("指标", max_length=20)
    title = models.CharField("指标名称", max_length=200)
    lost = models.PositiveIntegerField("失分（百分之一分）")
    measure = BoundedTextField("措施", max_length=1000, blank=True)
    person = models.CharField("责任人", max_length=40, blank=True)
    due_on = models.DateField("完成时限", null=True, blank=True)
    state = models.CharField("状态", max_length=8, choices=ImprovementState, default=ImprovementState.OPEN)
    result = BoundedTextField("完成情况", max_length=1000, blank=True)
    done_on = models.DateField("完成日期", null=True, blank=True)
    created_at = models.DateTimeField("列入时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="列入人")
    updated_at = models.DateTimeField("更新时间")

    objects = ImprovementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改提升"
        ordering = ["assessment_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "indicator"], name="unique_improvement"),
            models.CheckConstraint(
                condition=~Q(state=ImprovementState.DONE) | (Q(done_on__isnull=False) & ~Q(result="")),
                name="done_improvement_has_result",
            ),
            models.CheckConstraint(
                condition=~Q(state=ImprovementState.DROPPED) | ~Q(result=""),
                name="dropped_improvement_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.title}"

    @property
    def lost_points(self) -> Decimal:
        return Decimal(self.lost) / 100

    @property
    def is_open(self) -> bool:
        return self.state == ImprovementState.OPEN
