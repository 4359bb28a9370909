"""催办: how often and when a thing that waits was reminded of. One row per thing; (kind, object_id) stay as text.

期限提醒: who was told of the dates around a day.
"""

from __future__ import annotations

from django.db import models

from zaozhuang_portal.accounts.models import User


class Reminder(models.Model):
    """`kind` and `object_id` name the thing, `label` says it in words. At most one reminder in 24 hours: services."""

    kind = models.CharField("对象类别", max_length=40)
    object_id = models.CharField("对象编号", max_length=40)
    label = models.CharField("对象", max_length=200)
    count = models.PositiveIntegerField("次数", default=1)
    last_at = models.DateTimeField("最近催办")
    last_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="催办人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "催办"
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="one_reminder_row_per_object"),
            models.CheckConstraint(condition=models.Q(count__gt=0), name="reminder_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.label}：已催办 {self.count} 次"


class ReminderDigest(models.Model):
    """期限提醒: one per person and day, so that no run, and no two workers at once, tell anybody twice.

    `run` marks the rows of one run: it tells exactly those it wrote itself.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="收件人")
    day = models.DateField("日期")
    things = models.PositiveIntegerField("项数")
    run = models.UUIDField(editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "期限提醒"
        ordering = ["-day", "user_id"]
        constraints = [
            models.UniqueConstraint(fields=["day", "user"], name="one_digest_per_person_and_day"),
            models.CheckConstraint(condition=models.Q(things__gt=0), name="digest_tells_something"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.user}：{self.things} 项"
