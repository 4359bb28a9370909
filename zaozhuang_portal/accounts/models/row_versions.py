"""Former states of rows that figures are counted from, kept by triggers: what a figure of a past day is reckoned from."""

from __future__ import annotations

from django.db import models


class RowVersion(models.Model):
    """`content` is what the row held until `until` (exclusive), columns by name. Written by the database, never changed."""

    table_name = models.CharField("数据表", max_length=64)
    row_id = models.BigIntegerField("行")
    until = models.DateTimeField("有效至")
    content = models.JSONField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "历史状态"
        ordering = ["id"]
        indexes = [models.Index(fields=["until", "table_name", "row_id"], name="row_version_until")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}（至{self.until}）"
