"""Files. Stored under a name the server makes, outside every web root, served by the application only."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.operations.enums import AttachmentPurpose


def storage_name(attachment: Attachment, filename: str) -> str:
    return f"attachments/{attachment.uid.hex[:2]}/{attachment.uid.hex}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """No visible_to here: who may see a file is asked per owner kind, operations.access.may_read_attachment()."""

    def current(self) -> AttachmentQuerySet:
        return self.filter(removed_at__isnull=True)

    def of(self, owner_kind: str, *owner_ids: int) -> AttachmentQuerySet:
        """The files of these owners, not removed, oldest first."""
        return self.current().filter(owner_kind=owner_kind, owner_id__in=owner_ids).order_by("id")

    def scans(self, owner_kind: str) -> AttachmentQuerySet:
        """The signed or stamped papers of this kind of owner, not removed: the only files a count relies on."""
        return self.current().filter(owner_kind=owner_kind, purpose=AttachmentPurpose.SCAN)

    def total_size(self) -> int:
        """Bytes."""
        return self.aggregate(total=models.Sum("size"))["total"] or 0


class Attachment(models.Model):
    """One checked file. (owner_kind, owner_id) name what it belongs to; the app that owns that kind decides who may see it.

    `owner_kind` is a key registered with operations.access.register_attachment_access in AppConfig.ready().
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner_kind = models.CharField("归属类别", max_length=40)
    owner_id = models.BigIntegerField("归属编号")
    purpose = models.CharField(
        "用途", max_length=8, choices=AttachmentPurpose, default=AttachmentPurpose.OTHER
    )
    file = models.FileField("文件", upload_to=storage_name, max_length=200)
    label = models.CharField("文件名", max_length=160)
    content_type = models.CharField("类型", max_length=120)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="管理单位"
    )
    valid_until = models.DateField("有效期至", null=True, blank=True)
    removed_at = models.DateTimeField("删除时间", null=True, blank=True)
    # A new version of a file of a sealed record; the old one stays beside it, readable.
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="替换"
    )

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            models.CheckConstraint(
                condition=Q(purpose__in=AttachmentPurpose.values), name="attachment_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("id")), name="attachment_replaces_another"
            ),
        ]
        indexes = [
            models.Index(fields=["owner_kind", "owner_id"], name="attachment_owner"),
            models.Index(fields=["sha256"], name="attachment_sha256"),
        ]

    # Set by selectors.attachments.attachments_of(): the name of an earlier file of the owner with the same content.
    duplicate_of: str = ""
    # Set by selectors.attachments.mark_versions(): 1 for a file that replaces none; whether a newer version stands
    # beside it; the word (报送后) when it came after its owner was sealed; whether its owner is sealed now.
    version: int = 1
    superseded: bool = False
    after_seal: str = ""
    sealed: bool = False

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("operations:file", args=[self.uid])

    @property
    def name(self) -> str:
        return self.label

    @property
    def is_image(self) -> bool:
        """Shown in place; everything else is a download."""
        return self.content_type in {"image/jpeg", "image/png"}
