"""Period figures of a district: 签订率, 建会, 集体合同, 争议, 欠薪. Ratios are derived, never typed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cultivation.enums import FigurePeriod
from cultivation.models.records import LIVE, Record


class PeriodFigure(Record):
    """One figure of one district and period. `code` is one of rules.period_figures; a count has no denominator."""

    period = models.CharField("期间", max_length=12, choices=FigurePeriod)
    code = models.CharField("指标", max_length=32)
    numerator = models.DecimalField("数值（分子）", max_digits=16, decimal_places=2)
    denominator = models.DecimalField("分母", max_digits=16, decimal_places=2, null=True, blank=True)
    source = models.CharField("数据来源", max_length=100, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "统计指标"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "year", "period", "code"], condition=LIVE, name="unique_period_figure"
            ),
            models.CheckConstraint(condition=Q(numerator__gte=0), name="period_figure_not_negative"),
            models.CheckConstraint(
                condition=Q(denominator__isnull=True) | Q(denominator__gt=0, numerator__lte=F("denominator")),
                name="period_figure_is_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year_id}年度{self.get_period_display()} {self.code}"
