"""导入批次: the staged file, what the check found, and what confirming changed (for the marked file and the undo)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from cultivation.enums import ImportSource, ImportState
from zaozhuang_portal.accounts.models import Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


def staged_name(batch: ImportBatch, filename: str) -> str:
    return f"imports/{batch.uid.hex[:2]}/{batch.uid.hex}"


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, actor: Actor) -> ImportBatchQuerySet:
        """City: all. District office and members: their own district's. Everybody else: none."""
        if actor.is_city:
            return self
        district = actor.district
        return self.filter(organization_id=district.pk) if actor.is_district and district else self.none()


class ImportBatch(models.Model):
    """One file or paste on its way into the register. Nothing is in the register before CONFIRMED.

    `mapping` is the user's choice (heading → field key, "" = not used). The counts are those of the last check
    until CONFIRMED, then those of what was written. `digest` is the SHA-256 of the plan the user saw: confirming
    a plan that has changed since is refused. `code_note` is the word for wrong check digits. `kind` is one of the
    register (rules.imports_fields.ImportKind) or the slug of a ledger, `kind_label` its word when it was staged.
    With `backfilled` every row is marked 补录 with `source_document` (历史补录).
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("类别代码", max_length=40)
    kind_label = models.CharField("类别", max_length=40)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="区（市）")
    source = models.CharField("来源", max_length=8, choices=ImportSource)
    label = models.CharField("文件名", max_length=160)
    file = models.FileField("文件", upload_to=staged_name, max_length=120)
    sha256 = models.CharField("SHA-256", max_length=64)
    state = models.CharField("状态", max_length=10, choices=ImportState, default=ImportState.STAGED)
    mapping = models.JSONField("列对应", default=dict, blank=True)
    code_note = models.CharField("校验位不符的说明", max_length=100, blank=True)
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("补录来源", max_length=160, blank=True)
    row_count = models.PositiveIntegerField("数据行", default=0)
    created_count = models.PositiveIntegerField("新增", default=0)
    changed_count = models.PositiveIntegerField("更新", default=0)
    unchanged_count = models.PositiveIntegerField("不变", default=0)
    error_row_count = models.PositiveIntegerField("错误行", default=0)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    started_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发起人")
    started_at = models.DateTimeField("发起时间")
    checked_at = models.DateTimeField("校验时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("导入时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="导入人"
    )
    cancelled_at = models.DateTimeField("放弃时间", null=True, blank=True)
    undone_at = models.DateTimeField("撤销时间", null=True, blank=True)
    job_uid = models.UUIDField("后台任务", null=True, blank=True, editable=False)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[ImportState.CONFIRMED, ImportState.UNDONE], confirmed_at__isnull=False)
                | (~Q(state__in=[ImportState.CONFIRMED, ImportState.UNDONE]) & Q(confirmed_at__isnull=True)),
                name="import_confirmed_has_date",
            ),
            models.CheckConstraint(
                condition=Q(state=ImportState.UNDONE, undone_at__isnull=False)
                | (~Q(state=ImportState.UNDONE) & Q(undone_at__isnull=True)),
                name="import_undone_has_date",
            ),
            models.CheckConstraint(
                condition=Q(state=ImportState.CANCELLED, cancelled_at__isnull=False)
                | (~Q(state=ImportState.CANCELLED) & Q(cancelled_at__isnull=True)),
                name="import_cancelled_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=ImportState.CHECKED) | Q(checked_at__isnull=False),
                name="import_checked_has_date",
            ),
            models.CheckConstraint(
                condition=Q(backfilled=False) | ~Q(source_document=""), name="backfill_import_has_source"
            ),
        ]
        indexes = [models.Index(fields=["organization", "-id"], name="import_of_organization")]

    def __str__(self) -> str:
        return f"{self.kind_label}导入：{self.label}"


class ImportReport(models.Model):
    """The long part of a batch, kept apart so that lists do not read it.

    `doubts`: every error and warning. `preview`: samples of what would change. `outcomes`: what became of each
    row, for the marked workbook. `undo_log`: ids, versions and old values, written when the batch is confirmed.
    """

    batch = models.OneToOneField(ImportBatch, models.CASCADE, primary_key=True, related_name="report")
    doubts = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    outcomes = models.JSONField(default=dict)
    undo_log = models.JSONField(default=dict)
    undo_result = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "导入报告"

    def __str__(self) -> str:
        return f"报告：{self.batch_id}"
