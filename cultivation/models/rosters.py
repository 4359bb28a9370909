"""What changed on a confirmed roster: one row per subject added or taken off, with its reason and revision."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cultivation.enums import RosterChangeKind
from cultivation.models.enrollments import Enrollment
from cultivation.models.work_plans import CultivationRoster
from zaozhuang_portal.accounts.models import User


class RosterChange(models.Model):
    """调整记录 of a confirmed roster. `revision` is the one the change led to; all rows of one act share it."""

    roster = models.ForeignKey(
        CultivationRoster, models.CASCADE, related_name="changes", verbose_name="重点培育名单"
    )
    revision = models.PositiveIntegerField("版次")
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, related_name="roster_changes", verbose_name="重点培育"
    )
    kind = models.CharField("调整", max_length=8, choices=RosterChangeKind)
    reason = models.CharField("理由", max_length=200)
    document_number = models.CharField("文号", max_length=60, blank=True)
    changed_at = models.DateTimeField("调整时间")
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="调整人")

    class Meta:
        verbose_name = verbose_name_plural = "名单调整"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="roster_change_has_reason")]

    def __str__(self) -> str:
        return f"第{self.revision}版{self.get_kind_display()}：{self.enrollment.subject}"
