"""Who did what, written in the transaction of the act; sealed later into hash-chained batches (design §2)."""

from __future__ import annotations

from django.db import models


class AuditSeal(models.Model):
    """One batch of the chain: SHA-256 over the previous seal's hash and the batch's entries in id order."""

    sealed_at = models.DateTimeField("封存时间")
    entry_count = models.PositiveIntegerField("条数")
    previous_hash = models.CharField("上一批哈希", max_length=64, blank=True, unique=True)
    hash = models.CharField("哈希", max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计封存"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"第{self.pk}批 {self.hash[:12]}"


class AuditEntry(models.Model):
    """One act. (kind, object_id, label) stay as text, so no entry keeps a row from being deleted or moved."""

    at = models.DateTimeField("时间", db_index=True)
    user_id = models.BigIntegerField("用户编号", null=True, blank=True)
    user_name = models.CharField("用户", max_length=100, blank=True)
    role = models.CharField("角色", max_length=20, blank=True)
    organization_id = models.BigIntegerField("单位编号", null=True, blank=True, db_index=True)
    capacity = models.CharField("身份", max_length=160, blank=True)
    action = models.CharField("动作", max_length=60)
    kind = models.CharField("对象类别", max_length=40)
    object_id = models.CharField("对象编号", max_length=40, blank=True)
    label = models.CharField("对象", max_length=200, blank=True)
    changes = models.JSONField("变更", default=dict, blank=True)
    reason = models.TextField("理由", blank=True)
    ip = models.GenericIPAddressField("地址", null=True, blank=True)
    request_id = models.CharField("请求编号", max_length=40, blank=True)
    seal = models.ForeignKey(
        AuditSeal, models.PROTECT, null=True, blank=True, related_name="entries", verbose_name="封存批次"
    )

    class Meta:
        verbose_name = verbose_name_plural = "审计日志"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["kind", "object_id", "-id"], name="audit_of_object"),
            models.Index(fields=["user_id", "-id"], name="audit_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.user_name} {self.action} {self.label}"
