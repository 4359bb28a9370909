"""Choices of the operations app."""

from __future__ import annotations

from django.db.models import TextChoices


class JobState(TextChoices):
    PENDING = "PENDING", "排队中"
    RUNNING = "RUNNING", "进行中"
    DONE = "DONE", "已完成"
    FAILED = "FAILED", "未完成"
    CANCELLED = "CANCELLED", "已取消"
    EXPIRED = "EXPIRED", "已过期"


class AttachmentPurpose(TextChoices):
    """What a file of a record is: the paper of the record come back, or anything else (photos, documents)."""

    OTHER = "OTHER", "其他材料"
    SCAN = "SCAN", "盖章（签字）扫描件"


# Owner kind of the result files of jobs.
JOB_FILES = "job"
