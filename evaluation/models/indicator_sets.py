"""评价标准（版本）: an indicator set is data, immutable once published (design §4, §10)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from evaluation.rules.standards import standard_number
from zaozhuang_portal.accounts.models import User


class IndicatorSetStatus(models.TextChoices):
    RECONSTRUCTION = "RECONSTRUCTION", "重构稿，待官方文本核定"
    OFFICIAL = "OFFICIAL", "官方文本"


class IndicatorSetState(models.TextChoices):
    DRAFT = "DRAFT", "草稿"
    PUBLISHED = "PUBLISHED", "已发布"
    RETIRED = "RETIRED", "已停用"


class IndicatorSet(models.Model):
    """One version of one standard. `definition` is the canonical form written by evaluation.rules; assessments pin the row."""

    code = models.CharField("标准号", max_length=40)
    version = models.CharField("版本", max_length=40)
    title = models.CharField("名称", max_length=120)
    status = models.CharField("来源", max_length=20, choices=IndicatorSetStatus)
    state = models.CharField(
        "状态", max_length=12, choices=IndicatorSetState, default=IndicatorSetState.DRAFT
    )
    definition = models.JSONField("内容")
    content_hash = models.CharField("SHA-256", max_length=64)
    effective_from = models.DateField("生效日期")
    loaded_at = models.DateTimeField("载入时间")
    loaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="载入人")
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发布人")

    class Meta:
        verbose_name = verbose_name_plural = "评价标准"
        ordering = ["code", "-effective_from", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="unique_indicator_set_version"),
            models.CheckConstraint(
                condition=Q(state=IndicatorSetState.DRAFT, published_at__isnull=True)
                | (~Q(state=IndicatorSetState.DRAFT) & Q(published_at__isnull=False)),
                name="published_indicator_set_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.standard_number}）"

    @property
    def standard_number(self) -> str:
        """The public number of the standard, 「DB37/T 4077—2020」; `version` tells the portal's own editions apart."""
        return standard_number(self.code, self.version)

    @property
    def is_reconstruction(self) -> bool:
        return self.status == IndicatorSetStatus.RECONSTRUCTION
