"""落实情况检查表: the clauses a district is checked against, as data, versioned like an indicator set."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from evaluation.enums import ChecklistState
from evaluation.rules.spot_checks.checklists import RECONSTRUCTION
from zaozhuang_portal.accounts.models import User


class InspectionChecklist(models.Model):
    """One version of the district's checklist. `lines` is the canonical form written by rules.spot_checks.checklists.

    A published version never changes; rounds pin the row they were planned with.
    """

    code = models.CharField("检查表编号", max_length=40)
    version = models.CharField("版本", max_length=40)
    title = models.CharField("名称", max_length=120)
    source = models.CharField("来源说明", max_length=200)
    state = models.CharField("状态", max_length=12, choices=ChecklistState, default=ChecklistState.DRAFT)
    lines = models.JSONField("检查事项")
    content_hash = models.CharField("SHA-256", max_length=64)
    loaded_at = models.DateTimeField("载入时间")
    loaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="载入人")
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发布人")

    class Meta:
        verbose_name = verbose_name_plural = "落实情况检查表"
        ordering = ["code", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="unique_checklist_version"),
            models.CheckConstraint(
                condition=Q(state=ChecklistState.DRAFT, published_at__isnull=True)
                | (~Q(state=ChecklistState.DRAFT) & Q(published_at__isnull=False)),
                name="published_checklist_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.version}{'，' + RECONSTRUCTION if self.is_reconstruction else ''}）"

    @property
    def is_reconstruction(self) -> bool:
        """Ours, not an official text: said wherever it is shown."""
        return self.source.startswith(RECONSTRUCTION)
