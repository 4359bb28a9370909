"""快照: the selectors' results at one moment, as canonical JSON with its SHA-256. Never changed (design §5)."""

from __future__ import annotations

from django.db import models

from cultivation.models import CampaignYear
from zaozhuang_portal.accounts.models import Organization, User


class Snapshot(models.Model):
    """`figures` is the canonical text itself, so that the hash can be recomputed from what is stored."""

    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="snapshots", verbose_name="年度")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="snapshots", verbose_name="单位"
    )
    as_of = models.DateField("数据截至")
    taken_at = models.DateTimeField("生成时间")
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="生成人")
    figures = models.TextField("数据")
    sha256 = models.CharField("SHA-256", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "快照"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.organization}{self.year_id}年度数据（截至{self.as_of}）"
