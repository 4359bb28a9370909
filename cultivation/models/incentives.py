"""创建激励措施: what a firm may expect for taking part, and on which document it stands. Notice 一 (C012), 三（三）.

To whom a measure was granted (兑现) is told beside the title it belongs to, not here.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cultivation.enums import IncentiveKind, IncentiveLevel
from cultivation.models.records import LIVE, Record, SharedRecordQuerySet
from zaozhuang_portal.kernel.bounds import BoundedTextField


class Incentive(Record):
    """One measure in force from a day on; `effective_until` is its last day, empty while it stands."""

    name = models.CharField("激励措施", max_length=120)
    level = models.CharField("适用对象", max_length=12, choices=IncentiveLevel)
    kind = models.CharField("类别", max_length=8, choices=IncentiveKind)
    description = BoundedTextField("内容和条件", max_length=4000, blank=True)
    granted_by = models.CharField("兑现部门", max_length=160)
    document_number = models.CharField("依据文号", max_length=60)
    effective_from = models.DateField("施行日期", null=True, blank=True)
    effective_until = models.DateField("有效期至", null=True, blank=True)

    objects = SharedRecordQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "激励措施"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "name", "document_number"],
                condition=LIVE,
                name="unique_incentive_of_document",
            ),
            models.CheckConstraint(
                condition=Q(effective_from__isnull=True)
                | Q(effective_until__isnull=True)
                | Q(effective_until__gte=F("effective_from")),
                name="incentive_span",
            ),
        ]

    def __str__(self) -> str:
        return self.name
