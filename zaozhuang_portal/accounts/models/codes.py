"""One-time codes and links: password reset, sign-in by SMS, claims. Only a keyed hash of the code is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from zaozhuang_portal.accounts.models.users import User


class OneTimeCode(models.Model):
    """A secret that works once. `key` says for whom it is: user number, phone number, credit code.

    `payload` carries what the redeeming service needs, as plain values. At most one code is open per purpose and key.
    """

    purpose = models.CharField("用途", max_length=40)
    key = models.CharField("对象", max_length=80)
    code_hash = models.CharField(max_length=64)
    # Six digits for a telephone: few tries.
    short = models.BooleanField(default=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="one_time_codes")
    payload = models.JSONField(default=dict, blank=True)
    issued_at = models.DateTimeField("签发时间")
    issued_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签发人"
    )
    expires_at = models.DateTimeField("有效期至")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)
    revoked_at = models.DateTimeField("作废时间", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("错误次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "一次性验证码"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True), name="code_used_or_revoked"
            ),
            models.UniqueConstraint(
                fields=["purpose", "key"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="one_open_code_per_key",
            ),
        ]
        indexes = [models.Index(fields=["purpose", "key", "-issued_at"], name="code_of_key")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key}".strip()
