"""Work that takes time (design §6): the row is the truth, the broker message only a nudge."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.operations.enums import JobState

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, actor: Actor) -> JobQuerySet:
        """A person's own jobs, in whichever capacity they were requested."""
        return self.filter(requested_by=actor.user)

    def open(self) -> JobQuerySet:
        return self.filter(state__in=[JobState.PENDING, JobState.RUNNING])

    def listed(self) -> JobQuerySet:
        """Without those the requester removed from the download centre."""
        return self.filter(removed_at__isnull=True)

    def unseen(self) -> JobQuerySet:
        """Ended, and not yet looked at: what the badge counts (ux L4)."""
        return self.listed().filter(state__in=[JobState.DONE, JobState.FAILED], seen_at__isnull=True)


class Job(models.Model):
    """One requested piece of work.

    `kind` is a key registered with operations.registry.register_job_kind in AppConfig.ready(); `parameters` are ids and plain
    values only. The requester's capacity is kept, so that the work runs with the requester's rights, checked
    again when it runs. RUNNING holds a lease: token and expiry, renewed by a heartbeat.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("类别", max_length=40)
    title = models.CharField("名称", max_length=160)
    parameters = models.JSONField("参数", default=dict)
    # SHA-256 over kind, capacity and parameters: a second press within 60 s returns the same job (ux L1).
    fingerprint = models.CharField(max_length=64)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="jobs", verbose_name="发起人")
    capacity_key = models.CharField("发起身份", max_length=24)
    capacity_label = models.CharField("发起身份名称", max_length=160, blank=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="范围"
    )
    requested_at = models.DateTimeField("发起时间")
    state = models.CharField("状态", max_length=12, choices=JobState, default=JobState.PENDING)
    # When the broker was last told; empty when telling failed. The sweep tells again (design §6).
    nudged_at = models.DateTimeField(null=True, blank=True, editable=False)
    not_before = models.DateTimeField("最早开始", null=True, blank=True)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    stage = models.CharField("阶段", max_length=60, blank=True)
    done_count = models.PositiveIntegerField("已完成", default=0)
    total_count = models.PositiveIntegerField("总数", null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    error = models.TextField("原因", blank=True)
    error_code = models.CharField("错误编号", max_length=20, blank=True)
    result = models.JSONField("结果", default=dict, blank=True)
    seen_at = models.DateTimeField("查看时间", null=True, blank=True)
    expires_at = models.DateTimeField("文件保留至", null=True, blank=True)
    removed_at = models.DateTimeField("移出下载中心时间", null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(state=JobState.RUNNING, lease_token__isnull=False, lease_until__isnull=False)
                    | (~Q(state=JobState.RUNNING) & Q(lease_token__isnull=True, lease_until__isnull=True))
                ),
                name="job_lease_only_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[JobState.PENDING, JobState.RUNNING], finished_at__isnull=True)
                | (~Q(state__in=[JobState.PENDING, JobState.RUNNING]) & Q(finished_at__isnull=False)),
                name="job_finished_at_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(total_count__isnull=True) | Q(done_count__lte=F("total_count")),
                name="job_count_in_total",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state__in=[JobState.PENDING, JobState.RUNNING]),
                name="job_open",
            ),
            models.Index(fields=["requested_by", "-id"], name="job_of_user"),
            models.Index(fields=["fingerprint", "-id"], name="job_fingerprint"),
            models.Index(fields=["expires_at"], condition=Q(state=JobState.DONE), name="job_expiry"),
        ]

    def __str__(self) -> str:
        return self.title
