"""通知: a line for one person, with a link. (kind, object_id) stay as text (design §1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from zaozhuang_portal.accounts.models import User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, actor: Actor) -> NotificationQuerySet:
        """A person's own, in every capacity."""
        return self.filter(user=actor.user)

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at__isnull=True)


class Notification(models.Model):
    user = models.ForeignKey(User, models.CASCADE, related_name="notifications", verbose_name="收件人")
    at = models.DateTimeField("时间")
    title = models.CharField("标题", max_length=160)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    kind = models.CharField("对象类别", max_length=40, blank=True)
    object_id = models.CharField("对象编号", max_length=40, blank=True)
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["user", "-id"], condition=Q(read_at__isnull=True), name="notification_unread"
            ),
            models.Index(fields=["user", "-id"], name="notification_of_user"),
        ]

    def __str__(self) -> str:
        return self.title
