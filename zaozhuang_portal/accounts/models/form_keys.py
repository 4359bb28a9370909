"""Which forms were sent and where they led, for a day: a second sending leads to what the first one made."""

from __future__ import annotations

from django.db import models

from zaozhuang_portal.accounts.models.users import User


class FormKey(models.Model):
    """One form of one person that was sent. The row is written in the transaction of the act it stands for."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="用户")
    key = models.CharField("表单标识", max_length=32)
    path = models.CharField("地址", max_length=300)
    digest = models.CharField("内容校验码", max_length=64)
    target = models.CharField("去向", max_length=500, blank=True)
    sent_at = models.DateTimeField("提交时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "已提交的表单"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="form_sent_once")]

    def __str__(self) -> str:
        return f"{self.path} {self.key}"
