"""Leadership and documents: notice 四（一）, 三（二）1 机制, and the policy shelf."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cultivation.enums import PolicyAdoptionKind, PolicyDocumentKind, TaskForceScope
from cultivation.models.records import LIVE, Record, SharedRecordQuerySet
from zaozhuang_portal.kernel.bounds import BoundedTextField


class PolicyAdoption(Record):
    """主动汇报、纳入规划、纳入考核 of one body and year (notice 四（一）, C097–C099).

    `achieved` False says in so many words that it was not done; a row is an answer either way. With `township` the
    answer is that township's or park's body, else the organization's own.
    """

    kind = models.CharField("事项", max_length=24, choices=PolicyAdoptionKind)
    achieved = models.BooleanField("是否做到", default=True)
    adopted_on = models.DateField("日期", null=True, blank=True)
    document_number = models.CharField("文号", max_length=60, blank=True)
    title = models.CharField("文件或会议名称", max_length=160, blank=True)
    received_by = models.CharField("听取汇报（印发）机关", max_length=80, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "汇报、纳入规划与考核"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "year", "kind"],
                condition=LIVE & Q(township__isnull=True),
                name="unique_adoption_of_body",
            ),
            models.UniqueConstraint(
                fields=["township", "year", "kind"],
                condition=LIVE & Q(township__isnull=False),
                name="unique_adoption_of_township",
            ),
            models.CheckConstraint(
                condition=Q(achieved=False) | Q(adopted_on__isnull=False), name="achieved_adoption_has_date"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year_id}年度{self.get_kind_display()}"


class PolicyDocument(Record):
    """政策文件: the notices and standards, and what districts issued to carry them out. City rows are read by all."""

    kind = models.CharField("类别", max_length=16, choices=PolicyDocumentKind)
    title = models.CharField("标题", max_length=200)
    document_number = models.CharField("文号（标准号）", max_length=60, blank=True)
    issuer = models.CharField("发文机关", max_length=160, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    summary = BoundedTextField("主要内容", max_length=4000, blank=True)
    url = models.URLField("公开网址", max_length=300, blank=True)

    objects = SharedRecordQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "政策文件"

    def __str__(self) -> str:
        return self.title


class TaskForce(Record):
    """专门工作小组: several per district and year, each with its scope (notice 三（二）2, C065)."""

    name = models.CharField("名称", max_length=100)
    scope = models.CharField("职责范围", max_length=16, choices=TaskForceScope)
    leader = models.CharField("组长及职务", max_length=80)
    members = BoundedTextField("成员", max_length=4000, blank=True)
    duties = BoundedTextField("工作职责", max_length=4000, blank=True)
    established_on = models.DateField("成立日期", null=True, blank=True)
    document_number = models.CharField("文号", max_length=60, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "专门工作小组"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "year", "name"], condition=LIVE, name="unique_task_force_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name
