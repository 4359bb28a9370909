"""What was told of a term: each mark once, whatever the beat does."""

from __future__ import annotations

from django.db import models

from evaluation.models.rectifications.rectifications import Rectification


class RectificationReminder(models.Model):
    """One mark of a term that was told: percent of it passed, 100 when it is overdue. A term that was moved by an
    extension is another one (`due_on`)."""

    rectification = models.ForeignKey(
        Rectification, models.CASCADE, related_name="reminders", verbose_name="整改"
    )
    due_on = models.DateField("整改截止")
    mark = models.PositiveSmallIntegerField("已过期限（百分比）")
    told_at = models.DateTimeField("提醒时间")

    class Meta:
        verbose_name = verbose_name_plural = "整改期限提醒"
        ordering = ["rectification_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rectification", "due_on", "mark"], name="one_reminder_per_mark_of_a_term"
            )
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.mark}%"
