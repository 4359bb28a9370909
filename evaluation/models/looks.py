"""Which sections of a form a reviewer has opened: nothing is agreed to in bulk that was not looked at."""

from __future__ import annotations

from django.db import models

from evaluation.enums import ENTERED_LAYER_CHOICES
from evaluation.models.assessments import Assessment
from zaozhuang_portal.accounts.models import User


class SectionLook(models.Model):
    """One reviewer opened one section. It holds for the review it was opened in: one opened later is looked at anew."""

    assessment = models.ForeignKey(
        Assessment, models.CASCADE, related_name="section_looks", verbose_name="自评"
    )
    layer = models.CharField("层级", max_length=10, choices=ENTERED_LAYER_CHOICES)
    section = models.CharField("部分", max_length=20)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="核验人")
    looked_at = models.DateTimeField("查看时间")

    class Meta:
        verbose_name = verbose_name_plural = "核验查看"
        ordering = ["assessment_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "layer", "section", "user"], name="one_look_per_section_and_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.section} {self.user}"
