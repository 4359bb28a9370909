"""Which pages with scores of the checked subject an inspector opened while he was to judge blind (design §4a)."""

from __future__ import annotations

from django.db import models

from evaluation.models.spot_checks.checks import SpotCheck
from zaozhuang_portal.accounts.models import User


class ScoreLook(models.Model):
    """The first look of one person at one address during one check: printed on its record, never changed."""

    check_record = models.ForeignKey(
        SpotCheck, models.CASCADE, related_name="score_looks", verbose_name="抽查"
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="查看人")
    page = models.CharField("页面", max_length=80)
    address = models.CharField("地址", max_length=200)
    looked_at = models.DateTimeField("首次查看时间")

    class Meta:
        verbose_name = verbose_name_plural = "得分查看"
        ordering = ["check_record_id", "looked_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["check_record", "user", "address"], name="one_look_per_address")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.page}"
